"""Puts a finished scratch file into the live one: everything at once, or nothing.

The projections of the scratch file are those of all entries that the hub has and, after `catch_up`, of those
that only this station has. So the live tables are not merged row by row: they are emptied and taken over
whole, which SQLite does page by page. The journal, documents, PINs and whatever else only this station knows
stay as they are.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.store import project_trust, replica
from app.store.core import StoreCore, Writing
from app.store.facts import bump_version
from app.store.prepared import driver
from app.store.schema import PROJECTED, REJECTED_ENTRY, REPLICA_ENTRY
from app.store.snapshot_build import attach_file, detach, project_or_hold
from app.store.snapshot_scratch import SNAPSHOT, Scratch
from domain.clock import Hlc
from domain.entry import parse

DONE = "snapshot_done"
"""The name in the live `meta` of the last snapshot that was merged."""
OWN_SEEN, REPLICA_SEEN = "own_seen", "replica_seen"
_CHAIN = "epoch, seq, content, prev_hash, hash, sig"
_COPIED = (
    "station", "epoch", "seq", "entry_id", "kind", "v", "hlc", "content", "content_hash", "prev_hash", "hash",
    "sig",
)  # fmt: skip


class TwinsError(Exception):
    """The hub has another entry under the id of one that is here: reading page by page sets it aside."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What the live file has gained."""

    entries: int
    held: int
    rejected: int


def catch_up(live: Connection, scratch: Scratch, station: str) -> int:
    """Project what the live file has and the scratch file has not: own entries that are not at the hub yet,
    and entries that came another way. Answers how many; to be called until there is nothing left.

    Raises TwinsError.
    """
    done = 0
    with scratch.writing() as connection:
        own = f"SELECT position, entry_id, content_hash, '{station}', {_CHAIN} FROM journal"
        done += _catch_up(live, connection, own, OWN_SEEN)
        others = f"SELECT position, entry_id, content_hash, station, {_CHAIN} FROM replica_entry"
        done += _catch_up(live, connection, others, REPLICA_SEEN)
    return done


def _catch_up(live: Connection, connection: Connection, query: str, seen: str) -> int:
    raw = driver(connection)
    done = 0
    last = int(replica.read_meta(connection, seen) or 0)
    for row in driver(live).execute(f"{query} WHERE position > ? ORDER BY position", (last,)):
        last = row[0]
        known = raw.execute("SELECT content_hash FROM staged WHERE entry_id = ?", (row[1],)).fetchone()
        known = (
            known
            or raw.execute("SELECT content_hash FROM replica_entry WHERE entry_id = ?", (row[1],)).fetchone()
        )
        if known is not None and bytes(known[0]) != bytes(row[2]):
            raise TwinsError(row[1])
        held = driver(live).execute("SELECT 1 FROM held_entry WHERE entry_id = ?", (row[1],)).fetchone()
        if known is None and held is None:
            project_or_hold(connection, parse(*row[3:]))
            done += 1
    replica.write_meta(connection, seen, str(last))
    return done


def merge(
    core: StoreCore, scratch: Scratch, station: str, now_ms: int, watch: Callable[[str], None]
) -> Merged:
    """Take the scratch file over in one transaction. Raises TwinsError, Fault; then nothing has changed."""
    with core.reading() as live:
        catch_up(live, scratch, station)
    with core.writing() as work, _attached(work, scratch) as stages:
        watch("locked")
        catch_up(work.connection, scratch, station)
        merged = _entries(work.connection, stages, now_ms)
        _take_tables(work.connection)
        for aside, code, known in project_trust.kept_aside(work.connection):
            project_trust.rejected(work.connection, aside, code, known)
        _take_cursors(work.connection, scratch, stages)
        replica.write_meta(work.connection, DONE, scratch.said(SNAPSHOT))
        bump_version(work.connection)
        watch("merging")
        work.commit()
    return merged


@contextmanager
def _attached(work: Writing, scratch: Scratch) -> Iterator[list[str]]:
    """The scratch file and its stages on the writing connection, until the transaction is over."""
    names: list[str] = []
    try:
        for at, path in enumerate(scratch.stages()):
            attach_file(work.connection, path, scratch.key, f"stage{at}")
            names.append(f"stage{at}")
        attach_file(work.connection, scratch.folder / "scratch.db", scratch.key, "scratch")
        names.append("scratch")
        yield names[:-1]
    finally:
        raw = driver(work.connection)
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        detach(work.connection, names)


def _entries(connection: Connection, stages: list[str], now_ms: int) -> Merged:
    """Others' entries, those held and those set aside; an echo of the own journal stays out."""
    raw = driver(connection)
    columns = ", ".join(_COPIED)
    sources = [f"SELECT {_listed('r')} FROM scratch.replica_entry r ORDER BY r.position"]
    sources += [
        f"SELECT {_listed('r')} FROM scratch.staged s JOIN {name}.raw r ON r.id = s.id "
        f"WHERE s.stage = {at} ORDER BY s.entry_id"
        for at, name in enumerate(stages)
    ]
    fresh = 0
    for source in sources:
        fresh += raw.execute(
            f"INSERT OR IGNORE INTO main.{REPLICA_ENTRY.name} ({columns}, received_ms) "
            f"SELECT {columns}, {now_ms} FROM ({source}) x "
            "WHERE NOT EXISTS (SELECT 1 FROM main.journal j WHERE j.entry_id = x.entry_id)"
        ).rowcount
    raw.execute("DELETE FROM main.held_entry WHERE entry_id IN (SELECT entry_id FROM scratch.staged)")
    held = raw.execute(
        "INSERT OR IGNORE INTO main.held_entry SELECT * FROM scratch.held_entry h "
        "WHERE NOT EXISTS (SELECT 1 FROM main.journal j WHERE j.entry_id = h.entry_id)"
    ).rowcount
    rejected = _aside(raw, stages, now_ms)
    return Merged(fresh, held, rejected)


def _listed(table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in _COPIED)


def _aside(raw: Any, stages: list[str], now_ms: int) -> int:
    columns = ", ".join(column.name for column in REJECTED_ENTRY.c if column.name != "received_ms")
    count = 0
    for source in ("scratch.rejected_entry", *(f"{name}.aside" for name in stages)):
        count += raw.execute(
            f"INSERT OR IGNORE INTO main.rejected_entry ({columns}, received_ms) "
            f"SELECT {columns}, {now_ms} FROM {source} a "
            "WHERE NOT EXISTS (SELECT 1 FROM main.journal j "
            "WHERE j.entry_id = a.entry_id AND j.hash = a.hash)"
        ).rowcount
    raw.execute(
        "DELETE FROM main.rejected_entry WHERE EXISTS (SELECT 1 FROM main.replica_entry r "
        "WHERE r.entry_id = rejected_entry.entry_id AND r.hash = rejected_entry.hash)"
    )
    return count


def _take_tables(connection: Connection) -> None:
    """Each projected table whole: into an empty table of the same make SQLite copies records as they are."""
    raw = driver(connection)
    for table in PROJECTED:
        columns = [row[1] for row in raw.execute(f"PRAGMA main.table_info('{table.name}')")]
        theirs = [row[1] for row in raw.execute(f"PRAGMA scratch.table_info('{table.name}')")]
        chosen = "*" if columns == theirs else ", ".join(f'"{name}"' for name in columns)
        raw.execute(f'DELETE FROM main."{table.name}"')
        raw.execute(f'INSERT INTO main."{table.name}" SELECT {chosen} FROM scratch."{table.name}"')


def _take_cursors(connection: Connection, scratch: Scratch, stages: list[str]) -> None:
    raw = driver(connection)
    for feed, head in scratch.heads().heads.items():
        raw.execute(
            "INSERT INTO main.feed_cursor (feed, position, hash) VALUES (?, ?, ?) "
            "ON CONFLICT (feed) DO UPDATE SET position = excluded.position, hash = excluded.hash "
            "WHERE excluded.position > feed_cursor.position",
            (feed, head.position, head.hash),
        )
    stamps = [scratch.said("hlc")]
    stamps += [raw.execute(f"SELECT max(hlc) FROM {name}.piece").fetchone()[0] or "" for name in stages]
    replica.merge_hlc(connection, max(Hlc.parse(stamp) for stamp in stamps if stamp))
