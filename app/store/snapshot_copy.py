"""Copies what a snapshot brings into the fresh tables of the live file, some rows at a time.

Rows go in by the order of their keys. How far a table is can be read off it; for the entries, which come
from several places, it is noted.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.store.schema import PROJECTED, REPLICA_ENTRY
from app.store.snapshot_fresh import fresh, leaves
from app.store.snapshot_scratch import Scratch
from domain.entry import parse

ROWS_AT_ONCE = 1_000
ENTRIES_AT_ONCE = 100
_REPLICA = REPLICA_ENTRY.name
_COLUMNS = tuple(column.name for column in REPLICA_ENTRY.c if column.name not in {"position", "received_ms"})
_INTO = ", ".join((*_COLUMNS, "received_ms"))
_ECHO = (
    "EXISTS (SELECT 1 FROM main.journal j WHERE j.entry_id = r.entry_id AND j.content_hash = r.content_hash)"
)


class Copy:
    """One copy, on a connection where scratch file and stages are attached.

    `progress`: source of entries → the last place taken from it; and how many entries were new.
    """

    def __init__(
        self, raw: Any, stages: list[str], replica_seen: int, now_ms: int, progress: Mapping[str, int]
    ) -> None:
        self._raw = raw
        self._stages = stages
        self._seen = replica_seen
        self._now_ms = now_ms
        self.progress: dict[str, int] = dict(progress)

    @property
    def entries(self) -> int:
        """How many entries the live file did not have."""
        return self.progress.get("fresh", 0)

    def work(self) -> Iterator[None]:
        """All of it, a few rows at a time, inside whatever transaction is open then."""
        for table in PROJECTED:
            keys = [column.name for column in table.primary_key]
            columns = [column.name for column in table.c]
            place = f'{Scratch.place_of(table.name)}."{table.name}"'
            yield from self._rows(table.name, place, columns, keys)
            for leaf in leaves(self._raw, table.name):
                ordered = f'{place} INDEXED BY "{leaf.index}"'
                yield from self._rows(leaf.index, ordered, leaf.columns, leaf.columns)
        yield from self._entries()

    def entries_alone(self) -> Iterator[None]:
        """Of all that only the entries of the stages, while the scratch file is still being built: for a file
        that has none yet, and stages in which no id has two contents."""
        for name in self._stages:
            plain = f"SELECT {_listed('r')}, {self._now_ms} FROM {name}.raw r WHERE NOT {_ECHO}"
            yield from self._source(name, f"{name}.raw", "id", _INTO, plain, fresh_ones=True)

    def _rows(self, name: str, source: str, names: Sequence[str], keys: Sequence[str]) -> Iterator[None]:
        """Fill what lies beside a table or an index, in the order of its key."""
        listed = ", ".join(f'"{key}"' for key in keys)
        down = ", ".join(f'"{key}" DESC' for key in keys)
        columns = ", ".join(f'"{column}"' for column in names)
        into = f'INSERT INTO main."{fresh(name)}" ({columns}) SELECT {columns} FROM {source}'
        last = f'SELECT {listed} FROM main."{fresh(name)}" ORDER BY {down} LIMIT 1'
        beyond = f"WHERE ({listed}) > ({', '.join('?' * len(keys))})"
        while True:
            after = self._raw.execute(last).fetchone()
            where, marks = (beyond, tuple(after)) if after is not None else ("", ())
            done = self._raw.execute(f"{into} {where} ORDER BY {listed} LIMIT {ROWS_AT_ONCE}", marks).rowcount
            yield
            if done < ROWS_AT_ONCE:
                return

    def _entries(self) -> Iterator[None]:
        """Those that are here (but for what counts no more), then those of the snapshot, but for the echo of
        the own journal."""
        mine = ", ".join((*_COLUMNS, "position", "received_ms"))
        kept = (
            "NOT EXISTS (SELECT 1 FROM scratch.outvoted o WHERE o.entry_id = r.entry_id AND o.hash = r.hash)"
        )
        here = f"SELECT {mine} FROM main.{_REPLICA} r WHERE r.position <= {self._seen} AND {kept}"
        yield from self._source("here", f"main.{_REPLICA}", "position", mine, here)
        taken = f"SELECT {_listed('r')}, {self._now_ms} FROM"
        org = f"{taken} scratch.{_REPLICA} r WHERE NOT {_ECHO}"
        yield from self._source("org", f"scratch.{_REPLICA}", "position", _INTO, org, fresh_ones=True)
        for at, name in enumerate(self._stages):
            staged = (
                f"{taken} {name}.raw r CROSS JOIN scratch.staged s ON s.entry_id = r.entry_id "
                f"AND s.stage = {at} AND s.id = r.id WHERE NOT {_ECHO}"
            )
            yield from self._source(name, f"{name}.raw", "id", _INTO, staged, fresh_ones=True)
        yield from self._revived()

    def _source(
        self, source: str, table: str, key: str, into: str, query: str, *, fresh_ones: bool = False
    ) -> Iterator[None]:
        """Everything from one place, by ranges of its row number."""
        end = self._raw.execute(f"SELECT coalesce(max({key}), 0) FROM {table}").fetchone()[0]
        insert = f"INSERT OR IGNORE INTO main.{fresh(_REPLICA)} ({into}) {query}"
        while (after := self.progress.get(source, 0)) < end:
            until = min(after + ENTRIES_AT_ONCE, end)
            done = self._raw.execute(
                f"{insert} AND r.{key} > ? AND r.{key} <= ? ORDER BY r.{key}", (after, until)
            ).rowcount
            self.progress[source] = until
            self.progress["fresh"] = self.entries + (done if fresh_ones else 0)
            yield

    def _revived(self) -> Iterator[None]:
        """Entries that were set aside and count again; there are few."""
        rows = self._raw.execute(
            "SELECT r.station, r.epoch, r.seq, r.content, r.prev_hash, r.hash, r.sig "
            "FROM main.rejected_entry r JOIN scratch.revived v ON v.entry_id = r.entry_id AND v.hash = r.hash"
        ).fetchall()
        marks = ", ".join("?" * (len(_COLUMNS) + 1))
        for row in rows:
            entry = parse(*row)
            values = {name: getattr(entry, name) for name in _COLUMNS if name != "hlc"}
            values["hlc"] = entry.origin.hlc
            self._raw.execute(
                f"INSERT OR IGNORE INTO main.{fresh(_REPLICA)} ({_INTO}) VALUES ({marks})",
                (*(values[name] for name in _COLUMNS), self._now_ms),
            )
        yield


def _listed(table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in _COLUMNS)
