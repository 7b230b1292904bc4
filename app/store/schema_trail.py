"""Tables of the audit trail's index, of names on orders and of reasons beside the journal.

The index is *kept*, not projected: it names entries by where they lie in this file, is filled in the
background behind the journal, and can be emptied at any time.
"""

from sqlalchemy import Index, text

from app.store.schema_parts import int_column, table, text_column

ORDER_GUEST = table(
    "order_guest",
    text_column("order_id", key=True),
    int_column("event", key=True),
    text_column("document"),
    text_column("entry_id"),
    text_column("hlc"),
    Index("order_guest_event", "event"),
)
"""Which document holds the name that an order was put under; the latest of several counts."""

ROLE_NOTE = table(
    "role_note",
    text_column("request", key=True),
    text_column("document"),
    text_column("entry_id"),
    text_column("hlc"),
)
"""Which document says why a request for a role was answered as it was; of two answers the first counts."""

TRAIL_LINE = table(
    "trail_line",
    int_column("stamp", key=True),
    int_column("source", key=True),
    int_column("position", key=True),
    int_column("kind"),
    int_column("station"),
    int_column("flags"),
    Index("trail_line_kind", "kind"),
    Index("trail_line_station", "station"),
    Index("trail_line_flags", "flags", sqlite_where=text("flags <> 0")),
)
"""An entry: `source` 0 is the journal, 1 others' entries; `position` there. `stamp`: its HLC as a number."""

TRAIL_SUBJECT = table(
    "trail_subject",
    int_column("subject", key=True),
    int_column("stamp", key=True),
    int_column("source", key=True),
    int_column("position", key=True),
    int_column("kind"),
    int_column("station"),
)
"""Whom and what an entry speaks of: 8 bytes of a hash of each id in it."""

TRAIL_KIND = table("trail_kind", text_column("kind", key=True), int_column("number"))
TRAIL_MARK = table(
    "trail_mark", int_column("source", key=True), int_column("position"), text_column("entry_id")
)
"""How far the index goes, and which entry lies there."""

KEPT = (TRAIL_LINE, TRAIL_SUBJECT, TRAIL_KIND, TRAIL_MARK)
