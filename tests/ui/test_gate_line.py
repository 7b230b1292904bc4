"""The line before a gate, and what the camera sees, without a window."""

from ui.gate.line import HOLD_MS, LEFT_VIEW_MS, REMIND_EVERY_MS, ScanLine, Sight, Sightings, Waiting


def scan(text: str) -> Waiting:
    return Waiting(text, "serial")


def test_the_next_scan_is_taken_only_after_the_first_is_done() -> None:
    line = ScanLine()
    line.join(scan("one"))
    line.join(scan("two"))
    assert line.take(0) == scan("one")
    assert line.take(10_000) is None
    line.done()
    assert line.take(10_000) == scan("two")


def test_a_verdict_stands_for_a_moment_before_somebody_else_is_decided() -> None:
    line = ScanLine()
    line.join(scan("one"))
    line.take(0)
    line.shown("one", 100)
    line.done()
    line.join(scan("two"))
    assert line.take(100 + HOLD_MS - 1) is None
    assert line.take(100 + HOLD_MS) == scan("two")


def test_the_same_code_again_does_not_wait() -> None:
    line = ScanLine()
    line.join(scan("one"))
    line.take(0)
    line.shown("one", 100)
    line.done()
    line.join(scan("one"))
    assert line.take(101) == scan("one")


def test_a_code_that_waits_or_is_in_hand_joins_once() -> None:
    line = ScanLine()
    assert line.join(scan("one"))
    assert not line.join(scan("one"))
    line.take(0)
    assert not line.join(scan("one"))
    assert line.waiting == 0


def test_nobody_waits_after_the_lane_was_closed() -> None:
    line = ScanLine()
    line.join(scan("one"))
    line.clear()
    assert line.take(0) is None


def test_a_code_that_stays_before_the_camera_is_new_once() -> None:
    seen = Sightings()
    looks = [seen.look("code", ms) for ms in range(0, 900, 33)]
    assert looks[0] is Sight.NEW
    assert set(looks[1:]) == {Sight.STAYS}


def test_the_gate_is_reminded_now_and_then_of_a_code_that_stays() -> None:
    seen = Sightings()
    looks = [seen.look("code", ms) for ms in range(0, 3 * REMIND_EVERY_MS + 50, 50)]
    assert looks.count(Sight.REMIND) == 3


def test_a_code_taken_away_and_shown_again_is_new() -> None:
    seen = Sightings()
    seen.look("code", 0)
    assert seen.look("code", LEFT_VIEW_MS + 1) is Sight.NEW


def test_two_codes_in_one_picture_are_two_scans() -> None:
    seen = Sightings()
    assert (seen.look("one", 0), seen.look("two", 0)) == (Sight.NEW, Sight.NEW)
    assert (seen.look("one", 33), seen.look("two", 33)) == (Sight.STAYS, Sight.STAYS)


def test_after_an_undo_what_lies_there_is_quiet_until_it_is_shown_anew() -> None:
    seen = Sightings()
    seen.look("code", 0)
    seen.mute()
    assert {seen.look("code", ms) for ms in range(100, 5000, 100)} == {Sight.STAYS}
    assert seen.look("code", 5000 + LEFT_VIEW_MS) is Sight.NEW
