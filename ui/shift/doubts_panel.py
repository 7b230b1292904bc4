"""The panel in which payments without an end are cleared up: what is known, and two things to say."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.formats import DateStyle, format_datetime
from app.services.views_payments import PaymentStanding
from domain.states import PaymentState
from ui.sell.words import Manner
from ui.shift.doubts import DoubtFacts, Verdict
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.cards import Card, ScrollColumn
from ui.widgets.fields import TextField
from ui.widgets.labels import MoneyLabel, Pill, PlainLabel
from ui.widgets.side_panel import SidePanel
from ui.widgets.states import InlineMessage, Saying


class DoubtCard(Card):
    """One payment."""

    said = Signal(object)

    def __init__(self, one: PaymentStanding, manner: Manner, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.payment = one.payment
        self._manner = manner
        self._build_ui(one)
        self.taken.clicked.connect(self._say_taken)
        self.not_taken.clicked.connect(self._say_not_taken)

    def _build_ui(self, one: PaymentStanding) -> None:
        head = QHBoxLayout()
        head.addWidget(
            PlainLabel(self.tr("Order {order}").format(order=one.reference), weight=tokens.BOLD), 1
        )
        head.addWidget(MoneyLabel(self._manner.money(one.amount), size="title", weight=tokens.BOLD))
        since = format_datetime(one.started_at, self._manner.zone(), self._manner.lang, DateStyle.SHORT)
        about = self.tr("{station} · {cashier} · {since}")
        waiting = one.state is PaymentState.STARTED
        words = self.tr("Waiting for the terminal") if waiting else self.tr("Nobody knows the end")
        self.reason = TextField(self.tr("How do you know?"), placeholder=self.tr("Slip, bank, terminal…"))
        self.reference = TextField(self.tr("Reference of the terminal"))
        self.taken = Button(self.tr("Money was taken"), "primary", icon="check")
        self.not_taken = Button(self.tr("Not taken"), icon="x")
        self._message = InlineMessage()
        answers = QHBoxLayout()
        answers.setSpacing(tokens.space(1))
        answers.addWidget(self.taken, 1)
        answers.addWidget(self.not_taken, 1)
        self.column.addLayout(head)
        self.column.addWidget(
            PlainLabel(
                about.format(station=one.station_name, cashier=one.cashier_name, since=since),
                size="small", tone="muted", wrap=True,
            )
        )  # fmt: skip
        state = QHBoxLayout()
        state.addWidget(Pill(words, "info" if waiting else "attention", icon="clock"))
        state.addStretch(1)
        self.column.addLayout(state)
        self.column.addWidget(self.reason)
        self.column.addWidget(self.reference)
        self.column.addWidget(self._message)
        self.column.addLayout(answers)

    def show_facts(self, facts: DoubtFacts) -> None:
        """Whether something is being done, and what was refused; what was typed stays."""
        for part in (self.taken, self.not_taken, self.reason, self.reference):
            part.setEnabled(not facts.busy)
        trouble = facts.trouble[1] if facts.trouble and facts.trouble[0] == self.payment else None
        self.reason.refuse("")
        self._message.hide()
        if trouble is None:
            return
        message = self._manner.say(trouble)
        if trouble.code == "REASON_NEEDED":
            self.reason.refuse(message.title)
        else:
            kind: Saying = "fault" if trouble.fault else "refusal"
            self._message.show_message(kind, message.title, message.text)

    def _say_taken(self) -> None:
        self.said.emit(Verdict(self.payment, True, self.reason.text(), self.reference.text()))

    def _say_not_taken(self) -> None:
        self.said.emit(Verdict(self.payment, False, self.reason.text(), self.reference.text()))


class DoubtsPanel(SidePanel):
    """All of them below each other; closes by itself when the last one is cleared up."""

    said = Signal(object)

    def __init__(self, host: QWidget, manner: Manner) -> None:
        super().__init__(host, "")
        self.set_title(self.tr("Payments without an end"))
        self._manner = manner
        self._cards: dict[str, DoubtCard] = {}
        words = PlainLabel(
            self.tr(
                "They are in no sum. Ask the terminal or the bank, then say what became of each: money that "
                "was taken is booked in the shift that is open here."
            ),
            tone="soft",
            wrap=True,
        )
        self._scroll = ScrollColumn(gap=1.5)
        self.column.addWidget(words)
        self.column.addWidget(self._scroll, 1)

    def cards(self) -> list[DoubtCard]:
        """One per payment, the oldest first."""
        return list(self._cards.values())

    def show_facts(self, facts: DoubtFacts) -> None:
        """Bring the cards in step; those that stay keep what was typed."""
        wanted = {one.payment for one in facts.payments}
        for payment in [payment for payment in self._cards if payment not in wanted]:
            card = self._cards.pop(payment)
            self._scroll.column.removeWidget(card)
            card.hide()
            card.deleteLater()
        for one in facts.payments:
            if one.payment not in self._cards:
                card = DoubtCard(one, self._manner)
                card.said.connect(self.said)
                self._cards[one.payment] = card
                self._scroll.column.addWidget(card)
            self._cards[one.payment].show_facts(facts)
        if not wanted and self.is_open():
            self.close_panel()
