"""Core statements for the hot path, compiled once and run on the driver's own cursor.

SQLAlchemy's execution costs about ten times what SQLite needs for a small statement; a scan at a gate has a
dozen of them. Errors come out as the driver's and are mapped like all others (app.store.faults).
"""

from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql import ClauseElement

_named: Any = namedtuple
_DIALECT = SQLiteDialect_pysqlite(paramstyle="qmark")


class Prepared:
    """A statement without types that need converting (text, integers, bytes) and without IN lists."""

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        """`columns`: of an insert that leaves the rest to the table."""
        if not isinstance(statement, ClauseElement):
            raise TypeError("a Core statement")
        compiled: Any = statement.compile(
            dialect=_DIALECT, column_keys=None if columns is None else list(columns)
        )
        self.sql = str(compiled)
        self._row: Any = None
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._fixed: dict[str, Any] = {
            name: value for name, value in compiled.params.items() if value is not None
        }

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Execute with these values; answers the driver's cursor."""
        fixed = self._fixed
        marks = [values[name] if name in values else fixed[name] for name in self._names]
        return driver(connection).execute(self.sql, marks)

    def many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Execute for each of these rows; answers how many rows of the table changed."""
        if not rows:
            return 0
        names = self._names
        cursor = driver(connection).executemany(self.sql, [[row[name] for name in names] for row in rows])
        changed: int = cursor.rowcount
        return changed

    def first(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row as a plain tuple."""
        row: tuple[Any, ...] | None = self.run(connection, values).fetchone()
        return row

    def scalar(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The first column of the first row; None without one."""
        row = self.run(connection, values).fetchone()
        return None if row is None else row[0]

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """All rows with their columns as attributes; of two with one name only the first has it."""
        cursor = self.run(connection, values)
        if self._row is None:
            self._row = _named("Row", [column[0] for column in cursor.description], rename=True)
        return list(map(self._row._make, cursor))

    def all(self, connection: Connection, values: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
        """All rows as plain tuples."""
        rows: Iterator[tuple[Any, ...]] = self.run(connection, values)
        return rows


def driver(connection: Connection) -> Any:
    """The driver's connection beneath an open one."""
    return connection.connection.driver_connection
