"""What sync needs from the local store. Implemented by app.store; the simulator implements it too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.entry import Entry


@dataclass(frozen=True, slots=True)
class Tip:
    """Last entry of a journal: epoch, seq (0 = none yet) and its hash (genesis when seq is 0)."""

    epoch: int
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far one feed has been read: position, and the feed's running hash at that position.

    Valid only together with the incarnation it was read from; a new cursor is (0, 32 zero bytes).
    """

    position: int = 0
    hash: bytes = bytes(32)


@dataclass(frozen=True, slots=True)
class DamagedEntry:
    """Something in a feed that is no entry of format 1 (not canonical, a broken hash): kept aside as it is,
    so that it is seen by a person and delays nothing behind it. `reason` is for logs."""

    position: int
    station: str
    epoch: int
    seq: int
    content: str
    prev_hash: bytes
    hash: bytes
    sig: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """Consecutive entries of one feed as the hub sent them; `cursor` is the cursor after the last."""

    feed: str
    entries: Sequence[Entry]
    cursor: Cursor
    damaged: Sequence[DamagedEntry] = ()


@dataclass(frozen=True, slots=True)
class HubEntry:
    """An act of the hub itself (station 00000000): chained and unsigned; what it carries (certificates,
    revocations) is signed by the organization's root inside the body."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What became of a page: applied, already known (echo or repeat), held (unknown kind or version)."""

    applied: int = 0
    known: int = 0
    held: int = 0
    rejected: Sequence[tuple[str, str]] = ()
    """(entry id, code) of entries that did not verify: kept aside, never applied."""


class Outbox(Protocol):
    """The station's own journal as the push side sees it."""

    def station(self) -> str:
        """Own station id, 8 hexadecimal digits."""
        ...

    def tip(self) -> Tip:
        """Where the own journal ends now."""
        ...

    def hash_at(self, seq: int) -> bytes | None:
        """Own hash at `seq` of the current epoch (genesis for 0), None beyond the tip."""
        ...

    def acked_seq(self) -> int:
        """Highest seq of the current epoch that the hub has confirmed."""
        ...

    def batch(self, after_seq: int, max_entries: int, max_bytes: int) -> Sequence[Entry]:
        """The next own entries in order, at least one if there is any, within the limits."""
        ...

    def acknowledge(self, seq: int, outcomes: Mapping[str, str]) -> None:
        """The hub has everything up to `seq`. `outcomes`: entry id → `held` or `conflict` (no `ok`)."""
        ...


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """Places asked for: an id that makes the request happen once, and `{pool, count, renew, slots}` each."""

    request: str
    wants: Sequence[Mapping[str, Any]]

    def to_json(self) -> Mapping[str, Any]:
        """As it travels with a push."""
        return {"leases": {"id": self.request, "wants": list(self.wants)}}


@dataclass(frozen=True, slots=True)
class LeaseSet:
    """All leases of this station as the hub says, and the version that orders such sets.

    `fresh`: it came with hello, and counts whatever its version (a restored hub counts anew). `answered`: the
    request that the hub has answered with it.
    """

    version: int
    items: Sequence[Mapping[str, Any]]
    fresh: bool = False
    answered: str | None = None


@dataclass(frozen=True, slots=True)
class RightRequest:
    """Order rights and values asked for, answered once by their id: `{order, act}` and
    `{value, amount_minor, currency}` each."""

    request: str
    rights: Sequence[Mapping[str, Any]] = ()
    values: Sequence[Mapping[str, Any]] = ()

    def to_json(self) -> Mapping[str, Any]:
        """As it travels with a push."""
        asked = {"rights": self.rights, "values": self.values}
        return {name: {"id": self.request, "wants": list(wants)} for name, wants in asked.items() if wants}


@dataclass(frozen=True, slots=True)
class RightSet:
    """All rights and values granted to this station, with the version that orders such sets.

    `fresh` as with leases. `answer`: what the hub said to the request that went along: `{id, rights,
    values}`.
    """

    version: int
    items: Sequence[Mapping[str, Any]]
    fresh: bool = False
    answer: Mapping[str, Any] | None = None


class Rights(Protocol):
    """Who alone may change an order or take from a value."""

    def request(self) -> RightRequest | None:
        """What has no answer yet, or None."""
        ...

    def hold(self, said: RightSet) -> None:
        """Put the hub's set in place of the own one, and keep its answer, in one transaction."""
        ...

    def give_back(self) -> bool:
        """The hub answers: append entries that give up what is not needed here; whether there were any."""
        ...


class Leases(Protocol):
    """The places that this station may sell by itself."""

    def request(self) -> LeaseRequest | None:
        """What to ask for now: the request that has no answer yet (with its id and the time of its first
        sending), a new one, or None. To be called right before sending."""
        ...

    def put_off_ms(self) -> int | None:
        """For how long what is needed may not be asked for again, as the last `request` found; None: nothing
        is put off."""
        ...

    def hold(self, said: LeaseSet) -> None:
        """Put the hub's set in place of the own one, in one transaction."""
        ...

    def give_back(self) -> bool:
        """The hub answers: append entries that return what is not sold from; whether there were any."""
        ...


class Replica(Protocol):
    """The copy of other stations' entries, and the cursors that go with it."""

    def incarnation(self) -> str | None:
        """The hub incarnation that the cursors belong to."""
        ...

    def adopt_incarnation(self, incarnation: str) -> None:
        """Start over with another hub incarnation: cursors reset, entries kept (repeats are known)."""
        ...

    def cursors(self) -> Mapping[str, Cursor]:
        """Cursor per subscribed feed (a feed never read has Cursor())."""
        ...

    def apply(self, page: Page) -> PageOutcome:
        """Store a page, project it and move the cursor, in one transaction. Own entries are an echo."""
        ...


@dataclass(frozen=True, slots=True)
class SyncState:
    """What the window's badge and `gatehouse sync status` show. Times are ISO UTC text or None."""

    mode: str = "alone"
    """alone · connecting · live · offline · refused (credentials, fork, revoked, upgrade)"""
    code: str | None = None
    """Why it is offline or refused: a Fault code such as HUB_UNREACHABLE, HUB_PASSWORD, FORK."""
    since_at: str | None = None
    """Since when this mode holds."""
    last_contact_at: str | None = None
    waiting: int = 0
    held: int = 0
    conflicts: int = 0
    offset_ms: int | None = None
    incarnation: str | None = None
    schema: str | None = None
    pushed: int = 0
    pulled: int = 0
    documents: int = 0
    """Documents that the hub has not confirmed."""
    params: Mapping[str, Any] = field(default_factory=dict)
    snapshot: tuple[int, int] | None = None
    """(done, of how many) while a snapshot is taken."""
