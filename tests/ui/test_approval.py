"""A supervisor agrees on the spot: at closing a shift, and for any refusal that asks for it."""

from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from domain.errors import Refusal
from tests.ui.people_kit import HOSTILE, LONG, PIN, Staff, staff
from tests.ui.recorders import Recorder
from tests.ui.whole import cut_texts
from ui.approval.panel import ApprovalPanel
from ui.approval.presenter import ApprovalPresenter, amount_words, need_of
from ui.shift.presenter import ShiftPresenter, ShiftStage

__all__ = ["staff"]

OVER = Refusal(
    "APPROVAL_NEEDED", permission="shift", limit=1000, asked=2500, act="close_shift", subject="s1",
    bound="difference", people="Boss", limit_minor=1000, asked_minor=2500, currency="EUR",
)  # fmt: skip


class Counter:
    """Carla counts, Boss agrees."""

    def __init__(self, staff: Staff) -> None:
        self.staff = staff
        self.boss = staff.somebody("boss", "supervisor", name=HOSTILE)
        self.carla = staff.somebody("carla", "cashier")
        self.view = Recorder()
        self.approvals = ApprovalPresenter(
            staff.services, staff.runner, staff.timers, staff.actor, staff.lang
        )
        self.approvals.attach(self.view)
        staff.me = self.carla
        self.tokens: list[str] = []

    def person(self, name: str) -> Any:
        return next(one for one in self.view.seen["people"] if one.login == name)


@pytest.fixture
def counter(staff: Staff) -> Counter:
    return Counter(staff)


def test_a_refusal_that_nobody_can_approve_opens_nothing(counter: Counter):
    assert need_of(Refusal("NOT_ALLOWED", permission="shift")) is None
    assert not counter.approvals.ask(Refusal("NO_SHIFT"), counter.tokens.append)
    assert counter.view.log == []


def test_what_is_asked_is_said_with_amount_and_limit(counter: Counter):
    assert counter.approvals.ask(OVER, counter.tokens.append)
    asked = counter.view.seen["asked"]
    assert (asked.act, asked.about) == ("Close the shift", "Cash difference")
    assert (asked.asked, asked.limit) == ("€25.00", "€10.00")
    assert amount_words("discount", 15, None, "en") == "15\u00a0%"
    assert amount_words("comp", 3, None, "en") == "3"


def test_only_those_are_offered_who_could_approve_it_and_never_oneself(counter: Counter):
    counter.staff.me = counter.boss
    counter.approvals.ask(OVER, counter.tokens.append)
    assert counter.view.seen["people"] == []
    counter.staff.me = counter.carla
    counter.approvals.ask(OVER, counter.tokens.append)
    assert [one.login for one in counter.view.seen["people"]] == ["boss"]


def test_a_wrong_pin_is_said_and_counts_until_the_lock_out_runs_down(counter: Counter):
    counter.approvals.ask(OVER, counter.tokens.append)
    for _ in range(4):
        counter.approvals.enter("0000")
        assert counter.view.seen["refusal"][0] == "Wrong PIN"
    counter.approvals.enter("0000")
    assert counter.view.seen["refusal"][2] is True
    counter.approvals.enter(PIN)
    assert counter.tokens == []
    counter.staff.house.clock.advance(31)
    counter.staff.timers.advance(60_000)
    assert counter.view.seen["refusal"] == ("", "", False)
    counter.approvals.enter(PIN)
    assert len(counter.tokens) == 1


def test_a_panel_that_was_closed_approves_nothing(counter: Counter):
    counter.approvals.ask(OVER, counter.tokens.append)
    counter.approvals.give_up()
    counter.approvals.enter(PIN)
    assert counter.tokens == []


class Drawer(Counter):
    """Carla's shift screen, with the panel behind it."""

    def __init__(self, staff: Staff) -> None:
        super().__init__(staff)
        shift = staff.services.shift_now(self.carla)
        if shift is not None:
            staff.services.close_shift(shift.expected.minor, self.boss)
        staff.services.open_shift(10_000, self.carla)
        self.page = Recorder()
        self.shift = ShiftPresenter(
            staff.services, staff.runner, staff.timers, staff.actor, staff.lang, self.approvals.ask
        )
        self.shift.attach(self.page)
        self.shift.refresh()


def test_a_shift_that_is_off_by_more_than_the_limit_closes_with_a_supervisors_pin(staff: Staff):
    drawer = Drawer(staff)
    drawer.shift.type_count("80.00")
    drawer.shift.close_shift()
    assert drawer.shift.stage is ShiftStage.OPEN
    assert drawer.page.seen["count"][0].trouble.code == "APPROVAL_NEEDED"
    assert drawer.view.seen["asked"].asked == "€20.00"
    drawer.approvals.enter(PIN)
    assert drawer.shift.stage is ShiftStage.NONE
    entry = staff.house.entries("shift_closed")[-1]
    assert (entry.actor.user, entry.actor.approvals) == (drawer.carla.user, (drawer.boss.user,))


def test_a_small_difference_asks_nobody(staff: Staff):
    drawer = Drawer(staff)
    drawer.shift.type_count("95.00")
    drawer.shift.close_shift()
    assert drawer.shift.stage is ShiftStage.NONE
    assert "asked" not in drawer.view.seen


def test_the_panel_works_by_keyboard_alone_and_shows_names_as_they_are(staff: Staff, qtbot: QtBot):
    counter = Counter(staff)
    staff.me = staff.root
    staff.somebody("lead", "supervisor", name=LONG)
    staff.me = counter.carla
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1024, 600)
    host.show()
    host.activateWindow()
    panel = ApprovalPanel(host, counter.approvals, "en")
    counter.approvals.ask(OVER, counter.tokens.append)
    QCoreApplication.processEvents()
    assert {tile.text() for tile in panel.tiles()} == {HOSTILE, LONG}
    assert cut_texts(panel) == []
    boss = next(tile for tile in panel.tiles() if tile.text() == HOSTILE)
    boss.setFocus()
    qtbot.keyClick(boss, Qt.Key.Key_Return)
    assert panel.pad.hasFocus()
    QCoreApplication.processEvents()
    assert cut_texts(panel) == []
    qtbot.keyClick(panel.pad, Qt.Key.Key_Escape)
    assert panel.is_open()
    counter.approvals.choose(counter.boss.user or "")
    qtbot.keyClicks(panel.pad, PIN)
    qtbot.keyClick(panel.pad, Qt.Key.Key_Return)
    assert len(counter.tokens) == 1
    assert not panel.is_open()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
