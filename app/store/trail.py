"""The index of the audit trail: who and what each entry speaks of, filled behind the journal.

A scan at the gate must not pay for what an auditor may ask some day, so nothing of this is written with an
entry. Entries behind the mark are found here; the few that came after it are looked through as they are. What
cannot be right any more (a restored file, others' entries taken over anew) is noticed at the mark, and then
the index begins afresh.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.store.core import StoreCore
from app.store.prepared import driver
from domain.audit import shows_moved_clock
from domain.clock import Hlc, from_text, to_ms

JOURNAL, REPLICA = 0, 1
SOURCES = {JOURNAL: "journal", REPLICA: "replica_entry"}
BATCH = 400
"""Entries at once: the writer is held for the inserts only, a few milliseconds."""
PRACTICE, MOVED = 1, 2
LATEST_MS = 9_000_000_000_000
"""The year 2255: what says to be later is no later."""
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16}")

Place = tuple[int, int, int]
"""(stamp, source, position) of an entry."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for: ids that an entry must speak of, its kind and station; stamps from `since` to before
    `until`; `flagged`: only practice and moved clocks."""

    ids: Sequence[str] = ()
    kinds: Sequence[str] = ()
    station: str = ""
    since: int = 0
    until: int = 2**63 - 1
    flagged: bool = False


def stamp_of(hlc: str) -> int:
    """An HLC as one number in the same order."""
    parsed = Hlc.parse(hlc)
    return min(parsed.ms, LATEST_MS) * 1_000_000 + min(parsed.counter, 999_999)


def subject_of(text: str) -> int:
    """What stands for an id in the index."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


class TrailIndex:
    """Fills the index; safe to call from any thread, and from two processes."""

    def __init__(self, core: StoreCore, station: str) -> None:
        self._core = core
        self._own = int(station, 16)

    def in_use(self) -> bool:
        """Whether anybody has ever searched here: until then nothing is written for it."""
        with self._core.reading() as connection:
            return driver(connection).execute("SELECT 1 FROM trail_mark").fetchone() is not None

    def catch_up(self, most: int | None = None) -> int:
        """Take in what is not in the index yet, up to `most` entries; answers how many. Raises Fault."""
        done = 0
        while most is None or done < most:
            some = self._once()
            if some == 0:
                break
            done += some
        return done

    def _once(self) -> int:
        with self._core.reading() as connection:
            marks = marks_of(connection)
            source, rows = next(
                (
                    (source, found)
                    for source in SOURCES
                    if (found := _next(connection, source, marks[source]))
                ),
                (JOURNAL, []),
            )
        if not rows:
            return 0
        lines = [_line(row, self._own) for row in rows]
        with self._core.writing() as work:
            if marks_of(work.connection)[source] != marks[source]:
                return 1  # another process was faster: look again
            raw = driver(work.connection)
            if marks[source] == 0:
                for table in ("trail_line", "trail_subject"):
                    raw.execute(f"DELETE FROM {table} WHERE source = ?", (source,))
            _write(work.connection, source, lines)
            raw.execute(
                "INSERT OR REPLACE INTO trail_mark (source, position, entry_id) VALUES (?, ?, ?)",
                (source, rows[-1][0], rows[-1][1]),
            )
            work.commit()
        return len(rows)


def marks_of(connection: Connection) -> Mapping[int, int]:
    """How far the index goes in each source; 0 where what lies there is not what it was made of.

    Entries that were dropped below the mark are not missed. Where all of them were dropped, or another file's
    were taken over, places are used again: then the index counts for nothing.
    """
    raw = driver(connection)
    found = dict.fromkeys(SOURCES, 0)
    for source, position, entry_id in raw.execute("SELECT source, position, entry_id FROM trail_mark"):
        row = raw.execute(
            f"SELECT position, entry_id FROM {SOURCES[source]} WHERE position >= ? ORDER BY position LIMIT 1",
            (position,),
        ).fetchone()
        if row is not None and (row[0] > position or row[1] == entry_id):
            found[source] = position
    return found


def drop(connection: Connection, source: int, positions: Sequence[int]) -> None:
    """Take entries out of the index that are about to go; to be called while they are still there."""
    raw = driver(connection)
    for position in positions:
        found = raw.execute(
            f"SELECT hlc, content FROM {SOURCES[source]} WHERE position = ?", (position,)
        ).fetchone()
        place = (stamp_of(found[0]), source, position)
        gone = raw.execute("DELETE FROM trail_line WHERE stamp = ? AND source = ? AND position = ?", place)
        if gone.rowcount:
            raw.executemany(
                "DELETE FROM trail_subject WHERE subject = ? AND stamp = ? AND source = ? AND position = ?",
                [(subject, *place) for subject in _subjects(json.loads(found[1]))],
            )


def find(connection: Connection, wanted: Wanted, most: int) -> list[Place]:
    """Places of entries in the index, newest first."""
    raw = driver(connection)
    numbers = dict(raw.execute("SELECT kind, number FROM trail_kind").fetchall())
    kinds = [numbers[kind] for kind in wanted.kinds if kind in numbers]
    if wanted.kinds and not kinds:
        return []
    table, tests = "trail_line t", ["t.stamp >= ?", "t.stamp < ?"]
    values: list[int] = [wanted.since, wanted.until]
    if wanted.ids:
        table = "trail_subject t"
        tests.insert(0, "t.subject = ?")
        values.insert(0, subject_of(wanted.ids[0]))
        for other in wanted.ids[1:]:
            tests.append(
                "EXISTS (SELECT 1 FROM trail_subject o WHERE o.subject = ? AND o.stamp = t.stamp "
                "AND o.source = t.source AND o.position = t.position)"
            )
            values.append(subject_of(other))
    elif wanted.flagged:
        table = "trail_line t INDEXED BY trail_line_flags"
        tests.append("t.flags <> 0")
    if wanted.station:
        tests.append("t.station = ?")
        values.append(int(wanted.station, 16))
    found: list[Place] = []
    each: list[tuple[str, list[int]]] = [(" AND t.kind = ?", [number]) for number in kinds] or [("", [])]
    for test, more in each:
        statement = (
            f"SELECT t.stamp, t.source, t.position FROM {table} WHERE {' AND '.join(tests)}{test} "
            "ORDER BY t.stamp DESC, t.source DESC, t.position DESC LIMIT ?"
        )
        found += raw.execute(statement, (*values, *more, most)).fetchall()
    return sorted(found, reverse=True)[:most]


def kinds_of(connection: Connection) -> list[str]:
    """Kinds that the index has met."""
    return [row[0] for row in driver(connection).execute("SELECT kind FROM trail_kind ORDER BY kind")]


def _next(connection: Connection, source: int, after: int) -> Sequence[tuple[Any, ...]]:
    station = "station" if source == REPLICA else "''"
    rows: list[tuple[Any, ...]] = (
        driver(connection)
        .execute(
            f"SELECT position, entry_id, kind, hlc, content, {station} FROM {SOURCES[source]} "
            "WHERE position > ? ORDER BY position LIMIT ?",
            (after, BATCH),
        )
        .fetchall()
    )
    return rows


@dataclass(frozen=True, slots=True)
class _Line:
    position: int
    kind: str
    stamp: int
    station: int
    flags: int
    subjects: frozenset[int]


def _line(row: tuple[Any, ...], own: int) -> _Line:
    position, _, kind, hlc, content, station = row
    read = json.loads(content)
    return _Line(
        position=position,
        kind=kind,
        stamp=stamp_of(hlc),
        station=int(station, 16) if station else own,
        flags=flags_of(read, hlc),
        subjects=_subjects(read),
    )


def _subjects(read: Mapping[str, Any]) -> frozenset[int]:
    """Whom and what a content speaks of."""
    actor = read["actor"]
    ids = {*_ids(read["body"]), *(one for one in (actor["user"], *actor["approvals"]) if one)}
    return frozenset(map(subject_of, ids))


def flags_of(read: Mapping[str, Any], hlc: str) -> int:
    """Whether the content of an entry shows practice, or a clock that was moved."""
    clock = read["clock"]
    moved = shows_moved_clock(to_ms(from_text(clock["wall_at"])), Hlc.parse(hlc).ms, clock["offset_ms"])
    return PRACTICE * bool(read["actor"]["practice"]) | MOVED * moved


def _ids(value: Any) -> Iterator[str]:
    """Every id and serial in a body, however deep."""
    if isinstance(value, str):
        if len(value) in (16, 36) and _ID.fullmatch(value):
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ids(inner)


def _write(connection: Connection, source: int, lines: Sequence[_Line]) -> None:
    raw = driver(connection)
    numbers = dict(raw.execute("SELECT kind, number FROM trail_kind").fetchall())
    for line in lines:
        if line.kind not in numbers:
            numbers[line.kind] = len(numbers) + 1
            raw.execute("INSERT INTO trail_kind VALUES (?, ?)", (line.kind, numbers[line.kind]))
    raw.executemany(
        "INSERT OR REPLACE INTO trail_line VALUES (?, ?, ?, ?, ?, ?)",
        [
            (one.stamp, source, one.position, numbers[one.kind], one.station, one.flags)
            for one in lines
        ],
    )  # fmt: skip
    raw.executemany(
        "INSERT OR REPLACE INTO trail_subject VALUES (?, ?, ?, ?, ?, ?)",
        [
            (subject, one.stamp, source, one.position, numbers[one.kind], one.station)
            for one in lines
            for subject in one.subjects
        ],
    )
