"""Promo codes at a sale: which one a text stands for, what it takes off, how many uses are left."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.access import require
from app.services.offers import left_in
from app.services.ports import Reads, Store
from app.services.sale_parts import Line
from domain.actor import Actor, Permission
from domain.clock import Clock
from domain.leases import Instant
from domain.promo import PricedTicket, Promo, PromoAsked, check_promo, discounts, find_promo


@dataclass(frozen=True, slots=True)
class PromoOffer:
    """A code that may be used now: uses left here and in all; None: without limit."""

    promo: Promo
    left: tuple[int, int] | None


class FindPromo:
    """Looks a code up for what is in a cart, before the sale judges it again."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def __call__(self, code: str, tickets: Sequence[PricedTicket], actor: Actor) -> PromoOffer:
        """The promo. Refuses NOT_ALLOWED, PROMO_UNKNOWN, PROMO_NOT_YET, PROMO_ENDED, PROMO_NOT_FOR_THESE,
        PROMO_OVER."""
        require(actor, Permission.SELL)
        with self._store.read() as read:
            asked = _asked(read, code, [ticket.event for ticket in tickets], Instant.of(self._clock))
        return PromoOffer(check_promo(asked, tickets, self._clock.now()), asked.left)


def promo_for(read: Reads, code: str, lines: Sequence[Line], at: Instant) -> PromoAsked | None:
    """What a code stands for in a cart; None where none was shown."""
    return _asked(read, code, [line.event.number for line in lines], at) if code.strip() else None


def _asked(read: Reads, code: str, events: Sequence[int], at: Instant) -> PromoAsked:
    promo = find_promo(code, read.promos(), events)
    if promo is None or promo.pool is None:
        return PromoAsked(promo)
    quota = read.quotas([promo.pool]).get(promo.pool)
    if quota is None:  # its limit has not been heard of yet: nothing is known to be left
        return PromoAsked(promo, (0, 0))
    left = left_in(read, {promo.pool: quota.capacity}, at)[promo.pool]
    return PromoAsked(promo, (left.here, left.all))


def tickets_in(lines: Sequence[Line]) -> list[PricedTicket]:
    """One by one, as a promo code looks at them."""
    return [
        PricedTicket(line.product.number, line.event.number, line.product.price_minor)
        for line in lines
        for _ in range(line.count)
    ]


def taken_off(asked: PromoAsked | None, lines: Sequence[Line]) -> list[int] | None:
    """What a code takes off each ticket; None where there is no such code, which the sale then refuses."""
    return None if asked is None or asked.promo is None else discounts(asked.promo, tickets_in(lines))
