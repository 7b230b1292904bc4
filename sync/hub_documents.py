"""Documents over a station's connection to the hub: the four functions of api_1, called and read strictly."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from domain.documents import Document, Head
from domain.errors import Fault
from sync.documents import DocumentPage, Outcome, Piece, Told
from sync.hub_client import HubClient
from sync.messages import Answer, Denied

_HEADS = "%b::uuid[], %b::text[], %b::text[], %b::text[], %b::bytea[], %b::integer[]"
_OFFER = f"SELECT api_1.offer_documents({_HEADS})"
_PUT = f"SELECT api_1.put_documents({_HEADS}, %b::bytea[], %b::integer[], %b::bytea[])"
_PULL = (
    "SELECT reply, document::text, kind, feed, version, hash, nonce, size, tombstone, content"
    " FROM api_1.pull_documents(%s, %s, %s)"
)
_PIECE = "SELECT api_1.document_piece(%s::uuid, %b, %s)"


class HubDocuments:
    """See sync.documents.DocumentHub."""

    def __init__(self, client: HubClient) -> None:
        self._client = client

    def offer(self, heads: Sequence[Head]) -> Sequence[Told] | Denied:
        """What the hub thinks of these versions."""
        return _told(self._client.rows(_OFFER, _columns(heads)))

    def put(self, pieces: Sequence[Piece]) -> Sequence[Told] | Denied:
        """Bring content."""
        columns = (
            *_columns([piece.head for piece in pieces]),
            [piece.nonce for piece in pieces],
            [piece.offset for piece in pieces],
            [piece.content for piece in pieces],
        )
        return _told(self._client.rows(_PUT, columns))

    def pull(self, stamp: str, cursors: Mapping[str, int], limit: int) -> DocumentPage | Denied:
        """What was changed since; the last row says how far."""
        rows = self._client.rows(_PULL, (stamp, Jsonb(dict(cursors)), limit))
        if not rows:
            raise Fault("HUB_REPLY", field="reply")
        answer = Answer(rows[-1][0])
        if (denied := answer.denied()) is not None:
            return denied
        more = answer.plain().get("more")
        if not isinstance(more, bool):
            raise Fault("HUB_REPLY", field="more")
        return DocumentPage([_document(row) for row in rows[:-1]], answer.numbers("cursors"), more)

    def piece(self, head: Head, offset: int, length: int) -> bytes | Denied:
        """A stretch of a large content; the hub says how long it may be."""
        rows = self._client.rows(_PIECE, (head.document, head.hash, offset))
        found = rows[0][0] if rows else None
        if found is not None and not isinstance(found, bytes):
            raise Fault("HUB_REPLY", field="content")
        return (found or b"")[:length]


def _columns(heads: Sequence[Head]) -> tuple[list[Any], ...]:
    return (
        [head.document for head in heads],
        [head.kind for head in heads],
        [head.feed for head in heads],
        [head.version for head in heads],
        [head.hash for head in heads],
        [head.size for head in heads],
    )


def _told(rows: Sequence[tuple[Any, ...]]) -> Sequence[Told] | Denied:
    if len(rows) != 1 or len(rows[0]) != 1:
        raise Fault("HUB_REPLY", field="reply")
    answer = Answer(rows[0][0])
    if (denied := answer.denied()) is not None:
        return denied
    found = []
    for item in answer.items("documents"):
        outcome, reads = item.text("outcome"), item.plain().get("reads")
        if outcome not in set(Outcome) or not isinstance(reads, bool):
            raise Fault("HUB_REPLY", field="outcome")
        version, have = item.text("version"), item.number("have")
        found.append(Told(item.text("document"), Outcome(outcome), version, have, reads))
    return found


_TYPES: tuple[Any, ...] = (
    str,
    str,
    str,
    str,
    (bytes, type(None)),
    (bytes, type(None)),
    int,
    bool,
    (bytes, type(None)),
)


def _document(row: tuple[Any, ...]) -> Document:
    values = row[1:]
    if len(values) != len(_TYPES) or not all(
        isinstance(value, kind) for value, kind in zip(values, _TYPES, strict=True)
    ):
        raise Fault("HUB_REPLY", field="row")
    document, kind, feed, version, digest, nonce, size, tombstone, content = values
    head = Head(document, kind, feed, version, digest or b"", size, tombstone)
    return Document(head, nonce or b"", content or b"")
