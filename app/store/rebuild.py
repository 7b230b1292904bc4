"""Projections thrown away and computed again from the entries: after an upgrade, and when somebody asks.

Everything happens in one transaction, so a kill in the middle leaves what was there before.
"""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, Table, delete, select

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
    """Empty every projected table and fill it from the entries, in the caller's transaction. An entry that
    cannot be read is held, so that it delays nothing: an own one too, which a newer program wrote here."""
    for empty in _EMPTY:
        empty.run(connection, {})
    held = set(connection.execute(select(HELD_ENTRY.c.entry_id)).scalars())
    outvoted = replica.outvoted(connection)
    for entry in _entries(connection, JOURNAL, station):
        if entry.entry_id not in outvoted:
            _project_or_hold(connection, entry, held)
    for entry in _entries(connection, REPLICA_ENTRY, None):
        _project_or_hold(connection, entry, held)
    for aside, code, known in project_trust.kept_aside(connection):
        project_trust.rejected(connection, aside, code, known)
    note_rebuilt(connection)
    bump_version(connection)


def note_rebuilt(connection: Connection) -> None:
    """Count it; see REBUILT."""
    replica.write_meta(connection, REBUILT, str(int(replica.read_meta(connection, REBUILT) or 0) + 1))


def _project_or_hold(connection: Connection, entry: Entry, held: Collection[str]) -> None:
    if entry.entry_id not in held:
        replica.project_or_hold(connection, entry)


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
