"""What may happen to the sync engine (events) and what it may ask for (actions): plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.errors import Param
from sync.messages import HelloReply, PullReply, PushReply
from sync.ports import LeaseSet, PageOutcome, RightSet


class Lane(StrEnum):
    """The two independent directions."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Started:
    """The driver is there; both lanes may begin."""


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection stands."""

    lane: Lane


@dataclass(frozen=True, slots=True)
class Greeted:
    """Hello was answered. `own_hash` is our hash at the hub's tip (None beyond ours); `offset_ms` is hub time
    minus the midpoint of sending and receiving on our wall clock."""

    reply: HelloReply
    own_hash: bytes | None
    offset_ms: int
    lane: Lane = Lane.UP


@dataclass(frozen=True, slots=True)
class Pushed:
    """A batch of `sent` entries in `feeds` was answered. `own_hash` is our hash at the acknowledged seq;
    `request` the request for leases that went with it."""

    reply: PushReply
    sent: int
    feeds: frozenset[str]
    own_hash: bytes | None
    offset_ms: int | None = None
    lane: Lane = Lane.UP
    request: str | None = None


@dataclass(frozen=True, slots=True)
class OutboxEmpty:
    """There is nothing to push. `again_ms`: something is to be asked for, but not before that."""

    lane: Lane = Lane.UP
    again_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Woke:
    """The hint to listeners is out."""

    lane: Lane = Lane.UP


@dataclass(frozen=True, slots=True)
class Pulled:
    """Pages were fetched and stored; `outcome` sums up all of them."""

    reply: PullReply
    outcome: PageOutcome
    offset_ms: int | None = None
    lane: Lane = Lane.DOWN


@dataclass(frozen=True, slots=True)
class Snapshotted:
    """A snapshot was taken in place of pages; `outcome` sums it up."""

    outcome: PageOutcome
    lane: Lane = Lane.DOWN


@dataclass(frozen=True, slots=True)
class Answered:
    """The hub said no to the action under way: `code` and what goes with it."""

    lane: Lane
    code: str
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """The action under way failed with a fault; `lost`: its connection is gone."""

    lane: Lane
    code: str
    lost: bool
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waited:
    """A wait is over: its time came, or something in its `until` did."""

    lane: Lane


Event = (
    Started
    | Connected
    | Greeted
    | Pushed
    | OutboxEmpty
    | Woke
    | Pulled
    | Snapshotted
    | Answered
    | Failed
    | Waited
)


class Until(StrEnum):
    """What ends a wait early."""

    NUDGE = "nudge"
    """A new own entry."""
    HINT = "hint"
    """A notification of the hub."""
    PERSON = "person"
    """Somebody pressed "try now" or gave another password."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Close what stands in this lane, then open a connection."""

    lane: Lane


@dataclass(frozen=True, slots=True)
class Greet:
    """Say hello."""

    lane: Lane = Lane.UP


@dataclass(frozen=True, slots=True)
class Push:
    """Send what follows `after_seq`."""

    after_seq: int
    max_entries: int
    max_bytes: int
    lane: Lane = Lane.UP


@dataclass(frozen=True, slots=True)
class Wake:
    """Tell listeners about feeds."""

    feeds: frozenset[str]
    lane: Lane = Lane.UP


@dataclass(frozen=True, slots=True)
class Pull:
    """Fetch and store the next pages."""

    limit: int
    lane: Lane = Lane.DOWN


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for a while, or until something in `until`."""

    lane: Lane
    ms: int
    until: frozenset[Until]


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Note that the hub has everything up to `seq`; entry id → `held` or `conflict`; then hold `leases` and
    `rights`. Brings no event."""

    seq: int
    outcomes: Mapping[str, str]
    lane: Lane = Lane.UP
    leases: LeaseSet | None = field(default=None, compare=False)
    rights: RightSet | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Adopt:
    """Begin all cursors again with this incarnation. Brings no event."""

    incarnation: str
    lane: Lane = Lane.DOWN


Action = Connect | Greet | Push | Wake | Pull | Wait | Acknowledge | Adopt
