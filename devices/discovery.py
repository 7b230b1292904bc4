"""What is plugged in and installed: facts for the device settings and for `gatehouse doctor`.

Looking never takes long and never disturbs a device in use: on Linux cameras are read from the system's
list, elsewhere a few indexes are tried on a thread that is not waited for beyond `timeout_s`.
"""

import ctypes.util
import importlib.util
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from devices.opencv import quiet_opencv
from devices.printers import list_printers
from domain.errors import DeviceFault, Param

CAMERA_INDEXES = 4
PROBE_TIMEOUT_S = 4.0
VIDEO4LINUX = Path("/sys/class/video4linux")


class Level(StrEnum):
    """How a finding is to be taken."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact: what was looked at, how good it is, the code of an advice (None: nothing to do)."""

    subject: str
    level: Level
    advice: str | None = None
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera: the index to open it by, and its name where the system tells it."""

    index: int
    name: str


@dataclass(frozen=True, slots=True)
class Port:
    """A serial port: the address to open it by, and what the system says is behind it."""

    address: str
    description: str


def list_cameras(
    platform: str = sys.platform, listing: Path = VIDEO4LINUX, timeout_s: float = PROBE_TIMEOUT_S
) -> list[Camera]:
    """The cameras of this machine; those found within `timeout_s` seconds where they must be tried."""
    if platform.startswith("linux"):
        return _listed_cameras(listing)
    found: list[Camera] = []
    prober = threading.Thread(target=_try_cameras, args=(found,), name="camera probe", daemon=True)
    prober.start()
    prober.join(timeout_s)
    return list(found)


def _listed_cameras(listing: Path) -> list[Camera]:
    """Capture nodes only: a camera's second node carries metadata and has `index` 1."""
    cameras = []
    for node in listing.glob("video*"):
        number = node.name.removeprefix("video")
        role = node / "index"
        if number.isdecimal() and (not role.exists() or role.read_text().strip() == "0"):
            cameras.append(Camera(int(number), _first_line(node / "name") or node.name))
    return sorted(cameras, key=lambda camera: camera.index)


def _first_line(file: Path) -> str:
    return file.read_text(errors="replace").strip() if file.exists() else ""


def _try_cameras(found: list[Camera]) -> None:
    import cv2

    quiet_opencv()
    for index in range(CAMERA_INDEXES):
        capture = cv2.VideoCapture(index)
        if capture.isOpened():
            found.append(Camera(index, f"camera {index}"))
        capture.release()


def list_serial_ports() -> list[Port]:
    """The serial ports that the system lists."""
    from serial.tools import list_ports

    return [Port(port.device, port.description or "") for port in sorted(list_ports.comports())]


def findings() -> list[Finding]:
    """Everything `doctor` says about devices."""
    return [*libraries(), cameras(list_cameras()), serial_ports(list_serial_ports()), printers()]


def libraries() -> list[Finding]:
    """Whether the libraries that read, print and talk to ports can be loaded."""
    needed = {
        "zxing-cpp": "zxingcpp",
        "opencv": "cv2",
        "pyserial": "serial",
        "python-escpos": "escpos",
        "pypdfium2": "pypdfium2",
    }
    found = [
        Finding(name, Level.GREEN)
        if importlib.util.find_spec(module)
        else Finding(name, Level.RED, "LIBRARY_MISSING", {"library": name})
        for name, module in needed.items()
    ]
    return [*found, zbar(ctypes.util.find_library("zbar"), importlib.util.find_spec("pyzbar") is not None)]


def zbar(library: str | None, package: bool) -> Finding:
    """The second opinion on codes; on Linux and macOS it needs the system's libzbar."""
    if not package:
        return Finding("zbar", Level.AMBER, "LIBRARY_MISSING", {"library": "pyzbar"})
    if library is None and sys.platform != "win32":  # the Windows package carries its own
        return Finding("zbar", Level.AMBER, "ZBAR_MISSING")
    return Finding("zbar", Level.GREEN)


def cameras(found: list[Camera]) -> Finding:
    """Whether there is a camera."""
    if not found:
        return Finding("cameras", Level.AMBER, "NO_CAMERA")
    return Finding("cameras", Level.GREEN, None, {"count": len(found), "first": found[0].name})


def serial_ports(found: list[Port]) -> Finding:
    """Whether there are serial ports; many stations need none."""
    return Finding("serial ports", Level.GREEN, None, {"count": len(found)})


def printers(platform: str = sys.platform, environment: Mapping[str, str] | None = None) -> Finding:
    """Whether the system can print."""
    try:
        found = list_printers(platform, environment)
    except DeviceFault as problem:
        return Finding("printers", Level.AMBER, problem.code, problem.params)
    if not found:
        return Finding("printers", Level.AMBER, "NO_PRINTER")
    return Finding("printers", Level.GREEN, None, {"count": len(found), "first": found[0]})
