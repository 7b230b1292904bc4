"""Plain numbers about the file, for metrics and for whoever helps: no person and no ticket is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select, text

from app.store import journal
from app.store.core import StoreCore
from app.store.journal import Identity
from app.store.replica import read_meta
from app.store.schema import (
    CONFLICT,
    GATE_FACT,
    HELD_ENTRY,
    JOURNAL,
    METADATA,
    PRINT_JOB,
    REJECTED_ENTRY,
    REVISION,
    TALLY,
    place,
)
from domain.clock import from_ms, to_ms

DAY_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Figures:
    """`failed`: entries of others that did not verify; `scans`: scans of the last day here by verdict;
    `oldest_at`: when the oldest entry was written that the hub does not have, None when it has all."""

    waiting: int
    held: int
    failed: int
    oldest_at: datetime | None
    conflicts: Mapping[str, int]
    scans: Mapping[str, int]
    print_jobs: Mapping[str, int]


class StoreFigures:
    """Reads them, each time in one snapshot."""

    def __init__(self, core: StoreCore, identity: Identity) -> None:
        self._core = core
        self._identity = identity

    def now(self, at: datetime) -> Figures:
        """As of this moment."""
        with self._core.reading() as connection:
            waiting, oldest = self._waiting(connection)
            return Figures(
                waiting=waiting,
                held=_count(connection, HELD_ENTRY),
                failed=_count(connection, REJECTED_ENTRY),
                oldest_at=oldest,
                conflicts=_counts(
                    connection,
                    select(CONFLICT.c.code, func.count())
                    .where(CONFLICT.c.open == 1)
                    .group_by(CONFLICT.c.code),
                ),
                scans=self._scans(connection, at),
                print_jobs=_counts(
                    connection, select(PRINT_JOB.c.state, func.count()).group_by(PRINT_JOB.c.state)
                ),
            )

    def revision(self) -> tuple[str, str]:
        """The file's schema revision, and the one that this program expects."""
        with self._core.reading() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(found), REVISION

    def table_counts(self) -> Mapping[str, int]:
        """Rows per table."""
        with self._core.reading() as connection:
            return {table.name: _count(connection, table) for table in METADATA.sorted_tables}

    def _waiting(self, connection: Connection) -> tuple[int, datetime | None]:
        epoch = self._identity.epoch
        if read_meta(connection, "has_hub") != "1":
            return 0, None
        first = place(epoch, journal.acked_seq(connection, epoch) + 1)
        oldest = connection.execute(select(JOURNAL.c.at_ms).where(JOURNAL.c.position == first)).scalar()
        waiting = journal.waiting(connection, epoch)
        return waiting, None if oldest is None else from_ms(oldest)

    def _scans(self, connection: Connection, at: datetime) -> Mapping[str, int]:
        gates = select(TALLY.c.gate).where(TALLY.c.gate != "").distinct()
        statement = (
            select(GATE_FACT.c.verdict, func.count())
            .where(
                GATE_FACT.c.gate.in_(gates),
                GATE_FACT.c.at_ms > to_ms(at) - DAY_MS,
                GATE_FACT.c.station == self._identity.station,
                GATE_FACT.c.verdict != "",
            )
            .group_by(GATE_FACT.c.verdict)
        )
        return _counts(connection, statement)


def _count(connection: Connection, table: Table) -> int:
    found: int = connection.execute(select(func.count()).select_from(table)).scalar_one()
    return found


def _counts(connection: Connection, statement: Select[Any]) -> Mapping[str, int]:
    return {str(name): int(count) for name, count in connection.execute(statement)}
