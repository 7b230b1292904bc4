"""The lock: after a while without anybody, at once by keys; everything behind stays; a gate goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.ui.shell_model import FixedClock
from tests.ui.test_frame import House
from ui.frame.guard import LockBar
from ui.frame.idle import ActivityFilter, IdleWatch
from ui.running import ManualTimers


@pytest.fixture
def house(qtbot: QtBot, tmp_path: Path) -> Iterator[House]:
    yield House(qtbot, tmp_path)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class Room:
    """A watch over a clock that a test moves."""

    def __init__(self) -> None:
        self.clock, self.timers, self.minutes = FixedClock(), ManualTimers(), 3
        self.locked = 0
        self.watch = IdleWatch(
            self.clock.monotonic_ms, self.timers, lambda: self.minutes * 60_000, self._lock
        )
        self.watch.start()

    def _lock(self) -> None:
        self.locked += 1

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.ms += 1000
            self.timers.advance(1000)


def test_three_minutes_without_anybody_lock_once():
    room = Room()
    room.wait(179)
    assert room.locked == 0
    room.wait(300)
    assert room.locked == 1


def test_a_touch_begins_the_minutes_anew_and_a_changed_setting_counts_at_once():
    room = Room()
    room.wait(170)
    room.watch.touched()
    room.wait(100)
    assert room.locked == 0
    room.minutes = 1
    room.wait(1)
    assert room.locked == 1


def test_a_stopped_watch_locks_nothing():
    room = Room()
    room.watch.stop()
    room.wait(600)
    assert room.locked == 0


def test_keys_presses_and_moves_count_as_somebody_being_there(qapp: QApplication, house: House, qtbot: QtBot):
    seen: list[int] = []
    listener = ActivityFilter(qapp, lambda: seen.append(1))
    qtbot.keyClick(house.window, Qt.Key.Key_A)
    typed = len(seen)
    qtbot.mouseClick(house.window.rail, Qt.MouseButton.LeftButton)
    listener.uninstall()
    qtbot.keyClick(house.window, Qt.Key.Key_A)
    assert typed > 0
    assert len(seen) > typed
    after = len(seen)
    qtbot.keyClick(house.window, Qt.Key.Key_A)
    assert len(seen) == after


def page(house: House):
    return house.window.current_page()


def test_a_locked_window_keeps_what_is_behind_without_telling_it(house: House, qtbot: QtBot):
    page(house).field.setText("half a na")
    page(house).field.setFocus()
    before = list(house.log)
    house.window.cover(QLabel("locked"), keep=True)
    assert house.window.covered()
    house.window.uncover()
    assert house.log == before
    assert page(house).field.text() == "half a na"
    assert house.window.focusWidget() is page(house).field


def test_another_person_finds_the_page_begun_anew(house: House):
    house.window.cover(QLabel("locked"), keep=True)
    house.window.uncover(anew=True)
    assert house.log[-2:] == ["leave sell", "enter sell"]


def test_a_locked_till_takes_no_codes_but_a_locked_gate_does(house: House):
    house.window.cover(QLabel("locked"), keep=True)
    assert not house.window.handle_scan("ABC", "wedge")
    page(house).goes_on_locked = True
    assert house.window.handle_scan("ABC", "wedge")
    assert house.log[-1] == "scan ABC from wedge"


def test_nobody_signed_in_takes_no_codes_even_at_a_gate(house: House):
    page(house).goes_on_locked = True
    house.window.cover(QLabel("who is here?"))
    assert not house.window.handle_scan("ABC", "wedge")


def test_a_locked_gate_stays_in_sight_and_nothing_on_it_can_be_touched(house: House, qtbot: QtBot):
    page(house).goes_on_locked = True
    before = list(house.log)
    bar = LockBar("Gleb <b>Gate</b>")
    assert house.window.guard(bar)
    assert page(house).isVisible()
    asked: list[int] = []
    bar.unlock_wanted.connect(lambda: asked.append(1))
    field = page(house).field
    qtbot.keyClicks(field, "x")
    qtbot.mouseClick(house.window.rail, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert field.text() == ""
    assert asked
    assert house.window.handle_scan("ABC", "wedge")
    assert house.log == [*before, "scan ABC from wedge"]
    house.window.uncover()
    qtbot.keyClicks(field, "x")
    assert field.text() == "x"


def test_only_a_page_that_goes_on_is_guarded(house: House):
    bar = LockBar("Anna")
    assert not house.window.guard(bar)
    bar.deleteLater()


def test_ctrl_l_locks_at_once_and_only_once(house: House, qtbot: QtBot):
    qtbot.keyClick(house.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert house.model.asked == ["lock"]
    house.window.cover(QLabel("locked"), keep=True)
    qtbot.keyClick(house.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert house.model.asked == ["lock"]
