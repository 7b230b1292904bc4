"""The mark of practice on every screen, and the bench."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.cli.window import open_desk
from app.practice_station import open_practice
from app.services.hashing import PinHasher
from app.services.sell import SaleRequest, Tendered
from domain.errors import Fault
from domain.order import Tender
from tests.services.house import House
from tests.ui.whole import cut_texts
from ui.application import Desk
from ui.practice.frame import BAND, PracticeFrame
from ui.signin.presenter import PersonTile

SIZES = ((1366, 768), (1024, 600), (800, 1280))


class Stage:
    """The window of a practice venue; the one of the real station on request."""

    def __init__(self, house: House, app: QApplication) -> None:
        self.house, self.app = house, app
        self.station = open_practice(house.data, house.settings, clock=house.clock, random_bytes=house.random)
        self.desk = open_desk(app, self.station, "en")

    def sign_in(self) -> None:
        services = self.station.services
        actor = services.sign_in.by_login("supervisor", "3333")
        self.desk.welcome(actor, PersonTile(actor.user, "supervisor", "Sam", tuple(actor.roles)))

    def sell(self) -> str:
        services = self.station.services
        actor = services.sign_in.by_login("cashier", "1111")
        services.open_shift(0, actor)
        with self.station.store.read() as read:
            at = read.performance_by_code("play-1")
            product = next(one for one in read.products(at.event) if one.code == "full")
        item = self.house.item("full")
        assert item.product == product.number, "numbers are the real ones"
        sold = services.sell(SaleRequest([item], [Tendered(Tender.CASH, 2000)]), actor)
        return next(iter(sold.codes))

    def close(self) -> None:
        self.desk.close()
        QApplication.processEvents()  # taking the translator away wakes the window once more
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.station.close()


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr("app.bootstrap.PinHasher", partial(PinHasher, 1, 64))
    made = House(tmp_path)
    yield made
    made.station.close()


@pytest.fixture
def stage(house: House, qapp: QApplication) -> Iterator[Stage]:
    made = Stage(house, qapp)
    yield made
    made.close()


def at_rest(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.runner.busy() == 0)
    QApplication.processEvents()


def test_the_mark_lies_above_sign_in_and_every_screen(stage: Stage, qtbot: QtBot) -> None:
    desk = stage.desk
    desk.show_sign_in()
    desk.window.show()
    frame = desk.window.centralWidget()
    assert isinstance(frame, PracticeFrame)
    assert "PRACTICE" in desk.window.windowTitle()
    top = frame.childAt(frame.width() // 2, BAND // 2)
    assert top is None, "nothing covers the band while people sign in"
    stage.sign_in()
    for screen in desk.screens:
        desk.window.open_screen(screen.key)
        at_rest(desk, qtbot)
        assert frame.childAt(frame.width() // 2, BAND // 2) is None, screen.key
    picture = frame.grab().toImage()
    colors = {picture.pixelColor(x, BAND // 2).name() for x in range(0, picture.width(), 3)}
    assert len(colors) >= 2, "the band is striped"


def test_a_real_window_has_no_mark_and_no_bench(house: House, qapp: QApplication) -> None:
    desk = open_desk(qapp, house.station, "en")
    try:
        assert not isinstance(desk.window.centralWidget(), PracticeFrame)
        assert "practice" not in {screen.key for screen in desk.screens}
        assert "PRACTICE" not in desk.window.windowTitle()
    finally:
        desk.close()


def test_the_bench_holds_tickets_jams_the_printer_and_cuts_the_network(stage: Stage, qtbot: QtBot) -> None:
    serial = stage.sell()
    desk, bench = stage.desk, stage.station.services.practice
    stage.sign_in()
    desk.window.open_screen("practice")
    at_rest(desk, qtbot)
    page = desk.window.current_page()
    (button,) = page.hold_buttons
    button.click()
    at_rest(desk, qtbot)
    assert bench.held == serial
    page.jam.click()
    page.cut.click()
    at_rest(desk, qtbot)
    assert (bench.is_jammed, bench.is_cut) == (True, True)
    assert desk.session.sync().mode == "offline"
    page.hold_buttons[0].click()
    page.cut.click()
    at_rest(desk, qtbot)
    assert (bench.held, bench.is_cut, bench.is_jammed) == (None, False, True)


def test_an_empty_bench_leads_to_selling(stage: Stage, qtbot: QtBot) -> None:
    stage.sign_in()
    stage.desk.window.open_screen("practice")
    at_rest(stage.desk, qtbot)
    stage.desk.window.current_page()._nothing.button.click()
    at_rest(stage.desk, qtbot)
    assert stage.desk.window.current_key() == "sell"


@pytest.mark.parametrize("language", ["en", "ru", "pseudo"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_of_the_bench_is_cut_off(
    stage: Stage, qtbot: QtBot, language: str, size: tuple[int, int]
) -> None:
    stage.sell()
    stage.desk.languages.set(language)
    stage.desk.window.resize(*size)
    stage.desk.window.show()
    stage.sign_in()
    stage.desk.window.open_screen("practice")
    at_rest(stage.desk, qtbot)
    qtbot.waitUntil(lambda: cut_texts(stage.desk.window.current_page()) == [])


def test_practice_is_opened_from_the_sign_in_screen_and_says_when_it_cannot(
    house: House, qapp: QApplication, qtbot: QtBot
) -> None:
    started: list[bool] = []

    def begin() -> None:
        if started:
            raise Fault("PRACTICE_NOT_STARTED", errno=2)
        started.append(True)

    screen = _sign_in_screen(house, qapp, begin)
    qtbot.addWidget(screen)
    assert screen.practise.isVisibleTo(screen)
    screen.practise.click()
    assert started == [True]
    assert "window" in screen.refusal()
    screen.practise.click()
    assert "does not open" in screen.refusal()


def _sign_in_screen(house: House, qapp: QApplication, begin: Callable[[], None] | None) -> object:
    from ui.running import InlineRunner, ManualTimers
    from ui.signin.presenter import SignInPresenter
    from ui.signin.service import SignInService
    from ui.signin.view import SignInScreen

    presenter = SignInPresenter(
        SignInService(house.services), InlineRunner(), ManualTimers(), lambda *_: None, lambda: "en"
    )
    return SignInScreen(presenter, "Till 1", "en", practise=begin)
