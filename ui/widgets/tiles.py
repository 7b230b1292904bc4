"""Product tiles: name, price, places left, F-key, and a bar in the colour of the event."""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors
from ui.widgets.buttons import PaintedButton
from ui.widgets.labels import MeaningName, draw_key, plain_tip

TileState = Literal["normal", "few", "sold_out", "not_on_sale"]


_STATES: dict[TileState, tuple[MeaningName, str]] = {
    "few": ("attention", "triangle-alert"),
    "sold_out": ("refuse", "ban"),
    "not_on_sale": ("neutral", "clock"),
}


@dataclass(frozen=True, slots=True)
class TileFacts:
    """What a tile shows; texts are ready for reading. `left` is "12 left", or why it is not on sale."""

    name: str
    price: str
    left: str = ""
    key: str = ""
    color: str = "#6a61ec"
    state: TileState = "normal"
    in_cart: int = 0
    detail: str = ""


class ProductTile(PaintedButton):
    """Press to add one. A tile that is sold out or not on sale can still be pressed: the refusal says why.

    One less is the cart's stepper, or Shift with the F-key: a tile only adds.
    """

    def __init__(self, facts: TileFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_facts(facts)

    def show_facts(self, facts: TileFacts) -> None:
        """Show something else."""
        self._facts = facts
        self.setText(facts.name)
        self.setAccessibleName(", ".join(filter(None, (facts.name, facts.price, facts.left))))
        self.setToolTip(plain_tip(facts.name))
        self.update()

    def facts(self) -> TileFacts:
        """What is shown."""
        return self._facts

    def sizeHint(self) -> QSize:
        return QSize(208, 128)

    def minimumSizeHint(self) -> QSize:
        return QSize(152, 128)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        facts = self._facts
        closed = facts.state in {"sold_out", "not_on_sale"}
        painter = paint.begin(self)
        rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        fill = c.pressed if self.isDown() else c.hover if self.hovered else c.sunken if closed else c.surface
        line = c.accent if facts.in_cart else c.line_strong if self.hovered else c.line
        paint.box(painter, rect, fill, line, tokens.RADIUS_LARGE, 2 if facts.in_cart else 1)
        if not closed:
            self._bar(painter, rect)
        room = rect.adjusted(20, 14, -14, -14)
        self._top(painter, room)
        self._bottom(painter, room, closed=closed)
        if self.hasFocus():
            paint.focus_ring(painter, QRectF(self.rect()), c.focus, tokens.RADIUS_LARGE)

    def _bar(self, painter: QPainter, rect: QRectF) -> None:
        painter.save()
        path = QPainterPath()
        path.addRoundedRect(rect.adjusted(1, 1, -1, -1), tokens.RADIUS_LARGE - 1, tokens.RADIUS_LARGE - 1)
        painter.setClipPath(path)
        paint.box(painter, QRectF(rect.left(), rect.top(), 6, rect.height()), self._facts.color, None, 0)
        painter.restore()

    def _top(self, painter: QPainter, room: QRectF) -> None:
        c = current_colors()
        facts = self._facts
        right = room.right()
        if facts.key:
            painter.setFont(paint.sized(self.font(), tokens.SMALL, tokens.MEDIUM))
            wide = max(28, painter.fontMetrics().horizontalAdvance(facts.key) + 12)
            draw_key(painter, QRectF(right - wide, room.top(), wide, 22), facts.key)
            right -= wide + 8
        font = paint.sized(self.font(), tokens.BODY, tokens.BOLD)
        painter.setFont(font)
        words = QRectF(room.left(), room.top(), right - room.left(), 42)
        painter.setPen(c.text if facts.state in {"normal", "few"} else c.text_soft)
        lines = two_lines(QFontMetrics(font), facts.name, int(words.width()))
        for number, line in enumerate(lines):
            paint.text(painter, QRectF(words.left(), words.top() + number * 21, words.width(), 22), line,
                       c.text if facts.state in {"normal", "few"} else c.text_soft)  # fmt: skip
        if facts.detail and len(lines) == 1:
            painter.setFont(paint.sized(self.font(), tokens.SMALL))
            paint.text(
                painter, QRectF(words.left(), words.top() + 22, words.width(), 20), facts.detail, c.text_muted
            )

    def _bottom(self, painter: QPainter, room: QRectF, *, closed: bool) -> None:
        c = current_colors()
        facts = self._facts
        base = room.bottom()
        right = room.right()
        if facts.in_cart:
            spot = QRectF(right - 30, base - 28, 30, 28)
            paint.box(painter, spot, c.accent, None, 14)
            painter.setFont(paint.sized(self.font(), tokens.BODY, tokens.BOLD))
            paint.text(painter, spot, str(facts.in_cart), c.on_accent, paint.CENTER)
            right -= 38
        painter.setFont(paint.sized(self.font(), tokens.TITLE, tokens.BOLD))
        price = QRectF(room.left(), base - 52, right - room.left(), 28)
        paint.text(painter, price, facts.price, c.text_soft if closed else c.text)
        look = _STATES.get(facts.state)
        left = QRectF(room.left(), base - 22, right - room.left(), 22)
        ink = c.text_muted
        if look is not None:
            ink = c.meaning(look[0]).on_soft
            draw_icon(painter, look[1], ink, QRectF(left.left(), left.center().y() - 7.5, 15, 15))
            left.setLeft(left.left() + 21)
        painter.setFont(paint.sized(self.font(), tokens.SMALL, tokens.MEDIUM))
        paint.text(painter, left, facts.left, ink)


def two_lines(metrics: QFontMetrics, words: str, width: int) -> list[str]:
    """The text in at most two lines, broken at a space; the second is shortened with … if it must be."""
    if metrics.horizontalAdvance(words) <= width:
        return [words]
    parts = words.split(" ")
    count = len(parts) - 1
    while count > 0 and metrics.horizontalAdvance(" ".join(parts[:count])) > width:
        count -= 1
    if count == 0:
        return [metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)]
    rest = metrics.elidedText(" ".join(parts[count:]), Qt.TextElideMode.ElideRight, width)
    return [" ".join(parts[:count]), rest]
