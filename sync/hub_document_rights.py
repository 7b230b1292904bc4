"""What an administrator says about which stations get which kinds of documents."""

from domain.documents import KINDS
from domain.errors import Refusal
from sync.hub_admin import connect, faults
from sync.hub_roles import as_owner


def grant(dsn: str, station: str, kind: str, *, on: bool) -> str:
    """Let a station read and write a kind of documents beyond what its feeds give it, or no more; answers the
    station's id. Raises Refusal STATION_UNKNOWN (`station`), DOCUMENT_KIND_UNKNOWN (`kind`); Fault HUB_…."""
    if kind not in KINDS:
        raise Refusal("DOCUMENT_KIND_UNKNOWN", kind=kind)
    with connect(dsn) as connection, faults():
        as_owner(connection)
        row = connection.execute(
            "UPDATE hub.station s SET kinds = ARRAY(SELECT k FROM unnest(s.kinds) k WHERE k <> %(kind)s"
            " UNION SELECT %(kind)s WHERE %(on)s ORDER BY 1)"
            " WHERE s.station = (SELECT t.station FROM hub.station t"
            " WHERE t.station = %(which)s OR t.name = %(which)s"
            " ORDER BY t.station = %(which)s DESC, t.enrolled_at DESC LIMIT 1) RETURNING s.station",
            {"kind": kind, "on": on, "which": station},
        ).fetchone()
    if row is None:
        raise Refusal("STATION_UNKNOWN", station=station)
    return str(row[0])
