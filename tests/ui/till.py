"""A till for tests of the cashier's screens: real use cases over a real store in a temporary folder.

Only what would leave the program is replaced: paper is a list, the PDF viewer too, PDFs are a few bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from app.catalogue_files import read_catalogue
from app.paths import resource
from app.printing.renderer import FolderSink
from app.services.after_sale import Afterwards
from app.services.afterwards import RightsDesk
from app.services.catalogue_import import ImportCatalogue
from app.services.may_sell import ConfirmDate, MaySell
from app.services.offers import Board, Offers
from app.services.orders import FindOrders
from app.services.payments import MarkPaymentUnknown, ResolvePayment, StartPayment
from app.services.printing import PrintOrder, PrintQueue, PrintShift
from app.services.promos import FindPromo
from app.services.sell import Item, ReserveOrder, SaleRequest, SellOrder, Sold, Tendered
from app.services.shifts import CloseShift, OpenShift, ShiftNow
from app.services.signin import AddUser, PinHasher
from app.services.station_facts import FactsOfStation
from app.services.views import OrderView, ShiftView
from app.signer import StationSigner
from app.store.keys import FileKeyStore
from app.store.opening import NewStation, create_store, open_store
from app.store.store import StationStore
from domain.actor import SYSTEM, Actor, Role
from domain.entry import Draft
from domain.errors import DeviceFault, Fault
from domain.order import Tender
from tests.builders import FakeClock, seeded_random_bytes, utc

EVENING = utc("2026-11-21 16:20")


class PlainRenderer:
    """Implements TicketRenderer with a few readable bytes."""

    def tickets(self, order: OrderView, codes: Any, paper: str, lang: str) -> bytes:
        return f"{order.receipt} {paper} {lang} {len(codes)} tickets".encode()

    def receipt(self, order: OrderView, copy: int, lang: str) -> bytes:
        return f"{order.receipt} receipt {lang} copy {copy}".encode()

    def shift_report(self, shift: ShiftView, lang: str) -> bytes:
        return f"shift {shift.number} {lang}".encode()


@dataclass
class PaperTray:
    """Implements PaperPrinter and FileOpener; `jammed` makes both refuse."""

    printed: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    jammed: bool = False

    def print_pdf(self, path: str, title: str) -> None:
        self._check()
        self.printed.append(Path(path).name)

    def open(self, path: str) -> None:
        self._check()
        self.opened.append(Path(path).name)

    def _check(self) -> None:
        if self.jammed:
            raise DeviceFault("PRINTER_FAILED", device="printer", reason="out of paper")


class Folder(FolderSink):
    """The folder for PDFs; `locked` makes it unwritable, as a share that went away."""

    locked = False

    def save(self, name: str, content: bytes, folder: str | None = None) -> str:
        if self.locked:
            raise Fault("PRINT_FOLDER_NOT_WRITABLE", folder="prints", reason="EACCES")
        return super().save(name, content, folder)


class Book(dict[str, str]):
    """Implements the part of SettingsBook that the screens ask for."""

    def text(self, name: str) -> str:
        return self[name]

    def number(self, name: str) -> int:
        return int(self[name])

    def store(self, name: str, value: str, actor: Actor) -> None:
        self[name] = value

    def listed(self) -> Sequence[dict[str, str]]:
        return []


class Till:
    """Has every use case under the name that `app.services.facade.Services` gives it."""

    def __init__(self, root: Path, at: datetime = EVENING) -> None:
        self.root = root
        self.clock = FakeClock(at)
        self.random = seeded_random_bytes(7)
        self.nudges = 0
        store = create_store(root / "data", self._keys(), self.clock, self.random, NewStation("Till 1", "K1"))
        file = read_catalogue(resource("demo", "catalogue.yaml"))
        ImportCatalogue(store, self.clock, self.random, self._nudge)(file, SYSTEM)
        add_user = AddUser(store, PinHasher(1, 1024), self.clock, self.random)
        user = add_user("carla", "Carla Cashier", [Role.CASHIER], None, SYSTEM)
        self.actor = Actor(user, "carla", frozenset({Role.CASHIER}))
        self._build(store)

    free_bytes: int | None = None
    """What the disk says is free; None: it does not say."""

    def _keys(self) -> FileKeyStore:
        return FileKeyStore(self.root / "keys")

    def reopened(self) -> "Till":
        """The same till after the program was killed and started again."""
        self._build(open_store(self.root / "data", self._keys(), self.clock, self.random))
        return self

    def _build(self, store: StationStore) -> None:
        self.store = store
        signer = StationSigner(store.signing_key, practice=False)
        self.tray, self.folder = PaperTray(), Folder(self.root / "prints")
        self.opener = self.tray
        self.settings = Book({"print.after_sale": "save", "print.paper": "A4"})
        self.facts = FactsOfStation(store)
        self.board, self.offers = Board(store, self.clock), Offers(store, self.clock)
        self.sell = SellOrder(
            store, signer, self.clock, self.random, self._nudge, free_bytes=lambda: self.free_bytes,
            may_sell=MaySell(store, store.keys.own_certificates, self.clock, store.hub_offset_ms),
        )  # fmt: skip
        self.find_promo = FindPromo(store, self.clock)
        self.afterwards = self._afterwards(store, signer)
        self.confirm_date = ConfirmDate(store, self.clock, store.hub_offset_ms, self._nudge)
        self.find_orders = FindOrders(store, signer)
        self.print_order = PrintOrder(store, signer, PlainRenderer(), self.folder, self.tray, self._nudge)
        self.print_queue = PrintQueue(store, self.print_order)
        self.print_shift = PrintShift(PlainRenderer(), self.folder)
        self.open_shift = OpenShift(store, self.random, self._nudge)
        self.shift_now = ShiftNow(store)
        self.close_shift = CloseShift(store, self._nudge)
        self.signer = signer

    def _afterwards(self, store: StationStore, signer: StationSigner) -> Afterwards:
        """The use cases about payments in steps; a till of its own has every right."""
        desk = RightsDesk(store, self._nudge, lambda: False)
        reserve = ReserveOrder(store, signer, self.clock, self.random, self._nudge)
        return cast(
            "Afterwards",
            SimpleNamespace(
                start_payment=StartPayment(store, self.clock, self.random, self._nudge, desk, reserve),
                resolve_payment=ResolvePayment(store, signer, self.clock, self._nudge, desk),
                lose_payment=MarkPaymentUnknown(store, self.clock, self._nudge, desk),
            ),
        )

    def _nudge(self) -> None:
        self.nudges += 1

    def who(self) -> Actor:
        return self.actor

    def begin_shift(self, float_minor: int = 10_000) -> ShiftView:
        return self.open_shift(float_minor, self.actor)

    def sold_by_hand(self, product: str = "stalls", count: int = 2) -> Sold:
        """A sale of an earlier run of the program, whose paper was never made."""
        row = next(row for row in self.board(self.actor) if row.performance is not None)
        offers = self.offers(row.event.number, row.performance.number, self.actor)
        offer = next(offer for offer in offers if offer.product.code == product)
        item = Item(offer.product.number, row.performance.number, count)
        amount = offer.product.price_minor * count
        sold = self.sell(SaleRequest([item], [Tendered(Tender.CASH, amount)]), self.actor)
        self.clock.advance(1)
        return sold

    def reprice(self, product: str, price_minor: int) -> None:
        """The office changes a price while the till is selling."""
        row = next(row for row in self.board(self.actor) if row.performance is not None)
        offers = self.offers(row.event.number, row.performance.number, self.actor)
        changed = next(offer.product for offer in offers if offer.product.code == product)
        fields = {"price_minor": price_minor, "price_version": changed.price_version + 1}
        body = {"product": changed.number, "event": row.event.number, "base": None, "fields": fields}
        with self.store.begin() as work:
            work.append(Draft("product_changed", ("org",), body), SYSTEM)
            work.commit()

    def orders(self) -> Sequence[Any]:
        return self.find_orders.find("", self.actor)

    def close(self) -> None:
        self.store.close()
