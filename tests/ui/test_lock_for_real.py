"""Lock, switch and shutting out in the real window over a real station."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bootstrap import Station, open_station
from app.cli.demo_world import PINS
from app.cli.window import FirstRunService, open_desk
from app.settings import Settings
from domain.actor import SYSTEM, Permission
from domain.errors import Refusal
from ui.application import PAD_IDLE_MS, Desk
from ui.signin.service import SignInService
from ui.signin.view import SignInScreen


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lock")
    FirstRunService(made / "data", settings_in(made)).start_demo()
    return made


def settings_in(folder: Path) -> Settings:
    return Settings(folder / "data", {"GATEHOUSE_KEY_DIR": str(folder / "keys"), "GATEHOUSE_SOUND": "off"})


@pytest.fixture
def station(folder: Path) -> Iterator[Station]:
    opened = open_station(folder / "data", settings_in(folder))
    yield opened
    opened.close()


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, station: Station) -> Iterator[Desk]:
    made = open_desk(qapp, station, "en")
    made.window.resize(1280, 800)
    made.window.show()
    made.window.activateWindow()
    yield made
    qtbot.waitUntil(lambda: made.runner.busy() == 0)
    made.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def enter(desk: Desk, station: Station, login: str) -> None:
    service = SignInService(station.services)
    person = next(one for one in service.people() if one.login == login)
    desk.welcome(service.sign_in(person.user_id, PINS[login]), person)


def pad(desk: Desk, qtbot: QtBot) -> SignInScreen:
    """The PIN pad of the lock, when the people have been read."""
    screens: list[SignInScreen] = []

    def there() -> bool:
        screens[:] = [one for one in desk.window.findChildren(SignInScreen) if one.isVisible()]
        return bool(screens) and screens[-1].pad.isVisible()

    qtbot.waitUntil(there)
    return screens[-1]


def test_the_lock_keeps_the_page_and_the_pin_brings_it_back(desk: Desk, station: Station, qtbot: QtBot):
    enter(desk, station, "carla")
    desk.window.open_screen("orders")
    page = desk.window.current_page()
    qtbot.keyClick(desk.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    screen = pad(desk, qtbot)
    assert desk.session.locked()
    assert desk.window.covered()
    qtbot.keyClicks(screen.pad, PINS["carla"])
    qtbot.keyClick(screen.pad, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not desk.window.covered())
    assert not desk.session.locked()
    assert desk.window.current_page() is page


def test_nobody_there_for_long_enough_locks(desk: Desk, station: Station, qtbot: QtBot):
    enter(desk, station, "carla")
    desk._nobody_there()
    pad(desk, qtbot)
    assert desk.session.locked()
    assert desk._idle_ms() == 3 * 60_000


def test_a_supervisor_steps_in_over_the_lock_and_finds_the_cart(desk: Desk, station: Station, qtbot: QtBot):
    enter(desk, station, "carla")
    actor = desk.session.actor()
    if station.services.shift_now(actor) is None:
        station.services.open_shift(1000, actor)
    sell = desk.kit.sell
    sell.refresh()
    qtbot.waitUntil(lambda: desk.runner.busy() == 0)
    sell.add(1)
    desk.session.lock()
    screen = pad(desk, qtbot)
    qtbot.keyClick(screen.pad, Qt.Key.Key_Escape)
    tile = next(one for one in screen.tiles() if one.person.login == "sam")
    qtbot.keyClick(tile, Qt.Key.Key_Return)
    qtbot.keyClicks(screen.pad, PINS["sam"])
    qtbot.keyClick(screen.pad, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not desk.window.covered())
    assert desk.session.actor().login == "sam"
    sell.open_pay()
    assert sell.stage.value == "paying"


def test_a_locked_gate_goes_on_scanning_in_sight_and_opens_with_the_pin(
    desk: Desk, station: Station, qtbot: QtBot
):
    enter(desk, station, "gleb")
    assert desk.window.current_key() == "gate"
    shown: list[str] = []
    desk.kit.gate._sound = shown.append
    desk.session.lock()
    assert desk.window.guarded()
    assert not desk.window.covered()
    desk._scanned("https://example.com/not-a-ticket")
    qtbot.waitUntil(lambda: shown == ["refuse"])
    qtbot.mouseClick(desk.window.rail, Qt.MouseButton.LeftButton)
    screen = pad(desk, qtbot)
    desk._scanned("https://example.com/another")
    qtbot.waitUntil(lambda: shown == ["refuse", "refuse"])
    desk._nobody_at_the_pad()
    assert desk.window.guarded()
    assert PAD_IDLE_MS < 60_000
    assert screen is not None


def test_signing_out_ends_the_session_and_shows_the_people(desk: Desk, station: Station, qtbot: QtBot):
    enter(desk, station, "carla")
    session = desk.session.actor().session
    desk.session.sign_out()
    qtbot.waitUntil(lambda: desk.runner.busy() == 0)
    assert desk.session.user() is None
    assert session not in {row.session for row in station.services.sessions.listed(admin(station))}


def test_whoever_was_shut_out_is_signed_out_at_the_next_look(desk: Desk, station: Station, qtbot: QtBot):
    enter(desk, station, "sofia")
    sofia = desk.session.user()
    assert sofia is not None
    station.services.people.change.disable(sofia.user_id, "left", admin(station))
    desk.standing.look()
    qtbot.waitUntil(lambda: desk.session.user() is None)
    assert desk.window.covered()
    station.services.people.change.enable(sofia.user_id, admin(station))


def test_a_request_that_was_answered_puts_a_dot_at_the_name_until_it_is_read(
    desk: Desk, station: Station, qtbot: QtBot
):
    enter(desk, station, "olga")
    asked = station.services.people.requests.ask("support", desk.session.actor())
    station.services.people.requests.answer(asked.request, admin(station), granted=False)
    desk.standing.look()
    qtbot.waitUntil(desk.window.strip.user.has_news)
    desk.window.open_screen("account")
    qtbot.waitUntil(lambda: not desk.window.strip.user.has_news())


def admin(station: Station):
    actor = station.services.sign_in.by_login("admin", PINS["admin"])
    assert actor.may(Permission.PEOPLE)
    assert actor != SYSTEM
    return actor


def test_a_station_that_is_shut_out_from_afar_locks_at_the_next_look_and_keeps_who_looks_after_it(
    desk: Desk, station: Station, qtbot: QtBot
):
    enter(desk, station, "sofia")
    station.store.shut._shut = True  # the hub has said so
    try:
        desk.standing.look()
        qtbot.waitUntil(lambda: desk.session.user() is None)
        assert desk.window.covered()
        with pytest.raises(Refusal) as refused:
            enter(desk, station, "sofia")
        assert refused.value.code == "REVOKED"
        enter(desk, station, "admin")
        desk.standing.look()
        qtbot.waitUntil(lambda: any(fault.key == "standing" for fault in desk.session.faults()))
        assert desk.session.user() is not None
        assert desk.session.may(Permission.KEYS)
        assert not desk.session.may(Permission.PEOPLE)
    finally:
        station.store.shut._shut = False
