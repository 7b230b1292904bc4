"""Core statements for the hot path, compiled once and run on the driver's own cursor.

SQLAlchemy's execution costs about ten times what SQLite needs for a small statement; a scan at a gate has a
dozen of them. Errors come out as the driver's and are mapped like all others (app.store.faults).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql import ClauseElement

_DIALECT = SQLiteDialect_pysqlite(paramstyle="qmark")


class Prepared:
    """A statement without types that need converting (text, integers, bytes) and without IN lists."""

    def __init__(self, statement: Executable) -> None:
        if not isinstance(statement, ClauseElement):
            raise TypeError("a Core statement")
        compiled: Any = statement.compile(dialect=_DIALECT)
        self.sql = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._fixed: dict[str, Any] = {
            name: value for name, value in compiled.params.items() if value is not None
        }

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Execute with these values; answers the driver's cursor."""
        fixed = self._fixed
        marks = [values[name] if name in values else fixed[name] for name in self._names]
        return driver(connection).execute(self.sql, marks)

    def first(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row as a plain tuple."""
        row: tuple[Any, ...] | None = self.run(connection, values).fetchone()
        return row

    def all(self, connection: Connection, values: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
        """All rows as plain tuples."""
        rows: Iterator[tuple[Any, ...]] = self.run(connection, values)
        return rows


def driver(connection: Connection) -> Any:
    """The driver's connection beneath an open one."""
    return connection.connection.driver_connection
