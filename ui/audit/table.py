"""Entries of the trail as a table."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QTableView, QWidget

from app.formats import format_money
from app.services.views_people import AuditRow
from domain.actor import SYSTEM
from domain.money import Money
from ui.station.words import kind_words
from ui.style.theme import current_colors
from ui.widgets.tables import dress_table

Index = QModelIndex | QPersistentModelIndex
TIME, WHO, WHAT, ABOUT, AMOUNT, STATION, APPROVED = range(7)
HUB = "00000000"
"""The hub's own station number."""
NARROW, NARROWER = 1200, 1000


class AuditTableModel(QAbstractTableModel):
    """One page of rows, read only."""

    def __init__(self, when: Callable[[AuditRow], str], lang: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._when, self._lang = when, lang
        self._rows: list[AuditRow] = []

    def show_rows(self, rows: Sequence[AuditRow]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def row(self, place: int) -> AuditRow | None:
        """The entry in a line."""
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        return 0 if parent.isValid() else APPROVED + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section == AMOUNT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            self.tr("Time"),
            self.tr("Who"),
            self.tr("What"),
            self.tr("About"),
            self.tr("Amount"),
            self.tr("Station"),
            self.tr("Approved by"),
        )[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ForegroundRole and column in {TIME, STATION}:
            return QColor(current_colors().text_muted)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == AMOUNT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _text(self, row: AuditRow, column: int) -> str:
        amount = ""
        if row.amount_minor is not None and row.currency:
            amount = format_money(Money(row.amount_minor, row.currency), self._lang)
        about = self.tr("{about} (practice)").replace("{about}", row.about) if row.practice else row.about
        texts = (
            self._when(row),
            who(row),
            kind_words(row.kind),
            one_line(about),
            amount,
            place(row),
            ", ".join(row.approved_by),
        )
        return one_line(texts[column])


class AuditTable(QTableView):
    """The dressed view; its model is `.rows`."""

    def __init__(self, when: Callable[[AuditRow], str], lang: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = AuditTableModel(when, lang, self)
        self.setModel(self.rows)
        dress_table(self, stretch_column=ABOUT)
        self.verticalHeader().setDefaultSectionSize(44)
        self.setAccessibleName(self.tr("Audit trail"))

    def fit_columns(self, width: int) -> None:
        """Leave out what matters least where it is narrow; the entry itself shows everything."""
        self.setColumnHidden(APPROVED, width < NARROW)
        self.setColumnHidden(STATION, width < NARROWER)


def who(row: AuditRow) -> str:
    """Who did it: a person, or the program by itself."""
    if not row.user or row.user == SYSTEM.user:
        return QCoreApplication.translate("Audit", "the program")
    return row.name


def place(row: AuditRow) -> str:
    """Where it was done."""
    return QCoreApplication.translate("Audit", "Hub") if row.station == HUB else row.station_name


def one_line(text: str) -> str:
    """A cell of a table: short, on one line, with nothing that turns the direction of text."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text[:200])
    return " ".join(kept.split())
