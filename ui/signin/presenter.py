"""Signing in, without Qt: people, PIN, wrong attempts, lock-out with a countdown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.actor import Actor
from domain.errors import GatehouseError
from ui.frame.model import initials
from ui.messages import sentence
from ui.running import STORE, Cancel, Runner, Timers, as_known


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


class SignIn(Protocol):
    """The use case behind the screen."""

    def people(self) -> Sequence[PersonTile]:
        """Everybody who can sign in at this station."""
        ...

    def sign_in(self, user_id: str, pin: str) -> Actor:
        """Refuses WRONG_PIN (left), LOCKED_OUT (seconds), NO_PIN_HERE. Slow on purpose."""
        ...


class SignInView(Protocol):
    """What the presenter tells the widget."""

    def show_people(self, people: Sequence[PersonTile]) -> None:
        """Tiles of people; none is chosen."""
        ...

    def show_pin(self, person: PersonTile) -> None:
        """The PIN pad for this person."""
        ...

    def show_busy(self, *, busy: bool) -> None:
        """The PIN is being checked."""
        ...

    def show_refusal(self, title: str, advice: str, *, locked: bool) -> None:
        """Beside the pad; empty title clears. While `locked` no PIN is taken."""
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
    ) -> None:
        """`only` is a user id: the lock screen, where only this person or a switch is offered."""
        self._service, self._runner, self._timers = service, runner, timers
        self._signed_in, self._language = signed_in, language
        self._only, self._lane = only, lane
        self._view: SignInView | None = None
        self._people: list[PersonTile] = []
        self._person: PersonTile | None = None
        self._busy = False
        self._locked_s = 0
        self._stop: Cancel | None = None

    def attach(self, view: SignInView) -> None:
        """Start: load the people."""
        self._view = view
        self._runner.submit(self._lane, self._service.people, self._loaded, self._load_failed)

    def choose(self, user_id: str) -> None:
        """A tile was pressed; unknown ids do nothing."""
        person = next((known for known in self._people if known.user_id == user_id), None)
        if person is None or self._view is None:
            return
        self._end_lock()
        self._person = person
        self._view.show_refusal("", "", locked=False)
        self._view.show_pin(person)

    def back(self) -> None:
        """To the tiles again."""
        if self._view is not None and not self._busy:
            self._end_lock()
            self._person = None
            self._only = None
            self._view.show_refusal("", "", locked=False)
            self._view.show_people(self._people)

    def enter(self, pin: str) -> None:
        """A PIN was typed. Nothing happens while one is checked or the person is locked out."""
        person = self._person
        if person is None or self._busy or self._locked_s or self._view is None:
            return
        self._busy = True
        self._view.show_busy(busy=True)

        def check() -> Actor:
            return self._service.sign_in(person.user_id, pin)

        self._runner.submit(self._lane, check, self._accepted, self._refused)

    def close(self) -> None:
        """The screen goes: stop counting."""
        self._end_lock()
        self._view = None

    def _loaded(self, people: Sequence[PersonTile]) -> None:
        self._people = list(people)
        if self._view is None:
            return
        self._view.show_people(self._people)
        if self._only is not None:
            self.choose(self._only)
        elif len(self._people) == 1:
            self.choose(self._people[0].user_id)

    def _load_failed(self, error: Exception) -> None:
        if self._view is not None:
            self._say(as_known(error), locked=False)

    def _accepted(self, actor: Actor) -> None:
        self._busy = False
        person = self._person
        if self._view is not None:
            self._view.show_busy(busy=False)
        if person is not None:
            self._signed_in(actor, person)

    def _refused(self, error: Exception) -> None:
        self._busy = False
        if self._view is None:
            return
        self._view.show_busy(busy=False)
        known = as_known(error)
        seconds = known.params.get("seconds")
        if known.code == "LOCKED_OUT" and isinstance(seconds, int):
            self._lock(seconds)
        else:
            self._say(known, locked=False)

    def _lock(self, seconds: int) -> None:
        self._end_lock()
        self._locked_s = seconds
        self._stop = self._timers.every(1000, self._tick)
        self._show_lock()

    def _tick(self) -> None:
        self._locked_s -= 1
        if self._locked_s > 0:
            self._show_lock()
            return
        self._end_lock()
        if self._view is not None:
            self._view.show_refusal("", "", locked=False)

    def _show_lock(self) -> None:
        self._say(GatehouseError("LOCKED_OUT", seconds=self._locked_s), locked=True)

    def _end_lock(self) -> None:
        self._locked_s = 0
        if self._stop is not None:
            self._stop()
            self._stop = None

    def _say(self, error: GatehouseError, *, locked: bool) -> None:
        if self._view is not None:
            words = sentence(error.code, error.params, self._language())
            self._view.show_refusal(words.title, words.reason or words.advice, locked=locked)
