"""Patterns that deserve a second look, and those that do not."""

from typing import Any

import pytest

from domain.audit import HOUR_MS, MOVED_MS, REFUNDS_PER_HOUR, Act, Pattern, suspicions

SERIAL = "00112233445566aa"


def act(number: int, kind: str, user: str | None = "carla", **more: Any) -> Act:
    fields: dict[str, Any] = {
        "station": "00000001", "wall_ms": number * 1000, "stamp_ms": number * 1000, "offset_ms": 0,
        "practice": False, "body": {},
    } | more  # fmt: skip
    return Act(f"e{number:03d}", kind, user, **fields)


def sale(number: int, tender: str, order: str = "o1") -> Act:
    body = {"order": order, "payments": [{"tender": tender}], "totals": {"due_minor": 2000}}
    return act(number, "order_sold", body=body)


def refund(number: int, **more: Any) -> Act:
    return act(number, "refund_paid", body={"order": "o1", "amount_minor": 500}, **more)


def found(*acts: Act) -> dict[tuple[str, str], list[str]]:
    return {(one.user, one.pattern.value): [each.entry_id for each in one.acts] for one in suspicions(acts)}


@pytest.mark.parametrize(("tender", "seen"), [("cash", True), ("card", False)])
def test_a_void_is_worth_a_look_where_cash_was_taken(tender: str, seen: bool) -> None:
    void = act(2, "order_voided", body={"order": "o1", "amount_minor": 2000})
    assert (("carla", "voids_after_cash") in found(sale(1, tender), void)) is seen


def test_few_refunds_are_ordinary_and_many_within_an_hour_are_not() -> None:
    few = [refund(n) for n in range(REFUNDS_PER_HOUR)]
    assert found(*few) == {}
    assert len(found(*few, refund(60))["carla", "refunds_per_hour"]) == REFUNDS_PER_HOUR + 1
    spread = [refund(n * HOUR_MS // 4000) for n in range(12)]
    assert found(*spread) == {}


def test_refunds_of_several_people_do_not_add_up() -> None:
    many = [refund(n, user=f"u{n}") for n in range(20)]
    assert found(*many) == {}


def test_the_money_of_a_pattern_is_added_up() -> None:
    (one,) = suspicions([refund(n) for n in range(6)])
    assert (one.pattern, one.amount_minor) == (Pattern.REFUNDS_PER_HOUR, -3000)


def test_the_drawer_opened_without_a_sale_counts_and_with_one_does_not() -> None:
    opened = act(1, "drawer_opened", body={"reason": "change"})
    beside = act(2, "drawer_opened", body={"order": "o1"})
    assert found(opened, beside) == {("carla", "no_sale_openings"): ["e001"]}


def test_a_ticket_printed_again_and_then_let_in_speaks_of_who_printed_it() -> None:
    reprint = act(1, "ticket_reprinted", body={"serial": SERIAL})
    came = act(2, "admitted", user="gary", body={"serial": SERIAL})
    assert found(came, reprint) == {("carla", "reprint_then_admitted"): ["e001", "e002"]}
    assert found(act(0, "admitted", user="gary", body={"serial": SERIAL}), reprint) == {}


def test_a_close_with_a_difference_is_one_and_an_even_one_is_none() -> None:
    off = act(1, "shift_closed", body={"difference_minor": -700})
    even = act(2, "shift_closed", body={"difference_minor": 0})
    assert found(off, even) == {("carla", "close_differences"): ["e001"]}


@pytest.mark.parametrize(
    ("more", "seen"),
    [
        ({"offset_ms": MOVED_MS + 1}, True),
        ({"offset_ms": -MOVED_MS - 1}, True),
        ({"offset_ms": MOVED_MS}, False),
        ({"offset_ms": None}, False),
        ({"stamp_ms": 5000 + MOVED_MS + 1}, True),
    ],
)
def test_a_clock_that_was_moved_shows(more: dict[str, Any], seen: bool) -> None:
    assert (("carla", "clock_moved") in found(act(5, "app_started", **more))) is seen


def test_lock_outs_speak_of_the_person_who_was_guessed_at() -> None:
    guess = act(1, "user_locked_out", user=None, body={"user": "anna", "failures": 5})
    assert found(guess) == {("anna", "sign_in_failures"): ["e001"]}


def test_practice_is_marked_and_acts_of_nobody_are_nobodys() -> None:
    assert found(act(1, "gate_opened", practice=True)) == {("carla", "practice"): ["e001"]}
    assert found(act(1, "gate_opened", user=None, practice=True)) == {}
