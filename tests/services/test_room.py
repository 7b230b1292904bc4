"""A till stops taking money before its disk is full; everything else goes on."""

from pathlib import Path

import pytest

from app.disk import free_on
from app.services.room import LEAST_BYTES, too_little
from app.services.sell import SaleRequest, SellOrder, Tendered
from app.signer import StationSigner
from domain.errors import Fault
from domain.order import Tender
from tests.services.house import CASHIER, House


class Disk:
    """A disk that says what it is told to say."""

    def __init__(self, free: int | None) -> None:
        self.free = free

    def __call__(self) -> int | None:
        return self.free


def seller(house: House, disk: Disk) -> SellOrder:
    store = house.station.store
    signer = StationSigner(store.signing_key, practice=False)
    return SellOrder(store, signer, house.clock, house.random, lambda: None, free_bytes=disk)


def test_below_200_megabytes_no_money_is_taken_and_nothing_is_written(house: House) -> None:
    disk = Disk(LEAST_BYTES - 1)
    sell = seller(house, disk)
    request = SaleRequest([house.item("full")], [Tendered(Tender.CASH, 5000)])
    before = house.seq
    with pytest.raises(Fault) as caught:
        sell(request, CASHIER)
    assert caught.value.code == "DISK_LOW"
    assert caught.value.params == {"megabytes": 199, "least": 200}
    assert house.seq == before
    disk.free = LEAST_BYTES
    assert sell(request, CASHIER).order.receipt == "K1-000001"


def test_it_is_known_before_a_sale_begins(house: House) -> None:
    disk = Disk(1_000_000)
    sell = seller(house, disk)
    hindrance = sell.hindrance()
    assert hindrance is not None
    assert (hindrance.code, hindrance.kind) == ("DISK_LOW", "fault")
    disk.free = LEAST_BYTES
    assert sell.hindrance() is None


def test_tickets_are_still_admitted_and_shifts_still_closed(house: House) -> None:
    code = house.code("full")
    disk = Disk(0)
    house.services.sell._free_bytes = disk
    with pytest.raises(Fault):
        house.sell("full")
    assert house.admit(code).decision.opens
    assert house.services.close_shift(12_000, CASHIER).closed_at is not None


def test_a_disk_that_does_not_say_stops_nobody(house: House, tmp_path: Path) -> None:
    assert seller(house, Disk(None)).hindrance() is None
    assert free_on(tmp_path / "gone")() is None
    assert (free_on(tmp_path)() or 0) > 0
    assert too_little(LEAST_BYTES) is None
