"""Places: a performance's capacity, shared and nested quotas, group tickets, and what other stations sold."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.bootstrap import Station, enrol_station
from app.catalogue_files import read_catalogue
from app.services.sell import Item, SaleRequest, Tendered
from app.settings import Settings
from domain.actor import SYSTEM
from domain.errors import Refusal
from domain.leases import Instant
from domain.order import Tender
from tests.postgres import Hub
from tests.services.house import CASHIER, House, left

HOUSE = """
organization: {name: Old Theatre, zone: Europe/Berlin, currency: EUR}
events:
  - code: play
    name: A Play
    state: published
    performances:
      - {code: play-1, starts: "2026-11-21 20:00", capacity: 10}
      - {code: play-2, starts: "2026-11-22 20:00", capacity: 10}
    quotas:
      - {name: house, capacity: 9, performance: play-1}
      - {name: stalls, capacity: 6, parent: house}
      - {name: front, capacity: 2, parent: stalls}
      - {name: balcony, capacity: 5, parent: house}
    products:
      - {code: front, name: Front, price: "30.00", quotas: front}
      - {code: stalls, name: Stalls, price: "20.00", quotas: stalls}
      - {code: student, name: Student, price: "12.00", quotas: stalls}
      - {code: balcony, name: Balcony, price: "10.00", quotas: balcony}
      - {code: free, name: Anywhere, price: "15.00"}
      - {code: family, name: Family, price: "40.00", admits: 4, quotas: stalls}
"""


@pytest.fixture
def nested(make_house: Callable[..., House]) -> House:
    return make_house(HOUSE)


def refusal(house: House, *items: Item | str) -> Refusal:
    before = house.seq
    with pytest.raises(Refusal) as refused:
        house.sell(*items)
    assert house.seq == before
    return refused.value


def test_a_ticket_takes_a_place_from_its_quota_all_parents_and_the_performance(nested: House) -> None:
    nested.sell(nested.item("front", 2))
    assert [left(nested, code) for code in ("front", "stalls", "student", "balcony", "free")] == [
        0,
        4,
        4,
        5,
        8,
    ]


def test_products_that_share_a_quota_share_its_places(nested: House) -> None:
    nested.sell(nested.item("stalls", 4), nested.item("student", 2))
    assert left(nested, "stalls") == left(nested, "student") == left(nested, "front") == 0
    refused = refusal(nested, "student")
    assert (refused.code, refused.params["left_here"]) == ("SOLD_OUT", 0)


def test_a_full_child_leaves_the_others_of_its_parent_on_sale(nested: House) -> None:
    nested.sell(nested.item("front", 2))
    assert refusal(nested, "front").code == "SOLD_OUT"
    nested.sell("stalls")


def test_a_full_parent_stops_children_that_have_places_of_their_own(nested: House) -> None:
    nested.sell(nested.item("stalls", 6), nested.item("balcony", 3))
    assert left(nested, "balcony") == 0
    refused = refusal(nested, "balcony")
    assert refused.code == "SOLD_OUT"
    nested.sell("free")
    assert refusal(nested, "free").code == "SOLD_OUT"


def test_the_last_place_is_sold_and_the_one_after_it_is_not(nested: House) -> None:
    nested.sell(nested.item("free", 9))
    assert left(nested, "free") == 1
    nested.sell("free")
    refused = refusal(nested, "free")
    assert refused.params == {"product": "free", "left_here": 0, "left_all": 0, "wanted": 1}


def test_a_group_ticket_takes_a_place_for_each_person(nested: House) -> None:
    sold = nested.sell("family")
    assert len(sold.order.tickets) == 1
    assert left(nested, "stalls") == 2
    refused = refusal(nested, "family")
    assert (refused.code, refused.params["wanted"], refused.params["left_all"]) == ("SOLD_OUT", 4, 2)
    nested.sell(nested.item("stalls", 2))


def test_a_cart_asks_for_the_places_of_all_its_lines_together(nested: House) -> None:
    refused = refusal(nested, nested.item("stalls", 4), nested.item("student", 3))
    assert (refused.code, refused.params["product"], refused.params["left_here"]) == (
        "SOLD_OUT",
        "student",
        2,
    )
    assert left(nested, "stalls") == 6


def test_the_quota_of_one_performance_does_not_bind_another(nested: House) -> None:
    nested.sell(nested.item("free", 10, "play-2"))
    assert left(nested, "free", "play-2") == 0
    assert left(nested, "free", "play-1") == 10


def test_every_place_has_a_number_of_its_own_in_every_pool(nested: House) -> None:
    for _ in range(2):
        nested.sell(nested.item("stalls", 1), "family" if left(nested, "stalls") == 6 else "balcony")
    taken: dict[tuple[int, str], list[int]] = {}
    for entry in nested.entries("order_sold"):
        for position in entry.body["positions"]:
            for held in position["slots"]:
                assert len(held["slots"]) == position["admits"]
                taken.setdefault((held["pool"], held["lease"]), []).extend(held["slots"])
    assert len(taken) >= 3
    for slots in taken.values():
        assert slots == list(range(1, len(slots) + 1))


def test_tiles_say_what_is_left_and_why_something_is_not_sold(nested: House) -> None:
    nested.sell(nested.item("front", 2))
    at = nested.performance("play-1")
    offers = {one.product.code: one for one in nested.services.offers(at.event, at.number, CASHIER)}
    assert (offers["front"].refusal, offers["front"].places.in_all) == ("SOLD_OUT", 0)
    assert offers["front"].refusal_params["wanted"] == 1
    assert (offers["stalls"].refusal, offers["stalls"].places.here) == (None, 4)
    assert offers["family"].refusal is None
    assert next(iter(nested.services.offers(at.event, at.number, CASHIER))).product.code == "front"


def test_a_tile_without_any_pool_has_no_limit(house: House) -> None:
    (offer,) = house.services.offers(house.event("museum").number, None, CASHIER)
    assert (offer.places.here, offer.places.in_all, offer.places.capacity) == (None, None, None)


@dataclass
class TwoTills:
    """Two stations on one real hub."""

    first: Station
    second: Station

    def sync(self) -> None:
        for station in (self.first, self.second, self.first):
            assert station.exchange is not None
            assert station.exchange.run_once().code is None

    def sell(self, station: Station, code: str, count: int) -> None:
        with station.store.read() as read:
            at = read.performance_by_code("play-1")
            assert at is not None
            product = next(one for one in read.products(at.event) if one.code == code)
        request = SaleRequest([Item(product.number, at.number, count)], [Tendered(Tender.CASH, 100_000)])
        station.services.sell(request, CASHIER)

    def left(self, station: Station, code: str) -> int | None:
        with station.store.read() as read:
            at = read.performance_by_code("play-1")
            assert at is not None
            product = next(one for one in read.products(at.event) if one.code == code)
            return read.places(product, at, Instant.of(station.services.clock)).in_all


@pytest.fixture
def tills(hub: Hub, tmp_path: Path) -> Iterator[TwoTills]:
    made = []
    for name, prefix in (("Till 1", "K1"), ("Till 2", "K2")):
        _, text = hub.invite(name, prefix)
        data = tmp_path / prefix
        settings = Settings(data, {"GATEHOUSE_KEY_DIR": str(tmp_path / "keys")})
        made.append(enrol_station(data, settings, text))
    file = tmp_path / "house.yaml"
    file.write_text(HOUSE.replace("2026-11-2", "2036-11-2"), encoding="utf-8")
    made[0].import_catalogue(read_catalogue(file), SYSTEM)
    both = TwoTills(*made)
    both.sync()
    for station in made:
        station.services.open_shift(0, CASHIER)
    both.sync()
    yield both
    for station in made:
        station.close()


@pytest.mark.hub
def test_two_stations_that_synced_see_each_others_sales_and_places(tills: TwoTills) -> None:
    tills.sell(tills.first, "stalls", 3)
    tills.sell(tills.second, "free", 2)
    assert (tills.left(tills.first, "stalls"), tills.left(tills.second, "stalls")) == (3, 6)
    tills.sync()
    for station in (tills.first, tills.second):
        assert (tills.left(station, "stalls"), tills.left(station, "free")) == (3, 5)
        assert len(station.services.find_orders.find("", CASHIER)) == 2
    with pytest.raises(Refusal, match="SOLD_OUT"):
        tills.sell(tills.second, "stalls", 4)
    tills.sell(tills.second, "stalls", 3)
    tills.sync()
    assert tills.left(tills.first, "stalls") == 0
    assert tills.first.verify().clean
    assert tills.second.verify().clean


@pytest.mark.hub
def test_a_ticket_of_another_station_is_shown_but_its_code_cannot_be_made_here(tills: TwoTills) -> None:
    tills.sell(tills.first, "stalls", 1)
    tills.sync()
    (row,) = tills.second.services.find_orders.find("", CASHIER)
    with pytest.raises(Refusal, match="CODE_ELSEWHERE"):
        tills.second.services.print_order(row.order, CASHIER)
    order = tills.second.services.find_orders.show(row.order, CASHIER)
    assert tills.second.services.find_orders.codes(order) == {}
