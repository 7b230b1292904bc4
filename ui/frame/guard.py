"""A locked window whose page goes on: scans are taken and verdicts seen, but nothing else can be touched."""

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QWidget

from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors
from ui.widgets.buttons import Button
from ui.widgets.labels import PlainLabel

_PRESSED = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress, QEvent.Type.TouchBegin})
_EATEN = _PRESSED | {
    QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick, QEvent.Type.KeyRelease,
    QEvent.Type.Wheel, QEvent.Type.TouchUpdate, QEvent.Type.TouchEnd, QEvent.Type.ContextMenu,
    QEvent.Type.Shortcut,
}  # fmt: skip


class LockBar(QWidget):
    """Stands above the page: who has locked it, and how to unlock. `unlock_wanted()` from any press."""

    unlock_wanted = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(56, 6, 16, 6)
        row.setSpacing(tokens.space(2))
        self.words = PlainLabel(
            self.tr("Locked – {name}. Scanning goes on.").replace("{name}", name),
            tone="info",
            weight=tokens.BOLD,
            elide=True,
        )
        self.unlock = Button(self.tr("PIN"), "secondary", icon="lock-open")
        row.addWidget(self.words, 1)
        row.addWidget(self.unlock)
        self.unlock.clicked.connect(self.unlock_wanted)

    def sizeHint(self) -> QSize:
        return QSize(400, 56)

    def paintEvent(self, event: QPaintEvent) -> None:
        info = current_colors().meaning("info")
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        painter.fillRect(rect, info.soft)
        draw_icon(painter, "lock", info.on_soft, QRectF(22, rect.center().y() - 10, 20, 20))


class InputGuard(QObject):
    """While it is on, nothing inside `window` but the bar is pressed or typed into; a try says `touched`.

    Keys reach the window before they reach a widget, so a scanner that types is still heard.
    """

    touched = Signal()

    def __init__(self, window: QWidget, bar: QWidget) -> None:
        super().__init__(bar)
        self._window, self._bar = window, bar
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def remove(self) -> None:
        """Let everything pass again."""
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and self._guards(watched):
            event.accept()
            return True
        if kind not in _EATEN or not self._guards(watched):
            return False
        if kind in _PRESSED:
            self.touched.emit()
        return True

    def _guards(self, watched: QObject) -> bool:
        owner: QObject | None = watched
        while owner is not None and not isinstance(owner, QWidget):
            owner = owner.parent()
        if not isinstance(owner, QWidget):
            return False
        inside = owner is self._window or self._window.isAncestorOf(owner)
        return inside and not (owner is self._bar or self._bar.isAncestorOf(owner))
