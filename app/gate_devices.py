"""The devices of a station, built from its settings, as windows use them: camera, scanner, turnstile…

Drivers report from their own threads; what they report is translated into the values of app.services.facade
and handed on from the same thread. Nothing is opened before `start` (or the first pulse of the turnstile).
"""

import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from app.services.facade import DeviceStatus, Frame, ScannedText
from app.settings import Settings
from devices.camera import CameraReader
from devices.camera_sources import OpenSource, open_source, public_name
from devices.discovery import list_cameras, list_serial_ports
from devices.line_assembler import LineRules
from devices.ports import OpenPort, port_errors, serial_port
from devices.printers import SystemPrinter, list_printers
from devices.protocols import (
    Direction,
    FaultCode,
    PassageResult,
    Preview,
    ScanEvent,
    State,
    Status,
    Turnstile,
    fault,
)
from devices.serial_scanner import SerialScanner
from devices.turnstile import RelayBytes, RelaySettings, SerialRelayTurnstile, SimulatedTurnstile, hex_bytes
from domain.clock import Clock
from domain.errors import DeviceFault

CAMERA, SCANNER, TURNSTILE, PRINTER = "camera", "scanner", "turnstile", "printer"
NAMES = (CAMERA, SCANNER, TURNSTILE, PRINTER)
SIMULATED = "simulated"
NOT_SET = "DEVICE_NOT_SET"
PATIENCE_S = 2.0
"""How long beyond its pulse a turnstile may stay silent, and how long a test waits for a frame."""

Scanned = Callable[[ScannedText], None]
Framed = Callable[[Frame], None]
Changed = Callable[[DeviceStatus], None]

_STATES = {
    State.OPENING: "opening",
    State.LISTENING: "listening",
    State.LOST: "lost",
    State.CLOSED: "opening",
}
"""A closed device is one that will be opened with the next `start`."""


class DeviceSet:
    """Implements app.services.facade.GateDevices; `turnstile` and `printer` are ports of the use cases.

    `start` and `stop` are called from one thread at a time and may take some seconds: never on the window's.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        camera_at: Callable[[str], OpenSource] = open_source,
        port_at: Callable[[str, int], OpenPort] = serial_port,
        environment: Mapping[str, str] | None = None,
        printer: "StationPrinter | None" = None,
    ) -> None:
        """`camera_at` and `port_at` open what an address names; `environment` replaces that of the system's
        print commands, `printer` takes the place of the system's printer."""
        self._settings = settings
        self._clock = clock
        self._camera_at, self._port_at = camera_at, port_at
        self._environment = environment
        self._lock = threading.Lock()
        self._known: dict[str, DeviceStatus] = {}
        self._camera: CameraReader | None = None
        self._scanner: SerialScanner | None = None
        self._turnstile: Turnstile | None = None
        self._scanned: Scanned | None = None
        self._framed: Framed | None = None
        self._changed: Changed | None = None
        self._fresh_frame = threading.Event()
        self.turnstile = GateTurnstile(self)
        self.printer: StationPrinter = printer or GatePrinter(settings, environment)

    @property
    def has_turnstile(self) -> bool:
        """Whether the settings name one."""
        return bool(self._settings.text("turnstile.port"))

    def start(self, scanned: Scanned, framed: Framed, changed: Changed) -> None:
        """Open what the settings name and begin to listen; what is missing is reported and tried again.

        Raises DeviceFault DEVICE_SETTING, Refusal SETTING_INVALID.
        """
        self.stop()
        with self._lock:
            self._scanned, self._framed, self._changed = scanned, framed, changed
        if source := self._settings.text("camera.source"):
            self._camera = CameraReader(
                CAMERA, self._camera_at(source), self._clock, on_preview=self._on_preview
            )
            self._camera.start(self._on_scan, self._on_status)
        if self._settings.text("scanner.port"):
            rules = LineRules(idle_gap_ms=self._settings.number("scanner.gap_ms"))
            self._scanner = SerialScanner(SCANNER, self._scanner_port(), self._clock, rules=rules)
            self._scanner.start(self._on_scan, self._on_status)
        if self.has_turnstile:
            self.open_turnstile()

    def stop(self) -> None:
        """Close all of it; a pulse in hand is finished. May be called twice."""
        with self._lock:
            self._scanned = self._framed = self._changed = None
        for device in (self._camera, self._scanner, self._turnstile):
            if device is not None:
                device.close()
        self._camera = self._scanner = self._turnstile = None
        with self._lock:
            self._known.clear()

    def statuses(self) -> Sequence[DeviceStatus]:
        """camera, scanner, turnstile, printer: each with its state; quick, asks no device."""
        with self._lock:
            known = dict(self._known)
        return [known.get(name) or self._at_rest(name) for name in NAMES]

    def test(self, device: str) -> DeviceStatus:
        """Try a device once: see a frame, open the scanner's port, open the turnstile, ask for the printer.

        Raises DeviceFault: DEVICE_NOT_SET, and what the driver says.
        """
        if self._at_rest(device).state == "none":
            raise DeviceFault(NOT_SET, device=device)
        tests = {
            CAMERA: self._test_camera,
            SCANNER: self._test_scanner,
            TURNSTILE: self._test_turnstile,
            PRINTER: self.printer.check,
        }
        tests[device]()
        found = next(status for status in self.statuses() if status.device == device)
        return found if found.state in {"listening", "ready"} else replace(found, state="ready", code=None)

    def found(self, device: str) -> Sequence[tuple[str, str]]:
        """What is plugged in or installed, as (address for the settings, description)."""
        if device == CAMERA:
            return [(str(camera.index), camera.name) for camera in list_cameras()]
        if device in {SCANNER, TURNSTILE}:
            return [(port.address, port.description) for port in list_serial_ports()]
        return [(name, name) for name in list_printers(environment=self._environment)]

    def open_turnstile(self) -> Turnstile:
        """The turnstile, opened if it was not. Raises DeviceFault DEVICE_NOT_SET, DEVICE_SETTING."""
        with self._lock:
            made = self._turnstile is None
            if self._turnstile is None:
                self._turnstile = self._make_turnstile()
            turnstile = self._turnstile
        if made:
            turnstile.start(self._on_status)
        return turnstile

    def pulse_ms(self) -> int:
        """How long the turnstile stays open."""
        return self._settings.number("turnstile.pulse_ms")

    def _make_turnstile(self) -> Turnstile:
        port = self._settings.text("turnstile.port")
        if not port:
            raise DeviceFault(NOT_SET, device=TURNSTILE)
        if port == SIMULATED:
            return SimulatedTurnstile(TURNSTILE, self._clock)
        relay = RelayBytes(
            hex_bytes(self._settings.text("turnstile.open"), "turnstile.open"),
            hex_bytes(self._settings.text("turnstile.close"), "turnstile.close"),
        )
        settings = RelaySettings({Direction.IN: relay, Direction.OUT: relay}, self.pulse_ms())
        opened = self._port_at(port, self._settings.number("turnstile.baud"))
        return SerialRelayTurnstile(TURNSTILE, opened, self._clock, settings)

    def _scanner_port(self) -> OpenPort:
        return self._port_at(self._settings.text("scanner.port"), self._settings.number("scanner.baud"))

    def _at_rest(self, device: str) -> DeviceStatus:
        """What the settings alone say."""
        if device == PRINTER:
            state = "ready" if self.printer.present() else "none"
            return DeviceStatus(device, state, detail=self._settings.text("print.printer"))
        setting = {CAMERA: "camera.source", SCANNER: "scanner.port", TURNSTILE: "turnstile.port"}[device]
        address = self._settings.text(setting)
        return DeviceStatus(device, "opening" if address else "none", detail=_shown(address))

    def _test_camera(self) -> None:
        if self._camera is None:
            source = self._camera_at(self._settings.text("camera.source"))(threading.Event())
            try:
                if source.read() is None:
                    raise fault(FaultCode.CAMERA_LOST, CAMERA)
            finally:
                source.close()
            return
        self._fresh_frame.clear()
        if not self._fresh_frame.wait(PATIENCE_S):
            with self._lock:
                known = self._known.get(CAMERA)
            raise DeviceFault(
                known.code if known and known.code else FaultCode.CAMERA_LOST.value,
                device=CAMERA,
                source=_shown(self._settings.text("camera.source")),
            )

    def _test_scanner(self) -> None:
        with self._lock:
            known = self._known.get(SCANNER)
        if known is not None and known.state == "listening":
            return
        try:
            self._scanner_port()().close()
        except port_errors():
            raise fault(FaultCode.SCANNER_LOST, SCANNER) from None

    def _test_turnstile(self) -> None:
        self.turnstile.pulse("entry")

    def _on_scan(self, event: ScanEvent) -> None:
        with self._lock:
            scanned = self._scanned
        if scanned is not None:
            scanned(ScannedText(event.text, event.source, event.corners))

    def _on_preview(self, preview: Preview) -> None:
        self._fresh_frame.set()
        with self._lock:
            framed = self._framed
        if framed is not None:
            outline = preview.outlines[0] if preview.outlines else None
            framed(Frame(preview.width, preview.height, preview.rgb, outline))

    def _on_status(self, status: Status) -> None:
        state = _STATES[status.state]
        if status.device == TURNSTILE and status.state is State.LISTENING:
            state = "ready"
        detail = next((str(value) for name, value in status.params.items() if name != "device"), "")
        told = DeviceStatus(status.device, state, status.code, detail or self._at_rest(status.device).detail)
        with self._lock:
            self._known[status.device] = told
            changed = self._changed
        if changed is not None:
            changed(told)


class GateTurnstile:
    """The use cases' turnstile: waits until the metal has moved, so that a fault is known in time."""

    def __init__(self, devices: DeviceSet) -> None:
        self._devices = devices

    def pulse(self, direction: str) -> None:
        """Open once. Raises DeviceFault: DEVICE_NOT_SET, TURNSTILE_LOST, DEVICE_SETTING, DEVICE_CLOSED."""
        turnstile = self._devices.open_turnstile()
        way = Direction.IN if direction == "entry" else Direction.OUT
        came: queue.SimpleQueue[PassageResult] = queue.SimpleQueue()
        turnstile.pulse(way, came.put)
        try:
            result = came.get(timeout=self._devices.pulse_ms() / 1000 + PATIENCE_S)
        except queue.Empty:
            raise fault(FaultCode.TURNSTILE_LOST, TURNSTILE) from None
        if result.fault is not None:
            raise result.fault


class StationPrinter(Protocol):
    """The use cases' printer."""

    def print_pdf(self, path: str, title: str) -> None:
        """Hand a PDF over. Raises DeviceFault."""
        ...

    def check(self) -> None:
        """Whether it would print. Raises DeviceFault."""
        ...

    def present(self) -> bool:
        """Whether there is any; quick."""
        ...


class GatePrinter:
    """The use cases' printer: the one the settings name, or the system's default."""

    def __init__(self, settings: Settings, environment: Mapping[str, str] | None = None) -> None:
        self._settings = settings
        self._environment = environment

    def print_pdf(self, path: str, title: str) -> None:
        """Hand a PDF over. Raises DeviceFault. The system shows its own title."""
        del title
        SystemPrinter(self._settings.text("print.printer"), environment=self._environment).print_pdf(
            Path(path)
        )

    def present(self) -> bool:
        """Whether this system can print at all."""
        command = "powershell" if sys.platform == "win32" else "lp"
        path = self._environment.get("PATH") if self._environment else None
        return shutil.which(command, path=path) is not None

    def check(self) -> None:
        """Whether the system knows the printer. Raises DeviceFault PRINTER_UNKNOWN, PRINTING_UNAVAILABLE,
        PRINTER_GONE."""
        wanted = self._settings.text("print.printer")
        known = list_printers(environment=self._environment)
        if not known or (wanted and wanted not in known):
            raise fault(FaultCode.PRINTER_UNKNOWN, PRINTER, printer=wanted)


class SystemOpener:
    """Implements app.services.facade.FileOpener with the program the system has for a file."""

    def __init__(
        self, platform: str = sys.platform, environment: Mapping[str, str] | None = None, wait_s: float = 1.0
    ) -> None:
        """`wait_s`: how long the opening command may take to say that it failed."""
        self._platform = platform
        self._environment = dict(environment) if environment is not None else None
        self._wait_s = wait_s
        self._running: list[subprocess.Popen[bytes]] = []

    def open(self, path: str) -> None:
        """Show the file; returns when its program was started. Raises DeviceFault PRINT_FILE_UNREADABLE
        (file), VIEWER_UNAVAILABLE (file)."""
        shown = Path(path)
        if not shown.exists():
            raise fault(FaultCode.PRINT_FILE_UNREADABLE, "viewer", file=shown.name)
        if not (self._start_file(shown) if self._platform == "win32" else self._run_opener(shown)):
            raise DeviceFault("VIEWER_UNAVAILABLE", device="viewer", file=shown.name)

    def _start_file(self, shown: Path) -> bool:
        start_file: Callable[[str], None] | None = getattr(os, "startfile", None)
        if start_file is None:
            return False
        try:
            start_file(str(shown.resolve()))
        except OSError:
            return False
        return True

    def _run_opener(self, shown: Path) -> bool:
        name = "open" if self._platform == "darwin" else "xdg-open"
        path_list = self._environment.get("PATH") if self._environment is not None else None
        program = shutil.which(name, path=path_list)
        return program is not None and self._started([program, str(shown.resolve())])

    def _started(self, command: list[str]) -> bool:
        """Run it; whether it is still running after a moment, or ended well."""
        self._running = [process for process in self._running if process.poll() is None]
        quiet = subprocess.DEVNULL
        try:
            process = subprocess.Popen(
                command, stdin=quiet, stdout=quiet, stderr=quiet, env=self._environment
            )
            return process.wait(self._wait_s) == 0
        except subprocess.TimeoutExpired:
            self._running.append(process)
            return True
        except OSError:
            return False


def _shown(address: str) -> str:
    """An address as it may be shown: stream addresses without their passwords."""
    return public_name(address) if address else ""
