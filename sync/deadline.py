"""A wait for an answer that ends: for connections whose other side is gone without a word.

Keepalives and `tcp_user_timeout` notice a peer that does not acknowledge. They notice nothing where something
in between does (a proxy, a NAT box that forgot us), and psycopg waits as long as the socket lives.

One thread watches all waits of the process, so that a call costs a row in a table, not a thread of its own.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType

import psycopg

IDLE_S = 60.0
"""How long the watching thread stays when there is nothing to watch."""


class Watch:
    """Calls what is overdue. The thread begins with the first wait and ends when there has been none for a
    while."""

    def __init__(self, idle_s: float = IDLE_S) -> None:
        self._idle_s = idle_s
        self._changed = threading.Condition()
        self._waits: dict[object, tuple[float, Callable[[], None]]] = {}
        self._looks_at = 0.0
        self._thread: threading.Thread | None = None

    def add(self, seconds: float, act: Callable[[], None]) -> object:
        """Call `act` in so many seconds, unless it is removed by then; answers its name."""
        name = object()
        due = time.monotonic() + seconds
        with self._changed:
            self._waits[name] = (due, act)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._looks_at = due
                self._thread.start()
            elif due < self._looks_at:
                self._changed.notify()
        return name

    def remove(self, name: object) -> None:
        """Do not call it any more; it may be under way."""
        with self._changed:
            self._waits.pop(name, None)

    def _run(self) -> None:
        while True:
            with self._changed:
                now = time.monotonic()
                over = [name for name, (due, _) in self._waits.items() if due <= now]
                acts = [self._waits.pop(name)[1] for name in over]
                if not acts and not self._rested(now):
                    self._thread = None
                    return
            for act in acts:
                act()

    def _rested(self, now: float) -> bool:
        """Wait for the next one that is due; False when there is nothing to wait for."""
        first = min((due for due, _ in self._waits.values()), default=now + self._idle_s)
        self._looks_at = first
        woken = self._changed.wait(first - now)
        return woken or bool(self._waits)


WATCH = Watch()


class Deadline:
    """Around one call: cuts the connection's socket after `seconds`, so that the call fails as a lost one."""

    def __init__(self, connection: psycopg.Connection, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds
        self._name: object = None

    def _cut(self) -> None:
        with (
            contextlib.suppress(OSError, psycopg.Error),  # closed in the same moment
            socket.fromfd(self._connection.fileno(), socket.AF_INET, socket.SOCK_STREAM) as same,
        ):
            same.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> None:
        self._name = WATCH.add(self._seconds, self._cut)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        WATCH.remove(self._name)


Keeper = Callable[[psycopg.Connection, float], AbstractContextManager[None]]
"""What ends a wait on a connection after so many seconds: `Deadline`, where time is the computer's own."""
