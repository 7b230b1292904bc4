"""Carts are priced so that everything adds up; payments give the right change."""

from dataclasses import replace

import builders
import pytest
from builders import card, cash, euros
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.money import Money, TaxMode
from domain.order import (
    Amounts,
    Order,
    OrderLine,
    Payment,
    Position,
    Tender,
    change_due,
    check_reference,
    price_cart,
)
from domain.states import OrderState, PaymentState


def line(price=2000, rate=700, count=1, **changes):
    return OrderLine(builders.make_product(price_minor=price, tax_rate_bp=rate, **changes), None, count)


LINES = st.lists(
    st.builds(line, st.integers(0, 100_00), st.sampled_from([0, 700, 1000, 1900, 2000]), st.integers(1, 4)),
    min_size=1,
    max_size=6,
)


def test_a_cart_is_one_position_per_ticket_in_the_order_of_its_lines():
    totals = price_cart([line(2000, count=2), line(1000)], "EUR", TaxMode.INCLUDED)
    assert [position.amounts.price_minor for position in totals.positions] == [2000, 2000, 1000]
    assert (totals.subtotal_minor, totals.due_minor, totals.due) == (5000, 5000, euros(5000))


@given(LINES, st.sampled_from(TaxMode), st.sampled_from([1, 5, 10, 50]), st.data())
def test_every_total_is_the_sum_over_its_positions(lines, mode, coin, data):
    subtotal = sum(item.product.price_minor * item.count for item in lines)
    discount = data.draw(st.integers(0, subtotal))
    totals = price_cart(lines, "EUR", mode, discount, coin, [Tender.CASH])

    def total_of(name):
        return sum(getattr(position.amounts, name) for position in totals.positions)

    for name in ("discount", "net", "tax", "gross", "rounding"):
        assert getattr(totals, f"{name}_minor") == total_of(f"{name}_minor")
    assert totals.subtotal_minor == total_of("price_minor") == subtotal
    assert totals.due_minor == total_of("paid_minor")
    assert totals.due_minor % coin == 0


@given(LINES, st.sampled_from(TaxMode), st.data())
def test_no_position_is_negative_and_each_adds_up(lines, mode, data):
    subtotal = sum(item.product.price_minor * item.count for item in lines)
    totals = price_cart(lines, "EUR", mode, data.draw(st.integers(0, subtotal)), 5, [Tender.CASH])
    for position in totals.positions:
        amounts = position.amounts
        after_discount = amounts.price_minor - amounts.discount_minor
        assert after_discount == (amounts.gross_minor if mode is TaxMode.INCLUDED else amounts.net_minor)
        assert amounts.net_minor + amounts.tax_minor == amounts.gross_minor
        assert min(after_discount, amounts.net_minor, amounts.tax_minor, amounts.paid_minor) >= 0


def test_tax_is_computed_for_the_order_not_for_each_ticket():
    totals = price_cart([line(10, 500, count=10)], "EUR", TaxMode.ADDED)
    assert totals.tax_minor == 5
    assert sorted(position.amounts.tax_minor for position in totals.positions) == [0] * 5 + [1] * 5


def test_each_tax_rate_is_computed_by_itself():
    totals = price_cart([line(10700, 700), line(11900, 1900)], "EUR", TaxMode.INCLUDED)
    assert [position.amounts.tax_minor for position in totals.positions] == [700, 1900]


def test_a_discount_is_spread_by_price():
    totals = price_cart([line(3000), line(1000)], "EUR", TaxMode.INCLUDED, discount_minor=1000)
    assert [position.amounts.discount_minor for position in totals.positions] == [750, 250]
    assert totals.due_minor == 3000


@pytest.mark.parametrize("discount", [-1, 2001])
def test_a_discount_beyond_the_price_is_refused(discount):
    with pytest.raises(Refusal) as refusal:
        price_cart([line(2000)], "EUR", TaxMode.INCLUDED, discount)
    assert refusal.value.code == "DISCOUNT_TOO_LARGE"
    assert refusal.value.params == {"discount_minor": discount, "max_minor": 2000, "currency": "EUR"}


def test_only_cash_is_rounded():
    assert price_cart([line(1003)], "EUR", TaxMode.INCLUDED, 0, 5, [Tender.CARD]).due_minor == 1003
    assert price_cart([line(1003)], "EUR", TaxMode.INCLUDED, 0, 5, [Tender.CASH]).due_minor == 1005


def test_in_a_split_only_what_is_left_for_cash_is_rounded():
    totals = price_cart(
        [line(1007)], "EUR", TaxMode.INCLUDED, 0, 5, [Tender.CARD, Tender.CASH], noncash_minor=503
    )
    assert (totals.due_minor - 503, totals.rounding_minor) == (505, 1)


def test_nothing_is_rounded_when_the_card_pays_all():
    totals = price_cart(
        [line(1003)], "EUR", TaxMode.INCLUDED, 0, 5, [Tender.CARD, Tender.CASH], noncash_minor=1003
    )
    assert totals.rounding_minor == 0


def test_an_empty_cart_costs_nothing():
    assert price_cart([], "EUR", TaxMode.INCLUDED).due_minor == 0


@pytest.mark.parametrize("bad", [line(count=0), line(currency="RUB")])
def test_a_line_that_cannot_be_priced_is_an_error(bad):
    with pytest.raises(ValueError):
        price_cart([bad], "EUR", TaxMode.INCLUDED)


def test_change_comes_from_cash():
    assert change_due(euros(1750), [cash(2000)]) == euros(250)
    assert change_due(euros(2000), [card(1500), cash(1000)]) == euros(500)
    assert change_due(euros(0), []) == euros(0)


def test_too_little_is_refused_with_what_is_missing():
    with pytest.raises(Refusal) as refusal:
        change_due(euros(2000), [card(500), cash(1000)])
    assert (refusal.value.code, refusal.value.params) == (
        "TENDER_SHORT",
        {"missing_minor": 500, "currency": "EUR"},
    )


def test_a_card_gives_no_change():
    with pytest.raises(Refusal) as refusal:
        change_due(euros(2000), [card(2500), cash(100)])
    assert (refusal.value.code, refusal.value.params) == (
        "TENDER_OVER",
        {"over_minor": 500, "currency": "EUR"},
    )


def test_a_payment_in_another_currency_is_an_error():
    with pytest.raises(ValueError):
        change_due(euros(100), [Payment(Tender.CASH, Money(100, "RUB"))])


@given(st.integers(0, 10_000), st.lists(st.integers(0, 5000), max_size=4), st.integers(0, 5000))
def test_change_is_never_negative_and_never_more_than_the_cash(total, notes, by_card):
    payments = [card(by_card), *(cash(note) for note in notes)]
    if by_card > total or by_card + sum(notes) < total:
        with pytest.raises(Refusal):
            change_due(euros(total), payments)
        return
    change = change_due(euros(total), payments)
    assert 0 <= change.minor <= sum(notes)
    assert sum(notes) + by_card - change.minor == total


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "VISA 4111.1111.1111.1111 ok",
        "378282246310005",
        "6304000000000000000",
        "4222222222222",
        "٤١١١١١١١١١١١١١١١",
    ],
)
def test_a_card_number_is_refused_as_a_reference_and_not_repeated(text):
    with pytest.raises(Refusal) as refusal:
        check_reference(text)
    assert (refusal.value.code, refusal.value.params) == ("REFERENCE_IS_CARD", {})


@pytest.mark.parametrize(
    "text", ["", "000123", "TX-2026-00042", "4111111111111112", "123456789012", "1" * 20]
)
def test_a_terminals_own_number_is_a_reference(text):
    check_reference(text)


def make_order(**changes):
    amounts = Amounts(2000, 0, 1869, 131, 2000, 700)
    position = Position(builders.SERIAL, 300, 200, amounts)
    plain = {
        "order_id": "o",
        "reference": "ABCD-EFG7",
        "state": OrderState.PAID,
        "station": "0000000a",
        "cashier": "u",
        "shift": "s",
        "sold_at": builders.NOW,
        "currency": "EUR",
        "tax_mode": TaxMode.INCLUDED,
        "positions": (position, replace(position, amounts=replace(amounts, rounding_minor=-1))),
        "payments": (cash(4000),),
        "change": euros(1),
    }
    return Order(**plain | changes)


def test_an_order_totals_what_its_positions_were_paid():
    assert make_order().total == euros(3999)


def test_a_payment_is_taken_unless_it_says_otherwise():
    assert cash(1).state is PaymentState.TAKEN
