"""Documents in the station's file: written with their entries, merged in any order, gone when erased."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from app.store.documents import TAMPERED, UNNAMED
from app.store.schema_documents import DOCUMENT, DOCUMENT_ASIDE
from domain import documents
from domain.actor import SYSTEM
from domain.documents import LOWEST, Document, Head, Reason, tombstone
from domain.entry import Draft, MalformedEntryError
from domain.errors import Refusal
from sync.documents import DocumentPage, Outcome, Told
from sync.ports import Cursor, Page
from tests.store.station import Station

ID = "00000000-0000-4000-8000-0000000000d1"
OTHER = "00000000-0000-4000-8000-0000000000d2"
FAR = "04100000000000-000000"


def named(document: str, known_hash: str, kind: str = "person") -> Draft:
    item = {"document": document, "document_hash": known_hash, "kind": kind}
    return Draft("document_written", ("org",), {"documents": [item]})


def put(station: Station, name: str = "Anna", document: str = ID) -> Document:
    with station.store.begin() as work:
        known_hash = work.put_document(document, "person", "org", {"user": "u", "name": name})
        entry = work.append(named(document, known_hash), SYSTEM)
        work.commit()
    found = station.store.documents.content(document, bytes.fromhex(known_hash))
    assert found is not None
    station.entry = entry
    station.clock.advance(1)
    return found


def shown(station: Station, document: str = ID) -> Any:
    with station.store.read() as read:
        found = read.document(document)
    return None if found is None else found["name"]


def aside(station: Station) -> list[tuple[str, str]]:
    with station.store._core.reading() as connection:
        rows = connection.execute(DOCUMENT_ASIDE.select().order_by(DOCUMENT_ASIDE.c.document))
        return [(row.document, row.code) for row in rows]


def page(*found: Document, at: int = 1) -> DocumentPage:
    return DocumentPage(found, {"org": at}, more=False)


@pytest.fixture
def reader(make_station: Callable[..., Station]) -> Station:
    """A station that believes everybody, so that only the order matters."""
    made = make_station(2, name="Till 2", prefix="K2")
    made.store.replica._verify = lambda entry: None
    return made


def bring(station: Station, *entries: Any) -> None:
    for entry in entries:
        assert station.store.replica.apply(Page("org", [entry], Cursor(1, bytes(32)))).rejected == ()


def test_content_entry_and_erasure_give_the_same_in_every_order(
    station: Station, make_station: Callable[..., Station]
) -> None:
    content = put(station)
    entry = station.entry
    with station.store.begin() as work:
        work.erase_document(ID, "person", "org", Reason.REQUEST, SYSTEM)
        work.commit()
    erasure = station.store.outbox.batch(0, 10, 10**6)[-1]
    gone = Document(tombstone(content.head), b"", b"")
    for seed, order in enumerate(itertools.permutations("cen"), 10):
        here = make_station(seed, name=f"Till {seed}", prefix=f"P{seed}")
        here.store.replica._verify = lambda entry: None
        for step in order:
            if step == "c":
                here.store.documents.take(page(content))
            else:
                bring(here, entry if step == "e" else erasure)
        assert shown(here) is None
        assert aside(here) == []
        with here.store._core.reading() as connection:
            rows = connection.execute(DOCUMENT.select()).all()
        assert all(row.tombstone == 1 and row.content == b"" for row in rows)
        assert here.store.documents.take(page(content, gone)) == 0
        assert here.store.documents.waiting() == 0
        assert here.store.verify().problems == []


def test_content_before_its_entry_is_kept_apart_until_it_comes(station: Station, reader: Station) -> None:
    content = put(station)
    assert reader.store.documents.take(page(content)) == 0
    assert (shown(reader), aside(reader)) == (None, [(ID, UNNAMED)])
    bring(reader, station.entry)
    assert (shown(reader), aside(reader)) == ("Anna", [])
    assert reader.store.documents.waiting() == 0


def test_what_came_before_its_entry_does_not_beat_a_later_edit(station: Station, reader: Station) -> None:
    first = put(station)
    first_entry = station.entry
    second = put(station, "Petra")
    bring(reader, station.entry)
    reader.store.documents.take(page(second))
    reader.store.documents.take(page(first, at=2))
    bring(reader, first_entry)
    assert shown(reader) == "Petra"


def test_content_that_is_not_what_its_hash_says_is_never_shown(station: Station, reader: Station) -> None:
    content = put(station)
    bring(reader, station.entry)
    forged = Document(content.head, content.nonce, content.content.replace(b"Anna", b"Olga"))
    assert reader.store.documents.take(page(forged)) == 0
    assert (shown(reader), aside(reader)) == (None, [(ID, TAMPERED)])
    assert reader.store.documents.aside() == (0, 1)
    assert reader.store.documents.take(page(content)) == 1
    assert shown(reader) == "Anna"


def test_a_kind_of_a_newer_program_is_kept_and_offered_like_any_other(
    station: Station, reader: Station
) -> None:
    content = put(station)
    bring(reader, station.entry)
    newer = Document(replace(content.head, kind="voice"), content.nonce, content.content)
    assert reader.store.documents.take(page(newer)) == 1
    reader.store.documents.adopt("another")
    assert reader.store.documents.offers("", 10) == [newer.head]
    reader.store.documents.settle([(newer.head, Told(ID, Outcome.KNOWN, newer.head.version))])
    assert reader.store.documents.waiting() == 0


def test_a_tombstone_of_the_hub_ends_a_document_without_its_entry(station: Station, reader: Station) -> None:
    content = put(station)
    bring(reader, station.entry)
    reader.store.documents.take(page(content))
    gone = Document(tombstone(content.head), b"", b"")
    assert reader.store.documents.take(page(gone)) == 1
    later = put(station, "Petra")
    bring(reader, station.entry)
    assert reader.store.documents.take(page(later)) == 0
    assert shown(reader) is None
    with pytest.raises(Refusal) as refused:
        put(reader)
    assert refused.value.code == "DOCUMENT_ERASED"


def test_a_document_that_no_entry_names_cannot_be_committed(station: Station) -> None:
    with station.store.begin() as work:
        work.put_document(ID, "person", "org", {"name": "Anna"})
        work.append(named(OTHER, "ab" * 32), SYSTEM)
        with pytest.raises(ValueError, match="named by no entry"):
            work.commit()
    assert shown(station) is None
    with station.store.begin() as work:
        work.put_document(ID, "person", "org", {"name": "Anna"})
        work.erase_document(ID, "person", "org", Reason.MISTAKE, SYSTEM)
        work.commit()
    assert shown(station) is None


@pytest.mark.parametrize(
    ("document", "kind", "feed"),
    [
        ("doc-1", "person", "org"),
        (ID, "diary", "org"),
        (ID, "person", "desk"),
        (ID.upper() + "X", "person", "org"),
    ],
)
def test_a_document_that_cannot_be_one_is_a_bug_of_the_caller(
    station: Station, document: str, kind: str, feed: str
) -> None:
    with pytest.raises(ValueError), station.store.begin() as work:
        work.put_document(document, kind, feed, {"name": "Anna"})


def test_an_edit_is_later_than_what_it_edits_even_when_the_clock_went_back(station: Station) -> None:
    first = put(station)
    station.clock.advance(-10_000)
    second = put(station, "Petra")
    assert documents.beats(second.head, first.head)
    assert shown(station) == "Petra"


def test_versions_are_made_in_the_hubs_time_once_it_is_known(station: Station) -> None:
    before = put(station)
    station.store.note_hub_time(-3_600_000)
    after = put(station, document=OTHER)
    assert after.head.version < before.head.version


def test_the_hub_clamps_a_version_and_the_station_follows(station: Station) -> None:
    content = put(station)
    station.store.documents.settle([(content.head, Told(ID, Outcome.STORED, LOWEST))])
    assert station.store.documents.waiting() == 0
    (left,) = [station.store.documents.content(ID, content.head.hash)]
    assert left is not None
    assert left.head.version == LOWEST


def test_an_edit_from_the_future_that_lost_gives_way_to_the_hubs(station: Station, reader: Station) -> None:
    theirs = put(station, "Petra")
    mine = put(reader)
    bring(reader, station.entry)
    head = Head(ID, "person", "org", FAR, mine.head.hash, mine.head.size)
    reader.store.documents.take(DocumentPage([], {"org": 7}, more=False))
    reader.store.documents.settle([(head, Told(ID, Outcome.STALE, theirs.head.version))])
    assert (reader.store.documents.waiting(), reader.store.documents.cursors()) == (0, {})
    assert reader.store.documents.take(page(theirs)) == 1
    assert shown(reader) == "Petra"


def test_what_was_brought_for_others_is_not_kept(station: Station) -> None:
    content = put(station)
    told = Told(ID, Outcome.STORED, content.head.version, reads=False)
    station.store.documents.settle([(content.head, told)])
    assert shown(station) is None
    with station.store._core.reading() as connection:
        assert connection.execute(DOCUMENT.select()).all() == []


def test_what_the_hub_said_of_an_older_version_confirms_nothing_of_a_newer_one(station: Station) -> None:
    first = put(station)
    put(station, "Petra")
    station.store.documents.settle([(first.head, Told(ID, Outcome.STORED, first.head.version))])
    assert station.store.documents.waiting() == 1


def test_another_hub_is_offered_everything_but_tombstones(station: Station) -> None:
    first, second = put(station), put(station, "Petra", OTHER)
    for each in (first, second):
        told = Told(each.head.document, Outcome.STORED, each.head.version)
        station.store.documents.settle([(each.head, told)])
    with station.store.begin() as work:
        work.erase_document(OTHER, "person", "org", Reason.REQUEST, SYSTEM)
        work.commit()
    station.store.documents.take(DocumentPage([], {"org": 7}, more=False))
    assert station.store.documents.offers("", 10) == []
    station.store.documents.adopt("another")
    assert station.store.documents.offers("", 10) == [first.head]
    assert (station.store.documents.stamp(), station.store.documents.cursors()) == ("another", {})


def test_offers_come_in_pages(station: Station) -> None:
    put(station), put(station, "Petra", OTHER)
    assert [head.document for head in station.store.documents.offers("", 1)] == [ID]
    assert [head.document for head in station.store.documents.offers(ID, 1)] == [OTHER]


def test_a_restored_file_erases_again_what_its_journal_erased(station: Station, reader: Station) -> None:
    """A backup from before: the erasure comes with the entries of others."""
    content = put(station)
    entry = station.entry
    bring(reader, entry)
    reader.store.documents.take(page(content))
    with station.store.begin() as work:
        work.erase_document(ID, "person", "org", Reason.REQUEST, SYSTEM)
        work.commit()
    bring(reader, station.store.outbox.batch(0, 10, 10**6)[-1])
    assert shown(reader) is None
    with reader.store._core.writing() as work:
        work.connection.execute(DOCUMENT.delete())
        with pytest.raises(IntegrityError, match="erased document"):
            work.connection.exec_driver_sql(
                f"INSERT INTO document VALUES ('{ID}', 'person', 'org', '{LOWEST}', x'', x'', x'', 0, 0)"
            )


def test_an_erasure_in_no_feed_is_not_an_entry(station: Station) -> None:
    body = {"document": ID, "kind": "person", "feed": "nowhere", "reason": "REQUEST"}
    with pytest.raises(MalformedEntryError):
        station.append(Draft("document_erased", ("org",), body))
