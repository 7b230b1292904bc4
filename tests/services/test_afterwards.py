"""Two tills at a real hub: who may change an order, and that a refusal is followed by the hub's word."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.services.afterwards import RefundRequest
from app.services.gate import ScanInput
from app.services.sell import Item, SaleRequest, Sold, Tendered
from domain.actor import SYSTEM, Role
from domain.admission import Verdict
from domain.entry import Draft
from domain.errors import Fault, Refusal
from domain.order import Tender
from sync.hub_client import HubClient
from tests.services import test_leases
from tests.services.house import CASHIER, House, somebody
from tests.services.test_leases import MakeTills, Till

pytestmark = pytest.mark.hub
make_tills = test_leases.make_tills

BOSS = somebody(Role.SUPERVISOR, number=4)
CODE = "GIFT-2026-ABCD"


def after(till: Till) -> Any:
    return till.station.services.afterwards


def item(till: Till, count: int = 2) -> Item:
    with till.station.store.read() as read:
        at = read.performance_by_code("play-1")
        assert at is not None
        product = next(one for one in read.products(at.event) if one.code == "any")
    return Item(product.number, at.number, count)


def sold(till: Till, count: int = 2) -> Sold:
    return till.station.services.sell(
        SaleRequest([item(till, count)], [Tendered(Tender.CASH, 5_000)]), CASHIER
    )


def refund(till: Till, order: str, *tickets: str, actor: Any = BOSS) -> Any:
    return after(till).refund(RefundRequest(order, "ill", tickets), actor)


def refused(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code, str(caught.value.params.get("why", ""))


def both(tills: list[Till]) -> None:
    """Everybody has heard of everything."""
    for till in (*tills, *tills):
        till.sync()


def cut(tills: list[Till], monkeypatch: pytest.MonkeyPatch) -> None:
    """The network goes, and the tills notice."""

    def lost(*_: object) -> HubClient:
        raise Fault("HUB_UNREACHABLE", host="hub")

    with monkeypatch.context() as patched:
        patched.setattr(HubClient, "connect", staticmethod(lost))
        for till in tills:
            assert till.station.exchange is not None
            assert till.station.exchange.run_once().code == "HUB_UNREACHABLE"


def test_the_selling_till_refunds_by_itself_and_the_gate_says_refunded(make_tills: MakeTills) -> None:
    first, second = make_tills(50)
    sale = sold(first)
    before = first.here()[1]
    done = refund(first, sale.order.order)
    assert done.order.state == "refunded"
    assert done.amount == sale.order.due
    assert first.here()[1] == before + 2
    both([first, second])
    answer = second.station.services.gatekeeper.check(ScanInput(next(iter(sale.codes.values()))), BOSS)
    assert answer.decision.verdict is Verdict.REFUNDED
    shift = first.station.services.shift_now(CASHIER)
    assert shift is not None
    assert (shift.tenders, shift.expected.minor) == ({"cash": 0}, 0)


def test_a_refunded_place_goes_back_to_its_pool_under_a_new_number(make_tills: MakeTills, hub: Any) -> None:
    first, second = make_tills(8)
    sale = sold(first)
    both([first, second])
    refund(first, sale.order.order)
    both([first, second])
    with hub.admin() as admin:
        row = admin.execute(
            "SELECT p.used, p.outside, (SELECT count(*) FROM hub.lease_slot s WHERE s.pool = p.pool)"
            " FROM hub.pool p WHERE p.capacity = 8 ORDER BY p.leased DESC"
        ).fetchone()
    assert row == (0, 0, 0)
    total = 0
    for _ in range(8):
        total += first.sells_until_refused()[0] + second.sells_until_refused()[0]
        both([first, second])
    assert total == 8
    with first.station.store.read() as read:
        assert read.open_conflicts() == 0


def test_another_till_is_refused_until_the_right_was_given_up_and_granted(make_tills: MakeTills) -> None:
    first, second = make_tills(50)
    sale = sold(first)
    both([first, second])
    assert refused(lambda: refund(second, sale.order.order)) == ("RIGHT_NEEDED", "asked")
    second.sync()
    assert refused(lambda: refund(second, sale.order.order)) == ("RIGHT_NEEDED", "held")
    first.close_shift()
    both([first, second])
    second.clock.advance(minutes=1)
    assert refused(lambda: refund(second, sale.order.order)) == ("RIGHT_NEEDED", "asked")
    second.sync()
    assert refund(second, sale.order.order).order.state == "refunded"
    both([first, second])
    assert refused(lambda: refund(first, sale.order.order))[0] in {"ORDER_STATE", "NO_SHIFT"}
    with first.station.store.read() as read:
        assert read.open_conflicts() == 0


def test_the_right_goes_to_the_hub_ten_minutes_after_the_sale(make_tills: MakeTills) -> None:
    first, second = make_tills(50)
    sale = sold(first)
    both([first, second])
    first.clock.advance(minutes=11)
    both([first, second])
    assert refused(lambda: refund(first, sale.order.order)) == ("RIGHT_NEEDED", "asked")
    first.sync()
    assert refund(first, sale.order.order).order.state == "refunded"


def test_offline_a_foreign_till_is_refused(make_tills: MakeTills, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = make_tills(50)
    sale = sold(first)
    both([first, second])
    cut([first, second], monkeypatch)
    assert refused(lambda: refund(second, sale.order.order)) == ("RIGHT_NEEDED", "offline")
    assert refund(first, sale.order.order).order.state == "refunded"


def test_a_granted_right_that_nobody_uses_goes_back(make_tills: MakeTills, hub: Any) -> None:
    first, second = make_tills(50)
    sale = sold(first)
    first.close_shift()
    both([first, second])
    refused(lambda: refund(second, sale.order.order))
    second.sync()
    second.clock.advance(minutes=3)
    second.sync()
    with hub.admin() as admin:
        row = admin.execute("SELECT station, number FROM hub.order_right").fetchone()
        marks = admin.execute("SELECT count(*) FROM hub.gate_mark").fetchone()
    assert row == ("00000000", 1)
    assert marks == (0,)


def test_once_the_event_is_cancelled_only_the_hub_lets_refund(make_tills: MakeTills) -> None:
    first, second = make_tills(50)
    sale = sold(first)
    both([first, second])
    with first.station.store.begin() as work:
        event = sale.order.tickets[0].event.number
        body = {"event": event, "reason": "fire", "rule": "all"}
        work.append(Draft("event_cancelled", ("org", f"event:{event}"), body), SYSTEM)
        work.commit()
    assert refused(lambda: refund(first, sale.order.order)) == ("RIGHT_NEEDED", "asked")
    first.sync()
    assert refund(first, sale.order.order).order.state == "refunded"


def test_one_reservation_at_two_tills_is_paid_once(make_tills: MakeTills) -> None:
    first, second = make_tills(50)
    until = first.clock.now() + timedelta(hours=2)
    made = after(first).reserve.reserve([item(first)], until, CASHIER)
    both([first, second])
    gate = second.station.services.gatekeeper
    code = next(iter(first.station.services.find_orders.codes(made.order).values()))
    assert gate.check(ScanInput(code), BOSS).decision.verdict is Verdict.UNPAID
    money = [Tendered(Tender.CASH, 5_000)]
    assert refused(lambda: after(second).pay(made.order.order, money, CASHIER)) == ("RIGHT_NEEDED", "asked")
    paid = after(first).pay(made.order.order, money, CASHIER)
    assert (paid.order.state, paid.change.minor) == ("paid", 5_000 - made.order.due.minor)
    both([first, second])
    assert refused(lambda: after(second).pay(made.order.order, money, CASHIER))[0] == "ORDER_STATE"
    assert gate.check(ScanInput(code), BOSS).decision.verdict is Verdict.TOO_EARLY, (
        "paid: only the day counts"
    )


def test_an_overdue_reservation_is_given_up_by_its_holder_only(make_tills: MakeTills) -> None:
    first, second = make_tills(50)
    until = first.clock.now() + timedelta(minutes=5)
    made = after(first).reserve.reserve([item(first)], until, CASHIER)
    both([first, second])
    for till in (first, second):
        till.clock.advance(minutes=6)
    assert after(second).release.overdue() == []
    assert after(first).release.overdue() == [made.order.order]
    both([first, second])
    with second.station.store.read() as read:
        view = read.order(made.order.order)
    assert view is not None
    assert view.state == "released"


def test_one_gift_card_at_two_tills_is_spent_no_further_than_it_goes(make_tills: MakeTills) -> None:
    first, second = make_tills(50)
    after(first).issue_value(CODE, 5_000, "sold", CASHIER)
    both([first, second])
    for till in (first, second):
        assert refused(lambda till=till: after(till).spend_value(CODE, 4_000, CASHIER))[0] == "VALUE_NEEDED"
        till.sync()
    assert not after(first).spend_value(CODE, 4_000, CASHIER).at_risk
    assert refused(lambda: after(second).spend_value(CODE, 4_000, CASHIER))[0] == "VALUE_SHORT"
    both([first, second])
    with first.station.store.read() as read:
        assert read.open_conflicts() == 0


def test_offline_a_gift_card_is_taken_up_to_the_risk_and_overspending_is_found_once(
    make_tills: MakeTills, monkeypatch: pytest.MonkeyPatch
) -> None:
    tills = make_tills(50)
    first = tills[0]
    after(first).issue_value(CODE, 5_000, "sold", CASHIER)
    both(tills)
    cut(tills, monkeypatch)
    assert refused(lambda: after(first).spend_value(CODE, 4_000, CASHIER))[0] == "VALUE_OFFLINE"
    for till in tills:
        with till.station.store.begin() as work:
            work.append(Draft("settings_changed", ("org",), {"values": {"value_risk_minor": 4_000}}), SYSTEM)
            work.commit()
        assert after(till).spend_value(CODE, 4_000, CASHIER).at_risk
        assert refused(lambda till=till: after(till).spend_value(CODE, 100, CASHIER))[0] == "VALUE_OFFLINE"
    both(tills)
    for till in tills:
        with till.station.store.read() as read:
            assert [row.code for row in read.conflicts()] == ["VALUE_OVERSPENT"]


# By itself.


def test_a_station_without_a_hub_holds_every_right(tmp_path: Any) -> None:
    house = House(tmp_path)
    sale = house.sell("full")
    house.clock.advance(minutes=30)
    done = house.station.services.afterwards.refund(RefundRequest(sale.order.order, "ill"), BOSS)
    assert done.order.state == "refunded"
    house.station.close()


def test_a_used_ticket_is_refunded_by_a_supervisor_only_and_a_reason_is_needed(tmp_path: Any) -> None:
    house = House(tmp_path)
    sale = house.sell("full")
    house.clock.advance(hours=0)
    order = sale.order.order
    serial = sale.order.tickets[0].serial
    with house.station.store.begin() as work:
        ticket = sale.order.tickets[0]
        body = {
            "serial": serial, "event": ticket.event.number, "at_event": ticket.event.number,
            "product": ticket.product.number, "performance": None, "gate": "A", "lane": "1",
            "verdict": "ADMIT", "via": "camera", "confidence": "live", "offline_since_at": None,
            "print_number": 1, "seen": "00", "people": 1,
        }  # fmt: skip
        work.append(Draft("admitted", (f"event:{ticket.event.number}",), body), BOSS)
        work.commit()
    act = house.station.services.afterwards.refund
    assert refused(lambda: act(RefundRequest(order, "ill"), CASHIER))[0] == "TICKET_USED"
    assert refused(lambda: act(RefundRequest(order, " "), BOSS))[0] == "REASON_NEEDED"
    assert refused(lambda: act(RefundRequest(order, "ill", ("NOSUCH77",)), BOSS))[0] == "TICKET_UNKNOWN"
    void = house.station.services.afterwards.void
    assert refused(lambda: void(RefundRequest(order, "slip"), BOSS))[0] == "TICKET_USED"
    assert act(RefundRequest(order, "ill"), BOSS).order.state == "refunded"
    assert refused(lambda: act(RefundRequest(order, "ill"), BOSS))[0] == "ORDER_STATE"
    with house.station.store.read() as read:
        assert read.open_conflicts() == 0
    house.station.close()


def test_a_support_agent_may_not_void(tmp_path: Any) -> None:
    house = House(tmp_path)
    order = house.sell("full").order.order
    helper = replace(CASHIER, roles=frozenset({Role.SUPPORT}))
    assert (
        refused(lambda: house.station.services.afterwards.void(RefundRequest(order, "x"), helper))[0]
        == "NOT_ALLOWED"
    )
    assert house.station.services.afterwards.void(RefundRequest(order, "x"), CASHIER).order.state == "void"
    house.station.close()


def test_a_revoked_till_gives_nothing_back_takes_no_reservation_and_no_value(
    make_tills: MakeTills,
) -> None:
    first, _ = make_tills(50)
    sale = sold(first)
    later = first.clock.now() + timedelta(hours=1)
    kept = after(first).reserve.reserve([item(first, 1)], later, CASHIER).order
    before = first.station.store.outbox.tip().seq
    first.station.store.shut.told("REVOKED")
    whole = RefundRequest(sale.order.order, "ill")
    acts: list[Callable[[], object]] = [
        lambda: after(first).refund(whole, BOSS),
        lambda: after(first).void(whole, BOSS),
        lambda: after(first).reserve.reserve([item(first, 1)], later, CASHIER),
        lambda: after(first).pay(kept.order, [Tendered(Tender.CASH, 5_000)], CASHIER),
        lambda: after(first).release(kept.order, CASHIER),
        lambda: after(first).issue_value(CODE, 500, "sold", CASHIER),
        lambda: after(first).spend_value(CODE, 500, CASHIER),
    ]
    assert {refused(act)[0] for act in acts} == {"REVOKED"}
    first.clock.advance(7200)
    assert after(first).release.overdue() == []
    assert first.station.store.outbox.tip().seq == before
