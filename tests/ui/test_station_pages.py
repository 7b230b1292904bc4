"""Sync, devices and settings: presenters on plain lists and their windows off screen."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.services.facade import DeviceStatus, Frame, ScannedText, SyncView
from app.services.lease_view import LeaseRow
from app.services.views import JournalRow
from app.services.views_sync import HeldRow, WhyHeld
from domain.errors import DeviceFault, Fault, Refusal
from domain.kinds import SHAPES
from tests.builders import NOW
from tests.ui.gate_kit import SUPERVISOR, FakeFacts, Kit
from tests.ui.whole import cut_texts
from ui.i18n import PseudoTranslator
from ui.running import InlineRunner, ManualRunner
from ui.station import words
from ui.station.devices_page import DevicesPage
from ui.station.devices_presenter import DevicesPresenter
from ui.station.journal_table import HASH, HUB, NUMBER, TIME, WHAT, WHO
from ui.station.settings_page import SettingsPage
from ui.station.settings_presenter import GROUPS, SettingsPresenter
from ui.station.sync_page import SyncPage
from ui.station.sync_presenter import SyncPresenter
from ui.widgets.labels import PlainLabel

UNTIL = NOW + timedelta(hours=2)


def rows() -> list[JournalRow]:
    kinds = ["admitted", "refused", "order_sold"]
    return [
        JournalRow(9 - n, f"e{n}", kinds[n % 3], NOW - timedelta(hours=9 * n), "u-otto" if n else None,
                   f"{n:08x}", n > 1)
        for n in range(6)
    ]  # fmt: skip


def sync_view(**changes: Any) -> SyncView:
    plain = {
        "mode": "live", "code": None, "since_at": None, "last_contact_at": "2026-11-21T18:44:58.000Z",
        "waiting": 0, "held": 0, "conflicts": 0, "offset_ms": 12, "incarnation": "7f3a", "schema": "1",
    }  # fmt: skip
    return SyncView(**plain | changes)


class Sync:
    """The sync page on a kit."""

    def __init__(self, qtbot: QtBot, to_conflicts: Any = None, **changes: Any) -> None:
        self.kit = Kit(facts=FakeFacts(rows()))
        self.kit.sync.state = sync_view(**changes)
        self.presenter = SyncPresenter(self.kit.services(), InlineRunner(), lambda: "en", "/srv/gatehouse")
        self.page = SyncPage(self.presenter, to_conflicts)
        qtbot.addWidget(self.page)
        self.page.resize(1200, 800)
        self.page.show()
        self.page.on_enter()

    def cell(self, row: int, column: int) -> str:
        model = self.page.table.rows
        return str(model.data(model.index(row, column)))


class TestSyncPage:
    """What the sync badge opens."""

    def test_a_live_station_says_so_in_words(self, qtbot: QtBot) -> None:
        page = Sync(qtbot).page
        assert page.pill.text() == "Live"
        assert page.state_words.whole_text() == "Connected to the hub"
        assert page.sync_facts.fact("Last contact") == "19:44:58"
        assert page.sync_facts.fact("Clock against the hub") == "right, to 12 ms"

    def test_offline_says_since_when_and_how_much_waits(self, qtbot: QtBot) -> None:
        sync = Sync(
            qtbot, mode="offline", code="HUB_UNREACHABLE", since_at="2026-11-21T12:04:00.000Z", waiting=12
        )
        assert sync.page.state_words.whole_text() == "Offline since 13:04:00"
        assert sync.page.waiting.number.whole_text() == "12"
        assert sync.page.state_text.whole_text()

    @pytest.mark.parametrize(
        ("mode", "pill"), [("alone", "Alone"), ("connecting", "Connecting"), ("refused", "Refused")]
    )
    def test_every_state_has_its_word(self, qtbot: QtBot, mode: str, pill: str) -> None:
        page = Sync(qtbot, mode=mode, code="HUB_REFUSED" if mode == "refused" else None).page
        assert page.pill.text() == pill
        assert page.state_words.whole_text()
        assert page.sync_button.isEnabled() is (mode != "alone")

    @pytest.mark.parametrize(("offset", "word"), [(4200, "behind"), (-4200, "ahead")])
    def test_a_clock_that_is_wrong_is_said_with_its_direction(
        self, qtbot: QtBot, offset: int, word: str
    ) -> None:
        said = Sync(qtbot, offset_ms=offset).page.sync_facts.fact("Clock against the hub")
        assert said.startswith(f"4 s {word}")

    def test_places_held_here_are_shown_with_how_long(self, qtbot: QtBot) -> None:
        sync = Sync(qtbot)
        assert sync.page.places.lines == []
        evening = LeaseRow("Hamlet", "Гамлет", NOW + timedelta(minutes=15), "", 12, 140, UNTIL)
        balcony = LeaseRow("Hamlet", "Гамлет", NOW + timedelta(days=1), "Balcony", 0, 3, None)
        sync.kit.leases = [evening, balcony]
        sync.kit.sync.change(sync_view())
        qtbot.waitUntil(lambda: len(sync.page.places.lines) == 2)
        assert sync.page.places.lines == [
            "Hamlet: 12 here · 140 in all, until 21:45",
            "Hamlet · Balcony: 0 here · 3 in all, time is over",
        ]

    def test_uses_of_promo_codes_are_shown_as_what_they_are(self, qtbot: QtBot) -> None:
        sync = Sync(qtbot)
        sync.kit.leases = [LeaseRow("Hamlet", "", None, "Spring", 5, 10, UNTIL, is_promo=True)]
        sync.presenter.refresh()
        assert sync.page.places.lines == ["Hamlet · Spring: 5 here · 10 in all, until 21:45"]
        shown = [label.whole_text() for label in sync.page.places.findChildren(PlainLabel)]
        assert "Uses of a promo code" in shown

    def test_held_leads_to_what_is_held_and_why(self, qtbot: QtBot) -> None:
        sync = Sync(qtbot, held=2)
        sync.kit.held = [
            HeldRow("e1", "order_sold", 2, "Till 2", 17, NOW, WhyHeld.NEWER),
            HeldRow("e2", "", 0, "Till 3", 4, None, WhyHeld.ASIDE, "BAD_SIGNATURE"),
        ]
        assert sync.page.held.way.isVisible()
        sync.page.held.way.click()
        panel = sync.page.held_panel
        assert panel.is_open()
        first, second = panel.lines
        assert first.startswith("Order sold: Till 2, number 17")
        assert "newer program" in first
        assert "Till 3, number 4 · –" in second
        assert sync.page.go_back()
        assert not sync.page.go_back()

    def test_nothing_held_leads_nowhere(self, qtbot: QtBot) -> None:
        page = Sync(qtbot).page
        assert not page.held.way.isVisible()
        page._open_held()
        assert page.held_panel.lines == []

    def test_conflicts_lead_to_the_desk_for_whoever_may_go_there(self, qtbot: QtBot) -> None:
        gone: list[str] = []
        sync = Sync(qtbot, conflicts=3, to_conflicts=lambda: gone.append("desk"))
        sync.page.conflicts.way.click()
        assert gone == ["desk"]
        assert not Sync(qtbot, conflicts=3).page.conflicts.way.isVisible()

    def test_a_snapshot_shows_how_far_it_is(self, qtbot: QtBot) -> None:
        page = Sync(qtbot, mode="connecting", snapshot=(300, 1200)).page
        assert page.snapshot_bar.isVisible()
        assert "25 %" in page.snapshot_text.whole_text()
        page.show_sync(page._presenter._sync_model(sync_view()))
        assert not page.snapshot_bar.isVisible()

    def test_waiting_entries_can_be_written_to_a_file(
        self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sync = Sync(qtbot, mode="offline", waiting=12)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("/stick/waiting.json", ""))
        sync.page.export_button.click()
        assert sync.kit.files.paths == ["/stick/waiting.json"]
        assert sync.page.message.isVisible()
        assert not Sync(qtbot, waiting=0).page.export_button.isEnabled()

    def test_another_stations_entries_can_be_taken_in(
        self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sync = Sync(qtbot)
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/stick/waiting.json", ""))
        sync.page.import_button.click()
        assert sync.kit.files.paths == ["/stick/waiting.json"]
        assert sync.kit.sync.asked == 1

    def test_a_file_that_is_not_taken_says_why_in_place(
        self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sync = Sync(qtbot)
        sync.kit.files.error = Refusal("WAITING_FORGED", number=3)
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/stick/waiting.json", ""))
        sync.page.import_button.click()
        assert sync.page.message.isVisible()
        assert sync.kit.sync.asked == 0

    def test_no_file_chosen_does_nothing(self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        sync = Sync(qtbot, waiting=3)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
        sync.page.export_button.click()
        assert sync.kit.files.paths == []

    @pytest.mark.parametrize("size", [(1024, 600), (800, 1280)])
    def test_everything_can_be_read_in_a_small_window(self, qtbot: QtBot, size: tuple[int, int]) -> None:
        sync = Sync(
            qtbot, mode="offline", waiting=3, held=2, conflicts=1, snapshot=(1, 2), to_conflicts=lambda: None
        )
        sync.kit.leases = [
            LeaseRow("Hamlet", "", NOW + timedelta(minutes=15), "Balcony left", 12, 140, UNTIL)
        ]
        sync.presenter.refresh()
        sync.page.resize(*size)
        QApplication.processEvents()
        assert cut_texts(sync.page) == []

    def test_sync_now_asks_the_driver(self, qtbot: QtBot) -> None:
        sync = Sync(qtbot)
        sync.page.sync_button.click()
        assert sync.kit.sync.asked == 1

    def test_changes_from_the_drivers_thread_are_shown_on_the_windows(self, qtbot: QtBot) -> None:
        sync = Sync(qtbot)
        thread = threading.Thread(target=sync.kit.sync.change, args=(sync_view(waiting=3),))
        thread.start()
        thread.join()
        qtbot.waitUntil(lambda: sync.page.waiting.number.whole_text() == "3")

    def test_leaving_the_page_ends_the_subscription(self, qtbot: QtBot) -> None:
        sync = Sync(qtbot)
        sync.page.on_leave()
        assert sync.kit.sync.listeners == []

    def test_the_journal_shows_number_time_kind_person_hash_and_hub(self, qtbot: QtBot) -> None:
        sync = Sync(qtbot)
        shown = [sync.cell(1, column) for column in (NUMBER, TIME, WHAT, WHO, HASH, HUB)]
        assert shown == ["8", "10:45:00", "Scan refused", "Otto", "00000001", "waiting"]
        assert sync.cell(0, WHO) == "this station"
        assert sync.cell(2, HUB) == "at the hub"
        assert sync.cell(3, TIME).startswith("yesterday, ")

    def test_the_journal_can_be_narrowed_to_one_kind(self, qtbot: QtBot) -> None:
        sync = Sync(qtbot)
        sync.page.kinds.setCurrentIndex(sync.page.kinds.findData("refused"))
        sync.page.kinds.activated.emit(sync.page.kinds.currentIndex())
        assert {sync.cell(row, WHAT) for row in range(sync.page.table.rows.rowCount())} == {"Scan refused"}
        assert sync.kit.facts.asked[-1] == (200, "refused")

    def test_the_station_and_its_folder_are_named(self, qtbot: QtBot) -> None:
        facts = Sync(qtbot).page.station_facts
        assert facts.fact("Receipt prefix") == "G1"
        assert facts.fact("Data folder") == "/srv/gatehouse"

    def test_a_journal_that_cannot_be_read_is_said_in_place(self, qtbot: QtBot) -> None:
        sync = Sync(qtbot)

        def broken(limit: int = 100, kind: str | None = None) -> Any:
            raise Fault("STORE_DAMAGED")

        sync.kit.facts.journal = broken  # type: ignore[method-assign]
        sync.presenter.refresh()
        assert sync.page.message.isVisible()

    def test_an_answer_that_comes_after_leaving_is_not_shown(self, qtbot: QtBot) -> None:
        kit, runner = Kit(facts=FakeFacts(rows())), ManualRunner()
        presenter = SyncPresenter(kit.services(), runner, lambda: "en")
        page = SyncPage(presenter)
        qtbot.addWidget(page)
        page.on_enter()
        page.on_leave()
        runner.run_all()
        assert page.table.rows.rowCount() == 0

    def test_every_kind_of_entry_has_words(self) -> None:
        assert [kind for kind, _ in SHAPES if words.kind_words(kind) == kind] == []


class Devices:
    """The devices page on a kit."""

    def __init__(self, qtbot: QtBot, kit: Kit | None = None) -> None:
        self.kit = kit or Kit()
        self.presenter = DevicesPresenter(
            self.kit.services(), InlineRunner(), lambda: SUPERVISOR, lambda: "en"
        )
        self.page = DevicesPage(self.presenter)
        qtbot.addWidget(self.page)
        self.page.resize(1200, 900)
        self.page.show()
        self.page.on_enter()


class TestDevicesPage:
    """Cameras, scanners, turnstile, printer."""

    def test_every_device_says_its_state_in_a_word(self, qtbot: QtBot) -> None:
        page = Devices(qtbot).page
        said = {name: card.pill.text() for name, card in page.cards.items() if not card.pill.isHidden()}
        assert said == {
            "camera": "Camera: listening", "scanner": "Scanner: none", "turnstile": "Turnstile: none",
            "printer": "Printer: ready", "keyboard": "Keyboard: listening",
        }  # fmt: skip

    def test_a_test_that_goes_well_says_so(self, qtbot: QtBot) -> None:
        devices = Devices(qtbot)
        devices.page.cards["camera"].test_button.click()
        assert devices.kit.devices.tested == ["camera"]
        assert devices.page.cards["camera"].message.title() == "It works"

    def test_a_test_that_fails_gives_plain_advice(self, qtbot: QtBot) -> None:
        kit = Kit()
        kit.devices.faults["turnstile"] = DeviceFault("TURNSTILE_LOST", device="turnstile")
        page = Devices(qtbot, kit).page
        page.cards["turnstile"].test_button.click()
        assert page.cards["turnstile"].message.title() == "The turnstile does not answer"
        assert page.cards["turnstile"].test_button.isEnabled()

    def test_a_lost_device_brings_its_advice_and_loses_it_when_it_is_back(self, qtbot: QtBot) -> None:
        devices = Devices(qtbot)
        card = devices.page.cards["scanner"]
        devices.presenter.device_changed(DeviceStatus("scanner", "lost", "SCANNER_LOST", "COM3"))
        assert (card.pill.text(), card.message.title()) == ("Scanner: lost", "The scanner went away")
        devices.presenter.device_changed(DeviceStatus("scanner", "listening"))
        assert card.message.title() == ""

    def test_what_is_plugged_in_is_offered_and_kept_at_a_press(self, qtbot: QtBot) -> None:
        devices = Devices(qtbot)
        row = devices.page.row("scanner.port")
        row._offers_row.itemAt(0).widget().click()
        assert devices.kit.settings.stored == [("scanner.port", "/dev/ttyACM0")]
        assert row.source.text() == "Set here"
        assert row.value() == "/dev/ttyACM0"

    def test_a_new_setting_opens_the_devices_anew(self, qtbot: QtBot) -> None:
        devices = Devices(qtbot)
        devices.kit.devices.running = False
        devices.presenter.keep("camera.source", "1")
        assert devices.kit.devices.running

    def test_a_number_that_is_none_is_refused_beside_its_field(self, qtbot: QtBot) -> None:
        devices = Devices(qtbot)
        row = devices.page.row("scanner.baud")
        assert row.edit is not None
        row.edit.setText("fast")
        row.edit.editingFinished.emit()
        assert "whole number" in row.refusal()
        row.edit.setFocus()
        qtbot.keyClick(row.edit, Qt.Key.Key_Backspace)
        assert row.refusal() == ""

    def test_a_scanned_code_shows_that_the_scanner_works_and_only_its_beginning(self, qtbot: QtBot) -> None:
        devices = Devices(qtbot)
        assert devices.page.handle_scan("ABCDEFGHIJKLMNOP", "wedge")
        message = devices.page.cards["keyboard"].message
        assert message.title() == "A code arrived"
        assert "ABCDEFGH…" in message.accessibleName()
        assert "IJKL" not in message.accessibleName()

    def test_the_camera_shows_its_picture(self, qtbot: QtBot) -> None:
        devices = Devices(qtbot)
        framed, scanned = devices.kit.devices.framed, devices.kit.devices.scanned
        assert framed is not None
        assert scanned is not None
        framed(Frame(2, 2, bytes(12)))
        scanned(ScannedText("A" * 20, "camera"))
        QApplication.processEvents()
        assert devices.page.preview.has_picture()
        assert devices.page.cards["camera"].message.title() == "A code arrived"

    def test_leaving_the_page_closes_the_devices(self, qtbot: QtBot) -> None:
        devices = Devices(qtbot)
        devices.page.on_leave()
        assert not devices.kit.devices.running


class Settings:
    """The settings page on a kit."""

    def __init__(self, qtbot: QtBot, **sources: str) -> None:
        self.kit = Kit()
        self.kit.settings.sources.update({name.replace("__", "."): value for name, value in sources.items()})
        self.applied: list[tuple[str, str]] = []
        presenter = SettingsPresenter(
            self.kit.services(),
            InlineRunner(),
            lambda: SUPERVISOR,
            lambda: "en",
            lambda *kept: self.applied.append(kept),
        )
        self.page = SettingsPage(presenter)
        qtbot.addWidget(self.page)
        self.page.show()
        self.page.on_enter()


class TestSettingsPage:
    """Label, control, source; refusals in place."""

    def test_a_choice_is_kept_at_once_and_the_window_follows(self, qtbot: QtBot) -> None:
        settings = Settings(qtbot)
        choice = settings.page.row("theme").choice
        assert choice is not None
        choice.set_current("dark")
        assert settings.kit.settings.stored == [("theme", "dark")]
        assert settings.applied == [("theme", "dark")]
        assert settings.page.row("theme").source.text() == "Set here"

    def test_what_comes_from_the_environment_can_only_be_read(self, qtbot: QtBot) -> None:
        row = Settings(qtbot, print__folder="environment").page.row("print.folder")
        assert row.edit is not None
        assert not row.edit.isEnabled()
        assert row.source.text() == "From the environment"

    def test_a_value_that_does_not_fit_is_refused_in_place_and_not_kept(self, qtbot: QtBot) -> None:
        settings = Settings(qtbot)
        row = settings.page.row("gate.early_minutes")
        assert row.edit is not None
        row.edit.setText("soon")
        row.edit.editingFinished.emit()
        assert "whole number" in row.refusal()
        assert row.edit.text() == "soon"
        assert settings.applied == []

    def test_a_field_left_as_it_was_keeps_nothing(self, qtbot: QtBot) -> None:
        settings = Settings(qtbot)
        row = settings.page.row("gate.code")
        assert row.edit is not None
        row.edit.editingFinished.emit()
        assert settings.kit.settings.stored == []

    def test_every_setting_of_the_page_has_words(self) -> None:
        names = [name for group in GROUPS.values() for name in group]
        assert [name for name in names if words.setting_label(name) == name] == []


@pytest.mark.parametrize("width", [952, 1158, 728])
@pytest.mark.parametrize("which", [Sync, Devices, Settings])
def test_no_words_are_cut_off_even_when_they_are_much_longer(
    qtbot: QtBot, qapp: QApplication, which: Any, width: int
) -> None:
    translator = PseudoTranslator()
    qapp.installTranslator(translator)
    try:
        page = which(qtbot).page
        page.resize(width, 900)
        for _ in range(4):  # wrapped words settle their heights in a few rounds
            QApplication.processEvents()
        assert cut_texts(page) == []
    finally:
        qapp.removeTranslator(translator)
