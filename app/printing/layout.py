"""Where things stand on paper: boxes with plain coordinates, made before anything is drawn.

Coordinates are points from the upper left corner, y going down. A layout is a list of boxes; a test can ask
each of them for its bounds, so that "nothing overlaps" is computed, not seen.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.printing.fonts import Face, Fitted, Steps, Typesetter

MM = 72 / 25.4
BLACK = 0.0
GREY = 0.38
RULE = 0.0

Bounds = tuple[float, float, float, float]
"""left, top, right, bottom"""


class Align(StrEnum):
    """Where lines stand in the width of their box."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class TextBox:
    """Lines of one face and size; each line is `leading` high."""

    x: float
    top: float
    width: float
    lines: tuple[str, ...]
    face: str
    size: float
    leading: float
    align: Align = Align.LEFT
    ink: float = BLACK

    @property
    def bounds(self) -> Bounds:
        """The room the lines take."""
        return self.x, self.top, self.x + self.width, self.top + self.leading * len(self.lines)


@dataclass(frozen=True, slots=True)
class RuleBox:
    """A horizontal line; `dash` in points, 0 = solid."""

    x: float
    top: float
    width: float
    weight: float = 0.6
    dash: float = 0.0

    @property
    def bounds(self) -> Bounds:
        """The line with its thickness."""
        return self.x, self.top, self.x + self.width, self.top + self.weight


@dataclass(frozen=True, slots=True)
class QrBox:
    """A QR symbol of `side` points with its quiet zone; `ticket` chooses the fixed version of ticket codes.

    The quiet zone may reach into the margin of the paper, which is just as white.
    """

    x: float
    top: float
    side: float
    text: str
    ticket: bool = True

    @property
    def bounds(self) -> Bounds:
        """Symbol and quiet zone."""
        return self.x, self.top, self.x + self.side, self.top + self.side


@dataclass(frozen=True, slots=True)
class FrameBox:
    """A bar with words in it: white on black when `filled`, else a thin frame."""

    x: float
    top: float
    width: float
    height: float
    line: str
    face: str
    size: float
    filled: bool = True

    @property
    def bounds(self) -> Bounds:
        """The bar."""
        return self.x, self.top, self.x + self.width, self.top + self.height


@dataclass(frozen=True, slots=True)
class MarkBox:
    """A word across the page, drawn in outline behind all else: the one thing that may lie under others."""

    x: float
    top: float
    width: float
    height: float
    line: str
    face: str
    size: float

    @property
    def bounds(self) -> Bounds:
        """The area the word runs across, corner to corner."""
        return self.x, self.top, self.x + self.width, self.top + self.height


Box = TextBox | RuleBox | QrBox | FrameBox | MarkBox


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: its size in points and its boxes in drawing order."""

    width: float
    height: float
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Style:
    """How a kind of text is set: face, attempts at a size, leading as a multiple of the size."""

    face: Face
    steps: Steps
    leading: float = 1.3
    align: Align = Align.LEFT
    ink: float = BLACK
    balance: bool = False


class Flow:
    """Puts boxes below each other in one column; the next one starts where the last one ended."""

    def __init__(self, setter: Typesetter, x: float, top: float, width: float) -> None:
        self._setter = setter
        self.x = x
        self.top = top
        self.width = width
        self.boxes: list[Box] = []

    def fit(self, text: str, style: Style, width: float | None = None) -> Fitted:
        """Fit text into the column, or into a part of it."""
        return self._setter.fit(text, style.face, style.steps, width or self.width, balance=style.balance)

    def text(self, text: str, style: Style) -> None:
        """Add text; nothing is added when nothing printable is left of it."""
        self.put(self.fit(text, style), style)

    def put(self, fitted: Fitted, style: Style, x: float | None = None, width: float | None = None) -> None:
        """Add text that was fitted before; in a part of the column it does not move the flow on."""
        if not fitted.lines:
            return
        leading = fitted.size * style.leading
        self.boxes.append(
            TextBox(
                self.x if x is None else x,
                self.top,
                width or self.width,
                fitted.lines,
                style.face,
                fitted.size,
                leading,
                style.align,
                style.ink,
            )
        )
        if x is None and width is None:
            self.top += leading * len(fitted.lines)

    def pair(self, left: str, right: str, style: Style, right_style: Style, gap: float = 8.0) -> None:
        """Text on the left, a value on the right, each wrapped in its part; the value gets at most 2/3."""
        value = self.fit(right, right_style, (self.width - gap) * 2 / 3)
        taken = max(
            (self._setter.width(line, right_style.face, value.size) for line in value.lines), default=0.0
        )
        room = self.width - taken - gap if taken else self.width
        label = self.fit(left, style, room)
        top = self.top
        self.put(label, style, self.x, room)
        height = len(label.lines) * label.size * style.leading
        if value.lines:
            leading = value.size * right_style.leading
            aligned = max(0.0, (label.size * style.leading - leading) / 2) if label.lines else 0.0
            self.top = top + aligned
            self.put(value, right_style, self.x + self.width - taken, taken)
            height = max(height, aligned + leading * len(value.lines))
        self.top = top + height

    def rule(self, weight: float = 0.6, dash: float = 0.0) -> None:
        """Add a line across the column."""
        self.boxes.append(RuleBox(self.x, self.top, self.width, weight, dash))
        self.top += weight

    def gap(self, points: float) -> None:
        """Leave room."""
        self.top += points
