"""Whether a sale may be made: the refusals, in their order, and the places that are left."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.actor import Actor, Permission
from domain.catalogue import Event, Performance, Product, Quota
from domain.clock import to_text
from domain.errors import Refusal
from domain.money import Money
from domain.order import Payment, change_due, check_reference
from domain.promo import PricedTicket, PromoAsked, check_promo
from domain.states import EventState


class Pool(NamedTuple):
    """Names a pool of places: a performance's own capacity (`kind` "performance") or a quota ("quota")."""

    kind: str
    number: int


class Places(NamedTuple):
    """Places left in a pool: what this station may still sell, and what is left in all as far as it knows."""

    here: int
    all: int


@dataclass(frozen=True, slots=True)
class SaleLine:
    """`count` tickets of a product. `shown_price_minor`: the price the guest was told, None = the present."""

    product: Product
    event: Event
    performance: Performance | None = None
    count: int = 1
    shown_price_minor: int | None = None


@dataclass(frozen=True, slots=True)
class SaleFacts:
    """All that decides a sale. `places` holds every pool that `pools_of` names for the lines; a pool that is
    missing there has no limit. `total` and `payments` are None and empty where nothing is paid yet (a
    reservation). `promo`: the code that was shown, if any. `voucher_problem`: why a voucher is not good, None
    = it is."""

    actor: Actor
    shift_open: bool
    at: datetime
    lines: tuple[SaleLine, ...]
    quotas: Mapping[int, Quota] = field(default_factory=dict)
    places: Mapping[Pool, Places] = field(default_factory=dict)
    channel: str = "desk"
    total: Money | None = None
    payments: tuple[Payment, ...] = ()
    voucher_problem: str | None = None
    promo: PromoAsked | None = None


def pools_of(
    product: Product, performance: Performance | None, quotas: Mapping[int, Quota]
) -> tuple[Pool, ...]:
    """Every pool a ticket takes a place from: the performance, its quotas and their parents; each once.

    Quotas of other performances are left out, as are those whose `quotas` entry is missing.
    """
    pools: dict[Pool, None] = {}
    if performance is not None and performance.capacity is not None:
        pools[Pool("performance", performance.number)] = None
    for number in product.quotas:
        following: int | None = number
        while following is not None and Pool("quota", following) not in pools and following in quotas:
            quota = quotas[following]
            if quota.performance is not None and (
                performance is None or quota.performance != performance.number
            ):
                break
            pools[Pool("quota", following)] = None
            following = quota.parent
    return tuple(pools)


def places_left(
    product: Product,
    performance: Performance | None,
    quotas: Mapping[int, Quota],
    places: Mapping[Pool, Places],
) -> Places | None:
    """Places left for a product: the least over all its pools; None = no limit.

    In people: a ticket that admits 4 needs 4 of them. Never below zero, even after overselling.
    """
    found = [places[pool] for pool in pools_of(product, performance, quotas) if pool in places]
    if not found:
        return None
    return Places(max(0, min(left.here for left in found)), max(0, min(left.all for left in found)))


def check_sale(facts: SaleFacts) -> None:
    """Raise the first Refusal in the order of the box office, or return when the sale may be made.

    NOT_SIGNED_IN · NOT_ALLOWED (permission) · NO_SHIFT · EMPTY_CART · EVENT_DRAFT, EVENT_CANCELLED,
    EVENT_FINISHED (event) · NOT_SOLD_HERE (product) · SALES_NOT_BEGUN, SALES_OVER (product, at) · SOLD_OUT
    (product, left_here, left_all, wanted: people) · ORDER_LIMIT (product, max, wanted) · PRICE_CHANGED
    (product, from_minor, to_minor, currency) · PROMO_… (domain.promo.check_promo) · VOUCHER_INVALID (why) ·
    TENDER_SHORT (missing_minor, currency) · TENDER_OVER (over_minor, currency) · REFERENCE_IS_CARD. `event`
    and `product` are codes.
    """
    for rule in SALE_RULES:
        rule(facts)


def _who(facts: SaleFacts) -> None:
    if facts.actor.user is None:
        raise Refusal("NOT_SIGNED_IN")
    if not facts.actor.may(Permission.SELL):
        raise Refusal("NOT_ALLOWED", permission=Permission.SELL.value)
    if not facts.shift_open:
        raise Refusal("NO_SHIFT")


def _cart(facts: SaleFacts) -> None:
    if not facts.lines:
        raise Refusal("EMPTY_CART")


def _events(facts: SaleFacts) -> None:
    for state, code in _EVENT_REFUSALS:
        for line in facts.lines:
            if line.event.state is state:
                raise Refusal(code, event=line.event.code)


def _place_of_sale(facts: SaleFacts) -> None:
    for line in facts.lines:
        product = line.product
        in_channel = not product.channels or facts.channel in product.channels
        if product.event != line.event.number or not in_channel or not product.sold_for(line.performance):
            raise Refusal("NOT_SOLD_HERE", product=product.code)


def _sales_not_begun(facts: SaleFacts) -> None:
    for line in facts.lines:
        begins_at = sales_begin(line.product, line.performance)
        if begins_at is not None and facts.at < begins_at:
            raise Refusal("SALES_NOT_BEGUN", product=line.product.code, at=to_text(begins_at))


def _sales_over(facts: SaleFacts) -> None:
    for line in facts.lines:
        ends_at = sales_end(line.product, line.performance)
        if ends_at is not None and facts.at >= ends_at:
            raise Refusal("SALES_OVER", product=line.product.code, at=to_text(ends_at))


def sales_begin(product: Product, performance: Performance | None) -> datetime | None:
    """When selling begins: the latest of the limits that are set; None = at once."""
    limits = (product.sales_from_at, None if performance is None else performance.sales_from_at)
    return max((at for at in limits if at is not None), default=None)


def sales_end(product: Product, performance: Performance | None) -> datetime | None:
    """When selling ends: the earliest of all limits; None = never.

    Where nobody set a limit for a performance, it is sold until it ends (until it starts, if its end is not
    known). A pass for a range is not sold after it.
    """
    limits = [product.sales_until_at, product.validity.range_until_at]
    if performance is not None:
        limits.append(performance.sales_until_at)
        if product.sales_until_at is None and performance.sales_until_at is None:
            limits.append(performance.ends_at or performance.starts_at)
    return min((at for at in limits if at is not None), default=None)


def _sold_out(facts: SaleFacts) -> None:
    """Places are asked for by the whole cart at once: two products may draw from one pool."""
    wanted: Counter[Pool] = Counter()
    for line in facts.lines:
        people = line.count * line.product.admits
        taken_before = Counter(wanted)
        pools = pools_of(line.product, line.performance, facts.quotas)
        wanted.update(dict.fromkeys(pools, people))
        for pool in pools:
            left = facts.places.get(pool)
            if left is not None and wanted[pool] > left.here:
                raise _no_places(facts, line, people, taken_before)


def _no_places(facts: SaleFacts, line: SaleLine, people: int, taken: Counter[Pool]) -> Refusal:
    """What is left beside the lines of the cart that come before this one."""
    places = {
        pool: Places(left.here - taken[pool], left.all - taken[pool]) for pool, left in facts.places.items()
    }
    left = places_left(line.product, line.performance, facts.quotas, places) or Places(0, 0)
    return Refusal(
        "SOLD_OUT", product=line.product.code, left_here=left.here, left_all=left.all, wanted=people
    )


def _order_limit(facts: SaleFacts) -> None:
    wanted: Counter[int] = Counter()
    for line in facts.lines:
        product = line.product
        wanted[product.number] += line.count
        if product.max_per_order is not None and wanted[product.number] > product.max_per_order:
            raise Refusal(
                "ORDER_LIMIT",
                product=product.code,
                max=product.max_per_order,
                wanted=wanted[product.number],
            )


def _price_changed(facts: SaleFacts) -> None:
    for line in facts.lines:
        product, shown = line.product, line.shown_price_minor
        if shown is not None and shown != product.price_minor:
            raise Refusal(
                "PRICE_CHANGED",
                product=product.code,
                from_minor=shown,
                to_minor=product.price_minor,
                currency=product.currency,
            )


def tickets_of(lines: Iterable[SaleLine]) -> list[PricedTicket]:
    """One by one, as a promo code looks at them."""
    return [
        PricedTicket(line.product.number, line.event.number, line.product.price_minor)
        for line in lines
        for _ in range(line.count)
    ]


def _promo(facts: SaleFacts) -> None:
    if facts.promo is not None:
        check_promo(facts.promo, tickets_of(facts.lines), facts.at)


def _voucher(facts: SaleFacts) -> None:
    if facts.voucher_problem is not None:
        raise Refusal("VOUCHER_INVALID", why=facts.voucher_problem)


def _payment(facts: SaleFacts) -> None:
    if facts.total is not None:
        change_due(facts.total, facts.payments)
    for payment in facts.payments:
        check_reference(payment.reference)


_EVENT_REFUSALS = (
    (EventState.DRAFT, "EVENT_DRAFT"),
    (EventState.CANCELLED, "EVENT_CANCELLED"),
    (EventState.FINISHED, "EVENT_FINISHED"),
)

SALE_RULES: tuple[Callable[[SaleFacts], None], ...] = (
    _who,
    _cart,
    _events,
    _place_of_sale,
    _sales_not_begun,
    _sales_over,
    _sold_out,
    _order_limit,
    _price_changed,
    _promo,
    _voucher,
    _payment,
)
"""Each raises its Refusal or returns; in the order in which they decide."""
