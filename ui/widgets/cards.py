"""Surfaces and rows: cards, dividers, list rows, the rows of a time line, and a scrolling column."""

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors
from ui.widgets.buttons import PaintedButton
from ui.widgets.labels import MeaningName, PlainLabel

Surface = Literal["canvas", "page", "sunken", "card", "floating", "rail", "strip", "side"]


class Panel(QWidget):
    """A widget with one of the surfaces of the style sheet and a column (`.column`) to fill."""

    def __init__(
        self, surface: Surface = "card", parent: QWidget | None = None, *, margin: float = 2, gap: float = 1
    ) -> None:
        """`margin` and `gap` in steps of the grid."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", surface)
        self.column = QVBoxLayout(self)
        edge = tokens.space(margin)
        self.column.setContentsMargins(edge, edge, edge, edge)
        self.column.setSpacing(tokens.space(gap))


class Card(Panel):
    """A card with an optional heading."""

    def __init__(self, heading: str = "", parent: QWidget | None = None, *, margin: float = 2.5) -> None:
        super().__init__("card", parent, margin=margin, gap=1.5)
        self.heading = PlainLabel(heading, weight=tokens.BOLD)
        self.column.addWidget(self.heading)
        self.heading.setVisible(bool(heading))


class Divider(QFrame):
    """A hair line across."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "divider")
        self.setFixedHeight(1)


class ScrollColumn(QScrollArea):
    """A column that scrolls when it must; put things into `.column`, they gather at the top."""

    def __init__(self, parent: QWidget | None = None, *, margin: float = 0, gap: float = 1) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget()
        body.setProperty("surface", "clear")
        self.viewport().setAutoFillBackground(False)
        edge = tokens.space(margin)
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(edge, edge, edge, edge)
        self.column.setSpacing(tokens.space(gap))
        self.column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setWidget(body)

    def clear(self) -> None:
        """Remove and delete everything in the column."""
        empty_layout(self.column)


def empty_layout(layout: QLayout) -> None:
    """Take everything out of a layout, rows inside it too, and delete the widgets."""
    while (item := layout.takeAt(0)) is not None:
        widget, row = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif row is not None:
            empty_layout(row)


class ListRow(PaintedButton):
    """A row that can be chosen: icon, title, line beneath, value at the right. `clicked` opens it."""

    def __init__(
        self,
        title: str,
        detail: str = "",
        value: str = "",
        parent: QWidget | None = None,
        *,
        icon: str = "",
        meaning: MeaningName = "neutral",
        chevron: bool = False,
    ) -> None:
        super().__init__(parent)
        self._detail, self._value, self._icon = detail, value, icon
        self._meaning: MeaningName = meaning
        self._chevron = chevron
        self.setText(title)
        self.setAccessibleName(" ".join(filter(None, (title, detail, value))))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(240, 64 if self._detail else 52)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        if self.isCheckable() and self.isChecked():
            paint.box(painter, rect, c.accent_soft)
        elif self.hovered or self.isDown():
            paint.box(painter, rect, c.pressed if self.isDown() else c.hover)
        room = rect.adjusted(12, 0, -12, 0)
        if self._icon:
            tint = c.meaning(self._meaning)
            spot = QRectF(room.left(), room.center().y() - 18, 36, 36)
            paint.box(painter, spot, tint.soft, None, 18)
            draw_icon(painter, self._icon, tint.on_soft, spot.adjusted(8, 8, -8, -8))
            room.setLeft(spot.right() + 12)
        if self._chevron:
            draw_icon(
                painter,
                "chevron-right",
                c.text_muted,
                QRectF(room.right() - 18, room.center().y() - 9, 18, 18),
            )
            room.setRight(room.right() - 26)
        if self._value:
            painter.setFont(paint.sized(self.font(), tokens.BODY, tokens.MEDIUM))
            wide = painter.fontMetrics().horizontalAdvance(self._value) + 4
            paint.text(painter, room, self._value, c.text, paint.RIGHT)
            room.setRight(room.right() - wide - 12)
        self._paint_words(painter, room)
        if self.hasFocus():
            paint.focus_ring(painter, rect, c.focus)

    def _paint_words(self, painter: QPainter, room: QRectF) -> None:
        c = current_colors()
        painter.setFont(paint.sized(self.font(), tokens.BODY, tokens.MEDIUM))
        if not self._detail:
            paint.text(painter, room, self.text(), c.text)
            return
        middle = room.center().y()
        paint.text(painter, QRectF(room.left(), middle - 23, room.width(), 24), self.text(), c.text)
        painter.setFont(paint.sized(self.font(), tokens.SMALL))
        paint.text(painter, QRectF(room.left(), middle + 1, room.width(), 20), self._detail, c.text_muted)


class TimelineRow(QWidget):
    """One fact of a history: time at the left, a dot on a line, what happened, and by whom or where."""

    def __init__(
        self,
        when: str,
        what: str,
        detail: str = "",
        parent: QWidget | None = None,
        *,
        meaning: MeaningName = "neutral",
        last: bool = False,
    ) -> None:
        super().__init__(parent)
        self._meaning: MeaningName = meaning
        self._last = last
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, tokens.space(2))
        row.setSpacing(tokens.space(5))
        time = PlainLabel(when, size="small", tone="muted")
        time.setFixedWidth(tokens.space(11))
        time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        time.setContentsMargins(0, 2, 0, 0)
        row.addWidget(time, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(PlainLabel(what, weight=tokens.MEDIUM, wrap=True))
        if detail:
            words.addWidget(PlainLabel(detail, size="small", tone="muted", wrap=True))
        row.addLayout(words, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        x, y = float(tokens.space(11) + tokens.space(2.5)), 10.0
        if not self._last:
            painter.setPen(QPen(QColor(c.line), 2))
            painter.drawLine(QPointF(x, y), QPointF(x, self.height() + y))
        painter.setPen(QPen(QColor(c.surface), 3))
        dot = c.line_strong if self._meaning == "neutral" else c.meaning(self._meaning).fill
        painter.setBrush(QColor(dot))
        painter.drawEllipse(QPointF(x, y), 6.5, 6.5)
