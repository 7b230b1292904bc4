"""Turnstiles: a relay board on a serial port that is pulsed per person, and a simulator.

The pulse is always ended by the closing bytes, also when the lane is told to stop in the middle of it.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from devices.ports import OpenPort, SerialPort, port_errors
from devices.protocols import (
    Direction,
    FaultCode,
    Lane,
    OnPassage,
    OnStatus,
    Passage,
    PassageResult,
    State,
    Status,
    StopSignal,
    fault,
)
from domain.clock import Clock
from domain.errors import DeviceFault

CHECK_EVERY_S = 1.0
SENSOR_POLL_S = 0.02


def hex_bytes(text: str, field_name: str) -> bytes:
    """Bytes written as `A0 01 01 A2`. Raises DeviceFault DEVICE_SETTING with field and value."""
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise fault(FaultCode.DEVICE_SETTING, "turnstile", field=field_name, value=text) from error


@dataclass(frozen=True, slots=True)
class RelayBytes:
    """What opens and closes one direction's relay."""

    opening: bytes
    closing: bytes


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """A relay board: bytes per direction, how long a pulse lasts, and its passage sensor if it has one.

    `passed` are the bytes the board sends when somebody has gone through (empty: no sensor);
    `passage_timeout_ms` is how long a person may take.
    """

    relays: dict[Direction, RelayBytes] = field(
        default_factory=lambda: {
            Direction.IN: RelayBytes(bytes.fromhex("A00101A2"), bytes.fromhex("A00100A1")),
            Direction.OUT: RelayBytes(bytes.fromhex("A00201A3"), bytes.fromhex("A00200A2")),
        }
    )
    pulse_ms: int = 500
    passed: bytes = b""
    passage_timeout_ms: int = 8000


@dataclass(frozen=True, slots=True)
class _Job:
    direction: Direction
    on_passage: OnPassage


class SerialRelayTurnstile:
    """A relay board, worked on its own thread; pulses are done one after the other.

    `wait(seconds)` is how a pulse's length and the sensor's polling pass; it sleeps on a private event if
    not given. A direction without a relay in the settings fails with DEVICE_SETTING.
    """

    def __init__(
        self,
        name: str,
        open_port: OpenPort,
        clock: Clock,
        settings: RelaySettings | None = None,
        *,
        wait: Callable[[float], object] | None = None,
        stop: StopSignal | None = None,
        check_every_s: float = CHECK_EVERY_S,
    ) -> None:
        self._name = name
        self._open = open_port
        self._clock = clock
        self._settings = settings or RelaySettings()
        self._wait = wait or threading.Event().wait
        self._stop = stop or threading.Event()
        self._check_every_s = check_every_s
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._port: SerialPort | None = None
        self._lane: Lane | None = None
        self._on_status: OnStatus

    @property
    def name(self) -> str:
        """The name the operator knows the turnstile by."""
        return self._name

    def start(self, on_status: OnStatus) -> None:
        """Open the port and begin on a thread. Call once."""
        self._on_status = on_status
        self._lane = Lane(self._name, self._work, self._stop)
        self._lane.start()

    def pulse(self, direction: Direction, on_passage: OnPassage) -> None:
        """Open once after the pulses asked for earlier. Raises DeviceFault DEVICE_CLOSED."""
        if self._lane is None or self._stop.is_set():
            raise fault(FaultCode.DEVICE_CLOSED, self._name)
        self._jobs.put(_Job(direction, on_passage))

    def close(self) -> None:
        """Finish the pulse in hand, fail the waiting ones, let go of the port."""
        if self._lane is None:
            return
        self._stop.set()
        self._jobs.put(None)
        self._lane.close(patience_s=3.0 + self._settings.pulse_ms / 1000)
        self._lane = None
        self._on_status(Status(self._name, State.CLOSED))

    def _work(self) -> None:
        self._connect()
        while not self._stop.is_set():
            try:
                job = self._jobs.get(timeout=self._check_every_s)
            except queue.Empty:
                self._check()
                continue
            if job is not None:
                self._do(job)
        self._fail_waiting()
        self._disconnect()

    def _fail_waiting(self) -> None:
        while not self._jobs.empty():
            job = self._jobs.get()
            if job is not None:
                self._tell(job, Passage.FAILED, fault(FaultCode.DEVICE_CLOSED, self._name))

    def _do(self, job: _Job) -> None:
        relay = self._settings.relays.get(job.direction)
        if relay is None:
            problem = fault(
                FaultCode.DEVICE_SETTING, self._name, field="direction", value=job.direction.value
            )
            self._tell(job, Passage.FAILED, problem)
            return
        if self._port is None:
            self._connect()
        port = self._port
        if port is None:
            self._tell(job, Passage.FAILED, fault(FaultCode.TURNSTILE_LOST, self._name))
            return
        try:
            passage = self._open_once(port, relay)
        except port_errors():
            self._lost()
            self._tell(job, Passage.FAILED, fault(FaultCode.TURNSTILE_LOST, self._name))
            return
        self._tell(job, passage, None)

    def _open_once(self, port: SerialPort, relay: RelayBytes) -> Passage:
        if port.in_waiting:
            port.read(port.in_waiting)  # what the sensor said before belongs to nobody's passage
        port.write(relay.opening)
        port.flush()
        try:
            self._wait(self._settings.pulse_ms / 1000)
        finally:
            port.write(relay.closing)
            port.flush()
        return self._passage(port) if self._settings.passed else Passage.OPENED

    def _passage(self, port: SerialPort) -> Passage:
        until_ms = self._clock.monotonic_ms() + self._settings.passage_timeout_ms
        heard = b""
        while True:
            heard = (heard + port.read(port.in_waiting))[-4096:] if port.in_waiting else heard
            if self._settings.passed in heard:
                return Passage.PASSED
            if self._stop.is_set() or self._clock.monotonic_ms() >= until_ms:
                return Passage.TIMED_OUT
            self._wait(SENSOR_POLL_S)

    def _tell(self, job: _Job, passage: Passage, problem: DeviceFault | None) -> None:
        job.on_passage(PassageResult(job.direction, passage, self._clock.monotonic_ms(), problem))

    def _check(self) -> None:
        """While idle: notice that the cable was pulled, and that it is back."""
        if self._port is None:
            self._connect()
            return
        try:
            self._port.in_waiting  # noqa: B018 — asking is the test: a port that is gone raises
        except port_errors():
            self._lost()

    def _connect(self) -> None:
        if self._port is None:
            try:
                self._port = self._open()
            except port_errors():
                self._report_lost()
                return
            self._on_status(Status(self._name, State.LISTENING))

    def _lost(self) -> None:
        self._disconnect()
        self._report_lost()

    def _report_lost(self) -> None:
        self._on_status(Status(self._name, State.LOST, FaultCode.TURNSTILE_LOST.value))

    def _disconnect(self) -> None:
        port, self._port = self._port, None
        if port is None:
            return
        try:
            port.close()
        except port_errors():
            # gone already, and reported as lost
            return


class SimulatedTurnstile:
    """Records its pulses as (time in ms, direction), and answers at once as `outcome` says."""

    def __init__(self, name: str, clock: Clock, outcome: Passage = Passage.OPENED) -> None:
        self._name = name
        self._clock = clock
        self._plugged = True
        self._state = State.CLOSED
        self._lock = threading.Lock()
        self._pulses: list[tuple[int, Direction]] = []
        self.outcome = outcome
        self._on_status: OnStatus

    @property
    def name(self) -> str:
        """The name the operator knows the turnstile by."""
        return self._name

    @property
    def pulses(self) -> tuple[tuple[int, Direction], ...]:
        """The pulses so far."""
        with self._lock:
            return tuple(self._pulses)

    def start(self, on_status: OnStatus) -> None:
        """Begin."""
        self._on_status = on_status
        self._move(State.LISTENING)

    def unplug(self) -> None:
        """Pull the cable: pulses fail until `plug`."""
        self._plugged = False
        self._move(State.LOST, FaultCode.TURNSTILE_LOST.value)

    def plug(self) -> None:
        """Put the cable back."""
        self._plugged = True
        self._move(State.LISTENING)

    def pulse(self, direction: Direction, on_passage: OnPassage) -> None:
        """Open once. Raises DeviceFault DEVICE_CLOSED."""
        if self._state is State.CLOSED:
            raise fault(FaultCode.DEVICE_CLOSED, self._name)
        at_ms = self._clock.monotonic_ms()
        if not self._plugged:
            problem = fault(FaultCode.TURNSTILE_LOST, self._name)
            on_passage(PassageResult(direction, Passage.FAILED, at_ms, problem))
            return
        with self._lock:
            self._pulses.append((at_ms, direction))
        on_passage(PassageResult(direction, self.outcome, at_ms))

    def close(self) -> None:
        """Stop."""
        if self._state is not State.CLOSED:
            self._move(State.CLOSED)

    def _move(self, state: State, code: str | None = None) -> None:
        self._state = state
        self._on_status(Status(self._name, state, code))
