"""Read codes from files: pictures, PDFs (every page) and videos (every code once)."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from devices import pdf_pages
from devices.opencv import quiet_opencv
from devices.protocols import FaultCode, fault
from devices.qr_decode import Found, FrameDecoder, Monotonic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

STILL_BUDGET_MS = 3000
PDF_RESOLUTIONS = (200.0, 400.0)
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm"})
VIDEOS = frozenset({".avi", ".mp4", ".mkv", ".mov", ".webm", ".mjpeg", ".mjpg"})


def decode_file(
    path: Path, budget_ms: float = STILL_BUDGET_MS, monotonic: Monotonic = time.monotonic
) -> list[Found]:
    """All codes in a picture, a PDF or a video, in the order in which they come; an empty list for none.

    `budget_ms` bounds the work on each hard picture or page; `monotonic` tells seconds. Raises DeviceFault
    PICTURE_NOT_FOUND, PICTURE_UNREADABLE, PICTURE_TOO_LARGE.
    """
    decoder = FrameDecoder(budget_ms, monotonic)
    kind = path.suffix.lower()
    if kind == ".pdf":
        return [
            found for page in range(1, pdf_pages.page_count(path) + 1) for found in _page(path, page, decoder)
        ]
    if kind in VIDEOS:
        return _video(path, FrameDecoder(budget_ms / 100, monotonic, turns=True))
    return decoder.decode(read_picture(path))


def read_picture(path: Path) -> "Image":
    """A picture file as height × width (× 3 or 4, BGR or BGRA), uint8.

    Raises DeviceFault PICTURE_NOT_FOUND, PICTURE_UNREADABLE (not a picture), PICTURE_TOO_LARGE.
    """
    import cv2
    import numpy as np

    _demand_size(path)
    # through memory, because imread cannot open every file name on Windows
    image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise fault(FaultCode.PICTURE_UNREADABLE, "file", file=path.name)
    if image.dtype == np.uint16:
        return (image // 257).astype(np.uint8)
    if image.dtype != np.uint8:
        raise fault(FaultCode.PICTURE_UNREADABLE, "file", file=path.name)
    return np.asarray(image, np.uint8)


def _demand_size(path: Path) -> None:
    """Refuse what is no picture, or would fill the memory once unpacked, by its header alone."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as header:
            width, height = header.size
    except FileNotFoundError as error:
        raise fault(FaultCode.PICTURE_NOT_FOUND, "file", file=path.name) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise fault(FaultCode.PICTURE_TOO_LARGE, "file", file=path.name) from error
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise fault(FaultCode.PICTURE_UNREADABLE, "file", file=path.name) from error
    if width * height > pdf_pages.MAX_PIXELS:
        raise fault(FaultCode.PICTURE_TOO_LARGE, "file", file=path.name)


def _page(path: Path, page: int, decoder: FrameDecoder) -> list[Found]:
    for dpi in PDF_RESOLUTIONS:
        if found := decoder.decode(pdf_pages.render_page(path, page, dpi=dpi)):
            return [replace(code, page=page) for code in found]
    return []


def _video(path: Path, decoder: FrameDecoder) -> list[Found]:
    seen: dict[tuple[str, str], Found] = {}
    for number, frame in enumerate(video_frames(path), 1):
        for found in decoder.decode(frame):
            seen.setdefault((found.symbology, found.text), replace(found, page=number))
    return list(seen.values())


def video_frames(path: Path) -> Iterator["Image"]:
    """The frames of a video, height × width × 3 BGR. Raises DeviceFault as `decode_file` does."""
    import cv2
    import numpy as np

    if not path.is_file():
        raise fault(FaultCode.PICTURE_NOT_FOUND, "file", file=path.name)
    quiet_opencv()
    capture = cv2.VideoCapture(str(path))
    try:
        if not capture.isOpened():
            raise fault(FaultCode.PICTURE_UNREADABLE, "file", file=path.name)
        while True:
            read, frame = capture.read()
            if not read:
                return
            yield np.asarray(frame, np.uint8)
    finally:
        capture.release()
