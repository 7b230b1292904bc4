"""Times as text and milliseconds, and stamps that never go back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from builders import NOW, FakeClock
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import Clock, Hlc, from_ms, from_text, to_ms, to_text

MS = st.integers(0, 4_000_000_000_000)
STAMPS = st.builds(Hlc, MS, st.integers(0, 999_998))


@given(MS)
def test_milliseconds_and_text_read_back(ms):
    assert to_ms(from_ms(ms)) == ms
    assert from_text(to_text(from_ms(ms))) == from_ms(ms)


def test_the_text_is_utc_with_milliseconds():
    at = datetime(2026, 11, 21, 22, 0, 0, 5_999, tzinfo=timezone(timedelta(hours=3)))
    assert to_text(at) == "2026-11-21T19:00:00.005Z"


@given(MS, MS)
def test_text_sorts_like_time(one, other):
    assert (to_text(from_ms(one)) < to_text(from_ms(other))) == (one < other)


def test_times_before_1970_round_down_too():
    assert to_ms(datetime(1969, 12, 31, 23, 59, 59, 999_500, tzinfo=UTC)) == -1


@pytest.mark.parametrize("text", ["2026-11-21T19:00:00", "2026-11-21", "soon", ""])
def test_a_text_without_a_zone_is_an_error(text):
    with pytest.raises(ValueError):
        from_text(text)


def test_another_zone_is_turned_into_utc():
    assert from_text("2026-11-21T22:00:00+03:00") == datetime(2026, 11, 21, 19, tzinfo=UTC)


@pytest.mark.parametrize("convert", [to_ms, to_text])
def test_a_naive_time_is_an_error(convert):
    with pytest.raises(ValueError):
        convert(datetime(2026, 11, 21))  # noqa: DTZ001


@given(STAMPS, MS)
def test_a_stamp_is_always_later_than_the_one_before(stamp, wall_ms):
    assert stamp.tick(wall_ms) > stamp
    assert stamp.tick(wall_ms).ms >= wall_ms


@given(STAMPS, STAMPS, MS)
def test_a_merged_stamp_is_later_than_both(mine, theirs, wall_ms):
    assert mine.merge(theirs, wall_ms) > max(mine, theirs)


@given(STAMPS, STAMPS)
def test_stamps_sort_as_text_and_read_back(one, other):
    assert (str(one) < str(other)) == (one < other)
    assert Hlc.parse(str(one)) == one


@pytest.mark.parametrize("text", ["", "1", "1-2-3", "a-b"])
def test_what_is_not_a_stamp_is_an_error(text):
    with pytest.raises(ValueError):
        Hlc.parse(text)


def test_the_clock_of_the_tests_is_a_clock():
    clock: Clock = FakeClock()
    before = clock.monotonic_ms()
    clock.advance(minutes=2)
    assert clock.now() == NOW + timedelta(minutes=2)
    assert clock.monotonic_ms() - before == 120_000
    clock.set_wall(NOW)
    assert (clock.now(), clock.monotonic_ms() - before, clock.boot_id()) == (NOW, 120_000, "boot-1")
