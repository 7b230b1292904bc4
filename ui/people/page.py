"""The screen about people: the list, roles and permissions, sessions, audit trail; each for whom it is."""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from domain.actor import Permission
from ui.audit.presenter import AuditPresenter
from ui.audit.view import AuditView
from ui.frame.screen import Page
from ui.people.people_view import PeopleView
from ui.people.presenter import PeoplePresenter
from ui.people.roles_presenter import RolesPresenter
from ui.people.roles_view import RolesView
from ui.people.sessions_presenter import SessionsPresenter
from ui.people.sessions_view import SessionsView
from ui.style import tokens
from ui.widgets.choices import SegmentedControl
from ui.widgets.side_panel import SidePanel


class PeoplePage(Page):
    """Tabs over views; a view is told when it comes to the front and when it leaves."""

    def __init__(
        self,
        presenters: tuple[PeoplePresenter, RolesPresenter, SessionsPresenter, AuditPresenter],
        may: Callable[[Permission], bool],
        lang: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._people, self._roles, self._sessions, self._audit = presenters
        self._may = may
        self._front = ""
        self._been_here = False
        self._build_ui(lang)
        self.tabs.changed.connect(self._show)

    def _build_ui(self, lang: str) -> None:
        self.people = PeopleView(self._people, self, lang)
        self.roles = RolesView(self._roles, self, lang)
        self.sessions = SessionsView(self._sessions)
        self.audit = AuditView(self._audit, self, lang)
        self.tabs = SegmentedControl([("roles", self.tr("Roles and permissions"))])
        self.tabs.setAccessibleName(self.tr("People"))
        self._pages = QStackedWidget()
        for view in (self.people, self.roles, self.sessions, self.audit):
            self._pages.addWidget(view)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(tokens.space(1.5))
        column.addWidget(self.tabs, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._pages, 1)
        self.fill(holder)

    def on_enter(self) -> None:
        """Only the tabs that this person may open."""
        words = {
            "people": (self.tr("People"), Permission.PEOPLE),
            "roles": (self.tr("Roles and permissions"), None),
            "sessions": (self.tr("Sessions"), Permission.PEOPLE),
            "audit": (self.tr("Audit trail"), Permission.AUDIT),
        }
        self.tabs.set_options(
            [(key, label) for key, (label, need) in words.items() if need is None or self._may(need)]
        )
        if not self._been_here:
            self._been_here = True
            with QSignalBlocker(self.tabs):
                self.tabs.set_current(self.tabs.keys()[0])
        self._show(self.tabs.current())

    def on_leave(self) -> None:
        self._leave()

    def go_back(self) -> bool:
        for panel in self.findChildren(SidePanel):
            if panel.is_open():
                panel.close_panel()
                return True
        return self._front == "people" and self._people.close()

    def _show(self, key: str) -> None:
        self._leave()
        self._front = key
        self._pages.setCurrentWidget(self._views()[key][0])
        if key == "people":
            self._people.attach(self.people)
            self._people.enter()
        elif key == "roles":
            self._roles.attach(self.roles)
            self._roles.enter()
        elif key == "sessions":
            self._sessions.attach(self.sessions)
            self._sessions.enter()
        else:
            self._audit.attach(self.audit)
            self._audit.enter()

    def _leave(self) -> None:
        if self._front:
            self._views()[self._front][1]()
        self._front = ""

    def _views(self) -> dict[str, tuple[QWidget, Callable[[], None]]]:
        return {
            "people": (self.people, self._people.leave),
            "roles": (self.roles, self._roles.leave),
            "sessions": (self.sessions, self._sessions.leave),
            "audit": (self.audit, self._audit.leave),
        }
