"""Conflicts: what facts that cannot all be right add up to, and when a person has dealt with it.

A conflict is derived from the set of facts about one subject and from nothing else, so every station that
has the same facts has the same conflicts, whatever came first. Its id is made of code, subject and window;
the set of entries it stands on may grow. A resolution is a fact that names the entries it saw: what has grown
beyond that is open again.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Every kind of conflict that the facts of today can show."""

    DUP_ADMISSION = "DUP_ADMISSION"
    ADMITTED_AFTER_REFUND = "ADMITTED_AFTER_REFUND"
    ADMITTED_AFTER_CANCEL = "ADMITTED_AFTER_CANCEL"
    ADMITTED_AFTER_REPRINT = "ADMITTED_AFTER_REPRINT"
    UNKNOWN_TICKET = "UNKNOWN_TICKET"
    SOLD_AFTER_CANCEL = "SOLD_AFTER_CANCEL"
    PRICE_STALE = "PRICE_STALE"
    PAID_TWICE = "PAID_TWICE"
    PAID_AFTER_RELEASE = "PAID_AFTER_RELEASE"
    REFUND_TWICE = "REFUND_TWICE"
    VALUE_OVERSPENT = "VALUE_OVERSPENT"
    SEAT_TWICE = "SEAT_TWICE"
    LEASE_OVERRUN = "LEASE_OVERRUN"
    LEASE_SLOT_REUSED = "LEASE_SLOT_REUSED"
    USER_NOT_ALLOWED = "USER_NOT_ALLOWED"
    CATALOGUE_CLASH = "CATALOGUE_CLASH"
    CLOCK_SUSPECT = "CLOCK_SUSPECT"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    REVOKED_STATION = "REVOKED_STATION"
    FORK = "FORK"
    DUPLICATE_ID = "DUPLICATE_ID"


class Urgency(StrEnum):
    """How soon somebody should look: guests are affected, money or places are at stake, or good to know."""

    NOW = "now"
    TODAY = "today"
    NOTE = "note"


URGENCY: dict[Code, Urgency] = {
    Code.DUP_ADMISSION: Urgency.NOW,
    Code.ADMITTED_AFTER_REFUND: Urgency.NOW,
    Code.ADMITTED_AFTER_CANCEL: Urgency.NOW,
    Code.ADMITTED_AFTER_REPRINT: Urgency.NOW,
    Code.SEAT_TWICE: Urgency.NOW,
    Code.LEASE_OVERRUN: Urgency.NOW,
    Code.PAID_AFTER_RELEASE: Urgency.NOW,
    Code.SOLD_AFTER_CANCEL: Urgency.TODAY,
    Code.PAID_TWICE: Urgency.TODAY,
    Code.REFUND_TWICE: Urgency.TODAY,
    Code.VALUE_OVERSPENT: Urgency.TODAY,
    Code.LEASE_SLOT_REUSED: Urgency.TODAY,
    Code.PRICE_STALE: Urgency.TODAY,
    Code.USER_NOT_ALLOWED: Urgency.TODAY,
    Code.CATALOGUE_CLASH: Urgency.TODAY,
    Code.UNKNOWN_TICKET: Urgency.NOTE,
    Code.CLOCK_SUSPECT: Urgency.NOTE,
    Code.BAD_SIGNATURE: Urgency.NOW,
    Code.REVOKED_STATION: Urgency.NOW,
    Code.FORK: Urgency.NOW,
    Code.DUPLICATE_ID: Urgency.TODAY,
}
"""Every code has its urgency; a list is sorted by it."""


class SubjectKind(StrEnum):
    """What a conflict can be about; the first part of a subject's text."""

    TICKET = "ticket"
    ORDER = "order"
    SEAT = "seat"
    POOL = "pool"
    USER = "user"
    STATION = "station"
    OBJECT = "object"
    LEASE = "lease"
    ENTRY = "entry"
    VALUE = "value"


def subject_of(kind: SubjectKind, *name: object) -> str:
    """The text of a subject: `ticket:00112233445566aa`, `seat:200:A12`, `object:product:300`."""
    return ":".join((kind.value, *(str(part) for part in name)))


@dataclass(frozen=True, slots=True)
class Finding:
    """One conflict as derived now.

    `window` tells several conflicts of one code and subject apart ('' where there can be only one).
    `entries` are the ids of all entries it stands on, sorted; `at_ms` is the time of the earliest act that
    should not have been; `event` is the number of the event it belongs to, 0 = none.
    """

    code: Code
    subject: str
    window: str
    entries: tuple[str, ...]
    at_ms: int
    event: int = 0

    @property
    def id(self) -> str:
        """The name of the conflict at every station."""
        return conflict_id(self.code, self.subject, self.window)


def conflict_id(code: str, subject: str, window: str) -> str:
    """16 hexadecimal digits of SHA-256 over code, subject and window."""
    return hashlib.sha256("\0".join((code, subject, window)).encode()).hexdigest()[:16]


def finding(
    code: Code, subject: str, entries: Iterable[str], at_ms: int, *, window: str = "", event: int = 0
) -> Finding:
    """A finding with its entries in order, each once."""
    return Finding(code, subject, window, tuple(sorted(set(entries))), at_ms, event)


def is_settled(entries: Collection[str], resolutions: Iterable[Collection[str]]) -> bool:
    """Whether one of the resolutions saw every entry that the conflict stands on now."""
    needed = set(entries)
    return any(needed <= set(seen) for seen in resolutions)
