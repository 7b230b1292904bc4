"""Tables beside the live ones: filled in short transactions, then put into their places by one.

A fresh table is made from the very text of the live one: columns, keys and indexes are the same, the names
differ. `swap` exchanges where each pair begins in the file, so that a whole house is there from one moment to
the next, for the price of a few rows of the schema. What lay in the live tables lies in the fresh ones then,
and is taken away in short transactions again.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from app.store.schema import PROJECTED, REPLICA_ENTRY

PREFIX = "fresh_"
NAMES = (REPLICA_ENTRY.name, *(table.name for table in PROJECTED))
"""The tables that a snapshot brings."""
_AUTO = "sqlite_autoindex_"
_MADE = (
    "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = ? AND type IN ('table', 'index') "
    "ORDER BY 1 DESC, 2"
)
EMPTIED_AT_ONCE = 2_000


def fresh(name: str) -> str:
    """The name of what lies beside a table or an index."""
    return f"{_AUTO}{PREFIX}{name.removeprefix(_AUTO)}" if name.startswith(_AUTO) else PREFIX + name


def present(raw: Any) -> list[str]:
    """Names of the fresh tables that there are."""
    found = raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    return [row[0] for row in found if row[0].startswith(PREFIX)]


def make(raw: Any) -> None:
    """Make all fresh tables, empty, inside a transaction."""
    for name in NAMES:
        for statement in _statements(raw, name):
            raw.execute(statement)


def fits(raw: Any) -> bool:
    """Whether the fresh tables are made as the live ones are (an update may have come in between)."""
    return all(
        [row[2] for row in raw.execute(_MADE, (fresh(name),)) if row[2]] == sorted_made
        for name in NAMES
        for sorted_made in [_statements(raw, name)]
    )


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
    pairs = [
        ((kind, name), (kind, fresh(name)))
        for table in NAMES
        for kind, name, _ in raw.execute(_MADE, (table,)).fetchall()
    ]
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


def _statements(raw: Any, name: str) -> Sequence[str]:
    """What makes the fresh table of a live one, and its indexes."""
    return [
        _renamed(sql, kind, known, name) for kind, known, sql in raw.execute(_MADE, (name,)).fetchall() if sql
    ]


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
