"""Codes are found in frames and files: clean, spoiled, several at once, and none."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from devices import picture_recipes
from devices.picture_files import decode_file, read_picture
from devices.qr_decode import FrameDecoder, decode_frame, opencv_look, qr_codes, to_grey, zbar_look
from domain.errors import DeviceFault
from tests.devices import pictures


def test_a_clean_ticket_is_read_at_first_look_with_its_corners():
    text, picture = pictures.clean_ticket(1)
    (found,) = decode_frame(picture, budget_ms=0)
    assert found.text == text
    assert found.symbology == "QRCode"
    xs, ys = zip(*found.corners, strict=True)
    assert 150 < max(xs) - min(xs) < 420
    assert min(xs) > 300
    assert max(ys) < 700


def test_colour_grey_and_transparent_pictures_are_the_same_to_the_decoder():
    text, picture = pictures.clean_ticket(2)
    colour = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    transparent = np.zeros((*picture.shape, 4), np.uint8)
    transparent[:, :, 3] = 255 - picture  # black ink on nothing
    for image in (picture, picture[:, :, None], colour, transparent):
        assert [found.text for found in decode_frame(image)] == [text]
    assert to_grey(transparent)[0, 0] == picture[0, 0]


def test_every_code_of_a_frame_is_found():
    rng = np.random.default_rng(3)
    texts = [pictures.ticket_text(rng) for _ in range(4)]
    frame = np.full((900, 900), 180, np.uint8)
    for index, text in enumerate(texts):
        code = cv2.resize(pictures.qr_matrix(text), (392, 392), interpolation=cv2.INTER_NEAREST)
        top, left = 20 + 440 * (index // 2), 20 + 440 * (index % 2)
        frame[top : top + 392, left : left + 392] = code
    assert {found.text for found in decode_frame(frame)} == set(texts)


@pytest.mark.parametrize("spoil", pictures.SPOILS, ids=lambda spoil: spoil.__name__)
def test_a_spoiled_ticket_is_read(spoil):
    """Of eight tickets spoiled in one way most are read, and none wrongly."""
    read = 0
    for seed in range(100, 108):
        text, picture = pictures.clean_ticket(seed)
        found = decode_frame(spoil(picture, np.random.default_rng(seed)), budget_ms=5000)
        assert {code.text for code in found} <= {text}
        read += bool(found)
    assert read >= 5


@pytest.mark.parametrize("angle", [30, 90, 135, 180, 270])
def test_a_turned_and_tilted_ticket_is_read(angle):
    rng = np.random.default_rng(angle)
    text = pictures.ticket_text(rng)
    picture = pictures.scene(pictures.qr_matrix(text), rng, angle=angle, tilt=0.15)
    assert [found.text for found in decode_frame(picture)] == [text]


def test_enhancement_reads_what_no_reader_reads_alone():
    """Dark and grainy frames, of which the three libraries by themselves read none."""
    zbar, read = zbar_look(), 0
    for seed in range(40, 52):
        text, picture = pictures.clean_ticket(seed)
        spoiled = pictures.noisy((picture * 0.025).astype(np.uint8), np.random.default_rng(seed), 1.5)
        alone = qr_codes(spoiled) + (zbar(spoiled) if zbar else []) + opencv_look(spoiled)
        if not alone:
            read += [found.text for found in decode_frame(spoiled, budget_ms=5000)] == [text]
    assert read >= 3


def test_corners_of_an_enlarged_part_are_given_in_pixels_of_the_frame():
    text, picture = pictures.clean_ticket(5)
    direct = qr_codes(picture)[0].corners
    (variant,) = list(picture_recipes.enlarged(picture))[:1]
    decoder = FrameDecoder()
    looks = [look for look in decoder._looks if (found := look(picture)) and found[0].text == text]
    assert variant.scale == 2.0
    assert len(looks) > 3
    for look in looks:
        for (x, y), (a, b) in zip(sorted(look(picture)[0].corners), sorted(direct), strict=True):
            assert abs(x - a) < 30
            assert abs(y - b) < 30


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (31, 31), (720, 1280)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_frame_of_any_size_has_no_code(shape, value):
    assert decode_frame(np.full(shape, value, np.uint8), budget_ms=5000) == []


def test_noise_alone_is_not_a_code():
    rng = np.random.default_rng(7)
    for _ in range(3):
        assert decode_frame(rng.integers(0, 256, (480, 640)).astype(np.uint8), budget_ms=5000) == []


def test_no_further_look_is_begun_when_the_budget_is_used_up():
    class Ticking:
        def __init__(self):
            self.now, self.asked = 0.0, 0

        def __call__(self):
            self.asked += 1
            self.now += 0.010
            return self.now

    ticking = Ticking()
    assert decode_frame(np.full((90, 90), 99, np.uint8), budget_ms=35, monotonic=ticking) == []
    assert ticking.asked == 5


def test_looks_at_a_live_picture_take_turns_from_frame_to_frame():
    """One look a frame, so only some frame of a series is read: the one whose turn suits the picture."""
    _, picture = pictures.clean_ticket(9)
    spoiled = pictures.noisy((picture * 0.025).astype(np.uint8), np.random.default_rng(1), 1.5)
    decoder = FrameDecoder(0.001, turns=True)
    read = [bool(decoder.decode(spoiled)) for _ in range(40)]
    assert 0 < sum(read) < 40
    assert FrameDecoder(0.001, second_look=False).decode(spoiled) == []


def test_codes_of_other_symbologies_are_read():
    import zxingcpp

    formats = zxingcpp.BarcodeFormat
    for kind, text in (
        (formats.Code128, "ABC-123456"),
        (formats.Aztec, "wristband 7"),
        (formats.PDF417, "x1"),
    ):
        image = np.array(zxingcpp.create_barcode(text, kind).to_image(scale=4))
        framed = cv2.copyMakeBorder(image, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=255)
        assert [found.text for found in decode_frame(framed)] == [text]


def test_a_picture_file_is_decoded(tmp_path: Path):
    text, picture = pictures.clean_ticket(11)
    for name in ("билет.png", "ticket.jpg"):
        path = tmp_path / name
        path.write_bytes(cv2.imencode(path.suffix, picture)[1].tobytes())
        assert [found.text for found in decode_file(path)] == [text]


def test_a_sixteen_bit_picture_is_decoded(tmp_path: Path):
    text, picture = pictures.clean_ticket(12)
    path = tmp_path / "deep.png"
    cv2.imwrite(str(path), picture.astype(np.uint16) * 257)
    assert [found.text for found in decode_file(path)] == [text]


def test_every_page_of_a_pdf_is_decoded(tmp_path: Path):
    from PIL import Image

    rng = np.random.default_rng(13)
    texts = [pictures.ticket_text(rng) for _ in range(3)]
    path = tmp_path / "tickets.pdf"
    sheet = canvas.Canvas(str(path), pagesize=(297, 420))
    for text in texts:
        sheet.drawImage(ImageReader(Image.fromarray(pictures.qr_matrix(text))), 100, 200, 90, 90)
        sheet.showPage()
    sheet.save()
    assert [(found.page, found.text) for found in decode_file(path)] == list(enumerate(texts, 1))


def write_video(path: Path, frames) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 30, (1280, 720))
    for frame in frames:
        writer.write(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
    writer.release()


def test_each_code_of_a_video_is_given_once_with_its_frame(tmp_path: Path):
    first, second = pictures.clean_ticket(14), pictures.clean_ticket(15)
    path = tmp_path / "queue.avi"
    write_video(path, [first[1]] * 4 + [second[1]] * 3)
    assert [(found.page, found.text) for found in decode_file(path)] == [(1, first[0]), (5, second[0])]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("none.png", None, "PICTURE_NOT_FOUND"),
        ("none.pdf", None, "PICTURE_NOT_FOUND"),
        ("none.avi", None, "PICTURE_NOT_FOUND"),
        ("text.png", b"not a picture", "PICTURE_UNREADABLE"),
        ("empty.jpg", b"", "PICTURE_UNREADABLE"),
        ("text.pdf", b"not a PDF", "PICTURE_UNREADABLE"),
        ("text.avi", b"not a video", "PICTURE_UNREADABLE"),
    ],
)
def test_a_file_that_is_no_picture_is_a_fault_that_names_it(tmp_path: Path, name, content, code):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DeviceFault) as raised:
        decode_file(path)
    assert (raised.value.code, raised.value.params["file"]) == (code, name)


@pytest.mark.parametrize("length", [8, 20])
def test_a_picture_cut_off_in_its_header_is_a_fault(tmp_path: Path, length):
    path = tmp_path / "cut.png"
    path.write_bytes(cv2.imencode(".png", pictures.clean_ticket(16)[1])[1].tobytes()[:length])
    with pytest.raises(DeviceFault) as raised:
        decode_file(path)
    assert raised.value.code == "PICTURE_UNREADABLE"


def test_a_picture_that_would_fill_the_memory_is_refused_by_its_header(tmp_path: Path):
    path = tmp_path / "bomb.png"
    path.write_bytes(cv2.imencode(".png", np.zeros((10_000, 9_000), np.uint8))[1].tobytes())
    with pytest.raises(DeviceFault) as raised:
        read_picture(path)
    assert raised.value.code == "PICTURE_TOO_LARGE"
