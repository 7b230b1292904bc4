"""Windows of passes in local time, on ordinary days and on those when clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import builders
import pytest
from builders import BERLIN, MOSCOW, NEW_YORK, utc
from hypothesis import given
from hypothesis import strategies as st

from domain.validity import (
    FIRST_USE_WITHIN_DAYS,
    FieldError,
    Reentry,
    Validity,
    ValidityKind,
    ValidityStart,
    day_bounds,
    from_json,
    local_day,
    signed_window,
    to_json,
    window,
    within_hours,
)

K, S = ValidityKind, ValidityStart
ZONES = st.sampled_from([BERLIN, MOSCOW, NEW_YORK, "UTC", "Asia/Kathmandu", "Africa/Cairo", "America/Havana"])
TIMES = st.integers(0, 24 * 366 * 24 * 60).map(
    lambda minutes: utc("2021-01-01 00:00") + timedelta(minutes=minutes)
)


def berlin(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


def bounds(kind, start, at, zone=BERLIN, first_use=None, n=1):
    return window(Validity(kind, n=n, start=start), at, first_use, None, zone)


def test_a_day_pass_from_purchase_ends_at_the_same_time_the_next_day():
    at = berlin("2026-06-10 14:20")
    assert bounds(K.DAY, S.PURCHASE, at) == (at, berlin("2026-06-11 14:20"))


def test_a_day_pass_over_the_spring_change_has_23_hours():
    at = berlin("2026-03-28 14:20")
    assert bounds(K.DAY, S.PURCHASE, at) == (at, at + timedelta(hours=23))


def test_a_day_pass_over_the_autumn_change_has_25_hours():
    at = berlin("2026-10-24 14:20")
    assert bounds(K.DAY, S.PURCHASE, at) == (at, at + timedelta(hours=25))


def test_new_york_changes_its_clocks_on_other_days():
    at = utc("2026-03-07 20:00")
    assert bounds(K.DAY, S.PURCHASE, at, NEW_YORK)[1] == at + timedelta(hours=23)
    assert bounds(K.DAY, S.PURCHASE, at, BERLIN)[1] == at + timedelta(hours=24)


def test_moscow_does_not_change_its_clocks():
    for at in (utc("2026-03-28 12:00"), utc("2026-10-24 12:00")):
        assert bounds(K.DAY, S.PURCHASE, at, MOSCOW)[1] == at + timedelta(hours=24)


def test_an_end_that_the_spring_change_skips_moves_forward():
    assert bounds(K.DAY, S.PURCHASE, berlin("2026-03-28 02:30"))[1] == berlin("2026-03-29 03:30")


def test_an_end_that_comes_twice_in_autumn_is_the_later_one():
    assert bounds(K.DAY, S.PURCHASE, berlin("2026-10-24 02:30"))[1] == utc("2026-10-25 01:30")


def test_a_week_pass_runs_seven_days_and_two_weeks_fourteen():
    at = berlin("2026-10-22 09:00")
    assert bounds(K.WEEK, S.PURCHASE, at)[1] == berlin("2026-10-29 09:00")
    assert bounds(K.WEEK, S.PURCHASE, at, n=2)[1] == berlin("2026-11-05 09:00")


@pytest.mark.parametrize(
    ("sold", "n", "until"),
    [
        ("2026-01-15 10:00", 1, "2026-02-15 10:00"),
        ("2026-01-31 10:00", 1, "2026-02-28 10:00"),
        ("2028-01-31 10:00", 1, "2028-02-29 10:00"),
        ("2026-12-31 23:59", 1, "2027-01-31 23:59"),
        ("2026-11-30 10:00", 3, "2027-02-28 10:00"),
        ("2026-11-15 10:00", 1, "2026-12-15 10:00"),
        ("2026-03-10 10:00", 1, "2026-04-10 10:00"),
        ("2026-01-31 10:00", 12, "2027-01-31 10:00"),
    ],
)
def test_a_month_pass_ends_on_the_same_day_of_a_later_month_or_its_last(sold, n, until):
    assert bounds(K.MONTH, S.PURCHASE, berlin(sold), n=n)[1] == berlin(until)


def test_a_pass_from_first_use_is_open_until_it_is_used():
    sold, used = berlin("2026-06-01 09:00"), berlin("2026-06-20 18:00")
    assert bounds(K.DAYS, S.FIRST_USE, sold, n=3) == (sold, None)
    assert bounds(K.DAYS, S.FIRST_USE, sold, first_use=used, n=3) == (used, berlin("2026-06-23 18:00"))


def test_a_calendar_day_is_the_local_day_of_the_sale():
    assert bounds(K.DAY, S.CALENDAR, berlin("2026-06-10 23:59")) == (
        berlin("2026-06-10 00:00"),
        berlin("2026-06-11 00:00"),
    )


def test_a_calendar_day_is_23_or_25_hours_long_when_clocks_change():
    first, last = bounds(K.DAY, S.CALENDAR, berlin("2026-03-29 12:00"))
    assert last - first == timedelta(hours=23)
    first, last = bounds(K.DAY, S.CALENDAR, berlin("2026-10-25 12:00"))
    assert last - first == timedelta(hours=25)


def test_a_calendar_day_of_a_performance_is_the_day_it_starts():
    performance = builders.make_performance(starts_at=berlin("2026-06-20 20:00"))
    validity = Validity(K.DAY, start=S.CALENDAR)
    assert window(validity, berlin("2026-06-01 09:00"), None, performance, BERLIN) == (
        berlin("2026-06-20 00:00"),
        berlin("2026-06-21 00:00"),
    )


def test_a_calendar_week_begins_on_monday():
    for sold in ("2026-10-19 00:00", "2026-10-22 12:00", "2026-10-25 23:59"):
        assert bounds(K.WEEK, S.CALENDAR, berlin(sold)) == (
            berlin("2026-10-19 00:00"),
            berlin("2026-10-26 00:00"),
        )


def test_a_calendar_month_is_the_month_of_the_sale():
    assert bounds(K.MONTH, S.CALENDAR, berlin("2026-12-24 12:00")) == (
        berlin("2026-12-01 00:00"),
        berlin("2027-01-01 00:00"),
    )


def test_calendar_days_count_from_the_day_of_the_sale():
    assert bounds(K.DAYS, S.CALENDAR, berlin("2026-06-10 12:00"), n=3)[1] == berlin("2026-06-13 00:00")


def test_a_day_may_end_later_than_midnight():
    validity = Validity(K.DAY, start=S.CALENDAR)
    assert window(validity, berlin("2026-06-11 02:00"), None, None, BERLIN, day_ends_hour=5) == (
        berlin("2026-06-10 05:00"),
        berlin("2026-06-11 05:00"),
    )


@given(TIMES, ZONES, st.integers(0, 6))
def test_every_instant_lies_in_its_own_local_day(at, zone, hour):
    first, last = day_bounds(local_day(at, zone, hour), 1, zone, hour)
    folded = timedelta(hours=1)
    assert first - folded <= at < last + folded
    assert timedelta(hours=23) <= last - first <= timedelta(hours=25)


@given(st.dates(date(2021, 1, 1), date(2045, 1, 1)), ZONES)
def test_local_days_follow_each_other_without_gap(day, zone):
    assert day_bounds(day, 1, zone)[1] == day_bounds(day + timedelta(days=1), 1, zone)[0]
    assert day_bounds(day, 3, zone)[1] == day_bounds(day + timedelta(days=2), 1, zone)[1]


@given(TIMES, ZONES, st.sampled_from([K.DAY, K.WEEK, K.MONTH, K.DAYS]), st.sampled_from(S))
def test_a_sale_lies_in_its_window_and_the_signed_window_is_never_narrower(at, zone, kind, start):
    validity = Validity(kind, start=start)
    first, last = window(validity, at, at, None, zone)
    assert first <= at < last
    signed_first, signed_last = signed_window(validity, at, None, zone)
    assert signed_first is None or signed_first <= first
    assert signed_last >= last


def test_a_range_is_what_it_says():
    first, last = utc("2026-07-01 00:00"), utc("2026-09-01 00:00")
    validity = Validity(K.RANGE, range_from_at=first, range_until_at=last)
    assert window(validity, builders.SOLD_AT, None, None, BERLIN) == (first, last)
    assert signed_window(validity, builders.SOLD_AT, None, BERLIN) == (first, last)


@pytest.mark.parametrize("kind", [K.SINGLE, K.ENTRIES])
def test_entries_have_no_window_of_their_own(kind):
    performance = builders.make_performance()
    assert window(Validity(kind), builders.SOLD_AT, None, performance, BERLIN) == (None, None)
    assert signed_window(Validity(kind), builders.SOLD_AT, None, BERLIN) == (None, None)


def test_a_signed_code_for_a_performance_reaches_six_hours_beyond_it():
    signed = signed_window(Validity(K.SINGLE), builders.SOLD_AT, builders.make_performance(), BERLIN)
    assert signed == (builders.DOORS_AT - timedelta(hours=6), builders.ENDS_AT + timedelta(hours=6))


def test_a_signed_code_for_a_performance_without_doors_or_end_goes_by_its_start():
    performance = builders.make_performance(doors_at=None, ends_at=None)
    signed = signed_window(Validity(K.SINGLE), builders.SOLD_AT, performance, BERLIN)
    assert signed == (builders.STARTS_AT - timedelta(hours=6), builders.STARTS_AT + timedelta(hours=12))


def test_a_signed_pass_from_purchase_has_no_beginning_because_clocks_differ():
    sold = berlin("2026-06-10 14:20")
    assert signed_window(Validity(K.DAY), sold, None, BERLIN) == (None, berlin("2026-06-11 14:20"))


def test_a_signed_pass_from_first_use_is_bounded():
    sold = berlin("2026-06-10 14:20")
    signed = signed_window(Validity(K.WEEK, start=S.FIRST_USE), sold, None, BERLIN)
    assert signed == (None, berlin("2026-06-10 14:20") + timedelta(days=FIRST_USE_WITHIN_DAYS + 7))


def test_times_that_a_code_cannot_carry_are_left_open():
    long = Validity(K.RANGE, range_from_at=utc("1990-01-01 00:00"), range_until_at=utc("2099-01-01 00:00"))
    assert signed_window(long, builders.SOLD_AT, None, BERLIN) == (None, None)


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        ("2026-11-18 09:29", False),
        ("2026-11-18 09:30", True),
        ("2026-11-18 15:59", True),
        ("2026-11-18 16:00", False),
        ("2026-11-18 20:00", True),
        ("2026-11-18 23:59", True),
    ],
)
def test_off_peak_hours(at, allowed):
    validity = Validity(K.MONTH, hours=((570, 960), (1200, 1440)))
    assert within_hours(validity, berlin(at), BERLIN) is allowed


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        ("2026-11-20 21:59", False),
        ("2026-11-20 22:00", True),
        ("2026-11-21 03:59", True),
        ("2026-11-21 04:00", False),
        ("2026-11-21 23:00", False),
        ("2026-11-20 01:00", False),
        ("2026-11-23 01:00", False),
    ],
)
def test_hours_past_midnight_belong_to_the_day_they_began(at, allowed):
    friday_night = Validity(K.MONTH, hours=((1320, 240),), weekdays=(5,))
    assert within_hours(friday_night, berlin(at), BERLIN) is allowed


def test_sunday_night_runs_into_monday():
    sunday_night = Validity(K.MONTH, hours=((1320, 240),), weekdays=(7,))
    assert within_hours(sunday_night, berlin("2026-11-23 01:00"), BERLIN)


def test_weekdays_without_hours_allow_the_whole_local_day():
    weekend = Validity(K.MONTH, weekdays=(6, 7))
    assert within_hours(weekend, berlin("2026-11-21 00:00"), BERLIN)
    assert not within_hours(weekend, berlin("2026-11-20 23:59"), BERLIN)
    assert within_hours(Validity(K.MONTH), berlin("2026-11-20 23:59"), BERLIN)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("n", {"kind": K.ENTRIES, "n": 0}),
        ("n", {"kind": K.DAY, "n": 2}),
        ("range_from_at", {"kind": K.RANGE}),
        ("range_from_at", {"kind": K.DAY, "range_from_at": builders.NOW}),
        ("range_until_at", {"kind": K.DAY, "range_until_at": builders.NOW}),
        ("range_until_at", {"kind": K.RANGE, "range_from_at": builders.NOW, "range_until_at": builders.NOW}),
        ("uses_per_day", {"kind": K.DAY, "uses_per_day": 0}),
        ("uses_per_week", {"kind": K.DAY, "uses_per_week": 0}),
        ("uses_total", {"kind": K.DAY, "uses_total": 0}),
        ("min_gap_minutes", {"kind": K.DAY, "min_gap_minutes": -1}),
        ("zones", {"kind": K.DAY, "zones": (16,)}),
        ("weekdays", {"kind": K.DAY, "weekdays": (0,)}),
        ("hours", {"kind": K.DAY, "hours": ((600, 600),)}),
        ("hours", {"kind": K.DAY, "hours": ((600, 1441),)}),
        ("day_is_one_use", {"kind": K.SINGLE, "day_is_one_use": True}),
    ],
)
def test_what_cannot_be_meant_names_its_field(field, changes):
    with pytest.raises(FieldError) as error:
        Validity(**changes)
    assert error.value.field == field


def validities():
    limits = st.none() | st.integers(1, 50)
    spans = st.tuples(st.integers(0, 1439), st.integers(0, 1440)).filter(lambda span: span[0] != span[1])
    return st.builds(
        Validity,
        kind=st.sampled_from([K.ENTRIES, K.DAYS, K.WEEK, K.MONTH]),
        n=st.integers(1, 30),
        start=st.sampled_from(S),
        reentry=st.sampled_from(Reentry),
        uses_per_day=limits,
        uses_per_week=limits,
        uses_total=limits,
        min_gap_minutes=st.integers(0, 600),
        gates=st.lists(st.sampled_from("ABC"), unique=True).map(tuple),
        zones=st.lists(st.integers(0, 15), unique=True).map(tuple),
        hours=st.lists(spans, max_size=3).map(tuple),
        weekdays=st.lists(st.integers(1, 7), unique=True).map(tuple),
        day_is_one_use=st.booleans(),
    )


@given(validities())
def test_plain_data_reads_back(validity):
    assert from_json(to_json(validity)) == validity


def test_plain_data_of_a_range_reads_back():
    validity = Validity(
        K.RANGE, range_from_at=utc("2026-07-01 00:00"), range_until_at=utc("2026-09-01 00:00")
    )
    assert to_json(validity) == {
        "kind": "range",
        "range_from_at": "2026-07-01T00:00:00.000Z",
        "range_until_at": "2026-09-01T00:00:00.000Z",
    }
    assert from_json(to_json(validity)) == validity
    assert from_json({**to_json(validity), "range_until_at": None}).range_until_at is None


def test_only_what_differs_is_written():
    assert to_json(Validity(K.SINGLE)) == {"kind": "single"}
    off_peak = Validity(K.MONTH, hours=((570, 960),), uses_per_day=2, reentry=Reentry.FREE)
    assert to_json(off_peak) == {
        "kind": "month",
        "reentry": "free",
        "uses_per_day": 2,
        "hours": ["09:30-16:00"],
    }


@pytest.mark.parametrize(
    ("field", "plain"),
    [
        ("kind", {}),
        ("kind", {"kind": "year"}),
        ("colour", {"kind": "day", "colour": "red"}),
        ("n", {"kind": "entries", "n": "5"}),
        ("n", {"kind": "entries", "n": True}),
        ("uses_per_day", {"kind": "day", "uses_per_day": 1.0}),
        ("start", {"kind": "day", "start": "tomorrow"}),
        ("reentry", {"kind": "day", "reentry": None}),
        ("gates", {"kind": "day", "gates": "A"}),
        ("gates", {"kind": "day", "gates": [1]}),
        ("gates", {"kind": "day", "gates": [""]}),
        ("zones", {"kind": "day", "zones": ["1"]}),
        ("hours", {"kind": "day", "hours": ["9-16"]}),
        ("hours", {"kind": "day", "hours": ["09:30-25:00"]}),
        ("weekdays", {"kind": "day", "weekdays": 1}),
        ("day_is_one_use", {"kind": "day", "day_is_one_use": 1}),
        ("range_from_at", {"kind": "range", "range_from_at": "2026-07-01"}),
        ("range_from_at", {"kind": "range", "range_from_at": "soon"}),
        ("range_from_at", {"kind": "range", "range_from_at": 5}),
    ],
)
def test_wrong_plain_data_names_its_field(field, plain):
    with pytest.raises(ValueError) as error:
        from_json(plain)
    assert error.value.field == field
    assert error.value.reason
