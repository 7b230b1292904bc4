"""One's own account on screen; and, in a second tab, what each role allows."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.formats import DateStyle, format_datetime
from app.services.views_people import NoticeRow, RoleRequestRow
from domain.people import LONGEST_NAME
from ui.account.presenter import AccountFacts, AccountPresenter, Right
from ui.account.secret_form import SecretForm
from ui.frame.screen import Page
from ui.messages import Message, value_words
from ui.people.roles_presenter import RolesPresenter
from ui.people.roles_view import RolesView
from ui.people.sessions_presenter import SessionsPresenter
from ui.people.sessions_view import SessionsView
from ui.people.words import limit_text, role_name
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.cards import Card, ScrollColumn, TimelineRow, empty_layout
from ui.widgets.choices import SegmentedControl, Select
from ui.widgets.fields import TextField
from ui.widgets.flow import Columns, FlowGrid
from ui.widgets.labels import MeaningName, Pill, PlainLabel
from ui.widgets.side_panel import SidePanel
from ui.widgets.states import InlineMessage


class AccountPage(Page):
    """Signals: `sign_out_wanted`."""

    sign_out_wanted = Signal()

    def __init__(
        self,
        presenters: tuple[AccountPresenter, RolesPresenter, SessionsPresenter],
        lang: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._presenter, self._roles, self._sessions = presenters
        self._lang = lang
        self._build_ui()
        self._connect()

    def _build_ui(self) -> None:
        self.tabs = SegmentedControl(
            [("account", self.tr("My account")), ("roles", self.tr("Roles and permissions"))]
        )
        self.sign_out = Button(self.tr("Sign out"), "secondary", icon="log-out")
        top = QHBoxLayout()
        top.addWidget(self.tabs)
        top.addStretch(1)
        top.addWidget(self.sign_out)
        self.message = InlineMessage(closable=True)
        left, right = QWidget(), QWidget()
        for holder, cards in (
            (left, (self._build_me(), self._build_rights(), self._build_sessions())),
            (right, (self._build_asking(), self._build_pin(), self._build_password())),
        ):
            column = QVBoxLayout(holder)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(tokens.space(2))
            for card in cards:
                column.addWidget(card)
            column.addStretch(1)
        scroll = ScrollColumn(gap=2)
        scroll.column.addWidget(Columns([(left, 1), (right, 1)], stack_below=820))
        self.roles = RolesView(self._roles, self, self._lang)
        self._pages = QStackedWidget()
        self._pages.addWidget(scroll)
        self._pages.addWidget(self.roles)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(tokens.space(1.5))
        column.addLayout(top)
        column.addWidget(self.message)
        column.addWidget(self._pages, 1)
        self.fill(holder)

    def _build_me(self) -> Card:
        card = Card(self.tr("Me"))
        self.login = PlainLabel(tone="soft")
        self._pills = QWidget()
        self._pill_row = FlowGrid(self._pills, cell_width=120, gap=0.5)
        self.name = TextField(self.tr("Name"), hint=self.tr("As others see it on tiles and receipts."))
        self.name.edit.setMaxLength(LONGEST_NAME)
        self.rename = Button(self.tr("Rename"), "secondary")
        for part in (self.login, self._pills, self.name):
            card.column.addWidget(part)
        card.column.addWidget(self.rename, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _build_rights(self) -> Card:
        card = Card(self.tr("What I may do"))
        self._rights = QVBoxLayout()
        self._rights.setSpacing(tokens.space(0.5))
        card.column.addLayout(self._rights)
        return card

    def _build_sessions(self) -> Card:
        card = Card(self.tr("My sessions"))
        self.sessions = SessionsView(self._sessions, with_all=False, bare=True)
        self.sessions.setMinimumHeight(160)
        card.column.addWidget(self.sessions)
        return card

    def _build_asking(self) -> Card:
        card = Card(self.tr("Ask for a role"))
        self.wanted = Select()
        self.wanted.setAccessibleName(self.tr("Role"))
        self.ask = Button(self.tr("Ask"), "primary")
        line = QHBoxLayout()
        line.setSpacing(tokens.space(1))
        line.addWidget(self.wanted, 1)
        line.addWidget(self.ask)
        self._nothing_to_ask = PlainLabel(
            self.tr("There is no other role to ask for."), tone="muted", wrap=True
        )
        self._news = QVBoxLayout()
        self._news.setSpacing(0)
        card.column.addLayout(line)
        card.column.addWidget(self._nothing_to_ask)
        card.column.addLayout(self._news)
        return card

    def _build_pin(self) -> Card:
        card = Card(self.tr("PIN at this station"))
        self.pin = SecretForm(
            self.tr("PIN so far"),
            self.tr("New PIN"),
            self.tr("New PIN once more"),
            self.tr("Change the PIN"),
            most=12,
        )
        card.column.addWidget(self.pin)
        return card

    def _build_password(self) -> Card:
        card = Card(self.tr("Password"))
        self.password = SecretForm(
            self.tr("Password so far"),
            self.tr("New password"),
            self.tr("New password once more"),
            self.tr("Change the password"),
            most=128,
        )
        card.column.addWidget(self.password)
        return card

    def _connect(self) -> None:
        self.tabs.changed.connect(self._show)
        self.sign_out.clicked.connect(self.sign_out_wanted)
        self.rename.clicked.connect(self._rename)
        self.name.entered.connect(self._rename)
        self.ask.clicked.connect(self._ask)
        self.pin.given.connect(self._presenter.change_pin)
        self.password.given.connect(self._presenter.change_password)

    # --- Page

    def on_enter(self) -> None:
        self._show(self.tabs.current())

    def on_leave(self) -> None:
        for presenter in (self._presenter, self._roles, self._sessions):
            presenter.leave()
        for form in (self.pin, self.password):
            form.clear()

    def go_back(self) -> bool:
        for panel in self.findChildren(SidePanel):
            if panel.is_open():
                panel.close_panel()
                return True
        return False

    def _show(self, key: str) -> None:
        if key == "roles":
            self._pages.setCurrentIndex(1)
            self._roles.attach(self.roles)
            self._roles.enter()
        else:
            self._pages.setCurrentIndex(0)
            self._presenter.attach(self)
            self._sessions.attach(self.sessions)
            self._presenter.enter()
            self._sessions.enter()

    # --- AccountView

    def show_account(self, facts: AccountFacts) -> None:
        person = facts.account.person
        self.login.set_text(person.login)
        self._pill_row.clear()
        for role in person.roles:
            self._pill_row.addWidget(Pill(role_name(role, facts.roles, self._lang), "accent"))
        self._pills.setVisible(bool(person.roles))
        if not self.name.edit.hasFocus():
            self.name.set_text(person.name)
        self.password.set_first(
            self.tr("Password so far") if person.has_password else self.tr("PIN at this station")
        )
        empty_layout(self._rights)
        for right in facts.rights:
            self._rights.addWidget(PlainLabel(self._right(right, facts.currency), wrap=True))
        self._show_asking(facts)

    def show_busy(self, *, busy: bool) -> None:
        for part in (self.rename, self.ask, self.pin, self.password):
            part.setEnabled(not busy)

    def show_kept(self, what: str) -> None:
        words = {
            "name": self.tr("Your name was changed."),
            "pin": self.tr("The new PIN counts from now on."),
            "password": self.tr("The new password counts from now on."),
            "role": self.tr("Asked. An admin grants or declines; you are told here."),
        }
        if what in ("pin", "password"):
            (self.pin if what == "pin" else self.password).clear()
        self.message.show_message("success", words.get(what, ""))

    def show_message(self, kind: str, message: Message, field: str) -> None:
        self.message.hide()
        fields: dict[str, SecretForm | TextField] = {
            "pin": self.pin, "password": self.password, "name": self.name
        }  # fmt: skip
        for one in fields.values():
            one.refuse("")
        if not kind:
            return
        words = " ".join(part for part in (message.title, message.text) if part)
        beside = fields.get(field)
        if beside is not None:
            beside.refuse(words)
        else:
            self.message.show_message("fault" if kind == "fault" else "refusal", message.title, message.text)

    # --- inside

    def _show_asking(self, facts: AccountFacts) -> None:
        self.wanted.clear()
        for role in facts.account.may_ask_for:
            self.wanted.addItem(role_name(role, facts.roles, self._lang), role)
        some = bool(facts.account.may_ask_for)
        for part in (self.wanted, self.ask):
            part.setVisible(some)
        self._nothing_to_ask.setVisible(not some)
        empty_layout(self._news)
        waiting = [row for row in facts.account.requests if row.granted is None]
        lines = [self._waiting_line(row, facts) for row in waiting]
        lines += [self._notice_line(notice, facts) for notice in facts.account.notices[:10]]
        for place, (when, what, meaning) in enumerate(lines):
            last = place == len(lines) - 1
            self._news.addWidget(TimelineRow(when, what, meaning=meaning, last=last))

    def _waiting_line(self, row: RoleRequestRow, facts: AccountFacts) -> tuple[str, str, MeaningName]:
        what = self.tr("You asked for the role: {role}. Nobody has answered yet.")
        role = role_name(row.role, facts.roles, self._lang)
        return self._when(row, facts), what.replace("{role}", role), "info"

    def _notice_line(self, notice: NoticeRow, facts: AccountFacts) -> tuple[str, str, MeaningName]:
        role = role_name(notice.role, facts.roles, self._lang)
        words = {
            "role_asked": self.tr("{who} asks for the role: {role}"),
            "role_granted": self.tr("{who} gave you the role: {role}"),
            "role_declined": self.tr("{who} declined the role: {role}"),
        }
        looks: dict[str, MeaningName] = {"role_granted": "admit", "role_declined": "refuse"}
        what = words.get(notice.kind, notice.kind).replace("{role}", role).replace("{who}", notice.who)
        if notice.reason:
            what = self.tr("{what}: {reason}").replace("{what}", what).replace("{reason}", notice.reason)
        meaning = looks.get(notice.kind, "info") if notice.notice in facts.unseen else "neutral"
        return self._when(notice, facts), what, meaning

    def _when(self, row: RoleRequestRow | NoticeRow, facts: AccountFacts) -> str:
        return format_datetime(row.at, facts.zone, self._lang, DateStyle.SHORT)

    def _right(self, right: Right, currency: str) -> str:
        words = value_words("permission", right.permission.value, self._lang)
        said = f"✓  {words[:1].upper()}{words[1:]}"
        if right.limit is None:
            return said
        most = limit_text(right.limit, right.most, currency, self._lang)
        up_to = most if right.most is None else self.tr("up to {most}").replace("{most}", most)
        bound = value_words("bound", right.limit.value, self._lang)
        return f"{said} ({bound}: {up_to})"

    def _rename(self) -> None:
        self._presenter.rename(self.name.text())

    def _ask(self) -> None:
        role = self.wanted.currentData()
        if role:
            self._presenter.ask_for(str(role))
