"""Keys: what this station signs with, how it could be recovered, whom a gate here trusts; and the codes of an
enrolment file for another machine's camera."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QFileDialog, QTableView, QWidget

from app.services.invitations import InvitationCodes
from app.services.keys import OwnKeys
from ui.frame.screen import Page
from ui.station.codes_panel import CodesPanel
from ui.station.keys_presenter import KeyModel, KeysPresenter
from ui.station.sync_page import FactsList
from ui.style import tokens
from ui.style.theme import current_colors
from ui.widgets.buttons import Button
from ui.widgets.cards import Card, ScrollColumn
from ui.widgets.labels import PlainLabel
from ui.widgets.states import InlineMessage
from ui.widgets.tables import dress_table

Index = QModelIndex | QPersistentModelIndex
NAME, KEY, USAGE, UNTIL, STATE = range(5)


class KeysTableModel(QAbstractTableModel):
    """Certificates, read only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[KeyModel] = []

    def show_rows(self, rows: Sequence[KeyModel]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        return 0 if parent.isValid() else STATE + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            self.tr("Station"),
            self.tr("Key"),
            self.tr("May sign"),
            self.tr("Sells until"),
            self.tr("State"),
        )[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ForegroundRole and column == STATE:
            colors = current_colors()
            return QColor(
                {"good": colors.admit, "revoked": colors.refuse}.get(row.state, colors.attention).on_soft
            )
        if role == Qt.ItemDataRole.FontRole and column == KEY:
            font = QFont("IBM Plex Mono")
            font.setPixelSize(tokens.SMALL)
            return font
        return None

    def _text(self, row: KeyModel, column: int) -> str:
        usage = {"journal": self.tr("journal"), "sell": self.tr("tickets")}
        states = {
            "good": self.tr("good"),
            "soon": self.tr("ends within a day")
            if (row.days_left or 0) < 2
            else self.tr("ends in %n days", "", row.days_left or 0),
            "over": self.tr("sells no more; old tickets stay good"),
            "revoked": self.tr("revoked"),
        }
        name = self.tr("{station} (this station)").replace("{station}", row.name) if row.own else row.name
        return (
            name,
            row.key,
            ", ".join(usage.get(each, each) for each in row.usage),
            row.until or self.tr("open"),
            states[row.state],
        )[column]


class KeysPage(Page):
    """The page for whoever looks after keys."""

    def __init__(self, presenter: KeysPresenter, lang: str = "en", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._build_ui()
        self.codes = CodesPanel(self, lang)
        self.show_file.clicked.connect(self._choose_file)
        presenter.attach(self)

    def _build_ui(self) -> None:
        self.message = InlineMessage()
        own = Card(self.tr("This station"))
        self.facts = FactsList()
        own.column.addWidget(self.facts)
        trusted = Card(self.tr("Trusted at this gate"))
        self.rows = KeysTableModel(self)
        self.table = QTableView()
        self.table.setModel(self.rows)
        dress_table(self.table, stretch_column=NAME)
        self.table.setAccessibleName(self.tr("Keys"))
        trusted.column.addWidget(self.table)
        trusted.setMinimumHeight(320)
        invite = Card(self.tr("Another station"))
        invite.column.addWidget(
            PlainLabel(
                self.tr("An enrolment file from the hub's administrator, shown as codes for its camera."),
                tone="soft",
                wrap=True,
            )
        )
        self.show_file = Button(self.tr("Show an enrolment file as codes…"), icon="qr-code")
        invite.column.addWidget(self.show_file, 0, Qt.AlignmentFlag.AlignLeft)
        scroll = ScrollColumn(margin=2, gap=2)
        for part in (self.message, own, invite):
            scroll.column.addWidget(part)
        scroll.column.addWidget(trusted, 1)
        scroll.column.setAlignment(Qt.AlignmentFlag(0))
        self.fill(scroll)

    def on_enter(self) -> None:
        """Read again whenever it is opened."""
        self._presenter.enter()

    def on_leave(self) -> None:
        self.codes.close_panel()

    def go_back(self) -> bool:
        if not self.codes.is_open():
            return False
        self.codes.close_panel()
        return True

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Enrolment file"),
            str(Path.home()),
            self.tr("Enrolment files (*.json *.enrol);;All files (*)"),
        )
        if chosen:
            self._presenter.open_invitation(chosen)

    # --- KeysPageView

    def show_codes(self, codes: InvitationCodes, zone: str) -> None:
        """An enrolment file, one code after the other."""
        self.codes.show_codes(codes, zone)

    def show_own(self, own: OwnKeys) -> None:
        """What this station speaks with."""
        keystore = {"system": self.tr("the system's keystore"), "file": self.tr("a file of this user")}
        none, yes = self.tr("none yet"), self.tr("yes")
        self.facts.show_fact(self.tr("Station id"), own.station)
        self.facts.show_fact(self.tr("Epoch"), str(own.epoch))
        self.facts.show_fact(self.tr("Signing key"), own.key)
        self.facts.show_fact(self.tr("Certified by the root key"), yes if own.certified else self.tr("no"))
        self.facts.show_fact(self.tr("Root key of the organization"), own.root or none)
        self.facts.show_fact(self.tr("Recovery key"), own.recovery or none)
        self.facts.show_fact(self.tr("A lost key can be recovered"), yes if own.wrapped else self.tr("no"))
        self.facts.show_fact(self.tr("Secrets are kept in"), keystore.get(own.keystore, own.keystore))

    def show_keys(self, rows: Sequence[KeyModel]) -> None:
        """What a gate here trusts."""
        self.rows.show_rows(rows)

    def show_trouble(self, title: str, text: str) -> None:
        """Amber above the cards."""
        if title:
            self.message.show_message("fault", title, text)
        else:
            self.message.hide()
