"""Turnstiles: the relay board over a real serial line and the simulator, one contract for both."""

import threading

import pytest

from devices.protocols import Direction, Passage, State
from devices.turnstile import (
    RelayBytes,
    RelaySettings,
    SerialRelayTurnstile,
    SimulatedTurnstile,
    hex_bytes,
)
from domain.errors import DeviceFault
from tests.builders import FakeClock
from tests.devices.waiting import Collected

OPEN_IN, CLOSE_IN = hex_bytes("A0 01 01 A2", "in_open"), hex_bytes("A0 01 00 A1", "in_close")
OPEN_OUT, CLOSE_OUT = hex_bytes("A0 02 01 A3", "out_open"), hex_bytes("A0 02 00 A2", "out_close")
SETTINGS = RelaySettings(
    {Direction.IN: RelayBytes(OPEN_IN, CLOSE_IN), Direction.OUT: RelayBytes(OPEN_OUT, CLOSE_OUT)},
    pulse_ms=400,
)


class Board:
    """A relay board: remembers when which bytes came, and can be unplugged."""

    def __init__(self, clock):
        self.clock, self.plugged, self.says = clock, True, b""
        self.heard, self.opened = [], 0

    def open(self):
        self._demand()
        self.opened += 1
        return self

    def _demand(self):
        if not self.plugged:
            raise OSError("gone")

    @property
    def in_waiting(self):
        self._demand()
        return len(self.says)

    def read(self, size=1):
        self._demand()
        answer, self.says = self.says[:size], self.says[size:]
        return answer

    def write(self, data):
        self._demand()
        self.heard.append((self.clock.monotonic_ms(), data))
        return len(data)

    def flush(self):
        self._demand()

    def close(self):
        pass


class RelayRig:
    """The driver with a board; waiting moves the clock and takes no time."""

    def __init__(self, settings=SETTINGS):
        self.clock = FakeClock()
        self.board = Board(self.clock)
        self.during = lambda: None
        self.turnstile = SerialRelayTurnstile(
            "turnstile", self.board.open, self.clock, settings, wait=self._wait, check_every_s=0.005
        )

    def _wait(self, seconds):
        self.clock.advance(seconds=seconds)
        self.during()

    def pulses(self):
        names = {OPEN_IN: Direction.IN, OPEN_OUT: Direction.OUT}
        return [names[data] for _, data in self.board.heard if data in names]

    def unplug(self):
        self.board.plugged = False

    def plug(self):
        self.board.plugged = True


class SimulatorRig:
    """The simulator."""

    def __init__(self):
        self.clock = FakeClock()
        self.turnstile = SimulatedTurnstile("turnstile", self.clock)
        self.unplug, self.plug = self.turnstile.unplug, self.turnstile.plug

    def pulses(self):
        return [direction for _, direction in self.turnstile.pulses]


def start(rig):
    rig.statuses, rig.passages = Collected(), Collected()
    rig.turnstile.start(rig.statuses)
    rig.statuses.wait_state(State.LISTENING)
    return rig


@pytest.fixture(params=[RelayRig, SimulatorRig])
def rig(request):
    rig = start(request.param())
    yield rig
    rig.turnstile.close()


def test_each_pulse_opens_once_in_its_direction_and_in_order(rig):
    for direction in (Direction.IN, Direction.OUT, Direction.IN):
        rig.turnstile.pulse(direction, rig.passages)
    results = rig.passages.wait_count(3)
    assert rig.pulses() == [Direction.IN, Direction.OUT, Direction.IN]
    assert [(result.direction, result.passage) for result in results] == [
        (Direction.IN, Passage.OPENED),
        (Direction.OUT, Passage.OPENED),
        (Direction.IN, Passage.OPENED),
    ]


def test_a_pulse_without_the_board_fails_and_says_so_and_works_again_later(rig):
    rig.unplug()
    rig.turnstile.pulse(Direction.IN, rig.passages)
    (failed,) = rig.passages.wait_count(1)
    assert (failed.passage, failed.fault.code) == (Passage.FAILED, "TURNSTILE_LOST")
    assert failed.fault.params["device"] == "turnstile"
    rig.statuses.wait_state(State.LOST)
    seen = len(rig.statuses.items)
    rig.plug()
    rig.statuses.wait_state(State.LISTENING, after=seen)
    rig.turnstile.pulse(Direction.IN, rig.passages)
    assert rig.passages.wait_count(2)[1].passage is Passage.OPENED
    assert rig.pulses() == [Direction.IN]


def test_a_closed_turnstile_refuses_pulses(rig):
    rig.turnstile.close()
    rig.turnstile.close()
    with pytest.raises(DeviceFault) as raised:
        rig.turnstile.pulse(Direction.IN, rig.passages)
    assert raised.value.code == "DEVICE_CLOSED"
    assert [status.state for status in rig.statuses.items].count(State.CLOSED) == 1


@pytest.fixture
def relay():
    rig = start(RelayRig())
    yield rig
    rig.turnstile.close()


def test_the_relay_is_closed_when_the_pulse_is_over(relay):
    begun = relay.clock.monotonic_ms()
    relay.turnstile.pulse(Direction.IN, relay.passages)
    (result,) = relay.passages.wait_count(1)
    assert relay.board.heard == [(begun, OPEN_IN), (begun + 400, CLOSE_IN)]
    assert result.at_ms == begun + 400


def test_the_relay_is_closed_also_when_the_program_ends_in_the_middle_of_a_pulse(relay):
    in_pulse, go_on = threading.Event(), threading.Event()
    relay.during = lambda: (in_pulse.set(), go_on.wait(10))
    relay.turnstile.pulse(Direction.IN, relay.passages)
    relay.turnstile.pulse(Direction.OUT, relay.passages)
    assert in_pulse.wait(10)
    closing = threading.Thread(target=relay.turnstile.close)
    closing.start()
    while not relay.turnstile._stop.is_set():
        in_pulse.wait(0.001)
    go_on.set()
    closing.join(10)
    assert [data for _, data in relay.board.heard] == [OPEN_IN, CLOSE_IN]
    first, second = relay.passages.items
    assert first.passage is Passage.OPENED
    assert (second.passage, second.fault.code) == (Passage.FAILED, "DEVICE_CLOSED")


def test_a_cable_pulled_during_the_pulse_is_a_failed_passage(relay):
    relay.during = relay.unplug
    relay.turnstile.pulse(Direction.IN, relay.passages)
    (result,) = relay.passages.wait_count(1)
    assert (result.passage, result.fault.code) == (Passage.FAILED, "TURNSTILE_LOST")


def test_a_cable_pulled_while_idle_is_noticed_and_so_is_its_return(relay):
    relay.unplug()
    relay.statuses.wait_state(State.LOST)
    seen = len(relay.statuses.items)
    relay.plug()
    relay.statuses.wait_state(State.LISTENING, after=seen)


def test_a_direction_without_a_relay_is_a_fault_of_the_settings():
    rig = start(RelayRig(RelaySettings({Direction.IN: RelayBytes(OPEN_IN, CLOSE_IN)})))
    rig.turnstile.pulse(Direction.OUT, rig.passages)
    (result,) = rig.passages.wait_count(1)
    rig.turnstile.close()
    assert (result.fault.code, result.fault.params["value"]) == ("DEVICE_SETTING", "out")
    assert rig.board.heard == []


@pytest.fixture
def sensing():
    rig = start(RelayRig(RelaySettings(SETTINGS.relays, 400, passed=b"\xa1\x02", passage_timeout_ms=3000)))
    yield rig
    rig.turnstile.close()


def test_the_sensor_confirms_the_passage(sensing):
    def person():
        if sensing.clock.monotonic_ms() == begun + 500:
            sensing.board.says = b"\xa1"
        if sensing.clock.monotonic_ms() == begun + 900:
            sensing.board.says = b"\x02"

    begun, sensing.during = sensing.clock.monotonic_ms(), person
    sensing.turnstile.pulse(Direction.IN, sensing.passages)
    (result,) = sensing.passages.wait_count(1)
    assert (result.passage, result.at_ms) == (Passage.PASSED, begun + 900)


def test_nobody_passing_in_time_gives_the_ride_back(sensing):
    begun = sensing.clock.monotonic_ms()
    sensing.turnstile.pulse(Direction.IN, sensing.passages)
    (result,) = sensing.passages.wait_count(1)
    assert result.passage is Passage.TIMED_OUT
    assert 3400 <= result.at_ms - begun <= 3420


def test_what_the_sensor_said_before_the_pulse_belongs_to_nobody(sensing):
    sensing.board.says = b"\xa1\x02"
    sensing.turnstile.pulse(Direction.IN, sensing.passages)
    assert sensing.passages.wait_count(1)[0].passage is Passage.TIMED_OUT


def test_pulses_go_over_a_real_serial_line(tmp_path):
    import os

    from devices.ports import serial_port

    board, station = os.openpty()
    turnstile = SerialRelayTurnstile(
        "turnstile", serial_port(os.ttyname(station)), FakeClock(), SETTINGS, wait=lambda _: None
    )
    passages = Collected()
    turnstile.start(Collected())
    turnstile.pulse(Direction.OUT, passages)
    assert passages.wait_count(1)[0].passage is Passage.OPENED
    heard = b""
    while len(heard) < len(OPEN_OUT + CLOSE_OUT):  # a pty hands bytes over in pieces of its own
        heard += os.read(board, 100)
    assert heard == OPEN_OUT + CLOSE_OUT
    turnstile.close()
    os.close(board)
    os.close(station)


@pytest.mark.parametrize("text", ["A0 0", "XY", "A0-01"])
def test_bytes_that_are_not_hexadecimal_are_refused_with_their_field(text):
    with pytest.raises(DeviceFault) as raised:
        hex_bytes(text, "in_open")
    assert (raised.value.code, raised.value.params["field"]) == ("DEVICE_SETTING", "in_open")
    assert raised.value.params["value"] == text
