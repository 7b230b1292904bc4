"""Signing in, without Qt: people and PIN; the password for the first time here; a one-time code; a new PIN.

The states are those of `Step`. Whoever comes with a password or a code and has no PIN here sets one before
the window opens.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Protocol

from domain.actor import Actor
from domain.errors import GatehouseError, Refusal
from ui.frame.model import initials
from ui.messages import Message, error_message
from ui.running import STORE, Runner, Timers, as_known
from ui.signin.countdown import Countdown, seconds_locked


@dataclass(frozen=True, slots=True)
class PersonTile:
    """One person who can sign in here; `roles` are names of domain.actor.Role."""

    user_id: str
    login: str
    name: str
    roles: tuple[str, ...] = ()

    @property
    def initials(self) -> str:
        """Up to two letters for the avatar."""
        return initials(self.name)


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody whose password was right; without a PIN here they set one first."""

    actor: Actor
    person: PersonTile
    has_pin: bool


@dataclass(frozen=True, slots=True)
class CodeGiven:
    """What was typed by somebody with a one-time code; the code is tried when the PIN is there."""

    login: str
    code: str
    password: str


class Step(StrEnum):
    """What is on screen."""

    PEOPLE = "people"
    PIN = "pin"
    PASSWORD = "password"  # noqa: S105 - a step, no secret
    CODE = "code"
    NEW_PIN = "new_pin"
    SAME_PIN = "same_pin"


class SignIn(Protocol):
    """The use cases behind the screen. Those that check something are slow on purpose."""

    def people(self) -> Sequence[PersonTile]:
        """Everybody who can sign in at this station."""
        ...

    def sign_in(self, user_id: str, pin: str) -> Actor:
        """Refuses WRONG_PIN (left), LOCKED_OUT (seconds), NO_PIN_HERE, PASSWORD_NEEDED."""
        ...

    def with_password(self, login: str, password: str) -> Entered:
        """Refuses WRONG_PASSWORD (left), LOCKED_OUT (seconds), NO_PASSWORD_HERE, USER_DISABLED."""
        ...

    def set_pin(self, entered: Entered, pin: str) -> None:
        """One's own first PIN at this station. Refuses PIN_UNFIT."""
        ...

    def with_code(self, given: CodeGiven, pin: str) -> Entered:
        """Refuses CODE_WRONG (left), LOCKED_OUT, CODE_EXPIRED, CODE_USED, PASSWORD_UNFIT, PIN_UNFIT."""
        ...


class SignInView(Protocol):
    """What the presenter tells the widget."""

    def show_people(self, people: Sequence[PersonTile]) -> None:
        """Tiles of people; none is chosen."""
        ...

    def show_pin(self, person: PersonTile, *, locked: bool) -> None:
        """The PIN pad for this person; `locked`: the window is theirs and waits for them."""
        ...

    def show_form(self, step: Step, person: PersonTile | None) -> None:
        """Fields for a password or a code; `person` is known already when not None."""
        ...

    def show_new_pin(self, name: str, *, again: bool) -> None:
        """The PIN pad for a PIN that is being set; `again`: the same once more."""
        ...

    def show_busy(self, *, busy: bool) -> None:
        """Something is being checked."""
        ...

    def show_refusal(self, title: str, advice: str, *, locked: bool) -> None:
        """Beside the pad or the fields; empty title clears. While `locked` nothing is taken."""
        ...


class SignInPresenter:
    """Owns the state of the screen; `signed_in` is called with the actor."""

    def __init__(
        self,
        service: SignIn,
        runner: Runner,
        timers: Timers,
        signed_in: Callable[[Actor, PersonTile], None],
        language: Callable[[], str],
        only: str | None = None,
        lane: str = STORE,
        said: GatehouseError | None = None,
    ) -> None:
        """`only` is a user id: the lock screen, where this person or a switch is offered. `said` stands on
        the screen at first: why nobody is signed in any more."""
        self._service, self._runner = service, runner
        self._signed_in, self._language = signed_in, language
        self._only, self._lane, self._said = only, lane, said
        self._view: SignInView | None = None
        self._people: list[PersonTile] = []
        self._person: PersonTile | None = None
        self._entered: Entered | None = None
        self._code: CodeGiven | None = None
        self._first_pin = ""
        self._busy = False
        self._count = Countdown(timers, self._show_lock, self._unlocked)
        self.step = Step.PEOPLE

    # --- what people do

    def attach(self, view: SignInView) -> None:
        """Start: load the people."""
        self._view = view
        self._runner.submit(self._lane, self._service.people, self._loaded, self._load_failed)

    def choose(self, user_id: str) -> None:
        """A tile was pressed; unknown ids do nothing."""
        person = next((known for known in self._people if known.user_id == user_id), None)
        if person is None or self._view is None:
            return
        self._begin(Step.PIN)
        self._person = person
        self._view.show_pin(person, locked=person.user_id == self._only)

    def first_time(self) -> None:
        """Somebody without a PIN here: login and password."""
        self._form(Step.PASSWORD)

    def have_code(self) -> None:
        """Somebody with an invitation, or who forgot: login, code and a new password."""
        self._form(Step.CODE)

    def back(self) -> None:
        """To the tiles again; whoever was setting a PIN is not signed in."""
        if self._view is not None and not self._busy:
            self._begin(Step.PEOPLE)
            self._view.show_people(self._people)

    def enter(self, pin: str) -> None:
        """A PIN was typed. Nothing happens while one is checked or the person is locked out."""
        if self._busy or self._count.running or self._view is None:
            return
        person = self._person
        if self.step is Step.PIN and person is not None:
            self._ask(partial(self._service.sign_in, person.user_id, pin), partial(self._accepted, person))
        elif self.step is Step.NEW_PIN:
            self._first_pin, self.step = pin, Step.SAME_PIN
            self._show_new_pin()
        elif self.step is Step.SAME_PIN:
            self._same_pin(pin)

    def give_password(self, login: str, password: str) -> None:
        """Login and password were typed."""
        if self._can_give(Step.PASSWORD, login, password):
            self._ask(
                partial(self._service.with_password, login.strip(), password), self._entered_by_password
            )

    def give_code(self, login: str, code: str, password: str, again: str) -> None:
        """Login, code and the new password, twice; the PIN comes next."""
        if not self._can_give(Step.CODE, login, code, password):
            return
        if password != again:
            self._say(Refusal("PASSWORD_DIFFERS"))
            return
        self._code = CodeGiven(login.strip(), code.strip(), password)
        self._begin_pin()

    def close(self) -> None:
        """The screen goes: stop counting, forget what was typed."""
        self._begin(Step.PEOPLE)
        self._view = None

    # --- inside

    def _begin(self, step: Step) -> None:
        """Another step: nothing of the one before stays."""
        self._count.stop()
        self.step = step
        self._person, self._entered, self._code, self._first_pin = None, None, None, ""
        self._clear()

    def _form(self, step: Step, person: PersonTile | None = None) -> None:
        if self._view is not None and not self._busy:
            self._begin(step)
            self._view.show_form(step, person)

    def _can_give(self, step: Step, *fields: str) -> bool:
        if self.step is not step or self._busy or self._count.running or self._view is None:
            return False
        if not all(field.strip() for field in fields):
            self._say(Refusal("FIELD_EMPTY"))
            return False
        return True

    def _ask(self, job: Callable[[], Actor | Entered], done: Callable[..., None]) -> None:
        self._busy = True
        if self._view is not None:
            self._view.show_busy(busy=True)
        self._runner.submit(self._lane, job, partial(self._answered, done), self._refused)

    def _answered(self, done: Callable[..., None], answer: Actor | Entered) -> None:
        self._rest()
        if self._view is not None:
            done(answer)

    def _accepted(self, person: PersonTile, actor: Actor) -> None:
        self._signed_in(actor, person)

    def _entered_by_password(self, entered: Entered) -> None:
        if entered.has_pin:
            self._signed_in(entered.actor, entered.person)
            return
        self._entered = entered
        self._begin_pin()

    def _begin_pin(self) -> None:
        self._first_pin, self.step = "", Step.NEW_PIN
        self._clear()
        self._show_new_pin()

    def _show_new_pin(self) -> None:
        name = self._entered.person.name if self._entered else self._code.login if self._code else ""
        if self._view is not None:
            self._view.show_new_pin(name, again=self.step is Step.SAME_PIN)

    def _same_pin(self, pin: str) -> None:
        if pin != self._first_pin:
            self._begin_pin()
            self._say(Refusal("PIN_DIFFERS"))
            return
        entered, code = self._entered, self._code
        if entered is not None:
            self._ask(partial(_with_pin, self._service, entered, pin), self._signed)
        elif code is not None:
            self._ask(partial(self._service.with_code, code, pin), self._signed)

    def _signed(self, entered: Entered) -> None:
        self._signed_in(entered.actor, entered.person)

    def _loaded(self, people: Sequence[PersonTile]) -> None:
        self._people = list(people)
        if self._view is None or self.step is not Step.PEOPLE:
            return
        self._view.show_people(self._people)
        if self._said is not None:
            self._say(self._said)
        elif self._only is not None:
            self.choose(self._only)
        elif len(self._people) == 1:
            self.choose(self._people[0].user_id)

    def _load_failed(self, error: Exception) -> None:
        self._say(as_known(error))

    def _refused(self, error: Exception) -> None:
        self._rest()
        known = as_known(error)
        if self._view is None:
            return
        if known.code == "PASSWORD_NEEDED" and self._person is not None:
            self._form(Step.PASSWORD, self._person)
        elif self.step is Step.SAME_PIN:
            self._pin_not_kept(known)
        if seconds := seconds_locked(known):
            self._count.start(seconds)
        else:
            self._say(known)

    def _pin_not_kept(self, error: GatehouseError) -> None:
        """What was wrong decides where one goes on: at the PIN, or at the code and the password."""
        code = self._code
        if code is None or error.code == "PIN_UNFIT":
            self._begin_pin()
            return
        if self._view is not None:
            self.step = Step.CODE
            self._view.show_form(Step.CODE, PersonTile("", code.login, ""))

    def _rest(self) -> None:
        self._busy = False
        if self._view is not None:
            self._view.show_busy(busy=False)

    def _show_lock(self, seconds: int) -> None:
        self._say(GatehouseError("LOCKED_OUT", seconds=seconds), locked=True)

    def _unlocked(self) -> None:
        self._clear()

    def _clear(self) -> None:
        if self._view is not None:
            self._view.show_refusal("", "", locked=False)

    def _say(self, error: GatehouseError, *, locked: bool = False) -> None:
        if self._view is not None:
            words: Message = error_message(error, self._language())
            self._view.show_refusal(words.title, words.reason or words.advice, locked=locked)


def _with_pin(service: SignIn, entered: Entered, pin: str) -> Entered:
    service.set_pin(entered, pin)
    return entered
