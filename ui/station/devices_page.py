"""Devices: each with its state in colour and word, a test, its settings, and plain advice when it is lost."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.facade import DeviceStatus, Frame, ScannedText
from ui.frame.screen import Page, ScanSource
from ui.gate.bridge import DeviceBridge
from ui.gate.camera_view import CameraView
from ui.gate.words import device_words
from ui.station.book import SettingModel
from ui.station.devices_presenter import ADDRESSES, FIELDS, KEYBOARD, Advice, DevicesPresenter, Heard
from ui.station.setting_row import SettingRow
from ui.style import tokens
from ui.widgets.buttons import Button
from ui.widgets.cards import Card, ScrollColumn
from ui.widgets.flow import Columns
from ui.widgets.labels import Pill, PlainLabel
from ui.widgets.states import InlineMessage

PREVIEW_HEIGHT = 220
LEFT, RIGHT = ("camera", "gate", "printer"), ("scanner", "keyboard", "turnstile")


class DeviceCard(Card):
    """One device."""

    def __init__(self, title: str, purpose: str, test: str, parent: QWidget | None = None) -> None:
        """`test` labels the button; empty = there is nothing to press."""
        super().__init__("", parent)
        self.heading.hide()
        head = QHBoxLayout()
        head.setSpacing(tokens.space(1.5))
        head.addWidget(PlainLabel(title, size="title", weight=tokens.BOLD, wrap=True), 1)
        self.pill = Pill("")
        self.pill.hide()
        head.addWidget(self.pill, 0, Qt.AlignmentFlag.AlignVCenter)
        self.column.addLayout(head)
        self.column.addWidget(PlainLabel(purpose, tone="muted", wrap=True))
        self.message = InlineMessage()
        self.column.addWidget(self.message)
        self.fields = QVBoxLayout()
        self.fields.setSpacing(tokens.space(1.5))
        self.column.addLayout(self.fields)
        self.test_label = test
        self.test_button = Button(test, "secondary", icon="play")
        self.test_button.setVisible(bool(test))
        self.column.addWidget(self.test_button, 0, Qt.AlignmentFlag.AlignLeft)

    def show_status(self, status: DeviceStatus) -> None:
        """State in colour and word."""
        self.pill.set(*device_words(status))
        self.pill.show()

    def show_testing(self, *, busy: bool) -> None:
        """A test runs."""
        self.test_button.setEnabled(not busy)
        self.test_button.set_text(self.tr("Testing…") if busy else self.test_label)


class DevicesPage(Page):
    """Opens the devices while it is on screen, so that every state is true now."""

    def __init__(self, presenter: DevicesPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._rows: dict[str, SettingRow] = {}
        self._found: dict[str, Sequence[tuple[str, str]]] = {}
        self._bridge = DeviceBridge(self)
        self.cards = self._build_cards()
        self.preview = CameraView(grounded=True)
        self.preview.setFixedHeight(PREVIEW_HEIGHT)
        self.preview.set_words("camera", self.tr("No picture yet"))
        self.cards["camera"].column.insertWidget(3, self.preview)
        scroll = ScrollColumn(margin=2, gap=2)
        panes = [self._pane(LEFT), self._pane(RIGHT)]
        scroll.column.addWidget(Columns([(pane, 1) for pane in panes], stack_below=720))
        self.fill(scroll)
        self._connect()
        presenter.attach(self)

    def _build_cards(self) -> dict[str, DeviceCard]:
        return {
            "camera": DeviceCard(
                self.tr("Camera"), self.tr("Reads QR codes from paper and phones."), self.tr("Take a picture")
            ),
            "scanner": DeviceCard(
                self.tr("Serial scanner"),
                self.tr("A hand scanner or a reader in the turnstile, on a serial port."),
                self.tr("Open the port"),
            ),
            "keyboard": DeviceCard(
                self.tr("Keyboard scanner"),
                self.tr("A scanner that types. Nothing to set up: scan any code now to try it."),
                "",
            ),
            "turnstile": DeviceCard(
                self.tr("Turnstile"),
                self.tr("A relay that opens for one person after each admission."),
                self.tr("Open once"),
            ),
            "printer": DeviceCard(
                self.tr("Printer"), self.tr("Prints tickets and receipts."), self.tr("Ask the system")
            ),
            "gate": DeviceCard(
                self.tr("Gate"), self.tr("Where this station stands when it lets people in."), ""
            ),
        }

    def _pane(self, names: Sequence[str]) -> QWidget:
        pane = QWidget()
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.space(2))
        for name in names:
            column.addWidget(self.cards[name])
        column.addStretch(1)
        return pane

    def _connect(self) -> None:
        self._bridge.scanned.connect(self._scanned)
        self._bridge.framed.connect(self._framed)
        self._bridge.changed.connect(self._presenter.device_changed)
        for name, card in self.cards.items():
            card.test_button.setProperty("device", name)
            card.test_button.clicked.connect(self._test_pressed)

    # --- Page

    def on_enter(self) -> None:
        self._bridge.open()
        self._presenter.enter(self._bridge.take_scan, self._bridge.take_frame, self._bridge.take_status)

    def on_leave(self) -> None:
        self._bridge.close()
        self._presenter.leave()
        self.preview.clear()

    def handle_scan(self, text: str, source: ScanSource) -> bool:
        self._presenter.heard(text, {"wedge": KEYBOARD, "serial": "scanner"}.get(source, source))
        return True

    # --- DevicesView

    def show_status(self, status: DeviceStatus) -> None:
        card = self.cards.get(status.device)
        if card is not None:
            card.show_status(status)
        if status.device == "camera" and status.state != "listening":
            self.preview.clear()
            lost = status.state == "lost"
            self.preview.set_words("camera-off" if lost else "camera", self.tr("No picture"))

    def show_advice(self, device: str, advice: Advice | None) -> None:
        message = self.cards[device].message
        if advice is None:
            message.hide()
        else:
            message.show_message(advice.kind, advice.title, advice.text)

    def show_passed(self, device: str) -> None:
        said = {
            "camera": self.tr("The camera gives pictures."),
            "scanner": self.tr("The port is open. Scan a code to see it arrive."),
            "turnstile": self.tr("The turnstile was told to open."),
            "printer": self.tr("The system knows the printer."),
        }
        self.cards[device].message.show_message("success", self.tr("It works"), said.get(device, ""))

    def show_heard(self, heard: Heard) -> None:
        text = self.tr("{n} characters, beginning with {start}…").format(n=heard.length, start=heard.start)
        card = self.cards.get(heard.device)
        if card is not None:
            card.message.show_message("success", self.tr("A code arrived"), text)

    def show_testing(self, device: str, *, busy: bool) -> None:
        self.cards[device].show_testing(busy=busy)

    def show_settings(self, rows: Sequence[SettingModel]) -> None:
        by_name = {row.name: row for row in rows}
        for device, names in FIELDS.items():
            for name in names:
                if name not in by_name:
                    continue
                if name in self._rows:
                    self._rows[name].show_setting(by_name[name])
                    continue
                made = SettingRow(by_name[name])
                made.kept.connect(self._presenter.keep)
                self.cards[device].fields.addWidget(made)
                self._rows[name] = made
        for device, found in self._found.items():
            self.show_found(device, found)

    def show_found(self, device: str, found: Sequence[tuple[str, str]]) -> None:
        self._found[device] = found
        row = self._rows.get(ADDRESSES[device])
        if row is not None:
            row.offer(found)

    def refuse(self, name: str, said: str) -> None:
        if name in self._rows:
            self._rows[name].refuse(said)

    def row(self, name: str) -> SettingRow:
        """The row of a setting; KeyError before it is known."""
        return self._rows[name]

    # --- inside

    def _test_pressed(self) -> None:
        button = self.sender()
        if button is not None:
            self._presenter.test(str(button.property("device")))

    def _scanned(self, scan: object) -> None:
        if isinstance(scan, ScannedText):
            self._presenter.heard(scan.text, scan.source)

    def _framed(self, frame: object) -> None:
        if isinstance(frame, Frame):
            self.preview.show_frame(frame)
