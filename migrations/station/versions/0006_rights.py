"""Order rights and values.

Revision 0006, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

_TYPES = {"int": sa.Integer, "text": sa.Text}

_TABLES = {
    "right_held": ("order_id", "order_id:text number:int act:text request:text since_ms:int"),
    "value_held": ("request", "request:text value:text amount_minor:int currency:text since_ms:int"),
    "right_request": ("request", "request:text wants:text answers:text? asked_ms:int answered_ms:int?"),
    "right_fact": (
        "order_id entry_id",
        "order_id:text entry_id:text kind:text number:int station:text epoch:int",
    ),
    "reservation": ("order_id", "order_id:text entry_id:text until_ms:int hlc:text"),
    "receipt": (
        "prefix epoch practice number order_id",
        (
            "prefix:text epoch:int practice:int number:int order_id:text entry_id:text receipt:text shift:text? "
            "hlc:text"
        ),
    ),
    "payment_fact": (
        "payment entry_id",
        (
            "payment:text entry_id:text order_id:text kind:text shift:text? tender:text amount_minor:int "
            "hlc:text at_ms:int"
        ),
    ),
    "give_back": (
        "entry_id",
        (
            "entry_id:text refund:text order_id:text kind:text currency:text reason:text practice:int user:text? "
            "station:text shift:text? amount_minor:int hlc:text at_ms:int"
        ),
    ),
    "ticket_act": (
        "serial entry_id",
        (
            "serial:text entry_id:text order_id:text kind:text event:int amount_minor:int seen:text hlc:text "
            "at_ms:int"
        ),
    ),
    "payout": (
        "payout",
        (
            "payout:text entry_id:text order_id:text shift:text? practice:int tender:text amount_minor:int "
            "reference:text? hlc:text"
        ),
    ),
    "slot_freed": ("pool lease slot serial", "pool:int lease:text slot:int serial:text"),
    "ticket_hold": ("serial", "serial:text refunded_ms:int? cancelled_ms:int? unpaid_minor:int"),
    "value_fact": (
        "value entry_id",
        (
            "value:text entry_id:text kind:text amount_minor:int currency:text spend:text "
            "request:text at_risk:int expires_ms:int? hlc:text at_ms:int"
        ),
    ),
}
_INDEXES = {
    "reservation_until": ("reservation", "until_ms"),
    "receipt_order": ("receipt", "order_id"),
    "receipt_text": ("receipt", "receipt"),
    "receipt_shift": ("receipt", "shift practice epoch number"),
    "payment_fact_shift": ("payment_fact", "shift"),
    "payment_fact_order": ("payment_fact", "order_id"),
    "give_back_order": ("give_back", "order_id"),
    "ticket_act_order": ("ticket_act", "order_id"),
    "payout_order": ("payout", "order_id"),
    "payout_shift": ("payout", "shift practice tender amount_minor"),
}


def upgrade() -> None:
    """Forward only."""
    for name, (key, columns) in _TABLES.items():
        _table(name, columns, key=key)
    for name, (table, indexed) in _INDEXES.items():
        op.create_index(name, table, indexed.split())


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
