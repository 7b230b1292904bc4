"""One order whole: tickets with their state and uses, payments, what happened, and its paper."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.formats import DateStyle, format_date, format_datetime, format_time, relative_day
from app.services.views import OrderView, PaymentView, TicketView
from domain.admission import Direction
from domain.catalogue import localized
from ui.orders.presenter import DetailFacts
from ui.orders.words import order_look, print_refusal_text, sync_look, ticket_look
from ui.sell.paper_words import paper_text
from ui.sell.words import Manner, event_name, when_text
from ui.shift.report_card import tender_name
from ui.style import tokens
from ui.widgets.buttons import Button, IconButton
from ui.widgets.cards import Divider, Panel, ScrollColumn, TimelineRow
from ui.widgets.flow import FlowGrid
from ui.widgets.labels import MeaningName, MoneyLabel, Pill, PlainLabel
from ui.widgets.states import BusyBar, InlineMessage

ACTION_WIDTH = 164


class TicketRow(Panel):
    """One ticket: product, where it admits, reference, price, state and last use."""

    def __init__(self, ticket: TicketView, manner: Manner, *, marked: bool) -> None:
        super().__init__("sunken" if marked else "page", margin=0)
        lang = manner.lang
        product = ticket.product
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(
            PlainLabel(localized(product.name, product.name_ru, lang), weight=tokens.MEDIUM, elide=True)
        )
        where = [event_name(ticket.event, lang)]
        if ticket.performance is not None:
            where.append(when_text(ticket.event, ticket.performance, manner.now(), lang))
        if ticket.seat:
            where.append(ticket.seat)
        words.addWidget(PlainLabel(" · ".join(where), size="small", tone="muted", elide=True))
        row = QHBoxLayout()
        row.setContentsMargins(12 if marked else 0, 10, 12 if marked else 0, 10)
        row.setSpacing(tokens.space(2))
        row.addLayout(words, 1)
        text, meaning, icon = ticket_look(ticket.state)
        pill = Pill()
        pill.set(text, meaning, icon)
        row.addWidget(PlainLabel(ticket.reference, tone="soft"))
        row.addWidget(pill)
        amount = MoneyLabel(manner.money(ticket.price))
        amount.setMinimumWidth(tokens.space(9))
        row.addWidget(amount)
        self.column.addLayout(row)


class OrderDetail(Panel):
    """Signals ask for paper or to go back to the list."""

    print_wanted = Signal()
    open_wanted = Signal()
    save_wanted = Signal()
    retry_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, manner: Manner, parent: QWidget | None = None) -> None:
        super().__init__("card", parent, margin=2.5, gap=1.5)
        self._manner = manner
        self._facts: DetailFacts | None = None
        self._build_ui()
        self._print.clicked.connect(self.print_wanted)
        self._open.clicked.connect(self.open_wanted)
        self._save.clicked.connect(self.save_wanted)
        self._fault.acted.connect(self.retry_wanted)
        self._back.clicked.connect(self.back_wanted)

    def _build_ui(self) -> None:
        self._back = IconButton("arrow-left", self.tr("Back to the list"))
        self._title = PlainLabel(size="title", weight=tokens.BOLD)
        self._state, self._sync = Pill(), Pill()
        self._total = MoneyLabel(size="title", weight=tokens.BOLD)
        self._line = PlainLabel(tone="soft", elide=True)
        self._print = Button(self.tr("Print again"))
        self._open = Button(self.tr("Open PDF"))
        self._save = Button(self.tr("Save to…"))
        self._busy = BusyBar()
        self._paper = PlainLabel(size="small", tone="muted", elide=True)
        self._fault = InlineMessage()
        self._body = ScrollColumn(gap=0)
        self._body.column.setContentsMargins(0, 0, tokens.space(1), 0)
        head = QHBoxLayout()
        head.setSpacing(tokens.space(1))
        for part in (self._back, self._title, self._state, self._sync):
            head.addWidget(part)
        head.addStretch(1)
        head.addWidget(self._total)
        actions = QWidget()
        row = FlowGrid(actions, cell_width=ACTION_WIDTH, gap=1)
        for button in (self._print, self._open, self._save):
            row.addWidget(button)
        self.column.addLayout(head)
        self.column.addWidget(self._line)
        self.column.addWidget(actions)
        self.column.addWidget(self._paper)
        self.column.addWidget(self._busy)
        self.column.addWidget(self._fault)
        self.column.addWidget(self._body, 1)

    def set_alone(self, *, alone: bool) -> None:
        """Whether the detail stands alone on the page, and needs a way back."""
        self._back.setVisible(alone)

    def show_detail(self, facts: DetailFacts) -> None:
        """Show this order; the lists are only made anew when the order is another or has changed."""
        before, self._facts = self._facts, facts
        self._show_paper(facts)
        if before is not None and (before.order, before.marked) == (facts.order, facts.marked):
            return
        order, manner = facts.order, self._manner
        self._title.set_text(order.receipt)
        self._state.set(*order_look(order.state))
        self._sync.set(*sync_look(synced=order.synced))
        self._sync.setVisible(facts.has_hub)
        self._total.set_text(manner.money(order.due))
        sold = format_datetime(order.sold_at, manner.zone(), manner.lang)
        self._line.set_text(
            " · ".join(filter(None, (order.reference, sold, order.station_name, order.cashier_name)))
        )
        self._body.clear()
        self._tickets(order, facts.marked)
        self._payments(order)
        self._history(order)

    def buttons(self) -> tuple[Button, Button, Button]:
        """Print, open, save."""
        return self._print, self._open, self._save

    def title(self) -> str:
        """The receipt number shown."""
        return self._title.whole_text()

    def _show_paper(self, facts: DetailFacts) -> None:
        paper = facts.paper
        working = paper.state == "working"
        for button in self.buttons():
            button.setEnabled(facts.print_refusal is None and not working)
        if working:
            self._busy.start()
        else:
            self._busy.stop()
        if paper.state == "failed" and paper.trouble is not None:
            message = self._manner.say(paper.trouble)
            self._fault.show_message("fault", message.title, message.text, self.tr("Try again"))
        else:
            self._fault.hide()
        if facts.print_refusal is not None:
            text = print_refusal_text(facts.print_refusal, facts.order.station_name)
        elif paper.state in {"none", "failed"}:
            text = "" if facts.order.printed else self.tr("Not printed yet")
        else:
            text = paper_text(paper, self._manner)
        self._paper.set_text(text)
        self._paper.setVisible(bool(text))

    def _section(self, title: str) -> None:
        label = PlainLabel(title, size="small", tone="muted", weight=tokens.BOLD)
        label.setContentsMargins(0, tokens.space(1.5), 0, tokens.space(0.5))
        self._body.column.addWidget(label)
        self._body.column.addWidget(Divider())

    def _tickets(self, order: OrderView, marked: str | None) -> None:
        count = len(order.tickets)
        self._section(self.tr("Ticket") if count == 1 else self.tr("%n tickets", "", count))
        for ticket in order.tickets:
            self._body.column.addWidget(TicketRow(ticket, self._manner, marked=ticket.serial == marked))

    def _payments(self, order: OrderView) -> None:
        self._section(self.tr("Payment"))
        for payment in order.payments:
            self._body.column.addWidget(self._payment(payment))
        if not order.payments:
            self._body.column.addWidget(PlainLabel(self.tr("Nothing was due"), tone="soft"))

    def _payment(self, payment: PaymentView) -> QWidget:
        money = self._manner.money
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 8, 0, 8)
        row.setSpacing(tokens.space(1.5))
        row.addWidget(PlainLabel(tender_name(payment.tender), weight=tokens.MEDIUM))
        detail = payment.reference or ""
        if payment.change.minor:
            detail = self.tr("given {given}, change {change}").format(
                given=money(payment.tendered), change=money(payment.change)
            )
        row.addWidget(PlainLabel(detail, size="small", tone="muted", elide=True), 1)
        row.addWidget(MoneyLabel(money(payment.amount)))
        return holder

    def _history(self, order: OrderView) -> None:
        self._section(self.tr("What happened"))
        self._body.column.addSpacing(tokens.space(1))
        uses = sorted(
            ((use, ticket) for ticket in order.tickets for use in ticket.uses), key=lambda pair: pair[0].at
        )
        sold = self.tr("Sold at {station}").format(station=order.station_name)
        self._happened(order.sold_at, sold, order.cashier_name, "accent", last=not uses)
        for place, (use, ticket) in enumerate(uses, 1):
            entry = use.direction is Direction.ENTRY
            what = self.tr("Admitted at gate {gate}") if entry else self.tr("Left at gate {gate}")
            product = localized(ticket.product.name, ticket.product.name_ru, self._manner.lang)
            self._happened(
                use.at,
                what.format(gate=use.gate),
                f"{product} · {ticket.reference}",
                "admit" if entry else "info",
                last=place == len(uses),
            )

    def _happened(self, at: datetime, what: str, detail: str, meaning: MeaningName, *, last: bool) -> None:
        manner = self._manner
        time = format_time(at, manner.zone(), manner.lang)
        near = relative_day(at, manner.now(), manner.zone(), manner.lang)
        today = relative_day(manner.now(), manner.now(), manner.zone(), manner.lang)
        day = "" if near == today else f"{format_date(at, manner.zone(), manner.lang, DateStyle.SHORT)}, "
        self._body.column.addWidget(TimelineRow(f"{day}{time}", what, detail, meaning=meaning, last=last))
