"""Panels that slide in over the gate: where it stands, one scan with its undo, several tickets to choose."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.gate.model import Choice, Hit, ScanLineModel, SetupModel
from ui.gate.parts import SIGN_ICONS
from ui.gate.setup import GATE, LANE, PERFORMANCE
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.cards import ListRow, ScrollColumn
from ui.widgets.choices import Select
from ui.widgets.fields import TextField
from ui.widgets.labels import Pill, PlainLabel
from ui.widgets.side_panel import SidePanel

translate = QCoreApplication.translate

REASON_KEYS = ("mistake", "did_not_pass", "wrong_ticket")
"""Reasons offered for an undo: the key goes into the journal, so that reports count them in any language."""


def reason_words(key: str) -> str:
    """A reason as people read it; words that somebody typed are themselves."""
    return {
        "mistake": translate("UndoReasons", "Scanned by mistake"),
        "did_not_pass": translate("UndoReasons", "The guest did not walk through"),
        "wrong_ticket": translate("UndoReasons", "The wrong ticket of a group"),
    }.get(key, key)


def localized_choices(choices: Sequence[Choice], first: str = "") -> list[tuple[str, str]]:
    """(label, key) for a list; `first` is the label of "none chosen"."""
    made = [(choice.label, choice.key) for choice in choices]
    return [(first, ""), *made] if first else made


class ChoiceRow(QWidget):
    """A label, a list, and a line beneath that explains or refuses."""

    picked = Signal(str)

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(PlainLabel(label, size="small", tone="soft", weight=tokens.MEDIUM))
        self.select = Select()
        self.select.setAccessibleName(label)
        self.select.setSizeAdjustPolicy(Select.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.select.activated.connect(self._picked)
        column.addWidget(self.select)
        self._line = PlainLabel(size="small", tone="muted", wrap=True)
        self._line.hide()
        column.addWidget(self._line)

    def show_choices(self, choices: Sequence[tuple[str, str]], current: str) -> None:
        """Offer (label, key); a current key that is not offered is added as it is."""
        self.select.clear()
        for label, key in choices:
            self.select.addItem(label, key)
        if self.select.findData(current) < 0:
            self.select.addItem(current, current)
        self.select.setCurrentIndex(self.select.findData(current))

    def say(self, words: str, *, refused: bool = False) -> None:
        """The line beneath; empty hides it."""
        self._line.set_text(words)
        self._line.set_tone("refuse" if refused else "muted")
        self._line.setVisible(bool(words))

    def _picked(self, index: int) -> None:
        self.say("")
        self.picked.emit(str(self.select.itemData(index)))


class SetupPanel(SidePanel):
    """Gate, lane and performance; every choice holds at once. `kept(name, value)` asks to keep one."""

    kept = Signal(str, str)

    def __init__(self, host: QWidget) -> None:
        super().__init__(host, translate("SetupPanel", "Where this gate stands"))
        self.gate = ChoiceRow(self.tr("Gate"))
        self.lane = TextField(
            self.tr("Lane"), hint=self.tr("Only if the gate has several. Each station has one lane.")
        )
        self.performance = ChoiceRow(self.tr("Performance"))
        for part in (self.gate, self.performance, self.lane):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.gate.picked.connect(self._gate_picked)
        self.performance.picked.connect(self._performance_picked)
        self.lane.edit.editingFinished.connect(self._lane_typed)
        done = Button(self.tr("Done"), "primary", large=True)
        done.clicked.connect(self.close_panel)
        self.foot.addWidget(done, 1)
        self._lane = ""

    def show_setup(self, setup: SetupModel) -> None:
        """Fill it. What the command line or the environment sets can be read only."""
        self.gate.show_choices(localized_choices(setup.gates), setup.gate)
        everything = self.tr("All performances")
        self.performance.show_choices(localized_choices(setup.performances, everything), setup.performance)
        self._lane = setup.lane
        self.lane.set_text(setup.lane)
        pinned = self.tr("Set when the program was started; cannot be changed here.")
        for row, name in ((self.gate, GATE), (self.performance, PERFORMANCE)):
            row.select.setEnabled(name not in setup.pinned)
            row.say(pinned if name in setup.pinned else "")
        self.lane.edit.setEnabled(LANE not in setup.pinned)

    def refuse(self, name: str, words: str) -> None:
        """A value was not taken."""
        if name == LANE:
            self.lane.refuse(words)
            return
        (self.gate if name == GATE else self.performance).say(words, refused=True)

    def _gate_picked(self, code: str) -> None:
        self.kept.emit(GATE, code)

    def _performance_picked(self, code: str) -> None:
        self.kept.emit(PERFORMANCE, code)

    def _lane_typed(self) -> None:
        if self.lane.text() and self.lane.text() != self._lane:
            self._lane = self.lane.text()
            self.kept.emit(LANE, self._lane)


class ScanPanel(SidePanel):
    """One scan, and taking it back with a reason. `undo_wanted(row, reason)`."""

    undo_wanted = Signal(object, str)

    def __init__(self, host: QWidget) -> None:
        super().__init__(host, translate("ScanPanel", "Scan"))
        self._row: ScanLineModel | None = None
        self._pill = Pill("")
        self._facts = PlainLabel(wrap=True)
        self._why = PlainLabel(self.tr("Why is it taken back?"), weight=tokens.BOLD)
        self.column.addWidget(self._pill)
        self.column.addWidget(self._facts)
        self.column.addWidget(self._why)
        self.reasons = [ListRow(reason_words(key)) for key in REASON_KEYS]
        for row in self.reasons:
            row.setCheckable(True)
            row.setAutoExclusive(True)
            self.column.addWidget(row)
        self.other = TextField(self.tr("Another reason"))
        self.column.addWidget(self.other)
        self.column.addStretch(1)
        self.undo = Button(self.tr("Undo this admission"), "danger", icon="undo-2", large=True)
        self.undo.clicked.connect(self._pressed)
        self.other.entered.connect(self._pressed)
        self.foot.addWidget(self.undo, 1)

    def show_scan(self, row: ScanLineModel) -> None:
        """Fill and open."""
        self._row = row
        self._pill.set(row.word, row.meaning, SIGN_ICONS[row.meaning])
        place = self.tr("Gate {gate}, lane {lane}").format(gate=row.gate, lane=row.lane)
        state = self.tr("Taken back") if row.undone else ""
        way = self.tr("Exit") if row.leaving else ""
        lines = (row.product, row.reference, row.when, place, way, state)
        self._facts.set_text("\n".join(line for line in lines if line))
        self.reasons[0].setChecked(True)
        self.other.set_text("")
        for part in (self._why, *self.reasons, self.other, self.undo):
            part.setVisible(row.undoable)
        self.open_panel(self.undo if row.undoable else None)

    def reason(self) -> str:
        """What goes into the journal: words typed, else the key of the reason chosen."""
        chosen = next(
            (key for key, row in zip(REASON_KEYS, self.reasons, strict=True) if row.isChecked()), ""
        )
        return self.other.text() or chosen

    def _pressed(self) -> None:
        if self._row is not None and self._row.undoable:
            self.undo_wanted.emit(self._row, self.reason())
            self.close_panel()


class HitsPanel(SidePanel):
    """Several tickets share what was typed. `chosen(serial, reference)`."""

    chosen = Signal(str, str)

    def __init__(self, host: QWidget) -> None:
        super().__init__(host, translate("HitsPanel", "Which ticket is it?"))
        self.column.addWidget(
            PlainLabel(self.tr("More than one ticket has this reference. Compare with the paper."), wrap=True)
        )
        self._list = ScrollColumn(gap=0.5)
        self.column.addWidget(self._list, 1)

    def show_hits(self, hits: Sequence[Hit]) -> None:
        """Fill and open."""
        self._list.clear()
        first: ListRow | None = None
        for hit in hits:
            title = " · ".join(filter(None, (hit.product, hit.event)))
            detail = " · ".join(filter(None, (hit.when, hit.order, hit.reference)))
            row = ListRow(title, detail, icon="ticket", meaning="accent", chevron=True)
            row.clicked.connect(self._take(hit))
            self._list.column.addWidget(row)
            first = first or row
        self.open_panel(first)

    def _take(self, hit: Hit) -> Callable[[], None]:
        def taken() -> None:
            self.close_panel()
            self.chosen.emit(hit.serial, hit.reference)

        return taken
