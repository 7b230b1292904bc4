"""What a sale is put together from: lines, the facts it is judged by, positions with their places."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.services.ports import Reads
from domain.actor import Actor
from domain.catalogue import Event, Performance, Product, zone_mask
from domain.clock import to_text
from domain.entry import canonical
from domain.ids import RandomBytes, ticket_serial
from domain.leases import Instant, SlotSource, Taken
from domain.order import Payment, PricedPosition, Totals
from domain.promo import PricedTicket, Promo, PromoAsked, counts_for
from domain.sale import SaleFacts, SaleLine, pools_of
from domain.validity import signed_window

POSITIONS_PER_ENTRY = 60
BYTES_PER_ENTRY = 48 * 1024
"""A sale of more tickets is a header and further parts, so that no entry outgrows its 64 KiB. Group tickets
are long: they list a place in every pool for each person."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a cart with what the catalogue says of it."""

    product: Product
    event: Event
    performance: Performance | None
    count: int
    shown_price_minor: int | None


def parts_of(positions: Sequence[dict[str, object]]) -> list[list[dict[str, object]]]:
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


def facts_of(
    read: Reads,
    lines: Sequence[Line],
    totals: Totals,
    payments: tuple[Payment, ...],
    actor: Actor,
    shift_open: bool,
    now: datetime,
    channel: str,
    promo: PromoAsked | None = None,
) -> SaleFacts:
    """What a sale is judged by, but for the places."""
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
        promo=promo,
    )


class Positions:
    """Makes the positions of a sale: serials, signed windows, and numbered slots in every pool. The use of a
    promo code is taken by the first ticket that it counts for."""

    def __init__(
        self,
        read: Reads,
        lines: Sequence[Line],
        random_bytes: RandomBytes,
        now: datetime,
        started: Instant,
        promo: Promo | None = None,
    ) -> None:
        self._read = read
        self._lines = lines
        self._random = random_bytes
        self._now = now
        station = read.station()
        self._lease = f"own:{station.station}:{station.epoch}"
        self._has_hub = station.has_hub
        self._started = started
        self._promo = promo if promo is not None and promo.pool is not None else None
        self._next: dict[int, int] = {}
        self._leased: dict[int, SlotSource] = {}

    def made(self, totals: Totals) -> list[dict[str, object]]:
        """The positions of a priced cart as entries have them."""
        expanded = [line for line in self._lines for _ in range(line.count)]
        return [self._made(line, priced) for line, priced in zip(expanded, totals.positions, strict=True)]

    def _made(self, line: Line, priced: PricedPosition) -> dict[str, object]:
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
                for taken in self._slots(pool.number, product.admits)
            ]
            + self._use(line),
        }

    def _use(self, line: Line) -> list[dict[str, object]]:
        promo, product = self._promo, line.product
        if promo is None or promo.pool is None:
            return []
        if not counts_for(promo, PricedTicket(product.number, line.event.number, product.price_minor)):
            return []
        self._promo = None
        return [
            {"pool": promo.pool, "lease": taken.lease, "slots": list(taken.slots)}
            for taken in self._slots(promo.pool, 1)
        ]

    def _slots(self, pool: int, people: int) -> list[Taken]:
        """A place for each person: from leases, or the next numbers where everything is one's own."""
        if self._has_hub:
            source = self._leased.get(pool)
            if source is None:
                source = SlotSource(self._read.leases([pool]), self._started)
                self._leased[pool] = source
            return source.take(people)
        first = self._next.get(pool) or self._read.next_slot(pool, self._lease)
        self._next[pool] = first + people
        return [Taken(self._lease, tuple(range(first, first + people)))]
