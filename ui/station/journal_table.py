"""The journal as a table: number, time, what, who, hash, and whether the hub has it."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QTableView, QWidget

from ui.station import words
from ui.station.sync_presenter import EntryModel
from ui.style import icons, tokens
from ui.style.theme import current_colors
from ui.widgets.tables import dress_table

Index = QModelIndex | QPersistentModelIndex
NUMBER, TIME, WHAT, WHO, HASH, HUB = range(6)


class JournalTableModel(QAbstractTableModel):
    """Rows of the journal, read only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[EntryModel] = []
        self._has_hub = True

    def show_rows(self, rows: Sequence[EntryModel]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def set_has_hub(self, has_hub: bool) -> None:
        """A station that never joined a hub has nothing waiting."""
        self.beginResetModel()
        self._has_hub = has_hub
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        return 0 if parent.isValid() else HUB + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            self.tr("No."),
            self.tr("Time"),
            self.tr("What"),
            self.tr("Who"),
            self.tr("Hash"),
            self.tr("Hub"),
        )[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], index.column()
        colors = current_colors()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ForegroundRole and column in {NUMBER, TIME, HASH}:
            return QColor(colors.text_muted)
        if role == Qt.ItemDataRole.ForegroundRole and column == HUB:
            return QColor(colors.admit.on_soft if row.synced else colors.attention.on_soft)
        if role == Qt.ItemDataRole.DecorationRole and column == HUB and self._has_hub:
            return icons.icon("cloud-check" if row.synced else "hourglass", colors)
        if role == Qt.ItemDataRole.FontRole and column == HASH:
            font = QFont("IBM Plex Mono")
            font.setPixelSize(tokens.SMALL)
            return font
        if role == Qt.ItemDataRole.TextAlignmentRole and column == NUMBER:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _text(self, row: EntryModel, column: int) -> str:
        if column == HUB:
            if not self._has_hub:
                return "–"
            return self.tr("at the hub") if row.synced else self.tr("waiting")
        texts = (str(row.seq), row.when, words.kind_words(row.kind), row.user or self.tr("this station"))
        return (*texts, row.short_hash)[column]


class JournalTable(QTableView):
    """The dressed view; its model is `.rows`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = JournalTableModel(self)
        self.setModel(self.rows)
        dress_table(self, stretch_column=WHAT)
        self.setIconSize(QSize(16, 16))
        self.setAccessibleName(self.tr("Journal"))

    def fit_columns(self, width: int) -> None:
        """Leave out what matters least where it is narrow."""
        self.setColumnHidden(HASH, width < 960)
        self.setColumnHidden(WHO, width < 760)
