"""What may be in conflict after facts were loaded in bulk, asked of whole tables at once.

Each question is the one that app.store.project_conflicts asks per entry; naming a subject too many does no
harm, since its conflicts are derived anew from the facts.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from app.store.prepared import driver
from domain.conflict_tickets import ON_TRUST
from domain.conflicts import SubjectKind, subject_of

if TYPE_CHECKING:
    from app.store.snapshot_fill import Attached

_CALLED_OFF = "SELECT event, hlc FROM event_fact WHERE kind = 'event_cancelled'"
_AFTER_CANCEL = (
    f"WITH off AS MATERIALIZED ({_CALLED_OFF}) "
    "SELECT DISTINCT p.order_id FROM position p CROSS JOIN off WHERE off.event = p.event AND p.hlc >= off.hlc"
)
_PRICED = (
    "SELECT CAST(name AS INTEGER) AS product, hlc, json_extract(fields, '$.price_version') AS version "
    "FROM catalogue_patch WHERE object = 'product' AND json_extract(fields, '$.price_version') > 1"
)
_STALE = (
    f"WITH priced AS MATERIALIZED ({_PRICED}) "
    "SELECT DISTINCT p.order_id FROM position p CROSS JOIN priced c "
    "WHERE c.product = p.product AND p.hlc >= c.hlc AND p.price_version < c.version"
)
_SELDOM = ((_CALLED_OFF, _AFTER_CANCEL), (_PRICED, _STALE))
"""Queries of all positions with the few facts that they hang on: without these there is nothing to ask. CROSS
JOIN keeps the many rows outside, or SQLite makes an index of them for each query."""
_OFTEN = (
    "SELECT serial FROM gate_fact WHERE kind = 'admitted' AND live = 1 GROUP BY serial HAVING sum(people) > 1"
)
_CANCELLED = (
    "SELECT DISTINCT g.serial FROM event_fact e JOIN gate_fact g ON e.event IN (g.event, g.at_event) "
    "AND g.hlc >= e.hlc WHERE e.kind = 'event_cancelled' AND g.kind = 'admitted'"
)
_CANCELLED_AT_HOME = (
    "SELECT DISTINCT g.serial FROM event_fact e JOIN ticket t ON t.event = e.event "
    "JOIN gate_fact g ON g.serial = t.serial AND g.hlc >= e.hlc "
    "WHERE e.kind = 'event_cancelled' AND g.kind = 'admitted'"
)
_TRUSTED = "SELECT DISTINCT serial FROM gate_fact WHERE kind = 'admitted' AND verdict IN ({})"
_SEATS = (
    "SELECT performance, seat FROM position WHERE seat IS NOT NULL GROUP BY performance, seat "
    "HAVING count(*) > 1"
)
_FULL = (
    "SELECT pool FROM pool_tally t WHERE used > coalesce("
    "(SELECT json_extract(fields, '$.capacity') FROM performance WHERE number = t.pool), "
    "(SELECT json_extract(fields, '$.capacity') FROM quota WHERE number = t.pool)) "
    "UNION SELECT pool FROM slot_shared"
)


def subjects(connection: Connection, stages: "Attached", lots: Sequence[str]) -> set[str]:
    """The subjects to look at, as texts. `lots`: those of positions in which a ticket may be there twice;
    shared places are noted already (app.store.pool_places)."""
    raw = driver(connection)
    trusted = _TRUSTED.format(", ".join(f"'{verdict}'" for verdict in sorted(ON_TRUST)))
    found = {
        subject_of(SubjectKind.TICKET, row[0])
        for query in (_OFTEN, _CANCELLED, _CANCELLED_AT_HOME, trusted)
        for row in raw.execute(query)
    }
    found |= {
        subject_of(SubjectKind.ORDER, row[0])
        for few, query in _SELDOM
        if raw.execute(few).fetchone() is not None
        for row in raw.execute(query)
    }
    found |= {subject_of(SubjectKind.SEAT, *row) for row in raw.execute(_SEATS)}
    found |= {subject_of(SubjectKind.POOL, row[0]) for row in raw.execute(_FULL)}
    for lot in lots:
        rows = stages.union(lot, "serial, order_id, entry_id")
        sold_twice = f"SELECT serial FROM ({rows}) GROUP BY serial HAVING count(DISTINCT entry_id) > 1"
        for row in raw.execute(f"SELECT serial, order_id FROM ({rows}) WHERE serial IN ({sold_twice})"):
            found.add(subject_of(SubjectKind.TICKET, row[0]))
            found.add(subject_of(SubjectKind.ORDER, row[1]))
    return found
