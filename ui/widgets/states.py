"""Designed states: nothing here yet, working on it, something to say in place or in passing."""

from typing import Literal

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import MeaningName, PlainLabel, Tone

Saying = Literal["info", "success", "refusal", "fault"]

_LOOK: dict[Saying, tuple[MeaningName, Tone, str]] = {
    "info": ("info", "info", "info"),
    "success": ("admit", "admit", "circle-check"),
    "refusal": ("refuse", "refuse", "octagon-x"),
    "fault": ("attention", "attention", "triangle-alert"),
}


class InlineMessage(QWidget):
    """A message in place of a modal box: icon, title, text, and at most one action.

    `show_message` fills and shows it; `acted` fires when the button is pressed. Hidden until filled.
    """

    acted = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None, *, closable: bool = False) -> None:
        super().__init__(parent)
        self._kind: Saying = "info"
        self._title = PlainLabel(weight=tokens.BOLD, wrap=True)
        self._text = PlainLabel(wrap=True)
        self._button = Button("", "secondary")
        self._button.clicked.connect(self.acted)
        self._close = IconButton("x", self.tr("Close this message"), self)
        self._close.setVisible(closable)
        self._close.clicked.connect(self._closing)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(52, 12, 12, 12)
        row.setSpacing(tokens.space(2))
        row.addLayout(words, 1)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self.setMinimumHeight(56)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    def show_message(self, kind: Saying, title: str, text: str = "", action: str = "") -> None:
        """Fill and show. Without `action` there is no button."""
        self._kind = kind
        tone = _LOOK[kind][1]
        for label, words in ((self._title, title), (self._text, text)):
            label.set_text(words)
            label.set_tone(tone)
            label.setVisible(bool(words))
        self._button.set_text(action)
        self._button.setVisible(bool(action))
        self.setAccessibleName(f"{title} {text}".strip())
        self.show()
        self.update()

    def title(self) -> str:
        """The title shown, empty when hidden."""
        return "" if self.isHidden() else self._title.whole_text()

    def _closing(self) -> None:
        self.hide()
        self.closed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        name, _, icon = _LOOK[self._kind]
        meaning = current_colors().meaning(name)
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        paint.box(painter, rect, meaning.soft, meaning.line)
        draw_icon(painter, icon, meaning.on_soft, QRectF(18, min(rect.center().y() - 10, 18), 20, 20))


class EmptyState(QWidget):
    """Nothing here, and what to do about it: icon, title, text, and the next step as a button."""

    acted = Signal()

    def __init__(
        self, icon: str, title: str, text: str = "", action: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self._title = PlainLabel(title, size="title", weight=tokens.BOLD, wrap=True)
        self._text = PlainLabel(text, tone="soft", wrap=True)
        self.button = Button(action, "primary")
        self.button.setVisible(bool(action))
        self.button.clicked.connect(self.acted)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(tokens.space(1))
        column.addStretch(2)
        column.addSpacing(72 + tokens.space(2))
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            label.setMaximumWidth(480)
            line = QHBoxLayout()
            line.addStretch(1)
            line.addWidget(label, 100)
            line.addStretch(1)
            column.addLayout(line)
        self._text.setVisible(bool(text))
        column.addSpacing(tokens.space(1))
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def set(self, icon: str, title: str, text: str = "", action: str = "") -> None:
        """Change all of it."""
        self._icon = icon
        self._title.set_text(title)
        self._text.set_text(text)
        self._text.setVisible(bool(text))
        self.button.set_text(action)
        self.button.setVisible(bool(action))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        top = self._title.geometry().top() - 72 - tokens.space(2)
        spot = QRectF(self.width() / 2 - 36, top, 72, 72)
        paint.box(painter, spot, c.accent_soft, None, 36)
        draw_icon(painter, self._icon, c.on_accent_soft, spot.adjusted(20, 20, -20, -20))


class BusyBar(QWidget):
    """Progress of long work: a share when it is known, a moving piece when it is not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share: float | None = None
        self._phase = 0.0
        self._beat = QTimer(self)
        self._beat.setInterval(33)
        self._beat.timeout.connect(self._move)
        self.setFixedHeight(4)
        self.hide()

    def start(self) -> None:
        """Show work of unknown length."""
        self._share = None
        self._beat.start()
        self.show()

    def set_share(self, done: int, total: int) -> None:
        """Show `done` of `total`."""
        self._beat.stop()
        self._share = min(1.0, done / total) if total else None
        self.show()
        self.update()

    def stop(self) -> None:
        """Hide."""
        self._beat.stop()
        self.hide()

    def _move(self) -> None:
        self._phase = (self._phase + 0.02) % 1.4
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        paint.box(painter, rect, c.sunken, None, 2)
        painter.setBrush(QColor(c.accent))
        if self._share is None:
            left = rect.width() * (self._phase - 0.4)
            paint.box(painter, QRectF(left, 0, rect.width() * 0.4, 4), c.accent, None, 2)
        else:
            paint.box(painter, QRectF(0, 0, rect.width() * self._share, 4), c.accent, None, 2)


class Toast(QWidget):
    """A line in passing at the bottom of the window, with an action such as Undo; leaves by itself."""

    acted = Signal()
    gone = Signal()

    def __init__(
        self, parent: QWidget, kind: Saying, text: str, action: str = "", lasts_ms: int = 5000
    ) -> None:
        super().__init__(parent)
        self._kind: Saying = kind
        self._text = text
        self._button = Button(action, "quiet", self)
        self._button.setVisible(bool(action))
        self._button.clicked.connect(self._pressed)
        self.setFont(paint.sized(self.font(), tokens.BODY, tokens.MEDIUM))
        self.setAccessibleName(text)
        paint.add_shadow(self)
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.timeout.connect(self.dismiss)
        self._leave.start(lasts_ms)

    def dismiss(self) -> None:
        """Go away now."""
        self._leave.stop()
        self.hide()
        self.gone.emit()
        self.deleteLater()

    def _pressed(self) -> None:
        self.acted.emit()
        self.dismiss()

    def sizeHint(self) -> QSize:
        wide = self.fontMetrics().horizontalAdvance(self._text) + 72
        if not self._button.isHidden():
            wide += self._button.sizeHint().width() + 8
        return QSize(wide, 56)

    def resizeEvent(self, event: object) -> None:
        hint = self._button.sizeHint()
        self._button.setGeometry(self.width() - hint.width() - 8, 6, hint.width(), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        name, _, icon = _LOOK[self._kind]
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        paint.box(painter, rect, c.surface, c.line, tokens.RADIUS_LARGE)
        draw_icon(painter, icon, c.meaning(name).on_soft, QRectF(20, 18, 20, 20))
        right = self._button.width() + 8 if not self._button.isHidden() else 0
        paint.text(painter, rect.adjusted(52, 0, -16 - right, 0), self._text, c.text)


class ToastHost(QObject):
    """Places toasts at the bottom left of a window, clear of side panels; newest lowest, three at most."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._toasts: list[Toast] = []
        window.installEventFilter(self)

    def say(self, kind: Saying, text: str, action: str = "", lasts_ms: int = 5000) -> Toast:
        """Show a line; connect `acted` of the answer when it has an action."""
        toast = Toast(self._window, kind, text, action, lasts_ms)
        toast.gone.connect(self._forget)
        self._toasts.append(toast)
        while len(self._toasts) > 3:
            self._toasts[0].dismiss()
        toast.show()
        self._place()
        return toast

    def shown(self) -> int:
        """How many toasts are on screen."""
        return len(self._toasts)

    def lift(self) -> None:
        """Above whatever was put on screen since."""
        self._place()

    def _forget(self) -> None:
        self._toasts = [toast for toast in self._toasts if not toast.isHidden()]
        self._place()

    def _place(self) -> None:
        bottom = self._window.height() - 24
        for toast in reversed(self._toasts):
            hint = toast.sizeHint()
            wide = min(hint.width(), self._window.width() - 48)
            bottom -= hint.height()
            toast.setGeometry(24, bottom, wide, hint.height())
            toast.raise_()
            bottom -= 8

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False
