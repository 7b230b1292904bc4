"""Enrolment codes before a real camera reader: as another screen shows them, tilted, blurred and grainy."""

import random
import threading

import numpy as np
import pytest

from app.invitations import EnrolCamera
from app.printing.qr import sheet_png, text_matrix
from app.settings import Settings
from devices.camera_sources import FrameFeeder
from devices.qr_decode import FrameDecoder
from domain import enrolment
from domain.enrolment_codes import Collection, split
from tests.builders import NOW, FakeClock
from tests.devices import pictures
from tests.devices.waiting import Collected
from tests.unit.test_enrolment_codes import a_file


def held(code: str, seed: int, side: float) -> pictures.Grey:
    """A code on a screen before a 1280 × 720 camera."""
    chance = np.random.default_rng(seed)
    dark = np.array(text_matrix(code), dtype=bool)
    matrix = np.pad(np.where(dark, 0, 255).astype(np.uint8), 4, constant_values=255)
    angle, tilt = float(chance.uniform(-12, 12)), float(chance.uniform(0, 0.04))
    return pictures.scene(matrix, chance, side=side, angle=angle, tilt=tilt)


@pytest.mark.parametrize("seed", range(6))
def test_each_code_is_read_from_one_frame_at_two_thirds_of_its_height(seed: int) -> None:
    decoder = FrameDecoder(60.0)
    codes = split(a_file(seed=seed))
    for at, code in enumerate(codes):
        frame = pictures.noisy(held(code, seed * 10 + at, 470), np.random.default_rng(seed), 8)
        assert [found.text for found in decoder.decode(frame)] == [code]


def test_soft_focus_is_made_up_for_within_a_second_of_frames() -> None:
    """A webcam at this distance is never sharp: the looks at hard frames take turns."""
    import cv2

    decoder = FrameDecoder(60.0, turns=True)
    for at, code in enumerate(split(a_file())):
        soft = cv2.GaussianBlur(held(code, 70 + at, 600), (0, 0), 2.0)
        read = {found.text for _ in range(30) for found in decoder.decode(soft)}
        assert read == {code}


def test_a_printed_sheet_is_read_at_once(tmp_path) -> None:
    from devices.picture_files import decode_file

    sheet = tmp_path / "till.png"
    sheet.write_bytes(sheet_png(split(a_file())))
    found = Collection()
    for each in decode_file(sheet):
        found.take(each.text)
    assert enrolment.read(found.text(), NOW).name == "Till 1"


def test_the_camera_collects_them_in_any_order_and_lets_go(tmp_path) -> None:
    feeder, done = FrameFeeder(0.01), threading.Event()
    codes = split(a_file())
    random.Random(5).shuffle(codes)
    found, previews, states = Collection(), Collected(), Collected()
    camera = EnrolCamera(Settings(tmp_path, {}), FakeClock(), camera_at=lambda _address: feeder.open)

    def scanned(scan) -> None:
        found.take(scan.text)
        if found.complete:
            done.set()
        else:
            show_next(scan.text)

    def show_next(seen: str) -> None:
        feeder.show(held(codes[(codes.index(seen) + 1) % len(codes)], 1, 480))

    feeder.show(held(codes[0], 1, 480))
    camera.start(scanned, previews, lambda status: states(status.state))
    assert done.wait(30)
    camera.stop()
    camera.stop()
    assert enrolment.read(found.text(), NOW).prefix == "K1"
    assert {"opening", "listening"} <= set(states.items)


def test_without_a_camera_it_says_so(tmp_path) -> None:
    feeder, states = FrameFeeder(0.01), Collected()
    feeder.unplug()
    camera = EnrolCamera(Settings(tmp_path, {}), FakeClock(), camera_at=lambda _address: feeder.open)
    camera.start(lambda _scan: None, lambda _frame: None, states)
    states.wait_for(lambda seen: any(status.state == "lost" for status in seen))
    camera.stop()
    assert "CAMERA_NOT_OPENED" in {status.code for status in states.items}
