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
from app.services.room import room_of
from app.services.views import OrderView, Organization
from domain.actor import Actor, Permission
from domain.catalogue import Event, Performance, Product, zone_mask
from domain.clock import Clock, to_text
from domain.entry import CASH, Draft, canonical, event_feed
from domain.errors import GatehouseError, Refusal
from domain.ids import RandomBytes, short_reference, ticket_serial, uuid4
from domain.leases import Instant, SlotSource, Taken
from domain.money import Money, TaxMode
from domain.order import OrderLine, Payment, PricedPosition, Tender, Totals, change_due, price_cart
from domain.sale import Pool, SaleFacts, SaleLine, check_sale, pools_of
from domain.validity import signed_window

POSITIONS_PER_ENTRY = 60
BYTES_PER_ENTRY = 48 * 1024
"""A sale of more tickets is a header and further parts, so that no entry outgrows its 64 KiB. Group tickets
are long: they list a place in every pool for each person."""

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
    (`tickets`, `receipt`, `tickets+receipt`; empty = nothing)."""

    items: Sequence[Item]
    tendered: Sequence[Tendered]
    channel: str = "desk"
    customer: str | None = None
    print_what: str = "tickets+receipt"


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale that is durable. `codes` are the texts for the QR by ticket serial; `print_job` is 0 when
    nothing was queued."""

    order: OrderView
    codes: Mapping[str, str]
    change: Money
    print_job: int


@dataclass(frozen=True, slots=True)
class _Line:
    product: Product
    event: Event
    performance: Performance | None
    count: int
    shown_price_minor: int | None


class QuoteCart:
    """Prices a cart without selling it: what the pay panel shows."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, items: Sequence[Item], tendered: Sequence[Tendered] = ()) -> Totals:
        """Totals at the prices of now. Refuses PRODUCT_UNKNOWN, PERFORMANCE_UNKNOWN."""
        with self._store.read() as read:
            lines = _lines(read, items)
            tenders = [paid.tender for paid in tendered]
            return _price(read.organization(), lines, tenders, _noncash(tendered))


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
            shift = work.read.open_shift(work.read.station().station)
            drafts, change = self.drafts_for(work, order, request, actor, started)
            work.append_many(drafts, actor, shift=shift.shift if shift else None)
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
        shift = work.read.open_shift(work.read.station().station)
        lines = _lines(work.read, request.items)
        organization = work.read.organization()
        tenders = [paid.tender for paid in request.tendered]
        totals = _price(organization, lines, tenders, _noncash(request.tendered))
        payments = _payments(request.tendered, organization.currency)
        facts = _facts(work.read, lines, totals, payments, actor, shift is not None, now, request.channel)
        self._check(work.read, facts, started)
        check_tenders(request.tendered)
        change = change_due(totals.due, payments)
        positions = _Positions(work.read, lines, self._random, now, started).made(totals)
        return self._drafts(work, order, request, lines, totals, change, now, positions), change

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
            if refusal.code == "SOLD_OUT":
                self._nudge()
            raise

    def _drafts(
        self,
        work: Work,
        order: str,
        request: SaleRequest,
        lines: Sequence[_Line],
        totals: Totals,
        change: Money,
        now: datetime,
        positions: Sequence[dict[str, object]],
    ) -> list[Draft]:
        station = work.read.station()
        number = work.read.next_receipt_number(station.prefix, station.epoch, station.practice)
        common = {
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
        payments = payment_bodies(request.tendered, change, self._random)
        feeds = (CASH, *(event_feed(line.event.number) for line in lines))
        parts = _parts(positions)
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
        self, items: Sequence[Item], until: datetime, actor: Actor, channel: str = "desk"
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
        request = SaleRequest(items, (), channel, print_what="")
        with self._store.begin() as work:
            shift = work.read.open_shift(work.read.station().station)
            lines = _lines(work.read, items)
            totals = _price(work.read.organization(), lines, [], 0)
            facts = _facts(work.read, lines, totals, (), actor, shift is not None, now, channel)
            self._check(work.read, replace(facts, total=None), started)
            positions = _Positions(work.read, lines, self._random, now, started).made(totals)
            sold = self._drafts(
                work, order, request, lines, totals, Money(0, totals.currency), now, positions
            )
            drafts = [_as_reservation(draft, until) for draft in sold]
            work.append_many(drafts, actor, shift=shift.shift if shift else None)
            view = work.read.order(order)
            work.commit()
        self._nudge()
        if view is None:
            raise AssertionError("an order that was just reserved is not there")
        return Reserved(view, until)


def _as_reservation(draft: Draft, until: datetime) -> Draft:
    """A sale's entry without its money: the receipt comes with the payment."""
    body = dict(draft.body)
    del body["payments"]
    practice = body.pop("receipt")["practice"]
    reserved_at = body.pop("sold_at")
    body |= {"reserved_at": reserved_at, "until_at": to_text(until), "practice": practice}
    return Draft("order_reserved", draft.feeds, body)


def _parts(positions: Sequence[dict[str, object]]) -> list[list[dict[str, object]]]:
    """Positions in their order, cut where the next one would make an entry too long."""
    parts: list[list[dict[str, object]]] = []
    size = 0
    for position in positions:
        length = len(canonical(position))
        if not parts or len(parts[-1]) == POSITIONS_PER_ENTRY or size + length > BYTES_PER_ENTRY:
            parts.append([])
            size = 0
        parts[-1].append(position)
        size += length
    return parts


def _lines(read: Reads, items: Sequence[Item]) -> list[_Line]:
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
        lines.append(_Line(product, event, performance, item.count, item.shown_price_minor))
    return lines


def _price(
    organization: Organization, lines: Sequence[_Line], tenders: Sequence[Tender], noncash: int
) -> Totals:
    return price_cart(
        [OrderLine(line.product, line.performance, line.count) for line in lines],
        organization.currency,
        TaxMode(organization.tax_mode),
        smallest_coin=organization.smallest_coin,
        tenders=tenders,
        noncash_minor=noncash,
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


def _facts(
    read: Reads,
    lines: Sequence[_Line],
    totals: Totals,
    payments: tuple[Payment, ...],
    actor: Actor,
    shift_open: bool,
    now: datetime,
    channel: str,
) -> SaleFacts:
    quotas = read.quotas([number for line in lines for number in line.product.quotas])
    return SaleFacts(
        actor=actor,
        shift_open=shift_open,
        at=now,
        lines=tuple(
            SaleLine(line.product, line.event, line.performance, line.count, line.shown_price_minor)
            for line in lines
        ),
        quotas=quotas,
        channel=channel,
        total=totals.due,
        payments=payments,
    )


class _Positions:
    """Makes the positions of a sale: serials, signed windows, and numbered slots in every pool."""

    def __init__(
        self,
        read: Reads,
        lines: Sequence[_Line],
        random_bytes: RandomBytes,
        now: datetime,
        started: Instant,
    ) -> None:
        self._read = read
        self._lines = lines
        self._random = random_bytes
        self._now = now
        self._day_ends = read.organization().day_ends_hour
        station = read.station()
        self._lease = f"own:{station.station}:{station.epoch}"
        self._has_hub = station.has_hub
        self._started = started
        self._next: dict[int, int] = {}
        self._leased: dict[int, SlotSource] = {}

    def made(self, totals: Totals) -> list[dict[str, object]]:
        expanded = [line for line in self._lines for _ in range(line.count)]
        return [self._made(line, priced) for line, priced in zip(expanded, totals.positions, strict=True)]

    def _made(self, line: _Line, priced: PricedPosition) -> dict[str, object]:
        product, amounts = line.product, priced.amounts
        valid_from_at, valid_until_at = signed_window(
            product.validity, self._now, line.performance, line.event.zone
        )
        quotas = self._read.quotas(product.quotas)
        return {
            "serial": ticket_serial(self._random),
            "product": product.number,
            "event": line.event.number,
            "performance": line.performance.number if line.performance else None,
            "price_minor": amounts.price_minor,
            "discount_minor": amounts.discount_minor,
            "net_minor": amounts.net_minor,
            "tax_minor": amounts.tax_minor,
            "gross_minor": amounts.gross_minor,
            "rounding_minor": amounts.rounding_minor,
            "tax_rate_bp": amounts.tax_rate_bp,
            "price_version": product.price_version,
            "admits": product.admits,
            "zones": zone_mask(product.zones),
            "seat": None,
            "valid_from_at": to_text(valid_from_at) if valid_from_at else None,
            "valid_until_at": to_text(valid_until_at) if valid_until_at else None,
            "is_pass": product.is_pass,
            "slots": [
                {"pool": pool.number, "lease": taken.lease, "slots": list(taken.slots)}
                for pool in pools_of(product, line.performance, quotas)
                for taken in self._slots(pool, product.admits)
            ],
        }

    def _slots(self, pool: Pool, people: int) -> list[Taken]:
        """A place for each person: from leases, or the next numbers where everything is one's own."""
        if self._has_hub:
            source = self._leased.get(pool.number)
            if source is None:
                source = SlotSource(self._read.leases([pool.number]), self._started)
                self._leased[pool.number] = source
            return source.take(people)
        first = self._next.get(pool.number) or self._read.next_slot(pool.number, self._lease)
        self._next[pool.number] = first + people
        return [Taken(self._lease, tuple(range(first, first + people)))]
