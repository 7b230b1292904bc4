"""What is known of leases: grants and renewals of the hub, returns by their holders.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. Grants were no entries before; returns were, and are filled in from their text."""
    texts = ("lease", "entry_id", "word", "station", "hlc")
    names = ("lease", "entry_id", "first", "last", "word", "station", "pool", "hlc", "at_ms", "ttl_ms")
    op.create_table(
        "lease_fact",
        *(sa.Column(name, sa.Text if name in texts else sa.Integer, nullable=False) for name in names),
        sa.PrimaryKeyConstraint("lease", "entry_id", "first", "last"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    for entries in ("journal", "replica_entry"):
        op.execute(
            "INSERT OR IGNORE INTO lease_fact SELECT json_extract(e.content, '$.body.lease'), e.entry_id, "
            "json_extract(r.value, '$[0]'), json_extract(r.value, '$[1]'), 'returned', "
            "json_extract(e.content, '$.origin.station'), json_extract(e.content, '$.body.pool'), e.hlc, "
            "CAST(round((julianday(json_extract(e.content, '$.clock.wall_at')) - 2440587.5) * 86400000) "
            f"AS INTEGER), 0 FROM {entries} AS e, json_each(e.content, '$.body.ranges') AS r "
            "WHERE e.kind = 'lease_returned'"
        )
