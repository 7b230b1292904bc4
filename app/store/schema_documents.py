"""Tables of documents: what can be erased, and what entries say about it.

Kept: the documents, those that no entry here names (yet), and how far the hub's were read. Projected: which
hashes entries name, and which documents they erase. Triggers (in the migration) hold the two together, so
that order of arrival makes no difference: an erasure empties the document, a name brings out what was kept
aside.
"""

from sqlalchemy import Column, Index, LargeBinary, Table, text

from app.store.schema_parts import METADATA, blob_column, int_column, table, text_column

DOCUMENT = Table(
    "document",
    METADATA,
    text_column("document", key=True),
    text_column("kind"),
    text_column("feed"),
    text_column("version"),
    blob_column("hash"),
    blob_column("nonce"),
    blob_column("content"),
    int_column("tombstone"),
    int_column("dirty"),
    Index("document_kind", "kind"),
    Index("document_dirty", "document", sqlite_where=text("dirty = 1")),
    sqlite_strict=True,
)
"""The version that counts of each document; `dirty`: the hub has not confirmed it. A tombstone has no
content."""

DOCUMENT_ASIDE = Table(
    "document_aside",
    METADATA,
    text_column("document", key=True),
    text_column("kind"),
    text_column("feed"),
    text_column("version"),
    blob_column("hash"),
    blob_column("nonce"),
    blob_column("content"),
    text_column("code"),
    int_column("received_ms"),
    sqlite_strict=True,
)
"""Content from the hub that is not shown: UNNAMED (no entry here names this hash), TAMPERED (it is not what
its hash says). One of a document, the latest version."""

DOCUMENT_CURSOR = table("document_cursor", text_column("feed", key=True), int_column("position"))

DOCUMENT_NAME = table(
    "document_name",
    text_column("document", key=True),
    Column("hash", LargeBinary, primary_key=True, nullable=False),
    text_column("entry_id", key=True),
)

DOCUMENT_ERASURE = table(
    "document_erasure",
    text_column("document", key=True),
    text_column("entry_id"),
    text_column("hlc"),
    text_column("kind"),
    text_column("feed"),
    text_column("reason"),
    int_column("at_ms"),
)

KEPT = (DOCUMENT, DOCUMENT_ASIDE, DOCUMENT_CURSOR)
