"""Money adds up: parsing, allocation, tax, rounding."""

import builders
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.money import (
    EXPONENTS,
    Money,
    TaxMode,
    allocate,
    exponent,
    format_plain,
    parse_amount,
    round_cash,
    tax_of,
)

AMOUNTS = st.integers(-(10**9), 10**9)
WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=20)
RATES = st.integers(0, 3000)
MODES = st.sampled_from(TaxMode)


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("EUR", 2), ("RUB", 2), ("KWD", 3), ("GBP", 2)])
def test_each_currency_has_its_own_number_of_digits(currency, digits):
    assert exponent(currency) == digits


def test_an_unknown_currency_is_refused():
    with pytest.raises(Refusal) as refusal:
        exponent("XXX")
    assert (refusal.value.code, refusal.value.params) == ("CURRENCY_UNKNOWN", {"currency": "XXX"})


def test_currency_codes_are_three_capital_letters_and_listed_once():
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in EXPONENTS)
    assert len(EXPONENTS) > 150


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("20", "EUR", 2000),
        ("20.00", "EUR", 2000),
        ("20,05", "EUR", 2005),
        ("0.01", "EUR", 1),
        ("0", "EUR", 0),
        ("500", "JPY", 500),
        ("1.250", "KWD", 1250),
        ("007", "EUR", 700),
    ],
)
def test_amounts_are_read_as_people_type_them(text, currency, minor):
    assert parse_amount(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "EUR"),
        (" 20", "EUR"),
        ("20.0", "EUR"),
        ("20.000", "EUR"),
        ("1.000,00", "EUR"),
        ("-5", "EUR"),
        ("+5", "EUR"),
        ("5 €", "EUR"),
        ("5.", "EUR"),
        (".50", "EUR"),
        ("1e3", "EUR"),
        ("٢٠", "EUR"),
        ("20\n", "EUR"),
        ("5.00", "JPY"),
        ("5.00", "KWD"),
        ("9" * 13, "EUR"),
        ("NaN", "EUR"),
    ],
)
def test_anything_else_is_not_an_amount(text, currency):
    with pytest.raises(Refusal) as refusal:
        parse_amount(text, currency)
    assert (refusal.value.code, refusal.value.params) == ("AMOUNT_INVALID", {"text": text})


@given(st.integers(0, 10**12 - 1), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_a_plain_amount_reads_back(minor, currency):
    money = Money(minor, currency)
    assert parse_amount(format_plain(money), currency) == money


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(2000, "EUR"), "20.00"),
        (Money(5, "EUR"), "0.05"),
        (Money(-5, "EUR"), "-0.05"),
        (Money(-2000, "JPY"), "-2000"),
        (Money(1, "KWD"), "0.001"),
    ],
)
def test_plain_amounts_have_a_point_and_all_digits(money, text):
    assert format_plain(money) == text


def test_money_of_one_currency_adds_subtracts_multiplies_and_compares():
    five, two = builders.euros(500), builders.euros(200)
    assert five + two == builders.euros(700)
    assert two - five == builders.euros(-300) == -builders.euros(300)
    assert five * 3 == builders.euros(1500)
    assert two < five <= builders.euros(500)
    assert five >= two
    assert five > two


@pytest.mark.parametrize(
    "act", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a >= b]
)
def test_two_currencies_never_mix(act):
    with pytest.raises(ValueError):
        act(Money(1, "EUR"), Money(1, "RUB"))


@given(AMOUNTS, WEIGHTS)
def test_an_allocation_adds_up_exactly(total, weights):
    parts = allocate(total, weights)
    assert len(parts) == len(weights)
    assert sum(parts) == total


@given(AMOUNTS, WEIGHTS)
def test_each_part_is_within_one_unit_of_its_exact_share(total, weights):
    shares = weights if sum(weights) else [1] * len(weights)
    for part, weight in zip(allocate(total, weights), shares, strict=True):
        assert abs(part * sum(shares) - total * weight) < sum(shares)


@given(WEIGHTS, st.data())
def test_no_part_exceeds_its_weight_when_the_total_does_not_exceed_their_sum(weights, data):
    total = data.draw(st.integers(0, sum(weights)))
    assert all(0 <= part <= weight for part, weight in zip(allocate(total, weights), weights, strict=True))


@given(AMOUNTS, WEIGHTS)
def test_allocating_a_refund_mirrors_the_sale(total, weights):
    assert allocate(-total, weights) == tuple(-part for part in allocate(total, weights))


def test_the_largest_remainder_gets_the_odd_cent_and_ties_go_to_the_earlier():
    assert allocate(100, [1, 1, 1]) == (34, 33, 33)
    assert allocate(10, [1, 2, 0, 4]) == (1, 3, 0, 6)


def test_zero_weights_share_evenly_and_nothing_needs_nobody():
    assert allocate(3, [0, 0]) == (2, 1)
    assert allocate(0, []) == ()


@pytest.mark.parametrize(("total", "weights"), [(1, []), (1, [1, -1])])
def test_an_allocation_without_a_meaning_is_an_error(total, weights):
    with pytest.raises(ValueError):
        allocate(total, weights)


@given(AMOUNTS, RATES, MODES)
def test_net_and_tax_make_gross(amount, rate, mode):
    net, tax, gross = tax_of(amount, rate, mode)
    assert net + tax == gross
    assert amount == (gross if mode is TaxMode.INCLUDED else net)


@given(AMOUNTS, RATES, MODES)
def test_tax_is_right_to_half_a_unit(amount, rate, mode):
    _, tax, _ = tax_of(amount, rate, mode)
    base = 10_000 + rate if mode is TaxMode.INCLUDED else 10_000
    assert 2 * abs(tax * base - amount * rate) <= base


@given(AMOUNTS, RATES, MODES)
def test_the_tax_of_a_refund_is_the_tax_of_the_sale(amount, rate, mode):
    assert tax_of(-amount, rate, mode) == tuple(-part for part in tax_of(amount, rate, mode))


def test_known_taxes():
    assert tax_of(12000, 2000, TaxMode.INCLUDED) == (10000, 2000, 12000)
    assert tax_of(10000, 2000, TaxMode.ADDED) == (10000, 2000, 12000)
    assert tax_of(2000, 700, TaxMode.INCLUDED) == (1869, 131, 2000)
    assert tax_of(50, 100, TaxMode.ADDED) == (50, 1, 51)
    assert tax_of(2000, 0, TaxMode.INCLUDED) == (2000, 0, 2000)


def test_a_negative_rate_is_an_error():
    with pytest.raises(ValueError):
        tax_of(100, -1, TaxMode.ADDED)


@given(AMOUNTS, st.sampled_from([1, 5, 10, 50, 100]))
def test_cash_rounding_goes_to_the_nearest_coin(minor, coin):
    rounded, difference = round_cash(minor, coin)
    assert rounded % coin == 0
    assert rounded == minor + difference
    assert 2 * abs(difference) <= coin


@pytest.mark.parametrize(
    ("minor", "rounded"), [(1002, 1000), (1003, 1005), (-1003, -1005), (0, 0), (1005, 1005)]
)
def test_rounding_to_five_cents(minor, rounded):
    assert round_cash(minor, 5)[0] == rounded


def test_halves_round_away_from_zero():
    assert round_cash(5, 10) == (10, 5)
    assert round_cash(-5, 10) == (-10, -5)


def test_there_is_no_coin_of_nothing():
    with pytest.raises(ValueError):
        round_cash(5, 0)
