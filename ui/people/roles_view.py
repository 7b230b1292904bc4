"""Permissions down, roles across, limits beneath; and the panel in which a role is changed."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from domain.permissions import LIMITED, Limit, RoleSet
from ui.messages import Message, value_words
from ui.people.role_panel import RolePanel
from ui.people.roles_presenter import RolesPresenter, RolesTable
from ui.people.words import limit_text, role_name
from ui.style import tokens
from ui.style.theme import current_colors
from ui.widgets.buttons import Button
from ui.widgets.cards import Panel
from ui.widgets.choices import Select
from ui.widgets.labels import PlainLabel
from ui.widgets.states import InlineMessage
from ui.widgets.tables import dress_table

Index = QModelIndex | QPersistentModelIndex
ROLE_WIDTH = 136


class RolesTableModel(QAbstractTableModel):
    """A line per permission with a tick where a role has it; then a line per limit."""

    def __init__(self, lang: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lang = lang
        self._table = RolesTable((), (), "EUR", may_change=False)

    def show_table(self, table: RolesTable) -> None:
        """Replace everything."""
        self.beginResetModel()
        self._table = table
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        if parent.isValid() or not self._table.roles:
            return 0
        return len(self._table.rights) + len(self._limits())

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 — Qt's own signature
        return 0 if parent.isValid() else 1 + len(self._table.roles)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._name(self._table.roles[section - 1]) if section else self.tr("May")
        if role == Qt.ItemDataRole.TextAlignmentRole and section:
            return Qt.AlignmentFlag.AlignCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole and column:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.ForegroundRole and row >= len(self._table.rights):
            return QColor(current_colors().text_soft)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(row, column)
        return None

    def _text(self, row: int, column: int) -> str:
        rights = self._table.rights
        if row < len(rights):
            right = rights[row]
            if not column:
                words = value_words("permission", right.permission.value, self._lang)
                return words[:1].upper() + words[1:]
            return "✓" if self._table.roles[column - 1].role in right.roles else ""
        limit = self._limits()[row - len(rights)]
        if not column:
            bound = value_words("bound", limit.value, self._lang)
            return self.tr("{what}: up to").replace("{what}", bound)
        role = self._table.roles[column - 1]
        if LIMITED[limit] not in role.permissions:
            return "–"
        return limit_text(limit, role.limits.get(limit, 0), self._table.currency, self._lang)

    def _limits(self) -> list[Limit]:
        """Limits of permissions that are shown."""
        shown = {right.permission for right in self._table.rights}
        return [limit for limit in Limit if LIMITED[limit] in shown]

    def _name(self, role: RoleSet) -> str:
        return role_name(role.role, {role.role: role}, self._lang)


class RolesView(QWidget):
    """A view of `RolesPresenter`; made anew for another language."""

    def __init__(self, presenter: RolesPresenter, host: QWidget, lang: str) -> None:
        super().__init__()
        self._presenter, self._lang = presenter, lang
        self._table: RolesTable | None = None
        self.panel = RolePanel(host, lang)
        self._build_ui()
        self.change.clicked.connect(self._begin)
        self.add.clicked.connect(self._add)
        self.panel.kept.connect(presenter.keep)
        self.panel.remove_wanted.connect(presenter.remove)

    def _build_ui(self) -> None:
        card = Panel("card", margin=2, gap=1.5)
        self.hint = PlainLabel(tone="soft", wrap=True)
        self.choice = Select()
        self.choice.setAccessibleName(self.tr("Role"))
        self.choice.setMinimumWidth(200)
        self.change = Button(self.tr("Change"), "secondary", icon="pencil")
        self.add = Button(self.tr("New role"), "quiet", icon="plus")
        self._acts = QWidget()
        line = QHBoxLayout(self._acts)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(tokens.space(1))
        for part in (self.choice, self.change, self.add):
            line.addWidget(part)
        line.addStretch(1)
        self.message = InlineMessage(closable=True)
        self.rows = RolesTableModel(self._lang, self)
        self.table = QTableView()
        self.table.setModel(self.rows)
        dress_table(self.table)
        self.table.verticalHeader().setDefaultSectionSize(40)
        self.table.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.table.setAccessibleName(self.tr("Roles and permissions"))
        parts: tuple[QWidget, ...] = (self._acts, self.hint, self.message)
        for widget in parts:
            card.column.addWidget(widget)
        card.column.addWidget(self.table, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)

    def show_roles(self, table: RolesTable) -> None:
        """See `RolesView` of the presenter."""
        self._table = table
        self.rows.show_table(table)
        header = self.table.horizontalHeader()
        for column in range(1, 1 + len(table.roles)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, ROLE_WIDTH)
        self._fit()
        self._acts.setVisible(table.may_change)
        said = "" if table.who is None else table.who.advice
        self.hint.set_text(self.tr("To change roles: {who}").replace("{who}", said) if said else "")
        self.hint.setVisible(bool(said))
        chosen = self.choice.currentData()
        self.choice.clear()
        for role in table.roles:
            self.choice.addItem(role_name(role.role, {role.role: role}, self._lang), role.role)
        self.choice.setCurrentIndex(max(0, self.choice.findData(chosen)))

    def show_kept(self) -> None:
        """See `RolesView` of the presenter."""
        self.message.hide()
        self.panel.close_panel()

    def show_refusal(self, message: Message, field: str) -> None:
        """See `RolesView` of the presenter."""
        if self.panel.is_open():
            self.panel.refuse(message, field)
        else:
            self.message.show_message("refusal", message.title, message.text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where all roles do not fit beside the words, the words keep their room and the table scrolls."""
        header = self.table.horizontalHeader()
        room = self.width() - tokens.space(5) - ROLE_WIDTH * (self.rows.columnCount() - 1)
        mode = QHeaderView.ResizeMode.Stretch if room >= 260 else QHeaderView.ResizeMode.Fixed
        header.setSectionResizeMode(0, mode)
        if mode == QHeaderView.ResizeMode.Fixed:
            header.resizeSection(0, 260)

    def _begin(self) -> None:
        role = next((one for one in self._roles() if one.role == self.choice.currentData()), None)
        if role is not None and self._table is not None:
            self.panel.begin(role, self._table)

    def _add(self) -> None:
        if self._table is not None:
            self.panel.begin(None, self._table)

    def _roles(self) -> Sequence[RoleSet]:
        return self._table.roles if self._table is not None else ()
