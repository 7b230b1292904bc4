"""Layouts that adapt: a grid whose columns follow the width, and two panes that stack when it is narrow."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLayout, QLayoutItem, QWidget

from ui.style import tokens


class FlowGrid(QLayout):
    """Equal cells, as many beside each other as fit `cell_width`; every cell stretches to fill the row."""

    def __init__(self, parent: QWidget | None = None, *, cell_width: int = 200, gap: float = 1.5) -> None:
        super().__init__(parent)
        self._cells: list[QLayoutItem] = []
        self._cell_width = cell_width
        self._gap = tokens.space(gap)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._cells.append(item)

    def count(self) -> int:
        return len(self._cells)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._cells[index] if 0 <= index < len(self._cells) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._cells.pop(index) if 0 <= index < len(self._cells) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def columns(self, width: int) -> int:
        """How many cells stand beside each other at this width."""
        return max(1, (width + self._gap) // (self._cell_width + self._gap))

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        tallest = max((cell.minimumSize().height() for cell in self._cells), default=0)
        return QSize(min(self._cell_width, tokens.space(20)), tallest)

    def clear(self) -> None:
        """Remove and delete all widgets."""
        while (item := self.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        cells = [cell for cell in self._cells if not cell.isEmpty()]
        columns = self.columns(rect.width())
        wide = (rect.width() - self._gap * (columns - 1)) // columns
        top = rect.top()
        for start in range(0, len(cells), columns):
            row = cells[start : start + columns]
            high = max(self._height(cell, wide) for cell in row)
            if move:
                for place, cell in enumerate(row):
                    cell.setGeometry(QRect(rect.left() + place * (wide + self._gap), top, wide, high))
            top += high + self._gap
        return max(0, top - self._gap - rect.top())

    @staticmethod
    def _height(cell: QLayoutItem, width: int) -> int:
        return cell.heightForWidth(width) if cell.hasHeightForWidth() else cell.sizeHint().height()


class Columns(QWidget):
    """Panes beside each other that stand below each other when the widget is narrower than `stack_below`."""

    def __init__(
        self,
        panes: Sequence[tuple[QWidget, int]],
        parent: QWidget | None = None,
        *,
        stack_below: int = tokens.STACK_BELOW,
        gap: float = 2,
    ) -> None:
        """`panes` are (widget, stretch)."""
        super().__init__(parent)
        self._stack_below = stack_below
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(tokens.space(gap))
        for pane, stretch in panes:
            self._box.addWidget(pane, stretch)

    def stacked(self) -> bool:
        """Whether the panes stand below each other now."""
        return self._box.direction() == QBoxLayout.Direction.TopToBottom

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), 320), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < self._stack_below
        wanted = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._box.direction() != wanted:
            self._box.setDirection(wanted)
