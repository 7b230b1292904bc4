"""What ends a wait of a lane: a ring from another thread, or something to read on a connection."""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Collection

from sync.hub_client import HubClient
from sync.steps import Until


class Bell:
    """Ends a wait in another thread: rings are kept until somebody waits for their kind."""

    def __init__(self) -> None:
        self._rung: set[Until | None] = set()
        self._lock = threading.Lock()
        self._pair: tuple[socket.socket, socket.socket] | None = None

    def ring(self, kind: Until | None) -> None:
        """Ring; None ends every wait, now and later."""
        with self._lock:
            self._rung.add(kind)
            if self._pair is not None:
                with contextlib.suppress(BlockingIOError):  # full: it rings already
                    self._pair[0].send(b"!")

    def wait(self, seconds: float, until: Collection[Until], also: HubClient | None) -> None:
        """Return after `seconds`, at a ring of a kind in `until`, or when `also` has something to read."""
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._hearing(), selectors.EVENT_READ)
            if also is not None:
                selector.register(also, selectors.EVENT_READ)
            while not self._taken(until):
                left = end - time.monotonic()
                if left <= 0:
                    return
                ready = selector.select(left)
                if any(key.fileobj is also for key, _ in ready):
                    return

    def _hearing(self) -> socket.socket:
        with self._lock:
            if self._pair is None:
                self._pair = socket.socketpair()
                for end in self._pair:
                    end.setblocking(False)
            return self._pair[1]

    def _taken(self, until: Collection[Until]) -> bool:
        with self._lock:
            if self._pair is not None:
                with contextlib.suppress(BlockingIOError):
                    self._pair[1].recv(4096)
            if None in self._rung:
                return True
            heard = self._rung & set(until)
            self._rung -= heard
            return bool(heard)

    def close(self) -> None:
        """Give the sockets back."""
        with self._lock:
            for end in self._pair or ():
                end.close()
            self._pair = None
