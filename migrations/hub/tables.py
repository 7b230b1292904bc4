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
    "revoked_at:at? trusted_seq:big? program:text? lease_version:big right_version:big forked_at:at?",
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
_table("fork_inbox", "station epoch seq hash", f"{_LINK} hash:bytes sig:bytes content:text received_at:at")
_table("revocation", "station", "station:text epoch:int trusted_seq:big text:text sig:text noted_at:at")
_table(
    "inbox",
    "station epoch seq hash",
    f"{_LINK} hash:bytes prev_hash:bytes sig:bytes content:text brought_by:text received_at:at state:text "
    "code:text?",
)
_table("recovery", "station", "station:text began_at:at reported_at:at? written_off_at:at?")
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
