"""A panel that slides in from the right over its page, instead of a dialog: paying, details, help."""

from PySide6.QtCore import (
    QAbstractAnimation,
    QEasingCurve,
    QEvent,
    QObject,
    QRect,
    QRectF,
    Qt,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from ui.style import tokens
from ui.widgets.buttons import IconButton
from ui.widgets.cards import Divider, Panel
from ui.widgets.labels import PlainLabel


class SidePanel(QWidget):
    """Covers `host` with a veil and slides in at the right. `closed` fires after it is gone.

    Put the content into `.column`; a row of buttons at the foot into `.foot`. Esc and a press on the veil
    close it unless `set_closable(False)`. Focus goes back to where it was.
    """

    closed = Signal()

    def __init__(self, host: QWidget, title: str, *, width: int = 480) -> None:
        super().__init__(host)
        self._host, self._wide = host, width
        self._closable = True
        self._back: QWidget | None = None
        self._share = 0.0
        self._panel = Panel("side", self, margin=0, gap=0)
        self._build_head(title)
        body = QWidget()
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(24, 24, 24, 24)
        self.column.setSpacing(tokens.space(2))
        self._panel.column.addWidget(body, 1)
        self.foot = QHBoxLayout()
        self.foot.setContentsMargins(24, 0, 24, 24)
        self.foot.setSpacing(tokens.space(1))
        self._panel.column.addLayout(self.foot)
        self._slide = QVariantAnimation(self)
        self._slide.setDuration(160)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._slide.valueChanged.connect(self._moved)
        self._slide.finished.connect(self._arrived)
        host.installEventFilter(self)
        self.hide()

    def _build_head(self, title: str) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(24, 12, 12, 12)
        self._title = PlainLabel(title, size="title", weight=tokens.BOLD, elide=True)
        self._close = IconButton("x", self.tr("Close"))
        self._close.clicked.connect(self.close_panel)
        head.addWidget(self._title, 1)
        head.addWidget(self._close)
        self._panel.column.addLayout(head)
        self._panel.column.addWidget(Divider())

    def set_title(self, title: str) -> None:
        """Change the heading."""
        self._title.set_text(title)

    def set_closable(self, closable: bool) -> None:
        """Whether Esc, the veil and the cross close it."""
        self._closable = closable
        self._close.setVisible(closable)

    def is_open(self) -> bool:
        """Open, or on the way in."""
        return not self.isHidden() and self._slide.endValue() != 0.0

    def open_panel(self, focus: QWidget | None = None) -> None:
        """Slide in; `focus` (or the panel itself) gets the keyboard."""
        if not self.is_open():
            self._back = QApplication.focusWidget()
        self.setGeometry(self._host.rect())
        self.show()
        self.raise_()
        self._run(1.0)
        (focus or self._panel).setFocus(Qt.FocusReason.OtherFocusReason)

    def close_panel(self) -> None:
        """Slide out."""
        if self._closable and self.is_open():
            self._run(0.0)

    def _run(self, to: float) -> None:
        self._slide.stop()
        self._slide.setStartValue(self._share)
        self._slide.setEndValue(to)
        still = QApplication.platformName() == "offscreen" or not self._host.isVisible()
        self._slide.setDuration(0 if still else 160)
        self._slide.start()
        if self._slide.state() == QAbstractAnimation.State.Stopped:
            self._moved(to)

    def _moved(self, value: object) -> None:
        self._share = float(value) if isinstance(value, (int, float)) else 1.0
        wide = min(self._wide, self.width())
        left = self.width() - round(wide * self._share)
        self._panel.setGeometry(QRect(left, 0, wide, self.height()))
        self.update()

    def _arrived(self) -> None:
        if self._slide.endValue() == 0.0:
            self.hide()
            if self._back is not None and self._back.isVisible():
                self._back.setFocus(Qt.FocusReason.OtherFocusReason)
            self._back = None
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._host:
            self.setGeometry(self._host.rect())
            self._moved(self._share)
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._panel.geometry().contains(event.position().toPoint()):
            self.close_panel()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        veil = QColor(10, 12, 16)
        veil.setAlphaF(0.42 * self._share)
        painter.fillRect(QRectF(self.rect()), veil)
