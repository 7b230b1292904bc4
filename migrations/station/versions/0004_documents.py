"""Documents: what entries name and erase; content as bytes, kept aside until it is named.

Revision 0004, after 0003.
"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TYPES = {"int": sa.Integer, "text": sa.Text, "blob": sa.LargeBinary}
_CONTENT = "document:text kind:text feed:text version:text hash:blob nonce:blob content:blob"

_TRIGGERS = (
    """CREATE TRIGGER document_is_erased AFTER INSERT ON document_erasure BEGIN
        UPDATE document SET version = '00000000000000-000000', hash = x'', nonce = x'', content = x'',
            tombstone = 1, dirty = 0 WHERE document = NEW.document AND tombstone = 0;
        DELETE FROM document_aside WHERE document = NEW.document;
    END""",
    """CREATE TRIGGER document_is_named AFTER INSERT ON document_name BEGIN
        INSERT INTO document (document, kind, feed, version, hash, nonce, content, tombstone, dirty)
            SELECT a.document, a.kind, a.feed, a.version, a.hash, a.nonce, a.content, 0, 0
            FROM document_aside AS a
            WHERE a.document = NEW.document AND a.hash = NEW.hash AND a.code = 'UNNAMED'
              AND NOT EXISTS (SELECT 1 FROM document_erasure AS e WHERE e.document = a.document)
            ON CONFLICT (document) DO UPDATE SET kind = excluded.kind, feed = excluded.feed,
                version = excluded.version, hash = excluded.hash, nonce = excluded.nonce,
                content = excluded.content, dirty = 0
            WHERE document.tombstone = 0
              AND (excluded.version, excluded.hash) > (document.version, document.hash);
        DELETE FROM document_aside
            WHERE document = NEW.document AND hash = NEW.hash AND code = 'UNNAMED';
    END""",
    """CREATE TRIGGER document_stays_erased BEFORE INSERT ON document
        WHEN NEW.tombstone = 0
         AND EXISTS (SELECT 1 FROM document_erasure AS e WHERE e.document = NEW.document)
        BEGIN SELECT RAISE(ABORT, 'an erased document'); END""",
    """CREATE TRIGGER document_stays_tombstone BEFORE UPDATE ON document
        WHEN OLD.tombstone = 1 AND NEW.tombstone = 0
        BEGIN SELECT RAISE(ABORT, 'a tombstone'); END""",
)


def upgrade() -> None:
    """Forward only."""
    op.rename_table("document", "document_before")
    _table("document", f"{_CONTENT} tombstone:int dirty:int", key="document", rows=True)
    op.create_index("document_kind", "document", ["kind"])
    op.create_index("document_dirty", "document", ["document"], sqlite_where=sa.text("dirty = 1"))
    _table("document_aside", f"{_CONTENT} code:text received_ms:int", key="document", rows=True)
    _table("document_cursor", "feed:text position:int", key="feed")
    _table("document_name", "document:text hash:blob entry_id:text", key="document hash entry_id")
    _table(
        "document_erasure",
        "document:text entry_id:text hlc:text kind:text feed:text reason:text at_ms:int",
        key="document",
    )
    _take_over()
    op.drop_table("document_before")
    for trigger in _TRIGGERS:
        op.execute(trigger)


def _take_over() -> None:
    """The documents that are there, and which of them entries name."""
    bind = op.get_bind()
    for row in bind.exec_driver_sql("SELECT * FROM document_before").mappings().all():
        content = b"" if row["tombstone"] else row["content"].encode()
        digest = b"" if row["tombstone"] else hashlib.sha256(row["nonce"] + content).digest()
        bind.exec_driver_sql(
            "INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(row["document"], row["kind"], row["feed"], row["version"], digest, row["nonce"]),
                *(content, row["tombstone"], 1 - row["tombstone"]),
            ),
        )
    for entries in ("journal", "replica_entry"):
        rows = bind.exec_driver_sql(
            f"SELECT entry_id, content FROM {entries} WHERE content LIKE '%\"document_hash\"%'"
        )
        for entry_id, text in rows.all():
            body = json.loads(text)["body"]
            document, digest = body.get("document"), body.get("document_hash")
            if isinstance(document, str) and isinstance(digest, str) and len(digest) == 64:
                bind.exec_driver_sql(
                    "INSERT OR IGNORE INTO document_name VALUES (?, ?, ?)",
                    (document, bytes.fromhex(digest), entry_id),
                )


def _table(name: str, columns: str, *, key: str, rows: bool = False) -> None:
    """A STRICT table; columns are `name:type`. `rows`: with row ids, for wide rows."""
    parts = [
        sa.Column(label, _TYPES[kind](), nullable=False)
        for label, kind in (column.split(":") for column in columns.split())
    ]
    more = {} if rows else {"sqlite_with_rowid": False}
    op.create_table(name, *parts, sa.PrimaryKeyConstraint(*key.split()), sqlite_strict=True, **more)
