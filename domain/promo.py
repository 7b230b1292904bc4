"""Promo codes: what a code takes off, when, off which tickets, and how often in all.

A code is kept as a hash only. One that may be used a limited number of times draws from a pool of its own, as
tickets draw places: a till without a network uses the share it holds, and not one use too many is given.
Rounding: a percentage is computed in minor units, half a unit up; per ticket for each ticket, per order once
for all of them, and then spread over them by largest remainder.
"""

import hashlib
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.catalogue import localized
from domain.clock import to_text
from domain.errors import Refusal
from domain.money import allocate

TAG = b"gatehouse-promo-1\0"
SHORTEST_CODE = 3
WHOLE_BP = 10_000


class PromoPer(StrEnum):
    """What the discount is counted for."""

    TICKET = "ticket"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Promo:
    """A promo code of an event. Either `percent_bp` (hundredths of a per cent) or `amount_minor` is taken
    off, `per` ticket or order; `products`: numbers of those it counts for, none: all of the event. `pool`:
    the quota that limits its uses, one an order; None: without limit."""

    number: int
    event: int
    name: str
    code_hash: str
    percent_bp: int = 0
    amount_minor: int = 0
    currency: str = ""
    per: PromoPer = PromoPer.ORDER
    products: tuple[int, ...] = ()
    from_at: datetime | None = None
    until_at: datetime | None = None
    pool: int | None = None
    name_ru: str = ""

    def named(self, lang: str) -> str:
        """Its name in a language."""
        return localized(self.name, self.name_ru, lang)


class PricedTicket(NamedTuple):
    """One ticket of a cart, as far as a discount goes."""

    product: int
    event: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class PromoAsked:
    """A code that somebody showed: the promo it stands for (None: no such code), and how many uses are left
    here and in all (None: without limit)."""

    promo: Promo | None
    left: tuple[int, int] | None = None


def plain_code(code: str) -> str:
    """A code as it counts: case, spaces and separators left out."""
    folded = unicodedata.normalize("NFKC", code).upper()
    return "".join(letter for letter in folded if letter.isalnum())


def promo_hash(code: str, event: int) -> str:
    """The name of a code within an event: SHA-256 over its number and the plain code, in hexadecimal. The
    same code in two events is two codes. Raises Refusal PROMO_UNKNOWN for one that is too short."""
    plain = plain_code(code)
    if len(plain) < SHORTEST_CODE:
        raise Refusal("PROMO_UNKNOWN")
    return hashlib.sha256(TAG + str(event).encode() + b"\0" + plain.encode()).hexdigest()


def counts_for(promo: Promo, ticket: PricedTicket) -> bool:
    """Whether the code takes something off a ticket like this."""
    return ticket.event == promo.event and (not promo.products or ticket.product in promo.products)


def discounts(promo: Promo, tickets: Sequence[PricedTicket]) -> list[int]:
    """What is taken off each ticket in minor units; never more than its price."""
    prices = [ticket.price_minor if counts_for(promo, ticket) else 0 for ticket in tickets]
    if promo.per is PromoPer.TICKET:
        return [_off(promo, price) for price in prices]
    whole = sum(prices)
    return list(allocate(_off(promo, whole), prices)) if whole else [0] * len(prices)


def _off(promo: Promo, price_minor: int) -> int:
    if promo.percent_bp:
        return min(price_minor, (price_minor * promo.percent_bp + WHOLE_BP // 2) // WHOLE_BP)
    return min(price_minor, promo.amount_minor)


def check_promo(asked: PromoAsked, tickets: Sequence[PricedTicket], at: datetime) -> Promo:
    """The promo that may be used. Refuses, in this order: PROMO_UNKNOWN · PROMO_NOT_YET (promo, at)
    · PROMO_ENDED (promo, at) · PROMO_NOT_FOR_THESE (promo) · PROMO_OVER (promo, left_here, left_all).
    `promo` is its name, `promo_ru` the Russian one."""
    promo = asked.promo
    if promo is None:
        raise Refusal("PROMO_UNKNOWN")
    name, name_ru = promo.name, promo.name_ru or promo.name
    if promo.from_at is not None and at < promo.from_at:
        raise Refusal("PROMO_NOT_YET", promo=name, promo_ru=name_ru, at=to_text(promo.from_at))
    if promo.until_at is not None and at >= promo.until_at:
        raise Refusal("PROMO_ENDED", promo=name, promo_ru=name_ru, at=to_text(promo.until_at))
    if not any(discounts(promo, tickets)):
        raise Refusal("PROMO_NOT_FOR_THESE", promo=name, promo_ru=name_ru)
    if asked.left is not None and asked.left[0] < 1:
        here, everywhere = (max(0, left) for left in asked.left)
        raise Refusal("PROMO_OVER", promo=name, promo_ru=name_ru, left_here=here, left_all=everywhere)
    return promo


def find_promo(code: str, promos: Collection[Promo], events: Sequence[int]) -> Promo | None:
    """The promo that a code stands for in the first of these events that has it; of two with one code the
    one with the lowest number. Raises Refusal PROMO_UNKNOWN for a code that is too short."""
    for event in dict.fromkeys(events):
        wanted = promo_hash(code, event)
        found = [each for each in promos if each.event == event and each.code_hash == wanted]
        if found:
            return min(found, key=lambda each: each.number)
    return None
