"""The list of orders: one search field for everything, the latest first."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.formats import format_time, local, relative_datetime
from app.services.views import OrderRow
from domain.catalogue import localized
from ui.orders.presenter import ListFacts
from ui.orders.words import order_look
from ui.sell.words import Manner
from ui.style import tokens
from ui.widgets.cards import ListRow, Panel, ScrollColumn
from ui.widgets.fields import SearchField
from ui.widgets.labels import PlainLabel
from ui.widgets.states import EmptyState, InlineMessage


class OrderListRow(ListRow):
    """One order."""

    def __init__(self, row: OrderRow, manner: Manner) -> None:
        _, meaning, icon = order_look(row.state)
        zone, lang = manner.zone(), manner.lang
        when = format_time(row.sold_at, zone, lang)
        if local(row.sold_at, zone).date() != local(manner.now(), zone).date():
            when = relative_datetime(row.sold_at, manner.now(), zone, lang)
        super().__init__(
            f"{row.tickets} × {localized(row.what, row.what_ru, lang)}",
            f"{row.receipt} · {when}",
            manner.money(row.due),
            icon="cloud-upload" if icon == "check" and not row.synced else icon,
            meaning=meaning if row.synced else "attention",
        )
        self.order = row.order
        self.setCheckable(True)

    def nextCheckState(self) -> None:
        """A press never takes the mark off again; the presenter decides which row carries it."""


class OrderList(Panel):
    """`searched(str)` as one types, `opened(str)` when a row is pressed."""

    searched = Signal(str)
    opened = Signal(str)

    def __init__(self, manner: Manner, text: str, parent: QWidget | None = None) -> None:
        super().__init__("card", parent, margin=0, gap=0)
        self._manner = manner
        self._shown: tuple[Sequence[OrderRow], bool] | None = None
        self._rows: dict[str, OrderListRow] = {}
        self._build_ui(text)
        self.search.searched.connect(self.searched)
        self._empty.acted.connect(self._all)

    def _build_ui(self, text: str) -> None:
        self.search = SearchField(self.tr("Receipt, reference, or scan a ticket"))
        self.search.setText(text)
        self._notice = InlineMessage(closable=True)
        self._title = PlainLabel(size="small", tone="muted", weight=tokens.BOLD)
        self._scroll = ScrollColumn(gap=0.25)
        self._scroll.column.setContentsMargins(8, 0, 8, 8)
        self._empty = EmptyState("receipt-text", "", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._scroll)
        self._pages.addWidget(self._empty)
        head = QVBoxLayout()
        head.setContentsMargins(16, 16, 16, 8)
        head.setSpacing(tokens.space(1.5))
        head.addWidget(self.search)
        head.addWidget(self._notice)
        head.addWidget(self._title)
        self.column.addLayout(head)
        self.column.addWidget(self._pages, 1)

    def show_list(self, found: ListFacts) -> None:
        """Show these; rows are only made anew when they are others."""
        if found.trouble is not None:
            message = self._manner.say(found.trouble)
            self._empty.set("octagon-alert", message.title, message.text, self.tr("Try again"))
        elif not found.loaded:
            self._empty.set("receipt-text", self.tr("Getting ready…"), self.tr("Orders are being read."))
        elif found.text:
            self._empty.set(
                "text-search",
                self.tr("Nothing found"),
                self.tr("No order, receipt or ticket is called “{text}” here.").format(text=found.text),
                self.tr("Show the latest"),
            )
        else:
            self._empty.set(
                "receipt-text", self.tr("No orders yet"), self.tr("What is sold at any till appears here.")
            )
        title = self.tr("Found") if found.text else self.tr("Latest orders")
        if found.more:
            title = self.tr("The latest %n orders", "", len(found.rows))
        self._title.set_text(title)
        self._title.setVisible(bool(found.rows))
        self._fill(found)
        self._pages.setCurrentWidget(self._scroll if found.rows else self._empty)
        for order, row in self._rows.items():
            row.setChecked(order == found.chosen)

    def notice(self) -> InlineMessage:
        """Where a scan that led nowhere is explained."""
        return self._notice

    def rows(self) -> list[OrderListRow]:
        """The rows on screen."""
        return list(self._rows.values())

    def empty_state(self) -> EmptyState:
        """What stands in place of rows."""
        return self._empty

    def _fill(self, found: ListFacts) -> None:
        if self._shown is not None and list(self._shown[0]) == list(found.rows):
            return
        self._shown = (found.rows, found.more)
        self._scroll.clear()
        self._rows = {}
        for facts in found.rows:
            row = OrderListRow(facts, self._manner)
            row.clicked.connect(self._pressed)
            self._rows[facts.order] = row
            self._scroll.column.addWidget(row)

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, OrderListRow):
            self.opened.emit(row.order)

    def _all(self) -> None:
        self.search.clear()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self.searched.emit("")
