"""Promo codes at one till and at two over a real hub: what they cost, how often they count, what is freed."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.catalogue_files import read_catalogue
from app.services.afterwards import RefundRequest
from app.services.exchanges import ExchangeRequest
from app.services.payments import PaymentRequest
from app.services.sell import Item, SaleRequest, Sold, Tendered
from domain.actor import SYSTEM, Role
from domain.errors import Refusal
from domain.order import Tender
from domain.promo import PricedTicket, promo_hash
from tests.postgres import Hub
from tests.services import test_leases
from tests.services.house import CASHIER, SUPERVISOR, House, somebody
from tests.services.test_afterwards import both, cut
from tests.services.test_leases import MakeTills, Till

make_tills = test_leases.make_tills
HUB = pytest.mark.hub

PROMOS = """
events:
  - code: play
    promos:
      - {code: SPRING-10, name: Spring, name_ru: Весна, percent: 10, per: ticket, products: full}
      - {code: FIVER, name: Five off, amount: "5.00"}
      - {code: FIRST TEN, name: First ten, percent: 50, limit: 10}
      - {code: ONCE, name: Once, percent: 100, limit: 1}
      - {code: LATER, name: Later, percent: 10, from: "2026-12-01 10:00"}
      - {code: OVER, name: Over, percent: 10, until: "2026-11-01 10:00"}
"""
AT_THE_HUB = """
events:
  - code: play
    promos:
      - {code: TEN, name: Ten, percent: 20, limit: 10}
"""


@pytest.fixture
def spring(house: House) -> House:
    house.import_text(PROMOS, "promos.yaml")
    return house


def sell(house: House, promo: str, *items: Item | str) -> Sold:
    return house.sell(*(items or ("full",)), promo=promo)


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def back(house: House, sold: Sold, *tickets: str) -> Any:
    request = RefundRequest(sold.order.order, "ill", tickets)
    return house.services.afterwards.refund(request, SUPERVISOR)


def left(house: House, name: str) -> int:
    """How often a limited code may still be used."""
    with house.station.store.read() as read:
        promo = next(one for one in read.promos() if one.name == name)
        assert promo.pool is not None
        quota = read.quotas([promo.pool])[promo.pool]
        return quota.capacity - read.used_slots([promo.pool])[promo.pool]


# What it costs.


def test_the_discount_is_on_the_tickets_the_order_and_in_the_drawer(spring: House) -> None:
    sold = sell(spring, "spring 10", spring.item("full", 2), spring.item("half"))
    assert (sold.order.discount.minor, sold.order.due.minor) == (400, 4_600)
    assert [ticket.gross_minor for ticket in sold.order.tickets] == [1_800, 1_800, 1_000]
    assert sold.order.promo is not None
    assert (sold.order.promo.name, sold.order.promo.name_ru) == ("Spring", "Весна")
    assert spring.services.shift_now(CASHIER).tenders == {"cash": 4_600}
    (entry,) = spring.entries("order_sold")
    assert "SPRING" not in str(entry.body).upper(), "nobody reads the code"


def test_a_refund_gives_back_what_was_paid(spring: House) -> None:
    sold = sell(spring, "FIVER", spring.item("full", 2), spring.item("half"))
    assert sold.order.due.minor == 4_500
    assert back(spring, sold, sold.order.tickets[0].reference).amount.minor == 1_800
    assert back(spring, sold).amount.minor == 2_700
    assert spring.services.shift_now(CASHIER).tenders == {"cash": 0}


def test_without_a_code_nothing_changes(spring: House) -> None:
    assert spring.sell("full").order.promo is None
    assert sell(spring, "  ").order.due.minor == 2_000


def test_a_code_that_does_not_count_is_refused_and_nothing_is_written(spring: House) -> None:
    seq = spring.seq
    for code, wanted in {
        "NOSUCH": "PROMO_UNKNOWN",
        "x": "PROMO_UNKNOWN",
        "LATER": "PROMO_NOT_YET",
        "OVER": "PROMO_ENDED",
    }.items():
        assert refused(lambda code=code: sell(spring, code)).code == wanted
    assert refused(lambda: sell(spring, "SPRING10", spring.item("half"))).code == "PROMO_NOT_FOR_THESE"
    day = spring.item("day", performance=None)
    assert refused(lambda: sell(spring, "SPRING10", day)).code == "PROMO_UNKNOWN", "another event's"
    assert spring.seq == seq


def test_looking_up_says_the_same_as_the_sale(spring: House) -> None:
    event = spring.event("play").number
    cart = [PricedTicket(spring.product("full").number, event, 2_000)]
    found = spring.services.find_promo("first-ten", cart, CASHIER)
    assert (found.promo.name, found.left) == ("First ten", (10, 10))
    assert spring.services.find_promo("fiver", cart, CASHIER).left is None
    assert refused(lambda: spring.services.find_promo("over", cart, CASHIER)).code == "PROMO_ENDED"


# How often it counts.


def test_a_limited_code_is_used_once_an_order_and_no_further_than_it_goes(spring: House) -> None:
    for number in range(10):
        assert sell(spring, "FIRST-TEN", spring.item("full", 2)).order.due.minor == 2_000
        assert left(spring, "First ten") == 9 - number
    refusal = refused(lambda: sell(spring, "FIRST-TEN"))
    assert (refusal.code, refusal.params["left_here"], refusal.params["left_all"]) == ("PROMO_OVER", 0, 0)
    assert spring.sell("full").order.due.minor == 2_000


def test_a_use_comes_back_with_the_last_ticket_of_its_order(spring: House) -> None:
    sold = sell(spring, "ONCE", spring.item("full", 2))
    assert sold.order.due.minor == 0
    assert left(spring, "Once") == 0
    back(spring, sold, sold.order.tickets[0].reference)
    assert left(spring, "Once") == 0, "a ticket that was sold with it is left"
    assert refused(lambda: sell(spring, "ONCE")).code == "PROMO_OVER"
    back(spring, sold)
    assert left(spring, "Once") == 1
    assert sell(spring, "ONCE").order.due.minor == 0


def test_a_use_comes_back_with_a_void_and_with_a_reservation_given_up(spring: House) -> None:
    acts = spring.services.afterwards
    sold = sell(spring, "ONCE")
    acts.void(RefundRequest(sold.order.order, "slip"), SUPERVISOR)
    assert left(spring, "Once") == 1
    until = spring.clock.now() + timedelta(hours=1)
    kept = acts.reserve.reserve([spring.item("full")], until, CASHIER, promo="ONCE")
    assert (kept.order.due.minor, left(spring, "Once")) == (0, 0)
    acts.release(kept.order.order, CASHIER)
    assert left(spring, "Once") == 1


def test_a_use_comes_back_when_the_whole_order_is_exchanged_and_a_payment_keeps_it(spring: House) -> None:
    acts = spring.services.afterwards
    sold = sell(spring, "FIRST TEN")
    acts.exchange(
        ExchangeRequest(
            sold.order.order, [spring.item("full")], "date", tendered=[Tendered(Tender.CASH, 1_000)]
        ),
        SUPERVISOR,
    )
    assert left(spring, "First ten") == 10
    begun = acts.start_payment(PaymentRequest([spring.item("full")], promo="FIRST TEN"), CASHIER)
    assert (begun.standing.amount.minor, left(spring, "First ten")) == (1_000, 9)
    acts.fail_payment(begun.standing.payment, "declined", CASHIER)
    assert left(spring, "First ten") == 10


# From files.


def test_an_import_again_changes_the_promo_and_its_limit(spring: House) -> None:
    more = PROMOS.replace("limit: 10", "limit: 11").replace("percent: 50", "percent: 25")
    result = spring.import_text(more, "promos.yaml")
    assert (result.created, result.changed) == (0, 2)
    assert left(spring, "First ten") == 11
    assert sell(spring, "FIRST TEN").order.due.minor == 1_500
    assert spring.import_text(more, "promos.yaml").changed == 0


def test_a_csv_of_codes(house: House) -> None:
    text = "event;promo;promo_name;percent;amount;limit\nplay;SUMMER;Summer;15;;3\nplay;TENNER;Ten;;10.00;\n"
    assert house.import_text(text, "codes.csv").created == 3, "two codes and a limit"
    assert sell(house, "summer").order.due.minor == 1_700
    assert sell(house, "tenner").order.due.minor == 1_000
    assert left(house, "Summer") == 2


@pytest.mark.parametrize(
    ("row", "field", "problem"),
    [
        ("{code: AB, name: A, percent: 5}", "code", "code"),
        ("{code: ABC, percent: 5}", "name", "missing"),
        ("{code: ABC, name: A}", "percent", "missing"),
        ("{code: ABC, name: A, percent: 5, amount: 1}", "amount", "contradiction"),
        ("{code: ABC, name: A, percent: 0}", "percent", "range"),
        ("{code: ABC, name: A, percent: 101}", "percent", "percent"),
        ("{code: ABC, name: A, amount: x}", "amount", "amount"),
        ('{code: ABC, name: A, amount: "0"}', "amount", "range"),
        ("{code: ABC, name: A, percent: 5, per: day}", "per", "choice"),
        ("{code: ABC, name: A, percent: 5, products: nosuch}", "products", "not_found"),
        ("{code: ABC, name: A, percent: 5, limit: many}", "limit", "whole_number"),
        ("{code: ABC, name: A, percent: 5, colour: red}", "colour", "unknown_field"),
        (
            '{code: ABC, name: A, percent: 5, from: "2026-12-02 10:00", until: "2026-12-01 10:00"}',
            "until",
            "order",
        ),
    ],
)
def test_a_wrong_row_is_named(house: House, row: str, field: str, problem: str) -> None:
    text = f"events:\n  - code: play\n    promos:\n      - {row}\n"
    wrong = refused(lambda: house.import_text(text, "bad.yaml"))
    assert (wrong.code, wrong.params["field"], wrong.params["problem"]) == (
        "CATALOGUE_INVALID",
        field,
        problem,
    )
    assert house.entries("promo_created") == []


def test_one_code_twice_in_a_file_is_refused(house: House) -> None:
    text = PROMOS.replace("code: FIVER", 'code: "spring 10"')
    assert refused(lambda: house.import_text(text, "bad.yaml")).params["problem"] == "duplicate"


# Over a hub.


def at_hub(tills: list[Till], tmp_path: Path) -> None:
    file = tmp_path / "promos.yaml"
    file.write_text(AT_THE_HUB, encoding="utf-8")
    tills[0].station.import_catalogue(read_catalogue(file), SYSTEM)
    for _ in range(3):
        both(tills)


def uses_until_refused(till: Till, most: int = 50) -> tuple[int, Refusal]:
    with till.station.store.read() as read:
        at = read.performance_by_code("play-1")
        assert at is not None
        product = next(one for one in read.products(at.event) if one.code == "any")
    if till.station.services.shift_now(CASHIER) is not None:
        till.station.services.confirm_date(CASHIER)
    request = SaleRequest([Item(product.number, at.number, 1)], [Tendered(Tender.CASH, 1_200)], promo="ten")
    for used in range(most):
        try:
            till.station.services.sell(request, CASHIER)
        except Refusal as refusal:
            return used, refusal
    raise AssertionError("it never ends")


def uses_at(hub: Hub) -> tuple[Any, ...]:
    with hub.admin() as admin:
        row = admin.execute("SELECT use_limit, orders, discount_minor FROM report.promos").fetchone()
    assert row is not None
    return row


@HUB
def test_a_code_for_ten_is_used_by_two_offline_tills_and_not_once_too_often(
    make_tills: MakeTills, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tills = make_tills(50)
    at_hub(tills, tmp_path)
    cut(tills, monkeypatch)
    found = [uses_until_refused(till) for till in tills]
    assert [count for count, _ in found] == [5, 5]
    assert {refusal.code for _, refusal in found} == {"PROMO_OVER"}
    both(tills)
    assert uses_at(hub) == (10, 10, 3_000)
    for till in tills:
        assert uses_until_refused(till)[0] == 0
        with till.station.store.read() as read:
            assert read.open_conflicts() == 0
        assert till.station.verify().clean


@HUB
def test_a_use_that_came_back_goes_to_whoever_asks_next(
    make_tills: MakeTills, hub: Hub, tmp_path: Path
) -> None:
    tills = make_tills(50)
    at_hub(tills, tmp_path)
    first, second = tills
    total = 0
    for _ in range(8):
        total += uses_until_refused(first)[0] + uses_until_refused(second)[0]
        both(tills)
    assert total == 10
    with first.station.store.read() as read:
        order = read.last_sale(read.station().station)
    boss = somebody(Role.SUPERVISOR, number=4)
    first.station.services.afterwards.refund(RefundRequest(str(order), "ill"), boss)
    for _ in range(3):
        both(tills)
    assert uses_at(hub) == (10, 9, 2_700)
    again = 0
    for _ in range(4):
        again += uses_until_refused(second)[0] + uses_until_refused(first)[0]
        both(tills)
    assert again == 1
    for till in tills:
        with till.station.store.read() as read:
            assert read.open_conflicts() == 0


@HUB
def test_a_code_is_known_by_its_hash_alone(make_tills: MakeTills, hub: Hub, tmp_path: Path) -> None:
    tills = make_tills(50)
    at_hub(tills, tmp_path)
    with tills[1].station.store.read() as read:
        (promo,) = read.promos()
        assert promo.code_hash == promo_hash("TEN", promo.event)
    with hub.admin() as admin:
        rows = admin.execute("SELECT fields FROM hub.catalogue_object WHERE object = 'promo'").fetchall()
        held = admin.execute("SELECT count(*) FROM hub.held").fetchone()
    assert [row[0]["code_hash"] for row in rows] == [promo.code_hash]
    assert "code" not in rows[0][0]
    assert held == (0,)
