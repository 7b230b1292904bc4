"""What the window shows and asks around its screens, as plain values and a Protocol; no Qt here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal, Protocol

from domain.actor import Permission
from domain.clock import Clock

ThemeChoice = Literal["system", "light", "dark"]


@dataclass(frozen=True, slots=True)
class SyncState:
    """What the sync badge says. `since_at` (UTC): offline since; `alone`: never joined a hub."""

    mode: Literal["live", "offline", "alone", "waiting_for_hub"]
    since_at: datetime | None = None
    waiting: int = 0
    conflicts: int = 0
    fetched_percent: int | None = None
    """While everything is fetched at once."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person at the machine."""

    user_id: str
    name: str
    roles: tuple[str, ...] = ()

    @property
    def initials(self) -> str:
        """Up to two letters for the avatar."""
        return initials(self.name)


@dataclass(frozen=True, slots=True)
class FaultLine:
    """A fault that stands in the status strip until it is cured; `action` labels its button, if any."""

    key: str
    title: str
    text: str = ""
    action: str = ""


class ShellModel(Protocol):
    """What the composition root gives the window. All calls are made on the GUI thread and are quick."""

    @property
    def clock(self) -> Clock:
        """The station's clock."""
        ...

    @property
    def zone(self) -> tzinfo:
        """The venue's time zone."""
        ...

    def station_name(self) -> str:
        """As it stands in the strip."""
        ...

    def user(self) -> SignedIn | None:
        """Who is signed in."""
        ...

    def may(self, permission: Permission) -> bool:
        """Whether the rail offers what needs this."""
        ...

    def news(self) -> bool:
        """Whether something waits in the user's own account."""
        ...

    def sync(self) -> SyncState:
        """For the badge."""
        ...

    def faults(self) -> tuple[FaultLine, ...]:
        """Faults not cured yet, the gravest first."""
        ...

    def cure(self, key: str) -> None:
        """The button of a fault was pressed."""
        ...

    def theme(self) -> ThemeChoice:
        """The theme chosen."""
        ...

    def set_theme(self, choice: ThemeChoice) -> None:
        """Choose a theme."""
        ...

    def language(self) -> str:
        """`en`, `ru` or `pseudo`."""
        ...

    def set_language(self, language: str) -> None:
        """Choose a language."""
        ...

    def switch_user(self) -> None:
        """Somebody else signs in; what is open stays."""
        ...

    def lock(self) -> None:
        """Ask for the PIN again."""
        ...

    def sign_out(self) -> None:
        """Go."""
        ...

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` on the GUI thread whenever any answer above may differ."""
        ...


def initials(name: str) -> str:
    """The first letters of the first and the last word: "Anna Maria Petrova" gives "AP"."""
    words = [word for word in name.split() if word[0].isalnum()]
    picked = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(word[0].upper() for word in picked)
