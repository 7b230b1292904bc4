"""The panel in which a supervisor agrees: what is asked, who could agree, the PIN."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.approval.presenter import ApprovalPresenter, Asked
from ui.messages import value_words
from ui.signin.presenter import PersonTile
from ui.signin.view import PersonButton
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.cards import Panel, ScrollColumn
from ui.widgets.labels import PlainLabel
from ui.widgets.pads import PinPad
from ui.widgets.side_panel import SidePanel
from ui.widgets.states import BusyBar, EmptyState

_PEOPLE, _PIN, _NOBODY = range(3)


class ApprovalPanel(SidePanel):
    """The widget behind `ApprovalView`; one for the whole window."""

    def __init__(self, host: QWidget, presenter: ApprovalPresenter, lang: str) -> None:
        super().__init__(host, "")
        self.set_title(self.tr("A supervisor must agree"))
        self._presenter, self._lang = presenter, lang
        self._tiles: list[PersonButton] = []
        self._build_ui()
        self.pad.entered.connect(presenter.enter)
        self.back.clicked.connect(presenter.back)
        self.closed.connect(presenter.give_up)
        presenter.attach(self)

    def _build_ui(self) -> None:
        self.column.setContentsMargins(24, 16, 24, 16)
        self.column.setSpacing(tokens.space(1.5))
        asked = Panel("sunken", margin=1.5, gap=0.5)
        self.act = PlainLabel(weight=tokens.BOLD, wrap=True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(tokens.space(2))
        grid.setColumnStretch(1, 1)
        self.about, self.asked = PlainLabel(tone="soft"), PlainLabel(weight=tokens.BOLD)
        self.limit_name = PlainLabel(self.tr("Without asking"), tone="soft")
        self.limit = PlainLabel()
        right = Qt.AlignmentFlag.AlignRight
        for row, (name, value) in enumerate(((self.about, self.asked), (self.limit_name, self.limit))):
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1, right)
        asked.column.addWidget(self.act)
        asked.column.addLayout(grid)
        self.words = PlainLabel(wrap=True)
        self._pages = QStackedWidget()
        self._scroll = ScrollColumn(gap=1)
        self._pages.addWidget(self._scroll)
        self._pages.addWidget(self._build_pin())
        self._pages.addWidget(
            EmptyState(
                "users-round",
                self.tr("Nobody here can agree"),
                self.tr("Somebody with the right to approve signs in at this station first, with a PIN."),
            )
        )
        for part, stretch in ((asked, 0), (self.words, 0), (self._pages, 1)):
            self.column.addWidget(part, stretch)

    def _build_pin(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        self.pad = PinPad(least=4, most=12)
        self._busy = BusyBar()
        self.back = Button(self.tr("Somebody else"), "quiet", icon="arrow-left")
        column.addWidget(self.pad, 1)
        column.addWidget(self._busy)
        column.addWidget(self.back)
        return page

    def show_asked(self, asked: Asked) -> None:
        """See `ApprovalView`."""
        self.act.set_text(asked.act)
        self.about.set_text(asked.about)
        self.asked.set_text(asked.asked)
        self.limit.set_text(asked.limit)
        self._scroll.clear()
        self._tiles = []
        self.show_refusal("", "", locked=False)
        self._pages.setCurrentIndex(_PEOPLE)
        self.open_panel()

    def show_people(self, people: Sequence[PersonTile]) -> None:
        """See `ApprovalView`."""
        self._scroll.clear()
        self._tiles = []
        for person in people:
            roles = ", ".join(value_words("role", role, self._lang) for role in person.roles)
            button = PersonButton(person, roles)
            button.clicked.connect(self._chosen)
            self._tiles.append(button)
            self._scroll.column.addWidget(button)
        self.back.setVisible(len(people) > 1)
        self._pages.setCurrentIndex(_PEOPLE if people else _NOBODY)
        self._say(self.tr("Who agrees?") if people else "")
        if self._tiles:
            self._tiles[0].show()
            self._tiles[0].setFocus()

    def show_pin(self, person: PersonTile) -> None:
        """See `ApprovalView`."""
        self._say(self.tr("PIN of {name}").replace("{name}", person.name))
        self.pad.clear()
        self._pages.setCurrentIndex(_PIN)
        self.pad.setFocus()

    def show_busy(self, *, busy: bool) -> None:
        """See `ApprovalView`."""
        self.pad.setEnabled(not busy)
        self.back.setEnabled(not busy)
        if busy:
            self._busy.start()
        else:
            self._busy.stop()

    def show_refusal(self, title: str, text: str, *, locked: bool) -> None:
        """See `ApprovalView`."""
        self.pad.setEnabled(not locked)
        self.pad.clear(bad=bool(title))
        if title:
            self._say(" · ".join(part for part in (title, text) if part), bad=True)
        if self._pages.currentIndex() == _PIN and not locked:
            self.pad.setFocus()

    def show_done(self) -> None:
        """See `ApprovalView`."""
        self.close_panel()

    def tiles(self) -> list[PersonButton]:
        """Who may be chosen."""
        return list(self._tiles)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the people first, then closes."""
        alone = self._pages.currentIndex() != _PIN or len(self._tiles) < 2
        if event.key() == Qt.Key.Key_Escape and not alone and self._presenter.back():
            return
        super().keyPressEvent(event)

    def _say(self, words: str, *, bad: bool = False) -> None:
        self.words.set_text(words)
        self.words.set_tone("refuse" if bad else "soft")
        self.words.setVisible(bool(words))

    def _chosen(self) -> None:
        tile = self.sender()
        if isinstance(tile, PersonButton):
            self._presenter.choose(tile.person.user_id)
