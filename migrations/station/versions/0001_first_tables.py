"""The station's first tables.

Revision 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TYPES = {"int": sa.Integer, "text": sa.Text, "blob": sa.LargeBinary}


def upgrade() -> None:
    """Forward only: a station's file is never taken back, a backup is made before."""
    _own()
    _local()
    _foreign()
    _people()
    _catalogue()
    _orders()
    _of_orders()
    _gate()
    _journal_is_append_only()


def _table(name: str, columns: str, *, key: str, rowid: bool = False, **unique: str) -> None:
    """A STRICT table; columns are `name:type`, with `?` where they may be empty."""
    parts: list[sa.Column[int] | sa.Column[str] | sa.Column[bytes]] = []
    for column in columns.split():
        label, kind = column.split(":")
        parts.append(sa.Column(label, _TYPES[kind.rstrip("?")](), nullable=kind.endswith("?")))
    constraints = [sa.UniqueConstraint(*fields.split(), name=named) for named, fields in unique.items()]
    options = {} if rowid else {"sqlite_with_rowid": False}
    op.create_table(
        name, *parts, sa.PrimaryKeyConstraint(*key.split()), *constraints, sqlite_strict=True, **options
    )


def _index(name: str, table: str, columns: str, where: str | None = None) -> None:
    op.create_index(name, table, columns.split(), sqlite_where=sa.text(where) if where else None)


def _own() -> None:
    """The own journal."""
    _table(
        "meta",
        "name:text value:text",
        key="name",
    )
    _table(
        "own_epoch",
        "epoch:int public_key:blob acked_seq:int",
        key="epoch",
    )
    _table(
        "journal",
        "position:int epoch:int seq:int entry_id:text kind:text v:int hlc:text at_ms:int "
        "user:text? shift:text? content:text content_hash:blob prev_hash:blob hash:blob sig:blob",
        key="position",
        rowid=True,
        journal_entry="entry_id",
    )
    _index("journal_shift", "journal", "shift", where="shift IS NOT NULL")


def _local() -> None:
    """What only this station knows."""
    _table(
        "local_setting",
        "name:text value:text",
        key="name",
    )
    _table(
        "pin",
        "user:text verifier:text? failures:int locked_until_ms:int? locked_boot:text? locked_mono_ms:int?",
        key="user",
    )
    _table(
        "print_job",
        "job:int order_id:text what:text state:text attempts:int last_code:text? made_ms:int",
        key="job",
        rowid=True,
    )
    _index("print_job_state", "print_job", "state")
    _table(
        "document",
        "document:text kind:text feed:text version:text content:text nonce:blob tombstone:int",
        key="document",
    )


def _foreign() -> None:
    """Others' entries, and what the hub has said."""
    _table(
        "replica_entry",
        "position:int station:text epoch:int seq:int entry_id:text kind:text v:int hlc:text "
        "content:text content_hash:blob prev_hash:blob hash:blob sig:blob received_ms:int",
        key="position",
        rowid=True,
        replica_entry_id="entry_id",
    )
    _index("replica_entry_place", "replica_entry", "station epoch seq")
    _table(
        "held_entry",
        "entry_id:text kind:text v:int reason:text",
        key="entry_id",
    )
    _table(
        "rejected_entry",
        "entry_id:text hash:blob code:text feed:text station:text epoch:int seq:int content:text "
        "prev_hash:blob sig:blob received_ms:int",
        key="entry_id hash",
    )
    _table(
        "feed_cursor",
        "feed:text position:int hash:blob",
        key="feed",
    )
    _table(
        "entry_outcome",
        "entry_id:text outcome:text at_ms:int",
        key="entry_id",
    )


def _people() -> None:
    """Settings, people, stations, shifts."""
    _table(
        "setting",
        "name:text value:text hlc:text entry_id:text",
        key="name",
    )
    _table(
        "person",
        "user:text login:text roles:text document:text? hlc:text entry_id:text",
        key="user",
    )
    _table(
        "certificate",
        "entry_id:text station:text name:text chain:text hlc:text",
        key="entry_id",
    )
    _table(
        "revocation",
        "station:text entry_id:text last_trusted_seq:int",
        key="station entry_id",
    )
    _table(
        "shift_opened",
        "shift:text entry_id:text hlc:text station:text cashier:text? drawer:text currency:text "
        "float_minor:int at_ms:int",
        key="shift",
    )
    _index("shift_opened_station", "shift_opened", "station at_ms")
    _table(
        "shift_closed",
        "shift:text entry_id:text hlc:text station:text number:int expected_minor:int "
        "counted_minor:int difference_minor:int receipts_first:text? receipts_last:text? "
        "receipts_count:int tenders:text at_ms:int",
        key="shift",
    )
    _index("shift_closed_station", "shift_closed", "station number")


def _catalogue() -> None:
    """Patches and what they add up to."""
    _table(
        "catalogue_patch",
        "object:text name:text hlc:text entry_id:text made:int event:int fields:text",
        key="object name hlc entry_id",
    )
    _table(
        "event_fact",
        "event:int entry_id:text kind:text hlc:text at_ms:int reason:text rule:text",
        key="event entry_id",
    )
    _table(
        "event",
        "number:int code:text name:text state:text fields:text",
        key="number",
    )
    _table(
        "performance",
        "number:int event:int code:text starts_ms:int ends_ms:int? fields:text",
        key="number",
    )
    _table(
        "product",
        "number:int event:int code:text made:text fields:text",
        key="number",
    )
    _table(
        "quota",
        "number:int event:int performance:int? parent:int? fields:text",
        key="number",
    )
    _table(
        "gate",
        "code:text made:text fields:text",
        key="code",
    )


def _orders() -> None:
    """Orders and their tickets."""
    _table(
        "orders",
        "order_id:text entry_id:text hlc:text part:int station:text epoch:int seq:int "
        "short_hash:text cashier:text? shift:text? state:text channel:text reference:text "
        "currency:text customer:text? key_id:text sold_ms:int receipt:text receipt_prefix:text "
        "receipt_epoch:int receipt_number:int practice:int gross_minor:int discount_minor:int "
        "net_minor:int tax_minor:int rounding_minor:int due_minor:int",
        key="order_id",
    )
    _index("orders_receipt", "orders", "receipt")
    _index("orders_receipt_number", "orders", "receipt_prefix receipt_epoch practice receipt_number")
    _index("orders_reference", "orders", "reference")
    _index("orders_shift", "orders", "shift practice receipt_epoch receipt_number")
    _index("orders_sold", "orders", "sold_ms")
    _index("orders_station", "orders", "station sold_ms")
    _table(
        "position",
        "serial:text order_id:text entry_id:text hlc:text line:int reference:text "
        "order_reference:text product:int event:int performance:int currency:text price_minor:int "
        "discount_minor:int net_minor:int tax_minor:int gross_minor:int rounding_minor:int "
        "tax_rate_bp:int price_version:int admits:int zones:int seat:text? sold_ms:int "
        "valid_from_ms:int? valid_until_ms:int? is_pass:int",
        key="serial",
    )
    _index("position_order", "position", "order_id")
    _index("position_reference", "position", "reference")


def _of_orders() -> None:
    """Payments, places and prints."""
    _table(
        "payment",
        "payment:text order_id:text entry_id:text hlc:text line:int shift:text? practice:int "
        "tender:text amount_minor:int tendered_minor:int change_minor:int reference:text?",
        key="payment",
    )
    _index("payment_order", "payment", "order_id")
    _index("payment_shift", "payment", "shift practice tender tendered_minor change_minor")
    _table(
        "slot",
        "pool:int lease:text slot:int serial:text",
        key="pool lease slot serial",
    )
    _table(
        "pool_tally",
        "pool:int used:int",
        key="pool",
    )
    _table(
        "print_fact",
        "serial:text entry_id:text order_id:text print_number:int medium:text receipt:int "
        "key_id:text station:text hlc:text at_ms:int",
        key="serial entry_id",
    )
    _index("print_fact_order", "print_fact", "order_id")


def _gate() -> None:
    """Admissions and the sums over them."""
    _table(
        "gate_fact",
        "serial:text entry_id:text kind:text live:int hlc:text at_ms:int event:int at_event:int "
        "product:int performance:int gate:text lane:text direction:text verdict:text via:text "
        "confidence:text people:int operator:text? station:text target:text",
        key="serial entry_id",
    )
    _index("gate_fact_gate", "gate_fact", "gate at_ms")
    _table(
        "ticket",
        "serial:text event:int performance:int sold:int admitted:int inside:int print_number:int",
        key="serial",
    )
    _table(
        "tally",
        "event:int performance:int gate:text sold:int admitted:int inside:int refused:int",
        key="event performance gate",
    )


def _journal_is_append_only() -> None:
    """Whoever has the key can still rewrite the file; a slip of the program cannot rewrite the journal."""
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER journal_no_{act.lower()} BEFORE {act} ON journal "
            "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
        )
