"""What use cases and look-ups answer with: frozen values that windows and the command line show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.services.views_payments import DoubtLine
from domain.admission import Use
from domain.catalogue import Event, Performance, Product
from domain.money import Money
from domain.permissions import Permission
from domain.promo import Promo


@dataclass(frozen=True, slots=True)
class Organization:
    """Settings that hold for every station: who we are and how money is counted. `value_risk_minor`: what may
    be taken from each gift card while the hub is away."""

    name: str
    zone: str
    currency: str
    tax_mode: str = "included"
    smallest_coin: int = 1
    value_risk_minor: int = 0
    day_ends_hour: int = 5
    address: str = ""
    tax_id: str = ""
    language: str = "en"
    name_ru: str = ""
    session_password_hours: int = 24
    """A station of a hub without contact for longer asks for passwords again."""
    session_selling_hours: int = 72
    """The same for stopping to sell."""
    retention_days: int = 0
    """Personal data of an event is erased so many days after its end where it says nothing else; 0: never."""


@dataclass(frozen=True, slots=True)
class StationInfo:
    """This installation: its id, name, receipt prefix, epoch and whether it has joined a hub."""

    station: str
    name: str
    prefix: str
    epoch: int
    has_hub: bool
    practice: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """What is left of a product: here (what this station may sell) and in all; None = unlimited."""

    here: int | None
    in_all: int | None
    capacity: int | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A product as it may be sold now; `refusal` is the code that would refuse it, None when on sale."""

    product: Product
    event: Event
    performance: Performance | None
    places: Places
    refusal: str | None = None
    refusal_params: Mapping[str, str | int | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PerformanceRow:
    """A performance on the board, with what is sold and admitted. An event without performances has
    `performance` None."""

    event: Event
    performance: Performance | None
    sold: int
    admitted: int
    capacity: int | None


@dataclass(frozen=True, slots=True)
class TicketView:
    """One ticket of an order. `price` is the list price, `gross_minor` what was charged for it after discount
    and with tax. `state` is active, used or cancelled; `key_id` (hexadecimal) names the key that signed its
    current print."""

    serial: str
    reference: str
    order: str
    product: Product
    event: Event
    performance: Performance | None
    price: Money
    tax_minor: int
    tax_rate_bp: int
    state: str
    print_number: int
    seat: str | None
    zones: int
    valid_from_at: datetime | None
    valid_until_at: datetime | None
    uses: Sequence[Use] = ()
    printed: int = 0
    key_id: str = ""
    gross_minor: int = 0


@dataclass(frozen=True, slots=True)
class PaymentView:
    """One payment; `tendered` and `change` differ from `amount` for cash only."""

    payment: str
    tender: str
    amount: Money
    tendered: Money
    change: Money
    reference: str | None


@dataclass(frozen=True, slots=True)
class RightState:
    """Whether a right is here: `number` of it, else why it is not (None: it was not asked for), and which
    station or gate has it. `left_minor`: of a value, what the hub says is left. `request`: by which request
    it was granted."""

    number: int | None
    why: str | None = None
    who: str = ""
    left_minor: int | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class ValueGrant:
    """An amount of a value that the hub has set aside for this station."""

    request: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class SoldPart:
    """A ticket of an order with the parts that were stored at its sale. `places`: {pool, lease, slots} each;
    `void`: given back or given up; `seen`: ids of its admissions that count."""

    serial: str
    reference: str
    event: int
    product: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    rounding_minor: int
    places: Sequence[Mapping[str, object]]
    void: bool
    seen: Sequence[str]

    @property
    def amount_minor(self) -> int:
        """What was paid for it."""
        return self.gross_minor + self.rounding_minor


@dataclass(frozen=True, slots=True)
class ValueView:
    """A gift card as far as it is known here; `risked_minor` of what was spent was taken offline."""

    value: str
    currency: str
    issued_minor: int
    spent_minor: int
    risked_minor: int
    expires_at: datetime | None

    @property
    def left_minor(self) -> int:
        """What is left on it."""
        return self.issued_minor - self.spent_minor


@dataclass(frozen=True, slots=True)
class PayoutView:
    """What went back with one tender."""

    tender: str
    amount: Money
    reference: str | None


@dataclass(frozen=True, slots=True)
class BackView:
    """Tickets of an order given back for money: `kind` is refund_paid, order_voided or exchanged."""

    refund: str
    kind: str
    at: datetime
    reason: str
    amount: Money
    serials: Sequence[str]
    payouts: Sequence[PayoutView]
    station_name: str
    cashier_name: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order whole. `receipt` is the printed number (empty while a reservation is not paid), `receipt_hash`
    its 8 hexadecimal digits. `until_at`: how long a reservation is kept, None for a sale."""

    order: str
    reference: str
    state: str
    sold_at: datetime
    station: str
    station_name: str
    cashier: str | None
    cashier_name: str
    shift: str | None
    receipt: str
    receipt_hash: str
    practice: bool
    currency: str
    gross: Money
    discount: Money
    net: Money
    tax: Money
    rounding: Money
    due: Money
    tickets: Sequence[TicketView]
    payments: Sequence[PaymentView]
    synced: bool
    printed: bool
    entry_id: str
    seq: int
    receipt_prints: int = 0
    """How often the receipt was printed: the next one is this COPY, the first none."""
    until_at: datetime | None = None
    backs: Sequence[BackView] = ()
    promo: Promo | None = None
    """The code it was sold with; None also where its raw entry is not kept here any more."""

    @property
    def paid(self) -> Money:
        """What came in for it."""
        return Money(sum(payment.amount.minor for payment in self.payments), self.currency)

    @property
    def returned(self) -> Money:
        """What went back for it."""
        return Money(sum(back.amount.minor for back in self.backs), self.currency)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list; `what` are the names of its events."""

    order: str
    reference: str
    receipt: str
    state: str
    sold_at: datetime
    due: Money
    tickets: int
    what: str
    station_name: str
    synced: bool
    printed: bool
    what_ru: str = ""


@dataclass(frozen=True, slots=True)
class ShiftView:
    """A shift: who, which drawer, since when, and what it has taken so far."""

    shift: str
    station: str
    drawer: str
    cashier: str
    cashier_name: str
    opened_at: datetime
    closed_at: datetime | None
    number: int | None
    float_: Money
    tenders: Mapping[str, int]
    """Minor units taken per tender: for cash, what stayed in the drawer (tendered less change)."""
    expected: Money
    counted: Money | None
    difference: Money | None
    receipts_first: str | None
    receipts_last: str | None
    receipts_count: int
    not_synced: int
    station_name: str = ""
    practice: bool = False
    """Of a station where one practises: then practice is all it counts."""
    unknown: Sequence[DoubtLine] = ()
    """Payments begun in it of which nobody knows whether the money has moved: in no sum of it."""


@dataclass(frozen=True, slots=True)
class ScanRow:
    """A scan in the list of last scans; refused ones too."""

    entry_id: str
    at: datetime
    verdict: str
    direction: str
    gate: str
    lane: str
    serial: str | None
    reference: str | None
    product: Product | None
    operator: str | None
    undone: bool


@dataclass(frozen=True, slots=True)
class GateCounters:
    """Numbers for the gate screen; `expected` is what was sold and has not come yet."""

    admitted: int
    refused: int
    inside: int
    expected: int
    last_minute: int


@dataclass(frozen=True, slots=True)
class Person:
    """A user as tiles and lists show them. `has_pin`: on this station; `has_password`: its verifier is here;
    `permissions` are those of the roles as defined now, none for somebody who is shut out."""

    user: str
    login: str
    name: str
    roles: Sequence[str]
    has_pin: bool
    enabled: bool = True
    has_password: bool = False
    permissions: frozenset[Permission] = frozenset()


@dataclass(frozen=True, slots=True)
class JournalRow:
    """An entry as the journal viewer shows it."""

    seq: int
    entry_id: str
    kind: str
    at: datetime
    user: str | None
    short_hash: str
    synced: bool


@dataclass(frozen=True, slots=True)
class PrintJob:
    """Something that was recorded and must still reach paper or a file."""

    job: int
    order: str
    what: str
    state: str
    attempts: int
    last_code: str | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A conflict in the list. `about` names the ticket, receipt, seat, pool, person, station or catalogue
    object; `at` is when the first act happened that should not have."""

    conflict: str
    code: str
    urgency: str
    subject: str
    window: str
    at: datetime
    about: str
    about_ru: str
    event: Event | None
    stations: Sequence[str]
    open: bool
    entries: Sequence[str]


@dataclass(frozen=True, slots=True)
class ConflictSide:
    """One entry that a conflict stands on. `at` is its station's own clock, `earliest` and `latest` bound the
    time by the hub's; `measured` is False where that station never met the hub. `gate`, `verdict`,
    `confidence`, `receipt` and `detail` are empty where they say nothing."""

    entry_id: str
    kind: str
    station: str
    station_name: str
    operator: str
    at: datetime
    earliest: datetime
    latest: datetime
    measured: bool
    gate: str = ""
    verdict: str = ""
    confidence: str = ""
    print_number: int = 0
    receipt: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ResolutionRow:
    """What somebody said to a conflict; `whole`: it saw all that the conflict stands on now."""

    at: datetime
    who: str
    station_name: str
    reason: str
    whole: bool


@dataclass(frozen=True, slots=True)
class ConflictView:
    """A conflict whole. `order` says what is known of which side came first: knew, apart or unknown; '' where
    there are not two acts to compare. `order_reference` leads to the order of its ticket, if it is known."""

    row: ConflictRow
    sides: Sequence[ConflictSide]
    order: str
    order_reference: str
    resolutions: Sequence[ResolutionRow]
