"""Looking after a station through the command line: making it, files, settings, checks."""

import json
import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import CATALOGUE, Cli


def test_verify_is_clean_and_a_backup_can_be_made(house: Cli, tmp_path: Path) -> None:
    answer = house("verify").json
    assert answer["ok"]
    assert answer["entries"] > 5
    copy = tmp_path / "copy.gatehouse"
    assert house("backup", str(copy)).json["bytes"] > 0
    assert copy.exists()


def test_no_station_is_a_plain_fault(cli: Cli) -> None:
    answer = cli("order", "find")
    assert (answer.code, answer.error) == (3, "STORE_MISSING")


def test_a_second_init_in_the_same_folder_is_refused(house: Cli) -> None:
    answer = house("init", "--station", "Till 9")
    assert answer.code == 1


@pytest.mark.parametrize(
    ("change", "row", "field", "problem"),
    [
        (('price: "20.00", tax: 7', "price: free"), 13, "price", "amount"),
        (("capacity: 3", "capacity: many"), 11, "capacity", "whole_number"),
        (('starts: "now+40m"', "starts: soon"), 11, "starts", "time"),
        (("zone: Europe/Berlin", "zone: Mars/Olympus"), 2, "zone", "time_zone"),
        (("concession: student card", "colour: blue"), 14, "colour", "unknown_field"),
        (("code: half", "code: full"), 14, "code", "duplicate"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_imported(
    cli: Cli, tmp_path: Path, change: tuple[str, str], row: int, field: str, problem: str
) -> None:
    cli("init", "--station", "Till", "--admin", "anna", "--admin-pin", "2580")
    before = cli("catalogue", "list").json
    file = tmp_path / "wrong.yaml"
    assert change[0] in CATALOGUE
    file.write_text(CATALOGUE.replace(*change, 1), encoding="utf-8")
    answer = cli("catalogue", "import", str(file))
    assert (answer.code, answer.error) == (1, "CATALOGUE_INVALID")
    params = answer.json["error"]["params"]
    assert (params["file"], params["row"], params["field"], params["problem"]) == (
        "wrong.yaml", row, field, problem,
    )  # fmt: skip
    assert cli("catalogue", "list").json == before


def test_importing_the_same_file_twice_changes_nothing_the_second_time(cli: Cli, tmp_path: Path) -> None:
    cli("init", "--station", "Till", "--admin", "anna", "--admin-pin", "2580")
    file = tmp_path / "house.yaml"
    file.write_text(CATALOGUE.replace("now+40m", "2030-05-01 19:00"), encoding="utf-8")
    assert cli("catalogue", "import", str(file)).json["created"] > 5
    again = cli("catalogue", "import", str(file)).json
    # "+3d 10:00" is relative to the day, so only a run across midnight could differ
    assert again["created"] == 0


def test_a_price_change_makes_a_new_price_version(house: Cli, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    file.write_text('events: [{code: play, products: [{code: full, price: "22.00"}]}]', encoding="utf-8")
    assert house("catalogue", "import", str(file)).json["changed"] == 1
    exported = house("catalogue", "export").json
    product = next(
        product
        for event in exported["events"] if event["code"] == "play"
        for product in event["products"] if product["code"] == "full"
    )  # fmt: skip
    assert (product["price_minor"], product["price_version"]) == (2200, 2)


def test_a_csv_makes_events_performances_and_products(cli: Cli, tmp_path: Path) -> None:
    cli("init", "--station", "Till", "--admin", "anna", "--admin-pin", "2580")
    file = tmp_path / "season.csv"
    file.write_text(
        "event;event_name;performance;starts;minutes;capacity;product;name;price\n"
        "talk;Ein Vortrag;talk-1;2030-03-01 19:00;60;50;full;Voll;12,50\n"
        "talk;Ein Vortrag;talk-1;2030-03-01 19:00;60;50;half;Halb;6,25\n",
        encoding="utf-8",
    )
    events = cli("catalogue", "import", str(file)).json["events"]
    assert [event["code"] for event in events] == ["talk"]
    assert [product["price"]["minor"] for product in events[0]["performances"][0]["products"]] == [1250, 625]


def test_a_copied_folder_is_refused(house: Cli, tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "data", tmp_path / "copy")
    answer = house("order", "find", data=tmp_path / "copy")
    assert (answer.code, answer.error) == (3, "STORE_COPIED")


def test_settings_have_an_order_of_sources(
    house: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def got() -> tuple[str, str]:
        setting = house("settings", "get", "gate.code").json["settings"][0]
        return setting["value"], setting["source"]

    assert got() == ("A", "default")
    house("settings", "set", "gate.code", "B")
    assert got() == ("B", "stored")
    (tmp_path / "data" / ".env").write_text("GATEHOUSE_GATE_CODE=C\n")
    assert got() == ("C", ".env")
    monkeypatch.setenv("GATEHOUSE_GATE_CODE", "D")
    assert got() == ("D", "environment")


def test_a_setting_that_does_not_fit_is_refused(house: Cli) -> None:
    assert house("settings", "set", "theme", "purple").error == "SETTING_INVALID"
    assert house("settings", "set", "no.such", "1").error == "SETTING_UNKNOWN"
    assert house("settings", "set", "hub.dsn", "secret").error == "SETTING_SECRET"
    assert house("settings", "check").code == 0


def test_doctor_names_every_check_and_stays_calm(house: Cli) -> None:
    checks = house("doctor").json["checks"]
    assert {"station", "disk", "clock", "keystore", "postgresql"} <= {check["name"] for check in checks}
    assert all(check["advice"] for check in checks if check["state"] != "green")


def test_logs_are_json_lines_without_secrets(house: Cli, tmp_path: Path) -> None:
    house("sell", "--performance", "play-1", "--item", "full", "--tender", "cash:20")
    for file in (tmp_path / "data" / "logs").glob("*.jsonl"):
        text = file.read_text(encoding="utf-8")
        assert "2580" not in text
        for line in text.splitlines():
            json.loads(line)


def test_the_data_file_shows_no_name_to_strings(house: Cli, tmp_path: Path) -> None:
    for file in (tmp_path / "data").rglob("*"):
        if file.is_file() and "logs" not in file.parts:
            content = file.read_bytes()
            assert b"anna" not in content
            assert "Пьеса".encode() not in content
