"""The first start: three ways to begin, what is refused, and where it is said."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from domain.errors import Refusal
from ui.first_run.presenter import FirstRunPresenter, NewVenue
from ui.first_run.view import FirstRunScreen
from ui.running import ManualRunner


class Starter:
    """Writes down what it is asked, or refuses."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.refusal: Refusal | None = None

    def _do(self, what: object) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.asked.append(what)

    def start_demo(self) -> None:
        self._do("demo")

    def make_venue(self, venue: NewVenue) -> None:
        self._do(venue)

    def join(self, file: Path) -> None:
        self._do(file)


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
    start.presenter.join("  ")
    assert start.screen.field("file").refusal() == "This is needed."
    start.service.refusal = Refusal("ENROLMENT_FORGED", field="sig")
    start.presenter.join("/media/till2.enrol")
    start.runner.run_all()
    assert "not genuine" in start.screen._message.title()
    start.service.refusal = None
    start.presenter.join("/media/till2.enrol")
    start.runner.run_all()
    assert start.service.asked == [Path("/media/till2.enrol")]


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
