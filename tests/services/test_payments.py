"""Payments in steps: at one till, killed in the middle, at another station, on X and Z, over a real hub."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.services.gate import ScanInput
from app.services.payments import PaymentRequest
from app.services.sell import Tendered
from domain.actor import Role
from domain.admission import Verdict
from domain.errors import Refusal
from domain.order import Tender
from domain.payments import UNANSWERED_MS
from domain.states import PaymentState
from tests.postgres import Hub
from tests.services import test_leases
from tests.services.house import CASHIER, SUPERVISOR, House, left, somebody
from tests.services.test_afterwards import both, cut, item
from tests.services.test_leases import MakeTills, Till

make_tills = test_leases.make_tills

MINE = "0e4e7fd4-55c8-4b4c-9d1a-3f7f3f0c8a11"
OTHER = somebody(Role.CASHIER, number=8)


def after(place: Any) -> Any:
    return (place.station if isinstance(place, (House, Till)) else place).services.afterwards


def start(house: House, count: int = 2, **more: Any) -> Any:
    return after(house).start_payment(PaymentRequest([house.item("full", count)], **more), CASHIER)


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def standing(place: Any, payment: str) -> Any:
    with place.station.store.read() as read:
        return read.payment(payment)


def shift(place: Any) -> Any:
    return place.station.services.shift_now(CASHIER)


# At one till.


def test_a_started_payment_keeps_its_places_and_is_in_no_sum(house: House) -> None:
    before = left(house, "full")
    begun = start(house)
    assert (begun.standing.state, begun.standing.amount.minor) == (PaymentState.STARTED, 4_000)
    assert begun.order.state == "reserved"
    assert left(house, "full") == before - 2
    view = shift(house)
    assert (view.tenders, view.receipts_count) == ({}, 0)
    assert [(one.payment, one.amount_minor) for one in view.unknown] == [(begun.standing.payment, 4_000)]


def test_a_taken_payment_pays_the_order_and_opens_the_gate(house: House) -> None:
    begun = start(house)
    code = next(iter(after(house).take_payment(begun.standing.payment, "T-1", CASHIER).codes.values()))
    assert house.gate.check(ScanInput(code, "camera"), CASHIER).decision.verdict is not Verdict.UNPAID
    view = shift(house)
    assert (view.tenders, view.receipts_count, list(view.unknown)) == ({"card": 4_000}, 1, [])
    assert view.expected == view.float_
    order = house.services.find_orders.show(begun.order.order, CASHIER)
    assert (order.state, order.payments[0].reference) == ("paid", "T-1")


def test_before_it_is_taken_the_gate_says_unpaid(house: House) -> None:
    begun = start(house)
    code = next(iter(house.services.find_orders.codes(begun.order).values()))
    assert house.gate.check(ScanInput(code, "camera"), CASHIER).decision.verdict is Verdict.UNPAID


def test_a_failed_payment_frees_its_places(house: House) -> None:
    before = left(house, "full")
    begun = start(house)
    order = after(house).fail_payment(begun.standing.payment, "declined", CASHIER)
    assert order.state == "released"
    assert left(house, "full") == before
    (failed,) = house.entries("payment_failed")
    assert failed.body["freed"] == house.entries("payment_started")[0].body["slots"] != []
    assert list(shift(house).unknown) == []


def test_a_reservation_outlives_a_payment_that_failed_and_is_paid_in_another_way(house: House) -> None:
    until = house.clock.now() + timedelta(hours=1)
    kept = after(house).reserve.reserve([house.item("full", 2)], until, CASHIER).order
    begun = after(house).start_payment(PaymentRequest(order=kept.order), CASHIER)
    assert refused(lambda: after(house).release(kept.order, CASHIER)).code == "PAYMENT_OPEN"
    money = [Tendered(Tender.CASH, 4_000)]
    assert refused(lambda: after(house).pay(kept.order, money, CASHIER)).code == "PAYMENT_OPEN"
    assert refused(lambda: after(house).start_payment(PaymentRequest(order=kept.order), CASHIER)).params == {
        "order": kept.reference,
        "amount_minor": 4_000,
        "currency": "EUR",
    }
    assert after(house).fail_payment(begun.standing.payment, "declined", CASHIER).state == "reserved"
    assert after(house).pay(kept.order, money, CASHIER).order.state == "paid"


def test_a_double_click_begins_one_payment_and_books_one(house: House) -> None:
    first, again = start(house, payment=MINE), start(house, payment=MINE)
    assert first.standing == again.standing
    assert len(house.entries("payment_started")) == len(house.entries("order_reserved")) == 1
    paid = after(house).take_payment(MINE, "T-1", CASHIER)
    assert after(house).take_payment(MINE, "T-1", CASHIER) == paid
    assert start(house, payment=MINE).standing.state is PaymentState.TAKEN
    assert len(house.entries("payment_taken")) == 1
    assert refused(lambda: after(house).fail_payment(MINE, "no", CASHIER)).code == "PAYMENT_STATE"
    for _ in range(2):
        other = start(house).standing.payment
        after(house).lose_payment(other, "line dead", CASHIER)
        after(house).lose_payment(other, "line dead", CASHIER)
        for _ in range(2):
            after(house).resolve_payment(other, CASHIER, taken=False, reason="bank says no")
    assert len(house.entries("payment_unknown")) == len(house.entries("payment_resolved")) == 2
    assert (
        refused(lambda: after(house).resolve_payment(other, CASHIER, taken=True, reason="x")).params[
            "payment_state"
        ]
        == "failed"
    )


def test_the_last_place_is_not_sold_under_a_payment(make_house: Callable[..., House]) -> None:
    house = make_house(test_leases.HOUSE.format(capacity=1, stalls=1))
    begun = after(house).start_payment(PaymentRequest([house.item("any")]), CASHIER)
    assert refused(lambda: house.sell("any")).code == "SOLD_OUT"
    after(house).fail_payment(begun.standing.payment, "declined", CASHIER)
    assert house.sell("any").order.state == "paid"


def test_what_is_wrong_is_refused_and_writes_nothing(house: House) -> None:
    begun = start(house).standing.payment
    seq = house.seq
    use = after(house)
    acts = {
        "ID_INVALID": lambda: start(house, payment="7"),
        "TENDER_NOT_TAKEN": lambda: start(house, tender=Tender.CASH),
        "PAYMENT_NOT_FOUND": lambda: use.take_payment("7", "", CASHIER),
        "REFERENCE_IS_CARD": lambda: use.take_payment(begun, "4111 1111 1111 1111", CASHIER),
        "REASON_NEEDED": lambda: use.fail_payment(begun, " ", CASHIER),
        "NOT_ALLOWED": lambda: use.resolve_payment(begun, OTHER, taken=True, reason="bank"),
    }
    assert {refused(act).code for act in acts.values()} == set(acts)
    assert house.seq == seq


def test_a_free_order_needs_no_terminal(make_house: Callable[..., House]) -> None:
    free = test_leases.HOUSE.format(capacity=9, stalls=9).replace('"15.00"', '"0.00"')
    house = make_house(free)
    ask = PaymentRequest([house.item("any")])
    assert refused(lambda: after(house).start_payment(ask, CASHIER)).code == "PAYMENT_NOT_NEEDED"
    assert house.entries("order_reserved") == []


# Killed in the middle, and silent terminals.


def test_a_payment_found_after_a_kill_is_shown_and_waits_for_a_person(house: House) -> None:
    begun = start(house)
    house.reopen()
    (found,) = after(house).resolve_payment.open(CASHIER)
    assert (found.payment, found.state) == (begun.standing.payment, PaymentState.STARTED)
    assert [one.payment for one in shift(house).unknown] == [found.payment]
    house.clock.advance(hours=1)
    assert after(house).overdue() == [], "its places are kept"
    assert standing(house, found.payment).state is PaymentState.UNKNOWN
    assert refused(lambda: after(house).take_payment(found.payment, "", CASHIER)).code == "PAYMENT_STATE"
    done = after(house).resolve_payment(
        found.payment, CASHIER, taken=True, reason="slip found", reference="T-9"
    )
    assert done.order.state == "paid"
    assert shift(house).tenders == {"card": 4_000}
    assert after(house).resolve_payment.open(CASHIER) == []


def test_a_terminal_that_stays_silent_is_noted_once(house: House) -> None:
    begun = start(house)
    house.clock.advance(UNANSWERED_MS // 1000 - 1)
    after(house).overdue()
    assert house.entries("payment_unknown") == []
    house.clock.advance(2)
    after(house).overdue()
    after(house).overdue()
    (noted,) = house.entries("payment_unknown")
    assert (noted.body["payment"], noted.body["reason"]) == (begun.standing.payment, "time")
    assert noted.shift == shift(house).shift


def test_what_was_not_taken_after_all_gives_its_places_back(house: House) -> None:
    before = left(house, "full")
    begun = start(house)
    house.clock.advance(hours=1)
    after(house).overdue()
    done = after(house).resolve_payment(begun.standing.payment, CASHIER, taken=False, reason="bank says no")
    assert done.order.state == "released"
    assert done.codes == {}
    assert left(house, "full") == before


def test_an_unknown_payment_stands_on_the_z_and_is_booked_in_the_shift_of_whoever_clears_it_up(
    house: House,
) -> None:
    begun = start(house)
    house.sell("half")
    closed = house.services.close_shift(11_000, CASHIER)
    doubt = [(begun.standing.payment, begun.order.reference, "card", 4_000)]
    listed = [(one.payment, one.reference, one.tender, one.amount_minor) for one in closed.unknown]
    assert (closed.tenders, listed) == ({"cash": 1_000}, doubt)
    assert standing(house, begun.standing.payment).state is PaymentState.UNKNOWN
    resolve = after(house).resolve_payment
    ask = {"taken": True, "reason": "terminal's journal"}
    assert refused(lambda: resolve(begun.standing.payment, CASHIER, **ask)).code == "NO_SHIFT"
    house.services.open_shift(0, SUPERVISOR)
    resolve(begun.standing.payment, SUPERVISOR, **ask)
    assert house.services.shift_now(SUPERVISOR).tenders == {"card": 4_000}
    again = house.services.shift_now.last(CASHIER)
    assert again.tenders == {"cash": 1_000}
    assert [one.payment for one in again.unknown] == [begun.standing.payment], "the Z is what it was"


def test_somebody_elses_payment_is_cleared_up_by_whoever_may_act_in_others_shifts(house: House) -> None:
    begun = start(house).standing.payment
    resolve = after(house).resolve_payment
    assert [one.payment for one in resolve.open(CASHIER)] == [begun]
    assert resolve.open(OTHER) == []
    assert [one.payment for one in resolve.open(SUPERVISOR)] == [begun]
    resolve(begun, SUPERVISOR, taken=False, reason="asked the bank")
    assert resolve.open(SUPERVISOR) == []


# Over a hub.

HUB = pytest.mark.hub


def open_at(hub: Hub) -> list[tuple[Any, ...]]:
    """What reports see of payments without an end."""
    query = "SELECT payment::text, amount_minor, currency, unknown FROM report.open_payments"
    with hub.admin() as admin:
        return admin.execute(query).fetchall()


def begin(till: Till, count: int = 2) -> Any:
    return after(till).start_payment(PaymentRequest([item(till, count)]), CASHIER)


@HUB
def test_a_lease_that_ends_during_the_payment_does_not_matter(
    make_tills: MakeTills, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_tills(8)
    begun = begin(first, 4)
    cut([first], monkeypatch)
    first.clock.advance(hours=21)
    assert first.here()[0] == 0, "its lease is over"
    assert standing(first, begun.standing.payment).state is PaymentState.STARTED
    first.station.services.confirm_date(CASHIER)
    paid = after(first).take_payment(begun.standing.payment, "T-1", CASHIER)
    assert paid.order.state == "paid"
    both([first, second])
    with first.station.store.read() as read:
        codes = {row.code for row in read.conflicts()}
    assert codes <= {"CLOCK_SUSPECT"}, "the clock of this test ran ahead of the hub's"
    with hub.admin() as admin:
        row = admin.execute("SELECT used, outside FROM hub.pool WHERE capacity = 8 ORDER BY used DESC")
        assert row.fetchone() == (4, 0)


@HUB
def test_a_failed_payment_gives_its_places_back_to_the_hub(make_tills: MakeTills, hub: Hub) -> None:
    first, second = make_tills(8)
    begun = begin(first, 4)
    both([first, second])
    with hub.admin() as admin:
        taken = admin.execute("SELECT sum(used), sum(outside) FROM hub.pool WHERE capacity = 8").fetchone()
    assert taken == (4, 0)
    after(first).fail_payment(begun.standing.payment, "declined", CASHIER)
    both([first, second])
    with hub.admin() as admin:
        row = admin.execute("SELECT sum(used), sum(outside) FROM hub.pool WHERE capacity = 8").fetchone()
    assert row == (0, 0)
    total = 0
    for _ in range(8):
        total += first.sells_until_refused()[0] + second.sells_until_refused()[0]
        both([first, second])
    assert total == 8


@HUB
def test_another_station_clears_up_what_a_till_left_unknown(make_tills: MakeTills, hub: Hub) -> None:
    first, second = make_tills(50)
    begun = begin(first)
    both([first, second])
    payment = begun.standing.payment
    assert open_at(hub) == [(payment, begun.order.due.minor, "EUR", False)]
    assert refused(lambda: after(second).take_payment(payment, "", CASHIER)).code == "PAYMENT_ELSEWHERE"
    ask: dict[str, Any] = {"taken": True, "reason": "bank says yes", "reference": "T-1"}
    resolve = after(second).resolve_payment
    assert refused(lambda: resolve(payment, CASHIER, **ask)).params["why"] == "asked"
    second.sync()
    assert refused(lambda: resolve(payment, CASHIER, **ask)).params["why"] == "held"
    first.close_shift()
    both([first, second])
    second.clock.advance(minutes=1)
    assert refused(lambda: resolve(payment, SUPERVISOR, **ask)).params["why"] == "asked"
    second.sync()
    assert open_at(hub) == [(payment, begun.order.due.minor, "EUR", True)]
    done = resolve(payment, SUPERVISOR, **ask)
    assert done.order.state == "paid"
    both([first, second])
    assert open_at(hub) == []
    assert shift(second).tenders == {"card": begun.order.due.minor}
    assert [one.payment for one in first.station.services.shift_now.last(CASHIER).unknown] == [payment]
    for till in (first, second):
        assert standing(till, payment).state is PaymentState.TAKEN
        with till.station.store.read() as read:
            assert read.open_conflicts() == 0
            assert read.order(begun.order.order).state == "paid"  # type: ignore[union-attr]
    with hub.admin() as admin:
        booked = admin.execute(
            "SELECT p.shift, p.tender, p.currency, sum(p.amount_minor) FROM hub.payment p GROUP BY 1, 2, 3"
        ).fetchall()
    assert booked == [(shift(second).shift, "card", "EUR", begun.order.due.minor)]


@HUB
def test_the_right_stays_at_the_till_while_its_terminal_is_waited_for(make_tills: MakeTills) -> None:
    first, second = make_tills(50)
    until = first.clock.now() + timedelta(hours=2)
    kept = after(first).reserve.reserve([item(first)], until, CASHIER).order
    first.close_shift()
    both([first, second])
    ask = PaymentRequest(order=kept.order)
    assert refused(lambda: after(second).start_payment(ask, CASHIER)).code == "RIGHT_NEEDED"
    second.sync()
    begun = after(second).start_payment(ask, CASHIER)
    second.clock.advance(minutes=5)
    both([second])
    assert after(second).take_payment(begun.standing.payment, "", CASHIER).order.state == "paid"
    both([first, second])
    with second.station.store.read() as read:
        assert read.open_conflicts() == 0
