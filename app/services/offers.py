"""What is for sale now: the board of performances, and the products with places left and reasons why not."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from app.services.access import require
from app.services.ports import Reads, Store
from app.services.views import Offer, PerformanceRow, Places
from domain.actor import SYSTEM, Actor, Permission
from domain.catalogue import Performance, Product, Quota
from domain.clock import Clock
from domain.errors import Refusal
from domain.leases import Held, Instant, places_here
from domain.sale import Places as PoolPlaces
from domain.sale import Pool, SaleFacts, SaleLine, check_sale, pools_of

STILL_SHOWN = timedelta(hours=6)
"""How long after its end a performance stays on the board, for late door sales and questions."""


class Board:
    """Performances that can be sold or entered, and events without performances."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def __call__(self, actor: Actor) -> Sequence[PerformanceRow]:
        """By start; events without performances last."""
        require(actor, Permission.CHECK)
        with self._store.read() as read:
            return read.board(self._clock.now() - STILL_SHOWN)


class Offers:
    """The tiles of one performance or event, in the order of their F-keys."""

    def __init__(self, store: Store, clock: Clock, away: Callable[[], bool] = lambda: False) -> None:
        self._store = store
        self._clock = clock
        self._away = away

    def __call__(self, event: int, performance: int | None, actor: Actor) -> Sequence[Offer]:
        """One offer per product. A product that cannot be sold now carries the code that would refuse it."""
        require(actor, Permission.CHECK)
        now = self._clock.now()
        with self._store.read() as read:
            shown = read.event(event)
            if shown is None:
                raise Refusal("EVENT_UNKNOWN", event=str(event))
            at = read.performance(performance) if performance is not None else None
            products = [product for product in read.products(event) if product.sold_for(at)]
            quotas = read.quotas([number for product in products for number in product.quotas])
            pairs = [(product, at) for product in products]
            left = pool_places(read, pairs, quotas, Instant.of(self._clock))
        offers = []
        for product in products:
            # The seller's own right and shift are asked for at the sale; a tile speaks of the product only.
            line = SaleLine(product, shown, at)
            facts = SaleFacts(SYSTEM, True, now, (line,), quotas, left)
            refusal = _why_not(facts, self._away)
            offers.append(
                Offer(
                    product,
                    shown,
                    at,
                    offer_places(product, at, quotas, left),
                    refusal.code if refusal else None,
                    refusal.params if refusal else {},
                )
            )
        return offers


def _why_not(facts: SaleFacts, away: Callable[[], bool]) -> Refusal | None:
    try:
        check_sale(facts)
    except Refusal as refusal:
        return awaited(refusal, away)
    return None


def awaited(refusal: Refusal, away: Callable[[], bool]) -> Refusal:
    """PLACES_AWAITED in place of SOLD_OUT where places are left, none of them is here, and the hub that would
    send some is out of reach; else the refusal as it is."""
    params = refusal.params
    if refusal.code != "SOLD_OUT" or params["left_here"] != 0:
        return refusal
    if int(str(params["left_all"])) < int(str(params["wanted"])) or not away():
        return refusal
    return Refusal("PLACES_AWAITED", **params)


def pool_places(
    read: Reads,
    pairs: Sequence[tuple[Product, Performance | None]],
    quotas: Mapping[int, Quota],
    at: Instant,
) -> dict[Pool, PoolPlaces]:
    """Places left in every pool that these products draw from; a pool without a capacity is left out.

    A station with a hub sells from what is leased to it, as far as that holds `at` this moment; one without a
    hub owns everything.
    """
    capacities: dict[Pool, int] = {}
    for product, performance in pairs:
        for pool in pools_of(product, performance, quotas):
            capacity = (
                quotas[pool.number].capacity
                if pool.kind == "quota"
                else performance.capacity
                if performance
                else None
            )
            if capacity is not None:
                capacities[pool] = capacity
    left = left_in(read, {pool.number: capacity for pool, capacity in capacities.items()}, at)
    return {pool: left[pool.number] for pool in capacities}


def left_in(read: Reads, capacities: Mapping[int, int], at: Instant) -> dict[int, PoolPlaces]:
    """What is left in pools of these capacities, by number: here at this moment, and in all."""
    used = read.used_slots(list(capacities))
    everything = {pool: max(0, capacity - used.get(pool, 0)) for pool, capacity in capacities.items()}
    if not read.station().has_hub:
        return {pool: PoolPlaces(left, left) for pool, left in everything.items()}
    here: dict[int, list[Held]] = {}
    for lease in read.leases(list(capacities)):
        here.setdefault(lease.pool, []).append(lease)
    places = {pool: places_here(here.get(pool, ()), at) for pool in capacities}
    return {pool: PoolPlaces(places[pool], max(places[pool], left)) for pool, left in everything.items()}


def offer_places(
    product: Product,
    performance: Performance | None,
    quotas: Mapping[int, Quota],
    left: Mapping[Pool, PoolPlaces],
) -> Places:
    """What the tile of a product shows: the least over its pools."""
    pools = [left[pool] for pool in pools_of(product, performance, quotas) if pool in left]
    if not pools:
        return Places(None, None, performance.capacity if performance else None)
    return Places(
        min(pool.here for pool in pools),
        min(pool.all for pool in pools),
        performance.capacity if performance else None,
    )
