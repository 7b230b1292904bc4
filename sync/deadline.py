"""A wait for an answer that ends: for connections whose other side is gone without a word.

Keepalives and `tcp_user_timeout` notice a peer that does not acknowledge. They notice nothing where something
in between does (a proxy, a NAT box that forgot us), and psycopg waits as long as the socket lives.
"""

import contextlib
import socket
import threading
from types import TracebackType

import psycopg


class Deadline:
    """Around one call: cuts the connection's socket after `seconds`, so that the call fails as a lost one."""

    def __init__(self, connection: psycopg.Connection, seconds: float) -> None:
        self._connection = connection
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def _cut(self) -> None:
        with (
            contextlib.suppress(OSError, psycopg.Error),  # closed in the same moment
            socket.fromfd(self._connection.fileno(), socket.AF_INET, socket.SOCK_STREAM) as same,
        ):
            same.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
