"""Where the text of an invitation comes from: a file, pictures of its codes, the camera of this machine."""

import threading
from collections.abc import Callable
from pathlib import Path

from app.services.facade import DeviceStatus, Frame, ScannedText
from app.settings import Settings
from devices.camera import CameraReader
from devices.camera_sources import OpenSource, open_source
from devices.picture_files import decode_file
from devices.protocols import Preview, ScanEvent, State, Status
from devices.qr_decode import FrameDecoder
from domain.clock import Clock
from domain.enrolment import MAX_TEXT
from domain.errors import Fault, Refusal

CAMERA = "camera"
FIRST_CAMERA = "0"
CODE_BUDGET_MS = 60.0
"""More than a gate may take for a frame: these codes are larger than a ticket's, and nobody queues."""

_STATES = {State.OPENING: "opening", State.LISTENING: "listening", State.LOST: "lost", State.CLOSED: "none"}


def read_text(path: Path) -> str:
    """An enrolment file. Raises Refusal ENROLMENT_INVALID (`field` size), Fault FILE_UNREADABLE (file)."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_TEXT + 1)
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise Fault("FILE_UNREADABLE", file=path.name) from None
    if len(raw) > MAX_TEXT:
        raise Refusal("ENROLMENT_INVALID", field="size")
    return text


def read_path(path: str) -> str:
    """The same for a path as text."""
    return read_text(Path(path))


def picture_texts(path: Path) -> list[str]:
    """The texts of all codes in a picture. Raises DeviceFault PICTURE_NOT_FOUND, PICTURE_UNREADABLE,
    PICTURE_TOO_LARGE."""
    return [found.text for found in decode_file(path)]


class EnrolCamera:
    """The camera of a machine that is no station yet: the one its settings name, else the first there is.

    `start` and `stop` may take some seconds: never on the window's thread.
    """

    def __init__(
        self, settings: Settings, clock: Clock, camera_at: Callable[[str], OpenSource] = open_source
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._camera_at = camera_at
        self._lock = threading.Lock()
        self._reader: CameraReader | None = None

    def start(
        self,
        scanned: Callable[[ScannedText], None],
        framed: Callable[[Frame], None],
        changed: Callable[[DeviceStatus], None],
    ) -> None:
        """Begin to look; all three are called from the camera's own threads."""
        self.stop()

        def saw(event: ScanEvent) -> None:
            scanned(ScannedText(event.text, event.source, event.corners))

        def showed(preview: Preview) -> None:
            outline = preview.outlines[0] if preview.outlines else None
            framed(Frame(preview.width, preview.height, preview.rgb, outline))

        def became(status: Status) -> None:
            changed(DeviceStatus(CAMERA, _STATES[status.state], status.code))

        source = self._settings.text("camera.source") or FIRST_CAMERA
        reader = CameraReader(
            CAMERA,
            self._camera_at(source),
            self._clock,
            on_preview=showed,
            decoder=FrameDecoder(CODE_BUDGET_MS, turns=True),
        )
        with self._lock:
            self._reader = reader
        reader.start(saw, became)

    def stop(self) -> None:
        """Let go of the camera. May be called twice."""
        with self._lock:
            reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
