"""Ready for doors: the page over a real station, in every size and language, and its light on the rail."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bootstrap import Station, create_station
from app.services.health import AMBER, DEVICES, GREEN, NAMES, RED, Check, Readiness
from app.settings import Settings
from domain.actor import NOBODY, Actor, Role
from domain.errors import DeviceFault, Fault, Refusal
from tests.builders import FakeClock, seeded_random_bytes
from tests.ui.whole import cut_texts
from ui.i18n import Languages, PseudoTranslator
from ui.running import InlineRunner, ManualRunner, ManualTimers
from ui.station import words
from ui.station.health_page import HealthPage
from ui.station.health_presenter import SHOWN_MS, WATCHED_MS, HealthPresenter

GATE = Actor(user="00000000-0000-4000-8000-000000000001", login="otto", roles=frozenset({Role.GATE}))

EVERYTHING_WRONG = (
    Check("hub", AMBER, "offline", Fault("HUB_UNREACHABLE")),
    Check("data age", RED, "1600 min", Fault("DATA_OLD", hours=26)),
    Check("places", AMBER, "0 here", Refusal("NO_PLACES_HERE", count=2)),
    Check("clock", RED, "", Fault("CLOCK_BEHIND", minutes=12)),
    Check("disk", AMBER, "900 MB free", Fault("DISK_LOW", megabytes=900)),
    Check("backup", AMBER, "", Refusal("BACKUP_OLD", days=12)),
    Check("print queue", AMBER, "", Refusal("PRINTS_WAITING", count=3)),
    Check("printer", RED, "", Fault("NO_PRINTER")),
    Check("camera", RED, "0", DeviceFault("CAMERA_LOST", device="camera", source="0")),
    Check("scanner", AMBER, "/dev/ttyACM0", Refusal("DEVICE_UNTRIED", device="scanner")),
    Check("turnstile", GREEN, "not set up"),
    Check("sound", AMBER, "off", Refusal("SOUND_OFF")),
    Check("certificate", AMBER, "", Refusal("CERTIFICATE_ENDS", days=9)),
    Check("root key", AMBER, "", Refusal("NO_ROOT_KEY")),
    Check("recovery key", AMBER, "", Refusal("NO_RECOVERY_WRAP")),
    Check("keystore", AMBER, "file", Refusal("KEYSTORE_IS_FILE")),
    Check("restored", RED, "", Refusal("RESTORED_ENROL")),
)
ALL_GREEN = tuple(Check(name, GREEN) for name in NAMES if name != "restored")


@dataclass
class Checked:
    """Says what it was told to say."""

    checks: Sequence[Check] = EVERYTHING_WRONG
    tried: list[str] = field(default_factory=list)

    @property
    def check_readiness(self) -> "Checked":
        return self

    def __call__(self, actor: Actor) -> Readiness:
        return Readiness(self.checks)

    def try_device(self, device: str, actor: Actor) -> Check:
        self.tried.append(device)
        return Check(device, GREEN)


def page_of(
    qtbot: QtBot, checked: Checked, size: tuple[int, int] = (1100, 800), lang: str = "en"
) -> HealthPage:
    presenter = HealthPresenter(checked, InlineRunner(), ManualTimers(), lambda: GATE, lambda: lang)
    page = HealthPage(presenter)
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    page.on_enter()
    for _ in range(5):  # rows, then their heights, then the columns
        QApplication.processEvents()
    return page


def test_one_green_light_when_all_is_well(qtbot: QtBot) -> None:
    page = page_of(qtbot, Checked(ALL_GREEN))
    assert page.light.state() == "green"
    assert page.verdict.whole_text() == "Ready for doors"
    assert page.advice.whole_text() == "Everything is in order."
    assert set(page.rows) == set(NAMES) - {"restored"}


def test_what_is_red_is_counted_and_comes_first_with_its_advice(qtbot: QtBot) -> None:
    page = page_of(qtbot, Checked())
    assert page.light.state() == "red"
    assert page.verdict.whole_text() == "Not ready: 5 things"
    assert page.advice.whole_text() == "11 things to look at when there is time."
    first = next(iter(page.rows))
    assert (first, page.rows[first].line.title) == ("data age", "The data is old")
    assert page.rows["data age"].line.text.startswith("Last contact with the hub 26\u00a0hours ago.")
    assert page.rows["turnstile"].line.absent


def test_amber_alone_does_not_keep_the_doors_shut(qtbot: QtBot) -> None:
    amber = [check for check in EVERYTHING_WRONG if check.state != RED]
    page = page_of(qtbot, Checked(amber))
    assert page.light.state() == "amber"
    assert page.verdict.whole_text() == "Ready for doors"


def test_a_device_is_tried_by_its_button_and_all_but_the_turnstile_by_one(qtbot: QtBot) -> None:
    checked = Checked([Check(name, AMBER, "x", Refusal("DEVICE_UNTRIED", device=name)) for name in DEVICES])
    page = page_of(qtbot, checked)
    page.rows["turnstile"].test.click()
    assert checked.tried == ["turnstile"]
    page.test_all.click()
    assert checked.tried == ["turnstile", "printer", "camera", "scanner"]


def test_a_test_in_hand_is_not_begun_twice(qtbot: QtBot) -> None:
    checked = Checked([Check("camera", AMBER, "0", Refusal("DEVICE_UNTRIED", device="camera"))])
    runner = ManualRunner()
    presenter = HealthPresenter(checked, runner, ManualTimers(), lambda: GATE, lambda: "en")
    page = HealthPage(presenter)
    qtbot.addWidget(page)
    page.on_enter()
    runner.run_all()
    presenter.test("camera")
    presenter.test("camera")
    assert not page.rows["camera"].test.isEnabled()
    runner.run_all()
    assert checked.tried == ["camera"]
    assert page.rows["camera"].test.isEnabled()


def test_it_looks_again_while_it_is_in_front_and_less_often_else(qtbot: QtBot) -> None:
    timers, told = ManualTimers(), []
    checked = Checked(ALL_GREEN)
    presenter = HealthPresenter(
        checked, InlineRunner(), timers, lambda: GATE, lambda: "en", lambda: told.append(presenter.red)
    )
    presenter.watch()
    assert presenter.red == 0
    checked.checks = EVERYTHING_WRONG
    timers.advance(SHOWN_MS)
    assert presenter.red == 0
    timers.advance(WATCHED_MS)
    assert (presenter.red, told) == (5, [5])
    page = HealthPage(presenter)
    qtbot.addWidget(page)
    page.on_enter()
    checked.checks = ALL_GREEN
    timers.advance(SHOWN_MS)
    assert (page.light.state(), told) == ("green", [5, 0])


def test_nobody_is_told_before_somebody_signs_in() -> None:
    checked = Checked()
    presenter = HealthPresenter(checked, InlineRunner(), ManualTimers(), lambda: NOBODY, lambda: "en")
    presenter.watch()
    assert presenter.red == 0


@pytest.mark.parametrize("size", [(1024, 600), (800, 1280), (1366, 768)])
@pytest.mark.parametrize("lang", ["en", "ru", "pseudo"])
def test_nothing_is_cut_off(qtbot: QtBot, qapp: QApplication, size: tuple[int, int], lang: str) -> None:
    pseudo, languages = PseudoTranslator(), Languages(qapp, Path("resources/i18n"))
    if lang == "pseudo":
        QCoreApplication.installTranslator(pseudo)
    else:
        languages.set(lang)
    try:
        page = page_of(qtbot, Checked(), size, lang)
        assert cut_texts(page) == []
    finally:
        QCoreApplication.removeTranslator(pseudo)
        languages.close()


def test_every_check_has_words() -> None:
    assert [name for name in NAMES if words.check_words(name) == name] == []


@pytest.fixture
def station(tmp_path: Path):
    data = tmp_path / "data"
    settings = Settings(data, {"GATEHOUSE_KEY_DIR": str(tmp_path / "keys"), "PATH": "/nowhere"})
    made = create_station(
        data, settings, "Till 1", "K1", clock=FakeClock(), random_bytes=seeded_random_bytes()
    )
    yield made
    made.close()


def test_over_a_real_station_it_tells_what_doctor_tells(qtbot: QtBot, station: Station) -> None:
    presenter = HealthPresenter(station.services, InlineRunner(), ManualTimers(), lambda: GATE, lambda: "en")
    page = HealthPage(presenter)
    qtbot.addWidget(page)
    page.on_enter()
    found = {check.name: check.state for check in station.services.check_readiness.checked().checks}
    assert {name: row.line.state for name, row in page.rows.items()} == found
    assert found["backup"] == AMBER
    assert "data age" not in found, "it works by itself"
