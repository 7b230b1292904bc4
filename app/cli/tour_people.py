"""The tour's walk through signing in, the lock, approvals, one's own account and the people page."""

from collections.abc import Callable
from contextlib import suppress

from PySide6.QtWidgets import QWidget

from app.bootstrap import Station
from domain.errors import Refusal
from domain.permissions import Role
from ui.application import Desk
from ui.approval.panel import ApprovalPanel
from ui.people.page import PeoplePage
from ui.signin.view import SignInScreen
from ui.station.keys_page import KeysPage

Settle = Callable[[Desk], None]
Shoot = Callable[[QWidget, str], None]


def walk_sign_in(desk: Desk, settle: Settle, shoot: Shoot) -> None:
    """The forms beside the tiles; the sign-in screen is up."""
    screen = desk.window.findChild(SignInScreen)
    if screen is None:
        return
    for button, name in ((screen.first_time, "sign-in-password"), (screen.have_code, "sign-in-code")):
        button.click()
        settle(desk)
        shoot(desk.window, name)
        screen.form.back.click()
        settle(desk)


def walk_lock(desk: Desk, settle: Settle, shoot: Shoot, name: str) -> None:
    """Locked by whoever is signed in."""
    desk.session.lock()
    settle(desk)
    shoot(desk.window, name)


def walk_approval(desk: Desk, station: Station, settle: Settle, shoot: Shoot) -> None:
    """Closing a shift that is off by more than the limit."""
    desk.window.open_screen("shift")
    settle(desk)
    now = station.services.shift_now(desk.session.actor())
    if now is None:
        return
    desk.kit.shift.type_count(str(now.expected.minor // 100 - 25))
    desk.kit.shift.close_shift()
    settle(desk)
    shoot(desk.window, "approval")
    panel = desk.window.findChild(ApprovalPanel)
    if panel is not None:
        panel.close_panel()
    settle(desk)


def walk_account(desk: Desk, station: Station, settle: Settle, shoot: Shoot) -> None:
    """One's own account, with a request that waits."""
    with suppress(Refusal):  # a second walk over the same world has asked already
        station.services.people.requests.ask("gate", desk.session.actor())
    desk.window.open_screen("account")
    settle(desk)
    shoot(desk.window, "account")


def walk_people(desk: Desk, settle: Settle, shoot: Shoot) -> None:
    """Everybody, an invitation, roles, sessions, the trail and its patterns."""
    people = desk.kit.people
    _open(desk, "people", settle, shoot, "people")
    page = desk.window.current_page()
    if not isinstance(page, PeoplePage):
        return
    for card in page.people.requests()[:1]:
        card.decline.click()
        settle(desk)
        shoot(desk.window, "people-decline")
    page.people.invite.click()
    settle(desk)
    shoot(desk.window, "people-invite")
    page.people.invite_panel.close_panel()
    login = f"nina{len(page.people.rows())}"
    people.invite(login, "Nina Sokolova", [Role.CASHIER])
    settle(desk)
    shoot(desk.window, "people-code")
    people.close()
    carla = next(row.user for row in page.people.rows() if "carla" in row.accessibleName())
    people.choose(carla)
    settle(desk)
    shoot(desk.window, "people-person")
    for key, name in (("roles", "roles"), ("sessions", "sessions"), ("audit", "audit")):
        page.tabs.set_current(key)
        settle(desk)
        shoot(desk.window, name)
        if key == "roles":
            page.roles.choice.setCurrentIndex(page.roles.choice.findData(Role.CASHIER.value))
            page.roles.change.click()
            settle(desk)
            shoot(desk.window, "roles-change")
            page.roles.panel.close_panel()
            settle(desk)
    page.audit.which.set_current("patterns")
    settle(desk)
    shoot(desk.window, "audit-patterns")
    page.tabs.set_current("people")
    settle(desk)


def walk_keys(desk: Desk, file: str, settle: Settle, shoot: Shoot) -> None:
    """Keys, and an enrolment file as codes for another machine's camera."""
    _open(desk, "keys", settle, shoot, "keys")
    desk.kit.keys.open_invitation(file)
    settle(desk)
    shoot(desk.window, "keys-codes")
    page = desk.window.current_page()
    if isinstance(page, KeysPage):
        page.codes.close_panel()
    settle(desk)


def _open(desk: Desk, key: str, settle: Settle, shoot: Shoot, name: str) -> None:
    desk.window.open_screen(key)
    settle(desk)
    shoot(desk.window, name)
