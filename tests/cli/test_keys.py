"""Keys through the command line: made with the station, wrapped, lost and recovered, changed, listed."""

import json
import shutil
from pathlib import Path

import pytest

from app.bootstrap import create_station, open_station
from app.settings import Settings
from tests.cli.conftest import Cli

PASSPHRASE = "a passphrase for tests"


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOUSE_ROOT_PASSPHRASE", PASSPHRASE)


def recovery_key(tmp_path: Path) -> Path:
    return tmp_path / "data-organization-keys" / "organization-recovery.key"


def root_key(tmp_path: Path) -> Path:
    return tmp_path / "data-organization-keys" / "organization-root.pem"


def lose_keystore(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "keys")


def sold(cli: Cli, tender: str = "cash:20.00") -> dict:
    answer = cli("sell", "--performance", "play-1", "--item", "full", "--tender", tender)
    assert answer.code == 0, answer
    return answer.json


def test_a_new_station_gets_its_organization_s_keys_outside_its_folder(house: Cli, tmp_path: Path) -> None:
    for path in (root_key(tmp_path), recovery_key(tmp_path)):
        assert path.stat().st_mode & 0o077 == 0
        assert PASSPHRASE not in path.read_text()
    own = house("keys", "show").json
    assert (own["epoch"], own["certified"], own["wrapped"], own["keystore"]) == (1, True, True, "file")
    (row,) = house("keys", "list").json["keys"]
    assert (row["name"], row["usage"], row["state"], row["own"]) == (
        "Till 1",
        ["journal", "sell"],
        "good",
        True,
    )
    assert row["days_left"] > 1800
    assert "Till 1" in house("keys", "list", as_json=False).out
    assert house("verify").json["ok"]


def test_a_passphrase_made_by_init_is_shown_once_and_opens_both_files(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GATEHOUSE_ROOT_PASSPHRASE")
    made = cli("init", "--station", "Till", "--keys-dir", str(tmp_path / "safe")).json
    assert Path(made["root_key"]).parent == tmp_path / "safe"
    lose_keystore(tmp_path)
    monkeypatch.setenv("GATEHOUSE_RECOVERY_PASSPHRASE", made["passphrase"])
    assert cli("recover", "--key", made["recovery_key"]).code == 0
    assert "shown once" in cli("init", "--station", "T", data=tmp_path / "two", as_json=False).out


def test_key_files_never_lie_in_the_data_folder(cli: Cli, tmp_path: Path) -> None:
    answer = cli("init", "--station", "Till", "--keys-dir", str(tmp_path / "data" / "safe"))
    assert (answer.code, answer.error) == (1, "KEY_FOLDER_INSIDE_DATA")
    assert not (tmp_path / "data").exists()


def test_a_station_that_cannot_be_finished_leaves_no_keys_behind(cli: Cli, tmp_path: Path) -> None:
    answer = cli("init", "--station", "Till", "--prefix", "not a prefix")
    assert (answer.code, answer.error) == (1, "PREFIX_INVALID")
    assert list((tmp_path / "data-organization-keys").iterdir()) == []
    assert cli("init", "--station", "Till").code == 0


def test_a_lost_keystore_is_recovered_and_the_station_sells_on_as_the_same(
    house: Cli, tmp_path: Path
) -> None:
    before, ticket = house("keys", "show").json, sold(house)
    lose_keystore(tmp_path)
    answer = house("sell", "--performance", "play-1", "--item", "full", "--tender", "cash:20.00")
    assert (answer.code, answer.error) == (3, "STORE_KEY_MISSING")
    found = house("recover", "--key", str(recovery_key(tmp_path)))
    assert (found.code, found.json["station_id"], found.json["epoch"]) == (0, before["station_id"], 1)
    after = sold(house)
    assert after["receipt"] == "K1-000002"
    assert house("keys", "show").json["key"] == before["key"]
    for each in (ticket, after):
        assert house("admit", each["tickets"][0]["code"], "--gate", "A").json["verdict"] == "ADMIT"
    assert house("verify").json["ok"]
    again = house("recover", "--key", str(recovery_key(tmp_path)))
    assert (again.code, again.error) == (1, "RECOVERY_NOT_NEEDED")


def test_a_wrong_passphrase_recovers_nothing(
    house: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_keystore(tmp_path)
    monkeypatch.setenv("GATEHOUSE_ROOT_PASSPHRASE", "another passphrase")
    answer = house("recover", "--key", str(recovery_key(tmp_path)))
    assert (answer.code, answer.error) == (1, "RECOVERY_PASSPHRASE_WRONG")
    monkeypatch.delenv("GATEHOUSE_ROOT_PASSPHRASE")
    answer = house("recover", "--key", str(recovery_key(tmp_path)))
    assert (answer.code, answer.error) == (1, "PASSPHRASE_MISSING")
    assert not (tmp_path / "keys").exists()


def test_a_tampered_wrap_is_refused_and_nothing_is_put_into_the_keystore(house: Cli, tmp_path: Path) -> None:
    lose_keystore(tmp_path)
    wrap = tmp_path / "data" / "station.recovery"
    whole = json.loads(wrap.read_text())
    for name, value in (
        ("sealed", whole["box"]["sealed"][:-2] + "00"),
        ("once", "00" * 32),
        ("sealed", "not hexadecimal"),
    ):
        wrap.write_text(json.dumps({**whole, "box": {**whole["box"], name: value}}))
        answer = house("recover", "--key", str(recovery_key(tmp_path)))
        assert (answer.code, answer.error) == (1, "RECOVERY_WRAP_DAMAGED")
    for text in ("scribble", "[]", json.dumps({**whole, "box": 3})):
        wrap.write_text(text)
        assert house("recover", "--key", str(recovery_key(tmp_path))).error == "RECOVERY_WRAP_DAMAGED"
    wrap.unlink()
    answer = house("recover", "--key", str(recovery_key(tmp_path)))
    assert (answer.code, answer.error) == (3, "RECOVERY_WRAP_MISSING")
    assert not (tmp_path / "keys").exists()


def test_the_wrap_of_another_station_and_the_key_of_another_organization_open_nothing(
    house: Cli, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    assert house("init", "--station", "Till 9", data=other).code == 0
    twin = tmp_path / "twin"
    assert house("init", "--station", "Till 2", "--root-key", str(root_key(tmp_path)), data=twin).code == 0
    lose_keystore(tmp_path)
    foreign = tmp_path / "other-organization-keys" / "organization-recovery.key"
    answer = house("recover", "--key", str(foreign))
    assert (answer.code, answer.error) == (1, "RECOVERY_KEY_OTHER")
    shutil.copyfile(twin / "station.recovery", tmp_path / "data" / "station.recovery")
    answer = house("recover", "--key", str(recovery_key(tmp_path)))
    assert (answer.code, answer.error) == (1, "RECOVERY_WRAP_DAMAGED")
    assert house("recover", "--key", str(recovery_key(tmp_path)), data=twin).code == 0


def test_what_is_no_recovery_key_is_refused(house: Cli, tmp_path: Path) -> None:
    lose_keystore(tmp_path)
    whole = recovery_key(tmp_path).read_text()
    forged = tmp_path / "forged.key"
    public = json.loads(json.loads(whole)["public"]["text"])
    for text in ("", "[]", "\x00", whole.replace(public["public"], "11" * 32)):
        forged.write_text(text)
        answer = house("recover", "--key", str(forged))
        assert (answer.code, answer.error) == (1, "RECOVERY_KEY_INVALID")
    forged.write_bytes(b"\xff\xfe")
    assert house("recover", "--key", str(forged)).error == "RECOVERY_KEY_INVALID"
    assert house("recover", "--key", str(tmp_path / "none")).error == "RECOVERY_KEY_MISSING"
    assert house("recover", "--key", str(forged), data=tmp_path / "empty").code != 0


def test_a_wrap_that_was_deleted_is_made_again_at_the_next_start(house: Cli, tmp_path: Path) -> None:
    wrap = tmp_path / "data" / "station.recovery"
    wrap.unlink()
    assert house("keys", "show").json["wrapped"] is True
    assert wrap.exists()


def test_a_station_without_a_root_is_given_one_later(house: Cli, tmp_path: Path) -> None:
    data = tmp_path / "window"
    create_station(data, Settings(data), "Till 5", "K5").close()
    assert house("keys", "show", data=data).json["certified"] is False
    assert house("keys", "list", data=data).json["keys"] == []
    made = house("keys", "root", "--out", str(tmp_path / "safe"), data=data)
    assert (made.code, Path(made.json["root_key"]).exists()) == (0, True)
    assert house("keys", "show", data=data).json["certified"] is True
    again = house("keys", "root", "--out", str(tmp_path / "safe-2"), data=data)
    assert (again.code, again.error) == (1, "ROOT_KNOWN")
    other = house("keys", "root", "--root-key", str(root_key(tmp_path)), data=data)
    assert (other.code, other.error) == (1, "ROOT_KEY_WRONG")


def test_a_changed_key_begins_an_epoch_and_old_tickets_stay_good(house: Cli, tmp_path: Path) -> None:
    before, old = house("keys", "show").json, sold(house)
    changed = house("keys", "rotate")
    assert (changed.code, changed.json["epoch"]) == (0, 2)
    assert changed.json["key"] != before["key"]
    new = sold(house)
    assert new["receipt"] == "K1B-000001"
    for each in (old, new):
        assert house("admit", each["tickets"][0]["code"], "--gate", "A").json["verdict"] == "ADMIT"
    assert house("keys", "show").json["certified"] is True
    assert house("verify").json["ok"]
    lose_keystore(tmp_path)
    assert house("recover", "--key", str(recovery_key(tmp_path))).json["epoch"] == 2
    assert house("keys", "rotate").json["epoch"] == 3


def test_a_kill_in_the_middle_of_a_change_of_keys_leaves_a_store_that_opens(
    house: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = next((tmp_path / "keys").glob("*.json"))
    before = record.read_text()
    assert house("keys", "rotate").code == 0
    after = json.loads(record.read_text())
    # the moment after the store was changed: the keystore still holds both
    record.write_text(json.dumps({**json.loads(before), "next_seed": after["signing_seed"]}))
    assert house("verify").json["ok"]
    assert json.loads(record.read_text())["signing_seed"] == after["signing_seed"]
    # the moment before it: the other key was never used
    record.write_text(json.dumps({**json.loads(record.read_text()), "next_seed": "11" * 32}))
    assert house("verify").json["ok"]
    assert "next_seed" not in json.loads(record.read_text())


def test_the_folder_holds_no_secret_in_plain(house: Cli, tmp_path: Path) -> None:
    data = tmp_path / "data"
    station = open_station(data, Settings(data))
    seed = station.store.signing_key.seed()
    station.close()
    for path in data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert seed not in content, path
            assert seed.hex().encode() not in content, path
