"""Buttons: painted, at least 44 pixels high, with icon and key hint; a ring shows keyboard focus."""

from typing import Literal

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.style import paint, tokens
from ui.style.icons import ICON, draw_icon
from ui.style.theme import current_colors
from ui.style.tokens import Colors

Kind = Literal["primary", "secondary", "quiet", "danger"]
_GAP = 8


class PaintedButton(QAbstractButton):
    """Base of everything that is pressed: hover, keyboard, and Enter as well as Space."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._over = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def hovered(self) -> bool:
        """Whether the pointer is over an enabled button."""
        return self._over and self.isEnabled()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._over = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._over = False
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if enter and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)


class Button(PaintedButton):
    """A button with a word.

    `primary`: the one thing to do here. `secondary`: outlined. `quiet`: text only. `danger`: cannot be
    taken back lightly. `key` is shown as a hint at the right; it does not install a shortcut.
    """

    def __init__(
        self,
        text: str,
        kind: Kind = "secondary",
        parent: QWidget | None = None,
        *,
        icon: str = "",
        key: str = "",
        large: bool = False,
    ) -> None:
        super().__init__(parent)
        self._kind: Kind = kind
        self._icon, self._key, self._large = icon, key, large
        self.setText(text)
        self.setAccessibleName(text)
        self.setFont(paint.sized(self.font(), tokens.TITLE if large else tokens.BODY, tokens.BOLD))
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str) -> None:
        """Change the word."""
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()

    def set_icon(self, icon: str) -> None:
        """Change the icon by name; empty for none."""
        self._icon = icon
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        side = 24 if self._large else 16
        wide = QFontMetrics(self.font()).horizontalAdvance(self.text()) + 2 * side + 2
        if self._icon:
            wide += ICON + _GAP
        if self._key:
            wide += self._key_width() + _GAP * 2
        return QSize(max(tokens.TOUCH, wide), 64 if self._large else tokens.TOUCH)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _key_width(self) -> int:
        font = paint.sized(self.font(), tokens.SMALL, tokens.MEDIUM)
        return QFontMetrics(font).horizontalAdvance(self._key) + 12

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = current_colors()
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        fill, line, ink = self._look(colors)
        paint.box(painter, rect.adjusted(1, 1, -1, -1), fill, line)
        self._paint_content(painter, rect, ink)
        if self.hasFocus():
            inner = rect.adjusted(4, 4, -4, -4) if self._kind in {"primary", "danger"} else rect
            ring = ink if self._kind in {"primary", "danger"} else colors.focus
            paint.focus_ring(painter, inner, ring, tokens.RADIUS - (2 if inner is not rect else 0))

    def _paint_content(self, painter: QPainter, rect: QRectF, ink: str) -> None:
        side = 24 if self._large else 16
        room = rect.adjusted(side, 0, -side, 0)
        if self._key:
            wide = self._key_width()
            cap = QRectF(room.right() - wide, room.center().y() - 11, wide, 22)
            painter.setOpacity(0.75 if self.isEnabled() else 0.4)
            painter.setFont(paint.sized(self.font(), tokens.SMALL, tokens.MEDIUM))
            paint.box(painter, cap, None, ink, 6)
            paint.text(painter, cap, self._key, ink, paint.CENTER)
            painter.setOpacity(1)
            room.setRight(cap.left() - _GAP)
        painter.setFont(self.font())
        wide = QFontMetrics(self.font()).horizontalAdvance(self.text())
        lead = ICON + _GAP if self._icon else 0
        start = room.left() + max(0.0, (room.width() - wide - lead) / 2)
        if self._icon:
            draw_icon(painter, self._icon, ink, QRectF(start, room.center().y() - ICON / 2, ICON, ICON))
        paint.text(painter, QRectF(start + lead, room.top(), room.right() - start - lead + 1, room.height()),
                   self.text(), ink)  # fmt: skip

    def _look(self, c: Colors) -> tuple[str | None, str | None, str]:
        if not self.isEnabled():
            return (None, None, c.disabled) if self._kind == "quiet" else (c.sunken, c.line, c.disabled)
        down = self.isDown()
        if self._kind == "primary":
            return (
                (c.accent_pressed if down else c.accent_hover if self.hovered else c.accent),
                None,
                c.on_accent,
            )
        if self._kind == "danger":
            return c.refuse.fill, None, c.refuse.on_fill
        fill = c.pressed if down else c.hover if self.hovered else None
        if self._kind == "quiet":
            return fill, None, c.text_soft
        return fill or c.surface, c.line_strong if self.hovered else c.line, c.text


class IconButton(PaintedButton):
    """A square button with an icon only; `name` is what screen readers and the tool tip say."""

    def __init__(
        self, icon: str, name: str, parent: QWidget | None = None, *, outlined: bool = False, size: int = ICON
    ) -> None:
        super().__init__(parent)
        self._icon, self._outlined, self._size = icon, outlined, size
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_icon(self, icon: str) -> None:
        """Change the icon by name."""
        self._icon = icon
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens.TOUCH, tokens.TOUCH)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        on = self.isCheckable() and self.isChecked()
        fill = c.pressed if self.isDown() else c.hover if self.hovered else c.accent_soft if on else None
        line = c.line if self._outlined else None
        paint.box(painter, rect, fill or (c.surface if self._outlined else None), line)
        ink = c.on_accent_soft if on else c.text_soft if self.isEnabled() else c.disabled
        half = self._size / 2
        draw_icon(painter, self._icon, ink, QRectF(rect.center().x() - half, rect.center().y() - half,
                                                   self._size, self._size))  # fmt: skip
        if self.hasFocus():
            paint.focus_ring(painter, rect, c.focus)
