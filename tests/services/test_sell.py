"""Selling: amounts, change, receipts, refusals, long orders, what the journal keeps, a full disk."""

import json
from collections.abc import Callable

import pytest

from app.services.sale_parts import BYTES_PER_ENTRY, POSITIONS_PER_ENTRY
from app.services.sell import Item, SaleRequest, Tendered
from domain.actor import SYSTEM
from domain.entry import MAX_RAW_BYTES, Draft, raw_text
from domain.errors import Fault, Refusal
from domain.order import Tender
from domain.ticket_code import decode
from tests.builders import utc
from tests.services.house import CASHIER, House, left, somebody


def test_a_sale_is_durable_with_receipt_change_codes_and_a_print_job(house: House) -> None:
    sold = house.sell("full", "half", cash=5000)
    assert (sold.order.due.minor, sold.change.minor) == (3000, 2000)
    assert (sold.order.receipt, sold.order.state) == ("K1-000001", "paid")
    (entry,) = house.entries("order_sold")
    assert sold.order.receipt_hash == entry.content_hash.hex()[:8]
    assert sold.order.shift == entry.shift
    for ticket in sold.order.tickets:
        code = decode(sold.codes[ticket.serial])
        assert code.code.serial == ticket.serial
        assert code.signed_by(house.station.store.signing_key.public)
        assert code.code.performance == house.performance("play-1").number
    (job,) = house.services.print_queue.waiting()
    assert (job.job, job.order, job.state) == (sold.print_job, sold.order.order, "waiting")
    house.reopen()
    assert house.services.find_orders.show(sold.order.order, CASHIER) == sold.order


def test_a_sale_that_asks_for_no_paper_queues_none(house: House) -> None:
    assert house.sell("full", print_what="").print_job == 0
    assert house.services.print_queue.waiting() == []


def test_receipt_numbers_have_no_gap_also_after_refusals(house: House) -> None:
    receipts = [house.sell("full").order.receipt]
    with pytest.raises(Refusal):
        house.sell("full", cash=5)
    receipts.append(house.sell("full").order.receipt)
    house.reopen()
    receipts.append(house.sell("full").order.receipt)
    assert receipts == ["K1-000001", "K1-000002", "K1-000003"]


@pytest.mark.parametrize(
    ("card", "cash", "amounts", "change"),
    [
        (None, 3000, [("cash", 3000, 3000, 0)], 0),
        (None, 5000, [("cash", 3000, 5000, 2000)], 2000),
        (3000, None, [("card", 3000, 3000, 0)], 0),
        (1000, 5000, [("card", 1000, 1000, 0), ("cash", 2000, 5000, 3000)], 3000),
    ],
)
def test_payments_add_up_to_what_was_due(
    house: House, card: int | None, cash: int | None, amounts: list[tuple[str, int, int, int]], change: int
) -> None:
    sold = house.sell("full", "half", card=card, cash=cash)
    paid = [
        (one.tender, one.amount.minor, one.tendered.minor, one.change.minor) for one in sold.order.payments
    ]
    assert paid == amounts
    assert sold.change.minor == change
    (entry,) = house.entries("order_sold")
    bodies = entry.body["payments"]
    assert sum(one["amount_minor"] for one in bodies) == sold.order.due.minor
    assert all(one["tendered_minor"] - one["change_minor"] == one["amount_minor"] for one in bodies)


def test_change_is_taken_off_the_first_cash_payment_first(house: House) -> None:
    request = SaleRequest([house.item("full")], [Tendered(Tender.CASH, 500), Tendered(Tender.CASH, 5000)])
    sold = house.services.sell(request, CASHIER)
    assert [(one.amount.minor, one.change.minor) for one in sold.order.payments] == [(0, 500), (2000, 3000)]


def test_cash_is_rounded_to_the_smallest_coin_and_positions_still_add_up(
    make_house: Callable[..., House],
) -> None:
    house = make_house()
    house.import_text(
        "organization: {smallest_coin: 5}\n"
        'events: [{code: play, products: [{code: odd, name: Odd, price: "3.33", tax: 19}]}]'
    )
    sold = house.sell(house.item("odd", 2), cash=1000)
    assert (sold.order.gross.minor, sold.order.rounding.minor, sold.order.due.minor) == (666, -1, 665)
    assert sold.change.minor == 335
    (entry,) = house.entries("order_sold")
    parts = entry.body["positions"]
    assert sum(one["gross_minor"] + one["rounding_minor"] for one in parts) == 665
    assert sum(one["net_minor"] + one["tax_minor"] for one in parts) == 666
    by_card = house.sell(house.item("odd", 2), cash=None, card=666)
    assert by_card.order.due.minor == 666


def refused(house: House, *items: Item | str, **more: object) -> Refusal:
    before = house.seq
    with pytest.raises(Refusal) as caught:
        house.sell(*items, **more)
    assert house.seq == before
    assert house.services.print_queue.waiting() == []
    return caught.value


def test_each_thing_that_is_wrong_is_its_own_refusal_and_changes_nothing(house: House) -> None:
    performance = house.performance("play-1").number
    assert refused(house, Item(4711, performance, 1)).code == "PRODUCT_UNKNOWN"
    assert refused(house, Item(house.product("full").number, 4711, 1)).code == "PERFORMANCE_UNKNOWN"
    assert refused(house).code == "EMPTY_CART"
    assert refused(house, "full", cash=1999).params == {"missing_minor": 1, "currency": "EUR"}
    assert refused(house, "full", cash=None, card=2100).code == "TENDER_OVER"
    assert refused(house, house.item("full", shown_price_minor=1900)).code == "PRICE_CHANGED"
    assert refused(house, Item(house.product("day").number, performance, 1)).code == "NOT_SOLD_HERE"


def test_without_a_shift_nothing_is_sold(make_house: Callable[..., House]) -> None:
    assert refused(make_house(shift=False), "full").code == "NO_SHIFT"


@pytest.mark.parametrize(
    ("state", "code"),
    [("draft", "EVENT_DRAFT"), ("cancelled", "EVENT_CANCELLED"), ("finished", "EVENT_FINISHED")],
)
def test_an_event_that_is_not_on_sale_has_its_own_words(house: House, state: str, code: str) -> None:
    house.import_text(
        "events: [{code: other, name: Other, state: published, performances: "
        '[{code: o-1, starts: "2026-11-30 20:00"}], products: [{code: p, name: P, price: "1.00"}]}]'
        if state != "draft"
        else "events: [{code: other, name: Other, performances: "
        '[{code: o-1, starts: "2026-11-30 20:00"}], products: [{code: p, name: P, price: "1.00"}]}]'
    )
    if state != "draft":
        house.import_text(f"events: [{{code: other, state: {state}}}]")
    found = refused(house, house.item("p", performance="o-1"))
    assert (found.code, found.params["event"]) == (code, "other")


def test_sales_windows_are_judged_at_the_time_of_the_sale(house: House) -> None:
    house.import_text(
        'events: [{code: play, products: [{code: early, name: Early, price: "5.00", '
        'sales_from: "2026-11-21 20:00", sales_until: "2026-11-21 21:00"}]}]'
    )
    assert refused(house, "early").code == "SALES_NOT_BEGUN"
    house.clock.set_wall(utc("2026-11-21 19:00"))
    house.sell("early")
    house.clock.set_wall(utc("2026-11-21 20:00"))
    with pytest.raises(Refusal, match="SALES_OVER"):
        house.sell("early")


def test_an_order_limit_counts_all_lines_of_a_product(house: House) -> None:
    house.import_text("events: [{code: play, products: [{code: full, max_per_order: 3}]}]")
    assert refused(house, house.item("full", 2), house.item("full", 2)).params["wanted"] == 4
    house.sell(house.item("full", 3))


def test_only_cash_and_card_pay_for_a_sale(house: House) -> None:
    for tender in (Tender.COMP, Tender.VOUCHER, Tender.TRANSFER, Tender.OTHER):
        with pytest.raises(Refusal) as caught:
            house.services.sell(SaleRequest([house.item("full")], [Tendered(tender, 2000)]), CASHIER)
        assert (caught.value.code, caught.value.params["tender"]) == ("TENDER_NOT_TAKEN", tender.value)


def test_a_negative_payment_cannot_hide_behind_another(house: House) -> None:
    tendered = [Tendered(Tender.CARD, 2500), Tendered(Tender.CASH, -500)]
    with pytest.raises(Refusal):
        house.services.sell(SaleRequest([house.item("full")], tendered), CASHIER)
    tendered = [Tendered(Tender.CASH, 2500), Tendered(Tender.CARD, -500)]
    with pytest.raises(Refusal, match="AMOUNT_INVALID"):
        house.services.sell(SaleRequest([house.item("full")], tendered), CASHIER)
    assert house.entries("order_sold") == []


def test_a_product_in_another_currency_is_not_sold(house: House) -> None:
    change = Draft("settings_changed", ("org",), {"values": {"currency": "CHF"}})
    with house.station.store.begin() as work:
        work.append(change, SYSTEM)
        work.commit()
    assert refused(house, "full").code == "NOT_SOLD_HERE"


def test_150_tickets_are_several_entries_and_one_order_that_adds_up(house: House) -> None:
    sold = house.sell(house.item("full", 150))
    entries = house.entries("order_sold")
    assert [entry.body["part"] for entry in entries] == [{"number": at, "of": 3} for at in (1, 2, 3)]
    assert [len(entry.body["positions"]) for entry in entries] == [60, 60, 30]
    assert max(len(entry.body["positions"]) for entry in entries) <= POSITIONS_PER_ENTRY
    assert [len(entry.body["payments"]) for entry in entries] == [1, 0, 0]
    assert len(sold.order.tickets) == len({ticket.serial for ticket in sold.order.tickets}) == 150
    assert sold.order.due.minor == 300_000
    assert sum(ticket.gross_minor for ticket in sold.order.tickets) == 300_000
    assert sum(ticket.tax_minor for ticket in sold.order.tickets) == sold.order.tax.minor
    assert sum(one.amount.minor for one in sold.order.payments) == 300_000
    assert len(sold.codes) == 150
    assert left(house, "full") == 250
    assert house.services.shift_now(CASHIER).tenders == {"cash": 300_000}
    assert house.station.verify().clean


def test_group_tickets_with_many_places_never_outgrow_an_entry(make_house: Callable[..., House]) -> None:
    house = make_house()
    house.import_text(
        "events: [{code: play, performances: [{code: play-1, capacity: 100000}], quotas: "
        "[{name: all, capacity: 90000}, {name: inner, capacity: 90000, parent: all}], products: "
        '[{code: coach, name: Coach, price: "100.00", admits: 500, quotas: inner}]}]'
    )
    sold = house.sell(house.item("coach", 30))
    entries = house.entries("order_sold")
    sizes = [len(raw_text(one.station, one.epoch, one.seq, one.content).encode()) for one in entries]
    assert max(sizes) <= MAX_RAW_BYTES
    assert len(entries) > 1
    assert min(sizes[:-1]) > BYTES_PER_ENTRY // 2
    assert len(sold.order.tickets) == 30
    assert left(house, "coach") == 90_000 - 15_000


def test_two_calls_are_two_sales_so_that_one_press_is_one_sale_is_the_callers_business(house: House) -> None:
    request = SaleRequest([house.item("full")], [Tendered(Tender.CASH, 2000)])
    first, second = (house.services.sell(request, CASHIER) for _ in range(2))
    assert first.order.order != second.order.order
    assert left(house, "full") == 398


def test_no_personal_data_reaches_the_journal(house: House) -> None:
    house.import_text("customers: [{name: Ирина Ларина, email: irina@example.org, phone: '+4930555777'}]")
    seller = somebody(*CASHIER.roles, number=77)
    user = house.services.add_user("vera", "Vera Pavlova", [], "2580", SYSTEM)
    house.sell("full", actor=seller, card=1000, cash=1000)
    house.admit(house.code())
    texts = "\n".join(entry.content for entry in house.entries())
    for secret in ("Ирина", "irina", "4930555777", "Vera", "Pavlova", "2580", "person77"):
        assert secret not in texts
    assert user in texts
    for entry in house.entries("order_sold"):
        assert json.loads(entry.content)["actor"]["user"] in (seller.user, CASHIER.user)


def test_a_full_disk_is_a_fault_and_leaves_nothing_half_done(house: House) -> None:
    before = (house.seq, left(house, "full"))
    with house.station.store._core.writing() as work:
        pages = work.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        work.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    code = None
    for _ in range(15):
        try:
            house.sell(house.item("full", 20))
        except Fault as fault:
            code = fault.code
            break
        before = (house.seq, left(house, "full"))
    assert code == "DISK_FULL"
    assert (house.seq, left(house, "full")) == before
    with house.station.store._core.writing() as work:
        work.connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    sold = house.sell("full")
    assert sold.order.receipt == f"K1-{len(house.services.find_orders.find('', CASHIER)):06d}"
    assert house.station.verify().clean
