"""The conflict desk: the presenter over real use cases, and the page offscreen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from domain.actor import Actor
from domain.entry import Draft
from tests.services.house import CASHIER, GATE, SUPERVISOR, House
from tests.ui.recorders import Recorder
from tests.ui.whole import cut_texts
from ui.conflicts.page import ConflictsPage
from ui.conflicts.presenter import ConflictsPresenter, DeskDetail, DeskList
from ui.i18n import Languages
from ui.running import InlineRunner, ManualRunner, ManualTimers
from ui.wording import pseudo


class Desk:
    """A house, and its conflict desk."""

    def __init__(self, root: Path, runner: Any = None, lang: str = "en") -> None:
        self.house = House(root)
        self.actor: Actor = SUPERVISOR
        self.lang = lang
        self.timers = ManualTimers()
        self.view = Recorder()
        self.presenter = ConflictsPresenter(
            self.house.services, runner or InlineRunner(), self.timers, lambda: self.actor, lambda: self.lang
        )

    def open(self) -> None:
        self.presenter.attach(self.view)
        self.presenter.enter()

    def clash(self, product: str = "full") -> str:
        """A ticket at two gates; answers the id of its conflict."""
        before = {row.conflict for row in self.house.services.list_conflicts(SUPERVISOR, open_only=False)}
        answer = self.house.admit(self.house.code(product))
        first = next(one for one in self.house.entries("admitted") if one.entry_id == answer.entry_id)
        with self.house.station.store.begin() as work:
            work.append(Draft("admitted", first.feeds, {**first.body, "gate": "B"}), GATE)
            work.commit()
        rows = self.house.services.list_conflicts(SUPERVISOR)
        return next(row.conflict for row in rows if row.conflict not in before)

    @property
    def list(self) -> DeskList:
        return self.view.seen["list"]

    @property
    def detail(self) -> DeskDetail | None:
        return self.view.seen["detail"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.house.station.close()


def test_an_empty_desk_says_so_once_it_has_looked(tmp_path: Path) -> None:
    runner = ManualRunner()
    made = Desk(tmp_path, runner)
    made.open()
    assert not made.list.loaded
    runner.run_all()
    assert made.list.loaded
    assert made.list.rows == () or list(made.list.rows) == []
    made.house.station.close()


def test_a_new_conflict_appears_by_itself(desk: Desk) -> None:
    desk.open()
    conflict = desk.clash()
    desk.timers.advance(3000)
    assert [row.conflict for row in desk.list.rows] == [conflict]
    assert desk.detail is None


def test_a_chosen_conflict_shows_both_sides_and_a_way_out(desk: Desk) -> None:
    conflict = desk.clash()
    desk.open()
    desk.presenter.choose(conflict)
    shown = desk.detail
    assert shown is not None
    assert shown.title == "Let in more than once"
    assert {side.gate for side in shown.view.sides} == {"A", "B"}
    assert shown.way_out
    assert shown.zone == "Europe/Berlin"


def test_one_key_resolves_and_goes_on_to_the_next(desk: Desk) -> None:
    first, second = desk.clash(), desk.clash("half")
    desk.open()
    desk.presenter.choose(first)
    desk.presenter.resolve_by_key(2)
    assert [row.conflict for row in desk.list.rows] == [second]
    assert desk.list.chosen == second
    assert desk.view.seen["done"] == "Let in more than once"
    said = desk.house.services.show_conflict(first, SUPERVISOR).resolutions
    assert [one.reason for one in said] == ["copied_ticket"]


def test_keys_without_a_reason_do_nothing(desk: Desk) -> None:
    desk.presenter.resolve_by_key(1)
    conflict = desk.clash()
    desk.open()
    desk.presenter.choose(conflict)
    desk.presenter.resolve_by_key(9)
    assert [row.open for row in desk.list.rows] == [True]


def test_resolved_ones_are_shown_on_request_and_cannot_be_resolved_again(desk: Desk) -> None:
    conflict = desk.clash()
    desk.open()
    desk.presenter.choose(conflict)
    desk.presenter.resolve("spoke to them")
    assert list(desk.list.rows) == []
    desk.presenter.show_every(True)
    desk.presenter.choose(conflict)
    assert [row.open for row in desk.list.rows] == [False]
    seq = desk.house.seq
    desk.presenter.resolve("again")
    assert desk.house.seq == seq


def test_an_empty_reason_is_refused_in_words(desk: Desk) -> None:
    conflict = desk.clash()
    desk.open()
    desk.presenter.choose(conflict)
    desk.presenter.resolve("")
    title, _text, fault = desk.view.seen["trouble"]
    assert (title, fault) == ("A reason is needed", False)


def test_whoever_may_not_see_it_is_told(desk: Desk) -> None:
    desk.actor = CASHIER
    desk.open()
    title, text, fault = desk.view.seen["trouble"]
    assert (title, fault) == ("Not allowed", False)
    assert "deal with conflicts" in text


def test_a_conflict_that_explains_itself_leaves_the_screen(desk: Desk) -> None:
    conflict = desk.clash()
    desk.open()
    desk.presenter.choose(conflict)
    serial = desk.list.rows[0].subject.removeprefix("ticket:")
    desk.house.gate.undo(serial, "slip", SUPERVISOR)
    desk.timers.advance(3000)
    assert (list(desk.list.rows), desk.detail) == ([], None)


def test_nothing_is_shown_once_the_page_is_gone(desk: Desk) -> None:
    desk.open()
    desk.presenter.leave()
    before = len(desk.view.log)
    desk.clash()
    desk.timers.advance(60_000)
    desk.presenter.refresh()
    assert len(desk.view.log) == before


# The page.


def shown(desk: Desk, qtbot: QtBot, width: int = 1158, height: int = 704) -> ConflictsPage:
    page = ConflictsPage(desk.presenter, desk.lang)
    qtbot.addWidget(page)
    page.resize(width, height)
    with qtbot.waitExposed(page):
        page.show()
    page.on_enter()
    return page


def test_an_empty_page_is_designed(desk: Desk, qtbot: QtBot) -> None:
    page = shown(desk, qtbot)
    assert page.list.empty.isVisible()
    assert not page.detail.isVisible()
    page.on_leave()


def test_the_page_shows_two_cards_beside_each_other_and_a_digit_resolves(desk: Desk, qtbot: QtBot) -> None:
    conflict = desk.clash()
    page = shown(desk, qtbot)
    qtbot.mouseClick(page.list.rows()[0], Qt.MouseButton.LeftButton)
    cards = page.detail.side_cards()
    assert len(cards) == 2
    qtbot.waitUntil(lambda: cards[0].x() != cards[1].x() and cards[0].y() == cards[1].y())
    qtbot.keyClick(page, Qt.Key.Key_3)
    said = desk.house.services.show_conflict(conflict, SUPERVISOR).resolutions
    assert [one.reason for one in said] == ["our_mistake"]
    assert page.list.rows() == []
    assert page.list.notice.isVisible()
    page.on_leave()


def test_digits_typed_into_the_reason_are_text(desk: Desk, qtbot: QtBot) -> None:
    conflict = desk.clash()
    page = shown(desk, qtbot)
    desk.presenter.choose(conflict)
    page.detail.other.edit.setFocus()
    qtbot.keyClicks(page.detail.other.edit, "2 guests")
    assert page.list.rows() != []
    qtbot.keyClick(page.detail.other.edit, Qt.Key.Key_Return)
    assert page.list.rows() == []
    said = desk.house.services.show_conflict(conflict, SUPERVISOR).resolutions
    assert [one.reason for one in said] == ["2 guests"]
    page.on_leave()


def test_what_is_typed_survives_a_refresh(desk: Desk, qtbot: QtBot) -> None:
    conflict = desk.clash()
    page = shown(desk, qtbot)
    desk.presenter.choose(conflict)
    page.detail.other.set_text("half a rea")
    desk.timers.advance(3000)
    assert page.detail.other.text() == "half a rea"
    page.on_leave()


def test_a_narrow_page_shows_one_thing_and_goes_back(desk: Desk, qtbot: QtBot) -> None:
    conflict = desk.clash()
    page = shown(desk, qtbot, 752, 1216)
    assert page.list.isVisible()
    desk.presenter.choose(conflict)
    assert page.detail.isVisible()
    assert not page.list.isVisible()
    assert page.go_back()
    assert page.list.isVisible()
    assert not page.go_back()
    page.on_leave()


@pytest.mark.parametrize("lang", ["en", "ru", pseudo.LANGUAGE])
@pytest.mark.parametrize("size", [(960, 536), (752, 1216), (1158, 704)])
def test_nothing_is_cut_off(
    tmp_path: Path, qtbot: QtBot, qapp: Any, lang: str, size: tuple[int, int]
) -> None:
    from app.paths import resource

    languages = Languages(qapp, resource("i18n"))
    languages.set(lang)
    made = Desk(tmp_path, lang=lang)
    conflict = made.clash()
    page = shown(made, qtbot, *size)
    made.presenter.choose(conflict)
    qapp.processEvents()
    try:
        assert cut_texts(page) == []
    finally:
        page.on_leave()
        languages.set("en")
        languages.close()
        made.house.station.close()
