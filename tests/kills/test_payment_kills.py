"""A till that really dies between the steps of a payment: nothing told is lost, nothing hangs unseen."""

import json
import os
import signal
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Station, open_station
from app.services.payments import PaymentRequest
from app.services.sell import Item
from app.settings import Settings
from domain.states import PaymentState
from tests.builders import NOW, FakeClock
from tests.kills.worker import die_at
from tests.services.house import CASHIER, House, left

PROCESSES = get_context("forkserver")
MINE = "0e4e7fd4-55c8-4b4c-9d1a-3f7f3f0c8a11"
STEPS = [(label, nth) for label in ("Writing.commit:before", "Writing.commit:after") for nth in (1, 2)]
"""The first commit is that of the start, the second that of the money."""
ANSWER_S = 60


def opened(data: str, keys: str) -> Station:
    folder = Path(data)
    return open_station(folder, Settings(folder, {"GATEHOUSE_KEY_DIR": keys}), clock=FakeClock(NOW))


def pay(data: str, keys: str, item: tuple[int, int], label: str, nth: int, pipe: Connection) -> None:
    """One payment from start to end, telling each step, until death."""

    def tell(said: str) -> None:
        os.write(pipe.fileno(), (json.dumps(said) + "\n").encode())

    station = opened(data, keys)
    acts = station.services.afterwards
    die_at(label, nth)
    acts.start_payment(PaymentRequest([Item(*item, 2)], payment=MINE), CASHIER)
    tell("started")
    acts.take_payment(MINE, "T-1", CASHIER)
    tell("taken")


def heard(pipe: Connection) -> list[str]:
    found = b""
    while chunk := os.read(pipe.fileno(), 4096):
        found += chunk
    return [json.loads(line) for line in found.splitlines()]


@pytest.mark.parametrize(("label", "nth"), STEPS)
def test_a_payment_broken_off_by_a_kill_is_there_whole_and_waits_for_a_person(
    tmp_path: Path, label: str, nth: int
) -> None:
    house = House(tmp_path)
    before = left(house, "full") or 0
    item = (house.product("full").number, house.performance("play-1").number)
    house.station.close()
    ours, theirs = PROCESSES.Pipe(duplex=False)
    keys = str(tmp_path / "keys")
    process = PROCESSES.Process(target=pay, args=(str(house.data), keys, item, label, nth, theirs))
    process.start()
    theirs.close()
    told = heard(ours)
    process.join(ANSWER_S)
    assert process.exitcode == -signal.SIGKILL
    house.station = opened(str(house.data), keys)
    try:
        check(house, told, before)
        again(house, before)
    finally:
        house.station.close()


def check(house: House, told: list[str], before: int) -> None:
    """What was told is there; what is there is seen."""
    with house.station.store.read() as read:
        standing = read.payment(MINE)
        reserved = read.find_orders("")
    shift = house.services.shift_now(CASHIER)
    listed = house.services.afterwards.resolve_payment.open(CASHIER)
    assert house.station.verify().clean
    if standing is None:
        assert told == []
        assert (reserved, listed, left(house, "full")) == ([], [], before)
        return
    assert left(house, "full") == before - 2
    if standing.state is PaymentState.STARTED:
        assert "taken" not in told
        assert [one.payment for one in listed] == [one.payment for one in shift.unknown] == [MINE]
        assert shift.tenders == {}
    else:
        assert standing.state is PaymentState.TAKEN
        assert (listed, dict(shift.tenders)) == ([], {"card": 4_000})


def again(house: House, before: int) -> None:
    """Whoever does the same again after the kill pays once."""
    acts: Any = house.services.afterwards
    item = house.item("full", 2)
    acts.start_payment(PaymentRequest([item], payment=MINE), CASHIER)
    paid = acts.take_payment(MINE, "T-1", CASHIER)
    assert paid.order.state == "paid"
    assert dict(house.services.shift_now(CASHIER).tenders) == {"card": 4_000}
    assert left(house, "full") == before - 2
    assert [len(house.entries(kind)) for kind in ("payment_started", "payment_taken")] == [1, 1]
