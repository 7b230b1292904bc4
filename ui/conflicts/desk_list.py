"""The list of conflicts: the most urgent first, each with its age."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.services.views import ConflictRow
from domain.catalogue import localized
from ui.conflicts.presenter import DeskList
from ui.conflicts.words import age, urgency_look
from ui.messages import sentence
from ui.style import tokens
from ui.widgets.cards import ListRow, Panel, ScrollColumn
from ui.widgets.choices import SegmentedControl
from ui.widgets.states import EmptyState, InlineMessage


class ConflictListRow(ListRow):
    """One conflict."""

    def __init__(self, row: ConflictRow, now: datetime, lang: str) -> None:
        _, meaning, icon = urgency_look(row.urgency, still_open=row.open)
        super().__init__(
            sentence(row.code, {}, lang).title,
            localized(row.about, row.about_ru, lang),
            age(row.at, now),
            icon=icon,
            meaning=meaning,
        )
        self.conflict = row.conflict
        self.setCheckable(True)

    def nextCheckState(self) -> None:
        """A press never takes the mark off again; the presenter decides which row carries it."""


class ConflictList(Panel):
    """`opened(str)` when a row is pressed, `every_wanted(bool)` when resolved ones are to be shown or not."""

    opened = Signal(str)
    every_wanted = Signal(bool)

    def __init__(self, lang: str, *, every: bool, parent: QWidget | None = None) -> None:
        super().__init__("card", parent, margin=0, gap=0)
        self._lang = lang
        self._rows: dict[str, ConflictListRow] = {}
        self._shown: tuple[Sequence[ConflictRow], int] | None = None
        self._build_ui(every=every)
        self.which.changed.connect(self._chosen_which)

    def _build_ui(self, *, every: bool) -> None:
        self.which = SegmentedControl([("open", self.tr("Waiting")), ("all", self.tr("All"))])
        if every:
            self.which.set_current("all")
        self.notice = InlineMessage(closable=True)
        self._scroll = ScrollColumn(gap=0.25)
        self._scroll.column.setContentsMargins(8, 0, 8, 8)
        self.empty = EmptyState("shield-check", "", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._scroll)
        self._pages.addWidget(self.empty)
        head = QVBoxLayout()
        head.setContentsMargins(16, 16, 16, 8)
        head.setSpacing(tokens.space(1.5))
        head.addWidget(self.which)
        head.addWidget(self.notice)
        self.column.addLayout(head)
        self.column.addWidget(self._pages, 1)

    def show_list(self, found: DeskList) -> None:
        """Show these; rows are only made anew when they or their ages are others."""
        with QSignalBlocker(self.which):
            self.which.set_current("all" if found.every else "open")
        if not found.loaded:
            self.empty.set("hourglass", self.tr("Getting ready…"), self.tr("Conflicts are being read."))
        elif found.every:
            self.empty.set(
                "shield-check",
                self.tr("Never a conflict"),
                self.tr("Nothing here had to be resolved so far."),
            )
        else:
            self.empty.set(
                "shield-check",
                self.tr("No conflicts"),
                self.tr("All that was sold and let in fits together. New ones appear here by themselves."),
            )
        key = (found.rows, int(found.now.timestamp()) // 60)
        if self._shown is None or list(self._shown[0]) != list(found.rows) or self._shown[1] != key[1]:
            self._shown = key
            self._fill(found)
        self._pages.setCurrentWidget(self._scroll if found.rows else self.empty)
        for conflict, row in self._rows.items():
            row.setChecked(conflict == found.chosen)

    def rows(self) -> list[ConflictListRow]:
        """The rows on screen."""
        return list(self._rows.values())

    def _fill(self, found: DeskList) -> None:
        self._scroll.clear()
        self._rows = {}
        for facts in found.rows:
            row = ConflictListRow(facts, found.now, self._lang)
            row.clicked.connect(self._pressed)
            self._rows[facts.conflict] = row
            self._scroll.column.addWidget(row)

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, ConflictListRow):
            self.opened.emit(row.conflict)

    def _chosen_which(self, key: str) -> None:
        self.every_wanted.emit(key == "all")
