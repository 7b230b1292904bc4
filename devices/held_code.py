"""A code held before the simulated camera: the symbol on paper, on a table, as a grey frame."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

MODULE = 12
"""Pixels to a module: as a ticket held at arm's length."""
QUIET = 4
HEIGHT, WIDTH = 720, 1280
INK, PAPER, TABLE = 20, 245, 96


def held_code(matrix: Sequence[Sequence[bool]]) -> "Image":
    """The frame for the modules of a symbol (True is dark), at most 52 of them across; 720 × 1280, uint8."""
    import numpy as np

    dark = np.array(matrix, dtype=bool)
    symbol = np.pad(np.where(dark, INK, PAPER).astype(np.uint8), QUIET, constant_values=PAPER)
    drawn = np.kron(symbol, np.ones((MODULE, MODULE), np.uint8))
    frame = np.full((HEIGHT, WIDTH), TABLE, np.uint8)
    top, left = (HEIGHT - drawn.shape[0]) // 2, (WIDTH - drawn.shape[1]) // 2
    frame[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    return frame
