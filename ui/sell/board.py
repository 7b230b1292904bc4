"""The board: performances by day with their time, event and places left; passes below them.

It stands as a column beside the products, or as one row above them where the window is narrow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.formats import format_time
from app.services.views import PerformanceRow
from ui.sell.colors import board_colors
from ui.sell.facts import BoardSection, Choice
from ui.sell.words import board_left_text, day_short, day_title, event_name
from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors
from ui.widgets.buttons import PaintedButton
from ui.widgets.cards import ScrollColumn
from ui.widgets.labels import PlainLabel, plain_tip

COLUMN_WIDTH, ROW_HEIGHT = 272, 96
CARD_HEIGHT, CARD_WIDTH = 76, 240
FEW_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class CardFacts:
    """A performance as a card: texts ready to read, `share` of places that are sold (None: no limit)."""

    time: str
    name: str
    left: str
    day: str
    color: str
    share: float | None
    over: bool


class BoardCard(PaintedButton):
    """One performance or pass event; Space or a press chooses it. Enter is left to the screen: it pays."""

    def __init__(self, choice: Choice, facts: CardFacts) -> None:
        super().__init__()
        self.choice = choice
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_facts(facts)

    def show_facts(self, facts: CardFacts) -> None:
        """Show something else."""
        self._facts = facts
        self.setText(facts.name)
        self.setAccessibleName(", ".join(filter(None, (facts.day, facts.time, facts.name, facts.left))))
        self.setToolTip(plain_tip(facts.name))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(CARD_WIDTH, CARD_HEIGHT)

    def nextCheckState(self) -> None:
        """A press never takes the mark off again; the presenter decides which card carries it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.ignore()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        c, facts = current_colors(), self._facts
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        chosen = self.isChecked()
        fill = c.accent_soft if chosen else c.pressed if self.isDown() else c.hover if self.hovered else None
        line = c.accent if chosen else c.line
        paint.box(painter, rect, fill or c.surface, line, tokens.RADIUS, 2 if chosen else 1)
        ink = c.text_muted if facts.over else c.text
        bar = QRectF(12, 13, 4, self.height() - 26)
        paint.box(painter, bar, c.line if facts.over else facts.color, None, 2)
        room = rect.adjusted(26, 10, -12, -10)
        self._paint_top(painter, QRectF(room.left(), room.top(), room.width(), 22), ink)
        name = QRectF(room.left(), room.top() + 22, room.width(), 20)
        painter.setFont(paint.sized(self.font(), tokens.SMALL))
        if facts.time:
            paint.text(painter, name, facts.name, c.text_soft)
        else:
            paint.text(painter, name, facts.left, c.text_muted)
        if facts.share is not None:
            self._paint_share(painter, QRectF(room.left(), room.bottom() - 6, room.width(), 4), facts.share)
        if self.hasFocus():
            paint.focus_ring(painter, rect, c.focus)

    def _paint_top(self, painter: QPainter, room: QRectF, ink: str) -> None:
        c, facts = current_colors(), self._facts
        if not facts.time:
            draw_icon(painter, "tickets", c.text_soft, QRectF(room.left(), room.center().y() - 9, 18, 18))
            painter.setFont(paint.sized(self.font(), tokens.BODY, tokens.BOLD))
            paint.text(painter, room.adjusted(26, 0, 0, 0), facts.name, ink)
            return
        painter.setFont(paint.sized(self.font(), tokens.SMALL, tokens.MEDIUM))
        few = facts.share is not None and facts.share >= 1 - FEW_SHARE
        left_ink = c.refuse.on_soft if facts.share == 1 else c.attention.on_soft if few else c.text_soft
        wide = painter.fontMetrics().horizontalAdvance(facts.left) + 2
        paint.text(painter, room, facts.left, c.text_muted if facts.over else left_ink, paint.RIGHT)
        painter.setFont(paint.sized(self.font(), tokens.BODY, tokens.BOLD))
        paint.text(painter, room.adjusted(0, 0, -wide - 8, 0), f"{facts.day} {facts.time}".strip(), ink)

    def _paint_share(self, painter: QPainter, bar: QRectF, share: float) -> None:
        """How full it is: the sold part in the event's colour."""
        c = current_colors()
        paint.box(painter, bar, c.pressed, None, 2)
        if share > 0:
            wide = max(4.0, bar.width() * share)
            ink = c.line_strong if self._facts.over else self._facts.color
            paint.box(painter, QRectF(bar.left(), bar.top(), wide, bar.height()), ink, None, 2)


class BoardView(QWidget):
    """All cards. `chosen(Choice)` when one is pressed."""

    chosen = Signal(object)

    def __init__(self, lang: str, now: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lang, self._now = lang, now
        self._sections: Sequence[BoardSection] = ()
        self._colors: Mapping[int, str] = {}
        self._choice: Choice | None = None
        self._cards: dict[Choice, BoardCard] = {}
        self._upright = True
        self._shape: object = None
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._area: QScrollArea | None = None

    def cards(self) -> Mapping[Choice, BoardCard]:
        """The cards on screen by what they stand for."""
        return self._cards

    def color_of(self, event: int) -> str:
        """The colour that an event has on the board."""
        return self._colors.get(event, tokens.event_color(event))

    def set_upright(self, *, upright: bool) -> None:
        """A column (True) or one row."""
        if upright != self._upright:
            self._upright = upright
            self._rebuild()

    def show_board(self, sections: Sequence[BoardSection], choice: Choice | None) -> None:
        """Show these; cards that stay are only painted anew, so that focus and scrolling stay too."""
        self._sections, self._choice = sections, choice
        self._colors = board_colors(row for section in sections for row in section.rows)
        shape = [(section.kind, [Choice.of(row) for row in section.rows]) for section in sections]
        if shape != self._shape or self._area is None:
            self._shape = shape
            self._rebuild()
        else:
            for section in sections:
                for row in section.rows:
                    self._cards[Choice.of(row)].show_facts(self._facts(section, row))
        self._mark()

    def _mark(self) -> None:
        for choice, card in self._cards.items():
            card.setChecked(choice == self._choice)
        chosen = self._cards.get(self._choice) if self._choice is not None else None
        if chosen is not None and self._area is not None:
            self._area.ensureWidgetVisible(chosen, 8, 8)

    def _rebuild(self) -> None:
        if self._area is not None:
            self._area.hide()
            self._box.removeWidget(self._area)
            self._area.deleteLater()
        self._cards = {}
        self._area = self._column() if self._upright else self._row()
        self._box.addWidget(self._area)
        if self._upright:
            self.setFixedWidth(COLUMN_WIDTH)
            self.setMinimumHeight(0)
            self.setMaximumHeight(16_777_215)
        else:
            self.setMinimumWidth(0)
            self.setMaximumWidth(16_777_215)
            self.setFixedHeight(ROW_HEIGHT)
        self._mark()

    def _column(self) -> QScrollArea:
        area = ScrollColumn(gap=1)
        area.column.setContentsMargins(0, 0, tokens.space(1), tokens.space(2))
        for section in self._sections:
            title = PlainLabel(self._title(section), size="small", tone="muted", weight=tokens.BOLD)
            title.setContentsMargins(2, tokens.space(1), 0, 0)
            area.column.addWidget(title)
            for row in section.rows:
                area.column.addWidget(self._card(section, row))
        return area

    def _row(self) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().setAutoFillBackground(False)
        body = QWidget()
        body.setProperty("surface", "clear")
        line = QHBoxLayout(body)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(tokens.space(1))
        line.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        for section in self._sections:
            for row in section.rows:
                card = self._card(section, row)
                card.setFixedWidth(CARD_WIDTH)
                line.addWidget(card)
        area.setWidget(body)
        return area

    def _title(self, section: BoardSection) -> str:
        if section.kind == "day":
            return day_title(section.rows[0], self._now(), self._lang)
        return self.tr("Passes and open tickets") if section.kind == "passes" else self.tr("Just over")

    def _card(self, section: BoardSection, row: PerformanceRow) -> BoardCard:
        choice = Choice.of(row)
        card = BoardCard(choice, self._facts(section, row))
        card.clicked.connect(partial(self.chosen.emit, choice))
        self._cards[choice] = card
        return card

    def _facts(self, section: BoardSection, row: PerformanceRow) -> CardFacts:
        at, capacity = row.performance, row.capacity
        day = "" if self._upright else day_short(row, self._now(), self._lang)
        share = min(1.0, row.sold / capacity) if capacity else None
        return CardFacts(
            time=format_time(at.starts_at, row.event.zone, self._lang) if at else "",
            name=event_name(row.event, self._lang),
            left=board_left_text(row) if at else self.tr("No fixed time"),
            day=day if at else "",
            color=self.color_of(row.event.number),
            share=share if at else None,
            over=section.kind == "over",
        )
