"""Making, opening and joining stations: what is refused, and that what failed leaves nothing behind."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from app.bootstrap import (
    Station,
    create_station,
    discard_station,
    enrol_station,
    open_keystore,
    open_station,
)
from app.settings import Settings
from app.store.keys import FileKeyStore
from domain.actor import SYSTEM
from domain.errors import Fault, GatehouseError, Refusal
from tests.builders import FakeClock, seeded_random_bytes
from tests.postgres import Hub


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def settings(data: Path, **more: str) -> Settings:
    return Settings(data, {"GATEHOUSE_KEY_DIR": str(data.parent / "keys"), **more})


def made(data: Path, prefix: str = "K1") -> Station:
    return create_station(
        data, settings(data), "Till", prefix, clock=FakeClock(), random_bytes=seeded_random_bytes()
    )


def refusal(call: object, code: str) -> GatehouseError:
    with pytest.raises(GatehouseError) as caught:
        call()  # type: ignore[operator]
    assert caught.value.code == code
    return caught.value


@pytest.mark.parametrize("prefix", ["", "k1", "K-1", "ABCDEFGHI", "К1", "K 1", "²"])
def test_a_prefix_is_up_to_eight_capitals_and_digits(tmp_path: Path, prefix: str) -> None:
    refusal(lambda: made(tmp_path / "data", prefix), "PREFIX_INVALID")
    assert not (tmp_path / "data").exists()


def test_a_station_is_made_once_per_folder(tmp_path: Path) -> None:
    made(tmp_path / "data").close()
    refusal(lambda: made(tmp_path / "data"), "STORE_EXISTS")
    station = open_station(tmp_path / "data", settings(tmp_path / "data"))
    station.note_start()
    assert station.services.facts.journal()[0].kind == "app_started"
    station.close()


def test_a_folder_without_a_station_is_a_plain_fault(tmp_path: Path) -> None:
    refusal(lambda: open_station(tmp_path, settings(tmp_path / "data")), "STORE_MISSING")


def test_a_discarded_station_leaves_everything_else_in_the_folder(tmp_path: Path, keys: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / ".env").write_text("GATEHOUSE_THEME=dark\n")
    (data / "organization-root.pem").write_text("precious")
    discard_station(made(data))
    assert sorted(path.name for path in data.iterdir()) == [".env", "organization-root.pem"]
    assert list(keys.iterdir()) == []
    made(data).close()


def test_a_station_alone_has_no_exchange(tmp_path: Path) -> None:
    station = made(tmp_path / "data")
    station.start_sync()
    view = station.services.sync.view()
    assert (station.exchange, view.mode, view.waiting) == (None, "alone", 0)
    station.services.sync.subscribe(lambda _view: None)()
    station.services.sync.sync_now()
    station.close()


class SystemLike(KeyringBackend):
    """A keystore of a system that this machine may not have."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.records.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.records[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.records[service, username]


SystemLike.__module__ = "keyring.backends.testing"


@pytest.fixture
def system_keystore() -> Iterator[SystemLike]:
    before = keyring.get_keyring()
    backend = SystemLike()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_keys_are_kept_where_the_settings_say(tmp_path: Path, system_keystore: SystemLike) -> None:
    assert open_keystore(Settings(tmp_path, {})).where == "system"
    assert open_keystore(Settings(tmp_path, {"GATEHOUSE_KEYSTORE": "system"})).where == "system"
    chosen = open_keystore(Settings(tmp_path, {"GATEHOUSE_KEYSTORE": "file"}))
    assert isinstance(chosen, FileKeyStore)
    named = open_keystore(Settings(tmp_path, {"GATEHOUSE_KEY_DIR": str(tmp_path / "k")}))
    assert isinstance(named, FileKeyStore)
    assert named.folder == tmp_path / "k"


def test_a_station_whose_keys_are_in_the_systems_keystore(
    tmp_path: Path, system_keystore: SystemLike
) -> None:
    data = tmp_path / "data"
    station = create_station(data, Settings(data, {}), "Till", "K1")
    assert len(system_keystore.records) == 1
    station.close()
    discard_station(open_station(data, Settings(data, {})))
    assert system_keystore.records == {}


def test_a_system_keystore_that_is_asked_for_and_not_there_is_a_plain_fault(tmp_path: Path) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    try:
        refusal(
            lambda: open_keystore(Settings(tmp_path, {"GATEHOUSE_KEYSTORE": "system"})),
            "KEYSTORE_UNAVAILABLE",
        )
        assert open_keystore(Settings(tmp_path, {})).where == "file"
    finally:
        keyring.set_keyring(before)


@pytest.mark.hub
class TestEnrolment:
    """Joining a real hub with a file, once."""

    def join(self, data: Path, text: str, **clock: object) -> Station:
        return enrol_station(data, settings(data), text, **clock)

    def test_a_station_joins_pulls_and_pushes(self, hub: Hub, tmp_path: Path) -> None:
        _, text = hub.invite("Till 1", "K1")
        station = self.join(tmp_path / "data", text)
        info = station.services.facts.station()
        assert (info.name, info.prefix, info.has_hub) == ("Till 1", "K1", True)
        station.note_start()
        assert station.exchange is not None
        assert station.exchange.view().waiting == 1
        counts = station.exchange.run_once()
        assert (counts.code, counts.pushed, counts.waiting) == (None, 1, 0)
        assert station.exchange.confidence().mode == "live"
        station.close()

    def test_a_file_joins_one_station(self, hub: Hub, tmp_path: Path) -> None:
        _, text = hub.invite()
        self.join(tmp_path / "first", text).close()
        refusal(lambda: self.join(tmp_path / "second", text), "ENROLMENT_USED")
        refusal(lambda: self.join(tmp_path / "first", text), "STORE_EXISTS")

    def test_what_lies_beside_a_station_that_could_not_join_stays(self, hub: Hub, tmp_path: Path) -> None:
        _, text = hub.invite()
        self.join(tmp_path / "first", text).close()
        data = tmp_path / "second"
        (data / "hub").mkdir(parents=True)
        (data / "hub" / "PG_VERSION").write_text("a hub that is served from this folder")
        (data / "organization-root.pem").write_text("precious")
        refusal(lambda: self.join(data, text), "ENROLMENT_USED")
        assert (data / "hub" / "PG_VERSION").exists()
        assert (data / "organization-root.pem").read_text() == "precious"
        assert not list(data.glob("station*"))
        assert len(list((tmp_path / "keys").iterdir())) == 1

    def test_an_expired_or_edited_file_makes_nothing(self, hub: Hub, tmp_path: Path) -> None:
        _, old = hub.invite(now=datetime.now(UTC) - timedelta(days=4))
        _, text = hub.invite("Till 2", "K2")
        fields = json.loads(text)
        fields["hub"]["host"] = "evil.example"
        data = tmp_path / "data"
        refusal(lambda: self.join(data, old), "ENROLMENT_EXPIRED")
        refusal(lambda: self.join(data, json.dumps(fields)), "ENROLMENT_FORGED")
        refusal(lambda: self.join(data, "{}"), "ENROLMENT_INVALID")
        assert not data.exists()

    def test_a_hub_that_did_not_answer_is_asked_again_with_the_same_file(
        self, hub: Hub, tmp_path: Path
    ) -> None:
        _, text = hub.invite()
        data = tmp_path / "data"
        hub.server.stop("immediate")
        with pytest.raises(Fault) as caught:
            self.join(data, text)
        assert caught.value.code == "HUB_UNREACHABLE"
        assert (data / "station.db").exists()
        hub.server.start()
        station = self.join(data, text)
        assert station.services.facts.station().has_hub
        station.close()

    def test_a_station_alone_is_not_overwritten_by_an_enrolment(self, hub: Hub, tmp_path: Path) -> None:
        _, text = hub.invite()
        made(tmp_path / "data").close()
        refusal(lambda: self.join(tmp_path / "data", text), "STORE_EXISTS")
        open_station(tmp_path / "data", settings(tmp_path / "data")).close()

    def test_the_exchange_runs_in_the_background_and_tells_who_listens(
        self, hub: Hub, tmp_path: Path
    ) -> None:
        from threading import Event

        _, text = hub.invite()
        station = self.join(tmp_path / "data", text)
        live, done = Event(), Event()

        def changed(view: object) -> None:
            if view.mode == "live":  # type: ignore[attr-defined]
                live.set()
                if view.waiting == 0 and noted:  # type: ignore[attr-defined]
                    done.set()

        noted: list[int] = []
        forget = station.services.sync.subscribe(changed)
        station.start_sync()
        station.start_sync()
        assert live.wait(20)
        station.services.open_shift(0, SYSTEM)
        noted.append(1)
        station.services.sync.sync_now()
        assert done.wait(20)
        assert station.services.sync.view().mode == "live"
        with station.store.read() as read:
            assert read.waiting_entries() == 0
        forget()
        forget()
        station.close()

    def test_a_hub_that_is_down_leaves_entries_waiting_and_says_why(self, hub: Hub, tmp_path: Path) -> None:
        _, text = hub.invite()
        station = self.join(tmp_path / "data", text)
        station.note_start()
        assert station.exchange is not None
        hub.server.stop("immediate")
        counts = station.exchange.run_once()
        assert (counts.code, counts.waiting) == ("HUB_UNREACHABLE", 1)
        view = station.exchange.view()
        assert (view.mode, view.code, view.waiting) == ("offline", "HUB_UNREACHABLE", 1)
        confidence = station.exchange.confidence()
        assert (confidence.mode, confidence.since_at is not None) == ("offline", True)
        hub.server.start()
        assert station.exchange.run_once().code is None
        station.close()


def test_refusals_and_faults_are_different_things() -> None:
    assert issubclass(Refusal, GatehouseError)
    assert not issubclass(Refusal, Fault)
