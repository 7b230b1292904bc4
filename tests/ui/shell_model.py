"""A shell model held in plain attributes, for tests and pictures of the frame."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from domain.actor import DEFAULT_RIGHTS, Permission, Role
from domain.clock import Clock
from ui.frame.model import FaultLine, SignedIn, SyncState, ThemeChoice

NOW = datetime(2026, 11, 21, 18, 4, tzinfo=UTC)


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at
        self.ms = 1000

    def now(self) -> datetime:
        return self.at

    def monotonic_ms(self) -> int:
        return self.ms

    def boot_id(self) -> str:
        return "boot"


class PlainShellModel:
    """Implements `ui.frame.model.ShellModel`; records what was asked of it."""

    def __init__(self) -> None:
        self.fixed = FixedClock()
        self.person: SignedIn | None = SignedIn("u1", "Anna Petrova", ("cashier",))
        self.roles = {Role.CASHIER, Role.ADMIN}
        self.state = SyncState("live")
        self.lines: tuple[FaultLine, ...] = ()
        self.theme_choice: ThemeChoice = "system"
        self.lang = "en"
        self.asked: list[str] = []
        self.told = False
        self._watchers: list[Callable[[], None]] = []

    @property
    def clock(self) -> Clock:
        return self.fixed

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo("Europe/Berlin")

    def station_name(self) -> str:
        return "Till 1"

    def user(self) -> SignedIn | None:
        return self.person

    def may(self, permission: Permission) -> bool:
        return any(permission in DEFAULT_RIGHTS[role] for role in self.roles)

    def news(self) -> bool:
        return self.told

    def sync(self) -> SyncState:
        return self.state

    def faults(self) -> tuple[FaultLine, ...]:
        return self.lines

    def cure(self, key: str) -> None:
        self.asked.append(f"cure {key}")

    def theme(self) -> ThemeChoice:
        return self.theme_choice

    def set_theme(self, choice: ThemeChoice) -> None:
        self.theme_choice = choice

    def language(self) -> str:
        return self.lang

    def set_language(self, language: str) -> None:
        self.lang = language
        self.asked.append(f"language {language}")

    def switch_user(self) -> None:
        self.asked.append("switch user")

    def lock(self) -> None:
        self.asked.append("lock")

    def sign_out(self) -> None:
        self.asked.append("sign out")

    def watch(self, changed: Callable[[], None]) -> None:
        self._watchers.append(changed)

    def tell(self) -> None:
        """Something changed."""
        for watcher in self._watchers:
            watcher()
