"""Documents between a station and its hub: what to offer, what to send, what to take.

No I/O of its own: the store and the hub are ports, so the simulator runs the same code. Everything may be
repeated, and stopped between any two calls: what is not confirmed is offered again, a large content goes on
where it was cut. Content is sent only after the hub has said that it wants it, in pieces no larger than a
batch of entries; between pieces the caller may be needed elsewhere (`go_on`), so documents never hold up
entries.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from domain.documents import Document, Head
from domain.errors import Fault
from sync.messages import Denied

PIECE = 256 * 1024
"""Bytes of content in one call."""
OFFERS = 500
BATCH = 100
PULL_LIMIT = 200
LATER_MS = 60_000
"""How long a document that the hub cannot take yet is left alone."""

GoOn = Callable[[], bool]
T = TypeVar("T")


class Outcome(StrEnum):
    """What the hub says of one version of a document."""

    WANTED = "wanted"
    """It has not got it, or not all of it: send."""
    STORED = "stored"
    KNOWN = "known"
    STALE = "stale"
    """It has a version that beats this one."""
    ERASED = "erased"
    UNNAMED = "unnamed"
    """No entry at the hub names it; it may come later."""
    DENIED = "denied"
    """This kind is not this station's to bring."""
    MALFORMED = "malformed"
    """It is not what its hash says, or too large."""


@dataclass(frozen=True, slots=True)
class Told:
    """The hub's word about one document; `version` is the one that counts there, `have` how many bytes of a
    content that is on its way it has, `reads` whether this station may keep what it has brought."""

    document: str
    outcome: Outcome
    version: str
    have: int = 0
    reads: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the content of one version."""

    head: Head
    nonce: bytes
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Documents as the hub has them, in the order of their positions. `content` of a large one is empty and
    is fetched by pieces. `cursors` are those after the page."""

    documents: Sequence[Document]
    cursors: Mapping[str, int]
    more: bool


class DocumentHub(Protocol):
    """The hub as this part of sync needs it. Every method may raise Fault."""

    def offer(self, heads: Sequence[Head]) -> Sequence[Told] | Denied:
        """What the hub thinks of these versions; nothing is stored."""
        ...

    def put(self, pieces: Sequence[Piece]) -> Sequence[Told] | Denied:
        """Bring content: whole documents, or one piece of a large one."""
        ...

    def pull(self, stamp: str, cursors: Mapping[str, int], limit: int) -> DocumentPage | Denied:
        """What was changed since. Denied INCARNATION (`stamp`): the cursors are worth nothing."""
        ...

    def piece(self, head: Head, offset: int, length: int) -> bytes | Denied:
        """A stretch of a large content; empty when that version is there no more."""
        ...


class DocumentStore(Protocol):
    """The local store as this part of sync needs it; each method is one transaction."""

    def waiting(self) -> int:
        """How many documents the hub has not confirmed."""
        ...

    def stamp(self) -> str:
        """What the cursors belong to; empty before the first time."""
        ...

    def adopt(self, stamp: str) -> None:
        """Another hub, or other rights there: cursors start over, and everything here is offered again."""
        ...

    def cursors(self) -> Mapping[str, int]:
        """The position per feed."""
        ...

    def offers(self, after: str, limit: int) -> Sequence[Head]:
        """Versions that the hub has not confirmed, by id, beginning after one."""
        ...

    def content(self, document: str, digest: bytes) -> Document | None:
        """A version with its content; None when it is no more the one that counts."""
        ...

    def settle(self, told: Sequence[tuple[Head, Told]]) -> None:
        """Take note of what the hub said of versions that were offered."""
        ...

    def wants(self, head: Head) -> bool:
        """Whether the content of such a version would be new here."""
        ...

    def take(self, page: DocumentPage) -> int:
        """Merge a page and move the cursors, in one transaction; how many documents changed here."""
        ...


class DocumentExchange:
    """One station's exchange of documents. `send` and `fetch` may run in two threads."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._later: dict[tuple[str, bytes], int] = {}
        self._parts: dict[tuple[str, bytes], bytearray] = {}
        self._fresh: set[str] = set()

    def waiting(self) -> int:
        """How many documents the hub has not confirmed."""
        return self._store.waiting()

    def try_all(self) -> None:
        """Leave nothing for later the next time: a person asked."""
        self._later.clear()

    def start_over(self) -> None:
        """The hub is not what it was: compare everything with it."""
        self._store.adopt("")

    def send(self, hub: DocumentHub, now_ms: int, go_on: GoOn) -> tuple[bool, frozenset[str]]:
        """Bring what the hub lacks: whether the end was reached before `go_on` said stop, and the feeds that
        have something new. Raises Fault."""
        after = ""
        self._fresh.clear()
        while heads := self._store.offers(after, OFFERS):
            after = heads[-1].document
            due = [head for head in heads if self._later.get((head.document, head.hash), 0) <= now_ms]
            if due and not self._send(hub, due, now_ms, go_on):
                return False, frozenset(self._fresh)
        return True, frozenset(self._fresh)

    def fetch(self, hub: DocumentHub, go_on: GoOn) -> tuple[bool, int]:
        """Take what the hub has: whether the end was reached, and how many documents changed here.

        Raises Fault.
        """
        changed, adopted = 0, False
        while True:
            answer = hub.pull(self._store.stamp(), self._store.cursors(), PULL_LIMIT)
            if isinstance(answer, Denied):
                stamp = answer.params.get("stamp")
                if answer.code != "INCARNATION" or adopted or not isinstance(stamp, str):
                    raise Fault("HUB_REFUSED", why=answer.code)
                adopted = True
                self._store.adopt(stamp)
                continue
            whole = self._whole(hub, answer, go_on)
            if whole is None:
                return False, changed
            changed += self._store.take(whole)
            self._parts.clear()
            if not answer.more:
                return True, changed
            if not go_on():
                return False, changed

    def _send(self, hub: DocumentHub, heads: Sequence[Head], now_ms: int, go_on: GoOn) -> bool:
        told = self._settled(heads, _good(hub.offer(heads)), now_ms)
        wanted = [(head, each.have) for head, each in told if each.outcome is Outcome.WANTED]
        return all(go_on() and self._bring(hub, batch, now_ms, go_on) for batch in _batches(wanted))

    def _bring(self, hub: DocumentHub, wanted: list[tuple[Head, int]], now_ms: int, go_on: GoOn) -> bool:
        """Small documents at once, a large one piece after piece; False when there was no time."""
        while pieces := list(self._pieces(wanted)):
            told = self._settled([each.head for each in pieces], _good(hub.put(pieces)), now_ms)
            wanted = [(head, each.have) for head, each in told if each.outcome is Outcome.WANTED]
            if any(have <= piece.offset for (_, have), piece in zip(wanted, pieces, strict=False)):
                raise Fault("HUB_REPLY", field="have")
            if wanted and not go_on():
                return False
        return True

    def _pieces(self, wanted: Sequence[tuple[Head, int]]) -> Iterator[Piece]:
        for head, have in wanted:
            found = self._store.content(head.document, head.hash)
            if found is not None:
                yield Piece(head, found.nonce, have, found.content[have : have + PIECE])

    def _settled(self, heads: Sequence[Head], told: Sequence[Told], now_ms: int) -> list[tuple[Head, Told]]:
        """Pair the answers with what was asked, and note them. Raises Fault HUB_REPLY."""
        if [head.document for head in heads] != [each.document for each in told]:
            raise Fault("HUB_REPLY", field="document")
        pairs = list(zip(heads, told, strict=True))
        for head, each in pairs:
            if each.outcome is Outcome.STORED:
                self._fresh.add(head.feed)
            if each.outcome in _LATER:
                self._later[head.document, head.hash] = now_ms + LATER_MS
            else:
                self._later.pop((head.document, head.hash), None)
        self._store.settle([pair for pair in pairs if pair[1].outcome in _SETTLED])
        return pairs

    def _whole(self, hub: DocumentHub, page: DocumentPage, go_on: GoOn) -> DocumentPage | None:
        """The page with the contents of its large documents; None when there was no time for all."""
        documents = []
        for each in page.documents:
            large = not each.head.tombstone and len(each.content) < each.head.size
            if large and self._store.wants(each.head):
                content = self._fetched(hub, each.head, go_on)
                if content is None:
                    return None
                if len(content) == each.head.size:  # else it is there no more; what took its place will come
                    documents.append(Document(each.head, each.nonce, content))
            elif not large:
                documents.append(each)
        return DocumentPage(documents, page.cursors, page.more)

    def _fetched(self, hub: DocumentHub, head: Head, go_on: GoOn) -> bytes | None:
        """All of a large content, as far as the hub still has it; None when there was no time."""
        part = self._parts.setdefault((head.document, head.hash), bytearray())
        while len(part) < head.size:
            if not go_on():
                return None
            piece = _good(hub.piece(head, len(part), PIECE))
            if not piece:
                break
            part += piece
        return bytes(part)


_SETTLED = frozenset({Outcome.STORED, Outcome.KNOWN, Outcome.STALE, Outcome.ERASED})
_LATER = frozenset({Outcome.UNNAMED, Outcome.DENIED, Outcome.MALFORMED})


def _batches(wanted: Sequence[tuple[Head, int]]) -> Iterator[list[tuple[Head, int]]]:
    """Small documents together, a large one alone."""
    batch: list[tuple[Head, int]] = []
    size = 0
    for head, have in wanted:
        if batch and (size + head.size > PIECE or len(batch) == BATCH):
            yield batch
            batch, size = [], 0
        batch.append((head, have))
        size += head.size
    if batch:
        yield batch


def _good(answer: T | Denied) -> T:
    if isinstance(answer, Denied):
        raise Fault("HUB_REFUSED", why=answer.code)
    return answer
