"""One person whole: state, roles, name, codes, shutting out, erasing; each act in a card of its own."""

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.formats import DateStyle, format_datetime
from app.services.people import LONGEST_REASON
from app.services.views_people import CodeIssued
from domain.people import LONGEST_NAME
from domain.permissions import RoleSet
from ui.messages import Message
from ui.people.presenter import PersonFacts
from ui.people.role_picker import RolePicker
from ui.people.words import DISABLED, INVITED, role_name, state_look
from ui.style import tokens
from ui.widgets.buttons import Button, IconButton
from ui.widgets.cards import Card, Divider, Panel, ScrollColumn
from ui.widgets.fields import TextField
from ui.widgets.flow import FlowGrid
from ui.widgets.labels import Pill, PlainLabel
from ui.widgets.states import InlineMessage


class CodeCard(Card):
    """A one-time code, large, once."""

    def __init__(self, lang: str) -> None:
        super().__init__()
        self._lang = lang
        self.setProperty("surface", "sunken")
        self.code = PlainLabel(size="title", weight=tokens.BOLD, wrap=True)
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words = PlainLabel(tone="soft", wrap=True)
        for part in (self.code, self.words):
            self.column.addWidget(part)
        self.hide()

    def show_code(self, issued: CodeIssued | None, zone: str) -> None:
        """Show it, or take it away."""
        self.setVisible(issued is not None)
        self.code.set_text(issued.code if issued is not None else "")
        if issued is not None:
            self.heading.set_text(self.tr("One-time code for {login}").replace("{login}", issued.login))
            self.heading.show()
            self.words.set_text(
                self.tr(
                    "Shown only now: write it down or read it out. Good once, until {time}. "
                    "With it the person chooses a password and a PIN: “I have a code” on the sign-in screen."
                ).replace("{time}", _moment(issued.expires_at, zone, self._lang))
            )


class PersonDetail(Panel):
    """Signals name what is wanted; the presenter does it."""

    roles_wanted = Signal(str, list)
    rename_wanted = Signal(str, str)
    code_wanted = Signal(str)
    disable_wanted = Signal(str, str)
    enable_wanted = Signal(str)
    erase_wanted = Signal(str, str)
    back_wanted = Signal()

    def __init__(self, lang: str, parent: QWidget | None = None) -> None:
        super().__init__("card", parent, margin=2.5, gap=1.5)
        self._lang = lang
        self._facts: PersonFacts | None = None
        self._roles: Mapping[str, RoleSet] = {}
        self._build_ui()
        self._connect()

    def _build_ui(self) -> None:
        self._back = IconButton("arrow-left", self.tr("Back to the list"))
        self.title = PlainLabel(size="title", weight=tokens.BOLD, elide=True)
        self.state = Pill()
        head = QHBoxLayout()
        head.setSpacing(tokens.space(1.5))
        head.addWidget(self._back)
        head.addWidget(self.title, 1)
        head.addWidget(self.state)
        self.known = PlainLabel(tone="soft", wrap=True)
        self._pills = QWidget()
        self._pill_row = FlowGrid(self._pills, cell_width=120, gap=0.5)
        self.message = InlineMessage(closable=True)
        self.code = CodeCard(self._lang)
        self._body = ScrollColumn(gap=2)
        self._body.column.setContentsMargins(0, 0, tokens.space(1), 0)
        self._acts = self._parts()
        for part in (self.code, *self._acts):
            self._body.column.addWidget(part)
        self.column.addLayout(head)
        for part in (self.known, self._pills, self.message):
            self.column.addWidget(part)
        self.column.addWidget(self._body, 1)

    def _parts(self) -> list[QWidget]:
        self.picker = RolePicker(self._lang)
        self.keep_roles = Button(self.tr("Keep these roles"), "primary", icon="check")
        self.name = TextField(self.tr("As others see it on tiles and receipts"))
        self.name.edit.setMaxLength(LONGEST_NAME)
        self.rename = Button(self.tr("Rename"), "secondary")
        self.new_code = Button("", "secondary", icon="key-round")
        self._code_words = PlainLabel(tone="soft", wrap=True)
        self.reason = TextField(self.tr("Reason, for the audit trail"))
        self.reason.edit.setMaxLength(LONGEST_REASON)
        self.shut_out = Button(self.tr("Shut out"), "danger", icon="ban")
        self._reason_line = _line(self.reason, self.shut_out)
        self.let_in = Button(self.tr("Let in again"), "secondary", icon="log-in")
        self._in_words = PlainLabel(tone="soft", wrap=True)
        self._erase_words = PlainLabel(
            self.tr(
                "Name and password are erased at every station and at the hub, and cannot be brought back. "
                "That they sold and let in stays in the journal, under the login. Roles stay: shut them out "
                "too if they have gone."
            ),
            tone="soft",
            wrap=True,
        )
        self.typed = TextField(self.tr("Type the login to confirm"))
        self.erase = Button(self.tr("Erase personal data"), "danger", icon="trash-2")
        return [
            _part(self.tr("Roles"), self.picker, self.keep_roles),
            _part(self.tr("Name"), _line(self.name, self.rename)),
            _part(self.tr("Invitation, PIN and password"), self._code_words, self.new_code),
            _part(self.tr("Access"), self._in_words, self._reason_line, self.let_in),
            _part(self.tr("Personal data"), self._erase_words, _line(self.typed, self.erase)),
        ]

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_wanted)
        self.picker.picked.connect(self._picked)
        self.keep_roles.clicked.connect(self._keep)
        self.rename.clicked.connect(self._rename)
        self.name.entered.connect(self._rename)
        self.new_code.clicked.connect(self._new_code)
        self.shut_out.clicked.connect(self._disable)
        self.reason.entered.connect(self._disable)
        self.let_in.clicked.connect(self._enable)
        self.erase.clicked.connect(self._erase)

    def set_alone(self, *, alone: bool) -> None:
        """Whether the detail stands alone on the page, and needs a way back."""
        self._back.setVisible(alone)

    def show_person(self, facts: PersonFacts, roles: Mapping[str, RoleSet]) -> None:
        """Show this person; what is being typed stays while nothing about them has changed."""
        if (facts, roles) == (self._facts, self._roles):
            return
        before, self._facts, self._roles = self._facts, facts, roles
        person = facts.person
        other = before is None or before.person.user != person.user
        self.title.set_text(person.name)
        self.state.set(*state_look(facts.state))
        self.known.set_text(" · ".join(self._known(facts)))
        self._pill_row.clear()
        for role in person.roles:
            self._pill_row.addWidget(Pill(role_name(role, roles, self._lang), "accent"))
        self._pills.setVisible(bool(person.roles))
        if other or before is None or before.person.roles != person.roles:
            self.picker.show_roles(roles, person.roles)
        if other or before is None or before.person.name != person.name:
            self.name.set_text(person.name)
        self._show_acts(facts)
        if other:
            for field in (self.reason, self.typed):
                field.set_text("")
            self._body.verticalScrollBar().setValue(0)
        self._picked()

    def show_message(self, kind: str, said: Message, field: str) -> None:
        """A refusal beside the field it is about, else above everything."""
        fields = {"name": self.name, "state": self.reason, "erase": self.typed}
        for one in fields.values():
            one.refuse("")
        self.message.hide()
        if kind == "refusal" and field in fields and not fields[field].isHidden():
            fields[field].refuse(" ".join(part for part in (said.title, said.text) if part))
        elif kind in ("refusal", "fault"):
            self.message.show_message("fault" if kind == "fault" else "refusal", said.title, said.text)
            if field == "roles" and self._facts is not None:
                self.picker.show_roles(self._roles, self._facts.person.roles)
                self._picked()

    def set_busy(self, *, busy: bool) -> None:
        """Nothing more is asked while something is being done."""
        for part in self._acts:
            part.setEnabled(not busy)

    def _show_acts(self, facts: PersonFacts) -> None:
        out = facts.state == DISABLED
        self._reason_line.setVisible(not out)
        self.let_in.setVisible(out)
        self.new_code.setEnabled(not out)
        has = facts.person.has_password
        if has:
            button = self.tr("Reset PIN and password")
            words = self.tr(
                "For whoever forgot: PIN, password and sessions end, a one-time code replaces them."
            )
        elif facts.person.has_pin:
            button = self.tr("Give a one-time code")
            words = self.tr("For whoever has no password yet, or forgot the PIN: the code replaces both.")
        else:
            button = self.tr("New invitation code")
            words = self.tr("For whoever lost the code: the former one is worth nothing from then on.")
        self.new_code.set_text(button)
        self._code_words.set_text(words)
        self._in_words.set_text(
            self.tr("Shut out: no sign-in anywhere. The roles are kept.")
            if out
            else self.tr("Ends all sessions, here at once, elsewhere at the next contact with the hub.")
        )

    def _known(self, facts: PersonFacts) -> list[str]:
        person = facts.person
        parts = [person.login]
        if facts.is_me:
            parts.append(self.tr("that is you"))
        parts.append(self.tr("PIN at this station") if person.has_pin else self.tr("no PIN at this station"))
        if person.has_password:
            parts.append(self.tr("has a password"))
        elif facts.state == INVITED:
            parts.append(self.tr("has not signed in yet"))
        return parts

    def _picked(self) -> None:
        held = set(self._facts.person.roles) if self._facts is not None else set()
        self.keep_roles.setEnabled(set(self.picker.chosen()) != held)

    def _user(self) -> str:
        return self._facts.person.user if self._facts is not None else ""

    def _keep(self) -> None:
        self.roles_wanted.emit(self._user(), list(self.picker.chosen()))

    def _rename(self) -> None:
        self.rename_wanted.emit(self._user(), self.name.text())

    def _new_code(self) -> None:
        self.code_wanted.emit(self._user())

    def _disable(self) -> None:
        self.disable_wanted.emit(self._user(), self.reason.text())

    def _enable(self) -> None:
        self.enable_wanted.emit(self._user())

    def _erase(self) -> None:
        self.erase_wanted.emit(self._user(), self.typed.text())


def _part(heading: str, *widgets: QWidget) -> QWidget:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(tokens.space(1))
    column.addWidget(Divider())
    column.addWidget(PlainLabel(heading, weight=tokens.BOLD))
    for widget in widgets:
        if isinstance(widget, Button):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
        else:
            column.addWidget(widget)
    return part


def _line(field: TextField, button: Button) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(tokens.space(1))
    row.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
    lift = QVBoxLayout()
    lift.setContentsMargins(0, 20, 0, 0)  # beside the field, below its label
    lift.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
    row.addLayout(lift)
    return holder


def _moment(at: datetime, zone: str, lang: str) -> str:
    return format_datetime(at, zone, lang, DateStyle.MEDIUM)
