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


def test_tables_are_computed_again_when_somebody_asks(house: Cli) -> None:
    before = house("verify").json
    answer = house("verify", "--rebuild").json
    assert (before["rebuilt"], answer["rebuilt"], answer["ok"]) == (False, True, True)
    assert answer["entries"] >= before["entries"]


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


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--admin", "anna", "--admin-pin", "12"), "PIN_UNFIT"),
        (("--admin", "Анна", "--admin-pin", "2580"), "LOGIN_INVALID"),
        (("--catalogue", "wrong.yaml"), "CATALOGUE_INVALID"),
        (("--prefix", "к1"), "PREFIX_INVALID"),
    ],
)
def test_a_station_that_could_not_be_finished_leaves_nothing_and_can_be_made_again(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], code: str
) -> None:
    (tmp_path / "wrong.yaml").write_text("events: [{code: a, name: A, zone: Mars}]")
    monkeypatch.chdir(tmp_path)
    answer = cli("init", "--station", "Till", *options)
    assert (answer.code, answer.error) == (1, code)
    assert not (tmp_path / "data" / "station.db").exists()
    assert not list((tmp_path / "keys").glob("*"))
    assert cli("init", "--station", "Till").code == 0


def test_wrong_use_of_init_is_exit_code_2(cli: Cli) -> None:
    assert cli("init", "--station", "Till", "--admin", "anna").code == 2
    assert cli("init").code == 2


def test_a_damaged_journal_is_reported_with_exit_code_3(house: Cli, tmp_path: Path) -> None:
    from app.bootstrap import open_station
    from app.settings import Settings

    data = tmp_path / "data"
    station = open_station(data, Settings(data, {"GATEHOUSE_KEY_DIR": str(tmp_path / "keys")}))
    with station.store._core.writing() as work:
        work.connection.exec_driver_sql("DELETE FROM product")
        work.commit()
    station.close()
    answer = house("verify")
    assert (answer.code, answer.json["ok"]) == (3, False)
    assert answer.json["problems"]
    assert "PROBLEMS" in house("verify", as_json=False).out


def test_settings_can_be_read_and_stored_by_people_too(house: Cli) -> None:
    assert "theme = system  (default)" in house("settings", "list", as_json=False).out
    assert house("settings", "set", "theme", "dark", as_json=False).out == "theme = dark (stored)\n"
    assert house("settings", "get", "theme", as_json=False).out == "dark\n"
    listed = {one["name"]: one for one in house("settings", "list").json["settings"]}
    assert listed["pin"]["value"] == "•••"
    assert listed["theme"]["variable"] == "GATEHOUSE_THEME"


def test_settings_that_are_wrong_are_all_named(house: Cli, tmp_path: Path) -> None:
    (tmp_path / "data" / ".env").write_text("GATEHOUSE_THEME=purple\nGATEHOUSE_GAET=1\n")
    answer = house("settings", "check")
    assert (answer.code, answer.json["ok"]) == (1, False)
    assert [(one["code"], one["params"]["name"]) for one in answer.json["problems"]] == [
        ("SETTING_INVALID", "theme"), ("SETTING_UNKNOWN", "GATEHOUSE_GAET"),
    ]  # fmt: skip
    (tmp_path / "data" / ".env").write_text("nonsense\n")
    broken = house("settings", "list")
    assert (broken.code, broken.error, broken.json["error"]["params"]["line"]) == (
        3,
        "SETTINGS_UNREADABLE",
        1,
    )


def log_lines(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "logs"
    folder.mkdir(parents=True)
    lines = [
        {"timestamp": "2026-11-21T10:00:00Z", "level": "info", "event": "one", "order": "o-1"},
        {"timestamp": "2026-11-21T11:00:00Z", "level": "warning", "event": "two"},
        {"timestamp": "2026-11-21T12:00:00Z", "level": "error", "event": "three"},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    path = folder / "gatehouse.jsonl"
    path.write_bytes(text.encode() + b"broken \xff\n[5]\n")
    return path


def test_the_log_is_shown_from_a_level_and_a_time_on(cli: Cli, tmp_path: Path) -> None:
    log_lines(tmp_path)

    def events(*options: str) -> list[str]:
        return [line["event"] for line in cli("logs", *options).lines]

    assert events() == ["one", "two", "three", "unreadable line", "unreadable line"]
    assert events("--level", "error") == ["three"]
    assert events("--since", "2026-11-21T12:30:00+01:00") == ["three"]
    shown = cli("logs", as_json=False).out
    assert "2026-11-21T10:00:00Z info     one order=o-1" in shown
    assert cli("logs", "--level", "loud").code == 2
    assert cli("logs", "--since", "yesterday").code == 2


def test_no_log_yet_is_nothing_to_show_and_a_log_that_cannot_be_read_a_fault(
    cli: Cli, tmp_path: Path
) -> None:
    assert (cli("logs").code, cli("logs").out) == (0, "")
    (tmp_path / "data" / "logs" / "gatehouse.jsonl").mkdir(parents=True)
    answer = cli("logs")
    assert (answer.code, answer.lines[0]["error"]["code"]) == (3, "FILE_UNREADABLE")


def test_an_export_goes_to_standard_output_or_a_file(house: Cli, tmp_path: Path) -> None:
    text = house("catalogue", "export", as_json=False).out
    assert "Пьеса" in text
    assert (
        house("catalogue", "export", "--out", str(tmp_path / "out" / "season.yaml"), as_json=False).code == 0
    )
    assert (tmp_path / "out" / "season.yaml").read_text(encoding="utf-8") == text
    listed = house("catalogue", "list", as_json=False).out
    assert "play  A Play  [published]" in listed
    assert house("catalogue", "list", "--lang", "ru", as_json=False).out.startswith("play  Пьеса")


def test_a_backup_that_cannot_be_written_is_a_fault(house: Cli, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("in the way")
    answer = house("backup", str(tmp_path / "blocked" / "copy"))
    assert (answer.code, answer.json["error"]["kind"]) == (3, "fault")


def test_doctor_speaks_to_people_and_is_red_where_something_is_broken(house: Cli, tmp_path: Path) -> None:
    assert "green  station" in house("doctor", as_json=False).out
    (tmp_path / "data" / "station.db").write_bytes(b"x" * 5000)
    answer = house("doctor")
    assert answer.code == 3
    assert {check["name"]: check["state"] for check in answer.json["checks"]}["station"] == "red"


def test_messages_follow_the_language_and_codes_do_not(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    english = house("order", "show", "K1-000099", "--lang", "en").json["error"]
    russian = house("order", "show", "K1-000099", "--lang", "ru").json["error"]
    assert english["code"] == russian["code"] == "ORDER_UNKNOWN"
    assert english["message"] != russian["message"]
    monkeypatch.delenv("GATEHOUSE_LANG")
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    monkeypatch.setattr("locale.getlocale", lambda *_: (None, None))
    assert house("order", "show", "K1-000099").json["error"]["message"] == russian["message"]


def test_errors_for_people_stand_on_standard_error(house: Cli) -> None:
    answer = house("order", "show", "K1-000099", as_json=False)
    assert (answer.code, answer.out) == (1, "")
    assert "K1-000099" in answer.err


@pytest.mark.logs_expected
def test_a_bug_is_logged_and_shown_without_a_traceback(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr("app.services.orders.FindOrders.find", broken)
    answer = house("order", "find")
    assert (answer.code, answer.error, answer.json["error"]["params"]) == (
        3,
        "BUG",
        {"type": "ZeroDivisionError"},
    )
    assert "secret inside" not in answer.out


def test_nobody_signed_in_is_a_refusal(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEHOUSE_USER")
    assert house("order", "find").error == "NOT_SIGNED_IN"


def test_a_person_at_a_terminal_is_asked_who_acts(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEHOUSE_USER")
    monkeypatch.delenv("GATEHOUSE_PIN")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _prompt: " anna ")
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "2580")
    assert house("order", "find", as_json=False).code == 0
    assert house("order", "find").error == "NOT_SIGNED_IN"
