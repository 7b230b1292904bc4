"""Text on screen: always plain (text from outside is text), with the sizes and tones of the tokens."""

from typing import Literal

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors

Size = Literal["small", "body", "title", "display"]
Tone = Literal["normal", "soft", "muted", "accent", "admit", "refuse", "attention", "info"]
MeaningName = Literal["admit", "refuse", "attention", "info", "accent", "neutral"]

PIXELS: dict[str, int] = {
    "small": tokens.SMALL,
    "body": tokens.BODY,
    "title": tokens.TITLE,
    "display": tokens.DISPLAY,
}


class PlainLabel(QLabel):
    """A label that never interprets markup; wraps, or shortens with … and shows the whole as a tool tip."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        size: Size = "body",
        tone: Tone = "normal",
        weight: int = tokens.REGULAR,
        wrap: bool = False,
        elide: bool = False,
        align: Qt.AlignmentFlag | None = None,
    ) -> None:
        super().__init__(parent)
        self._elide = elide and not wrap
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setProperty("size", size)
        self.setProperty("tone", tone)
        self.setFont(paint.sized(self.font(), PIXELS[size], weight))
        if align is not None:
            self.setAlignment(align)
        if not wrap:
            across = QSizePolicy.Policy.Ignored if self._elide else QSizePolicy.Policy.Preferred
            self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show this text, as it is."""
        self._whole = text
        if self._elide:
            self._shorten()
        else:
            self.setText(text)

    def whole_text(self) -> str:
        """The text before shortening."""
        return self._whole

    def set_tone(self, tone: Tone) -> None:
        """Change the colour by its meaning."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._elide:
            self._shorten()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self._elide:
            hint.setWidth(QFontMetrics(self.font()).horizontalAdvance(self._whole) + 2)
        return hint

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        if self._elide:
            hint.setWidth(tokens.space(3))
        return hint

    def _shorten(self) -> None:
        metrics = QFontMetrics(self.font())
        short = metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, max(0, self.width()))
        self.setText(short)
        self.setToolTip(plain_tip(self._whole) if short != self._whole else "")


def plain_tip(text: str) -> str:
    """Tool tips guess whether they hold markup; escaped inside a paragraph, they show the text itself."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<p>{escaped}</p>"


class MoneyLabel(PlainLabel):
    """An amount, already formatted: right-aligned, figures of equal width."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        size: Size = "body",
        tone: Tone = "normal",
        weight: int = tokens.MEDIUM,
    ) -> None:
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        super().__init__(text, parent, size=size, tone=tone, weight=weight, align=align)
        font = self.font()
        font.setFeature(QFont.Tag("tnum"), 1)
        self.setFont(font)


class Pill(QWidget):
    """A short word on a quiet ground: a state, a count. Also called a badge."""

    def __init__(
        self,
        text: str = "",
        meaning: MeaningName = "neutral",
        parent: QWidget | None = None,
        *,
        icon: str = "",
    ) -> None:
        super().__init__(parent)
        self._text, self._meaning, self._icon = text, meaning, icon
        self.setFont(paint.sized(self.font(), tokens.SMALL, tokens.MEDIUM))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set(self, text: str, meaning: MeaningName, icon: str = "") -> None:
        """Change word, meaning and icon at once."""
        self._text, self._meaning, self._icon = text, meaning, icon
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """The word shown."""
        return self._text

    def sizeHint(self) -> QSize:
        wide = QFontMetrics(self.font()).horizontalAdvance(self._text)
        return QSize(wide + tokens.space(2.5) + (20 if self._icon else 0), tokens.space(3))

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = current_colors().meaning(self._meaning)
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        paint.box(painter, rect, colors.soft, None, rect.height() / 2)
        room = rect.adjusted(8, 0, -8, 0)
        if self._icon:
            _small_icon(painter, self._icon, colors.on_soft, room)
            room.setLeft(room.left() + 20)
        paint.text(painter, room, self._text, colors.on_soft, paint.CENTER)


def _small_icon(painter: QPainter, name: str, color: str, room: QRectF) -> None:
    """Paint a 16-pixel icon at the left edge of `room`, centred in height."""
    draw_icon(painter, name, color, QRectF(room.left(), room.center().y() - 8, 16, 16))


class KeyHint(QWidget):
    """The name of a key, drawn as a key cap: F1, Enter, Esc."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setFont(paint.sized(self.font(), tokens.SMALL, tokens.MEDIUM))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return QSize(max(24, QFontMetrics(self.font()).horizontalAdvance(self._text) + 12), 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = paint.begin(self)
        draw_key(painter, QRectF(self.rect()), self._text)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()


def draw_key(painter: QPainter, rect: QRectF, name: str) -> None:
    """Paint a key cap."""
    colors = current_colors()
    paint.box(painter, rect, colors.sunken, colors.line, 6)
    paint.text(painter, rect, name, colors.text_soft, paint.CENTER)
