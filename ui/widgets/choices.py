"""Choices: segments beside each other, and an on-off switch."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors
from ui.widgets.buttons import PaintedButton


class SegmentedControl(QWidget):
    """One of a few; used as tabs too. `changed(str)` tells the key, for people and for `set_current`."""

    changed = Signal(str)

    def __init__(self, options: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """`options` are (key, label); the first is chosen."""
        super().__init__(parent)
        self._options = list(options)
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(paint.sized(self.font(), tokens.BODY, tokens.MEDIUM))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def current(self) -> str:
        """Key of the chosen segment, empty without options."""
        return self._options[self._current][0] if self._options else ""

    def keys(self) -> list[str]:
        """Keys of all segments."""
        return [key for key, _ in self._options]

    def set_current(self, key: str) -> None:
        """Choose by key; unknown keys are a ValueError."""
        place = [known for known, _ in self._options].index(key)
        if place != self._current:
            self._current = place
            self.update()
            self.changed.emit(key)

    def set_options(self, options: Sequence[tuple[str, str]]) -> None:
        """Replace the segments; the choice stays where its key still exists. Does not emit."""
        key = self.current()
        self._options = list(options)
        known = [name for name, _ in self._options]
        self._current = known.index(key) if key in known else 0
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths()) + 8, tokens.TOUCH)

    def minimumSizeHint(self) -> QSize:
        return QSize(len(self._options) * tokens.TOUCH + 8, tokens.TOUCH)

    def _widths(self) -> list[int]:
        metrics = QFontMetrics(self.font())
        return [max(tokens.TOUCH, metrics.horizontalAdvance(label) + 32) for _, label in self._options]

    def _boxes(self) -> list[QRectF]:
        wanted = self._widths()
        stretch = (self.width() - 8) / max(1, sum(wanted))
        boxes, left = [], 4.0
        for width in wanted:
            boxes.append(QRectF(left, 4, width * stretch, self.height() - 8))
            left += width * stretch
        return boxes

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for place, rect in enumerate(self._boxes()):
            if rect.contains(event.position()):
                self.set_current(self._options[place][0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._options:
            super().keyPressEvent(event)
            return
        place = min(max(self._current + step, 0), len(self._options) - 1)
        self.set_current(self._options[place][0])

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        paint.box(painter, QRectF(self.rect()), c.sunken)
        for place, rect in enumerate(self._boxes()):
            chosen = place == self._current
            if chosen:
                paint.box(painter, rect, c.surface, c.line, tokens.RADIUS - 2)
            painter.setFont(paint.sized(self.font(), tokens.BODY, tokens.BOLD if chosen else tokens.MEDIUM))
            ink = (c.text if chosen else c.text_soft) if self.isEnabled() else c.disabled
            paint.text(painter, rect.adjusted(8, 0, -8, 0), self._options[place][1], ink, paint.CENTER)
        if self.hasFocus():
            paint.focus_ring(painter, QRectF(self.rect()), c.focus)


class Toggle(PaintedButton):
    """An on-off switch with its label; `toggled(bool)` as of any checkable button."""

    def __init__(self, text: str, parent: QWidget | None = None, *, on: bool = False) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setChecked(on)
        self.setText(text)
        self.setFont(paint.sized(self.font(), tokens.BODY))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self.text()) + 66, tokens.TOUCH)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        track = QRectF(4, rect.center().y() - 12, 44, 24)
        on = self.isChecked()
        paint.box(
            painter, track, (c.accent if on else c.line_strong) if self.isEnabled() else c.sunken, None, 12
        )
        knob = QRectF(track.right() - 21 if on else track.left() + 3, track.top() + 3, 18, 18)
        paint.box(painter, knob, "#ffffff", None, 9)
        ink = c.text if self.isEnabled() else c.disabled
        paint.text(painter, rect.adjusted(60, 0, 0, 0), self.text(), ink)
        if self.hasFocus():
            paint.focus_ring(painter, track.adjusted(-4, -4, 4, 4), c.focus, 16)


class Select(QComboBox):
    """A drop-down list with our own arrow; use `addItem(label, data)` and `currentData()`."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        c = current_colors()
        painter = paint.begin(self)
        room = QRectF(self.width() - 30, self.height() / 2 - 9, 18, 18)
        draw_icon(painter, "chevron-down", c.text_soft if self.isEnabled() else c.disabled, room)
