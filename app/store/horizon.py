"""Forgets what was signed of others' old entries, a few at a time.

An entry is shortened (domain.horizon) when it came long enough ago, the hub said that it has it, it is
projected, and nothing asks for it whole: it is not about the organization, not an own one of a former epoch,
stands in no conflict, and no other content came under its id. The id stays, so that the entry is known when
the hub shows it again.

From then on the tables cannot be computed from the entries here alone. Whatever needs that (an id with two
meanings, a revocation that reaches back, a person who asks for it) leaves the tables as they are and asks for
a snapshot instead, which brings everything again.
"""

import json
from collections.abc import Callable, Mapping
from time import sleep
from typing import Any

from sqlalchemy import Connection

from app.store import trail
from app.store.control import ANSWER
from app.store.core import StoreCore
from app.store.prepared import driver
from app.store.rebuild import note_rebuilt
from app.store.replica import has_short, read_meta, write_meta
from app.store.snapshot_merge import DONE
from app.store.snapshot_scratch import FOLDER
from app.store.snapshot_slices import ROOM_SECONDS, Rest
from app.store.verify import Report
from domain import horizon
from domain.clock import Hlc
from sync.control import read_control
from sync.messages import Denied

AT_ONCE = 100
MOST = 2_000
"""Entries looked at in one go of the idle worker."""
NEEDED = "snapshot_needed"
"""In `meta`, while a snapshot is wanted in place of computing the tables anew: the one merged before."""
REASON = "horizon"

Tips = Mapping[tuple[str, int], int]

_NEXT = (
    "SELECT position, entry_id, station, epoch, seq, hlc, content, content_hash, received_ms "
    "FROM replica_entry WHERE position > ? AND position < (SELECT max(position) FROM replica_entry) "
    "ORDER BY position LIMIT ?"
)
"""The last one stays: where the next one lies must not be a place that was read already."""
_WANTED_WHOLE = (
    "SELECT entry_id FROM held_entry UNION SELECT entry_id FROM rejected_entry "
    "UNION SELECT each.value FROM conflict, json_each(conflict.entries) each"
)
_SHORTEN = (
    "INSERT OR REPLACE INTO short_entry (entry_id, station, epoch, seq, content_hash, content) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)


def never() -> bool:
    """Nobody wants it to stop."""
    return False


class StoreHorizon:
    """`store.horizon`. Safe to be broken off anywhere: each piece is one transaction, and begins anew."""

    def __init__(self, core: StoreCore, rest: Rest = sleep) -> None:
        self._core = core
        self._rest = rest
        self._after = 0

    def shorten(self, now_ms: int, days: int, most: int = MOST, stopping: Callable[[], bool] = never) -> int:
        """Look at the next entries, up to `most`, and shorten those that may be; answers how many were.
        `now_ms`: the hub's time. 0 `days`: keep all for ever. `stopping` is asked between pieces.
        Raises Fault."""
        before_ms = horizon.shortest_ms(now_ms, days)
        done, looked = 0, 0
        while before_ms is not None and looked < most and not (stopping() or self._snapshot_begun()):
            if looked:
                self._rest(ROOM_SECONDS)
            seen, shortened = self._piece(before_ms)
            done += shortened
            looked += seen
            if seen < AT_ONCE:  # from the beginning the next time: what was wanted whole may not be any more
                self._after = 0
                break
        return done

    def count(self) -> int:
        """How many entries are kept in short."""
        with self._core.reading() as connection:
            found: int = driver(connection).execute("SELECT count(*) FROM short_entry").fetchone()[0]
        return found

    def come_anew(self) -> Report | None:
        """Where the tables cannot be computed from the entries here: ask for a snapshot, which brings them;
        None where they can."""
        with self._core.writing() as work:
            if not has_short(work.connection):
                return None
            need_snapshot(work.connection)
            work.commit()
        return Report(by_snapshot=True)

    def _snapshot_begun(self) -> bool:
        """Then everything comes again, and what is here is read for it."""
        return (self._core.path.parent / FOLDER).is_dir()

    def _piece(self, before_ms: int) -> tuple[int, int]:
        """One transaction: how many entries were looked at, how many are shorter now. One that is too young
        ends the search, since they lie in the order in which they came."""
        with self._core.reading() as connection:
            if not _next(connection, self._after, before_ms):
                return 0, 0
        with self._core.writing() as work:
            rows = _next(work.connection, self._after, before_ms)
            tips = hub_has(work.connection)
            whole = {row[0] for row in driver(work.connection).execute(_WANTED_WHOLE)} if rows else set()
            own = read_meta(work.connection, "station")
            chosen = [
                row for row in rows if row[1] not in whole and row[2] != own and _is_due(row, tips, before_ms)
            ]
            _shorten(work.connection, chosen)
            work.commit()
        if rows:
            self._after = rows[-1][0]
        return len(rows), len(chosen)


def _next(connection: Connection, after: int, before_ms: int) -> list[tuple[Any, ...]]:
    rows = driver(connection).execute(_NEXT, (after, AT_ONCE)).fetchall()
    young = next((at for at, row in enumerate(rows) if row[8] >= before_ms), len(rows))
    return rows[:young]  # type: ignore[no-any-return]


def hub_has(connection: Connection) -> Tips:
    """Where each journal ended at the hub that this station reads from, as the hub said last; nothing while
    it has not said so."""
    row = driver(connection).execute("SELECT value FROM local_setting WHERE name = ?", (ANSWER,)).fetchone()
    answer = read_control(json.loads(row[0])) if row is not None else None
    if answer is None or isinstance(answer, Denied):
        return {}
    return answer.tips if answer.incarnation == read_meta(connection, "incarnation") else {}


def _is_due(row: tuple[Any, ...], tips: Tips, before_ms: int) -> bool:
    _, _, station, epoch, seq, hlc, content, _, received_ms = row
    return (
        seq <= tips.get((station, epoch), 0)
        and horizon.is_old(received_ms, Hlc.parse(hlc).ms, before_ms)
        and not horizon.is_kept_whole(json.loads(content)["feeds"])
    )


def _shorten(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    raw = driver(connection)
    trail.drop(connection, trail.REPLICA, [row[0] for row in rows])
    raw.executemany(
        _SHORTEN,
        [
            (entry_id, station, epoch, seq, content_hash, horizon.shortened(content))
            for _, entry_id, station, epoch, seq, _, content, content_hash, _ in rows
        ],
    )
    raw.executemany("DELETE FROM replica_entry WHERE position = ?", [(row[0],) for row in rows])


def need_snapshot(connection: Connection) -> None:
    """The tables must come anew and cannot be computed here: to be called inside a transaction. A snapshot
    that is under way begins again."""
    write_meta(connection, NEEDED, read_meta(connection, DONE) or "")
    note_rebuilt(connection)


def is_needed(connection: Connection) -> bool:
    """Whether that snapshot has not come yet."""
    return read_meta(connection, NEEDED) == (read_meta(connection, DONE) or "")
