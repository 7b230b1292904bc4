"""The shift screen as a page: the report at the left, and beside it what can be done: open or close."""

from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from app.services.views import ShiftView
from domain.money import Money
from ui.frame.screen import Page
from ui.sell.facts import Trouble
from ui.sell.words import Manner
from ui.shift.close_card import CloseCard
from ui.shift.doubts import DoubtFacts
from ui.shift.doubts_panel import DoubtsPanel
from ui.shift.open_card import OpenShiftCard
from ui.shift.presenter import CountFacts, ReportFacts, ReportPaper, ShiftPresenter, ShiftStage
from ui.shift.report_card import ReportCard
from ui.style import tokens
from ui.widgets.cards import Panel
from ui.widgets.states import EmptyState, InlineMessage

STACK_BELOW, ROOM_TO_STACK = 760, 880
"""Pages narrower than the one and higher than the other have report and card below each other."""


class ShiftPage(Page):
    """A view of `ShiftPresenter`. Made anew for another language; the presenter keeps the state."""

    def __init__(self, presenter: ShiftPresenter, lang: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._manner = Manner(lang, presenter.now, presenter.zone)
        self._opening: OpenShiftCard | None = None
        self._closing: CloseCard | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._build_ui()

    def _build_ui(self) -> None:
        self.report = ReportCard(self._manner)
        self._none = EmptyState(
            "wallet",
            self.tr("No shift has been closed here yet"),
            self.tr("Open one with the cash in the drawer. Its report appears here."),
        )
        self.doubts_notice = InlineMessage()
        self._left = QStackedWidget()
        self._left.addWidget(self.report)
        self._left.addWidget(self._none)
        self._right = QStackedWidget()
        self._right.setMinimumWidth(tokens.space(40))
        body = Panel("canvas", margin=2)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._halves.setSpacing(tokens.space(2))
        left = QVBoxLayout()
        left.setSpacing(tokens.space(1.5))
        left.addWidget(self.doubts_notice)
        left.addWidget(self._left, 1)
        self._halves.addLayout(left, 3)
        self._halves.addWidget(self._right, 2)
        body.column.addLayout(self._halves)
        self._state = EmptyState("wallet", "", "")
        self._state.acted.connect(self._presenter.refresh)
        self._pages = QStackedWidget()
        self._pages.addWidget(body)
        self._pages.addWidget(self._state)
        self._body = body
        self.doubts = DoubtsPanel(self, self._manner)
        self.fill(self._pages)
        self.report.which_chosen.connect(self._which_chosen)
        self.report.open_wanted.connect(self._presenter.open_pdf)
        self.report.save_wanted.connect(self._choose_folder)
        self.doubts.said.connect(self._presenter.doubts.clear_up)
        self.doubts_notice.acted.connect(self._open_doubts)

    def on_enter(self) -> None:
        self._presenter.attach(self)
        self._presenter.enter()
        self._take_focus()

    def on_leave(self) -> None:
        self._presenter.leave()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        stacked = self.width() < STACK_BELOW and self.height() >= ROOM_TO_STACK
        ways = QBoxLayout.Direction
        self._halves.setDirection(ways.TopToBottom if stacked else ways.LeftToRight)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if enter and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            if not event.isAutoRepeat():
                self._enter()
            return
        super().keyPressEvent(event)

    def _enter(self) -> None:
        if self.doubts.is_open():
            return
        if self._presenter.stage is ShiftStage.NONE and self._opening is not None:
            self._opening.ask()
        elif self._presenter.stage is ShiftStage.OPEN and self._closing is not None:
            self._closing.enter()

    def closing(self) -> CloseCard | None:
        """The card that closes, None before the first shift was seen open."""
        return self._closing

    def opening(self) -> OpenShiftCard | None:
        """The card that opens."""
        return self._opening

    # What the presenter shows

    def show_stage(self, stage: ShiftStage, trouble: Trouble | None) -> None:
        """See `ShiftPageView`."""
        if stage is ShiftStage.LOADING:
            self._state.set("wallet", self.tr("Getting ready…"), self.tr("The shift is being read."))
        elif stage is ShiftStage.BROKEN and trouble is not None:
            message = self._manner.say(trouble)
            self._state.set("octagon-alert", message.title, message.text, self.tr("Try again"))
        waiting = stage in {ShiftStage.LOADING, ShiftStage.BROKEN}
        self._pages.setCurrentWidget(self._state if waiting else self._body)
        wanted = self._opening if stage is ShiftStage.NONE else self._closing
        if wanted is not None and self._right.currentWidget() is not wanted:
            self._right.setCurrentWidget(wanted)
            self._take_focus()

    def show_opening(self, currency: str, trouble: Trouble | None, *, busy: bool) -> None:
        """See `ShiftPageView`."""
        if self._opening is None:
            self._opening = OpenShiftCard(currency, self._manner.lang)
            self._opening.open_wanted.connect(self._presenter.open_shift)
            self._right.addWidget(self._opening)
        message = self._manner.say(trouble) if trouble is not None else None
        at_field = trouble is not None and trouble.code == "AMOUNT_INVALID"
        self._opening.show_state(message, at_field=at_field, busy=busy)

    def show_report(self, report: ReportFacts | None) -> None:
        """See `ShiftPageView`."""
        if report is None:
            self._left.setCurrentWidget(self._none)
        else:
            self.report.show_report(report)
            self._left.setCurrentWidget(self.report)

    def show_count(self, count: CountFacts, shift: ShiftView) -> None:
        """See `ShiftPageView`."""
        if self._closing is None:
            self._closing = CloseCard(shift.float_.currency, self._manner)
            self._closing.count_typed.connect(self._presenter.type_count)
            self._closing.close_wanted.connect(self._presenter.close_shift)
            self._right.addWidget(self._closing)
        self._closing.show_count(count, shift)

    def show_paper(self, paper: ReportPaper) -> None:
        """See `ShiftPageView`."""
        self.report.show_paper(paper)

    def show_doubts(self, doubts: DoubtFacts) -> None:
        """See `ShiftPageView`."""
        self.doubts.show_facts(doubts)
        count = len(doubts.payments)
        if not count:
            self.doubts_notice.hide()
            return
        sums = Counter[str]()
        for one in doubts.payments:
            sums[one.amount.currency] += one.amount.minor
        amount = ", ".join(self._manner.money(Money(minor, currency)) for currency, minor in sums.items())
        title = self.tr("1 payment has no end: {amount}")
        if count > 1:
            title = self.tr("%n payments have no end: {amount}", "", count)
        text = self.tr("Nobody knows whether the money has moved. It is in no sum until somebody says so.")
        self.doubts_notice.show_message("refusal", title.format(amount=amount), text, self.tr("Clear up"))

    def go_back(self) -> bool:
        if self.doubts.is_open():
            self.doubts.close_panel()
            return True
        return False

    # Inside

    def _open_doubts(self) -> None:
        cards = self.doubts.cards()
        self.doubts.open_panel(cards[0].reason if cards else None)

    def _which_chosen(self, key: str) -> None:
        self._presenter.choose_report("last" if key == "last" else "now")

    def _take_focus(self) -> None:
        card = self._right.currentWidget()
        if self.isVisible() and isinstance(card, OpenShiftCard | CloseCard):
            card.entry.field.edit.setFocus()

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Save the report to"))
        if folder:
            self._presenter.save_pdf(folder)
