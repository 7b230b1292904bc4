"""The gate's window off screen: what people see, press and type, and what devices bring."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.services.facade import DeviceStatus, Frame, ScannedText
from devices.wedge import KeyEvent, WedgeRecogniser
from domain.actor import Actor
from domain.admission import Severity, Verdict
from domain.errors import DeviceFault
from domain.ids import short_reference
from tests.builders import SERIAL, make_code_text, make_product
from tests.ui.gate_kit import GATE_ACTOR, SUPERVISOR, Kit, decision, ticket
from tests.ui.whole import cut_texts
from ui.gate.page import GatePage
from ui.gate.presenter import GatePresenter
from ui.i18n import PseudoTranslator
from ui.running import InlineRunner, ManualRunner, Runner
from ui.wedge_filter import WedgeFilter


class Gate:
    """A page on a kit, on screen; time passes by hand."""

    def __init__(
        self, qtbot: QtBot, *, runner: Runner | None = None, actor: Actor = SUPERVISOR, **answers: Any
    ) -> None:
        self.kit = Kit()
        self.kit.keeper.answers.update(answers)
        self.places: list[str] = []
        self.presenter = GatePresenter(
            self.kit.services(), runner or InlineRunner(), lambda: actor, lambda: "en", self.kit.sounds.append
        )
        self.page = GatePage(self.presenter, self.places.append)
        qtbot.addWidget(self.page, before_close_func=self.kept)  # else it may be collected while it paints
        self.page.resize(1100, 700)
        self.page.show()
        self.page.on_enter()
        self.page._beat.stop()

    def kept(self, _page: object) -> None:
        """Bound to this gate, and so what keeps it until the end of the test."""

    def wait(self, seconds: float) -> None:
        self.kit.clock.advance(seconds)
        self.page._tick()

    @property
    def word(self) -> str:
        return self.page.verdict.facts().word


def frame() -> Frame:
    return Frame(4, 2, bytes(4 * 2 * 3), ((0, 0), (2, 0), (2, 1), (0, 1)))


def test_while_nobody_stands_here_the_camera_is_large_and_the_page_says_what_to_do(qtbot: QtBot) -> None:
    gate = Gate(qtbot)
    gate.page._framed(frame())
    assert gate.page.camera.isVisible()
    assert not gate.page.verdict.isVisible()
    assert gate.page.idle.word.whole_text() == "Listening"
    assert gate.page.idle.hold.whole_text() == "Hold the code to the camera"
    assert "Camera: listening" in gate.page.listening.texts()
    assert "Keyboard: listening" in gate.page.listening.texts()
    assert gate.places[-1] == "Gate A · Main door · lane 1"


def test_a_verdict_fills_the_middle_and_the_camera_becomes_small(qtbot: QtBot) -> None:
    gate = Gate(qtbot, ok=decision(Verdict.ADMIT, concession="student card"))
    gate.page._framed(frame())
    gate.page.handle_scan("ok", "serial")
    facts = gate.page.verdict.facts()
    assert (facts.meaning, facts.word, facts.reason) == ("admit", "Come in", "Full price")
    assert facts.advice == "Check: student card"
    assert gate.page.verdict.isVisible()
    assert not gate.page.camera.isVisible()
    assert gate.page.small_camera.isVisible()
    gate.wait(8)
    assert gate.page.camera.isVisible()


def test_a_check_is_never_shown_as_come_in(qtbot: QtBot) -> None:
    gate = Gate(qtbot, ok=decision(Verdict.ADMIT))
    gate.page.mode.set_current("check")
    gate.page.handle_scan("ok", "serial")
    facts = gate.page.verdict.facts()
    assert (facts.meaning, facts.word) == ("info", "Valid")
    assert "nothing was used up" in facts.advice
    assert gate.kit.keeper.asked[0][0] == "check"


def test_the_exit_switch_turns_scans_into_exits(qtbot: QtBot) -> None:
    gate = Gate(qtbot, out=decision(Verdict.EXIT, severity=Severity.INFO))
    gate.page.direction.set_current("exit")
    gate.page.handle_scan("out", "serial")
    assert gate.word == "Goodbye"
    assert gate.page.enter_button.text() == "Let out"


def test_two_scans_at_once_are_shown_one_after_the_other(qtbot: QtBot) -> None:
    runner = ManualRunner()
    gate = Gate(qtbot, runner=runner, one=decision(Verdict.ADMIT), two=decision(Verdict.ALREADY_USED))
    runner.run_all()
    gate.page.handle_scan("one", "serial")
    gate.page.handle_scan("two", "wedge")
    runner.run_all()
    assert gate.word == "Come in"
    gate.wait(0.5)
    runner.run_all()
    assert gate.word == "Come in"
    gate.wait(0.2)
    runner.run_all()
    assert gate.word == "Already used"


def test_a_typed_reference_lets_in_and_the_field_is_empty_again(qtbot: QtBot) -> None:
    gate = Gate(qtbot, **{SERIAL: decision(Verdict.ADMIT)})
    gate.kit.keeper.tickets = [ticket()]
    gate.page.entry.setFocus()
    qtbot.keyClicks(gate.page.entry, short_reference(SERIAL))
    qtbot.keyClick(gate.page.entry, Qt.Key.Key_Return)
    assert gate.word == "Come in"
    assert gate.page.entry.text() == ""


def test_a_typed_reference_that_nobody_has_stays_in_the_field_to_be_corrected(qtbot: QtBot) -> None:
    gate = Gate(qtbot)
    qtbot.keyClicks(gate.page.entry, short_reference(SERIAL))
    gate.page.enter_button.click()
    assert gate.page.message.title() == "No such ticket"
    assert gate.page.entry.text() == short_reference(SERIAL)
    assert not gate.page.verdict.isVisible()


def test_several_tickets_are_offered_and_the_chosen_one_is_let_in(qtbot: QtBot) -> None:
    other = "ffeeddccbbaa9988"
    gate = Gate(qtbot, **{other: decision(Verdict.ADMIT)})
    shared = short_reference(SERIAL)
    gate.kit.keeper.tickets = [ticket(), ticket(other, shared, product=make_product(name="Child"))]
    gate.page.entry.setText(shared)
    gate.page.enter_button.click()
    assert gate.page.hits_panel.is_open()
    gate.page.hits_panel._list.column.itemAt(1).widget().click()
    assert not gate.page.hits_panel.is_open()
    assert gate.word == "Come in"
    assert gate.kit.keeper.asked[-1][1].serial == other


def test_the_last_admission_is_undone_with_a_reason(qtbot: QtBot) -> None:
    gate = Gate(qtbot, ok=decision(Verdict.ADMIT))
    gate.page.handle_scan("ok", "serial")
    gate.page.scans.undo.click()
    assert gate.page.scan_panel.is_open()
    gate.page.scan_panel.reasons[1].click()
    gate.page.scan_panel.undo.click()
    assert gate.kit.keeper.undone == [(SERIAL, "did_not_pass")]
    assert [row.undone for row in gate.page.scans.shown()] == [True]
    assert not gate.page.scans.undo.isEnabled()


def test_words_typed_as_a_reason_go_before_the_chosen_one(qtbot: QtBot) -> None:
    gate = Gate(qtbot, ok=decision(Verdict.ADMIT))
    gate.page.handle_scan("ok", "serial")
    gate.page._undo_last()
    gate.page.scan_panel.other.set_text("Alarm, everybody out")
    gate.page.scan_panel.undo.click()
    assert gate.kit.keeper.undone == [(SERIAL, "Alarm, everybody out")]


def test_a_refused_scan_can_be_looked_at_but_not_undone(qtbot: QtBot) -> None:
    gate = Gate(qtbot, used=decision(Verdict.ALREADY_USED))
    gate.page.handle_scan("used", "serial")
    gate.page.scans._rows[0].click()
    assert gate.page.scan_panel.is_open()
    assert not gate.page.scan_panel.undo.isVisible()
    assert gate.page.go_back()
    assert not gate.page.scan_panel.is_open()
    assert not gate.page.go_back()


def test_a_turnstile_fault_stands_below_and_the_verdict_stays(qtbot: QtBot) -> None:
    gate = Gate(qtbot, ok=decision(Verdict.ADMIT))
    gate.presenter.device_changed(DeviceStatus("turnstile", "ready"))
    gate.kit.turnstile_fault = DeviceFault("TURNSTILE_LOST", device="turnstile")
    gate.page.handle_scan("ok", "serial")
    assert gate.page.message.title() == "The turnstile does not answer"
    assert gate.page.verdict.facts().meaning == "admit"


def test_a_lost_camera_is_said_and_the_scanner_is_named_instead(qtbot: QtBot) -> None:
    gate = Gate(qtbot)
    gate.page._framed(frame())
    gate.presenter.device_changed(DeviceStatus("scanner", "listening"))
    gate.presenter.device_changed(DeviceStatus("camera", "lost", "CAMERA_LOST"))
    assert "Camera: lost" in gate.page.listening.texts()
    assert not gate.page.camera.has_picture()
    assert gate.page.verdict.facts().reason == "Hold the code to the scanner"
    assert gate.page.message.title() == "The camera went away"


def test_numbers_of_this_gate_and_of_all_gates_are_shown(qtbot: QtBot) -> None:
    gate = Gate(qtbot)
    assert gate.page.numbers.inside.texts() == ("Inside", "176", "391 in all")
    assert gate.page.numbers.expected.texts() == ("Expected", "216", "")


def test_the_performance_is_chosen_in_the_setup_panel(qtbot: QtBot) -> None:
    gate = Gate(qtbot)
    gate.page.place.click()
    select = gate.page.setup_panel.performance.select
    select.setCurrentIndex(select.findData("HAMLET-2"))
    select.activated.emit(select.currentIndex())
    assert gate.kit.settings.stored == [("gate.performance", "HAMLET-2")]
    assert "Hamlet" in gate.page.place.text()


def test_a_new_verdict_closes_the_panel_that_would_hide_it(qtbot: QtBot) -> None:
    gate = Gate(qtbot, ok=decision(Verdict.ADMIT))
    gate.page.place.click()
    assert gate.page.setup_panel.is_open()
    gate.page.handle_scan("ok", "serial")
    assert not gate.page.setup_panel.is_open()
    assert gate.page.verdict.isVisible()


def test_a_long_name_of_a_performance_never_widens_the_page(qtbot: QtBot) -> None:
    gate = Gate(qtbot)
    gate.page.resize(728, 700)
    long = "The Most Lamentable Comedy and Most Cruel Death of Pyramus and Thisbe, in Five Acts " * 2
    gate.kit.settings.values["gate.performance"] = long
    gate.presenter.reload()
    assert gate.page.place.text().endswith("…")
    assert gate.page.minimumSizeHint().width() <= 728


def test_somebody_who_may_only_check_gets_the_check_mode(qtbot: QtBot) -> None:
    from domain.actor import Role

    support = Actor(user="u", roles=frozenset({Role.SUPPORT}))
    gate = Gate(qtbot, actor=support, ok=decision(Verdict.ADMIT))
    assert not gate.page.mode.isEnabled()
    gate.page.handle_scan("ok", "serial")
    assert gate.kit.keeper.asked[0][0] == "check"


def test_codes_and_pictures_cross_over_from_the_threads_of_devices(qtbot: QtBot) -> None:
    gate = Gate(qtbot, ok=decision(Verdict.ADMIT))
    devices = gate.kit.devices
    assert devices.scanned is not None
    assert devices.framed is not None
    scanned, framed = devices.scanned, devices.framed

    def work() -> None:
        for _ in range(50):
            framed(frame())
        scanned(ScannedText("ok", "camera"))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert gate.kit.keeper.asked == []
    qtbot.waitUntil(lambda: gate.word == "Come in")
    assert gate.page.camera.has_picture()


def test_after_leaving_nothing_arrives_any_more(qtbot: QtBot) -> None:
    gate = Gate(qtbot, ok=decision(Verdict.ADMIT))
    scanned = gate.kit.devices.scanned
    assert scanned is not None
    scanned(ScannedText("ok", "camera"))
    gate.page.on_leave()
    QApplication.processEvents()
    scanned(ScannedText("ok", "camera"))
    QApplication.processEvents()
    assert gate.kit.keeper.asked == []
    assert not gate.kit.devices.running


@pytest.fixture
def wedge(qapp: QApplication, qtbot: QtBot) -> Iterator["Wedge"]:
    made = Wedge(qapp, qtbot)
    yield made
    made.filter.uninstall()


class Wedge:
    """A keyboard scanner on the gate's window, with the filter of the program."""

    def __init__(self, app: QApplication, qtbot: QtBot) -> None:
        self.code = make_code_text()
        self.gate = Gate(qtbot, actor=GATE_ACTOR, **{self.code: decision(Verdict.ADMIT)})
        self.ms = 1000
        self.filter = WedgeFilter(
            app, WedgeRecogniser(), KeyEvent, lambda text: self.gate.page.handle_scan(text, "wedge"),
            lambda: self.ms,
        )  # fmt: skip
        self.gate.page.activateWindow()
        qtbot.waitUntil(self.gate.page.isActiveWindow)

    def type(self, text: str, gap_ms: int) -> None:
        for letter in text:
            self.ms += gap_ms
            key = Qt.Key.Key_Return if letter == "\r" else Qt.Key(ord(letter))
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, letter)
                event.setTimestamp(self.ms)
                QApplication.sendEvent(self.gate.page.windowHandle(), event)


@pytest.mark.parametrize("where", ["entry", "enter_button", "place"])
def test_a_keyboard_scanner_lets_in_wherever_the_focus_is_and_types_nothing(wedge: Wedge, where: str) -> None:
    getattr(wedge.gate.page, where).setFocus()
    wedge.type(wedge.code + "\r", gap_ms=4)
    assert wedge.gate.word == "Come in"
    assert wedge.gate.page.entry.text() == ""
    assert not wedge.gate.page.setup_panel.is_open()
    assert [scan.via for _, scan in wedge.gate.kit.keeper.asked] == ["wedge"]


def test_a_person_types_into_the_same_field(wedge: Wedge) -> None:
    wedge.gate.page.entry.setFocus()
    wedge.type("ABC", gap_ms=180)
    wedge.ms += 500
    wedge.filter._timed_out()
    wedge.ms += 20
    wedge.filter._timed_out()
    assert wedge.gate.page.entry.text() == "ABC"
    assert wedge.gate.kit.keeper.asked == []


@pytest.mark.parametrize("size", [(952, 536), (1158, 704), (728, 1216), (1712, 1016)])
@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.REPEAT])
def test_the_whole_verdict_fits_at_every_size(qtbot: QtBot, verdict: Verdict, size: tuple[int, int]) -> None:
    gate = Gate(qtbot, code=decision(verdict))
    gate.page.resize(*size)
    gate.page.handle_scan("code", "serial")
    QApplication.processEvents()
    panel = gate.page.verdict
    assert panel.width() >= 0.5 * size[0]
    assert panel.height() >= 0.4 * size[1]
    assert gate.page.rect().contains(panel.mapTo(gate.page, panel.rect().bottomRight()))


@pytest.mark.parametrize("size", [(952, 536), (1158, 704), (728, 1216)])
def test_no_words_are_cut_off_even_when_they_are_much_longer(
    qtbot: QtBot, qapp: QApplication, size: tuple[int, int]
) -> None:
    translator = PseudoTranslator()
    qapp.installTranslator(translator)
    try:
        gate = Gate(qtbot, ok=decision(Verdict.ADMIT))
        gate.page.resize(*size)
        gate.page.handle_scan("ok", "serial")
        for _ in range(4):  # wrapped words settle their heights in a few rounds
            QApplication.processEvents()
        assert cut_texts(gate.page) == []
        assert gate.page.width() == size[0]
    finally:
        qapp.removeTranslator(translator)
