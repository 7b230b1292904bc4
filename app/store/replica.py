"""Others' entries: stored once, projected once, kept aside when they cannot be believed or read.

A page and its cursor land in one transaction. Nothing is ever thrown away: what does not verify goes to
`rejected_entry`, what this program cannot read goes to `held_entry`, and both are tried again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, or_, select, tuple_, union_all, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import IntegrityError, InterfaceError
from sqlcipher3 import dbapi2

from app.store import project_trust, projection
from app.store.prepared import Prepared, driver
from app.store.schema import (
    FEED_CURSOR,
    HELD_ENTRY,
    JOURNAL,
    OWN_EPOCH,
    REJECTED_ENTRY,
    REPLICA_ENTRY,
    SHORT_ENTRY,
)
from domain import revocation
from domain.clock import Hlc, from_text
from domain.entry import ORG, Entry, MalformedEntryError, event_feed, parse
from domain.kinds import known
from domain.revocation import Revocation
from sync.ports import Cursor, DamagedEntry, Page, PageOutcome

Verify = Callable[[Entry], str | None]
"""None when an entry is to be believed, else the code that says why not."""

UNKNOWN_STATION = "UNKNOWN_STATION"
BAD_SIGNATURE = "BAD_SIGNATURE"
"""Also what an entry of a station's next epoch looks like while its new certificate has not come."""
DUPLICATE_ID = "DUPLICATE_ID"
REVOKED_STATION = "REVOKED_STATION"
UNKNOWN_KIND = "UNKNOWN_KIND"
MALFORMED = "MALFORMED"
FORGOTTEN = "FORGOTTEN"
"""About an event whose orders were forgotten here: it waits for the snapshot that brings them again."""
_INTEGRITY = (IntegrityError, InterfaceError, dbapi2.IntegrityError, dbapi2.InterfaceError)
"""Values that a table does not take, however the statement was run."""
MOST_AHEAD_MS = 24 * 3600 * 1000
"""A stamp further ahead of our clock than this does not pull our own stamps along."""

_KNOWN = Prepared(
    union_all(
        select(JOURNAL.c.content_hash).where(JOURNAL.c.entry_id == bindparam("wanted")),
        select(REPLICA_ENTRY.c.content_hash).where(REPLICA_ENTRY.c.entry_id == bindparam("wanted")),
        select(SHORT_ENTRY.c.content_hash).where(SHORT_ENTRY.c.entry_id == bindparam("wanted")),
    )
)
_OWN = select(JOURNAL).where(JOURNAL.c.entry_id == bindparam("wanted"))
_STORE = Prepared(
    insert(REPLICA_ENTRY), [column.name for column in REPLICA_ENTRY.c if column.name != "position"]
)
_HOLD = insert(HELD_ENTRY)
_REJECT = insert(REJECTED_ENTRY).on_conflict_do_nothing()
_CURSOR = insert(FEED_CURSOR)
_MOVE_CURSOR = Prepared(
    _CURSOR.on_conflict_do_update(
        index_elements=["feed"],
        set_={"position": _CURSOR.excluded.position, "hash": _CURSOR.excluded.hash},
        where=_CURSOR.excluded.position > FEED_CURSOR.c.position,
    )
)
_RETRY = Prepared(
    select(REJECTED_ENTRY).where(
        or_(REJECTED_ENTRY.c.code == UNKNOWN_STATION, REJECTED_ENTRY.c.code == BAD_SIGNATURE),
        REJECTED_ENTRY.c.station == bindparam("of_station"),
    )
)


@dataclass
class _Counts:
    applied: int = 0
    known: int = 0
    held: int = 0
    rejected: list[tuple[str, str]] = field(default_factory=list)


class PageWriter:
    """Takes pages on a connection inside a write transaction.

    `verify` judges signatures; `believe` is told of every certificate or revocation as it is applied, so that
    the entries behind it in the same page can be judged by it.
    """

    def __init__(
        self, connection: Connection, verify: Verify, believe: Callable[[Entry], str | None], now_ms: int
    ) -> None:
        self._connection = connection
        self._verify = verify
        self._believe = believe
        self._now_ms = now_ms
        self._latest = Hlc(0)
        self._forgotten: set[str] | None = None
        self.must_rebuild = False
        """Whether an entry that was applied before is set aside now: whoever commits this computes the
        projections again first (app.store.rebuild), and until then nothing more is projected."""
        self.must_snapshot = False
        """Whether an entry that was applied before should be set aside now and is not, since entries that are
        kept in short cannot be projected again: whoever commits this asks for a snapshot, and until that has
        come the tables stay as they would be if it had come first."""

    def take(self, page: Page) -> PageOutcome:
        """Apply a page and move its cursor forward (a repeated page moves nothing)."""
        counts = _Counts()
        for entry in page.entries:
            self._entry(page.feed, entry, counts)
        for item in page.damaged:
            self._reject(page.feed, item, item.hash.hex(), MALFORMED)
            counts.rejected.append((item.hash.hex(), MALFORMED))
        _MOVE_CURSOR.run(
            self._connection,
            {"feed": page.feed, "position": page.cursor.position, "hash": page.cursor.hash},
        )
        merge_hlc(self._connection, self._latest)
        return PageOutcome(counts.applied, counts.known, counts.held, tuple(counts.rejected))

    def take_loose(self, entries: Sequence[Entry]) -> PageOutcome:
        """Entries that came another way than by a feed: no cursor moves, and what the feeds bring later is
        known already."""
        counts = _Counts()
        for entry in entries:
            self._entry(entry.feeds[0], entry, counts)
        merge_hlc(self._connection, self._latest)
        return PageOutcome(counts.applied, counts.known, counts.held, tuple(counts.rejected))

    def take_own(self, issue: Callable[[Connection], Sequence[Entry]]) -> int:
        """Project the own entries that `issue` puts into the journal, if they count: another content may be
        known under an id. What a newer program wrote is held. Answers how many entries there were."""
        made = issue(self._connection)
        for entry in made:
            present = {row[0] for row in _KNOWN.all(self._connection, {"wanted": entry.entry_id})}
            if len(present) > 1 and not self._outvotes(entry, list(present)):
                self._put_aside(entry.feeds[0], entry, DUPLICATE_ID)
            elif not self.must_rebuild:
                project_or_hold(self._connection, entry)
        return len(made)

    def _entry(self, feed: str, entry: Entry, counts: _Counts) -> None:
        present = [row[0] for row in _KNOWN.all(self._connection, {"wanted": entry.entry_id})]
        if entry.content_hash in present and (len(set(present)) == 1 or self._is_here(entry)):
            counts.known += 1
            return
        code = None if entry.content_hash in present else self._verify(entry)
        if code is None and present:
            if self._outvotes(entry, present):
                counts.rejected.append((entry.entry_id, DUPLICATE_ID))
            else:
                code = DUPLICATE_ID
        if code is not None:
            self._put_aside(feed, entry, code)
            counts.rejected.append((entry.entry_id, code))
            return
        self._store(entry, counts)

    def _put_aside(self, feed: str, entry: Entry, code: str) -> None:
        self._reject(feed, entry, entry.entry_id, code)
        known = project_trust.text_of(self._connection, entry.entry_id)
        project_trust.rejected(self._connection, entry, code, known)

    def _is_here(self, entry: Entry) -> bool:
        """Whether this very content was taken from another station before: it has won here already."""
        return any(
            self._connection.execute(
                select(table.c.entry_id).where(
                    table.c.entry_id == entry.entry_id, table.c.content_hash == entry.content_hash
                )
            ).first()
            is not None
            for table in (REPLICA_ENTRY, SHORT_ENTRY)
        )

    def _outvotes(self, entry: Entry, present: Sequence[bytes]) -> bool:
        """Of several contents of one id the one with the smallest hash counts, at every station, whichever
        came first; answers whether it is this one, and then sets the other aside."""
        if entry.content_hash > min(present):
            return False
        if has_short(self._connection):
            self.must_snapshot = True
            return False
        self._set_aside(
            entry.feeds[0],
            DUPLICATE_ID,
            REPLICA_ENTRY.c.entry_id == entry.entry_id,
            REPLICA_ENTRY.c.content_hash != entry.content_hash,
        )
        own = self._connection.execute(_OWN, {"wanted": entry.entry_id}).first()
        if own is not None and own.content_hash != entry.content_hash:
            self._reject_row(entry.feeds[0], own, DUPLICATE_ID, read_meta(self._connection, "station") or "")
            self._connection.execute(delete(HELD_ENTRY).where(HELD_ENTRY.c.entry_id == entry.entry_id))
            self.must_rebuild = True
        return True

    def _set_aside(self, feed: str, code: str, *which: ColumnElement[bool]) -> list[str]:
        """Entries of others that were taken once and do not count any more; answers their ids."""
        rows = self._connection.execute(select(REPLICA_ENTRY).where(*which)).all()
        for row in rows:
            self._reject_row(feed, row, code, row.station)
            for table in (HELD_ENTRY, REPLICA_ENTRY):
                self._connection.execute(delete(table).where(table.c.entry_id == row.entry_id))
            self.must_rebuild = True
        return [row.entry_id for row in rows]

    def _reject_row(self, feed: str, row: Any, code: str, station: str) -> None:
        entry = parse(station, row.epoch, row.seq, row.content, row.prev_hash, row.hash, row.sig)
        self._reject(feed, entry, entry.entry_id, code)

    def _take_back(self, said: Revocation, counts: _Counts) -> None:
        """A station was revoked as of an entry that is older than what was read of it: the rest is set aside,
        as it is where the revocation came first."""
        self._judge_aside(said)
        place = tuple_(REPLICA_ENTRY.c.epoch, REPLICA_ENTRY.c.seq)
        beyond = place > tuple_(said.epoch, said.last_trusted_seq)
        if has_short(self._connection):
            self.must_snapshot = self.must_snapshot or _is_any_beyond(self._connection, said)
            return
        rows = select(REPLICA_ENTRY).where(REPLICA_ENTRY.c.station == said.station, beyond)
        for row in self._connection.execute(rows).all():
            if self._verify(_parsed(row)) != REVOKED_STATION:
                continue
            entry_id = row.entry_id
            self._set_aside(ORG, REVOKED_STATION, REPLICA_ENTRY.c.entry_id == entry_id)
            twins = select(REJECTED_ENTRY).where(
                REJECTED_ENTRY.c.entry_id == entry_id, REJECTED_ENTRY.c.code == DUPLICATE_ID
            )
            for twin in self._connection.execute(twins).all():
                self._again(twin, counts)

    def _judge_aside(self, said: Revocation) -> None:
        """What was set aside since another content counts is there for the revocation now."""
        place = tuple_(REJECTED_ENTRY.c.epoch, REJECTED_ENTRY.c.seq)
        done = self._connection.execute(
            update(REJECTED_ENTRY)
            .where(REJECTED_ENTRY.c.station == said.station, REJECTED_ENTRY.c.code == DUPLICATE_ID)
            .where(place > tuple_(said.epoch, said.last_trusted_seq))
            .values(code=REVOKED_STATION)
        )
        if done.rowcount and has_short(self._connection):
            self.must_snapshot = True
        elif done.rowcount:
            self.must_rebuild = True

    def _store(self, entry: Entry, counts: _Counts) -> None:
        _STORE.run(self._connection, _row(entry, self._now_ms))
        reason = misfit(entry)
        if reason is None and self._is_forgotten(entry):
            self.must_snapshot = True
            reason = FORGOTTEN
        if reason is None and not self.must_rebuild:
            reason = project(self._connection, entry)
        if reason is not None:
            self._connection.execute(
                _HOLD, {"entry_id": entry.entry_id, "kind": entry.kind, "v": entry.v, "reason": reason}
            )
            counts.held += 1
            return
        stamp = Hlc.parse(entry.origin.hlc)
        if stamp.ms <= self._now_ms + MOST_AHEAD_MS:
            self._latest = max(self._latest, stamp)
        counts.applied += 1
        station = self._believe(entry)
        if station is not None:
            self._try_again(station, counts)
        if entry.kind == "station_revoked":
            self._take_back(revocation.parse(entry.body["revocation"]).revocation, counts)

    def _is_forgotten(self, entry: Entry) -> bool:
        if self._forgotten is None:
            rows = driver(self._connection).execute("SELECT event FROM forgotten_event")
            self._forgotten = {event_feed(row[0]) for row in rows}
        return not self._forgotten.isdisjoint(entry.feeds)

    def _try_again(self, station: str, counts: _Counts) -> None:
        """Entries of a station whose certificate has just come."""
        for row in _RETRY.rows(self._connection, {"of_station": station}):
            self._again(row, counts)

    def _again(self, row: Any, counts: _Counts) -> None:
        """Judge an entry again that was kept aside."""
        self._connection.execute(
            delete(REJECTED_ENTRY).where(
                REJECTED_ENTRY.c.entry_id == row.entry_id, REJECTED_ENTRY.c.hash == row.hash
            )
        )
        if row.code == BAD_SIGNATURE:
            project_trust.withdrawn(self._connection, row.station, row.entry_id)
        self._entry(row.feed, _parsed(row), counts)

    def _reject(self, feed: str, item: Entry | DamagedEntry, name: str, code: str) -> None:
        """Keep aside, whole; `name` is the entry's id, or its hash where it cannot be read."""
        self._connection.execute(
            _REJECT,
            {
                "entry_id": name,
                "hash": item.hash,
                "code": code,
                "feed": feed,
                "station": item.station,
                "epoch": item.epoch,
                "seq": item.seq,
                "content": item.content,
                "prev_hash": item.prev_hash,
                "sig": item.sig,
                "received_ms": self._now_ms,
            },
        )


def has_short(connection: Connection) -> bool:
    """Whether any entry is kept in short: then the tables do not follow from the entries here alone."""
    return driver(connection).execute("SELECT 1 FROM short_entry LIMIT 1").fetchone() is not None


def _is_any_beyond(connection: Connection, said: Revocation) -> bool:
    """Whether a station's entries were taken that its revocation does not trust."""
    found = (
        driver(connection)
        .execute(
            "SELECT 1 FROM (SELECT station, epoch, seq FROM replica_entry UNION ALL "
            "SELECT station, epoch, seq FROM short_entry) "
            "WHERE station = ? AND (epoch, seq) > (?, ?) LIMIT 1",
            (said.station, said.epoch, said.last_trusted_seq),
        )
        .fetchone()
    )
    return found is not None


def _parsed(row: Any) -> Entry:
    return parse(row.station, row.epoch, row.seq, row.content, row.prev_hash, row.hash, row.sig)


def outvoted(connection: Connection) -> frozenset[str]:
    """Ids of own entries that do not count, since another content under their id does."""
    twins = select(JOURNAL.c.entry_id).join(REPLICA_ENTRY, REPLICA_ENTRY.c.entry_id == JOURNAL.c.entry_id)
    return frozenset(
        connection.execute(twins.where(REPLICA_ENTRY.c.content_hash < JOURNAL.c.content_hash)).scalars()
    )


def misfit(entry: Entry) -> str | None:
    """Why an entry cannot be projected by this program: UNKNOWN_KIND, MALFORMED, or None when it can."""
    if not known(entry.kind, entry.v):
        return UNKNOWN_KIND
    try:
        projection.check(entry.kind, entry.v, entry.body)
        canonical_stamp = str(Hlc.parse(entry.origin.hlc)) == entry.origin.hlc
        from_text(entry.clocks.wall_at)
    except (MalformedEntryError, ValueError, TypeError, AttributeError):
        return MALFORMED
    return None if canonical_stamp else MALFORMED


def project(connection: Connection, entry: Entry) -> str | None:
    """Project one entry in a transaction of its own inside the present one; MALFORMED when its values do not
    fit together, and then nothing of it is in the tables. So one poison entry never blocks the next."""
    raw = driver(connection)
    raw.execute("SAVEPOINT entry")
    try:
        projection.apply(connection, entry)
    except (ValueError, TypeError, KeyError, OverflowError, *_INTEGRITY):
        raw.execute("ROLLBACK TO entry")
        raw.execute("RELEASE entry")
        return MALFORMED
    raw.execute("RELEASE entry")
    return None


def project_or_hold(connection: Connection, entry: Entry) -> None:
    """Project an entry that is stored already, an own one too; what cannot be read is noted as held."""
    reason = misfit(entry) or project(connection, entry)
    if reason is not None:
        row = {"entry_id": entry.entry_id, "kind": entry.kind, "v": entry.v, "reason": reason}
        connection.execute(_HOLD.on_conflict_do_nothing(), row)


def merge_hlc(connection: Connection, stamp: Hlc) -> None:
    """Remember the latest stamp seen, so that what we write next is later than what we have read."""
    driver(connection).execute(
        "UPDATE meta SET value = ? WHERE name = 'hlc' AND value < ?", (str(stamp), str(stamp))
    )


def release_held(connection: Connection, believe: Callable[[Entry], str | None]) -> int:
    """Project held entries that this program has learned to read; answers how many."""
    released = 0
    others = (
        select(REPLICA_ENTRY)
        .join(HELD_ENTRY, HELD_ENTRY.c.entry_id == REPLICA_ENTRY.c.entry_id)
        .where(HELD_ENTRY.c.reason != FORGOTTEN)
    )
    entries = {row.entry_id: _parsed(row) for row in connection.execute(others).all()}
    station = read_meta(connection, "station") or ""
    for row in connection.execute(
        select(JOURNAL).join(HELD_ENTRY, HELD_ENTRY.c.entry_id == JOURNAL.c.entry_id)
    ):
        own = parse(station, row.epoch, row.seq, row.content, row.prev_hash, row.hash, row.sig)
        entries.setdefault(own.entry_id, own)  # where another content counts, the own one does not
    for entry in entries.values():
        if misfit(entry) is None and project(connection, entry) is None:
            connection.execute(delete(HELD_ENTRY).where(HELD_ENTRY.c.entry_id == entry.entry_id))
            believe(entry)
            released += 1
    return released


def cursors(connection: Connection, feeds: Sequence[str]) -> dict[str, Cursor]:
    """The cursor of each of these feeds."""
    rows = driver(connection).execute("SELECT feed, position, hash FROM feed_cursor")
    found = {feed: Cursor(position, digest) for feed, position, digest in rows}
    return {feed: found.get(feed, Cursor()) for feed in feeds}


def adopt_incarnation(connection: Connection, incarnation: str) -> None:
    """Forget all cursors and remember the hub they will belong to; entries stay. What the former hub had
    confirmed counts for nothing until this one says so: it may come from an older backup."""
    former = read_meta(connection, "incarnation")
    if former not in (None, incarnation):
        connection.execute(update(OWN_EPOCH).values(acked_seq=0))
    connection.execute(delete(FEED_CURSOR))
    write_meta(connection, "incarnation", incarnation)


def read_meta(connection: Connection, name: str) -> str | None:
    """One value of `meta`."""
    row = driver(connection).execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    value: str | None = None if row is None else row[0]
    return value


def write_meta(connection: Connection, name: str, value: str) -> None:
    """Set one value of `meta`."""
    driver(connection).execute(
        "INSERT INTO meta (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def _row(entry: Entry, now_ms: int) -> dict[str, Any]:
    return {
        "station": entry.station,
        "epoch": entry.epoch,
        "seq": entry.seq,
        "entry_id": entry.entry_id,
        "kind": entry.kind,
        "v": entry.v,
        "hlc": str(entry.origin.hlc),
        "content": entry.content,
        "content_hash": entry.content_hash,
        "prev_hash": entry.prev_hash,
        "hash": entry.hash,
        "sig": entry.sig,
        "received_ms": now_ms,
    }
