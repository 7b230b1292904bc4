"""Ready for doors: one big light, and under it every check with what to do about it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.frame.screen import Page
from ui.station.health_presenter import HealthModel, HealthPresenter, LineModel
from ui.station.words import check_words
from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors
from ui.widgets.buttons import Button
from ui.widgets.cards import Card, Divider, Panel, ScrollColumn, empty_layout
from ui.widgets.flow import Columns
from ui.widgets.labels import MeaningName, PlainLabel, Tone
from ui.widgets.states import InlineMessage

STACK_BELOW = 900
MEANINGS: dict[str, tuple[MeaningName, str]] = {
    "green": ("admit", "circle-check"),
    "amber": ("attention", "triangle-alert"),
    "red": ("refuse", "octagon-x"),
    "absent": ("neutral", "minus"),
    "": ("neutral", "hourglass"),
}
"""The meaning and the sign of a state: never colour alone."""
TONES: dict[str, Tone] = {"green": "muted", "amber": "attention", "red": "refuse"}


class Light(QWidget):
    """A filled circle with its sign."""

    def __init__(self, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self._state = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_state(self, state: str, words: str) -> None:
        """green, amber or red; `words` for whoever does not see it."""
        self._state = state
        self.setAccessibleName(words)
        self.update()

    def state(self) -> str:
        """What it shows."""
        return self._state

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        meaning, sign = MEANINGS[self._state]
        tint = current_colors().meaning(meaning)
        painter: QPainter = paint.begin(self)
        spot = QRectF(self.rect())
        big = self._size >= tokens.TOUCH
        paint.box(painter, spot, tint.fill if big else tint.soft, None, self._size / 2)
        inset = self._size * (0.25 if big else 0.18)
        draw_icon(
            painter, sign, tint.on_fill if big else tint.on_soft, spot.adjusted(inset, inset, -inset, -inset)
        )


class CheckRow(QWidget):
    """One check: light, name, and what to do; a test button for a device."""

    def __init__(self, line: LineModel, presenter: HealthPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = line
        self._presenter = presenter
        row = QHBoxLayout(self)
        row.setContentsMargins(0, tokens.space(0.75), 0, tokens.space(0.75))
        row.setSpacing(tokens.space(1.5))
        self.light = Light(28)
        self.light.show_state("absent" if line.absent else line.state, check_words(line.name))
        row.addWidget(self.light, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(PlainLabel(check_words(line.name), weight=tokens.MEDIUM, wrap=True))
        said = line.title or (self.tr("Not set up") if line.absent else "")
        if said:
            words.addWidget(PlainLabel(said, size="small", tone=TONES[line.state], wrap=True))
        if line.text:
            words.addWidget(PlainLabel(line.text, size="small", tone="soft", wrap=True))
        row.addLayout(words, 1)
        self.test = Button(self.tr("Test"), "secondary")
        self.test.setVisible(line.testable)
        self.test.clicked.connect(self._test)
        row.addWidget(self.test, 0, Qt.AlignmentFlag.AlignTop)

    def show_testing(self, *, busy: bool) -> None:
        """A test runs."""
        self.test.setEnabled(not busy)
        self.test.set_text(self.tr("Testing…") if busy else self.tr("Test"))

    def _test(self) -> None:
        self._presenter.test(self.line.name)


class HealthPage(Page):
    """What a station lacks before the doors open."""

    def __init__(self, presenter: HealthPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._model: HealthModel | None = None
        self._testing: set[str] = set()
        self.rows: dict[str, CheckRow] = {}
        self._build_ui()
        presenter.attach(self)

    def _build_ui(self) -> None:
        self.message = InlineMessage()
        banner = Panel("card", margin=2.5)
        head = QHBoxLayout()
        head.setSpacing(tokens.space(2.5))
        self.light = Light(72)
        head.addWidget(self.light, 0, Qt.AlignmentFlag.AlignVCenter)
        words = QVBoxLayout()
        words.setSpacing(4)
        self.verdict = PlainLabel(self.tr("Looking…"), size="display", weight=tokens.BOLD, wrap=True)
        self.advice = PlainLabel(tone="soft", wrap=True)
        words.addWidget(self.verdict)
        words.addWidget(self.advice)
        head.addLayout(words, 1)
        self.test_all = Button(self.tr("Test devices"), "secondary", icon="play")
        self.test_all.setToolTip(self.tr("Tries printer, camera and scanner; the turnstile does not move."))
        self.test_all.clicked.connect(self._test_all)
        self.test_all.hide()
        head.addWidget(self.test_all, 0, Qt.AlignmentFlag.AlignVCenter)
        banner.column.addLayout(head)
        self.cards = {
            "station": Card(self.tr("Station and hub")),
            "devices": Card(self.tr("Devices")),
            "keys": Card(self.tr("Keys")),
        }
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.space(2))
        column.addWidget(self.cards["devices"])
        column.addWidget(self.cards["keys"])
        column.addStretch(1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.cards["station"])
        column.addStretch(1)
        self._lists = {}
        for key, card in self.cards.items():
            self._lists[key] = QVBoxLayout()
            self._lists[key].setSpacing(0)
            card.column.addLayout(self._lists[key])
        scroll = ScrollColumn(margin=2, gap=2)
        for part in (self.message, banner, Columns([(left, 1), (right, 1)], stack_below=STACK_BELOW)):
            scroll.column.addWidget(part)
        self.fill(scroll)

    # --- Page

    def on_enter(self) -> None:
        """Look at once, and again while it is in front."""
        self._presenter.enter()

    def on_leave(self) -> None:
        """Less often."""
        self._presenter.left()

    # --- HealthView

    def show_health(self, model: HealthModel) -> None:
        """Everything anew; rows are made again only when something is another."""
        if model == self._model:
            return
        self._model = model
        self.verdict.set_text(self._verdict(model))
        self.advice.set_text(self._advice(model))
        self.light.show_state(model.state, self.verdict.whole_text())
        self.rows = {}
        for key, lines in model.groups:
            empty_layout(self._lists[key])
            for place, line in enumerate(lines):
                if place:
                    self._lists[key].addWidget(Divider())
                row = CheckRow(line, self._presenter)
                row.show_testing(busy=line.name in self._testing)
                self.rows[line.name] = row
                self._lists[key].addWidget(row)
        self.test_all.setVisible(any(row.line.testable for row in self.rows.values()))

    def show_testing(self, device: str, *, busy: bool) -> None:
        """A test runs, or has ended."""
        (self._testing.add if busy else self._testing.discard)(device)
        if device in self.rows:
            self.rows[device].show_testing(busy=busy)

    def show_trouble(self, title: str, text: str) -> None:
        """Amber above everything."""
        if title:
            self.message.show_message("fault", title, text)
        else:
            self.message.hide()

    # --- inside

    def _verdict(self, model: HealthModel) -> str:
        if model.red:
            one = model.red == 1
            return self.tr("Not ready: 1 thing") if one else self.tr("Not ready: %n things", "", model.red)
        return self.tr("Ready for doors")

    def _advice(self, model: HealthModel) -> str:
        if model.amber:
            if model.amber == 1:
                return self.tr("1 thing to look at when there is time.")
            return self.tr("%n things to look at when there is time.", "", model.amber)
        if model.red:
            return self.tr("Everything else is in order.")
        return self.tr("Everything is in order.")

    def _test_all(self) -> None:
        self._presenter.test_all([name for name, row in self.rows.items() if row.line.testable])
