"""Payments without an end in the cashier's windows: said on the sell screen, cleared up on the shift page."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.services.payments import PaymentRequest
from app.services.sell import Item
from domain.states import PaymentState
from tests.ui import test_sell_window
from tests.ui.recorders import Recorder
from tests.ui.test_sell_window import Show
from tests.ui.till import Till
from tests.ui.whole import cut_texts
from ui.running import InlineRunner, ManualRunner, ManualTimers
from ui.sell.presenter import SellPresenter
from ui.sell.screen import SellPage
from ui.shift.doubts import DoubtFacts, Verdict
from ui.shift.presenter import ShiftPresenter
from ui.shift.screen import ShiftPage

show = test_sell_window.show
till = test_sell_window.till


def begin(till: Till) -> str:
    with till.store.read() as read:
        at = read.performance_by_code("seagull-1")
        assert at is not None
        product = read.products(at.event)[0]
    request = PaymentRequest([Item(product.number, at.number, 1)])
    return till.afterwards.start_payment(request, till.actor).standing.payment


def shift_presenter(till: Till, runner: object = None) -> ShiftPresenter:
    return ShiftPresenter(till, runner or InlineRunner(), ManualTimers(), till.who, lambda: "en")  # type: ignore[arg-type]


def shift_page(till: Till, lang: str = "en") -> ShiftPage:
    return ShiftPage(shift_presenter(till), lang)


@pytest.fixture
def view(till: Till) -> Recorder:
    return Recorder()


def test_a_payment_is_listed_until_somebody_says_what_became_of_it(till: Till, view: Recorder) -> None:
    till.begin_shift()
    payment = begin(till)
    presenter = shift_presenter(till)
    presenter.attach(view)
    presenter.enter()
    shown: DoubtFacts = view.seen["doubts"]
    assert [one.payment for one in shown.payments] == [payment]
    assert [one.payment for one in view.seen["report"].shift.unknown] == [payment]
    presenter.doubts.clear_up(Verdict(payment, taken=True, reason=" "))
    assert view.seen["doubts"].trouble[1].code == "REASON_NEEDED"
    presenter.refresh()
    assert view.seen["doubts"].trouble is not None, "looking again does not take words away"
    presenter.doubts.clear_up(Verdict(payment, taken=True, reason="slip", reference="T-1"))
    assert view.seen["doubts"] == DoubtFacts([])
    report = view.seen["report"].shift
    assert (report.tenders, list(report.unknown)) == ({"card": 2_400}, [])


def test_one_press_is_one_word(till: Till, view: Recorder) -> None:
    till.begin_shift()
    payment = begin(till)
    runner = ManualRunner()
    presenter = shift_presenter(till, runner)
    presenter.attach(view)
    presenter.enter()
    runner.run_all()
    presenter.doubts.clear_up(Verdict(payment, taken=False, reason="bank"))
    presenter.doubts.clear_up(Verdict(payment, taken=True, reason="bank"))
    assert view.seen["doubts"].busy == payment
    runner.run_all()
    with till.store.read() as read:
        standing = read.payment(payment)
    assert standing is not None
    assert standing.state is PaymentState.FAILED


def test_the_sell_screen_says_so_after_a_restart(till: Till, view: Recorder) -> None:
    till.begin_shift()
    begin(till)
    again = till.reopened()
    presenter = SellPresenter(again, InlineRunner(), ManualTimers(), again.who, lambda: "en")  # type: ignore[arg-type]
    presenter.attach(view)
    presenter.enter()
    assert view.seen["doubts"] == 1


def test_the_sell_page_leads_to_the_shift_page(till: Till, show: Show, qtbot: QtBot) -> None:
    till.begin_shift()
    opened: list[str] = []
    presenter = SellPresenter(till, InlineRunner(), ManualTimers(), till.who, lambda: "en")  # type: ignore[arg-type]
    page = show(SellPage(presenter, "en", open_screen=opened.append))
    assert isinstance(page, SellPage)
    assert not page.doubts.isVisible()
    begin(till)
    presenter.refresh()
    assert page.doubts.isVisible()
    page.doubts.acted.emit()
    assert opened == ["shift"]


def test_the_panel_takes_a_reason_and_closes_after_the_last_one(till: Till, show: Show, qtbot: QtBot) -> None:
    till.begin_shift()
    begin(till)
    page = show(shift_page(till))
    assert isinstance(page, ShiftPage)
    assert page.doubts_notice.isVisible()
    page.doubts_notice.acted.emit()
    (card,) = page.doubts.cards()
    assert card.reason.edit.hasFocus()
    qtbot.mouseClick(card.not_taken, Qt.MouseButton.LeftButton)
    assert card.reason.refusal() == "A reason is needed"
    qtbot.keyClicks(card.reason.edit, "declined")
    qtbot.keyClick(card.reason.edit, Qt.Key.Key_Return)
    assert page._presenter.stage.value == "open", "Enter does not close the shift behind the panel"
    qtbot.mouseClick(card.not_taken, Qt.MouseButton.LeftButton)
    assert page.doubts.cards() == []
    assert not page.doubts.is_open()
    assert not page.doubts_notice.isVisible()


@pytest.mark.parametrize("lang", ["en", "ru", "pseudo"])
@pytest.mark.parametrize("size", [(1024, 560), (800, 1200), (1158, 704)])
def test_nothing_is_cut_off(till: Till, show: Show, qtbot: QtBot, lang: str, size: tuple[int, int]) -> None:
    till.begin_shift()
    begin(till)
    till.clock.advance(minutes=11)
    till.afterwards.lose_payment.unanswered()
    begin(till)
    page = show(shift_page(till, lang), *size)
    assert isinstance(page, ShiftPage)
    page.doubts_notice.acted.emit()
    assert len(page.doubts.cards()) == 2
    qtbot.waitUntil(lambda: cut_texts(page) == [], timeout=2_000)  # the layout follows the notice
