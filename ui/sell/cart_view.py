"""The cart: lines with steppers, the running total, and the two ways to sell."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from domain.catalogue import localized
from ui.sell.cart import CartLine, LineKey
from ui.sell.facts import CartFacts, SaleDone
from ui.sell.last_sale import LastSale
from ui.sell.promo_row import PromoRow
from ui.sell.words import Manner, performance_text, tickets_text
from ui.style import tokens
from ui.widgets.buttons import Button, IconButton, PaintedButton
from ui.widgets.cards import Divider, Panel, ScrollColumn
from ui.widgets.fields import Stepper
from ui.widgets.labels import MoneyLabel, PlainLabel
from ui.widgets.states import EmptyState

ROOM_FOR_HINT = 600
"""Carts at least this high explain themselves with picture and text."""


class CartRow(QWidget):
    """One line: product and performance above, stepper, amount and removal below."""

    stepped = Signal(int)
    removed = Signal()

    def __init__(self, line: CartLine, manner: Manner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._manner = manner
        self._name = PlainLabel(weight=tokens.MEDIUM, elide=True)
        self._where = PlainLabel(size="small", tone="muted", elide=True)
        self._amount = MoneyLabel(weight=tokens.BOLD)
        self._stepper = Stepper(line.count)
        self._remove = IconButton("trash-2", self.tr("Remove this line"))
        below = QHBoxLayout()
        below.setSpacing(tokens.space(0.5))
        below.addWidget(self._stepper)
        below.addWidget(self._remove)
        below.addStretch(1)
        below.addWidget(self._amount)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, tokens.space(1.25), 0, tokens.space(1.25))
        column.setSpacing(0)
        column.addWidget(self._name)
        column.addWidget(self._where)
        column.addSpacing(tokens.space(0.75))
        column.addLayout(below)
        self._stepper.stepped.connect(self.stepped)
        self._remove.clicked.connect(self.removed)
        for button in self.findChildren(PaintedButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_line(line)

    def show_line(self, line: CartLine) -> None:
        """Show another count or price."""
        product, lang = line.product, self._manner.lang
        self._name.set_text(localized(product.name, product.name_ru, lang))
        self._where.set_text(performance_text(line.event, line.performance, self._manner.now(), lang))
        self._stepper.set_value(line.count)
        self._amount.set_text(self._manner.money(line.total))


class UndoRow(Panel):
    """A line was removed; one press brings it back."""

    undo_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("sunken", parent, margin=0)
        undo = Button(self.tr("Undo"), "quiet", icon="undo-2")
        undo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout()
        row.setContentsMargins(12, 4, 4, 4)
        row.addWidget(PlainLabel(self.tr("Removed from the cart"), tone="soft", elide=True), 1)
        row.addWidget(undo)
        self.column.addLayout(row)
        undo.clicked.connect(self.undo_wanted)
        self.hide()


class CartView(Panel):
    """The column at the right. Signals ask; the presenter answers with `show_cart`."""

    stepped = Signal(object, int)
    removed = Signal(object)
    emptied = Signal()
    undo_wanted = Signal()
    pay_wanted = Signal()
    exact_wanted = Signal()

    def __init__(self, manner: Manner, parent: QWidget | None = None) -> None:
        super().__init__("card", parent, margin=0, gap=0)
        self._manner = manner
        self._rows: dict[LineKey, CartRow] = {}
        self._full = False
        self._has_last = False
        self._build_ui()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_middle()

    def _show_middle(self) -> None:
        """Lines, or a hint for whoever sees this for the first time; in a low window a shorter one."""
        hint = self._hint if self.height() >= ROOM_FOR_HINT else self._brief
        self._middle.setCurrentWidget(self._lines if self._full else hint)

    def _build_ui(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(20, 8, 8, 8)
        self._title = PlainLabel(self.tr("Cart"), weight=tokens.BOLD)
        self._title.setMinimumHeight(tokens.TOUCH)
        self._empty_button = Button(self.tr("Clear"), "quiet", icon="trash-2")
        self._empty_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._empty_button)
        self._lines = ScrollColumn(gap=0)
        self._lines.column.setContentsMargins(20, 0, 20, 8)
        self._hint = EmptyState(
            "shopping-cart",
            self.tr("Ready for the next guest"),
            self.tr("Press a product, or its key F1 to F12."),
        )
        self._brief = PlainLabel(
            self.tr("Press a product, or its key F1 to F12."), tone="muted", wrap=True,
            align=Qt.AlignmentFlag.AlignCenter,
        )  # fmt: skip
        self._middle = QStackedWidget()
        self._middle.setMinimumHeight(tokens.space(11))
        self._middle.addWidget(self._hint)
        self._middle.addWidget(self._brief)
        self._middle.addWidget(self._lines)
        self._undo = UndoRow()
        self.last = LastSale(self._manner)
        self.column.addLayout(head)
        self.column.addWidget(Divider())
        self.column.addWidget(self._middle, 1)
        self.column.addLayout(self._between())
        self.column.addWidget(Divider())
        self.column.addLayout(self._foot())
        self._empty_button.clicked.connect(self.emptied)
        self._undo.undo_wanted.connect(self.undo_wanted)
        self._pay.clicked.connect(self.pay_wanted)
        self._exact.clicked.connect(self.exact_wanted)

    def _between(self) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setContentsMargins(12, 0, 12, 0)
        box.setSpacing(tokens.space(1))
        box.addWidget(self._undo)
        box.addWidget(self.last)
        box.addSpacing(tokens.space(0.5))
        return box

    def _foot(self) -> QVBoxLayout:
        self.promo = PromoRow(self._manner)
        self._count = PlainLabel(tone="soft")
        self._tax = PlainLabel(size="small", tone="muted")
        self._total = MoneyLabel(size="display", weight=tokens.BOLD)
        self._pay = Button(self.tr("Pay"), "primary", key=self.tr("Enter"), large=True)
        self._exact = Button(self.tr("Exact cash"), key=self.tr("Ctrl+Enter"))
        self._exact.setToolTip(self.tr("Exact cash, print, next sale"))
        for button in (self._pay, self._exact):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        total = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._count)
        words.addWidget(self._tax)
        words.addStretch(1)
        total.addLayout(words)
        total.addStretch(1)
        total.addWidget(self._total)
        foot = QVBoxLayout()
        foot.setContentsMargins(20, 12, 20, 20)
        foot.setSpacing(tokens.space(1))
        foot.addWidget(self.promo)
        foot.addLayout(total)
        foot.addWidget(self._pay)
        foot.addWidget(self._exact)
        return foot

    def show_cart(self, cart: CartFacts) -> None:
        """Show these lines and totals; rows that stay are kept, so that focus stays where it is."""
        self._show_lines(cart.lines)
        full = bool(cart.lines)
        self._full = full
        self._show_middle()
        self._empty_button.setVisible(full)
        self._count.set_text(tickets_text(cart.tickets) if full else self.tr("Total"))
        self._tax.set_text(
            self.tr("with {tax} tax").format(tax=self._manner.money(cart.tax_added)) if cart.tax_added else ""
        )
        self._tax.setVisible(cart.tax_added is not None)
        if self.promo.isHidden() and full:
            self.promo.reset()
        self.promo.setVisible(full)
        self.promo.show_facts(cart.promo, frozen=cart.frozen)
        self._total.set_text(self._manner.money(cart.total))
        self._pay.setEnabled(full and not cart.frozen)
        self._exact.setEnabled(not cart.frozen)
        self._middle.setEnabled(not cart.frozen)
        self._undo.setVisible(cart.can_undo)
        self.last.setVisible(self._has_last and not cart.can_undo)

    def show_last(self, last: SaleDone | None) -> None:
        """The sale before this one."""
        self._has_last = last is not None
        self.last.show_sale(last)

    def row(self, key: LineKey) -> CartRow:
        """The row of a line."""
        return self._rows[key]

    def _show_lines(self, lines: Sequence[CartLine]) -> None:
        wanted = {line.key for line in lines}
        for key in [key for key in self._rows if key not in wanted]:
            gone = self._rows.pop(key)
            self._lines.column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, line in enumerate(lines):
            row = self._rows.get(line.key)
            if row is not None:
                row.show_line(line)
                continue
            row = CartRow(line, self._manner)
            row.stepped.connect(partial(self.stepped.emit, line.key))
            row.removed.connect(partial(self.removed.emit, line.key))
            self._rows[line.key] = row
            self._lines.column.insertWidget(place, row)
