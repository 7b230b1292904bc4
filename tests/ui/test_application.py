"""The whole window over a real station: sign-in, screens by permission, scanner keys, languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bootstrap import Station, open_station
from app.cli.demo_world import PINS
from app.cli.window import FirstRunService, open_desk
from app.settings import Settings
from domain.errors import Refusal
from ui.application import Desk
from ui.signin.service import SignInService


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo station, as the first-run screen makes it."""
    folder = tmp_path_factory.mktemp("demo")
    FirstRunService(folder / "data", settings_in(folder)).start_demo()
    return folder


def settings_in(folder: Path) -> Settings:
    return Settings(folder / "data", {"GATEHOUSE_KEY_DIR": str(folder / "keys"), "GATEHOUSE_SOUND": "off"})


@pytest.fixture
def station(demo_folder: Path) -> Iterator[Station]:
    opened = open_station(demo_folder / "data", settings_in(demo_folder))
    yield opened
    opened.close()


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, station: Station) -> Iterator[Desk]:
    made = open_desk(qapp, station, "en")
    made.window.resize(1366, 768)
    made.window.show()
    yield made
    made.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def welcome(desk: Desk, station: Station, login: str) -> None:
    service = SignInService(station.services)
    person = next(one for one in service.people() if one.login == login)
    desk.welcome(service.sign_in(person.user_id, PINS[login]), person)


def keys(desk: Desk) -> list[str]:
    return [screen.key for screen in desk.window.allowed()]


def test_a_cashier_begins_at_the_till_and_a_gate_keeper_at_the_gate(desk: Desk, station: Station) -> None:
    welcome(desk, station, "carla")
    assert desk.window.current_key() == "sell"
    desk.session.switch_user()
    welcome(desk, station, "gleb")
    assert "sell" not in keys(desk)
    assert desk.window.current_key() == "gate"


def test_nobody_sees_a_screen_before_signing_in(desk: Desk) -> None:
    desk.show_sign_in()
    assert desk.window.covered()
    assert keys(desk) == []


def test_an_open_cart_survives_a_switch_of_user(desk: Desk, station: Station, qtbot: QtBot) -> None:
    welcome(desk, station, "sam")
    if station.services.shift_now(desk.session.actor()) is None:
        station.services.open_shift(1000, desk.session.actor())
    sell = desk.kit.sell
    sell.refresh()
    qtbot.waitUntil(lambda: desk.runner.busy() == 0)
    sell.add(1)
    desk.session.lock()
    welcome(desk, station, "carla")
    qtbot.waitUntil(lambda: desk.runner.busy() == 0)
    sell.open_pay()
    assert desk.window.current_key() == "sell"
    assert sell.stage.value == "paying"


def test_a_gate_keeper_may_say_where_the_gate_stands_but_not_its_rules(desk: Desk, station: Station) -> None:
    welcome(desk, station, "gleb")
    actor = desk.session.actor()
    station.services.settings.store("gate.code", "B", actor)
    with pytest.raises(Refusal) as refused:
        station.services.settings.store("gate.unknown", "refuse", actor)
    assert refused.value.code == "NOT_ALLOWED"
    assert station.services.settings.text("gate.code") == "B"


def test_a_scan_at_the_till_goes_to_the_orders_screen(desk: Desk, station: Station) -> None:
    welcome(desk, station, "carla")
    desk._scanned("A" * 152)
    assert desk.window.current_key() == "orders"


def test_another_language_keeps_the_screen_and_changes_its_words(desk: Desk, station: Station) -> None:
    welcome(desk, station, "carla")
    desk.window.open_screen("orders")
    desk.session.set_language("ru")
    assert desk.window.current_key() == "orders"
    assert [screen.title() for screen in desk.window.allowed()][:2] == ["Продажа", "Вход"]
    desk.session.set_language("en")
