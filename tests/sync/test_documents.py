"""What is offered, sent and taken, against a hub in memory: the decisions without any I/O."""

import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from domain import documents
from domain.documents import Document, Head
from domain.errors import Fault
from sync.documents import (
    LATER_MS,
    PIECE,
    DocumentExchange,
    DocumentPage,
    Outcome,
    Piece,
    Told,
)
from sync.messages import Denied

VERSION = "01800000000000-000000"


def made(size: int = 10, number: int | None = None) -> Document:
    nonce, content = os.urandom(32), os.urandom(size)
    name = str(uuid.uuid4()) if number is None else f"00000000-0000-4000-8000-{number:012d}"
    head = Head(name, "picture", "org", VERSION, documents.digest(nonce, content), size)
    return Document(head, nonce, content)


@dataclass
class MemoryStore:
    """A station's documents: those the hub has not confirmed, and those it has."""

    mine: dict[str, Document] = field(default_factory=dict)
    done: dict[str, Told] = field(default_factory=dict)
    taken: list[Document] = field(default_factory=list)
    at: dict[str, int] = field(default_factory=dict)
    belongs: str = ""

    def waiting(self) -> int:
        return len(self.offers("", 10**6))

    def stamp(self) -> str:
        return self.belongs

    def adopt(self, stamp: str) -> None:
        self.belongs, self.at, self.done = stamp, {}, {}

    def cursors(self) -> Mapping[str, int]:
        return self.at

    def offers(self, after: str, limit: int) -> Sequence[Head]:
        names = sorted(name for name in self.mine if name > after and name not in self.done)
        return [self.mine[name].head for name in names[:limit]]

    def content(self, document: str, digest: bytes) -> Document | None:
        found = self.mine.get(document)
        return found if found is not None and found.head.hash == digest else None

    def settle(self, told: Sequence[tuple[Head, Told]]) -> None:
        self.done |= {head.document: each for head, each in told}

    def wants(self, head: Head) -> bool:
        return all(each.head != head for each in self.taken)

    def take(self, page: DocumentPage) -> int:
        self.taken += page.documents
        self.at |= page.cursors
        return len(page.documents)


@dataclass
class MemoryHub:
    """A hub in memory; `outcomes` are answers made up for single documents."""

    log: list[Document] = field(default_factory=list)
    parts: dict[str, bytes] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    stamp: str = "hub"
    limit: int = 10**6

    def has(self, head: Head) -> bool:
        return any(each.head == head for each in self.log)

    def _told(self, head: Head, outcome: Outcome) -> Told:
        outcome = self.outcomes.get(head.document, outcome)
        return Told(head.document, outcome, head.version, len(self.parts.get(head.document, b"")))

    def offer(self, heads: Sequence[Head]) -> Sequence[Told]:
        self.calls.append("offer")
        return [self._told(head, Outcome.KNOWN if self.has(head) else Outcome.WANTED) for head in heads]

    def put(self, pieces: Sequence[Piece]) -> Sequence[Told]:
        self.calls.append("put")
        assert sum(len(piece.content) for piece in pieces) <= PIECE
        told = []
        for piece in pieces:
            name = piece.head.document
            have = self.parts.get(name, b"")
            assert len(have) == piece.offset
            self.parts[name] = have + piece.content
            outcome = Outcome.WANTED
            if len(self.parts[name]) == piece.head.size:
                self.log.append(Document(piece.head, piece.nonce, self.parts.pop(name)))
                outcome = Outcome.STORED
            told.append(self._told(piece.head, outcome))
        return told

    def pull(self, stamp: str, cursors: Mapping[str, int], limit: int) -> DocumentPage | Denied:
        self.calls.append("pull")
        if stamp != self.stamp:
            return Denied("INCARNATION", {"stamp": self.stamp})
        start = cursors.get("org", 0)
        found = self.log[start : start + min(limit, self.limit)]
        shown = [each if each.head.size <= PIECE else Document(each.head, each.nonce, b"") for each in found]
        end = start + len(found)
        return DocumentPage(shown, {"org": end}, more=end < len(self.log))

    def piece(self, head: Head, offset: int, length: int) -> bytes:
        self.calls.append("piece")
        found = next((each for each in self.log if each.head == head), None)
        return b"" if found is None else found.content[offset : offset + length]


def always() -> bool:
    return True


def after(count: int) -> Callable[[], bool]:
    """Time for so many calls."""
    left = iter(range(count))
    return lambda: next(left, None) is not None


def with_documents(*found: Document) -> tuple[DocumentExchange, MemoryStore]:
    store = MemoryStore({each.head.document: each for each in found})
    return DocumentExchange(store), store


def test_everything_that_the_hub_lacks_is_sent_and_nothing_twice() -> None:
    found = [made(number=n) for n in range(250)]
    exchange, _ = with_documents(*found)
    hub = MemoryHub(log=[found[3]])
    assert exchange.send(hub, 0, always) == (True, frozenset({"org"}))
    assert sorted(each.head.document for each in hub.log) == [each.head.document for each in found]
    assert (exchange.waiting(), len(hub.log)) == (0, 250)
    hub.calls.clear()
    assert exchange.send(hub, 0, always) == (True, frozenset())
    assert hub.calls == []


def test_a_large_content_goes_piece_by_piece_and_on_where_it_was_cut() -> None:
    large = made(PIECE * 3 + 5)
    exchange, store = with_documents(large)
    hub = MemoryHub()
    assert exchange.send(hub, 0, after(2)) == (False, frozenset())
    assert hub.calls == ["offer", "put", "put"]
    assert len(hub.parts[large.head.document]) == 2 * PIECE
    fresh = DocumentExchange(store)
    assert fresh.send(hub, 0, always) == (True, frozenset({"org"}))
    assert hub.calls == ["offer", "put", "put", "offer", "put", "put"]
    assert hub.log == [large]


def test_without_time_nothing_is_sent_and_nothing_is_lost() -> None:
    exchange, store = with_documents(made())
    assert exchange.send(MemoryHub(), 0, lambda: False) == (False, frozenset())
    assert store.waiting() == 1


@pytest.mark.parametrize("outcome", [Outcome.UNNAMED, Outcome.DENIED, Outcome.MALFORMED])
def test_what_cannot_be_taken_yet_holds_up_nobody_and_is_tried_later(outcome: Outcome) -> None:
    bad, good = made(number=1), made(number=2)
    exchange, store = with_documents(bad, good)
    hub = MemoryHub(outcomes={bad.head.document: outcome})
    assert exchange.send(hub, 0, always)[0]
    assert (hub.log, store.waiting()) == ([good], 1)
    hub.calls.clear()
    assert exchange.send(hub, LATER_MS - 1, always)[0]
    assert hub.calls == []
    hub.outcomes.clear()
    assert exchange.send(hub, LATER_MS, always)[0]
    assert hub.log == [good, bad]


def test_a_person_who_asks_leaves_nothing_for_later() -> None:
    bad = made()
    exchange, _ = with_documents(bad)
    hub = MemoryHub(outcomes={bad.head.document: Outcome.UNNAMED})
    exchange.send(hub, 0, always)
    hub.outcomes.clear()
    exchange.try_all()
    exchange.send(hub, 0, always)
    assert hub.log == [bad]


@pytest.mark.parametrize("outcome", [Outcome.STALE, Outcome.ERASED, Outcome.KNOWN])
def test_what_the_hub_has_better_is_settled_without_sending_it(outcome: Outcome) -> None:
    mine = made()
    exchange, store = with_documents(mine)
    hub = MemoryHub(outcomes={mine.head.document: outcome})
    assert exchange.send(hub, 0, always) == (True, frozenset())
    assert hub.calls == ["offer"]
    assert store.done[mine.head.document].outcome is outcome


def test_a_hub_that_makes_no_progress_or_mixes_its_answers_up_is_not_believed() -> None:
    mine = made(PIECE * 2)
    exchange, _ = with_documents(mine)
    hub = MemoryHub()
    stuck = [Told(mine.head.document, Outcome.WANTED, VERSION, 0)]
    hub.put = lambda pieces: stuck
    with pytest.raises(Fault) as fault:
        exchange.send(hub, 0, always)
    assert (fault.value.code, fault.value.params) == ("HUB_REPLY", {"field": "have"})
    hub.offer = lambda heads: [Told("another", Outcome.KNOWN, VERSION)]
    with pytest.raises(Fault) as fault:
        exchange.send(hub, 0, always)
    assert fault.value.params == {"field": "document"}
    hub.offer = lambda heads: Denied("REVOKED")
    with pytest.raises(Fault) as fault:
        exchange.send(hub, 0, always)
    assert (fault.value.code, fault.value.params) == ("HUB_REFUSED", {"why": "REVOKED"})


def test_pages_are_taken_to_the_end_with_the_large_ones_whole() -> None:
    found = [made(number=1), made(PIECE * 2 + 1, number=2), made(number=3)]
    exchange, store = with_documents()
    hub = MemoryHub(log=list(found), limit=2)
    assert exchange.fetch(hub, always) == (True, 3)
    assert (store.taken, store.at, store.belongs) == (found, {"org": 3}, "hub")
    assert hub.calls == ["pull", "pull", "piece", "piece", "piece", "pull"]


def test_a_large_content_that_was_cut_is_not_begun_again() -> None:
    found = [made(PIECE * 4)]
    exchange, store = with_documents()
    hub = MemoryHub(log=found)
    assert exchange.fetch(hub, after(3)) == (False, 0)
    assert (store.taken, store.at) == ([], {})
    assert exchange.fetch(hub, always) == (True, 1)
    assert store.taken == found
    assert hub.calls.count("piece") == 4


def test_a_large_content_that_is_known_is_not_fetched() -> None:
    found = made(PIECE * 2)
    exchange, store = with_documents()
    store.taken = [found]
    hub = MemoryHub(log=[found])
    assert exchange.fetch(hub, always) == (True, 0)
    assert "piece" not in hub.calls


def test_a_version_that_is_gone_by_the_time_its_pieces_are_asked_for_is_passed_over() -> None:
    exchange, store = with_documents()
    hub = MemoryHub(log=[made(PIECE * 2)])
    hub.piece = lambda head, offset, length: b""
    assert exchange.fetch(hub, always) == (True, 0)
    assert store.at == {"org": 1}


def test_another_hub_is_noticed_once_and_a_refusal_is_a_fault() -> None:
    exchange, store = with_documents(made())
    store.belongs, store.at = "hub before", {"org": 99}
    assert exchange.fetch(MemoryHub(), always) == (True, 0)
    assert store.belongs == "hub"
    hub = MemoryHub()
    for denied in (Denied("INCARNATION", {"stamp": "never the same"}), Denied("REVOKED")):
        hub.pull = lambda stamp, cursors, limit, denied=denied: denied
        with pytest.raises(Fault) as fault:
            exchange.fetch(hub, always)
        assert fault.value.code == "HUB_REFUSED"


def test_starting_over_forgets_what_the_cursors_belong_to() -> None:
    exchange, store = with_documents()
    store.belongs = "hub"
    exchange.start_over()
    assert store.belongs == ""
