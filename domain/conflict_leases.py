"""Conflicts of leases: places that were sold from a lease in a way that its grant does not cover.

A lease of which no grant is known here says nothing: the grant may be on its way, or the station counted for
itself before it joined a hub.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.conflict_acts import SUSPECT_MS
from domain.conflicts import Code, Finding, SubjectKind, finding, subject_of


class LeaseWord(StrEnum):
    """What was said of a lease: by the hub, by the hub again with more time, by its holder."""

    GRANTED = "granted"
    RENEWED = "renewed"
    RETURNED = "returned"


class Why(StrEnum):
    """What is wrong with a sale from a lease; the window of the conflict."""

    FOREIGN = "foreign"
    """The lease is another station's."""
    OUTSIDE = "outside"
    """The lease does not have this place."""
    RETURNED = "returned"
    """The holder had given the place back before."""
    EXPIRED = "expired"
    """By the clock of the station itself the lease had ended long before."""


@dataclass(frozen=True, slots=True)
class LeaseFact:
    """Something said of a lease: `station` is its holder, `first` to `last` are the places spoken of (none in
    a renewal), `at_ms` + `ttl_ms` is when it ends by a grant or renewal."""

    word: LeaseWord
    station: str
    hlc: str
    at_ms: int
    ttl_ms: int = 0
    first: int = 0
    last: int = -1

    def has(self, slot: int) -> bool:
        """Whether a place is spoken of."""
        return self.first <= slot <= self.last


@dataclass(frozen=True, slots=True)
class Use:
    """A place that was sold from the lease: by which station, when by its stamp and by its own clock."""

    entry_id: str
    hlc: str
    at_ms: int
    station: str
    slot: int
    event: int = 0


def lease_conflicts(pool: int, lease: str, facts: Sequence[LeaseFact], uses: Sequence[Use]) -> list[Finding]:
    """LEASE_OVERRUN per reason, on the sales it is about."""
    against: dict[Why, list[Use]] = {}
    for use in uses:
        reason = why(facts, use)
        if reason is not None:
            against.setdefault(reason, []).append(use)
    subject = subject_of(SubjectKind.LEASE, pool, lease)
    return [
        finding(
            Code.LEASE_OVERRUN,
            subject,
            (use.entry_id for use in against[reason]),
            min(use.at_ms for use in against[reason]),
            window=reason.value,
            event=min(use.event for use in against[reason]),
        )
        for reason in sorted(against)
    ]


def why(facts: Sequence[LeaseFact], use: Use) -> Why | None:
    """What is wrong with a sale; None where the lease covers it, or nothing is known of the lease."""
    grants = [fact for fact in facts if fact.word is LeaseWord.GRANTED]
    if not grants:
        return None
    if all(grant.station != use.station for grant in grants):
        return Why.FOREIGN
    if not any(grant.has(use.slot) for grant in grants):
        return Why.OUTSIDE
    returned = [fact for fact in facts if fact.word is LeaseWord.RETURNED and fact.has(use.slot)]
    if any(fact.station == use.station and fact.hlc < use.hlc for fact in returned):
        return Why.RETURNED
    ends_ms = max(fact.at_ms + fact.ttl_ms for fact in facts if fact.word is not LeaseWord.RETURNED)
    return Why.EXPIRED if use.at_ms - SUSPECT_MS > ends_ms else None
