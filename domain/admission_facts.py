"""The values that the admission rules read and give back: verdicts, facts of a ticket, a scan, a decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.catalogue import Event, Gate, Performance, Product
from domain.clock import to_text
from domain.errors import Param
from domain.states import EventState
from domain.ticket_code import SignedCode


class Verdict(StrEnum):
    """Every answer a gate can give, in the order in which they are decided."""

    UNREADABLE = "UNREADABLE"
    PRACTICE = "PRACTICE"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    FORGED = "FORGED"
    WRONG_EVENT = "WRONG_EVENT"
    UNKNOWN = "UNKNOWN"
    REPLACED = "REPLACED"
    CANCELLED = "CANCELLED"
    REFUNDED = "REFUNDED"
    UNPAID = "UNPAID"
    BLOCKED = "BLOCKED"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    WRONG_GATE = "WRONG_GATE"
    OFF_HOURS = "OFF_HOURS"
    ALREADY_USED = "ALREADY_USED"
    ALREADY_INSIDE = "ALREADY_INSIDE"
    NOT_INSIDE = "NOT_INSIDE"
    IN_PROGRESS = "IN_PROGRESS"
    WAIT = "WAIT"
    NO_ENTRIES_LEFT = "NO_ENTRIES_LEFT"
    FULL = "FULL"
    ADMIT = "ADMIT"
    EXIT = "EXIT"
    REPEAT = "REPEAT"


class Severity(StrEnum):
    """How a verdict looks and sounds: green, red, amber, blue."""

    ADMIT = "admit"
    REFUSE = "refuse"
    ATTENTION = "attention"
    INFO = "info"


class Direction(StrEnum):
    """Which way a person walks through the gate."""

    ENTRY = "entry"
    EXIT = "exit"


class SignatureStatus(StrEnum):
    """What is known of who signed a code. NONE: there is no signature (look-up by hand, foreign code)."""

    GOOD = "good"
    UNKNOWN_KEY = "unknown_key"
    BAD = "bad"
    REVOKED = "revoked"
    NONE = "none"


class TextKind(StrEnum):
    """What was read: a code of ours, a short reference typed by hand, an imported code, or anything else."""

    CODE = "code"
    REFERENCE = "reference"
    FOREIGN = "foreign"
    OTHER = "other"


class UnknownPolicy(StrEnum):
    """What to do with a ticket that nobody here has heard of, or whose key nobody here has heard of."""

    REFUSE = "refuse"
    ADMIT_AND_FLAG = "admit_and_flag"


class ConfidenceMode(StrEnum):
    """How much of the world the decision could see: the hub, the hub some time ago, or only this station."""

    LIVE = "live"
    OFFLINE = "offline"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure a decision is; `since_at` (UTC) says since when it is offline."""

    mode: ConfidenceMode
    since_at: datetime | None = None


LIVE = Confidence(ConfidenceMode.LIVE)
ALONE = Confidence(ConfidenceMode.ALONE)


@dataclass(frozen=True, slots=True)
class Use:
    """One admission or exit that counts (undone ones are left out). `people` walked through at once."""

    at: datetime
    gate: str
    direction: Direction = Direction.ENTRY
    lane: str = ""
    by: str = ""
    entry_id: str = ""
    station: str = ""
    performance: int | None = None
    people: int = 1


@dataclass(frozen=True, slots=True)
class Claim:
    """Another gate has opened for this ticket and has not confirmed the passage; or, with `act`, a till has
    the right to refund, void, exchange or reprint it, and has not used it yet."""

    gate: str
    at: datetime
    station: str = ""
    act: str = ""


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """All that is known here of one ticket at the moment of the decision.

    `order`: reference of its order. `print_number`: the newest print; older ones were replaced at
    `replaced_at` by station `replaced_where`. `blocked`: the reason, None = not blocked. `zones`: mask,
    0 = all. `admits`: people. `uses`: in the order of time.
    """

    serial: str
    product: Product
    event: Event
    sold_at: datetime
    performance: Performance | None = None
    order: str = ""
    print_number: int = 1
    replaced_at: datetime | None = None
    replaced_where: str = ""
    cancelled_at: datetime | None = None
    refunded_at: datetime | None = None
    unpaid_minor: int = 0
    blocked: str | None = None
    uses: tuple[Use, ...] = ()
    in_progress: Claim | None = None
    zones: int = 0
    seat: str = ""
    admits: int = 1
    holder: str = ""

    @property
    def inside(self) -> bool:
        """Whether more people went in with it than came out."""
        return people_inside(self.uses) > 0


@dataclass(frozen=True, slots=True)
class Listed:
    """What the catalogue here says of the product and performance that an unknown ticket's code names."""

    product: Product
    event: Event
    performance: Performance | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of a ticket whose sale is not known here: its newest print and, where it was given back
    or became void, when. `event_state`: how its event stands, where its product or its event has not come."""

    print_number: int = 1
    replaced_at: datetime | None = None
    replaced_where: str = ""
    cancelled_at: datetime | None = None
    refunded_at: datetime | None = None
    event_state: EventState | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """One code held to one lane of one gate.

    `code` is the decoded text (None for a typed reference or a foreign code), `serial` the ticket it stands
    for (None when nothing was found). `events`: what the gate is set to, empty = all. `performance`: the one
    selected at the gate. `people`: how many of a group want to pass. For a ticket that is not known here,
    `listed` is what the catalogue says of its product, `seen` are the uses that gates recorded anyway and
    `heard` is what else was said of it.
    `claimed`: another station's gate that the hub has let open for this ticket and that has not confirmed.
    """

    gate: Gate
    at: datetime
    code: SignedCode | None = None
    serial: str | None = None
    text_kind: TextKind = TextKind.CODE
    signature: SignatureStatus = SignatureStatus.GOOD
    lane: str = ""
    direction: Direction = Direction.ENTRY
    events: tuple[int, ...] = ()
    performance: int | None = None
    operator: str = ""
    people: int = 1
    listed: Listed | None = None
    seen: tuple[Use, ...] = ()
    heard: Heard | None = None
    claimed: Claim | None = None


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What the organizer decided for gates, and what the gate knows about its zone.

    `unknown` is about tickets with a good signature that are not known here, `unknown_key` about those of a
    station that is not: their signature proves nothing. `zone`: IANA zone of the venue, used where the event
    is unknown. `early_minutes`: how long before doors
    (else the start) admission opens. `late_minutes`: how long after the start it closes; None = at the end
    (without an end, `OPEN_END` after the start). `occupancy`, `zone_capacity`: people in the zone behind
    the gate, None = not counted. `anti_passback`: whether entry and exit must alternate where they are
    tracked. `practice`: rehearsal, where practice tickets are admitted.
    """

    zone: str = "UTC"
    unknown: UnknownPolicy = UnknownPolicy.REFUSE
    unknown_key: UnknownPolicy = UnknownPolicy.REFUSE
    early_minutes: int = 60
    late_minutes: int | None = None
    occupancy: int | None = None
    zone_capacity: int | None = None
    anti_passback: bool = True
    practice: bool = False
    day_ends_hour: int = 0


class TraceStep(NamedTuple):
    """One rule that was looked at: its verdict, whether it let the ticket pass, and what it saw."""

    rule: Verdict
    passed: bool
    seen: tuple[tuple[str, object], ...] = ()

    @property
    def values(self) -> dict[str, str]:
        """What the rule saw, as text; made only when somebody asks, since a gate is in a hurry."""
        return {name: _shown(value) for name, value in self.seen}


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a scan.

    `params` fill the words of the verdict: times as ISO text in UTC (`…_at`), amounts in minor units beside
    `currency`, names and numbers. `first`: first entry ever. `entries_left`: after this decision, None = no
    limit.
    """

    verdict: Verdict
    opens: bool
    severity: Severity
    confidence: Confidence
    params: Mapping[str, Param] = field(default_factory=dict)
    facts: TicketFacts | None = None
    concession: str | None = None
    concession_ru: str | None = None
    entries_left: int | None = None
    first: Use | None = None
    valid_until_at: datetime | None = None
    trace: tuple[TraceStep, ...] = ()


def people_inside(uses: tuple[Use, ...]) -> int:
    """People who went in less people who came out; an exit without an entry counts for nothing."""
    inside = 0
    for use in uses:
        inside = inside + use.people if use.direction is Direction.ENTRY else max(0, inside - use.people)
    return inside


def _shown(value: object) -> str:
    return to_text(value) if isinstance(value, datetime) else str(value)
