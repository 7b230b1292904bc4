"""Tables beside the live ones: filled in short transactions, then put into their places by one.

A fresh table is made from the very text of the live one: columns, keys and indexes are the same, the names
differ. `swap` exchanges where each pair begins in the file, so that a whole house is there from one moment to
the next, for the price of a few rows of the schema. What lay in the live tables lies in the fresh ones then,
and is taken away in short transactions again.

Rows come in the order of the table's key, so an index that is written along with them is written all over,
and each of its pages many times. An index of a table without row numbers is, page by page, what a table of
its columns and that table's key would be; so most indexes are such tables (`Leaf`) until the exchange, and
are filled in their own order.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Index, Table

from app.store.schema import (
    FORGOTTEN_EVENT,
    FORGOTTEN_SUM,
    METADATA,
    PROJECTED,
    REPLICA_ENTRY,
    SHORT_ENTRY,
)

PREFIX = "fresh_"
_BEYOND = (SHORT_ENTRY, FORGOTTEN_EVENT, FORGOTTEN_SUM)
NAMES = tuple(table.name for table in (REPLICA_ENTRY, *_BEYOND, *PROJECTED))
"""The tables that a snapshot brings; afterwards no entry is kept in short, and nothing is forgotten."""
_AUTO = "sqlite_autoindex_"
_MADE = (
    "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = ? AND type IN ('table', 'index') "
    "ORDER BY 1 DESC, 2"
)
EMPTIED_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Leaf:
    """An index that is a table of its own until the exchange; `columns`: all that a row of it holds."""

    index: str
    table: str
    columns: tuple[str, ...]

    def statement(self) -> str:
        """What makes the table."""
        columns = METADATA.tables[self.table].c
        made = ", ".join(f'"{name}" {columns[name].type} NOT NULL' for name in self.columns)
        return (
            f'CREATE TABLE "{fresh(self.index)}" ({made}, '
            f"PRIMARY KEY ({', '.join(self.columns)})) STRICT, WITHOUT ROWID"
        )


def fresh(name: str) -> str:
    """The name of what lies beside a table or an index."""
    return f"{_AUTO}{PREFIX}{name.removeprefix(_AUTO)}" if name.startswith(_AUTO) else PREFIX + name


def present(raw: Any) -> list[str]:
    """Names of the fresh tables that there are."""
    found = raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    return [row[0] for row in found if row[0].startswith(PREFIX)]


def leaves(raw: Any, name: str) -> list[Leaf]:
    """The indexes of a table that are filled by themselves: those that the program knows, where the file has
    them as it does. The key of such a table takes no NULL, so neither may the index."""
    made = (_leaf(METADATA.tables[name], each) for each in METADATA.tables[name].indexes)
    found = [each for each in made if each is not None and _is_made_so(raw, each)]
    return sorted(found, key=lambda each: each.index)


def _leaf(table: Table, index: Index) -> Leaf | None:
    options = table.dialect_options["sqlite"]
    parts = index.dialect_options["sqlite"]["where"]
    if options["with_rowid"] or parts is not None or any(column.nullable for column in index.columns):
        return None
    keys = [column.name for column in table.primary_key if column.name not in index.columns]
    return Leaf(str(index.name), table.name, (*(column.name for column in index.columns), *keys))


def _is_made_so(raw: Any, leaf: Leaf) -> bool:
    rows = raw.execute(
        "SELECT name FROM pragma_index_xinfo(?) WHERE coll = 'BINARY' AND \"desc\" = 0 ORDER BY seqno",
        (leaf.index,),
    )
    return tuple(row[0] for row in rows) == leaf.columns


def make(raw: Any) -> None:
    """Make all fresh tables, empty, inside a transaction."""
    for name in NAMES:
        for statement in _statements(raw, name).values():
            raw.execute(statement)


def fits(raw: Any) -> bool:
    """Whether the fresh tables are made as the live ones are (an update may have come in between)."""
    there = {
        name: sql
        for name, sql in raw.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        if name.startswith(PREFIX)
    }
    wanted: dict[str, str] = {}
    for name in NAMES:
        wanted |= _statements(raw, name)
    return there == wanted


def swap(raw: Any) -> None:
    """Exchange live and fresh tables, inside a transaction; their makes are the same (`fits`).

    The schema of the file is changed as `ALTER TABLE … RENAME` changes it, but for its texts; every
    connection reads it again, since its version is another.
    """
    roots = {
        (kind, name): root
        for kind, name, root in raw.execute(
            "SELECT type, name, rootpage FROM sqlite_schema WHERE rootpage > 0"
        )
    }
    pairs = []
    for table in NAMES:
        apart = {each.index for each in leaves(raw, table)}
        for kind, name, _ in raw.execute(_MADE, (table,)).fetchall():
            pairs.append(((kind, name), ("table" if name in apart else kind, fresh(name))))
    raw.execute("PRAGMA writable_schema = ON")
    try:
        for one, other in pairs:
            for (kind, name), root in ((one, roots[other]), (other, roots[one])):
                raw.execute(
                    "UPDATE sqlite_schema SET rootpage = ? WHERE type = ? AND name = ?", (root, kind, name)
                )
        version = raw.execute("PRAGMA schema_version").fetchone()[0]
        raw.execute(f"PRAGMA schema_version = {version + 1}")
    finally:
        raw.execute("PRAGMA writable_schema = OFF")


def removal(raw: Any) -> Iterator[None]:
    """Take away what the fresh tables hold, and them: a short piece of a write transaction at a time."""
    for name in present(raw):
        indexes = raw.execute(
            "SELECT name FROM sqlite_schema WHERE tbl_name = ? AND type = 'index' AND sql IS NOT NULL",
            (name,),
        ).fetchall()
        for (index,) in indexes:
            raw.execute(f'DROP INDEX "{index}"')
            yield
        while raw.execute(f'DELETE FROM "{name}" LIMIT {EMPTIED_AT_ONCE}').rowcount == EMPTIED_AT_ONCE:
            yield
        raw.execute(f'DROP TABLE "{name}"')
        yield


def _statements(raw: Any, name: str) -> Mapping[str, str]:
    """What makes the fresh table of a live one, and its indexes, by their names."""
    apart = {each.index: each for each in leaves(raw, name)}
    return {
        fresh(known): apart[known].statement() if known in apart else _renamed(sql, kind, known, name)
        for kind, known, sql in raw.execute(_MADE, (name,)).fetchall()
        if sql
    }


def _renamed(sql: str, kind: str, name: str, table: str) -> str:
    if kind == "table":
        return _once(rf'^CREATE TABLE "?{re.escape(name)}"?(?=[\s(])', f'CREATE TABLE "{fresh(name)}"', sql)
    found = rf'^CREATE (UNIQUE )?INDEX "?{re.escape(name)}"? ON "?{re.escape(table)}"?(?=[\s(])'
    return _once(found, rf'CREATE \g<1>INDEX "{fresh(name)}" ON "{fresh(table)}"', sql)


def _once(pattern: str, by: str, text: str) -> str:
    made, count = re.subn(pattern, by, text, count=1)
    if count != 1:
        raise ValueError(text)
    return made
