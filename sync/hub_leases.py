"""What an operator may do about leases: give a dead station's places back, with a stated risk."""

from dataclasses import dataclass

from domain.errors import Refusal
from sync.hub_admin import as_owner, connect, faults


@dataclass(frozen=True, slots=True)
class Reclaimed:
    """Places that went back to their pools: by how many each pool may be oversold at most."""

    station: str
    name: str
    freed: dict[int, int]


def reclaim(dsn: str, station: str, risk: int) -> Reclaimed:
    """Take unsold places from a station that is gone, at most `risk` in each pool.

    What it had sold and not told goes over the capacity, by no more than that. Raises Refusal
    STATION_UNKNOWN (`station`), RISK_INVALID (`risk`); Fault HUB_….
    """
    if risk < 1:
        raise Refusal("RISK_INVALID", risk=risk)
    with connect(dsn) as connection, faults():
        as_owner(connection)
        row = connection.execute(
            "SELECT s.station, s.name FROM hub.station s WHERE s.station = %s OR s.name = %s "
            "ORDER BY s.station = %s DESC, s.enrolled_at DESC LIMIT 1",
            (station, station, station),
        ).fetchone()
        if row is None:
            raise Refusal("STATION_UNKNOWN", station=station)
        found = connection.execute("SELECT hub.reclaim(%s, %s)", (row[0], risk)).fetchone()
    freed = {int(pool): int(count) for pool, count in (found[0] if found else {}).items()}
    return Reclaimed(row[0], row[1], freed)
