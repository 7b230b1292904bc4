"""The first start, without Qt: demo data, a new venue, or joining one with an enrolment file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from domain.errors import GatehouseError
from ui.messages import sentence
from ui.running import STORE, Runner, as_known

Step = Literal["choose", "new", "join"]


@dataclass(frozen=True, slots=True)
class NewVenue:
    """What a new venue needs; `zone` is an IANA name, `currency` an ISO 4217 code."""

    organization: str
    currency: str
    zone: str
    station: str
    login: str
    admin_name: str
    pin: str


class FirstRun(Protocol):
    """The use cases behind the three choices; each may take seconds and refuses with a code."""

    def start_demo(self) -> None:
        """Fill this station with demo data."""
        ...

    def make_venue(self, venue: NewVenue) -> None:
        """Make the organization, this station, and its first admin."""
        ...

    def join(self, file: Path) -> None:
        """Join a venue by its enrolment file."""
        ...


class FirstRunView(Protocol):
    """What the presenter tells the widget."""

    def show_step(self, step: Step) -> None:
        """Show this step."""
        ...

    def show_busy(self, *, busy: bool) -> None:
        """Work is under way."""
        ...

    def show_refusal(self, field: str, words: str) -> None:
        """Beside the field of this name; `` (empty) is the whole step, empty words clear everything."""
        ...


FIELD_OF_CODE = {
    "CURRENCY_UNKNOWN": "currency",
    "ZONE_UNKNOWN": "zone",
    "PIN_UNFIT": "pin",
    "LOGIN_TAKEN": "login",
    "LOGIN_INVALID": "login",
    "FIELD_EMPTY": "",
}


class FirstRunPresenter:
    """Owns the state of the screen; `finished` is called once the station is ready."""

    def __init__(
        self, service: FirstRun, runner: Runner, finished: Callable[[], None], language: Callable[[], str]
    ) -> None:
        self._service, self._runner = service, runner
        self._finished, self._language = finished, language
        self._view: FirstRunView | None = None
        self._busy = False

    def attach(self, view: FirstRunView) -> None:
        """Start."""
        self._view = view
        view.show_step("choose")

    def go(self, step: Step) -> None:
        """To one of the steps; not while work is under way."""
        if self._view is not None and not self._busy:
            self._view.show_refusal("", "")
            self._view.show_step(step)

    def demo(self) -> None:
        """Start with demo data."""
        self._run(self._service.start_demo)

    def make(self, venue: NewVenue, pin_again: str) -> None:
        """Make a new venue. An empty field or PINs that differ are refused beside their field."""
        if self._view is None:
            return
        self._view.show_refusal("", "")
        empty = [name for name in NewVenue.__dataclass_fields__ if not getattr(venue, name).strip()]
        if empty:
            self._refuse(GatehouseError("FIELD_EMPTY"), empty[0])
        elif venue.pin != pin_again:
            self._refuse(GatehouseError("PIN_DIFFERS"), "pin_again")
        else:
            self._run(lambda: self._service.make_venue(venue))

    def join(self, file: str) -> None:
        """Join with this file."""
        if not file.strip():
            self._refuse(GatehouseError("FIELD_EMPTY"), "file")
            return
        path = Path(file.strip())
        self._run(lambda: self._service.join(path))

    def _run(self, job: Callable[[], None]) -> None:
        if self._busy or self._view is None:
            return
        self._busy = True
        self._view.show_refusal("", "")
        self._view.show_busy(busy=True)
        self._runner.submit(STORE, job, self._done, self._failed)

    def _done(self, _nothing: None) -> None:
        self._busy = False
        if self._view is not None:
            self._view.show_busy(busy=False)
        self._finished()

    def _failed(self, error: Exception) -> None:
        self._busy = False
        if self._view is not None:
            self._view.show_busy(busy=False)
        known = as_known(error)
        self._refuse(known, FIELD_OF_CODE.get(known.code, ""))

    def _refuse(self, error: GatehouseError, field: str) -> None:
        if self._view is not None:
            words = sentence(error.code, error.params, self._language())
            self._view.show_refusal(field, f"{words.title}. {words.text}".strip())
