"""Signing in: the presenter alone, and the screen with mouse and keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from domain.actor import Actor, Role
from domain.errors import Fault, Refusal
from tests.ui.whole import cut_texts
from ui.running import ManualRunner, ManualTimers
from ui.signin.presenter import CodeGiven, Entered, PersonTile, SignInPresenter, Step
from ui.signin.view import SignInScreen

ANNA = PersonTile("1", "anna", "Anna Petrova", ("cashier",))
KIM = PersonTile("2", "kim", "Kim <b>Berg</b>", ("supervisor",))
BORIS = PersonTile("3", "boris", "Борис", ("gate",))
NINA = PersonTile("9", "nina", "Nina \u202eadmin", ("cashier",))


class Door:
    """Takes 1234; refuses others as it was told."""

    def __init__(self, *people: PersonTile) -> None:
        self.known = people or (ANNA, KIM, BORIS)
        self.refusal: Refusal | Fault = Refusal("WRONG_PIN", left=4)
        self.tried: list[tuple[str, str]] = []
        self.has_pin = False
        self.pins: dict[str, str] = {}
        self.codes: list[tuple[CodeGiven, str]] = []

    def people(self) -> tuple[PersonTile, ...]:
        return self.known

    def sign_in(self, user_id: str, pin: str) -> Actor:
        self.tried.append((user_id, pin))
        if pin != "1234":
            raise self.refusal
        return Actor(user=user_id, roles=frozenset({Role.CASHIER}))

    def with_password(self, login: str, password: str) -> Entered:
        self.tried.append((login, password))
        if password != "three quiet words":
            raise self.refusal
        return Entered(Actor(user="9", roles=frozenset({Role.CASHIER})), NINA, self.has_pin)

    def set_pin(self, entered: Entered, pin: str) -> None:
        if len(pin) < 4:
            raise Refusal("PIN_UNFIT", least=4, most=12)
        self.pins[entered.person.login] = pin

    def with_code(self, given: CodeGiven, pin: str) -> Entered:
        self.codes.append((given, pin))
        if given.code != "GOOD":
            raise self.refusal
        return Entered(Actor(user="9"), NINA, True)


class View:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.people: list[PersonTile] = []
        self.pin_for: PersonTile | None = None
        self.busy = False
        self.words: tuple[str, str] = ("", "")
        self.locked = False
        self.for_lock = False
        self.form: Step | None = None
        self.form_for: PersonTile | None = None
        self.new_pin: tuple[str, bool] | None = None

    def show_people(self, people: list[PersonTile]) -> None:
        self.people, self.pin_for, self.form = list(people), None, None

    def show_pin(self, person: PersonTile, *, locked: bool) -> None:
        self.pin_for, self.for_lock, self.form = person, locked, None

    def show_form(self, step: Step, person: PersonTile | None) -> None:
        self.pin_for, self.form, self.form_for = None, step, person

    def show_new_pin(self, name: str, *, again: bool) -> None:
        self.new_pin = (name, again)

    def show_busy(self, *, busy: bool) -> None:
        self.busy = busy

    def show_refusal(self, title: str, advice: str, *, locked: bool) -> None:
        self.words, self.locked = (title, advice), locked


class Desk:
    """A presenter with everything around it."""

    def __init__(self, *people: PersonTile, only: str | None = None, said: Refusal | None = None) -> None:
        self.door, self.view = Door(*people), View()
        self.runner, self.timers = ManualRunner(), ManualTimers()
        self.signed_in: list[tuple[Actor, PersonTile]] = []
        self.presenter = SignInPresenter(
            self.door, self.runner, self.timers, lambda actor, person: self.signed_in.append((actor, person)),
            lambda: "en", only, said=said,
        )  # fmt: skip

    def start(self) -> "Desk":
        self.presenter.attach(self.view)
        self.runner.run_all()
        return self

    def enter(self, pin: str) -> None:
        self.presenter.enter(pin)
        self.runner.run_all()


def test_people_are_shown_and_the_chosen_one_types_a_pin() -> None:
    desk = Desk().start()
    assert desk.view.people == [ANNA, KIM, BORIS]
    desk.presenter.choose("2")
    assert desk.view.pin_for == KIM
    desk.enter("1234")
    assert desk.signed_in[0][1] == KIM
    assert desk.door.tried == [("2", "1234")]


def test_a_single_person_needs_no_tile() -> None:
    desk = Desk(ANNA).start()
    assert desk.view.pin_for == ANNA


def test_the_lock_screen_asks_the_same_person_and_offers_a_switch() -> None:
    desk = Desk(only="3").start()
    assert desk.view.pin_for == BORIS
    assert desk.view.for_lock
    desk.presenter.back()
    assert desk.view.pin_for is None


def test_a_wrong_pin_says_how_many_attempts_are_left() -> None:
    desk = Desk().start()
    desk.presenter.choose("1")
    desk.enter("9999")
    assert desk.view.words == ("Wrong PIN", "4\u00a0attempts left.")
    assert not desk.view.locked
    assert desk.signed_in == []


def test_a_lock_out_counts_down_and_takes_no_pin_meanwhile() -> None:
    desk = Desk().start()
    desk.presenter.choose("1")
    desk.door.refusal = Refusal("LOCKED_OUT", seconds=3)
    desk.enter("9999")
    assert desk.view.locked
    assert "3\u00a0seconds" in desk.view.words[1]
    desk.enter("1234")
    assert desk.door.tried == [("1", "9999")]
    desk.timers.advance(2000)
    assert "1\u00a0second" in desk.view.words[1]
    desk.timers.advance(1000)
    assert not desk.view.locked
    assert desk.view.words == ("", "")
    desk.enter("1234")
    assert len(desk.signed_in) == 1


def test_a_lock_out_belongs_to_the_person_not_to_the_screen() -> None:
    desk = Desk().start()
    desk.presenter.choose("1")
    desk.door.refusal = Refusal("LOCKED_OUT", seconds=30)
    desk.enter("9999")
    desk.presenter.back()
    desk.presenter.choose("2")
    assert not desk.view.locked
    desk.enter("1234")
    assert desk.signed_in[0][1] == KIM


def test_one_pin_is_checked_at_a_time() -> None:
    desk = Desk().start()
    desk.presenter.choose("1")
    desk.presenter.enter("1234")
    assert desk.view.busy
    desk.presenter.enter("1234")
    desk.presenter.back()
    desk.runner.run_all()
    assert desk.door.tried == [("1", "1234")]
    assert not desk.view.busy
    assert len(desk.signed_in) == 1


def test_a_fault_is_said_too() -> None:
    desk = Desk().start()
    desk.presenter.choose("1")
    desk.door.refusal = Fault("STORE_BUSY")
    desk.enter("9999")
    assert desk.view.words[0] == "The data is in use"


def test_an_answer_after_the_screen_is_gone_changes_nothing() -> None:
    desk = Desk().start()
    desk.presenter.choose("1")
    desk.presenter.enter("9999")
    desk.presenter.close()
    desk.runner.run_all()
    assert desk.view.words == ("", "")


def test_the_first_time_here_takes_the_password_and_a_pin_typed_twice() -> None:
    desk = Desk().start()
    desk.presenter.first_time()
    desk.presenter.give_password(" nina ", "three quiet words")
    desk.runner.run_all()
    assert desk.view.new_pin == (NINA.name, False)
    assert desk.signed_in == []
    desk.enter("2468")
    assert desk.view.new_pin == (NINA.name, True)
    desk.enter("2468")
    assert desk.door.pins == {"nina": "2468"}
    assert desk.signed_in[0][1] == NINA


def test_two_pins_that_differ_are_asked_again_from_the_first() -> None:
    desk = Desk().start()
    desk.presenter.first_time()
    desk.presenter.give_password("nina", "three quiet words")
    desk.runner.run_all()
    desk.enter("2468")
    desk.enter("2469")
    assert desk.view.words[0] == "The PINs differ"
    assert desk.view.new_pin == (NINA.name, False)
    assert desk.door.pins == {}
    desk.enter("2468")
    desk.enter("2468")
    assert desk.door.pins == {"nina": "2468"}


def test_a_wrong_password_counts_and_locks_out_with_seconds() -> None:
    desk = Desk().start()
    desk.presenter.first_time()
    desk.door.refusal = Refusal("WRONG_PASSWORD", left=2)
    desk.presenter.give_password("nina", "nope")
    desk.runner.run_all()
    assert desk.view.words == ("Wrong password", "2\u00a0attempts left.")
    desk.door.refusal = Refusal("LOCKED_OUT", seconds=30)
    desk.presenter.give_password("nina", "nope")
    desk.runner.run_all()
    assert desk.view.locked
    desk.presenter.give_password("nina", "three quiet words")
    desk.runner.run_all()
    assert desk.view.new_pin is None
    desk.timers.advance(30_000)
    assert not desk.view.locked


def test_empty_fields_are_said_and_nothing_is_tried() -> None:
    desk = Desk().start()
    desk.presenter.first_time()
    desk.presenter.give_password("nina", "")
    desk.runner.run_all()
    assert desk.view.words[0] == "This is needed"
    assert desk.door.tried == []


def test_whoever_has_a_pin_here_is_in_with_the_password_alone() -> None:
    desk = Desk().start()
    desk.door.has_pin = True
    desk.presenter.first_time()
    desk.presenter.give_password("nina", "three quiet words")
    desk.runner.run_all()
    assert desk.view.new_pin is None
    assert len(desk.signed_in) == 1


def test_after_a_day_without_the_hub_the_pin_leads_to_the_password() -> None:
    desk = Desk().start()
    desk.presenter.choose("1")
    desk.door.refusal = Refusal("PASSWORD_NEEDED")
    desk.enter("9999")
    assert desk.view.form is Step.PASSWORD
    assert desk.view.form_for == ANNA
    assert desk.view.words[0] == "The password is needed"


def test_a_code_is_tried_when_password_and_pin_are_chosen() -> None:
    desk = Desk().start()
    desk.presenter.have_code()
    desk.presenter.give_code("nina", "GOOD", "three quiet words", "three loud words")
    assert desk.view.words[0] == "The passwords differ"
    desk.presenter.give_code("nina", "GOOD", "three quiet words", "three quiet words")
    assert desk.view.new_pin == ("nina", False)
    assert desk.door.codes == []
    desk.enter("2468")
    desk.enter("2468")
    assert desk.door.codes == [(CodeGiven("nina", "GOOD", "three quiet words"), "2468")]
    assert desk.signed_in[0][1] == NINA


def test_a_wrong_code_goes_back_to_the_code_with_the_words() -> None:
    desk = Desk().start()
    desk.presenter.have_code()
    desk.door.refusal = Refusal("CODE_WRONG", left=4)
    desk.presenter.give_code("nina", "BAD", "three quiet words", "three quiet words")
    desk.enter("2468")
    desk.enter("2468")
    assert desk.view.form is Step.CODE
    assert desk.view.words[0] == "Wrong code"
    assert desk.signed_in == []


def test_whoever_gives_up_setting_a_pin_is_not_signed_in() -> None:
    desk = Desk().start()
    desk.presenter.first_time()
    desk.presenter.give_password("nina", "three quiet words")
    desk.runner.run_all()
    desk.presenter.back()
    desk.enter("2468")
    desk.enter("2468")
    assert desk.signed_in == []
    assert desk.door.pins == {}


def test_why_somebody_was_signed_out_stands_on_the_screen() -> None:
    desk = Desk(said=Refusal("SESSION_ENDED")).start()
    assert desk.view.words[0] == "The session was ended"
    assert desk.view.people == [ANNA, KIM, BORIS]


def test_unknown_people_are_not_chosen() -> None:
    desk = Desk().start()
    desk.presenter.choose("nobody")
    desk.enter("1234")
    assert desk.door.tried == []


@pytest.fixture
def desk_on_screen(qtbot: QtBot) -> tuple[Desk, SignInScreen]:
    desk = Desk()
    screen = SignInScreen(desk.presenter, "Till 1", "en")
    qtbot.addWidget(screen)
    screen.resize(1024, 600)
    screen.show()
    desk.runner.run_all()
    screen.activateWindow()
    return desk, screen


def test_signing_in_works_by_keyboard_alone(desk_on_screen: tuple[Desk, SignInScreen], qtbot: QtBot) -> None:
    desk, screen = desk_on_screen
    qtbot.waitUntil(screen.tiles()[0].hasFocus)
    qtbot.keyClick(screen.tiles()[0], Qt.Key.Key_Right)
    assert screen.tiles()[1].hasFocus()
    qtbot.keyClick(screen.tiles()[1], Qt.Key.Key_Return)
    assert screen.pad.hasFocus()
    qtbot.keyClicks(screen.pad, "1234")
    qtbot.keyClick(screen.pad, Qt.Key.Key_Return)
    assert not screen.pad.isEnabled()
    desk.runner.run_all()
    assert desk.signed_in[0][1] == KIM


def test_a_refusal_stands_on_the_screen_and_the_pin_is_gone(
    desk_on_screen: tuple[Desk, SignInScreen], qtbot: QtBot
) -> None:
    desk, screen = desk_on_screen
    screen.tiles()[0].click()
    qtbot.keyClicks(screen.pad, "9999")
    qtbot.keyClick(screen.pad, Qt.Key.Key_Return)
    desk.runner.run_all()
    assert screen.refusal() == "Wrong PIN · 4\u00a0attempts left."
    assert screen.pad.length() == 0
    qtbot.keyClick(screen.pad, Qt.Key.Key_Escape)
    assert screen.refusal() == ""


def test_names_and_roles_are_text_and_in_words(desk_on_screen: tuple[Desk, SignInScreen]) -> None:
    _, screen = desk_on_screen
    assert screen.tiles()[1].accessibleName() == "Kim <b>Berg</b>, Supervisor"


def test_nobody_to_sign_in_is_explained(qtbot: QtBot) -> None:
    desk = Desk()
    desk.door.known = ()
    screen = SignInScreen(desk.presenter, "Till 1", "en")
    qtbot.addWidget(screen)
    desk.runner.run_all()
    assert not screen._nobody.isHidden()


def test_first_time_here_works_by_keyboard_alone(
    desk_on_screen: tuple[Desk, SignInScreen], qtbot: QtBot
) -> None:
    desk, screen = desk_on_screen
    screen.first_time.setFocus()
    qtbot.keyClick(screen.first_time, Qt.Key.Key_Return)
    form = screen.form
    assert form.login.edit.hasFocus()
    qtbot.keyClicks(form.login.edit, "nina")
    qtbot.keyClick(form.login.edit, Qt.Key.Key_Return)
    assert form.password.edit.hasFocus()
    qtbot.keyClicks(form.password.edit, "three quiet words")
    qtbot.keyClick(form.password.edit, Qt.Key.Key_Return)
    assert not form.go.isEnabled()
    desk.runner.run_all()
    assert form.password.edit.text() == ""
    for _ in range(2):
        assert screen.pad.hasFocus()
        qtbot.keyClicks(screen.pad, "2468")
        qtbot.keyClick(screen.pad, Qt.Key.Key_Return)
    desk.runner.run_all()
    assert desk.signed_in[0][1] == NINA


@pytest.mark.parametrize("size", [(1280, 800), (1024, 600), (800, 560)])
def test_no_words_are_cut_off_at_any_step(
    desk_on_screen: tuple[Desk, SignInScreen], size: tuple[int, int]
) -> None:
    desk, screen = desk_on_screen
    screen.resize(*size)
    for show in (
        lambda: None,
        desk.presenter.first_time,
        desk.presenter.have_code,
        lambda: desk.presenter.choose("2"),
    ):
        show()
        for _ in range(4):
            QApplication.processEvents()
        assert cut_texts(screen) == []
        for field in screen.form.fields():
            if field.isVisible():
                assert field.height() >= field.sizeHint().height()
