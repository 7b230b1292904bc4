"""The verdict as large as its panel: colour, shape and word; the reason second, what to do third.

Everything is painted and fitted: whatever the size of the panel, the text scale or the language, the word
is whole. Meaning is never told by colour alone: each has a shape of its own.
"""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.style import paint, tokens
from ui.style.theme import current_colors

VerdictMeaning = Literal["admit", "refuse", "attention", "info", "neutral"]


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """What the panel says. `word` is the largest; `details` are short lines such as product and name."""

    meaning: VerdictMeaning
    word: str
    reason: str = ""
    advice: str = ""
    details: tuple[str, ...] = ()
    confidence: str = ""


class VerdictPanel(QWidget):
    """Shows one verdict, or a calm "ready" with meaning `neutral`."""

    def __init__(self, parent: QWidget | None = None, *, radius: int = tokens.RADIUS_LARGE) -> None:
        super().__init__(parent)
        self._facts = VerdictFacts("neutral", "")
        self._radius = radius
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_verdict(self, facts: VerdictFacts) -> None:
        """Show this at once."""
        self._facts = facts
        self.setAccessibleName(". ".join(filter(None, (facts.word, facts.reason, facts.advice))))
        self.update()

    def facts(self) -> VerdictFacts:
        """What is shown."""
        return self._facts

    def sizeHint(self) -> QSize:
        return QSize(720, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(280, 200)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = paint.begin(self)
        fill, ink = self._colors()
        calm = self._facts.meaning == "neutral"
        line = current_colors().line if calm else None
        paint.box(painter, QRectF(self.rect()), fill, line, self._radius)
        edge = max(20.0, min(self.width(), self.height()) * 0.08)
        room = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        if room.width() > room.height() * 1.3:
            side = min(room.height() * 0.62, room.width() * 0.26)
            sign = QRectF(room.left(), room.center().y() - side / 2, side, side)
            words = room.adjusted(side + edge, 0, 0, 0)
            align = Qt.AlignmentFlag.AlignLeft
        else:
            side = min(room.height() * 0.32, room.width() * 0.5)
            sign = QRectF(room.center().x() - side / 2, room.top(), side, side)
            words = room.adjusted(0, side + edge * 0.5, 0, 0)
            align = Qt.AlignmentFlag.AlignHCenter
        draw_sign(painter, self._facts.meaning, sign, fill, ink)
        self._words(painter, words, ink, align)

    def _colors(self) -> tuple[str, str]:
        c = current_colors()
        if self._facts.meaning == "neutral":
            return c.surface, c.text
        meaning = c.meaning(self._facts.meaning)
        return meaning.fill, meaning.on_fill

    def _words(self, painter: QPainter, room: QRectF, ink: str, align: Qt.AlignmentFlag) -> None:
        """The word as large as it goes; the rest shares what is left, in sizes that keep their order."""
        facts = self._facts
        largest = round(max(24.0, min(self.height() * 0.28, self.width() * 0.2)))
        small = max(tokens.SMALL, round(largest * 0.18)) if facts.confidence else 0
        free = room.height() - small * 1.5
        rest = [part for part in self._rest() if part[0]]
        cell = QRectF(0, 0, room.width(), max(12.0, free * (0.44 if rest else 1.0)))
        word = paint.fitting_font(self.font(), facts.word, cell, largest, _LEAST_WORD, 700, wrap=True)
        head = paint.wrapped_height(word, facts.word, room.width())
        gap = room.height() * 0.03
        while rest and self._least_height(rest, room.width()) > free - head - gap * len(rest):
            rest.pop()  # on a very small panel the least important goes, rather than being cut
        most = max(_LEAST_REASON, min(round(largest * 0.4), round(word.pixelSize() * 0.62)))
        fonts = self._fitted(rest, room.width(), free - head - gap * len(rest), most)
        block = [(facts.word, word), *((text, font) for (text, *_), font in zip(rest, fonts, strict=True))]
        heights = [paint.wrapped_height(font, text, room.width()) for text, font in block]
        top = room.top() + max(0.0, (free - sum(heights) - gap * len(rest)) / 2)
        painter.setPen(QColor(ink))
        flags = int(align) | int(Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        for (text, font), height in zip(block, heights, strict=True):
            painter.setFont(font)
            painter.drawText(QRectF(room.left(), top, room.width(), height + 2), flags, text)
            top += height + gap
        if facts.confidence:
            small = max(tokens.SMALL, min(small, fonts[-1].pixelSize() if fonts else small))
            painter.setFont(paint.sized(self.font(), small, tokens.MEDIUM))
            foot = QRectF(room.left(), room.bottom() - small * 1.5, room.width(), small * 1.5)
            paint.text(painter, foot, facts.confidence, ink, align | Qt.AlignmentFlag.AlignVCenter)

    def _rest(self) -> tuple[tuple[str, float, int], ...]:
        """What follows the word: text, size against the reason's, weight."""
        facts = self._facts
        return (
            (facts.reason, 1.0, tokens.BOLD),
            (facts.advice, 0.9, tokens.REGULAR),
            ("\n".join(facts.details), 0.72, tokens.MEDIUM),
        )

    def _least_height(self, parts: list[tuple[str, float, int]], width: float) -> float:
        """Height of the parts at their smallest size."""
        fonts = self._fitted(parts, width, 0.0, _LEAST_REASON)
        pairs = zip(parts, fonts, strict=True)
        return sum(paint.wrapped_height(font, part[0], width) for part, font in pairs)

    def _fitted(
        self, parts: list[tuple[str, float, int]], width: float, height: float, most: int
    ) -> list[QFont]:
        """Fonts of the parts for the largest size of the reason at which all of them are whole."""

        def fonts_at(size: int) -> list[QFont]:
            return [
                paint.sized(self.font(), max(_LEAST_DETAIL, round(size * share)), weight)
                for _, share, weight in parts
            ]

        low, high = _LEAST_REASON, most
        while low < high:
            middle = (low + high + 1) // 2
            needed = sum(
                paint.wrapped_height(font, part[0], width)
                for part, font in zip(parts, fonts_at(middle), strict=True)
            )
            low, high = (middle, high) if needed <= height else (low, middle - 1)
        return fonts_at(low)


_LEAST_WORD, _LEAST_REASON, _LEAST_DETAIL = 8, 12, 10


def draw_sign(painter: QPainter, meaning: VerdictMeaning, rect: QRectF, fill: str, ink: str) -> None:
    """The shape of a meaning: tick in a circle, cross in an octagon, triangle with !, arrow in a circle."""
    painter.save()
    middle, radius = rect.center(), rect.width() / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink))
    if meaning == "neutral":
        _draw_viewfinder(painter, rect)
    elif meaning == "refuse":
        painter.drawPolygon(QPolygonF(paint.polygon(middle, radius, 8, 22.5)))
        _stroke(painter, fill, radius * 0.2)
        arm = radius * 0.36
        painter.drawLine(middle + QPointF(-arm, -arm), middle + QPointF(arm, arm))
        painter.drawLine(middle + QPointF(-arm, arm), middle + QPointF(arm, -arm))
    elif meaning == "attention":
        painter.setPen(QPen(QColor(ink), radius * 0.16, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap,
                            Qt.PenJoinStyle.RoundJoin))  # fmt: skip
        low = middle + QPointF(0, radius * 0.16)
        painter.drawPolygon(QPolygonF(paint.polygon(low, radius * 0.94, 3, -90)))
        _stroke(painter, fill, radius * 0.17)
        painter.drawLine(low + QPointF(0, -radius * 0.36), low + QPointF(0, radius * 0.08))
        painter.drawPoint(low + QPointF(0, radius * 0.34))
    else:
        painter.drawEllipse(rect)
        _stroke(painter, fill, radius * 0.2)
        shape = _TICK if meaning == "admit" else _ARROW
        painter.drawPolyline(QPolygonF([middle + QPointF(x * radius, y * radius) for x, y in shape]))
        if meaning == "info":
            painter.drawLine(middle + QPointF(-radius * 0.46, 0), middle + QPointF(radius * 0.46, 0))
    painter.restore()


_TICK = ((-0.42, 0.04), (-0.12, 0.34), (0.44, -0.3))
_ARROW = ((0.1, -0.38), (0.48, 0.0), (0.1, 0.38))


def _stroke(painter: QPainter, color: str, width: float) -> None:
    painter.setPen(QPen(QColor(color), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap,
                        Qt.PenJoinStyle.RoundJoin))  # fmt: skip
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _draw_viewfinder(painter: QPainter, rect: QRectF) -> None:
    """Four corners and a line: waiting for a code."""
    c = current_colors()
    _stroke(painter, c.line_strong, rect.width() * 0.045)
    arm = rect.width() * 0.22
    for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        corner = QPointF(rect.left() + x * rect.width(), rect.top() + y * rect.height())
        across, down = arm * (1 - 2 * x), arm * (1 - 2 * y)
        painter.drawPolyline(QPolygonF([corner + QPointF(across, 0), corner, corner + QPointF(0, down)]))
    _stroke(painter, c.accent, rect.width() * 0.05)
    inset = rect.width() * 0.14
    painter.drawLine(
        QPointF(rect.left() + inset, rect.center().y()), QPointF(rect.right() - inset, rect.center().y())
    )
