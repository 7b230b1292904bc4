"""Shifts: opened with a float, counted, closed, numbered; and what they have taken."""

from collections.abc import Callable

import pytest

from domain.errors import Refusal
from tests.services.house import CASHIER, GATE, House


def test_a_shift_opens_once_and_says_whose_it_is(make_house: Callable[..., House]) -> None:
    house = make_house(shift=False)
    assert house.services.shift_now(CASHIER) is None
    opened = house.services.open_shift(5000, CASHIER, drawer="2")
    assert (opened.float_.minor, opened.drawer, opened.number, opened.cashier) == (
        5000, "2", None, CASHIER.user,
    )  # fmt: skip
    with pytest.raises(Refusal) as caught:
        house.services.open_shift(0, CASHIER)
    assert (caught.value.code, "cashier" in caught.value.params) == ("SHIFT_ALREADY_OPEN", True)
    assert len(house.entries("shift_opened")) == 1


@pytest.mark.parametrize("act", ["open_shift", "close_shift"])
def test_a_negative_amount_of_cash_is_refused(make_house: Callable[..., House], act: str) -> None:
    house = make_house(shift=False)
    before = house.seq
    with pytest.raises(Refusal, match="AMOUNT_INVALID"):
        getattr(house.services, act)(-1, CASHIER)
    assert house.seq == before


def test_a_close_counts_what_was_taken_and_numbers_the_report(house: House) -> None:
    house.sell("full", cash=5000)
    house.sell("half", cash=None, card=1000)
    now = house.services.shift_now(CASHIER)
    assert (now.expected.minor, now.tenders) == (12_000, {"cash": 2000, "card": 1000})
    before = house.seq
    assert house.services.shift_now(CASHIER) == now
    assert house.seq == before
    closed = house.services.close_shift(11_950, CASHIER)
    assert (closed.number, closed.counted.minor, closed.difference.minor) == (1, 11_950, -50)
    assert (closed.receipts_first, closed.receipts_last, closed.receipts_count) == (
        "K1-000001", "K1-000002", 2,
    )  # fmt: skip
    assert house.services.shift_now(CASHIER) is None
    assert house.services.shift_now.last(CASHIER) == closed


def test_the_next_shift_gets_the_next_number_and_starts_at_its_own_float(house: House) -> None:
    house.sell("full")
    house.services.close_shift(12_000, CASHIER)
    house.reopen()
    opened = house.services.open_shift(700, CASHIER)
    assert (opened.expected.minor, opened.receipts_count, opened.tenders) == (700, 0, {})
    closed = house.services.close_shift(700, CASHIER)
    assert (closed.number, closed.difference.minor, closed.receipts_first) == (2, 0, None)


def test_without_an_open_shift_there_is_nothing_to_close(make_house: Callable[..., House]) -> None:
    house = make_house(shift=False)
    with pytest.raises(Refusal, match="NO_SHIFT"):
        house.services.close_shift(0, CASHIER)
    assert house.services.shift_now.last(CASHIER) is None


def test_the_gate_has_no_business_with_the_drawer(house: House) -> None:
    for act in (house.services.shift_now, house.services.shift_now.last):
        with pytest.raises(Refusal, match="NOT_ALLOWED"):
            act(GATE)
