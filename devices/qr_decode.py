"""Find codes in pictures: zxing-cpp first, then zbar, then enhancement of hard frames under a time budget.

A frame with a clean QR code costs one conversion to grey and one call of zxing-cpp. Only when that finds
nothing are the other symbologies, zbar, OpenCV and the recipes of `picture_recipes` tried, in turn, until
something is read or the budget is used up.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from devices import picture_recipes
from devices.picture_recipes import Variant
from devices.protocols import Corners

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from zxingcpp import BarcodeFormats

    Grey = NDArray[np.uint8]
    Image = NDArray[np.uint8]

FRAME_BUDGET_MS = 200
SMALLEST_CODE = 21
"""Modules of the smallest QR code (version 1): no smaller picture can hold a code."""
OTHER_FORMATS = "Aztec,DataMatrix,PDF417,Code128,Code39,ITF,EAN13,EAN8"
"""Symbologies of tickets sold elsewhere, wristbands and membership cards."""


@dataclass(frozen=True, slots=True)
class Found:
    """One code: its text, symbology (zxing-cpp's name) and corners in pixels of the picture.

    `page` counts from 1 in PDFs and is the frame number in videos; 0 for a single picture.
    """

    text: str
    symbology: str
    corners: Corners
    page: int = 0


Look = Callable[["Grey"], list[Found]]
Monotonic = Callable[[], float]


def to_grey(image: "Image") -> "Grey":
    """Grey picture (height × width, uint8) of a grey, BGR or BGRA one; transparent parts become white."""
    import cv2
    import numpy as np

    if image.ndim == 2:
        return np.ascontiguousarray(image)
    if image.shape[2] == 4:
        alpha = image[:, :, 3].astype(np.uint16)
        grey = cv2.cvtColor(image, cv2.COLOR_BGRA2GRAY).astype(np.uint16)
        return np.ascontiguousarray(((grey * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8))
    if image.shape[2] == 1:
        return np.ascontiguousarray(image[:, :, 0])
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def decode_frame(
    image: "Image", budget_ms: float = FRAME_BUDGET_MS, monotonic: Monotonic = time.monotonic
) -> list[Found]:
    """All codes of a frame (grey, BGR or BGRA, uint8) that the first successful look finds.

    `budget_ms` bounds the time after which no further look at a hard frame is begun (0 = first look only);
    `monotonic` tells seconds. An empty list when nothing can be read.
    """
    return FrameDecoder(budget_ms, monotonic).decode(image)


class FrameDecoder:
    """Decodes the frames of one source. With `turns` the looks at hard frames take turns from frame to
    frame, so that a live picture gets all of them although each frame only has time for one or two."""

    def __init__(
        self,
        budget_ms: float = FRAME_BUDGET_MS,
        monotonic: Monotonic = time.monotonic,
        *,
        turns: bool = False,
        second_look: bool = True,
    ) -> None:
        self._budget_s = budget_ms / 1000.0
        self._monotonic = monotonic
        self._turns = turns
        zbar = zbar_look() if second_look else None
        looks: list[Look] = [other_formats, *([zbar] if zbar else []), *_recipe_looks(), opencv_look]
        self._looks: Sequence[Look] = looks
        self._next = 0

    def decode(self, image: "Image") -> list[Found]:
        """All codes that the first successful look finds in `image` (grey, BGR or BGRA, uint8)."""
        if min(image.shape[:2]) < SMALLEST_CODE:
            return []
        until = self._monotonic() + self._budget_s
        grey = to_grey(image)
        found = qr_codes(grey)
        if found or self._budget_s <= 0:
            return found
        for look in self._in_turn():
            found = look(grey)
            if found or self._monotonic() >= until:
                return found
        return []

    def _in_turn(self) -> Iterator[Look]:
        first = self._next if self._turns else 0
        for offset in range(len(self._looks)):
            self._next = (first + offset + 1) % len(self._looks)
            yield self._looks[(first + offset) % len(self._looks)]


def qr_codes(grey: "Grey") -> list[Found]:
    """QR codes that zxing-cpp reads in a grey picture, mirrored, inverted and turned ones included."""
    import zxingcpp

    return _zxing(grey, zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))


def other_formats(grey: "Grey") -> list[Found]:
    """Codes of the other symbologies that zxing-cpp reads in a grey picture."""
    import zxingcpp

    return _zxing(grey, zxingcpp.barcode_formats_from_str(OTHER_FORMATS))


def _zxing(grey: "Grey", formats: "BarcodeFormats") -> list[Found]:
    import zxingcpp

    return [
        Found(code.text, code.format.name, _zxing_corners(code.position))
        for code in zxingcpp.read_barcodes(grey, formats=formats)
        if code.valid and code.text
    ]


def _zxing_corners(position: object) -> Corners:
    names = ("top_left", "top_right", "bottom_right", "bottom_left")
    first, second, third, fourth = ((int(at.x), int(at.y)) for at in (getattr(position, n) for n in names))
    return first, second, third, fourth


def zbar_look() -> Look | None:
    """A look through zbar, or None where the system has no libzbar."""
    try:
        from pyzbar import pyzbar
    except ImportError:  # pyzbar looks for the shared library while it is imported
        return None
    wanted = [pyzbar.ZBarSymbol.QRCODE]

    def look(grey: "Grey") -> list[Found]:
        found: list[Found] = []
        for code in pyzbar.decode(grey, symbols=wanted):
            text = code.data.decode("utf-8", "replace")
            found.append(Found(text, "QRCode", _box(code.polygon)))
        return found

    return look


def opencv_look(grey: "Grey") -> list[Found]:
    """A look through OpenCV's own QR reader."""
    import cv2

    try:
        read, texts, corners, _ = cv2.QRCodeDetector().detectAndDecodeMulti(grey)
    except cv2.error:
        # its perspective step raises on degenerate quadrangles, as noise in the dark makes them: nothing read
        return []
    if not read or corners is None:
        return []
    return [
        Found(text, "QRCode", _box([(int(x), int(y)) for x, y in corner]))
        for text, corner in zip(texts, corners, strict=True)
        if text
    ]


def _recipe_looks() -> list[Look]:
    def through(recipe: picture_recipes.Recipe) -> Look:
        def look(grey: "Grey") -> list[Found]:
            for variant in recipe(grey):
                if found := qr_codes(variant.grey):
                    return [_mapped_back(code, variant) for code in found]
            return []

        return look

    return [through(recipe) for recipe in picture_recipes.recipes()]


def _mapped_back(found: Found, variant: Variant) -> Found:
    first, second, third, fourth = (
        (int(x / variant.scale) + variant.left, int(y / variant.scale) + variant.top)
        for x, y in found.corners
    )
    return replace(found, corners=(first, second, third, fourth))


def _box(points: Sequence[tuple[int, int]]) -> Corners:
    """Four corners as given, or those of the upright box around any other number of points."""
    if len(points) == 4:
        first, second, third, fourth = ((int(x), int(y)) for x, y in points)
        return first, second, third, fourth
    xs, ys = [int(x) for x, _ in points], [int(y) for _, y in points]
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    return (left, top), (right, top), (right, bottom), (left, bottom)
