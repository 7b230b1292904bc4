"""One entry of the trail whole."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from app.formats import format_money
from app.services.views_people import AuditRow
from domain.money import Money
from ui.audit.table import one_line, place, who
from ui.station.words import kind_words
from ui.style import tokens
from ui.widgets.cards import ScrollColumn
from ui.widgets.labels import PlainLabel
from ui.widgets.side_panel import SidePanel


class EntryPanel(SidePanel):
    """Slides in with everything that the trail knows about an entry."""

    def __init__(self, host: QWidget, lang: str) -> None:
        super().__init__(host, "")
        self._lang = lang
        self._body = ScrollColumn(gap=1)
        self.column.addWidget(self._body)

    def show_entry(self, row: AuditRow, when: str) -> None:
        """Open for this entry."""
        self.set_title(kind_words(row.kind))
        self._body.clear()
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(tokens.space(2))
        grid.setVerticalSpacing(tokens.space(1))
        grid.setColumnStretch(1, 1)
        amount = ""
        if row.amount_minor is not None and row.currency:
            amount = format_money(Money(row.amount_minor, row.currency), self._lang)
        facts = [
            (self.tr("Time"), when),
            (self.tr("Who"), who(row) if row.name in (row.login, "") else f"{who(row)} ({row.login})"),
            (self.tr("Station"), place(row)),
            (self.tr("About"), row.about),
            (self.tr("Amount"), amount),
            (self.tr("Approved by"), ", ".join(row.approved_by)),
            (self.tr("Practice"), self.tr("yes") if row.practice else ""),
            *((name, _plain(value, self.tr("yes"), self.tr("no"))) for name, value in row.detail.items()),
            (self.tr("Entry"), row.entry_id),
        ]
        top = Qt.AlignmentFlag.AlignTop
        for line, (name, value) in enumerate((name, value) for name, value in facts if value):
            label = PlainLabel(one_line(name), size="small", tone="muted")
            grid.addWidget(label, line, 0, top)
            grid.addWidget(PlainLabel(one_line(value), wrap=True), line, 1, top)
        self._body.column.addWidget(holder)
        self.open_panel()


def _plain(value: str | int | bool | None, yes: str, no: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return yes if value else no
    return str(value)
