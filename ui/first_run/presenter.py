"""The first start, without Qt: demo data, a new venue, or joining one with an enrolment file or its codes.

Before a machine joins it says what it will be able to see; nothing is asked of the hub until then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from app.services.facade import DeviceStatus, Frame, ScannedText
from app.services.invitations import Invitation
from domain.enrolment_codes import Collection, Taken
from domain.errors import DeviceFault, GatehouseError, Refusal
from ui.messages import sentence
from ui.running import STORE, Runner, as_known

Step = Literal["choose", "new", "join", "camera", "look"]
CAMERA = "camera"
"""The lane of the camera: opening one may take seconds."""

Scanned = Callable[[ScannedText], None]
Framed = Callable[[Frame], None]
Changed = Callable[[DeviceStatus], None]


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

    def look_at_file(self, file: Path) -> Invitation:
        """Read and check an enrolment file, or a picture of its codes."""
        ...

    def look_at(self, text: str) -> Invitation:
        """Check an enrolment file that the camera has read."""
        ...

    def join(self, invitation: Invitation) -> None:
        """Join the venue."""
        ...

    def watch(self, scanned: Scanned, framed: Framed, changed: Changed) -> None:
        """Look through the camera; the three are called from its own threads."""
        ...

    def unwatch(self) -> None:
        """Let go of the camera."""
        ...


class FirstRunView(Protocol):
    """What the presenter tells the widget."""

    def show_step(self, step: Step) -> None:
        """Show this step."""
        ...

    def show_busy(self, *, busy: bool) -> None:
        """Work is under way."""
        ...

    def show_codes(self, missing: list[int], of: int, said: Taken | None) -> None:
        """Which codes are still to be held to the camera, of how many (0: none was seen yet); `said`: what
        the last one was, None at the beginning."""
        ...

    def show_camera(self, title: str, text: str) -> None:
        """Why there is no picture; an empty title: there is one, or will be."""
        ...

    def show_invitation(self, invitation: Invitation) -> None:
        """What this machine would be, and be able to see."""
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
        self._watching = False
        self._codes = Collection()
        self._invitation: Invitation | None = None

    def attach(self, view: FirstRunView) -> None:
        """Start."""
        self._view = view
        view.show_step("choose")

    def go(self, step: Step) -> None:
        """To one of the steps; not while work is under way."""
        if self._view is not None and not self._busy:
            self.close_camera()
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

    def open_file(self, file: str) -> None:
        """Read this enrolment file, or picture of its codes, and say what is in it."""
        if not file.strip():
            self._refuse(GatehouseError("FIELD_EMPTY"), "file")
            return
        path = Path(file.strip())
        self._look(lambda: self._service.look_at_file(path))

    def open_camera(self, scanned: Scanned, framed: Framed, changed: Changed) -> None:
        """Begin to collect the codes that are held to the camera."""
        if self._view is None or self._busy or self._watching:
            return
        self._watching, self._codes = True, Collection()
        self._view.show_refusal("", "")
        self._view.show_step("camera")
        self._view.show_camera("", "")
        self._view.show_codes([], 0, None)
        self._runner.submit(
            CAMERA, lambda: self._service.watch(scanned, framed, changed), _nothing, self._no_camera
        )

    def close_camera(self) -> None:
        """Let go of it; what was collected is forgotten."""
        if self._watching:
            self._watching = False
            self._runner.submit(CAMERA, self._service.unwatch, _nothing, _nothing)

    def camera_changed(self, status: DeviceStatus) -> None:
        """The camera was opened, or lost."""
        if self._watching and self._view is not None:
            fault = DeviceFault(status.code, device=status.device) if status.code else None
            words = sentence(fault.code, fault.params, self._language()) if fault else None
            self._view.show_camera(words.title if words else "", words.text if words else "")

    def take_code(self, scan: ScannedText) -> None:
        """The camera has read a code; with the last one the file is looked at."""
        if not self._watching or self._busy or self._view is None:
            return
        said = self._codes.take(scan.text)
        if said is Taken.KNOWN:
            return
        self._view.show_codes(self._codes.missing, self._codes.of, said)
        if self._codes.complete:
            try:
                text = self._codes.text()
            except Refusal as refusal:
                self._view.show_codes([], 0, None)
                self._refuse(refusal, "")
                return
            self._look(lambda: self._service.look_at(text))

    def join(self) -> None:
        """Join with the invitation that was looked at."""
        invitation = self._invitation
        if invitation is not None:
            self._run(lambda: self._service.join(invitation))

    def _look(self, job: Callable[[], Invitation]) -> None:
        if self._begin():
            self._runner.submit(STORE, job, self._looked, self._look_failed)

    def _looked(self, invitation: Invitation) -> None:
        self._end()
        self._invitation = invitation
        if self._view is not None:
            self.close_camera()
            self._view.show_invitation(invitation)
            self._view.show_step("look")

    def _look_failed(self, error: Exception) -> None:
        self._codes = Collection()
        if self._view is not None and self._watching:
            self._view.show_codes([], 0, None)
        self._failed(error)

    def _no_camera(self, error: Exception) -> None:
        if self._view is not None and self._watching:
            known = as_known(error)
            words = sentence(known.code, known.params, self._language())
            self._view.show_camera(words.title, words.text)

    def _begin(self) -> bool:
        if self._busy or self._view is None:
            return False
        self._busy = True
        self._view.show_refusal("", "")
        self._view.show_busy(busy=True)
        return True

    def _end(self) -> None:
        self._busy = False
        if self._view is not None:
            self._view.show_busy(busy=False)

    def _run(self, job: Callable[[], None]) -> None:
        if self._begin():
            self._runner.submit(STORE, job, self._done, self._failed)

    def _done(self, _nothing: None) -> None:
        self._end()
        self._finished()

    def _failed(self, error: Exception) -> None:
        self._end()
        known = as_known(error)
        self._refuse(known, FIELD_OF_CODE.get(known.code, ""))

    def _refuse(self, error: GatehouseError, field: str) -> None:
        if self._view is not None:
            words = sentence(error.code, error.params, self._language())
            self._view.show_refusal(field, f"{words.title}. {words.text}".strip())


def _nothing(_answer: object) -> None:
    """The camera speaks through its own callbacks."""
