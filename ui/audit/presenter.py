"""The audit trail without a window: filters, pages, one entry whole, patterns per person, export.

A page is read at a time: `PAGE` rows and one more, which says whether there are older ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from app.formats import DateStyle, format_datetime, format_money
from app.services.audit import MOST_ROWS, Audit
from app.services.facade import FileOpener, StationFacts
from app.services.views_people import AuditQuery, AuditRow, SuspicionRow
from domain.actor import Actor
from domain.clock import Clock
from domain.errors import Fault, Refusal
from domain.money import Money
from ui.messages import Message, error_message, value_words
from ui.running import Latest, Runner, as_known

AUDIT = "audit"
"""The lane: a trail may be long, and nothing else waits for it."""
PAGE = 100


class AuditServices(Protocol):
    """The part of `app.services.facade.Services` that the page needs."""

    @property
    def audit(self) -> Audit: ...
    @property
    def facts(self) -> StationFacts: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def opener(self) -> FileOpener: ...


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for, as chosen and typed; `days` back from now, 0 = since the beginning."""

    person: str = ""
    kind: str = ""
    order: str = ""
    station: str = ""
    days: int = 1


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the trail. `number` from 0; `older`: there is one more."""

    rows: Sequence[AuditRow]
    number: int
    older: bool
    zone: str
    stations: Sequence[tuple[str, str]] = ()
    """Stations met so far: (id, name), for the filter."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern seen with one person, in words."""

    name: str
    who: str
    count: int
    amount: str
    when: str
    login: str
    days: int


class AuditView(Protocol):
    """The window as the presenter sees it."""

    def show_page(self, page: AuditPage) -> None: ...
    def show_patterns(self, patterns: Sequence[Pattern]) -> None: ...
    def show_filters(self, filters: Filters) -> None:
        """They changed by themselves: a pattern was opened."""
        ...

    def show_busy(self, *, busy: bool) -> None: ...
    def show_message(self, kind: str, message: Message) -> None:
        """`kind` is refusal, fault, or empty to clear."""
        ...

    def show_exported(self, file: str) -> None: ...


class AuditPresenter:
    """One per station; views come and go."""

    def __init__(
        self,
        services: AuditServices,
        runner: Runner,
        actor: Callable[[], Actor],
        lang: Callable[[], str],
    ) -> None:
        self._services, self._runner, self._actor, self._lang = services, runner, actor, lang
        self._loads: Latest[tuple[Any, ...]] = Latest(runner, AUDIT)
        self._patterns: Latest[tuple[Any, ...]] = Latest(runner, AUDIT)
        self._view: AuditView | None = None
        self._page = 0
        self._busy = False
        self._stations: dict[str, str] = {}
        self.filters = Filters()

    def attach(self, view: AuditView) -> None:
        """Show everything in this view from now on."""
        self._view = view
        view.show_filters(self.filters)

    def enter(self) -> None:
        """The page is in front: the page it stood at, and the patterns."""
        self._ask()
        self._ask_patterns()

    def leave(self) -> None:
        """The page is not in front any more."""
        self._view = None
        self._loads.drop()
        self._patterns.drop()

    def look_for(self, filters: Filters) -> None:
        """Other filters: from the first page."""
        if filters != self.filters:
            other_days = filters.days != self.filters.days
            self.filters, self._page = filters, 0
            self._ask()
            if other_days:
                self._ask_patterns()

    def turn(self, pages: int) -> None:
        """To older pages (1) or newer ones (-1)."""
        self._page = max(0, self._page + pages)
        self._ask()

    def open_pattern(self, pattern: Pattern) -> None:
        """What this person did in that time."""
        self.filters, self._page = Filters(person=pattern.login, days=pattern.days), 0
        if self._view is not None:
            self._view.show_filters(self.filters)
        self._ask()

    def export(self, file: str) -> None:
        """Write everything that fits the filters; the ending says the form, CSV or JSON."""
        if self._busy:
            return
        self._set_busy(busy=True)
        form = "json" if file.lower().endswith(".json") else "csv"
        query = self._query(MOST_ROWS)
        job = partial(_export, self._services.audit, query, form, file, self._actor())
        self._runner.submit(AUDIT, job, self._exported, self._export_failed)

    def open_file(self, file: str) -> None:
        """Show the exported file with the program that the system has for it."""
        job = partial(self._services.opener.open, file)
        self._runner.submit(AUDIT, job, _left_out, self._failed)

    def when(self, row: AuditRow, zone: str) -> str:
        """The time of an entry, at the venue."""
        return format_datetime(row.at, zone, self._lang(), DateStyle.SHORT)

    # --- inside

    def _query(self, limit: int) -> AuditQuery:
        wanted = self.filters
        since = None
        if wanted.days:
            zone = ZoneInfo(self._services.facts.organization().zone)
            today = self._services.clock.now().astimezone(zone)
            midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
            since = (midnight - timedelta(days=wanted.days - 1)).astimezone(UTC)
        return AuditQuery(
            person=wanted.person, kind=wanted.kind, order=wanted.order, station=wanted.station,
            since_at=since, limit=limit,
        )  # fmt: skip

    def _ask(self) -> None:
        self._say("", Message(""))
        query = self._query(min(MOST_ROWS, (self._page + 1) * PAGE + 1))
        job = partial(_read, self._services, query, self._page, self._actor())
        self._loads.ask(job, self._have, self._failed)

    def _ask_patterns(self) -> None:
        job = partial(_suspicions, self._services, self._query(1).since_at, self._actor())
        self._patterns.ask(job, self._have_patterns, self._failed)

    def _have(self, answer: tuple[Any, ...]) -> None:
        rows, number, zone = answer
        if not rows and number:
            self.turn(-1)
            return
        self._stations.update({row.station: row.station_name for row in rows})
        met = sorted(self._stations.items(), key=lambda item: item[1])
        if self._view is not None:
            self._view.show_page(AuditPage(rows[:PAGE], number, len(rows) > PAGE, zone, met))

    def _have_patterns(self, answer: tuple[Any, ...]) -> None:
        rows, zone = answer
        if self._view is not None:
            self._view.show_patterns([self._pattern(row, zone) for row in rows])

    def _pattern(self, row: SuspicionRow, zone: str) -> Pattern:
        lang = self._lang()
        when = format_datetime(row.last_at, zone, lang, DateStyle.SHORT)
        amount = format_money(Money(row.amount_minor, row.currency), lang) if row.amount_minor else ""
        name = value_words("pattern", row.pattern, lang)
        return Pattern(name, row.name, row.count, amount, when, row.login, self.filters.days)

    def _exported(self, file: str) -> None:
        self._set_busy(busy=False)
        if self._view is not None:
            self._view.show_exported(file)

    def _export_failed(self, error: Exception) -> None:
        self._set_busy(busy=False)
        self._failed(error)

    def _failed(self, error: Exception) -> None:
        known = as_known(error)
        kind = "refusal" if isinstance(known, Refusal) else "fault"
        self._say(kind, error_message(known, self._lang()))

    def _set_busy(self, *, busy: bool) -> None:
        self._busy = busy
        if self._view is not None:
            self._view.show_busy(busy=busy)

    def _say(self, kind: str, message: Message) -> None:
        if self._view is not None:
            self._view.show_message(kind, message)


def _read(services: AuditServices, query: AuditQuery, page: int, actor: Actor) -> tuple[Any, ...]:
    rows = services.audit(query, actor)
    return rows[page * PAGE :], page, services.facts.organization().zone


def _suspicions(services: AuditServices, since: datetime | None, actor: Actor) -> tuple[Any, ...]:
    return services.audit.suspicions(actor, since_at=since), services.facts.organization().zone


def _export(audit: Audit, query: AuditQuery, form: str, file: str, actor: Actor) -> str:
    text = audit.export(query, form, actor)
    try:
        Path(file).write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise Fault("FILE_NOT_WRITABLE", file=Path(file).name) from error
    return file


def _left_out(_answer: object) -> None:
    """The file is on screen, in the viewer's own window."""
