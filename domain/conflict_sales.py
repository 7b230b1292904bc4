"""Conflicts of sales: after a cancellation, at an old price, one seat or place twice, more than there are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.conflict_tickets import Act
from domain.conflicts import Code, Finding, SubjectKind, finding, subject_of


@dataclass(frozen=True, slots=True)
class Sold:
    """One ticket of an order, as far as conflicts ask. `slots` are its places in the pool asked about."""

    entry_id: str
    hlc: str
    order: str
    serial: str
    at_ms: int
    event: int = 0
    product: int = 0
    price_version: int = 0
    people: int = 1


@dataclass(frozen=True, slots=True)
class Price:
    """A price of a product came into force."""

    entry_id: str
    hlc: str
    product: int
    version: int


@dataclass(frozen=True, slots=True)
class Place:
    """One numbered place of a lease, taken by a ticket."""

    lease: str
    slot: int
    sold: Sold


def order_conflicts(
    order: str, positions: Sequence[Sold], cancellations: Sequence[Act], prices: Sequence[Price]
) -> list[Finding]:
    """SOLD_AFTER_CANCEL per event and PRICE_STALE per product of an order; times are those of the stamps, so
    a till that had not heard of the change is found too."""
    subject = subject_of(SubjectKind.ORDER, order)
    late: dict[tuple[Code, str], set[str]] = defaultdict(set)
    for sold in positions:
        before = [act.entry_id for act in cancellations if act.event == sold.event and act.hlc < sold.hlc]
        if before:
            late[Code.SOLD_AFTER_CANCEL, str(sold.event)] |= {sold.entry_id, *before}
        newer = [
            price
            for price in prices
            if price.product == sold.product and price.version > sold.price_version and price.hlc < sold.hlc
        ]
        if newer:
            last = max(newer, key=lambda price: (price.hlc, price.entry_id))
            late[Code.PRICE_STALE, str(sold.product)] |= {sold.entry_id, last.entry_id}
    at_ms = min((sold.at_ms for sold in positions), default=0)
    event = min((sold.event for sold in positions), default=0)
    return [
        finding(code, subject, entries, at_ms, window=window, event=event)
        for (code, window), entries in sorted(late.items())
    ]


def seat_conflicts(performance: int, seat: str, holders: Sequence[Sold]) -> list[Finding]:
    """SEAT_TWICE: several tickets for one seat of one performance."""
    if len({sold.serial for sold in holders}) < 2:
        return []
    subject = subject_of(SubjectKind.SEAT, performance, seat)
    return [
        finding(
            Code.SEAT_TWICE, subject, (sold.entry_id for sold in holders), _second(holders).at_ms,
            event=holders[0].event,
        )
    ]  # fmt: skip


def pool_conflicts(pool: int, excess: int, places: Sequence[Place]) -> list[Finding]:
    """LEASE_SLOT_REUSED per lease, and LEASE_OVERRUN where more places are sold than the pool has.

    `excess`: by how many (see `excess_of`). Oversold stands on the sales that were too many, the latest by
    their stamps. `places` may be all that are taken, or only those that the rule looks at: everything that
    is taken of a place with more than one ticket, and the `excess` that were sold last.
    """
    subject = subject_of(SubjectKind.POOL, pool)
    found = []
    for lease, sales in sorted(_reused(places).items()):
        found.append(
            finding(
                Code.LEASE_SLOT_REUSED, subject, (sold.entry_id for sold in sales), _second(sales).at_ms,
                window=lease, event=min(sold.event for sold in sales),
            )
        )  # fmt: skip
    if excess > 0:
        ordered = sorted(places, key=lambda each: (each.sold.hlc, each.sold.entry_id, each.lease, each.slot))
        beyond = [each.sold for each in ordered[-excess:]]
        found.append(
            finding(
                Code.LEASE_OVERRUN, subject, (sold.entry_id for sold in beyond),
                min(sold.at_ms for sold in beyond), event=min(sold.event for sold in beyond),
            )
        )  # fmt: skip
    return found


def excess_of(capacity: int | None, taken: int) -> int:
    """How many places were sold that a pool does not have; `capacity` None: it has no limit."""
    return 0 if capacity is None else max(0, taken - capacity)


def _reused(places: Sequence[Place]) -> Mapping[str, list[Sold]]:
    """The sales that share a place with another order, by lease."""
    holders: dict[tuple[str, int], list[Sold]] = defaultdict(list)
    for place in places:
        holders[place.lease, place.slot].append(place.sold)
    reused: dict[str, list[Sold]] = defaultdict(list)
    for (lease, _slot), sales in holders.items():
        if len({sold.order for sold in sales}) > 1:
            reused[lease] += sales
    return reused


def _second(sales: Sequence[Sold]) -> Sold:
    """The earliest sale that should not have been: the second."""
    return sorted(sales, key=lambda sold: (sold.hlc, sold.entry_id))[1]
