"""Others' entries that are kept in short, and places that something may be wrong with.

Revision 0013, after 0012. Columns are `name:type`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TYPES = {"int": sa.Integer, "text": sa.Text, "blob": sa.LargeBinary}
_TABLES = (
    ("slot_shared", "pool:int lease:text slot:int", "pool lease slot"),
    ("lease_doubt", "pool:int lease:text slot:int serial:text", "pool lease slot serial"),
    (
        "pool_line",
        "pool:int lease:text slot:int serial:text hlc:text entry_id:text",
        "pool lease slot serial",
    ),
    (
        "short_entry",
        "entry_id:text station:text epoch:int seq:int content_hash:blob content:text",
        "entry_id",
    ),
    ("forgotten_event", "event:int", "event"),
    ("forgotten_sum", "feed:text name:text amount:int", "feed name"),
)


def upgrade() -> None:
    """Forward only. Projected tables are computed anew by the program after an upgrade."""
    for name, columns, key in _TABLES:
        parts: list[sa.Column[int] | sa.Column[str] | sa.Column[bytes]] = []
        for column in columns.split():
            label, kind = column.split(":")
            parts.append(sa.Column(label, _TYPES[kind](), nullable=False, autoincrement=False))
        op.create_table(
            name, *parts, sa.PrimaryKeyConstraint(*key.split()), sqlite_strict=True, sqlite_with_rowid=False
        )
    op.create_index("pool_line_last", "pool_line", ["pool", "hlc", "entry_id", "lease", "slot"])
