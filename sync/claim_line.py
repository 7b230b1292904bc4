"""One connection for claims, spoken to with a deadline that holds whatever the other side does.

psycopg waits for an answer as long as the socket lives; a gate cannot. So a statement is sent through libpq's
non-blocking calls and given up at the deadline, and a line that was given up is closed: its answer would come
to the next question.
"""

import json
import selectors
from collections.abc import Callable, Sequence

import psycopg
from psycopg import pq

from domain.errors import Fault
from sync.hub_client import HubClient
from sync.hub_errors import fault_of_state

APPLICATION = "gatehouse claims"


class LateError(Exception):
    """No answer by the deadline."""


class ClaimLine:
    """An open connection. `seconds` is a monotonic clock in seconds."""

    def __init__(self, client: HubClient, seconds: Callable[[], float]) -> None:
        self._client = client
        self._pgconn = client.connection.pgconn
        self._seconds = seconds

    @classmethod
    def connect(cls, dsn: str, password: str, seconds: Callable[[], float]) -> "ClaimLine":
        """Raises Fault; takes up to the time-out of connections, so never call it at a gate."""
        return cls(HubClient.connect(dsn, password, APPLICATION), seconds)

    def close(self) -> None:
        """Close; never raises."""
        self._client.close()

    def call(self, statement: bytes, values: Sequence[bytes], until: float) -> object:
        """One statement with one row of one JSON value. Raises LateError, Fault by hub_errors."""
        try:
            self._pgconn.send_query_params(statement, values)
            found = self._result(until)
        except psycopg.Error:
            raise Fault("HUB_UNREACHABLE") from None
        if found is None or found.status != pq.ExecStatus.TUPLES_OK:
            state = found.error_field(pq.DiagnosticField.SQLSTATE) if found is not None else None
            raise fault_of_state(state.decode() if state else None)
        value = found.get_value(0, 0) if found.ntuples == 1 and found.nfields == 1 else None
        try:
            return json.loads(value or b"")
        except ValueError:
            raise Fault("HUB_REPLY", field="reply") from None

    def _result(self, until: float) -> pq.abc.PGresult | None:
        found = None
        with selectors.DefaultSelector() as selector:
            selector.register(self._pgconn.socket, selectors.EVENT_READ)
            while self._pgconn.flush() == 1:
                selector.modify(self._pgconn.socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
                self._wait(selector, until)
                self._pgconn.consume_input()
            selector.modify(self._pgconn.socket, selectors.EVENT_READ)
            while True:
                while self._pgconn.is_busy():
                    self._wait(selector, until)
                    self._pgconn.consume_input()
                result = self._pgconn.get_result()
                if result is None:
                    return found
                found = result

    def _wait(self, selector: selectors.BaseSelector, until: float) -> None:
        left = until - self._seconds()
        if left <= 0 or not selector.select(left):
            raise LateError
