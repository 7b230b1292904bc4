"""A till and two gates at a real hub, with a ticket to fight over."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from app.bootstrap import Station, enrol_station
from app.catalogue_files import read_catalogue
from app.claims import StationClaims
from app.services.gate import GateAnswer, ScanInput
from app.services.sell import Item, SaleRequest, Tendered
from app.settings import Settings
from domain.actor import SYSTEM
from domain.entry import Entry
from domain.order import Tender
from sync.claims import HubClaims
from tests.builders import NOW, FakeClock
from tests.postgres import Hub, until_today
from tests.services.house import CASHIER, CATALOGUE, GATE


class Post:
    """One station of the house. It exchanges with the hub only when told to."""

    def __init__(self, hub: Hub, root: Path, prefix: str, gate: str, **env: str) -> None:
        _, text = hub.invite(f"Station {prefix}", prefix, now=NOW, valid_for=until_today(NOW))
        self.hub = hub
        self.data = root / prefix
        self.clock = FakeClock()
        names = {"GATEHOUSE_KEY_DIR": str(root / f"{prefix}-keys"), "GATEHOUSE_GATE_CODE": gate, **env}
        self.station: Station = enrol_station(self.data, Settings(self.data, names), text, clock=self.clock)

    @property
    def id(self) -> str:
        return self.station.store.identity.station

    @property
    def line(self) -> HubClaims:
        claims: StationClaims | None = self.station.claims
        assert claims is not None
        return claims._hub

    def sync(self) -> str | None:
        assert self.station.exchange is not None
        return self.station.exchange.run_once().code

    def connected(self) -> None:
        """Wait until the line for claims is there, and nobody looks after it."""
        self.line.begin()
        eventually(lambda: self.line._line is not None)
        with self.line._lane:
            pass

    def admit(self, code: str, **scan: Any) -> GateAnswer:
        return self.station.services.gatekeeper.admit(ScanInput(code, "camera", **scan), GATE)

    def entries(self, kind: str | None = None) -> list[Entry]:
        found = self.station.store.outbox.batch(0, 100_000, 1_000_000_000)
        return [entry for entry in found if kind in (None, entry.kind)]

    def sell(self, count: int = 1, product: str = "full") -> list[str]:
        """Codes of tickets sold just now."""
        with self.station.store.read() as read:
            event = next(one for one in read.events() if one.code == "play")
            number = next(one.number for one in read.products(event.number) if one.code == product)
            at = next(one.number for one in read.performances() if one.code == "play-1")
        sold = self.station.services.sell(
            SaleRequest([Item(number, at, count)], [Tendered(Tender.CASH, 10_000_000)]), CASHIER
        )
        return list(sold.codes.values())

    def close(self) -> None:
        self.station.close()


class Venue:
    """A till and the gates A and B, all of which know the catalogue and each other."""

    def __init__(self, hub: Hub, root: Path, **env: str) -> None:
        self.hub = hub
        self.till = Post(hub, root, "T", "A")
        self.one = Post(hub, root, "G1", "A", **env)
        self.two = Post(hub, root, "G2", "B", **env)
        file = root / "house.yaml"
        file.write_text(CATALOGUE.replace("capacity: 400", "capacity: 9000"), encoding="utf-8")
        self.till.station.import_catalogue(read_catalogue(file), SYSTEM)
        self.till.station.services.open_shift(10_000, CASHIER)
        self.sync()
        self.till.station.services.confirm_date(CASHIER)  # the hub's clock is today's, ours is not
        self.sync()

    def sync(self) -> None:
        """Everybody knows everything."""
        for post in (self.till, self.one, self.two, self.till, self.one, self.two):
            assert post.sync() is None

    def connected(self) -> None:
        self.one.connected()
        self.two.connected()

    def tickets(self, count: int) -> list[str]:
        """Tickets that both gates know."""
        self.till.sync()
        codes = self.till.sell(count)
        self.sync()
        return codes

    def live_claims(self) -> int:
        with self.hub.admin() as admin:
            row = admin.execute("SELECT count(*) FROM hub.gate_claim").fetchone()
        assert row is not None
        return int(row[0])

    def age_claims(self) -> None:
        """As if half a minute had gone by."""
        with self.hub.admin() as admin:
            admin.execute("UPDATE hub.gate_claim SET claimed_at = claimed_at - interval '31 seconds'")

    def close(self) -> None:
        for post in (self.till, self.one, self.two):
            post.close()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Results of acts that begin in the same moment, each in a thread of its own."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def eventually(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Poll a condition that another thread or process brings about."""
    pause = threading.Event()
    for _ in range(int(seconds * 100)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it never came true")
