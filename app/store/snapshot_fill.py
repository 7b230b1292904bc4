"""Fills tables of facts from the stages of a snapshot, in the order of their keys; makes their indexes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.schema import CreateIndex

from app.store.prepared import driver
from app.store.schema import METADATA, POSITION
from app.store.snapshot_digest import lots_of

_FIRST = {
    "orders": "order_id, part, hlc, entry_id",
    "position": "serial, hlc, entry_id",
    "payment": "payment, hlc, entry_id",
}
"""Of several rows with one key the first in this order stays, as in app.store.facts.first_wins."""


@dataclass(frozen=True, slots=True)
class Attached:
    """Stages under the names they have on a connection."""

    names: Sequence[str]

    def union(self, table: str, columns: str) -> str:
        """A query for these columns of a table in all stages."""
        return " UNION ALL ".join(f"SELECT {columns} FROM {name}.{table}" for name in self.names)


def attach(connection: Connection, key: bytes, paths: Sequence[Path], *, writing: bool = True) -> Attached:
    """Make the stages readable on a connection, outside of a transaction."""
    names = [f"stage{at}" for at in range(len(paths))]
    for name, path in zip(names, paths, strict=True):
        attach_file(connection, path, key, name, writing=writing)
    return Attached(names)


def attach_file(connection: Connection, path: Path, key: bytes, name: str, *, writing: bool = True) -> None:
    """Make one file readable under a name; raises the driver's error when there is none. A file that is not
    for `writing` is not locked by whoever writes to others."""
    place = f"{path.absolute().as_uri()}?mode={'rw' if writing else 'ro'}"
    driver(connection).execute(f"ATTACH ? AS {name} KEY \"x'{key.hex()}'\"", (place,))


def detach(connection: Connection, names: Iterable[str]) -> None:
    """Let go of files."""
    for name in names:
        driver(connection).execute(f"DETACH {name}")


def fill(connection: Connection, stages: Attached, tables: Iterable[str]) -> list[str]:
    """Fill tables of facts; answers the lots in which a ticket may have been sold more than once."""
    raw = driver(connection)
    sold_twice: list[str] = []
    for name in tables:
        table = METADATA.tables[name]
        columns = ", ".join(f'"{column.name}"' for column in table.c)
        order = _FIRST.get(name) or ", ".join(column.name for column in table.primary_key)
        for lot in lots_of(name):
            query = stages.union(lot, columns)
            done = raw.execute(
                f"INSERT OR IGNORE INTO {name} ({columns}) SELECT * FROM ({query}) ORDER BY {order}"
            ).rowcount
            if name == POSITION.name and done != _most(raw, stages, lot):
                sold_twice.append(lot)
    return sold_twice


def _most(raw: Any, stages: Attached, lot: str) -> int:
    """As many rows as a lot has at most: stages are only appended to, but for what is unstaged."""
    rows = stages.union(lot, "max(rowid) AS rows")
    last: int | None = raw.execute(f"SELECT sum(rows) FROM ({rows})").fetchone()[0]
    return last or 0


def index(connection: Connection, tables: Iterable[str], schema: str | None = None) -> None:
    """The indexes of tables that were filled in bulk: made once, when the rows are there. `schema`: the file
    that the tables are in, where it is not the connection's own."""
    for name in tables:
        for each in sorted(METADATA.tables[name].indexes, key=lambda index: str(index.name)):
            connection.execute(CreateIndex(each), execution_options={"schema_translate_map": {None: schema}})
