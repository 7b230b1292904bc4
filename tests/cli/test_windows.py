"""What the first-run screen does, and the verbs that open windows, without any window."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication

from app.bootstrap import open_station
from app.cli import show_verbs
from app.cli.demo_world import PINS
from app.cli.window import FirstRunService
from app.services.signin import PinHasher
from app.settings import Settings
from domain.actor import Role
from domain.errors import GatehouseError
from tests.cli.conftest import Cli
from tests.postgres import Hub
from ui.first_run.presenter import NewVenue

VENUE = NewVenue(
    organization="Kino Luna", currency="EUR", zone="Europe/Berlin", station="Kasse 1", admin_name="Anna B.",
    login="anna", pin="2580",
)  # fmt: skip


@pytest.fixture
def first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FirstRunService:
    monkeypatch.setattr("app.bootstrap.PinHasher", partial(PinHasher, 1, 64))
    return FirstRunService(tmp_path / "data", settings(tmp_path))


def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data", {"GATEHOUSE_KEY_DIR": str(tmp_path / "keys")})


def test_a_new_venue_has_its_station_and_its_first_person(first: FirstRunService, tmp_path: Path) -> None:
    first.make_venue(VENUE)
    station = open_station(tmp_path / "data", settings(tmp_path))
    organization = station.services.facts.organization()
    assert (organization.name, organization.currency, organization.zone) == (
        "Kino Luna",
        "EUR",
        "Europe/Berlin",
    )
    assert station.services.facts.station().prefix == "KAS1"
    actor = station.services.sign_in.by_login("anna", "2580")
    assert actor.roles == {Role.ADMIN, Role.ORGANIZER, Role.SUPERVISOR}
    assert station.services.sign_in.people()[0].name == "Anna B."
    station.close()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"currency": "QQQ"}, "CURRENCY_UNKNOWN"),
        ({"zone": "Mars/Olympus"}, "ZONE_UNKNOWN"),
        ({"pin": "12"}, "PIN_UNFIT"),
        ({"login": "Анна"}, "LOGIN_INVALID"),
    ],
)
def test_what_does_not_fit_is_refused_and_can_be_corrected(
    first: FirstRunService, tmp_path: Path, change: dict[str, str], code: str
) -> None:
    from dataclasses import replace

    with pytest.raises(GatehouseError) as caught:
        first.make_venue(replace(VENUE, **change))
    assert caught.value.code == code
    assert not (tmp_path / "data" / "station.db").exists()
    first.make_venue(VENUE)


def test_the_demo_station_has_its_people_and_its_catalogue(first: FirstRunService, tmp_path: Path) -> None:
    first.start_demo()
    station = open_station(tmp_path / "data", settings(tmp_path))
    assert {person.login for person in station.services.sign_in.people()} == set(PINS)
    with station.store.read() as read:
        assert len(read.events()) >= 5
    station.close()


@pytest.mark.hub
def test_a_machine_joins_a_hub_with_a_file(first: FirstRunService, hub: Hub, tmp_path: Path) -> None:
    _, text = hub.invite("Till 5", "T5")
    (tmp_path / "f").write_text(text)
    first.join(first.look_at_file(tmp_path / "f"))
    station = open_station(tmp_path / "data", settings(tmp_path))
    assert station.services.facts.station().name == "Till 5"
    station.close()
    with pytest.raises(GatehouseError, match="FILE_UNREADABLE"):
        first.look_at_file(tmp_path / "none")


def test_wrong_use_of_the_tour_is_exit_code_2(cli: Cli) -> None:
    assert cli("tour", "--theme", "purple").code == 2


def test_a_window_needs_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(show_verbs.sys, "platform", "linux")
    assert not show_verbs.has_display()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert show_verbs.has_display()
    monkeypatch.setattr(show_verbs.sys, "platform", "win32")
    assert show_verbs.has_display()


@pytest.fixture
def closing(qapp: QApplication) -> Iterator[list[str]]:
    """Closes every window soon after it is shown, and remembers what was there."""
    seen: list[str] = []

    def look() -> None:
        for window in [one for one in qapp.topLevelWidgets() if one.isVisible() and one.isWindow()]:
            seen.append(type(window).__name__)
            window.close()
            qapp.quit()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(50)
    yield seen
    timer.stop()
    # a quit asked for twice would end every event loop of the tests that come after; one more run clears it
    QCoreApplication.processEvents()
    QTimer.singleShot(0, qapp.quit)
    qapp.exec()


def test_a_folder_without_a_station_opens_the_first_run_screen(cli: Cli, closing: list[str]) -> None:
    assert cli("open", as_json=False).code == 0
    assert "FirstRunWindow" in closing


@pytest.mark.logs_expected  # a machine without a sound card says so
def test_a_station_opens_its_window_and_notes_the_start(
    house: Cli, closing: list[str], tmp_path: Path
) -> None:
    assert house("open", as_json=False).code == 0
    assert closing
    station = open_station(tmp_path / "data", settings(tmp_path))
    assert [row.kind for row in station.services.facts.journal(1)] == ["app_started"]
    station.close()


def test_a_station_that_cannot_be_opened_says_so_in_a_window(
    house: Cli, closing: list[str], tmp_path: Path
) -> None:
    (tmp_path / "data" / "station.db").write_bytes(b"x" * 5000)
    assert house("open", as_json=False).code == 3
    assert "TroubleWindow" in closing
