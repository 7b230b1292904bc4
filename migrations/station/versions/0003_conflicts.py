"""Conflicts: what is found, what was said to it, and what finding them needs of facts that are there already.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TYPES = {"int": sa.Integer, "text": sa.Text}


def upgrade() -> None:
    """Forward only. Conflicts of facts from before are found when their subject is next touched."""
    _table(
        "conflict",
        "conflict:text code:text subject:text window:text entries:text at_ms:int event:int open:int",
        key="conflict",
    )
    op.create_index("conflict_subject", "conflict", ["subject"])
    op.create_index("conflict_open", "conflict", ["at_ms"], sqlite_where=sa.text("open = 1"))
    _table(
        "conflict_resolution",
        "conflict:text entry_id:text seen:text reason:text user:text? station:text hlc:text at_ms:int",
        key="conflict entry_id",
    )
    _table(
        "conflict_witness",
        "subject:text entry_id:text window:text hlc:text at_ms:int",
        key="subject entry_id",
    )
    _widen()


def _widen() -> None:
    """Columns that facts from now on carry, filled in for those that are there from the entries' text."""
    op.add_column("gate_fact", sa.Column("print_number", sa.Integer, nullable=True))
    op.add_column("catalogue_patch", sa.Column("base", sa.Text, nullable=True))
    op.add_column("catalogue_patch", sa.Column("station", sa.Text, nullable=True))
    op.add_column("catalogue_patch", sa.Column("at_ms", sa.Integer, nullable=True))
    op.create_index(
        "position_seat", "position", ["performance", "seat"], sqlite_where=sa.text("seat IS NOT NULL")
    )
    _fill("gate_fact", "print_number = coalesce(json_extract(e.content, '$.body.print_number'), 0)")
    _fill(
        "catalogue_patch",
        "base = json_extract(e.content, '$.body.base'), "
        "station = json_extract(e.content, '$.origin.station'), "
        "at_ms = CAST(round((julianday(json_extract(e.content, '$.clock.wall_at')) - 2440587.5) "
        "* 86400000) AS INTEGER)",
    )


def _fill(table: str, assignments: str) -> None:
    for entries in ("journal", "replica_entry"):
        op.execute(
            f"UPDATE {table} SET {assignments} FROM {entries} AS e WHERE e.entry_id = {table}.entry_id"
        )


def _table(name: str, columns: str, *, key: str) -> None:
    """A STRICT table without row ids; columns are `name:type`, with `?` where they may be empty."""
    parts: list[sa.Column[int] | sa.Column[str]] = []
    for column in columns.split():
        label, kind = column.split(":")
        parts.append(sa.Column(label, _TYPES[kind.rstrip("?")](), nullable=kind.endswith("?")))
    op.create_table(
        name,
        *parts,
        sa.PrimaryKeyConstraint(*key.split()),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
