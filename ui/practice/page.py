"""The practice bench: sold tickets go before the camera, the printer jams, the network goes away."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.facade import PracticeTicket
from domain.errors import GatehouseError
from ui.frame.screen import Page
from ui.messages import error_message
from ui.orders.words import ticket_look
from ui.practice.presenter import BenchModel, BenchPresenter
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.cards import Card, ScrollColumn, empty_layout
from ui.widgets.choices import Toggle
from ui.widgets.flow import Columns
from ui.widgets.labels import PlainLabel
from ui.widgets.states import EmptyState, InlineMessage


class PracticePage(Page):
    """The widget behind `BenchView`."""

    def __init__(self, presenter: BenchPresenter, language: str, open_screen: Callable[[str], None]) -> None:
        super().__init__()
        self._presenter = presenter
        self._language = language
        self._open_screen = open_screen
        self._shown: BenchModel | None = None
        self.hold_buttons: list[Button] = []
        self._build_ui()

    def _build_ui(self) -> None:
        self._message = InlineMessage(closable=True)
        scroll = ScrollColumn(margin=3, gap=2)
        scroll.column.addWidget(self._message)
        scroll.column.addWidget(
            Columns([(self._build_tickets(), 3), (self._build_world(), 2)], stack_below=tokens.STACK_BELOW)
        )
        scroll.column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll)

    def _build_tickets(self) -> QWidget:
        card = Card(self.tr("Tickets sold in practice"))
        card.column.addWidget(
            PlainLabel(
                self.tr("Hold one before the camera, then go to the gate: it sees the ticket."),
                tone="muted", wrap=True,
            )
        )  # fmt: skip
        self._rows = QVBoxLayout()
        self._rows.setSpacing(tokens.space(1))
        card.column.addLayout(self._rows)
        self._nothing = EmptyState(
            "ticket",
            self.tr("Nothing was sold yet"),
            self.tr("Sell a ticket: it appears here."),
            self.tr("Sell"),
        )
        self._nothing.acted.connect(self._go_selling)
        card.column.addWidget(self._nothing)
        card.column.addStretch(1)
        return card

    def _build_world(self) -> QWidget:
        holder = QWidget()
        holder.setProperty("surface", "clear")
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.space(2))
        troubles = Card(self.tr("What may go wrong"))
        self.jam = Toggle(self.tr("The printer is jammed"))
        self.cut = Toggle(self.tr("The network is cut"))
        self.jam.toggled.connect(self._presenter.jam)
        self.cut.toggled.connect(self._presenter.cut)
        for toggle, words in (
            (self.jam, self.tr("Tickets and receipts wait until it is cleared.")),
            (self.cut, self.tr("Selling and admitting go on; the badge counts what waits.")),
        ):
            troubles.column.addWidget(toggle)
            troubles.column.addWidget(PlainLabel(words, size="small", tone="muted", wrap=True))
        column.addWidget(troubles)
        about = Card(self.tr("About practice"))
        for words in (
            self.tr("Everything here is a copy: sales count in no report, and nothing reaches the hub."),
            self.tr("A real gate answers PRACTICE to these tickets and stays shut."),
            self.tr("Prices and events are those of this station; times are moved so that doors open soon."),
            self.tr("Tomorrow practice begins afresh. To do so now: gatehouse practice --reset"),
        ):
            about.column.addWidget(PlainLabel(words, tone="soft", wrap=True))
        column.addWidget(about)
        column.addStretch(1)
        return holder

    def on_enter(self) -> None:
        """Look at what was sold meanwhile."""
        self._presenter.attach(self)

    def on_leave(self) -> None:
        """Nothing is asked while nobody looks."""
        self._presenter.detach()

    def context_line(self) -> str:
        """The words in the strip."""
        return self.tr("Practice")

    def show_bench(self, model: BenchModel) -> None:
        """See `BenchView`."""
        self._nothing.setVisible(model.loaded and not model.tickets)
        for toggle, on in ((self.jam, model.jammed), (self.cut, model.cut)):
            toggle.blockSignals(True)
            toggle.setChecked(on)
            toggle.blockSignals(False)
        if self._shown is not None and (self._shown.tickets, self._shown.held) == (model.tickets, model.held):
            return
        self._shown = model
        empty_layout(self._rows)
        self.hold_buttons = []
        for ticket in model.tickets:
            self._rows.addWidget(self._row(ticket, held=ticket.serial == model.held))

    def _row(self, ticket: PracticeTicket, *, held: bool) -> QWidget:
        row = QWidget()
        row.setProperty("surface", "clear")
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(tokens.space(2))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(PlainLabel(f"{ticket.event} · {ticket.product}", weight=tokens.MEDIUM, elide=True))
        state = ticket_look(ticket.state)[0]
        words.addWidget(PlainLabel(f"{ticket.reference} · {state}", size="small", tone="muted"))
        line.addLayout(words, 1)
        label = self.tr("Take away") if held else self.tr("Hold to the camera")
        button = Button(label, "primary" if held else "secondary", icon="camera")
        button.setProperty("serial", ticket.serial)
        button.clicked.connect(self._hold)
        self.hold_buttons.append(button)
        line.addWidget(button)
        return row

    def show_refusal(self, error: GatehouseError) -> None:
        """See `BenchView`."""
        words = error_message(error, self._language)
        self._message.show_message("fault", words.title, words.text)

    def _hold(self) -> None:
        button = self.sender()
        if button is not None:
            self._presenter.hold(str(button.property("serial")))

    def _go_selling(self) -> None:
        self._open_screen("sell")
