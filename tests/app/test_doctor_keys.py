"""What `doctor` says of root key, certificate and recovery key."""

from pathlib import Path

import pytest

from app.bootstrap import create_station, open_keystore, open_station
from app.doctor import AMBER, GREEN, RED, Check, examine
from app.organization_keys import certify_alone, default_folder, make_keys
from app.settings import Settings
from domain.clock import Clock
from tests.builders import FakeClock, seeded_random_bytes


def settings(data: Path) -> Settings:
    return Settings(data, {"GATEHOUSE_KEY_DIR": str(data.parent / "keys")})


def found(data: Path) -> dict[str, Check]:
    chosen = settings(data)
    return {check.name: check for check in examine(data, chosen, open_keystore(chosen))}


def code(check: Check) -> tuple[str, str | None]:
    return check.state, check.advice.code if check.advice else None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    made = FakeClock()

    def now() -> Clock:
        return made

    monkeypatch.setattr("app.bootstrap.SystemClock", now)
    return made


@pytest.fixture
def data(tmp_path: Path, clock: FakeClock) -> Path:
    folder = tmp_path / "data"
    create_station(folder, settings(folder), "Till", "K1", clock=clock).close()
    return folder


def certify(data: Path, root: Path, clock: FakeClock) -> None:
    station = open_station(data, settings(data), clock=clock)
    keys = make_keys(root, "a passphrase", clock.now(), seeded_random_bytes(5))
    certify_alone(station.store, keys, clock.now(), seeded_random_bytes(6))
    station.close()


def test_a_station_without_a_root_key_is_amber_with_advice(data: Path) -> None:
    checks = found(data)
    assert code(checks["root key"]) == (AMBER, "NO_ROOT_KEY")
    assert code(checks["recovery key"]) == (AMBER, "NO_RECOVERY_WRAP")
    assert "certificate" not in checks


def test_keys_that_are_kept_elsewhere_are_green(data: Path, tmp_path: Path, clock: FakeClock) -> None:
    certify(data, tmp_path / "stick" / "root.pem", clock)
    checks = found(data)
    assert [code(checks[name]) for name in ("root key", "recovery key", "certificate")] == [(GREEN, None)] * 3
    assert "until 2031" in checks["certificate"].facts


def test_a_root_key_beside_the_data_is_amber(data: Path, clock: FakeClock) -> None:
    certify(data, default_folder(data) / "organization-root.pem", clock)
    assert code(found(data)["root key"]) == (AMBER, "ROOT_KEY_AT_HAND")


def test_a_certificate_is_amber_before_its_end_and_red_after_it(
    data: Path, tmp_path: Path, clock: FakeClock
) -> None:
    certify(data, tmp_path / "root.pem", clock)
    clock.advance(days=5 * 365 - 3)
    assert code(found(data)["certificate"]) == (AMBER, "CERTIFICATE_ENDS")
    clock.advance(days=4)
    assert code(found(data)["certificate"]) == (RED, "CERTIFICATE_ENDED")
