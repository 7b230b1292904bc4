"""The panel that invites somebody: login, name, roles."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from domain.people import LONGEST_LOGIN, LONGEST_NAME
from domain.permissions import RoleSet
from ui.people.role_picker import RolePicker
from ui.widgets.buttons import Button
from ui.widgets.cards import ScrollColumn
from ui.widgets.fields import TextField
from ui.widgets.labels import PlainLabel
from ui.widgets.side_panel import SidePanel
from ui.widgets.states import InlineMessage


class InvitePanel(SidePanel):
    """`invite_wanted(login, name, roles)`; stays open until the invitation is taken."""

    invite_wanted = Signal(str, str, list)

    def __init__(self, host: QWidget, lang: str) -> None:
        super().__init__(host, "")
        self.set_title(self.tr("Invite somebody"))
        self.login = TextField(self.tr("Login"), hint=self.tr("Letters A to Z, digits, point, dash."))
        self.login.edit.setMaxLength(LONGEST_LOGIN)
        self.name = TextField(self.tr("Name"), hint=self.tr("As others see it on tiles and receipts."))
        self.name.edit.setMaxLength(LONGEST_NAME)
        self.picker = RolePicker(lang)
        self.message = InlineMessage()
        self.send = Button(self.tr("Invite"), "primary", icon="mail")
        self.column.setContentsMargins(24, 16, 12, 8)
        body = ScrollColumn(gap=1.5)
        body.column.setContentsMargins(0, 0, 12, 0)
        for part in (
            self.login,
            self.name,
            PlainLabel(self.tr("Roles"), size="small", tone="soft"),
            self.picker,
            self.message,
        ):
            body.column.addWidget(part)
        self.column.addWidget(body)
        self.foot.addWidget(self.send, 1)
        self.send.clicked.connect(self._send)
        self.login.entered.connect(self.name.edit.setFocus)
        self.name.entered.connect(self.picker.take_focus)

    def begin(self, roles: Mapping[str, RoleSet]) -> None:
        """Open, empty."""
        for field in (self.login, self.name):
            field.set_text("")
            field.refuse("")
        self.message.hide()
        self.picker.show_roles(roles, ())
        self.open_panel(self.login)

    def refuse(self, title: str, text: str) -> None:
        """The invitation was refused."""
        self.message.show_message("refusal", title, text)

    def _send(self) -> None:
        self.message.hide()
        self.invite_wanted.emit(self.login.text(), self.name.text(), list(self.picker.chosen()))
