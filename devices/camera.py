"""Camera as a code reader: one thread grabs frames, one decodes the newest; a lost camera comes back alone.

Frames are never queued: while one is being decoded, newer ones replace each other, so what is seen is now.
Every sighting is reported; that a code staying in view is one scan is the gate's rule, not the camera's.
"""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from devices.camera_sources import FrameSource, OpenSource
from devices.protocols import (
    Corners,
    FaultCode,
    Lane,
    OnPreview,
    OnScan,
    OnStatus,
    Preview,
    ScanEvent,
    State,
    Status,
    StopSignal,
    fault,
)
from devices.qr_decode import Found, FrameDecoder
from domain.clock import Clock
from domain.errors import DeviceFault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

RETRY_S = (0.5, 1.0, 2.0, 5.0)
LIVE_BUDGET_MS = 12.0
PREVIEW_WIDTH = 640
PREVIEW_EVERY_MS = 60
_IDLE_S = 0.25


class NewestFrame:
    """A place for one frame: putting replaces what nobody has taken yet."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Image | None = None
        self.replaced = 0

    def put(self, frame: "Image | None") -> None:
        """Leave a frame; None takes the waiting one away (the camera is gone)."""
        with self._changed:
            self.replaced += self._frame is not None
            self._frame = frame
            self._changed.notify()

    def take(self, patience_s: float) -> "Image | None":
        """The newest frame, or None when none came in `patience_s` seconds."""
        with self._changed:
            if self._frame is None:
                self._changed.wait(patience_s)
            frame, self._frame = self._frame, None
            return frame


class CameraReader:
    """Reads codes from the frames of a source and shows a preview.

    `open_source` (see camera_sources) is called again, with pauses of RETRY_S seconds through
    `stop.wait`, while the camera is away. Statuses: opening, listening, lost, closed.
    """

    def __init__(
        self,
        name: str,
        open_source: OpenSource,
        clock: Clock,
        *,
        on_preview: OnPreview | None = None,
        decoder: FrameDecoder | None = None,
        stop: StopSignal | None = None,
    ) -> None:
        self._name = name
        self._open = open_source
        self._clock = clock
        self._on_preview = on_preview
        self._decoder = decoder or FrameDecoder(LIVE_BUDGET_MS, turns=True)
        self._stop = stop or threading.Event()
        self._newest = NewestFrame()
        self._lanes: list[Lane] = []
        self._on_scan: OnScan
        self._on_status: OnStatus
        self._previewed_ms: int | None = None

    @property
    def name(self) -> str:
        """The name the operator knows the camera by."""
        return self._name

    def start(self, on_scan: OnScan, on_status: OnStatus) -> None:
        """Begin on two threads; callbacks come from them and must return at once. Call once."""
        self._on_scan, self._on_status = on_scan, on_status
        self._lanes = [
            Lane(f"{self._name} frames", self._grab, self._stop),
            Lane(f"{self._name} codes", self._decode, self._stop),
        ]
        for lane in self._lanes:
            lane.start()

    def close(self) -> None:
        """Stop both threads, release the camera."""
        if not self._lanes:
            return
        for lane in self._lanes:
            lane.close()
        self._lanes = []
        self._on_status(Status(self._name, State.CLOSED))

    def _grab(self) -> None:
        attempt = 0
        while not self._stop.is_set():
            self._on_status(Status(self._name, State.OPENING))
            problem, seen = self._grab_until_lost()
            if self._stop.is_set():
                return
            self._newest.put(None)
            self._on_status(Status(self._name, State.LOST, problem.code, problem.params))
            attempt = 0 if seen else attempt
            self._stop.wait(RETRY_S[min(attempt, len(RETRY_S) - 1)])
            attempt += 1

    def _grab_until_lost(self) -> tuple[DeviceFault, bool]:
        """Hand frames on until the source fails; the fault, and whether it ever gave a frame."""
        source: FrameSource | None = None
        seen = False
        try:
            source = self._open(self._stop)
            while not self._stop.is_set():
                frame = source.read()
                if frame is None:
                    break
                if not seen:
                    seen = True
                    self._on_status(Status(self._name, State.LISTENING))
                self._newest.put(frame)
        except DeviceFault as problem:
            return fault(FaultCode(problem.code), self._name, **_without_device(problem)), seen
        finally:
            if source is not None:
                source.close()
        return fault(FaultCode.CAMERA_LOST, self._name), seen

    def _decode(self) -> None:
        while not self._stop.is_set():
            frame = self._newest.take(_IDLE_S)
            if frame is None:
                continue
            at_ms = self._clock.monotonic_ms()
            found = self._decoder.decode(frame)
            for code in found:
                self._on_scan(ScanEvent(code.text, self._name, at_ms, code.symbology, code.corners))
            self._preview(frame, found, at_ms)

    def _preview(self, frame: "Image", found: Sequence[Found], at_ms: int) -> None:
        due = self._previewed_ms is None or at_ms - self._previewed_ms >= PREVIEW_EVERY_MS
        if self._on_preview is None or not (due or found):
            return
        self._previewed_ms = at_ms
        self._on_preview(make_preview(frame, [code.corners for code in found], at_ms))


def _without_device(problem: DeviceFault) -> dict[str, str | int | bool | None]:
    return {key: value for key, value in problem.params.items() if key != "device"}


def make_preview(
    frame: "Image", outlines: Sequence[Corners], at_ms: int, width: int = PREVIEW_WIDTH
) -> Preview:
    """A frame (grey, BGR or BGRA) as RGB bytes no wider than `width`, and the outlines at its scale."""
    import cv2
    import numpy as np

    scale = min(1.0, width / frame.shape[1])
    size = (max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale)))
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    channels = 1 if small.ndim == 2 else small.shape[2]
    conversion = {1: cv2.COLOR_GRAY2RGB, 3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGB}[channels]
    rgb = np.ascontiguousarray(cv2.cvtColor(small, conversion))
    return Preview(
        width=size[0],
        height=size[1],
        rgb=rgb.tobytes(),
        outlines=tuple(_scaled(corners, scale) for corners in outlines),
        at_ms=at_ms,
    )


def _scaled(corners: Corners, scale: float) -> Corners:
    first, second, third, fourth = ((round(x * scale), round(y * scale)) for x, y in corners)
    return first, second, third, fourth
