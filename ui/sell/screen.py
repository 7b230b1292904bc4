"""The sell screen as a page: board, products, cart, and the panel for paying."""

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFileDialog, QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from app.services.views import PerformanceRow
from domain.money import Money
from domain.order import Tender
from ui.frame.screen import Page
from ui.sell.board import BoardView
from ui.sell.cart_view import CartView
from ui.sell.done_view import DoneView
from ui.sell.facts import BoardSection, CartFacts, Choice, PayFacts, SaleDone, Stage, Tile, Trouble, Unprinted
from ui.sell.pay_panel import PayPanel
from ui.sell.presenter import KEYS, SellPresenter
from ui.sell.products import ProductsView
from ui.sell.words import Manner, performance_text
from ui.shift.open_card import OpenShiftCard
from ui.style import tokens
from ui.widgets.side_panel import SidePanel
from ui.widgets.states import EmptyState, InlineMessage

DATE_UNSURE = "CLOCK_UNCONFIRMED"
BOARD_BESIDE = 1080
"""Pages at least this wide show the board as a column; below it is a row above the products."""

CART_BELOW = 760
"""Pages narrower than this show the cart below the products, where they are high enough."""

ROOM_BELOW = 880
"""Height in pixels that products and cart need below each other."""

CART_WIDTH, CART_WIDTH_SMALL = 368, 328
PAY_WIDTH, DONE_WIDTH = 720, 560


class SellPage(Page):
    """A view of `SellPresenter`. Made anew for another language; the presenter keeps the state."""

    def __init__(
        self,
        presenter: SellPresenter,
        lang: str,
        set_context: Callable[[str], None] | None = None,
        open_screen: Callable[[str], None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`set_context` is told when another performance is chosen, for the strip; `open_screen` goes to
        another screen."""
        super().__init__(parent)
        self._set_context = set_context
        self._open_screen = open_screen
        self._presenter = presenter
        self._manner = Manner(lang, presenter.now, presenter.zone)
        self._pay: PayPanel | None = None
        self._opening: OpenShiftCard | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._build_ui()
        self._connect()
        self._install_keys()

    def _build_ui(self) -> None:
        manner = self._manner
        self.board = BoardView(manner.lang, manner.now)
        self.products = ProductsView(manner, self.board.color_of)
        self.cart = CartView(manner)
        self._side = QStackedWidget()
        self._side.addWidget(self.cart)
        self._notice = InlineMessage(closable=True)
        self._notice_code = ""
        self._unprinted = InlineMessage()
        self.doubts = InlineMessage()
        self._body = QWidget()
        self._grid = QGridLayout(self._body)
        edge = tokens.space(3)
        self._grid.setContentsMargins(edge, tokens.space(2), edge, edge)
        self._grid.setHorizontalSpacing(tokens.space(3))
        self._grid.setVerticalSpacing(tokens.space(1.5))
        self._messages = QWidget()
        messages = QVBoxLayout(self._messages)
        messages.setContentsMargins(0, 0, 0, 0)
        messages.setSpacing(tokens.space(1))
        messages.addWidget(self._unprinted)
        messages.addWidget(self.doubts)
        messages.addWidget(self._notice)
        self._messages.hide()
        self._notice.closed.connect(self._fit_messages)
        self._state = EmptyState("tickets", "", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._body)
        self._pages.addWidget(self._state)
        self.fill(self._pages)
        self._panel = SidePanel(self, self.tr("Payment"), width=PAY_WIDTH)
        self._panel_pages = QStackedWidget()
        self._panel.column.addWidget(self._panel_pages)
        self.done = DoneView(manner)
        self._panel_pages.addWidget(self.done)
        self._panel.foot.addWidget(self.done.next_button(), 1)
        self._arrangement = ""
        self._arrange_as("above")  # asks for the least room, until the page gets its size

    def _connect(self) -> None:
        presenter = self._presenter
        self.board.chosen.connect(presenter.choose)
        self.products.pressed.connect(presenter.add)
        self.cart.stepped.connect(presenter.set_count)
        self.cart.removed.connect(presenter.remove)
        self.cart.emptied.connect(presenter.empty_cart)
        self.cart.undo_wanted.connect(presenter.undo)
        self.cart.pay_wanted.connect(presenter.open_pay)
        self.cart.exact_wanted.connect(presenter.sell_exact)
        self.cart.promo.code_given.connect(presenter.promo.apply)
        self.cart.promo.taken_off.connect(presenter.promo.take_off)
        self.cart.last.retry_wanted.connect(presenter.retry_paper)
        self.cart.last.open_wanted.connect(presenter.open_pdf)
        self.done.print_wanted.connect(presenter.print_paper)
        self.done.open_wanted.connect(presenter.open_pdf)
        self.done.save_wanted.connect(self._choose_folder)
        self.done.retry_wanted.connect(presenter.retry_paper)
        self.done.next_wanted.connect(presenter.next_sale)
        self._panel.closed.connect(self._panel_closed)
        self._notice.acted.connect(self._notice_pressed)
        self._unprinted.acted.connect(presenter.print_waiting)
        self.doubts.acted.connect(self._to_shift)
        self._state.acted.connect(presenter.refresh)

    def _install_keys(self) -> None:
        """F-keys and Ctrl+Enter work wherever the focus is; Enter comes through `keyPressEvent`, so that a
        button with the focus still takes it."""
        for number in range(1, KEYS + 1):
            for keys, slot in ((f"F{number}", self._add_by_key), (f"Shift+F{number}", self._take_by_key)):
                shortcut = QShortcut(QKeySequence(keys), self)
                shortcut.setProperty("number", number)
                shortcut.setAutoRepeat(False)
                shortcut.activated.connect(slot)
        for key in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(self._presenter.sell_exact)

    # Page

    def on_enter(self) -> None:
        self._presenter.attach(self)
        self._presenter.enter()
        self._take_focus()

    def on_leave(self) -> None:
        self._presenter.leave()

    def go_back(self) -> bool:
        if self._panel.is_open():
            self._panel.close_panel()
            return True
        return False

    def context_line(self) -> str:
        row = self._presenter.chosen
        if row is None:
            return ""
        return performance_text(row.event, row.performance, self._manner.now(), self._manner.lang)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if enter and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            if not event.isAutoRepeat():
                self._enter()
            return
        super().keyPressEvent(event)

    def _enter(self) -> None:
        if self._presenter.stage is Stage.NO_SHIFT and self._opening is not None:
            self._opening.ask()
        else:
            self._presenter.press_enter()

    def _add_by_key(self) -> None:
        self._presenter.add(self.sender().property("number"))

    def _take_by_key(self) -> None:
        self._presenter.take_off(self.sender().property("number"))

    # What the presenter shows

    def show_stage(self, stage: Stage, trouble: Trouble | None) -> None:
        """See `SellView`."""
        if stage is Stage.LOADING:
            self._state.set("tickets", self.tr("Getting ready…"), self.tr("Performances are being read."))
        elif stage is Stage.BROKEN and trouble is not None:
            message = self._manner.say(trouble)
            self._state.set("octagon-alert", message.title, message.text, self.tr("Try again"))
        broken = stage in {Stage.LOADING, Stage.BROKEN}
        self._pages.setCurrentWidget(self._state if broken else self._body)
        self._side.setCurrentWidget(
            self._opening if stage is Stage.NO_SHIFT and self._opening is not None else self.cart
        )
        self._show_panel(stage)
        self._take_focus()

    def show_board(self, sections: Sequence[BoardSection], chosen: Choice | None) -> None:
        """See `SellView`."""
        self.board.show_board(sections, chosen)
        if not sections and self._presenter.stage not in {Stage.LOADING, Stage.BROKEN}:
            self._state.set(
                "calendar",
                self.tr("Nothing is on sale"),
                self.tr("Published events with performances or passes appear here."),
                self.tr("Look again"),
            )
            self._pages.setCurrentWidget(self._state)

    def show_tiles(self, tiles: Sequence[Tile], row: PerformanceRow | None) -> None:
        """See `SellView`."""
        self.products.show_tiles(tiles, row)
        if self._set_context is not None and self.isVisible():
            self._set_context(self.context_line())

    def show_cart(self, cart: CartFacts) -> None:
        """See `SellView`."""
        self.cart.show_cart(cart)

    def show_pay(self, pay: PayFacts) -> None:
        """See `SellView`."""
        self._pay_panel(pay.due.currency).show_pay(pay)
        self._panel.set_closable(not pay.busy)

    def show_done(self, done: SaleDone) -> None:
        """See `SellView`."""
        self.done.show_done(done)

    def show_last(self, last: SaleDone | None) -> None:
        """See `SellView`."""
        self.cart.show_last(last)

    def show_notice(self, trouble: Trouble | None) -> None:
        """See `SellView`."""
        if trouble is None:
            self._notice.hide()
            self._fit_messages()
            return
        message = self._manner.say(trouble)
        self._notice_code = trouble.code
        actions = {
            "PRICE_CHANGED": self.tr("Use the new price"),
            DATE_UNSURE: self.tr("The date is right"),
        }
        action = actions.get(trouble.code, "")
        self._notice.show_message(
            "fault" if trouble.fault else "refusal", message.title, message.text, action
        )
        self._fit_messages()

    def _notice_pressed(self) -> None:
        """The button of the notice: what it says depends on what is wrong."""
        if self._notice_code == DATE_UNSURE:
            self._presenter.confirm_date()
        else:
            self._presenter.take_new_prices()

    def show_unprinted(self, unprinted: Unprinted | None) -> None:
        """See `SellView`."""
        if unprinted is None:
            self._unprinted.hide()
            self._fit_messages()
            return
        title = self.tr("1 sale was not printed: {receipt}")
        if unprinted.count > 1:
            title = self.tr("%n sales were not printed, the oldest: {receipt}", "", unprinted.count)
        reason = self._manner.say(unprinted.trouble).title if unprinted.trouble is not None else ""
        text = self.tr("Printing…") if unprinted.working else reason
        action = "" if unprinted.working else self.tr("Print now")
        self._unprinted.show_message("fault", title.format(receipt=unprinted.receipt), text, action)
        self._fit_messages()

    def show_doubts(self, count: int) -> None:
        """See `SellView`."""
        if not count:
            self.doubts.hide()
        else:
            title = self.tr("1 payment has no end")
            if count > 1:
                title = self.tr("%n payments have no end", "", count)
            text = self.tr("Nobody knows whether the money has moved.")
            action = self.tr("Clear up") if self._open_screen is not None else ""
            self.doubts.show_message("refusal", title, text, action)
        self._fit_messages()

    def _to_shift(self) -> None:
        if self._open_screen is not None:
            self._open_screen("shift")

    def _fit_messages(self) -> None:
        """An empty strip must not take room above the products."""
        parts = (self._notice, self._unprinted, self.doubts)
        self._messages.setVisible(not all(part.isHidden() for part in parts))

    def show_opening(self, currency: str, trouble: Trouble | None, *, busy: bool) -> None:
        """See `SellView`."""
        if self._opening is None:
            self._opening = OpenShiftCard(currency, self._manner.lang)
            self._opening.open_wanted.connect(self._presenter.open_shift)
            self._side.addWidget(self._opening)
        message = self._manner.say(trouble) if trouble is not None else None
        at_field = trouble is not None and trouble.code == "AMOUNT_INVALID"
        self._opening.show_state(message, at_field=at_field, busy=busy)
        if self._presenter.stage is Stage.NO_SHIFT and self._side.currentWidget() is not self._opening:
            self._side.setCurrentWidget(self._opening)
            self._take_focus()

    # Inside

    def _pay_panel(self, currency: str) -> PayPanel:
        if self._pay is None:
            pay = PayPanel(self._manner, currency)
            checkout = self._presenter.checkout
            pay.tender_chosen.connect(self._tender_chosen)
            pay.amount_typed.connect(checkout.type_amount)
            pay.reference_typed.connect(checkout.type_reference)
            pay.quick_pressed.connect(self._quick_pressed)
            pay.part_dropped.connect(checkout.drop_part)
            pay.take_wanted.connect(self._presenter.press_enter)
            pay.new_prices_wanted.connect(self._presenter.take_new_prices)
            self._panel_pages.addWidget(pay)
            self._panel.foot.addWidget(pay.take_button(), 1)
            self._pay = pay
        return self._pay

    def pay_panel(self) -> PayPanel | None:
        """The content of the pay panel, None before the first payment."""
        return self._pay

    def _tender_chosen(self, key: str) -> None:
        self._presenter.checkout.choose_tender(Tender(key))

    def _quick_pressed(self, amount: Money) -> None:
        self._presenter.pay_with(amount)

    def _show_panel(self, stage: Stage) -> None:
        if stage is Stage.PAYING and self._pay is not None:
            self._panel.set_title(self.tr("Payment"))
            self._panel_pages.setCurrentWidget(self._pay)
            self._foot(paying=True)
            self._panel.open_panel(self._pay.first_focus())
        elif stage is Stage.DONE:
            self._panel.set_title(self.tr("Sold"))
            self._panel.set_closable(True)
            self._panel_pages.setCurrentWidget(self.done)
            self._foot(paying=False)
            self._panel.open_panel(self.done)
        elif self._panel.is_open():
            self._panel.set_closable(True)
            self._panel.close_panel()

    def _foot(self, *, paying: bool) -> None:
        self.done.next_button().setVisible(not paying)
        if self._pay is not None:
            self._pay.take_button().setVisible(paying)

    def _panel_closed(self) -> None:
        if self._presenter.stage is Stage.PAYING:
            self._presenter.close_pay()
        elif self._presenter.stage is Stage.DONE:
            self._presenter.next_sale()
        self._take_focus()

    def _take_focus(self) -> None:
        if not self.isVisible() or self._panel.is_open():
            return
        if self._presenter.stage is Stage.NO_SHIFT and self._opening is not None:
            self._opening.entry.field.edit.setFocus()
        else:
            self.setFocus()

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Save tickets and receipt to"))
        if folder:
            self._presenter.save_paper(folder)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        upright = self.width() < CART_BELOW and self.height() >= ROOM_BELOW
        self._arrange_as("beside" if self.width() >= BOARD_BESIDE else "stacked" if upright else "above")

    def _arrange_as(self, wanted: Literal["beside", "stacked", "above"]) -> None:
        if wanted == self._arrangement:
            return
        self._arrangement = wanted
        grid = self._grid
        for widget in (self.board, self._messages, self.products, self._side):
            grid.removeWidget(widget)
        for column in range(3):
            grid.setColumnStretch(column, 0)
        for row in range(4):
            grid.setRowStretch(row, 0)
        self.board.set_upright(upright=wanted == "beside")
        self._side.setMinimumWidth(0)
        self._side.setMaximumWidth(16_777_215)
        if wanted == "beside":
            self._place_beside()
        elif wanted == "stacked":
            self._place_stacked()
        else:
            self._place_above()

    def _place_beside(self) -> None:
        grid = self._grid
        grid.addWidget(self.board, 0, 0, 2, 1)
        grid.addWidget(self._messages, 0, 1)
        grid.addWidget(self.products, 1, 1)
        grid.addWidget(self._side, 0, 2, 2, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        self._side.setFixedWidth(CART_WIDTH)

    def _place_above(self) -> None:
        grid = self._grid
        grid.addWidget(self.board, 0, 0)
        grid.addWidget(self._messages, 1, 0)
        grid.addWidget(self.products, 2, 0)
        grid.addWidget(self._side, 0, 1, 3, 1)
        grid.setColumnStretch(0, 1)
        grid.setRowStretch(2, 1)
        self._side.setFixedWidth(CART_WIDTH_SMALL)

    def _place_stacked(self) -> None:
        grid = self._grid
        grid.addWidget(self.board, 0, 0)
        grid.addWidget(self._messages, 1, 0)
        grid.addWidget(self.products, 2, 0)
        grid.addWidget(self._side, 3, 0)
        grid.setColumnStretch(0, 1)
        grid.setRowStretch(2, 4)
        grid.setRowStretch(3, 5)
