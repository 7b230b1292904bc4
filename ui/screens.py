"""Every screen of the window, with the presenter behind it.

Presenters belong to the station and are made once; pages come and go with the language and the user.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal

from PySide6.QtCore import QCoreApplication

from app.services.facade import Services
from domain.actor import Actor, Permission
from ui.account.page import AccountPage
from ui.account.presenter import AccountPresenter
from ui.approval.presenter import AskApproval, nobody_to_ask
from ui.audit.presenter import AuditPresenter
from ui.conflicts.page import ConflictsPage
from ui.conflicts.presenter import ConflictsPresenter
from ui.frame.screen import Page, Screen
from ui.gate.page import GatePage
from ui.gate.presenter import GatePresenter
from ui.orders.presenter import OrdersPresenter
from ui.orders.screen import OrdersPage
from ui.people.page import PeoplePage
from ui.people.presenter import PeoplePresenter
from ui.people.roles_presenter import RolesPresenter
from ui.people.sessions_presenter import SessionsPresenter
from ui.practice.page import PracticePage
from ui.practice.presenter import BenchPresenter
from ui.runner import QtTimers, TaskRunner
from ui.sell.presenter import SellPresenter
from ui.sell.screen import SellPage
from ui.session import Session
from ui.shift.presenter import ShiftPresenter
from ui.shift.screen import ShiftPage
from ui.sounds import Sounds
from ui.station.devices_page import DevicesPage
from ui.station.devices_presenter import DevicesPresenter
from ui.station.health_page import HealthPage
from ui.station.health_presenter import HealthPresenter
from ui.station.keys_page import KeysPage
from ui.station.keys_presenter import KeysPresenter
from ui.station.settings_page import SettingsPage
from ui.station.settings_presenter import SettingsPresenter
from ui.station.sync_page import SyncPage
from ui.station.sync_presenter import SyncPresenter

P = Permission
SECRETS = "sign-in"
"""The lane of PINs and passwords: they are slow on purpose, and a gate's scans must not wait for them."""


@dataclass
class ScreenKit:
    """What screens are made of. Presenters are made when their screen is first opened."""

    services: Services
    runner: TaskRunner
    timers: QtTimers
    actor: Callable[[], Actor]
    lang: Callable[[], str]
    sounds: Sounds
    session: Session
    set_context: Callable[[str], None]
    open_screen: Callable[[str], None]
    ask_approval: AskApproval = nobody_to_ask
    data_folder: str = ""

    @cached_property
    def sell(self) -> SellPresenter:
        """Selling; keeps the cart."""
        return SellPresenter(self.services, self.runner, self.timers, self.actor, self.lang)

    @cached_property
    def orders(self) -> OrdersPresenter:
        """Orders and tickets."""
        return OrdersPresenter(self.services, self.runner, self.timers, self.actor, self.lang)

    @cached_property
    def shift(self) -> ShiftPresenter:
        """The shift of this station."""
        return ShiftPresenter(
            self.services, self.runner, self.timers, self.actor, self.lang, self.ask_approval
        )

    @cached_property
    def gate(self) -> GatePresenter:
        """The gate; one scan at a time."""
        return GatePresenter(self.services, self.runner, self.actor, self.lang, self.sounds.play)

    @cached_property
    def conflicts(self) -> ConflictsPresenter:
        """The conflict desk."""
        return ConflictsPresenter(self.services, self.runner, self.timers, self.actor, self.lang)

    @cached_property
    def sync(self) -> SyncPresenter:
        """Sync and journal."""
        return SyncPresenter(self.services, self.runner, self.lang, self.data_folder, self.actor)

    @cached_property
    def health(self) -> HealthPresenter:
        """Ready for doors; looks now and again for as long as the window is there."""
        return HealthPresenter(
            self.services, self.runner, self.timers, self.actor, self.lang, self.session.announce
        )

    @cached_property
    def devices(self) -> DevicesPresenter:
        """Cameras, scanners, turnstile, printer."""
        return DevicesPresenter(self.services, self.runner, self.actor, self.lang)

    @cached_property
    def keys(self) -> KeysPresenter:
        """Keys and certificates."""
        return KeysPresenter(self.services, self.runner, self.actor, self.lang)

    @cached_property
    def people(self) -> PeoplePresenter:
        """Everybody, roles, codes."""
        return PeoplePresenter(self.services, self.runner, self.actor, self.lang)

    @cached_property
    def roles(self) -> RolesPresenter:
        """Roles and permissions."""
        return RolesPresenter(self.services, self.runner, self.actor, self.lang)

    @cached_property
    def sessions(self) -> SessionsPresenter:
        """Everybody's sessions."""
        return SessionsPresenter(self.services, self.runner, self.actor, self.lang)

    @cached_property
    def audit(self) -> AuditPresenter:
        """The audit trail."""
        return AuditPresenter(self.services, self.runner, self.actor, self.lang)

    @cached_property
    def account(self) -> AccountPresenter:
        """One's own account."""
        return AccountPresenter(
            self.services, self.runner, self.actor, self.lang, self.session.renamed, self.all_told, SECRETS
        )

    @cached_property
    def my_sessions(self) -> SessionsPresenter:
        """One's own sessions."""
        return SessionsPresenter(self.services, self.runner, self.actor, self.lang, only_mine=True)

    def to_conflicts(self) -> Callable[[], None] | None:
        """The way to the desk, for whoever may go there."""
        return partial(self.open_screen, "conflicts") if self.session.may(P.CONFLICTS) else None

    def all_told(self) -> None:
        """Everything was read: the dot goes."""
        self.session.set_news(False)

    @cached_property
    def settings(self) -> SettingsPresenter:
        """Settings of this station."""
        return SettingsPresenter(self.services, self.runner, self.actor, self.lang, self.apply)

    @cached_property
    def bench(self) -> BenchPresenter:
        """The practice bench, where there is one."""
        if self.services.practice is None:
            raise RuntimeError("nobody practises here")
        return BenchPresenter(self.services.practice, self.runner)

    def close(self) -> None:
        """Stop what presenters have running: devices, watches, timers. Pages are gone by now."""
        for name in ("gate", "orders", "sell", "shift", "conflicts", "health"):
            if name in self.__dict__:
                self.__dict__[name].leave()

    def apply(self, name: str, value: str) -> None:
        """A setting was kept: follow at once where the window shows it."""
        if name == "lang" and value in ("en", "ru"):
            self.session.set_language(value)
        elif name == "theme" and value in ("system", "light", "dark"):
            self.session.set_theme("light" if value == "light" else "dark" if value == "dark" else "system")
        elif name == "sound":
            self.sounds.muted = value == "off"


def all_screens(kit: ScreenKit) -> Sequence[Screen]:
    """In the order of the rail; the first that a person may open is where they begin."""

    def screen(
        key: str,
        title: Callable[[], str],
        icon: str,
        factory: Callable[[], Page],
        permissions: Sequence[Permission],
        help_page: str,
        *,
        bottom: bool = False,
        count: Callable[[], int] | None = None,
    ) -> Screen:
        place: Literal["top", "bottom"] = "bottom" if bottom else "top"
        return Screen(key, title, icon, factory, frozenset(permissions), help_page, place, count)

    def account_page() -> Page:
        page = AccountPage((kit.account, kit.roles, kit.my_sessions), kit.lang())
        page.sign_out_wanted.connect(kit.session.sign_out)
        return page

    account = Screen("account", lambda: QCoreApplication.translate("Screens", "My account"), "user-round",
                     account_page, help_page="people", place="hidden")  # fmt: skip
    people = screen("people", lambda: QCoreApplication.translate("Screens", "People"), "users-round",
                    lambda: PeoplePage((kit.people, kit.roles, kit.sessions, kit.audit),
                                       kit.session.may, kit.lang()),
                    [P.PEOPLE, P.ROLES, P.AUDIT], "people", bottom=True)  # fmt: skip
    bench = [
        screen("practice", lambda: QCoreApplication.translate("Screens", "Practice"), "drama",
               lambda: PracticePage(kit.bench, kit.lang(), kit.open_screen), [], "practice", bottom=True),
    ]  # fmt: skip
    return [
        screen("sell", lambda: QCoreApplication.translate("Screens", "Sell"), "ticket",
               lambda: SellPage(kit.sell, kit.lang(), kit.set_context, kit.open_screen), [P.SELL], "cashier"),
        screen("gate", lambda: QCoreApplication.translate("Screens", "Gate"), "scan-line",
               lambda: GatePage(kit.gate, kit.set_context), [P.ADMIT, P.CHECK], "gate"),
        screen("orders", lambda: QCoreApplication.translate("Screens", "Orders"), "receipt-text",
               lambda: OrdersPage(kit.orders, kit.lang()), [P.ORDERS], "cashier"),
        screen("shift", lambda: QCoreApplication.translate("Screens", "Shift"), "wallet",
               lambda: ShiftPage(kit.shift, kit.lang()), [P.SHIFT], "cashier"),
        screen("conflicts", lambda: QCoreApplication.translate("Screens", "Conflicts"), "triangle-alert",
               lambda: ConflictsPage(kit.conflicts, kit.lang()), [P.CONFLICTS], "technician",
               count=lambda: kit.session.sync().conflicts),
        people,
        account,
        screen("sync", lambda: QCoreApplication.translate("Screens", "Sync"), "refresh-cw",
               lambda: SyncPage(kit.sync, kit.to_conflicts()), [], "technician", bottom=True),
        screen("health", lambda: QCoreApplication.translate("Screens", "Health"), "activity",
               lambda: HealthPage(kit.health), [P.STATION, P.ADMIT, P.SELL], "technician", bottom=True,
               count=lambda: kit.health.red),
        screen("devices", lambda: QCoreApplication.translate("Screens", "Devices"), "usb",
               lambda: DevicesPage(kit.devices), [P.STATION, P.ADMIT], "technician", bottom=True),
        screen("keys", lambda: QCoreApplication.translate("Screens", "Keys"), "key-round",
               lambda: KeysPage(kit.keys, kit.lang()), [P.KEYS], "technician", bottom=True),
        screen("settings", lambda: QCoreApplication.translate("Screens", "Settings"), "settings",
               lambda: SettingsPage(kit.settings), [P.STATION, P.SETTINGS, P.SELL, P.ADMIT], "technician",
               bottom=True),
        *(bench if kit.services.practice is not None else ()),
    ]  # fmt: skip
