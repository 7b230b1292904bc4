"""The panel in which a role is changed or made: permissions to switch, limits to type."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from domain.people import LONGEST_NAME
from domain.permissions import ALWAYS_ADMIN, LIMITED, Limit, Permission, Role, RoleSet
from ui.messages import Message, value_words
from ui.people.roles_presenter import RoleDraft, RolesTable
from ui.people.words import limit_typed, role_name
from ui.widgets.buttons import Button
from ui.widgets.cards import ScrollColumn
from ui.widgets.choices import Toggle
from ui.widgets.fields import TextField
from ui.widgets.side_panel import SidePanel
from ui.widgets.states import InlineMessage


class RolePanel(SidePanel):
    """`kept(RoleDraft)`, `remove_wanted(role)`."""

    kept = Signal(object)
    remove_wanted = Signal(str)

    def __init__(self, host: QWidget, lang: str) -> None:
        super().__init__(host, "")
        self._lang = lang
        self._role = ""
        self._toggles: dict[Permission, Toggle] = {}
        self._limits: dict[Limit, TextField] = {}
        self._build_ui()
        self.keep.clicked.connect(self._keep)
        self.remove.clicked.connect(self._remove)

    def _build_ui(self) -> None:
        self.column.setContentsMargins(24, 16, 12, 8)
        self.key = TextField(
            self.tr("Short name"), hint=self.tr("Small letters, digits and dashes; it stays for good.")
        )
        self.key.edit.setMaxLength(32)
        self.title = TextField(self.tr("Name"), hint=self.tr("As people read it."))
        self.title.edit.setMaxLength(LONGEST_NAME)
        self.message = InlineMessage()
        self._body = ScrollColumn(gap=0.5)
        self._body.column.setContentsMargins(0, 0, 12, 0)
        for part in (self.key, self.title, self.message):
            self.column.addWidget(part)
        self.column.addWidget(self._body, 1)
        self.keep = Button(self.tr("Keep"), "primary", icon="check")
        self.remove = Button(self.tr("Remove this role"), "danger", icon="trash-2")
        self.foot.addWidget(self.keep, 1)
        self.foot.addWidget(self.remove)

    def begin(self, role: RoleSet | None, table: RolesTable) -> None:
        """Open for a role; None for a new one."""
        self._role = role.role if role is not None else ""
        own = role is None or not role.is_builtin
        name = role_name(role.role, {role.role: role}, self._lang) if role is not None else ""
        self.set_title(name or self.tr("New role"))
        self.key.setVisible(role is None)
        self.title.setVisible(own)
        self.remove.setVisible(role is not None and own)
        for field, text in ((self.key, ""), (self.title, role.title if role is not None else "")):
            field.set_text(text)
            field.refuse("")
        self.message.hide()
        self._fill(role, table)
        self.open_panel(self.key if role is None else None)

    def refuse(self, message: Message, field: str) -> None:
        """Beside the limit it is about, else above everything."""
        limit = next((one for one in self._limits if one.value == field), None)
        if limit is not None:
            self._limits[limit].refuse(" ".join(part for part in (message.title, message.text) if part))
            self._body.ensureWidgetVisible(self._limits[limit])
            self._limits[limit].edit.setFocus()
        else:
            self.message.show_message("refusal", message.title, message.text)

    def toggle(self, permission: Permission) -> Toggle:
        """The switch of a permission."""
        return self._toggles[permission]

    def limit(self, limit: Limit) -> TextField:
        """The field of a limit."""
        return self._limits[limit]

    def _fill(self, role: RoleSet | None, table: RolesTable) -> None:
        self._body.clear()
        self._toggles, self._limits = {}, {}
        held = role.permissions if role is not None else frozenset({Permission.CHECK})
        limits = role.limits if role is not None else {}
        locked = ALWAYS_ADMIN if role is not None and role.role == Role.ADMIN else frozenset()
        limit_of = {permission: limit for limit, permission in LIMITED.items()}
        for right in table.rights:
            permission = right.permission
            words = value_words("permission", permission.value, self._lang)
            toggle = Toggle(words[:1].upper() + words[1:], on=permission in held)
            toggle.setEnabled(permission not in locked and permission is not Permission.CHECK)
            self._toggles[permission] = toggle
            self._body.column.addWidget(toggle)
            limit = limit_of.get(permission)
            if limit is not None:
                self._add_limit(limit, limits.get(limit, 0), table.currency, toggle)

    def _add_limit(self, limit: Limit, most: int | None, currency: str, toggle: Toggle) -> None:
        bound = value_words("bound", limit.value, self._lang)
        field = TextField(
            self.tr("{what}: up to, without asking a supervisor").replace("{what}", bound),
            text=limit_typed(limit, most, currency),
            placeholder=self.tr("without limit"),
        )
        field.setContentsMargins(60, 0, 0, 12)
        field.setVisible(toggle.isChecked())
        toggle.toggled.connect(field.setVisible)
        self._limits[limit] = field
        self._body.column.addWidget(field)

    def _keep(self) -> None:
        self.message.hide()
        on = frozenset(one for one, toggle in self._toggles.items() if toggle.isChecked())
        typed = {limit: field.text() for limit, field in self._limits.items()}
        self.kept.emit(RoleDraft(self._role or self.key.text(), self.title.text(), on, typed))

    def _remove(self) -> None:
        self.remove_wanted.emit(self._role)
