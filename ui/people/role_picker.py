"""Roles to switch on and off for one person."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from domain.permissions import RoleSet
from ui.people.words import role_name
from ui.widgets.choices import Toggle
from ui.widgets.flow import FlowGrid


class RolePicker(QWidget):
    """`picked()` whenever a role is switched."""

    picked = Signal()

    def __init__(self, lang: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lang = lang
        self._toggles: dict[str, Toggle] = {}
        self._grid = FlowGrid(self, cell_width=190, gap=0.5)

    def show_roles(self, roles: Mapping[str, RoleSet], held: Sequence[str]) -> None:
        """Every role that is there, and any the person has that is not defined here."""
        self._grid.clear()
        self._toggles = {}
        names = [*(role.role for role in roles.values() if not role.removed)]
        for role in [*names, *(one for one in held if one not in names)]:
            toggle = Toggle(role_name(role, roles, self._lang), on=role in held)
            toggle.toggled.connect(self._switched)
            self._toggles[role] = toggle
            self._grid.addWidget(toggle)

    def chosen(self) -> tuple[str, ...]:
        """The roles that are on."""
        return tuple(role for role, toggle in self._toggles.items() if toggle.isChecked())

    def toggle(self, role: str) -> Toggle:
        """The switch of a role."""
        return self._toggles[role]

    def take_focus(self) -> None:
        """To the first switch."""
        for toggle in self._toggles.values():
            toggle.setFocus()
            return

    def _switched(self, _on: bool) -> None:
        self.picked.emit()
