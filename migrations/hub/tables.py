"""The hub's tables as SQLAlchemy sees them, for `alembic check`; what makes them is the SQL of the revisions."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

metadata = MetaData(schema="hub")

_AT = DateTime(timezone=True)
_TYPES: dict[str, TypeEngine[Any]] = {
    "text": Text(),
    "texts": ARRAY(Text()),
    "bigs": ARRAY(BigInteger()),
    "int": Integer(),
    "big": BigInteger(),
    "bytes": LargeBinary(),
    "uuid": Uuid(),
    "at": _AT,
    "bool": Boolean(),
    "json": JSONB(),
}


def _table(name: str, key: str, columns: str, *more: UniqueConstraint | CheckConstraint) -> Table:
    """A table from `name:type` words; a type that ends in `?` may be null, `key` lists the primary key."""
    keys = set(key.split())
    made = []
    for word in columns.split():
        column, kind = word.split(":")
        made.append(
            Column(
                column,
                _TYPES[kind.removesuffix("?")],
                primary_key=column in keys,
                nullable=kind.endswith("?"),
                autoincrement=False,
            )
        )
    return Table(name, metadata, *made, *more)


_LINK = "station:text epoch:int seq:big"
_LINK_KEY = "station epoch seq"

_table(
    "hub",
    "only_one",
    "only_one:bool id:uuid organization:text name:text root:bytes mode:text created_at:at",
)
_table("feed_head", "feed", "feed:text position:big hash:bytes")
_table(
    "station",
    "station",
    "station:text role:text name:text prefix:text epoch:int scope:texts? enrolled_at:at seen_at:at? "
    "revoked_at:at? trusted_seq:big? program:text? lease_version:big right_version:big forked_at:at? "
    "kinds:texts",
    UniqueConstraint("role"),
)
_table(
    "invitation",
    "station",
    "station:text role:text name:text prefix:text scope:texts? epoch:int certificate:text "
    "certificate_sig:bytes key:bytes invited_at:at expires_at:at used_at:at?",
    UniqueConstraint("role"),
    UniqueConstraint("key"),
)
_table(
    "certificate",
    "id",
    "id:text station:text epoch:int key:bytes chain:json issued_at:at",
    UniqueConstraint("key"),
    UniqueConstraint("station", "epoch"),
)
_table("station_tip", "station epoch", f"{_LINK} hash:bytes genesis:bytes hlc_ms:big")
_table("entry_key", "entry_id", f"entry_id:uuid content_hash:bytes {_LINK}")
_table(
    "station_log",
    _LINK_KEY,
    f"{_LINK} hash:bytes content_hash:bytes entry_id:uuid? state:text received_at:at",
)
_table("log_raw", _LINK_KEY, f"{_LINK} prev_hash:bytes hash:bytes sig:bytes content:text")
_table("feed_log", "feed position", f"feed:text position:big {_LINK} hash:bytes")
_table("ticket_seen", "feed serial entry_id", "feed:text serial:text entry_id:uuid")
_table("gate_row", "feed serial", "feed:text serial:text")
_claim = _table(
    "gate_claim",
    "entry_id",
    "entry_id:uuid feed:text serial:text station:text gate:text lane:text claimed_at:at",
)
Index("gate_claim_ticket", _claim.c.feed, _claim.c.serial)
Index("gate_claim_station", _claim.c.station, _claim.c.claimed_at)
_table("claim_ended", "entry_id", "entry_id:uuid station:text ended_at:at")
_table("lease_slot", "lease slot", "lease:text slot:big pool:big? holder:text entry_id:uuid")
_table("slot_clash", "lease slot holder", "lease:text slot:big holder:text entry_id:uuid seen_at:at")
_table("known_kind", "kind v", "kind:text v:int")
_table("held", _LINK_KEY, f"{_LINK} kind:text v:big reason:text held_at:at")
_table(
    "quarantine",
    _LINK_KEY,
    f"{_LINK} code:text prev_hash:bytes hash:bytes sig:bytes content:text? length:big received_at:at",
)
_table("duplicate_id", "entry_id station epoch seq", f"entry_id:uuid {_LINK} seen_at:at")
_table("value_grant_over", "request value station", "request:text value:text station:text state:text")
_table("twin", "entry_id", "entry_id:uuid content_hash:bytes pending:bool")
_table("fork_inbox", "station epoch seq hash", f"{_LINK} hash:bytes sig:bytes content:text received_at:at")
_table(
    "revocation",
    "station",
    "station:text epoch:int trusted_seq:big text:text sig:text noted_at:at purge:text? purge_sig:text? "
    "told_at:at?",
)
_table(
    "inbox",
    "station epoch seq hash",
    f"{_LINK} hash:bytes prev_hash:bytes sig:bytes content:text brought_by:text received_at:at state:text "
    "code:text?",
)
_table("document_head", "feed", "feed:text position:big")
_document = _table(
    "document",
    "document",
    "document:uuid kind:text feed:text position:big version:text hash:bytes? nonce:bytes? content:bytes? "
    "size:int tombstone:bool brought_by:text brought_at:at",
)
Index("document_place", _document.c.feed, _document.c.position, unique=True)
_table("document_name", "document hash entry_id", "document:uuid hash:bytes entry_id:uuid station:text")
_table(
    "document_part",
    "station document hash start",
    "station:text document:uuid hash:bytes start:int content:bytes",
)
_table(
    "document_kind", "kind", "kind:text feeds:texts readers:texts writers:texts marked:bool by_event:text?"
)
_table("recovery", "station", "station:text began_at:at reported_at:at? written_off_at:at? risk:big?")
_table(
    "pool",
    "pool",
    "pool:big event:big capacity:big? last_slot:big leased:big used:big outside:big",
)
_table(
    "pool_patch",
    "pool entry_id",
    "pool:big entry_id:uuid hlc:text made:bool event:big says:bool capacity:big?",
)
_table("event_ended", "event", "event:big kind:text")
_lease = _table(
    "lease",
    "lease",
    "lease:text pool:big station:text epoch:int request:text first_slot:big? last_slot:big? slots:bigs? "
    "size:big used:big back:big ttl_ms:big granted_at:at",
)
Index("lease_holder", _lease.c.station, _lease.c.epoch, _lease.c.pool)
Index("lease_pool", _lease.c.pool)
_table(
    "lease_back",
    "lease first_slot last_slot",
    "lease:text first_slot:big last_slot:big entry_id:uuid? at:at",
)
_request = _table("lease_request", "station request", "station:text request:text asked_at:at")
Index("lease_request_asked", _request.c.asked_at)
_table("lease_reclaim", "reclaim", "reclaim:uuid station:text pool:big freed:big at:at")
_table("seal", "only_one", "only_one:bool inner_key:bytes outer_key:bytes")
_table("lease_early_back", "lease entry_id", "lease:text entry_id:uuid station:text ranges:json")

_FACT = "entry_id:uuid hlc:text"
_table(
    "orders",
    "feed order_id",
    f"feed:text order_id:uuid {_FACT} part:int {_LINK} cashier:text? shift:text? channel:text reference:text "
    "currency:text customer:uuid? key_id:text sold_at:at receipt:text receipt_prefix:text receipt_epoch:int "
    "receipt_number:big practice:bool gross_minor:big discount_minor:big net_minor:big tax_minor:big "
    "rounding_minor:big due_minor:big",
)
_table(
    "position",
    "feed serial",
    f"feed:text serial:text order_id:uuid {_FACT} line:int order_reference:text product:big event:big "
    "performance:big currency:text price_minor:big discount_minor:big net_minor:big tax_minor:big "
    "gross_minor:big rounding_minor:big tax_rate_bp:big price_version:big admits:big zones:big seat:text? "
    "sold_at:at valid_from_at:at? valid_until_at:at? is_pass:bool station:text practice:bool",
)
_table(
    "payment",
    "feed payment",
    f"feed:text payment:uuid order_id:uuid {_FACT} line:int shift:text? practice:bool currency:text "
    "tender:text amount_minor:big tendered_minor:big change_minor:big reference:text? station:text paid_at:at",
)
_gate_fact = _table(
    "gate_fact",
    "feed serial entry_id",
    "feed:text serial:text entry_id:uuid kind:text hlc:text at:at event:big at_event:big product:big "
    "performance:big gate:text lane:text direction:text verdict:text via:text confidence:text people:big "
    "operator:text? station:text target:text print_number:big",
)
Index("gate_fact_undone", _gate_fact.c.serial, _gate_fact.c.target, postgresql_where=text("kind = 'undone'"))
_table(
    "print_fact",
    "feed serial entry_id",
    "feed:text serial:text entry_id:uuid order_id:uuid print_number:big medium:text receipt:bool key_id:text "
    "station:text hlc:text at:at",
)
_table(
    "shift_opened",
    "shift",
    f"shift:text {_FACT} station:text cashier:text? drawer:text currency:text float_minor:big at:at",
)
_table(
    "shift_closed",
    "shift",
    f"shift:text {_FACT} station:text number:big currency:text expected_minor:big counted_minor:big "
    "difference_minor:big receipts_first:text? receipts_last:text? receipts_count:big tenders:json at:at",
)
_table(
    "catalogue_patch",
    "object name hlc entry_id",
    "object:text name:text hlc:text entry_id:uuid made:bool event:big fields:json base:text? station:text "
    "at:at",
)
_table("catalogue_object", "object name", "object:text name:text event:big made:text fields:json")
_table(
    "event_fact", "event entry_id", "event:big entry_id:uuid kind:text hlc:text at:at reason:text rule:text"
)
_table("setting", "name", f"name:text value:json {_FACT}")
_table("person", "user_id", f"user_id:text login:text roles:texts document:text? {_FACT}")
_table(
    "conflict_resolution",
    "conflict entry_id",
    "conflict:text entry_id:uuid code:text subject:text seen:texts reason:text user_id:text? station:text "
    "hlc:text at:at",
)
_table("control_sum", "feed", "feed:text position:big sums:json computed_at:at")
_table("joining", "station", "station:text epoch:int seq:big? events:bigs invited_at:at joined_at:at?")
_table("joining_epoch", "station epoch", "station:text epoch:int key:bytes seq:big chain:json")
_right = _table(
    "order_right",
    "order_id",
    "order_id:uuid station:text epoch:int number:big act:text? request:text? tickets:json since:at",
)
Index(
    "order_right_station",
    _right.c.station,
    _right.c.epoch,
    postgresql_where=text("station <> '00000000'"),
)
_mark = _table(
    "gate_mark",
    "feed serial order_id",
    "feed:text serial:text order_id:uuid act:text station:text since:at",
)
Index("gate_mark_order", _mark.c.order_id)
_table("right_request", "station request", "station:text request:text answer:json asked_at:at")
_freed = _table("slot_freed", "lease slot holder", "lease:text slot:big holder:text pool:big? entry_id:uuid")
Index("slot_freed_holder", _freed.c.holder)
_table(
    "value_account",
    "value",
    "value:text currency:text issued:big spent:big reserved:big expires_at:at?",
)
_granted = _table(
    "value_grant",
    "request value",
    "request:text value:text station:text epoch:int amount:big currency:text state:text granted_at:at",
)
Index("value_grant_station", _granted.c.station, _granted.c.epoch, postgresql_where=text("state = 'held'"))
_table("reservation", "feed order_id", "feed:text order_id:uuid entry_id:uuid until_at:at hlc:text")
_table(
    "receipt",
    "feed prefix epoch practice number order_id",
    "feed:text prefix:text epoch:int practice:bool number:big order_id:uuid entry_id:uuid receipt:text "
    "shift:text? hlc:text",
)
_table(
    "give_back",
    "feed entry_id",
    "feed:text entry_id:uuid refund:uuid order_id:uuid kind:text currency:text reason:text practice:bool "
    "user_id:text? station:text shift:text? amount_minor:big into_order:uuid? hlc:text at:at",
)
_table(
    "ticket_act",
    "feed serial entry_id",
    "feed:text serial:text entry_id:uuid order_id:uuid kind:text event:big amount_minor:big seen:texts "
    "hlc:text at:at",
)
_table(
    "payout",
    "feed payout",
    "feed:text payout:uuid entry_id:uuid order_id:uuid shift:text? practice:bool currency:text tender:text "
    "amount_minor:big reference:text? station:text hlc:text at:at",
)
_table(
    "payment_fact",
    "payment entry_id",
    "payment:uuid entry_id:uuid order_id:uuid kind:text shift:text? tender:text amount_minor:big hlc:text "
    "at:at",
)
_table(
    "value_fact",
    "value entry_id",
    "value:text entry_id:uuid kind:text amount_minor:big currency:text spend:text request:text at_risk:bool "
    "expires_at:at? hlc:text at:at",
)
_table(
    "promo_use",
    "order_id entry_id",
    "order_id:uuid entry_id:uuid promo:big currency:text discount_minor:big practice:bool station:text "
    "hlc:text at:at",
)
_table(
    "person_change",
    "user_id hlc entry_id",
    "user_id:text hlc:text entry_id:uuid roles:texts? enabled:bool?",
)
_table(
    "role_change",
    "role hlc entry_id",
    "role:text hlc:text entry_id:uuid permissions:texts limits:json title:text removed:bool",
)
