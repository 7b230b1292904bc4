"""What people may do, as data: permissions, the roles every venue starts with, and limits within a role.

A role is a set of permissions with limits; admins edit both, and a person may hold several roles. Whoever has
several has all of their permissions and, for each limit, the widest of those roles that carry its permission.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """What a person may be allowed to do. Checked in the use case, never only in the window."""

    SELL = "sell"
    PRINT = "print"
    REPRINT = "reprint"
    REFUND = "refund"
    VOID = "void"
    EXCHANGE = "exchange"
    DISCOUNT = "discount"
    COMP = "comp"
    SHIFT = "shift"
    DRAWER = "drawer"
    CASH_MOVE = "cash_move"
    OTHER_SHIFTS = "other_shifts"
    CHECK = "check"
    ADMIT = "admit"
    UNDO_OWN = "undo_own"
    UNDO_ANY = "undo_any"
    OVERRIDE = "override"
    BLOCK = "block"
    SEARCH = "search"
    ORDERS = "orders"
    APPROVE = "approve"
    CONFLICTS = "conflicts"
    CATALOGUE = "catalogue"
    IMPORT = "import"
    REPORTS = "reports"
    PEOPLE = "people"
    ROLES = "roles"
    STATION = "station"
    KEYS = "keys"
    SETTINGS = "settings"
    AUDIT = "audit"


class Role(StrEnum):
    """The roles every venue starts with; others may be added, and these be edited."""

    ADMIN = "admin"
    ORGANIZER = "organizer"
    SUPERVISOR = "supervisor"
    CASHIER = "cashier"
    GATE = "gate"
    SUPPORT = "support"


class Limit(StrEnum):
    """Something that a permission allows up to a point; beyond it a supervisor's PIN is asked for."""

    REFUND = "refund"
    DISCOUNT = "discount"
    COMP = "comp"
    OVERRIDE = "override"
    DIFFERENCE = "difference"


LIMITED: Mapping[Limit, Permission] = MappingProxyType(
    {
        Limit.REFUND: Permission.REFUND,
        Limit.DISCOUNT: Permission.DISCOUNT,
        Limit.COMP: Permission.COMP,
        Limit.OVERRIDE: Permission.OVERRIDE,
        Limit.DIFFERENCE: Permission.SHIFT,
    }
)
"""The permission that each limit narrows."""

MONEY_LIMITS = frozenset({Limit.REFUND, Limit.DIFFERENCE})
"""Limits in minor units of the organization's currency. DISCOUNT is a percentage of the list price; COMP and
OVERRIDE count tickets or people of one act."""

Limits = Mapping[Limit, int | None]
"""Up to how much; None = without limit. A limit that is not named is 0: always ask."""

_P = Permission
_CASHIER = frozenset(
    {
        *(_P.SELL, _P.PRINT, _P.REPRINT, _P.REFUND, _P.VOID, _P.EXCHANGE, _P.DISCOUNT, _P.COMP),
        *(_P.SHIFT, _P.DRAWER, _P.CASH_MOVE),
        *(_P.CHECK, _P.ADMIT, _P.ORDERS, _P.SEARCH),
    }
)
_GATE = frozenset({_P.CHECK, _P.ADMIT, _P.UNDO_OWN, _P.OVERRIDE})

DEFAULT_RIGHTS: dict[Role, frozenset[Permission]] = {
    Role.GATE: _GATE,
    Role.CASHIER: _CASHIER,
    Role.SUPPORT: frozenset({_P.CHECK, _P.ORDERS, _P.SEARCH, _P.REFUND, _P.REPRINT}),
    Role.SUPERVISOR: _CASHIER
    | _GATE
    | {_P.UNDO_ANY, _P.OTHER_SHIFTS, _P.APPROVE, _P.BLOCK, _P.STATION, _P.CONFLICTS},
    Role.ORGANIZER: _CASHIER | _GATE | {_P.CATALOGUE, _P.IMPORT, _P.REPORTS, _P.CONFLICTS},
    Role.ADMIN: frozenset(
        {
            *(_P.CHECK, _P.ORDERS, _P.SEARCH, _P.PEOPLE, _P.ROLES, _P.KEYS),
            *(_P.STATION, _P.SETTINGS, _P.AUDIT, _P.CONFLICTS),
        }
    ),
}

NO_LIMITS: Limits = MappingProxyType(dict.fromkeys(Limit))
DEFAULT_LIMITS: Mapping[Role, Limits] = MappingProxyType(
    {
        Role.GATE: MappingProxyType({Limit.OVERRIDE: 0}),
        Role.CASHIER: MappingProxyType(
            {Limit.REFUND: 5_000, Limit.DISCOUNT: 10, Limit.COMP: 0, Limit.DIFFERENCE: 1_000}
        ),
        Role.SUPPORT: MappingProxyType({Limit.REFUND: 5_000}),
        Role.SUPERVISOR: NO_LIMITS,
        Role.ORGANIZER: NO_LIMITS,
        Role.ADMIN: MappingProxyType({}),
    }
)

ALWAYS_ADMIN = frozenset({_P.CHECK, _P.PEOPLE, _P.ROLES})
"""What the admin role cannot lose: nobody could give it back."""


@dataclass(frozen=True, slots=True)
class RoleSet:
    """One role as it stands. `title` names a role that is not one of the first six."""

    role: str
    permissions: frozenset[Permission]
    limits: Limits = field(default_factory=dict)
    title: str = ""
    removed: bool = False

    @property
    def is_builtin(self) -> bool:
        """Whether every venue has it; such a role can be edited, never removed."""
        return self.role in set(Role)


def default_roles() -> dict[str, RoleSet]:
    """The six roles as they are before anybody edits them."""
    return {
        role.value: RoleSet(role.value, rights, DEFAULT_LIMITS[role])
        for role, rights in DEFAULT_RIGHTS.items()
    }


def known_permissions(names: Iterable[str]) -> frozenset[Permission]:
    """Those of the names that this program knows: a newer one may have others."""
    values = {permission.value for permission in Permission}
    return frozenset(Permission(name) for name in names if name in values)


def known_limits(limits: Mapping[str, object]) -> dict[Limit, int | None]:
    """Limits as an entry carries them; what is unknown or odd is left out, so that it counts as 0."""
    found: dict[Limit, int | None] = {}
    for name, most in limits.items():
        if name in set(Limit) and (most is None or (isinstance(most, int) and most >= 0)):
            found[Limit(name)] = most
    return found


def permissions_of(roles: Iterable[str], defined: Mapping[str, RoleSet]) -> frozenset[Permission]:
    """What these roles allow together; roles that are not defined or were removed allow nothing."""
    held = [defined[role] for role in roles if role in defined and not defined[role].removed]
    return frozenset().union(*(role.permissions for role in held))


def limits_of(roles: Iterable[str], defined: Mapping[str, RoleSet]) -> dict[Limit, int | None]:
    """The widest of each limit among those of the roles that carry its permission."""
    held = [defined[role] for role in roles if role in defined and not defined[role].removed]
    found: dict[Limit, int | None] = {}
    for limit, permission in LIMITED.items():
        bounds = [role.limits.get(limit, 0) for role in held if permission in role.permissions]
        found[limit] = None if None in bounds else max((b for b in bounds if b is not None), default=0)
    return found


def is_within(limits: Limits, limit: Limit, asked: int) -> bool:
    """Whether an amount may be done without asking anybody."""
    most = limits.get(limit, 0)
    return most is None or asked <= most


def widens(before: RoleSet | None, after: RoleSet) -> bool:
    """Whether a role allows more than it did: another permission, a wider limit, or being there at all."""
    if before is None or before.removed:
        return True
    if after.permissions - before.permissions:
        return True
    return any(
        before.limits.get(limit, 0) is not None and not is_within(before.limits, limit, most or 0)
        if most is not None
        else before.limits.get(limit, 0) is not None
        for limit, most in after.limits.items()
    )


def roles_with(permission: Permission, defined: Mapping[str, RoleSet]) -> Sequence[str]:
    """The roles that allow something, the six in their order first."""
    order = [role.value for role in Role]
    names = [one.role for one in defined.values() if permission in one.permissions and not one.removed]
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))
