"""An amount that is read from across the counter: as large as its box allows."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.style import paint, tokens
from ui.style.theme import current_colors
from ui.widgets.labels import MeaningName

LARGEST = 88


class BigAmount(QWidget):
    """A caption and an amount on a quiet ground; with `meaning` in one of the four colours."""

    def __init__(self, parent: QWidget | None = None, *, high: int = 96, largest: int = LARGEST) -> None:
        super().__init__(parent)
        self._caption, self._amount = "", ""
        self._meaning: MeaningName = "neutral"
        self._high, self._largest = high, largest
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_amount(self, caption: str, amount: str, meaning: MeaningName = "neutral") -> None:
        """Show another amount."""
        self._caption, self._amount, self._meaning = caption, amount, meaning
        self.setAccessibleName(f"{caption} {amount}")
        self.update()

    def text(self) -> str:
        """Caption and amount, as screen readers get them."""
        return f"{self._caption} {self._amount}".strip()

    def sizeHint(self) -> QSize:
        return QSize(240, self._high)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, min(72, self._high))

    def paintEvent(self, event: QPaintEvent) -> None:
        meaning = current_colors().meaning(self._meaning)
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        paint.box(painter, rect, meaning.soft, None, tokens.RADIUS_LARGE)
        if rect.height() < tokens.space(8):
            self._paint_row(painter, rect.adjusted(16, 0, -16, 0), meaning.on_soft)
            return
        room = rect.adjusted(20, 10, -20, -10)
        painter.setFont(paint.sized(self.font(), tokens.BODY, tokens.MEDIUM))
        paint.text(painter, QRectF(room.left(), room.top(), room.width(), 22), self._caption, meaning.on_soft)
        below = QRectF(room.left(), room.top() + 22, room.width(), room.height() - 22)
        painter.setFont(
            paint.fitting_font(
                self.font(), self._amount, below, self._largest, tokens.BODY, tokens.BOLD, wrap=False
            )
        )
        paint.text(painter, below, self._amount, meaning.on_soft, paint.RIGHT)

    def _paint_row(self, painter: QPainter, room: QRectF, ink: str) -> None:
        """Caption and amount beside each other, where there is no room for more."""
        painter.setFont(paint.sized(self.font(), tokens.TITLE, tokens.BOLD))
        wide = painter.fontMetrics().horizontalAdvance(self._amount) + 2
        paint.text(painter, room, self._amount, ink, paint.RIGHT)
        painter.setFont(paint.sized(self.font(), tokens.BODY, tokens.MEDIUM))
        paint.text(painter, room.adjusted(0, 0, -wide - 8, 0), self._caption, ink)
