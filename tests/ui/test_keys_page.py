"""The keys page over a real station."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.bootstrap import Station, create_station
from app.organization_keys import certify_alone, make_keys
from app.services.invitations import look_at
from app.settings import Settings
from devices.qr_decode import FrameDecoder
from domain.actor import Actor, Role
from domain.enrolment_codes import Collection, split
from domain.errors import Refusal
from tests.builders import NOW, FakeClock, seeded_random_bytes
from tests.ui.whole import cut_texts
from tests.unit.test_enrolment_codes import a_file
from ui.i18n import PseudoTranslator
from ui.running import InlineRunner
from ui.station.keys_page import KEY, NAME, STATE, UNTIL, USAGE, KeysPage
from ui.station.keys_presenter import KeysPresenter

ADMIN = Actor(user="00000000-0000-4000-8000-000000000001", login="anna", roles=frozenset({Role.ADMIN}))
CASHIER = Actor(user="00000000-0000-4000-8000-000000000002", login="kim", roles=frozenset({Role.CASHIER}))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def station(tmp_path: Path, clock: FakeClock):
    data = tmp_path / "data"
    settings = Settings(data, {"GATEHOUSE_KEY_DIR": str(tmp_path / "keys")})
    made = create_station(data, settings, "Till 1", "K1", clock=clock, random_bytes=seeded_random_bytes())
    yield made
    made.close()


def page_of(station: Station, qtbot: QtBot, actor: Actor = ADMIN, lang: str = "en") -> KeysPage:
    presenter = KeysPresenter(station.services, InlineRunner(), lambda: actor, lambda: lang)
    page = KeysPage(presenter)
    qtbot.addWidget(page)
    page.resize(1100, 800)
    page.show()
    page.on_enter()
    return page


def certified(station: Station, tmp_path: Path, clock: FakeClock) -> None:
    keys = make_keys(tmp_path / "root.pem", "a passphrase", clock.now(), seeded_random_bytes(7))
    certify_alone(station.store, keys, clock.now(), seeded_random_bytes(8))


def cells(page: KeysPage, row: int = 0) -> list[str]:
    return [page.rows.data(page.rows.index(row, column)) for column in (NAME, KEY, USAGE, UNTIL, STATE)]


def test_a_station_without_a_root_is_told_what_to_do(station: Station, qtbot: QtBot) -> None:
    page = page_of(station, qtbot)
    assert page.message.isVisible()
    assert page.facts.fact("Recovery key") == "none yet"
    assert page.facts.fact("A lost key can be recovered") == "no"
    assert page.rows.rowCount() == 0


def test_a_certified_station_shows_its_keys_and_whom_a_gate_trusts(
    station: Station, qtbot: QtBot, tmp_path: Path, clock: FakeClock
) -> None:
    certified(station, tmp_path, clock)
    page = page_of(station, qtbot)
    assert not page.message.isVisible()
    own = station.services.list_keys.own()
    assert page.facts.fact("Signing key") == own.key
    assert page.facts.fact("A lost key can be recovered") == "yes"
    name, key, usage, until, state = cells(page)
    assert (name, key, usage, state) == ("Till 1 (this station)", own.key, "journal, tickets", "good")
    assert until
    assert page.rows.columnCount() == STATE + 1


def test_days_left_are_counted_and_an_end_is_said(
    station: Station, qtbot: QtBot, tmp_path: Path, clock: FakeClock
) -> None:
    certified(station, tmp_path, clock)
    clock.advance(days=5 * 365 - 9)
    assert "9" in cells(page_of(station, qtbot))[STATE]
    clock.advance(days=10)
    assert cells(page_of(station, qtbot))[STATE] == "sells no more; old tickets stay good"


def test_who_may_not_look_after_keys_is_told_so(station: Station, qtbot: QtBot) -> None:
    page = page_of(station, qtbot, CASHIER)
    assert page.message.isVisible()
    assert page.rows.rowCount() == 0
    with pytest.raises(KeyError):
        page.facts.fact("Signing key")


def test_long_words_are_not_cut(station: Station, qtbot: QtBot, tmp_path: Path, clock: FakeClock) -> None:
    certified(station, tmp_path, clock)
    translator = PseudoTranslator()
    QCoreApplication.installTranslator(translator)
    try:
        assert cut_texts(page_of(station, qtbot)) == []
    finally:
        QCoreApplication.removeTranslator(translator)


def test_an_enrolment_file_is_shown_as_codes_that_another_camera_reads(
    station: Station, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "till.json"
    file.write_text(a_file("Till 2"), encoding="utf-8")
    page = page_of(station, qtbot)
    page._presenter.open_invitation(str(file))
    assert page.codes.is_open()
    found, count = Collection(), len(split(a_file("Till 2")))
    for number in range(1, count + 1):
        assert page.codes.number() == number
        (code,) = FrameDecoder(500).decode(grey(page.codes.code))
        found.take(code.text)
        page.codes.after.click()
    assert page.codes.number() == 1
    assert look_at(found.text(), NOW).name == "Till 2"
    page.codes.close_panel()
    assert FrameDecoder(200).decode(grey(page.codes.code)) == [], "nothing of it stays"


def grey(widget: QWidget) -> np.ndarray:
    """What is on screen, as a camera would get it."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].copy()


def test_a_file_that_is_none_and_a_person_who_may_not_are_told_so(
    station: Station, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "till.json"
    file.write_text("{}", encoding="utf-8")
    page = page_of(station, qtbot)
    page._presenter.open_invitation(str(file))
    assert "enrolment file" in page.message.title()
    assert not page.codes.is_open()
    with pytest.raises(Refusal) as refused:
        station.services.show_invitation(str(file), CASHIER)
    assert refused.value.code == "NOT_ALLOWED"
