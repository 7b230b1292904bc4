"""Leases of places: what the hub lets this station sell, what was asked for, and what was given back.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TYPES = {"int": sa.Integer, "text": sa.Text}


def upgrade() -> None:
    """Forward only."""
    _table(
        "lease",
        "lease:text pool:int first:int? last:int? slots:text? request:text ttl_ms:int",
        key="lease",
    )
    op.create_index("lease_pool", "lease", ["pool"])
    _table(
        "lease_request",
        "request:text wants:text sent_ms:int sent_mono_ms:int sent_boot:text answered:int",
        key="request",
    )
    _table(
        "lease_return",
        "lease:text first:int last:int entry_id:text pool:int",
        key="lease first last entry_id",
    )


def _table(name: str, columns: str, *, key: str) -> None:
    """A STRICT table; columns are `name:type`, with `?` where they may be empty."""
    parts: list[sa.Column[int] | sa.Column[str]] = []
    for column in columns.split():
        label, kind = column.split(":")
        parts.append(sa.Column(label, _TYPES[kind.rstrip("?")](), nullable=kind.endswith("?")))
    op.create_table(
        name, *parts, sa.PrimaryKeyConstraint(*key.split()), sqlite_strict=True, sqlite_with_rowid=False
    )
