"""What a running station does for itself now and then: end what was kept long enough, index the trail.

Nothing here is urgent, and all of it can be done twice: by two windows, at two stations, after a kill.
"""

import threading
from collections.abc import Callable, Sequence

import structlog

from domain.errors import GatehouseError

EVERY_S = 600.0
FIRST_S = 30.0

Chore = tuple[str, Callable[[], int]]
"""A name for the log, and what is done; it answers how much."""


class Housekeeping:
    """Looks half a minute after the start and every ten minutes then."""

    def __init__(
        self,
        chores: Sequence[Chore],
        first_s: float = FIRST_S,
        every_s: float = EVERY_S,
        stopping: threading.Event | None = None,
    ) -> None:
        """`stopping` is set by `stop`; a chore that takes long looks at it between its pieces."""
        self._chores = chores
        self._pauses = (first_s, every_s)
        self._stopping = stopping or threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)
            self._thread.start()

    def look(self) -> None:
        """Once. What hinders a chore is logged, and tried again the next time; the others go on."""
        for name, chore in self._chores:
            if self._stopping.is_set():
                return
            try:
                done = chore()
            except GatehouseError as error:
                structlog.get_logger().warning("chore_put_off", chore=name, code=error.code)
                continue
            if done:
                structlog.get_logger().info("chore_done", chore=name, count=done)

    def stop(self) -> None:
        """End it, and wait for what it is just doing."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        first, every = self._pauses
        pause = first
        while not self._stopping.wait(pause):
            self.look()
            pause = every
