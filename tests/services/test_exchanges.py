"""Tickets exchanged for others and lost ones printed again: the money adds up, the old codes are dead."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.services.access import Need
from app.services.afterwards import RefundRequest
from app.services.exchanges import MOST_PRINTS, ExchangeRequest
from app.services.gate import ScanInput
from app.services.sell import Tendered
from domain.actor import Role
from domain.admission import Verdict
from domain.entry import Draft
from domain.errors import Refusal
from domain.order import Tender
from domain.permissions import Limit
from tests.services import test_leases
from tests.services.house import CASHIER, GATE, SUPERVISOR, House, somebody
from tests.services.test_afterwards import both, item, sold
from tests.services.test_leases import MakeTills

make_tills = test_leases.make_tills
CASH, CARD = Tender.CASH, Tender.CARD


@pytest.fixture
def house(tmp_path: Path) -> Any:
    made = House(tmp_path)
    yield made
    made.station.close()


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def exchange(house: House, sale: Any, *items: Any, actor: Any = CASHIER, **more: Any) -> Any:
    request = ExchangeRequest(sale.order.order, items, "wrong day", **more)
    return house.services.afterwards.exchange(request, actor)


def verdict(house: House, code: str) -> Verdict:
    return house.gate.check(ScanInput(code), GATE).decision.verdict


def money(order: Any) -> list[tuple[str, int]]:
    return [(paid.tender, paid.amount.minor) for paid in order.payments]


def test_another_day_at_the_same_price_moves_no_money_and_kills_the_old_code(house: House) -> None:
    sale = house.sell("full", cash=2_000)
    before = house.services.shift_now(CASHIER).expected
    done = exchange(house, sale, house.item("full", performance="play-2"))
    assert (done.before.state, done.order.state) == ("refunded", "paid")
    assert (done.returned.minor, done.change.minor) == (0, 0)
    assert money(done.order) == [("cash", 2_000)]
    assert house.services.shift_now(CASHIER).expected == before
    assert verdict(house, next(iter(sale.codes.values()))) is Verdict.CANCELLED
    assert verdict(house, next(iter(done.codes.values()))) is Verdict.TOO_EARLY, "good: only the day counts"


def test_a_dearer_ticket_costs_the_difference_and_change_goes_back(house: House) -> None:
    sale = house.sell("half", cash=None, card=1_000)
    short = refused(lambda: exchange(house, sale, house.item("full"), tendered=[Tendered(CASH, 500)]))
    assert (short.code, short.params["missing_minor"]) == ("TENDER_SHORT", 500)
    assert house.entries("exchanged") == [], "nothing is changed by a refusal"
    done = exchange(house, sale, house.item("full"), tendered=[Tendered(CASH, 5_000)])
    assert (done.returned.minor, done.change.minor) == (0, 4_000)
    assert money(done.order) == [("cash", 1_000), ("card", 1_000)]
    assert house.services.shift_now(CASHIER).tenders == {"card": 1_000, "cash": 1_000}


def test_a_cheaper_ticket_gives_money_back_as_it_was_paid(house: House) -> None:
    sale = house.sell("full", cash=None, card=2_000)
    done = exchange(house, sale, house.item("half"))
    assert (done.returned.minor, done.change.minor) == (1_000, 0)
    assert house.services.shift_now(CASHIER).tenders == {"card": 1_000}
    again = house.services.afterwards.refund(RefundRequest(done.order.order, "ill"), CASHIER)
    assert [(out.tender, out.amount_minor) for out in again.payouts] == [(CARD, 1_000)]
    assert house.services.shift_now(CASHIER).tenders == {"card": 0}


def test_one_ticket_of_two_is_exchanged_and_the_other_stays(house: House) -> None:
    sale = house.sell("full", "half", cash=3_000)
    half = sale.order.tickets[1]
    done = exchange(house, sale, house.item("half", performance="play-2"), tickets=[half.reference])
    assert done.before.state == "partly_refunded"
    assert [ticket.state for ticket in done.before.tickets] == ["active", "cancelled"]
    gone = refused(lambda: exchange(house, sale, house.item("half"), tickets=[half.serial]))
    assert gone.code == "TICKET_VOID"


def test_a_sold_out_evening_still_takes_an_exchange_of_its_own_places(tmp_path: Path) -> None:
    from tests.services.house import CATALOGUE

    house = House(tmp_path, CATALOGUE.replace("capacity: 400", "capacity: 1"))
    sale = house.sell("full", cash=2_000)
    assert refused(lambda: house.sell("half")).code == "SOLD_OUT"
    assert exchange(house, sale, house.item("half")).order.state == "paid"
    assert refused(lambda: house.sell("half")).code == "SOLD_OUT", "still one place, and it is taken"
    house.station.close()


def test_what_goes_back_beyond_the_limit_needs_a_supervisor(house: House) -> None:
    sale = house.sell("group", "full", cash=8_000)
    need = refused(lambda: exchange(house, sale, house.item("half")))
    assert (need.code, need.params["asked"]) == ("APPROVAL_NEEDED", 7_000)
    with house.station.store.begin() as work:
        bound = Need("exchange", sale.order.order, Limit.REFUND, 7_000).bound(
            work.read.station().station, CASHIER.user
        )
        from app.services.access import APPROVAL_TAG
        from app.services.hashing import token_hash

        work.people.put_approval(token_hash("token", APPROVAL_TAG), bound, SUPERVISOR.user)
        work.commit()
    assert exchange(house, sale, house.item("half"), approval="token").returned.minor == 7_000
    entry = house.entries("exchanged")[0]
    assert SUPERVISOR.user in entry.actor.approvals
    assert refused(lambda: exchange(house, sale, house.item("half"), actor=GATE)).code == "NOT_ALLOWED"


def test_a_used_ticket_is_exchanged_by_a_supervisor_only(house: House) -> None:
    sale = house.sell(house.item("day", performance=None), cash=900)
    with house.station.store.begin() as work:
        ticket = sale.order.tickets[0]
        body = {
            "serial": ticket.serial, "event": ticket.event.number, "at_event": ticket.event.number,
            "product": ticket.product.number, "performance": None, "gate": "A", "lane": "1",
            "verdict": "ADMIT", "via": "camera", "confidence": "live", "offline_since_at": None,
            "print_number": 1, "seen": "00", "people": 1,
        }  # fmt: skip
        work.append(Draft("admitted", (f"event:{ticket.event.number}",), body), SUPERVISOR)
        work.commit()
    day = house.item("day", performance=None)
    assert refused(lambda: exchange(house, sale, day)).code == "TICKET_USED"
    assert exchange(house, sale, day, actor=SUPERVISOR).before.state == "refunded"


def test_a_lost_ticket_is_printed_again_and_gates_say_replaced(house: House) -> None:
    sale = house.sell("full")
    ticket, old = sale.order.tickets[0], next(iter(sale.codes.values()))
    done = house.services.afterwards.reprint(ticket.reference, "lost", CASHIER)
    assert (done.ticket.print_number, done.code != old) == (2, True)
    assert verdict(house, old) is Verdict.REPLACED
    assert verdict(house, done.code) is Verdict.ADMIT
    third = house.services.afterwards.reprint(ticket.serial, "lost again", CASHIER)
    assert third.ticket.print_number == 3
    assert verdict(house, done.code) is Verdict.REPLACED
    assert house.services.find_orders.codes(third.order) == {ticket.serial: third.code}


def test_a_reprint_needs_a_reason_a_right_and_a_good_ticket(house: House) -> None:
    sale = house.sell("full", "half")
    reprint = house.services.afterwards.reprint
    serial, other = (ticket.serial for ticket in sale.order.tickets)
    assert refused(lambda: reprint(serial, " ", CASHIER)).code == "REASON_NEEDED"
    assert refused(lambda: reprint("NOSUCH77", "lost", CASHIER)).code == "TICKET_UNKNOWN"
    assert refused(lambda: reprint(serial, "lost", GATE)).code == "NOT_ALLOWED"
    house.services.afterwards.refund(RefundRequest(sale.order.order, "ill", [serial]), CASHIER)
    assert refused(lambda: reprint(serial, "lost", CASHIER)).code == "TICKET_VOID"
    assert reprint(other, "lost", somebody(Role.SUPPORT)).ticket.print_number == 2
    with house.station.store.begin() as work:
        body = {
            "order": sale.order.order, "serial": other, "event": sale.order.tickets[1].event.number,
            "print_number": MOST_PRINTS, "reason": "test", "key_id": "00000000",
        }  # fmt: skip
        work.append(Draft("ticket_reprinted", (f"event:{body['event']}",), body), SUPERVISOR)
        work.commit()
    assert refused(lambda: reprint(other, "lost", CASHIER)).code == "PRINTS_SPENT"


@pytest.mark.hub
def test_another_till_exchanges_and_reprints_once_it_was_given_the_right(make_tills: MakeTills) -> None:
    first, second = make_tills(50)
    sale = sold(first)
    first.close_shift()
    both([first, second])
    act = second.station.services.afterwards
    ticket = sale.order.tickets[0]
    assert refused(lambda: act.reprint(ticket.serial, "lost", CASHIER)).code == "RIGHT_NEEDED"
    second.sync()
    code = act.reprint(ticket.serial, "lost", CASHIER).code
    second.clock.advance(seconds=1)
    request = ExchangeRequest(sale.order.order, [item(second)], "wrong seats")
    assert refused(lambda: act.exchange(request, SUPERVISOR)).code == "RIGHT_NEEDED", "one right, one act"
    both([second])
    done = act.exchange(request, SUPERVISOR)
    both([first, second])
    gate = first.station.services.gatekeeper
    check = {
        text: gate.check(ScanInput(text), GATE).decision.verdict for text in (code, *sale.codes.values())
    }
    assert Verdict.TOO_EARLY not in check.values()
    assert gate.check(ScanInput(next(iter(done.codes.values()))), GATE).decision.verdict is Verdict.TOO_EARLY
    with first.station.store.read() as read:
        assert read.open_conflicts() == 0
