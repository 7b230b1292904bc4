"""What an operator may do about leases: put the unsold places of a station that is gone back on sale.

Three ways, by what is known of what it had sold: its disk was read (`Drained`), its last receipt or Z tells
the count (`Sold`), or nothing is known and a risk is stated (`Risk`).
"""

from dataclasses import dataclass

import psycopg

from domain.errors import Refusal
from sync import hub_inbox
from sync.hub_admin import connect, faults
from sync.hub_roles import as_owner


@dataclass(frozen=True, slots=True)
class Drained:
    """Everything that was on its disk is at the hub or in the inbox: what is unsold, is."""


@dataclass(frozen=True, slots=True)
class Sold:
    """It has sold `places` of a pool in all, as its paper says; `pool` None: it holds places of one only."""

    places: int
    pool: int | None = None


@dataclass(frozen=True, slots=True)
class Risk:
    """At most so many of each pool go back, and by so many it may be oversold."""

    places: int


Way = Drained | Sold | Risk


@dataclass(frozen=True, slots=True)
class Reclaimed:
    """Places that went back to their pools."""

    station: str
    name: str
    freed: dict[int, int]


def reclaim(dsn: str, station: str, way: Way) -> Reclaimed:
    """Take unsold places from a station that is gone.

    Raises Refusal STATION_UNKNOWN (`station`), RISK_INVALID (`risk`), SOLD_INVALID (`sold`), POOL_NEEDED
    (`pools`: there are several), INBOX_WAITING (`count`: entries of it that cannot be released yet);
    Fault HUB_….
    """
    match way:
        case Risk(places) if places < 1:
            raise Refusal("RISK_INVALID", risk=places)
        case Sold(places) if places < 0:
            raise Refusal("SOLD_INVALID", sold=places)
        case Drained():
            hub_inbox.release(dsn)
    with connect(dsn) as connection, faults():
        as_owner(connection)
        row = connection.execute(
            "SELECT s.station, s.name FROM hub.station s WHERE s.station = %s OR s.name = %s "
            "ORDER BY s.station = %s DESC, s.enrolled_at DESC LIMIT 1",
            (station, station, station),
        ).fetchone()
        if row is None:
            raise Refusal("STATION_UNKNOWN", station=station)
        word, count, pool = _spoken(connection, row[0], way)
        found = connection.execute(
            "SELECT hub.reclaim(%s, %s, %s, %s)", (row[0], word, count, pool)
        ).fetchone()
    freed = {int(number): int(places) for number, places in (found[0] if found else {}).items()}
    return Reclaimed(row[0], row[1], freed)


def _spoken(connection: psycopg.Connection, station: str, way: Way) -> tuple[str, int | None, int | None]:
    """The way as the hub's function takes it: word, count, pool."""
    match way:
        case Risk(places):
            return "risk", places, None
        case Sold(places, pool):
            return "sold", places, pool or _only_pool(connection, station)
        case Drained():
            row = connection.execute(
                "SELECT count(*) FROM hub.inbox WHERE station = %s AND state = 'waiting'", (station,)
            ).fetchone()
            if row is not None and row[0]:
                raise Refusal("INBOX_WAITING", count=int(row[0]))
            return "drained", None, None


def _only_pool(connection: psycopg.Connection, station: str) -> int | None:
    """The pool that a station holds unsold places of; None when there is none."""
    pools = [
        int(row[0])
        for row in connection.execute(
            "SELECT DISTINCT pool FROM hub.lease WHERE station = %s AND size > used + back ORDER BY pool",
            (station,),
        )
    ]
    if len(pools) > 1:
        raise Refusal("POOL_NEEDED", pools=", ".join(map(str, pools)))
    return pools[0] if pools else None
