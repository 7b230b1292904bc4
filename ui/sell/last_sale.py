"""The sale before this one, kept in sight: its change, its receipt number, and where its paper is."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.sell.facts import SaleDone
from ui.sell.paper_words import paper_text
from ui.sell.words import Manner
from ui.style import tokens
from ui.widgets.buttons import Button, IconButton
from ui.widgets.cards import Panel
from ui.widgets.labels import MoneyLabel, PlainLabel


class LastSale(Panel):
    """Two lines and, where paper failed, a button to try again. Hidden before the first sale."""

    retry_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, manner: Manner, parent: QWidget | None = None) -> None:
        super().__init__("sunken", parent, margin=0, gap=0)
        self._manner = manner
        self._title = PlainLabel(size="small", weight=tokens.MEDIUM, tone="soft", elide=True)
        self._paper = PlainLabel(size="small", tone="muted", elide=True)
        self._change = MoneyLabel(weight=tokens.BOLD)
        self._open = IconButton("file-text", self.tr("Open the tickets as PDF"))
        self._retry = Button(self.tr("Try again"))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._paper)
        row = QHBoxLayout()
        row.setContentsMargins(12, 8, 4, 8)
        row.setSpacing(tokens.space(1))
        row.addLayout(words, 1)
        row.addWidget(self._change)
        row.addWidget(self._open)
        row.addWidget(self._retry)
        self.column.addLayout(row)
        self._open.clicked.connect(self.open_wanted)
        self._retry.clicked.connect(self.retry_wanted)
        self.hide()

    def show_sale(self, sale: SaleDone | None) -> None:
        """Show this sale; None hides it."""
        self.setVisible(sale is not None)
        if sale is None:
            return
        failed = sale.paper.state == "failed"
        self._title.set_text(self.tr("Last: {receipt}").format(receipt=sale.receipt))
        text = paper_text(sale.paper, self._manner, short=True)
        self._paper.set_text(text)
        self._paper.set_tone("attention" if failed else "muted")
        change = self._manner.money(sale.change)
        self._change.set_text(self.tr("Change {amount}").format(amount=change) if sale.change.minor else "")
        self._change.setVisible(bool(sale.change.minor) and not failed)
        self._retry.setVisible(failed)
        self._open.setVisible(not failed)
        self._open.setEnabled(sale.paper.state != "working")
