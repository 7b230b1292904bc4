"""A whole station over a real encrypted store, built as the program builds it; its clock stands still."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from app.bootstrap import Station, create_station, open_station
from app.catalogue_files import read_catalogue
from app.services.gate import GateAnswer, Gatekeeper, ScanInput
from app.services.sell import Item, SaleRequest, Sold, Tendered
from app.settings import Settings
from domain.actor import SYSTEM, Actor, Role
from domain.catalogue import Event, Performance, Product
from domain.entry import Entry
from domain.leases import Instant
from domain.order import Tender
from tests.builders import NOW, FakeClock, seeded_random_bytes

CATALOGUE = """
organization: {name: Old Theatre, zone: Europe/Berlin, currency: EUR}
gates:
  - {code: A, name: Main door}
  - {code: B, name: Side door}
events:
  - code: play
    name: A Play
    name_ru: Пьеса
    state: published
    performances:
      - {code: play-1, starts: "2026-11-21 20:00", doors: 30, minutes: 150, capacity: 400}
      - {code: play-2, starts: "2026-11-22 20:00", doors: 30, minutes: 150, capacity: 400}
    products:
      - {code: full, name: Full, price: "20.00", tax: 7}
      - {code: half, name: Half, price: "10.00", tax: 7, concession: student card}
      - {code: group, name: Group of four, price: "60.00", tax: 7, admits: 4}
  - code: museum
    name: Museum
    state: published
    products:
      - {code: day, name: Day, price: "9.00", tax: 19, validity: {kind: day, start: calendar, reentry: free}}
"""


def somebody(*roles: Role, number: int = 9) -> Actor:
    """A person with these roles and no name anywhere."""
    user = f"00000000-0000-4000-8000-{number:012d}"
    return Actor(user=user, login=f"person{number}", roles=frozenset(roles))


CASHIER = somebody(Role.CASHIER, number=1)
GATE = somebody(Role.GATE, number=2)
OTHER_GATE = somebody(Role.GATE, number=3)
SUPERVISOR = somebody(Role.SUPERVISOR, number=4)
ADMIN = somebody(Role.ADMIN, number=5)
SUPPORT = somebody(Role.SUPPORT, number=6)


class House:
    """One station in a folder. `at` moves the clock before it opens; `env` are GATEHOUSE_… variables."""

    def __init__(
        self,
        root: Path,
        catalogue: str | None = CATALOGUE,
        *,
        at: datetime = NOW,
        seed: int = 1,
        prefix: str = "K1",
        env: dict[str, str] | None = None,
        shift: bool = True,
    ) -> None:
        self.root = root
        self.data = root / f"data-{prefix}"
        self.env = {"GATEHOUSE_KEY_DIR": str(root / "keys"), **(env or {})}
        self.clock = FakeClock(at)
        self.random = seeded_random_bytes(seed)
        self.station: Station = create_station(
            self.data, self.settings, f"Till {prefix}", prefix, clock=self.clock, random_bytes=self.random
        )
        if catalogue is not None:
            self.import_text(catalogue)
        if shift:
            self.services.open_shift(10_000, CASHIER)

    @property
    def settings(self) -> Settings:
        return Settings(self.data, self.env)

    @property
    def services(self) -> Any:
        return self.station.services

    @property
    def seq(self) -> int:
        """How many entries the journal has."""
        return self.station.store.outbox.tip().seq

    def reopen(self, **env: str) -> Station:
        """Close the station and open it again, perhaps with other settings."""
        self.station.close()
        self.env |= env
        self.station = open_station(self.data, self.settings, clock=self.clock, random_bytes=self.random)
        return self.station

    def import_text(self, text: str, name: str = "house.yaml", actor: Actor = SYSTEM) -> Any:
        file = self.root / name
        file.write_text(text, encoding="utf-8")
        return self.station.import_catalogue(read_catalogue(file), actor)

    def entries(self, kind: str | None = None) -> list[Entry]:
        """The journal, or those of one kind."""
        found = self.station.store.outbox.batch(0, 100_000, 1_000_000_000)
        return [entry for entry in found if kind in (None, entry.kind)]

    def event(self, code: str) -> Event:
        with self.station.store.read() as read:
            return next(event for event in read.events() if event.code == code)

    def performance(self, code: str) -> Performance:
        with self.station.store.read() as read:
            return next(one for one in read.performances() if one.code == code)

    def product(self, code: str) -> Product:
        with self.station.store.read() as read:
            every = [product for event in read.events() for product in read.products(event.number)]
        return next(product for product in every if product.code == code)

    def item(self, code: str, count: int = 1, performance: str | None = "play-1", **more: Any) -> Item:
        at = self.performance(performance).number if performance else None
        return Item(self.product(code).number, at, count, **more)

    def sell(
        self,
        *items: Item | str,
        cash: int | None = 1_000_000,
        card: int | None = None,
        actor: Actor = CASHIER,
        **more: Any,
    ) -> Sold:
        """Sell; a text stands for one ticket of that product at the first performance."""
        tendered = [] if card is None else [Tendered(Tender.CARD, card, "T-77")]
        tendered += [] if cash is None else [Tendered(Tender.CASH, cash)]
        lines = [self.item(one) if isinstance(one, str) else one for one in items]
        return self.services.sell(SaleRequest(lines, tendered, **more), actor)

    def code(self, product: str = "full", **more: Any) -> str:
        """The code of a ticket sold just now."""
        performance = None if product == "day" else "play-1"
        return next(iter(self.sell(self.item(product, performance=performance), **more).codes.values()))

    @property
    def gate(self) -> Gatekeeper:
        return self.services.gatekeeper

    def admit(self, text: str = "", actor: Actor = GATE, **scan: Any) -> GateAnswer:
        return self.gate.admit(ScanInput(text, **{"via": "camera"} | scan), actor)


def left(house: House, product: str, performance: str | None = "play-1") -> int | None:
    """Places left of a product, as its tile says."""
    with house.station.store.read() as read:
        at = house.performance(performance) if performance else None
        return read.places(house.product(product), at, Instant.of(house.clock)).in_all


def forged(code: str) -> str:
    """The same code with one letter of the signature changed."""
    at = 100
    return code[:at] + ("A" if code[at] != "A" else "B") + code[at + 1 :]


def with_roles(actor: Actor, roles: Sequence[Role]) -> Actor:
    return replace(actor, roles=frozenset(roles))
