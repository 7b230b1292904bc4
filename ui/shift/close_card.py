"""Closing a shift: the count, what it means in plain words, and one button that says what it will do."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.formats import format_amount
from app.services.views import ShiftView
from ui.sell.big_amount import BigAmount
from ui.sell.words import Manner
from ui.shift.amount_entry import AmountEntry
from ui.shift.presenter import CountFacts
from ui.shift.report_card import difference_text
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.labels import MeaningName, PlainLabel
from ui.widgets.states import InlineMessage

ROOM_FOR_HEADING, ROOM_FOR_MEANING = 560, 500
"""Heights of the card from which heading and explanation are shown; below, the pad needs the room."""


class CloseCard(Card):
    """`count_typed(str)` as one types; `close_wanted()` from the button."""

    count_typed = Signal(str)
    close_wanted = Signal()

    def __init__(self, currency: str, manner: Manner, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._manner = manner
        self._readable = False
        self.heading.set_text(self.tr("Close the shift"))
        self.entry = AmountEntry(self.tr("Cash counted in the drawer"), currency, manner.lang)
        self._result = BigAmount()
        self._result.setFixedHeight(tokens.space(6))
        self._meaning = PlainLabel("", self, size="small", tone="soft", wrap=True)
        self._meaning.hide()
        self._message = InlineMessage()
        self._button = Button("", "primary", key=self.tr("Enter"))
        self.column.addWidget(self.entry, 1)
        self.column.addWidget(self._result)
        self.column.addWidget(self._meaning)
        self.column.addWidget(self._message)
        self.column.addWidget(self._button)
        self.setFocusProxy(self.entry)
        self.entry.changed.connect(self.count_typed)
        self._button.clicked.connect(self.close_wanted)

    def show_count(self, count: CountFacts, shift: ShiftView) -> None:
        """Show what the count means."""
        self.setEnabled(not count.busy)
        edit = self.entry.field.edit
        edit.setPlaceholderText(format_amount(shift.expected, self._manner.lang))
        if edit.text() != count.text:
            edit.blockSignals(True)
            edit.setText(count.text)
            edit.blockSignals(False)
        self._readable = count.counted is not None
        self._show_result(count)
        self._meaning.set_text(self._consequence(shift))
        bad_amount = count.trouble is not None and count.trouble.code == "AMOUNT_INVALID"
        message = self._manner.say(count.trouble) if count.trouble is not None else None
        if message is not None and bad_amount:
            text = (message.text or message.title) if count.text else self.tr("Type what you counted.")
            self.entry.field.refuse(text)
        else:
            self.entry.field.refuse("")
        if message is not None and not bad_amount:
            self._message.show_message("refusal", message.title, message.text)
        else:
            self._message.hide()

    def enter(self) -> None:
        """Enter goes from the count to the button, and closes there: one stray Enter closes nothing."""
        if self._readable:
            self._button.setFocus()
        else:
            self.close_wanted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.heading.setVisible(self.height() >= ROOM_FOR_HEADING)
        self._meaning.setVisible(self.height() >= ROOM_FOR_MEANING)

    def result(self) -> str:
        """The difference in words, as shown."""
        return self._result.text()

    def button(self) -> Button:
        """The button that closes."""
        return self._button

    def refusal(self) -> str:
        """Words of the refusal on screen."""
        return self.entry.field.refusal() or self._message.title()

    def _show_result(self, count: CountFacts) -> None:
        if count.difference is None:
            self._result.show_amount(self.tr("Difference"), "–")
            self._button.set_text(self.tr("Close the shift"))
            return
        words = difference_text(count.difference, self._manner)
        meaning: MeaningName = "admit" if count.difference.minor == 0 else "attention"
        self._result.show_amount(self.tr("Difference"), words, meaning)
        if count.busy:
            self._button.set_text(self.tr("Closing…"))
        elif count.difference.minor == 0:
            self._button.set_text(self.tr("Close the shift"))
        else:
            self._button.set_text(self.tr("Close all the same"))

    def _consequence(self, shift: ShiftView) -> str:
        parts = [self.tr("The Z report gets its number, nothing more is sold until a shift is opened.")]
        if shift.not_synced:
            parts.append(self.tr("Closing does not wait for the hub: what is missing there goes later."))
        parts.append(self.tr("An open cart stays."))
        return " ".join(parts)
