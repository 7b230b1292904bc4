"""The practice venue for the picture tour: its mark on sign-in, sale, gate and bench."""

from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QWidget

from app.bootstrap import Station
from app.cli.demo_world import DemoWorld
from app.cli.window import open_desk
from app.practice import PEOPLE
from app.practice_station import open_practice
from app.services.sell import Item, SaleRequest, Sold, Tendered
from domain.order import Tender
from ui.application import Desk
from ui.signin.service import SignInService

PREFIX = "K2"
Settle = Callable[[Desk], None]
Shoot = Callable[[QWidget, str], None]


def walk_practice(
    app: QApplication,
    world: DemoWorld,
    lang: str,
    theme: str,
    size: tuple[int, int],
    settle: Settle,
    shoot: Shoot,
) -> None:
    """Open a fresh practice venue of the second till, and take its pictures."""
    station = open_practice(world.data(PREFIX), world.settings(PREFIX), afresh=True)
    try:
        desk = open_desk(app, station, lang)
        try:
            desk.theme.set("dark" if theme == "dark" else "light")
            desk.window.resize(*size)
            desk.window.show()
            desk.show_sign_in()
            settle(desk)
            shoot(desk.window, "practice-sign-in")
            _rehearse(desk, station, settle, shoot)
        finally:
            desk.close()
    finally:
        station.close()


def _rehearse(desk: Desk, station: Station, settle: Settle, shoot: Shoot) -> None:
    chosen = next(one for one in PEOPLE if one.login == "supervisor")
    service = SignInService(station.services)
    person = next(one for one in service.people() if one.login == chosen.login)
    desk.welcome(service.sign_in(person.user_id, chosen.pin), person)
    station.services.open_shift(10000, desk.session.actor())
    sold = _sale(desk, station)
    desk.kit.bench.hold(next(iter(sold.codes)))
    desk.kit.bench.cut(True)
    for key in ("practice", "sell"):
        desk.window.open_screen(key)
        settle(desk)
        shoot(desk.window, "practice" if key == "practice" else "practice-sell")
    desk.window.open_screen("gate")
    settle(desk)
    desk.window.handle_scan(list(sold.codes.values())[-1], "wedge")
    settle(desk)
    shoot(desk.window, "practice-gate")


def _sale(desk: Desk, station: Station) -> Sold:
    """Two tickets of the next performance."""
    with station.store.read() as read:
        at = min(read.performances(), key=lambda one: one.starts_at)
        product = next(one for one in read.products(at.event) if one.sold_for(at) and one.price_minor)
    items = [Item(product.number, at.number, 2)]
    return station.services.sell(
        SaleRequest(items, [Tendered(Tender.CASH, 2 * product.price_minor)]), desk.session.actor()
    )
