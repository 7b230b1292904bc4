"""Taking the money: tender, quick amounts, what was typed, change, and parts of a split payment."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.formats import format_amount
from app.services.sell import Tendered
from domain.money import Money
from domain.order import Tender
from ui.sell.big_amount import BigAmount
from ui.sell.facts import PayFacts
from ui.sell.words import Manner
from ui.shift.amount_entry import AmountField, amount_pad
from ui.style import tokens
from ui.widgets.buttons import Button, IconButton
from ui.widgets.cards import Panel, empty_layout
from ui.widgets.choices import SegmentedControl
from ui.widgets.fields import TextField
from ui.widgets.labels import MoneyLabel, PlainLabel
from ui.widgets.states import InlineMessage


class PartRow(Panel):
    """A kept part of a split payment, which can be taken back."""

    dropped = Signal()

    def __init__(self, tender: str, detail: str, amount: str) -> None:
        super().__init__("sunken", margin=0)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 0, 0)
        row.addWidget(PlainLabel(tender, weight=tokens.MEDIUM))
        row.addWidget(PlainLabel(detail, size="small", tone="muted", elide=True), 1)
        row.addWidget(MoneyLabel(amount))
        drop = IconButton("x", self.tr("Take this part back"))
        row.addWidget(drop)
        self.column.addLayout(row)
        drop.clicked.connect(self.dropped)


class PayPanel(QWidget):
    """The content of the side panel while paying."""

    tender_chosen = Signal(str)
    amount_typed = Signal(str)
    reference_typed = Signal(str)
    quick_pressed = Signal(object)
    part_dropped = Signal(int)
    take_wanted = Signal()
    new_prices_wanted = Signal()

    def __init__(self, manner: Manner, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._manner = manner
        self._facts: PayFacts | None = None
        self._quick: tuple[Money, ...] = ()
        self._build_ui(currency)
        self._connect()

    def _build_ui(self, currency: str) -> None:
        self._due = PlainLabel(size="display", weight=tokens.BOLD)
        self._due_caption = PlainLabel(tone="soft")
        self._tender = SegmentedControl([("cash", self.tr("Cash")), ("card", self.tr("Card"))])
        self._parts = QVBoxLayout()
        self._parts.setSpacing(tokens.space(0.5))
        self._quick_holder = QWidget()
        self._quick_grid = QGridLayout(self._quick_holder)
        self._quick_grid.setContentsMargins(0, 0, 0, 0)
        self._quick_grid.setSpacing(tokens.space(1))
        self._reference = TextField(
            self.tr("Reference of the terminal"), hint=self.tr("As on its slip; never a card number.")
        )
        self._message = InlineMessage()
        self._change = BigAmount()
        self._amount = AmountField(self.tr("Given"))
        self._pad = amount_pad(currency, self._manner.lang)
        self._take = Button("", "primary", key=self.tr("Enter"), large=True)
        left = QVBoxLayout()
        left.setSpacing(tokens.space(1))
        head = QHBoxLayout()
        head.addWidget(self._due_caption)
        head.addStretch(1)
        head.addWidget(self._due)
        left.addLayout(head)
        left.addWidget(self._tender)
        left.addLayout(self._parts)
        left.addWidget(self._quick_holder)
        left.addWidget(self._reference)
        left.addWidget(self._message)
        left.addStretch(1)
        left.addWidget(self._change)
        right = QVBoxLayout()
        right.setSpacing(tokens.space(1))
        right.addWidget(self._amount)
        right.addWidget(self._pad, 1)
        across = QHBoxLayout()
        across.setSpacing(tokens.space(3))
        across.addLayout(left, 6)
        across.addLayout(right, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.space(2))
        column.addLayout(across, 1)

    def _connect(self) -> None:
        self._tender.changed.connect(self.tender_chosen)
        self._amount.changed.connect(self.amount_typed)
        self._reference.changed.connect(self.reference_typed)
        self._pad.digit.connect(self._pad_digit)
        self._pad.back.connect(self._pad_back)
        self._take.clicked.connect(self.take_wanted)
        self._message.acted.connect(self.new_prices_wanted)
        for pressed in (self._tender, self._take):
            pressed.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def first_focus(self) -> QWidget:
        """The field in which one begins to type."""
        return self._reference.edit if self._card() else self._amount.edit

    def show_pay(self, pay: PayFacts) -> None:
        """Show this payment."""
        before, self._facts = self._facts, pay
        manner = self._manner
        card = pay.tender is not Tender.CASH
        self._due_caption.set_text(self.tr("Left to pay") if pay.given else self.tr("To pay"))
        self._due.set_text(manner.money(pay.remaining))
        self._tender.blockSignals(True)
        self._tender.set_current(pay.tender.value)
        self._tender.blockSignals(False)
        self._show_parts(pay.given)
        self._show_quick(pay.remaining, pay.quick)
        self._reference.setVisible(card)
        self._fill(self._amount, pay.amount_text)
        self._fill(self._reference, pay.reference)
        self._amount.edit.setPlaceholderText(format_amount(pay.remaining, manner.lang))
        self._show_change(pay)
        self._show_take(pay)
        self._show_trouble(pay)
        self.setEnabled(not pay.busy)
        if not pay.busy and (before is None or before.tender is not pay.tender or before.busy):
            self.first_focus().setFocus()

    def change_text(self) -> str:
        """What the large box says."""
        return self._change.text()

    def take_button(self) -> Button:
        """The button that takes the money; it stands in the foot of the side panel."""
        return self._take

    def refusal(self) -> str:
        """Words of the refusal on screen, empty without one."""
        return self._amount.refusal() or self._reference.refusal() or self._message.title()

    def quick_buttons(self) -> list[Button]:
        """Buttons of the quick amounts, the exact one first."""
        return self._quick_holder.findChildren(Button)

    def _card(self) -> bool:
        return self._facts is not None and self._facts.tender is not Tender.CASH

    @staticmethod
    def _fill(field: TextField, text: str) -> None:
        if field.edit.text() != text and field.text() != text:
            field.edit.blockSignals(True)
            field.set_text(text)
            field.edit.blockSignals(False)

    def _show_parts(self, given: Sequence[Tendered]) -> None:
        empty_layout(self._parts)
        currency = self._facts.due.currency if self._facts is not None else ""
        for place, part in enumerate(given):
            row = PartRow(
                self.tr("Cash") if part.tender is Tender.CASH else self.tr("Card"),
                part.reference,
                self._manner.money(Money(part.amount_minor, currency)),
            )
            row.dropped.connect(partial(self.part_dropped.emit, place))
            self._parts.addWidget(row)

    def _show_quick(self, exact: Money, quick: Sequence[Money]) -> None:
        amounts = (exact, *quick)
        if amounts == self._quick:
            return
        self._quick = amounts
        while (item := self._quick_grid.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.setParent(None)
                gone.deleteLater()
        for place, amount in enumerate(amounts):
            text = self.tr("Exact") if place == 0 else self._manner.money(amount)
            button = Button(text, "secondary")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(partial(self.quick_pressed.emit, amount))
            self._quick_grid.addWidget(button, place // 3, place % 3)

    def _show_change(self, pay: PayFacts) -> None:
        exact_card = pay.tender is not Tender.CASH and pay.change is not None and not pay.change.minor
        self._change.setVisible(not exact_card)
        if pay.missing is not None:
            self._change.show_amount(self.tr("Still missing"), self._manner.money(pay.missing), "attention")
        elif pay.change is not None and pay.tender is Tender.CASH:
            self._change.show_amount(self.tr("Change"), self._manner.money(pay.change), "admit")
        elif pay.change is not None:
            self._change.show_amount(self.tr("Too much"), self._manner.money(pay.change), "refuse")
        else:
            self._change.show_amount(self.tr("Change"), "–")

    def _show_take(self, pay: PayFacts) -> None:
        self._take.setEnabled(not pay.busy)
        if pay.busy:
            self._take.set_text(self.tr("Selling…"))
        elif pay.missing is not None:
            part = self._manner.money(pay.remaining - pay.missing)
            words = (
                self.tr("Take {part} in cash, the rest by card")
                if pay.tender is Tender.CASH
                else self.tr("Take {part} by card, the rest in cash")
            )
            self._take.set_text(words.format(part=part))
        elif pay.due.minor == 0:
            self._take.set_text(self.tr("Issue, nothing to pay"))
        elif pay.tender is Tender.CASH:
            self._take.set_text(self.tr("Sell for {amount}").format(amount=self._manner.money(pay.due)))
        else:
            self._take.set_text(
                self.tr("The terminal took {amount}").format(amount=self._manner.money(pay.remaining))
            )

    def _show_trouble(self, pay: PayFacts) -> None:
        trouble = pay.trouble
        self._quick_holder.setVisible(pay.tender is Tender.CASH)
        self._message.hide()
        self._amount.refuse("")
        self._reference.refuse("")
        if trouble is None:
            return
        message = self._manner.say(trouble)
        if pay.trouble_at == "amount":
            self._amount.refuse(message.text or message.title)
        elif pay.trouble_at == "reference":
            self._reference.refuse(message.text or message.title)
        else:
            action = self.tr("Use the new price") if trouble.code == "PRICE_CHANGED" else ""
            self._quick_holder.hide()  # what is wrong matters more, and a low window has no room for both
            self._message.show_message(
                "fault" if trouble.fault else "refusal", message.title, message.text, action
            )

    def _pad_digit(self, figure: str) -> None:
        if self._reference.edit.hasFocus():
            if figure.isdigit():
                self._reference.edit.insert(figure)
        else:
            self._amount.type(figure)

    def _pad_back(self) -> None:
        (self._reference.edit if self._reference.edit.hasFocus() else self._amount.edit).backspace()
