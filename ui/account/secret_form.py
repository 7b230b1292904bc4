"""Three hidden fields that change a secret: the one so far, the new one, and the new one once more."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.fields import TextField


class SecretForm(QWidget):
    """`given(old, new, again)`; a refusal stands below the first field."""

    given = Signal(str, str, str)

    def __init__(self, first: str, new: str, again: str, button: str, *, most: int) -> None:
        super().__init__()
        self.fields = [TextField(label, secret=True) for label in (first, new, again)]
        self.button = Button(button, "secondary")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.space(1.5))
        for field in self.fields:
            field.edit.setMaxLength(most)
            field.entered.connect(self._next)
            column.addWidget(field)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.button.clicked.connect(self._give)

    def set_first(self, label: str) -> None:
        """What proves that it is the person: another label of the first field."""
        self.fields[0].set_label(label)

    def clear(self) -> None:
        """Forget what was typed."""
        for field in self.fields:
            field.set_text("")
            field.refuse("")

    def refuse(self, words: str) -> None:
        """Say why it was not taken; nothing typed is kept."""
        self.clear()
        self.fields[0].refuse(words)
        if words:
            self.fields[0].edit.setFocus()

    def _next(self) -> None:
        for field in self.fields:
            if not field.edit.text():
                field.edit.setFocus()
                return
        self._give()

    def _give(self) -> None:
        self.given.emit(*(field.edit.text() for field in self.fields))
