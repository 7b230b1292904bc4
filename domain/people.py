"""People over time: from the facts about them to what each may do, and could do at any earlier moment.

The answer is a function of the set of facts. Creations count from the beginning, changes in the order of
their stamps. A change that would leave nobody who can manage people and roles is void: two admins who remove
each other at two stations that cannot hear of each other leave the earlier change standing, everywhere.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.errors import Refusal
from domain.permissions import (
    ALWAYS_ADMIN,
    Limits,
    Permission,
    Role,
    RoleSet,
    default_roles,
    permissions_of,
)

Stamp = tuple[str, str]
"""(hlc, entry id): the order of all facts, everywhere the same."""

BEGINNING: Stamp = ("", "")
LONGEST_NAME = 80
LONGEST_LOGIN = 40
_LOGIN = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_LOGIN - 1}}}")


@dataclass(frozen=True, slots=True)
class PersonMade:
    """Somebody was added with these roles."""

    stamp: Stamp
    user: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """Somebody's roles were set, or they were let in or shut out; None = as before."""

    stamp: Stamp
    user: str
    roles: tuple[str, ...] | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class RoleChanged:
    """A role was defined anew."""

    stamp: Stamp
    role: RoleSet


Fact = PersonMade | PersonChanged | RoleChanged


@dataclass(frozen=True, slots=True)
class PersonState:
    """What somebody is now. `timeline` says since when which permissions held, oldest first; its first stamp
    is the beginning."""

    user: str
    roles: tuple[str, ...]
    enabled: bool
    permissions: frozenset[Permission]
    timeline: tuple[tuple[Stamp, frozenset[Permission]], ...]

    @property
    def since(self) -> Stamp:
        """Since when it is as it is."""
        return self.timeline[-1][0]


@dataclass(frozen=True, slots=True)
class People:
    """Everybody and all roles, as the facts leave them. `void`: stamps of changes that do not count."""

    states: Mapping[str, PersonState]
    roles: Mapping[str, RoleSet]
    void: frozenset[Stamp] = frozenset()


def fold(facts: Iterable[Fact]) -> People:
    """What a set of facts amounts to; their order here does not matter."""
    ordered = sorted(facts, key=lambda fact: fact.stamp)
    roles = default_roles()
    held: dict[str, tuple[tuple[str, ...], bool]] = {}
    for made in ordered:
        if isinstance(made, PersonMade):
            held.setdefault(made.user, (made.roles, True))
    lines = {user: [(BEGINNING, _effective(held[user], roles))] for user in held}
    void: set[Stamp] = set()
    for fact in ordered:
        if isinstance(fact, PersonMade):
            continue
        next_held, next_roles = _applied(fact, held, roles)
        if keepers(held, roles) and not keepers(next_held, next_roles):
            void.add(fact.stamp)
            continue
        held, roles = next_held, next_roles
        for user, line in lines.items():
            now = _effective(held[user], roles)
            if now != line[-1][1]:
                line.append((fact.stamp, now))
    states = {
        user: PersonState(user, held[user][0], held[user][1], line[-1][1], tuple(line))
        for user, line in lines.items()
    }
    return People(states, roles, frozenset(void))


def _applied(
    fact: PersonChanged | RoleChanged,
    held: dict[str, tuple[tuple[str, ...], bool]],
    roles: dict[str, RoleSet],
) -> tuple[dict[str, tuple[tuple[str, ...], bool]], dict[str, RoleSet]]:
    if isinstance(fact, RoleChanged):
        return held, {**roles, fact.role.role: hardened(fact.role)}
    if fact.user not in held:
        return held, roles
    had, enabled = held[fact.user]
    fresh = (
        had if fact.roles is None else fact.roles,
        enabled if fact.enabled is None else fact.enabled,
    )
    return {**held, fact.user: fresh}, roles


def _effective(held: tuple[tuple[str, ...], bool], roles: Mapping[str, RoleSet]) -> frozenset[Permission]:
    had, enabled = held
    return permissions_of(had, roles) if enabled else frozenset()


def hardened(role: RoleSet) -> RoleSet:
    """A role as it counts: the admin role keeps what nobody could give back, first roles cannot go."""
    if role.role == Role.ADMIN:
        role = replace(role, permissions=role.permissions | ALWAYS_ADMIN)
    return replace(role, removed=False) if role.is_builtin else role


def keepers(held: Mapping[str, tuple[tuple[str, ...], bool]], roles: Mapping[str, RoleSet]) -> list[str]:
    """People who can give others everything: who may manage people and roles."""
    need = {Permission.PEOPLE, Permission.ROLES}
    return [user for user, one in held.items() if need <= _effective(one, roles)]


def held_now(people: People) -> dict[str, tuple[tuple[str, ...], bool]]:
    """Roles and whether let in, of everybody: for asking what a change would do."""
    return {user: (state.roles, state.enabled) for user, state in people.states.items()}


def would_leave_nobody(people: People, change: PersonChanged | RoleChanged) -> bool:
    """Whether a change would take the last person away who can manage people and roles."""
    held = held_now(people)
    next_held, next_roles = _applied(change, held, dict(people.roles))
    return bool(keepers(held, people.roles)) and not keepers(next_held, next_roles)


def permissions_at(
    timeline: Sequence[tuple[Stamp, frozenset[Permission]]], stamp: Stamp
) -> frozenset[Permission]:
    """What somebody was allowed at a moment: what the latest earlier fact left. A change does not speak
    against itself."""
    allowed = timeline[0][1]
    for since, permissions in timeline:
        if since >= stamp:
            break
        allowed = permissions
    return allowed


def clean_name(name: str) -> str:
    """A name as it is kept: see `clean_text`."""
    return clean_text(name, LONGEST_NAME)


def clean_text(name: str, most: int) -> str:
    """A line of text as it is kept: control characters, marks that turn the direction of text and invisible
    signs taken out, white space made single. Raises Refusal NAME_EMPTY, NAME_TOO_LONG (`most`)."""
    spaced = "".join(" " if letter.isspace() else letter for letter in name[: LONGEST_NAME * 200])
    kept = "".join(
        letter
        for letter in unicodedata.normalize("NFC", spaced)
        if letter == "\u200d" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    cleaned = " ".join(kept.split()).strip("\u200d ")
    if len(cleaned) > most or len(name) > LONGEST_NAME * 200:
        raise Refusal("NAME_TOO_LONG", most=most)
    if not any(letter.isalnum() for letter in cleaned):
        raise Refusal("NAME_EMPTY")
    return cleaned


def check_login(login: str) -> str:
    """A login as it may be. Raises Refusal LOGIN_INVALID: letters A to Z, digits, point, dash, underscore."""
    if not _LOGIN.fullmatch(login):
        shown = "".join(letter for letter in login[:LONGEST_LOGIN] if letter.isprintable())
        raise Refusal("LOGIN_INVALID", login=shown)
    return login


def check_role(role: str, permissions: frozenset[Permission], limits: Limits, title: str = "") -> RoleSet:
    """A role as an admin may define it. Raises Refusal ROLE_INVALID (name, or a limit below zero),
    ROLE_LOCKED (what the admin role must keep), NAME_EMPTY, NAME_TOO_LONG."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", role):
        raise Refusal("ROLE_INVALID", role="".join(letter for letter in role[:32] if letter.isprintable()))
    if any(most is not None and not 0 <= most < 2**53 for most in limits.values()):
        raise Refusal("ROLE_INVALID", role=role)
    if role == Role.ADMIN and not permissions >= ALWAYS_ADMIN:
        missing = sorted(ALWAYS_ADMIN - permissions)
        raise Refusal("ROLE_LOCKED", role=role, permission=missing[0].value)
    return RoleSet(role, permissions | {Permission.CHECK}, dict(limits), clean_name(title) if title else "")
