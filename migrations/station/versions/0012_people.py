"""Names that orders were put under, and an index of the audit trail that no scan has to write.

Revision 0012, after 0010. Columns are `name:type`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

_TYPES = {"int": sa.Integer, "text": sa.Text}
_PLACE = "stamp:int source:int position:int"
_TABLES = (
    ("order_guest", "order_id:text event:int document:text entry_id:text hlc:text", "order_id event"),
    ("role_note", "request:text document:text entry_id:text hlc:text", "request"),
    ("trail_line", f"{_PLACE} kind:int station:int flags:int", "stamp source position"),
    ("trail_subject", f"subject:int {_PLACE} kind:int station:int", "subject stamp source position"),
    ("trail_kind", "kind:text number:int", "kind"),
    ("trail_mark", "source:int position:int entry_id:text", "source"),
)


def upgrade() -> None:
    """Forward only. The trail's index is filled by the program, bit by bit."""
    for name, columns, key in _TABLES:
        parts: list[sa.Column[int] | sa.Column[str]] = []
        for column in columns.split():
            label, kind = column.split(":")
            parts.append(sa.Column(label, _TYPES[kind](), nullable=False, autoincrement=False))
        op.create_table(
            name, *parts, sa.PrimaryKeyConstraint(*key.split()), sqlite_strict=True, sqlite_with_rowid=False
        )
    op.create_index("order_guest_event", "order_guest", ["event"])
    op.create_index("trail_line_kind", "trail_line", ["kind"])
    op.create_index("trail_line_station", "trail_line", ["station"])
    op.create_index("trail_line_flags", "trail_line", ["flags"], sqlite_where=sa.text("flags <> 0"))
