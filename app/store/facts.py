"""Small shared moves of the projections: which of two rows stays, sums that forget their zeros, times.

All of them give the same table whatever the order of the entries.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, select, tuple_
from sqlalchemy.dialects.sqlite import Insert, insert

from app.store.prepared import Prepared, driver
from domain.clock import from_text, to_ms
from domain.entry import Entry

Row = Mapping[str, Any]


def at_ms(entry: Entry) -> int:
    """When the act happened, by the clock of the station that did it."""
    return to_ms(from_text(entry.clocks.wall_at))


def ms(text: str | None) -> int | None:
    """An optional time of a body as milliseconds."""
    return None if text is None else to_ms(from_text(text))


def first_wins(table: Table, *order: str) -> Insert:
    """An insert where, of two rows with one key, the one with the lowest `order` columns stays."""
    return _ranked(table, order or ("hlc", "entry_id"), lowest=True)


def last_wins(table: Table, *order: str) -> Insert:
    """An insert where, of two rows with one key, the one with the highest `order` columns stays."""
    return _ranked(table, order or ("hlc", "entry_id"), lowest=False)


def _ranked(table: Table, order: tuple[str, ...], *, lowest: bool) -> Insert:
    statement = insert(table)
    fresh = tuple_(*(statement.excluded[name] for name in order))
    present = tuple_(*(table.c[name] for name in order))
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={column.name: statement.excluded[column.name] for column in table.c if not column.primary_key},
        where=fresh < present if lowest else fresh > present,
    )


class Sums:
    """A table of sums: rows that are added to, and that vanish when all of their sums are zero, so that what
    came and went leaves no trace."""

    def __init__(self, table: Table) -> None:
        keys = [column.name for column in table.primary_key]
        self._names = [column.name for column in table.c if column.name not in keys]
        fresh = insert(table)
        self._add = Prepared(
            fresh.on_conflict_do_update(
                index_elements=keys,
                set_={name: table.c[name] + fresh.excluded[name] for name in self._names},
            )
        )
        mine = [table.c[name] == bindparam(name) for name in keys]
        empty = and_(*mine, *(table.c[name] == 0 for name in self._names))
        self._remove = Prepared(delete(table).where(empty))

    def add(self, connection: Connection, key: Row, **amounts: int) -> None:
        """Add amounts, which may be negative, to the row of a key."""
        if not any(amounts.values()):
            return
        self._add.run(connection, {**dict.fromkeys(self._names, 0), **key, **amounts})
        if min(amounts.values()) < 0:
            self._remove.run(connection, key)


def bump_version(connection: Connection) -> None:
    """Tell readers that catalogue, people, settings or stations have changed, so that they look again."""
    raw = driver(connection)
    (current,) = raw.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()
    raw.execute("UPDATE meta SET value = ? WHERE name = 'version'", (str(int(current) + 1),))


def checksum(connection: Connection, table: Table) -> str:
    """SHA-256 over all rows of a table in the order of its key: equal tables give equal sums."""
    digest = hashlib.sha256()
    for row in connection.execute(select(table).order_by(*table.primary_key)):
        digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()
