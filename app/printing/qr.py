"""QR symbols: of a ticket with everything fixed, of a receipt's reference as small as it gets.

A ticket's text is 152 characters of the alphanumeric set, and version 6 at level M holds 154 of them
(ISO/IEC 18004, table 7), so version and mask are fixed: the search for the best mask costs six times the
rest, and the text is signed noise, on which one mask is as good as another.
"""

import io
from collections.abc import Sequence

from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.main import QRCode
from qrcode.util import MODE_ALPHA_NUM, QRData

TICKET_VERSION = 6
TICKET_MODULES = 17 + 4 * TICKET_VERSION
TICKET_CAPACITY = 154
MASK = 2
QUIET_MODULES = 4

Matrix = Sequence[Sequence[bool]]
"""Rows of modules, True is dark, without the quiet zone."""


def ticket_matrix(code: str) -> Matrix:
    """The 41 × 41 modules of a ticket's code.

    Raises ValueError for a letter that is not in QR's alphanumeric set and for more than 154 of them.
    """
    return _matrix(QRData(code, mode=MODE_ALPHA_NUM), TICKET_VERSION)


def text_matrix(text: str) -> Matrix:
    """The modules of any text in the smallest version that holds it at level M; ValueError if none does."""
    return _matrix(QRData(text), None)


def _matrix(data: QRData, version: int | None) -> Matrix:
    symbol = QRCode(version=version, error_correction=ERROR_CORRECT_M, border=0, mask_pattern=MASK)
    symbol.add_data(data, optimize=0)
    try:
        symbol.make(fit=version is None)
    except DataOverflowError as error:
        raise ValueError("too long for the QR symbol") from error
    return [[bool(module) for module in row] for row in symbol.modules]


def rectangles(matrix: Matrix) -> list[tuple[int, int, int, int]]:
    """The dark modules as few rectangles (x, y, width, height) with y going down.

    Runs along a row are merged, and equal runs of following rows with them: a seam between two rectangles
    can show as a hair line when a viewer smooths edges.
    """
    done: list[tuple[int, int, int, int]] = []
    open_runs: dict[tuple[int, int], int] = {}
    for y, row in enumerate([*matrix, []]):
        runs = _runs(row)
        for run, start in list(open_runs.items()):
            if run not in runs:
                done.append((run[0], start, run[1], y - start))
                del open_runs[run]
        for run in runs:
            open_runs.setdefault(run, y)
    return done


def _runs(row: Sequence[bool]) -> set[tuple[int, int]]:
    found = set()
    start = -1
    for x, dark in enumerate([*row, False]):
        if dark and start < 0:
            start = x
        elif not dark and start >= 0:
            found.add((start, x - start))
            start = -1
    return found


def sheet_png(texts: Sequence[str], *, module: int = 8) -> bytes:
    """A black and white PNG of several symbols side by side, each in its quiet zone, two to a row.

    Raises ValueError when a text is too long.
    """
    pictures = [Image.open(io.BytesIO(qr_png(text, module=module))) for text in texts]
    side = max(picture.width for picture in pictures)
    across = min(2, len(pictures))
    down = -(-len(pictures) // across)
    sheet = Image.new("1", (side * across, side * down), 1)
    for at, picture in enumerate(pictures):
        sheet.paste(picture, (at % across * side, at // across * side))
    out = io.BytesIO()
    sheet.save(out, format="PNG", optimize=True)
    return out.getvalue()


def qr_png(text: str, *, module: int = 8) -> bytes:
    """A black and white PNG of the symbol with its quiet zone, `module` pixels to a module.

    A ticket's code gives the very symbol that is printed. Raises ValueError when the text is too long.
    """
    try:
        matrix = ticket_matrix(text) if len(text) > 100 else text_matrix(text)
    except ValueError:
        matrix = text_matrix(text)
    side = len(matrix) + 2 * QUIET_MODULES
    image = Image.new("1", (side, side), 1)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + QUIET_MODULES, y + QUIET_MODULES), 0)
    out = io.BytesIO()
    image.resize((side * module, side * module), Image.Resampling.NEAREST).save(
        out, format="PNG", optimize=True
    )
    return out.getvalue()
