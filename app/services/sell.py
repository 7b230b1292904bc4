"""Selling: one request, one transaction, one entry; then paper.

The sale is judged and recorded inside one write transaction. Printing comes after it, from a queue that is
part of the same commit, so that a kill between sale and print leaves a job to be done at the next start.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.services.access import require
from app.services.offers import pool_places
from app.services.orders import codes_of
from app.services.ports import CodeSigner, FreeBytes, Nudge, Reads, Store, Work
from app.services.promos import promo_for, taken_off
from app.services.room import room_of
from app.services.sale_parts import Line, Positions, facts_of, parts_of
from app.services.views import OrderView, Organization
from domain.actor import Actor, Permission
from domain.clock import Clock, to_text
from domain.entry import CASH, Draft, event_feed
from domain.errors import GatehouseError, Refusal
from domain.ids import RandomBytes, short_reference, uuid4
from domain.leases import Instant
from domain.money import Money, TaxMode
from domain.order import OrderLine, Payment, Tender, Totals, change_due, price_cart
from domain.promo import Promo
from domain.sale import SaleFacts, check_sale

TENDERS = (Tender.CASH, Tender.CARD)
"""What a sale may be paid with; a free ticket or a voucher needs an approval or a check of its own."""


@dataclass(frozen=True, slots=True)
class Item:
    """`count` tickets of a product as they stand in the cart, at the price that was shown."""

    product: int
    performance: int | None
    count: int
    shown_price_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Tendered:
    """What the guest gives: for cash the notes on the counter, for a card exactly what was charged."""

    tender: Tender
    amount_minor: int
    reference: str = ""


@dataclass(frozen=True, slots=True)
class SaleRequest:
    """One sale. `channel` is where it is made; `customer` a document id; `print_what` is queued with it
    (`tickets`, `receipt`, `tickets+receipt`; empty = nothing); `promo` is a code as it was shown."""

    items: Sequence[Item]
    tendered: Sequence[Tendered]
    channel: str = "desk"
    customer: str | None = None
    print_what: str = "tickets+receipt"
    promo: str = ""


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale that is durable. `codes` are the texts for the QR by ticket serial; `print_job` is 0 when
    nothing was queued."""

    order: OrderView
    codes: Mapping[str, str]
    change: Money
    print_job: int


class SellOrder:
    """Sells a cart; answers when it is durable. Refuses with the codes of domain.sale.check_sale, and with
    TENDER_NOT_TAKEN (tender), AMOUNT_INVALID (text) and REVOKED (the organization has shut this station
    out: its codes would open no gate), and with what `may_sell` says (app.services.may_sell). Raises Fault
    DISK_LOW while there is still room to write down what was sold.

    Each call is a sale of its own: that one press is one sale is the business of whoever calls.
    """

    def __init__(
        self,
        store: Store,
        signer: CodeSigner,
        clock: Clock,
        random_bytes: RandomBytes,
        nudge: Nudge,
        revoked: Callable[[], bool] = lambda: False,
        free_bytes: FreeBytes = lambda: None,
        may_sell: Callable[[], GatehouseError | None] = lambda: None,
    ) -> None:
        self._store = store
        self._free_bytes = free_bytes
        self._revoked = revoked
        self._may_sell = may_sell
        self._signer = signer
        self._clock = clock
        self._random = random_bytes
        self._nudge = nudge

    def __call__(self, request: SaleRequest, actor: Actor) -> Sold:
        """One sale. Nothing is changed when it raises."""
        require(actor, Permission.SELL)
        if (hindrance := self.hindrance()) is not None:
            raise hindrance
        started = Instant.of(self._clock)
        order = uuid4(self._random)
        with self._store.begin() as work:
            shift = work.read.running_shift(work.read.station().station)
            drafts, change = self.drafts_for(work, order, request, actor, started)
            work.append_many(drafts, actor, shift=shift)
            job = work.add_print_job(order, request.print_what) if request.print_what else 0
            view = work.read.order(order)
            work.commit()
        self._nudge()
        if view is None:
            raise AssertionError("an order that was just sold is not there")
        return Sold(view, codes_of(view, self._signer), change, job)

    def drafts_for(
        self, work: Work, order: str, request: SaleRequest, actor: Actor, started: Instant
    ) -> tuple[list[Draft], Money]:
        """Judge a sale within a transaction: its entries, to be appended there, and the change."""
        now = self._clock.now()
        shift = work.read.running_shift(work.read.station().station)
        lines = _lines(work.read, request.items)
        organization = work.read.organization()
        tenders = [paid.tender for paid in request.tendered]
        promo = promo_for(work.read, request.promo, lines, started)
        totals = _price(organization, lines, tenders, _noncash(request.tendered), taken_off(promo, lines))
        payments = _payments(request.tendered, organization.currency)
        selling = shift is not None
        facts = facts_of(
            work.read, lines, totals, payments, actor, selling, now, request.channel, promo=promo
        )
        self._check(work.read, facts, started)
        check_tenders(request.tendered)
        change = change_due(totals.due, payments)
        used = promo.promo if promo else None
        positions = Positions(work.read, lines, self._random, now, started, used).made(totals)
        return self._drafts(work, order, request, lines, totals, change, now, positions, used), change

    @staticmethod
    def due_for(work: Work, items: Sequence[Item], tendered: Sequence[Tendered] = ()) -> int:
        """What a cart costs, in minor units, when it is paid with these tenders."""
        tenders = [paid.tender for paid in tendered]
        lines = _lines(work.read, items)
        return _price(work.read.organization(), lines, tenders, _noncash(tendered)).due_minor

    def hindrance(self) -> GatehouseError | None:
        """Why this station takes no money at all now, to be shown before a sale begins: REVOKED, DISK_LOW
        (megabytes, least), or what `may_sell` says. Quick."""
        return Refusal("REVOKED") if self._revoked() else room_of(self._free_bytes) or self._may_sell()

    def _check(self, read: Reads, facts: SaleFacts, started: Instant) -> None:
        """Judge the sale as of its start. Where places are missing here, the hub is asked at once."""
        pairs = [(line.product, line.performance) for line in facts.lines]
        places = pool_places(read, pairs, facts.quotas, started)
        try:
            check_sale(replace(facts, places=places))
        except Refusal as refusal:
            if refusal.code in ("SOLD_OUT", "PROMO_OVER"):
                self._nudge()
            raise

    def _drafts(
        self,
        work: Work,
        order: str,
        request: SaleRequest,
        lines: Sequence[Line],
        totals: Totals,
        change: Money,
        now: datetime,
        positions: Sequence[dict[str, object]],
        promo: Promo | None,
    ) -> list[Draft]:
        station = work.read.station()
        number = work.read.next_receipt_number(station.prefix, station.epoch, station.practice)
        common: dict[str, object] = {
            "order": order,
            "reference": short_reference(order.replace("-", "")),
            "channel": request.channel,
            "currency": totals.currency,
            "customer": request.customer,
            "key_id": self._signer.key_id.hex(),
            "sold_at": to_text(now),
            "receipt": {
                "prefix": station.prefix,
                "epoch": station.epoch,
                "number": number,
                "practice": station.practice,
            },
            "totals": {
                "gross_minor": totals.gross_minor,
                "discount_minor": totals.discount_minor,
                "net_minor": totals.net_minor,
                "tax_minor": totals.tax_minor,
                "rounding_minor": totals.rounding_minor,
                "due_minor": totals.due_minor,
            },
        }
        if promo is not None:
            common["promo"] = promo.number
        payments = payment_bodies(request.tendered, change, self._random)
        feeds = (CASH, *(event_feed(line.event.number) for line in lines))
        parts = parts_of(positions)
        drafts = []
        for number_of_part, part in enumerate(parts, 1):
            body = {**common, "positions": part, "payments": payments if number_of_part == 1 else []}
            if len(parts) > 1:
                body["part"] = {"number": number_of_part, "of": len(parts)}
            drafts.append(Draft("order_sold", feeds, body))
        return drafts


@dataclass(frozen=True, slots=True)
class Reserved:
    """A reservation that is durable: places are kept until `until`, and then given up by whoever holds its
    right."""

    order: OrderView
    until: datetime


class ReserveOrder(SellOrder):
    """Keeps places for somebody who pays later. Judged as a sale but for the money; refuses UNTIL_PAST."""

    def reserve(
        self,
        items: Sequence[Item],
        until: datetime,
        actor: Actor,
        channel: str = "desk",
        promo: str = "",
    ) -> Reserved:
        """One reservation. Nothing is changed when it raises."""
        require(actor, Permission.SELL)
        if (hindrance := self.hindrance()) is not None:
            raise hindrance
        started = Instant.of(self._clock)
        now = self._clock.now()
        if until <= now:
            raise Refusal("UNTIL_PAST", at=to_text(until))
        order = uuid4(self._random)
        request = SaleRequest(items, (), channel, print_what="", promo=promo)
        with self._store.begin() as work:
            shift = work.read.running_shift(work.read.station().station)
            drafts = self.drafts_to_reserve(work, order, request, until, actor, started)
            work.append_many(drafts, actor, shift=shift)
            view = work.read.order(order)
            work.commit()
        self._nudge()
        if view is None:
            raise AssertionError("an order that was just reserved is not there")
        return Reserved(view, until)

    def drafts_to_reserve(
        self, work: Work, order: str, request: SaleRequest, until: datetime, actor: Actor, started: Instant
    ) -> list[Draft]:
        """Judge a reservation within a transaction: its entries, to be appended there."""
        now = self._clock.now()
        shift = work.read.running_shift(work.read.station().station)
        lines = _lines(work.read, request.items)
        promo = promo_for(work.read, request.promo, lines, started)
        totals = _price(work.read.organization(), lines, [], 0, taken_off(promo, lines))
        selling = shift is not None
        facts = facts_of(work.read, lines, totals, (), actor, selling, now, request.channel, promo=promo)
        self._check(work.read, replace(facts, total=None), started)
        used = promo.promo if promo else None
        positions = Positions(work.read, lines, self._random, now, started, used).made(totals)
        nothing = Money(0, totals.currency)
        sold = self._drafts(work, order, request, lines, totals, nothing, now, positions, used)
        return [_as_reservation(draft, until) for draft in sold]


def _as_reservation(draft: Draft, until: datetime) -> Draft:
    """A sale's entry without its money: the receipt comes with the payment."""
    body = dict(draft.body)
    del body["payments"]
    practice = body.pop("receipt")["practice"]
    reserved_at = body.pop("sold_at")
    body |= {"reserved_at": reserved_at, "until_at": to_text(until), "practice": practice}
    return Draft("order_reserved", draft.feeds, body)


def _lines(read: Reads, items: Sequence[Item]) -> list[Line]:
    currency = read.organization().currency
    lines = []
    for item in items:
        product = read.product(item.product)
        event = read.event(product.event) if product else None
        if product is None or event is None:
            raise Refusal("PRODUCT_UNKNOWN", product=str(item.product))
        if product.currency != currency:
            raise Refusal("NOT_SOLD_HERE", product=product.code)
        performance = None
        if item.performance is not None:
            performance = read.performance(item.performance)
            if performance is None:
                raise Refusal("PERFORMANCE_UNKNOWN", performance=str(item.performance))
        lines.append(Line(product, event, performance, item.count, item.shown_price_minor))
    return lines


def _price(
    organization: Organization,
    lines: Sequence[Line],
    tenders: Sequence[Tender],
    noncash: int,
    discounts: Sequence[int] | None = None,
) -> Totals:
    return price_cart(
        [OrderLine(line.product, line.performance, line.count) for line in lines],
        organization.currency,
        TaxMode(organization.tax_mode),
        smallest_coin=organization.smallest_coin,
        tenders=tenders,
        noncash_minor=noncash,
        discounts=discounts,
    )


def _noncash(tendered: Sequence[Tendered]) -> int:
    return sum(paid.amount_minor for paid in tendered if paid.tender is not Tender.CASH)


def _payments(tendered: Sequence[Tendered], currency: str) -> tuple[Payment, ...]:
    return tuple(
        Payment(paid.tender, Money(paid.amount_minor, currency), paid.reference) for paid in tendered
    )


def check_tenders(tendered: Sequence[Tendered]) -> None:
    for paid in tendered:
        if paid.tender not in TENDERS:
            raise Refusal("TENDER_NOT_TAKEN", tender=paid.tender.value)
        if paid.amount_minor < 0:
            raise Refusal("AMOUNT_INVALID", text=str(paid.amount_minor))


def payment_bodies(
    tendered: Sequence[Tendered], change: Money, random_bytes: RandomBytes
) -> list[dict[str, object]]:
    """Change is taken off the cash payments, first one first, so that amounts add up to what is due."""
    left = change.minor
    bodies: list[dict[str, object]] = []
    for paid in tendered:
        back = min(left, paid.amount_minor) if paid.tender is Tender.CASH else 0
        left -= back
        bodies.append(
            {
                "payment": uuid4(random_bytes),
                "tender": paid.tender.value,
                "amount_minor": paid.amount_minor - back,
                "tendered_minor": paid.amount_minor,
                "change_minor": back,
                "reference": paid.reference or None,
            }
        )
    return bodies
