"""The list of people with its search, requests for roles above it, and the chosen person beside it."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.services.people import LONGEST_REASON
from app.services.views_people import CodeIssued, RoleRequestRow
from domain.permissions import RoleSet
from ui.messages import Message
from ui.people.invite_panel import InvitePanel
from ui.people.person_detail import PersonDetail
from ui.people.presenter import PeopleList, PeoplePresenter, PersonFacts
from ui.people.words import ACTIVE, role_name, state_look
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.cards import ListRow, Panel, ScrollColumn
from ui.widgets.fields import SearchField, TextField
from ui.widgets.labels import PlainLabel
from ui.widgets.states import EmptyState, InlineMessage

ONE_AT_A_TIME = 840
LIST_WIDTH = 360


class PersonRow(ListRow):
    """Somebody in the list; the word at the right only where it is not the usual one."""

    def __init__(self, facts: PersonFacts, roles: Mapping[str, RoleSet], lang: str) -> None:
        word, meaning, icon = state_look(facts.state)
        named = ", ".join(role_name(role, roles, lang) for role in facts.person.roles)
        usual = facts.state == ACTIVE
        super().__init__(
            facts.person.name,
            " · ".join(part for part in (facts.person.login, named) if part),
            "" if usual else word,
            icon="user-round" if usual else icon,
            meaning="accent" if usual else meaning,
        )
        self.user = facts.person.user
        self.setCheckable(True)

    def nextCheckState(self) -> None:
        """A press never takes the mark off again; the presenter decides which row carries it."""


class RequestCard(Panel):
    """Somebody asks for a role: `answered(request, granted, reason)`. Declining asks for a reason first."""

    answered = Signal(str, bool, str)

    def __init__(self, row: RoleRequestRow, role: str) -> None:
        super().__init__("sunken", margin=1.5, gap=1)
        self._request = row.request
        words = self.tr("{name} asks for the role: {role}").replace("{role}", role)
        self.words = PlainLabel(words.replace("{name}", row.name), wrap=True)
        self.grant = Button(self.tr("Grant"), "primary", icon="check")
        self.decline = Button(self.tr("Decline"), "secondary")
        line = QHBoxLayout()
        line.setSpacing(tokens.space(1))
        line.addWidget(self.grant)
        line.addWidget(self.decline)
        line.addStretch(1)
        self.reason = TextField(self.tr("Why? The person reads it."))
        self.reason.edit.setMaxLength(LONGEST_REASON)
        self.reason.hide()
        self.column.addWidget(self.words)
        self.column.addWidget(self.reason)
        self.column.addLayout(line)
        self.grant.clicked.connect(self._granted)
        self.decline.clicked.connect(self._declined)
        self.reason.entered.connect(self._declined)

    def _granted(self) -> None:
        self.answered.emit(self._request, True, "")

    def _declined(self) -> None:
        if self.reason.isHidden():
            self.reason.show()
            self.grant.hide()
            self.reason.edit.setFocus()
            return
        self.answered.emit(self._request, False, self.reason.text())


class PeopleView(QWidget):
    """A view of `PeoplePresenter`; made anew for another language."""

    def __init__(self, presenter: PeoplePresenter, host: QWidget, lang: str) -> None:
        super().__init__()
        self._presenter, self._lang = presenter, lang
        self._rows: dict[str, PersonRow] = {}
        self._cards: list[RequestCard] = []
        self._roles: Mapping[str, RoleSet] = {}
        self._shown: tuple[object, ...] = ()
        self._open = False
        self.invite_panel = InvitePanel(host, lang)
        self._build_ui()
        self._connect()

    def _build_ui(self) -> None:
        self.search = SearchField(self.tr("Name, login or role"))
        self.invite = Button(self.tr("Invite"), "primary", icon="plus")
        self.notice = InlineMessage(closable=True)
        head = QVBoxLayout()
        head.setContentsMargins(16, 16, 16, 8)
        head.setSpacing(tokens.space(1))
        for part in (self.invite, self.search, self.notice):
            head.addWidget(part)
        self.list = Panel("card", margin=0, gap=0)
        self._scroll = ScrollColumn(gap=0.25)
        self._scroll.column.setContentsMargins(8, 0, 8, 8)
        self.empty = EmptyState("users-round", "", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._scroll)
        self._pages.addWidget(self.empty)
        self.list.column.addLayout(head)
        self.list.column.addWidget(self._pages, 1)
        self.detail = PersonDetail(self._lang)
        nobody = Panel("card", margin=0)
        nobody.column.addWidget(
            EmptyState(
                "user-round",
                self.tr("Choose somebody"),
                self.tr("Roles, codes and access appear here."),
            )
        )
        self._right = QStackedWidget()
        self._right.addWidget(nobody)
        self._right.addWidget(self.detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.space(2))
        row.addWidget(self.list, 2)
        row.addWidget(self._right, 5)

    def _connect(self) -> None:
        presenter, detail = self._presenter, self.detail
        self.search.searched.connect(presenter.search)
        self.invite.clicked.connect(self._begin_invite)
        self.invite_panel.invite_wanted.connect(presenter.invite)
        detail.roles_wanted.connect(presenter.set_roles)
        detail.rename_wanted.connect(presenter.rename)
        detail.code_wanted.connect(presenter.new_code)
        detail.disable_wanted.connect(presenter.disable)
        detail.enable_wanted.connect(presenter.enable)
        detail.erase_wanted.connect(presenter.erase)
        detail.back_wanted.connect(presenter.close)

    # --- PeopleView of the presenter

    def show_list(self, found: PeopleList) -> None:
        self._roles = found.roles
        key = (tuple(found.rows), tuple(found.requests), tuple(found.roles.values()))
        if key != self._shown:
            self._shown = key
            self._fill(found)
        if not found.loaded:
            self.empty.set("hourglass", self.tr("Getting ready…"), self.tr("People are being read."))
        elif not found.rows:
            self.empty.set("text-search", self.tr("Nobody like this"), self.tr("Search for other letters."))
        self._pages.setCurrentWidget(self._scroll if found.rows or found.requests else self.empty)
        for user, row in self._rows.items():
            row.setChecked(user == found.chosen)

    def show_person(self, facts: PersonFacts | None, roles: Mapping[str, RoleSet]) -> None:
        self._open = facts is not None
        if facts is not None:
            self.detail.show_person(facts, roles)
        self._right.setCurrentIndex(1 if facts is not None else 0)
        self._arrange()

    def show_code(self, issued: CodeIssued | None, zone: str) -> None:
        self.detail.code.show_code(issued, zone)

    def show_busy(self, *, busy: bool) -> None:
        self.detail.set_busy(busy=busy)
        self.invite_panel.send.setEnabled(not busy)

    def show_invited(self) -> None:
        self.invite_panel.close_panel()
        self.search.clear()

    def show_message(self, kind: str, message: Message, field: str) -> None:
        self.notice.hide()
        if self.invite_panel.is_open() and kind in ("refusal", "fault"):
            self.invite_panel.refuse(message.title, message.text)
        elif field == "requests" or not self._open:
            if kind in ("refusal", "fault"):
                self.notice.show_message(
                    "fault" if kind == "fault" else "refusal", message.title, message.text
                )
        else:
            self.detail.show_message(kind, message, field)

    # --- inside

    def rows(self) -> list[PersonRow]:
        """The rows on screen."""
        return list(self._rows.values())

    def requests(self) -> list[RequestCard]:
        """Requests on screen."""
        return list(self._cards)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        narrow = self.width() < ONE_AT_A_TIME
        self.detail.set_alone(alone=narrow)
        self.list.setVisible(not (narrow and self._open))
        self._right.setVisible(self._open or not narrow)
        self.list.setMinimumWidth(0 if narrow else LIST_WIDTH)
        self.list.setMaximumWidth(16_777_215 if narrow else LIST_WIDTH)

    def _fill(self, found: PeopleList) -> None:
        held = next((user for user, row in self._rows.items() if row.hasFocus()), "")
        self._scroll.clear()
        self._rows, self._cards = {}, []
        for request in found.requests:
            card = RequestCard(request, role_name(request.role, found.roles, self._lang))
            card.answered.connect(self._answered)
            self._cards.append(card)
            self._scroll.column.addWidget(card)
        for facts in found.rows:
            row = PersonRow(facts, found.roles, self._lang)
            row.clicked.connect(self._pressed)
            self._rows[facts.person.user] = row
            self._scroll.column.addWidget(row)
        if held in self._rows:
            self._rows[held].show()
            self._rows[held].setFocus(Qt.FocusReason.OtherFocusReason)

    def _answered(self, request: str, granted: bool, reason: str) -> None:
        self._presenter.answer(request, granted=granted, reason=reason)

    def _begin_invite(self) -> None:
        self.invite_panel.begin(self._roles)

    def _pressed(self) -> None:
        row = self.sender()
        if isinstance(row, PersonRow):
            self._presenter.choose(row.user)
