"""What entries say about documents: which hashes they name, which documents they erase.

Only projected tables are written here; triggers carry it over to the documents themselves.
"""

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from app.store.facts import at_ms, bump_version, first_wins
from app.store.schema_documents import DOCUMENT_ERASURE, DOCUMENT_NAME
from domain import documents
from domain.entry import Body, Entry, MalformedEntryError

_NAME = insert(DOCUMENT_NAME).on_conflict_do_nothing()
_ERASURE = first_wins(DOCUMENT_ERASURE)


def check_erasure(_kind: str, body: Body) -> None:
    """Raises MalformedEntryError for a document that can never have been one."""
    if not documents.is_id(body["document"]) or not documents.is_feed(body["feed"]):
        raise MalformedEntryError("document_erased: field document or feed")


def names(connection: Connection, entry: Entry) -> None:
    """Note the documents that an entry of any kind names."""
    rows = [
        {"document": document, "hash": known_hash, "entry_id": entry.entry_id}
        for document, known_hash in documents.names(entry.body)
    ]
    if rows:
        connection.execute(_NAME, rows)
        bump_version(connection)


def document_erased(connection: Connection, entry: Entry) -> None:
    """A document is gone, for ever; of several such entries the earliest is kept."""
    body = entry.body
    connection.execute(
        _ERASURE,
        {
            "document": body["document"],
            "entry_id": entry.entry_id,
            "hlc": entry.origin.hlc,
            "kind": body["kind"],
            "feed": body["feed"],
            "reason": body["reason"],
            "at_ms": at_ms(entry),
        },
    )
    bump_version(connection)
