"""Two tills on a real hub, each with places of its own: what they sell with and without a network."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from app.bootstrap import Station, enrol_station
from app.catalogue_files import read_catalogue
from app.services.sell import Item, SaleRequest, Tendered
from app.settings import Settings
from domain.actor import SYSTEM
from domain.errors import Fault, Refusal
from domain.leases import DAY_MS, SCARCE_MS, Instant, places_here
from domain.order import Tender
from sync.hub_client import HubClient
from sync.hub_leases import Risk, reclaim
from tests.builders import FakeClock
from tests.postgres import Hub
from tests.services.house import CASHIER

pytestmark = pytest.mark.hub

HOUSE = """
organization: {{name: Old Theatre, zone: Europe/Berlin, currency: EUR}}
events:
  - code: play
    name: A Play
    state: published
    performances:
      - {{code: play-1, starts: "2036-11-21 20:00", capacity: {capacity}}}
    quotas:
      - {{name: stalls, capacity: {stalls}, performance: play-1}}
      - {{name: front, capacity: 4, parent: stalls}}
    products:
      - {{code: any, name: Anywhere, price: "15.00"}}
      - {{code: stalls, name: Stalls, price: "20.00", quotas: stalls}}
      - {{code: front, name: Front, price: "30.00", quotas: front}}
      - {{code: family, name: Family, price: "40.00", admits: 4, quotas: stalls}}
"""


@dataclass
class Till:
    """A station at the hub, with a clock that stands still."""

    station: Station
    clock: FakeClock
    name: str
    online: bool = True

    def sync(self) -> None:
        """One round; a till that is offline does none."""
        if self.online:
            assert self.station.exchange is not None
            self.clock.advance(3)
            assert self.station.exchange.run_once().code is None

    def sell(self, code: str = "any", count: int = 1) -> None:
        with self.station.store.read() as read:
            at = read.performance_by_code("play-1")
            assert at is not None
            product = next(one for one in read.products(at.event) if one.code == code)
        if self.station.services.shift_now(CASHIER) is not None:
            self.station.services.confirm_date(CASHIER)  # tests move its clock by hours, the hub's stays
        self.station.services.sell(
            SaleRequest([Item(product.number, at.number, count)], [Tendered(Tender.CASH, 100_000)]), CASHIER
        )

    def sells_until_refused(self, code: str = "any", most: int = 500) -> tuple[int, Refusal]:
        """How many single tickets it sold, and the refusal that ended it."""
        for sold in range(most):
            try:
                self.sell(code)
            except Refusal as refusal:
                return sold, refusal
        raise AssertionError("it never ends")

    def here(self, code: str = "any") -> tuple[int | None, int | None]:
        """What the tile says: places here, and in all."""
        with self.station.store.read() as read:
            at = read.performance_by_code("play-1")
            assert at is not None
        offers = self.station.services.offers(at.event, at.number, CASHIER)
        places = next(offer.places for offer in offers if offer.product.code == code)
        return places.here, places.in_all

    def close_shift(self) -> None:
        shift = self.station.services.shift_now(CASHIER)
        assert shift is not None
        self.station.services.close_shift(shift.expected.minor, CASHIER)


MakeTills = Callable[..., list[Till]]


@pytest.fixture
def make_tills(hub: Hub, tmp_path: Path) -> Iterator[MakeTills]:
    made: list[Till] = []

    def make(capacity: int, *, stalls: int = 8, open_shifts: bool = True) -> list[Till]:
        for name, prefix in (("Till 1", "K1"), ("Till 2", "K2")):
            _, text = hub.invite(name, prefix)
            data, clock = tmp_path / prefix, FakeClock(datetime.now(UTC))
            settings = Settings(data, {"GATEHOUSE_KEY_DIR": str(tmp_path / "keys")})
            made.append(Till(enrol_station(data, settings, text, clock=clock), clock, name))
        file = tmp_path / "house.yaml"
        file.write_text(HOUSE.format(capacity=capacity, stalls=stalls), encoding="utf-8")
        made[0].station.import_catalogue(read_catalogue(file), SYSTEM)
        for till in made:
            till.sync()
        if open_shifts:
            for till in made:
                till.station.services.open_shift(0, CASHIER)
                till.sync()
        return made

    yield make
    for till in made:
        till.station.close()


def test_the_last_ten_places_are_sold_by_two_offline_tills_and_not_one_too_many(
    make_tills: MakeTills,
) -> None:
    tills = make_tills(10)
    for till in tills:
        till.online = False
    sold = [till.sells_until_refused() for till in tills]
    assert [count for count, _ in sold] == [5, 5]
    assert {refusal.code for _, refusal in sold} == {"SOLD_OUT"}
    assert {refusal.params["left_here"] for _, refusal in sold} == {0}
    for till in tills:
        till.online = True
        till.sync()
    for till in reversed(tills):
        till.sync()
        assert till.here() == (0, 0)


def test_a_tile_says_what_is_left_here_and_in_all(make_tills: MakeTills) -> None:
    first, _ = make_tills(150)
    assert first.here() == (50, 150)


def test_a_till_that_was_never_online_with_an_open_shift_refuses(make_tills: MakeTills) -> None:
    first, _ = make_tills(10, open_shifts=False)
    first.station.services.open_shift(0, CASHIER)
    with pytest.raises(Refusal) as refused:
        first.sell()
    assert (refused.value.code, refused.value.params["left_here"], refused.value.params["left_all"]) == (
        "SOLD_OUT",
        0,
        10,
    )


def test_one_till_alone_sells_everything_while_the_hub_is_there(make_tills: MakeTills) -> None:
    first, second = make_tills(30)
    second.close_shift()
    second.sync()
    sold = 0
    for _ in range(40):
        first.sync()
        sold += first.sells_until_refused()[0]
    assert sold == 30


def test_a_till_that_loses_the_hub_sells_its_share_through_the_evening(make_tills: MakeTills) -> None:
    first, _ = make_tills(300)
    first.online = False
    for _ in range(18):
        first.clock.advance(3600)
        first.sell()
    first.clock.advance(2 * 3600)
    with pytest.raises(Refusal, match="SOLD_OUT"):
        first.sell()
    first.online = True
    first.sync()
    first.sell()


def test_scarce_places_are_leased_for_five_minutes(make_tills: MakeTills) -> None:
    first, _ = make_tills(3)
    assert first.here() == (1, 3)
    first.clock.advance(SCARCE_MS // 1000)
    assert first.here() == (0, 3)
    with pytest.raises(Refusal, match="SOLD_OUT"):
        first.sell()


def test_closing_the_shift_gives_places_back_to_the_other_till(make_tills: MakeTills) -> None:
    first, second = make_tills(10)
    first.sell(count=2)
    first.close_shift()
    first.sync()
    assert first.here()[0] == 0
    sold = 0
    for _ in range(12):
        second.sync()
        sold += second.sells_until_refused()[0]
    assert sold == 8


def test_places_of_a_shift_closed_without_a_hub_stay_where_they_are(make_tills: MakeTills) -> None:
    first, second = make_tills(10)
    first.online = False
    first.close_shift()
    second.sync()
    assert second.sells_until_refused()[0] == 5
    second.sync()
    assert second.sells_until_refused()[0] == 0


def test_every_pool_on_the_path_of_a_ticket_is_leased_and_used(make_tills: MakeTills) -> None:
    first, second = make_tills(50)
    assert (first.here("front"), second.here("front")) == ((1, 4), (1, 4))
    first.sell("family")
    assert first.here("stalls")[0] == 0
    with pytest.raises(Refusal, match="SOLD_OUT"):
        first.sell("stalls")
    second.sell("front")
    with pytest.raises(Refusal, match="SOLD_OUT"):
        second.sell("front")
    second.sell("stalls", 3)
    first.sell("any", 10)


def test_a_group_takes_its_places_from_several_leases(make_tills: MakeTills) -> None:
    first, second = make_tills(40, stalls=40)
    second.close_shift()
    second.sync()
    for _ in range(3):
        first.sync()
        first.sell("any", 5)
    first.sync()
    with first.station.store.read() as read:
        at = read.performance_by_code("play-1")
        assert at is not None
        held = read.leases([at.number])
        here = places_here(held, Instant.of(first.clock))
    first.sell("any", here)
    assert len([lease for lease in held if lease.free]) > 1


def test_a_lease_whose_answer_was_lost_comes_with_the_next_contact(
    make_tills: MakeTills, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_tills(10, open_shifts=False)
    first.station.services.open_shift(0, CASHIER)
    push = HubClient.push

    def lost(client: HubClient, *given: Any) -> NoReturn:
        push(client, *given)
        raise Fault("HUB_LOST")

    with monkeypatch.context() as patched:
        patched.setattr(HubClient, "push", lost)
        assert first.station.exchange is not None
        assert first.station.exchange.run_once().code == "HUB_LOST"
    assert first.here()[0] == 0
    second.station.services.open_shift(0, CASHIER)
    second.sync()
    first.sync()
    assert (first.here()[0], second.here()[0]) == (5, 5)


def test_a_dead_tills_places_come_back_by_an_operators_act_only(make_tills: MakeTills, hub: Hub) -> None:
    dead, living = make_tills(10)
    dead.online = False
    dead.sell()
    living.clock.advance(DAY_MS // 1000)
    living.sync()
    assert living.sells_until_refused()[0] == 5
    reclaim(hub.dsn, "Till 1", Risk(5))
    sold = 0
    for _ in range(8):
        living.sync()
        sold += living.sells_until_refused()[0]
    assert sold == 5
    assert dead.sells_until_refused()[0] == 4


def found_at(till: Till) -> set[tuple[str, str]]:
    with till.station.store.read() as read:
        return {(row.code, row.window) for row in read.conflicts()}


def slip(till: Till, sql: str, *values: object) -> None:
    """A station that does not keep to its leases."""
    with till.station.store._core.writing() as work:
        work.connection.exec_driver_sql(sql, values)
        work.commit()


def test_a_sale_on_another_tills_lease_is_kept_and_is_a_conflict_at_both(make_tills: MakeTills) -> None:
    honest, liar = make_tills(10)
    with honest.station.store.read() as read:
        at = read.performance_by_code("play-1")
        assert at is not None
        theirs = read.leases([at.number])[0]
    slip(liar, "UPDATE lease SET lease = ?, first = 1, last = 5 WHERE pool = ?", theirs.lease, at.number)
    liar.sell()
    honest.sell()
    for till in (liar, honest, liar):
        till.sync()
    for till in (liar, honest):
        assert ("LEASE_OVERRUN", "foreign") in found_at(till)
        assert till.station.store.verify().problems == []


def test_a_sale_on_a_lease_that_had_ended_by_its_own_clock_is_a_conflict_at_both(
    make_tills: MakeTills,
) -> None:
    honest, liar = make_tills(10)
    slip(liar, "UPDATE lease SET ttl_ms = ?", 10 * DAY_MS)
    liar.clock.advance(DAY_MS // 1000 + 3600)
    liar.sell()
    for till in (liar, honest, liar):
        till.sync()
    for till in (liar, honest):
        assert ("LEASE_OVERRUN", "expired") in found_at(till)
        assert till.station.store.verify().problems == []


@pytest.mark.parametrize("seed", range(3))
def test_no_order_of_events_sells_more_than_there_is(make_tills: MakeTills, seed: int) -> None:
    """Two tills come and go, sell, close and open shifts, and wait: never more sold than the house holds."""
    chance = random.Random(seed)
    capacity = (9, 25, 60)[seed]
    tills = make_tills(capacity)
    sold = 0
    for _ in range(70):
        till = chance.choice(tills)
        match chance.choice(["sell", "sell", "sell", "sync", "network", "shift", "wait"]):
            case "sell":
                wanted = chance.randint(1, 6)
                try:
                    till.sell(count=wanted)
                except Refusal as refusal:
                    if refusal.code not in {"SOLD_OUT", "NO_SHIFT"}:
                        raise
                else:
                    sold += wanted
            case "sync":
                till.sync()
            case "network":
                till.online = not till.online
            case "shift" if till.station.services.shift_now(CASHIER):
                till.close_shift()
            case "shift":
                till.station.services.open_shift(0, CASHIER)
            case "wait":
                till.clock.advance(chance.choice([60, 400, int(timedelta(hours=21).total_seconds())]))
        assert sold <= capacity
    for till in (*tills, *tills):
        till.online = True
        till.sync()
    assert {till.here()[1] for till in tills} == {capacity - sold}
