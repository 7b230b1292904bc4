"""Passes at the gate: entries, days, weeks, delays, re-entry, first use."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from builders import (
    BERLIN,
    MOSCOW,
    NOW,
    make_code,
    make_event,
    make_exit,
    make_facts,
    make_pass,
    make_performance,
    make_policy,
    make_product,
    make_scan,
    make_use,
    utc,
)
from hypothesis import given
from hypothesis import strategies as st

from domain.admission import Direction, Listed, Severity, UnknownPolicy, Verdict, decide
from domain.admission_facts import people_inside
from domain.clock import to_text
from domain.validity import Reentry, ValidityKind, ValidityStart

K = ValidityKind


def berlin(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


def scan_at(facts, at, direction=Direction.ENTRY, people=1, **policy):
    return decide(facts, make_scan(at=at, direction=direction, people=people), make_policy(**policy))


def after(facts, at, direction=Direction.ENTRY, people=1, **policy):
    """The decision, and the facts as they are when it has been written down."""
    decision = scan_at(facts, at, direction, people, **policy)
    if decision.opens:
        facts = replace(facts, uses=(*facts.uses, make_use(at, direction=direction, people=people)))
    return decision, facts


def story(facts, *times, **policy):
    """The verdicts of one scan after another; a time with `out` before it is a scan at the exit."""
    verdicts = []
    for text in times:
        direction = Direction.EXIT if text.startswith("out ") else Direction.ENTRY
        decision, facts = after(facts, berlin(text.removeprefix("out ")), direction, **policy)
        verdicts.append(decision.verdict.value)
    return verdicts


def sold(kind, at="2026-06-01 09:00", **rules):
    return make_facts(product=make_pass(kind, **rules), sold_at=berlin(at))


def test_five_entries_are_five_entries():
    facts = sold(K.ENTRIES, n=5)
    for left in (4, 3, 2, 1, 0):
        decision, facts = after(facts, NOW)
        assert (decision.verdict, decision.entries_left) == (Verdict.ADMIT, left)
    decision, _ = after(facts, NOW)
    assert (decision.verdict, decision.params["period"], decision.params["left"]) == (
        Verdict.NO_ENTRIES_LEFT,
        "all",
        0,
    )
    assert (decision.params["at"], decision.params["gate"]) == (to_text(NOW), "B")


def test_entries_for_a_performance_keep_its_times():
    facts = make_facts(product=make_pass(K.ENTRIES, n=5), performance=make_performance())
    assert scan_at(facts, NOW - timedelta(days=1)).verdict is Verdict.TOO_EARLY


def test_the_lower_of_two_limits_counts():
    facts = sold(K.ENTRIES, n=5, uses_total=2)
    assert story(facts, "2026-06-01 10:00", "2026-06-01 11:00", "2026-06-01 12:00") == [
        "ADMIT",
        "ADMIT",
        "NO_ENTRIES_LEFT",
    ]


def test_the_first_use_is_shown():
    facts = sold(K.ENTRIES, n=5)
    _, facts = after(facts, NOW)
    decision, _ = after(facts, NOW + timedelta(hours=1))
    assert decision.first.at == NOW


@given(st.integers(1, 8), st.integers(1, 4), st.lists(st.integers(1, 4), max_size=30))
def test_no_sequence_of_groups_ever_exceeds_the_entries(n, admits, groups):
    facts = sold(K.ENTRIES, n=n, admits=admits)
    for people in groups:
        before = facts.uses
        decision, facts = after(facts, NOW, people=people)
        used = sum(use.people for use in before)
        assert decision.opens == (used + people <= n * admits)
        assert decision.entries_left == n * admits - sum(use.people for use in facts.uses)


def test_a_day_pass_admits_all_day_and_no_longer():
    facts = sold(K.DAY)
    assert story(facts, "2026-06-01 10:00", "2026-06-01 10:01", "2026-06-02 08:59", "2026-06-02 09:00") == [
        "ADMIT",
        "ADMIT",
        "ADMIT",
        "TOO_LATE",
    ]


def test_a_day_pass_sold_by_a_till_whose_clock_is_ahead_is_good_at_once():
    assert scan_at(sold(K.DAY), berlin("2026-06-01 08:58")).verdict is Verdict.ADMIT


def test_a_calendar_month_pass_sold_for_july_is_not_yet_valid_in_june():
    july = make_performance(starts_at=berlin("2026-07-10 20:00"))
    product = make_pass(K.MONTH, start=ValidityStart.CALENDAR)
    facts = make_facts(product=product, performance=july, sold_at=berlin("2026-06-01 09:00"))
    decision = scan_at(facts, berlin("2026-06-30 23:00"))
    assert decision.verdict is Verdict.TOO_EARLY
    assert decision.params["opens_at"] == to_text(berlin("2026-07-01 00:00"))
    assert scan_at(facts, berlin("2026-07-01 00:00")).opens
    assert scan_at(facts, berlin("2026-08-01 00:00")).verdict is Verdict.TOO_LATE


def test_a_season_is_a_range():
    facts = sold(K.RANGE, range_from_at=utc("2026-07-01 00:00"), range_until_at=utc("2026-09-01 00:00"))
    assert scan_at(facts, utc("2026-06-30 23:59")).verdict is Verdict.TOO_EARLY
    assert scan_at(facts, utc("2026-07-01 00:00")).verdict is Verdict.ADMIT
    assert scan_at(facts, utc("2026-09-01 00:00")).verdict is Verdict.TOO_LATE


def test_a_three_day_pass_from_first_use_counts_from_the_first_scan():
    facts = sold(K.DAYS, n=3, start=ValidityStart.FIRST_USE)
    assert story(facts, "2026-06-20 18:00", "2026-06-23 17:59", "2026-06-23 18:00") == [
        "ADMIT",
        "ADMIT",
        "TOO_LATE",
    ]


def test_the_first_scan_of_a_pass_says_until_when_it_is_valid_now():
    facts = sold(K.DAYS, n=3, start=ValidityStart.FIRST_USE)
    decision, facts = after(facts, berlin("2026-06-20 18:00"))
    assert decision.valid_until_at == berlin("2026-06-23 18:00")
    decision, _ = after(facts, berlin("2026-06-21 18:00"))
    assert decision.valid_until_at == berlin("2026-06-23 18:00")
    blocked = replace(facts, blocked="stolen", uses=())
    assert scan_at(blocked, berlin("2026-06-21 18:00")).valid_until_at is None


def test_a_ticket_for_an_evening_shows_no_end_of_its_own():
    assert scan_at(make_facts(), NOW).valid_until_at is None


def test_times_of_the_performance_do_not_bind_a_day_pass():
    product = make_pass(K.DAY, start=ValidityStart.CALENDAR)
    facts = make_facts(product=product, performance=make_performance(), sold_at=NOW)
    assert scan_at(facts, NOW.replace(hour=8)).verdict is Verdict.ADMIT


def test_once_per_day_begins_anew_at_local_midnight():
    facts = sold(K.MONTH, uses_per_day=1)
    assert story(facts, "2026-06-10 10:00", "2026-06-10 23:59", "2026-06-11 00:00") == [
        "ADMIT",
        "NO_ENTRIES_LEFT",
        "ADMIT",
    ]


def test_a_daily_limit_says_when_it_begins_anew():
    _, facts = after(sold(K.MONTH, uses_per_day=1), berlin("2026-06-10 10:00"))
    decision = scan_at(facts, berlin("2026-06-10 12:00"))
    assert decision.params["period"] == "day"
    assert decision.params["again_at"] == to_text(berlin("2026-06-11 00:00"))
    assert decision.params["at"] == to_text(berlin("2026-06-10 10:00"))


def test_the_day_may_end_in_the_small_hours():
    facts = sold(K.MONTH, uses_per_day=1)
    assert story(facts, "2026-06-10 22:00", "2026-06-11 02:00", "2026-06-11 05:00", day_ends_hour=5) == [
        "ADMIT",
        "NO_ENTRIES_LEFT",
        "ADMIT",
    ]


def test_the_local_day_is_that_of_the_events_zone():
    line = make_event(zone=MOSCOW)
    facts = replace(sold(K.MONTH, uses_per_day=1), event=line, uses=(make_use(utc("2026-06-10 20:30")),))
    assert scan_at(facts, utc("2026-06-10 20:59")).verdict is Verdict.NO_ENTRIES_LEFT
    assert scan_at(facts, utc("2026-06-10 21:00")).verdict is Verdict.ADMIT


def test_once_per_day_holds_through_the_25_hours_of_the_autumn_change():
    facts = sold(K.MONTH, at="2026-10-10 09:00", uses_per_day=1)
    _, facts = after(facts, berlin("2026-10-25 00:30"))
    assert scan_at(facts, utc("2026-10-25 22:59")).verdict is Verdict.NO_ENTRIES_LEFT
    assert scan_at(facts, utc("2026-10-25 23:00")).verdict is Verdict.ADMIT


def test_twice_a_week_begins_anew_on_monday():
    facts = sold(K.MONTH, uses_per_week=2)
    times = ("2026-06-09 10:00", "2026-06-12 10:00", "2026-06-14 23:59", "2026-06-15 00:00")
    assert story(facts, *times) == ["ADMIT", "ADMIT", "NO_ENTRIES_LEFT", "ADMIT"]


def test_a_family_pass_counts_its_people():
    facts = sold(K.MONTH, uses_per_day=1, admits=4)
    decision, facts = after(facts, berlin("2026-06-10 10:00"), people=3)
    assert decision.opens
    decision, facts = after(facts, berlin("2026-06-10 10:05"), people=2)
    assert (decision.verdict, decision.params["left"]) == (Verdict.NO_ENTRIES_LEFT, 1)
    assert scan_at(facts, berlin("2026-06-10 10:05")).opens


def test_a_day_that_is_one_use_is_free_after_its_first_scan():
    facts = sold(K.ENTRIES, n=2, day_is_one_use=True)
    times = (
        "2026-06-10 10:00",
        "2026-06-10 12:00",
        "2026-06-11 10:00",
        "2026-06-11 20:00",
        "2026-06-12 10:00",
    )
    assert story(facts, *times) == ["ADMIT", "ADMIT", "ADMIT", "ADMIT", "NO_ENTRIES_LEFT"]


def test_three_days_of_seven():
    facts = sold(K.DAYS, n=7, uses_total=3, day_is_one_use=True)
    days = (
        "2026-06-01 10:00",
        "2026-06-01 11:00",
        "2026-06-03 10:00",
        "2026-06-05 10:00",
        "2026-06-06 10:00",
    )
    assert story(facts, *days) == ["ADMIT", "ADMIT", "ADMIT", "ADMIT", "NO_ENTRIES_LEFT"]


def test_a_free_reentry_shows_the_same_entries_left():
    facts = sold(K.ENTRIES, n=2, day_is_one_use=True)
    decision, facts = after(facts, berlin("2026-06-10 10:00"))
    assert decision.entries_left == 1
    decision, facts = after(facts, berlin("2026-06-10 12:00"))
    assert decision.entries_left == 1


def test_coming_back_on_the_same_day_is_free_after_an_exit():
    facts = sold(K.ENTRIES, n=2, reentry=Reentry.AFTER_EXIT)
    times = (
        "2026-06-10 10:00",
        "2026-06-10 10:30",
        "out 2026-06-10 11:00",
        "2026-06-10 12:00",
        "out 2026-06-10 18:00",
        "2026-06-11 10:00",
        "out 2026-06-11 18:00",
        "2026-06-12 10:00",
    )
    assert story(facts, *times) == [
        "ADMIT",
        "ALREADY_INSIDE",
        "EXIT",
        "ADMIT",
        "EXIT",
        "ADMIT",
        "EXIT",
        "NO_ENTRIES_LEFT",
    ]


def test_who_forgot_to_scan_on_leaving_yesterday_is_not_inside_today():
    facts = sold(K.MONTH, reentry=Reentry.AFTER_EXIT)
    assert story(facts, "2026-06-10 10:00", "2026-06-10 11:00", "2026-06-11 10:00") == [
        "ADMIT",
        "ALREADY_INSIDE",
        "ADMIT",
    ]


def test_who_came_in_before_midnight_may_leave_after_it():
    facts = sold(K.MONTH, reentry=Reentry.AFTER_EXIT)
    assert story(facts, "2026-06-10 23:30", "out 2026-06-11 00:30") == ["ADMIT", "EXIT"]


def test_a_transit_pass_needs_no_exit_to_be_scanned_again():
    facts = sold(K.MONTH)
    assert story(facts, "2026-06-10 08:00", "2026-06-10 17:00") == ["ADMIT", "ADMIT"]


def test_a_delay_between_uses_says_how_many_seconds_are_left():
    _, facts = after(sold(K.MONTH, min_gap_minutes=10), berlin("2026-06-10 10:00"))
    decision = scan_at(facts, berlin("2026-06-10 10:09:30"))
    assert (decision.verdict, decision.severity, decision.opens) == (Verdict.WAIT, Severity.ATTENTION, False)
    assert decision.params == {"seconds": 30, "until_at": to_text(berlin("2026-06-10 10:10"))}
    assert scan_at(facts, berlin("2026-06-10 10:10")).opens


def test_a_delay_does_not_hold_up_the_rest_of_a_group():
    facts = sold(K.ENTRIES, n=2, admits=2, min_gap_minutes=10)
    times = ("2026-06-10 10:00", "2026-06-10 10:01", "2026-06-10 10:02")
    assert story(facts, *times) == ["ADMIT", "ADMIT", "WAIT"]


def test_a_wait_of_less_than_a_second_is_still_a_second():
    _, facts = after(sold(K.MONTH, min_gap_minutes=1), NOW.replace(month=6, day=10))
    at = NOW.replace(month=6, day=10) + timedelta(seconds=59, milliseconds=900)
    assert scan_at(facts, at).params["seconds"] == 1


def test_leaving_uses_nothing_up():
    facts = sold(K.ENTRIES, n=3)
    _, facts = after(facts, NOW)
    decision, _ = after(facts, NOW, Direction.EXIT)
    assert (decision.verdict, decision.entries_left) == (Verdict.EXIT, 2)


def test_an_exit_that_nobody_entered_for_counts_for_nothing():
    facts = replace(make_facts(), uses=(make_exit(NOW - timedelta(hours=1)), make_use()))
    assert facts.inside


RULES_OF_PASSES = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([K.ENTRIES, K.DAYS, K.WEEK, K.MONTH]),
        "n": st.integers(1, 4),
        "start": st.sampled_from(ValidityStart),
        "reentry": st.sampled_from(Reentry),
        "uses_per_day": st.none() | st.integers(1, 3),
        "uses_per_week": st.none() | st.integers(1, 5),
        "uses_total": st.none() | st.integers(1, 6),
        "min_gap_minutes": st.sampled_from([0, 10]),
        "day_is_one_use": st.booleans(),
        "admits": st.integers(1, 3),
    }
)
STEPS = st.lists(
    st.tuples(st.integers(0, 2000), st.sampled_from(Direction), st.integers(1, 3), st.booleans()), max_size=25
)


@given(RULES_OF_PASSES, STEPS)
def test_a_story_of_any_length_never_breaks_a_rule(rules, steps):
    admits = rules["admits"]
    facts, at = sold(rules.pop("kind"), **rules), berlin("2026-10-20 09:00")
    for minutes, direction, people, anti_passback in steps:
        at += timedelta(minutes=minutes)
        decision, facts = after(facts, at, direction, people, anti_passback=anti_passback)
        assert decision == scan_at(
            replace(facts, uses=facts.uses[:-1]) if decision.opens else facts,
            at,
            direction,
            people,
            anti_passback=anti_passback,
        )
        assert (
            decision.opens == (decision.verdict in (Verdict.ADMIT, Verdict.EXIT)) == decision.trace[-1].passed
        )
        assert decision.entries_left is None or decision.entries_left >= 0
        assert all(isinstance(step.values, dict) for step in decision.trace)
    uses_limit = facts.product.validity.use_limit
    if (
        uses_limit is not None
        and facts.product.validity.reentry is Reentry.NEVER
        and not rules["day_is_one_use"]
    ):
        entries = [use for use in facts.uses if use.direction is Direction.ENTRY]
        assert sum(use.people for use in entries) <= uses_limit * admits


@given(STEPS, st.integers(1, 4))
def test_with_reentry_after_exit_never_more_are_inside_than_the_ticket_admits(steps, admits):
    facts = make_facts(product=make_product(reentry=Reentry.AFTER_EXIT, admits=admits))
    for minutes, direction, people, _ in steps:
        _, facts = after(facts, NOW + timedelta(seconds=minutes), direction, people)
        assert 0 <= people_inside(facts.uses) <= admits


def test_an_unknown_pass_is_held_to_the_rules_of_its_product():
    facts = sold(K.MONTH, uses_per_day=1)
    scan = make_scan(
        code=make_code(valid_until_at=None, valid_from_at=None, is_pass=True), seen=(make_use(),)
    )
    policy = make_policy(unknown=UnknownPolicy.ADMIT_AND_FLAG, unknown_key=UnknownPolicy.ADMIT_AND_FLAG)
    scan = replace(scan, listed=Listed(facts.product, facts.event))
    assert decide(None, scan, policy).verdict is Verdict.NO_ENTRIES_LEFT
