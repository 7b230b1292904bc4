"""One code held to a scanner is decided once, and a refused fact is written once a minute."""

import pytest
from builders import FakeClock, make_decision, make_facts, make_policy, make_scan, make_use
from hypothesis import given
from hypothesis import strategies as st

from domain.admission import RepeatGuard, Severity, Verdict, decide


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def guard():
    return RepeatGuard()


def test_a_new_code_is_decided(guard, clock):
    assert guard.look("s1", "1", clock.now()) is None


def test_the_same_code_within_four_seconds_repeats_the_first_answer(guard, clock):
    first = decide(make_facts(), make_scan(), make_policy())
    guard.remember("s1", "1", clock.now(), first)
    repeat = guard.look("s1", "1", clock.advance(2))
    assert (repeat.verdict, repeat.opens, repeat.severity) == (Verdict.REPEAT, False, Severity.INFO)
    assert repeat.params == {"verdict": "ADMIT", "opened": True, "seconds": 2}
    assert repeat.facts == first.facts


def test_a_repeated_refusal_keeps_its_colour_and_its_words(guard, clock):
    first = decide(make_facts(uses=(make_use(),)), make_scan(), make_policy())
    guard.remember("s1", "1", clock.now(), first)
    repeat = guard.look("s1", "1", clock.advance(1))
    assert (repeat.severity, repeat.opens) == (Severity.REFUSE, False)
    assert repeat.params == {**first.params, "verdict": "ALREADY_USED", "opened": False, "seconds": 1}


def test_a_code_that_stays_in_view_is_never_decided_again(guard, clock):
    guard.remember("s1", "1", clock.now(), make_decision())
    for _ in range(20):
        assert guard.look("s1", "1", clock.advance(3)).verdict is Verdict.REPEAT
    assert guard.look("s1", "1", clock.now()).params["seconds"] == 60


@pytest.mark.parametrize(("away", "repeats"), [(3.9, True), (4, True), (4.001, False)])
def test_four_seconds_count_from_the_last_sighting(guard, clock, away, repeats):
    guard.remember("s1", "1", clock.now(), make_decision())
    guard.look("s1", "1", clock.advance(3))
    assert (guard.look("s1", "1", clock.advance(away)) is not None) is repeats


def test_another_lane_and_another_code_are_decided(guard, clock):
    guard.remember("s1", "1", clock.now(), make_decision())
    assert guard.look("s1", "2", clock.now()) is None
    assert guard.look("s2", "1", clock.now()) is None


def test_two_codes_in_one_picture_are_each_decided_once(guard, clock):
    for key in ("s1", "s2"):
        assert guard.look(key, "1", clock.now()) is None
        guard.remember(key, "1", clock.now(), make_decision())
    for _ in range(5):
        clock.advance(0.1)
        assert all(guard.look(key, "1", clock.now()).verdict is Verdict.REPEAT for key in ("s1", "s2"))


def test_a_clock_set_back_a_little_still_repeats_and_far_back_does_not(guard, clock):
    guard.remember("s1", "1", clock.now(), make_decision())
    assert guard.look("s1", "1", clock.advance(-2)).params["seconds"] == 0
    assert guard.look("s1", "1", clock.advance(-3600)) is None


def test_a_forgotten_code_is_decided_anew_on_every_lane(guard, clock):
    for lane in ("1", "2"):
        guard.remember("s1", lane, clock.now(), make_decision())
        guard.remember("s2", lane, clock.now(), make_decision())
    guard.forget("s1")
    assert guard.look("s1", "1", clock.now()) is None
    assert guard.look("s1", "2", clock.now()) is None
    assert guard.look("s2", "1", clock.now()) is not None


def test_whatever_opens_is_always_written(guard, clock):
    for verdict in (Verdict.ADMIT, Verdict.EXIT):
        assert all(guard.should_record("s1", "1", clock.now(), make_decision(verdict)) for _ in range(3))


@pytest.mark.parametrize("verdict", [Verdict.UNREADABLE, Verdict.REPEAT])
def test_camera_noise_and_repeats_are_never_written(guard, clock, verdict):
    assert not guard.should_record("s1", "1", clock.now(), make_decision(verdict))


def test_a_refused_fact_is_written_once_per_code_lane_and_minute(guard, clock):
    refused = make_decision(Verdict.FORGED)
    assert guard.should_record("s1", "1", clock.now(), refused)
    assert not guard.should_record("s1", "1", clock.advance(59), refused)
    assert guard.should_record("s1", "2", clock.now(), refused)
    assert guard.should_record("s2", "1", clock.now(), refused)
    assert guard.should_record("s1", "1", clock.advance(1), refused)
    assert not guard.should_record("s1", "1", clock.advance(1), refused)


def test_an_admission_after_a_refusal_in_the_same_minute_is_written(guard, clock):
    assert guard.should_record("s1", "1", clock.now(), make_decision(Verdict.UNPAID))
    assert guard.should_record("s1", "1", clock.advance(1), make_decision(Verdict.ADMIT))


def test_memory_stays_small_over_an_evening_of_different_codes(guard, clock):
    for number in range(5000):
        guard.remember(str(number), "1", clock.now(), make_decision())
        guard.should_record(str(number), "1", clock.now(), make_decision(Verdict.FORGED))
        clock.advance(1)
    assert len(guard._sightings) <= 512
    assert len(guard._recorded) <= 512
    assert guard.look("4999", "1", clock.now()) is not None


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 30)), max_size=40))
def test_a_code_is_decided_exactly_when_it_was_out_of_sight_for_more_than_four_seconds(sightings):
    guard, clock, seen = RepeatGuard(), FakeClock(), {}
    for key, gap in sightings:
        at = clock.advance(gap)
        decided = guard.look(key, "1", at) is None
        assert decided == (key not in seen or (at - seen[key]).total_seconds() > 4)
        if decided:
            guard.remember(key, "1", at, make_decision())
        seen[key] = at
