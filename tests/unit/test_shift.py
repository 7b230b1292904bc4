"""Drawers, business days and receipt numbers."""

from datetime import date

import builders
import pytest
from builders import MOSCOW, card, cash, utc
from hypothesis import given
from hypothesis import strategies as st

from domain.order import Tender
from domain.shift import (
    Movement,
    MovementKind,
    Shift,
    TenderTotal,
    business_day,
    difference,
    expected_cash,
    receipt_text,
    totals_by_tender,
)
from domain.states import PaymentState, ShiftState


def movement(kind, minor):
    return Movement(kind, minor, builders.NOW)


def test_expected_cash_is_float_and_sales_less_change_refunds_and_what_was_taken_out():
    movements = [
        movement(MovementKind.PAID_IN, 1000),
        movement(MovementKind.PAID_OUT, 300),
        movement(MovementKind.DROP, 5000),
    ]
    assert (
        expected_cash(10_000, 8_000, 1_250, 2_000, movements)
        == 10_000 + 8_000 - 1_250 - 2_000 + 1_000 - 300 - 5_000
    )


def test_a_shift_without_sales_expects_its_float():
    assert expected_cash(10_000, 0, 0, 0) == 10_000


def test_a_shift_begins_open_and_uncounted():
    shift = Shift("id", 1, "0000000a", "anna", "drawer-1", "EUR", 10_000, builders.NOW)
    assert (shift.state, shift.counted_minor) == (ShiftState.OPEN, None)


def test_less_than_expected_is_a_negative_difference():
    assert difference(9_950, 10_000) == -50


def test_totals_by_tender_count_only_money_that_moved():
    payments = [
        cash(500),
        cash(700),
        card(1000),
        card(900, state=PaymentState.FAILED),
        card(1, state=PaymentState.UNKNOWN),
    ]
    assert totals_by_tender(payments, [cash(200)]) == {
        Tender.CASH: TenderTotal(1200, 200),
        Tender.CARD: TenderTotal(1000, 0),
    }
    assert totals_by_tender(payments, [cash(200)])[Tender.CASH].kept_minor == 1000


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-11-21 20:59", date(2026, 11, 21)),
        ("2026-11-21 21:30", date(2026, 11, 21)),
        ("2026-11-22 01:59", date(2026, 11, 21)),
        ("2026-11-22 02:00", date(2026, 11, 22)),
    ],
)
def test_a_sale_after_midnight_belongs_to_the_evening(at, day):
    assert business_day(utc(at), MOSCOW) == day


def test_a_venue_may_end_its_day_at_midnight():
    assert business_day(utc("2026-11-21 21:00"), MOSCOW, ends_hour=0) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("epoch", "number", "practice", "text"),
    [
        (1, 42, False, "K1-000042"),
        (2, 1, False, "K1B-000001"),
        (3, 1, False, "K1C-000001"),
        (26, 1, False, "K1Z-000001"),
        (27, 1, False, "K1AA-000001"),
        (1, 1, True, "K1-P000001"),
        (2, 7, True, "K1B-P000007"),
        (1, 1_234_567, False, "K1-1234567"),
    ],
)
def test_receipt_numbers_show_station_epoch_and_series(epoch, number, practice, text):
    assert receipt_text("K1", epoch, number, practice) == text


@given(
    st.tuples(st.integers(1, 2000), st.integers(1, 10**6), st.booleans()),
    st.tuples(st.integers(1, 2000), st.integers(1, 10**6), st.booleans()),
)
def test_different_receipts_never_look_the_same(one, other):
    assert (receipt_text("K1", *one) == receipt_text("K1", *other)) == (one == other)


@pytest.mark.parametrize(("epoch", "number"), [(0, 1), (1, 0)])
def test_counting_begins_at_one(epoch, number):
    with pytest.raises(ValueError):
        receipt_text("K1", epoch, number)
