"""How long a sign-in lasts without the hub, whatever somebody does to the clock."""

from dataclasses import replace

import pytest

from domain.permissions import Permission
from domain.sessions import HOUR_MS, STANDS_AT_THE_GATE, Moment, SessionPolicy, hours_left, stopped

POLICY = SessionPolicy(24, 72)
MET = Moment(wall_ms=10**12, mono_ms=5_000, boot="one", stamp_ms=10**12)


def after(hours: float, **changes: object) -> Moment:
    passed = int(hours * HOUR_MS)
    now = Moment(MET.wall_ms + passed, MET.mono_ms + passed, "one", MET.stamp_ms)
    return replace(now, **changes)


def codes(now: Moment, *, proved: Moment | None = None, has_password: bool = True) -> set[str]:
    return set(stopped(POLICY, MET, proved, now, has_password=has_password).values())


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        (0, set()),
        (24, set()),
        (24.1, {"PASSWORD_NEEDED"}),
        (72, {"PASSWORD_NEEDED"}),
        (72.1, {"PASSWORD_NEEDED", "SELLING_STOPPED"}),
    ],
)
def test_after_a_day_the_password_and_after_three_nothing_is_sold(hours: float, found: set[str]) -> None:
    assert codes(after(hours)) == found


def test_the_password_helps_for_a_day_but_not_against_the_end_of_selling() -> None:
    assert codes(after(30), proved=after(25)) == set()
    assert codes(after(50), proved=after(25)) == {"PASSWORD_NEEDED"}
    assert codes(after(80), proved=after(79)) == {"SELLING_STOPPED"}


def test_nobody_is_asked_for_a_password_they_do_not_have() -> None:
    assert codes(after(30), has_password=False) == set()


def test_a_station_that_works_by_itself_has_no_limits() -> None:
    assert stopped(POLICY, None, None, after(10_000), has_password=True) == {}
    assert hours_left(None, after(1), 72) is None


def test_a_gate_that_scans_goes_on() -> None:
    halted = stopped(POLICY, MET, None, after(500), has_password=True)
    assert not halted.keys() & STANDS_AT_THE_GATE
    assert halted[Permission.SELL] == "SELLING_STOPPED"
    assert halted[Permission.PEOPLE] == "PASSWORD_NEEDED"


def test_setting_the_clock_back_gives_no_time() -> None:
    assert codes(after(80, wall_ms=MET.wall_ms - HOUR_MS)) == {"PASSWORD_NEEDED", "SELLING_STOPPED"}


def test_after_a_reboot_with_the_clock_set_back_the_newest_entry_tells_the_time() -> None:
    back = after(80, wall_ms=MET.wall_ms, mono_ms=0, boot="two")
    assert codes(back) == set(), "nothing is left that could tell"
    assert codes(replace(back, stamp_ms=MET.stamp_ms + 80 * HOUR_MS)) == {
        "PASSWORD_NEEDED",
        "SELLING_STOPPED",
    }


def test_what_is_left_is_counted_down() -> None:
    assert hours_left(MET, after(10), 72) == pytest.approx(62)
    assert hours_left(MET, after(100), 72) == pytest.approx(-28)
