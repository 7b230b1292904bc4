"""metrics, logs, doctor --bundle, and the hub's unit and waiting, from the command line."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.bootstrap import create_station
from app.cli.program import program
from app.cli.systemd_unit import systemd_unit
from app.cli.window import metrics_server
from app.log_reading import log_files, read_since, records
from app.logs import LOG_FOLDER, LOG_NAME
from app.paths import resource
from app.settings import Settings
from domain.clock import from_text, to_text
from domain.errors import Fault, GatehouseError
from sync import hub_admin
from tests.builders import NOW
from tests.cli.conftest import Cli


def test_metrics_are_text_or_json_or_a_file(house: Cli, tmp_path: Path) -> None:
    text = house("metrics", as_json=False)
    assert text.code == 0
    assert text.out.endswith("# EOF\n")
    assert "gatehouse_entries_waiting 0\n" in text.out
    listed = house("metrics").json["metrics"]
    assert {"name": "gatehouse_entries_held", "labels": {}, "value": 0} in listed
    out = tmp_path / "gatehouse.prom"
    answer = house("metrics", "--out", str(out)).json
    assert (answer["file"], answer["samples"] > 20) == (str(out), True)
    assert out.read_text(encoding="utf-8").endswith("# EOF\n")


def test_metrics_to_a_place_that_cannot_be_written_is_a_fault(house: Cli, tmp_path: Path) -> None:
    answer = house("metrics", "--out", str(tmp_path / "no" / "x.prom"))
    assert (answer.code, answer.error) == (3, "FILE_NOT_WRITABLE")


@pytest.mark.parametrize(("words", "code"), [
    (("--listen", "nowhere"), 1), (("--listen", "9187", "--out", "x"), 2),
    (("--listen", "127.0.0.1:99999"), 1),
])  # fmt: skip
def test_metrics_refuses_what_is_no_address(house: Cli, words: tuple[str, ...], code: int) -> None:
    assert house("metrics", *words).code == code


def test_metrics_are_served_on_this_machine_until_it_is_told_to_stop(house: Cli, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "app.main",
        "metrics",
        "--listen",
        "0",
        "--data",
        str(tmp_path / "data"),
        "--json",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["host"] == "127.0.0.1"
        with urllib.request.urlopen(f"http://127.0.0.1:{told['port']}/health", timeout=20) as answer:
            assert json.load(answer)["ok"] is True
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_doctor_writes_a_bundle_beside_its_answer(house: Cli, tmp_path: Path) -> None:
    file = tmp_path / "help.zip"
    answer = house("doctor", "--bundle", str(file))
    assert answer.code in (0, 3)
    assert answer.json["bundle"] == str(file)
    assert {check["name"] for check in answer.json["checks"]} >= {
        "clock",
        "disk",
        "backup",
        "printer",
        "sound",
    }
    with zipfile.ZipFile(file) as bundle:
        assert sorted(bundle.namelist()) == answer.json["parts"]
        assert "anna" not in "".join(bundle.read(name).decode() for name in bundle.namelist())


class TestLogs:
    """All that is kept of the log, in its order."""

    def write(self, data: Path) -> None:
        folder = data / LOG_FOLDER
        folder.mkdir(parents=True)
        for name, minutes in ((f"{LOG_NAME}.2", 0), (f"{LOG_NAME}.1", 1), (LOG_NAME, 2)):
            line = {"timestamp": f"2026-11-21T18:0{minutes}:00.000Z", "level": "info", "event": name}
            (folder / name).write_text(json.dumps(line) + "\n", encoding="utf-8")

    def test_files_that_were_put_aside_come_first(self, cli: Cli, tmp_path: Path) -> None:
        self.write(tmp_path / "data")
        events = [line["event"] for line in cli("logs").lines]
        assert events == [f"{LOG_NAME}.2", f"{LOG_NAME}.1", LOG_NAME]
        assert len(log_files(tmp_path / "data")) == 3

    def test_since_takes_a_time_or_how_long_ago(self, cli: Cli, tmp_path: Path) -> None:
        self.write(tmp_path / "data")
        assert [line["event"] for line in cli("logs", "--since", "2026-11-21T19:01:30+01:00").lines] == [
            LOG_NAME
        ]
        assert to_text(read_since("2h", NOW)) == "2026-11-21T16:45:00.000Z"
        assert cli("logs", "--since", "yesterday").code == 2
        assert cli("logs", "--since", "2026-11-21T19:01:30").code == 2, "a time without a zone"

    def test_a_log_is_followed_over_its_rotation(self, tmp_path: Path) -> None:
        self.write(tmp_path)
        path = tmp_path / LOG_FOLDER / LOG_NAME
        steps = iter([
            lambda: path.write_text(path.read_text(encoding="utf-8") + '{"event": "half', encoding="utf-8"),
            lambda: path.rename(path.with_name("aside")),
            lambda: path.write_text('{"event": "new file"}\n', encoding="utf-8"),
        ])  # fmt: skip
        found = []
        for record in records(tmp_path, follow=True, pause=lambda _seconds: next(steps)()):
            found.append(record["event"])
            if record["event"] == "new file":
                break
        assert found[-2:] == [LOG_NAME, "new file"]

    def test_a_log_that_is_a_folder_is_a_fault(self, tmp_path: Path) -> None:
        (tmp_path / LOG_FOLDER / LOG_NAME).mkdir(parents=True)
        with pytest.raises(Fault, match="FILE_UNREADABLE"):
            list(records(tmp_path, follow=False))


class TestUnit:
    """The hub under systemd."""

    def test_it_runs_a_verb_that_there_is_from_where_the_program_lies(self, cli: Cli) -> None:
        text = cli("hub", "serve", "--unit", "--port", "5544").json["unit"]
        line = next(line for line in text.splitlines() if line.startswith("ExecStart="))
        words = line.removeprefix("ExecStart=").split()
        assert words[1:] == ["hub", "serve", "--port", "5544"]
        assert Path(words[0]).name == "gatehouse"
        group = next(each for each in program().registered_groups if each.name == "hub")
        assert "serve" in {each.name for each in group.typer_instance.registered_commands}
        assert (
            systemd_unit(None, "10.0.0.5", ["box.example"], "/opt/g h/gatehouse").count(
                "ExecStart='/opt/g h/gatehouse' hub serve --host 10.0.0.5 --name box.example\n"
            )
            == 1
        )

    def test_a_program_that_lies_in_a_home_can_be_started_and_still_write_nothing_there(self) -> None:
        hidden = systemd_unit(None, "127.0.0.1", (), "/opt/gatehouse/bin/gatehouse")
        shown = systemd_unit(None, "127.0.0.1", (), "/home/anna/venv/bin/gatehouse")
        assert "\nProtectHome=yes\n" in hidden
        assert "\nProtectHome=read-only\n" in shown
        assert "ProtectHome=yes" not in shown

    def test_it_can_write_nothing_but_its_own_folder(self) -> None:
        text = resource("systemd", "gatehouse-hub.service").read_text(encoding="utf-8")
        for line in (
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "ProtectHome=yes",
            "PrivateTmp=yes",
            "CapabilityBoundingSet=",
            "UMask=0077",
            "StateDirectory=gatehouse",
            "User=gatehouse",
        ):
            assert f"\n{line}\n" in text, line
        assert "--dsn" not in text
        assert "PASSWORD" not in text.upper()

    @pytest.mark.skipif(not Path("/usr/bin/systemd-analyze").exists(), reason="no systemd here")
    def test_systemd_finds_no_fault_in_it(self, tmp_path: Path) -> None:
        unit = tmp_path / "gatehouse-hub.service"
        unit.write_text(systemd_unit(None, "127.0.0.1", (), "/bin/true"), encoding="utf-8")
        done = subprocess.run(
            ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_waiting_for_a_hub_that_never_becomes_current_is_a_fault(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = hub_admin.HubStatus("o", "Venue", "i", "0001", "0010", True, 1, 0, 0, 0, 0, 0)
    monkeypatch.setattr(hub_admin, "status", lambda _dsn, _wait: old)
    answer = cli("hub", "status", "--wait", "1", "--dsn", "host=nowhere")
    assert (answer.code, answer.error) == (3, "HUB_NOT_CURRENT")
    shown = cli("hub", "status", "--dsn", "host=nowhere")
    assert (shown.code, shown.json["current"]) == (0, False)


def test_waiting_for_a_hub_that_is_not_there_ends_as_a_fault(cli: Cli) -> None:
    answer = cli("hub", "status", "--wait", "0.3", "--dsn", "host=127.0.0.1 port=1 dbname=x")
    assert (answer.code, answer.error) == (3, "HUB_UNREACHABLE")


def test_the_time_of_a_log_is_read_with_its_zone() -> None:
    assert read_since("2026-11-21T19:01:30+01:00", NOW) == from_text("2026-11-21T18:01:30Z")


class Bar:
    """The window's bar of faults."""

    def __init__(self) -> None:
        self.raised: list[tuple[str, str]] = []

    def raise_fault(self, key: str, error: GatehouseError) -> None:
        self.raised.append((key, error.code))


def test_the_window_serves_figures_only_where_the_setting_says_so(tmp_path: Path) -> None:
    bar = Bar()
    desk = SimpleNamespace(session=bar)
    environment = {"GATEHOUSE_KEY_DIR": str(tmp_path / "keys")}
    station = create_station(tmp_path / "data", Settings(tmp_path / "data", environment), "Till", "K1")
    try:
        assert metrics_server(station, desk) is None
        asked = Settings(tmp_path / "data", environment | {"GATEHOUSE_METRICS_LISTEN": "0"})
        served = replace(station, settings=asked)
        server = metrics_server(served, desk)
        assert server is not None
        host, port = server.address
        taken = Settings(tmp_path / "data", environment | {"GATEHOUSE_METRICS_LISTEN": f"{host}:{port}"})
        assert metrics_server(replace(station, settings=taken), desk) is None
        server.stop()
        assert bar.raised == [("metrics", "ADDRESS_TAKEN")]
    finally:
        station.close()
