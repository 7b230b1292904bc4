"""What is known of leases, projected: grants and renewals by the hub, returns by their holders."""

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
