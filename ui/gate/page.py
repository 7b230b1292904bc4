"""The gate's window: the verdict fills the middle; what listens, the last scans and the numbers around it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.services.facade import DeviceStatus, Frame, ScannedText
from domain.actor import Permission
from domain.admission import Direction
from ui.frame.screen import Page, ScanSource
from ui.gate import words
from ui.gate.bridge import DeviceBridge
from ui.gate.camera_view import CameraView
from ui.gate.model import Hit, Numbers, ScanLineModel, SetupModel, Trouble, VerdictModel
from ui.gate.panels import HitsPanel, ScanPanel, SetupPanel
from ui.gate.parts import IdlePanel, Listening, NumbersCard, ScansCard, Stage
from ui.gate.presenter import GatePresenter
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.choices import SegmentedControl
from ui.widgets.labels import plain_tip
from ui.widgets.side_panel import SidePanel
from ui.widgets.states import InlineMessage
from ui.widgets.verdict import VerdictFacts, VerdictPanel

TICK_MS = 100
SIDE_WIDTH = 320
STACK_BELOW = 860
LOW_PAGE = 600
SMALL_PREVIEW, SMALL_PREVIEW_LOW = 0.26, 0.17
"""Share of the page's height that the small picture may take beside a verdict; less on a low page."""
UNLIMITED = 16_777_215
"""Qt's own largest size of a widget."""


class GatePage(Page):
    """Shows what the presenter says, and tells it what people and devices do."""

    goes_on_locked = True

    def __init__(
        self,
        presenter: GatePresenter,
        context: Callable[[str], None] = lambda _text: None,
        parent: QWidget | None = None,
    ) -> None:
        """`context` is told where the gate stands, for the strip of the window."""
        super().__init__(parent)
        self._context = context
        self._presenter = presenter
        self._setup: SetupModel | None = None
        self._verdict_up = False
        self._sent = ""
        self._bridge = DeviceBridge(self)
        self._beat = QTimer(self)
        self._beat.setInterval(TICK_MS)
        self._build_ui()
        self._connect()

    def _build_ui(self) -> None:
        self.camera, self.small_camera = CameraView(), CameraView(grounded=True)
        self.verdict = VerdictPanel()
        self.idle = IdlePanel(self.camera)
        self.stage = Stage(self.idle, self.verdict)
        self.message = InlineMessage(closable=True)
        self.listening = Listening()
        self.numbers = NumbersCard()
        self.scans = ScansCard()
        main, self._side = QWidget(), QWidget()
        middle = QVBoxLayout(main)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(tokens.space(1.5))
        for part in (self.stage, self.message, self.listening):
            middle.addWidget(part, 1 if part is self.stage else 0)
        middle.addLayout(self._build_entry())
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(tokens.space(1.5))
        side.addWidget(self.numbers)
        self._below = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._below.setSpacing(tokens.space(1.5))
        self._below.addWidget(self.scans, 3)
        self._below.addWidget(self.small_camera, 0)
        side.addLayout(self._below, 1)
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._across.setSpacing(tokens.space(2))
        self._across.addWidget(main, 3)
        self._across.addWidget(self._side, 0)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 12, 16, 16)
        page.setSpacing(tokens.space(1.5))
        page.addLayout(self._build_bar())
        page.addLayout(self._across, 1)
        self.setup_panel, self.scan_panel, self.hits_panel = (
            SetupPanel(self),
            ScanPanel(self),
            HitsPanel(self),
        )

    def _build_bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setSpacing(tokens.space(1.5))
        self.place = Button("", "secondary", icon="calendar-clock")
        self.direction = SegmentedControl(
            [(Direction.ENTRY.value, self.tr("Entry")), (Direction.EXIT.value, self.tr("Exit"))]
        )
        self.direction.setAccessibleName(self.tr("Direction"))
        self.mode = SegmentedControl([("admit", self.tr("Let in")), ("check", self.tr("Check only"))])
        self.mode.setAccessibleName(self.tr("Mode"))
        bar.addWidget(self.place)
        bar.addStretch(1)
        bar.addWidget(self.direction)
        bar.addWidget(self.mode)
        return bar

    def _build_entry(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(tokens.space(1))
        self.entry = QLineEdit()
        self.entry.setPlaceholderText(self.tr("Type the reference, such as ABCD-EFG7, or a code"))
        self.entry.setAccessibleName(self.tr("Reference or code"))
        self.enter_button = Button("", "secondary", icon="corner-down-left")
        row.addWidget(self.entry, 1)
        row.addWidget(self.enter_button)
        return row

    def _connect(self) -> None:
        self._beat.timeout.connect(self._tick)
        self._bridge.scanned.connect(self._device_scanned)
        self._bridge.framed.connect(self._framed)
        self._bridge.changed.connect(self._presenter.device_changed)
        self.place.clicked.connect(self._open_setup)
        self.direction.changed.connect(self._direction_chosen)
        self.mode.changed.connect(self._mode_chosen)
        self.entry.returnPressed.connect(self._entered)
        self.enter_button.clicked.connect(self._entered)
        self.scans.undo_wanted.connect(self._undo_last)
        self.scans.chosen.connect(self.scan_panel.show_scan)
        self.scan_panel.undo_wanted.connect(self._presenter.undo)
        self.hits_panel.chosen.connect(self._presenter.choose)
        self.setup_panel.kept.connect(self._presenter.set_up)
        self.message.closed.connect(self._presenter.dismiss)
        undo = QShortcut(QKeySequence("Ctrl+Z"), self, self._undo_last)
        undo.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    # --- Page

    def on_enter(self) -> None:
        may_admit = self._presenter.may(Permission.ADMIT)
        self._presenter.set_checking(self._presenter.checking or not may_admit)
        self.mode.setEnabled(may_admit)
        with QSignalBlocker(self.mode), QSignalBlocker(self.direction):
            self.mode.set_current("check" if self._presenter.checking else "admit")
            self.direction.set_current(self._presenter.direction.value)
        self._presenter.attach(self)
        self._bridge.open()
        self._presenter.enter(self._bridge.take_scan, self._bridge.take_frame, self._bridge.take_status)
        self._beat.start()
        self._lay_idle()
        self.entry.setFocus()

    def on_leave(self) -> None:
        self._beat.stop()
        self._bridge.close()
        self._presenter.leave()
        self.camera.clear()
        self.small_camera.clear()

    def handle_scan(self, text: str, source: ScanSource) -> bool:
        self._presenter.scan(text, source)
        return True

    def go_back(self) -> bool:
        for panel in self._panels():
            if panel.is_open():
                panel.close_panel()
                return True
        if self.entry.text():
            self.entry.clear()
            return True
        return False

    def context_line(self) -> str:
        return words.place(self._setup)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_place()
        stacked = self.width() < STACK_BELOW
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._across.setDirection(down if stacked else across)
        self._across.setStretch(0, 5 if stacked else 3)
        self._across.setStretch(1, 3 if stacked else 0)
        self._below.setDirection(across if stacked else down)
        self._below.setStretch(1, 2 if stacked else 0)
        self._side.setMinimumWidth(0 if stacked else SIDE_WIDTH)
        self._side.setMaximumWidth(UNLIMITED if stacked else SIDE_WIDTH)
        share = SMALL_PREVIEW if self.height() >= LOW_PAGE else SMALL_PREVIEW_LOW
        high = round(min(SIDE_WIDTH * 9 / 16, self.height() * share))
        self.small_camera.setMinimumHeight(0 if stacked else high)
        self.small_camera.setMaximumHeight(UNLIMITED if stacked else high)

    # --- GateView

    def show_listening(self) -> None:
        self._verdict_up = False
        self._lay_idle()

    def show_deciding(self) -> None:
        self._verdict_up = True
        self.verdict.show_verdict(
            VerdictFacts("neutral", self.tr("One moment"), self.tr("Looking the ticket up"))
        )
        self.stage.show_verdict()

    def show_verdict(self, model: VerdictModel) -> None:
        self._verdict_up = True
        for panel in self._panels():
            panel.close_panel()
        self.verdict.show_verdict(words.verdict_facts(model))
        self.stage.show_verdict()
        self._place_camera()
        if self.entry.text() == self._sent:
            self.entry.clear()

    def show_troubles(self, troubles: Sequence[Trouble]) -> None:
        if not troubles:
            self.message.hide()
            return
        first, more = troubles[-1], len(troubles) - 1
        text = first.text
        if more:
            text = self.tr("{text} (And {n} more.)").format(text=text, n=more)
        self.message.show_message(first.kind, first.title, text)

    def show_scans(self, rows: Sequence[ScanLineModel]) -> None:
        self.scans.show_rows(rows)

    def show_numbers(self, numbers: Numbers) -> None:
        self.numbers.show_numbers(numbers)

    def show_devices(self, statuses: Sequence[DeviceStatus]) -> None:
        self.listening.show_devices(statuses)
        states = {status.device: status.state for status in statuses}
        camera = states.get("camera", "none")
        if camera != "listening":
            self.camera.clear()
            self.small_camera.clear()
        icon, said = ("camera-off", self.tr("No picture")) if camera == "lost" else ("camera", "")
        self.camera.set_words(icon, said or self.tr("The camera is starting…"))
        self.small_camera.set_words(icon, said)
        self._lay_idle()

    def show_setup(self, setup: SetupModel) -> None:
        self._setup = setup
        self._lay_place()
        self._context(words.place(setup))
        self.setup_panel.show_setup(setup)

    def show_hits(self, hits: Sequence[Hit]) -> None:
        self.hits_panel.show_hits(hits)

    def refuse_entry(self, title: str, advice: str) -> None:
        self.message.show_message("refusal", title, advice)
        self.entry.setFocus()
        self.entry.selectAll()

    def refuse_setup(self, name: str, words_: str) -> None:
        self.setup_panel.refuse(name, words_)

    # --- inside

    def _panels(self) -> tuple[SidePanel, ...]:
        """What may slide in over the verdict; a new verdict closes it, since a verdict is always whole."""
        return self.setup_panel, self.scan_panel, self.hits_panel

    def _lay_idle(self) -> None:
        """Words of the idle state, and what fills the middle while nobody stands here."""
        leaving = self._presenter.direction is Direction.EXIT
        said = words.listening_facts(
            self._presenter.devices(), leaving=leaving, checking=self._presenter.checking
        )
        self.idle.show_words(*said)
        letting = self.tr("Let out") if leaving else self.tr("Let in")
        self.enter_button.set_text(self.tr("Check") if self._presenter.checking else letting)
        if not self._verdict_up:
            word, hold, mode = said
            self.verdict.show_verdict(VerdictFacts("neutral", word, hold, mode))
            self.stage.show_idle(camera=self._presenter.hears("camera"))
        self._place_camera()

    def _lay_place(self) -> None:
        """The performance's name, shortened to what the switches beside it leave free."""
        name = words.performance(self._setup)
        switches = self.direction.sizeHint().width() + self.mode.sizeHint().width()
        free = self.width() - switches - tokens.space(14)
        metrics = QFontMetrics(self.place.font())
        self.place.set_text(metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(96, free)))
        self.place.setAccessibleName(name)
        self.place.setToolTip(plain_tip(name))

    def _place_camera(self) -> None:
        """Large while nobody stands here, small beside a verdict, nowhere without a camera."""
        states = {status.device: status.state for status in self._presenter.devices()}
        there = states.get("camera", "none") != "none"
        large = not self._verdict_up and self._presenter.hears("camera")
        self.small_camera.setVisible(there and not large)

    def _tick(self) -> None:
        self._presenter.tick_now()

    def _device_scanned(self, scan: object) -> None:
        if isinstance(scan, ScannedText):
            self._presenter.scan(scan.text, "camera" if scan.source == "camera" else "serial")

    def _framed(self, frame: object) -> None:
        if isinstance(frame, Frame):
            self.camera.show_frame(frame)
            self.small_camera.show_frame(frame)

    def _entered(self) -> None:
        self._sent = self.entry.text()
        self._presenter.enter_text(self._sent)

    def _direction_chosen(self, key: str) -> None:
        self._presenter.set_direction(Direction(key))
        self._lay_idle()

    def _mode_chosen(self, key: str) -> None:
        self._presenter.set_checking(key == "check")
        self._lay_idle()

    def _open_setup(self) -> None:
        self._presenter.reload()
        self.setup_panel.open_panel()

    def _undo_last(self) -> None:
        row = self._presenter.last_admission()
        if row is not None:
            self.scan_panel.show_scan(row)
