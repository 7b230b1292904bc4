"""What the sell screen is shown, and what its presenters need: frozen values and Protocols, no Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from app.services.after_sale import Afterwards
from app.services.facade import FileOpener, SettingsBook, StationFacts
from app.services.may_sell import ConfirmDate
from app.services.offers import Board, Offers
from app.services.orders import FindOrders
from app.services.printing import PrintOrder, PrintQueue
from app.services.promos import FindPromo
from app.services.sell import SellOrder, Tendered
from app.services.shifts import OpenShift, ShiftNow
from app.services.views import Offer, Organization, PerformanceRow, PrintJob
from domain.catalogue import localized
from domain.clock import Clock
from domain.errors import GatehouseError, Param
from domain.money import Money
from domain.order import Tender
from ui.sell.cart import Cart, CartLine


class SellServices(Protocol):
    """The part of `app.services.facade.Services` that selling needs."""

    @property
    def clock(self) -> Clock: ...
    @property
    def facts(self) -> StationFacts: ...
    @property
    def board(self) -> Board: ...
    @property
    def offers(self) -> Offers: ...
    @property
    def sell(self) -> SellOrder: ...
    @property
    def find_promo(self) -> FindPromo: ...
    @property
    def confirm_date(self) -> ConfirmDate: ...
    @property
    def find_orders(self) -> FindOrders: ...
    @property
    def print_order(self) -> PrintOrder: ...
    @property
    def print_queue(self) -> PrintQueue: ...
    @property
    def open_shift(self) -> OpenShift: ...
    @property
    def shift_now(self) -> ShiftNow: ...
    @property
    def settings(self) -> SettingsBook: ...
    @property
    def opener(self) -> FileOpener: ...
    @property
    def afterwards(self) -> Afterwards: ...


class Stage(StrEnum):
    """What the cashier is doing."""

    LOADING = "loading"
    BROKEN = "broken"
    NO_SHIFT = "no_shift"
    SELLING = "selling"
    PAYING = "paying"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something to say in words: a code with its parameters; `fault` when the world said no, not a rule."""

    code: str
    params: Mapping[str, Param] = field(default_factory=dict)
    fault: bool = False

    @classmethod
    def of(cls, error: GatehouseError) -> "Trouble":
        """From an error."""
        return cls(error.code, error.params, error.kind == "fault")


@dataclass(frozen=True, slots=True)
class Choice:
    """A performance on the board, or an event without performances."""

    event: int
    performance: int | None

    @classmethod
    def of(cls, row: PerformanceRow) -> "Choice":
        """The choice that a row of the board stands for."""
        return cls(row.event.number, row.performance.number if row.performance else None)


@dataclass(frozen=True, slots=True)
class BoardSection:
    """Rows under one heading: one local day, events without performances, or what has ended."""

    kind: Literal["day", "passes", "over"]
    rows: Sequence[PerformanceRow]


@dataclass(frozen=True, slots=True)
class Tile:
    """An offer as a tile: `number` 1…12 for an F-key, 0 for none; `few` when the last places are going."""

    offer: Offer
    number: int
    in_cart: int
    few: bool


@dataclass(frozen=True, slots=True)
class PromoFacts:
    """The row of the cart about its promo code. `name` and `off` of one that is on the cart; `left`: so often
    it may be used here still, None: without limit."""

    state: Literal["none", "asking", "on"] = "none"
    name: str = ""
    off: Money | None = None
    left: int | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class CartFacts:
    """The cart as shown. `total` is what is due before cash rounding; `tax_added` is part of it where
    tax comes on top of prices; `frozen` while a sale is being recorded."""

    lines: Sequence[CartLine]
    total: Money
    tax_added: Money | None
    tickets: int
    can_undo: bool
    frozen: bool
    promo: PromoFacts = PromoFacts()


@dataclass(frozen=True, slots=True)
class PayFacts:
    """The pay panel. `missing` and `change` are never both set; `busy` while the sale is being recorded."""

    due: Money
    remaining: Money
    tender: Tender
    given: Sequence[Tendered]
    amount_text: str
    reference: str
    quick: Sequence[Money]
    change: Money | None
    missing: Money | None
    busy: bool
    trouble: Trouble | None = None
    trouble_at: Literal["amount", "reference", "sale"] = "sale"


PaperState = Literal["none", "working", "saved", "opened", "printed", "failed"]


@dataclass(frozen=True, slots=True)
class Paper:
    """Where tickets and receipt of one order are. `files` are paths; `doing` is what works or failed."""

    state: PaperState = "none"
    doing: Literal["save", "open", "print"] = "save"
    files: Sequence[str] = ()
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class SaleDone:
    """A sale that was just made."""

    order: str
    receipt: str
    reference: str
    due: Money
    change: Money
    tickets: int
    paper: Paper


@dataclass(frozen=True, slots=True)
class Unprinted:
    """Sales that have not reached paper: the receipt number of the oldest, and how many there are in all."""

    receipt: str
    count: int
    working: bool
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A print job with the receipt number of its order."""

    job: PrintJob
    receipt: str


class SellView(Protocol):
    """The window as the presenter sees it. Every call replaces what was shown before."""

    def show_stage(self, stage: Stage, trouble: Trouble | None) -> None: ...
    def show_board(self, sections: Sequence[BoardSection], chosen: Choice | None) -> None: ...
    def show_tiles(self, tiles: Sequence[Tile], row: PerformanceRow | None) -> None: ...
    def show_cart(self, cart: CartFacts) -> None: ...
    def show_pay(self, pay: PayFacts) -> None: ...
    def show_done(self, done: SaleDone) -> None: ...
    def show_last(self, last: SaleDone | None) -> None: ...
    def show_notice(self, trouble: Trouble | None) -> None: ...
    def show_unprinted(self, unprinted: Unprinted | None) -> None: ...
    def show_doubts(self, count: int) -> None: ...
    def show_opening(self, currency: str, trouble: Trouble | None, *, busy: bool) -> None: ...


def cart_facts(cart: Cart, organization: Organization, promo: PromoFacts, *, frozen: bool) -> CartFacts:
    """The cart as it stands."""
    totals = cart.totals(organization)
    added = organization.tax_mode == "added"
    return CartFacts(
        lines=cart.lines,
        total=Money(totals.due_minor, totals.currency),
        tax_added=Money(totals.tax_minor, totals.currency) if added and totals.tax_minor else None,
        tickets=cart.tickets,
        can_undo=cart.can_undo,
        frozen=frozen,
        promo=promo,
    )


def named(trouble: Trouble, offers: Sequence[Offer], lines: Sequence[CartLine], lang: str) -> Trouble:
    """The same trouble with the product's and event's names in place of their codes."""
    known: list[Offer | CartLine] = [*offers, *lines]
    names = {
        "product": {it.product.code: localized(it.product.name, it.product.name_ru, lang) for it in known},
        "event": {it.event.code: localized(it.event.name, it.event.name_ru, lang) for it in known},
    }
    params = dict(trouble.params)
    for key, by_code in names.items():
        code = params.get(key)
        if isinstance(code, str):
            params[key] = by_code.get(code, code)
    return Trouble(trouble.code, params, trouble.fault)
