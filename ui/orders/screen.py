"""The orders screen as a page: the list with its search at the left, the chosen order beside it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QWidget

from ui.frame.screen import Page, ScanSource
from ui.orders.detail import OrderDetail
from ui.orders.order_list import OrderList
from ui.orders.presenter import DetailFacts, ListFacts, OrdersPresenter
from ui.sell.facts import Trouble
from ui.sell.words import Manner
from ui.style import tokens
from ui.widgets.cards import Panel
from ui.widgets.states import EmptyState

ONE_AT_A_TIME = 840
"""Pages narrower than this show either the list or the order."""

ROOMY = 1080
LIST_WIDTH, LIST_WIDTH_SMALL = 376, 328


class OrdersPage(Page):
    """A view of `OrdersPresenter`. Made anew for another language; the presenter keeps the state."""

    def __init__(self, presenter: OrdersPresenter, lang: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._manner = Manner(lang, presenter.now, presenter.zone)
        self._has_detail = False
        self._narrow = False
        self._build_ui()
        self._connect()

    def _build_ui(self) -> None:
        self.list = OrderList(self._manner, self._presenter.text)
        self.detail = OrderDetail(self._manner)
        nothing = Panel("card", margin=0)
        nothing.column.addWidget(
            EmptyState(
                "receipt-text",
                self.tr("Choose an order"),
                self.tr("Or scan one of its tickets, or the code on its receipt."),
            )
        )
        self._right = QStackedWidget()
        self._right.addWidget(nothing)
        self._right.addWidget(self.detail)
        edge = tokens.space(3)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(edge, tokens.space(2), edge, edge)
        row.setSpacing(tokens.space(3))
        row.addWidget(self.list, 2)
        row.addWidget(self._right, 5)
        self.fill(holder)

    def _connect(self) -> None:
        presenter = self._presenter
        self.list.searched.connect(presenter.search)
        self.list.opened.connect(presenter.open)
        self.detail.print_wanted.connect(presenter.print_again)
        self.detail.open_wanted.connect(presenter.open_pdf)
        self.detail.save_wanted.connect(self._choose_folder)
        self.detail.retry_wanted.connect(presenter.retry_paper)
        self.detail.back_wanted.connect(presenter.close)

    def on_enter(self) -> None:
        self._presenter.attach(self)
        self._presenter.enter()
        self.list.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def on_leave(self) -> None:
        self._presenter.leave()

    def handle_scan(self, text: str, source: ScanSource) -> bool:
        self._presenter.scan(text)
        return True

    def go_back(self) -> bool:
        return self._presenter.close()

    def show_list(self, found: ListFacts) -> None:
        """See `OrdersView`."""
        self.list.show_list(found)

    def show_detail(self, detail: DetailFacts | None) -> None:
        """See `OrdersView`."""
        self._has_detail = detail is not None
        if detail is not None:
            self.detail.show_detail(detail)
        self._right.setCurrentIndex(1 if detail is not None else 0)
        self._arrange()

    def show_notice(self, trouble: Trouble | None) -> None:
        """See `OrdersView`."""
        notice = self.list.notice()
        if trouble is None:
            notice.hide()
            return
        message = self._manner.say(trouble)
        notice.show_message("fault" if trouble.fault else "refusal", message.title, message.text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        narrow = self.width() < ONE_AT_A_TIME
        self.detail.set_alone(alone=narrow)
        self.list.setVisible(not (narrow and self._has_detail))
        self._right.setVisible(not narrow or self._has_detail)
        wide = LIST_WIDTH if self.width() >= ROOMY else LIST_WIDTH_SMALL
        self.list.setMinimumWidth(0 if narrow else wide)
        self.list.setMaximumWidth(16_777_215 if narrow else wide)

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Save tickets and receipt to"))
        if folder:
            self._presenter.save_pdf(folder)
