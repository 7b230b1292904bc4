"""Who acts: an argument of every use case."""

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What a person may be allowed to do. Checked in the use case, never only in the window."""

    SELL = "sell"
    PRINT = "print"
    REPRINT = "reprint"
    SHIFT = "shift"
    CHECK = "check"
    ADMIT = "admit"
    UNDO_OWN = "undo_own"
    UNDO_ANY = "undo_any"
    SEARCH = "search"
    ORDERS = "orders"
    CATALOGUE = "catalogue"
    IMPORT = "import"
    PEOPLE = "people"
    STATION = "station"
    SETTINGS = "settings"
    AUDIT = "audit"
    CONFLICTS = "conflicts"


class Role(StrEnum):
    """The roles every venue starts with; a user may hold several."""

    ADMIN = "admin"
    ORGANIZER = "organizer"
    SUPERVISOR = "supervisor"
    CASHIER = "cashier"
    GATE = "gate"
    SUPPORT = "support"


_P = Permission
_CASHIER = {_P.SELL, _P.PRINT, _P.REPRINT, _P.SHIFT, _P.CHECK, _P.ADMIT, _P.ORDERS, _P.SEARCH}
_GATE = {_P.CHECK, _P.ADMIT, _P.UNDO_OWN}

DEFAULT_RIGHTS: dict[Role, frozenset[Permission]] = {
    Role.GATE: frozenset(_GATE),
    Role.CASHIER: frozenset(_CASHIER),
    Role.SUPPORT: frozenset({_P.CHECK, _P.ORDERS, _P.SEARCH}),
    Role.SUPERVISOR: frozenset(_CASHIER | _GATE | {_P.UNDO_ANY, _P.STATION, _P.CONFLICTS}),
    Role.ORGANIZER: frozenset(_CASHIER | _GATE | {_P.CATALOGUE, _P.IMPORT, _P.CONFLICTS}),
    Role.ADMIN: frozenset(
        {
            *(_P.CHECK, _P.ORDERS, _P.SEARCH, _P.PEOPLE),
            *(_P.STATION, _P.SETTINGS, _P.AUDIT, _P.CONFLICTS),
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed-in person (or the system itself), with what they may do and who approved it.

    `user` is the user's id, None for nobody; `roles` are role names; `approvals` are ids of supervisors
    whose PIN was given for this act; `practice` marks rehearsal.
    """

    user: str | None
    login: str = ""
    roles: frozenset[Role] = frozenset()
    approvals: tuple[str, ...] = ()
    practice: bool = False

    def may(self, permission: Permission) -> bool:
        """Whether any of the actor's roles carries this permission."""
        return any(permission in DEFAULT_RIGHTS[role] for role in self.roles)


NOBODY = Actor(user=None)
SYSTEM = Actor(user="system", login="system", roles=frozenset(Role))
