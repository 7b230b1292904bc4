"""Others' entries: stored once, projected once, kept aside when they cannot be believed or read.

A page and its cursor land in one transaction. Nothing is ever thrown away: what does not verify goes to
`rejected_entry`, what this program cannot read goes to `held_entry`, and both are tried again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, union_all
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import IntegrityError

from app.store import project_trust, projection
from app.store.schema import (
    FEED_CURSOR,
    HELD_ENTRY,
    JOURNAL,
    META,
    REJECTED_ENTRY,
    REPLICA_ENTRY,
)
from domain.clock import Hlc, from_text
from domain.entry import Entry, MalformedEntryError, parse
from domain.kinds import known
from sync.ports import Cursor, DamagedEntry, Page, PageOutcome

Verify = Callable[[Entry], str | None]
"""None when an entry is to be believed, else the code that says why not."""

UNKNOWN_STATION = "UNKNOWN_STATION"
DUPLICATE_ID = "DUPLICATE_ID"
UNKNOWN_KIND = "UNKNOWN_KIND"
MALFORMED = "MALFORMED"
MOST_AHEAD_MS = 24 * 3600 * 1000
"""A stamp further ahead of our clock than this does not pull our own stamps along."""

_KNOWN = union_all(
    select(JOURNAL.c.content_hash).where(JOURNAL.c.entry_id == bindparam("wanted")),
    select(REPLICA_ENTRY.c.content_hash).where(REPLICA_ENTRY.c.entry_id == bindparam("wanted")),
)
_STORE = insert(REPLICA_ENTRY)
_HOLD = insert(HELD_ENTRY)
_REJECT = insert(REJECTED_ENTRY).on_conflict_do_nothing()
_CURSOR = insert(FEED_CURSOR)
_MOVE_CURSOR = _CURSOR.on_conflict_do_update(
    index_elements=["feed"],
    set_={"position": _CURSOR.excluded.position, "hash": _CURSOR.excluded.hash},
    where=_CURSOR.excluded.position > FEED_CURSOR.c.position,
)
_RETRY = select(REJECTED_ENTRY).where(
    REJECTED_ENTRY.c.code == UNKNOWN_STATION, REJECTED_ENTRY.c.station == bindparam("of_station")
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

    def take(self, page: Page) -> PageOutcome:
        """Apply a page and move its cursor forward (a repeated page moves nothing)."""
        counts = _Counts()
        for entry in page.entries:
            self._entry(page.feed, entry, counts)
        for item in page.damaged:
            self._reject(page.feed, item, item.hash.hex(), MALFORMED)
            counts.rejected.append((item.hash.hex(), MALFORMED))
        self._connection.execute(
            _MOVE_CURSOR,
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

    def _entry(self, feed: str, entry: Entry, counts: _Counts) -> None:
        present = self._connection.execute(_KNOWN, {"wanted": entry.entry_id}).scalar()
        if present is not None and present == entry.content_hash:
            counts.known += 1
            return
        code = DUPLICATE_ID if present is not None else self._verify(entry)
        if code is not None:
            self._reject(feed, entry, entry.entry_id, code)
            project_trust.rejected(
                self._connection, entry, code, project_trust.text_of(self._connection, entry.entry_id)
            )
            counts.rejected.append((entry.entry_id, code))
            return
        self._store(entry, counts)

    def _store(self, entry: Entry, counts: _Counts) -> None:
        self._connection.execute(_STORE, _row(entry, self._now_ms))
        reason = misfit(entry) or project(self._connection, entry)
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

    def _try_again(self, station: str, counts: _Counts) -> None:
        """Entries of a station whose certificate has just come."""
        for row in self._connection.execute(_RETRY, {"of_station": station}).all():
            entry = parse(row.station, row.epoch, row.seq, row.content, row.prev_hash, row.hash, row.sig)
            self._connection.execute(
                delete(REJECTED_ENTRY).where(
                    REJECTED_ENTRY.c.entry_id == row.entry_id, REJECTED_ENTRY.c.hash == row.hash
                )
            )
            self._entry(row.feed, entry, counts)

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
    connection.exec_driver_sql("SAVEPOINT entry")
    try:
        projection.apply(connection, entry)
    except (ValueError, TypeError, KeyError, OverflowError, IntegrityError):
        connection.exec_driver_sql("ROLLBACK TO entry")
        connection.exec_driver_sql("RELEASE entry")
        return MALFORMED
    connection.exec_driver_sql("RELEASE entry")
    return None


def merge_hlc(connection: Connection, stamp: Hlc) -> None:
    """Remember the latest stamp seen, so that what we write next is later than what we have read."""
    connection.exec_driver_sql(
        "UPDATE meta SET value = ? WHERE name = 'hlc' AND value < ?", (str(stamp), str(stamp))
    )


def release_held(connection: Connection, believe: Callable[[Entry], str | None]) -> int:
    """Project held entries that this program has learned to read; answers how many."""
    released = 0
    rows = connection.execute(
        select(REPLICA_ENTRY).join(HELD_ENTRY, HELD_ENTRY.c.entry_id == REPLICA_ENTRY.c.entry_id)
    ).all()
    for row in rows:
        entry = parse(row.station, row.epoch, row.seq, row.content, row.prev_hash, row.hash, row.sig)
        if misfit(entry) is None and project(connection, entry) is None:
            connection.execute(delete(HELD_ENTRY).where(HELD_ENTRY.c.entry_id == entry.entry_id))
            believe(entry)
            released += 1
    return released


def cursors(connection: Connection, feeds: Sequence[str]) -> dict[str, Cursor]:
    """The cursor of each of these feeds."""
    found = {row.feed: Cursor(row.position, row.hash) for row in connection.execute(select(FEED_CURSOR))}
    return {feed: found.get(feed, Cursor()) for feed in feeds}


def adopt_incarnation(connection: Connection, incarnation: str) -> None:
    """Forget all cursors and remember the hub they will belong to; entries stay."""
    connection.execute(delete(FEED_CURSOR))
    write_meta(connection, "incarnation", incarnation)


def read_meta(connection: Connection, name: str) -> str | None:
    """One value of `meta`."""
    value: str | None = connection.execute(select(META.c.value).where(META.c.name == name)).scalar()
    return value


def write_meta(connection: Connection, name: str, value: str) -> None:
    """Set one value of `meta`."""
    fresh = insert(META)
    connection.execute(
        fresh.on_conflict_do_update(index_elements=["name"], set_={"value": fresh.excluded.value}),
        {"name": name, "value": value},
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
