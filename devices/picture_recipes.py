"""Enhancement of hard frames: ways to make a code readable that the first look did not find.

Each recipe turns a grey frame into another picture and says how to map its pixels back. What each is for:
contrast (dark, faint, glare), unsharp masking and Wiener deconvolution (out of focus), a bank of line
kernels (moved while the shutter was open), smoothing (noise), local thresholds (uneven light).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

MOTION_LENGTHS = (9, 14, 20, 26)
MOTION_ANGLES = 8
SPECTRUM_SIDE = 448
FOCUS_SIGMAS = (4.0, 2.5, 5.5)


@dataclass(frozen=True, slots=True)
class Variant:
    """A picture made from a frame: frame pixel = variant pixel / scale + (left, top)."""

    grey: "Grey"
    scale: float = 1.0
    left: int = 0
    top: int = 0


Recipe = Callable[["Grey"], Iterator[Variant]]


def contrast(grey: "Grey") -> Iterator[Variant]:
    """Local contrast (CLAHE), then a little smoothing: dark and faint frames."""
    import cv2
    import numpy as np

    local = cv2.createCLAHE(6.0, (8, 8)).apply(grey)
    yield Variant(np.asarray(cv2.GaussianBlur(local, (0, 0), 1.2), np.uint8))


def stretched(grey: "Grey") -> Iterator[Variant]:
    """Smoothing, then the full range of grey: noise over a faint code."""
    import cv2
    import numpy as np

    smooth = cv2.GaussianBlur(grey, (0, 0), 1.5)
    low, high = (float(value) for value in np.percentile(smooth[::4, ::4], (1, 99)))
    gain = 255.0 / max(high - low, 1.0)
    yield Variant(np.asarray(cv2.convertScaleAbs(np.maximum(smooth, low) - low, alpha=gain), np.uint8))


def enlarged(grey: "Grey") -> Iterator[Variant]:
    """Twice the size, edges sharpened: small codes a little out of focus."""
    import cv2
    import numpy as np

    for region in regions(grey):
        large = cv2.resize(region.grey, None, fx=2.0, fy=2.0, interpolation=cv2.INTER_CUBIC)
        sharp = cv2.addWeighted(large, 3.0, cv2.GaussianBlur(large, (0, 0), 6.0), -2.0, 0.0)
        yield Variant(np.asarray(sharp, np.uint8), 2.0, region.left, region.top)


def levelled(grey: "Grey") -> Iterator[Variant]:
    """Every pixel against its neighbourhood's mean and spread: shadows and glare."""
    import cv2
    import numpy as np

    light = grey.astype(np.float32)
    size = (61, 61)
    mean = cv2.boxFilter(light, -1, size)
    spread = cv2.sqrt(np.maximum(cv2.boxFilter(light * light, -1, size) - mean * mean, 0.0)) + 2.0
    yield Variant(np.clip(128.0 + (light - mean) / spread * 60.0, 0, 255).astype(np.uint8))


def thresholded(grey: "Grey") -> Iterator[Variant]:
    """Two local thresholds, narrow for blurred edges and wide for broad shadows."""
    import cv2
    import numpy as np

    for window, offset in ((15, 2), (101, 0)):
        black_white = cv2.adaptiveThreshold(
            grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, window, offset
        )
        yield Variant(np.asarray(black_white, np.uint8))


def smoothed(grey: "Grey") -> Iterator[Variant]:
    """A median against salt and pepper, a Gaussian against grain."""
    import cv2
    import numpy as np

    yield Variant(np.asarray(cv2.medianBlur(grey, 5), np.uint8))
    yield Variant(np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.0), np.uint8))


def halved(grey: "Grey") -> Iterator[Variant]:
    """Half the size by area: coarse noise on a large code."""
    import cv2
    import numpy as np

    small = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    yield Variant(np.asarray(small, np.uint8), 0.5)


def refocused(grey: "Grey") -> Iterator[Variant]:
    """Wiener deconvolution with Gaussian kernels: out of focus.

    Source: N. Wiener, Extrapolation, Interpolation, and Smoothing of Stationary Time Series (1949).
    """
    import numpy as np

    for region in regions(grey):
        spectrum = _Spectrum(region)
        for sigma in FOCUS_SIGMAS:
            radius = spectrum.fx**2 + spectrum.fy**2
            yield spectrum.restored(np.exp(-2.0 * (np.pi * sigma) ** 2 * radius), noise=0.002)


def steadied(length: int, grey: "Grey") -> Iterator[Variant]:
    """Wiener deconvolution with line kernels of `length` pixels in eight directions: moved while exposed."""
    import numpy as np

    for region in regions(grey):
        spectrum = _Spectrum(region)
        for step in range(MOTION_ANGLES):
            angle = math.pi * step / MOTION_ANGLES
            along = spectrum.fx * math.cos(angle) + spectrum.fy * math.sin(angle)
            yield spectrum.restored(np.sinc(along * length), noise=0.01)


class _Spectrum:
    """Fourier transform of a region, mirrored at its edges so that they do not ring.

    Large regions are brought to SPECTRUM_SIDE first: the transforms are what costs, and nine pixels a module
    are enough for any kernel. In single precision, for the same reason.
    """

    def __init__(self, region: Variant) -> None:
        import cv2
        import numpy as np

        region = _no_larger(region, SPECTRUM_SIDE)
        self._region = region
        self._height, self._width = region.grey.shape
        tall, wide = (cv2.getOptimalDFTSize(side + 48) for side in (self._height, self._width))
        padded = cv2.copyMakeBorder(
            region.grey, 24, tall - self._height - 24, 24, wide - self._width - 24, cv2.BORDER_REFLECT
        )
        self._values = np.fft.rfft2(padded.astype(np.float32))
        self._shape = (tall, wide)
        self.fy = np.fft.fftfreq(tall)[:, None].astype(np.float32)
        self.fx = np.fft.rfftfreq(wide)[None, :].astype(np.float32)

    def restored(self, kernel: "NDArray[np.floating]", noise: float) -> Variant:
        """The region with `kernel` (its transfer function, real) undone, damped by the noise ratio."""
        import numpy as np

        inverse = (kernel / (kernel * kernel + noise)).astype(np.float32)
        values = np.fft.irfft2(self._values * inverse, s=self._shape)
        inner = values[24 : 24 + self._height, 24 : 24 + self._width]
        grey = np.clip(inner, 0, 255).astype(np.uint8)
        return Variant(grey, self._region.scale, self._region.left, self._region.top)


def _no_larger(region: Variant, side: int) -> Variant:
    import cv2
    import numpy as np

    scale = side / max(region.grey.shape)
    if scale >= 1.0:
        return region
    small = cv2.resize(region.grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return Variant(np.asarray(small, np.uint8), scale, region.left, region.top)


def regions(grey: "Grey", most: int = 2) -> list[Variant]:
    """The parts of a frame that are busy like a code, at most `most`; empty for a blank frame.

    Works on a quarter of the size: edges, gathered over a few modules, cut at Otsu's threshold.
    """
    import cv2
    import numpy as np

    height, width = grey.shape
    step = max(1, max(height, width) // 320)
    small = cv2.resize(grey, (max(1, width // step), max(1, height // step)), interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(small, (0, 0), 1.0)
    edges = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    busy = cv2.boxFilter(edges, -1, (11, 11))
    level, mask = cv2.threshold(busy, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    if level < 1:
        return []
    count, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(mask, np.uint8))
    boxes = sorted((stats[index] for index in range(1, count)), key=lambda box: -int(box[cv2.CC_STAT_AREA]))
    return [cut for box in boxes[:most] if (cut := _cut(grey, box[:4] * step)) is not None]


def _cut(grey: "Grey", box: "NDArray[np.int32]") -> Variant | None:
    """The box with a margin for the quiet zone; None when it is too small for a code."""
    import numpy as np

    left, top, width, height = (int(value) for value in box)
    if min(width, height) < 32:
        return None
    margin = max(width, height) // 8
    x, y = max(0, left - margin), max(0, top - margin)
    part = grey[y : top + height + margin, x : left + width + margin]
    return Variant(np.ascontiguousarray(part), 1.0, x, y)


def recipes() -> tuple[Recipe, ...]:
    """All recipes in the order in which they pay on hard frames: most read for the least time first."""
    return (
        contrast,
        stretched,
        enlarged,
        refocused,
        levelled,
        smoothed,
        thresholded,
        halved,
        *(partial(steadied, length) for length in MOTION_LENGTHS),
    )
