"""Leases in the store: the set that the hub said last, requests on their way, places given back.

Reading a lease means reading what is left of it: the slots that no sale known here uses and that were not
given back.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from app.store.prepared import Prepared
from app.store.replica import read_meta, write_meta
from app.store.schema import LEASE, LEASE_REQUEST, LEASE_RETURN, SLOT
from domain.errors import Fault
from domain.leases import Held, Instant, Life, read_slots

VERSION = "lease_version"
KEPT_REQUESTS = 200

_ALL = (
    select(
        LEASE.c.lease,
        LEASE.c.pool,
        LEASE.c.first,
        LEASE.c.last,
        LEASE.c.slots,
        LEASE.c.ttl_ms,
        LEASE_REQUEST.c.sent_ms,
        LEASE_REQUEST.c.sent_mono_ms,
        LEASE_REQUEST.c.sent_boot,
    )
    .outerjoin(LEASE_REQUEST, LEASE_REQUEST.c.request == LEASE.c.request)
    .order_by(LEASE.c.pool, LEASE.c.lease)
)
_LEASES = Prepared(_ALL)
_OF_POOL = Prepared(_ALL.where(LEASE.c.pool == bindparam("of_pool")))
_LAST_USED = Prepared(
    select(func.max(SLOT.c.slot)).where(
        SLOT.c.pool == bindparam("of_pool"), SLOT.c.lease == bindparam("of_lease")
    )
)
_USED = Prepared(
    select(SLOT.c.slot).where(SLOT.c.pool == bindparam("of_pool"), SLOT.c.lease == bindparam("of_lease"))
)
_RETURNED = Prepared(
    select(LEASE_RETURN.c.first, LEASE_RETURN.c.last).where(LEASE_RETURN.c.lease == bindparam("of_lease"))
)
_KEPT = Prepared(select(LEASE).order_by(LEASE.c.lease))
_OPEN = Prepared(
    select(LEASE_REQUEST.c.request, LEASE_REQUEST.c.wants)
    .where(LEASE_REQUEST.c.answered == 0)
    .order_by(LEASE_REQUEST.c.request)
)


def held(connection: Connection, pools: Sequence[int] | None = None) -> list[Held]:
    """What this station holds in these pools, or in all."""
    if pools is None:
        rows = _LEASES.rows(connection, {})
    else:
        rows = [row for pool in sorted(set(pools)) for row in _OF_POOL.rows(connection, {"of_pool": pool})]
    return [_held(connection, row) for row in rows]


def _held(connection: Connection, row: Any) -> Held:
    name = {"of_pool": row.pool, "of_lease": row.lease}
    back = list(_RETURNED.all(connection, name))
    free: Sequence[int]
    if row.slots is not None:
        used = {slot for (slot,) in _USED.all(connection, name)}
        free = tuple(slot for slot in json.loads(row.slots) if slot not in used)
    else:
        last_used = _LAST_USED.scalar(connection, name)
        free = range(max(row.first, (last_used or 0) + 1), row.last + 1)
    if back:
        free = tuple(slot for slot in free if not any(first <= slot <= last for first, last in back))
    life = None
    if row.sent_ms is not None:
        life = Life(Instant(row.sent_ms, row.sent_mono_ms, row.sent_boot), row.ttl_ms)
    return Held(row.lease, row.pool, free, life)


def version(connection: Connection) -> int:
    """The version of the set that is kept."""
    return int(read_meta(connection, VERSION) or 0)


def replace_all(connection: Connection, set_version: int, items: Sequence[Mapping[str, Any]]) -> None:
    """Put the hub's full set in place of what is kept. Raises Fault HUB_REPLY for a lease without slots."""
    rows = [_row(item) for item in items]
    connection.execute(delete(LEASE))
    if rows:
        connection.execute(insert(LEASE), rows)
    write_meta(connection, VERSION, str(set_version))


def same(connection: Connection, items: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the kept set is this one already."""
    kept = [row._asdict() for row in _KEPT.rows(connection, {})]
    return kept == sorted((_row(item) for item in items), key=lambda row: str(row["lease"]))


def _row(item: Mapping[str, Any]) -> dict[str, Any]:
    try:
        slots = read_slots(item)
        listed = None if isinstance(slots, range) else json.dumps(list(slots))
        row = {
            "lease": str(item["lease"]),
            "pool": int(item["pool"]),
            "first": slots[0] if isinstance(slots, range) else None,
            "last": slots[-1] if isinstance(slots, range) else None,
            "slots": listed,
            "request": str(item["request"]),
            "ttl_ms": int(item["ttl_ms"]),
        }
    except (KeyError, TypeError, ValueError):
        raise Fault("HUB_REPLY", field="leases.items") from None
    return row


def open_request(connection: Connection) -> tuple[str, list[dict[str, Any]]] | None:
    """The request that was sent and not answered: its id and wants."""
    row = _OPEN.first(connection, {})
    return None if row is None else (row[0], json.loads(row[1]))


def add_request(
    connection: Connection, request: str, wants: Sequence[Mapping[str, Any]], sent: Instant
) -> None:
    """Note a request with the moment of its first sending; old ones that no lease names are dropped."""
    connection.execute(
        insert(LEASE_REQUEST),
        {
            "request": request,
            "wants": json.dumps(list(wants)),
            "sent_ms": sent.wall_ms,
            "sent_mono_ms": sent.mono_ms,
            "sent_boot": sent.boot,
            "answered": 0,
        },
    )
    newest = select(LEASE_REQUEST.c.request).order_by(LEASE_REQUEST.c.sent_ms.desc()).limit(KEPT_REQUESTS)
    connection.execute(
        delete(LEASE_REQUEST).where(
            LEASE_REQUEST.c.answered == 1,
            LEASE_REQUEST.c.request.not_in(newest),
            LEASE_REQUEST.c.request.not_in(select(LEASE.c.request)),
        )
    )


def answered(connection: Connection, request: str) -> None:
    """The hub has answered it."""
    connection.execute(update(LEASE_REQUEST).where(LEASE_REQUEST.c.request == request).values(answered=1))
