"""The product tiles of what is chosen on the board, with a heading that says what that is."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.services.views import PerformanceRow
from domain.catalogue import localized
from ui.sell.facts import Tile
from ui.sell.words import Manner, event_name, left_text, when_text
from ui.style import tokens
from ui.widgets.cards import ScrollColumn
from ui.widgets.flow import FlowGrid
from ui.widgets.labels import PlainLabel
from ui.widgets.states import EmptyState
from ui.widgets.tiles import ProductTile, TileFacts, TileState


class SaleTile(ProductTile):
    """A product; Space or a press adds one. Enter is left to the screen: it pays."""

    def __init__(self, facts: TileFacts, place: int) -> None:
        super().__init__(facts)
        self.place = place
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.ignore()
            return
        super().keyPressEvent(event)


class ProductsView(QWidget):
    """Heading and tiles. `pressed(int)`: the place of a tile, counted from 1."""

    pressed = Signal(int)

    def __init__(self, manner: Manner, color_of: Callable[[int], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._manner, self._color_of = manner, color_of
        self._tiles: list[SaleTile] = []
        self._build_ui()

    def _build_ui(self) -> None:
        self._title = PlainLabel(size="title", weight=tokens.BOLD, elide=True)
        self._detail = PlainLabel(tone="soft", elide=True)
        self._scroll = ScrollColumn()
        holder = QWidget()
        holder.setProperty("surface", "clear")
        self._grid = FlowGrid(holder, cell_width=196)
        self._scroll.column.addWidget(holder)
        self._scroll.column.addStretch(1)
        self._empty = EmptyState(
            "tickets",
            self.tr("Nothing is sold here yet"),
            self.tr("This event has no products. Choose another one on the board."),
        )
        self._pages = QStackedWidget()
        self._pages.addWidget(self._scroll)
        self._pages.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self._detail)
        column.addSpacing(tokens.space(1.5))
        column.addWidget(self._pages, 1)

    def title(self) -> str:
        """What the tiles are for."""
        return self._title.whole_text()

    def show_tiles(self, tiles: Sequence[Tile], row: PerformanceRow | None) -> None:
        """Show these; tiles that are there already are only painted anew."""
        if row is not None:
            self._show_row(row)
        while len(self._tiles) > len(tiles):
            gone = self._tiles.pop()
            self._grid.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, tile in enumerate(tiles):
            facts = self._facts(tile)
            if place < len(self._tiles):
                self._tiles[place].show_facts(facts)
                continue
            made = SaleTile(facts, place + 1)
            made.clicked.connect(self._clicked)
            self._tiles.append(made)
            self._grid.addWidget(made)
            made.show()
        self._pages.setCurrentWidget(self._scroll if tiles or row is None else self._empty)

    def tile(self, place: int) -> SaleTile:
        """The tile at a place counted from 1."""
        return self._tiles[place - 1]

    def _clicked(self) -> None:
        tile = self.sender()
        if isinstance(tile, SaleTile):
            self.pressed.emit(tile.place)

    def _show_row(self, row: PerformanceRow) -> None:
        event, lang = row.event, self._manner.lang
        self._title.set_text(event_name(event, lang))
        parts = [localized(event.venue, event.venue_ru, lang)]
        if row.performance is not None:
            when = when_text(event, row.performance, self._manner.now(), lang)
            parts.insert(0, when[:1].upper() + when[1:])
            name = localized(row.performance.name, row.performance.name_ru, lang)
            parts.insert(1, name)
        self._detail.set_text(" · ".join(filter(None, parts)))

    def _facts(self, tile: Tile) -> TileFacts:
        offer, lang = tile.offer, self._manner.lang
        product = offer.product
        state: TileState = "few" if tile.few else "normal"
        if offer.refusal is not None:
            state = "sold_out" if offer.refusal == "SOLD_OUT" else "not_on_sale"
        details = []
        if product.admits > 1:
            details.append(self.tr("admits %n", "", product.admits))
        if product.concession:
            details.append(localized(product.concession, product.concession_ru or "", lang))
        return TileFacts(
            name=localized(product.name, product.name_ru, lang),
            price=self._manner.money(product.price),
            left=left_text(offer, offer.event.zone, lang),
            key=f"F{tile.number}" if tile.number else "",
            color=self._color_of(offer.event.number),
            state=state,
            in_cart=tile.in_cart,
            detail=" · ".join(details),
        )
