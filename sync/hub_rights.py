"""What an operator may do about order rights and values: write off what a dead station held."""

from dataclasses import dataclass

from domain.errors import Refusal
from sync.hub_admin import connect, faults
from sync.hub_roles import as_owner


@dataclass(frozen=True, slots=True)
class WrittenOff:
    """What went back to the hub: so many orders may be changed twice, so much may be spent twice at most."""

    station: str
    name: str
    rights: int
    amount_minor: int


def write_off(dsn: str, station: str, risk: int, value_risk_minor: int = 0) -> WrittenOff:
    """Take at most `risk` order rights, and amounts set aside on values up to `value_risk_minor`, from a
    station that is gone.

    Raises Refusal STATION_UNKNOWN (`station`), RISK_INVALID (`risk`); Fault HUB_….
    """
    if risk < 0 or value_risk_minor < 0 or not risk + value_risk_minor:
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
        found = connection.execute(
            "SELECT hub.write_off_rights(%s, %s, %s)", (row[0], risk, value_risk_minor)
        ).fetchone()
    done = found[0] if found else {}
    return WrittenOff(row[0], row[1], int(done.get("rights", 0)), int(done.get("amount_minor", 0)))
