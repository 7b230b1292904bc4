"""Widgets beside each other, each as wide as it wants, wrapped to further rows like words."""

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from ui.style import tokens


class WrapRow(QLayout):
    """A row that becomes two where the room is narrow."""

    def __init__(self, parent: QWidget, *, gap: float = 1) -> None:
        super().__init__(parent)
        self._cells: list[QLayoutItem] = []
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

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        shown = [cell.sizeHint() for cell in self._cells if not cell.isEmpty()]
        wide = sum(hint.width() for hint in shown) + self._gap * max(0, len(shown) - 1)
        return QSize(wide, max((hint.height() for hint in shown), default=0))

    def minimumSize(self) -> QSize:
        shown = [cell.sizeHint() for cell in self._cells if not cell.isEmpty()]
        return QSize(max((h.width() for h in shown), default=0), max((h.height() for h in shown), default=0))

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        left, top, high = rect.left(), rect.top(), 0
        for cell in (cell for cell in self._cells if not cell.isEmpty()):
            hint = cell.sizeHint()
            if left > rect.left() and left + hint.width() > rect.left() + rect.width():
                left, top, high = rect.left(), top + high + self._gap, 0
            if move:
                cell.setGeometry(QRect(left, top, hint.width(), hint.height()))
            left += hint.width() + self._gap
            high = max(high, hint.height())
        return top + high - rect.top()
