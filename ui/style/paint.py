"""Small helpers that painted widgets share: fonts, rounded boxes, text that is fitted or shortened."""

from math import cos, pi, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsDropShadowEffect, QWidget

from ui.style import tokens

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter


def sized(font: QFont, pixels: int, weight: int = tokens.REGULAR) -> QFont:
    """The same family at another size and weight."""
    made = QFont(font)
    made.setPixelSize(max(1, pixels))
    made.setWeight(QFont.Weight(weight))
    return made


def begin(widget: QWidget) -> QPainter:
    """A painter on the widget with smooth edges."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def box(
    painter: QPainter,
    rect: QRectF,
    fill: str | None,
    line: str | None = None,
    radius: float = tokens.RADIUS,
    width: float = 1.0,
) -> None:
    """A rounded box; a line is drawn wholly inside `rect`."""
    painter.setBrush(QColor(fill) if fill else Qt.BrushStyle.NoBrush)
    if line:
        painter.setPen(QPen(QColor(line), width))
        half = width / 2
        rect = rect.adjusted(half, half, -half, -half)
        radius = max(0.0, radius - half)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(rect, radius, radius)


def focus_ring(painter: QPainter, rect: QRectF, color: str, radius: float = tokens.RADIUS) -> None:
    """The sign of keyboard focus: two pixels inside the edge of `rect`."""
    box(painter, rect, None, color, radius, 2.0)


def text(
    painter: QPainter,
    rect: QRectF,
    words: str,
    color: str,
    align: Qt.AlignmentFlag = LEFT,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    """One line of plain text, shortened with … when it does not fit."""
    painter.setPen(QColor(color))
    short = QFontMetricsF(painter.font(), painter.device()).elidedText(words, elide, rect.width())
    painter.drawText(rect, int(align) | int(Qt.TextFlag.TextSingleLine), short)


def wrapped_height(font: QFont, words: str, width: float) -> float:
    """Height of the text wrapped to `width`."""
    flags = int(Qt.TextFlag.TextWordWrap)
    return QFontMetricsF(font).boundingRect(QRectF(0, 0, width, 10_000), flags, words).height()


def fitting_font(
    font: QFont, words: str, room: QRectF, largest: int, smallest: int, weight: int, *, wrap: bool
) -> QFont:
    """The largest size at which the text is whole inside `room` (never below `smallest`)."""
    low, high = smallest, max(smallest, largest)
    while low < high:
        middle = (low + high + 1) // 2
        if _fits(sized(font, middle, weight), words, room, wrap=wrap):
            low = middle
        else:
            high = middle - 1
    return sized(font, low, weight)


def _fits(font: QFont, words: str, room: QRectF, *, wrap: bool) -> bool:
    metrics = QFontMetricsF(font)
    if not wrap:
        return metrics.horizontalAdvance(words) <= room.width() and metrics.height() <= room.height()
    longest = max((metrics.horizontalAdvance(word) for word in words.split()), default=0.0)
    return longest <= room.width() and wrapped_height(font, words, room.width()) <= room.height()


def polygon(center: QPointF, radius: float, corners: int, turn_degrees: float) -> list[QPointF]:
    """Corners of a regular polygon, the first at `turn_degrees` clockwise from the right."""
    start = turn_degrees * pi / 180
    angles = [start + 2 * pi * n / corners for n in range(corners)]
    return [QPointF(center.x() + radius * cos(a), center.y() + radius * sin(a)) for a in angles]


def add_shadow(widget: QWidget) -> None:
    """The one shadow, for what floats above the page."""
    effect = QGraphicsDropShadowEffect(widget)
    effect.setBlurRadius(tokens.SHADOW_BLUR)
    effect.setOffset(0, tokens.SHADOW_DY)
    effect.setColor(QColor(0, 0, 0, tokens.SHADOW_ALPHA))
    widget.setGraphicsEffect(effect)
