"""Projections thrown away and computed again from the entries: after an upgrade, and when somebody asks.

Everything happens in one transaction, so a kill in the middle leaves what was there before.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, delete, select
from sqlalchemy.dialects.sqlite import insert

from app.store import project_trust, replica
from app.store.core import StoreCore
from app.store.facts import bump_version
from app.store.journal import Identity
from app.store.prepared import Prepared
from app.store.schema import HELD_ENTRY, JOURNAL, PROJECTED, REPLICA_ENTRY
from app.store.trust import StoreKeys
from app.store.verify import Report, check_entries, parsed
from domain.entry import Entry

ROWS_AT_ONCE = 1_000
REBUILT = "rebuilt"
"""In `meta`: how often all of it was computed again; a snapshot under way looks whether it was meanwhile."""
_EMPTY = [Prepared(delete(table)) for table in PROJECTED]
_HOLD = insert(HELD_ENTRY).on_conflict_do_nothing()


def rebuild_store(core: StoreCore, identity: Identity, keys: StoreKeys) -> Report:
    """Check pages, chain and signatures; when they are good, compute all projections again.

    The report says what was found before: with problems in it nothing was changed.
    """
    report = Report()
    with core.writing() as work:
        for _ in check_entries(work.connection, identity.station, keys, report):
            pass
        if report.clean:
            rebuild(work.connection, identity.station)
            report.tables = len(PROJECTED)
            work.commit()
    return report


def rebuild(connection: Connection, station: str) -> None:
    """Empty every projected table and fill it from the entries, in the caller's transaction. Another's entry
    whose values do not fit together is held, so that it delays nothing."""
    for empty in _EMPTY:
        empty.run(connection, {})
    outvoted = replica.outvoted(connection)
    for entry in _entries(connection, JOURNAL, station):
        if entry.entry_id not in outvoted and replica.misfit(entry) is None:
            replica.project(connection, entry)
    held = set(connection.execute(select(HELD_ENTRY.c.entry_id)).scalars())
    for entry in _entries(connection, REPLICA_ENTRY, None):
        if entry.entry_id in held:
            continue
        reason = replica.misfit(entry) or replica.project(connection, entry)
        if reason is not None:
            row = {"entry_id": entry.entry_id, "kind": entry.kind, "v": entry.v, "reason": reason}
            connection.execute(_HOLD, row)
    for aside, code, known in project_trust.kept_aside(connection):
        project_trust.rejected(connection, aside, code, known)
    replica.write_meta(connection, REBUILT, str(int(replica.read_meta(connection, REBUILT) or 0) + 1))
    bump_version(connection)


def _entries(connection: Connection, table: Table, station: str | None) -> Iterator[Entry]:
    """Rows that can be read, in their order; read in pieces, since the same connection writes meanwhile."""
    last: Any = -1
    while rows := connection.execute(
        select(table).where(table.c.position > last).order_by(table.c.position).limit(ROWS_AT_ONCE)
    ).all():
        for row in rows:
            entry = parsed(station or row.station, row)
            if entry is not None:
                yield entry
        last = rows[-1].position
