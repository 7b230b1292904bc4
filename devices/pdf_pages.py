"""PDF pages as grey pictures, for reading codes back and for printers that only print dots."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devices.protocols import FaultCode, fault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

MAX_PIXELS = 80_000_000
POINTS_PER_INCH = 72.0

_PDFIUM = threading.Lock()
"""PDFium has one state per process and is not thread-safe: whoever calls it holds this."""


def page_count(path: Path) -> int:
    """Number of pages. Raises DeviceFault PICTURE_NOT_FOUND, PICTURE_UNREADABLE."""
    with _opened(path) as document:
        return len(document)


def render_page(path: Path, page: int, *, dpi: float = 200.0, width: int = 0) -> "Grey":
    """Page `page` (from 1) as height × width uint8, at a resolution or, if given, at a width in pixels.

    Raises DeviceFault PICTURE_NOT_FOUND, PICTURE_UNREADABLE, PICTURE_TOO_LARGE.
    """
    import numpy as np

    with _opened(path) as document:
        sheet = document[page - 1]
        wide, tall = sheet.get_size()
        scale = width / wide if width else dpi / POINTS_PER_INCH
        if wide * tall * scale * scale > MAX_PIXELS:
            raise fault(FaultCode.PICTURE_TOO_LARGE, "file", file=path.name)
        pixels = sheet.render(scale=scale, grayscale=True).to_numpy()
        # copied, because the bitmap's memory goes with the document; PDFium rounds the width up
        return np.array(pixels[:, : width or None], np.uint8)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import pypdfium2

    if not path.is_file():
        raise fault(FaultCode.PICTURE_NOT_FOUND, "file", file=path.name)
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            raise fault(FaultCode.PICTURE_UNREADABLE, "file", file=path.name) from error
        try:
            yield document
        except pypdfium2.PdfiumError as error:
            raise fault(FaultCode.PICTURE_UNREADABLE, "file", file=path.name) from error
        finally:
            document.close()
