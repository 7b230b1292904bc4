"""The audit trail on screen: filters, a page of rows, patterns, export."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSignalBlocker
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.services.views_people import AuditRow
from domain.kinds import SHAPES
from ui.audit.entry_panel import EntryPanel
from ui.audit.presenter import AuditPage, AuditPresenter, Filters, Pattern
from ui.audit.table import AuditTable, one_line
from ui.messages import Message
from ui.station.words import kind_words
from ui.style import tokens
from ui.widgets.buttons import Button, IconButton
from ui.widgets.cards import ListRow, Panel, ScrollColumn
from ui.widgets.choices import SegmentedControl, Select
from ui.widgets.fields import SearchField
from ui.widgets.flow import FlowGrid
from ui.widgets.labels import PlainLabel
from ui.widgets.states import BusyBar, EmptyState, InlineMessage

LONGEST = 80


class PatternRow(ListRow):
    """A pattern seen with somebody."""

    def __init__(self, pattern: Pattern, times: str) -> None:
        value = " · ".join(part for part in (times, pattern.amount) if part)
        super().__init__(
            f"{pattern.who} – {pattern.name}",
            pattern.when,
            value,
            icon="shield-alert",
            meaning="attention",
            chevron=True,
        )
        self.pattern = pattern


class AuditView(QWidget):
    """A view of `AuditPresenter`; made anew for another language."""

    def __init__(self, presenter: AuditPresenter, host: QWidget, lang: str) -> None:
        super().__init__()
        self._presenter = presenter
        self._zone = "UTC"
        self._file = ""
        self._pattern_rows: list[PatternRow] = []
        self.panel = EntryPanel(host, lang)
        self.table = AuditTable(self._when, lang)
        self._build_ui()
        self._connect()

    def _build_ui(self) -> None:
        card = Panel("card", margin=2, gap=1)
        self.which = SegmentedControl([("trail", self.tr("Trail")), ("patterns", self.tr("Patterns"))])
        self.days = SegmentedControl(
            [
                ("1", self.tr("Today")),
                ("7", self.tr("7 days")),
                ("30", self.tr("30 days")),
                ("0", self.tr("All")),
            ]
        )
        self.days.setAccessibleName(self.tr("Time"))
        self.export = Button(self.tr("Export"), "secondary", icon="download")
        top = QHBoxLayout()
        top.setSpacing(tokens.space(1))
        for part in (self.which, self.days):
            top.addWidget(part)
        top.addStretch(1)
        top.addWidget(self.export)
        self.message = InlineMessage(closable=True)
        self.busy = BusyBar()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._build_trail())
        self._patterns = ScrollColumn(gap=0.5)
        self._pages.addWidget(self._patterns)
        self._pages.addWidget(
            EmptyState(
                "shield-check",
                self.tr("Nothing stands out"),
                self.tr("Voids after cash, many refunds, drawers opened without a sale would stand here."),
            )
        )
        card.column.addLayout(top)
        card.column.addWidget(self.message)
        card.column.addWidget(self.busy)
        card.column.addWidget(self._pages, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)

    def _build_trail(self) -> QWidget:
        page = QWidget()
        self._filters = QWidget()
        grid = FlowGrid(self._filters, cell_width=200, gap=1)
        self.person = SearchField(self.tr("Login"))
        self.order = SearchField(self.tr("Order"))
        for field in (self.person, self.order):
            field.setMaxLength(LONGEST)
        self.station = Select()
        self.station.setAccessibleName(self.tr("Station"))
        self.station.addItem(self.tr("All stations"), "")
        self.kind = Select()
        self.kind.setAccessibleName(self.tr("What"))
        self.kind.setMinimumWidth(160)
        self.kind.addItem(self.tr("Everything"), "")
        for words, kind in sorted((kind_words(kind), kind) for kind in {kind for kind, _ in SHAPES}):
            self.kind.addItem(words, kind)
        for part in (self.person, self.kind, self.order, self.station):
            grid.addWidget(part)
        self._rows = QStackedWidget()
        self._rows.addWidget(self.table)
        self._rows.addWidget(
            EmptyState(
                "text-search", self.tr("Nothing found"), self.tr("Look at more days or less narrowly.")
            )
        )
        foot = QHBoxLayout()
        self.newer = IconButton("chevron-left", self.tr("Newer"), outlined=True)
        self.older = IconButton("chevron-right", self.tr("Older"), outlined=True)
        self.place = PlainLabel(tone="muted")
        foot.addWidget(self.place)
        foot.addStretch(1)
        foot.addWidget(self.newer)
        foot.addWidget(self.older)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.space(1))
        column.addWidget(self._filters)
        column.addWidget(self._rows, 1)
        column.addLayout(foot)
        return page

    def _connect(self) -> None:
        for field in (self.person, self.order):
            field.searched.connect(self._look)
        for choice in (self.kind, self.station):
            choice.currentIndexChanged.connect(self._look)
        self.days.changed.connect(self._look)
        self.which.changed.connect(self._arrange)
        self.newer.clicked.connect(self._newer)
        self.older.clicked.connect(self._older)
        self.table.activated.connect(self._open)
        self.table.clicked.connect(self._open)
        self.export.clicked.connect(self._choose_file)
        self.message.acted.connect(self._open_file)

    # --- AuditView of the presenter

    def show_page(self, page: AuditPage) -> None:
        self._zone = page.zone
        with QSignalBlocker(self.station):
            for station, name in page.stations:
                if self.station.findData(station) < 0:
                    self.station.addItem(one_line(name), station)
        self.table.rows.show_rows(page.rows)
        self.table.scrollToTop()
        self._rows.setCurrentIndex(0 if page.rows else 1)
        self.place.set_text(self.tr("Page {number}").replace("{number}", str(page.number + 1)))
        self.newer.setEnabled(page.number > 0)
        self.older.setEnabled(page.older)

    def show_patterns(self, patterns: Sequence[Pattern]) -> None:
        self._patterns.clear()
        self._pattern_rows = []
        for pattern in patterns:
            row = PatternRow(
                pattern, self.tr("once") if pattern.count == 1 else self.tr("%n times", "", pattern.count)
            )
            row.clicked.connect(self._pattern_chosen)
            self._pattern_rows.append(row)
            self._patterns.column.addWidget(row)
        self._arrange()

    def show_filters(self, filters: Filters) -> None:
        blockers = [QSignalBlocker(part) for part in (self.kind, self.station, self.days)]
        self.station.setCurrentIndex(max(0, self.station.findData(filters.station)))
        self.kind.setCurrentIndex(max(0, self.kind.findData(filters.kind)))
        self.days.set_current(str(filters.days))
        del blockers
        for field, text in ((self.person, filters.person), (self.order, filters.order)):
            field.show_text(text)

    def show_busy(self, *, busy: bool) -> None:
        self.export.setEnabled(not busy)
        if busy:
            self.busy.start()
        else:
            self.busy.stop()

    def show_message(self, kind: str, message: Message) -> None:
        if kind:
            self.message.show_message("fault" if kind == "fault" else "refusal", message.title, message.text)
        else:
            self.message.hide()

    def show_exported(self, file: str) -> None:
        self._file = file
        self.message.show_message("success", self.tr("Exported"), Path(file).name, self.tr("Open"))

    # --- inside

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.table.fit_columns(self.width())

    def patterns(self) -> list[PatternRow]:
        """The patterns on screen."""
        return list(self._pattern_rows)

    def _when(self, row: AuditRow) -> str:
        return self._presenter.when(row, self._zone)

    def _look(self, _anything: object = None) -> None:
        self._presenter.look_for(
            Filters(
                person=self.person.text().strip(),
                kind=str(self.kind.currentData() or ""),
                order=self.order.text().strip(),
                station=str(self.station.currentData() or ""),
                days=int(self.days.current()),
            )
        )

    def _arrange(self, _key: str = "") -> None:
        trail = self.which.current() == "trail"
        self.export.setVisible(trail)
        empty = 1 if self.patterns() else 2
        self._pages.setCurrentIndex(0 if trail else empty)

    def _newer(self) -> None:
        self._presenter.turn(-1)

    def _older(self) -> None:
        self._presenter.turn(1)

    def _open(self, index: QModelIndex) -> None:
        row = self.table.rows.row(index.row())
        if row is not None:
            self.panel.show_entry(row, self._when(row))

    def _pattern_chosen(self) -> None:
        row = self.sender()
        if isinstance(row, PatternRow):
            self.which.set_current("trail")
            self._presenter.open_pattern(row.pattern)

    def _choose_file(self) -> None:
        file, _ = QFileDialog.getSaveFileName(
            self, self.tr("Export the audit trail"), "audit.csv", "CSV (*.csv);;JSON (*.json)"
        )
        if file:
            self._presenter.export(file)

    def _open_file(self) -> None:
        if self._file:
            self._presenter.open_file(self._file)
