"""Metrics: text that a strict reader takes, figures that are true, an endpoint that nobody can hold up."""

import json
import re
import socket
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from app import metrics
from app.bootstrap import Station, create_station, enrol_station, open_station
from app.measured import BOUNDS_MS, CLAIM, FILE, PUSH, Measured
from app.metrics_server import PATIENCE_S, MetricsServer, read_address
from app.services.facade import SyncView
from app.services.gate import ScanInput
from app.settings import Settings
from domain.actor import SYSTEM
from domain.errors import Fault, Refusal
from tests.builders import FakeClock, seeded_random_bytes
from tests.postgres import Hub

FREE = "gatehouse_disk_free_bytes"
NAME = r"[a-z_]+"
SAMPLE = re.compile(rf'({NAME})(\{{{NAME}="(?:[^"\\\n]|\\.)*"(?:,{NAME}="[^"]*")*\}})? (-?[0-9.e+-]+)')


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def station(tmp_path: Path, clock: FakeClock):
    data = tmp_path / "data"
    settings = Settings(data, {"GATEHOUSE_KEY_DIR": str(tmp_path / "keys")})
    made = create_station(data, settings, "Till 1", "K1", clock=clock, random_bytes=seeded_random_bytes())
    yield made
    made.close()


def read_strictly(text: str) -> dict[str, float]:
    """OpenMetrics as its specification wants it: families in one piece, each with its type first, an end."""
    assert text.endswith("\n# EOF\n")
    values: dict[str, float] = {}
    family, kind, closed = "", "", set()
    for line in text.removesuffix("# EOF\n").splitlines():
        if line.startswith("# TYPE "):
            closed.add(family)
            _, _, family, kind = line.split(" ")
            assert family not in closed
            assert kind in ("gauge", "histogram")
        elif line.startswith("# HELP "):
            assert line.split(" ")[2] == family
        else:
            found = SAMPLE.fullmatch(line)
            assert found is not None, line
            suffix = found[1].removeprefix(family)
            assert suffix in (("",) if kind == "gauge" else ("_bucket", "_count", "_sum"))
            assert found[1] + (found[2] or "") not in values
            values[found[1] + (found[2] or "")] = float(found[3])
    return values


def told(station: Station) -> dict[str, float]:
    return read_strictly(metrics.render(metrics.collect(station)))


def view(**changes: object) -> SyncView:
    plain = {
        "mode": "live", "code": None, "since_at": None, "last_contact_at": None, "waiting": 0, "held": 0,
        "conflicts": 0, "offset_ms": 12, "incarnation": None, "schema": None,
    }  # fmt: skip
    return SyncView(**plain | changes)


def test_a_fresh_station_tells_what_it_is_and_that_nothing_waits(station: Station) -> None:
    found = told(station)
    assert found["gatehouse_entries_waiting"] == found["gatehouse_oldest_waiting_seconds"] == 0
    assert found['gatehouse_sync_mode{mode="alone"}'] == 1
    assert found['gatehouse_sync_mode{mode="live"}'] == 0
    assert found['gatehouse_conflicts_open{code="DUP_ADMISSION"}'] == 0
    assert found['gatehouse_print_jobs{state="waiting"}'] == 0
    assert found["gatehouse_disk_free_bytes"] > 0
    assert found["gatehouse_ready"] in (0, 1)
    assert "gatehouse_backup_age_seconds" not in found


def test_scans_are_counted_by_verdict_for_a_day(station: Station, clock: FakeClock) -> None:
    for serial in ("00112233445566aa", "00112233445566bb"):
        station.services.gatekeeper.admit(ScanInput("", via="manual", serial=serial), SYSTEM)
        clock.advance(60)
    assert told(station)['gatehouse_scans_last_day{verdict="UNKNOWN"}'] == 2
    clock.advance(24 * 3600)
    assert 'gatehouse_scans_last_day{verdict="UNKNOWN"}' not in told(station)


def test_the_age_of_a_backup_is_told(station: Station, clock: FakeClock, tmp_path: Path) -> None:
    station.backup(tmp_path / "stick" / "copy.db")
    clock.advance(3600)
    assert told(station)["gatehouse_backup_age_seconds"] == 3600


def test_durations_stand_in_buckets_and_another_process_can_tell_them(
    tmp_path: Path, clock: FakeClock
) -> None:
    here = Measured(tmp_path, clock)
    for ms in (3, 10, 12, 9000):
        here.took(PUSH, ms)
    here.took(CLAIM, 240)
    here.state(view())
    there = Measured(tmp_path, clock).told()
    assert (there.mode, there.offset_ms) == ("live", 12)
    push = there.spreads[PUSH]
    assert push.buckets == [1, 1, 1, *[0] * (len(BOUNDS_MS) - 3), 1]
    assert (push.count, push.sum_ms, push.most_ms) == (4, 9025, 9000)
    assert there.spreads[CLAIM].count == 1


def test_figures_of_a_process_that_is_gone_do_not_call_it_live(tmp_path: Path, clock: FakeClock) -> None:
    Measured(tmp_path, clock).state(view())
    clock.advance(121)
    assert Measured(tmp_path, clock).told().mode == "stopped"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"at": 1}', '{"took": {"push": {}}}'])
def test_a_spoiled_file_is_no_file(tmp_path: Path, clock: FakeClock, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    assert Measured(tmp_path, clock).told().mode == "stopped"


def test_a_process_that_does_not_exchange_writes_nothing(tmp_path: Path, clock: FakeClock) -> None:
    measured = Measured(tmp_path, clock)
    measured.took(CLAIM, 5)
    measured.keep()
    assert list(tmp_path.iterdir()) == []


def test_a_label_cannot_break_a_line() -> None:
    family = metrics.Family("gatehouse_x", 'a "b"\nc', [metrics.Sample(1, (("name", 'x"} 5\n\\'),))])
    text = metrics.render([family])
    assert text.count("\n") == 4
    assert read_strictly(text) == {'gatehouse_x{name="x\\"} 5\\n\\\\"}': 1}


def test_a_file_is_whole_or_not_there(station: Station, tmp_path: Path) -> None:
    out = tmp_path / "gatehouse.prom"
    metrics.write(out, metrics.render(metrics.collect(station)))
    read_strictly(out.read_text(encoding="utf-8"))
    assert [path.name for path in tmp_path.glob("*gatehouse.prom*")] == ["gatehouse.prom"]
    with pytest.raises(Fault, match="FILE_NOT_WRITABLE"):
        metrics.write(tmp_path / "no" / "folder.prom", "")


@pytest.mark.parametrize(
    ("text", "address"),
    [("9187", ("127.0.0.1", 9187)), (":9187", ("127.0.0.1", 9187)), ("0.0.0.0:1", ("0.0.0.0", 1)),
     ("[::1]:9187", ("::1", 9187)), ("box.example:80", ("box.example", 80))],
)  # fmt: skip
def test_without_a_host_it_is_this_machine_only(text: str, address: tuple[str, int]) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize("text", ["", "x", "127.0.0.1", "1:2:3", "host:", ":70000", "9187 ", "٩"])
def test_what_is_no_address_is_refused(text: str) -> None:
    if text == "9187 ":
        assert read_address(text) == ("127.0.0.1", 9187)
        return
    with pytest.raises(Refusal, match="ADDRESS_INVALID"):
        read_address(text)


@pytest.fixture
def server(station: Station):
    made = MetricsServer(
        "0", lambda: metrics.render(metrics.collect(station)), lambda: metrics.health_text(station)
    )
    made.start()
    yield made
    made.stop()


def fetch(server: MetricsServer, path: str) -> tuple[int, str, str]:
    host, port = server.address
    try:
        with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=20) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


def test_the_endpoint_answers_with_the_right_type(server: MetricsServer) -> None:
    assert server.address[0] == "127.0.0.1"
    status, kind, text = fetch(server, "/metrics")
    assert (status, kind) == (200, metrics.CONTENT_TYPE)
    read_strictly(text)
    assert fetch(server, "/")[0] == fetch(server, "/metrics/../health")[0] == 404


def test_health_is_green_while_the_store_opens_and_there_is_room(
    server: MetricsServer, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, _, text = fetch(server, "/health")
    assert (status, json.loads(text)) == (200, {"ok": True, "store": "ok", "disk": "ok", "sync": "alone"})
    monkeypatch.setattr("app.disk.shutil.disk_usage", lambda _folder: type("Usage", (), {"free": 1000})())
    status, _, text = fetch(server, "/health")
    assert (status, json.loads(text)["disk"]) == (503, "DISK_LOW")


def test_health_is_not_green_for_a_station_that_the_hub_refuses(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "_told", lambda _station: metrics.Told("refused", "REVOKED", None, {}))
    assert metrics.health(station) == (
        False, {"ok": False, "store": "ok", "disk": "ok", "sync": "REVOKED"},
    )  # fmt: skip


def test_a_client_that_drips_or_says_nothing_holds_nobody_up(server: MetricsServer) -> None:
    stop = threading.Event()
    silent, dripping = (socket.create_connection(server.address) for _ in range(2))

    def drip() -> None:
        while not stop.wait(0.5):
            try:
                dripping.sendall(b"G")
            except OSError:
                return

    slow = threading.Thread(target=drip)
    slow.start()
    try:
        assert fetch(server, "/health")[0] == 200
    finally:
        stop.set()
        slow.join()
        silent.close()
        dripping.close()
    assert PATIENCE_S < 20


def test_an_address_that_is_taken_is_a_fault_in_words(server: MetricsServer) -> None:
    host, port = server.address
    with pytest.raises(Fault, match="ADDRESS_TAKEN"):
        MetricsServer(f"{host}:{port}", str, lambda: (True, ""))


def test_another_process_tells_the_same(station: Station, clock: FakeClock) -> None:
    again = open_station(station.store.folder, station.settings, clock=clock)
    try:
        assert {**told(again), FREE: 0} == {**told(station), FREE: 0}
    finally:
        again.close()


@pytest.mark.hub
def test_pushes_are_timed_and_the_hub_is_told_of(hub: Hub, tmp_path: Path) -> None:
    data = tmp_path / "till"
    settings = Settings(data, {"GATEHOUSE_KEY_DIR": str(tmp_path / "keys")})
    _, text = hub.invite()
    till = enrol_station(data, settings, text)
    till.note_start()
    before = told(till)
    assert before["gatehouse_entries_waiting"] > 0
    assert till.exchange is not None
    assert till.exchange.run_once().code is None
    after = told(till)
    till.close()
    assert after["gatehouse_entries_waiting"] == 0
    assert after["gatehouse_push_milliseconds_count"] >= 1
    assert after["gatehouse_push_longest_milliseconds"] > 0
    assert 0 <= after["gatehouse_last_contact_age_seconds"] < 60
    again = open_station(data, settings)
    elsewhere = told(again)
    again.close()
    assert elsewhere["gatehouse_push_milliseconds_count"] == after["gatehouse_push_milliseconds_count"]
