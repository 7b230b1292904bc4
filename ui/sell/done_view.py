"""After the sale: the change as large as it goes, the receipt number, paper, and on to the next guest."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.sell.big_amount import BigAmount
from ui.sell.facts import SaleDone
from ui.sell.paper_words import paper_text
from ui.sell.words import Manner, tickets_text
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.labels import MeaningName, MoneyLabel, PlainLabel
from ui.widgets.states import BusyBar, InlineMessage


class DoneView(QWidget):
    """The content of the side panel when a sale is made."""

    print_wanted = Signal()
    open_wanted = Signal()
    save_wanted = Signal()
    retry_wanted = Signal()
    next_wanted = Signal()

    def __init__(self, manner: Manner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._manner = manner
        self._build_ui()
        self._print.clicked.connect(self.print_wanted)
        self._open.clicked.connect(self.open_wanted)
        self._save.clicked.connect(self.save_wanted)
        self._next.clicked.connect(self.next_wanted)
        self._fault.acted.connect(self.retry_wanted)

    def _build_ui(self) -> None:
        self._change = BigAmount(high=176)
        self._receipt = PlainLabel(size="title", weight=tokens.BOLD)
        self._detail = PlainLabel(tone="soft", elide=True)
        self._paid = MoneyLabel(size="title", weight=tokens.BOLD)
        self._fault = InlineMessage()
        self._busy = BusyBar()
        self._paper = PlainLabel(tone="soft", elide=True)
        self._print = Button(self.tr("Print"), icon="printer")
        self._open = Button(self.tr("Open PDF"), icon="external-link")
        self._save = Button(self.tr("Save to…"), icon="folder-open")
        self._next = Button(self.tr("Next sale"), "primary", key=self.tr("Enter"), large=True)
        for button in (self._print, self._open, self._save, self._next):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._receipt)
        names.addWidget(self._detail)
        facts = QHBoxLayout()
        facts.addLayout(names, 1)
        facts.addWidget(self._paid, 0, Qt.AlignmentFlag.AlignTop)
        actions = QHBoxLayout()
        actions.setSpacing(tokens.space(1))
        for button in (self._print, self._open, self._save):
            actions.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.space(2))
        column.addWidget(self._change)
        column.addLayout(facts)
        column.addWidget(self._busy)
        column.addWidget(self._paper)
        column.addWidget(self._fault)
        column.addLayout(actions)
        column.addStretch(1)

    def show_done(self, done: SaleDone) -> None:
        """Show this sale and where its paper is."""
        manner = self._manner
        meaning: MeaningName = "admit" if done.change.minor else "neutral"
        caption = self.tr("Change") if done.change.minor else self.tr("No change")
        self._change.show_amount(caption, manner.money(done.change), meaning)
        self._receipt.set_text(done.receipt)
        self._detail.set_text(
            self.tr("{tickets} · order {reference}").format(
                tickets=tickets_text(done.tickets), reference=done.reference
            )
        )
        self._paid.set_text(manner.money(done.due))
        paper = done.paper
        working = paper.state == "working"
        if working:
            self._busy.start()
        else:
            self._busy.stop()
        failed = paper.state == "failed" and paper.trouble is not None
        self._paper.set_text("" if failed else paper_text(paper, manner))
        self._paper.setVisible(not failed)
        for button in (self._print, self._open, self._save):
            button.setEnabled(not working)
        if failed and paper.trouble is not None:
            message = manner.say(paper.trouble)
            text = " ".join((message.text, self.tr("The sale is recorded."))).strip()
            self._fault.show_message("fault", message.title, text, self.tr("Try again"))
        else:
            self._fault.hide()

    def next_button(self) -> Button:
        """Goes on to the next guest; it stands in the foot of the side panel."""
        return self._next

    def change_text(self) -> str:
        """What the large box says."""
        return self._change.text()
