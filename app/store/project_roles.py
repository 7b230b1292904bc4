"""What everybody may do, computed anew with each fact about people and roles, and kept beside those facts.

Such facts are rare and people are few, so all of it is computed at once; an act then costs one look at one
row.
"""

import functools
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from app.store.prepared import Prepared, driver
from app.store.schema import CONFLICT_WITNESS, GATE_FACT, ORDER, PERSON
from app.store.schema_people import PERSON_ACT, PERSON_CHANGE, PERSON_STATE, ROLE_CHANGE, ROLE_NOW
from domain.clock import Hlc
from domain.conflict_acts import NEEDED, allows
from domain.conflicts import SubjectKind, subject_of
from domain.entry import Entry, canonical
from domain.people import (
    Fact,
    People,
    PersonChanged,
    PersonMade,
    RoleChanged,
    Stamp,
    fold,
    hardened,
    permissions_at,
)
from domain.permissions import (
    Permission,
    RoleSet,
    default_roles,
    known_limits,
    known_permissions,
)

KINDS = frozenset({"user_created", "user_changed", "role_changed"})
"""Entries that change what somebody may do."""

_ELSEWHERE = frozenset({"order_sold", "admitted", "exited"})
"""Acts whose actor stands in the tables of orders and scans."""

Timeline = tuple[tuple[Stamp, frozenset[Permission]], ...]

_PERSONS, _PERSON_CHANGES = Prepared(select(PERSON)), Prepared(select(PERSON_CHANGE))
_ROLE_CHANGES, _STATES = Prepared(select(ROLE_CHANGE)), Prepared(select(PERSON_STATE))
_ACT = Prepared(insert(PERSON_ACT).on_conflict_do_nothing())
_FRESH_STATE = insert(PERSON_STATE)
_KEEP_STATE = Prepared(
    _FRESH_STATE.on_conflict_do_update(
        index_elements=["user"],
        set_={column.name: _FRESH_STATE.excluded[column.name] for column in PERSON_STATE.c},
    )
)
_WITNESSES = Prepared(
    select(CONFLICT_WITNESS.c.entry_id, CONFLICT_WITNESS.c.hlc, CONFLICT_WITNESS.c.window).where(
        CONFLICT_WITNESS.c.subject == bindparam("of_subject")
    )
)
_SOLD_BY = Prepared(
    select(ORDER.c.hlc, ORDER.c.entry_id).where(
        ORDER.c.cashier == bindparam("who"),
        ORDER.c.hlc >= bindparam("since"),
        ORDER.c.practice == 0,
        ORDER.c.receipt_number > 0,  # a reservation has none, and is an act of its own kind
    )
)
_STATE_SQL = "SELECT permissions, since_hlc, since_entry, timeline FROM person_state WHERE user = ?"


def people_of(connection: Connection) -> People:
    """Everybody and all roles, from the facts that are in the tables now."""
    return fold(_facts(connection))


def recompute(connection: Connection) -> list[str]:
    """Bring the computed tables in step with the facts; answers whose rights over time have changed."""
    people = people_of(connection)
    before = {row.user: tuple(row) for row in _STATES.rows(connection, {})}
    rows = [
        {
            "user": state.user,
            "roles": canonical(list(state.roles)),
            "enabled": int(state.enabled),
            "permissions": _names(state.permissions),
            "since_hlc": state.since[0],
            "since_entry": state.since[1],
            "timeline": canonical(
                [[*stamp, sorted(one.value for one in allowed)] for stamp, allowed in state.timeline]
            ),
        }
        for state in people.states.values()
    ]
    changed = [row for row in rows if before.get(str(row["user"])) != tuple(row.values())]
    _KEEP_STATE.many(connection, changed)
    _keep_roles(connection, people)
    return sorted(str(row["user"]) for row in changed)


def defaults_digest() -> str:
    """Names the default rights of this program: when they change, all of it is computed anew."""
    shown = [
        [one.role, _names(one.permissions), {name.value: most for name, most in one.limits.items()}]
        for one in default_roles().values()
    ]
    return hashlib.sha256(canonical(shown).encode()).hexdigest()


def note_act(connection: Connection, entry: Entry) -> None:
    """Remember an act that needs a permission, where no other table would tell later who did it."""
    if (row := act_of(entry)) is not None:
        _ACT.run(connection, row)


def act_of(entry: Entry) -> dict[str, Any] | None:
    """The row of such an act, None where another table tells."""
    if entry.kind not in NEEDED or entry.kind in _ELSEWHERE:
        return None
    return {
        "user": entry.actor.user,
        "entry_id": entry.entry_id,
        "kind": entry.kind,
        "hlc": entry.origin.hlc,
        "at_ms": Hlc.parse(entry.origin.hlc).ms,
    }


def was_allowed(connection: Connection, user: str, kind: str, stamp: Stamp) -> bool | None:
    """Whether a person was allowed an act at its moment; None: nobody here knows the person."""
    row = driver(connection).execute(_STATE_SQL, (user,)).fetchone()
    if row is None:
        return None
    if stamp > (row[1], row[2]):
        return _allows(row[0], kind)
    return allows(permissions_at(read_timeline(row[3]), stamp), kind)


def timeline_of(connection: Connection, user: str) -> Timeline | None:
    """What a person was allowed since when; None when nobody here has heard of them."""
    row = driver(connection).execute(_STATE_SQL, (user,)).fetchone()
    return None if row is None else read_timeline(row[3])


def rejudge(connection: Connection, user: str) -> str:
    """The rights of a person over time have changed: look again at what they did. Answers the subject."""
    subject = subject_of(SubjectKind.USER, user)
    timeline = timeline_of(connection, user) or ()
    for row in _WITNESSES.rows(connection, {"of_subject": subject}):
        if allows(permissions_at(timeline, (row.hlc, row.entry_id)), row.window):
            connection.execute(
                delete(CONFLICT_WITNESS).where(
                    CONFLICT_WITNESS.c.subject == subject, CONFLICT_WITNESS.c.entry_id == row.entry_id
                )
            )
    witnesses = [
        {"subject": subject, "entry_id": entry_id, "window": kind, "hlc": hlc, "at_ms": Hlc.parse(hlc).ms}
        for kind, hlc, entry_id in _acts_of(connection, user, timeline)
        if not allows(permissions_at(timeline, (hlc, entry_id)), kind)
    ]
    if witnesses:
        connection.execute(insert(CONFLICT_WITNESS).on_conflict_do_nothing(), witnesses)
    return subject


def read_timeline(text: str) -> Timeline:
    """Inverse of how `recompute` writes it."""
    return tuple(((hlc, entry), known_permissions(names)) for hlc, entry, names in json.loads(text))


def role_from(row: Any) -> RoleSet:
    """A role as its row has it."""
    return RoleSet(
        row.role,
        known_permissions(json.loads(row.permissions)),
        known_limits(json.loads(row.limits)),
        row.title,
        bool(row.removed),
    )


def _acts_of(connection: Connection, user: str, timeline: Timeline) -> Iterable[tuple[str, str, str]]:
    """Kind, hlc and entry id of a person's acts from the moment on when they were not allowed that kind."""
    lost = {
        kind: min(stamp[0] for stamp, permissions in timeline if not allows(permissions, kind))
        for kind in NEEDED
        if any(not allows(permissions, kind) for _, permissions in timeline)
    }
    if "order_sold" in lost:
        rows = _SOLD_BY.all(connection, {"who": user, "since": lost["order_sold"]})
        yield from (("order_sold", hlc, entry_id) for hlc, entry_id in rows)
    if scans := [kind for kind in ("admitted", "exited") if kind in lost]:
        passed = select(GATE_FACT.c.kind, GATE_FACT.c.hlc, GATE_FACT.c.entry_id).where(
            GATE_FACT.c.operator == user,
            GATE_FACT.c.kind.in_(scans),
            GATE_FACT.c.hlc >= min(lost[kind] for kind in scans),
        )
        yield from ((row.kind, row.hlc, row.entry_id) for row in connection.execute(passed))
    if lost:
        acts = select(PERSON_ACT).where(PERSON_ACT.c.user == user, PERSON_ACT.c.kind.in_(sorted(lost)))
        yield from ((row.kind, row.hlc, row.entry_id) for row in connection.execute(acts))


def _facts(connection: Connection) -> list[Fact]:
    facts: list[Fact] = [
        PersonMade((row.hlc, row.entry_id), row.user, tuple(json.loads(row.roles)))
        for row in _PERSONS.rows(connection, {})
    ]
    facts.extend(
        PersonChanged(
            (row.hlc, row.entry_id),
            row.user,
            None if row.roles is None else tuple(json.loads(row.roles)),
            None if row.enabled is None else bool(row.enabled),
        )
        for row in _PERSON_CHANGES.rows(connection, {})
    )
    facts.extend(
        RoleChanged((row.hlc, row.entry_id), role_from(row)) for row in _ROLE_CHANGES.rows(connection, {})
    )
    return facts


def _keep_roles(connection: Connection, people: People) -> None:
    """Only roles that differ from the defaults have a row."""
    plain = default_roles()
    rows: Sequence[dict[str, object]] = [
        {
            "role": one.role,
            "permissions": _names(one.permissions),
            "limits": canonical({name.value: most for name, most in one.limits.items()}),
            "title": one.title,
            "removed": int(one.removed),
        }
        for one in map(hardened, people.roles.values())
        if one != plain.get(one.role)
    ]
    connection.execute(delete(ROLE_NOW))
    if rows:
        connection.execute(insert(ROLE_NOW), rows)


def _names(permissions: Iterable[Permission]) -> str:
    return canonical(sorted(permission.value for permission in permissions))


@functools.lru_cache(maxsize=512)
def _allows(permissions: str, kind: str) -> bool:
    """For permissions as the table keeps them; asked with every act, so the few answers are kept."""
    return allows(known_permissions(json.loads(permissions)), kind)
