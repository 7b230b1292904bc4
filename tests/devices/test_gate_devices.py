"""The devices of a station as its settings name them: real drivers on pictures and pseudo terminals."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.gate_devices import DeviceSet, SystemOpener
from app.services.facade import DeviceStatus, Frame, ScannedText
from app.settings import Settings
from devices.camera_sources import FrameFeeder
from devices.turnstile import SimulatedTurnstile
from domain.errors import DeviceFault
from tests.builders import FakeClock, make_code_text
from tests.devices.waiting import Collected

pty_only = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")


class Listener:
    """What a window would be told."""

    def __init__(self) -> None:
        self.scans, self.frames, self.statuses = Collected(), Collected(), Collected()

    def wait_for_state(self, device: str, state: str) -> None:
        self.statuses.wait_for(lambda items: any(s.device == device and s.state == state for s in items))


def devices_of(tmp_path: Path, kept: list[DeviceSet], **values: str) -> DeviceSet:
    flags = {name.replace("__", "."): value for name, value in values.items()}
    made = DeviceSet(Settings(tmp_path, environment={}, flags=flags), FakeClock(), environment={"PATH": ""})
    kept.append(made)
    return made


@pytest.fixture
def kept() -> Iterator[list[DeviceSet]]:
    made: list[DeviceSet] = []
    yield made
    for devices in made:
        devices.stop()


def start(devices: DeviceSet) -> Listener:
    told = Listener()
    devices.start(told.scans, told.frames, told.statuses)
    return told


def qr_picture(folder: Path, text: str) -> Path:
    import cv2
    import numpy as np
    import qrcode

    code = qrcode.QRCode(border=4, box_size=1)
    code.add_data(text)
    code.make()
    grey = np.where(np.array(code.get_matrix()), 0, 255).astype(np.uint8)
    path = folder / "code.png"
    cv2.imwrite(str(path), np.kron(grey, np.ones((8, 8), np.uint8)))
    return path


def test_without_settings_a_station_has_no_devices_and_starts_all_the_same(
    tmp_path: Path, kept: list[DeviceSet]
) -> None:
    devices = devices_of(tmp_path, kept)
    start(devices)
    states = {status.device: status.state for status in devices.statuses()}
    assert states == {"camera": "none", "scanner": "none", "turnstile": "none", "printer": "none"}
    assert not devices.has_turnstile


def test_a_ticket_held_to_the_camera_is_scanned_and_outlined_in_the_preview(
    tmp_path: Path, kept: list[DeviceSet]
) -> None:
    text = make_code_text()
    devices = devices_of(tmp_path, kept, camera__source=str(qr_picture(tmp_path, text)))
    told = start(devices)
    scan: ScannedText = told.scans.wait_count(1)[0]
    assert (scan.text, scan.source) == (text, "camera")
    frame: Frame = told.frames.wait_for(lambda frames: any(f.corners for f in frames))[-1]
    assert len(frame.rgb) == frame.width * frame.height * 3
    told.wait_for_state("camera", "listening")
    assert devices.statuses()[0] == DeviceStatus("camera", "listening", None, "code.png")


def test_a_running_camera_passes_its_test_with_a_fresh_frame(tmp_path: Path, kept: list[DeviceSet]) -> None:
    devices = devices_of(tmp_path, kept, camera__source=str(qr_picture(tmp_path, "x" * 20)))
    start(devices).frames.wait_count(1)
    assert devices.test("camera").state == "listening"


def test_a_camera_can_be_tested_before_it_is_started(tmp_path: Path, kept: list[DeviceSet]) -> None:
    devices = devices_of(tmp_path, kept, camera__source=str(qr_picture(tmp_path, "x" * 20)))
    assert devices.test("camera").state == "ready"


def test_a_camera_that_is_unplugged_is_reported_lost_with_its_code(
    tmp_path: Path, kept: list[DeviceSet]
) -> None:
    feeder = FrameFeeder()
    settings = Settings(tmp_path, environment={}, flags={"camera.source": "0"})
    devices = DeviceSet(settings, FakeClock(), camera_at=lambda _address: feeder.open)
    kept.append(devices)
    told = start(devices)
    told.wait_for_state("camera", "listening")
    feeder.unplug()
    told.wait_for_state("camera", "lost")
    lost = next(s for s in told.statuses.items if s.state == "lost")
    assert lost.code == "CAMERA_LOST"


def test_a_picture_that_is_not_there_is_a_fault_that_names_it(tmp_path: Path, kept: list[DeviceSet]) -> None:
    devices = devices_of(tmp_path, kept, camera__source=str(tmp_path / "missing.png"))
    with pytest.raises(DeviceFault) as caught:
        devices.test("camera")
    assert (caught.value.code, caught.value.params["file"]) == ("PICTURE_NOT_FOUND", "missing.png")


@pty_only
def test_a_line_of_the_serial_scanner_is_scanned(tmp_path: Path, kept: list[DeviceSet]) -> None:
    master, slave = os.openpty()
    try:
        devices = devices_of(tmp_path, kept, scanner__port=os.ttyname(slave))
        told = start(devices)
        told.wait_for_state("scanner", "listening")
        os.write(master, b"ABCDEFGH12\r\n")
        scan = told.scans.wait_count(1)[0]
        assert (scan.text, scan.source) == ("ABCDEFGH12", "scanner")
        assert devices.test("scanner").state == "listening"
    finally:
        devices.stop()
        os.close(master)
        os.close(slave)


def test_a_scanner_on_a_port_that_does_not_exist_fails_its_test(
    tmp_path: Path, kept: list[DeviceSet]
) -> None:
    devices = devices_of(tmp_path, kept, scanner__port=str(tmp_path / "no-such-port"))
    with pytest.raises(DeviceFault) as caught:
        devices.test("scanner")
    assert caught.value.code == "SCANNER_LOST"


def test_the_simulated_turnstile_opens_without_being_started_first(
    tmp_path: Path, kept: list[DeviceSet]
) -> None:
    devices = devices_of(tmp_path, kept, turnstile__port="simulated")
    devices.turnstile.pulse("entry")
    devices.turnstile.pulse("exit")
    simulated = devices.open_turnstile()
    assert isinstance(simulated, SimulatedTurnstile)
    assert [way.value for _, way in simulated.pulses] == ["in", "out"]
    assert devices.test("turnstile").state == "ready"


def read_exactly(handle: int, count: int) -> bytes:
    """A pty may hand over what was written in pieces."""
    came = b""
    while len(came) < count:
        came += os.read(handle, count - len(came))
    return came


@pty_only
def test_the_relay_gets_its_opening_and_closing_bytes(tmp_path: Path, kept: list[DeviceSet]) -> None:
    master, slave = os.openpty()
    try:
        devices = devices_of(
            tmp_path, kept, turnstile__port=os.ttyname(slave), turnstile__pulse_ms="20",
            turnstile__open="01 02", turnstile__close="03 04",
        )  # fmt: skip
        devices.turnstile.pulse("entry")
        assert read_exactly(master, 4) == bytes([1, 2, 3, 4])
    finally:
        devices.stop()
        os.close(master)
        os.close(slave)


def test_a_turnstile_that_is_gone_is_a_fault_and_not_a_silence(tmp_path: Path, kept: list[DeviceSet]) -> None:
    devices = devices_of(tmp_path, kept, turnstile__port=str(tmp_path / "no-such-port"))
    with pytest.raises(DeviceFault) as caught:
        devices.turnstile.pulse("entry")
    assert caught.value.code == "TURNSTILE_LOST"


def test_a_lost_turnstile_is_told_to_the_window(tmp_path: Path, kept: list[DeviceSet]) -> None:
    devices = devices_of(tmp_path, kept, turnstile__port=str(tmp_path / "no-such-port"))
    start(devices).wait_for_state("turnstile", "lost")


@pytest.mark.parametrize("device", ["camera", "scanner", "turnstile", "printer"])
def test_a_device_that_is_not_chosen_cannot_be_tested(
    tmp_path: Path, kept: list[DeviceSet], device: str
) -> None:
    devices = devices_of(tmp_path, kept)
    with pytest.raises(DeviceFault) as caught:
        devices.test(device)
    assert caught.value.code == "DEVICE_NOT_SET"


def test_after_stop_nothing_is_told_any_more(tmp_path: Path, kept: list[DeviceSet]) -> None:
    devices = devices_of(tmp_path, kept, camera__source=str(qr_picture(tmp_path, "x" * 20)))
    told = start(devices)
    told.scans.wait_count(1)
    devices.stop()
    heard = len(told.scans.items), len(told.statuses.items)
    devices.stop()
    assert heard == (len(told.scans.items), len(told.statuses.items))


def test_a_start_after_a_start_begins_anew(tmp_path: Path, kept: list[DeviceSet]) -> None:
    devices = devices_of(tmp_path, kept, camera__source=str(qr_picture(tmp_path, "x" * 20)))
    first = start(devices)
    first.scans.wait_count(1)
    second = start(devices)
    second.scans.wait_count(1)


def script(folder: Path, name: str, lines: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)


@pty_only
class TestOpener:
    """The program the system has for a file."""

    def opener(self, tmp_path: Path, **options: Any) -> SystemOpener:
        return SystemOpener("linux", {"PATH": f"{tmp_path}:/usr/bin:/bin"}, **options)

    def test_it_is_given_the_file(self, tmp_path: Path) -> None:
        script(tmp_path, "xdg-open", f'echo "$1" > "{tmp_path}/opened"')
        (tmp_path / "a.pdf").write_bytes(b"%PDF")
        self.opener(tmp_path, wait_s=10).open(str(tmp_path / "a.pdf"))
        assert (tmp_path / "opened").read_text().strip() == str((tmp_path / "a.pdf").resolve())

    def test_its_refusal_is_a_fault(self, tmp_path: Path) -> None:
        script(tmp_path, "xdg-open", "exit 3")
        (tmp_path / "a.pdf").write_bytes(b"%PDF")
        with pytest.raises(DeviceFault) as caught:
            self.opener(tmp_path, wait_s=10).open(str(tmp_path / "a.pdf"))
        assert caught.value.code == "VIEWER_UNAVAILABLE"

    def test_a_missing_file_is_a_fault(self, tmp_path: Path) -> None:
        with pytest.raises(DeviceFault) as caught:
            self.opener(tmp_path).open(str(tmp_path / "a.pdf"))
        assert caught.value.code == "PRINT_FILE_UNREADABLE"


@pty_only
def test_a_printer_that_the_system_does_not_know_fails_its_test(tmp_path: Path) -> None:
    script(tmp_path, "lpstat", "echo Office")
    script(tmp_path, "lp", "exit 0")
    settings = Settings(tmp_path, environment={}, flags={"print.printer": "Lobby"})
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    devices = DeviceSet(settings, FakeClock(), environment=environment)
    with pytest.raises(DeviceFault) as caught:
        devices.test("printer")
    assert (caught.value.code, caught.value.params["printer"]) == ("PRINTER_UNKNOWN", "Lobby")
    assert devices.found("printer") == [("Office", "Office")]
