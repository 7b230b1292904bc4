"""The sell screen without a window: keys, cart, paying, refusals, paper; over the real store."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.actor import NOBODY
from domain.errors import Fault, Refusal
from domain.money import Money
from domain.order import Tender
from tests.ui.recorders import Recorder
from tests.ui.till import Book, Till
from ui.running import InlineRunner, ManualRunner, ManualTimers
from ui.sell.facts import Choice, Stage
from ui.sell.presenter import SellPresenter


class Counter:
    """A till with its sell screen."""

    def __init__(
        self, root: Path, runner: Any = None, *, shift: bool = True, till: Till | None = None
    ) -> None:
        self.till = till or Till(root)
        if shift and till is None:
            self.till.begin_shift()
        self.timers = ManualTimers()
        self.view = Recorder()
        self.runner = runner or InlineRunner()
        self.lang = "en"
        self.presenter = SellPresenter(self.till, self.runner, self.timers, self.till.who, lambda: self.lang)
        self.presenter.attach(self.view)
        self.presenter.enter()

    @property
    def cart(self) -> Any:
        return self.view.seen["cart"]

    @property
    def lines(self) -> list[tuple[str, int]]:
        return [(line.product.code, line.count) for line in self.cart.lines]

    @property
    def notice(self) -> str | None:
        trouble = self.view.seen["notice"]
        return trouble.code if trouble else None

    def wait(self, ms: int = 501) -> None:
        self.till.clock.advance(ms / 1000)


@pytest.fixture
def make_counter(tmp_path: Path) -> Iterator[Callable[..., Counter]]:
    made: list[Counter] = []

    def make(runner: Any = None, *, shift: bool = True) -> Counter:
        made.append(Counter(tmp_path, runner, shift=shift))
        return made[-1]

    yield make
    for counter in made:
        counter.till.close()


@pytest.fixture
def counter(make_counter: Callable[..., Counter]) -> Counter:
    return make_counter()


def test_the_next_performance_of_today_is_chosen_and_its_products_have_keys(counter: Counter):
    assert counter.presenter.chosen.performance.code == "seagull-1"
    tiles = counter.view.seen["tiles"][0]
    assert [(tile.number, tile.offer.product.code) for tile in tiles][:3] == [
        (1, "stalls"), (2, "balcony"), (3, "student"),
    ]  # fmt: skip


def test_the_board_goes_from_today_over_later_days_to_passes(counter: Counter):
    sections = counter.view.seen["board"][0]
    assert [section.kind for section in sections][-1] == "passes"
    assert sections[0].rows[0].performance.code == "seagull-1"
    assert {row.event.code for row in sections[-1].rows} == {"museum", "ferry"}


def test_what_has_ended_moves_to_the_end_of_the_board(counter: Counter):
    counter.till.clock.advance(hours=5)
    counter.presenter.refresh()
    sections = counter.view.seen["board"][0]
    assert (sections[-1].kind, sections[-1].rows[0].performance.code) == ("over", "seagull-1")


def test_a_key_adds_one_and_with_shift_takes_one_off(counter: Counter):
    for number in (1, 1, 2):
        counter.presenter.add(number)
    assert counter.lines == [("stalls", 2), ("balcony", 1)]
    assert counter.cart.total == Money(6600, "EUR")
    counter.presenter.take_off(1)
    counter.presenter.take_off(2)
    assert counter.lines == [("stalls", 1)]


def test_keys_without_a_product_do_nothing(counter: Counter):
    counter.presenter.add(12)
    counter.presenter.take_off(7)
    assert counter.lines == []


def test_enter_does_nothing_on_an_empty_cart(counter: Counter):
    counter.presenter.press_enter()
    assert counter.presenter.stage is Stage.SELLING
    assert counter.till.orders() == []


def test_three_enters_sell_for_exact_cash_and_begin_the_next_sale(counter: Counter):
    counter.presenter.add(1)
    counter.presenter.press_enter()
    assert counter.presenter.stage is Stage.PAYING
    counter.presenter.press_enter()
    assert counter.presenter.stage is Stage.DONE
    assert counter.view.seen["done"].receipt == "K1-000001"
    counter.wait()
    counter.presenter.press_enter()
    assert counter.presenter.stage is Stage.SELLING
    assert counter.lines == []
    assert len(counter.till.orders()) == 1


def test_no_key_closes_the_done_view_within_half_a_second(counter: Counter):
    counter.presenter.add(1)
    counter.presenter.press_enter()
    counter.presenter.press_enter()
    counter.wait(499)
    counter.presenter.press_enter()
    counter.presenter.add(1)
    counter.presenter.sell_exact()
    assert counter.presenter.stage is Stage.DONE
    counter.wait(1)
    counter.presenter.press_enter()
    assert counter.presenter.stage is Stage.SELLING


def test_a_product_key_in_the_done_view_begins_the_next_sale(counter: Counter):
    counter.presenter.add(1)
    counter.presenter.press_enter()
    counter.presenter.press_enter()
    counter.wait()
    counter.presenter.add(2)
    assert counter.lines == [("balcony", 1)]


def test_exact_cash_sells_prints_and_is_ready_for_the_next_guest(counter: Counter):
    counter.presenter.add(2)
    counter.presenter.sell_exact()
    assert counter.presenter.stage is Stage.SELLING
    assert counter.lines == []
    last = counter.view.seen["last"]
    assert (last.receipt, last.paper.state) == ("K1-000001", "saved")
    assert [Path(file).name for file in last.paper.files] == [
        "K1-000001-tickets.pdf",
        "K1-000001-receipt.pdf",
    ]


def test_exact_cash_with_nothing_chosen_sells_one_of_the_first_product(counter: Counter):
    counter.presenter.sell_exact()
    order = counter.till.orders()[0]
    assert (order.tickets, order.due) == (1, Money(2400, "EUR"))


def test_exact_cash_is_dead_for_half_a_second_after_a_sale(counter: Counter):
    counter.presenter.sell_exact()
    counter.wait(499)
    counter.presenter.sell_exact()
    assert len(counter.till.orders()) == 1
    counter.wait(1)
    counter.presenter.sell_exact()
    assert len(counter.till.orders()) == 2


def test_a_second_press_while_the_sale_is_recorded_sells_nothing_more(make_counter: Callable[..., Counter]):
    counter = make_counter(ManualRunner())
    counter.runner.run_all()
    counter.presenter.add(1)
    counter.presenter.press_enter()
    counter.presenter.press_enter()
    counter.presenter.press_enter()
    counter.presenter.sell_exact()
    counter.presenter.add(1)
    counter.presenter.close_pay()
    assert counter.view.seen["pay"].busy
    assert counter.cart.frozen
    counter.runner.run_all()
    assert len(counter.till.orders()) == 1
    assert counter.presenter.stage is Stage.DONE


def test_change_is_told_while_one_types_and_after_the_sale(counter: Counter):
    counter.presenter.add(1)
    counter.presenter.open_pay()
    counter.presenter.checkout.type_amount("50")
    assert counter.view.seen["pay"].change == Money(2600, "EUR")
    counter.presenter.press_enter()
    assert counter.view.seen["done"].change == Money(2600, "EUR")


def test_a_quick_amount_takes_the_payment_at_once(counter: Counter):
    counter.presenter.add(1)
    counter.presenter.open_pay()
    counter.presenter.pay_with(counter.view.seen["pay"].quick[0])
    assert counter.view.seen["done"].change == Money(100, "EUR")


def test_part_in_cash_and_the_rest_by_card_is_one_sale_with_two_payments(counter: Counter):
    counter.presenter.add(1)
    counter.presenter.open_pay()
    counter.presenter.checkout.type_amount("10")
    counter.presenter.press_enter()
    assert counter.presenter.stage is Stage.PAYING
    assert counter.view.seen["pay"].tender is Tender.CARD
    counter.presenter.checkout.type_reference("77102")
    counter.presenter.press_enter()
    order = counter.till.find_orders.by_text("K1-000001", counter.till.actor)
    assert [(paid.tender, paid.amount.minor, paid.reference) for paid in order.payments] == [
        ("cash", 1000, None), ("card", 1400, "77102"),
    ]  # fmt: skip


def test_a_kept_part_can_be_taken_back(counter: Counter):
    counter.presenter.add(1)
    counter.presenter.open_pay()
    counter.presenter.checkout.type_amount("10")
    counter.presenter.press_enter()
    counter.presenter.checkout.drop_part(0)
    assert counter.view.seen["pay"].remaining == Money(2400, "EUR")


def test_more_by_card_than_is_due_is_refused_and_nothing_is_lost(counter: Counter):
    counter.presenter.add(1)
    counter.presenter.open_pay()
    counter.presenter.checkout.choose_tender(Tender.CARD)
    counter.presenter.checkout.type_amount("30")
    counter.presenter.press_enter()
    pay = counter.view.seen["pay"]
    assert (pay.trouble.code, pay.busy) == ("TENDER_OVER", False)
    assert counter.lines == [("stalls", 1)]
    assert counter.till.orders() == []


def test_a_card_number_as_reference_is_refused_beside_its_field(counter: Counter):
    counter.presenter.add(1)
    counter.presenter.open_pay()
    counter.presenter.checkout.choose_tender(Tender.CARD)
    counter.presenter.checkout.type_reference("4242424242424242")
    counter.presenter.press_enter()
    pay = counter.view.seen["pay"]
    assert (pay.trouble.code, pay.trouble_at) == ("REFERENCE_IS_CARD", "reference")


def test_closing_the_pay_panel_leaves_the_cart_as_it_was(counter: Counter):
    counter.presenter.add(1)
    counter.presenter.open_pay()
    counter.presenter.close_pay()
    assert (counter.presenter.stage, counter.lines) == (Stage.SELLING, [("stalls", 1)])


def test_the_limit_of_an_order_is_told_by_the_name_of_the_product(counter: Counter):
    counter.lang = "ru"
    for _ in range(5):
        counter.presenter.add(3)
    trouble = counter.view.seen["notice"]
    assert (trouble.code, trouble.params["product"], trouble.params["max"]) == (
        "ORDER_LIMIT",
        "Студенческий",
        4,
    )
    assert counter.lines == [("student", 4)]


def test_a_refused_sale_leaves_the_cart_and_refreshes_the_numbers(counter: Counter):
    for _ in range(10):
        counter.presenter.add(2)
    for _ in range(4):
        counter.till.sold_by_hand("balcony", 12)
    counter.presenter.sell_exact()
    assert counter.notice == "SOLD_OUT"
    assert counter.lines == [("balcony", 10)]
    assert counter.view.seen["tiles"][0][1].offer.places.here == 2


def test_a_product_that_is_sold_out_says_so_and_is_not_added(counter: Counter):
    for _ in range(4):
        counter.till.sold_by_hand("balcony", 12)
    counter.till.sold_by_hand("balcony", 2)
    counter.presenter.refresh()
    counter.presenter.add(2)
    assert counter.view.seen["tiles"][0][1].offer.refusal == "SOLD_OUT"
    assert (counter.notice, counter.lines) == ("SOLD_OUT", [])


def test_one_cart_holds_tickets_of_several_events(counter: Counter):
    counter.presenter.add(1)
    ferry = next(row for row in counter.view.seen["board"][0][-1].rows if row.event.code == "ferry")
    counter.presenter.choose(Choice.of(ferry))
    counter.presenter.add(1)
    counter.presenter.sell_exact()
    assert counter.till.orders()[0].due == Money(2720, "EUR")


def test_removed_lines_come_back(counter: Counter):
    counter.presenter.add(1)
    counter.presenter.add(2)
    counter.presenter.empty_cart()
    assert (counter.lines, counter.cart.can_undo) == ([], True)
    counter.presenter.undo()
    assert counter.lines == [("stalls", 1), ("balcony", 1)]
    counter.presenter.remove(counter.cart.lines[0].key)
    counter.presenter.undo()
    assert counter.lines == [("stalls", 1), ("balcony", 1)]


def test_without_a_shift_nothing_is_added_until_one_is_opened_right_here(
    make_counter: Callable[..., Counter],
):
    counter = make_counter(shift=False)
    assert counter.presenter.stage is Stage.NO_SHIFT
    counter.presenter.add(1)
    counter.presenter.sell_exact()
    assert counter.till.orders() == []
    counter.presenter.open_shift("12.3")
    assert counter.view.seen["opening"][1].code == "AMOUNT_INVALID"
    counter.presenter.open_shift("120,00")
    assert counter.presenter.stage is Stage.SELLING
    assert counter.till.shift_now(counter.till.actor).float_ == Money(12_000, "EUR")


def test_a_shift_closed_elsewhere_brings_the_opening_card_and_keeps_the_cart(counter: Counter):
    counter.presenter.add(1)
    counter.till.close_shift(10_000, counter.till.actor)
    counter.presenter.refresh()
    assert counter.presenter.stage is Stage.NO_SHIFT
    counter.presenter.open_shift("")
    assert (counter.presenter.stage, counter.lines) == (Stage.SELLING, [("stalls", 1)])


def test_the_cart_outlives_the_page(counter: Counter):
    counter.presenter.add(1)
    other = Recorder()
    counter.presenter.attach(other)
    assert [line.product.code for line in other.seen["cart"].lines] == ["stalls"]


def test_numbers_are_looked_at_every_few_seconds_while_the_screen_is_open(counter: Counter):
    counter.till.sold_by_hand("stalls", 12)
    counter.timers.advance(5000)
    assert counter.view.seen["tiles"][0][0].offer.places.here == 118
    counter.presenter.leave()
    counter.till.sold_by_hand("stalls", 12)
    counter.timers.advance(60_000)
    assert counter.view.seen["tiles"][0][0].offer.places.here == 118


def test_a_folder_that_cannot_be_written_never_loses_the_sale_and_can_be_tried_again(counter: Counter):
    counter.till.folder.locked = True
    counter.presenter.add(1)
    counter.presenter.press_enter()
    counter.presenter.press_enter()
    paper = counter.view.seen["done"].paper
    assert (paper.state, paper.trouble.code) == ("failed", "PRINT_FOLDER_NOT_WRITABLE")
    assert len(counter.till.orders()) == 1
    counter.till.folder.locked = False
    counter.presenter.retry_paper()
    assert counter.view.seen["done"].paper.state == "saved"
    assert counter.till.print_queue.waiting() == []


def test_a_jammed_printer_is_told_and_the_pdf_can_be_opened_instead(counter: Counter):
    counter.till.settings["print.after_sale"] = "print"
    counter.till.tray.jammed = True
    counter.presenter.add(1)
    counter.presenter.press_enter()
    counter.presenter.press_enter()
    assert counter.view.seen["done"].paper.trouble.code == "PRINTER_FAILED"
    counter.till.tray.jammed = False
    counter.presenter.open_pdf()
    assert counter.till.tray.opened == ["K1-000001-tickets.pdf"]
    counter.presenter.print_paper()
    assert counter.till.tray.printed == ["K1-000001-tickets.pdf", "K1-000001-receipt.pdf"]


def test_a_setting_that_does_not_fit_is_told_and_the_sale_stands(counter: Counter):
    class Wrong(Book):
        def text(self, name: str) -> str:
            raise Refusal("SETTING_INVALID", name=name, source="environment", hint="save|open|print")

    counter.till.settings = Wrong()
    counter.presenter.sell_exact()
    assert counter.view.seen["last"].paper.trouble.code == "SETTING_INVALID"
    assert (len(counter.till.orders()), counter.presenter.stage) == (1, Stage.SELLING)


def test_paper_goes_over_a_lane_of_its_own(make_counter: Callable[..., Counter]):
    counter = make_counter(ManualRunner())
    counter.runner.run_all()
    counter.presenter.sell_exact()
    counter.runner.run_next()
    assert "printer" in counter.runner.waiting()
    counter.wait()
    counter.presenter.add(2)
    assert counter.lines == [("balcony", 1)]
    assert counter.view.seen["last"].paper.state == "working"
    assert counter.view.seen["unprinted"] is None


def test_sales_that_a_kill_left_unprinted_are_offered_at_the_next_start(tmp_path: Path):
    first = Till(tmp_path)
    first.begin_shift()
    first.sold_by_hand()
    first.close()
    counter = Counter(tmp_path, till=first.reopened())
    presenter = counter.presenter
    unprinted = counter.view.seen["unprinted"]
    assert (unprinted.receipt, unprinted.count) == ("K1-000001", 1)
    presenter.print_waiting()
    assert counter.view.seen["unprinted"] is None
    assert (tmp_path / "prints" / "K1-000001-tickets.pdf").exists()
    counter.till.close()


def test_a_failed_sale_in_the_store_is_told_as_a_fault_and_keeps_the_cart(counter: Counter):
    class Full:
        def __call__(self, request: Any, actor: Any) -> Any:
            raise Fault("DISK_FULL", folder="data")

        def hindrance(self) -> None:
            return None

    counter.till.sell = Full()
    counter.presenter.add(1)
    counter.presenter.sell_exact()
    assert (counter.notice, counter.view.seen["notice"].fault) == ("DISK_FULL", True)
    assert counter.lines == [("stalls", 1)]
    assert not counter.cart.frozen


def test_a_changed_price_is_refused_and_taken_over_with_one_press(counter: Counter):
    counter.presenter.add(1)
    counter.till.reprice("stalls", 2600)
    counter.presenter.sell_exact()
    trouble = counter.view.seen["notice"]
    assert (trouble.code, trouble.params["from_minor"], trouble.params["to_minor"]) == (
        "PRICE_CHANGED",
        2400,
        2600,
    )
    counter.presenter.take_new_prices()
    assert counter.cart.total == Money(2600, "EUR")
    counter.presenter.sell_exact()
    assert counter.till.orders()[0].due == Money(2600, "EUR")


def test_someone_who_may_not_sell_is_told_so(counter: Counter):
    counter.presenter.add(1)
    counter.till.actor = NOBODY
    counter.presenter.sell_exact()
    assert counter.notice == "NOT_SIGNED_IN"
    assert counter.lines == [("stalls", 1)]
