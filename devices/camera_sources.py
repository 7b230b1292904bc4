"""Where frames come from: a camera or stream through OpenCV, picture files, or the simulator.

A source belongs to the one thread that opened it. `read` waits for the next frame; None means that the
source is gone (unplugged, stream ended) and has to be opened again.
"""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from devices.opencv import quiet_opencv
from devices.picture_files import PICTURES, read_picture
from devices.protocols import FaultCode, StopSignal, fault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

STREAM_TIMEOUT_MS = 5000
DEFAULT_FPS = 30.0
PICTURE_FRAMES = 15
"""How many frames each picture of a folder is held in front of the simulated camera."""

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class FrameSource(Protocol):
    """An opened source of frames."""

    def read(self) -> "Image | None":
        """The next frame (grey, BGR or BGRA, uint8), or None when the source is gone."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


OpenSource = Callable[[StopSignal], FrameSource]
"""Opens a source; the signal interrupts its waiting. Raises DeviceFault."""


def open_source(address: str, width: int = 1280, height: int = 720) -> OpenSource:
    """The way to open `address`: a device number (`0`), a URL, a video, a picture or a folder of pictures.

    `width` × `height` is asked of a camera; it may give another size.
    """
    text = address.strip()
    if text.isdecimal():
        return lambda _stop: CaptureSource(int(text), width, height)
    if _URL.match(text):
        return lambda _stop: CaptureSource(text, width, height)
    path = Path(text)
    if path.is_dir() or path.suffix.lower() in PICTURES:
        return lambda stop: PictureSource(path, stop)
    return lambda stop: VideoSource(path, stop)


def public_name(address: str) -> str:
    """The address as it may be shown and logged: of a URL only scheme and host (it may hold a password)."""
    text = address.strip()
    if not _URL.match(text):
        return Path(text).name or text
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.hostname or ''}"


class CaptureSource:
    """A camera or a network stream through OpenCV. Raises DeviceFault CAMERA_NOT_OPENED."""

    def __init__(self, address: int | str, width: int, height: int) -> None:
        import cv2

        quiet_opencv()
        self._capture: Any
        if isinstance(address, int):
            self._capture = cv2.VideoCapture(address)
        else:
            limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, STREAM_TIMEOUT_MS]
            limits += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, STREAM_TIMEOUT_MS]
            self._capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, limits)
        if not self._capture.isOpened():
            self._capture.release()
            raise fault(FaultCode.CAMERA_NOT_OPENED, "camera", source=public_name(str(address)))
        if isinstance(address, int):
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
            self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    def read(self) -> "Image | None":
        """The next frame, BGR; None when the camera was unplugged or the stream broke off."""
        read, frame = self._capture.read()
        return frame if read else None

    def close(self) -> None:
        """Release the camera."""
        self._capture.release()


class VideoSource:
    """A video file at its own speed, from the beginning again when it ends."""

    def __init__(self, path: Path, stop: StopSignal) -> None:
        import cv2

        quiet_opencv()
        if not path.exists():
            raise fault(FaultCode.PICTURE_NOT_FOUND, "camera", file=path.name)
        self._stop = stop
        self._capture: Any = cv2.VideoCapture(str(path))
        if not self._capture.isOpened():
            raise fault(FaultCode.PICTURE_UNREADABLE, "camera", file=path.name)
        self._pause_s = 1.0 / (self._capture.get(cv2.CAP_PROP_FPS) or DEFAULT_FPS)
        self._rewind = (cv2.CAP_PROP_POS_FRAMES, 0)

    def read(self) -> "Image | None":
        """The next frame, BGR; None when the file cannot be read any more."""
        self._stop.wait(self._pause_s)
        read, frame = self._capture.read()
        if not read:
            self._capture.set(*self._rewind)
            read, frame = self._capture.read()
        return frame if read else None

    def close(self) -> None:
        """Close the file."""
        self._capture.release()


class PictureSource:
    """A picture, or the pictures of a folder in the order of their names, held up one after the other.

    The folder is looked at again after its last picture, so pictures can be added while it runs.
    """

    def __init__(self, path: Path, stop: StopSignal) -> None:
        self._path = path
        self._stop = stop
        self._pictures = self._listed()
        self._held = 0
        self._image: Image | None = None

    def _listed(self) -> list[Path]:
        if self._path.is_dir():
            found = sorted(file for file in self._path.iterdir() if file.suffix.lower() in PICTURES)
        else:
            found = [self._path] if self._path.is_file() else []
        if not found:
            raise fault(FaultCode.PICTURE_NOT_FOUND, "camera", file=self._path.name)
        return found

    def read(self) -> "Image | None":
        """The picture held up now. Raises DeviceFault for a file that is no picture."""
        self._stop.wait(1.0 / DEFAULT_FPS)
        if self._image is None or self._held >= PICTURE_FRAMES:
            if not self._pictures:
                self._pictures = self._listed()
            self._image = read_picture(self._pictures.pop(0))
            self._held = 0
        self._held += 1
        return self._image

    def close(self) -> None:
        """Nothing is held open between pictures."""


class FrameFeeder:
    """The simulated camera: shows what it is given, and can be unplugged.

    Pass `feeder.open` where a camera wants an OpenSource. Methods may be called from any thread.
    """

    def __init__(self, frame_interval_s: float = 1.0 / DEFAULT_FPS) -> None:
        self._interval_s = frame_interval_s
        self._changed = threading.Condition()
        self._image: Image | None = None
        self._fresh = False
        self._plugged = True

    def open(self, _stop: StopSignal) -> "FrameFeeder":
        """The camera itself as an opened source. Raises DeviceFault CAMERA_NOT_OPENED while unplugged."""
        with self._changed:
            if not self._plugged:
                raise fault(FaultCode.CAMERA_NOT_OPENED, "camera", source="simulator")
        return self

    def show(self, image: "Image") -> None:
        """Hold a picture (grey, BGR or BGRA) before the camera until another one is shown."""
        with self._changed:
            self._image, self._fresh = image, True
            self._changed.notify_all()

    def clear(self) -> None:
        """Nothing before the camera: an even grey."""
        self.show(_blank())

    def unplug(self) -> None:
        """Pull the cable: reading ends, opening fails until `plug`."""
        with self._changed:
            self._plugged = False
            self._changed.notify_all()

    def plug(self) -> None:
        """Put the cable back."""
        with self._changed:
            self._plugged = True
            self._changed.notify_all()

    def read(self) -> "Image | None":
        """The picture held up, at once when it has just changed, else after one frame's time."""
        with self._changed:
            if not self._fresh and self._plugged:
                self._changed.wait(self._interval_s)
            self._fresh = False
            if not self._plugged:
                return None
            return _blank() if self._image is None else self._image

    def close(self) -> None:
        """The simulator stays; it can be opened again."""


def _blank() -> "Image":
    import numpy as np

    return np.full((720, 1280), 128, np.uint8)
