"""Serial barcode scanners: codes by terminator or by silence, a port that vanishes and comes back.

The simulator is a scanner whose trigger is a method call.
"""

import threading

from devices.line_assembler import LineAssembler, LineRules
from devices.ports import OpenPort, SerialPort, port_errors
from devices.protocols import (
    FaultCode,
    Lane,
    OnScan,
    OnStatus,
    ScanEvent,
    State,
    Status,
    StopSignal,
)
from domain.clock import Clock

RETRY_S = (0.2, 0.5, 1.0, 2.0)


class SerialScanner:
    """Reads a port on its own thread. A port that is away is tried again after RETRY_S seconds, for ever.

    What had come of a code when the port vanished is dropped: half a code is none.
    """

    def __init__(
        self,
        name: str,
        open_port: OpenPort,
        clock: Clock,
        *,
        rules: LineRules | None = None,
        stop: StopSignal | None = None,
    ) -> None:
        self._name = name
        self._open = open_port
        self._clock = clock
        self._lines = LineAssembler(rules)
        self._stop = stop or threading.Event()
        self._lane: Lane | None = None
        self._on_scan: OnScan
        self._on_status: OnStatus

    @property
    def name(self) -> str:
        """The name the operator knows the scanner by."""
        return self._name

    def start(self, on_scan: OnScan, on_status: OnStatus) -> None:
        """Begin on a thread; callbacks come from it and must return at once. Call once."""
        self._on_scan, self._on_status = on_scan, on_status
        self._lane = Lane(self._name, self._work, self._stop)
        self._lane.start()

    def close(self) -> None:
        """Stop the thread, let go of the port."""
        if self._lane is None:
            return
        self._lane.close()
        self._lane = None
        self._on_status(Status(self._name, State.CLOSED))

    def _work(self) -> None:
        attempt = 0
        while not self._stop.is_set():
            self._on_status(Status(self._name, State.OPENING))
            attempt = 0 if self._read_until_lost() else attempt
            if self._stop.is_set():
                return
            self._lines.drop()
            self._on_status(Status(self._name, State.LOST, FaultCode.SCANNER_LOST.value))
            self._stop.wait(RETRY_S[min(attempt, len(RETRY_S) - 1)])
            attempt += 1

    def _read_until_lost(self) -> bool:
        """Read until the port fails or the lane ends; whether the port could be opened at all."""
        port: SerialPort | None = None
        try:
            port = self._open()
            self._on_status(Status(self._name, State.LISTENING))
            while not self._stop.is_set():
                self._deliver(port.read(max(1, port.in_waiting)))
        except port_errors():
            return port is not None
        finally:
            if port is not None:
                _let_go(port)
        return True

    def _deliver(self, received: bytes) -> None:
        at_ms = self._clock.monotonic_ms()
        codes = self._lines.feed(received, at_ms) if received else self._lines.flush(at_ms)
        for text in codes:
            self._on_scan(ScanEvent(text, self._name, at_ms))


def _let_go(port: SerialPort) -> None:
    try:
        port.close()
    except port_errors():
        # a port whose cable was pulled may fail to close as well; it is gone either way, and reported as lost
        return


class SimulatedScanner:
    """A scanner whose trigger is `scan`. It can be unplugged; what is scanned meanwhile is not seen."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._lock = threading.Lock()
        self._state = State.CLOSED
        self._on_scan: OnScan
        self._on_status: OnStatus

    @property
    def name(self) -> str:
        """The name the operator knows the scanner by."""
        return self._name

    def start(self, on_scan: OnScan, on_status: OnStatus) -> None:
        """Begin to listen."""
        self._on_scan, self._on_status = on_scan, on_status
        self._move(State.OPENING)
        self._move(State.LISTENING)

    def scan(self, text: str) -> None:
        """Pull the trigger on a code; nothing happens while the scanner is not listening."""
        with self._lock:
            if self._state is not State.LISTENING:
                return
        self._on_scan(ScanEvent(text, self._name, self._clock.monotonic_ms()))

    def unplug(self) -> None:
        """Pull the cable."""
        self._move(State.LOST, FaultCode.SCANNER_LOST.value)

    def plug(self) -> None:
        """Put the cable back."""
        self._move(State.OPENING)
        self._move(State.LISTENING)

    def close(self) -> None:
        """Stop listening."""
        if self._state is not State.CLOSED:
            self._move(State.CLOSED)

    def _move(self, state: State, code: str | None = None) -> None:
        with self._lock:
            self._state = state
        self._on_status(Status(self._name, state, code))
