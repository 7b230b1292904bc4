"""What `doctor` finds: each trouble one red or amber line with advice, and never an exception."""

from pathlib import Path

import fasteners
import pytest

from app import doctor
from app.bootstrap import SYNC_LOCK, create_station, enrol_station, open_keystore
from app.doctor import AMBER, GREEN, RED, Check, examine
from app.settings import Settings
from domain.clock import Clock
from domain.documents import LOWEST, Document, Head
from domain.errors import Fault
from sync.documents import DocumentPage
from tests.builders import FakeClock, utc
from tests.postgres import Hub


def settings(data: Path) -> Settings:
    return Settings(data, {"GATEHOUSE_KEY_DIR": str(data.parent / "keys")})


def found(data: Path) -> dict[str, Check]:
    chosen = settings(data)
    checks = examine(data, chosen, open_keystore(chosen))
    assert all((check.advice is None) == (check.state == GREEN) for check in checks)
    return {check.name: check for check in checks}


def test_a_healthy_station_is_green(tmp_path: Path) -> None:
    create_station(tmp_path / "data", settings(tmp_path / "data"), "Till", "K1").close()
    checks = found(tmp_path / "data")
    assert {
        name: checks[name].state for name in ("python", "station", "clock", "hub", "time zones")
    } == dict.fromkeys(("python", "station", "clock", "hub", "time zones"), GREEN)
    assert checks["keystore"].advice is not None
    assert (checks["keystore"].state, checks["keystore"].advice.code) == (AMBER, "KEYSTORE_IS_FILE")
    assert "Till" in checks["station"].facts


def test_no_station_yet_is_amber_and_nothing_is_made(tmp_path: Path) -> None:
    check = found(tmp_path / "data")["station"]
    assert check.advice is not None
    assert (check.state, check.advice.code) == (AMBER, "STORE_MISSING")
    assert not (tmp_path / "data").exists()


def test_a_damaged_station_is_red(tmp_path: Path) -> None:
    data = tmp_path / "data"
    create_station(data, settings(data), "Till", "K1").close()
    (data / "station.db").write_bytes(b"not a database" * 1000)
    check = found(data)["station"]
    assert check.advice is not None
    assert (check.state, check.advice.code) == (RED, "STORE_WRONG_KEY")


def test_a_clock_from_before_the_program_is_red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    create_station(data, settings(data), "Till", "K1").close()

    def stopped() -> Clock:
        return FakeClock(utc("2000-01-01 00:00"))

    monkeypatch.setattr("app.bootstrap.SystemClock", stopped)
    check = found(data)["clock"]
    assert check.advice is not None
    assert (check.state, check.advice.code) == (RED, "CLOCK_WRONG")


@pytest.mark.parametrize(("free", "state"), [(10**6, RED), (10**9, AMBER), (10**11, GREEN)])
def test_a_disk_that_fills_up_is_told_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str
) -> None:
    monkeypatch.setattr(
        doctor.shutil, "disk_usage", lambda _folder: doctor.shutil._ntuple_diskusage(1, 1, free)
    )
    assert found(tmp_path / "not" / "there")["disk"].state == state


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise Fault("HUB_NO_POSTGRES")

    def no_zone(_: str) -> None:
        raise doctor.ZoneInfoNotFoundError

    monkeypatch.setattr(doctor, "find_binaries", missing)
    monkeypatch.setattr(doctor, "ZoneInfo", no_zone)
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(doctor.sys, "platform", "linux")
    checks = found(tmp_path / "data")
    assert {name: checks[name].state for name in ("postgresql", "time zones", "display")} == {
        "postgresql": AMBER, "time zones": RED, "display": AMBER,
    }  # fmt: skip
    monkeypatch.setenv("DISPLAY", ":0")
    assert found(tmp_path / "data")["display"].state == GREEN


@pytest.mark.hub
def test_a_hub_that_answers_is_green_and_one_that_does_not_is_amber(hub: Hub, tmp_path: Path) -> None:
    data = tmp_path / "data"
    _, text = hub.invite()
    enrol_station(data, settings(data), text).close()
    assert found(data)["hub"].state == GREEN
    hub.server.stop("immediate")
    check = found(data)["hub"]
    hub.server.start()
    assert check.advice is not None
    assert (check.state, check.advice.code) == (AMBER, "HUB_UNREACHABLE")


@pytest.mark.hub
def test_content_that_no_entry_names_is_amber(hub: Hub, tmp_path: Path) -> None:
    data = tmp_path / "data"
    _, text = hub.invite()
    station = enrol_station(data, settings(data), text)
    head = Head("00000000-0000-4000-8000-0000000000d1", "person", "org", LOWEST, bytes(32), 3)
    station.store.documents.take(DocumentPage([Document(head, bytes(32), b"Eve")], {}, more=False))
    station.close()
    check = found(data)["documents"]
    assert check.advice is not None
    assert (check.state, check.advice.code, check.advice.params) == (AMBER, "DOCUMENTS_APART", {"count": 1})


@pytest.mark.hub
def test_a_window_that_exchanges_meanwhile_is_no_fault(hub: Hub, tmp_path: Path) -> None:
    data = tmp_path / "data"
    _, text = hub.invite()
    enrol_station(data, settings(data), text).close()
    window = fasteners.InterProcessLock(data / SYNC_LOCK)
    assert window.acquire(blocking=False)
    try:
        checks = found(data)
    finally:
        window.release()
    assert (checks["station"].state, checks["hub"].state) == (GREEN, GREEN)
    assert checks["data age"].state in (GREEN, AMBER)


def test_a_device_that_the_settings_name_is_tried_and_the_turnstile_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    create_station(data, settings(data), "Till", "K1").close()
    pulses: list[str] = []
    monkeypatch.setattr("app.gate_devices.GateTurnstile.pulse", lambda _self, way: pulses.append(way))
    named = Settings(
        data,
        {
            "GATEHOUSE_KEY_DIR": str(data.parent / "keys"),
            "GATEHOUSE_SCANNER_PORT": str(tmp_path / "no-such-port"),
            "GATEHOUSE_TURNSTILE_PORT": "simulated",
        },
    )
    checks = {check.name: check for check in examine(data, named, open_keystore(named))}
    assert checks["scanner"].state == RED
    assert checks["scanner"].advice is not None
    assert checks["scanner"].advice.code == "SCANNER_LOST"
    assert checks["turnstile"].advice is not None
    assert (checks["turnstile"].state, checks["turnstile"].advice.code) == (AMBER, "DEVICE_UNTRIED")
    assert (checks["camera"].state, checks["camera"].facts) == (GREEN, "not set up")
    assert pulses == []
