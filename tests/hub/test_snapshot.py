"""A first snapshot from a real hub: the station knows what it would have known by reading page by page."""

import random
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.store.snapshot import StoreSnapshots
from app.store.verify import projection_sums
from sync.hub_client import HubClient
from sync.hub_snapshot import HubSnapshot
from sync.messages import Denied
from sync.snapshot_ports import SnapshotHeads
from tests.hub.histories import History, journal_of, push_at_random
from tests.hub.stations import RealStation, joined
from tests.postgres import Hub

pytestmark = pytest.mark.hub


def house(hub: Hub, seed: int = 1, count: int = 160) -> None:
    """Three stations have written an untidy history, and all of it is at the hub."""
    rnd = random.Random(seed)
    enrolled = [hub.join(f"Till {at}", f"T{at}") for at in range(3)]
    journals = [journal_of(one, rnd) for one in enrolled]
    for journal in journals[:2]:
        journal.user = None
    History(seed).written(journals, count)
    push_at_random(list(zip(enrolled, journals, strict=True)), rnd)


def snapshots_of(station: RealStation, *, workers: int = 1, **options: Any) -> StoreSnapshots:
    """The station takes a snapshot at the next exchange, however little waits."""
    store = station.store
    made = StoreSnapshots(
        store._core, store.identity, store.keys, store._clock, store._random,
        far_behind=1, workers=workers, **options,
    )  # fmt: skip
    store.snapshots = made
    station.station.exchange._snapshots = made
    return made


def sums(station: RealStation) -> dict[str, str]:
    with station.store._core.reading() as connection:
        return projection_sums(connection)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_snapshot_ends_where_reading_page_by_page_ends(hub: Hub, tmp_path: Path, seed: int) -> None:
    by_page, at_once = joined(hub, tmp_path, "By page", "P"), joined(hub, tmp_path, "At once", "S")
    house(hub, seed)
    snapshots_of(at_once)
    try:
        assert by_page.sync() is None
        assert at_once.sync() is None
        assert sums(at_once) == sums(by_page)
        assert at_once.store.verify().clean
        assert not (at_once.folder / "snapshot").exists()
    finally:
        by_page.close()
        at_once.close()


def test_the_exchange_takes_a_snapshot_by_itself_and_shows_how_far_it_is(hub: Hub, tmp_path: Path) -> None:
    house(hub)
    station = joined(hub, tmp_path, "At once", "S")
    snapshots_of(station)
    shares: list[tuple[int, int]] = []
    exchange = station.station.exchange
    exchange.subscribe(lambda view: shares.append(view.snapshot) if view.snapshot else None)
    station.write(1)
    try:
        assert station.sync() is None
        assert shares[0][0] <= shares[-1][0] == shares[-1][1]
        assert exchange.view().snapshot is None
        assert exchange.view().waiting == 0
        assert station.sync() is None
    finally:
        station.close()


def asked(hub: Hub, scope: Any = "*") -> tuple[HubClient, HubSnapshot, SnapshotHeads]:
    enrolled = hub.join("Asking", "Q", scope)
    client = HubClient.connect(enrolled.dsn, enrolled.password, "test")
    source = HubSnapshot(client)
    heads = source.begin(enrolled.incarnation)
    assert isinstance(heads, SnapshotHeads)
    return client, source, heads


def test_ranges_of_all_feeds_hold_what_their_heads_say(hub: Hub) -> None:
    house(hub)
    client, source, heads = asked(hub)
    for feed, head in heads.heads.items():
        rows = list(source.entries(feed, 0, head.position, ()))
        assert [row[0] for row in rows] == list(range(1, head.position + 1))
        assert rows[-1][8] == head.hash
        assert list(source.entries(feed, 3, 5, ())) == rows[3:5]
    client.close()


def test_an_entry_of_two_feeds_brings_its_text_once(hub: Hub) -> None:
    house(hub)
    client, source, heads = asked(hub)
    sold = list(source.entries("event:100", 0, heads.heads["event:100"].position, ()))
    cash = list(source.entries("cash", 0, heads.heads["cash"].position, ["event:100", "event:101"]))
    texts = {row[6] for row in sold}
    assert any(row[4] is None for row in cash)
    assert all((row[4] is None) == (row[6] in texts) for row in cash)
    client.close()


def test_a_station_sees_no_feed_outside_its_scope(hub: Hub) -> None:
    house(hub)
    client, source, heads = asked(hub, ("org", "event:100"))
    assert set(heads.heads) == {"org", "event:100"}
    assert list(source.entries("cash", 0, 100, ())) == []
    client.close()


def test_another_incarnation_is_told(hub: Hub) -> None:
    client, source, _ = asked(hub)
    answer = source.begin("another/00000001")
    assert isinstance(answer, Denied)
    assert answer.code == "INCARNATION"
    client.close()


def test_a_revoked_station_gets_nothing(hub: Hub) -> None:
    house(hub, count=20)
    enrolled = hub.join("Gone", "G")
    client = HubClient.connect(enrolled.dsn, enrolled.password, "test")
    with hub.admin() as connection:
        connection.execute(
            "UPDATE hub.station SET revoked_at = now() WHERE station = %s", (enrolled.station,)
        )
    source = HubSnapshot(client)
    answer = source.begin(enrolled.incarnation)
    assert isinstance(answer, Denied)
    assert answer.code == "REVOKED"
    assert list(source.entries("org", 0, 100, ())) == []
    client.close()


@pytest.mark.parametrize(
    "statement",
    [
        "COPY hub.log_raw TO STDOUT",
        "COPY (SELECT * FROM hub.feed_log) TO STDOUT",
        "COPY (SELECT * FROM api_1.snapshot_entries('org', 0, 9, '{}')) TO '/tmp/out'",
        "COPY (SELECT * FROM api_1.snapshot_entries('org', 0, 9, '{}')) TO PROGRAM 'cat'",
        "COPY hub.feed_log FROM STDIN",
    ],
)
def test_copy_reaches_nothing_but_the_functions(hub: Hub, statement: str) -> None:
    enrolled = hub.join()
    client = HubClient.connect(enrolled.dsn, enrolled.password, "test")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        client.connection.execute(statement)
    client.close()
