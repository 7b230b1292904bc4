"""The window around the screens: who sees what, keys, scans, faults, badge, sizes, languages."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QVBoxLayout
from pytestqt.qtbot import QtBot

from domain.actor import Permission, Role
from tests.ui.shell_model import PlainShellModel
from ui.frame.help import help_text
from ui.frame.model import FaultLine, SignedIn, SyncState, initials
from ui.frame.screen import Page, ScanSource, Screen
from ui.frame.shell import MainWindow
from ui.frame.strip import SyncBadge


class Spy(Page):
    """A page that writes down what happens to it."""

    def __init__(self, key: str, log: list[str], *, takes_scans: bool = True) -> None:
        super().__init__()
        self.key, self.log, self.takes_scans = key, log, takes_scans
        self.field = QLineEdit()
        QVBoxLayout(self).addWidget(self.field)
        log.append(f"made {key}")

    def on_enter(self) -> None:
        self.log.append(f"enter {self.key}")

    def on_leave(self) -> None:
        self.log.append(f"leave {self.key}")

    def handle_scan(self, text: str, source: ScanSource) -> bool:
        self.log.append(f"scan {text} from {source}")
        return self.takes_scans

    def context_line(self) -> str:
        return "Night · 19:00" if self.key == "sell" else ""


class House:
    """A window over a plain model."""

    def __init__(self, qtbot: QtBot, tmp_path: Path, size: tuple[int, int] = (1366, 768)) -> None:
        self.model = PlainShellModel()
        self.log: list[str] = []
        (tmp_path / "en").mkdir(exist_ok=True)
        (tmp_path / "en" / "index.md").write_text("# Everything", encoding="utf-8")
        (tmp_path / "en" / "sell.md").write_text("# Selling\n\n[More](index.md)", encoding="utf-8")
        self.window = MainWindow(self.model, self.screens(), tmp_path)
        qtbot.addWidget(self.window)
        self.window.resize(*size)
        self.window.show()

    def screens(self) -> list[Screen]:
        def page(key: str, *needs: Permission, place: str = "top") -> Screen:
            return Screen(key, key.title, "ticket", lambda: Spy(key, self.log, takes_scans=key != "sync"),
                          frozenset(needs), help_page=key, place=place)  # type: ignore[arg-type]  # fmt: skip

        return [page("sell", Permission.SELL), page("gate", Permission.ADMIT),
                page("people", Permission.PEOPLE), page("sync", place="bottom")]  # fmt: skip


@pytest.fixture
def house(qtbot: QtBot, tmp_path: Path) -> House:
    return House(qtbot, tmp_path)


def test_only_the_opened_screen_is_made(house: House) -> None:
    assert house.log == ["made sell", "enter sell"]
    assert house.window.current_key() == "sell"


def test_the_rail_shows_what_the_user_may_open(house: House) -> None:
    house.model.roles = {Role.GATE}
    house.window.user_changed()
    assert house.window.rail.keys() == ["gate", "sync"]
    assert house.window.current_key() == "gate"
    house.window.open_screen("people")
    assert house.window.current_key() == "gate"


def test_pages_of_screens_that_the_next_user_may_not_open_are_forgotten(house: House) -> None:
    house.window.open_screen("people")
    house.model.roles = {Role.CASHIER}
    house.window.user_changed()
    assert "leave people" in house.log
    assert house.window.current_key() == "sell"


def test_pages_are_kept_and_remember_where_they_were(house: House) -> None:
    page = house.window.current_page()
    assert isinstance(page, Spy)
    page.field.setText("half typed")
    house.window.open_screen("gate")
    house.window.open_screen("sell")
    assert house.window.current_page() is page
    assert page.field.text() == "half typed"
    assert house.log.count("made sell") == 1


def test_control_and_a_figure_opens_the_screen_with_that_number(house: House, qtbot: QtBot) -> None:
    house.window.activateWindow()
    qtbot.waitUntil(house.window.isActiveWindow)
    qtbot.keyClick(house.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert house.window.current_key() == "gate"


def test_esc_goes_to_the_screen_before(house: House, qtbot: QtBot) -> None:
    house.window.open_screen("gate")
    page = house.window.current_page()
    assert isinstance(page, Spy)
    qtbot.keyClick(page.field, Qt.Key.Key_Escape)
    assert house.window.current_key() == "sell"


def test_the_keyboard_starts_inside_the_page(house: House, qtbot: QtBot) -> None:
    house.window.activateWindow()
    house.window.open_screen("gate")
    page = house.window.current_page()
    assert page is not None
    qtbot.waitUntil(page.hasFocus)


def test_a_scan_goes_to_the_open_page_wherever_the_focus_is(house: House) -> None:
    house.window.strip.badge.setFocus()
    assert house.window.handle_scan("ABC", "wedge")
    assert house.log[-1] == "scan ABC from wedge"


def test_a_scan_that_nobody_wants_is_said_and_not_lost_silently(house: House) -> None:
    house.window.open_screen("sync")
    assert not house.window.handle_scan("ABC", "serial")
    assert house.window.toasts.shown() == 1


def test_a_toast_stays_in_front_when_the_screen_changes(house: House) -> None:
    toast = house.window.toasts.say("info", "Refunded", "Undo")
    house.window.open_screen("gate")
    assert house.window.stack.children()[-1] is toast


def test_while_covered_nothing_is_scanned_or_opened(house: House, qtbot: QtBot) -> None:
    house.window.cover(QLineEdit())
    assert house.window.covered()
    assert not house.window.handle_scan("ABC", "wedge")
    house.window.show_help()
    assert not house.window.help.is_open()
    house.window.uncover()
    assert house.log[-2:] == ["leave sell", "enter sell"]


def test_the_badge_says_how_sync_stands(house: House) -> None:
    badge = house.window.strip.badge
    assert badge.shown_text() == "Live"
    since = datetime(2026, 11, 21, 11, 4, tzinfo=UTC)
    house.model.state = SyncState("offline", since, waiting=12, conflicts=1)
    house.model.tell()
    assert badge.shown_text() == "Offline since 12:04 · 12 waiting · 1 conflict"
    badge.set_short(True)
    assert badge.shown_text() == "1 conflict"


def test_the_badge_names_the_day_when_it_was_not_today(qtbot: QtBot) -> None:
    model, badge = PlainShellModel(), SyncBadge()
    qtbot.addWidget(badge)
    since = datetime(2026, 11, 19, 11, 4, tzinfo=UTC)
    state = SyncState("offline", since, conflicts=2)
    assert badge.words(state, model.zone, model.fixed.now()) == ["Offline since 19.11. 12:04", "2 conflicts"]
    assert badge.words(SyncState("alone"), model.zone, model.fixed.now()) == ["On its own"]
    assert badge.words(SyncState("offline"), model.zone, model.fixed.now()) == ["Offline"]
    assert badge.words(SyncState("waiting_for_hub"), model.zone, model.fixed.now()) == [
        "Hub is being upgraded"
    ]


def test_pressing_the_badge_opens_the_sync_page(house: House, qtbot: QtBot) -> None:
    qtbot.mouseClick(house.window.strip.badge, Qt.MouseButton.LeftButton)
    assert house.window.current_key() == "sync"


def test_faults_stand_in_the_window_until_they_are_cured(house: House) -> None:
    lines = tuple(FaultLine(str(n), f"Fault {n}", "text", "Try") for n in range(3))
    house.model.lines = lines
    house.model.tell()
    assert house.window.faults.titles() == ["Fault 0", "Fault 1", "Fault 2"]
    assert not house.window.faults.isHidden()
    house.window.faults.cure_wanted.emit("0")
    assert house.model.asked == ["cure 0"]
    house.model.lines = ()
    house.model.tell()
    assert house.window.faults.isHidden()


def test_the_strip_shows_context_station_user_and_the_venues_time(house: House) -> None:
    strip = house.window.strip
    assert strip.context.whole_text() == "Night · 19:00"
    assert strip.station.whole_text() == "Till 1"
    assert strip.time.whole_text() == "19:04"
    house.model.fixed.at = datetime(2026, 11, 21, 18, 5, tzinfo=UTC)
    strip.tick()
    assert strip.time.whole_text() == "19:05"
    house.window.open_screen("gate")
    assert strip.context.whole_text() == "Gate"


def test_the_user_menu_does_what_it_says(house: House) -> None:
    menu = house.window.strip.menu()
    for action in menu.actions()[:3]:
        action.trigger()
    assert house.model.asked == ["switch user", "lock", "sign out"]
    themes, languages = (action.menu() for action in menu.actions()[5:7])
    themes.actions()[2].trigger()
    languages.actions()[1].trigger()
    assert house.model.theme_choice == "dark"
    assert house.model.lang == "ru"


def test_help_opens_on_the_page_of_this_screen(house: House, qtbot: QtBot) -> None:
    house.window.activateWindow()
    qtbot.waitUntil(house.window.isActiveWindow)
    qtbot.keyClick(house.window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    assert house.window.help.is_open()
    assert "Selling" in house.window.help.reader.toPlainText()
    house.window.help.reader.anchorClicked.emit("index.md")
    assert "Everything" in house.window.help.reader.toPlainText()


def test_help_falls_back_to_english_and_then_to_the_index(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    assert help_text(tmp_path, "ru", "gate") == ""
    (tmp_path / "en" / "index.md").write_text("index", encoding="utf-8")
    assert help_text(tmp_path, "ru", "gate") == "index"
    (tmp_path / "en" / "gate.md").write_text("gate", encoding="utf-8")
    assert help_text(tmp_path, "ru", "gate") == "gate"


def test_the_window_goes_full_screen_and_esc_brings_it_back(house: House, qtbot: QtBot) -> None:
    qtbot.keyClick(house.window, Qt.Key.Key_F11)
    assert house.window.isFullScreen()
    qtbot.keyClick(house.window, Qt.Key.Key_Escape)
    assert not house.window.isFullScreen()


def test_a_page_may_have_f11_for_itself(house: House, qtbot: QtBot) -> None:
    page, taken = house.window.current_page(), []
    assert page is not None
    QShortcut(QKeySequence("F11"), page, lambda: taken.append(1))
    house.window.activateWindow()
    qtbot.waitUntil(house.window.isActiveWindow)
    qtbot.keyClick(page, Qt.Key.Key_F11)
    assert taken == [1]
    assert not house.window.isFullScreen()


def test_help_opens_from_inside_a_field_too(house: House, qtbot: QtBot) -> None:
    page = house.window.current_page()
    assert isinstance(page, Spy)
    house.window.activateWindow()
    page.field.setFocus()
    qtbot.waitUntil(page.field.hasFocus)
    qtbot.keyClick(page.field, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    assert house.window.help.is_open()


@pytest.mark.parametrize(("size", "narrow"), [
    ((1024, 600), True), ((800, 1280), True), ((1366, 768), False), ((1920, 1080), False),
])  # fmt: skip
def test_the_window_is_whole_at_every_size(
    qtbot: QtBot, tmp_path: Path, size: tuple[int, int], narrow: bool
) -> None:
    house = House(qtbot, tmp_path, size)
    house.model.state = SyncState("offline", datetime(2026, 11, 19, 11, 4, tzinfo=UTC), 12, 3)
    house.model.tell()
    assert (house.window.width(), house.window.height()) == size
    assert house.window.rail.is_narrow() is narrow
    strip = house.window.strip
    for part in (strip.context, strip.badge, strip.time, strip.user):
        placed = part.geometry()
        assert strip.rect().contains(placed), part
        assert placed.width() >= part.minimumSizeHint().width()


def test_leaving_a_new_language_makes_pages_anew_and_keeps_the_place(house: House) -> None:
    house.window.open_screen("gate")
    house.window.retranslate()
    assert house.window.current_key() == "gate"
    assert house.log.count("made gate") == 2
    assert house.log.count("leave gate") == 1


def test_closing_can_be_refused(qtbot: QtBot, tmp_path: Path) -> None:
    answers = [False, True]
    model = PlainShellModel()
    window = MainWindow(model, [], tmp_path, closing=lambda: answers.pop(0))
    qtbot.addWidget(window)
    window.show()
    assert not window.close()
    assert window.close()


def test_nobody_signed_in_means_no_screens(house: House) -> None:
    house.model.person = None
    house.window.user_changed()
    assert house.window.rail.keys() == []
    assert house.window.current_page() is None
    assert not house.window.handle_scan("A", "wedge")


@pytest.mark.parametrize(("name", "letters"), [
    ("Anna Petrova", "AP"), ("Anna Maria de Souza", "AS"), ("борис", "Б"), ("", ""), ("- Kim", "K"),
])  # fmt: skip
def test_initials_are_those_of_first_and_last_name(name: str, letters: str) -> None:
    assert initials(name) == letters
    assert SignedIn("1", name).initials == letters
