"""The engine by itself: recorded events in, actions out; no socket, no thread, no clock."""

import dataclasses
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.engine import MAX_BYTES, MAX_ENTRIES, PULL_LIMIT, Engine, Timing
from sync.messages import HelloReply, Outcome, PullReply, PushReply, Standing, Versioned
from sync.ports import LeaseSet, Page, PageOutcome, Tip
from sync.steps import (
    Acknowledge,
    Adopt,
    Answered,
    Connect,
    Connected,
    Failed,
    Greet,
    Greeted,
    Lane,
    OutboxEmpty,
    Pull,
    Pulled,
    Push,
    Pushed,
    Started,
    Until,
    Wait,
    Waited,
    Wake,
    Woke,
)

UP, DOWN = Lane.UP, Lane.DOWN
HERE = "hub-1/00000001"


def standing(**changes: int) -> Standing:
    nothing = Versioned(0, [])
    fields = {"hub_ms": 5, "retry_after_ms": 0, "max_batch": 200, "max_bytes": 262144} | changes
    return Standing(**fields, leases=nothing, rights=nothing)


def hash_of(seq: int) -> bytes:
    return bytes([seq % 251]) * 32


def greeted(seq: int = 0, own_hash: bytes | None = None) -> Greeted:
    reply = HelloReply(HERE, "0001", "normal", "org", Tip(1, seq, hash_of(seq)), standing())
    return Greeted(reply, own_hash if own_hash is not None else hash_of(seq), 250)


def pushed(
    seq: int, sent: int, feeds: Sequence[str] = ("org",), outcomes: Sequence[Outcome] = (), **limits: int
) -> Pushed:
    reply = PushReply(Tip(1, seq, hash_of(seq)), outcomes, standing(**limits))
    return Pushed(reply, sent, frozenset(feeds), hash_of(seq), 251)


def pulled(received: int = 0, waiting: int | None = None, **outcome: int) -> Pulled:
    class Full(PullReply):
        """A reply that claims a number of entries without making them."""

        @property
        def received(self) -> int:
            return received

    pages: Sequence[Page] = ()
    heads: Mapping[str, int] = {"org": 1}
    reply = Full(HERE, 7, heads, received if waiting is None else waiting, pages)
    return Pulled(reply, PageOutcome(**outcome))


def engine(random: float = 0.5, timing: Timing | None = None) -> Engine:
    return Engine(lambda: random, timing)


def live() -> Engine:
    made = engine()
    for event in (Started(), Connected(UP), greeted(), OutboxEmpty(), Connected(DOWN), pulled()):
        made.step(0, event)
    assert made.view().mode == "live"
    return made


def test_both_lanes_begin_with_a_connection_of_their_own() -> None:
    assert engine().step(0, Started()) == [Connect(UP), Connect(DOWN)]


def test_upload_says_hello_first_and_download_pulls_at_once() -> None:
    made = engine()
    made.step(0, Started())
    assert made.step(1, Connected(UP)) == [Greet()]
    assert made.step(1, Connected(DOWN)) == [Pull(PULL_LIMIT)]


def test_the_hubs_tip_is_trusted_after_its_hash_was_compared() -> None:
    made = engine()
    made.step(0, Connected(UP))
    assert made.step(1, greeted(7)) == [Acknowledge(7, {}), Push(7, MAX_ENTRIES, MAX_BYTES)]
    assert made.view().offset_ms == 250


@pytest.mark.parametrize("own_hash", [b"another" * 4 + b"hash", b""])
def test_another_hash_at_the_hubs_tip_is_a_fork_and_not_tried_again_soon(own_hash: bytes) -> None:
    made = engine()
    made.step(0, Connected(UP))
    assert made.step(1, greeted(7, own_hash)) == [Wait(UP, 300_000, frozenset({Until.PERSON}))]
    assert (made.view().mode, made.view().code) == ("refused", "FORK")


def test_batches_follow_each_other_until_the_outbox_is_empty_and_then_one_hint_goes_out() -> None:
    made = engine()
    made.step(0, Connected(UP))
    made.step(0, greeted(0))
    assert made.step(1, pushed(200, 200, ["org"])) == [Acknowledge(200, {}), Push(200, 200, MAX_BYTES)]
    assert made.step(2, pushed(250, 50, ["cash"])) == [Acknowledge(250, {}), Push(250, 200, MAX_BYTES)]
    assert made.step(3, OutboxEmpty()) == [Wake(frozenset({"org", "cash"}))]
    assert made.step(4, Woke()) == [Wait(UP, 2_000, frozenset({Until.NUDGE, Until.PERSON}))]
    assert made.view().pushed == 250


def test_a_hub_under_load_is_left_alone_for_as_long_as_it_says() -> None:
    made = engine()
    made.step(0, Connected(UP))
    made.step(0, greeted(0))
    actions = made.step(1, pushed(5, 5, retry_after_ms=700, max_batch=50))
    assert actions == [Acknowledge(5, {}), Wait(UP, 700, frozenset())]
    assert made.step(701, Waited(UP)) == [Push(5, 50, MAX_BYTES)]


def test_outcomes_reach_the_outbox_as_held_or_conflict_and_aliases_as_stored() -> None:
    made = engine()
    made.step(0, Connected(UP))
    made.step(0, greeted(0))
    outcomes = [
        Outcome(1, "a", "held", "UNKNOWN_KIND"),
        Outcome(2, "b", "conflict", "DUPLICATE_ID"),
        Outcome(3, "c", "alias", None),
        Outcome(4, None, "quarantined", "MALFORMED"),
        Outcome(5, "e", "quarantined", "OVERSIZE"),
    ]
    acknowledge = made.step(1, pushed(5, 5, outcomes=outcomes))[0]
    assert acknowledge == Acknowledge(5, {"a": "held", "b": "conflict", "e": "held"})
    assert (made.view().held, made.view().conflicts) == (3, 1)


def test_an_acknowledged_hash_that_is_not_ours_is_a_fork() -> None:
    made = engine()
    made.step(0, Connected(UP))
    made.step(0, greeted(0))
    event = Pushed(PushReply(Tip(1, 5, hash_of(9)), (), standing()), 5, frozenset({"org"}), hash_of(5))
    made.step(1, event)
    assert made.view().code == "FORK"


def test_an_acknowledgement_of_less_than_was_sent_is_no_answer() -> None:
    made = engine()
    made.step(0, Connected(UP))
    made.step(0, greeted(0))
    made.step(1, pushed(3, 5))
    assert (made.view().mode, made.view().code) == ("offline", "HUB_REPLY")


def test_a_push_of_unknown_result_begins_again_with_hello() -> None:
    made = live()
    made.step(10, Failed(UP, "HUB_UNREACHABLE", lost=True))
    assert made.step(900, Waited(UP)) == [Connect(UP)]
    assert made.step(901, Connected(UP)) == [Greet()]
    assert made.step(902, greeted(200)) == [Acknowledge(200, {}), Push(200, MAX_ENTRIES, MAX_BYTES)]


def test_a_push_that_failed_on_a_live_connection_is_sent_again_in_smaller_pieces() -> None:
    made = live()
    made.step(10, Failed(UP, "HUB_BUSY", lost=False))
    assert made.step(900, Waited(UP)) == [Push(0, 100, MAX_BYTES)]
    for now in range(1000, 2000, 100):
        made.step(now, Failed(UP, "HUB_ERROR", lost=False))
    assert made.step(5000, Waited(UP)) == [Push(0, 1, MAX_BYTES)]
    assert made.step(5001, pushed(1, 1)) == [Acknowledge(1, {}), Push(1, 2, MAX_BYTES)]


def test_a_gap_sends_hello_again() -> None:
    made = live()
    made.step(10, Answered(UP, "GAP"))
    assert made.step(900, Waited(UP)) == [Greet()]


def test_download_goes_on_while_upload_fails_and_the_reverse() -> None:
    made = live()
    made.step(10, Failed(UP, "HUB_ERROR", lost=False))
    assert made.step(11, Waited(DOWN)) == [Pull(PULL_LIMIT)]
    assert made.view().mode == "offline"
    other = live()
    other.step(10, Failed(DOWN, "STORE_FULL", lost=False))
    assert other.step(11, Waited(UP)) == [Push(0, MAX_ENTRIES, MAX_BYTES)]


def test_pulling_goes_on_while_there_is_more() -> None:
    made = live()
    assert made.step(1, pulled(500, waiting=800, applied=500)) == [Pull(PULL_LIMIT)]
    assert made.step(2, pulled(300, waiting=300, applied=299, held=1)) == [
        Wait(DOWN, 2_000, frozenset({Until.HINT, Until.PERSON}))
    ]
    assert (made.view().pulled, made.view().held) == (800, 1)


def test_polling_is_quick_for_a_minute_after_something_happened_and_slow_after_that() -> None:
    made = live()
    made.step(0, pulled(1, applied=1))
    assert made.step(59_999, pulled())[0] == Wait(DOWN, 2_000, frozenset({Until.HINT, Until.PERSON}))
    assert made.step(60_000, pulled())[0] == Wait(DOWN, 15_000, frozenset({Until.HINT, Until.PERSON}))


@pytest.mark.parametrize("code", ["INCARNATION", "CURSOR"])
def test_another_incarnation_is_adopted_once_and_not_in_a_circle(code: str) -> None:
    made = live()
    answer = Answered(DOWN, code, {"incarnation": "hub-2/00000001"})
    assert made.step(1, answer) == [Adopt("hub-2/00000001"), Pull(PULL_LIMIT)]
    again = made.step(2, answer)
    assert isinstance(again[0], Wait)
    assert made.view().code == code


def test_a_lane_with_nothing_to_push_greets_a_restored_hub_again() -> None:
    made = live()
    made.step(1, Answered(DOWN, "INCARNATION", {"incarnation": "hub-2/00000001"}))
    assert made.step(2, Waited(UP)) == [Greet()]


@pytest.mark.parametrize("code", ["HUB_PASSWORD", "REVOKED", "MUST_UPGRADE", "HUB_OUTDATED", "NOT_ENROLLED"])
def test_what_only_a_person_can_cure_is_a_state_and_no_storm(code: str) -> None:
    made = engine()
    made.step(0, Started())
    for lane in (UP, DOWN):
        assert made.step(1, Failed(lane, code, lost=True)) == [Wait(lane, 300_000, frozenset({Until.PERSON}))]
    assert (made.view().mode, made.view().code) == ("refused", code)
    assert made.step(2, Waited(UP)) == [Connect(UP)]


def test_a_good_answer_ends_the_trouble() -> None:
    made = live()
    made.step(10, Failed(DOWN, "HUB_UNREACHABLE", lost=True))
    assert (made.view().mode, made.view().since_ms) == ("offline", 10)
    made.step(600, Waited(DOWN))
    made.step(700, Connected(DOWN))
    made.step(800, pulled())
    assert (made.view().mode, made.view().code, made.view().since_ms) == ("live", None, 800)


def test_a_retry_waits_with_full_jitter_from_half_a_second_doubling_to_a_minute() -> None:
    waits = []
    made = engine(random=0.999_999)
    now = 0
    for _ in range(12):
        (wait,) = made.step(now, Failed(UP, "HUB_UNREACHABLE", lost=True))
        waits.append(wait.ms)
        now += wait.ms
    assert [round(ms / 1000, 1) for ms in waits] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]


@given(st.lists(st.tuples(st.sampled_from(list(Lane)), st.floats(0, 0.999)), min_size=1, max_size=200))
def test_a_station_never_tries_more_than_twice_a_second(choices: list[tuple[Lane, float]]) -> None:
    numbers = iter([random for _, random in choices])
    made = Engine(lambda: next(numbers))
    due = dict.fromkeys(Lane, 0)
    tries: list[int] = []
    for lane, _ in choices:
        now = due[lane] = max(due.values()) if due[lane] == 0 else due[lane]
        (wait,) = made.step(now, Failed(lane, "HUB_UNREACHABLE", lost=True))
        due[lane] = now + wait.ms
        tries.append(due[lane])
    tries.sort()
    assert all(later - first >= 1000 for first, later in zip(tries, tries[2:], strict=False))


def test_the_set_of_hello_is_fresh_and_that_of_a_push_answers_its_request() -> None:
    made = engine()
    made.step(0, Connected(UP))
    first = made.step(0, greeted(0))[0]
    assert isinstance(first, Acknowledge)
    assert first.leases == LeaseSet(0, [], fresh=True)
    answered = dataclasses.replace(pushed(0, 0), request="asked")
    second = made.step(1, answered)[0]
    assert isinstance(second, Acknowledge)
    assert second.leases == LeaseSet(0, [], answered="asked")


def test_a_fork_leaves_the_leases_as_they_were() -> None:
    made = engine()
    made.step(0, Connected(UP))
    assert not [each for each in made.step(1, greeted(7, b"x" * 32)) if isinstance(each, Acknowledge)]


def test_what_may_not_be_asked_for_yet_is_asked_for_before_the_next_poll() -> None:
    made = engine()
    for event in (Started(), Connected(UP), greeted(), OutboxEmpty(), Connected(DOWN), pulled()):
        made.step(0, event)
    assert made.step(1, OutboxEmpty(again_ms=300)) == [Wait(UP, 300, frozenset({Until.NUDGE, Until.PERSON}))]
    (rest,) = made.step(2, OutboxEmpty())
    assert isinstance(rest, Wait)
    assert rest.ms > 300, "nothing is put off any more"
