"""The orders screen without a window: search, scan, detail, paper; over the real use cases and store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.actor import Actor, Role
from domain.ticket_code import SigningKey, TicketCode, encode, key_id
from tests.ui.recorders import Recorder
from tests.ui.till import Till
from ui.orders.presenter import OrdersPresenter
from ui.running import InlineRunner, ManualRunner, ManualTimers


class Desk:
    """A till with three sales and its orders screen."""

    def __init__(self, root: Path, runner: Any = None) -> None:
        self.till = Till(root)
        self.till.begin_shift()
        self.sales = [
            self.till.sold_by_hand(*sale) for sale in (("stalls", 2), ("student", 1), ("balcony", 3))
        ]
        self.timers = ManualTimers()
        self.view = Recorder()
        self.runner = runner or InlineRunner()
        self.presenter = OrdersPresenter(self.till, self.runner, self.timers, self.till.who, lambda: "en")
        self.presenter.attach(self.view)
        self.presenter.enter()

    @property
    def receipts(self) -> list[str]:
        return [row.receipt for row in self.view.seen["list"].rows]

    @property
    def detail(self) -> Any:
        return self.view.seen["detail"]

    @property
    def notice(self) -> str | None:
        trouble = self.view.seen["notice"]
        return trouble.code if trouble else None


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.till.close()


def test_the_latest_orders_come_first(desk: Desk):
    assert desk.receipts == ["K1-000003", "K1-000002", "K1-000001"]


def test_new_sales_appear_by_themselves(desk: Desk):
    desk.till.sold_by_hand()
    desk.timers.advance(5000)
    assert desk.receipts[0] == "K1-000004"


def test_an_order_is_found_by_receipt_reference_and_ticket_reference(desk: Desk):
    order = desk.sales[1].order
    for text in (order.receipt, order.reference, order.tickets[0].reference, f" {order.reference} "):
        desk.presenter.search(text)
        assert desk.receipts == ["K1-000002"]
        assert desk.detail.order.receipt == "K1-000002"
        desk.presenter.close()


def test_what_is_not_there_leaves_an_empty_list_that_names_it(desk: Desk):
    desk.presenter.search("K1-000999")
    found = desk.view.seen["list"]
    assert (list(found.rows), found.text, found.loaded) == ([], "K1-000999", True)


def test_a_scanned_ticket_opens_its_order_and_marks_itself(desk: Desk):
    serial, code = list(desk.sales[2].codes.items())[1]
    desk.presenter.scan(code)
    assert (desk.detail.order.receipt, desk.detail.marked) == ("K1-000003", serial)
    assert desk.notice is None


def test_the_reference_of_a_receipt_can_be_scanned_too(desk: Desk):
    desk.presenter.scan(desk.sales[0].order.reference)
    assert desk.detail.order.receipt == "K1-000001"


def test_a_ticket_nobody_here_sold_is_explained(desk: Desk):
    key = SigningKey.from_seed(bytes(32))
    code = TicketCode(key_id=key_id(key.public), serial="00112233445566aa", product=1)
    desk.presenter.scan(encode(code, key))
    assert desk.notice == "TICKET_UNKNOWN"
    desk.presenter.search("")
    assert desk.notice is None


def test_something_that_is_no_code_of_ours_is_explained(desk: Desk):
    desk.presenter.scan("https://example.org")
    assert desk.notice == "ORDER_UNKNOWN"


def test_the_detail_tells_whether_the_tickets_are_on_paper(desk: Desk):
    desk.presenter.open(desk.sales[0].order.order)
    assert (desk.detail.order.printed, desk.detail.print_refusal) == (False, None)
    desk.presenter.print_again()
    assert desk.till.tray.printed == ["K1-000001-tickets.pdf", "K1-000001-receipt.pdf"]
    assert (desk.detail.paper.state, desk.detail.order.printed) == ("printed", True)


def test_printing_twice_makes_the_same_ticket(desk: Desk):
    order = desk.sales[0].order
    before = desk.till.find_orders.codes(order)
    desk.presenter.open(order.order)
    desk.presenter.print_again()
    desk.presenter.print_again()
    assert desk.till.find_orders.codes(desk.detail.order) == before


def test_a_fault_of_the_printer_is_told_and_can_be_tried_again(desk: Desk):
    desk.till.tray.jammed = True
    desk.presenter.open(desk.sales[0].order.order)
    desk.presenter.print_again()
    assert desk.detail.paper.trouble.code == "PRINTER_FAILED"
    desk.till.tray.jammed = False
    desk.presenter.retry_paper()
    assert desk.detail.paper.state == "printed"


def test_pdfs_are_saved_where_the_person_says(desk: Desk, tmp_path: Path):
    desk.presenter.open(desk.sales[0].order.order)
    desk.presenter.save_pdf(str(tmp_path / "stick"))
    assert sorted(file.name for file in (tmp_path / "stick").iterdir()) == [
        "K1-000001-receipt.pdf", "K1-000001-tickets.pdf",
    ]  # fmt: skip


def test_who_may_look_but_not_print_is_told_why(desk: Desk):
    desk.till.actor = Actor("someone", "sofia", frozenset({Role.SUPPORT}))
    desk.presenter.open(desk.sales[0].order.order)
    assert desk.detail.print_refusal == "NOT_ALLOWED"
    desk.presenter.print_again()
    assert desk.till.tray.printed == []


def test_who_may_not_look_gets_the_reason_in_place_of_the_list(desk: Desk):
    desk.till.actor = Actor("someone", "gleb", frozenset({Role.GATE}))
    desk.presenter.refresh()
    assert desk.view.seen["list"].trouble.code == "NOT_ALLOWED"


def test_back_closes_the_order_and_then_leaves_the_screen(desk: Desk):
    desk.presenter.open(desk.sales[0].order.order)
    assert desk.presenter.close()
    assert desk.detail is None
    assert not desk.presenter.close()


def test_of_two_searches_the_answer_to_the_last_one_stays(tmp_path: Path):
    desk = Desk(tmp_path, ManualRunner())
    desk.runner.run_all()
    desk.presenter.search("K1-000001")
    desk.presenter.search("K1-000002")
    desk.runner.run_next(1)
    desk.runner.run_next(0)
    assert desk.receipts == ["K1-000002"]
    desk.till.close()


def test_the_search_outlives_the_page(desk: Desk):
    desk.presenter.search("K1-000002")
    other = Recorder()
    desk.presenter.attach(other)
    assert (desk.presenter.text, other.seen["detail"].order.receipt) == ("K1-000002", "K1-000002")
