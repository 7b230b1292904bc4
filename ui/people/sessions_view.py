"""Sessions as a list, each with a button that ends it."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from ui.messages import Message
from ui.people.sessions_presenter import SessionList, SessionModel, SessionsPresenter
from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors
from ui.widgets.buttons import Button
from ui.widgets.cards import Panel, ScrollColumn
from ui.widgets.choices import SegmentedControl
from ui.widgets.labels import Pill, PlainLabel
from ui.widgets.states import EmptyState, InlineMessage


class _Spot(QWidget):
    """The round icon at the left."""

    def __init__(self, icon: str) -> None:
        super().__init__()
        self._icon = icon
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(36, 36)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        paint.box(painter, QRectF(0, 0, 36, 36), c.accent_soft, None, 18)
        draw_icon(painter, self._icon, c.on_accent_soft, QRectF(9, 9, 18, 18))


class SessionLine(QWidget):
    """One session; `end_wanted(str)`."""

    end_wanted = Signal(str)

    def __init__(self, row: SessionModel) -> None:
        super().__init__()
        self.row = row
        words = QVBoxLayout()
        words.setSpacing(0)
        self.name = PlainLabel(row.who, weight=tokens.MEDIUM, elide=True)
        words.addWidget(self.name)
        since = self.tr("since {time}").replace("{time}", row.since)
        parts = (row.where, since, row.ending)
        self.detail = PlainLabel(" · ".join(filter(None, parts)), size="small", tone="muted", elide=True)
        words.addWidget(self.detail)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 4, 8, 4)
        line.setSpacing(tokens.space(1.5))
        line.addWidget(_Spot("monitor"), 0, Qt.AlignmentFlag.AlignVCenter)
        line.addLayout(words, 1)
        if row.here and not row.ending:
            line.addWidget(Pill(self.tr("this station"), "info"))
        self.end = Button(self.tr("End"), "secondary")
        self.end.setAccessibleName(self.tr("End the session of {name}").replace("{name}", row.who))
        self.end.setVisible(not row.ending)
        line.addWidget(self.end)
        self.end.clicked.connect(self._end)

    def _end(self) -> None:
        self.end_wanted.emit(self.row.session)


class SessionsView(QWidget):
    """A view of `SessionsPresenter`; `with_all` offers those that are over, `bare` stands in another card."""

    def __init__(self, presenter: SessionsPresenter, *, with_all: bool = True, bare: bool = False) -> None:
        super().__init__()
        self._presenter = presenter
        self._lines: list[SessionLine] = []
        self._build_ui(with_all=with_all, bare=bare)
        self.which.changed.connect(self._chosen)

    def _build_ui(self, *, with_all: bool, bare: bool) -> None:
        card = Panel("card", margin=0 if bare else 2, gap=1.5)
        if bare:
            card.setProperty("surface", "clear")
        self.which = SegmentedControl([("open", self.tr("Lasting")), ("all", self.tr("All"))])
        self.which.setVisible(with_all)
        self.message = InlineMessage(closable=True)
        self._scroll = ScrollColumn(gap=0.5)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._scroll)
        self._pages.addWidget(
            EmptyState("monitor", self.tr("No sessions"), self.tr("Nobody is signed in anywhere."))
        )
        card.column.addWidget(self.which, 0, Qt.AlignmentFlag.AlignLeft)
        card.column.addWidget(self.message)
        card.column.addWidget(self._pages, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)

    def show_sessions(self, found: SessionList) -> None:
        """See `SessionsView` of the presenter."""
        self._scroll.clear()
        self._lines = []
        for row in found.rows:
            line = SessionLine(row)
            self._lines.append(line)
            line.end_wanted.connect(self._presenter.end)
            self._scroll.column.addWidget(line)
        if found.more:
            self._scroll.column.addWidget(PlainLabel(self.tr("%n older", "", found.more), tone="muted"))
        self._pages.setCurrentIndex(0 if found.rows else 1)

    def show_message(self, kind: str, message: Message) -> None:
        """See `SessionsView` of the presenter."""
        if kind == "refusal":
            self.message.show_message("refusal", message.title, message.text)
        else:
            self.message.hide()

    def lines(self) -> list[SessionLine]:
        """The sessions on screen."""
        return list(self._lines)

    def _chosen(self, key: str) -> None:
        self._presenter.show_every(key == "all")
