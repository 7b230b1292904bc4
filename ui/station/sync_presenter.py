"""What the sync page shows: how the exchange with the hub stands, this station, and its journal. No Qt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from app import formats
from app.services.facade import Services, SyncView, TakenIn
from app.services.lease_view import LeaseRow
from app.services.views import JournalRow, StationInfo
from app.services.views_sync import HeldRow, WhyHeld
from domain.actor import NOBODY, Actor
from domain.clock import from_text
from ui import messages
from ui.running import Latest, Runner, as_known

LOOK = "look"
SHOWN_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class SyncModel:
    """The exchange. `title`, `text`: why it stands still, empty while it runs. Times are for people."""

    mode: str
    title: str
    text: str
    since: str
    last_contact: str
    waiting: int
    held: int
    conflicts: int
    offset_ms: int | None
    incarnation: str
    schema: str
    snapshot: tuple[int, int] | None = None
    documents: int = 0


@dataclass(frozen=True, slots=True)
class PlaceModel:
    """Places of one performance, or of a quota in it: how many are left here and in all. `until` is empty
    when the time to sell them here is over."""

    event: str
    starts: str
    quota: str
    here: int
    left: int
    until: str
    is_promo: bool = False


@dataclass(frozen=True, slots=True)
class StationModel:
    """This installation. `data_folder` is empty where it is not to be shown."""

    name: str
    station: str
    prefix: str
    epoch: int
    has_hub: bool
    practice: bool
    organization: str
    zone: str
    data_folder: str


@dataclass(frozen=True, slots=True)
class EntryModel:
    """An entry of the journal; `user` is a name, or empty for the station itself."""

    seq: int
    when: str
    kind: str
    user: str
    short_hash: str
    synced: bool


@dataclass(frozen=True, slots=True)
class HeldModel:
    """An entry that nobody has read yet; `code` where it was set aside."""

    kind: str
    v: int
    station: str
    seq: int
    when: str
    why: WhyHeld
    code: str


class SyncPageView(Protocol):
    """What the presenter tells the window."""

    def show_sync(self, model: SyncModel) -> None:
        """The state of the exchange."""
        ...

    def show_station(self, model: StationModel) -> None:
        """Facts that hardly change."""
        ...

    def show_journal(self, rows: Sequence[EntryModel]) -> None:
        """The latest entries, newest first."""
        ...

    def show_places(self, places: Sequence[PlaceModel], *, has_hub: bool) -> None:
        """What this station may sell by itself."""
        ...

    def show_held(self, rows: Sequence[HeldModel]) -> None:
        """What is held, in the open panel."""
        ...

    def show_trouble(self, title: str, text: str) -> None:
        """Reading failed; empty title clears."""
        ...

    def show_exported(self, count: int, path: str) -> None:
        """The file of waiting entries was written."""
        ...

    def show_taken_in(self, taken: TakenIn) -> None:
        """Another station's file was taken in."""
        ...


class SyncPresenter:
    """State of the sync page."""

    def __init__(
        self,
        services: Services,
        runner: Runner,
        language: Callable[[], str],
        data_folder: str = "",
        actor: Callable[[], Actor] = lambda: NOBODY,
    ) -> None:
        self._services = services
        self._runner = runner
        self._language = language
        self._data_folder = data_folder
        self._view: SyncPageView
        self._open = False
        self._zone = "UTC"
        self._people: Mapping[str, str] = {}
        self._stop: Callable[[], None] = lambda: None
        self._journal: Latest[Sequence[JournalRow]] = Latest(runner, LOOK)
        self._actor = actor
        self._held: Latest[Sequence[HeldRow]] = Latest(runner, LOOK)
        self._leases: Latest[Sequence[LeaseRow]] = Latest(runner, LOOK)
        self._has_hub = False
        self.kind = ""

    def attach(self, view: SyncPageView) -> None:
        """A page was made."""
        self._view = view

    def enter(self, changed: Callable[[SyncView], None]) -> None:
        """The page is on screen; `changed` is called from the driver's thread and must hand over to
        `sync_changed` on the window's own."""
        self._open = True
        self._stop = self._services.sync.subscribe(changed)
        services = self._services

        def read() -> tuple[StationInfo, str, str, dict[str, str]]:
            organization = services.facts.organization()
            people = {person.user: person.name for person in services.sign_in.people()}
            name = organization.name_ru if self._language() == "ru" else ""
            return services.facts.station(), name or organization.name, organization.zone, people

        self._runner.submit(LOOK, read, self._station_known, self._failed)

    def leave(self) -> None:
        """Another page comes."""
        self._stop()
        self._stop = lambda: None
        self._open = False

    def sync_changed(self, state: SyncView) -> None:
        """The exchange moved on."""
        if not self._open:
            return
        self._view.show_sync(self._sync_model(state))
        self.refresh()

    def sync_now(self) -> None:
        """Ask for an exchange at once."""
        self._services.sync.sync_now()

    def refresh(self) -> None:
        """Read the journal again."""
        kind = self.kind or None
        self._journal.ask(
            lambda: self._services.facts.journal(SHOWN_ENTRIES, kind), self._journal_known, self._failed
        )
        self._leases.ask(self._services.show_leases, self._leases_known, self._failed)

    def look_at_held(self) -> None:
        """Read what is held; the view shows it."""
        job = partial(self._services.list_held, self._actor())
        self._held.ask(job, self._held_known, self._failed)

    @property
    def language(self) -> str:
        """The language of the window."""
        return self._language()

    def _held_known(self, rows: Sequence[HeldRow]) -> None:
        if self._open:
            self._view.show_held([self._held_model(row) for row in rows])

    def _held_model(self, row: HeldRow) -> HeldModel:
        when = self._when(row.at) if row.at is not None else ""
        return HeldModel(row.kind, row.v, row.station_name, row.seq, when, row.why, row.code)

    def export_waiting(self, path: str) -> None:
        """Write the entries that the hub does not have to a file."""
        files = self._services.waiting_files
        self._runner.submit(
            LOOK,
            lambda: files.export(path),
            lambda count: self._view.show_exported(count, path),
            self._failed,
        )

    def take_in(self, path: str) -> None:
        """Take in such a file of another station."""
        files = self._services.waiting_files
        self._runner.submit(LOOK, lambda: files.take_in(path), self._taken_in, self._failed)

    def _taken_in(self, taken: TakenIn) -> None:
        self.refresh()
        self._view.show_taken_in(taken)
        self.sync_now()

    def choose_kind(self, kind: str) -> None:
        """Show entries of one kind only; empty = all."""
        self.kind = kind
        self.refresh()

    def _station_known(self, answer: tuple[StationInfo, str, str, dict[str, str]]) -> None:
        info, organization, self._zone, self._people = answer
        self._has_hub = info.has_hub
        if not self._open:
            return
        self._view.show_station(
            StationModel(
                info.name, info.station, info.prefix, info.epoch, info.has_hub, info.practice, organization,
                self._zone, self._data_folder,
            )
        )  # fmt: skip
        self.sync_changed(self._services.sync.view())

    def _journal_known(self, rows: Sequence[JournalRow]) -> None:
        if not self._open:
            return
        self._view.show_trouble("", "")
        self._view.show_journal([self._entry(row) for row in rows])

    def _leases_known(self, rows: Sequence[LeaseRow]) -> None:
        if self._open:
            self._view.show_places([self._place(row) for row in rows], has_hub=self._has_hub)

    def _place(self, row: LeaseRow) -> PlaceModel:
        name = row.event_ru if self._language() == "ru" and row.event_ru else row.event
        until = "" if row.until_at is None else self._when(row.until_at, seconds=False)
        starts = "" if row.starts_at is None else self._when(row.starts_at, seconds=False)
        return PlaceModel(name, starts, row.quota, row.here, row.left, until, row.is_promo)

    def _failed(self, error: Exception) -> None:
        if not self._open:
            return
        known = as_known(error)
        said = messages.error_message(known, self._language(), zone=self._zone, now=self._now())
        self._view.show_trouble(said.title, said.text)

    def _entry(self, row: JournalRow) -> EntryModel:
        user = self._people.get(row.user, "") if row.user else ""
        return EntryModel(row.seq, self._when(row.at), row.kind, user, row.short_hash, row.synced)

    def _sync_model(self, state: SyncView) -> SyncModel:
        title = text = ""
        if state.code is not None:
            said = messages.sentence(
                state.code, state.params, self._language(), zone=self._zone, now=self._now()
            )
            title, text = said.title, said.text
        return SyncModel(
            mode=state.mode,
            title=title,
            text=text,
            since=self._time(state.since_at),
            last_contact=self._time(state.last_contact_at),
            waiting=state.waiting,
            held=state.held,
            conflicts=state.conflicts,
            offset_ms=state.offset_ms,
            incarnation=_short(state.incarnation or ""),
            schema=state.schema or "",
            snapshot=state.snapshot,
            documents=state.documents,
        )

    def _time(self, text: str | None) -> str:
        return "" if text is None else self._when(from_text(text))

    def _when(self, at: datetime, *, seconds: bool = True) -> str:
        """The time of today, with its day otherwise."""
        time = formats.format_time(at, self._zone, self._language(), seconds=seconds)
        if formats.local(at, self._zone).date() == formats.local(self._now(), self._zone).date():
            return time
        return f"{formats.relative_day(at, self._now(), self._zone, self._language())}, {time}"

    def _now(self) -> datetime:
        return self._services.clock.now()


def _short(incarnation: str) -> str:
    """An incarnation in a form that two people can compare by telephone: `a1d71064 / 1`."""
    hub, _, timeline = incarnation.partition("/")
    return f"{hub[:8]} / {int(timeline, 16)}" if timeline else hub[:8]
