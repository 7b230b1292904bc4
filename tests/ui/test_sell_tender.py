"""The arithmetic of the counter: quick amounts, change, split payments, cash rounding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.views import Offer, Organization, Places
from domain.errors import Refusal
from domain.money import EXPONENTS, Money
from domain.order import Tender
from tests.builders import make_event, make_performance, make_product
from ui.sell.cart import Cart
from ui.sell.tender import Payments, quick_amounts

ORGANIZATION = Organization("Old Theatre", "Europe/Berlin", "EUR")


def cart_of(price_minor: int = 2400, count: int = 2) -> Cart:
    cart = Cart()
    offer = Offer(
        make_product(price_minor=price_minor), make_event(), make_performance(), Places(None, None, None)
    )
    for _ in range(count):
        cart.add(offer)
    return cart


def payments_for(cart: Cart, organization: Organization = ORGANIZATION) -> Payments:
    return Payments(lambda tenders, noncash: cart.totals(organization, tenders, noncash))


def euros(*amounts: int) -> tuple[Money, ...]:
    return tuple(Money(amount * 100, "EUR") for amount in amounts)


def test_quick_amounts_are_the_next_sums_that_notes_make():
    assert quick_amounts(Money(4800, "EUR")) == euros(50, 60, 100, 200)


def test_quick_amounts_never_repeat_the_exact_amount():
    assert quick_amounts(Money(5000, "EUR")) == euros(60, 100, 200)


def test_roubles_and_yen_have_notes_of_their_own():
    assert quick_amounts(Money(123_000, "RUB"))[0] == Money(125_000, "RUB")
    assert quick_amounts(Money(3200, "JPY"))[0] == Money(4000, "JPY")


def test_nothing_due_needs_no_quick_amounts():
    assert quick_amounts(Money(0, "EUR")) == ()


@given(st.integers(1, 10**9), st.sampled_from(sorted(EXPONENTS)))
def test_quick_amounts_always_cover_what_is_due_and_rise(minor: int, currency: str):
    amounts = [amount.minor for amount in quick_amounts(Money(minor, currency))]
    assert all(amount > minor for amount in amounts)
    assert amounts == sorted(set(amounts))


def test_nothing_typed_means_exactly_what_is_due():
    payments = payments_for(cart_of())
    part = payments.part()
    assert (part.tender, part.amount_minor) == (Tender.CASH, 4800)
    assert payments.standing().change == Money(0, "EUR")


def test_a_larger_note_gives_change():
    payments = payments_for(cart_of())
    payments.amount_text = "50"
    assert payments.standing().change == Money(200, "EUR")
    assert payments.covers(payments.part())


def test_a_smaller_amount_leaves_the_rest_for_the_other_tender():
    payments = payments_for(cart_of())
    payments.amount_text = "20,00"
    assert payments.standing().missing == Money(2800, "EUR")
    payments.keep(payments.part())
    assert payments.tender is Tender.CARD
    assert payments.remaining() == Money(2800, "EUR")
    assert [part.amount_minor for part in payments.whole(payments.part())] == [2000, 2800]


def test_what_cannot_be_read_shows_neither_change_nor_a_gap():
    payments = payments_for(cart_of())
    payments.amount_text = "20."
    standing = payments.standing()
    assert (standing.change, standing.missing) == (None, None)
    with pytest.raises(Refusal) as refused:
        payments.part()
    assert refused.value.code == "AMOUNT_INVALID"


def test_a_card_number_is_not_taken_as_a_reference():
    payments = payments_for(cart_of())
    payments.choose(Tender.CARD)
    payments.reference = "4242 4242 4242 4242"
    with pytest.raises(Refusal) as refused:
        payments.part()
    assert refused.value.code == "REFERENCE_IS_CARD"


def test_only_cash_is_rounded_to_the_smallest_coin():
    swiss = Organization("Bühne", "Europe/Zurich", "EUR", smallest_coin=5)
    payments = payments_for(cart_of(price_minor=1003, count=1), swiss)
    assert payments.remaining().minor == 1005
    payments.choose(Tender.CARD)
    assert payments.remaining().minor == 1003


def test_cash_beside_a_card_rounds_only_its_own_part():
    swiss = Organization("Bühne", "Europe/Zurich", "EUR", smallest_coin=5)
    payments = payments_for(cart_of(price_minor=1003, count=1), swiss)
    payments.choose(Tender.CARD)
    payments.amount_text = "5.00"
    payments.keep(payments.part())
    assert payments.tender is Tender.CASH
    assert payments.remaining().minor == 505


def test_a_free_ticket_is_sold_without_a_payment():
    payments = payments_for(cart_of(price_minor=0, count=1))
    assert payments.whole(payments.part()) == ()
    assert payments.exact_cash() == ()
