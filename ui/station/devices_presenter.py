"""The devices page without a window: states, tests with plain advice, and the settings behind each device."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from app.services.facade import DeviceStatus, Frame, ScannedText, Services
from domain.actor import Actor
from domain.errors import GatehouseError
from ui import messages
from ui.gate.model import lost_error
from ui.running import Runner, as_known
from ui.station.book import SettingModel, refusal_words, setting_rows

T = TypeVar("T")

LOOK, DEVICES = "look", "devices"
KEYBOARD = "keyboard"

FIELDS: Mapping[str, tuple[str, ...]] = {
    "camera": ("camera.source",),
    "scanner": ("scanner.port", "scanner.baud", "scanner.gap_ms"),
    "keyboard": ("wedge.gap_ms",),
    "turnstile": (
        "turnstile.port",
        "turnstile.baud",
        "turnstile.open",
        "turnstile.close",
        "turnstile.pulse_ms",
    ),
    "printer": ("print.printer",),
    "gate": ("gate.code", "gate.lane"),
}
"""The devices in the order of the page, and the settings of each."""

ADDRESSES: Mapping[str, str] = {
    "camera": "camera.source",
    "scanner": "scanner.port",
    "turnstile": "turnstile.port",
    "printer": "print.printer",
}
"""The setting that says which device it is; what is plugged in is offered for it."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What is said on a device's card: a fault with what to do, or what a test found."""

    kind: Literal["success", "fault", "info"]
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """A code that arrived while the page was open: from where, how long, its first characters."""

    device: str
    length: int
    start: str


class DevicesView(Protocol):
    """What the presenter tells the window."""

    def show_status(self, status: DeviceStatus) -> None:
        """The state of one device."""
        ...

    def show_advice(self, device: str, advice: Advice | None) -> None:
        """Words on a device's card; None clears."""
        ...

    def show_passed(self, device: str) -> None:
        """A test went well."""
        ...

    def show_heard(self, heard: Heard) -> None:
        """A code arrived."""
        ...

    def show_testing(self, device: str, *, busy: bool) -> None:
        """A test runs, or has ended."""
        ...

    def show_settings(self, rows: Sequence[SettingModel]) -> None:
        """Fill the fields."""
        ...

    def show_found(self, device: str, found: Sequence[tuple[str, str]]) -> None:
        """What is plugged in: (value, description)."""
        ...

    def refuse(self, name: str, words: str) -> None:
        """A value was not taken."""
        ...


class DevicesPresenter:
    """State of the devices page."""

    def __init__(
        self,
        services: Services,
        runner: Runner,
        actor: Callable[[], Actor],
        language: Callable[[], str],
    ) -> None:
        self._services = services
        self._runner = runner
        self._actor = actor
        self._language = language
        self._view: DevicesView
        self._heard: Heard | None = None
        self._callbacks: (
            tuple[Callable[[ScannedText], None], Callable[[Frame], None], Callable[[DeviceStatus], None]]
            | None
        ) = None

    def attach(self, view: DevicesView) -> None:
        """A page was made."""
        self._view = view

    def enter(
        self,
        scanned: Callable[[ScannedText], None],
        framed: Callable[[Frame], None],
        changed: Callable[[DeviceStatus], None],
    ) -> None:
        """The page is on screen: open the devices, read the settings, look what is plugged in. The callbacks
        come from device threads."""
        self._callbacks = (scanned, framed, changed)
        self._start()
        self._read_settings()
        for device in ADDRESSES:
            self._look_for(device)

    def leave(self) -> None:
        """Another page comes: close the devices."""
        self._callbacks = None
        self._runner.submit(
            DEVICES, self._services.devices.stop, _ignore, self._if_open(self._devices_failed)
        )

    def device_changed(self, status: DeviceStatus) -> None:
        """A device listens, or is lost; a fault brings its advice."""
        self._view.show_status(status)
        if status.state == "lost" and status.code is not None:
            self._view.show_advice(status.device, self._advice(lost_error(status)))
        elif status.state in {"listening", "ready"}:
            self._view.show_advice(status.device, None)

    def heard(self, text: str, device: str) -> None:
        """A code arrived while the page was open: proof that the device works. Its beginning is shown."""
        heard = Heard(device, len(text), text[:8])
        if heard != self._heard:  # a camera sees the same code on every frame
            self._heard = heard
            self._view.show_heard(heard)

    def test(self, device: str) -> None:
        """Try a device once."""
        self._heard = None
        self._view.show_advice(device, None)
        self._view.show_testing(device, busy=True)

        def passed(status: DeviceStatus) -> None:
            self._view.show_testing(device, busy=False)
            self._view.show_status(status)
            self._view.show_passed(device)

        def failed(error: Exception) -> None:
            self._view.show_testing(device, busy=False)
            self._view.show_advice(device, self._advice(as_known(error)))

        self._runner.submit(
            DEVICES, lambda: self._services.devices.test(device), self._if_open(passed), self._if_open(failed)
        )

    def keep(self, name: str, value: str) -> None:
        """Keep a setting, then open the devices anew with it."""

        def kept(_nothing: None) -> None:
            self._read_settings()
            self._start()

        def refused(error: Exception) -> None:
            self._view.refuse(name, refusal_words(as_known(error), self._language()))

        actor = self._actor()
        self._runner.submit(
            LOOK,
            lambda: self._services.settings.store(name, value, actor),
            self._if_open(kept),
            self._if_open(refused),
        )

    def _if_open(self, answer: Callable[[T], None]) -> Callable[[T], None]:
        """An answer that comes after the page has gone is not shown."""

        def shown(value: T) -> None:
            if self._callbacks is not None:
                answer(value)

        return shown

    def _start(self) -> None:
        if self._callbacks is None:
            return
        scanned, framed, changed = self._callbacks
        devices = self._services.devices

        def started() -> Sequence[DeviceStatus]:
            devices.start(scanned, framed, changed)
            return devices.statuses()

        self._runner.submit(
            DEVICES, started, self._if_open(self._started), self._if_open(self._devices_failed)
        )

    def _started(self, statuses: Sequence[DeviceStatus]) -> None:
        for status in statuses:
            self.device_changed(status)
        self._view.show_status(DeviceStatus(KEYBOARD, "listening"))

    def _read_settings(self) -> None:
        names = [name for fields in FIELDS.values() for name in fields]
        self._runner.submit(
            LOOK,
            lambda: setting_rows(self._services.settings, names, self._actor()),
            self._if_open(self._settings_known),
            self._if_open(self._not_read),
        )

    def _settings_known(self, rows: Sequence[SettingModel]) -> None:
        self._view.show_settings(rows)

    def _not_read(self, error: Exception) -> None:
        known = as_known(error)
        said = messages.error_message(known, self._language())
        self._view.refuse(str(known.params.get("name", "")), said.text or said.title)

    def _look_for(self, device: str) -> None:
        def found(choices: Sequence[tuple[str, str]]) -> None:
            self._view.show_found(device, choices)

        def nothing(_error: Exception) -> None:
            self._view.show_found(device, ())  # the device's own test says what is wrong

        self._runner.submit(
            LOOK, lambda: self._services.devices.found(device), self._if_open(found), self._if_open(nothing)
        )

    def _devices_failed(self, error: Exception) -> None:
        known = as_known(error)
        device = str(known.params.get("device", "camera"))
        self._view.show_advice(device if device in FIELDS else "camera", self._advice(known))

    def _advice(self, error: GatehouseError) -> Advice:
        said = messages.error_message(error, self._language())
        return Advice("fault", said.title, said.text)


def _ignore(_answer: object) -> None:
    """Nothing to tell."""
