"""Backups put back: a new epoch, nothing doubled, nothing kept that was only lent."""

import json
import shutil
from pathlib import Path

import pytest

from app.bootstrap import open_station
from app.settings import Settings
from domain.actor import SYSTEM, Role
from sync import hub_admin
from tests.cli.conftest import CATALOGUE, Cli
from tests.hub.test_again import again
from tests.postgres import Hub

MUSEUM = ("sell", "--event", "museum", "--item", "day", "--tender", "cash:9.00")
PASSPHRASE = "a passphrase for tests"
SALE = ("sell", "--performance", "play-1", "--item", "full", "--tender", "cash:20.00")


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOUSE_ROOT_PASSPHRASE", PASSPHRASE)


def keys_of(tmp_path: Path, data: str = "data") -> tuple[str, str]:
    folder = tmp_path / f"{data}-organization-keys"
    return str(folder / "organization-root.pem"), str(folder / "organization-recovery.key")


def sold(cli: Cli, data: Path | None = None) -> dict:
    answer = cli(*SALE, data=data)
    assert answer.code == 0, answer
    return answer.json


def admitted(cli: Cli, sale: dict, data: Path | None = None) -> str:
    verdict: str = cli("admit", sale["tickets"][0]["code"], "--gate", "A", data=data).json["verdict"]
    return verdict


def test_a_backup_put_back_begins_a_new_epoch_and_sells_on(house: Cli, tmp_path: Path) -> None:
    first = sold(house)
    made = house("backup", str(tmp_path / "monday.db"))
    assert made.json["opened_by"] == ["this machine", "recovery"]
    lost = sold(house)  # after the backup: the disk dies with it
    shutil.rmtree(tmp_path / "data")
    root, _ = keys_of(tmp_path)
    back = house("restore", str(tmp_path / "monday.db"), "--root-key", root)
    assert (back.code, back.json["epoch"], back.json["must_enrol"]) == (0, 2, False)
    assert house("verify").json["ok"]
    new = sold(house)
    assert (lost["receipt"], new["receipt"]) == ("K1-000002", "K1B-000001")
    assert [admitted(house, each) for each in (first, new)] == ["ADMIT", "ADMIT"]
    flagged = house("admit", lost["tickets"][0]["code"], "--gate", "A").json
    assert (flagged["verdict"], flagged["opens"]) == ("UNKNOWN", True), "signed by a key that is still held"
    assert house("keys", "show").json["certified"] is True
    assert house("verify").json["ok"]


def test_no_epoch_is_begun_twice_from_any_backup_of_a_station(house: Cli, tmp_path: Path) -> None:
    for day in ("monday", "tuesday"):
        assert house("backup", str(tmp_path / f"{day}.db")).code == 0
        sold(house)
    shutil.rmtree(tmp_path / "data")
    assert house("restore", str(tmp_path / "monday.db")).json["epoch"] == 2
    one, two = tmp_path / "one", tmp_path / "two"
    assert house("restore", str(tmp_path / "tuesday.db"), data=one).json["epoch"] == 3
    assert house("restore", str(tmp_path / "monday.db"), data=two).json["epoch"] == 4
    assert house("keys", "rotate", "--root-key", keys_of(tmp_path)[0], data=two).json["epoch"] == 5
    # another machine, which knows nothing but the folder with the backup in it
    (tmp_path / "keys").rename(tmp_path / "keys-gone")
    _, recovery = keys_of(tmp_path)
    three = tmp_path / "three"
    again = house("restore", str(tmp_path / "monday.db"), "--recovery-key", recovery, data=three)
    assert (again.code, again.json["epoch"]) == (0, 5), again


def test_a_backup_opens_elsewhere_with_the_recovery_key_or_its_passphrase_only(
    house: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEHOUSE_BACKUP_PASSPHRASE", "for the backup")
    assert house("backup", str(tmp_path / "a.db")).json["opened_by"] == [
        "this machine",
        "recovery",
        "passphrase",
    ]
    monkeypatch.delenv("GATEHOUSE_BACKUP_PASSPHRASE")
    shutil.rmtree(tmp_path / "keys")
    new = tmp_path / "new"
    answer = house("restore", str(tmp_path / "a.db"), data=new)
    assert (answer.code, answer.error) == (1, "BACKUP_LOCKED")
    monkeypatch.setenv("GATEHOUSE_BACKUP_PASSPHRASE", "something else")
    answer = house("restore", str(tmp_path / "a.db"), data=new)
    assert (answer.code, answer.error) == (1, "BACKUP_PASSPHRASE_WRONG")
    assert not new.exists()
    monkeypatch.setenv("GATEHOUSE_BACKUP_PASSPHRASE", "for the backup")
    assert house("restore", str(tmp_path / "a.db"), data=new).code == 0
    assert house("verify", data=new).json["ok"]
    _, recovery = keys_of(tmp_path)
    other = tmp_path / "other"
    assert house("restore", str(tmp_path / "a.db"), "--recovery-key", recovery, data=other).code == 0


def test_a_live_store_and_a_damaged_backup_are_left_alone(house: Cli, tmp_path: Path) -> None:
    copy = tmp_path / "a.db"
    assert house("backup", str(copy)).code == 0
    answer = house("restore", str(copy))
    assert (answer.code, answer.error) == (1, "STORE_EXISTS")
    assert sold(house)["receipt"] == "K1-000001"
    new = tmp_path / "new"
    whole = copy.read_bytes()
    copy.write_bytes(whole[:9000] + bytes([whole[9000] ^ 1]) + whole[9001:])
    assert house("restore", str(copy), data=new).error == "BACKUP_INVALID"
    copy.write_bytes(whole)
    manifest = json.loads((tmp_path / "a.db.json").read_text())
    (tmp_path / "a.db.json").write_text(json.dumps(manifest | {"seq": 999}))
    assert house("restore", str(copy), data=new).error == "BACKUP_INVALID"
    (tmp_path / "a.db.json").unlink()
    assert house("restore", str(copy), data=new).error == "BACKUP_INVALID"
    assert not new.exists()


def test_a_backup_whose_keys_are_another_s_is_refused(house: Cli, tmp_path: Path) -> None:
    copy, other = tmp_path / "a.db", tmp_path / "b.db"
    assert house("backup", str(copy)).code == 0
    twin = tmp_path / "twin"
    root, recovery = keys_of(tmp_path)
    assert house("init", "--station", "Till 2", "--root-key", root, data=twin).code == 0
    assert house("backup", str(other), data=twin).code == 0
    mine, theirs = (json.loads((tmp_path / f"{name}.db.json").read_text()) for name in "ab")
    (tmp_path / "a.db.json").write_text(json.dumps(mine | {"keys": theirs["keys"]}))
    answer = house("restore", str(copy), "--recovery-key", recovery, data=tmp_path / "new")
    assert (answer.code, answer.error) == (3, "BACKUP_INVALID")


@pytest.mark.hub
def test_a_station_of_a_hub_is_enrolled_again_after_a_restore_and_nothing_is_doubled(
    cli: Cli, hub: Hub, tmp_path: Path
) -> None:
    file, catalogue = tmp_path / "till.enrol", tmp_path / "house.yaml"
    catalogue.write_text(CATALOGUE, encoding="utf-8")
    file.write_text(hub.invite("Till 1", "K1")[1])
    assert cli("enrol", str(file)).code == 0
    station = open_station(tmp_path / "data", Settings(tmp_path / "data"))
    station.services.add_user("anna", "anna", [Role.ADMIN, Role.ORGANIZER, Role.SUPERVISOR], "2580", SYSTEM)
    station.close()
    assert cli("catalogue", "import", str(catalogue)).code == 0
    assert cli("shift", "open", "--float", "100.00").code == 0
    assert cli("sync").code == 0
    assert cli("sync").code == 0
    first = sold(cli)
    assert cli("sync").code == 0
    assert cli("backup", str(tmp_path / "a.db")).code == 0
    lost = sold(cli)
    assert cli("sync").code == 0
    shutil.rmtree(tmp_path / "data")

    back = cli("restore", str(tmp_path / "a.db"))
    assert (back.code, back.json["epoch"], back.json["must_enrol"]) == (0, 1, True), back
    assert cli("verify").json["ok"]
    assert cli(*SALE).error == "SOLD_OUT", "what was lent to the lost disk is not ours"
    barred = cli(*MUSEUM)
    assert (barred.code, barred.error) == (1, "RESTORED_ENROL")
    assert cli("check", first["tickets"][0]["code"], "--gate", "A").json["verdict"] == "ADMIT"
    file.write_text(again(hub, "Till 1"))
    enrolled = cli("enrol", str(file))
    assert (enrolled.code, enrolled.json["epoch"]) == (0, 2), enrolled
    assert cli("sync").code == 0
    assert cli("order", "find", lost["reference"]).json["orders"], "what the hub knew comes back"
    assert cli("sync").code == 0
    new = cli(*MUSEUM)
    assert (new.code, new.json["receipt"]) == (0, "K1B-000001"), new
    assert cli("sync").code == 0
    status = hub_admin.status(hub.dsn)
    assert (status.forks, status.held, status.quarantined) == (0, 0, 0)
    with hub.admin() as admin:
        orders = admin.execute(
            "SELECT count(*), count(DISTINCT content::jsonb #>> '{body,order}') FROM hub.log_raw"
            " WHERE content::jsonb ->> 'kind' = 'order_sold'"
        ).fetchone()
        used = admin.execute("SELECT leased, used, outside FROM hub.pool WHERE capacity = 3").fetchone()
    assert orders == (3, 3)
    assert used is not None
    assert used[1] + used[2] == 2
    assert cli("verify").json["ok"]
