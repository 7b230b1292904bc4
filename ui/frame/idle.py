"""Notices that nobody has touched the machine for a while. The counting knows no Qt; the filter feeds it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from ui.running import Beat, Timers

LOOK_MS = 1_000
_ACTS = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
    }
)


class IdleWatch:
    """Calls `idle` once after so long without `touched`; counted on the clock that nobody can set."""

    def __init__(
        self,
        monotonic_ms: Callable[[], int],
        timers: Timers,
        after_ms: Callable[[], int],
        idle: Callable[[], None],
    ) -> None:
        """`after_ms` is asked each time, so that a changed setting counts at once."""
        self._now, self._after, self._idle = monotonic_ms, after_ms, idle
        self._last = monotonic_ms()
        self._told = False
        self._beat = Beat(timers, LOOK_MS, self._look)

    def start(self) -> None:
        """Begin to count."""
        self.touched()
        self._beat.start()

    def stop(self) -> None:
        """Not any more."""
        self._beat.stop()

    def touched(self) -> None:
        """Somebody is there."""
        self._last = self._now()
        self._told = False

    def quiet_ms(self) -> int:
        """For how long nobody has touched anything."""
        return self._now() - self._last

    def _look(self) -> None:
        if not self._told and self.quiet_ms() >= self._after():
            self._told = True
            self._idle()


class ActivityFilter(QObject):
    """Tells of every key, press and move inside the program's windows; takes nothing away."""

    def __init__(self, app: QApplication, touched: Callable[[], None]) -> None:
        super().__init__(app)
        self._app, self._touched = app, touched
        app.installEventFilter(self)

    def uninstall(self) -> None:
        """Stop listening."""
        self._app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _ACTS and isinstance(watched, QWidget):
            self._touched()
        return False
