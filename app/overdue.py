"""Gives up, in the background, reservations that nobody paid in time, as far as their right is here."""

import threading
from collections.abc import Callable, Sequence

import structlog

from domain.errors import GatehouseError

EVERY_S = 30.0


class OverdueWatch:
    """Looks every half minute while the program runs; with or without a hub."""

    def __init__(self, release: Callable[[], Sequence[str]], every_s: float = EVERY_S) -> None:
        self._release = release
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="overdue", daemon=True)
            self._thread.start()

    def look(self) -> None:
        """Once. What hinders it (a full disk, a busy file) is logged, and tried again the next time."""
        try:
            given_up = self._release()
        except GatehouseError as error:
            structlog.get_logger().warning("overdue_not_released", code=error.code)
            return
        if given_up:
            structlog.get_logger().info("overdue_released", orders=len(given_up))

    def stop(self) -> None:
        """End it, and wait for what it is just doing."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            self.look()
