"""Everybody's sessions without a window: listed, and ended from afar."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from app.formats import DateStyle, format_datetime
from app.services.facade import StationFacts
from app.services.sessions import SessionDesk
from app.services.views_people import SessionRow
from domain.actor import Actor
from ui.messages import Message, error_message, value_words
from ui.running import STORE, Latest, Runner, as_known

MOST = 200
"""So many are shown at once; the audit trail has all."""


class SessionsServices(Protocol):
    """The part of `app.services.facade.Services` that the page needs."""

    @property
    def sessions(self) -> SessionDesk: ...
    @property
    def facts(self) -> StationFacts: ...


@dataclass(frozen=True, slots=True)
class SessionModel:
    """A line of the list, in words. `ending` is empty while the session lasts."""

    session: str
    who: str
    where: str
    since: str
    ending: str
    own: bool
    here: bool


@dataclass(frozen=True, slots=True)
class SessionList:
    """What the list shows; `more` were left out."""

    rows: Sequence[SessionModel]
    every: bool
    more: int = 0


class SessionsView(Protocol):
    """The window as the presenter sees it."""

    def show_sessions(self, found: SessionList) -> None: ...
    def show_message(self, kind: str, message: Message) -> None:
        """`kind` empty clears."""
        ...


class SessionsPresenter:
    """One per station; `only_mine` for one's own account."""

    def __init__(
        self,
        services: SessionsServices,
        runner: Runner,
        actor: Callable[[], Actor],
        lang: Callable[[], str],
        *,
        only_mine: bool = False,
    ) -> None:
        self._services, self._runner, self._actor, self._lang = services, runner, actor, lang
        self._only_mine = only_mine
        self._loads: Latest[tuple[Any, ...]] = Latest(runner, STORE)
        self._view: SessionsView | None = None
        self._every = False
        self._busy = False

    def attach(self, view: SessionsView) -> None:
        """Show everything in this view from now on."""
        self._view = view

    def enter(self) -> None:
        """The page is in front: read again."""
        job = partial(self._read, self._actor(), self._every)
        self._loads.ask(job, self._have, self._failed)

    def leave(self) -> None:
        """The page is not in front any more."""
        self._view = None
        self._loads.drop()

    def show_every(self, every: bool) -> None:
        """Those that are over as well."""
        self._every = every
        self.enter()

    def end(self, session: str) -> None:
        """End a session; the station where it lasts obeys at its next contact."""
        if self._busy:
            return
        self._busy = True
        self._say("", Message(""))
        job = partial(self._services.sessions.end, session, self._actor())
        self._runner.submit(STORE, job, self._ended, self._failed)

    def _read(self, actor: Actor, every: bool) -> tuple[Any, ...]:
        desk = self._services.sessions
        rows = desk.mine(actor) if self._only_mine else desk.listed(actor, open_only=not every)
        return (
            actor, every, rows,
            self._services.facts.organization().zone, self._services.facts.station().station,
        )  # fmt: skip

    def _have(self, answer: tuple[Any, ...]) -> None:
        actor, every, rows, zone, here = answer
        shown = [self._model(row, actor, zone, here) for row in rows[:MOST]]
        if self._view is not None:
            self._view.show_sessions(SessionList(shown, every, max(0, len(rows) - MOST)))

    def _model(self, row: SessionRow, actor: Actor, zone: str, here: str) -> SessionModel:
        lang = self._lang()
        place = f"{row.station_name} · {value_words('purpose', row.purpose, lang)}"
        return SessionModel(
            row.session,
            row.name,
            place,
            format_datetime(row.started_at, zone, lang, DateStyle.SHORT),
            value_words("ending", row.reason, lang) if row.ended_at is not None else "",
            own=row.user == actor.user,
            here=row.station == here,
        )

    def _ended(self, _row: SessionRow) -> None:
        self._busy = False
        self.enter()

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self._say("refusal", error_message(as_known(error), self._lang()))

    def _say(self, kind: str, message: Message) -> None:
        if self._view is not None:
            self._view.show_message(kind, message)
