"""Pads for fingers: figures for amounts, and a PIN with dots. Both also take the keyboard."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors
from ui.widgets.buttons import PaintedButton

BACK, ENTER = "back", "enter"


MAX_KEY_HEIGHT = 104


class _Key(PaintedButton):
    """One key of a pad: a figure, or an icon."""

    def __init__(self, value: str, name: str, icon: str = "") -> None:
        super().__init__()
        self.value = value
        self._icon = icon
        self.setText(value)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(80, 60)

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens.TOUCH, tokens.TOUCH)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        strong = self.value == ENTER and self.isEnabled()
        if strong:
            fill = c.accent_pressed if self.isDown() else c.accent_hover if self.hovered else c.accent
        else:
            fill = c.pressed if self.isDown() else c.hover if self.hovered else c.surface
        paint.box(painter, rect, fill, None if strong else c.line, tokens.RADIUS)
        ink = (c.on_accent if strong else c.text) if self.isEnabled() else c.disabled
        if self._icon:
            middle = rect.center()
            draw_icon(painter, self._icon, ink, QRectF(middle.x() - 12, middle.y() - 12, 24, 24))
        else:
            painter.setFont(paint.sized(self.font(), tokens.TITLE, tokens.MEDIUM))
            paint.text(painter, rect, self.text(), ink, paint.CENTER)


class NumberPad(QWidget):
    """0-9 with backspace and enter. Emits `digit(str)`, `back()`, `enter()`; keeps nothing itself.

    `extra` replaces nothing but adds a key such as "00" (None: the enter key takes its place).
    """

    digit = Signal(str)
    back = Signal()
    enter = Signal()

    def __init__(
        self, parent: QWidget | None = None, *, extra: str | None = None, with_enter: bool = True
    ) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(tokens.space(1))
        for place, figure in enumerate("123456789"):
            grid.addWidget(self._key(figure, figure), place // 3, place % 3)
        grid.addWidget(self._key(BACK, self.tr("Delete the last figure"), "delete"), 3, 0)
        grid.addWidget(self._key("0", "0"), 3, 1)
        self._enter = self._key(ENTER, self.tr("Enter"), "arrow-right")
        if extra is None:
            grid.addWidget(self._enter, 3, 2)
        else:
            grid.addWidget(self._key(extra, extra), 3, 2)
            grid.addWidget(self._enter, 4, 0, 1, 3)
        self._enter.setVisible(with_enter)
        for row in range(4):
            grid.setRowStretch(row, 1000)
        grid.setRowStretch(5, 1)  # on a tall screen the keys stay keys, and what is left lies below them
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def _key(self, value: str, name: str, icon: str = "") -> _Key:
        key = _Key(value, name, icon)
        key.setMaximumHeight(MAX_KEY_HEIGHT)
        key.clicked.connect(self._pressed)
        return key

    def set_enter_enabled(self, enabled: bool) -> None:
        """Whether the enter key may be pressed."""
        self._enter.setEnabled(enabled)

    def _pressed(self) -> None:
        key = self.sender()
        if not isinstance(key, _Key):
            return
        if key.value == BACK:
            self.back.emit()
        elif key.value == ENTER:
            self.enter.emit()
        else:
            self.digit.emit(key.value)


class _Dots(QWidget):
    """How many figures of the PIN are in; never which."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.filled, self.places, self.bad = 0, 4, False
        self.setFixedHeight(32)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        count = max(self.places, self.filled)
        color = c.refuse.on_soft if self.bad else c.accent
        left = self.width() / 2 - (count - 1) * 14
        for place in range(count):
            on = place < self.filled
            painter.setBrush(QColor(color) if on else Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(color if on or self.bad else c.line_strong), 2))
            painter.drawEllipse(QPointF(left + place * 28, 16), 7, 7)


class PinPad(QWidget):
    """A PIN by mouse, touch or keyboard. `entered(str)` on Enter, or by itself at `auto_length` figures."""

    entered = Signal(str)

    def __init__(
        self, parent: QWidget | None = None, *, least: int = 4, most: int = 8, auto_length: int | None = None
    ) -> None:
        super().__init__(parent)
        self._pin = ""
        self._least, self._most, self._auto = least, most, auto_length
        self._dots = _Dots(self)
        self._pad = NumberPad()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.space(2))
        column.addWidget(self._dots)
        column.addWidget(self._pad, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("PIN"))
        self._pad.digit.connect(self._add)
        self._pad.back.connect(self._drop)
        self._pad.enter.connect(self._send)
        self._show()

    def clear(self, *, bad: bool = False) -> None:
        """Forget what was typed; `bad` marks the dots until the next figure."""
        self._pin = ""
        self._dots.bad = bad
        self._show()

    def length(self) -> int:
        """How many figures are in."""
        return len(self._pin)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.text().isdecimal() and event.text().isascii():
            self._add(event.text())
        elif key == Qt.Key.Key_Backspace:
            self._drop()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._send()
        else:
            super().keyPressEvent(event)

    def _add(self, figure: str) -> None:
        if len(self._pin) < self._most:
            self._dots.bad = False
            self._pin += figure
            self._show()
            if self._auto is not None and len(self._pin) == self._auto:
                self._send()

    def _drop(self) -> None:
        self._pin = self._pin[:-1]
        self._show()

    def _send(self) -> None:
        if len(self._pin) >= self._least:
            pin, self._pin = self._pin, ""
            self._show()
            self.entered.emit(pin)

    def _show(self) -> None:
        self._dots.filled = len(self._pin)
        self._dots.places = self._auto or self._least
        self._dots.update()
        self._pad.set_enter_enabled(len(self._pin) >= self._least)
