"""Typing money: a large field and a number pad that types into it; keyboard and fingers alike."""

from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QVBoxLayout, QWidget

from domain.money import exponent
from ui.style import paint, tokens
from ui.widgets.fields import TextField
from ui.widgets.pads import NumberPad

_MAY_STAND = QRegularExpression(r"[0-9]{0,12}([.,][0-9]{0,3})?")


class AmountField(TextField):
    """A field that takes figures and one decimal sign only."""

    def __init__(self, label: str, parent: QWidget | None = None, *, hint: str = "") -> None:
        super().__init__(label, parent, hint=hint)
        self.edit.setValidator(QRegularExpressionValidator(_MAY_STAND, self.edit))
        self.edit.setFont(paint.sized(self.edit.font(), tokens.TITLE, tokens.MEDIUM))
        self.edit.setMinimumHeight(tokens.space(6.5))

    def type(self, figure: str) -> None:
        """A figure from a pad, put where the cursor is."""
        self.edit.insert(figure)

    def erase(self) -> None:
        """The pad's delete key."""
        self.edit.backspace()


def amount_pad(currency: str, lang: str) -> NumberPad:
    """A pad with the decimal sign of the language, where the currency has decimals; the button beside it
    does what an enter key would."""
    sign = "," if lang.startswith("ru") else "."
    return NumberPad(extra=sign if exponent(currency) else "00", with_enter=False)


class AmountEntry(QWidget):
    """Field and pad below each other. `changed(str)` as one types, `entered()` on Enter."""

    changed = Signal(str)
    entered = Signal()

    def __init__(
        self, label: str, currency: str, lang: str, parent: QWidget | None = None, *, hint: str = ""
    ) -> None:
        super().__init__(parent)
        self.field = AmountField(label, hint=hint)
        self.pad = amount_pad(currency, lang)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.space(1.5))
        column.addWidget(self.field)
        column.addWidget(self.pad, 1)
        self.setFocusProxy(self.field)
        self.field.changed.connect(self.changed)
        self.field.entered.connect(self.entered)
        self.pad.digit.connect(self.field.type)
        self.pad.back.connect(self.field.erase)

    def text(self) -> str:
        """What stands in the field."""
        return self.field.text()
