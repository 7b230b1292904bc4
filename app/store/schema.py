"""Tables of the station's file, as SQLAlchemy Core metadata.

Three kinds. *Kept*: the journal, others' entries, documents, what only this station knows (PINs, print jobs,
settings of its own). *Projected*: everything else, a function of the set of entries and of nothing more, so
it can be thrown away and computed again. Times are milliseconds since 1970 UTC, money is minor units, a
performance or lane that does not exist is 0 or ''. There are no foreign keys between projections of different
entries, since these may arrive in any order.
"""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, UniqueConstraint, text

from app.store import (
    schema_conflicts,
    schema_documents,
    schema_leases,
    schema_parts,
    schema_people,
    schema_promos,
    schema_rights,
    schema_trail,
)
from app.store.schema_parts import blob_column as _blob
from app.store.schema_parts import int_column as _int
from app.store.schema_parts import log as _log
from app.store.schema_parts import table as _table
from app.store.schema_parts import text_column as _text

REVISION = "0013"
"""The migration that this program expects; tests hold it against migrations/station."""

METADATA = schema_parts.METADATA


def place(epoch: int, seq: int) -> int:
    """Where an own entry lies: epochs follow each other, and within one the place is known from the seq."""
    return (epoch << 40) | seq


# Kept: what was written, by us and by others.

META = _table("meta", _text("name", key=True), _text("value"))
"""installation, station, name, prefix, epoch, has_hub, root, own_chain, incarnation, hlc, version."""

OWN_EPOCH = _table("own_epoch", _int("epoch", key=True), _blob("public_key"), _int("acked_seq"))
"""Each epoch of the own journal: who signed it, and how much of it the hub has confirmed."""

JOURNAL = _log(
    "journal",
    _int("epoch"),
    _int("seq"),
    _text("entry_id"),
    _text("kind"),
    _int("v"),
    _text("hlc"),
    _int("at_ms"),
    _text("user", empty=True),
    _text("shift", empty=True),
    _text("content"),
    _blob("content_hash"),
    _blob("prev_hash"),
    _blob("hash"),
    _blob("sig"),
    UniqueConstraint("entry_id", name="journal_entry"),
    Index("journal_shift", "shift", sqlite_where=text("shift IS NOT NULL")),
)
"""Own entries; `position` is `place(epoch, seq)`. Triggers (in the migration) forbid UPDATE and DELETE. There
is no index that a scan would have to write and nobody reads on the way."""

REPLICA_ENTRY = _log(
    "replica_entry",
    _text("station"),
    _int("epoch"),
    _int("seq"),
    _text("entry_id"),
    _text("kind"),
    _int("v"),
    _text("hlc"),
    _text("content"),
    _blob("content_hash"),
    _blob("prev_hash"),
    _blob("hash"),
    _blob("sig"),
    _int("received_ms"),
    UniqueConstraint("entry_id", name="replica_entry_id"),
    Index("replica_entry_place", "station", "epoch", "seq"),
)

SHORT_ENTRY = _table(
    "short_entry",
    _text("entry_id", key=True),
    _text("station"),
    _int("epoch"),
    _int("seq"),
    _blob("content_hash"),
    _text("content"),
)
"""Entries that were in replica_entry once and are beyond the horizon: their content is what readers still ask
of it (domain.horizon), no longer what was signed."""

FORGOTTEN_EVENT = _table("forgotten_event", _int("event", key=True))
"""Events of which others' orders were forgotten, since they are over for good and settled."""

FORGOTTEN_SUM = _table("forgotten_sum", _text("feed", key=True), _text("name", key=True), _int("amount"))
"""What the forgotten orders add to the control sums of a feed."""

HELD_ENTRY = _table("held_entry", _text("entry_id", key=True), _text("kind"), _int("v"), _text("reason"))
"""Entries of replica_entry that are not projected: UNKNOWN_KIND (a newer program wrote it) or MALFORMED."""

REJECTED_ENTRY = _table(
    "rejected_entry",
    _text("entry_id", key=True),
    Column("hash", LargeBinary, primary_key=True, nullable=False),
    _text("code"),
    _text("feed"),
    _text("station"),
    _int("epoch"),
    _int("seq"),
    _text("content"),
    _blob("prev_hash"),
    _blob("sig"),
    _int("received_ms"),
)
"""Entries that did not verify, kept whole; UNKNOWN_STATION is tried again when a certificate comes."""

FEED_CURSOR = _table("feed_cursor", _text("feed", key=True), _int("position"), _blob("hash"))

ENTRY_OUTCOME = _table("entry_outcome", _text("entry_id", key=True), _text("outcome"), _int("at_ms"))
"""Own entries that the hub keeps but did not take as they were: held or conflict."""

DOCUMENT = schema_documents.DOCUMENT

PIN = _table(
    "pin",
    _text("user", key=True),
    _text("verifier", empty=True),
    _int("failures"),
    _int("locked_until_ms", empty=True),
    _text("locked_boot", empty=True),
    _int("locked_mono_ms", empty=True),
)

PRINT_JOB = Table(
    "print_job",
    METADATA,
    Column("job", Integer, primary_key=True),
    _text("order_id"),
    _text("what"),
    _text("state"),
    _int("attempts"),
    _text("last_code", empty=True),
    _int("made_ms"),
    Index("print_job_state", "state"),
    sqlite_strict=True,
)

LEASE = _table(
    "lease",
    _text("lease", key=True),
    _int("pool"),
    _int("first", empty=True),
    _int("last", empty=True),
    _text("slots", empty=True),
    _text("request"),
    _int("ttl_ms"),
    Index("lease_pool", "pool"),
)
"""The full set that the hub said last: places `first` to `last`, or `slots` as JSON."""

LEASE_REQUEST = _table(
    "lease_request",
    _text("request", key=True),
    _text("wants"),
    _int("sent_ms"),
    _int("sent_mono_ms"),
    _text("sent_boot"),
    _int("answered"),
)
"""When each request was first sent: the life of what it brings counts from there."""

LOCAL_SETTING = _table("local_setting", _text("name", key=True), _text("value"))

KEPT = (
    META,
    OWN_EPOCH,
    JOURNAL,
    REPLICA_ENTRY,
    SHORT_ENTRY,
    FORGOTTEN_EVENT,
    FORGOTTEN_SUM,
    HELD_ENTRY,
    REJECTED_ENTRY,
    FEED_CURSOR,
    ENTRY_OUTCOME,
    *schema_documents.KEPT,
    *schema_rights.RIGHTS_KEPT,
    PIN,
    PRINT_JOB,
    LEASE,
    LEASE_REQUEST,
    LOCAL_SETTING,
    *schema_people.KEPT,
    *schema_trail.KEPT,
)

# Projected: settings, people, stations.

SETTING = _table("setting", _text("name", key=True), _text("value"), _text("hlc"), _text("entry_id"))
PERSON = _table(
    "person",
    _text("user", key=True),
    _text("login"),
    _text("roles"),
    _text("document", empty=True),
    _text("hlc"),
    _text("entry_id"),
)
CERTIFICATE = _table(
    "certificate", _text("entry_id", key=True), _text("station"), _text("name"), _text("chain"), _text("hlc")
)
REVOCATION = _table(
    "revocation", _text("station", key=True), _text("entry_id", key=True), _int("last_trusted_seq")
)

# Projected: the catalogue. A patch per entry; the object is the fold of its patches by their stamps.

CATALOGUE_PATCH = _table(
    "catalogue_patch",
    _text("object", key=True),
    _text("name", key=True),
    _text("hlc", key=True),
    _text("entry_id", key=True),
    _int("made"),
    _int("event"),
    _text("fields"),
    _text("base", empty=True),
    _text("station", empty=True),
    _int("at_ms", empty=True),
)
EVENT_FACT = _table(
    "event_fact",
    _int("event", key=True),
    _text("entry_id", key=True),
    _text("kind"),
    _text("hlc"),
    _int("at_ms"),
    _text("reason"),
    _text("rule"),
)
EVENT = _table(
    "event", _int("number", key=True), _text("code"), _text("name"), _text("state"), _text("fields")
)
PERFORMANCE = _table(
    "performance",
    _int("number", key=True),
    _int("event"),
    _text("code"),
    _int("starts_ms"),
    _int("ends_ms", empty=True),
    _text("fields"),
)
PRODUCT = _table(
    "product", _int("number", key=True), _int("event"), _text("code"), _text("made"), _text("fields")
)
QUOTA = _table(
    "quota",
    _int("number", key=True),
    _int("event"),
    _int("performance", empty=True),
    _int("parent", empty=True),
    _text("fields"),
)
GATE = _table("gate", _text("code", key=True), _text("made"), _text("fields"))
PROMO = schema_promos.PROMO

# Projected: orders.

ORDER = _table(
    "orders",
    _text("order_id", key=True),
    _text("entry_id"),
    _text("hlc"),
    _int("part"),
    _text("station"),
    _int("epoch"),
    _int("seq"),
    _text("short_hash"),
    _text("cashier", empty=True),
    _text("shift", empty=True),
    _text("state"),
    _text("channel"),
    _text("reference"),
    _text("currency"),
    _text("customer", empty=True),
    _text("key_id"),
    _int("sold_ms"),
    _text("receipt"),
    _text("receipt_prefix"),
    _int("receipt_epoch"),
    _int("receipt_number"),
    _int("practice"),
    _int("gross_minor"),
    _int("discount_minor"),
    _int("net_minor"),
    _int("tax_minor"),
    _int("rounding_minor"),
    _int("due_minor"),
    Index("orders_reference", "reference"),
    Index("orders_receipt", "receipt"),
    Index("orders_receipt_number", "receipt_prefix", "receipt_epoch", "practice", "receipt_number"),
    Index("orders_station", "station", "sold_ms"),
    Index("orders_sold", "sold_ms"),
    Index("orders_shift", "shift", "practice", "receipt_epoch", "receipt_number"),
)
POSITION = _table(
    "position",
    _text("serial", key=True),
    _text("order_id"),
    _text("entry_id"),
    _text("hlc"),
    _int("line"),
    _text("reference"),
    _text("order_reference"),
    _int("product"),
    _int("event"),
    _int("performance"),
    _text("currency"),
    _int("price_minor"),
    _int("discount_minor"),
    _int("net_minor"),
    _int("tax_minor"),
    _int("gross_minor"),
    _int("rounding_minor"),
    _int("tax_rate_bp"),
    _int("price_version"),
    _int("admits"),
    _int("zones"),
    _text("seat", empty=True),
    _int("sold_ms"),
    _int("valid_from_ms", empty=True),
    _int("valid_until_ms", empty=True),
    _int("is_pass"),
    Index("position_order", "order_id"),
    Index("position_reference", "reference"),
    Index("position_seat", "performance", "seat", sqlite_where=text("seat IS NOT NULL")),
)
PAYMENT = _table(
    "payment",
    _text("payment", key=True),
    _text("order_id"),
    _text("entry_id"),
    _text("hlc"),
    _int("line"),
    _text("shift", empty=True),
    _int("practice"),
    _text("tender"),
    _int("amount_minor"),
    _int("tendered_minor"),
    _int("change_minor"),
    _text("reference", empty=True),
    Index("payment_order", "order_id"),
    Index("payment_shift", "shift", "practice", "tender", "tendered_minor", "change_minor"),
)
SLOT = _table(
    "slot",
    _int("pool", key=True),
    _text("lease", key=True),
    _int("slot", key=True),
    _text("serial", key=True),
)
LEASE_RETURN = _table(
    "lease_return",
    _text("lease", key=True),
    _int("first", key=True),
    _int("last", key=True),
    _text("entry_id", key=True),
    _int("pool"),
)
"""Places that holders gave back: never sold from again, whatever set comes late."""

POOL_TALLY = _table("pool_tally", _int("pool", key=True), _int("used"))
PRINT_FACT = _table(
    "print_fact",
    _text("serial", key=True),
    _text("entry_id", key=True),
    _text("order_id"),
    _int("print_number"),
    _text("medium"),
    _int("receipt"),
    _text("key_id"),
    _text("station"),
    _text("hlc"),
    _int("at_ms"),
    Index("print_fact_order", "order_id"),
)

# Projected: the gate. `ticket` is what the facts of one serial add up to; the tallies are sums of it.

GATE_FACT = _table(
    "gate_fact",
    _text("serial", key=True),
    _text("entry_id", key=True),
    _text("kind"),
    _int("live"),
    _text("hlc"),
    _int("at_ms"),
    _int("event"),
    _int("at_event"),
    _int("product"),
    _int("performance"),
    _text("gate"),
    _text("lane"),
    _text("direction"),
    _text("verdict"),
    _text("via"),
    _text("confidence"),
    _int("people"),
    _text("operator", empty=True),
    _text("station"),
    _text("target"),
    _int("print_number", empty=True),
    Index("gate_fact_gate", "gate", "at_ms"),
)
TICKET = _table(
    "ticket",
    _text("serial", key=True),
    _int("event"),
    _int("performance"),
    _int("sold"),
    _int("admitted"),
    _int("inside"),
    _int("print_number"),
)
TALLY = _table(
    "tally",
    _int("event", key=True),
    _int("performance", key=True),
    _text("gate", key=True),
    _int("sold"),
    _int("admitted"),
    _int("inside"),
    _int("refused"),
)
"""Sums per event and performance. Gate '': over the tickets of that event (people sold to, come, inside). Any
other: what that gate did for that event (people let in, scans refused). One table, so that a scan writes one
page less."""

# Projected: shifts.

SHIFT_OPENED = _table(
    "shift_opened",
    _text("shift", key=True),
    _text("entry_id"),
    _text("hlc"),
    _text("station"),
    _text("cashier", empty=True),
    _text("drawer"),
    _text("currency"),
    _int("float_minor"),
    _int("at_ms"),
    Index("shift_opened_station", "station", "at_ms"),
)
SHIFT_CLOSED = _table(
    "shift_closed",
    _text("shift", key=True),
    _text("entry_id"),
    _text("hlc"),
    _text("station"),
    _int("number"),
    _int("expected_minor"),
    _int("counted_minor"),
    _int("difference_minor"),
    _text("receipts_first", empty=True),
    _text("receipts_last", empty=True),
    _int("receipts_count"),
    _text("tenders"),
    _int("at_ms"),
    Index("shift_closed_station", "station", "number"),
)

# Projected: what is known of leases.

LEASE_FACT = schema_leases.LEASE_FACT
SLOT_SHARED = schema_leases.SLOT_SHARED
POOL_LINE = schema_leases.POOL_LINE
LEASE_DOUBT = schema_leases.LEASE_DOUBT

# Projected: conflicts.

CONFLICT = schema_conflicts.CONFLICT
CONFLICT_RESOLUTION = schema_conflicts.CONFLICT_RESOLUTION
CONFLICT_WITNESS = schema_conflicts.CONFLICT_WITNESS

PROJECTED = tuple(table for table in METADATA.sorted_tables if table not in KEPT)
"""Tables that can be recomputed from the entries, for `verify` and for rebuilding."""
