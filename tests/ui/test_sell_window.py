"""The cashier's windows, offscreen: keys wherever the focus is, presses, and what stands on screen."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.ui.till import Till
from tests.ui.whole import cut_texts
from ui.frame.screen import Page
from ui.orders.presenter import OrdersPresenter
from ui.orders.screen import OrdersPage
from ui.runner import QtTimers, TaskRunner
from ui.running import InlineRunner, ManualRunner, ManualTimers
from ui.sell.facts import Stage
from ui.sell.presenter import SellPresenter
from ui.sell.screen import SellPage
from ui.shift.presenter import ShiftPresenter
from ui.shift.screen import ShiftPage

ENTER, CTRL, SHIFT = Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    made = Till(tmp_path)
    yield made
    made.close()


Show = Callable[..., Page]


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    pages: list[Page] = []

    def shown(page: Page, width: int = 1158, height: int = 704) -> Page:
        pages.append(page)
        page.resize(width, height)
        with qtbot.waitExposed(page):
            page.show()
        page.activateWindow()
        qtbot.waitUntil(page.isActiveWindow)
        page.on_enter()
        return page

    yield shown
    for page in filter(isValid, pages):
        page.on_leave()
        page.close()
        page.deleteLater()
        QCoreApplication.sendPostedEvents(page, QEvent.Type.DeferredDelete)


def sell_page(till: Till, runner: object = None, lang: str = "en") -> SellPage:
    presenter = SellPresenter(till, runner or InlineRunner(), ManualTimers(), till.who, lambda: lang)
    return SellPage(presenter, lang)


@pytest.fixture
def page(till: Till, show: Show) -> SellPage:
    till.begin_shift()
    made = show(sell_page(till))
    assert isinstance(made, SellPage)
    return made


def cart(page: SellPage) -> list[tuple[str, int]]:
    return [(line.product.code, line.count) for line in page._presenter._cart.lines]


def focused(page: QWidget) -> QWidget:
    found = page.window().focusWidget()
    assert found is not None
    return found


def test_f_keys_add_and_shift_takes_off(page: SellPage, qtbot: QtBot):
    qtbot.keyClick(page, Qt.Key.Key_F1)
    qtbot.keyClick(page, Qt.Key.Key_F1)
    qtbot.keyClick(page, Qt.Key.Key_F3)
    qtbot.keyClick(page, Qt.Key.Key_F1, SHIFT)
    assert cart(page) == [("stalls", 1), ("student", 1)]


def test_enter_on_an_empty_cart_does_nothing(page: SellPage, qtbot: QtBot, till: Till):
    qtbot.keyClick(focused(page), ENTER)
    assert page._presenter.stage is Stage.SELLING
    assert till.orders() == []


def test_enter_opens_the_pay_panel_even_after_a_tile_was_pressed(page: SellPage, qtbot: QtBot):
    qtbot.mouseClick(page.products.tile(1), Qt.MouseButton.LeftButton)
    qtbot.keyClick(focused(page), ENTER)
    assert page._presenter.stage is Stage.PAYING
    assert cart(page) == [("stalls", 1)]
    assert focused(page) is page.pay_panel().first_focus()


def test_space_presses_a_tile_that_has_the_focus_and_enter_pays(page: SellPage, qtbot: QtBot):
    page.products.tile(2).setFocus()
    qtbot.keyClick(page.products.tile(2), Qt.Key.Key_Space)
    assert cart(page) == [("balcony", 1)]
    qtbot.keyClick(page.products.tile(2), ENTER)
    assert page._presenter.stage is Stage.PAYING


def test_a_sale_by_keyboard_alone_shows_the_change(page: SellPage, qtbot: QtBot, till: Till):
    qtbot.keyClick(page, Qt.Key.Key_F1)
    qtbot.keyClick(focused(page), ENTER)
    qtbot.keyClicks(focused(page), "50")
    assert page.pay_panel().change_text() == "Change €26.00"
    qtbot.keyClick(focused(page), ENTER)
    assert page._presenter.stage is Stage.DONE
    assert page.done.change_text() == "Change €26.00"
    till.clock.advance(1)
    qtbot.keyClick(focused(page), ENTER)
    assert page._presenter.stage is Stage.SELLING
    assert len(till.orders()) == 1


def test_ctrl_enter_sells_once_and_is_dead_for_half_a_second(page: SellPage, qtbot: QtBot, till: Till):
    qtbot.keyClick(page, Qt.Key.Key_F2)
    for _ in range(3):
        qtbot.keyClick(page, ENTER, CTRL)
    qtbot.keyClick(focused(page), ENTER)
    assert [order.due.minor for order in till.orders()] == [1800]
    till.clock.advance(0.5)
    qtbot.keyClick(page, ENTER, CTRL)
    assert len(till.orders()) == 2


def test_two_presses_on_the_pay_button_sell_once(till: Till, show: Show, qtbot: QtBot):
    till.begin_shift()
    runner = ManualRunner()
    page = show(sell_page(till, runner))
    runner.run_all()
    qtbot.keyClick(page, Qt.Key.Key_F1)
    qtbot.keyClick(focused(page), ENTER)
    button = page.pay_panel().take_button()
    qtbot.mouseDClick(button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    runner.run_all()
    assert len(till.orders()) == 1


def test_escape_leaves_the_pay_panel_with_the_cart_as_it_was(page: SellPage, qtbot: QtBot):
    qtbot.keyClick(page, Qt.Key.Key_F1)
    qtbot.keyClick(focused(page), ENTER)
    qtbot.keyClick(focused(page), Qt.Key.Key_Escape)
    assert page._presenter.stage is Stage.SELLING
    assert cart(page) == [("stalls", 1)]


def test_escape_in_the_done_view_begins_the_next_sale(page: SellPage, qtbot: QtBot):
    qtbot.keyClick(page, Qt.Key.Key_F1)
    qtbot.keyClick(focused(page), ENTER)
    qtbot.keyClick(focused(page), ENTER)
    assert page.go_back()
    assert page._presenter.stage is Stage.SELLING


def test_a_quick_amount_is_one_press(page: SellPage, qtbot: QtBot):
    qtbot.keyClick(page, Qt.Key.Key_F1)
    qtbot.keyClick(focused(page), ENTER)
    exact, next_note, *_ = page.pay_panel().quick_buttons()
    assert (exact.text(), next_note.text()) == ("Exact", "€25.00")
    qtbot.mouseClick(next_note, Qt.MouseButton.LeftButton)
    assert page.done.change_text() == "Change €1.00"


def test_a_refused_reference_stands_beside_its_field(page: SellPage, qtbot: QtBot):
    qtbot.keyClick(page, Qt.Key.Key_F1)
    qtbot.keyClick(focused(page), ENTER)
    page.pay_panel().tender_chosen.emit("card")
    qtbot.keyClicks(focused(page), "4242424242424242")
    qtbot.keyClick(focused(page), ENTER)
    assert "reference" in page.pay_panel().refusal()
    assert page._presenter.stage is Stage.PAYING


def test_without_a_shift_the_float_is_asked_for_right_there(till: Till, show: Show, qtbot: QtBot):
    page = show(sell_page(till))
    qtbot.keyClicks(focused(page), "120.50")
    qtbot.keyClick(focused(page), ENTER)
    assert till.shift_now(till.actor).float_.minor == 12_050
    assert page._presenter.stage is Stage.SELLING


def test_steppers_and_removal_change_the_cart_and_undo_brings_it_back(page: SellPage, qtbot: QtBot):
    qtbot.keyClick(page, Qt.Key.Key_F1)
    key = page._presenter._cart.lines[0].key
    page.cart.row(key).stepped.emit(3)
    assert cart(page) == [("stalls", 3)]
    page.cart.row(key).removed.emit()
    assert cart(page) == []
    page.cart.undo_wanted.emit()
    assert cart(page) == [("stalls", 3)]


WINDOWS = pytest.mark.parametrize(
    ("width", "height"), [(1712, 1016), (1158, 704), (952, 536), (728, 1216), (728, 496)]
)


@WINDOWS
def test_the_page_fits_every_window_it_is_made_for(till: Till, show: Show, width: int, height: int):
    till.begin_shift()
    page = show(sell_page(till), width, height)
    for number in (1, 2, 3):
        page._presenter.add(number)
    page._presenter.open_pay()
    QCoreApplication.processEvents()
    assert (page.width(), page.height()) == (width, height)


def test_a_page_made_anew_in_another_language_keeps_the_cart(till: Till, show: Show):
    till.begin_shift()
    first = show(sell_page(till))
    first._presenter.add(1)
    second = show(SellPage(first._presenter, "ru"))
    assert second.products.title() == "Чайка"
    assert cart(second) == [("stalls", 1)]


def test_a_payment_goes_on_in_a_page_made_anew(till: Till, show: Show, qtbot: QtBot):
    till.begin_shift()
    first = show(sell_page(till))
    first._presenter.add(1)
    first._presenter.open_pay()
    first._presenter.checkout.type_amount("30")
    first.on_leave()
    second = show(SellPage(first._presenter, "ru"))
    assert second.pay_panel().change_text().endswith("6,00\u00a0€")
    qtbot.keyClick(focused(second), ENTER)
    assert len(till.orders()) == 1


def test_an_answer_that_comes_when_the_page_is_gone_does_no_harm(till: Till, show: Show):
    till.begin_shift()
    runner = ManualRunner()
    page = show(sell_page(till, runner))
    presenter = page._presenter
    page.on_leave()
    page.deleteLater()
    QCoreApplication.sendPostedEvents(page, QEvent.Type.DeferredDelete)
    runner.run_all()
    assert presenter.chosen is not None


def test_the_strip_names_the_chosen_performance(page: SellPage):
    assert page.context_line().startswith("The Seagull · today")


def test_enter_goes_from_the_count_to_the_button_and_closes_there(till: Till, show: Show, qtbot: QtBot):
    till.begin_shift()
    presenter = ShiftPresenter(till, InlineRunner(), ManualTimers(), till.who, lambda: "en")
    page = show(ShiftPage(presenter, "en"))
    qtbot.keyClicks(focused(page), "98")
    assert page.closing().result() == "Difference €2.00 is missing"
    qtbot.keyClick(focused(page), ENTER)
    assert till.shift_now(till.actor) is not None
    assert focused(page) is page.closing().button()
    qtbot.keyClick(focused(page), ENTER)
    assert till.shift_now(till.actor) is None
    assert till.shift_now.last(till.actor).difference.minor == -200


def test_a_ticket_scanned_on_the_orders_screen_opens_its_order(till: Till, show: Show):
    till.begin_shift()
    sold = till.sold_by_hand()
    presenter = OrdersPresenter(till, InlineRunner(), ManualTimers(), till.who, lambda: "en")
    page = show(OrdersPage(presenter, "en"))
    assert page.handle_scan(next(iter(sold.codes.values())), "serial")
    assert page.detail.title() == "K1-000001"
    assert page.go_back()
    assert not page.go_back()


def test_searching_for_nothing_known_offers_the_latest_orders_again(till: Till, show: Show, qtbot: QtBot):
    till.begin_shift()
    till.sold_by_hand()
    presenter = OrdersPresenter(till, InlineRunner(), ManualTimers(), till.who, lambda: "en")
    page = show(OrdersPage(presenter, "en"))
    qtbot.keyClicks(page.list.search, "zzzz")
    qtbot.keyClick(page.list.search, ENTER)
    assert page.list.rows() == []
    page.list.empty_state().button.click()
    assert len(page.list.rows()) == 1


@WINDOWS
def test_orders_and_shift_fit_too(till: Till, show: Show, width: int, height: int):
    till.begin_shift()
    sold = till.sold_by_hand()
    orders = OrdersPresenter(till, InlineRunner(), ManualTimers(), till.who, lambda: "ru")
    shift = ShiftPresenter(till, InlineRunner(), ManualTimers(), till.who, lambda: "ru")
    for page in (show(OrdersPage(orders, "ru"), width, height), show(ShiftPage(shift, "ru"), width, height)):
        orders.open(sold.order.order)
        shift.type_count("1")
        QCoreApplication.processEvents()
        assert cut_texts(page) == []
        assert (page.width(), page.height()) == (width, height)


def test_the_strip_follows_the_board(till: Till, show: Show):
    till.begin_shift()
    told: list[str] = []
    presenter = SellPresenter(till, InlineRunner(), ManualTimers(), till.who, lambda: "en")
    page = show(SellPage(presenter, "en", told.append))
    ferry = next(choice for choice, card in page.board.cards().items() if card.text() == "Island ferry")
    page.board.chosen.emit(ferry)
    assert told[-1] == "Island ferry"


def test_a_sale_over_real_threads_is_made_once_and_its_paper_follows(till: Till, show: Show, qtbot: QtBot):
    till.begin_shift()
    runner = TaskRunner(NoBugs())
    timers = QtTimers()
    presenter = SellPresenter(till, runner, timers, till.who, lambda: "en")
    page = show(SellPage(presenter, "en"))
    qtbot.waitUntil(lambda: presenter.stage is Stage.SELLING)
    for _ in range(3):
        qtbot.keyClick(page, ENTER, CTRL)
    qtbot.waitUntil(lambda: presenter._done is not None and presenter._done.paper.state == "saved")
    assert len(till.orders()) == 1
    presenter.leave()
    assert runner.close() == []


class NoBugs:
    """A reporter for tests in which nothing may go wrong."""

    def report(self, error: BaseException) -> None:
        raise AssertionError from error


@pytest.mark.parametrize("lang", ["en", "ru"])
@WINDOWS
def test_nothing_is_cut_off(till: Till, show: Show, width: int, height: int, lang: str):
    till.begin_shift()
    page = show(sell_page(till, lang=lang), width, height)
    for number in (1, 1, 2, 3):
        page._presenter.add(number)
    QCoreApplication.processEvents()
    assert cut_texts(page) == []
    page._presenter.open_pay()
    page._presenter.checkout.type_amount("20")
    QCoreApplication.processEvents()
    assert cut_texts(page) == []
    page._presenter.press_enter()
    page._presenter.press_enter()
    QCoreApplication.processEvents()
    assert cut_texts(page) == []
