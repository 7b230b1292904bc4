"""What could not be believed, and sales that no lease covers: every station in scope finds the same."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.catalogue_files import read_catalogue
from app.store.schema import CONFLICT, LEASE_FACT
from domain.actor import SYSTEM
from sync import hub_revoke
from sync.messages import Denied
from tests.hub.stations import RealStation, joined
from tests.hub.test_leases import POOL, Till
from tests.journal import Journal
from tests.postgres import ROOT, Hub

pytestmark = pytest.mark.hub

Found = set[tuple[str, str, str, str]]


@pytest.fixture
def pair(hub: Hub, tmp_path: Path) -> Iterator[tuple[RealStation, RealStation]]:
    made = joined(hub, tmp_path, "Till 1", "A"), joined(hub, tmp_path, "Till 2", "B")
    yield made
    for station in made:
        assert station.store.verify().problems == []
        station.close()


def conflicts(station: RealStation) -> Found:
    with station.store._core.reading() as connection:
        rows = connection.execute(select(CONFLICT)).all()
    return {(row.code, row.subject, row.window, row.entries) for row in rows}


def same(hub: Hub, stations: tuple[RealStation, ...]) -> Found:
    for station in (*stations, *stations):
        assert station.sync() is None
    found = [conflicts(station) for station in stations]
    assert all(each == found[0] for each in found)
    return found[0]


def test_an_entry_with_a_bad_signature_is_a_conflict_of_its_station(hub: Hub, pair: Any) -> None:
    liar = Till(hub, "Till 9", "Z")
    entry = replace(liar.journal.add(), sig=bytes(64))
    assert not isinstance(liar.client.push([entry]), Denied)
    liar.client.close()
    assert same(hub, pair) == {
        ("BAD_SIGNATURE", f"station:{liar.enrolled.station}", "BAD_SIGNATURE@1", f'["{entry.entry_id}"]')
    }


def test_two_texts_under_one_id_are_a_conflict_everywhere_whichever_came_first(hub: Hub, pair: Any) -> None:
    one, two = pair
    genuine = one.write(1)
    copier = Till(hub, "Till 9", "Z")
    copier.journal.add(entry_id=genuine.entry_id)
    copier.push()
    copier.client.close()
    assert two.sync() is None
    assert same(hub, pair) == {("DUPLICATE_ID", f"entry:{genuine.entry_id}", "", f'["{genuine.entry_id}"]')}


HOUSE = """
organization: {{name: Old Theatre, zone: Europe/Berlin, currency: EUR}}
events:
  - code: play
    name: A Play
    performances:
      - {{code: play-1, starts: "2036-11-21 20:00", capacity: 10}}
    products:
      - {{code: full, name: Full, price: "{price}"}}
"""


def imported(station: RealStation, folder: Path, price: str) -> None:
    file = folder / "house.yaml"
    file.write_text(HOUSE.format(price=price), encoding="utf-8")
    station.station.import_catalogue(read_catalogue(file), SYSTEM)


def test_two_offices_that_change_one_price_without_knowing_of_each_other_clash(
    hub: Hub, pair: Any, tmp_path: Path
) -> None:
    one, two = pair
    imported(one, tmp_path, "10.00")
    assert same(hub, pair) == set()
    imported(one, tmp_path, "11.00")
    imported(two, tmp_path, "12.00")
    found = same(hub, pair)
    assert {(code, window.partition("@")[0]) for code, _, window, _ in found} == {
        ("CATALOGUE_CLASH", "price_minor")
    }
    assert all(subject.startswith("object:product:") for _, subject, _, _ in found)


def test_a_change_that_knew_of_the_other_is_no_clash(hub: Hub, pair: Any, tmp_path: Path) -> None:
    one, two = pair
    imported(one, tmp_path, "10.00")
    for station, price in ((one, "11.00"), (two, "12.00"), (one, "13.00")):
        assert same(hub, pair) == set()
        imported(station, tmp_path, price)
    assert same(hub, pair) == set()


def test_a_fork_is_told_to_everybody_once(hub: Hub, pair: Any) -> None:
    till = Till(hub, "Till 9", "Z")
    till.journal.add()
    till.push()
    clone = Journal(till.journal.station, till.journal.key)
    for _ in range(2):
        clone.add(body={"values": {"other": 1}})
        assert isinstance(till.client.push(clone.entries), Denied)
    till.client.close()
    ((code, subject, window, _entries),) = same(hub, pair)
    assert (code, subject, window) == ("FORK", f"station:{till.enrolled.station}", "FORK@1")


def test_what_a_revoked_station_wrote_behind_its_last_trusted_entry_is_a_conflict(
    hub: Hub, pair: Any
) -> None:
    """As a file that somebody brings from the stolen machine shows it."""
    till = Till(hub, "Till 9", "Z")
    till.journal.add()
    till.push()
    till.client.close()
    hub_revoke.revoke(hub.dsn, "Till 9", root=ROOT, now=datetime.now(UTC), grace_s=0)
    assert same(hub, pair) == set()
    late = till.journal.add()
    for station in pair:
        station.store.replica.take_seen([late])
        assert conflicts(station) == {
            (
                "REVOKED_STATION",
                f"station:{till.enrolled.station}",
                "REVOKED_STATION@1",
                f'["{late.entry_id}"]',
            )
        }


def test_grants_and_returns_are_known_at_every_station(hub: Hub, pair: Any) -> None:
    till = Till(hub, "Till 9", "Z")
    till.catalogue(10)
    till.ask(10)
    item = till.held[0]
    till.give_back(item["lease"], 4, 5)
    till.push()
    till.client.close()
    for station in pair:
        assert station.sync() is None
        with station.store._core.reading() as connection:
            rows = connection.execute(select(LEASE_FACT).order_by(LEASE_FACT.c.word)).all()
        assert [(row.word, row.station, row.pool, row.first, row.last) for row in rows] == [
            ("granted", till.enrolled.station, POOL, item["first"], item["last"]),
            ("returned", till.enrolled.station, POOL, 4, 5),
        ]
