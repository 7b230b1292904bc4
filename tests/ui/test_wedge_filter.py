"""A scanner that types: its burst reaches the scan handler and no field; a person's keys arrive unchanged."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from devices.wedge import KeyEvent, Modifiers, WedgeRecogniser
from ui.wedge_filter import ALT, CTRL, META, SHIFT, WedgeFilter

CODE = "GATEHOUSE2TICKET3CODE"


@dataclass
class Desk:
    """A window with a field and a button, the filter of the program, and a clock in the test's hands."""

    ms: int = 1000
    scans: list[str] = field(default_factory=list)
    pressed: list[int] = field(default_factory=list)

    def build(self, app: QApplication) -> None:
        self.recognizer = WedgeRecogniser()
        self.filter = WedgeFilter(app, self.recognizer, KeyEvent, self.scans.append, lambda: self.ms)
        self.window = QWidget()
        column = QVBoxLayout(self.window)
        self.edit, self.button = QLineEdit(), QPushButton("Pay")
        self.button.clicked.connect(lambda: self.pressed.append(1))
        column.addWidget(self.edit)
        column.addWidget(self.button)
        self.window.show()
        self.window.activateWindow()

    def type(self, text: str, gap_ms: int) -> None:
        for letter in text:
            self.ms += gap_ms
            self.press(Qt.Key.Key_Return if letter == "\r" else Qt.Key(ord(letter.upper())), letter)

    def press(self, key: Qt.Key, text: str = "") -> None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
            event.setTimestamp(self.ms)
            QApplication.sendEvent(self.window.windowHandle(), event)

    def wait(self, ms: int) -> None:
        """Silence; a timer that fires late is asked to come once more."""
        for step in (ms, 15):
            self.ms += step
            self.filter._timed_out()


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk()
    made.build(qapp)
    qtbot.waitUntil(made.window.isActiveWindow)
    yield made
    made.filter.uninstall()
    made.window.close()


def test_a_burst_with_a_suffix_is_a_scan_and_types_nothing(desk: Desk) -> None:
    desk.edit.setFocus()
    desk.type(CODE + "\r", gap_ms=5)
    desk.wait(200)
    assert desk.scans == [CODE]
    assert desk.edit.text() == ""


def test_the_suffix_of_a_scanner_presses_no_button(desk: Desk) -> None:
    desk.button.setFocus()
    desk.type(CODE + "\r", gap_ms=5)
    desk.wait(200)
    assert desk.scans == [CODE]
    assert desk.pressed == []


def test_a_burst_without_a_suffix_ends_by_silence(desk: Desk) -> None:
    desk.edit.setFocus()
    desk.type(CODE, gap_ms=5)
    assert desk.scans == []
    desk.wait(57)
    assert desk.scans == [CODE]
    assert desk.edit.text() == ""


def test_what_a_person_types_arrives_in_its_order(desk: Desk) -> None:
    desk.edit.setFocus()
    for letter in "anna":
        desk.type(letter, gap_ms=1)
        desk.wait(120)
    assert desk.edit.text() == "anna"
    assert desk.scans == []


def test_fast_typing_of_a_short_word_arrives_too(desk: Desk) -> None:
    desk.edit.setFocus()
    desk.type("abc", gap_ms=20)
    desk.wait(37)
    assert desk.edit.text() == "abc"


def test_held_keys_arrive_before_the_key_that_releases_them(desk: Desk) -> None:
    desk.edit.setFocus()
    desk.type("ab", gap_ms=10)
    desk.press(Qt.Key.Key_Backspace)
    assert desk.edit.text() == "a"


def test_keys_are_replayed_where_they_were_typed_even_if_the_focus_moved(desk: Desk) -> None:
    desk.edit.setFocus()
    desk.type("ab", gap_ms=10)
    desk.button.setFocus()
    desk.wait(40)
    assert desk.edit.text() == "ab"


def test_losing_the_focus_of_the_application_gives_the_keys_back(desk: Desk) -> None:
    desk.edit.setFocus()
    desk.type("ab", gap_ms=10)
    desk.filter._state_changed(Qt.ApplicationState.ApplicationInactive)
    assert desk.edit.text() == "ab"


def test_no_shortcut_is_taken_from_the_middle_of_a_burst(desk: Desk, qapp: QApplication) -> None:
    desk.edit.setFocus()
    desk.type("GATE", gap_ms=5)
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_H, Qt.KeyboardModifier.NoModifier, "h")
    override.ignore()
    qapp.sendEvent(desk.edit, override)
    assert override.isAccepted()
    desk.wait(40)
    assert desk.edit.text() == "GATE"


def test_modifiers_have_the_bits_that_the_recogniser_reads() -> None:
    assert (SHIFT, CTRL, ALT, META) == (Modifiers.SHIFT, Modifiers.CTRL, Modifiers.ALT, Modifiers.META)
