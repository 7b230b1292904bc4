"""The store as sync sees it: the own journal to be pushed, others' entries to be kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection, func, select

from app.store import journal, replica
from app.store.core import StoreCore
from app.store.horizon import need_snapshot
from app.store.journal import Identity
from app.store.prepared import Prepared
from app.store.rebuild import rebuild
from app.store.remembered import Remembered
from app.store.replica import PageWriter, Verify
from app.store.schema import CATALOGUE_PATCH, FEED_CURSOR, HELD_ENTRY, REJECTED_ENTRY, REPLICA_ENTRY
from app.store.trust import StoreKeys, own_chain
from domain.certificates import EVERYTHING, Chain
from domain.clock import Clock, to_ms
from domain.entry import CASH, DESK, ORG, Entry, event_feed, parse
from sync.ports import Cursor, Page, PageOutcome, Tip

Taken = TypeVar("Taken")

REPORTED_TO = "reported_to"
_EVENTS = Prepared(select(CATALOGUE_PATCH.c.event).where(CATALOGUE_PATCH.c.event > 0).distinct())
_FEEDS = Prepared(select(FEED_CURSOR.c.feed))


class StoreOutbox:
    """See sync.ports.Outbox."""

    def __init__(self, core: StoreCore, identity: Identity, clock: Clock) -> None:
        self._core = core
        self._identity = identity
        self._clock = clock
        self._remembered = Remembered(core)

    def station(self) -> str:
        """Own station id."""
        return self._identity.station

    def tip(self) -> Tip:
        """Where the own journal ends now."""
        return self._remembered.of("tip", None, lambda found: journal.tip(found, self._identity))

    def hash_at(self, seq: int) -> bytes | None:
        """Own hash at `seq` of the present epoch."""
        with self._core.reading() as connection:
            return journal.hash_at(connection, self._identity, seq)

    def acked_seq(self) -> int:
        """Highest seq that the hub has confirmed."""
        epoch = self._identity.epoch
        return self._remembered.of("acked", None, lambda found: journal.acked_seq(found, epoch))

    def batch(self, after_seq: int, max_entries: int, max_bytes: int) -> Sequence[Entry]:
        """The next own entries in order."""
        if self.tip().seq <= after_seq:
            return []
        with self._core.reading() as connection:
            return journal.batch(connection, self._identity, after_seq, max_entries, max_bytes)

    def acknowledge(self, seq: int, outcomes: Mapping[str, str]) -> None:
        """Note what the hub has confirmed, and what it holds or disputes."""
        with self._core.writing() as work:
            now_ms = to_ms(self._clock.now())
            journal.acknowledge(work.connection, self._identity, seq, outcomes, now_ms)
            work.commit()


class StoreReplica:
    """See sync.ports.Replica.

    Which feeds are followed is in this station's certificate; without one, or where that says "*", it is the
    organization, cash, desk and every event known here.
    """

    def __init__(
        self,
        core: StoreCore,
        keys: StoreKeys,
        clock: Clock,
        verify: Verify | None = None,
        station: str = "",
    ) -> None:
        self._core = core
        self._station = station
        self._keys = keys
        self._clock = clock
        self._verify = verify or keys.verify_entry
        self._remembered = Remembered(core)
        self.wants_snapshot: Callable[[], None] = _nobody_asked
        """Told when the tables must come anew with a snapshot (app.store.horizon)."""

    def incarnation(self) -> str | None:
        """The hub incarnation that the cursors belong to."""
        return self._remembered.of("incarnation", None, lambda found: replica.read_meta(found, "incarnation"))

    def adopt_incarnation(self, incarnation: str) -> None:
        """Start over with another incarnation: cursors are reset, entries stay."""
        with self._core.writing() as work:
            replica.adopt_incarnation(work.connection, incarnation)
            work.commit()

    def cursors(self) -> Mapping[str, Cursor]:
        """A cursor per feed that this station follows."""
        return self._remembered.of("cursors", None, self._cursors)

    def _cursors(self, connection: Connection) -> Mapping[str, Cursor]:
        chain = own_chain(connection)
        scope = chain[-1].certificate.scope if chain else EVERYTHING
        feeds = self._known_feeds(connection) if scope == EVERYTHING else list(scope)
        return replica.cursors(connection, feeds)

    def apply(self, page: Page) -> PageOutcome:
        """Store a page, project it and move the cursor, in one transaction."""
        return self.write(lambda writer: writer.take(page))

    def take_loose(self, chain: Chain, entries: Sequence[Entry]) -> PageOutcome:
        """Entries of a station with its certificate, brought as a file: all in one transaction. Entries that
        are not believed (a revoked station's) are kept aside as any others are."""

        def take(writer: PageWriter) -> PageOutcome:
            self._keys.add_chain(chain)
            return writer.take_loose(entries)

        return self.write(take)

    def take_seen(self, entries: Sequence[Entry]) -> PageOutcome:
        """Entries that the hub showed beside the feeds (a claim's answer): verified and projected as those of
        a page, in one transaction; no cursor moves."""
        return self.write(lambda writer: writer.take_loose(entries))

    def held_beyond(self, places: Mapping[tuple[str, int], int]) -> Iterator[Entry]:
        """See sync.errands.Holdings."""
        with self._core.reading() as connection:
            known = connection.execute(
                select(REPLICA_ENTRY.c.station, REPLICA_ENTRY.c.epoch)
                .distinct()
                .order_by(REPLICA_ENTRY.c.station, REPLICA_ENTRY.c.epoch)
            ).all()
            for station, epoch in known:
                rows = connection.execute(
                    select(REPLICA_ENTRY)
                    .where(
                        REPLICA_ENTRY.c.station == station,
                        REPLICA_ENTRY.c.epoch == epoch,
                        REPLICA_ENTRY.c.seq > places.get((station, epoch), 0),
                    )
                    .order_by(REPLICA_ENTRY.c.seq)
                )
                for row in rows:
                    yield parse(
                        row.station, row.epoch, row.seq, row.content, row.prev_hash, row.hash, row.sig
                    )

    def reported_to(self) -> str | None:
        """See sync.errands.Holdings."""
        return self._remembered.of("reported", None, lambda found: replica.read_meta(found, REPORTED_TO))

    def note_reported(self, incarnation: str) -> None:
        """See sync.errands.Holdings."""
        with self._core.writing() as work:
            replica.write_meta(work.connection, REPORTED_TO, incarnation)
            work.commit()

    def write(self, take: Callable[[PageWriter], Taken]) -> Taken:
        """Take entries in one transaction, with all that follows from what they set aside."""
        try:
            with self._core.writing() as work:
                self._keys.catch_up(work.connection)
                writer = PageWriter(
                    work.connection, self._verify, self._keys.believe, to_ms(self._clock.now())
                )
                outcome = take(writer)
                if writer.must_rebuild:
                    rebuild(work.connection, self._station)
                if writer.must_snapshot:
                    need_snapshot(work.connection)
                work.commit()
        except BaseException:
            self._keys.reload()  # what was believed on the way may have been rolled back
            raise
        if writer.must_snapshot:
            self.wants_snapshot()
        return outcome

    def kept_aside(self) -> tuple[int, int]:
        """How many entries are held and how many are rejected."""
        with self._core.reading() as connection:
            held, rejected = (
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (HELD_ENTRY, REJECTED_ENTRY)
            )
        return held, rejected

    @staticmethod
    def _known_feeds(connection: Connection) -> list[str]:
        events = [row[0] for row in _EVENTS.all(connection, {})]
        read_before = [row[0] for row in _FEEDS.all(connection, {})]
        return sorted({ORG, CASH, DESK, *read_before, *(event_feed(number) for number in events)})


def _nobody_asked() -> None:
    """Where there is no hub to take a snapshot of."""
