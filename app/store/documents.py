"""Documents in the station's file: written together with the entries that name them, merged with the hub's.

What counts of a document is decided by domain.documents; erasures are projected entries, and triggers in the
file empty what they name, in whatever order things arrive.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from app.store import replica
from app.store.core import StoreCore
from app.store.facts import bump_version
from app.store.prepared import Prepared
from app.store.remembered import Remembered
from app.store.schema_documents import (
    DOCUMENT,
    DOCUMENT_ASIDE,
    DOCUMENT_CURSOR,
    DOCUMENT_ERASURE,
    DOCUMENT_NAME,
)
from domain import documents
from domain.clock import Clock, to_ms
from domain.documents import KINDS, Document, Head
from domain.entry import canonical
from domain.errors import Refusal
from domain.ids import RandomBytes
from sync.documents import DocumentPage, Outcome, Told

STAMP = "document_stamp"
UNNAMED, TAMPERED = "UNNAMED", "TAMPERED"

Content = Mapping[str, object] | bytes

_HEAD = (
    DOCUMENT.c.document,
    DOCUMENT.c.kind,
    DOCUMENT.c.feed,
    DOCUMENT.c.version,
    DOCUMENT.c.hash,
    func.length(DOCUMENT.c.content).label("size"),
    DOCUMENT.c.tombstone,
)


def put(
    connection: Connection,
    document: str,
    kind: str,
    feed: str,
    content: Content,
    now_ms: int,
    random_bytes: RandomBytes,
) -> bytes:
    """Write a version that is made here and now; answers its hash. `now_ms`: the hub's time as far as known.

    Raises Refusal DOCUMENT_TOO_LARGE (`size`, `most`), DOCUMENT_ERASED; ValueError for what no caller may do.
    """
    if not documents.is_id(document) or not documents.fits_feed(kind, feed):
        raise ValueError(f"no document of kind {kind} in feed {feed} with id {document}")
    raw = content if isinstance(content, bytes) else canonical(content).encode()
    if len(raw) > documents.MAX_BYTES:
        raise Refusal("DOCUMENT_TOO_LARGE", size=len(raw), most=documents.MAX_BYTES)
    present = _present(connection, document)
    if is_erased(connection, document) or (present is not None and present.tombstone):
        raise Refusal("DOCUMENT_ERASED", document=document)
    nonce = random_bytes(documents.NONCE_BYTES)
    version = documents.next_version(now_ms, None if present is None else present.version)
    head = Head(document, kind, feed, version, documents.digest(nonce, raw), len(raw))
    _write(connection, Document(head, nonce, raw), dirty=True)
    return head.hash


def is_named(connection: Connection, document: str, digest: bytes) -> bool:
    """Whether an entry here names that version."""
    found = select(DOCUMENT_NAME.c.entry_id).where(
        DOCUMENT_NAME.c.document == document, DOCUMENT_NAME.c.hash == digest
    )
    return connection.execute(found.limit(1)).first() is not None


def is_erased(connection: Connection, document: str) -> bool:
    """Whether an entry here erases a document."""
    found = select(DOCUMENT_ERASURE.c.document).where(DOCUMENT_ERASURE.c.document == document)
    return connection.execute(found).first() is not None


_WAITING = Prepared(select(func.count()).select_from(DOCUMENT).where(DOCUMENT.c.dirty == 1))
_CURSORS = Prepared(select(DOCUMENT_CURSOR.c.feed, DOCUMENT_CURSOR.c.position))
_OFFERED = Prepared(
    select(*_HEAD)
    .where(DOCUMENT.c.dirty == 1, DOCUMENT.c.document > bindparam("after"))
    .order_by(DOCUMENT.c.document)
    .limit(bindparam("most"))
)


class StoreDocuments:
    """See sync.documents.DocumentStore."""

    def __init__(self, core: StoreCore, clock: Clock) -> None:
        self._core = core
        self._clock = clock
        self._remembered = Remembered(core)

    def waiting(self) -> int:
        """How many documents the hub has not confirmed."""
        return self._remembered.of("waiting", None, lambda found: int(_WAITING.scalar(found, {})))

    def aside(self) -> tuple[int, int]:
        """How many contents are kept apart: not named by any entry here, and not what their hash says."""
        with self._core.reading() as connection:
            rows = connection.execute(
                select(DOCUMENT_ASIDE.c.code, func.count()).group_by(DOCUMENT_ASIDE.c.code)
            )
            found = {row[0]: int(row[1]) for row in rows}
        return found.get(UNNAMED, 0), found.get(TAMPERED, 0)

    def stamp(self) -> str:
        """What the cursors belong to."""
        return self._remembered.of("stamp", None, lambda found: replica.read_meta(found, STAMP) or "")

    def adopt(self, stamp: str) -> None:
        """Cursors start over, and everything here is offered again; what is no more this station's to keep
        goes with the hub's answer."""
        with self._core.writing() as work:
            replica.write_meta(work.connection, STAMP, stamp)
            work.connection.execute(delete(DOCUMENT_CURSOR))
            work.connection.execute(update(DOCUMENT).where(DOCUMENT.c.tombstone == 0).values(dirty=1))
            work.commit()

    def cursors(self) -> Mapping[str, int]:
        """The position per feed."""
        return self._remembered.of(
            "cursors", None, lambda found: {row.feed: row.position for row in _CURSORS.rows(found, {})}
        )

    def offers(self, after: str, limit: int) -> Sequence[Head]:
        """Versions that the hub has not confirmed."""
        if not self.waiting():
            return []
        with self._core.reading() as connection:
            rows = _OFFERED.rows(connection, {"after": after, "most": limit})
            return [_head(row) for row in rows]

    def content(self, document: str, digest: bytes) -> Document | None:
        """A version with its content, while it is the one that counts."""
        with self._core.reading() as connection:
            return _whole(connection, document, digest)

    def settle(self, told: Sequence[tuple[Head, Told]]) -> None:
        """The hub has these, or better ones."""
        if not told:
            return
        with self._core.writing() as work:
            for head, each in told:
                _settle(work.connection, head, each)
            if not all(each.reads for _, each in told):
                bump_version(work.connection)
            work.commit()

    def wants(self, head: Head) -> bool:
        """Whether the content of a version would be new here."""
        with self._core.reading() as connection:
            present = _present(connection, head.document)
            return not is_erased(connection, head.document) and (
                present is None or documents.beats(head, present)
            )

    def take(self, page: DocumentPage) -> int:
        """Merge a page and move the cursors, in one transaction."""
        changed = 0
        with self._core.writing() as work:
            for document in page.documents:
                changed += _merge(work.connection, document, to_ms(self._clock.now()))
            _move(work.connection, page.cursors)
            if changed:
                bump_version(work.connection)
            work.commit()
        return changed

    def unsent(self) -> list[Document]:
        """Documents that the hub has not confirmed: for a store that takes this one's place."""
        with self._core.reading() as connection:
            heads = connection.execute(
                select(DOCUMENT.c.document, DOCUMENT.c.hash).where(DOCUMENT.c.dirty == 1)
            ).all()
            found = [_whole(connection, row.document, row.hash) for row in heads]
        return [each for each in found if each is not None]

    def take_over(self, unsent: Sequence[Document]) -> None:
        """Keep the documents of the store whose place this one has taken."""
        with self._core.writing() as work:
            for document in unsent:
                present = _present(work.connection, document.head.document)
                if not is_erased(work.connection, document.head.document) and (
                    present is None or documents.beats(document.head, present)
                ):
                    _write(work.connection, document, dirty=True)
            bump_version(work.connection)
            work.commit()


def _merge(connection: Connection, document: Document, now_ms: int) -> bool:
    """Take one document of the hub's; whether anything that is shown has changed."""
    head = document.head
    present = _present(connection, head.document)
    if is_erased(connection, head.document) or (present is not None and present.tombstone):
        return False
    if head.tombstone:
        connection.execute(delete(DOCUMENT_ASIDE).where(DOCUMENT_ASIDE.c.document == head.document))
        _write(connection, Document(documents.tombstone(head), b"", b""), dirty=False)
        return True
    if present is not None and present.hash == head.hash and document.whole:
        _confirm(connection, present, head.version)
        return False
    out_of_place = head.kind in KINDS and not documents.fits_feed(head.kind, head.feed)
    if not document.whole or out_of_place:  # a kind that only a newer program knows is kept as any other
        _set_aside(connection, document, TAMPERED, now_ms)
    elif not is_named(connection, head.document, head.hash):
        _set_aside(connection, document, UNNAMED, now_ms)
    elif present is None or documents.beats(head, present):
        _write(connection, document, dirty=False)
        return True
    return False


def _settle(connection: Connection, head: Head, told: Told) -> None:
    """Note the hub's word, unless there is another version here by now."""
    mine = (DOCUMENT.c.document == head.document) & (DOCUMENT.c.hash == head.hash)
    if not told.reads:  # brought for others, or read no more: an erasure would not be heard of here
        connection.execute(delete(DOCUMENT).where(mine))
        return
    beaten = told.outcome is Outcome.STALE
    if beaten and head.version > told.version:  # it was clamped: let the hub's win here too, and ask for it
        connection.execute(update(DOCUMENT).where(mine).values(version=documents.LOWEST, dirty=0))
        connection.execute(delete(DOCUMENT_CURSOR).where(DOCUMENT_CURSOR.c.feed == head.feed))
        return
    kept = beaten or told.outcome is Outcome.ERASED
    connection.execute(
        update(DOCUMENT).where(mine).values(version=head.version if kept else told.version, dirty=0)
    )


def _confirm(connection: Connection, present: Head, version: str) -> None:
    connection.execute(
        update(DOCUMENT).where(DOCUMENT.c.document == present.document).values(version=version, dirty=0)
    )


def _set_aside(connection: Connection, document: Document, code: str, now_ms: int) -> None:
    fresh = insert(DOCUMENT_ASIDE)
    connection.execute(
        fresh.on_conflict_do_update(
            index_elements=["document"],
            set_={
                column.name: fresh.excluded[column.name]
                for column in DOCUMENT_ASIDE.c
                if column.name != "document"
            },
            where=fresh.excluded.version >= DOCUMENT_ASIDE.c.version,
        ),
        {**_content(document), "code": code, "received_ms": now_ms},
    )


def _write(connection: Connection, document: Document, *, dirty: bool) -> None:
    fresh = insert(DOCUMENT)
    connection.execute(
        fresh.on_conflict_do_update(
            index_elements=["document"],
            set_={
                column.name: fresh.excluded[column.name] for column in DOCUMENT.c if column.name != "document"
            },
        ),
        {**_content(document), "tombstone": int(document.head.tombstone), "dirty": int(dirty)},
    )


def _content(document: Document) -> dict[str, Any]:
    head = document.head
    return {
        "document": head.document,
        "kind": head.kind,
        "feed": head.feed,
        "version": head.version,
        "hash": head.hash,
        "nonce": document.nonce,
        "content": document.content,
    }


def _move(connection: Connection, cursors: Mapping[str, int]) -> None:
    fresh = insert(DOCUMENT_CURSOR)
    rows = [{"feed": feed, "position": position} for feed, position in cursors.items()]
    if rows:
        connection.execute(
            fresh.on_conflict_do_update(
                index_elements=["feed"],
                set_={"position": fresh.excluded.position},
                where=fresh.excluded.position > DOCUMENT_CURSOR.c.position,
            ),
            rows,
        )


def _present(connection: Connection, document: str) -> Head | None:
    row = connection.execute(select(*_HEAD).where(DOCUMENT.c.document == document)).first()
    return None if row is None else _head(row)


def _head(row: Any) -> Head:
    return Head(
        row.document, row.kind, row.feed, row.version, bytes(row.hash), row.size or 0, bool(row.tombstone)
    )


def _whole(connection: Connection, document: str, digest: bytes) -> Document | None:
    row = connection.execute(
        select(*_HEAD, DOCUMENT.c.nonce, DOCUMENT.c.content).where(
            DOCUMENT.c.document == document, DOCUMENT.c.hash == digest, DOCUMENT.c.tombstone == 0
        )
    ).first()
    return None if row is None else Document(_head(row), bytes(row.nonce), bytes(row.content))
