"""One conflict whole: both sides next to each other, the way out, and the keys that resolve it."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.services.conflicts import LONGEST_REASON, REASONS
from app.services.views import ConflictSide
from domain.catalogue import localized
from ui.conflicts.presenter import DeskDetail
from ui.conflicts.words import act, by_hub, order_text, urgency_look, when
from ui.messages import value_words, verdict
from ui.style import tokens
from ui.widgets.buttons import Button, IconButton
from ui.widgets.cards import Panel, ScrollColumn, TimelineRow
from ui.widgets.fields import TextField
from ui.widgets.flow import FlowGrid
from ui.widgets.labels import Pill, PlainLabel

ABREAST = 2
"""Sides next to each other; further ones stand below."""
REASON_WIDTH = 230


class SideCard(Panel):
    """One side: what was done, where, when by its own clock and by the hub's, and by whom."""

    def __init__(self, side: ConflictSide, now: datetime, zone: str, lang: str) -> None:
        super().__init__("sunken", margin=2, gap=1)
        self._lang = lang
        self.column.addWidget(PlainLabel(act(side), weight=tokens.BOLD, wrap=True))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(tokens.space(1.5))
        self._grid.setVerticalSpacing(tokens.space(0.5))
        self._grid.setColumnStretch(1, 1)
        self._fact(self.tr("Station"), side.station_name)
        self._fact(self.tr("Operator"), side.operator)
        self._fact(self.tr("Time there"), when(side.at, now, zone, lang))
        self._fact(self.tr("Hub time"), by_hub(side, zone, lang))
        self._fact(self.tr("Receipt"), side.receipt)
        self._fact(self.tr("Verdict"), self._verdict(side))
        self._fact(self.tr("Print"), str(side.print_number) if side.print_number > 1 else "")
        self._fact(self.tr("Detail"), side.detail)
        self.column.addLayout(self._grid)
        self.column.addStretch(1)

    def _fact(self, name: str, value: str) -> None:
        if value:
            place = self._grid.rowCount()
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(PlainLabel(name, size="small", tone="muted"), place, 0, top)
            self._grid.addWidget(PlainLabel(value, wrap=True), place, 1, top)

    def _verdict(self, side: ConflictSide) -> str:
        if not side.verdict:
            return ""
        words = verdict(side.verdict, {}, self._lang).title
        sure = {
            "offline": self.tr("offline"),
            "live": self.tr("live"),
            "alone": self.tr("on its own"),
        }.get(side.confidence, "")
        return f"{words} · {sure}" if sure else words


class ConflictDetail(Panel):
    """Signals: `resolve_wanted(str)` with a reason, `back_wanted`, `order_wanted`."""

    resolve_wanted = Signal(str)
    back_wanted = Signal()

    def __init__(self, lang: str, parent: QWidget | None = None) -> None:
        super().__init__("card", parent, margin=2.5, gap=1.5)
        self._lang = lang
        self._shown: DeskDetail | None = None
        self._build_ui()
        self._back.clicked.connect(self.back_wanted)
        self.other.entered.connect(self._other)
        self.resolve.clicked.connect(self._other)

    def _build_ui(self) -> None:
        self._back = IconButton("arrow-left", self.tr("Back to the list"))
        self.title = PlainLabel(size="title", weight=tokens.BOLD, wrap=True)
        self._pill = Pill()
        self.about = PlainLabel(tone="soft", elide=True)
        head = QHBoxLayout()
        head.setSpacing(tokens.space(1.5))
        head.addWidget(self._back)
        head.addWidget(self.title, 1)
        head.addWidget(self._pill)
        self._body = ScrollColumn(gap=1.5)
        self._body.column.setContentsMargins(0, 0, tokens.space(1), 0)
        self._foot = QWidget()
        self._build_foot()
        self.column.addLayout(head)
        self.column.addWidget(self.about)
        self.column.addWidget(self._body, 1)
        self.column.addWidget(self._foot)

    def _build_foot(self) -> None:
        column = QVBoxLayout(self._foot)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.space(1))
        reasons = QWidget()
        grid = FlowGrid(reasons, cell_width=REASON_WIDTH, gap=1)
        self.reasons: list[Button] = []
        for number, reason in enumerate(REASONS, 1):
            button = Button(value_words("resolution", reason, self._lang), "secondary", key=str(number))
            button.setProperty("reason", reason)
            button.clicked.connect(self._preset)
            self.reasons.append(button)
            grid.addWidget(button)
        column.addWidget(reasons)
        line = QHBoxLayout()
        line.setSpacing(tokens.space(1))
        self.other = TextField(self.tr("Resolve: what was it?"), placeholder=self.tr("Other reason"))
        self.other.edit.setMaxLength(LONGEST_REASON)
        self.resolve = Button(self.tr("Resolve"), "primary", icon="check")
        line.addWidget(self.other, 1)
        line.addWidget(self.resolve, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(line)

    def set_alone(self, *, alone: bool) -> None:
        """Whether the detail stands alone on the page, and needs a way back."""
        self._back.setVisible(alone)

    def show_detail(self, detail: DeskDetail) -> None:
        """Show this conflict; what is typed stays while it is the same one."""
        before, self._shown = self._shown, detail
        row = detail.view.row
        if before is None or before.view.row.conflict != row.conflict:
            self.other.set_text("")
        if before is not None and before.view == detail.view and before.zone == detail.zone:
            return
        self.title.set_text(detail.title)
        event = localized(row.event.name, row.event.name_ru, self._lang) if row.event is not None else ""
        about = localized(row.about, row.about_ru, self._lang)
        self.about.set_text(" · ".join(part for part in (about, event) if part))
        self._pill.set(*urgency_look(row.urgency, still_open=row.open))
        self._foot.setVisible(row.open)
        self._fill(detail)

    def side_cards(self) -> list[SideCard]:
        """The sides on screen."""
        return self.findChildren(SideCard)

    def _fill(self, detail: DeskDetail) -> None:
        self._body.clear()
        column = self._body.column
        column.addWidget(PlainLabel(detail.meaning, tone="soft", wrap=True))
        sides = QWidget()
        grid = QGridLayout(sides)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(tokens.space(1.5))
        for column_number in range(ABREAST):
            grid.setColumnStretch(column_number, 1)
        for place, side in enumerate(detail.view.sides):
            card = SideCard(side, detail.now, detail.zone, self._lang)
            grid.addWidget(card, place // ABREAST, place % ABREAST)
        column.addWidget(sides)
        said = order_text(detail.view.order)
        if said:
            column.addWidget(PlainLabel(said, size="small", tone="muted", wrap=True))
        way = Panel("sunken", margin=2, gap=0.5)
        way.column.addWidget(PlainLabel(self.tr("Suggested way out"), size="small", tone="muted"))
        way.column.addWidget(PlainLabel(detail.way_out, weight=tokens.MEDIUM, wrap=True))
        column.addWidget(way)
        self._add_resolutions(detail)
        column.addStretch(1)

    def _add_resolutions(self, detail: DeskDetail) -> None:
        said = detail.view.resolutions
        for place, one in enumerate(said, 1):
            words = value_words("resolution", one.reason, self._lang)
            what = words if one.whole else self.tr("{reason} (more has come since)").format(reason=words)
            self._body.column.addWidget(
                TimelineRow(
                    when(one.at, detail.now, detail.zone, self._lang, seconds=False), what,
                    f"{one.who} · {one.station_name}", meaning="admit" if one.whole else "attention",
                    last=place == len(said),
                )
            )  # fmt: skip

    def _preset(self) -> None:
        self.resolve_wanted.emit(self.sender().property("reason"))

    def _other(self) -> None:
        self.resolve_wanted.emit(self.other.text().strip())
