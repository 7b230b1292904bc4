"""What is offered: venue, events, performances, products, quotas, gates and zones, as frozen values."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.money import Money, TaxMode
from domain.states import EventState
from domain.validity import Validity, ValidityKind

MAX_ZONES = 16


def localized(name: str, name_ru: str, lang: str) -> str:
    """The name in the language (`en`, `ru`, `ru_RU`…); the main name where there is no translation."""
    return name_ru if name_ru and lang.lower().startswith("ru") else name


@dataclass(frozen=True, slots=True)
class Venue:
    """Where everything takes place. `zone` is an IANA time zone; `smallest_coin` in minor units (1 = none);
    a business day ends at `day_ends_hour` local time."""

    name: str
    address: str
    zone: str
    currency: str
    tax_mode: TaxMode = TaxMode.INCLUDED
    smallest_coin: int = 1
    day_ends_hour: int = 5
    name_ru: str = ""


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the house. `number` 0…15 is its bit in zone masks; `capacity` in people, None = unlimited."""

    number: int
    name: str
    capacity: int | None = None
    name_ru: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.number < MAX_ZONES:
            raise ValueError(f"zone number {self.number}; 0 to 15")


def zone_mask(numbers: tuple[int, ...]) -> int:
    """The 16-bit mask of zone numbers; 0 (no numbers) means all zones."""
    return sum(1 << number for number in set(numbers))


@dataclass(frozen=True, slots=True)
class Gate:
    """An entrance. `zone` is the zone it leads to (None = the house as a whole); `events` are the events it
    serves (empty = all)."""

    code: str
    name: str = ""
    zone: int | None = None
    events: tuple[int, ...] = ()
    name_ru: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something tickets are sold for. Without performances it is a season or a transit line.

    `venue` and `address` are where it takes place, as printed on tickets; empty = the organization's own.
    `names_at_gate`: its gates see the names that orders were put under. `retention_days`: personal data of it
    is erased so many days after it ended; None = as the organization says.
    """

    number: int
    code: str
    name: str
    zone: str
    state: EventState = EventState.DRAFT
    category: str = ""
    name_ru: str = ""
    description: str = ""
    description_ru: str = ""
    venue: str = ""
    venue_ru: str = ""
    address: str = ""
    address_ru: str = ""
    names_at_gate: bool = False
    retention_days: int | None = None


@dataclass(frozen=True, slots=True)
class Performance:
    """One date and time of an event. `capacity` in people, None = unlimited."""

    number: int
    code: str
    event: int
    starts_at: datetime
    ends_at: datetime | None = None
    doors_at: datetime | None = None
    capacity: int | None = None
    name: str = ""
    name_ru: str = ""
    zones: tuple[Zone, ...] = ()
    sales_from_at: datetime | None = None
    sales_until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """A pool of places. May be shared by products, belong to one performance, and lie inside a parent."""

    number: int
    name: str
    event: int
    capacity: int
    performance: int | None = None
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A ticket type.

    `performances`: numbers of those it may be sold for, empty = all of its event. `quotas`: numbers of all
    pools it draws from, beside the performance's own capacity. `admits`: people per ticket. `admits_at`:
    events it opens the door to, empty = its own. `zones`, `gates`: where it admits, empty = everywhere.
    `channels`: where it is sold (`desk`, `gate`…), empty = everywhere. `concession`: what the gate has to
    check ("student card"). `price_version` rises with each change of price.
    """

    number: int
    code: str
    event: int
    name: str
    price_minor: int
    currency: str
    performances: tuple[int, ...] = ()
    name_ru: str = ""
    tax_rate_bp: int = 0
    sales_from_at: datetime | None = None
    sales_until_at: datetime | None = None
    quotas: tuple[int, ...] = ()
    max_per_order: int | None = None
    admits: int = 1
    validity: Validity = field(default_factory=lambda: Validity(ValidityKind.SINGLE))
    channels: tuple[str, ...] = ()
    concession: str | None = None
    concession_ru: str | None = None
    admits_at: tuple[int, ...] = ()
    zones: tuple[int, ...] = ()
    gates: tuple[str, ...] = ()
    price_version: int = 1

    @property
    def price(self) -> Money:
        """The price of one ticket."""
        return Money(self.price_minor, self.currency)

    @property
    def opens(self) -> tuple[int, ...]:
        """Numbers of the events it admits at: `admits_at`, or its own event."""
        return self.admits_at or (self.event,)

    @property
    def is_pass(self) -> bool:
        """Anything but one entry to one performance."""
        return self.validity.kind is not ValidityKind.SINGLE

    def sold_for(self, performance: Performance | None) -> bool:
        """Whether it may be sold for this performance (None: for the event as a whole)."""
        if performance is None:
            return not self.performances
        return performance.event == self.event and (
            not self.performances or performance.number in self.performances
        )
