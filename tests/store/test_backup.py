"""Copies made while the store is in use, by hand and before an upgrade."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.store import backup, migrate
from app.store.backup import check_backup, read_manifest
from app.store.schema import REVISION
from domain.errors import Fault
from tests.store.station import CASHIER, Sale, Station


def key_of(station: Station) -> bytes:
    secrets = station.keystore.read(station.store.installation)
    assert secrets is not None
    return secrets.store_key


def test_a_copy_holds_the_whole_store_and_says_what_is_in_it(theatre: Station) -> None:
    theatre.append(Sale(theatre.random).draft())
    tip = theatre.store.outbox.tip()
    made = theatre.store.back_up()
    assert made.path.parent == theatre.folder / "backups"
    manifest = check_backup(made.manifest_path, key_of(theatre))
    assert (manifest.seq, manifest.hash, manifest.epoch) == (tip.seq, tip.hash.hex(), tip.epoch)
    assert (manifest.installation, manifest.revision) == (theatre.store.installation, REVISION)
    assert manifest == read_manifest(made.manifest_path) == made.manifest


def test_a_copy_is_made_while_a_sale_is_being_written(theatre: Station) -> None:
    with theatre.store.begin() as work:
        work.append(Sale(theatre.random).draft(), CASHIER)
        made = theatre.store.back_up()
        work.commit()
    assert made.manifest.seq == theatre.store.outbox.tip().seq - 1


def test_a_copy_may_be_named(theatre: Station, tmp_path: Path) -> None:
    made = theatre.store.back_up(tmp_path / "safe", "monday.db")
    assert (made.path.name, made.manifest_path.name) == ("monday.db", "monday.db.json")
    assert sorted(path.name for path in (tmp_path / "safe").iterdir()) == ["monday.db", "monday.db.json"]


def test_a_copy_that_was_touched_is_no_copy(theatre: Station) -> None:
    made = theatre.store.back_up()
    content = bytearray(made.path.read_bytes())
    content[5000] ^= 1
    made.path.write_bytes(content)
    with pytest.raises(Fault) as caught:
        check_backup(made.manifest_path, key_of(theatre))
    assert caught.value.code == "BACKUP_INVALID"


@pytest.mark.parametrize("text", ["{", "{}", '{"format": 1}'])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(Fault) as caught:
        read_manifest(path)
    assert caught.value.code == "BACKUP_INVALID"


def test_a_manifest_of_another_format_is_refused(theatre: Station) -> None:
    made = theatre.store.back_up()
    made.manifest_path.write_text(json.dumps(json.loads(made.manifest_path.read_text()) | {"format": 9}))
    with pytest.raises(Fault):
        read_manifest(made.manifest_path)


def test_a_manifest_of_another_station_does_not_fit(theatre: Station) -> None:
    made = theatre.store.back_up()
    fields = json.loads(made.manifest_path.read_text()) | {"station": "00000001"}
    made.manifest_path.write_text(json.dumps(fields))
    with pytest.raises(Fault):
        check_backup(made.manifest_path, key_of(theatre))


def test_a_place_that_is_no_folder_is_named(theatre: Station, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Fault) as caught:
        theatre.store.back_up(tmp_path / "file")
    assert caught.value.code == "BACKUP_FOLDER_NOT_WRITABLE"


def test_a_copy_that_does_not_fit_leaves_nothing(
    theatre: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(backup, "_flush", no_space)
    with pytest.raises(Fault) as caught:
        theatre.store.back_up(tmp_path / "safe")
    assert caught.value.code == "DISK_FULL"
    assert list((tmp_path / "safe").iterdir()) == []


def test_an_older_file_is_copied_before_it_is_upgraded(
    theatre: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = theatre.store.outbox.tip()
    upgraded: list[bool] = []
    with monkeypatch.context() as older:
        older.setattr(migrate, "must_upgrade", lambda connection: not upgraded)
        older.setattr(migrate, "upgrade", lambda connection: upgraded.append(True))
        store = theatre.reopen()
    copies = list((theatre.folder / "backups").glob("before-upgrade-*.db.json"))
    assert upgraded == [True]
    assert [check_backup(path, key_of(theatre)).seq for path in copies] == [tip.seq]
    assert store.outbox.tip() == tip


def test_an_upgrade_that_fails_changes_nothing(theatre: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    tip = theatre.store.outbox.tip()

    def half(connection: object) -> None:
        connection.exec_driver_sql("DROP TABLE person")
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(migrate, "must_upgrade", lambda connection: True)
        broken.setattr(migrate, "upgrade", half)
        with pytest.raises(ZeroDivisionError):
            theatre.reopen()
    store = theatre.reopen()
    assert store.outbox.tip() == tip
    assert store.verify().clean


def test_copies_of_two_stations_are_told_apart(make_station: Callable[..., Station]) -> None:
    one, two = make_station(1), make_station(2)
    made = one.store.back_up()
    with pytest.raises(Fault):
        check_backup(made.manifest_path, key_of(two))
