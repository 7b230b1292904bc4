"""`gatehouse tour`: drives the real windows over demo data and writes a picture of every screen and state."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.bootstrap import Station
from app.cli.demo_world import PINS, DemoWorld
from app.cli.tour_first_run import NothingYet, sample_file, walk_joining
from app.cli.tour_money import walk_doubts, walk_held, walk_promo
from app.cli.tour_people import (
    walk_account,
    walk_approval,
    walk_keys,
    walk_lock,
    walk_people,
    walk_sign_in,
)
from app.cli.tour_practice import walk_practice
from app.cli.window import FOLDERS, make_application, open_desk
from app.services.gate import ScanInput
from app.services.sell import Item, SaleRequest, Sold, Tendered
from app.services.views import ConflictRow
from domain.admission import Direction
from domain.conflicts import Code
from domain.errors import Fault
from domain.order import Tender
from domain.ticket_code import decode
from ui.application import Desk
from ui.first_run.presenter import Step
from ui.signin.service import SignInService
from ui.start import FirstRunWindow

Size = tuple[int, int]
Note = Callable[[str], None]

COMMON: Sequence[Size] = ((1366, 768), (1920, 1080))
SMALL_AND_TALL: Sequence[Size] = ((1024, 600), (800, 1280))
PSEUDO = "pseudo"
SETTLE_S = 10.0
HOLD_S = 0.7
"""A little longer than a verdict stands before the next person's scan is decided."""


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look at the program: language, theme, size; `whole` = every state, else the main screens."""

    lang: str
    theme: str
    size: Size
    whole: bool = True

    @property
    def folder(self) -> str:
        """Where its pictures go."""
        return f"{self.lang}-{self.theme}-{self.size[0]}x{self.size[1]}"


def take_pictures(
    out: Path, *, languages: Sequence[str], themes: Sequence[str], quick: bool, note: Note | None
) -> list[Path]:
    """Write the pictures; answers their paths. `quick`: the first language, theme and size only."""
    out.mkdir(parents=True, exist_ok=True)
    looks = looks_of(languages, themes, quick=quick)
    app = make_application()
    app.setQuitOnLastWindowClosed(False)
    pictures: list[Path] = []
    with tempfile.TemporaryDirectory(prefix="gatehouse-tour-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # a PostgreSQL that runs under another account must reach its own folder
        with DemoWorld(Path(folder)) as world:
            world.start_hub()
            world.fill()
            for look in looks:
                walk = _Walk(app, world, look, out / look.folder)
                pictures += walk.pictures()
                if note:
                    note(f"{look.folder}: {len(walk.made)} pictures")
    if not quick:
        pictures += _doubled(out, languages[0])
    return pictures


def looks_of(languages: Sequence[str], themes: Sequence[str], *, quick: bool) -> list[Look]:
    """Every language and theme at the common sizes; one of each at the odd sizes; the pseudo-locale once."""
    if quick:
        return [Look(languages[0], themes[0], COMMON[0])]
    looks = [Look(lang, theme, size) for lang in languages for theme in themes for size in COMMON]
    looks += [Look(lang, themes[0], size, whole=False) for lang in languages for size in SMALL_AND_TALL]
    return [*looks, Look(PSEUDO, themes[0], COMMON[0])]


def _doubled(out: Path, lang: str) -> list[Path]:
    """The same at 200 % scaling, which Qt reads once at the start of a process."""
    folder = out / "scale-200"
    subprocess.run(
        [sys.executable, "-m", "app.main", "tour", "--quick", "--out", str(folder), "--lang", lang,
         "--theme", "light", "--json"],
        env={**os.environ, "QT_SCALE_FACTOR": "2"}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return sorted(folder.rglob("*.png"))


def _throw_away() -> None:
    """Widgets that are no longer wanted go only when an event loop ends, and there is none here."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class _Walk:
    """One walk through all screens in one look."""

    def __init__(self, app: QApplication, world: DemoWorld, look: Look, folder: Path) -> None:
        self._app = app
        self._world = world
        self._look = look
        self._folder = folder
        self.made: list[Path] = []

    def pictures(self) -> list[Path]:
        """Take them all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._look.whole:
            self._first_run()
        self._at("K1", "carla", self._till)
        self._at("K1", "admin", self._office)
        self._at("GA", "sam", self._gate)
        if self._look.whole:
            walk_practice(
                self._app, self._world, self._look.lang, self._look.theme, self._look.size,
                self._settle, self._shoot,
            )  # fmt: skip
            _throw_away()
        return self.made

    def _at(self, prefix: str, login: str, visit: Callable[[Desk, Station], None]) -> None:
        station = self._world.stations[prefix]
        desk = open_desk(self._app, station, self._look.lang)
        desk.theme.set("dark" if self._look.theme == "dark" else "light")
        desk.window.resize(*self._look.size)
        desk.window.show()
        desk.show_sign_in()
        self._settle(desk)
        if login == "carla":
            self._shoot(desk.window, "sign-in")
            walk_sign_in(desk, self._settle, self._shoot)
        self._sign_in(desk, station, login)
        station.start_sync()
        try:
            self._until(lambda: desk.session.sync().mode == "live")
            visit(desk, station)
        finally:
            desk.close()
            _throw_away()
            if station.exchange is not None:
                station.exchange.stop()

    def _sign_in(self, desk: Desk, station: Station, login: str) -> None:
        service = SignInService(station.services)
        person = next(one for one in service.people() if one.login == login)
        desk.welcome(service.sign_in(person.user_id, PINS[login]), person)
        self._settle(desk)

    def _first_run(self) -> None:
        window = FirstRunWindow(
            self._app, NothingYet(), FOLDERS, language=self._look.lang, zone="Europe/Riga", currency="EUR"
        )
        window.theme.set("dark" if self._look.theme == "dark" else "light")
        window.resize(*self._look.size)
        window.show()
        shown: Sequence[tuple[str, Step]] = (
            ("first-run", "choose"), ("first-run-new", "new"), ("first-run-join", "join"),
        )  # fmt: skip
        for name, step in shown:
            window.presenter.go(step)
            self._app.processEvents()
            self._shoot(window, name)

        def shoot(name: str) -> None:
            self._app.processEvents()
            self._shoot(window, name)

        walk_joining(window, shoot)
        window.finish()

    def _till(self, desk: Desk, station: Station) -> None:
        sell = desk.kit.sell
        self._open(desk, "sell", "sell-no-shift")
        station.services.open_shift(10000, desk.session.actor())
        self._until(lambda: bool(station.services.show_leases()))  # the hub sends the places of this till
        sell.refresh()
        self._settle(desk)
        self._shoot(desk.window, "sell-empty")
        for number in (1, 1, 2, 3):
            sell.add(number)
        self._settle(desk)
        self._shoot(desk.window, "sell-cart")
        walk_promo(desk, self._settle, self._shoot)
        sell.open_pay()
        self._settle(desk)
        self._shoot(desk.window, "sell-pay")
        if self._look.whole:
            sell.checkout.type_amount("5")
            sell.checkout.choose_tender(Tender.CARD)
            sell.checkout.type_reference("4111 1111 1111 1111")
            sell.checkout.take()
            self._settle(desk)
            self._shoot(desk.window, "sell-pay-refused")
            sell.checkout.type_reference("")
        sell.checkout.choose_tender(Tender.CASH)
        sell.checkout.type_amount("100")
        sell.checkout.take()
        self._settle(desk)
        self._shoot(desk.window, "sell-done")
        sell.next_sale()
        self._open(desk, "orders", "orders")
        with station.store.read() as read:
            last = read.last_sale(station.services.facts.station().station)
        if last is not None:
            desk.kit.orders.open(last)
            self._settle(desk)
            self._shoot(desk.window, "orders-detail")
        if self._look.whole:
            desk.kit.orders.search("nothing like this")
            self._settle(desk)
            self._shoot(desk.window, "orders-empty")
            desk.kit.orders.search("")
        self._shift(desk, station)
        self._technician(desk)
        walk_account(desk, station, self._settle, self._shoot)
        walk_lock(desk, self._settle, self._shoot, "locked")

    def _office(self, desk: Desk, _station: Station) -> None:
        walk_people(desk, self._settle, self._shoot)
        if self._look.whole:
            walk_keys(desk, sample_file(self._world.folder), self._settle, self._shoot)

    def _shift(self, desk: Desk, station: Station) -> None:
        walk_doubts(desk, station, self._settle, self._shoot)
        self._open(desk, "shift", "shift-open")
        walk_approval(desk, station, self._settle, self._shoot)
        now = station.services.shift_now(desk.session.actor())
        desk.kit.shift.type_count(str((now.expected.minor if now else 0) // 100 - 2))
        self._settle(desk)
        self._shoot(desk.window, "shift-count")
        desk.kit.shift.close_shift()
        self._settle(desk)
        self._shoot(desk.window, "shift-closed")

    def _technician(self, desk: Desk) -> None:
        for key in ("sync", "health", "settings"):
            self._open(desk, key, key)
            if key == "sync" and self._look.whole:
                walk_held(desk, self._settle, self._shoot)
        if self._look.whole:
            desk.window.show_help()
            self._settle(desk)
            self._shoot(desk.window, "help")
            desk.window.help.close_panel()

    def _gate(self, desk: Desk, station: Station) -> None:
        """Verdicts of all four meanings."""
        codes = list(self._sale("K2", "seagull-1", "stalls", 3).codes.values())
        self._meet("K2")
        self._until(lambda: self._knows(station, codes[0]))
        self._open(desk, "gate", "gate-listening")
        elsewhere = station.gatekeeper(None, "9")
        for code in codes[1:]:
            elsewhere.admit(ScanInput(code, via="serial"), desk.session.actor())
        self._scanned(desk, codes[0], "gate-admit")
        self._scanned(desk, codes[1], "gate-refuse")
        self._scanned(desk, self._offline_code(), "gate-attention")
        desk.kit.gate.set_direction(Direction.EXIT)
        self._scanned(desk, codes[2], "gate-exit")
        desk.kit.gate.set_direction(Direction.ENTRY)
        if self._look.whole:
            self._scanned(desk, "https://example.com/not-a-ticket", "gate-not-a-ticket")
            self._open(desk, "devices", "devices")
        self._conflicts(desk, station)
        desk.window.open_screen("gate")
        walk_lock(desk, self._settle, self._shoot, "gate-locked")

    def _conflicts(self, desk: Desk, station: Station) -> None:
        """One ticket at two gates of which one had not asked the hub: both sides, then resolved."""
        code = next(iter(self._sale("K2", "seagull-1", "stalls", 1).codes.values()))
        self._meet("K2")
        self._until(lambda: self._knows(station, code))
        station.gatekeeper(None, "9").admit(ScanInput(code, via="serial"), desk.session.actor())
        elsewhere = self._world.sign_in("K2", "sam")
        cut_off = replace(self._world.stations["K2"], claims=None)  # a door that cannot ask the hub
        cut_off.gatekeeper("DOOR").admit(ScanInput(code, via="wedge"), elsewhere)
        self._meet("K2")
        self._until(lambda: any(row.code == Code.DUP_ADMISSION for row in self._waiting(desk, station)))
        self._open(desk, "conflicts", "conflicts")
        desk.kit.conflicts.choose(self._waiting(desk, station)[0].conflict)
        self._settle(desk)
        self._shoot(desk.window, "conflicts-detail")
        for row in self._waiting(desk, station):
            station.services.resolve_conflict(row.conflict, "copied_ticket", desk.session.actor())
        desk.kit.conflicts.show_every(True)
        self._settle(desk)
        if self._look.whole:
            self._shoot(desk.window, "conflicts-resolved")
        desk.kit.conflicts.show_every(False)
        self._settle(desk)
        self._shoot(desk.window, "conflicts-empty")

    def _waiting(self, desk: Desk, station: Station) -> Sequence[ConflictRow]:
        return station.services.list_conflicts(desk.session.actor())

    def _scanned(self, desk: Desk, text: str, name: str) -> None:
        self._rest(HOLD_S)
        desk.window.handle_scan(text, "wedge")
        self._settle(desk)
        self._shoot(desk.window, name)

    def _meet(self, prefix: str) -> None:
        """A station that exchanges only now and then does it now."""
        exchange = self._world.stations[prefix].exchange
        if exchange is not None and (code := exchange.run_once().code):
            raise Fault(code)

    def _knows(self, station: Station, code: str) -> bool:
        with station.store.read() as read:
            return read.facts(decode(code).code.serial) is not None

    def _offline_code(self) -> str:
        """A ticket sold a moment ago at a till whose entries have not reached the gate."""
        return next(iter(self._sale("K2", "seagull-1", "balcony", 1).codes.values()))

    def _sale(self, prefix: str, performance: str, product: str, count: int) -> Sold:
        station = self._world.stations[prefix]
        actor = self._world.sign_in(prefix, "sam")
        if station.services.shift_now(actor) is None:
            station.services.open_shift(5000, actor)
            self._meet(prefix)  # from now on it holds places of its own
        with station.store.read() as read:
            at = read.performance_by_code(performance)
            if at is None:
                raise Fault("PERFORMANCE_UNKNOWN", performance=performance)
            number = next(one.number for one in read.products(at.event) if one.code == product)
        request = SaleRequest([Item(number, at.number, count)], [Tendered(Tender.CASH, 50000)])
        return station.services.sell(request, actor)

    def _open(self, desk: Desk, key: str, name: str) -> None:
        desk.window.open_screen(key)
        self._settle(desk)
        self._shoot(desk.window, name)

    def _shoot(self, window: QWidget, name: str) -> None:
        path = self._folder / f"{name}.png"
        window.grab().save(str(path))
        self.made.append(path)

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._until(lambda: time.monotonic() >= until)

    def _until(self, reached: Callable[[], bool]) -> None:
        until = time.monotonic() + SETTLE_S
        while not reached() and time.monotonic() < until:
            self._app.processEvents()
            time.sleep(0.005)

    def _settle(self, desk: Desk) -> None:
        """Let background work and events come to rest."""
        until = time.monotonic() + SETTLE_S
        quiet = 0
        while quiet < 3 and time.monotonic() < until:
            self._app.processEvents()
            _throw_away()
            quiet = quiet + 1 if desk.runner.busy() == 0 else 0
            time.sleep(0.005)
