"""Pictures of promo codes on a cart, and of payments of which nobody knows the end."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.bootstrap import Station
from app.services.payments import PaymentRequest
from app.services.sell import Item
from ui.application import Desk
from ui.shift.screen import ShiftPage
from ui.station.sync_page import SyncPage

Settle = Callable[[Desk], None]
Shoot = Callable[[QWidget, str], None]

CODE, NO_CODE = "WELCOME", "WINTER"


def walk_promo(desk: Desk, settle: Settle, shoot: Shoot) -> None:
    """A code that is none, then one that takes something off; the cart stays as it was."""
    sell = desk.kit.sell
    sell.promo.apply(NO_CODE)
    settle(desk)
    shoot(desk.window, "sell-promo-refused")
    sell.promo.apply(CODE)
    settle(desk)
    shoot(desk.window, "sell-promo")


def walk_doubts(desk: Desk, station: Station, settle: Settle, shoot: Shoot) -> None:
    """A payment that its terminal never answered: on the sell screen, on the shift page, cleared up."""
    acts, actor = station.services.afterwards, desk.session.actor()
    with station.store.read() as read:
        at = read.performance_by_code("seagull-1")
        product = read.products(at.event)[0].number if at is not None else 0
    begun = acts.start_payment(PaymentRequest([Item(product, at.number if at else None, 2)]), actor)
    acts.lose_payment(begun.standing.payment, "terminal restarted", actor)
    desk.window.open_screen("sell")
    desk.kit.sell.refresh()
    settle(desk)
    shoot(desk.window, "sell-doubt")
    desk.window.open_screen("shift")
    settle(desk)
    shoot(desk.window, "shift-doubt")
    page = desk.window.current_page()
    if isinstance(page, ShiftPage):
        page.doubts_notice.acted.emit()
        settle(desk)
        shoot(desk.window, "shift-clear-up")
        page.doubts.close_panel()
    acts.resolve_payment(begun.standing.payment, actor, taken=False, reason="not on the terminal's list")
    desk.kit.shift.refresh()
    settle(desk)


def walk_held(desk: Desk, settle: Settle, shoot: Shoot) -> None:
    """What is held, from the sync page."""
    page = desk.window.current_page()
    if isinstance(page, SyncPage):
        page.held.wanted.emit()
        settle(desk)
        shoot(desk.window, "sync-held")
        page.held_panel.close_panel()
        settle(desk)
