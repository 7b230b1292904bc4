"""From the threads of devices to the thread of the window: codes, states, the newest frame."""

import threading

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.services.facade import DeviceStatus, Frame, ScannedText


class DeviceBridge(QObject):
    """Give `take_scan`, `take_frame` and `take_status` to the devices; listen to the signals.

    The `take_…` methods may be called from any thread, return at once, and do nothing while the bridge is
    closed. A frame that the window has not shown yet is replaced by the next one.
    """

    scanned = Signal(object)
    framed = Signal(object)
    changed = Signal(object)
    _crossed = Signal(object)
    _frame_waits = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self._open = False
        queued = Qt.ConnectionType.QueuedConnection
        self._crossed.connect(self._arrived, queued)
        self._frame_waits.connect(self._show_newest, queued)

    def open(self) -> None:
        """Let things through."""
        with self._lock:
            self._open = True

    def close(self) -> None:
        """Let nothing through from now on: the page is leaving."""
        with self._lock:
            self._open = False
            self._frame = None

    def take_scan(self, scan: ScannedText) -> None:
        """A device read a code."""
        with self._lock:
            if self._open:
                self._crossed.emit(scan)

    def take_status(self, status: DeviceStatus) -> None:
        """A device changed its state."""
        with self._lock:
            if self._open:
                self._crossed.emit(status)

    def take_frame(self, frame: Frame) -> None:
        """The camera has a new picture."""
        with self._lock:
            if not self._open:
                return
            first, self._frame = self._frame is None, frame
            if first:
                self._frame_waits.emit()

    @Slot(object)
    def _arrived(self, thing: object) -> None:
        if not self._open:
            return
        if isinstance(thing, DeviceStatus):
            self.changed.emit(thing)
        else:
            self.scanned.emit(thing)

    @Slot()
    def _show_newest(self) -> None:
        with self._lock:
            frame, self._frame = self._frame, None
        if frame is not None:
            self.framed.emit(frame)
