"""Tables of conflicts, all projected: what the domain finds in the facts of a subject, and what people said
to it."""

from sqlalchemy import Index, text

from app.store.schema_parts import int_column, table, text_column

CONFLICT = table(
    "conflict",
    text_column("conflict", key=True),
    text_column("code"),
    text_column("subject"),
    text_column("window"),
    text_column("entries"),
    int_column("at_ms"),
    int_column("event"),
    int_column("open"),
    Index("conflict_subject", "subject"),
    Index("conflict_open", "at_ms", sqlite_where=text("open = 1")),
)
CONFLICT_RESOLUTION = table(
    "conflict_resolution",
    text_column("conflict", key=True),
    text_column("entry_id", key=True),
    text_column("seen"),
    text_column("reason"),
    text_column("user", empty=True),
    text_column("station"),
    text_column("hlc"),
    int_column("at_ms"),
)
CONFLICT_WITNESS = table(
    "conflict_witness",
    text_column("subject", key=True),
    text_column("entry_id", key=True),
    text_column("window"),
    text_column("hlc"),
    int_column("at_ms"),
)
"""Entries that speak against their station's clock or their actor, where no other table shows it. An act of
somebody who is known here and may do it leaves no row."""
