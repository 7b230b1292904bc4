"""The conflict desk without a window: the list, one conflict with both sides, resolving it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from app.services.conflicts import REASONS, ListConflicts, ResolveConflict, ShowConflict
from app.services.facade import StationFacts
from app.services.views import ConflictRow, ConflictView
from domain.actor import Actor
from domain.clock import Clock
from ui import messages
from ui.running import STORE, Cancel, Latest, Runner, Timers, as_known

REFRESH_MS = 3000


class ConflictServices(Protocol):
    """The part of `app.services.facade.Services` that the desk needs."""

    @property
    def clock(self) -> Clock: ...
    @property
    def facts(self) -> StationFacts: ...
    @property
    def list_conflicts(self) -> ListConflicts: ...
    @property
    def show_conflict(self) -> ShowConflict: ...
    @property
    def resolve_conflict(self) -> ResolveConflict: ...


@dataclass(frozen=True, slots=True)
class DeskList:
    """The list: rows, which one is chosen, whether resolved ones are shown too, and the venue's zone."""

    rows: Sequence[ConflictRow]
    chosen: str | None
    every: bool
    loaded: bool
    zone: str
    now: datetime


@dataclass(frozen=True, slots=True)
class DeskDetail:
    """One conflict: its view, the words of its code, the venue's zone."""

    view: ConflictView
    title: str
    meaning: str
    way_out: str
    zone: str
    now: datetime


class ConflictsView(Protocol):
    """The window as the presenter sees it."""

    def show_list(self, found: DeskList) -> None: ...
    def show_detail(self, detail: DeskDetail | None) -> None: ...
    def show_done(self, title: str) -> None: ...
    def show_trouble(self, title: str, text: str, *, fault: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class _Look:
    rows: Sequence[ConflictRow]
    view: ConflictView | None
    zone: str


class ConflictsPresenter:
    """Everything that happens at the desk. One per station; views come and go."""

    def __init__(
        self,
        services: ConflictServices,
        runner: Runner,
        timers: Timers,
        actor: Callable[[], Actor],
        lang: Callable[[], str],
    ) -> None:
        self._services = services
        self._runner = runner
        self._timers = timers
        self._actor = actor
        self._lang = lang
        self._view: ConflictsView | None = None
        self._beat: Cancel | None = None
        self._looks: Latest[_Look] = Latest(runner, STORE)
        self._rows: Sequence[ConflictRow] = ()
        self._shown: ConflictView | None = None
        self._chosen: str | None = None
        self._zone = "UTC"
        self._loaded = False
        self._busy = False
        self.every = False

    def attach(self, view: ConflictsView) -> None:
        """Show everything in this view from now on."""
        self._view = view
        self._show()

    def enter(self) -> None:
        """The screen is in front: look now and every few seconds."""
        self._stop_looking()
        self.refresh()
        self._beat = self._timers.every(REFRESH_MS, self.refresh)

    def leave(self) -> None:
        """The screen is not in front any more."""
        self._view = None
        self._stop_looking()

    def refresh(self) -> None:
        """Read the list, and the conflict that is open, again."""
        job = partial(self._look, self._actor(), self.every, self._chosen)
        self._looks.ask(job, self._looked, self._failed)

    def choose(self, conflict: str) -> None:
        """Show this conflict."""
        self._chosen = conflict
        self.refresh()

    def close(self) -> bool:
        """Back to the list alone; False when no conflict was open."""
        was_open, self._chosen, self._shown = self._shown is not None, None, None
        self._looks.drop()
        self._show()
        return was_open

    def show_every(self, every: bool) -> None:
        """Those already resolved, too, or only what waits."""
        self.every = every
        self.refresh()

    def resolve_by_key(self, number: int) -> None:
        """Resolve with the reason that has this key: 1 is the first."""
        if 1 <= number <= len(REASONS):
            self.resolve(REASONS[number - 1])

    def resolve(self, reason: str) -> None:
        """Resolve the conflict on screen as far as it is on screen."""
        shown = self._shown
        if shown is None or not shown.row.open or self._busy:
            return
        self._busy = True
        actor, row = self._actor(), shown.row
        self._runner.submit(
            STORE,
            lambda: self._services.resolve_conflict(row.conflict, reason, actor, seen=row.entries),
            self._resolved,
            self._failed,
        )

    def _look(self, actor: Actor, every: bool, chosen: str | None) -> _Look:
        rows = self._services.list_conflicts(actor, open_only=not every)
        wanted = chosen if any(row.conflict == chosen for row in rows) else None
        view = self._services.show_conflict(wanted, actor) if wanted is not None else None
        return _Look(rows, view, self._services.facts.organization().zone)

    def _looked(self, look: _Look) -> None:
        self._rows, self._zone, self._loaded = look.rows, look.zone, True
        self._shown = look.view
        if look.view is None:
            self._chosen = None
        self._show()

    def _resolved(self, view: ConflictView) -> None:
        self._busy = False
        if self._view is not None and not view.row.open:
            self._view.show_done(messages.sentence(view.row.code, {}, self._lang()).title)
        self._chosen = self._next_after(view.row.conflict) if not self.every else view.row.conflict
        self.refresh()

    def _next_after(self, conflict: str) -> str | None:
        """The one below in the list, so that a row of conflicts can be worked through by one key."""
        ids = [row.conflict for row in self._rows if row.open]
        if conflict not in ids or len(ids) == 1:
            return None
        place = ids.index(conflict)
        return ids[place + 1] if place + 1 < len(ids) else ids[place - 1]

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self._loaded = True
        known = as_known(error)
        said = messages.error_message(known, self._lang(), zone=self._zone, now=self._services.clock.now())
        if self._view is not None:
            self._view.show_trouble(said.title, said.text, fault=known.kind == "fault")

    def _stop_looking(self) -> None:
        if self._beat is not None:
            self._beat()
            self._beat = None

    def _show(self) -> None:
        if self._view is None:
            return
        now = self._services.clock.now()
        self._view.show_list(DeskList(self._rows, self._chosen, self.every, self._loaded, self._zone, now))
        shown = self._shown
        if shown is None:
            self._view.show_detail(None)
            return
        words = messages.sentence(shown.row.code, {}, self._lang())
        self._view.show_detail(DeskDetail(shown, words.title, words.reason, words.advice, self._zone, now))
