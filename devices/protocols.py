"""What the program expects of its devices: protocols, the values that pass through them, and fault codes.

Every protocol has a real driver and a simulator, and one contract suite in tests/devices runs on both.
Callbacks come from the device's own thread: a window hands them on to its own thread, and returns at once.
"""

import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from domain.errors import DeviceFault, Param

RESTART_S = 1.0

Point = tuple[int, int]
Corners = tuple[Point, Point, Point, Point]
"""Top left, top right, bottom right, bottom left of a code, in pixels of the picture it was found in."""


class FaultCode(StrEnum):
    """Codes of the faults that devices raise or report; each has words in ui.messages."""

    CAMERA_LOST = "CAMERA_LOST"
    CAMERA_NOT_OPENED = "CAMERA_NOT_OPENED"
    PICTURE_NOT_FOUND = "PICTURE_NOT_FOUND"
    PICTURE_UNREADABLE = "PICTURE_UNREADABLE"
    PICTURE_TOO_LARGE = "PICTURE_TOO_LARGE"
    SCANNER_LOST = "SCANNER_LOST"
    TURNSTILE_LOST = "TURNSTILE_LOST"
    PRINTER_UNREACHABLE = "PRINTER_UNREACHABLE"
    PRINTER_GONE = "PRINTER_GONE"
    PRINTER_REFUSED = "PRINTER_REFUSED"
    PRINTER_UNKNOWN = "PRINTER_UNKNOWN"
    PRINTING_UNAVAILABLE = "PRINTING_UNAVAILABLE"
    PRINT_FILE_UNREADABLE = "PRINT_FILE_UNREADABLE"
    PRINT_FOLDER_NOT_WRITABLE = "PRINT_FOLDER_NOT_WRITABLE"
    DEVICE_SETTING = "DEVICE_SETTING"
    DEVICE_CLOSED = "DEVICE_CLOSED"
    CALIBRATION_MISMATCH = "CALIBRATION_MISMATCH"


def fault(code: FaultCode, device: str, **params: Param) -> DeviceFault:
    """A DeviceFault of this code; `device` is the name the operator knows it by."""
    return DeviceFault(code.value, device=device, **params)


class State(StrEnum):
    """How a device is doing; the window shows it beside the device's name."""

    OPENING = "opening"
    LISTENING = "listening"
    LOST = "lost"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Status:
    """State of one device; `code` and `params` say why it is lost, None and empty otherwise."""

    device: str
    state: State
    code: str | None = None
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScanEvent:
    """One sighting of a code. The same code held to a camera is sighted again on every frame.

    `source` is the name of the device, `at_ms` the station's monotonic time, `symbology` for example
    `QRCode` (empty where the scanner does not say), `corners` only from cameras, in camera pixels.
    """

    text: str
    source: str
    at_ms: int
    symbology: str = ""
    corners: Corners | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A camera frame for the screen: `rgb` is width × height × 3 bytes, rows from the top, no padding.

    `outlines` are the codes found in this very frame, already in preview pixels.
    """

    width: int
    height: int
    rgb: bytes
    outlines: tuple[Corners, ...]
    at_ms: int


OnScan = Callable[[ScanEvent], None]
OnStatus = Callable[[Status], None]
OnPreview = Callable[[Preview], None]


class StopSignal(Protocol):
    """The part of threading.Event that lanes use; tests bring one that does not wait."""

    def set(self) -> None:
        """Ask the lane to end."""
        ...

    def is_set(self) -> bool:
        """Whether the lane was asked to end."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait up to `timeout` seconds; True as soon as the lane was asked to end."""
        ...


class Direction(StrEnum):
    """Which way a turnstile lets a person pass."""

    IN = "in"
    OUT = "out"


class Passage(StrEnum):
    """What became of an opening."""

    OPENED = "opened"
    """Opened; this turnstile has no sensor that says whether somebody passed."""
    PASSED = "passed"
    """The sensor confirmed a person."""
    TIMED_OUT = "timed_out"
    """Opened, and nobody passed in the time allowed: the ride goes back."""
    FAILED = "failed"
    """Not opened, or lost while open; `fault` says why."""


@dataclass(frozen=True, slots=True)
class PassageResult:
    """Outcome of one pulse; `at_ms` is when it was known, in the station's monotonic time."""

    direction: Direction
    passage: Passage
    at_ms: int
    fault: DeviceFault | None = None


OnPassage = Callable[[PassageResult], None]


class Turnstile(Protocol):
    """Opens for one person. Called only after the admission is durable: record first, then move metal."""

    @property
    def name(self) -> str:
        """The name the operator knows the device by."""
        ...

    def start(self, on_status: OnStatus) -> None:
        """Begin on a thread of its own."""
        ...

    def pulse(self, direction: Direction, on_passage: OnPassage) -> None:
        """Open once, after the pulses asked for earlier; returns at once.

        `on_passage` is called exactly once, from the device's thread (the simulator's is the caller's, and
        calls before this returns). Raises DeviceFault DEVICE_CLOSED.
        """
        ...

    def close(self) -> None:
        """Finish the pulse in hand, fail the waiting ones, close the relay and let go of the port."""
        ...


class DocumentPrinter(Protocol):
    """Prints PDF files."""

    @property
    def name(self) -> str:
        """The name the operator knows the device by."""
        ...

    def print_pdf(self, path: Path, copies: int = 1) -> None:
        """Hand a PDF over to the printer. Raises DeviceFault; then nothing is known to have been printed."""
        ...


class CashDrawer(Protocol):
    """A drawer that opens on a pulse, as a rule through the receipt printer."""

    def kick(self) -> None:
        """Open the drawer. Raises DeviceFault."""
        ...


class Lane:
    """The one thread a device works on; ends when its stop signal is set.

    A bug in the work or in a callback is handed to `threading.excepthook`, and the work begins anew after a
    pause: one bad frame must not leave a gate without its camera.
    """

    def __init__(self, name: str, work: Callable[[], None], stop: StopSignal) -> None:
        self._stop = stop
        self._work = work
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread; call once."""
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._work()
            except Exception:  # noqa: BLE001 — reported as the bug it is; the device goes on
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), self._thread)))
                self._stop.wait(RESTART_S)

    def close(self, patience_s: float = 3.0) -> None:
        """Ask the thread to end and wait for it; a driver stuck in the system's hands is left behind."""
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(patience_s)
