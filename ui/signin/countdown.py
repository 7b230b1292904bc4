"""A lock-out that runs down on screen, second by second. No Qt."""

from collections.abc import Callable

from domain.errors import GatehouseError
from ui.running import Cancel, Timers


class Countdown:
    """`show(seconds)` at the start and every second, `over()` at the end."""

    def __init__(self, timers: Timers, show: Callable[[int], None], over: Callable[[], None]) -> None:
        self._timers, self._show, self._over = timers, show, over
        self._left = 0
        self._stop: Cancel | None = None

    @property
    def running(self) -> bool:
        """Whether somebody still has to wait."""
        return self._left > 0

    def start(self, seconds: int) -> None:
        """Count down from here; a count that runs is replaced."""
        self.stop()
        if seconds > 0:
            self._left = seconds
            self._stop = self._timers.every(1000, self._tick)
            self._show(seconds)

    def stop(self) -> None:
        """Not any more; `over` is not called."""
        self._left = 0
        if self._stop is not None:
            self._stop()
            self._stop = None

    def _tick(self) -> None:
        self._left -= 1
        if self._left > 0:
            self._show(self._left)
        else:
            self.stop()
            self._over()


def seconds_locked(error: GatehouseError) -> int:
    """How long a refusal locks out; 0 for any other."""
    seconds = error.params.get("seconds")
    return seconds if error.code == "LOCKED_OUT" and isinstance(seconds, int) else 0
