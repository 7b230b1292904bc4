"""The first start: three ways to begin, what is refused, and where it is said."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from pytestqt.qtbot import QtBot

from app.services.facade import DeviceStatus, ScannedText
from app.services.invitations import Invitation, look_at
from domain.enrolment_codes import Taken, split
from domain.errors import Refusal
from tests.builders import NOW
from tests.ui.whole import cut_texts
from tests.unit.test_enrolment_codes import a_file
from ui.first_run.presenter import FirstRunPresenter, NewVenue
from ui.first_run.view import FirstRunScreen
from ui.i18n import PseudoTranslator
from ui.running import ManualRunner
from ui.widgets.labels import PlainLabel


class Starter:
    """Writes down what it is asked, or refuses."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.refusal: Refusal | None = None
        self.camera = None
        self.invitation = look_at(a_file("Gate 2"), NOW)

    def _do(self, what: object) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.asked.append(what)

    def start_demo(self) -> None:
        self._do("demo")

    def make_venue(self, venue: NewVenue) -> None:
        self._do(venue)

    def look_at_file(self, file: Path) -> Invitation:
        self._do(file)
        return self.invitation

    def look_at(self, text: str) -> Invitation:
        self._do(text)
        return replace(self.invitation, text=text)

    def join(self, invitation: Invitation) -> None:
        self._do(("join", invitation.name))

    def watch(self, scanned, framed, changed) -> None:
        self._do("camera")
        self.camera = (scanned, framed, changed)

    def unwatch(self) -> None:
        self.asked.append("no camera")


class Start:
    """The screen with everything around it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.service, self.runner, self.finished = Starter(), ManualRunner(), []
        self.presenter = FirstRunPresenter(
            self.service, self.runner, lambda: self.finished.append(1), lambda: "en"
        )
        self.screen = FirstRunScreen(self.presenter, "Europe/Berlin", "EUR")
        qtbot.addWidget(self.screen)
        self.screen.resize(1024, 600)
        self.screen.show()

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            self.screen.field(name).set_text(text)


WHOLE = {"organization": "Театр", "admin_name": "Anna", "pin": "4711", "pin_again": "4711"}


def test_demo_data_is_one_press_away(qtbot: QtBot) -> None:
    start = Start(qtbot)
    start.screen.choices[0].click()
    assert not start.screen._pages.isEnabled()
    start.runner.run_all()
    assert start.service.asked == ["demo"]
    assert start.finished == [1]
    assert start.screen._pages.isEnabled()


def test_a_new_venue_is_made_from_the_form(qtbot: QtBot) -> None:
    start = Start(qtbot)
    start.screen.choices[1].click()
    start.fill(**WHOLE, currency="eur")
    start.screen._make()
    start.runner.run_all()
    assert start.service.asked == [
        NewVenue("Театр", "EUR", "Europe/Berlin", "Till 1", "admin", "Anna", "4711")
    ]
    assert start.finished == [1]


def test_what_is_missing_is_said_beside_its_field(qtbot: QtBot) -> None:
    start = Start(qtbot)
    start.fill(**{**WHOLE, "admin_name": ""})
    start.screen._make()
    assert start.runner.waiting() == []
    assert start.screen.field("admin_name").refusal() == "This is needed."


def test_pins_that_differ_are_refused(qtbot: QtBot) -> None:
    start = Start(qtbot)
    start.fill(**{**WHOLE, "pin_again": "4712"})
    start.screen._make()
    assert start.runner.waiting() == []
    assert "differ" in start.screen.field("pin_again").refusal()


def test_a_refusal_of_the_station_stands_beside_the_field_it_is_about(qtbot: QtBot) -> None:
    start = Start(qtbot)
    start.service.refusal = Refusal("CURRENCY_UNKNOWN", currency="XYZ")
    start.fill(**WHOLE, currency="XYZ")
    start.screen._make()
    start.runner.run_all()
    assert "XYZ" in start.screen.field("currency").refusal()
    assert start.finished == []


def test_joining_needs_a_file_and_a_bad_one_is_explained(qtbot: QtBot) -> None:
    start = Start(qtbot)
    start.screen.choices[2].click()
    start.presenter.open_file("  ")
    assert start.screen.field("file").refusal() == "This is needed."
    start.service.refusal = Refusal("ENROLMENT_FORGED", field="sig")
    start.presenter.open_file("/media/till2.enrol")
    start.runner.run_all()
    assert "not genuine" in start.screen._message.title()
    assert start.screen._pages.currentIndex() == 2
    assert start.service.asked == []


def test_a_machine_is_told_what_it_will_see_before_it_joins(qtbot: QtBot) -> None:
    start = Start(qtbot)
    start.presenter.open_file("/media/till2.enrol")
    start.runner.run_all()
    page = start.screen.look_page
    assert page.isVisible()
    assert "Gate 2" in page.title.whole_text()
    said = "\n".join(label.whole_text() for label in page.seen.findChildren(PlainLabel))
    assert "all events" in said
    assert "Names and addresses of guests" in said
    assert start.finished == [], "nothing has happened yet"
    page.join.click()
    start.runner.run_all()
    assert start.service.asked == [Path("/media/till2.enrol"), ("join", "Gate 2")]
    assert start.finished == [1]


def test_codes_held_to_the_camera_are_collected_and_the_last_one_shows_what_is_in_them(qtbot: QtBot) -> None:
    start = Start(qtbot)
    start.screen.choices[2].click()
    start.screen.hold.click()
    start.runner.run_all()
    scanned, _, changed = start.service.camera
    page, codes = start.screen.camera_page, split(a_file("Gate 2"))
    assert page.isVisible()
    scanned(ScannedText("A" * 152, "camera"))
    qtbot.waitUntil(lambda: "no enrolment code" in page.words.whole_text())
    changed(DeviceStatus("camera", "lost", "CAMERA_NOT_OPENED"))
    qtbot.waitUntil(page.trouble.isVisible)
    changed(DeviceStatus("camera", "listening"))
    qtbot.waitUntil(lambda: not page.trouble.isVisible())
    scanned(ScannedText(split(a_file("Till 9", 8))[0], "camera"))
    for code in reversed(codes[1:]):
        scanned(ScannedText(code, "camera"))
    qtbot.waitUntil(lambda: f"{len(codes) - 1} of {len(codes)}" in page.words.whole_text())
    assert "Still missing: code 1" in page.words.whole_text()
    scanned(ScannedText(codes[0], "camera"))
    qtbot.waitUntil(lambda: start.runner.waiting() == ["store"])
    start.runner.run_all()
    assert start.screen.look_page.isVisible()
    assert json.loads(start.service.asked[-2]) == json.loads(a_file("Gate 2"))
    assert start.service.asked[-1] == "no camera", "it was let go"


def test_codes_of_a_file_that_is_too_old_are_said_and_collected_anew(qtbot: QtBot) -> None:
    start = Start(qtbot)
    start.screen.hold.click()
    start.runner.run_all()
    start.service.refusal = Refusal("ENROLMENT_EXPIRED", expired_at="2026-11-20T00:00:00Z")
    for code in split(a_file()):
        start.presenter.take_code(ScannedText(code, "camera"))
    start.runner.run_all()
    assert "too old" in start.screen._message.title()
    assert start.screen.camera_page.isVisible()
    assert "No code" in start.screen.camera_page.words.whole_text()


def test_leaving_the_camera_page_lets_go_of_the_camera(qtbot: QtBot) -> None:
    start = Start(qtbot)
    start.screen.hold.click()
    start.runner.run_all()
    qtbot.keyClick(start.screen.camera_page.back, Qt.Key.Key_Escape)
    start.runner.run_all()
    assert start.service.asked == ["camera", "no camera"]
    assert start.screen._pages.currentIndex() == 2
    start.presenter.take_code(ScannedText(split(a_file())[0], "camera"))
    assert start.runner.waiting() == []


@pytest.mark.parametrize("size", [(1024, 600), (800, 1280)])
@pytest.mark.parametrize("step", ["join", "camera", "look"])
def test_no_words_are_cut_off_while_joining(qtbot: QtBot, step: str, size: tuple[int, int]) -> None:
    translator = PseudoTranslator()
    QCoreApplication.installTranslator(translator)
    try:
        start = Start(qtbot)
        start.screen.resize(*size)
        start.screen.show_codes([2, 3], 3, Taken.OTHER_SET)
        start.screen.show_invitation(start.service.invitation)
        start.screen.show_step(step)
        QCoreApplication.processEvents()
        assert cut_texts(start.screen) == []
    finally:
        QCoreApplication.removeTranslator(translator)


def test_esc_goes_back_to_the_choice(qtbot: QtBot) -> None:
    start = Start(qtbot)
    start.screen.choices[1].click()
    qtbot.keyClick(start.screen.field("organization").edit, Qt.Key.Key_Escape)
    assert start.screen._pages.currentIndex() == 0


def test_nothing_is_started_twice(qtbot: QtBot) -> None:
    start = Start(qtbot)
    start.presenter.demo()
    start.presenter.demo()
    start.presenter.go("join")
    assert start.runner.waiting() == ["store"]
    assert start.screen._pages.currentIndex() == 0
