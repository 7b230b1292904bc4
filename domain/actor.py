"""Who acts: an argument of every use case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from domain.permissions import (
    DEFAULT_RIGHTS,
    Limits,
    Permission,
    Role,
    default_roles,
    limits_of,
    permissions_of,
    roles_with,
)

__all__ = ["NOBODY", "SYSTEM", "Actor", "Permission", "RightsBook", "Role", "Standing", "WhoMay"]

_DEFAULTS = default_roles()


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person may do at this moment. `stopped` names permissions that their roles give them and that
    are out of reach just now, each with the code of the refusal (a session that is over, no contact with the
    hub for too long)."""

    permissions: frozenset[Permission]
    limits: Limits
    stopped: Mapping[Permission, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WhoMay:
    """Who could do what somebody may not: names of roles, and of people of this station."""

    roles: Sequence[str]
    people: Sequence[str] = ()


class RightsBook(Protocol):
    """The roles as they are defined now, and everybody's standing."""

    def standing(self, actor: "Actor") -> Standing:
        """Asked with every act, so that a change counts at once."""
        ...

    def who_may(self, permission: Permission) -> WhoMay:
        """Who may do it here."""
        ...


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed-in person (or the system itself), with what they may do and who approved it.

    `user` is the user's id, None for nobody; `roles` are role names as they were at sign-in; `approvals` are
    ids of supervisors whose PIN was given for this act; `practice` marks rehearsal; `session` names the
    session. `book` tells what the roles allow now; without one (the system, tests) the defaults hold.
    """

    user: str | None
    login: str = ""
    roles: frozenset[str] = frozenset()
    approvals: tuple[str, ...] = ()
    practice: bool = False
    session: str | None = None
    book: RightsBook | None = field(default=None, compare=False, repr=False)

    def standing(self) -> Standing:
        """Permissions and limits at this moment."""
        if self.book is not None:
            return self.book.standing(self)
        return Standing(permissions_of(self.roles, _DEFAULTS), limits_of(self.roles, _DEFAULTS))

    def may(self, permission: Permission) -> bool:
        """Whether the actor may do this now."""
        standing = self.standing()
        return permission in standing.permissions and permission not in standing.stopped

    def who_may(self, permission: Permission) -> WhoMay:
        """Who may do what this actor may not."""
        if self.book is not None:
            return self.book.who_may(permission)
        return WhoMay(roles_with(permission, _DEFAULTS))


NOBODY = Actor(user=None)
SYSTEM = Actor(user="system", login="system", roles=frozenset(DEFAULT_RIGHTS))
