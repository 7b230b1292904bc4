"""Making a station's folder and opening it again, and every reason not to."""

import json
import os
import shutil
from pathlib import Path

import pytest

from app.store import engine
from app.store.keys import FileKeyStore
from app.store.opening import NewStation, create_store, open_store
from domain.actor import SYSTEM
from domain.entry import Draft
from domain.errors import Fault, Refusal
from tests.store.station import Sale, Station


def opening(station: Station, folder: Path | None = None) -> str:
    """The code that opening a folder is refused with."""
    with pytest.raises(Fault) as caught:
        open_store(folder or station.folder, station.keystore, station.clock, station.random)
    return caught.value.code


def test_a_station_keeps_its_name_and_journal_over_a_restart(theatre: Station) -> None:
    tip = theatre.store.outbox.tip()
    store = theatre.reopen()
    with store.read() as read:
        assert (read.station().name, read.station().prefix, read.station().epoch) == ("Till 1", "K1", 1)
        assert read.organization().name == "Old Theatre"
    assert store.outbox.tip() == tip


def test_a_station_is_made_only_once_in_a_folder(station: Station) -> None:
    with pytest.raises(Refusal) as caught:
        create_store(
            station.folder, station.keystore, station.clock, station.random, NewStation("Till 2", "K2")
        )
    assert caught.value.code == "STORE_EXISTS"


def test_a_station_given_an_id_by_an_enrolment_keeps_it(tmp_path: Path, station: Station) -> None:
    new = NewStation("Gate", "G1", station="0badcafe", epoch=2, signing_seed=bytes(range(32)))
    store = create_store(tmp_path / "gate", station.keystore, station.clock, station.random, new)
    assert (store.outbox.station(), store.outbox.tip().epoch) == ("0badcafe", 2)
    assert store.signing_key.seed() == bytes(range(32))
    store.close()


def test_a_folder_without_a_station_says_so(station: Station, tmp_path: Path) -> None:
    assert opening(station, tmp_path / "nothing") == "STORE_MISSING"


def test_a_creation_that_was_cut_off_can_be_made_again(station: Station, tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    folder.mkdir()
    (folder / "station.db.new").write_bytes(b"half a file")
    assert opening(station, folder) == "STORE_MISSING"
    create_store(folder, station.keystore, station.clock, station.random, NewStation("T", "T")).close()


def test_a_lost_keystore_is_named(station: Station) -> None:
    station.store.close()
    station.keystore.forget(station.store.installation)
    assert opening(station) == "STORE_KEY_MISSING"


def test_a_wrong_key_is_not_taken_for_damage(station: Station) -> None:
    station.store.close()
    secrets = station.keystore.read(station.store.installation)
    assert secrets is not None
    path = station.keystore.folder / f"{secrets.installation}.json"
    fields = json.loads(path.read_text()) | {"store_key": "00" * 32}
    path.write_text(json.dumps(fields))
    assert opening(station) == "STORE_WRONG_KEY"


def test_a_file_written_by_a_newer_program_is_refused(station: Station) -> None:
    station.store.close()
    secrets = station.keystore.read(station.store.installation)
    assert secrets is not None
    raw = engine.connect(station.folder / "station.db", secrets.store_key, writing=True)
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    assert opening(station) == "STORE_NEWER"


def test_a_copied_folder_is_refused_while_the_original_is_there(station: Station, tmp_path: Path) -> None:
    station.store.close()
    shutil.copytree(station.folder, tmp_path / "copy")
    assert opening(station, tmp_path / "copy") == "STORE_COPIED"


def test_a_moved_folder_opens(station: Station, tmp_path: Path) -> None:
    station.store.close()
    moved = tmp_path / "elsewhere"
    station.folder.rename(moved)
    store = open_store(moved, station.keystore, station.clock, station.random)
    store.close()
    secrets = station.keystore.read(store.installation)
    assert secrets is not None
    assert secrets.folder == str(moved)


def test_a_file_of_another_installation_is_refused_even_with_its_key(
    station: Station, tmp_path: Path
) -> None:
    other = Station(tmp_path / "other", seed=2)
    station.store.close()
    other.store.close()
    shutil.copy(other.folder / "station.db", station.folder / "station.db")
    assert opening(station) == "STORE_WRONG_KEY"
    path = station.keystore.folder / f"{station.store.installation}.json"
    key = json.loads((other.keystore.folder / f"{other.store.installation}.json").read_text())["store_key"]
    path.write_text(json.dumps(json.loads(path.read_text()) | {"store_key": key}))
    assert opening(station) == "STORE_COPIED"


def test_the_keys_may_not_lie_in_the_data_folder(station: Station, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with pytest.raises(Refusal) as caught:
        create_store(
            folder, FileKeyStore(folder / "keys"), station.clock, station.random, NewStation("T", "T")
        )
    assert caught.value.code == "KEY_FOLDER_INSIDE_DATA"
    assert not folder.exists()


def test_no_secret_and_no_name_can_be_read_in_the_data_folder(theatre: Station) -> None:
    sale = Sale(theatre.random)
    with theatre.store.begin() as work:
        document = "00000000-0000-4000-8000-0000000000d1"
        known_hash = work.put_document(document, "person", "org", {"name": "Ludmila Gurchenko"})
        named = {"document": document, "document_hash": known_hash, "kind": "person"}
        work.append(Draft("document_written", ("org",), {"documents": [named]}), SYSTEM)
        work.append(sale.draft(), SYSTEM)
        work.commit()
    theatre.store.back_up()
    secrets = theatre.keystore.read(theatre.store.installation)
    assert secrets is not None
    hidden = [
        b"Hamlet", b"Ludmila", "Гамлет".encode(), sale.serials[0].encode(), secrets.store_key,
        secrets.signing_seed, secrets.store_key.hex().encode(), secrets.signing_seed.hex().encode(),
    ]  # fmt: skip
    files = [path for path in theatre.folder.rglob("*") if path.is_file()]
    assert len(files) >= 4
    for path in files:
        content = path.read_bytes()
        assert not [text for text in hidden if text in content], path.name


@pytest.mark.skipif(os.name == "nt", reason="file modes are POSIX")
def test_the_key_file_and_the_database_are_for_their_owner_only(station: Station) -> None:
    files = [*station.keystore.folder.iterdir(), station.folder / "station.db"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
