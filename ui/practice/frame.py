"""The mark of practice: a striped band above everything and a border around it, on sign-in and gate too."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.style import paint, tokens
from ui.style.theme import current_colors

BAND = 32
BORDER = 6
_STRIPE = 18


class PracticeFrame(QWidget):
    """Holds a widget inside the mark. The words are also the accessible name."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setAccessibleName(self.words())
        column = QVBoxLayout(self)
        column.setContentsMargins(BORDER, BAND, BORDER, BORDER)
        column.setSpacing(0)
        column.addWidget(inside)

    def words(self) -> str:
        """What the band says."""
        return self.tr("PRACTICE – nothing here is real")

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        meaning = c.meaning("attention")
        painter = paint.begin(self)
        whole = QRectF(self.rect())
        painter.fillRect(whole, QColor(meaning.fill))
        _stripes(painter, QRectF(0, 0, whole.width(), BAND), QColor(meaning.on_fill))
        font = paint.sized(self.font(), tokens.BODY, tokens.BOLD)
        painter.setFont(font)
        words = self.words()
        width = painter.fontMetrics().horizontalAdvance(words) + 48
        plate = QRectF((whole.width() - width) / 2, 0, width, BAND)
        painter.fillRect(plate, QColor(meaning.fill))
        paint.text(painter, plate, words, meaning.on_fill, paint.CENTER)


def _stripes(painter: QPainter, band: QRectF, color: QColor) -> None:
    """Slanted bars across the band, as on a barrier."""
    painter.save()
    painter.setClipRect(band)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    x, height = -band.height(), band.height()
    while x < band.width():
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(x, height),
                    QPointF(x + height, 0),
                    QPointF(x + height + _STRIPE, 0),
                    QPointF(x + _STRIPE, height),
                ]
            )
        )
        x += 2 * _STRIPE
    painter.restore()
