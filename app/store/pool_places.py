"""Places of a pool that something may be wrong with, kept where they are found quickly.

What speaks for a conflict of a pool is said by domain.conflict_sales; it asks for the places that several
tickets share, and for the last ones of an oversold pool. Both are few, the pool may be large: shared places
are noted when the second ticket takes one, and an oversold pool has its places in the order of their sales
for as long as it is oversold. An ordinary sale writes none of this.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from app.store.prepared import Prepared

# CROSS JOIN keeps the few rows outside; else SQLite goes through the pool to look for them.
_SHARE = Prepared(
    text(
        "INSERT OR IGNORE INTO slot_shared (pool, lease, slot) SELECT pool, lease, slot FROM slot "
        "WHERE pool = :pool AND lease = :lease AND slot BETWEEN :low AND :high "
        "GROUP BY slot HAVING count(*) > 1"
    )
)
_SHARE_ALL = Prepared(
    text(
        "INSERT OR IGNORE INTO slot_shared (pool, lease, slot) SELECT pool, lease, slot FROM slot "
        "GROUP BY pool, lease, slot HAVING count(*) > 1"
    )
)
_LINED = Prepared(text("SELECT EXISTS (SELECT 1 FROM pool_line WHERE pool = :pool)"))
_TAKEN = (
    "FROM slot s CROSS JOIN position p ON p.serial = s.serial WHERE s.pool = :pool AND NOT EXISTS "
    "(SELECT 1 FROM slot_freed f WHERE f.pool = s.pool AND f.lease = s.lease AND f.slot = s.slot "
    "AND f.serial = s.serial)"
)
_INTO_LINE = (
    "INSERT OR REPLACE INTO pool_line (pool, lease, slot, serial, hlc, entry_id) "
    "SELECT s.pool, s.lease, s.slot, s.serial, p.hlc, p.entry_id "
)
_LINE_UP = Prepared(text(f"{_INTO_LINE} {_TAKEN}"))
_LEAVE = Prepared(
    text("DELETE FROM pool_line WHERE pool = :pool AND lease = :lease AND slot = :slot AND serial = :serial")
)
_COME = Prepared(
    text(f"{_INTO_LINE} {_TAKEN} AND s.lease = :lease AND s.slot = :slot AND s.serial = :serial")
)
_DISSOLVE = Prepared(text("DELETE FROM pool_line WHERE pool = :pool"))
_SOLD_AGAIN = Prepared(text("SELECT pool, lease, slot, serial FROM pool_line WHERE serial = :serial"))
_LEASES = Prepared(text("SELECT DISTINCT pool, lease FROM slot WHERE serial = :serial"))
_SHARED = Prepared(
    text(
        "SELECT s.lease, s.slot, p.* FROM slot_shared x CROSS JOIN slot s ON s.pool = x.pool "
        "AND s.lease = x.lease AND s.slot = x.slot CROSS JOIN position p ON p.serial = s.serial "
        "WHERE x.pool = :pool AND NOT EXISTS (SELECT 1 FROM slot_freed f WHERE f.pool = s.pool "
        "AND f.lease = s.lease AND f.slot = s.slot AND f.serial = s.serial)"
    )
)
_LAST = Prepared(
    text(
        "SELECT l.lease, l.slot, p.* FROM (SELECT * FROM pool_line WHERE pool = :pool "
        "ORDER BY hlc DESC, entry_id DESC, lease DESC, slot DESC LIMIT :most) l "
        "CROSS JOIN position p ON p.serial = l.serial"
    )
)


def follow(connection: Connection, pool: int, lease: str, low: int, high: int) -> None:
    """Note the places from `low` to `high` that are shared now."""
    _SHARE.run(connection, {"pool": pool, "lease": lease, "low": low, "high": high})


def step(connection: Connection, positions: Iterable[Mapping[str, Any]]) -> None:
    """Places of these tickets were taken or given back: the line of an oversold pool follows."""
    lined: dict[int, bool] = {}
    for position in positions:
        for held in position["slots"]:
            pool = held["pool"]
            if pool not in lined:
                lined[pool] = bool(_LINED.scalar(connection, {"pool": pool}))
            for slot in held["slots"] if lined[pool] else ():
                place = {"pool": pool, "lease": held["lease"], "slot": slot, "serial": position["serial"]}
                _LEAVE.run(connection, place)
                _COME.run(connection, place)


def sold_again(connection: Connection, serials: Sequence[str]) -> None:
    """Of two sales of one ticket the earlier counts, which may be another one now: in the line of an oversold
    pool its places stand where that sale stands."""
    places = [row for serial in serials for row in _SOLD_AGAIN.rows(connection, {"serial": serial})]
    for place in places:
        _COME.run(connection, place._asdict())


def of_tickets(connection: Connection, serials: Sequence[str]) -> list[tuple[int, str]]:
    """Pools and leases that these tickets have places in."""
    return sorted({row for serial in serials for row in _LEASES.all(connection, {"serial": serial})})


def settle(connection: Connection, pool: int, *, oversold: bool) -> None:
    """Make the line of a pool that has become oversold; dissolve that of one that no longer is."""
    lined = bool(_LINED.scalar(connection, {"pool": pool}))
    if oversold and not lined:
        _LINE_UP.run(connection, {"pool": pool})
    elif lined and not oversold:
        _DISSOLVE.run(connection, {"pool": pool})


def gather(connection: Connection) -> None:
    """Note all shared places, after places were loaded in bulk."""
    _SHARE_ALL.run(connection, {})


def shared(connection: Connection, pool: int) -> list[Any]:
    """What is taken of the shared places: lease, slot and the ticket's position."""
    return _SHARED.rows(connection, {"pool": pool})


def last(connection: Connection, pool: int, most: int) -> list[Any]:
    """The places of an oversold pool that were sold last."""
    return _LAST.rows(connection, {"pool": pool, "most": most})
