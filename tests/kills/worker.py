"""A station at work in a process of its own, which dies where it is told to.

It sells, prints and admits as fast as it can, exchanges with its hub meanwhile, and writes a line to a pipe
for everything that a person was told. A plan may name a step (`Writing.commit:before`) and how often that
step is passed before the process kills itself there with SIGKILL; without one it works until it is killed.
"""

import json
import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.bootstrap import Station, open_station
from app.printing.renderer import FolderSink
from app.services.gate import ScanInput
from app.services.sell import Item, SaleRequest, Tendered
from app.settings import Settings
from app.store.core import Writing
from app.store.journal import Journal
from app.store.lease_port import StoreLeases
from app.store.synced import StoreOutbox, StoreReplica
from domain.errors import Refusal
from domain.order import Tender
from sync.claims import HubClaims
from sync.hub_client import HubClient
from tests.builders import NOW, FakeClock
from tests.services.house import CASHIER, GATE

STEPS: tuple[tuple[type, str], ...] = (
    (Writing, "commit"),
    (Journal, "append"),
    (FolderSink, "save"),
    (HubClient, "hello"),
    (HubClient, "push"),
    (HubClient, "pull"),
    (HubClient, "wake"),
    (StoreOutbox, "acknowledge"),
    (StoreReplica, "apply"),
    (StoreLeases, "hold"),
    (HubClaims, "ask"),
)
LABELS = tuple(f"{owner.__name__}.{name}:{side}" for owner, name in STEPS for side in ("before", "after"))


@dataclass(frozen=True)
class Plan:
    """One life of a station: where it lies, what it does, and where it dies."""

    data: str
    keys: str
    life: int
    seed: int
    label: str | None = None
    nth: int = 1


def die_at(label: str, nth: int) -> None:
    """Arrange for SIGKILL at the nth passing of a step."""
    where, side = label.split(":")
    owner, name = next(each for each in STEPS if where == f"{each[0].__name__}.{each[1]}")
    real: Callable[..., Any] = getattr(owner, name)
    passed = 0

    def stepped(*args: Any, **named: Any) -> Any:
        nonlocal passed
        passed += 1
        if passed == nth and side == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **named)
        if passed == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, stepped)


def work(plan: Plan, pipe: Connection) -> None:
    """Open the station and serve guests until death."""

    def tell(**said: Any) -> None:
        os.write(pipe.fileno(), (json.dumps(said) + "\n").encode())

    if plan.label is not None:
        die_at(plan.label, plan.nth)
    data = Path(plan.data)
    clock = FakeClock(NOW + timedelta(minutes=plan.life))
    station = open_station(data, Settings(data, {"GATEHOUSE_KEY_DIR": plan.keys}), clock=clock)
    tell(opened=plan.life)
    station.start_sync()
    serve(station, clock, random.Random(plan.seed), tell)


def serve(station: Station, clock: FakeClock, chance: random.Random, tell: Callable[..., None]) -> None:
    """One guest after the other; what is said to them goes to `tell`."""
    with station.store.read() as read:
        event = next(one for one in read.events() if one.code == "play")
        product = next(one.number for one in read.products(event.number) if one.code == "full")
        performance = next(one.number for one in read.performances() if one.code == "play-1")
    while True:
        clock.advance(1)
        count = chance.choice([1, 1, 2, 4])
        request = SaleRequest([Item(product, performance, count)], [Tendered(Tender.CASH, 1_000_000)])
        try:
            station.services.confirm_date(CASHIER)  # the hub has another day than this clock
            sold = station.services.sell(request, CASHIER)
        except Refusal as refusal:
            tell(refused=refusal.code)
            continue
        tell(sold=sold.order.order, receipt=sold.order.receipt, serials=sorted(sold.codes))
        if chance.random() < 0.3:
            printed = station.services.print_order(sold.order.order, CASHIER)
            tell(printed=sold.order.order, files=list(printed.files))
        for code in list(sold.codes.values())[: chance.choice([0, 1, 2])]:
            clock.advance(1)
            answer = station.services.gatekeeper.admit(ScanInput(code, "camera"), GATE)
            tell(verdict=answer.decision.verdict.value, serial=answer.serial, opens=answer.opens)
