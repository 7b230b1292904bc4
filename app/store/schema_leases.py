"""What is known of leases, projected: grants and renewals by the hub, returns by their holders; and of places
what may be wrong with them."""

from sqlalchemy import Index

from app.store.schema_parts import int_column, table, text_column

LEASE_FACT = table(
    "lease_fact",
    text_column("lease", key=True),
    text_column("entry_id", key=True),
    int_column("first", key=True),
    int_column("last", key=True),
    text_column("word"),
    text_column("station"),
    int_column("pool"),
    text_column("hlc"),
    int_column("at_ms"),
    int_column("ttl_ms"),
)
"""Places `first` to `last`; a renewal speaks of none (0 to -1)."""

SLOT_SHARED = table(
    "slot_shared",
    int_column("pool", key=True),
    text_column("lease", key=True),
    int_column("slot", key=True),
)
"""Places that more than one ticket ever took; there should be none."""

POOL_LINE = table(
    "pool_line",
    int_column("pool", key=True),
    text_column("lease", key=True),
    int_column("slot", key=True),
    text_column("serial", key=True),
    text_column("hlc"),
    text_column("entry_id"),
    Index("pool_line_last", "pool", "hlc", "entry_id", "lease", "slot"),
)
"""The places taken in pools that are oversold, by when they were sold; of any other pool there is no row."""

LEASE_DOUBT = table(
    "lease_doubt",
    int_column("pool", key=True),
    text_column("lease", key=True),
    int_column("slot", key=True),
    text_column("serial", key=True),
)
"""Places that were sold from a lease in a way that its grant does not cover."""
