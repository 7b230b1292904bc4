"""Serial scanners: codes out of bytes, over a real pty, `loop://` and the simulator."""

import os
import termios
import tty

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.line_assembler import LineAssembler, LineRules
from devices.ports import serial_port
from devices.protocols import State
from devices.serial_scanner import SerialScanner, SimulatedScanner
from tests.builders import FakeClock
from tests.devices.waiting import Collected, NoWaiting

CODES = st.lists(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567-./ é", min_size=1, max_size=60), max_size=6).map(
    lambda codes: [code.strip() for code in codes if code.strip()]
)
ENDINGS = st.sampled_from([b"\r", b"\n", b"\r\n", b"\t", b"\x03", b"\r\n\x03"])


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


@given(
    CODES, ENDINGS, st.lists(st.integers(0, 10_000), max_size=12), st.lists(st.integers(0, 500), min_size=14)
)
def test_any_split_of_the_bytes_and_any_delay_gives_the_same_codes(codes, ending, cuts, delays):
    data = b"".join(code.encode() + ending for code in codes)
    lines, found, at_ms = LineAssembler(), [], 0
    for part, delay in zip(split(data, cuts), delays, strict=False):
        at_ms += delay
        found += lines.feed(part, at_ms)
    assert found == codes
    assert lines.flush(at_ms + 10_000) == []


@given(CODES, st.lists(st.integers(0, 10_000), max_size=12))
def test_codes_without_a_suffix_are_told_apart_by_silence(codes, cuts):
    lines, found, at_ms = LineAssembler(), [], 0
    for code in codes:
        for part in split(code.encode(), cuts):
            at_ms += 3
            found += lines.feed(part, at_ms)
            found += lines.flush(at_ms + 59)
        at_ms += 60
        found += lines.flush(at_ms)
    assert found == codes


@given(st.lists(st.tuples(st.binary(max_size=40), st.integers(0, 200))))
def test_any_bytes_at_all_give_only_clean_texts(parts):
    lines, found, at_ms = LineAssembler(LineRules(max_length=30)), [], 0
    for part, delay in parts:
        at_ms += delay
        found += lines.feed(part, at_ms)
        found += lines.flush(at_ms)
    for text in found:
        assert text == text.strip() != ""
        assert len(text) <= 30
        assert not any(ord(letter) < 32 or ord(letter) == 127 for letter in text)


def test_control_bytes_and_garbage_are_stripped():
    assert LineAssembler().feed(b"\x00\x02AB\x1b\x7fC\x08\r", 0) == ["ABC"]


def test_an_overlong_line_is_dropped_whole_and_the_next_code_is_read():
    lines = LineAssembler(LineRules(max_length=10))
    assert lines.feed(b"A" * 11 + b"BCD\rOK\r", 0) == ["OK"]
    assert lines.feed(b"A" * 10 + b"\r", 0) == ["A" * 10]


def test_a_prefix_is_taken_off_where_it_is():
    lines = LineAssembler(LineRules(prefix=b"]Q1"))
    assert lines.feed(b"]Q1CODE\rCODE\r", 0) == ["CODE", "CODE"]


def test_bytes_that_are_not_utf8_are_read_as_latin1():
    assert LineAssembler().feed("é".encode() + b"\r" + b"\xe9\r", 0) == ["é", "é"]


def test_only_the_terminators_of_the_rules_end_a_code():
    lines = LineAssembler(LineRules(terminators=frozenset({13})))
    assert lines.feed(b"A\nB\tC\r", 0) == ["ABC"]


def test_a_scanner_that_sent_a_suffix_before_is_given_longer_to_send_it_again():
    lines = LineAssembler()
    assert lines.feed(b"FIRST\rSEC", 0) == ["FIRST"]
    assert lines.flush(299) == []
    assert lines.feed(b"OND\rTHIRD", 299) == ["SECOND"]
    assert lines.flush(599) == ["THIRD"]
    lines.feed(b"FOURTH", 700)
    assert lines.flush(760) == ["FOURTH"]


def test_a_scanner_known_to_send_a_suffix_is_not_cut_by_silence_and_its_rest_is_forgotten():
    lines = LineAssembler(LineRules(idle_gap_ms=None))
    lines.feed(b"AB", 0)
    assert lines.flush(1999) == []
    assert lines.feed(b"C\r", 1999) == ["ABC"]
    lines.feed(b"rest", 3000)
    assert lines.flush(5000) == []
    assert lines.feed(b"CODE\r", 5001) == ["CODE"]


class Pty:
    """A serial cable: the scanner's end is ours, the station opens `address` (a link that can vanish)."""

    def __init__(self, folder):
        self.address = folder / "ttySCANNER"
        self.plug()

    def plug(self):
        self._scanner, station = os.openpty()
        tty.setraw(station, termios.TCSANOW)
        self._station_name = os.ttyname(station)
        self._station = station
        self.address.symlink_to(self._station_name)

    def write(self, data: bytes) -> None:
        os.write(self._scanner, data)

    def unplug(self) -> None:
        self.address.unlink()
        os.close(self._scanner)
        os.close(self._station)


class PtyRig:
    """The real driver over a pty."""

    def __init__(self, tmp_path):
        self.cable, self.clock = Pty(tmp_path), FakeClock()
        self.reader = SerialScanner(
            "scanner", serial_port(str(self.cable.address)), self.clock, stop=NoWaiting()
        )

    def scan(self, text):
        self.cable.write(text.encode() + b"\r\n")

    def unplug(self):
        self.cable.unplug()

    def plug(self):
        self.cable.plug()


class SimulatorRig:
    """The simulator."""

    def __init__(self, tmp_path):
        self.clock = FakeClock()
        self.reader = SimulatedScanner("scanner", self.clock)
        self.scan, self.unplug, self.plug = self.reader.scan, self.reader.unplug, self.reader.plug


@pytest.fixture(params=[PtyRig, SimulatorRig])
def rig(request, tmp_path):
    rig = request.param(tmp_path)
    rig.scans, rig.statuses = Collected(), Collected()
    rig.reader.start(rig.scans, rig.statuses)
    rig.statuses.wait_state(State.LISTENING)
    yield rig
    rig.reader.close()


def test_scanned_codes_are_reported_in_order_with_source_and_time(rig):
    for text in ("FIRST", "SECOND"):
        rig.scan(text)
    scans = rig.scans.wait_count(2)
    assert [(scan.text, scan.source, scan.at_ms) for scan in scans] == [
        ("FIRST", "scanner", rig.clock.monotonic_ms()),
        ("SECOND", "scanner", rig.clock.monotonic_ms()),
    ]


def test_a_vanished_port_is_reported_and_the_scanner_comes_back_by_itself(rig):
    rig.unplug()
    lost = rig.statuses.wait_state(State.LOST)
    assert lost[-1].code in {"SCANNER_LOST", None}
    seen = len(rig.statuses.items)
    rig.plug()
    rig.statuses.wait_state(State.LISTENING, after=seen)
    rig.scan("AFTER")
    assert [scan.text for scan in rig.scans.wait_count(1)] == ["AFTER"]


def test_closing_is_the_last_status_and_may_be_repeated(rig):
    rig.reader.close()
    rig.reader.close()
    states = [status.state for status in rig.statuses.items]
    assert states[0] is State.OPENING
    assert states.count(State.CLOSED) == 1
    assert states[-1] is State.CLOSED


@pytest.fixture
def pty_rig(tmp_path):
    rig = PtyRig(tmp_path)
    rig.scans, rig.statuses = Collected(), Collected()
    rig.reader.start(rig.scans, rig.statuses)
    rig.statuses.wait_state(State.LISTENING)
    yield rig
    rig.reader.close()


def test_half_a_code_is_dropped_when_the_port_vanishes_in_mid_line(pty_rig):
    pty_rig.cable.write(b"HALF A CO")
    pty_rig.unplug()
    pty_rig.statuses.wait_state(State.LOST)
    seen = len(pty_rig.statuses.items)
    pty_rig.plug()
    pty_rig.statuses.wait_state(State.LISTENING, after=seen)
    pty_rig.scan("WHOLE")
    pty_rig.scan("NEXT")
    assert [scan.text for scan in pty_rig.scans.wait_count(2)] == ["WHOLE", "NEXT"]


def test_a_scanner_without_a_suffix_is_recognised_by_its_silence(pty_rig):
    pty_rig.cable.write(b"BARE-1")
    scans = pty_rig.scans.poll(bool, lambda: pty_rig.clock.advance(milliseconds=30))
    assert [scan.text for scan in scans] == ["BARE-1"]


def test_codes_come_through_a_loop_port():
    import serial

    cable = serial.serial_for_url("loop://", timeout=0.01)
    scans = Collected()
    scanner = SerialScanner("scanner", lambda: cable, FakeClock())
    scanner.start(scans, Collected())
    cable.write(b"LOOPED\r")
    assert [scan.text for scan in scans.wait_count(1)] == ["LOOPED"]
    scanner.close()


@pytest.mark.parametrize("address", ["/nowhere/ttyUSB9", "nosuch://port"])
def test_a_port_that_cannot_be_opened_is_tried_again_with_growing_pauses(address):
    stop, statuses = NoWaiting(), Collected()
    scanner = SerialScanner("scanner", serial_port(address), FakeClock(), stop=stop)
    scanner.start(Collected(), statuses)
    statuses.wait_for(lambda items: sum(item.state is State.LOST for item in items) >= 5)
    scanner.close()
    assert stop.pauses[:5] == [0.2, 0.5, 1.0, 2.0, 2.0]
    assert {item.code for item in statuses.items if item.state is State.LOST} == {"SCANNER_LOST"}
