"""Places to type: a field with its label and the refusal beneath it, a search field, a stepper."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors
from ui.widgets.buttons import IconButton
from ui.widgets.labels import PlainLabel


class TextField(QWidget):
    """Label above, field, and one line beneath that explains or refuses."""

    changed = Signal(str)
    entered = Signal()

    def __init__(
        self,
        label: str,
        parent: QWidget | None = None,
        *,
        text: str = "",
        placeholder: str = "",
        hint: str = "",
        secret: bool = False,
    ) -> None:
        super().__init__(parent)
        self._hint = hint
        self._label = PlainLabel(label, size="small", tone="soft", weight=tokens.MEDIUM)
        self.edit = QLineEdit(text)
        self.edit.setPlaceholderText(placeholder)
        self.edit.setAccessibleName(label)
        if secret:
            self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self._line = PlainLabel(hint, self, size="small", tone="muted", wrap=True)
        self._line.setVisible(bool(hint))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (self._label, self.edit, self._line):
            column.addWidget(part)
        self._label.setBuddy(self.edit)
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(self._typed)
        self.edit.returnPressed.connect(self.entered)

    def set_label(self, label: str) -> None:
        """Another name for the field."""
        self._label.set_text(label)
        self.edit.setAccessibleName(label)

    def text(self) -> str:
        """What was typed, without spaces at the ends."""
        return self.edit.text().strip()

    def set_text(self, text: str) -> None:
        """Replace the text."""
        self.edit.setText(text)

    def refuse(self, words: str) -> None:
        """Say beside the field why its content cannot be taken; typing clears it. Empty words clear too."""
        self._line.set_text(words or self._hint)
        self._line.set_tone("refuse" if words else "muted")
        self._line.setVisible(bool(words or self._hint))
        self._mark(bad=bool(words))

    def refusal(self) -> str:
        """The words of the refusal shown, or empty."""
        return self._line.whole_text() if self.edit.property("bad") else ""

    def _typed(self, text: str) -> None:
        if self.edit.property("bad"):
            self.refuse("")
        self.changed.emit(text)

    def _mark(self, *, bad: bool) -> None:
        self.edit.setProperty("bad", bad)
        self.edit.style().unpolish(self.edit)
        self.edit.style().polish(self.edit)


class SearchField(QLineEdit):
    """One search for everything: `searched(str)` comes 200 ms after the last key, at once on Enter."""

    searched = Signal(str)

    def __init__(self, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setTextMargins(28, 0, 28, 0)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(200)
        self._pause.timeout.connect(self._search)
        self.textChanged.connect(self._typed)
        self.returnPressed.connect(self._search)
        self._clear = IconButton("x", self.tr("Clear the search"), self)
        self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._clear.clicked.connect(self._emptied)
        self._clear.hide()

    def show_text(self, text: str) -> None:
        """Show what is being searched for. Does not search."""
        if text != self.text():
            self.setText(text)
            self._pause.stop()

    def _typed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._pause.start()

    def _emptied(self) -> None:
        self.clear()
        self.setFocus()
        self._search()

    def _search(self) -> None:
        self._pause.stop()
        self.searched.emit(self.text().strip())

    def resizeEvent(self, event: object) -> None:
        self._clear.setGeometry(self.width() - 44, (self.height() - 44) // 2, 44, 44)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self._emptied()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = paint.begin(self)
        draw_icon(painter, "search", current_colors().text_muted, QRectF(14, self.height() / 2 - 9, 18, 18))


class _Count(QWidget):
    """The number between the two buttons of a stepper."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.value = 0
        self.setFont(paint.sized(self.font(), tokens.BODY, tokens.BOLD))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(max(32, QFontMetrics(self.font()).horizontalAdvance(str(self.value)) + 8), tokens.TOUCH)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        ink = c.text if self.isEnabled() else c.disabled
        paint.text(paint.begin(self), QRectF(self.rect()), str(self.value), ink, paint.CENTER)


class Stepper(QWidget):
    """− n +. `stepped(int)` asks for a new value; the owner answers with `set_value`."""

    stepped = Signal(int)

    def __init__(
        self, value: int = 0, parent: QWidget | None = None, *, least: int = 0, most: int | None = None
    ) -> None:
        super().__init__(parent)
        self._least, self._most = least, most
        self._minus = IconButton("minus", self.tr("One less"), outlined=True)
        self._plus = IconButton("plus", self.tr("One more"), outlined=True)
        self._count = _Count(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for part in (self._minus, self._count, self._plus):
            row.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._minus.clicked.connect(self._down)
        self._plus.clicked.connect(self._up)
        self.set_value(value)

    def value(self) -> int:
        """The number shown."""
        return self._count.value

    def set_value(self, value: int) -> None:
        """Show this number. Does not emit."""
        self._count.value = value
        self._count.updateGeometry()
        self._count.update()
        self._minus.setEnabled(value > self._least)
        self._plus.setEnabled(self._most is None or value < self._most)

    def _down(self) -> None:
        self.stepped.emit(self._count.value - 1)

    def _up(self) -> None:
        self.stepped.emit(self._count.value + 1)
