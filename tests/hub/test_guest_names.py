"""Names of guests and the hub: a gate gets them only for events that say so; they end everywhere."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.catalogue_files import read_catalogue
from app.services.sell import Item, SaleRequest, Tendered
from domain.actor import SYSTEM, Actor, Role
from domain.clock import Clock
from domain.order import Tender
from tests.hub.stations import RealStation, joined
from tests.postgres import Hub

CATALOGUE = """
organization: {name: Old Theatre, zone: Europe/Berlin, currency: EUR}
events:
  - code: play
    name: A Play
    state: published
    performances:
      - {code: play-1, starts: "+2d 20:00", minutes: 150, capacity: 40}
    products:
      - {code: full, name: Full, price: "20.00", tax: 7}
"""
SELLER = Actor(user="00000000-0000-4000-8000-000000000011", roles=frozenset({Role.CASHIER, Role.ORGANIZER}))


class Later(Clock):
    """The same clock, some days on."""

    def __init__(self, clock: Clock, days: int) -> None:
        self._clock, self._days = clock, timedelta(days=days)

    def now(self):
        return self._clock.now() + self._days

    def monotonic_ms(self) -> int:
        return self._clock.monotonic_ms()


@pytest.fixture
def venue(hub: Hub, tmp_path: Path):
    """Two offices and a machine that is only a gate, with one order under a name."""
    office = joined(hub, tmp_path, "Office", "A")
    file = tmp_path / "play.yaml"
    file.write_text(CATALOGUE, encoding="utf-8")
    office.station.import_catalogue(read_catalogue(file), SYSTEM)
    with office.store.read() as read:
        event = read.event_by_code("play")
    _, text = hub.invite("Gate", "GA", scope=(f"event:{event.number}", "org"))
    gate = RealStation(tmp_path / "GA", text)
    second = joined(hub, tmp_path, "Second office", "B")
    order = sale(office)
    office.station.services.name_guest(order, "Ada Lovelace", SELLER)
    yield office, second, gate, order
    for station in (office, second, gate):
        station.close()


def sale(office: RealStation) -> str:
    services = office.station.services
    assert office.sync() is None
    services.open_shift(0, SELLER)
    assert office.sync() is None
    with office.store.read() as read:
        at = read.performance_by_code("play-1")
        product = read.products(at.event)[0].number
    request = SaleRequest([Item(product, at.number, 1)], [Tendered(Tender.CASH, 2000)])
    return services.sell(request, SELLER).order.order


def met(*stations: RealStation) -> None:
    for _ in range(2):
        for station in stations:
            assert station.sync() is None


def names(station: RealStation, order: str) -> list[str | None]:
    with station.store.read() as read:
        return [name for _, _, name in read.order_guests(order)]


def in_file(station: RealStation) -> int:
    with station.store._core.reading() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM document WHERE kind = 'guest'").scalar()


def test_a_gate_gets_no_name_until_the_event_says_so_and_loses_it_when_it_says_no_more(venue) -> None:
    office, second, gate, order = venue
    met(office, second, gate)
    assert names(second, order) == ["Ada Lovelace"]
    assert names(gate, order) == [None]
    assert in_file(gate) == 0, "not even hidden in its file"
    office.station.services.event_privacy("play", SELLER, names_at_gate=True)
    met(office, gate)
    assert names(gate, order) == ["Ada Lovelace"]
    office.station.services.event_privacy("play", SELLER, names_at_gate=False)
    met(office, gate)
    assert (names(gate, order), in_file(gate)) == ([None], 0)
    assert names(second, order) == ["Ada Lovelace"]


def test_two_stations_end_the_same_data_and_it_is_gone_once_and_everywhere(venue, hub: Hub) -> None:
    office, second, gate, order = venue
    office.station.services.event_privacy("play", SELLER, retention_days=3, names_at_gate=True)
    met(office, second, gate)
    for station in (office, second):
        erase = station.station.services.erase_due
        erase._clock = Later(erase._clock, 10)
        assert erase(SYSTEM) == 1
    gate_erases = gate.station.services.erase_due
    gate_erases._clock = Later(gate_erases._clock, 10)
    assert gate_erases(SYSTEM) == 0, "a machine that is only a gate ends nobody's data"
    met(office, second, gate)
    for station in (office, second, gate):
        assert names(station, order) == [None]
        assert in_file(station) in (0, 1)
        assert station.station.verify().problems == []
    with hub.admin() as admin:
        rows = admin.execute("SELECT tombstone, content FROM hub.document WHERE kind = 'guest'").fetchall()
    assert rows == [(True, None)]
