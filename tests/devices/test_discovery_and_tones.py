"""What is plugged in, and the sounds of the gate."""

import io
import struct
import subprocess
import sys
import wave
from itertools import pairwise
from pathlib import Path

import pytest

from devices import discovery
from devices.discovery import Camera, Level, Port
from devices.tones import Tone, render, write_all

SOUNDS = Path(__file__).parents[2] / "resources" / "sounds"


def test_cameras_of_linux_come_from_the_system_s_list_without_their_metadata_nodes(tmp_path):
    for node, index, name in (("video2", "0", "Door cam"), ("video3", "1", "Door cam"), ("video0", "0", "")):
        (tmp_path / node).mkdir()
        (tmp_path / node / "index").write_text(index + "\n")
        (tmp_path / node / "name").write_text(name + "\n")
    assert discovery.list_cameras("linux", tmp_path) == [Camera(0, "video0"), Camera(2, "Door cam")]
    assert discovery.list_cameras("linux", tmp_path / "none") == []


def test_other_systems_are_tried_quietly(capfd):
    assert discovery.list_cameras("darwin", timeout_s=20) == discovery.list_cameras("linux")
    assert capfd.readouterr() == ("", "")


def test_doctor_gets_a_finding_with_an_advice_for_everything_that_is_not_green():
    found = discovery.findings()
    assert {"zxing-cpp", "opencv", "pyserial", "cameras", "serial ports", "printers"} <= {
        finding.subject for finding in found
    }
    assert all((finding.advice is None) == (finding.level is Level.GREEN) for finding in found)
    assert [finding.level for finding in found if finding.subject == "zxing-cpp"] == [Level.GREEN]


def test_what_is_missing_is_amber_and_says_what_to_do():
    assert discovery.cameras([]).advice == "NO_CAMERA"
    assert discovery.cameras([Camera(0, "Door cam")]).params == {"count": 1, "first": "Door cam"}
    assert discovery.serial_ports([Port("COM3", "USB")]).params == {"count": 1}
    assert discovery.zbar(None, package=False).advice == "LIBRARY_MISSING"
    assert discovery.zbar("libzbar.so.0", package=True).level is Level.GREEN
    if sys.platform != "win32":
        assert discovery.zbar(None, package=True).advice == "ZBAR_MISSING"


def test_printers_are_found_through_the_system(tmp_path):
    lpstat = tmp_path / "lpstat"
    lpstat.write_text("#!/bin/sh\necho Office\n")
    lpstat.chmod(0o755)
    found = discovery.printers("linux", {"PATH": str(tmp_path)})
    assert (found.level, found.params) == (Level.GREEN, {"count": 1, "first": "Office"})
    lpstat.write_text("#!/bin/sh\nexit 1\n")
    assert discovery.printers("linux", {"PATH": str(tmp_path)}).advice == "NO_PRINTER"
    assert discovery.printers("linux", {"PATH": "/nowhere"}).advice == "PRINTING_UNAVAILABLE"


def samples(data: bytes) -> list[int]:
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 44_100)
        return list(struct.unpack(f"<{sound.getnframes()}h", sound.readframes(sound.getnframes())))


@pytest.mark.parametrize("kind", list(Tone))
def test_a_sound_is_short_audible_and_begins_and_ends_in_silence(kind):
    heard = samples(render(kind))
    assert 0.04 < len(heard) / 44_100 < 0.8
    assert 8_000 < max(abs(sample) for sample in heard) < 32_767
    assert heard[0] == 0
    assert abs(heard[-1]) < 700


@pytest.mark.parametrize("kind", list(Tone))
def test_the_sound_files_are_what_the_generator_makes(kind):
    stored, made = samples((SOUNDS / f"{kind.value}.wav").read_bytes()), samples(render(kind))
    assert len(stored) == len(made)
    assert max(abs(a - b) for a, b in zip(stored, made, strict=True)) <= 1


def test_admitting_rises_and_refusing_is_lower_than_all_else():
    def pitch(part):
        return sum(a < 0 <= b for a, b in pairwise(part)) / (len(part) / 44_100)

    admit, refuse = samples(render(Tone.ADMIT)), samples(render(Tone.REFUSE))
    assert pitch(admit[15_000:]) > 1.3 * pitch(admit[:5_000])
    assert pitch(refuse[:8_000]) < pitch(admit[:5_000]) / 3


def test_all_sounds_are_written(tmp_path):
    assert [path.name for path in write_all(tmp_path / "sounds")] == [f"{kind.value}.wav" for kind in Tone]


def test_importing_the_devices_loads_none_of_the_heavy_libraries():
    script = (
        "import pkgutil, sys, devices\n"
        "for module in pkgutil.iter_modules(devices.__path__): __import__('devices.' + module.name)\n"
        "heavy = {'cv2', 'numpy', 'zxingcpp', 'pyzbar', 'escpos', 'serial', 'PIL', 'pypdfium2'}\n"
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
