"""Erasing a person, and naming a station for a kind of documents, from the command line."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.postgres import Hub


def test_a_person_is_erased_by_login(house: Cli) -> None:
    done = house("user", "erase", "anna", "--reason", "RETENTION")
    assert done.code == 0, done
    assert done.json == {"login": "anna", "erased": 1}
    assert house("user", "erase", "anna").json["erased"] == 0
    assert house("user", "erase", "otto").error == "USER_UNKNOWN"
    assert house("user", "erase", "anna", "--reason", "WHY").code == 2


def test_everything_kept_about_a_person_is_written_into_one_file(house: Cli, tmp_path: Path) -> None:
    assert house("user", "add", "otto", "--name", "Otto Berg", "--role", "cashier", "--pin", "1357").code == 0
    told = house("user", "export", "otto").json
    assert told["person"]["name"] == "Otto Berg"
    assert [(one["kind"], one["content"]["name"]) for one in told["documents"]] == [("person", "Otto Berg")]
    assert [(one["kind"], one["as"]) for one in told["entries"]] == [("user_created", "named")]
    file = tmp_path / "otto.json"
    done = house("user", "export", "anna", "--out", str(file))
    assert done.json["file"] == str(file)
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert {one["as"] for one in kept["entries"]} == {"acted", "named"}
    assert file.stat().st_mode & 0o077 == 0
    assert house("user", "export", "nobody").error == "USER_UNKNOWN"


def test_one_may_ask_for_oneself_and_not_for_others(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert house("user", "add", "otto", "--name", "Otto Berg", "--role", "cashier", "--pin", "1357").code == 0
    monkeypatch.setenv("GATEHOUSE_USER", "otto")
    monkeypatch.setenv("GATEHOUSE_PIN", "1357")
    assert house("user", "export", "otto").json["person"]["login"] == "otto"
    assert house("user", "export", "anna").error == "NOT_ALLOWED"
    assert house("user", "export", "nobody").error == "NOT_ALLOWED", "nor learn who there is"


def test_a_station_is_named_for_a_kind_of_documents(cli: Cli, hub: Hub) -> None:
    station = hub.join("Office", "A").station
    done = cli("hub", "documents", "Office", "secret", "--dsn", hub.dsn)
    assert done.json == {"station_id": station, "kind": "secret", "on": True}
    with hub.admin() as admin:
        assert admin.execute("SELECT kinds FROM hub.station").fetchone() == (["secret"],)
    assert cli("hub", "documents", station, "secret", "--off", "--dsn", hub.dsn).json["on"] is False
    with hub.admin() as admin:
        assert admin.execute("SELECT kinds FROM hub.station").fetchone() == ([],)
    assert cli("hub", "documents", "Office", "diaries", "--dsn", hub.dsn).error == "DOCUMENT_KIND_UNKNOWN"
    assert cli("hub", "documents", "Nobody", "secret", "--dsn", hub.dsn).error == "STATION_UNKNOWN"
