"""What nobody expected: written to the log with its trace first, then shown once, with a copy button."""

import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

import structlog
from PySide6.QtCore import QObject, Qt, Signal, Slot

_LOGGER = "gatehouse.bugs"

PAUSE_MS = 30_000
"""After one report, others are only logged for this long."""

Show = Callable[[str], None]
"""Shows the text of a report to the person."""


class BugReports(QObject):
    """The one place for unexpected errors of windows, tasks and threads.

    `show` is given the text to copy; `monotonic_ms` is the clock's. `install` catches what nothing else does.
    """

    _raised = Signal(object)

    def __init__(self, show: Show, monotonic_ms: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._show = show
        self._monotonic_ms = monotonic_ms
        self._last_ms: int | None = None
        self._raised.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Become the hook for exceptions that reach the top of the GUI thread or of any other thread."""
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook

    def uninstall(self) -> None:
        """Give Python its own hooks back."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def report(self, error: BaseException) -> None:
        """Log now, on whatever thread this is; tell the person from the GUI thread, if not told just now."""
        text = "".join(traceback.format_exception(error))
        structlog.get_logger(_LOGGER).error("unexpected_error", trace=text, error_type=type(error).__name__)
        self._raised.emit(text)

    @Slot(object)
    def _tell(self, text: object) -> None:
        now = self._monotonic_ms()
        if self._last_ms is None or now - self._last_ms >= PAUSE_MS:
            self._last_ms = now
            self._show(str(text))

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self.report(error)

    def _thread_hook(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.report(args.exc_value)
