"""The hub through the command line, over a real PostgreSQL: made, joined, exchanged with, gone wrong."""

import contextlib
import json
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from app.cli.enrol_verbs import prefix_from
from app.cli.hub_access import HUB_FOLDER
from domain.certificates import EVERYTHING
from sync import hub_admin
from sync.hub_server import Server, open_server
from sync.root_key import read_root_key
from tests.cli.conftest import CATALOGUE, Cli
from tests.postgres import Hub

pytestmark = pytest.mark.hub
PASSPHRASE = "a passphrase for tests"


@pytest.fixture
def empty(hub_server: Server) -> Iterator[str]:
    """The administrator's DSN of a database in which no hub was made."""
    name = f"empty_{os.urandom(4).hex()}"
    with psycopg.connect(hub_server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield hub_server.dsn(name)
    roles: list[str] = []
    with (
        contextlib.suppress(psycopg.Error),
        psycopg.connect(hub_server.dsn(name), autocommit=True) as connection,
    ):
        roles += [row[0] for row in connection.execute("SELECT role FROM hub.invitation")]
    with psycopg.connect(hub_server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        for role in roles:
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


@pytest.fixture
def made(cli: Cli, empty: str, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A hub made by `hub init`, whose DSN and passphrase come from the environment."""
    monkeypatch.setenv("GATEHOUSE_HUB_DSN", empty)
    monkeypatch.setenv("GATEHOUSE_ROOT_PASSPHRASE", PASSPHRASE)
    answer = cli("hub", "init", "--name", "Old Theatre")
    assert answer.code == 0, answer
    return cli


def invite(cli: Cli, out: Path, name: str = "Till 1", *more: str) -> dict:
    answer = cli("hub", "enrol", name, "--out", str(out), *more)
    assert answer.code == 0, answer
    return answer.json


def test_a_hub_is_made_once_and_tells_how_it_is(made: Cli, tmp_path: Path) -> None:
    status = made("hub", "status", "--wait", "5").json
    assert (status["name"], status["current"], status["stations"], status["entries"]) == (
        "Old Theatre",
        True,
        0,
        0,
    )
    key = tmp_path / "data" / "organization-root.pem"
    assert key.stat().st_mode & 0o077 == 0
    before = key.read_bytes()
    again = made("hub", "init")
    assert (again.code, again.error) == (1, "ROOT_KEY_EXISTS")
    other = made("hub", "init", "--root-key", str(tmp_path / "other.pem"))
    assert (other.code, other.error) == (1, "HUB_EXISTS")
    assert key.read_bytes() == before
    assert not (tmp_path / "other.pem").exists()
    assert made("hub", "upgrade").json["schema"] == status["schema"]


def test_a_passphrase_that_was_made_is_shown_once_and_opens_the_key(
    cli: Cli, empty: str, tmp_path: Path
) -> None:
    made = cli("hub", "init", "--dsn", empty).json
    key = read_root_key(Path(made["root_key"]), made["passphrase"])
    assert len(key.public) == 32
    shown = cli("hub", "status", "--dsn", empty, as_json=False)
    assert "current: True" in shown.out
    out = tmp_path / "till.enrol"
    answer = cli("hub", "enrol", "Till", "--out", str(out), "--dsn", empty)
    assert (answer.code, answer.error) == (1, "PASSPHRASE_MISSING")
    assert not out.exists()


def test_a_short_or_wrong_passphrase_is_refused(
    made: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEHOUSE_ROOT_PASSPHRASE", "wrong passphrase")
    answer = made("hub", "enrol", "Till", "--out", str(tmp_path / "f"))
    assert (answer.code, answer.error) == (1, "PASSPHRASE_WRONG")
    monkeypatch.setenv("GATEHOUSE_ROOT_PASSPHRASE", "short")
    answer = made("hub", "init", "--root-key", str(tmp_path / "new.pem"))
    assert (answer.code, answer.error) == (1, "PASSPHRASE_SHORT")
    answer = made(
        "hub", "enrol", "Till", "--out", str(tmp_path / "f"), "--root-key", str(tmp_path / "none.pem")
    )
    assert (answer.code, answer.error) == (3, "ROOT_KEY_MISSING")
    assert not (tmp_path / "f").exists()


def test_a_wrong_address_or_password_of_the_hub_is_a_fault_that_repeats_no_secret(
    cli: Cli, tmp_path: Path
) -> None:
    for dsn, code in (
        (make_conninfo("", host="127.0.0.1", port=1, password="hunter2"), "HUB_UNREACHABLE"),
        ("this is no connection string", "HUB_DSN"),
    ):
        answer = cli("hub", "status", "--dsn", dsn)
        assert (answer.code, answer.error) == (3, code)
        assert "hunter2" not in answer.out + answer.err
        assert "Traceback" not in answer.err
    answer = cli("hub", "init", "--dsn", make_conninfo("", host="127.0.0.1", port=1))
    assert answer.code == 3
    assert not (tmp_path / "data" / "organization-root.pem").exists()


def test_a_password_the_hub_does_not_take_is_named_as_such(cli: Cli, hub: Hub) -> None:
    with psycopg.connect(hub.dsn, autocommit=True) as connection:
        connection.execute("CREATE ROLE boss LOGIN SUPERUSER PASSWORD 'right'")
    try:
        dsn = make_conninfo(hub.dsn, user="boss", password="hunter2", host="127.0.0.1")
        answer = cli("hub", "status", "--dsn", dsn)
        assert (answer.code, answer.error) == (3, "HUB_PASSWORD")
        assert "hunter2" not in answer.out + answer.err
    finally:
        with psycopg.connect(hub.dsn, autocommit=True) as connection:
            connection.execute("DROP ROLE boss")


def test_without_any_address_the_verbs_say_so(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("PGHOST", "PGSERVICE", "GATEHOUSE_HUB_DSN"):
        monkeypatch.delenv(variable, raising=False)
    answer = cli("hub", "status")
    assert (answer.code, answer.error) == (1, "HUB_DSN_MISSING")


def test_libpqs_own_variables_name_the_hub_too(cli: Cli, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(hub.dsn)
    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "dbname": "PGDATABASE",
        "password": "PGPASSWORD",
    }
    for part, variable in names.items():
        if part in parts:
            monkeypatch.setenv(variable, str(parts[part]))
    assert cli("hub", "status").json["current"] is True


def test_a_database_without_a_hub_is_told_apart(cli: Cli, empty: str) -> None:
    answer = cli("hub", "status", "--dsn", empty)
    assert (answer.code, answer.error) == (1, "HUB_NOT_MADE_YET")


def test_two_tills_join_sell_while_alone_and_hear_of_each_other(made: Cli, tmp_path: Path) -> None:
    file = tmp_path / "house.yaml"
    file.write_text(CATALOGUE, encoding="utf-8")
    first, second = tmp_path / "first", tmp_path / "second"
    for data, name in ((first, "Till 1"), (second, "Till 2")):
        invited = invite(made, tmp_path / f"{name}.enrol", name)
        assert (tmp_path / f"{name}.enrol").stat().st_mode & 0o077 == 0
        joined = made("enrol", str(tmp_path / f"{name}.enrol"), data=data)
        assert joined.code == 0, joined
        assert (joined.json["station_id"], joined.json["epoch"]) == (invited["station_id"], 1)
    assert made("hub", "status").json["stations"] == 2
    _people(first, second, tmp_path)
    assert made("catalogue", "import", str(file), data=first).code == 0
    pushed = made("sync", data=first).json
    assert (pushed["pushed"] > 5, pushed["waiting"], pushed["hub"]["mode"]) == (True, 0, "live")
    assert made("sync", data=second).json["pulled"] > 5
    receipts = []
    for data in (first, second):
        assert made("shift", "open", data=data).code == 0
        assert made("sync", data=data).code == 0  # leases a place, now that it sells
        sold = made("sell", "--performance", "play-1", "--item", "full", "--tender", "cash:20", data=data)
        receipts.append(sold.json["receipt"])
    assert receipts == ["TIL1-000001", "TIL2-000001"]
    waiting = made("sync", "status", data=first).json
    assert (waiting["waiting"], waiting["pushed"]) == (1, 0)
    for data in (first, second, first):
        assert made("sync", data=data).code == 0
    for data in (first, second):
        assert {row["receipt"] for row in made("order", "find", data=data).json["orders"]} == set(receipts)
        assert made("verify", data=data).json["ok"]
    assert "waiting 0" in made("sync", data=first, as_json=False).out


def _people(first: Path, second: Path, root: Path) -> None:
    """Somebody who can act at both stations."""
    from app.bootstrap import open_station
    from app.settings import Settings
    from domain.actor import SYSTEM, Role

    for data, login in ((first, "anna"), (second, "anna")):
        station = open_station(data, Settings(data, {"GATEHOUSE_KEY_DIR": str(root / "keys")}))
        station.services.add_user(login, "Anna", [Role.ORGANIZER], "2580", SYSTEM)
        station.close()


def test_a_file_joins_one_machine_and_no_other(made: Cli, tmp_path: Path) -> None:
    file = tmp_path / "till.enrol"
    invite(made, file)
    assert made("enrol", str(file), data=tmp_path / "first").code == 0
    again = made("enrol", str(file), data=tmp_path / "second")
    assert (again.code, again.error) == (1, "ENROLMENT_USED")
    assert not list((tmp_path / "second").glob("station*"))
    same = made("enrol", str(file), data=tmp_path / "first")
    assert (same.code, same.error) == (1, "STORE_EXISTS")


def test_an_edited_expired_foreign_or_missing_file_is_refused(made: Cli, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "till.enrol"
    invite(made, file)
    fields = json.loads(file.read_text())
    cases = {
        "edited": json.dumps({**fields, "epoch": 2}),
        "foreign": json.dumps({"kind": "something else"}),
        "broken": file.read_text()[:-40],
    }
    root = read_root_key(tmp_path / "data" / "organization-root.pem", PASSPHRASE)
    _, cases["expired"] = hub_admin.invite(
        empty, name="Till 7", prefix="T7", scope=EVERYTHING, root=root,
        now=datetime.now(UTC) - timedelta(days=5), random_bytes=os.urandom,
    )  # fmt: skip
    codes = {}
    for name, text in cases.items():
        path = tmp_path / name
        path.write_text(text)
        answer = made("enrol", str(path), data=tmp_path / "station")
        assert answer.code == 1
        codes[name] = answer.error
    assert codes == {
        "edited": "ENROLMENT_FORGED", "foreign": "ENROLMENT_INVALID", "broken": "ENROLMENT_INVALID",
        "expired": "ENROLMENT_EXPIRED",
    }  # fmt: skip
    missing = made("enrol", str(tmp_path / "nowhere"), data=tmp_path / "station")
    assert (missing.code, missing.error) == (3, "FILE_UNREADABLE")
    assert not (tmp_path / "station" / "station.db").exists()


def test_an_enrolment_file_that_cannot_be_written_is_a_fault(made: Cli, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("in the way")
    answer = made("hub", "enrol", "Till", "--out", str(tmp_path / "blocked" / "f"))
    assert (answer.code, answer.error) == (3, "FILE_NOT_WRITABLE")


def test_a_station_may_follow_some_events_only_and_see_the_hub_under_another_name(
    made: Cli, tmp_path: Path
) -> None:
    invited = invite(
        made, tmp_path / "f", "Gate A", "--events", "100,200", "--host", "localhost", "--prefix", "GA"
    )
    assert invited["prefix"] == "GA"
    fields = json.loads((tmp_path / "f").read_text())
    assert fields["hub"]["host"] == "localhost"
    certificate = json.loads(fields["certificate"]["text"])
    assert {"event:100", "event:200", "org"} <= set(certificate["scope"])
    assert made("enrol", str(tmp_path / "f"), data=tmp_path / "gate").code == 0


def test_sync_without_a_hub_is_refused_and_with_a_hub_that_is_down_a_fault(
    house: Cli, hub: Hub, tmp_path: Path
) -> None:
    assert (house("sync").code, house("sync").error) == (1, "NO_HUB")
    assert house("sync", "status").json["hub"]["mode"] == "alone"
    _, text = hub.invite("Till 9", "T9")
    (tmp_path / "f").write_text(text)
    assert house("enrol", str(tmp_path / "f"), data=tmp_path / "joined").code == 0
    hub.server.stop("immediate")
    answer = house("sync", data=tmp_path / "joined")
    status = house("sync", "status", data=tmp_path / "joined")
    hub.server.start()
    assert (answer.code, answer.error) == (3, "HUB_UNREACHABLE")
    assert "Traceback" not in answer.err
    assert status.code == 0


def stop_when_it_listens() -> threading.Thread:
    """Send SIGTERM to this process once the verb has its handler in place (or half a minute is over)."""
    before = signal.getsignal(signal.SIGTERM)
    gone = threading.Event()

    def send() -> None:
        for _ in range(600):
            if signal.getsignal(signal.SIGTERM) is not before:
                break
            gone.wait(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


@pytest.fixture
def quiet_sigterm() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("quiet_sigterm")
def test_watching_goes_on_until_it_is_stopped(cli: Cli, hub: Hub, tmp_path: Path) -> None:
    _, text = hub.invite("Till 9", "T9")
    (tmp_path / "f").write_text(text)
    assert cli("enrol", str(tmp_path / "f")).code == 0
    stopper = stop_when_it_listens()
    answer = cli("sync", "--watch")
    stopper.join()
    assert answer.code == 0


@pytest.fixture
def venue() -> Iterator[Path]:
    """A data folder that the account of a PostgreSQL can reach."""
    folder = Path(tempfile.mkdtemp(prefix="gh-venue-"))
    folder.chmod(0o755)
    yield folder
    server = open_server(folder / HUB_FOLDER)
    if server.running():
        server.stop("immediate")
    shutil.rmtree(folder)


@pytest.mark.usefixtures("quiet_sigterm")
def test_a_small_venue_serves_its_own_hub(
    cli: Cli, venue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEHOUSE_ROOT_PASSPHRASE", PASSPHRASE)
    for variable in ("PGHOST", "PGSERVICE", "GATEHOUSE_HUB_DSN"):
        monkeypatch.delenv(variable, raising=False)
    served = cli("hub", "serve", "--once", data=venue)
    assert (served.code, served.json["database"]) == (0, "gatehouse"), served
    assert cli("hub", "init", "--name", "Venue", data=venue).code == 0
    status = cli("hub", "status", "--wait", "10", data=venue).json
    assert (status["name"], status["current"]) == ("Venue", True)
    invite_file = tmp_path / "till.enrol"
    assert cli("hub", "enrol", "Till 1", "--out", str(invite_file), data=venue).code == 0
    assert cli("enrol", str(invite_file), data=tmp_path / "till").code == 0
    stopper = stop_when_it_listens()
    again = cli("hub", "serve", data=venue)
    stopper.join()
    assert again.code == 0
    assert again.json["port"] == served.json["port"]
    assert not open_server(venue / HUB_FOLDER).running()


@pytest.mark.parametrize(
    ("name", "prefix"),
    [("Till 1", "TIL1"), ("Gate A", "GATE"), ("Касса", "K1"), ("Box 123", "BO23"), ("7", "7"), ("", "K1")],
)
def test_receipt_prefixes_come_from_the_name(name: str, prefix: str) -> None:
    assert prefix_from(name) == prefix


def test_an_invitation_is_written_as_codes_too_and_says_what_the_machine_will_see(
    made: Cli, tmp_path: Path
) -> None:
    from devices.picture_files import decode_file
    from domain.enrolment_codes import Collection

    out, sheet = tmp_path / "gate.json", tmp_path / "gate.png"
    told = invite(made, out, "Gate 2", "--qr", str(sheet), "--events", "12,7", "--gate-only")
    assert told["sees"] == {
        "events": [7, 12], "cash": False, "support": False, "customers": False, "people": True
    }  # fmt: skip
    found = Collection()
    for code in decode_file(sheet):
        found.take(code.text)
    assert len(found.parts) == told["codes"]
    assert json.loads(found.text()) == json.loads(out.read_text())
    assert sheet.stat().st_mode & 0o077 == 0, "worth as much as the file"
    assert made("hub", "enrol", "Gate 3", "--out", str(out), "--gate-only").code == 2
    shown = made("enrol", str(out), "--show", data=tmp_path / "new")
    assert (shown.json["joined"], shown.json["name"]) == (False, "Gate 2")
    assert (
        "it will see: events 7, 12, people"
        in made("enrol", str(out), "--show", data=tmp_path / "new", as_json=False).out
    )
