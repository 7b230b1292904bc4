"""Promo codes: what they take off to the unit, and why one may not be used."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.money import TaxMode
from domain.order import OrderLine, price_cart
from domain.promo import (
    PricedTicket,
    Promo,
    PromoAsked,
    PromoPer,
    check_promo,
    discounts,
    find_promo,
    plain_code,
    promo_hash,
)
from tests.builders import NOW, make_product

EVENT, OTHER = 100, 101
TICKET, ORDER = PromoPer.TICKET, PromoPer.ORDER


def promo(**values: object) -> Promo:
    known: dict[str, object] = {"number": 1, "event": EVENT, "name": "Spring", "code_hash": "00"}
    return Promo(**{**known, **values})  # type: ignore[arg-type]


def tickets(*prices: int, product: int = 300, event: int = EVENT) -> list[PricedTicket]:
    return [PricedTicket(product, event, price) for price in prices]


def refusal(asked: PromoAsked, *prices: int) -> tuple[str, dict[str, object]]:
    with pytest.raises(Refusal) as caught:
        check_promo(asked, tickets(*(prices or (2_000,))), NOW)
    return caught.value.code, dict(caught.value.params)


# What it takes off.


@pytest.mark.parametrize(
    ("per", "off"),
    [(TICKET, [100, 100, 101]), (ORDER, [100, 100, 101])],
)
def test_a_percentage_is_rounded_half_a_unit_up(per: PromoPer, off: list[int]) -> None:
    assert discounts(promo(percent_bp=1_000, per=per), tickets(1_000, 1_000, 1_005)) == off


def test_per_ticket_each_is_rounded_and_per_order_once() -> None:
    odd = tickets(15, 15, 15)
    assert discounts(promo(percent_bp=1_000, per=TICKET), odd) == [2, 2, 2]
    assert discounts(promo(percent_bp=1_000, per=ORDER), odd) == [2, 2, 1], "4.5 of 45 is 5"


def test_an_amount_per_order_is_spread_by_price_and_never_more_than_there_is() -> None:
    assert discounts(promo(amount_minor=500), tickets(3_000, 1_000)) == [375, 125]
    assert discounts(promo(amount_minor=9_000), tickets(3_000, 1_000)) == [3_000, 1_000]
    assert discounts(promo(amount_minor=500, per=TICKET), tickets(3_000, 200)) == [500, 200]


def test_only_tickets_it_counts_for_become_cheaper() -> None:
    cart = [*tickets(1_000), *tickets(1_000, product=301), *tickets(1_000, event=OTHER)]
    assert discounts(promo(percent_bp=5_000), cart) == [500, 500, 0]
    assert discounts(promo(percent_bp=5_000, products=(301,)), cart) == [0, 500, 0]


@given(
    prices=st.lists(st.integers(0, 100_000), max_size=12),
    percent_bp=st.integers(0, 10_000),
    amount=st.integers(0, 50_000),
    per=st.sampled_from(PromoPer),
)
def test_no_ticket_costs_less_than_nothing_and_the_cart_adds_up(
    prices: list[int], percent_bp: int, amount: int, per: PromoPer
) -> None:
    off = discounts(promo(percent_bp=percent_bp, amount_minor=amount, per=per), tickets(*prices))
    assert all(0 <= one <= price for one, price in zip(off, prices, strict=True))
    lines = [OrderLine(make_product(price_minor=price)) for price in prices]
    totals = price_cart(lines, "EUR", TaxMode.INCLUDED, discounts=off)
    assert totals.discount_minor == sum(off)
    assert totals.due_minor == sum(prices) - sum(off)
    assert [position.amounts.discount_minor for position in totals.positions] == off


def test_a_discount_beyond_the_price_is_a_bug() -> None:
    with pytest.raises(ValueError, match="beyond the price"):
        price_cart([OrderLine(make_product(price_minor=10))], "EUR", TaxMode.INCLUDED, discounts=[11])


# Whether it may be used.


def test_the_refusals_come_in_their_order() -> None:
    spring = promo(
        percent_bp=1_000, name_ru="Весна", from_at=NOW + timedelta(hours=1), until_at=NOW - timedelta(hours=1)
    )
    names = {"promo": "Spring", "promo_ru": "Весна"}
    assert refusal(PromoAsked(None)) == ("PROMO_UNKNOWN", {})
    assert refusal(PromoAsked(spring))[0] == "PROMO_NOT_YET"
    ended = promo(percent_bp=1_000, name_ru="Весна", until_at=NOW)
    assert refusal(PromoAsked(ended))[0] == "PROMO_ENDED", "the end belongs to the time after it"
    none = promo(percent_bp=1_000, name_ru="Весна", products=(1,))
    assert refusal(PromoAsked(none, (0, 0))) == ("PROMO_NOT_FOR_THESE", names)
    good = promo(percent_bp=1_000, name_ru="Весна")
    assert refusal(PromoAsked(good, (0, 7))) == ("PROMO_OVER", {"left_here": 0, "left_all": 7, **names})
    assert check_promo(PromoAsked(good, (1, 7)), tickets(2_000), NOW) is good
    assert check_promo(PromoAsked(good), tickets(2_000), NOW) is good


def test_a_free_ticket_cannot_become_cheaper() -> None:
    assert refusal(PromoAsked(promo(percent_bp=1_000)), 0)[0] == "PROMO_NOT_FOR_THESE"


# The code.


def test_case_spaces_and_separators_do_not_count() -> None:
    assert plain_code(" spring–10 ") == plain_code("SPRING 10") == "SPRING10"
    assert promo_hash("spring-10", EVENT) == promo_hash("SPRING10", EVENT)
    assert promo_hash("SPRING10", EVENT) != promo_hash("SPRING10", OTHER), "codes are those of an event"


def test_a_code_that_is_too_short_is_none() -> None:
    with pytest.raises(Refusal) as caught:
        promo_hash("a-b", EVENT)
    assert caught.value.code == "PROMO_UNKNOWN"


def test_a_code_is_looked_for_in_the_events_of_the_cart() -> None:
    here = promo(number=2, code_hash=promo_hash("SPRING", EVENT))
    there = promo(number=1, event=OTHER, code_hash=promo_hash("SPRING", OTHER))
    assert find_promo("spring", [there, here], [EVENT, OTHER]) is here
    assert find_promo("spring", [there, here], [OTHER]) is there
    assert find_promo("summer", [there, here], [EVENT, OTHER]) is None
