"""The panel that lists what is held: which entry, whose, when, and why nobody has read it yet."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.views_sync import WhyHeld
from ui.messages import sentence
from ui.station import words
from ui.station.sync_presenter import HeldModel
from ui.style import tokens
from ui.widgets.cards import Panel, ScrollColumn
from ui.widgets.labels import Pill, PlainLabel
from ui.widgets.side_panel import SidePanel
from ui.widgets.states import EmptyState


class HeldPanel(SidePanel):
    """Read only: nothing here can be done by hand."""

    def __init__(self, host: QWidget, lang: str) -> None:
        super().__init__(host, "")
        self.set_title(self.tr("Held entries"))
        self._lang = lang
        self.lines: list[str] = []
        self._none = EmptyState(
            "circle-check",
            self.tr("Nothing is held"),
            self.tr("Every entry that came here has been read."),
        )
        self._scroll = ScrollColumn(gap=1)
        self.column.addWidget(self._none)
        self.column.addWidget(self._scroll, 1)

    def show_held(self, rows: Sequence[HeldModel]) -> None:
        """The rows anew; `lines` says them as text."""
        self._scroll.clear()
        self.lines = []
        self._none.setVisible(not rows)
        self._scroll.setVisible(bool(rows))
        for row in rows:
            self._scroll.column.addWidget(self._row(row))

    def _row(self, row: HeldModel) -> QWidget:
        card = Panel("sunken", margin=1.5, gap=0.5)
        column: QVBoxLayout = card.column
        what = words.kind_words(row.kind) if row.kind else self.tr("An entry that cannot be read")
        where = self.tr("{station}, number {number} · {when}").format(
            station=row.station, number=row.seq, when=row.when or "–"
        )
        column.addWidget(PlainLabel(what, weight=tokens.MEDIUM, wrap=True))
        column.addWidget(PlainLabel(where, size="small", tone="muted", wrap=True))
        column.addWidget(Pill(self._short(row), "attention", icon="hourglass"))
        why = self._why(row)
        column.addWidget(PlainLabel(why, tone="soft", wrap=True))
        self.lines.append(f"{what}: {where}: {why}")
        return card

    def _short(self, row: HeldModel) -> str:
        return {
            WhyHeld.NEWER: self.tr("Newer program"),
            WhyHeld.MISFIT: self.tr("Does not fit"),
            WhyHeld.AT_HUB: self.tr("Held by the hub"),
            WhyHeld.ASIDE: self.tr("Set aside"),
        }[row.why]

    def _why(self, row: HeldModel) -> str:
        if row.why is WhyHeld.NEWER:
            return self.tr("A newer program wrote it. It is read by itself after an update of this one.")
        if row.why is WhyHeld.MISFIT:
            return self.tr("Its values do not fit together. It delays nothing; tell who looks after this.")
        if row.why is WhyHeld.AT_HUB:
            return self.tr("The hub keeps it and reads it after its own update.")
        return sentence(row.code, {}, self._lang).title
