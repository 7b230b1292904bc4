"""A station that began alone joins a hub: number, keys, journal and tickets as they were."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from app.bootstrap import create_station, open_station
from app.settings import Settings
from domain.actor import SYSTEM
from sync.hub_server import Server
from tests.cli.conftest import Cli

pytestmark = pytest.mark.hub
PASSPHRASE = "a passphrase for tests"
SALE = ("sell", "--performance", "play-1", "--item", "full", "--tender", "cash:20.00")


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOUSE_ROOT_PASSPHRASE", PASSPHRASE)


@pytest.fixture
def empty(hub_server: Server) -> Iterator[str]:
    """The administrator's DSN of a database in which no hub was made."""
    name = f"joining_{os.urandom(4).hex()}"
    with psycopg.connect(hub_server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield hub_server.dsn(name)
    roles: list[str] = []
    with contextlib.suppress(psycopg.Error), psycopg.connect(hub_server.dsn(name)) as connection:
        roles += [row[0] for row in connection.execute("SELECT role FROM hub.invitation")]
    with psycopg.connect(hub_server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        for role in roles:
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


class Venue:
    """The command line, with a hub made from the first station's root key."""

    def __init__(self, cli: Cli, tmp_path: Path, dsn: str) -> None:
        self.cli, self.tmp, self.dsn = cli, tmp_path, dsn
        self.root = str(tmp_path / "data-organization-keys" / "organization-root.pem")
        self.admin = tmp_path / "admin"

    def good(self, *words: str, data: Path | None = None) -> dict:
        answer = self.cli(*words, data=data)
        assert answer.code == 0, (words, answer)
        return answer.json

    def make_hub(self) -> dict:
        return self.good("hub", "init", "--name", "House", "--from-root", self.root, "--dsn", self.dsn)

    def invite(self, name: str, *more: str) -> str:
        out = str(self.tmp / f"{name.replace(' ', '-')}-{os.urandom(2).hex()}.enrol")
        self.good("hub", "enrol", name, "--out", out, "--root-key", self.root, "--dsn", self.dsn, *more)
        return out

    def ask(self, data: Path | None = None) -> str:
        out = str(self.tmp / f"request-{os.urandom(2).hex()}.json")
        self.good("keys", "request", "--out", out, data=data)
        return out

    def join(self, name: str = "Till 1", data: Path | None = None) -> dict:
        return self.good("enrol", self.invite(name, "--joining", self.ask(data)), data=data)

    def new_station(self, name: str) -> Path:
        data = self.tmp / name.replace(" ", "-")
        self.good("enrol", self.invite(name), data=data)
        self.sync(data)
        station = open_station(data, Settings(data))
        with station.store.read() as read:
            anna = read.person_by_login("anna")
        assert anna is not None
        station.services.set_pin(anna.user, "2580", SYSTEM)
        station.close()
        return data

    def sync(self, data: Path | None = None) -> None:
        self.good("sync", data=data)

    def admit(self, sale: dict, data: Path | None = None) -> str:
        verdict: str = self.cli("admit", sale["tickets"][0]["code"], "--gate", "A", data=data).json["verdict"]
        return verdict

    def rows(self, query: str) -> list[tuple]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def venue(house: Cli, tmp_path: Path, empty: str) -> Venue:
    return Venue(house, tmp_path, empty)


def test_a_lone_station_joins_with_its_whole_history(venue: Venue) -> None:
    before = venue.good("keys", "show")
    sale = venue.good(*SALE)
    used = venue.good(*SALE)
    assert venue.admit(used) == "ADMIT"
    made = venue.make_hub()
    assert made["organization"] == before["organization"]
    joined = venue.join()
    assert (joined["station_id"], joined["epoch"]) == (before["station_id"], 1)
    after = venue.good("keys", "show")
    assert (after["key"], after["certified"], after["wrapped"]) == (before["key"], True, True)
    venue.sync()

    gate = venue.new_station("Gate 1")
    venue.sync(gate)
    assert venue.admit(sale, gate) == "ADMIT"
    assert venue.admit(used, gate) == "ALREADY_USED"
    assert venue.rows("SELECT capacity, leased, outside FROM hub.pool WHERE capacity = 3") == [(3, 1, 2)]
    assert venue.rows("SELECT station, epoch, min(seq) FROM hub.station_log WHERE station <> '00000000'"
                      f" AND station = '{before['station_id']}' GROUP BY 1, 2") == [
        (before["station_id"], 1, 1)
    ]  # fmt: skip
    venue.sync()
    last = venue.good(*SALE)
    assert last["receipt"] == "K1-000003"
    assert venue.cli(*SALE).error == "SOLD_OUT"
    venue.sync()
    for data in (None, gate):
        assert venue.good("verify", data=data)["ok"]


def test_other_stations_get_nothing_of_its_events_before_its_journal_is_in(venue: Venue) -> None:
    venue.good(*SALE)
    venue.make_hub()
    venue.join()  # `enrol` has one round with the hub: everything is in
    station = venue.good("keys", "show")["station_id"]
    ((pool, event),) = venue.rows("SELECT pool, event FROM hub.pool WHERE capacity = 3")
    query = f"SELECT hub.is_joining({event})"
    assert venue.rows(query) == [(False,)]
    with psycopg.connect(venue.dsn, autocommit=True) as connection:
        connection.execute("UPDATE hub.joining SET seq = seq + 100000")
        assert connection.execute(query).fetchone() == (True,)
        me = f"(SELECT s FROM hub.station s WHERE s.station = '{station}')"
        ask = f"SELECT hub.grant_places({me}, 'r1', '{{\"pool\": {pool}, \"count\": 1}}', 1)"
        leased = connection.execute(f"SELECT leased FROM hub.pool WHERE pool = {pool}").fetchone()
        assert connection.execute(ask).fetchone() == (None,)
        assert connection.execute(f"SELECT leased FROM hub.pool WHERE pool = {pool}").fetchone() == leased
        connection.execute("UPDATE hub.station SET revoked_at = now()")
        assert connection.execute(query).fetchone() == (False,), "a revoked one holds up nobody"


def test_former_epochs_come_with_it_and_their_tickets_are_admitted(venue: Venue, tmp_path: Path) -> None:
    first = venue.good(*SALE)
    assert venue.good("keys", "rotate")["epoch"] == 2
    second = venue.good(*SALE)
    venue.good("backup", str(tmp_path / "a.db"))
    shutil.rmtree(tmp_path / "data")
    assert venue.good("restore", str(tmp_path / "a.db"), "--root-key", venue.root)["epoch"] == 3
    venue.make_hub()
    assert venue.join()["epoch"] == 3
    station = venue.good("keys", "show")["station_id"]
    gate = venue.new_station("Gate 1")
    venue.sync(gate)
    assert [venue.admit(each, gate) for each in (first, second)] == ["ADMIT", "ADMIT"]
    assert [row[0] for row in venue.rows(
        f"SELECT epoch FROM hub.station_tip WHERE station = '{station}' AND seq > 0 ORDER BY 1"
    )] == [1, 2]  # fmt: skip
    venue.sync()
    for data in (None, gate):
        assert venue.good("verify", data=data)["ok"]
    assert {row["state"] for row in venue.good("keys", "list", data=gate)["keys"]} == {"good", "over"}


def test_a_hub_that_is_away_leaves_the_station_as_it_was_and_the_same_file_works_later(
    venue: Venue, hub_server: Server
) -> None:
    venue.good(*SALE)
    venue.make_hub()
    file = venue.invite("Till 1", "--joining", venue.ask())
    hub_server.stop("immediate")
    try:
        away = venue.cli("enrol", file)
        assert (away.code, away.error) == (3, "HUB_UNREACHABLE")
    finally:
        hub_server.start()
    assert venue.good(*SALE)["receipt"] == "K1-000002"
    venue.good("enrol", file)
    again = venue.cli("enrol", file)
    assert again.code == 1
    venue.sync()
    assert venue.good("verify")["ok"]
    assert venue.rows("SELECT count(*) FROM hub.orders")[0][0] >= 2


def test_an_event_number_that_is_taken_is_refused_and_the_station_sells_on_alone(venue: Venue) -> None:
    venue.make_hub()
    file = venue.invite("Till 1", "--joining", venue.ask())
    station = open_station(venue.tmp / "data", Settings(venue.tmp / "data"))
    said = station.store.history.announced()
    station.close()
    for thing, number in (("event", said.events[0]), ("product", said.numbers["product"][0])):
        with psycopg.connect(venue.dsn, autocommit=True) as connection:
            connection.execute("DELETE FROM hub.catalogue_object")
            connection.execute(
                "INSERT INTO hub.catalogue_object VALUES (%s, %s, 1, 'x', '{}')", (thing, str(number))
            )
        answer = venue.cli("enrol", file)
        assert (answer.code, answer.error) == (1, "JOINING_COLLISION")
        assert answer.json["error"]["params"] == {"thing": thing, "number": str(number)}
    assert venue.good(*SALE)["receipt"] == "K1-000001"
    with psycopg.connect(venue.dsn, autocommit=True) as connection:
        connection.execute("DELETE FROM hub.catalogue_object")
    venue.good("enrol", file)


def test_a_station_number_or_name_that_is_taken_is_refused(venue: Venue) -> None:
    venue.make_hub()
    request = venue.ask()
    venue.invite("Till 1", "--joining", request)
    venue.invite("Till 1", "--joining", request)  # asked again before it joined: the newer file counts
    venue.join()
    invite = ("hub", "enrol", "Till 7", "--out", str(venue.tmp / "x"), "--root-key", venue.root)
    answer = venue.cli(*invite, "--dsn", venue.dsn, "--joining", request)
    assert (answer.code, answer.error) == (1, "JOINING_COLLISION")
    twin = venue.tmp / "twin"
    venue.good("init", "--station", "Till 1", "--prefix", "K1", "--root-key", venue.root, data=twin)
    asked = venue.ask(twin)
    for name, more, code in (
        ("Till 1", (), "STATION_EXISTS"),
        ("Till 2", (), "STATION_EXISTS"),
        ("Till 2", ("--prefix", "K2"), None),
    ):
        words = ("hub", "enrol", name, "--out", str(venue.tmp / "y"), "--root-key", venue.root)
        answer = venue.cli(*words, "--dsn", venue.dsn, "--joining", asked, *more)
        assert (answer.json["error"]["code"] if answer.code else None) == code
    assert venue.good("enrol", str(venue.tmp / "y"), data=twin)["name"]
    assert venue.cli("keys", "request", "--out", str(venue.tmp / "z"), data=twin).error == "JOINED_ALREADY"


def test_two_organizations_are_not_put_together(venue: Venue) -> None:
    venue.make_hub()
    venue.join()
    other = venue.tmp / "other"
    venue.good("init", "--station", "Elsewhere", "--prefix", "E1", data=other)
    words = ("hub", "enrol", "Elsewhere", "--out", str(venue.tmp / "x"), "--root-key", venue.root)
    answer = venue.cli(*words, "--dsn", venue.dsn, "--joining", venue.ask(other))
    assert (answer.code, answer.error) == (1, "JOINING_OTHER_ORGANIZATION")
    assert not (venue.tmp / "x").exists()


def test_a_station_without_a_root_may_found_a_hub_that_has_no_history(venue: Venue) -> None:
    venue.make_hub()
    data = venue.tmp / "window"
    create_station(data, Settings(data), "Till 5", "K5").close()
    venue.join("Till 5", data)
    own = venue.good("keys", "show", data=data)
    assert (own["certified"], own["wrapped"]) == (True, True)


def test_a_joining_file_needs_its_journal_and_a_request_its_signature(venue: Venue) -> None:
    venue.make_hub()
    request = venue.ask()
    file = venue.invite("Till 1", "--joining", request)
    answer = venue.cli("enrol", file, data=venue.tmp / "fresh")
    assert (answer.code, answer.error) == (1, "JOINING_NEEDS_JOURNAL")
    assert not (venue.tmp / "fresh" / "station.db").exists()
    text = Path(request).read_text()
    for bad in ("", "[]", text.replace("Till 1", "Till 8"), text.replace('"epoch": 1', '"epoch": 0')):
        Path(request).write_text(bad)
        words = ("hub", "enrol", "Till 8", "--out", str(venue.tmp / "x"), "--root-key", venue.root)
        answer = venue.cli(*words, "--dsn", venue.dsn, "--joining", request)
        assert (answer.code, answer.error) == (1, "JOINING_INVALID")
