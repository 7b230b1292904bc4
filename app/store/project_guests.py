"""Names that orders were put under: which document holds them, per event."""

from sqlalchemy import Connection

from app.store.facts import last_wins
from app.store.schema_trail import ORDER_GUEST
from domain.entry import Entry

_GUEST = last_wins(ORDER_GUEST)


def guest_named(connection: Connection, entry: Entry) -> None:
    """An order was put under a name; the latest of several such entries counts."""
    body = entry.body
    connection.execute(
        _GUEST,
        {
            "order_id": body["order"],
            "event": body["event"],
            "document": body["document"],
            "entry_id": entry.entry_id,
            "hlc": entry.origin.hlc,
        },
    )
