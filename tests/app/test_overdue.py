"""Reservations that nobody paid are given up while the program runs, without anybody asking for it."""

import threading
from datetime import timedelta
from pathlib import Path

from app.overdue import OverdueWatch
from domain.errors import Fault
from tests.services.house import CASHIER, House


def reserved(house: House) -> str:
    until = house.clock.now() + timedelta(minutes=5)
    return str(house.services.afterwards.reserve.reserve([house.item("full")], until, CASHIER).order.order)


def state(house: House, order: str) -> str:
    return str(house.services.find_orders.show(order, CASHIER).state)


def test_a_running_station_gives_up_by_itself_what_is_overdue(tmp_path: Path) -> None:
    house = House(tmp_path)
    order = reserved(house)
    watch = OverdueWatch(house.services.afterwards.release.overdue)
    watch.look()
    assert state(house, order) == "reserved"
    house.clock.advance(minutes=6)
    watch.look()
    assert state(house, order) == "released"
    assert house.entries("reservation_released")[0].actor.user == "system"
    house.station.close()


def test_it_goes_on_in_the_background_after_a_fault_and_ends_with_the_station() -> None:
    looks, again = [0], threading.Event()

    def release() -> list[str]:
        looks[0] += 1
        if looks[0] == 1:
            raise Fault("DISK_FULL")
        again.set()
        return ["an order"]

    watch = OverdueWatch(release, every_s=0.001)
    watch.start()
    watch.start()
    assert again.wait(20)
    watch.stop()
    ended = looks[0]
    watch.look()
    assert looks[0] == ended + 1, "nobody else looks any more"


def test_the_station_that_runs_has_its_watch(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.station.start_sync()
    assert "overdue" in {thread.name for thread in threading.enumerate()}
    house.station.close()
    assert "overdue" not in {thread.name for thread in threading.enumerate()}
