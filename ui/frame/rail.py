"""The left rail: one button per screen that this user may open; folds to icons in a narrow window."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui.frame.screen import Screen
from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors
from ui.widgets.buttons import PaintedButton
from ui.widgets.cards import Panel, empty_layout


class RailButton(PaintedButton):
    """Icon and label of a screen; the label goes when the rail is narrow, the tool tip stays."""

    def __init__(self, key: str, title: str, icon: str, shortcut: str) -> None:
        super().__init__()
        self.key = key
        self._icon, self._shortcut = icon, shortcut
        self._narrow = False
        self._count = 0
        self.setCheckable(True)
        self.setText(title)
        self.setAccessibleName(title)
        self.setToolTip(f"{title}  {shortcut}".strip())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_narrow(self, narrow: bool) -> None:
        """Show the icon only."""
        self._narrow = narrow
        self.update()

    def set_count(self, count: int) -> None:
        """How much waits on this screen; 0 shows nothing."""
        if count != self._count:
            self._count = count
            self.setAccessibleDescription(str(count) if count else "")
            self.update()

    def count(self) -> int:
        """The number shown."""
        return self._count

    def sizeHint(self) -> QSize:
        return QSize(48 if self._narrow else 160, 48)

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens.TOUCH, 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        rect = QRectF(self.rect()).adjusted(0, 2, 0, -2)
        chosen = self.isChecked()
        if chosen:
            paint.box(painter, rect, c.accent_soft)
        elif self.hovered or self.isDown():
            paint.box(painter, rect, c.pressed if self.isDown() else c.hover)
        ink = c.on_accent_soft if chosen else c.text_soft
        left = rect.center().x() - 11 if self._narrow else rect.left() + 13
        draw_icon(painter, self._icon, ink, QRectF(left, rect.center().y() - 11, 22, 22))
        if not self._narrow:
            painter.setFont(paint.sized(self.font(), tokens.BODY, tokens.BOLD if chosen else tokens.MEDIUM))
            room = rect.adjusted(48, 0, -44 if self._count else -12, 0)
            paint.text(painter, room, self.text(), ink if chosen else c.text)
        if self._count:
            self._paint_count(painter, rect)
        if self.hasFocus():
            paint.focus_ring(painter, rect, c.focus)

    def _paint_count(self, painter: QPainter, rect: QRectF) -> None:
        shown = str(self._count) if self._count < 100 else "99+"
        painter.setFont(paint.sized(self.font(), tokens.SMALL, tokens.BOLD))
        wide = max(22.0, painter.fontMetrics().horizontalAdvance(shown) + 12.0)
        top = rect.top() + 1 if self._narrow else rect.center().y() - 11
        spot = QRectF(rect.right() - wide - (0 if self._narrow else 10), top, wide, 22)
        tint = current_colors().meaning("refuse")
        paint.box(painter, spot, tint.fill, None, 11)
        paint.text(painter, spot, shown, tint.on_fill, paint.CENTER)


class _Mark(QWidget):
    """The mark of the program: an arch with a keyline, drawn, so that it follows the theme."""

    def __init__(self) -> None:
        super().__init__()
        self.narrow = False
        self.setFixedHeight(tokens.STRIP_HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        middle = self.height() / 2
        left = self.width() / 2 - 16 if self.narrow else 12.0
        spot = QRectF(left, middle - 16, 32, 32)
        paint.box(painter, spot, c.accent)
        draw_icon(painter, "ticket", c.on_accent, spot.adjusted(6, 6, -6, -6))
        if not self.narrow:
            painter.setFont(paint.sized(self.font(), tokens.TITLE, tokens.BOLD))
            paint.text(
                painter, QRectF(left + 44, 0, self.width() - left - 44, self.height()), "Gatehouse", c.text
            )


class Rail(Panel):
    """Emits `chosen(str)` with the key of a screen."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("rail", parent, margin=1.5, gap=0.5)
        self._buttons: list[RailButton] = []
        self._narrow = False
        self._mark = _Mark()
        self.column.setContentsMargins(12, 0, 12, 12)
        self.column.addWidget(self._mark)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.column.addLayout(self._list, 1)
        self.set_narrow(False)

    def set_screens(self, screens: Sequence[Screen]) -> None:
        """Show these, in their order; those with place `bottom` stand at the foot."""
        empty_layout(self._list)
        self._buttons = []
        numbered = [screen for screen in screens if screen.place != "hidden"]
        ordered = [s for s in numbered if s.place == "top"] + [s for s in numbered if s.place == "bottom"]
        for number, screen in enumerate(ordered, 1):
            if screen.place == "bottom" and not any(b.property("foot") for b in self._buttons):
                self._list.addStretch(1)
            button = RailButton(
                screen.key, screen.title(), screen.icon, f"Ctrl+{number}" if number < 10 else ""
            )
            button.setProperty("foot", screen.place == "bottom")
            button.set_narrow(self._narrow)
            button.clicked.connect(self._pressed)
            self._buttons.append(button)
            self._list.addWidget(button)
        if not any(button.property("foot") for button in self._buttons):
            self._list.addStretch(1)

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """How much waits, by the key of the screen."""
        for button in self._buttons:
            button.set_count(counts.get(button.key, 0))

    def counts(self) -> dict[str, int]:
        """The numbers shown, by the key of the screen; none at 0."""
        return {button.key: button.count() for button in self._buttons if button.count()}

    def keys(self) -> list[str]:
        """Keys of the screens shown, in the order of Ctrl+1, Ctrl+2, …"""
        return [button.key for button in self._buttons]

    def mark(self, key: str) -> None:
        """Show which screen is open."""
        for button in self._buttons:
            button.setChecked(button.key == key)

    def set_narrow(self, narrow: bool) -> None:
        """Icons only, or icons with labels."""
        self._narrow = narrow
        self._mark.narrow = narrow
        self.setFixedWidth(tokens.RAIL_NARROW if narrow else tokens.RAIL_WIDE)
        for button in self._buttons:
            button.set_narrow(narrow)

    def is_narrow(self) -> bool:
        """Whether only icons are shown."""
        return self._narrow

    def _pressed(self) -> None:
        button = self.sender()
        if isinstance(button, RailButton):
            self.mark(button.key)
            self.chosen.emit(button.key)
