"""Opening a shift, right where it is missed: the float, a pad, one button."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.formats import format_amount
from domain.money import Money
from ui.messages import Message
from ui.shift.amount_entry import AmountEntry
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.labels import PlainLabel
from ui.widgets.states import InlineMessage


class OpenShiftCard(Card):
    """`open_wanted(str)`: the float as typed; empty for an empty drawer."""

    open_wanted = Signal(str)

    def __init__(self, currency: str, lang: str, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.heading.set_text(self.tr("Open a shift to sell"))
        self.heading.setVisible(True)
        self.column.addWidget(
            PlainLabel(
                self.tr("Count the coins and notes you start with. They are not counted as sales."),
                tone="soft",
                wrap=True,
            )
        )
        self.entry = AmountEntry(self.tr("Cash in the drawer now"), currency, lang)
        self.entry.field.edit.setPlaceholderText(format_amount(Money(0, currency), lang))
        self._message = InlineMessage()
        self._button = Button(self.tr("Open shift"), "primary", key=self.tr("Enter"), large=True)
        self.column.addWidget(self.entry, 1)
        self.column.addWidget(self._message)
        self.column.addWidget(self._button)
        self.column.setSpacing(tokens.space(1.5))
        self.setFocusProxy(self.entry)
        self._button.clicked.connect(self.ask)

    def ask(self) -> None:
        """Enter, or the button."""
        self.open_wanted.emit(self.entry.text())

    def show_state(self, message: Message | None, *, at_field: bool, busy: bool) -> None:
        """A refusal beside the field or as a message; `busy` while the shift is being opened."""
        self.setEnabled(not busy)
        self.entry.field.refuse((message.text or message.title) if message and at_field else "")
        if message is not None and not at_field:
            self._message.show_message("refusal", message.title, message.text)
        else:
            self._message.hide()

    def refusal(self) -> str:
        """Words of the refusal on screen."""
        return self.entry.field.refusal() or self._message.title()
