"""The camera reader: contract suite over every kind of source, loss and return, newest frame wins."""

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from devices.camera import CameraReader, NewestFrame, make_preview
from devices.camera_sources import FrameFeeder, open_source, public_name
from devices.protocols import State
from devices.qr_decode import FrameDecoder
from tests.builders import FakeClock
from tests.devices import pictures
from tests.devices.test_qr_decode import write_video
from tests.devices.waiting import Collected, NoWaiting

TEXT, PICTURE = pictures.clean_ticket(21)
OTHER_TEXT, OTHER_PICTURE = pictures.clean_ticket(22)


def save(path: Path, picture) -> None:
    path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())


def feeder_source(tmp_path):
    feeder = FrameFeeder(0.01)
    feeder.show(PICTURE)
    return feeder.open


def picture_source(tmp_path):
    save(tmp_path / "ticket.png", PICTURE)
    return open_source(str(tmp_path / "ticket.png"))


def folder_source(tmp_path):
    save(tmp_path / "a.png", PICTURE)
    save(tmp_path / "b.png", PICTURE)
    return open_source(str(tmp_path))


def video_source(tmp_path):
    write_video(tmp_path / "ticket.avi", [PICTURE] * 3)
    return open_source(str(tmp_path / "ticket.avi"))


def stream_source(tmp_path):
    """Through the driver that opens cameras and streams: a video under a URL."""
    write_video(tmp_path / "ticket.avi", [PICTURE] * 30)
    return open_source((tmp_path / "ticket.avi").as_uri())


class Running:
    """A camera reader at work, with what it reported."""

    def __init__(self, source, **options):
        self.scans, self.statuses, self.previews = Collected(), Collected(), Collected()
        self.clock = FakeClock()
        self.camera = CameraReader(
            "camera 1", source, self.clock, on_preview=self.previews, stop=NoWaiting(), **options
        )

    def __enter__(self):
        self.camera.start(self.scans, self.statuses)
        return self

    def __exit__(self, *_):
        self.camera.close()


@pytest.mark.parametrize(
    "source", [feeder_source, picture_source, folder_source, video_source, stream_source]
)
class TestEverySource:
    def test_sights_the_code_again_on_every_frame_with_corners_and_preview(self, source, tmp_path):
        with Running(source(tmp_path)) as running:
            scans = running.scans.wait_count(3)
            (preview, *_) = running.previews.wait_count(1)
        assert {(scan.text, scan.source, scan.symbology) for scan in scans} == {(TEXT, "camera 1", "QRCode")}
        assert scans[0].at_ms == running.clock.monotonic_ms()
        assert (preview.width, preview.height) == (640, 360)
        assert len(preview.rgb) == 640 * 360 * 3
        halved = tuple((round(x / 2), round(y / 2)) for x, y in scans[0].corners)
        assert preview.outlines == (halved,)

    def test_says_opening_listening_and_in_the_end_closed(self, source, tmp_path):
        with Running(source(tmp_path)) as running:
            running.statuses.wait_state(State.LISTENING)
        states = [status.state for status in running.statuses.items]
        assert states[:2] == [State.OPENING, State.LISTENING]
        assert states[-1] is State.CLOSED

    def test_closing_twice_and_before_the_start_is_harmless(self, source, tmp_path):
        running = Running(source(tmp_path))
        running.camera.close()
        with running:
            running.statuses.wait_state(State.LISTENING)
            running.camera.close()
        assert [status.state for status in running.statuses.items].count(State.CLOSED) == 1
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("camera 1")]


def test_an_unplugged_camera_is_reported_as_lost_and_comes_back_by_itself():
    feeder = FrameFeeder(0.005)
    with Running(feeder.open) as running:
        running.statuses.wait_state(State.LISTENING)
        feeder.unplug()
        lost = running.statuses.wait_state(State.LOST)
        assert next(status.code for status in lost if status.state is State.LOST) == "CAMERA_LOST"
        running.statuses.wait_for(lambda items: items[-1].code == "CAMERA_NOT_OPENED")
        seen = len(running.statuses.items)
        feeder.plug()
        feeder.show(PICTURE)
        running.statuses.wait_state(State.LISTENING, after=seen)
        running.scans.wait_count(1)


def test_a_camera_that_is_not_there_is_tried_again_with_growing_pauses():
    stop = NoWaiting()
    statuses = Collected()
    camera = CameraReader("camera 9", open_source("97"), FakeClock(), stop=stop)
    camera.start(Collected(), statuses)
    statuses.wait_for(lambda items: sum(item.state is State.LOST for item in items) >= 6)
    camera.close()
    assert stop.pauses[:6] == [0.5, 1.0, 2.0, 5.0, 5.0, 5.0]
    lost = next(item for item in statuses.items if item.state is State.LOST)
    assert (lost.code, lost.params) == ("CAMERA_NOT_OPENED", {"device": "camera 9", "source": "97"})


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("none.png", None, "PICTURE_NOT_FOUND"),
        ("text.png", b"no picture", "PICTURE_UNREADABLE"),
        ("none.avi", None, "PICTURE_NOT_FOUND"),
        ("text.avi", b"no video", "PICTURE_UNREADABLE"),
    ],
)
def test_a_bad_file_as_camera_is_a_lost_camera_that_says_why(tmp_path, name, content, code):
    if content:
        (tmp_path / name).write_bytes(content)
    with Running(open_source(str(tmp_path / name))) as running:
        (lost, *_) = [s for s in running.statuses.wait_state(State.LOST) if s.state is State.LOST]
    assert (lost.code, lost.params["file"]) == (code, name)


def test_an_empty_folder_listens_once_a_picture_is_put_into_it(tmp_path):
    with Running(open_source(str(tmp_path))) as running:
        running.statuses.wait_state(State.LOST)
        (tmp_path / "part.tmp").write_bytes(cv2.imencode(".png", PICTURE)[1].tobytes())
        (tmp_path / "part.tmp").rename(tmp_path / "ticket.png")
        assert running.scans.wait_count(1)[0].text == TEXT


def test_the_newest_frame_wins_while_one_is_being_decoded():
    """Frames shown while the decoder is busy are never queued up: of those only the last is decoded."""

    class SlowDecoder(FrameDecoder):
        def __init__(self):
            super().__init__(0)
            self.busy, self.go_on = threading.Event(), threading.Event()

        def decode(self, image):
            self.busy.set()
            assert self.go_on.wait(10)
            return super().decode(image)

    class Listed:
        """A camera with five frames, handed over one after the other while the decoder is busy."""

        def __init__(self, frames, decoder):
            self.frames, self.decoder, self.done = list(frames), decoder, threading.Event()

        def read(self):
            if not self.frames:
                self.decoder.go_on.set()
                self.done.wait(10)
                return None
            frame = self.frames.pop(0)
            if len(self.frames) < 4:
                assert self.decoder.busy.wait(10)
            return frame

        def close(self):
            pass

    decoder = SlowDecoder()
    texts_and_frames = [pictures.clean_ticket(seed) for seed in range(30, 35)]
    camera = Listed([frame for _, frame in texts_and_frames], decoder)
    with Running(lambda _stop: camera, decoder=decoder) as running:
        scans = running.scans.wait_count(2)
        camera.done.set()
    texts = [text for text, _ in texts_and_frames]
    assert [scan.text for scan in scans] == [texts[0], texts[4]]


def test_a_frame_waiting_when_the_camera_goes_is_not_shown_any_more():
    newest = NewestFrame()
    newest.put(PICTURE)
    newest.put(None)
    assert newest.take(0) is None
    newest.put(PICTURE)
    newest.put(OTHER_PICTURE)
    assert newest.take(0) is OTHER_PICTURE
    assert newest.replaced == 2


def test_a_change_of_the_picture_is_seen():
    feeder = FrameFeeder(0.005)
    feeder.show(PICTURE)
    with Running(feeder.open) as running:
        running.scans.wait_count(1)
        feeder.show(OTHER_PICTURE)
        running.scans.wait_for(lambda scans: scans[-1].text == OTHER_TEXT)
        feeder.clear()
        running.clock.advance(seconds=1)
        running.previews.wait_for(lambda shown: shown[-1].outlines == ())


def test_previews_come_no_faster_than_the_screen_needs_unless_a_code_is_in_view():
    feeder = FrameFeeder(0.002)
    with Running(feeder.open) as running:
        running.previews.wait_count(1)
        running.clock.advance(milliseconds=59)
        feeder.show(PICTURE)
        running.scans.wait_count(1)
        feeder.clear()
        shown = running.previews.wait_for(lambda shown: shown[-1].outlines != ())
        assert sum(preview.outlines == () for preview in shown) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_in_a_callback_is_reported_and_the_camera_goes_on(monkeypatch):
    reported = Collected()
    monkeypatch.setattr(threading, "excepthook", lambda args: reported(args.exc_type))
    feeder = FrameFeeder(0.005)
    feeder.show(PICTURE)
    scans = Collected()

    def stumbling(scan):
        scans(scan)
        if len(scans.items) == 1:
            raise ZeroDivisionError

    camera = CameraReader("camera 1", feeder.open, FakeClock(), stop=NoWaiting())
    camera.start(stumbling, Collected())
    scans.wait_count(3)
    camera.close()
    assert reported.items == [ZeroDivisionError]


def test_a_preview_of_a_small_grey_or_transparent_frame_keeps_its_size():
    for image in (np.zeros((10, 20), np.uint8), np.zeros((10, 20, 4), np.uint8)):
        preview = make_preview(image, [((0, 0), (1, 0), (1, 1), (0, 1))], 5)
        assert (preview.width, preview.height, len(preview.rgb)) == (20, 10, 600)
        assert preview.outlines == (((0, 0), (1, 0), (1, 1), (0, 1)),)


def test_the_password_in_a_stream_address_is_never_shown():
    assert public_name("rtsp://gate:secret@10.0.0.7:554/live?token=abc") == "rtsp://10.0.0.7"
    assert public_name("/srv/pictures/a.png") == "a.png"
    assert public_name("0") == "0"
