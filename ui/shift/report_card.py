"""A shift in numbers: X while it is open, Z when it is closed; with its PDF."""

from pathlib import PurePath

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.formats import DateStyle, format_datetime
from app.services.views import ShiftView
from domain.money import Money
from ui.sell.words import Manner
from ui.shift.presenter import ReportFacts, ReportPaper
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.cards import Card, Divider, ScrollColumn
from ui.widgets.choices import SegmentedControl
from ui.widgets.flow import FlowGrid
from ui.widgets.labels import MeaningName, MoneyLabel, Pill, PlainLabel
from ui.widgets.states import InlineMessage

ACTION_WIDTH = 184


def tender_name(tender: str) -> str:
    """A tender in words."""
    translate = QCoreApplication.translate
    known = {
        "cash": translate("Tenders", "Cash"),
        "card": translate("Tenders", "Card"),
        "transfer": translate("Tenders", "Bank transfer"),
        "voucher": translate("Tenders", "Voucher"),
        "comp": translate("Tenders", "Complimentary"),
        "other": translate("Tenders", "Other"),
    }
    return known.get(tender, tender)


def difference_text(difference: Money, manner: Manner) -> str:
    """Counted less expected, in plain words."""
    translate = QCoreApplication.translate
    if difference.minor == 0:
        return translate("ShiftWords", "The drawer is exactly right")
    amount = manner.money(Money(abs(difference.minor), difference.currency))
    if difference.minor < 0:
        return translate("ShiftWords", "{amount} is missing").format(amount=amount)
    return translate("ShiftWords", "{amount} too much").format(amount=amount)


class ReportCard(Card):
    """Heading, who and since when, the drawer, other tenders, receipts, and what is not at the hub yet."""

    which_chosen = Signal(str)
    open_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, manner: Manner, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._manner = manner
        self._shown: ReportFacts | None = None
        self._build_ui()
        self._which.changed.connect(self.which_chosen)
        self._open.clicked.connect(self.open_wanted)
        self._save.clicked.connect(self.save_wanted)
        self._fault.acted.connect(self.open_wanted)

    def _build_ui(self) -> None:
        self._title = PlainLabel(size="title", weight=tokens.BOLD)
        self._pill = Pill()
        self._which = SegmentedControl([("now", self.tr("This shift")), ("last", self.tr("Last Z report"))])
        self._who = PlainLabel(tone="soft", elide=True)
        self._rows = ScrollColumn(gap=0)
        self._rows.column.setContentsMargins(0, 0, tokens.space(1), 0)
        self._fault = InlineMessage()
        self._paper = PlainLabel(size="small", tone="muted", elide=True)
        self._open = Button(self.tr("Open PDF"), icon="external-link")
        self._save = Button(self.tr("Save to…"), icon="folder-open")
        head = QHBoxLayout()
        head.setSpacing(tokens.space(1.5))
        head.addWidget(self._title)
        head.addWidget(self._pill)
        head.addStretch(1)
        actions = QWidget()
        buttons = FlowGrid(actions, cell_width=ACTION_WIDTH, gap=1)
        buttons.addWidget(self._open)
        buttons.addWidget(self._save)
        self.column.addLayout(head)
        self.column.addWidget(self._which)
        self.column.addWidget(self._who)
        self.column.addWidget(self._rows, 1)
        self.column.addWidget(self._fault)
        self.column.addWidget(self._paper)
        self.column.addWidget(actions)

    def show_report(self, report: ReportFacts) -> None:
        """Show this shift; nothing moves on screen when nothing has changed."""
        if report == self._shown:
            return
        self._shown = report
        shift, lang = report.shift, self._manner.lang
        if shift.number is None:
            self._title.set_text(self.tr("X report"))
            self._pill.set(self.tr("Shift is open"), "admit", "circle-dot")
        else:
            self._title.set_text(self.tr("Z report {number}").format(number=shift.number))
            self._pill.set(self.tr("Closed"), "neutral", "lock")
        self._which.setVisible(report.both)
        if self._which.current() != report.which:
            self._which.blockSignals(True)
            self._which.set_current(report.which)
            self._which.blockSignals(False)
        opened = format_datetime(shift.opened_at, self._manner.zone(), lang, DateStyle.SHORT)
        who = self.tr("{cashier} · drawer {drawer} · since {opened}")
        if shift.closed_at is not None:
            who = self.tr("{cashier} · drawer {drawer} · {opened} to {closed}")
        closed = format_datetime(
            shift.closed_at or shift.opened_at, self._manner.zone(), lang, DateStyle.SHORT
        )
        self._who.set_text(
            who.format(cashier=shift.cashier_name, drawer=shift.drawer, opened=opened, closed=closed)
        )
        self._show_rows(shift, has_hub=report.has_hub)

    def show_paper(self, paper: ReportPaper) -> None:
        """Where the PDF is."""
        working = paper.state == "working"
        self._open.setEnabled(not working)
        self._save.setEnabled(not working)
        text = {
            "working": self.tr("Making the PDF…"),
            "saved": self.tr("Saved: {file}").format(file=PurePath(paper.file).name),
            "opened": self.tr("Open in the PDF viewer"),
        }.get(paper.state, "")
        self._paper.set_text(text)
        self._paper.setVisible(bool(text))
        if paper.trouble is not None:
            message = self._manner.say(paper.trouble)
            self._fault.show_message("fault", message.title, message.text, self.tr("Try again"))
        else:
            self._fault.hide()

    def _show_rows(self, shift: ShiftView, *, has_hub: bool) -> None:
        self._rows.clear()
        money = self._manner.money
        currency = shift.float_.currency
        self._section(self.tr("Drawer"))
        self._row(self.tr("Float"), money(shift.float_))
        self._row(self.tr("Cash sales"), money(Money(shift.tenders.get("cash", 0), currency)))
        self._row(self.tr("Expected in the drawer"), money(shift.expected), strong=True)
        if shift.counted is not None and shift.difference is not None:
            self._row(self.tr("Counted"), money(shift.counted), strong=True)
            meaning: MeaningName = "admit" if shift.difference.minor == 0 else "attention"
            self._note(difference_text(shift.difference, self._manner), meaning)
        others = [(tender, minor) for tender, minor in sorted(shift.tenders.items()) if tender != "cash"]
        if others:
            self._section(self.tr("Other tenders"))
            for tender, minor in others:
                self._row(tender_name(tender), money(Money(minor, currency)))
        if shift.unknown:
            self._section(self.tr("Payments without an end, in no sum"))
            for one in shift.unknown:
                caption = f"{tender_name(one.tender)} · {one.reference}"
                self._row(caption, money(Money(one.amount_minor, currency)))
        self._section(self.tr("Receipts"))
        if shift.receipts_count:
            span = shift.receipts_first or ""
            if shift.receipts_last != shift.receipts_first:
                span = f"{shift.receipts_first} – {shift.receipts_last}"
            self._row(span, str(shift.receipts_count))
            taken = Money(sum(shift.tenders.values()), currency)
            self._row(self.tr("Taken in all"), money(taken), strong=True)
        else:
            self._row(self.tr("No receipt yet"), "0")
        if has_hub:
            self._hub(shift.not_synced)

    def _hub(self, waiting: int) -> None:
        if waiting == 0:
            self._note(self.tr("Everything is at the hub"), "admit", "cloud-check")
        elif waiting == 1:
            self._note(self.tr("1 entry is not at the hub yet"), "attention", "cloud-upload")
        else:
            self._note(self.tr("%n entries are not at the hub yet", "", waiting), "attention", "cloud-upload")

    def _section(self, title: str) -> None:
        label = PlainLabel(title, size="small", tone="muted", weight=tokens.BOLD)
        label.setContentsMargins(0, tokens.space(1.5), 0, tokens.space(0.5))
        self._rows.column.addWidget(label)
        self._rows.column.addWidget(Divider())

    def _row(self, caption: str, value: str, *, strong: bool = False) -> None:
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, tokens.space(0.75), 0, tokens.space(0.75))
        weight = tokens.BOLD if strong else tokens.REGULAR
        line.addWidget(PlainLabel(caption, weight=weight, elide=True), 1)
        line.addWidget(MoneyLabel(value, weight=tokens.BOLD if strong else tokens.MEDIUM))
        self._rows.column.addWidget(holder)

    def _note(self, text: str, meaning: MeaningName, icon: str = "") -> None:
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, tokens.space(0.75), 0, 0)
        pill = Pill(icon=icon)
        pill.set(text, meaning, icon)
        box.addWidget(pill, 0, Qt.AlignmentFlag.AlignLeft)
        self._rows.column.addWidget(holder)
