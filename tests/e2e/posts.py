"""A post of the house in a process of its own, which does what it is told over a pipe."""

from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import app.claims
from app.bootstrap import Station, open_station
from app.services.gate import ScanInput
from app.services.sell import Item, SaleRequest, Tendered
from app.settings import Settings
from domain.errors import Refusal
from domain.order import Tender
from tests.builders import NOW, FakeClock
from tests.claims.gates import eventually
from tests.services.house import CASHIER, GATE

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.e2e.posts"])
PATIENCE_MS = 10_000
"""Who opens is not a matter of how busy this machine is: a scan may wait for the hub's answer."""
MOST = 500
ANSWER_S = 120


def serve(data: str, env: Mapping[str, str], pipe: Connection) -> None:
    """Open the station and do one thing after the other until the pipe is closed."""
    app.claims.CLAIM_BUDGET_MS = PATIENCE_MS
    folder, clock = Path(data), FakeClock(NOW)
    clock.advance(60)  # later than anything that was asked for before
    station = open_station(folder, Settings(folder, dict(env)), clock=clock)
    try:
        while True:
            what, *more = pipe.recv()
            pipe.send(_ACTS[what](station, *more))
    except EOFError:
        pass
    finally:
        station.close()


def _sell_out(station: Station, product: str) -> tuple[int, str, Any]:
    """Sell single tickets until it is refused: how many, the code, places left here."""
    with station.store.read() as read:
        at = next(one for one in read.performances() if one.code == "play-1")
        number = next(one.number for one in read.products(at.event) if one.code == product)
    request = SaleRequest([Item(number, at.number, 1)], [Tendered(Tender.CASH, 1_000_000)])
    for sold in range(MOST):
        try:
            station.services.sell(request, CASHIER)
        except Refusal as refusal:
            return sold, refusal.code, refusal.params.get("left_here")
    raise AssertionError("it never ends")


def _connect(station: Station) -> bool:
    """Open the line for claims and wait until it is there."""
    assert station.claims is not None
    station.claims.begin()
    eventually(lambda: station.claims._hub._line is not None, 60)  # type: ignore[union-attr]
    return True


def _admit(station: Station, code: str) -> tuple[str, bool, str]:
    answer = station.services.gatekeeper.admit(ScanInput(code, "camera"), GATE)
    return answer.decision.verdict.value, answer.opens, answer.decision.confidence.mode.value


def _sync(station: Station) -> str | None:
    assert station.exchange is not None
    return station.exchange.run_once().code


_ACTS: Mapping[str, Any] = {"sell_out": _sell_out, "connect": _connect, "admit": _admit, "sync": _sync}


class PostProcess:
    """The other end of `serve`. `tell` begins something, `answer` waits for it, `ask` does both."""

    def __init__(self, data: Path, env: Mapping[str, str]) -> None:
        self._pipe, theirs = PROCESSES.Pipe()
        self._process = PROCESSES.Process(target=serve, args=(str(data), dict(env), theirs), daemon=True)
        self._process.start()
        theirs.close()

    def tell(self, what: str, *more: object) -> None:
        self._pipe.send((what, *more))

    def answer(self) -> Any:
        assert self._pipe.poll(ANSWER_S), "no answer"
        return self._pipe.recv()

    def ask(self, what: str, *more: object) -> Any:
        self.tell(what, *more)
        return self.answer()

    def close(self) -> None:
        self._pipe.close()
        self._process.join(60)
        assert self._process.exitcode == 0
