"""Conflicts of acts: a wrong clock, a person who may not, two changes of one thing; and what clocks can say
about which of two acts came first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Any

from domain.actor import Permission
from domain.clock import from_ms
from domain.conflicts import Code, Finding, SubjectKind, finding, subject_of
from domain.people import Stamp, permissions_at

SUSPECT_MS = 10 * 60 * 1000
"""A wall clock further from the hub's than this is wrong, not just late."""
MEASURED_MS = 500
"""How exact a measured offset is when it is fresh."""
DRIFT_PPM = 200
"""How fast a clock may run away from its last measurement."""

_P = Permission
NEEDED: Mapping[str, frozenset[Permission]] = {
    "order_sold": frozenset({_P.SELL}),
    "order_reserved": frozenset({_P.SELL}),
    "payment_started": frozenset({_P.SELL}),
    "payment_taken": frozenset({_P.SELL}),
    "payment_failed": frozenset({_P.SELL}),
    "payment_resolved": frozenset({_P.SELL}),
    "refund_paid": frozenset({_P.REFUND}),
    "order_voided": frozenset({_P.VOID}),
    "exchanged": frozenset({_P.EXCHANGE}),
    "value_issued": frozenset({_P.SELL}),
    "value_spent": frozenset({_P.SELL}),
    "ticket_printed": frozenset({_P.PRINT, _P.SELL}),
    "ticket_reprinted": frozenset({_P.REPRINT}),
    "admitted": frozenset({_P.ADMIT}),
    "exited": frozenset({_P.ADMIT}),
    "admission_undone": frozenset({_P.UNDO_OWN, _P.UNDO_ANY}),
    "shift_opened": frozenset({_P.SHIFT}),
    "shift_closed": frozenset({_P.SHIFT}),
    "drawer_opened": frozenset({_P.DRAWER}),
    "guest_named": frozenset({_P.ORDERS}),
    "event_cancelled": frozenset({_P.CATALOGUE, _P.IMPORT}),
    "product_changed": frozenset({_P.CATALOGUE, _P.IMPORT}),
    "performance_changed": frozenset({_P.CATALOGUE, _P.IMPORT}),
    "quota_changed": frozenset({_P.CATALOGUE, _P.IMPORT}),
    "promo_changed": frozenset({_P.CATALOGUE, _P.IMPORT}),
    "user_created": frozenset({_P.PEOPLE}),
    "user_changed": frozenset({_P.PEOPLE}),
    "user_code_issued": frozenset({_P.PEOPLE, _P.APPROVE}),
    "role_answered": frozenset({_P.PEOPLE}),
    "role_changed": frozenset({_P.ROLES}),
    "settings_changed": frozenset({_P.SETTINGS, _P.IMPORT}),
    "conflict_resolved": frozenset({_P.CONFLICTS}),
}
"""What a person must be allowed for an act of a kind: any one of these. Other kinds are nobody's act."""


class Order(StrEnum):
    """What is known about two acts: the later one knew of the other, they did not know of each other but
    their clocks say which was first, or nobody can say."""

    KNEW = "knew"
    APART = "apart"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Interval:
    """When an act happened, in ms of the hub's time: between `from_ms` and `until_ms`."""

    from_ms: int
    until_ms: int

    def overlaps(self, other: "Interval") -> bool:
        """Whether both may have been at one time."""
        return self.from_ms <= other.until_ms and other.from_ms <= self.until_ms


def interval(wall_ms: int, offset_ms: int | None, offset_age_ms: int | None) -> Interval:
    """The time of an act by what its station knew of its clock; unmeasured, it may be wrong by as much as a
    clock may be without being suspect."""
    if offset_ms is None:
        return Interval(wall_ms - SUSPECT_MS, wall_ms + SUSPECT_MS)
    margin = MEASURED_MS + max(0, offset_age_ms or 0) * DRIFT_PPM // 1_000_000
    return Interval(wall_ms + offset_ms - margin, wall_ms + offset_ms + margin)


def order_of(first: Interval, second: Interval, *, knew: bool) -> Order:
    """What can be said about two acts at different stations."""
    if knew:
        return Order.KNEW
    return Order.UNKNOWN if first.overlaps(second) else Order.APART


MOST_TRIED = 10


def had_seen(digest: str, wanted: str, others: Collection[str], digest_of: Any) -> bool | None:
    """Whether a digest of entry ids was made over a set that holds `wanted`.

    `others` are the other ids that may have been in it, `digest_of` makes a digest of sorted ids. None when
    no set of these ids gives the digest (it saw entries that are not known here).
    """
    rest = sorted(set(others) - {wanted})
    if len(rest) > MOST_TRIED:
        rest = rest[-MOST_TRIED:]
    for size in range(len(rest) + 1):
        for chosen in combinations(rest, size):
            if digest_of(sorted(chosen)) == digest:
                return False
            if digest_of(sorted((*chosen, wanted))) == digest:
                return True
    return None


# A clock that is wrong.


@dataclass(frozen=True, slots=True)
class Witness:
    """An entry that speaks against its station or its actor."""

    entry_id: str
    hlc: str
    at_ms: int
    window: str


def clock_window(wall_ms: int, offset_ms: int | None) -> str | None:
    """The day (by the hub's clock) on which an entry shows that its station's clock is wrong; None when it
    does not."""
    if offset_ms is None or abs(offset_ms) <= SUSPECT_MS:
        return None
    return from_ms(wall_ms + offset_ms).date().isoformat()


def clock_conflicts(station: str, witnesses: Sequence[Witness]) -> list[Finding]:
    """CLOCK_SUSPECT per day. It stands on the first entry of the day only: a till that sells on with a wrong
    clock is one thing to look at, not one for each sale."""
    firsts: dict[str, Witness] = {}
    for witness in sorted(witnesses, key=lambda each: (each.hlc, each.entry_id)):
        firsts.setdefault(witness.window, witness)
    subject = subject_of(SubjectKind.STATION, station)
    return [
        finding(Code.CLOCK_SUSPECT, subject, [one.entry_id], one.at_ms, window=window)
        for window, one in sorted(firsts.items())
    ]


# A person who may not.


def allows(permissions: frozenset[Permission], kind: str) -> bool:
    """Whether these permissions allow an act of this kind."""
    needed = NEEDED.get(kind)
    return needed is None or bool(needed & permissions)


def user_conflicts(
    user: str,
    timeline: Sequence[tuple[Stamp, frozenset[Permission]]] | None,
    witnesses: Sequence[Witness],
) -> list[Finding]:
    """USER_NOT_ALLOWED per kind of act, on those acts that the person was not allowed at their moment: roles
    that were taken away elsewhere count from the stamp of that change on, also for a station that had not
    heard of it.

    `timeline` is domain.people's; None: the person is not known here, so nothing can be said. The window of a
    witness is the kind of its entry.
    """
    if timeline is None:
        return []
    subject = subject_of(SubjectKind.USER, user)
    against: dict[str, list[Witness]] = {}
    for witness in witnesses:
        if not allows(permissions_at(timeline, (witness.hlc, witness.entry_id)), witness.window):
            against.setdefault(witness.window, []).append(witness)
    return [
        finding(
            Code.USER_NOT_ALLOWED,
            subject,
            (witness.entry_id for witness in of_kind),
            min(witness.at_ms for witness in of_kind),
            window=kind,
        )
        for kind, of_kind in sorted(against.items())
    ]


# Two changes of one thing.


@dataclass(frozen=True, slots=True)
class Patch:
    """A change of a catalogue object: what its editor saw before (`base`), where, and what it sets."""

    entry_id: str
    hlc: str
    at_ms: int
    station: str
    base: str
    fields: Mapping[str, Any]


def object_conflicts(thing: str, name: str, event: int, patches: Sequence[Patch]) -> list[Finding]:
    """CATALOGUE_CLASH per field and base: two stations set one field to different values, neither having
    seen the other's. Patches without a base say nothing."""
    subject = subject_of(SubjectKind.OBJECT, thing, name)
    groups: dict[tuple[str, str], list[Patch]] = {}
    for patch in patches:
        if patch.base:
            for field in patch.fields:
                groups.setdefault((field, patch.base), []).append(patch)
    found = []
    for (field, base), group in sorted(groups.items()):
        values = {repr(patch.fields[field]) for patch in group}
        if len(values) > 1 and len({patch.station for patch in group}) > 1:
            at_ms = max(patch.at_ms for patch in group)
            ids = (patch.entry_id for patch in group)
            found.append(
                finding(Code.CATALOGUE_CLASH, subject, ids, at_ms, window=f"{field}@{base}", event=event)
            )
    return found
