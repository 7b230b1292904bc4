"""Keys of a keyboard-wedge scanner, taken out of the stream before any field or button sees them.

Drives the recogniser of devices/wedge.py, which it only knows by the Protocols below. It looks at keys as
they enter a window (before Qt hands them to the widget with the focus), so each key is judged once.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

SHIFT, CTRL, ALT, META = 1, 2, 4, 8
"""Bits of the modifiers given to the key factory."""


class KeyStep(Protocol):
    """What the recogniser wants done; `replay` holds events made by the key factory."""

    @property
    def swallow(self) -> bool:
        """Eat the present event."""
        ...

    @property
    def replay(self) -> Sequence[Any]:
        """Keys of a person, to be delivered now; each has the `payload` it was made with."""
        ...

    @property
    def scan(self) -> str | None:
        """A scanned text."""
        ...

    @property
    def wake_at_ms(self) -> int | None:
        """When to call `on_timeout`; None for not at all."""
        ...


class WedgeRecognizer(Protocol):
    """Tells scanners from people by rhythm (devices.wedge.WedgeRecogniser)."""

    @property
    def holding(self) -> bool:
        """Whether keys are held back now."""
        ...

    def on_key(self, event: Any) -> KeyStep:
        """A key went down or up."""
        ...

    def on_timeout(self, now_ms: int) -> KeyStep:
        """Silence."""
        ...

    def on_focus_lost(self) -> KeyStep:
        """The application is no longer in front."""
        ...


class MakeKey(Protocol):
    """Makes the recogniser's event (devices.wedge.KeyEvent); `modifiers` are the bits above."""

    def __call__(
        self,
        *,
        text: str,
        at_ms: int,
        key: int,
        native: int | None,
        modifiers: int,
        pressed: bool,
        auto_repeat: bool,
        payload: object,
    ) -> Any:
        """The event, which comes back in `KeyStep.replay`."""
        ...


class WedgeFilter(QObject):
    """Installs itself on the application; `scanned` is called with each text on the GUI thread."""

    def __init__(
        self,
        app: QApplication,
        recognizer: WedgeRecognizer,
        make_key: MakeKey,
        scanned: Callable[[str], object],
        monotonic_ms: Callable[[], int],
    ) -> None:
        super().__init__(app)
        self._app = app
        self._recognizer = recognizer
        self._make_key = make_key
        self._scanned = scanned
        self._monotonic_ms = monotonic_ms
        self._offset_ms: int | None = None
        self._replaying = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._timed_out)
        app.installEventFilter(self)
        app.applicationStateChanged.connect(self._state_changed)

    def uninstall(self) -> None:
        """Let all keys pass from now on."""
        self._app.removeEventFilter(self)
        self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._replaying or not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            if self._recognizer.holding:
                event.accept()
                return True
            return False
        if not isinstance(watched, QWindow):
            return False
        if event.type() not in {QEvent.Type.KeyPress, QEvent.Type.KeyRelease}:
            return False
        step = self._recognizer.on_key(self._key(event))
        self._do(step)
        return step.swallow

    def _key(self, event: QKeyEvent) -> Any:
        native = event.nativeVirtualKey() if sys.platform == "darwin" else event.nativeScanCode()
        return self._make_key(
            text=event.text(),
            at_ms=self._at_ms(event),
            key=native if native and not _is_modifier(event) else event.key(),
            native=native or None,
            modifiers=_bits(event.modifiers()),
            pressed=event.type() == QEvent.Type.KeyPress,
            auto_repeat=event.isAutoRepeat(),
            payload=(event.clone(), _target()),
        )

    def _at_ms(self, event: QKeyEvent) -> int:
        """The system's time of the event; our own where it has none."""
        now, stamp = self._monotonic_ms(), int(event.timestamp())
        if stamp == 0:
            return now - (self._offset_ms or 0)
        offset = now - stamp
        self._offset_ms = offset if self._offset_ms is None else min(self._offset_ms, offset)
        return stamp

    def _now_ms(self) -> int:
        return self._monotonic_ms() - (self._offset_ms or 0)

    def _do(self, step: KeyStep) -> None:
        for key in step.replay:
            self._replay(key.payload)
        if step.wake_at_ms is None:
            self._timer.stop()
        else:
            self._timer.start(max(0, step.wake_at_ms - self._now_ms()))
        if step.scan is not None:
            self._scanned(step.scan)

    def _replay(self, payload: tuple[QKeyEvent, QObject | None]) -> None:
        event, target = payload
        receiver = target if target is not None and isValid(target) else _target()
        if receiver is None:
            return
        self._replaying = True
        try:
            QCoreApplication.sendEvent(receiver, event)
        finally:
            self._replaying = False

    def _timed_out(self) -> None:
        self._do(self._recognizer.on_timeout(self._now_ms()))

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state != Qt.ApplicationState.ApplicationActive:
            self._do(self._recognizer.on_focus_lost())


def _target() -> QObject | None:
    """Where Qt would deliver a key now."""
    widget: QWidget | None = QApplication.activePopupWidget() or QApplication.focusWidget()
    return widget or QApplication.activeWindow() or QGuiApplication.focusWindow()


def _is_modifier(event: QKeyEvent) -> bool:
    return Qt.Key.Key_Shift <= event.key() <= Qt.Key.Key_CapsLock or event.key() == Qt.Key.Key_AltGr


def _bits(modifiers: Qt.KeyboardModifier) -> int:
    names = Qt.KeyboardModifier
    pairs = (
        (names.ShiftModifier, SHIFT),
        (names.ControlModifier, CTRL),
        (names.AltModifier, ALT),
        (names.MetaModifier, META),
    )
    return sum(bit for name, bit in pairs if modifiers & name)
