"""Documents at a real hub: who may bring and read them, in which order, what ends them."""

import hashlib
import os
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from domain import documents
from domain.documents import KINDS, LOWEST, Document, Head
from domain.errors import Fault, Refusal
from domain.ticket_code import SigningKey
from sync.documents import PIECE, DocumentPage, Outcome, Piece, Told
from sync.enrolment import Enrolled
from sync.hub_client import HubClient
from sync.hub_document_rights import grant
from sync.hub_documents import HubDocuments
from sync.messages import Denied, PushReply
from tests.journal import Journal
from tests.postgres import Hub

VERSION = f"{1_800_000_000_000 - 86_400_000 * 400:014d}-000000"


@dataclass
class Till:
    """A joined station, spoken for by hand."""

    enrolled: Enrolled
    client: HubClient = field(init=False)
    journal: Journal = field(init=False)
    stamp: str = ""

    def __post_init__(self) -> None:
        self.client = HubClient.connect(self.enrolled.dsn, self.enrolled.password, "test")
        key = SigningKey.from_seed(self.enrolled.seed)
        self.journal = Journal(self.enrolled.station, key, self.enrolled.epoch)
        self.hub = HubDocuments(self.client)

    def push(self, kind: str, feeds: Sequence[str], body: dict[str, Any]) -> None:
        entry = self.journal.add(kind, feeds, body)
        assert isinstance(self.client.push([entry]), PushReply)

    def name(self, *made: Document, feed: str = "org") -> None:
        named = [
            {"document": each.head.document, "document_hash": each.head.hash.hex(), "kind": each.head.kind}
            for each in made
        ]
        self.push("document_written", [feed], {"documents": named})

    def erase(self, head: Head) -> None:
        body = {"document": head.document, "kind": head.kind, "feed": head.feed, "reason": "REQUEST"}
        self.push("document_erased", [head.feed], body)

    def put(self, *made: Document) -> list[Told]:
        told = self.hub.put([Piece(each.head, each.nonce, 0, each.content) for each in made])
        assert not isinstance(told, Denied)
        return list(told)

    def outcome(self, made: Document) -> str:
        return self.put(made)[0].outcome.value

    def pull(self, cursors: dict[str, int] | None = None, limit: int = 200) -> DocumentPage:
        page = self.hub.pull(self.stamp, cursors or {}, limit)
        if isinstance(page, Denied):
            assert page.code == "INCARNATION"
            self.stamp = str(page.params["stamp"])
            page = self.hub.pull(self.stamp, cursors or {}, limit)
        assert isinstance(page, DocumentPage)
        return page

    def seen(self) -> set[str]:
        return {each.head.document for each in self.pull().documents}


def made(
    kind: str = "person", feed: str = "org", text: bytes = b"Anna Ivanova", *, of: str | None = None,
    version: str = VERSION,
) -> Document:  # fmt: skip
    nonce = os.urandom(32)
    digest = hashlib.sha256(nonce + text).digest()
    return Document(Head(of or str(uuid.uuid4()), kind, feed, version, digest, len(text)), nonce, text)


@pytest.fixture
def till(hub: Hub) -> Iterator[Callable[..., Till]]:
    made: list[Till] = []

    def join(scope: Any = "*") -> Till:
        prefix = "ABCDEFG"[len(made)]
        made.append(Till(hub.join(f"Till {prefix}", prefix, scope)))
        return made[-1]

    yield join
    for each in made:
        each.client.close()


GATE, OFFICE = ("event:1", "org"), ("cash", "desk", "event:1", "org")


def test_the_table_of_kinds_is_the_one_of_the_domain(hub: Hub) -> None:
    with hub.admin() as admin:
        rows = admin.execute(
            "SELECT kind, feeds, readers, writers, marked, coalesce(by_event, '') FROM hub.document_kind"
        ).fetchall()
    assert {
        row[0]: documents.Kind(frozenset(row[1]), frozenset(row[2]), frozenset(row[3]), row[4], row[5])
        for row in rows
    } == dict(KINDS)


@pytest.mark.parametrize("scope", [None, GATE, OFFICE, ("org",), ("desk", "org"), ("event:2", "org")])
@pytest.mark.parametrize("granted", [(), ("secret", "customer")])
def test_hub_and_domain_agree_on_who_may_read_and_write(hub: Hub, scope: Any, granted: Any) -> None:
    feeds = ["org", "cash", "desk", "event:1", "event:2", "event:0", "desk2"]
    with hub.admin() as admin:
        found = admin.execute(
            "SELECT k.kind, f, hub.may_read(s, k.kind, f), hub.may_write(s, k.kind, f)"
            " FROM unnest(%s::text[]) f, hub.document_kind k,"
            " (SELECT (jsonb_populate_record(NULL::hub.station, jsonb_build_object("
            "   'scope', %s::text[], 'kinds', %s::text[]))).*) s",
            (feeds, None if scope is None else list(scope), list(granted)),
        ).fetchall()
    assert len(found) == len(feeds) * len(KINDS)
    for kind, feed, reads, writes in found:
        wanted = (
            documents.may_read(kind, feed, scope, granted),
            documents.may_write(kind, feed, scope, granted),
        )
        assert (bool(reads), bool(writes)) == wanted, (kind, feed)


def test_a_named_document_is_taken_and_read_by_another_station(till: Callable[..., Till]) -> None:
    one, two = till(), till()
    person = made()
    assert one.outcome(person) == "unnamed"
    one.name(person)
    offered = one.hub.offer([person.head])
    assert [each.outcome for each in offered] == [Outcome.WANTED]
    assert one.outcome(person) == "stored"
    assert one.outcome(person) == "known"
    page = two.pull()
    assert list(page.documents) == [person]
    assert two.pull(dict(page.cursors)).documents == []


def test_a_later_version_wins_whatever_comes_last(till: Callable[..., Till]) -> None:
    one, two = till(), till()
    first = made()
    later = made(of=first.head.document, text=b"Anna Petrova", version=VERSION.replace("-000000", "-000001"))
    one.name(first, later)
    assert one.outcome(later) == "stored"
    assert one.put(first)[0] == Told(first.head.document, Outcome.STALE, later.head.version)
    assert [each.content for each in two.pull().documents] == [b"Anna Petrova"]


def test_a_clock_in_2099_wins_over_no_later_edit(till: Callable[..., Till]) -> None:
    one, two = till(), till()
    far = f"{4_100_000_000_000:014d}-000000"
    first = made(version=far)
    one.name(first)
    told = one.put(first)[0]
    assert told.outcome is Outcome.STORED
    assert told.version < far
    assert two.pull().documents[0].head.version == told.version
    version = documents.next_version(documents.Hlc.parse(told.version).ms, told.version)
    edit = made(of=first.head.document, text=b"corrected", version=version)
    two.name(edit)
    assert two.outcome(edit) == "stored"
    assert one.pull().documents[0].content == b"corrected"


def test_a_tombstone_ends_a_document_for_everybody_whatever_the_order(till: Callable[..., Till]) -> None:
    one, two = till(), till()
    before, after = made(), made()
    one.name(before, after)
    assert one.outcome(before) == "stored"
    two.erase(before.head)
    two.erase(after.head)
    assert [each.outcome.value for each in one.put(before, after)] == ["erased", "erased"]
    later = made(of=before.head.document, version=VERSION.replace("-000000", "-000009"))
    one.name(later)
    assert one.outcome(later) == "erased"
    found = one.pull().documents
    assert {each.head.document for each in found} == {before.head.document, after.head.document}
    assert all(each.head.tombstone and (each.content, each.head.version) == (b"", LOWEST) for each in found)


def test_a_gate_gets_names_and_what_people_sign_in_with_and_neither_customers_nor_codes(
    hub: Hub, till: Callable[..., Till]
) -> None:
    office, gate = till(OFFICE), till(GATE)
    name, own, password = made(), made("password_verifier", "event:1"), made("password_verifier")
    hidden = [
        made("customer", "desk"), made("ticket_codes", "event:1"), made("secret"),
        made("password_verifier", "event:2"),
    ]  # fmt: skip
    office.name(name, own, password, *hidden[:3])
    assert [each.outcome.value for each in office.put(name, own, password, *hidden[:3])] == ["stored"] * 6
    assert gate.seen() == {name.head.document, own.head.document, password.head.document}
    grant(hub.dsn, "Till B", "password_verifier", on=False)
    assert gate.seen() == {name.head.document, own.head.document}, "the administrator says otherwise"
    assert gate.hub.piece(hidden[0].head, 0, 10) == b""
    assert {each.head.kind for each in office.pull().documents} == {
        "person", "password_verifier", "customer", "ticket_codes",
    }  # fmt: skip


def test_a_gate_cannot_rename_people_though_it_may_read_them(till: Callable[..., Till]) -> None:
    office, gate = till(OFFICE), till(GATE)
    name = made()
    office.name(name)
    assert office.outcome(name) == "stored"
    forged = made(of=name.head.document, version=VERSION.replace("-000000", "-000009"))
    gate.name(forged)
    assert gate.outcome(forged) == "denied"
    assert office.outcome(forged) == "denied", "whoever carries it: it counts by whose entry names it"
    assert gate.outcome(made("customer", "desk")) == "denied"
    assert gate.outcome(made("person", "event:1")) == "denied", "not a feed for people"


def test_secrets_are_for_the_station_that_was_named(hub: Hub, till: Callable[..., Till]) -> None:
    office, courier = till(OFFICE), till(OFFICE)
    secret = made("secret", text=b"password of the mail server")
    office.name(secret)
    assert office.outcome(secret) == "stored"
    assert (office.seen(), courier.seen()) == (set(), set())
    before = courier.stamp
    assert grant(hub.dsn, "Till B", "secret", on=True) == courier.journal.station
    assert courier.seen() == {secret.head.document}
    assert courier.stamp != before, "other rights: everything is read again"
    assert office.seen() == set()
    grant(hub.dsn, "Till B", "secret", on=False)
    assert courier.seen() == set()
    for station, kind, code in (
        ("Till Z", "secret", "STATION_UNKNOWN"),
        ("Till B", "x", "DOCUMENT_KIND_UNKNOWN"),
    ):
        with pytest.raises(Refusal) as refused:
            grant(hub.dsn, station, kind, on=True)
        assert refused.value.code == code


def test_what_is_not_what_its_hash_says_is_not_taken(till: Callable[..., Till]) -> None:
    one = till()
    person = made()
    one.name(person)
    for wrong in (
        Document(person.head, bytes(32), person.content),
        Document(person.head, person.nonce, b"Anna Ivanowa"),
        Document(person.head, b"short", person.content),
        Document(person.head, person.nonce, person.content + b"more"),
    ):
        assert one.outcome(wrong) == "malformed"
    big = Document(
        Head(person.head.document, "person", "org", "soon", person.head.hash, 3), bytes(32), b"abc"
    )
    assert one.outcome(big) == "malformed"
    assert one.outcome(person) == "stored"


def test_ten_megabytes_go_up_and_down_in_pieces_and_one_byte_more_does_not(till: Callable[..., Till]) -> None:
    one, two = till(), till()
    picture = made("picture", text=os.urandom(documents.MAX_BYTES))
    too_large = made("picture", text=bytes(documents.MAX_BYTES + 1))
    one.name(picture, too_large)
    assert [each.outcome for each in one.hub.offer([too_large.head])] == [Outcome.MALFORMED]
    have = 0
    while have < picture.head.size:
        piece = Piece(picture.head, picture.nonce, have, picture.content[have : have + PIECE])
        told = one.hub.put([piece])[0]
        again = one.hub.put([piece])[0]
        assert again.outcome in (Outcome.WANTED, Outcome.KNOWN), "a lost reply does no harm"
        have += len(piece.content)
        assert told == Told(
            picture.head.document,
            Outcome.STORED if have == picture.head.size else Outcome.WANTED,
            told.version,
            0 if have == picture.head.size else have,
            reads=True,
        )
    (found,) = two.pull().documents
    assert (found.head, found.content) == (picture.head, b"")
    content = b""
    while piece := two.hub.piece(found.head, len(content), PIECE):
        content += piece
    assert content == picture.content


def test_pages_are_cut_and_go_on_where_they_ended(till: Callable[..., Till]) -> None:
    one, two = till(), till()
    people = [made() for _ in range(7)]
    one.name(*people)
    one.put(*people)
    cursors: dict[str, int] = {}
    found: list[str] = []
    more = True
    while more:
        page = two.pull(cursors, limit=3)
        found += [each.head.document for each in page.documents]
        cursors |= page.cursors
        more = page.more
    assert found == [each.head.document for each in people]


def test_a_reader_misses_nothing_that_is_committed_late(hub: Hub, till: Callable[..., Till]) -> None:
    """Whoever writes to a feed holds its head to commit: a position that is seen has no gap before it."""
    one, two, reader = till(), till(), till()
    slow, fast = made(), made()
    one.name(slow)
    two.name(fast)
    arguments = make_conninfo(one.enrolled.dsn, password=one.enrolled.password)
    with psycopg.connect(arguments) as connection:
        held = HubDocuments(HubClient(connection))
        assert held.put([Piece(slow.head, slow.nonce, 0, slow.content)])[0].outcome is Outcome.STORED
        done: list[str] = []
        other = threading.Thread(target=lambda: done.append(two.outcome(fast)))
        other.start()
        with hub.admin() as admin:
            while not admin.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
                assert other.is_alive()
        assert reader.pull().documents == []
        connection.commit()
        other.join()
    assert done == ["stored"]
    assert [each.head.document for each in reader.pull().documents] == [
        slow.head.document,
        fast.head.document,
    ]


def test_whoever_sits_on_a_lock_keeps_no_erasure_from_counting(hub: Hub, till: Callable[..., Till]) -> None:
    one, two = till(), till()
    kept, gone = made(), made()
    one.name(kept, gone)
    assert one.outcome(gone) == "stored"
    with psycopg.connect(make_conninfo(one.enrolled.dsn, password=one.enrolled.password)) as connection:
        HubDocuments(HubClient(connection)).put([Piece(kept.head, kept.nonce, 0, kept.content)])
        two.erase(gone.head)
        connection.close()
    with hub.admin() as admin:
        assert admin.execute("SELECT count(*) FROM hub.held").fetchone() == (0,)
        assert admin.execute("SELECT document::text FROM hub.document").fetchall() == [(gone.head.document,)]
        assert admin.execute("SELECT content FROM hub.document").fetchone() == (None,)


def test_a_call_of_another_shape_and_a_station_that_is_out_are_refused(
    hub: Hub, till: Callable[..., Till]
) -> None:
    one = till()
    for query in (
        "SELECT api_1.offer_documents('{}', '{}', '{}', '{}', '{}', '{}')",
        "SELECT api_1.put_documents(NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
    ):
        assert one.client.rows(query, ())[0][0] == {"code": "BAD_REQUEST", "field": "documents"}
    one.pull()
    answer = one.client.rows("SELECT reply FROM api_1.pull_documents(%s, '[1]', 5)", (one.stamp,))[0][0]
    assert answer == {"code": "BAD_REQUEST", "field": "cursors"}
    with hub.admin() as admin:
        admin.execute("UPDATE hub.station SET revoked_at = now()")
    denied = one.hub.offer([made().head])
    assert isinstance(denied, Denied)
    assert denied.code == "REVOKED"
    assert isinstance(one.hub.pull(one.stamp, {}, 5), Denied)


def test_the_tables_and_inner_functions_are_not_a_stations(till: Callable[..., Till]) -> None:
    one = till()
    for query in (
        "SELECT * FROM hub.document", "DELETE FROM hub.document_name", "SELECT hub.about_to_go()",
        "SELECT hub.project_documents('{}', '{}')", "SELECT hub.next_document('org')",
    ):  # fmt: skip
        with pytest.raises(Fault) as fault:
            one.client.rows(query, ())
        assert fault.value.code == "HUB_RIGHTS"
