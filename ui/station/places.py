"""What this station may sell without asking, as a card: "12 here · 140 in all" per performance and quota."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.station.sync_presenter import PlaceModel
from ui.style import tokens
from ui.widgets.cards import Card, Divider, empty_layout
from ui.widgets.labels import Pill, PlainLabel

_RIGHT = Qt.AlignmentFlag.AlignRight


class PlacesCard(Card):
    """One row per pool; nothing leased is said in a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.heading.set_text(self.tr("Places this station may sell"))
        self.heading.show()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(tokens.space(1))
        self.column.addLayout(self._rows)
        self.lines: list[str] = []

    def show_places(self, places: Sequence[PlaceModel], *, has_hub: bool) -> None:
        """The rows anew; `lines` says them as text."""
        empty_layout(self._rows)
        self.lines = []
        if not places:
            calm = self.tr("None are held now. Places are fetched when a shift is opened.")
            alone = self.tr("A station without a hub sells all places by itself.")
            self._rows.addWidget(PlainLabel(calm if has_hub else alone, tone="soft", wrap=True))
        for number, place in enumerate(places):
            if number:
                self._rows.addWidget(Divider())
            self._rows.addWidget(self._row(place))

    def _row(self, place: PlaceModel) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(tokens.space(1.5))
        words = QVBoxLayout()
        words.setSpacing(0)
        title = f"{place.event} · {place.quota}" if place.quota else place.event
        words.addWidget(PlainLabel(title, weight=tokens.MEDIUM, wrap=True))
        words.addWidget(PlainLabel(self._about(place), size="small", tone="muted", wrap=True))
        line.addLayout(words, 1)
        figures = QVBoxLayout()
        figures.setSpacing(tokens.space(0.5))
        count = self.tr("{here} here · {all} in all").format(here=place.here, all=place.left)
        until = self.tr("until {when}").format(when=place.until) if place.until else self.tr("time is over")
        figures.addWidget(PlainLabel(count, weight=tokens.BOLD), 0, _RIGHT)
        if place.until:
            figures.addWidget(PlainLabel(until, size="small", tone="muted"), 0, _RIGHT)
        else:
            figures.addWidget(Pill(until, "attention", icon="clock"), 0, _RIGHT)
        line.addLayout(figures)
        self.lines.append(f"{title}: {count}, {until}")
        return row

    def _about(self, place: PlaceModel) -> str:
        if place.is_promo:
            return self.tr("Uses of a promo code")
        return place.starts or self.tr("The whole event")
