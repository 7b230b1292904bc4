"""Order rights, what an order has come to, what goes back to whom, gift cards: the rules alone."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.afterwards import Course, Paid, Payout, merge_paid, order_state, payouts, unpaid_minor
from domain.conflict_money import Booked, GivenBack, MoneyCase, money_conflicts, value_conflicts
from domain.entry import HUB
from domain.errors import Refusal
from domain.order import Tender
from domain.rights import (
    GRANT_KEPT_MS,
    RELEASE_AFTER_MS,
    Act,
    Answer,
    Holder,
    Kept,
    Mine,
    RightFacts,
    Why,
    held_number,
    holder,
    to_release,
)
from domain.states import OrderState
from domain.values import Offline, check_offline, value_hash

BORN = Holder("aaaa0001", 1, 0)
MINE = Mine("aaaa0001", 1)
OTHER = Mine("bbbb0002", 1)


def test_a_right_is_born_at_the_selling_station() -> None:
    facts = RightFacts(BORN)
    assert holder(facts) == BORN
    assert held_number(facts, MINE) == 0
    assert held_number(facts, OTHER) is None
    assert held_number(facts, Mine("aaaa0001", 2)) is None, "a new epoch holds nothing of the old one"


def test_given_up_it_is_the_hubs_until_granted_anew() -> None:
    assert holder(RightFacts(BORN, (), {0})) == Holder(HUB, 0, 0)
    granted = Holder("bbbb0002", 1, 1)
    facts = RightFacts(BORN, [granted], {0})
    assert holder(facts) == granted
    assert held_number(facts, MINE) is None
    assert held_number(facts, OTHER) is None, "it has read the grant, and does not stand in the set"
    assert held_number(facts, Mine("bbbb0002", 1, granted=1)) == 1
    assert held_number(RightFacts(BORN, [granted], {0, 1}), Mine("bbbb0002", 1, granted=1)) is None


def test_nobody_holds_what_was_never_heard_of() -> None:
    assert holder(RightFacts(None)) is None
    assert holder(RightFacts(None, (), {0})) == Holder(HUB, 0, 0)


def test_a_cancelled_event_leaves_refunds_to_the_hub() -> None:
    facts, mine = RightFacts(BORN), Mine("aaaa0001", 1, cancelled=True)
    assert held_number(facts, mine, Act.REFUND) is None
    assert held_number(facts, mine, Act.HAND_OUT) == 0
    granted = Mine("aaaa0001", 1, granted=1, cancelled=True)
    assert held_number(RightFacts(BORN, [Holder("aaaa0001", 1, 1)], {0}), granted, Act.REFUND) == 1


def test_a_station_alone_holds_everything() -> None:
    assert held_number(RightFacts(None), Mine("x", 1, alone=True, cancelled=True), Act.REFUND) == 0


@given(st.lists(st.sampled_from(["give", "grant a", "grant b"]), max_size=12), st.randoms())
def test_the_holder_does_not_depend_on_the_order_of_the_entries(steps: list[str], shuffle: object) -> None:
    granted, given_up, now = [], [], BORN
    for step in steps:
        if step == "give" and now.station != HUB:
            given_up.append(now.number)
            now = Holder(HUB, 0, now.number)
        elif step != "give" and now.station == HUB:
            now = Holder("aaaa0001" if step.endswith("a") else "bbbb0002", 1, now.number + 1)
            granted.append(now)
    shuffle.shuffle(granted)  # type: ignore[attr-defined]
    shuffle.shuffle(given_up)  # type: ignore[attr-defined]
    assert holder(RightFacts(BORN, granted, given_up)) == now


def test_births_go_after_ten_minutes_grants_after_two_and_all_without_a_shift() -> None:
    kept = [Kept("a", 0, 0), Kept("b", 3, 0)]
    assert to_release(kept, GRANT_KEPT_MS, selling=True) == [kept[1]]
    assert to_release(kept, RELEASE_AFTER_MS, selling=True) == kept
    assert to_release(kept, 1, selling=False) == kept
    assert to_release(kept, 1, selling=True) == []
    assert to_release(kept, -1, selling=True) == kept  # the clock was set back: nobody knows for how long


def test_an_answer_is_read_strictly_and_a_new_reason_counts_as_unknown() -> None:
    assert Answer.read({"order": "a", "granted": False, "why": "held", "who": "x"}).why is Why.HELD
    assert Answer.read({"order": "a", "granted": False, "why": "tomorrow"}).why is Why.UNKNOWN
    assert Answer.read({"order": "a", "granted": True}).why is None
    for odd in ({}, {"order": 1, "granted": True}, {"order": "a", "granted": "yes"}):
        with pytest.raises(ValueError, match="cannot be read"):
            Answer.read(odd)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, OrderState.PAID),
        ({"back": ["a"]}, OrderState.PARTLY_REFUNDED),
        ({"back": ["a", "b"]}, OrderState.REFUNDED),
        ({"back": ["a"], "voided": True}, OrderState.VOID),
        ({"reserved": True, "paid_minor": 0, "payments": 0}, OrderState.RESERVED),
        ({"reserved": True, "paid_minor": 9, "payments": 1}, OrderState.RESERVED),
        ({"reserved": True, "paid_minor": 9, "payments": 1, "released": True}, OrderState.RELEASED),
        ({"reserved": True}, OrderState.PAID),
        ({"reserved": True, "released": True}, OrderState.PAID),
        ({"reserved": True, "due_minor": 0, "paid_minor": 0, "payments": 0}, OrderState.RESERVED),
        ({"reserved": True, "due_minor": 0, "paid_minor": 0}, OrderState.PAID),
    ],
)
def test_what_an_order_has_come_to(changes: dict[str, object], state: OrderState) -> None:
    facts = {"reserved": False, "due_minor": 10, "paid_minor": 10, "serials": ["a", "b"], "payments": 1}
    course = Course(**(facts | changes))  # type: ignore[arg-type]
    assert order_state(course) is state
    assert (unpaid_minor(course) > 0) == (course.reserved and course.paid_minor < course.due_minor)


def test_money_goes_back_as_it_came_or_as_asked() -> None:
    paid = [Paid(Tender.CARD, 300, "T-1"), Paid(Tender.CASH, 700)]
    assert payouts(500, paid, "EUR") == [Payout(Tender.CARD, 300, "T-1"), Payout(Tender.CASH, 200)]
    assert payouts(500, paid, "EUR", Tender.CASH) == [Payout(Tender.CASH, 500)]
    assert payouts(0, [], "EUR", Tender.CASH) == []
    with pytest.raises(Refusal, match="REFUND_TOO_LARGE"):
        payouts(1_001, paid, "EUR")
    with pytest.raises(Refusal, match="TENDER_NOT_TAKEN"):
        payouts(1, paid, "EUR", Tender.COMP)


@given(
    st.lists(st.tuples(st.sampled_from([Tender.CASH, Tender.CARD]), st.integers(0, 999)), max_size=5),
    st.integers(0, 4_000),
    st.sampled_from([None, Tender.CASH, Tender.CARD]),
)
def test_what_is_left_and_what_went_back_always_add_up(
    came: list[tuple[Tender, int]], wanted: int, tender: Tender | None
) -> None:
    paid = [Paid(kind, amount) for kind, amount in came]
    most = sum(amount for _, amount in came)
    amount = min(wanted, most)
    went = payouts(amount, merge_paid(paid, []), "EUR", tender)
    assert sum(out.amount_minor for out in went) == amount
    left = merge_paid(paid, went)
    assert sum(each.left_minor for each in left) == most - amount
    assert all(each.left_minor >= 0 for each in left)


def booked(number: int, amount: int = 10) -> Booked:
    return Booked(f"e{number}", f"{number:04d}", number, amount)


def test_conflicts_of_money_stand_on_the_entries_that_cannot_both_be_right() -> None:
    assert money_conflicts(MoneyCase("o", 1, 10, (booked(1),))) == []
    twice = money_conflicts(MoneyCase("o", 1, 10, (booked(2), booked(1))))
    assert [(one.code, one.entries, one.at_ms) for one in twice] == [("PAID_TWICE", ("e1", "e2"), 2)]
    assert money_conflicts(MoneyCase("o", 1, None, (booked(2), booked(1)))) == []
    late = money_conflicts(MoneyCase("o", 1, 10, (booked(1),), (booked(2, 0),)))
    assert [one.code for one in late] == ["PAID_AFTER_RELEASE"]
    backs = (GivenBack("e1", "1", 1, ("a",)), GivenBack("e2", "2", 2, ("b",)))
    assert money_conflicts(MoneyCase("o", 1, 10, (), (), backs)) == []
    again = (*backs, GivenBack("e3", "3", 3, ("a", "c")))
    for order in itertools.permutations(again):
        (found,) = money_conflicts(MoneyCase("o", 1, 10, (), (), order))
        assert (found.code, found.entries, found.at_ms) == ("REFUND_TWICE", ("e1", "e3"), 3)


def test_a_value_is_overspent_when_more_was_taken_than_put_on_it() -> None:
    assert value_conflicts("v", [booked(1, 50)], [booked(2, 30), booked(3, 20)]) == []
    (found,) = value_conflicts("v", [booked(1, 50)], [booked(3, 30), booked(2, 30)])
    assert (found.code, found.entries, found.at_ms) == ("VALUE_OVERSPENT", ("e2", "e3"), 3)


def test_a_code_is_known_by_its_letters_alone_and_only_its_hash_is_kept() -> None:
    assert value_hash("gift-2026 abcd") == value_hash("GIFT2026ABCD")
    assert value_hash("GIFT2026ABCD") != value_hash("GIFT2026ABCE")
    with pytest.raises(Refusal, match="VOUCHER_INVALID"):
        value_hash("short")


def test_offline_a_value_is_taken_up_to_the_accepted_risk() -> None:
    check_offline(Offline(None, 0, 500, "EUR"), 500)
    with pytest.raises(Refusal, match="VALUE_OFFLINE"):
        check_offline(Offline(None, 100, 500, "EUR"), 401)
    with pytest.raises(Refusal, match="VALUE_SHORT"):
        check_offline(Offline(100, 0, 500, "EUR"), 101)
