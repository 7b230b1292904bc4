"""The conflict desk as a page: the list at the left, the chosen conflict beside it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from app.services.conflicts import REASONS
from ui.conflicts.desk_list import ConflictList
from ui.conflicts.detail import ConflictDetail
from ui.conflicts.presenter import ConflictsPresenter, DeskDetail, DeskList
from ui.frame.screen import Page
from ui.style import tokens
from ui.widgets.cards import Panel
from ui.widgets.states import EmptyState

ONE_AT_A_TIME = 840
"""Pages narrower than this show either the list or the conflict."""
ROOMY = 1080
LIST_WIDTH, LIST_WIDTH_SMALL = 376, 328


class ConflictsPage(Page):
    """A view of `ConflictsPresenter`. Made anew for another language; the presenter keeps the state."""

    def __init__(self, presenter: ConflictsPresenter, lang: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._has_detail = self._has_rows = False
        self._build_ui(lang)
        self.list.opened.connect(presenter.choose)
        self.list.every_wanted.connect(presenter.show_every)
        self.detail.resolve_wanted.connect(presenter.resolve)
        self.detail.back_wanted.connect(presenter.close)

    def _build_ui(self, lang: str) -> None:
        self.list = ConflictList(lang, every=self._presenter.every)
        self.detail = ConflictDetail(lang)
        nothing = Panel("card", margin=0)
        nothing.column.addWidget(
            EmptyState(
                "triangle-alert",
                self.tr("Choose a conflict"),
                self.tr("Both sides and the suggested way out appear here."),
            )
        )
        self._right = QStackedWidget()
        self._right.addWidget(nothing)
        self._right.addWidget(self.detail)
        edge = tokens.space(3)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(edge, tokens.space(2), edge, edge)
        row.setSpacing(tokens.space(3))
        row.addWidget(self.list, 2)
        row.addWidget(self._right, 5)
        self.fill(holder)

    def on_enter(self) -> None:
        self._presenter.attach(self)
        self._presenter.enter()

    def on_leave(self) -> None:
        self._presenter.leave()

    def go_back(self) -> bool:
        return self._presenter.close()

    def show_list(self, found: DeskList) -> None:
        """See `ConflictsView`."""
        self._has_rows = bool(found.rows)
        self.list.show_list(found)
        self._arrange()

    def show_detail(self, detail: DeskDetail | None) -> None:
        """See `ConflictsView`."""
        self._has_detail = detail is not None
        if detail is not None:
            self.detail.show_detail(detail)
        self._right.setCurrentIndex(1 if detail is not None else 0)
        self._arrange()

    def show_done(self, title: str) -> None:
        """See `ConflictsView`."""
        self.list.notice.show_message("success", self.tr("Resolved"), title)

    def show_trouble(self, title: str, text: str, *, fault: bool) -> None:
        """See `ConflictsView`."""
        self.list.notice.show_message("fault" if fault else "refusal", title, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit resolves the conflict on screen with the reason that has this key."""
        number = event.key() - Qt.Key.Key_0
        if self._has_detail and not event.modifiers() and 1 <= number <= len(REASONS):
            self._presenter.resolve_by_key(number)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        narrow = self.width() < ONE_AT_A_TIME
        self.detail.set_alone(alone=narrow)
        self.list.setVisible(not (narrow and self._has_detail))
        self._right.setVisible(self._has_detail or (self._has_rows and not narrow))
        alone = narrow or not self._has_rows
        wide = LIST_WIDTH if self.width() >= ROOMY else LIST_WIDTH_SMALL
        self.list.setMinimumWidth(0 if alone else wide)
        self.list.setMaximumWidth(16_777_215 if alone else wide)
