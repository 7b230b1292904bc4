"""A busy day at two stations and a hub, logged to the last detail, and what of it must not leak."""

import logging
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from app import logs
from app.catalogue_files import read_catalogue
from app.services.gate import ScanInput
from app.services.hashing import PinHasher
from app.services.sell import Item, SaleRequest, Sold, Tendered
from domain.actor import SYSTEM, Actor, Role
from domain.errors import GatehouseError, Refusal
from domain.order import Tender
from tests.hub.stations import RealStation, joined
from tests.postgres import Hub

PASSPHRASE = "Velvet-Harbour-Quartz-19"
NAMES = ("Quintessa Varnholm", "Bartholomew Ostrakov", "Philomena Tschudi")
MAILS = ("quintessa.varnholm@example.org", "philomena.tschudi@example.org")
PHONE = "+4915155512345"
PINS = ("73914628", "58203917")
PASSWORD = "Zebra-Staple-Umbra-77"
CATALOGUE = f"""
organization: {{name: Old Theatre, zone: Europe/Berlin, currency: EUR}}
gates:
  - {{code: A, name: Main door}}
events:
  - code: play
    name: A Play
    state: published
    performances:
      - {{code: play-1, starts: "now+40m", doors: 30, minutes: 150, capacity: 400}}
    products:
      - {{code: full, name: Full, price: "20.00", tax: 7}}
customers:
  - {{name: {NAMES[2]}, email: {MAILS[1]}, phone: "{PHONE}"}}
  - {{name: {NAMES[0]}, email: {MAILS[0]}}}
"""


@dataclass
class Day:
    """Two stations after a busy day. `secrets`: what it is, and the texts that must be nowhere in clear."""

    root: Path
    stations: list[RealStation]
    secrets: dict[str, list[str]] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)

    def files(self, *, but: tuple[str, ...] = ()) -> Iterator[Path]:
        """Every file of both stations except those whose path names one of `but`."""
        for path in sorted(self.root.rglob("*")):
            if path.is_file() and not any(part in str(path.relative_to(self.root)) for part in but):
                yield path


def found_in(data: bytes, secrets: Mapping[str, list[str]]) -> set[str]:
    """Which kinds of secrets stand in some bytes in clear, in either letter case or in UTF-16."""
    low = data.lower()
    return {
        kind
        for kind, texts in secrets.items()
        for text in texts
        if text.lower().encode() in low or text.lower().encode("utf-16-le") in low
    }


def live_a_day(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Day:
    """Sell, print, admit, guess, fail, back up, carry entries on a stick; everything logged."""
    monkeypatch.setattr("app.bootstrap.PinHasher", partial(PinHasher, 1, 64))
    root = tmp_path / "stations"
    root.mkdir()
    till, door = (joined(hub, root, name, prefix) for name, prefix in (("Till", "K1"), ("Door", "GA")))
    till.settings.pin({"backup_passphrase": PASSPHRASE})
    logs.configure(root / "K1", "debug", stderr=False)
    day = Day(root, [till, door])
    day.secrets = {"name": list(NAMES), "mail": list(MAILS), "phone": [PHONE], "pin": list(PINS)}
    day.secrets |= {"password": [PASSWORD], "passphrase": [PASSPHRASE]}
    _work(day, till, door)
    day.secrets["hub password"] = [str(one.store.hub_password()) for one in day.stations]
    if admin := conninfo_to_dict(hub.dsn).get("password"):
        day.secrets["dsn"] = [str(admin)]
    day.secrets["code"] = day.codes
    return day


def _work(day: Day, till: RealStation, door: RealStation) -> None:
    services = till.station.services
    file = day.root.parent / "day.yaml"
    file.write_text(CATALOGUE, encoding="utf-8")
    till.station.import_catalogue(read_catalogue(file), SYSTEM)
    services.add_user("qv", NAMES[0], [Role.SUPERVISOR], PINS[0], SYSTEM)
    services.add_user("bo", NAMES[1], [Role.CASHIER], PINS[1], SYSTEM)
    _invite(till)
    for station in (till, door, till):
        assert station.sync() is None
    actor = services.sign_in.by_login("qv", PINS[0])
    _guess(till)
    services.open_shift(10_000, actor)
    assert till.sync() is None
    for _ in range(3):
        sold = _sale(till, actor)
        day.codes += sold.codes.values()
        day.references += [ticket.reference for ticket in sold.order.tickets]
        services.print_order(sold.order.order, actor)
    services.waiting_files.export(str(day.root / "K1" / "waiting.json"))
    assert till.sync() is None
    assert door.sync() is None
    _at_the_door(day, door, actor)
    _troubles(day, till, actor)
    till.station.backup(day.root / "K1" / "backups" / "copy.db")
    logging.getLogger("anything").debug("orders of the day: %s", [code[:8] for code in day.codes])


def _invite(till: RealStation) -> None:
    services = till.station.services
    issued = services.people.invite("pt", NAMES[2], ["gate"], SYSTEM)
    services.people.accept("pt", issued.code, PASSWORD, "60417283")


def _guess(till: RealStation) -> None:
    for pin in ("00000000", "11112222"):
        with pytest.raises(Refusal):
            till.station.services.sign_in.by_login("bo", pin)


def _sale(till: RealStation, actor: Actor) -> Sold:
    with till.store.read() as read:
        at = read.performance_by_code("play-1")
        product = read.products(at.event)[0]
    request = SaleRequest([Item(product.number, at.number, 2)], [Tendered(Tender.CASH, 5000)])
    return till.station.services.sell(request, actor)


def _at_the_door(day: Day, door: RealStation, actor: Actor) -> None:
    keeper = door.station.gatekeeper("A")
    for code in (*day.codes, day.codes[0], day.codes[1][:-1] + "A", "QV" + NAMES[0]):
        keeper.admit(ScanInput(code, via="camera"), actor)


def _troubles(day: Day, till: RealStation, actor: Actor) -> None:
    """What goes wrong is logged, too: refusals with what was typed, faults, bugs with their tracebacks."""
    services = till.station.services
    log = logging.getLogger("gatehouse.day")
    for act in (
        lambda: services.find_orders.by_text(day.codes[0], actor),
        lambda: services.print_order(NAMES[0], actor),
        lambda: services.add_user("qv", NAMES[0], [Role.GATE], PINS[0], SYSTEM),
    ):
        try:
            act()
        except GatehouseError as error:
            log.warning("refused", extra={"refusal": error.code})
    try:
        _break(f"postgresql://admin:{till.store.hub_password()}@hub/x {day.codes[0]} {MAILS[0]}")
    except RuntimeError:
        log.exception("bug", extra={"pin": PINS[0], "dsn": f"host=hub password={till.store.hub_password()}"})


def _break(text: str) -> None:
    raise RuntimeError(text)


def readable(path: Path) -> bytes:
    """The bytes of a file and of what is packed inside it: streams of a PDF, members of a zip."""
    data = path.read_bytes()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(path) as packed:
            return data + b"".join(packed.read(name) for name in packed.namelist())
    if data.startswith(b"%PDF"):
        for part in data.split(b"stream\n")[1:]:
            try:
                data += zlib.decompress(part)
            except zlib.error:
                continue
    return data
