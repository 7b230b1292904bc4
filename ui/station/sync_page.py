"""Sync and station: how the exchange with the hub stands in words, what waits, this station, its journal."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.services.facade import SyncView, TakenIn
from domain.kinds import SHAPES
from ui.frame.screen import Page
from ui.station import words
from ui.station.held_panel import HeldPanel
from ui.station.journal_table import JournalTable
from ui.station.places import PlacesCard
from ui.station.sync_presenter import (
    EntryModel,
    HeldModel,
    PlaceModel,
    StationModel,
    SyncModel,
    SyncPresenter,
)
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.cards import Card, Divider, ScrollColumn
from ui.widgets.choices import Select
from ui.widgets.flow import Columns, FlowGrid
from ui.widgets.labels import MeaningName, Pill, PlainLabel
from ui.widgets.states import BusyBar, InlineMessage

STACK_BELOW = 1040
_FILES = "JSON (*.json)"
GREAT_OFFSET_MS = 2000
"""From here on a clock that differs from the hub's is worth a word."""


class _SyncBridge(QObject):
    """From the driver's thread to the window's."""

    changed = Signal(object)
    _crossed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._crossed.connect(self._arrived, Qt.ConnectionType.QueuedConnection)

    def take(self, state: SyncView) -> None:
        """Called by the driver, from any thread."""
        self._crossed.emit(state)

    @Slot(object)
    def _arrived(self, state: object) -> None:
        self.changed.emit(state)


class Figure(QWidget):
    """A number with its name, one line that says what it means, and a way to its list where there is one."""

    wanted = Signal()

    def __init__(self, name: str, meaning: str, way: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.number = PlainLabel("–", size="display", weight=tokens.BOLD)
        column.addWidget(self.number)
        column.addWidget(PlainLabel(name, weight=tokens.MEDIUM, wrap=True))
        column.addWidget(PlainLabel(meaning, size="small", tone="muted", wrap=True))
        self.way = Button(way)
        self.way.clicked.connect(self.wanted)
        self.way.hide()
        self._leads = bool(way)
        column.addSpacing(tokens.space(0.5))
        column.addWidget(self.way, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def show_number(self, number: int, *, bad: bool) -> None:
        """Amber where a person should look."""
        self.number.set_text(str(number))
        self.number.set_tone("attention" if bad else "normal")
        self.way.setVisible(self._leads and number > 0)


class FactsList(QWidget):
    """Names at the left, values at the right; values can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(tokens.space(2))
        self._grid.setVerticalSpacing(tokens.space(1))
        self._grid.setColumnStretch(1, 1)
        self._values: dict[str, PlainLabel] = {}

    def show_fact(self, name: str, value: str) -> None:
        """Add or change a fact; an empty value is a dash."""
        if name not in self._values:
            place = len(self._values)
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(PlainLabel(name, size="small", tone="muted"), place, 0, top)
            label = PlainLabel(wrap=True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(label, place, 1)
            self._values[name] = label
        self._values[name].set_text(value or "–")

    def fact(self, name: str) -> str:
        """The value shown under this name; KeyError where there is none."""
        return self._values[name].whole_text()


class SyncPage(Page):
    """The page that the sync badge opens."""

    def __init__(
        self,
        presenter: SyncPresenter,
        to_conflicts: Callable[[], None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`to_conflicts` leads to the desk; None for whoever may not go there."""
        super().__init__(parent)
        self._presenter = presenter
        self._to_conflicts = to_conflicts
        self._in_trouble = False
        self._bridge = _SyncBridge(self)
        self._build_ui()
        self._bridge.changed.connect(presenter.sync_changed)
        self.sync_button.clicked.connect(presenter.sync_now)
        self.export_button.clicked.connect(self._export)
        self.import_button.clicked.connect(self._import)
        self.kinds.activated.connect(self._kind_chosen)
        self.held.wanted.connect(self._open_held)
        self.conflicts.wanted.connect(self._open_conflicts)
        presenter.attach(self)

    def _build_ui(self) -> None:
        self.message = InlineMessage()
        self._state, self._station, self._journal = self._build_state(), self._build_station(), Card("")
        self.places = PlacesCard()
        self._stick = self._build_stick()
        self._build_journal()
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.space(2))
        for card in (self._state, self.places, self._stick, self._station):
            column.addWidget(card)
        column.addStretch(1)
        self._journal.setMinimumHeight(420)
        self._columns = Columns([(left, 2), (self._journal, 3)], stack_below=STACK_BELOW)
        scroll = ScrollColumn(margin=2, gap=2)
        scroll.column.addWidget(self.message)
        scroll.column.addWidget(self._columns, 1)
        scroll.column.setAlignment(Qt.AlignmentFlag(0))
        self.fill(scroll)
        self.held_panel = HeldPanel(self, self._presenter.language)

    def _build_state(self) -> Card:
        card = Card("")
        card.heading.hide()
        head = QHBoxLayout()
        self.pill = Pill("")
        head.addWidget(self.pill, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        self.sync_button = Button(self.tr("Sync now"), "secondary", icon="refresh-cw")
        head.addWidget(self.sync_button)
        card.column.addLayout(head)
        self.state_words = PlainLabel(size="title", weight=tokens.BOLD, wrap=True)
        self.state_text = PlainLabel(tone="soft", wrap=True)
        card.column.addWidget(self.state_words)
        card.column.addWidget(self.state_text)
        self.snapshot_text = PlainLabel(size="small", tone="soft", wrap=True)
        self.snapshot_bar = BusyBar()
        for part in (self.snapshot_text, self.snapshot_bar):
            part.hide()
            card.column.addWidget(part)
        card.column.addWidget(Divider())
        figures = QHBoxLayout()
        figures.setSpacing(tokens.space(2))
        self.waiting = Figure(self.tr("Waiting"), self.tr("written here, not at the hub yet"))
        self.held = Figure(self.tr("Held"), self.tr("kept, not read yet"), self.tr("Show"))
        desk = self.tr("To the desk") if self._to_conflicts is not None else ""
        self.conflicts = Figure(self.tr("Conflicts"), self.tr("a person has to decide"), desk)
        for figure in (self.waiting, self.held, self.conflicts):
            figures.addWidget(figure, 1)
        card.column.addLayout(figures)
        card.column.addWidget(Divider())
        self.sync_facts = FactsList()
        card.column.addWidget(self.sync_facts)
        return card

    def _build_stick(self) -> Card:
        card = Card(self.tr("Entries on a stick"))
        said = self.tr(
            "When the hub is out of reach for long, another station can carry what waits here to it."
        )
        card.column.addWidget(PlainLabel(said, tone="soft", wrap=True))
        self.export_button = Button(self.tr("Export waiting entries…"), "secondary", icon="upload")
        self.import_button = Button(self.tr("Import entries…"), "secondary", icon="download")
        buttons = FlowGrid(cell_width=330, gap=1)
        for button in (self.export_button, self.import_button):
            buttons.addWidget(button)
        card.column.addLayout(buttons)
        return card

    def _build_station(self) -> Card:
        card = Card(self.tr("This station"))
        self.station_facts = FactsList()
        card.column.addWidget(self.station_facts)
        return card

    def _build_journal(self) -> None:
        self._journal.heading.hide()
        head = QHBoxLayout()
        head.addWidget(PlainLabel(self.tr("Journal"), weight=tokens.BOLD), 1)
        self.kinds = Select()
        self.kinds.setAccessibleName(self.tr("Kind of entry"))
        self.kinds.addItem(self.tr("All kinds"), "")
        for label, kind in sorted((words.kind_words(kind), kind) for kind, _ in SHAPES):
            self.kinds.addItem(label, kind)
        head.addWidget(self.kinds)
        self._journal.column.addLayout(head)
        self.table = JournalTable()
        self._journal.column.addWidget(self.table, 1)

    # --- Page

    def on_enter(self) -> None:
        with QSignalBlocker(self.kinds):
            self.kinds.setCurrentIndex(max(0, self.kinds.findData(self._presenter.kind)))
        self._presenter.enter(self._bridge.take)

    def on_leave(self) -> None:
        self._presenter.leave()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        stacked = self.width() < STACK_BELOW
        self.table.fit_columns(self.width() - 96 if stacked else round(self.width() * 0.6) - 96)

    # --- SyncPageView

    def show_sync(self, model: SyncModel) -> None:
        pill, meaning, icon, title, text = self._state_of(model)
        self.pill.set(pill, meaning, icon)
        self.state_words.set_text(title)
        self.state_text.set_text(text)
        self.sync_button.setEnabled(model.mode != "alone")
        self.export_button.setEnabled(model.mode != "alone" and model.waiting > 0)
        self.import_button.setEnabled(model.mode != "alone")
        self._show_snapshot(model.snapshot)
        self.waiting.show_number(model.waiting, bad=False)
        self.held.show_number(model.held, bad=model.held > 0)
        self.conflicts.show_number(model.conflicts, bad=model.conflicts > 0)
        self.sync_facts.show_fact(self.tr("Last contact"), model.last_contact)
        self.sync_facts.show_fact(self.tr("Clock against the hub"), self._offset(model.offset_ms))
        self.sync_facts.show_fact(self.tr("Documents waiting"), str(model.documents))
        self.sync_facts.show_fact(self.tr("Incarnation of the hub"), model.incarnation)
        self.sync_facts.show_fact(self.tr("Schema of the hub"), model.schema)

    def show_station(self, model: StationModel) -> None:
        facts = (
            (self.tr("Name"), model.name),
            (self.tr("Venue"), model.organization),
            (self.tr("Receipt prefix"), model.prefix),
            (self.tr("Epoch"), str(model.epoch)),
            (self.tr("Station number"), model.station),
            (self.tr("Time zone"), model.zone),
            (self.tr("Mode"), self.tr("Practice") if model.practice else self.tr("Real sales")),
        )
        for name, value in facts:
            self.station_facts.show_fact(name, value)
        if model.data_folder:
            self.station_facts.show_fact(self.tr("Data folder"), model.data_folder)
        self.table.rows.set_has_hub(model.has_hub)

    def show_journal(self, rows: Sequence[EntryModel]) -> None:
        self.table.rows.show_rows(rows)

    def show_places(self, places: Sequence[PlaceModel], *, has_hub: bool) -> None:
        self.places.show_places(places, has_hub=has_hub)

    def show_exported(self, count: int, path: str) -> None:
        title = self.tr("%n entries are in the file", "", count)
        said = self.tr("{file}: take it to another station and import it there.").format(file=Path(path).name)
        self.message.show_message("success", title, said)

    def show_taken_in(self, taken: TakenIn) -> None:
        title = self.tr("%n entries taken in", "", taken.entries)
        said = self.tr("From {station}: {fresh} new here. They go to the hub when it is next reached.")
        text = said.format(station=taken.station_name, fresh=taken.applied)
        if taken.rejected:
            text += " " + self.tr("%n could not be believed and were set aside.", "", taken.rejected)
        self.message.show_message("info" if taken.rejected else "success", title, text)

    def show_held(self, rows: Sequence[HeldModel]) -> None:
        self.held_panel.show_held(rows)

    def go_back(self) -> bool:
        if self.held_panel.is_open():
            self.held_panel.close_panel()
            return True
        return False

    def show_trouble(self, title: str, text: str) -> None:
        if title:
            self.message.show_message("fault", title, text)
        elif self._in_trouble:
            self.message.hide()
        self._in_trouble = bool(title)

    # --- inside

    def _state_of(self, model: SyncModel) -> tuple[str, MeaningName, str, str, str]:
        """Pill, its meaning and icon, and the state in a title and a sentence."""
        if model.mode == "alone":
            said = self.tr("This station works by itself. It joins a hub with an enrolment file.")
            return self.tr("Alone"), "neutral", "unlink", self.tr("No hub"), said
        if model.mode == "live":
            said = self.tr("What is sold and scanned here is at the hub within seconds.")
            return self.tr("Live"), "admit", "cloud-check", self.tr("Connected to the hub"), said
        if model.mode == "connecting":
            said = self.tr("Selling and scanning go on meanwhile.")
            return self.tr("Connecting"), "info", "refresh-cw", self.tr("Looking for the hub"), said
        if model.mode == "refused":
            title = model.title or self.tr("The hub refuses this station")
            return self.tr("Refused"), "refuse", "octagon-x", title, model.text
        since = (
            self.tr("Offline since {when}").format(when=model.since) if model.since else self.tr("Offline")
        )
        calm = self.tr("Selling and scanning go on. Everything is sent when the hub is back.")
        return self.tr("Offline"), "attention", "cloud-off", since, model.text or calm

    def _offset(self, offset_ms: int | None) -> str:
        if offset_ms is None:
            return ""
        seconds = abs(offset_ms) / 1000
        if abs(offset_ms) < GREAT_OFFSET_MS:
            return self.tr("right, to {ms} ms").format(ms=abs(offset_ms))
        if offset_ms > 0:
            return self.tr("{s} s behind: set the clock of this computer").format(s=f"{seconds:.0f}")
        return self.tr("{s} s ahead: set the clock of this computer").format(s=f"{seconds:.0f}")

    def _show_snapshot(self, snapshot: tuple[int, int] | None) -> None:
        for part in (self.snapshot_text, self.snapshot_bar):
            part.setVisible(snapshot is not None)
        if snapshot is None:
            self.snapshot_bar.stop()
            return
        done, steps = snapshot
        share = 100 * done // max(1, steps)
        said = self.tr("Everything the hub has is being fetched at once: {share} %.")
        self.snapshot_text.set_text(said.format(share=share))
        self.snapshot_bar.set_share(done, steps)

    def _open_held(self) -> None:
        self._presenter.look_at_held()
        self.held_panel.open_panel()

    def _open_conflicts(self) -> None:
        if self._to_conflicts is not None:
            self._to_conflicts()

    def _export(self) -> None:
        name = self.tr("waiting-entries.json")
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Export waiting entries"), name, _FILES)
        if path:
            self._presenter.export_waiting(path)

    def _import(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Import entries of another station"), "", _FILES)
        if path:
            self._presenter.take_in(path)

    def _kind_chosen(self, index: int) -> None:
        self._presenter.choose_kind(str(self.kinds.itemData(index)))
