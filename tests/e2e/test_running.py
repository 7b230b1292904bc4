"""Stations that run as at the box office: exchange and gate line in the background, nobody presses anything.

Pauses are as short as the settings allow; what is waited for is a condition, never a time.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.bootstrap import Station, enrol_station
from app.catalogue_files import read_catalogue
from app.services.gate import ScanInput
from app.services.sell import Item, SaleRequest, Sold, Tendered
from app.settings import Settings
from domain.actor import SYSTEM
from domain.errors import Refusal
from domain.order import Tender
from sync import hub_revoke
from tests.claims.gates import eventually
from tests.postgres import ROOT, Hub
from tests.services.house import CASHIER, GATE

pytestmark = pytest.mark.hub

HOUSE = """
organization: {{name: Old Theatre, zone: Europe/Berlin, currency: EUR}}
gates:
  - {{code: A, name: Main door}}
events:
  - code: play
    name: A Play
    state: published
    performances:
      - {{code: play-1, starts: "2036-11-21 20:00", capacity: {capacity}}}
    products:
      - {{code: any, name: Anywhere, price: "15.00"}}
"""


class Running:
    """One station with everything in the background that a window would start."""

    def __init__(self, hub: Hub, root: Path, prefix: str) -> None:
        _, text = hub.invite(f"Till {prefix}", prefix)
        data = root / prefix
        names = {
            "GATEHOUSE_KEY_DIR": str(root / "keys"),
            "GATEHOUSE_GATE_CODE": "A",
            "GATEHOUSE_SYNC_ACTIVE_SECONDS": "1",
            "GATEHOUSE_SYNC_IDLE_SECONDS": "2",
        }
        self.station: Station = enrol_station(data, Settings(data, names), text)

    @property
    def id(self) -> str:
        return self.station.store.identity.station

    @property
    def mode(self) -> str:
        return self.station.services.sync.view().mode

    def start(self) -> None:
        self.station.start_sync()
        eventually(lambda: self.mode == "live", 60)

    def at(self) -> tuple[int, int, int]:
        """Event, performance, product."""
        with self.station.store.read() as read:
            at = read.performance_by_code("play-1")
            assert at is not None
            return at.event, at.number, read.products(at.event)[0].number

    def offer(self) -> Any:
        event, performance, _ = self.at()
        return self.station.services.offers(event, performance, CASHIER)[0]

    def here(self) -> int:
        return int(self.offer().places.here)

    def sell(self, count: int = 1) -> Sold:
        _, performance, product = self.at()
        item = Item(product, performance, count)
        return self.station.services.sell(SaleRequest([item], [Tendered(Tender.CASH, 100_000)]), CASHIER)

    def close_shift(self) -> None:
        shift = self.station.services.shift_now(CASHIER)
        assert shift is not None
        self.station.services.close_shift(shift.expected.minor, CASHIER)


MakeTills = Callable[[int, int], list[Running]]


@pytest.fixture
def make_tills(hub: Hub, tmp_path: Path) -> Iterator[MakeTills]:
    made: list[Running] = []

    def make(count: int, capacity: int) -> list[Running]:
        made.extend(Running(hub, tmp_path, f"K{n}") for n in range(1, count + 1))
        file = tmp_path / "house.yaml"
        file.write_text(HOUSE.format(capacity=capacity), encoding="utf-8")
        made[0].station.import_catalogue(read_catalogue(file), SYSTEM)
        for till in made:
            till.start()
        for till in made:
            eventually(lambda: till.station.services.board(CASHIER) != [], 60)  # noqa: B023
        return made

    yield make
    for till in made:
        till.station.close()


def requests(hub: Hub, till: Running) -> int:
    """How many requests for places the hub has answered this till."""
    with hub.admin() as admin:
        row = admin.execute("SELECT count(*) FROM hub.lease_request WHERE station = %s", [till.id]).fetchone()
    assert row is not None
    return int(row[0])


def test_the_third_till_gets_a_place_soon_after_one_comes_back_and_asks_no_more_than_it_may(
    hub: Hub, make_tills: MakeTills
) -> None:
    first, second, third = make_tills(3, 2)
    for till in (first, second):
        till.station.services.open_shift(0, CASHIER)
        eventually(lambda: till.here() == 1, 60)  # noqa: B023
    third.station.services.open_shift(0, CASHIER)
    eventually(lambda: requests(hub, third) > 0, 60)
    assert (third.here(), third.offer().places.in_all) == (0, 2)
    began_ms = third.station.services.clock.monotonic_ms()
    before = requests(hub, third)
    first.close_shift()
    eventually(lambda: third.here() == 1, 60)
    passed_ms = third.station.services.clock.monotonic_ms() - began_ms
    assert requests(hub, third) - before <= 1 + passed_ms // 2_000
    third.sell()
    eventually(lambda: third.offer().places.in_all == 1 and third.here() == 0, 60)
    assert second.here() == 1


def test_a_shift_opened_without_the_hub_says_why_nothing_is_sold_and_places_come_by_themselves(
    hub: Hub, make_tills: MakeTills
) -> None:
    (till,) = make_tills(1, 10)
    hub.server.stop("immediate")
    eventually(lambda: till.mode == "offline", 60)
    till.station.services.open_shift(0, CASHIER)
    offer = till.offer()
    assert (offer.refusal, offer.places.here, offer.places.in_all) == ("PLACES_AWAITED", 0, 10)
    with pytest.raises(Refusal) as refused:
        till.sell()
    assert (refused.value.code, refused.value.params["left_here"]) == ("SOLD_OUT", 0)
    hub.server.start()
    eventually(lambda: till.here() > 0, 90)
    assert till.offer().refusal is None
    till.sell()


def test_a_revoked_station_stops_selling_and_closes_its_gate_while_it_runs(
    hub: Hub, make_tills: MakeTills
) -> None:
    bad, good = make_tills(2, 100)
    for till in (bad, good):
        till.station.services.open_shift(0, CASHIER)
        eventually(lambda: till.here() > 0, 60)  # noqa: B023
    code = next(iter(bad.sell().codes.values()))
    before = next(iter(good.sell().codes.values()))
    eventually(lambda: good.station.services.sync.view().waiting == 0, 60)
    answer = bad.station.services.gatekeeper.admit(ScanInput(code, "camera"), GATE)
    assert answer.decision.verdict == "TOO_EARLY", "the gate works, ten years ahead of its performance"
    hub_revoke.revoke(hub.dsn, bad.id, root=ROOT, now=bad.station.services.clock.now())
    eventually(bad.station.store.shut.is_shut, 60)
    acts: list[Callable[[], object]] = [
        bad.sell,
        lambda: bad.station.services.gatekeeper.admit(ScanInput(before, "camera"), GATE),
    ]
    for act in acts:
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "REVOKED"
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(bad.station.exchange._dsn, password=bad.station.exchange._password)  # type: ignore[union-attr]
    eventually(lambda: good.station.store.keys.own_is_revoked() is False and good.mode == "live", 60)
    good.sell()
