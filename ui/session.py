"""Who is at the machine, and what the window's frame shows: the ShellModel over the use cases. No Qt.

Several people may share a machine: the cart, the gate and every other presenter belong to the station, not to
the person, so a switch of user loses nothing.
"""

from collections.abc import Callable
from datetime import tzinfo
from zoneinfo import ZoneInfo

from app.services.facade import Services, SyncView
from domain.actor import NOBODY, Actor, Permission
from domain.clock import Clock, from_text
from domain.errors import GatehouseError
from ui.frame.model import FaultLine, SignedIn, SyncState, ThemeChoice
from ui.messages import sentence
from ui.signin.presenter import PersonTile

SYNC_FAULT = "sync"
REFUSED = "refused"


class Session:
    """Implements ui.frame.model.ShellModel; `choose_theme` and `choose_language` apply a choice at once."""

    def __init__(
        self,
        services: Services,
        *,
        language: Callable[[], str],
        choose_theme: Callable[[ThemeChoice], None],
        choose_language: Callable[[str], None],
        cover: Callable[[str | None], None],
    ) -> None:
        """`cover` puts the sign-in screen over the window; its argument is the user who alone may come back
        with a PIN (lock), None for everybody."""
        self._services = services
        self._language = language
        self._choose_theme = choose_theme
        self._choose_language = choose_language
        self._cover = cover
        self._actor: Actor = NOBODY
        self._person: PersonTile | None = None
        self._sync = _state(services.sync.view())
        self._faults: dict[str, FaultLine] = {}
        self._watchers: list[Callable[[], None]] = []
        self._zone = ZoneInfo(services.facts.organization().zone)
        self._station_name = services.facts.station().name

    @property
    def clock(self) -> Clock:
        """The station's clock."""
        return self._services.clock

    @property
    def zone(self) -> tzinfo:
        """The venue's time zone."""
        return self._zone

    def actor(self) -> Actor:
        """Who acts now; nobody while nobody is signed in."""
        return self._actor

    def station_name(self) -> str:
        """As it stands in the strip."""
        return self._station_name

    def user(self) -> SignedIn | None:
        """Who is signed in."""
        person = self._person
        return None if person is None else SignedIn(person.user_id, person.name, tuple(person.roles))

    def may(self, permission: Permission) -> bool:
        """Whether the rail offers what needs this; the use cases ask again."""
        return self._actor.may(permission)

    def sync(self) -> SyncState:
        """For the badge."""
        return self._sync

    def faults(self) -> tuple[FaultLine, ...]:
        """Faults not cured yet."""
        return tuple(self._faults.values())

    def cure(self, key: str) -> None:
        """The button of a fault was pressed."""
        if key == SYNC_FAULT:
            self._services.sync.sync_now()
        self._faults.pop(key, None)
        self._changed()

    def raise_fault(self, key: str, error: GatehouseError) -> None:
        """Show a fault in the strip until it is cured."""
        message = sentence(error.code, error.params, self._language())
        self._faults[key] = FaultLine(key, message.title, message.text)
        self._changed()

    def clear_fault(self, key: str) -> None:
        """A fault is over."""
        if self._faults.pop(key, None) is not None:
            self._changed()

    def theme(self) -> ThemeChoice:
        """The theme chosen."""
        chosen = self._services.settings.text("theme")
        return "light" if chosen == "light" else "dark" if chosen == "dark" else "system"

    def set_theme(self, choice: ThemeChoice) -> None:
        """Choose a theme and keep it."""
        self._services.settings.store("theme", choice, self._actor)
        self._choose_theme(choice)
        self._changed()

    def language(self) -> str:
        """`en`, `ru` or `pseudo`."""
        return self._language()

    def set_language(self, language: str) -> None:
        """Choose a language and keep it."""
        if language in ("en", "ru"):
            self._services.settings.store("lang", language, self._actor)
        self._choose_language(language)
        self._changed()

    def signed_in(self, actor: Actor, person: PersonTile) -> None:
        """Somebody has given the right PIN."""
        self._actor, self._person = actor, person
        self._changed()

    def switch_user(self) -> None:
        """Somebody else signs in; what is open stays."""
        self._leave()
        self._cover(None)

    def lock(self) -> None:
        """Ask for the PIN again."""
        person = self._person
        self._leave()
        self._cover(person.user_id if person else None)

    def sign_out(self) -> None:
        """Go."""
        self.switch_user()

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` on the GUI thread whenever an answer above may differ."""
        self._watchers.append(changed)

    def take_sync(self, view: SyncView) -> None:
        """The exchange with the hub has a new state (on the GUI thread)."""
        self._sync = _state(view)
        if view.mode == REFUSED and view.code is not None:
            message = sentence(view.code, {}, self._language())
            self._faults[SYNC_FAULT] = FaultLine(SYNC_FAULT, message.title, message.text)
        else:
            self._faults.pop(SYNC_FAULT, None)
        self._changed()

    def _leave(self) -> None:
        self._actor, self._person = NOBODY, None
        self._changed()

    def _changed(self) -> None:
        for changed in list(self._watchers):
            changed()


class SignInService:
    """ui.signin.presenter.SignIn over the use case."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def people(self) -> list[PersonTile]:
        """Everybody who has a PIN here, by name."""
        return [
            PersonTile(person.user, person.login, person.name, tuple(person.roles))
            for person in self._services.sign_in.people()
        ]

    def sign_in(self, user_id: str, pin: str) -> Actor:
        """Refuses WRONG_PIN, LOCKED_OUT."""
        return self._services.sign_in(user_id, pin)


def _state(view: SyncView) -> SyncState:
    since = from_text(view.since_at) if view.since_at else None
    if view.mode == "alone":
        return SyncState("alone", conflicts=view.conflicts)
    if view.mode == "live":
        return SyncState("live", waiting=view.waiting, conflicts=view.conflicts)
    if view.mode == "connecting":
        return SyncState("waiting_for_hub", since, view.waiting, view.conflicts)
    return SyncState("offline", since, view.waiting, view.conflicts)
