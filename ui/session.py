"""Who is at the machine, and what the window's frame shows: the ShellModel over the use cases. No Qt.

Several people may share a machine: the cart, the gate and every other presenter belong to the station, not to
the person, so a switch of user loses nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from zoneinfo import ZoneInfo

from app.services.facade import Services, SyncView
from app.services.health import clock_off
from domain.actor import NOBODY, Actor, Permission
from domain.clock import Clock, from_text
from domain.clock_check import ClockState, judge_clock
from domain.errors import Fault, GatehouseError
from ui.frame.model import FaultLine, SignedIn, SyncState, ThemeChoice
from ui.messages import sentence
from ui.signin.presenter import PersonTile

SYNC_FAULT = "sync"
CLOCK_FAULT = "clock"
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
        end: Callable[[Actor], None] = lambda _actor: None,
    ) -> None:
        """`cover` puts the sign-in screen over the window; its argument is the user who alone may come back
        with a PIN (lock), None for everybody. `end` ends the session of whoever signs out."""
        self._services = services
        self._language = language
        self._choose_theme = choose_theme
        self._choose_language = choose_language
        self._cover = cover
        self._end = end
        self._locked = False
        self._news = False
        self._actor: Actor = NOBODY
        self._person: PersonTile | None = None
        self._sync = _state(services.sync.view())
        self._faults: dict[str, FaultLine] = {}
        self._watchers: list[Callable[[], None]] = []
        self._zone = ZoneInfo(services.facts.organization().zone)
        self._station_name = services.facts.station().name
        self._judge_clock(services.sync.view().offset_ms)

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

    def news(self) -> bool:
        """Whether the person has not read something they are told."""
        return self._news

    def set_news(self, news: bool) -> None:
        """There is something to read, or all has been read."""
        if news != self._news:
            self._news = news
            self._changed()

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
        self._actor, self._person, self._locked = actor, person, False
        self._changed()

    def switch_user(self) -> None:
        """Somebody else signs in; what is open stays."""
        self._leave()
        self._cover(None)

    def lock(self) -> None:
        """Ask for the PIN again. Whoever locked stays the one who acts, so that a gate goes on scanning."""
        person = self._person
        if person is None:
            self._cover(None)
            return
        self._locked = True
        self._cover(person.user_id)

    def locked(self) -> bool:
        """Whether the window waits for the PIN of whoever it belongs to."""
        return self._locked

    def sign_out(self) -> None:
        """Go; the session is over."""
        gone = self._actor
        self.switch_user()
        self._end(gone)

    def forget(self) -> None:
        """Nobody is signed in any more."""
        self._leave()

    def renamed(self, name: str) -> None:
        """The person has changed their own name."""
        if self._person is not None:
            self._person = replace(self._person, name=name)
            self._changed()

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
        self._judge_clock(view.offset_ms)
        self._changed()

    def announce(self) -> None:
        """Something that the frame shows has changed elsewhere."""
        self._changed()

    def _judge_clock(self, offset_ms: int | None) -> None:
        """A clock that nobody would believe: one bar until it is set."""
        state = judge_clock(self._services.clock.now(), offset_ms)
        if state is ClockState.RIGHT:
            self._faults.pop(CLOCK_FAULT, None)
            return
        now = self._services.clock.now().isoformat(timespec="minutes")
        fault = clock_off(offset_ms) if offset_ms is not None else Fault("CLOCK_WRONG", now=now)
        message = sentence(fault.code, fault.params, self._language())
        self._faults[CLOCK_FAULT] = FaultLine(CLOCK_FAULT, message.title, message.text)

    def _leave(self) -> None:
        self._actor, self._person, self._locked, self._news = NOBODY, None, False, False
        self._changed()

    def _changed(self) -> None:
        for changed in list(self._watchers):
            changed()


def _state(view: SyncView) -> SyncState:
    since = from_text(view.since_at) if view.since_at else None
    if view.snapshot is not None:
        done, steps = view.snapshot
        return SyncState("live", since, view.waiting, view.conflicts, 100 * done // max(1, steps))
    if view.mode == "alone":
        return SyncState("alone", conflicts=view.conflicts)
    if view.mode == "live":
        return SyncState("live", waiting=view.waiting, conflicts=view.conflicts)
    if view.mode == "connecting":
        return SyncState("waiting_for_hub", since, view.waiting, view.conflicts)
    return SyncState("offline", since, view.waiting, view.conflicts)
