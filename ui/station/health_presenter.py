"""Ready for doors, without a window: what is in order, what is not, and what to do about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.services.health import AMBER, DEVICES, GREEN, NAMES, NOT_SET_UP, RED, Check, Readiness
from domain.actor import Actor, Permission
from ui import messages
from ui.running import Beat, Latest, Runner, Timers, as_known

LOOK, TESTS = "look", "devices"
SHOWN_MS, WATCHED_MS = 15_000, 60_000
"""How often it is looked at again: while the page is in front, and else."""

GROUPS = (
    ("station", ("hub", "data age", "places", "clock", "disk", "backup", "print queue", "restored")),
    ("devices", (*DEVICES, "sound")),
    ("keys", ("certificate", "root key", "recovery key", "keystore")),
)
_WORST_FIRST = {RED: 0, AMBER: 1, GREEN: 2}


class Checking(Protocol):
    """app.services.health.CheckReadiness."""

    def __call__(self, actor: Actor) -> Readiness: ...
    def try_device(self, device: str, actor: Actor) -> Check: ...


class HealthServices(Protocol):
    """The part of `app.services.facade.Services` that is needed here."""

    @property
    def check_readiness(self) -> Checking: ...


@dataclass(frozen=True, slots=True)
class LineModel:
    """A check. `title` and `text` are empty where all is well; `absent`: a device that is not set up;
    `testable`: a device that is."""

    name: str
    state: str
    title: str = ""
    text: str = ""
    absent: bool = False
    testable: bool = False


@dataclass(frozen=True, slots=True)
class HealthModel:
    """Everything. `groups` are (key, lines), what needs somebody first."""

    state: str
    red: int
    amber: int
    groups: Sequence[tuple[str, Sequence[LineModel]]]


class HealthView(Protocol):
    """What the presenter tells the window."""

    def show_health(self, model: HealthModel) -> None:
        """Everything anew."""
        ...

    def show_testing(self, device: str, *, busy: bool) -> None:
        """A test runs, or has ended."""
        ...

    def show_trouble(self, title: str, text: str) -> None:
        """It could not be looked at; an empty title clears."""
        ...


class HealthPresenter:
    """Looks again now and then as long as somebody is signed in, so that the rail tells in time."""

    def __init__(
        self,
        services: HealthServices,
        runner: Runner,
        timers: Timers,
        actor: Callable[[], Actor],
        language: Callable[[], str],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed` is called when the number of red checks is another than before."""
        self._services, self._runner = services, runner
        self._actor, self._language, self._changed = actor, language, changed
        self._answers: Latest[Readiness] = Latest(runner, LOOK)
        self._shown = Beat(timers, SHOWN_MS, self.look)
        self._watched = Beat(timers, WATCHED_MS, self.look)
        self._view: HealthView | None = None
        self._testing: set[str] = set()
        self._red = 0

    @property
    def red(self) -> int:
        """How many checks were red when it was last looked at."""
        return self._red

    def attach(self, view: HealthView) -> None:
        """A page was made."""
        self._view = view

    def enter(self) -> None:
        """The page is in front."""
        self._shown.start()

    def left(self) -> None:
        """The page is not in front any more."""
        self._shown.stop()

    def watch(self) -> None:
        """Somebody has signed in: look now and again from here on."""
        self._watched.start()

    def leave(self) -> None:
        """The window goes."""
        self._shown.stop()
        self._watched.stop()
        self._answers.drop()
        self._view = None

    def look(self) -> None:
        """Look at everything in the background. People who have no business with it are not told."""
        actor = self._actor()
        if not any(actor.may(one) for one in (Permission.STATION, Permission.ADMIT, Permission.SELL)):
            return
        self._answers.ask(lambda: self._services.check_readiness(actor), self._known, self._failed)

    def test(self, device: str) -> None:
        """Try a device, then look at everything again."""
        if device in self._testing:
            return
        self._testing.add(device)
        self._tell_testing(device)

        def ended(_answer: object) -> None:
            self._testing.discard(device)
            self._tell_testing(device)
            self.look()

        actor = self._actor()
        self._runner.submit(
            TESTS, lambda: self._services.check_readiness.try_device(device, actor), ended, ended
        )

    def test_all(self, devices: Sequence[str]) -> None:
        """Try these one after the other; a turnstile is moved only by its own button."""
        for device in devices:
            if device != "turnstile":
                self.test(device)

    def _tell_testing(self, device: str) -> None:
        if self._view is not None:
            self._view.show_testing(device, busy=device in self._testing)

    def _known(self, readiness: Readiness) -> None:
        before, self._red = self._red, readiness.count(RED)
        if self._view is not None:
            self._view.show_trouble("", "")
            self._view.show_health(self._model(readiness))
        if before != self._red:
            self._changed()

    def _model(self, readiness: Readiness) -> HealthModel:
        lines = {check.name: self._line(check) for check in readiness.checks}
        groups = []
        for key, names in GROUPS:
            found = [lines[name] for name in names if name in lines]
            found.sort(key=lambda line: (_WORST_FIRST[line.state], NAMES.index(line.name)))
            if found:
                groups.append((key, found))
        return HealthModel(readiness.state, readiness.count(RED), readiness.count(AMBER), groups)

    def _line(self, check: Check) -> LineModel:
        absent = check.facts == NOT_SET_UP
        testable = check.name in DEVICES and not absent
        if check.advice is None:
            return LineModel(check.name, check.state, absent=absent, testable=testable)
        said = messages.error_message(check.advice, self._language())
        return LineModel(check.name, check.state, said.title, said.text, absent, testable)

    def _failed(self, error: Exception) -> None:
        if self._view is not None:
            said = messages.error_message(as_known(error), self._language())
            self._view.show_trouble(said.title, said.text)
