"""Which version of a document counts, who may read it, what an entry names: the same for everybody."""

import hashlib
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import documents
from domain.documents import KINDS, LOWEST, Document, Head, beats, merge, tombstone
from domain.kinds import SHAPES

ID = "00000000-0000-4000-8000-0000000000d1"
VERSIONS = [f"{ms:014d}-{counter:06d}" for ms in (0, 5, 9_000) for counter in (0, 1)]

heads = st.builds(
    lambda version, mark, gone: (
        tombstone(Head(ID, "person", "org", version, b"", 0))
        if gone
        else Head(ID, "person", "org", version, bytes([mark]) * 32, 3)
    ),
    st.sampled_from(VERSIONS),
    st.integers(0, 3),
    st.booleans(),
)


def head(version: str = VERSIONS[1], mark: int = 1) -> Head:
    return Head(ID, "person", "org", version, bytes([mark]) * 32, 3)


@given(st.lists(heads, min_size=1, max_size=5))
def test_the_same_version_counts_in_every_order_and_grouping(found: list[Head]) -> None:
    wanted = merge(found)
    for order in itertools.permutations(found):
        assert merge(order) == wanted
        so_far = order[0]
        for each in order[1:]:
            so_far = each if beats(each, so_far) else so_far
        assert so_far == wanted
    assert merge([wanted, *found, wanted]) == wanted
    assert wanted.tombstone == any(each.tombstone for each in found)


@given(heads, heads)
def test_of_two_different_versions_exactly_one_beats_the_other(one: Head, other: Head) -> None:
    assert beats(one, other) + beats(other, one) == (one != other)


def test_the_higher_version_wins_and_then_the_higher_hash() -> None:
    assert beats(head(VERSIONS[2], 1), head(VERSIONS[1], 9))
    assert beats(head(VERSIONS[1], 2), head(VERSIONS[1], 1))
    assert beats(tombstone(head(LOWEST)), head(VERSIONS[-1], 9))
    with pytest.raises(ValueError):
        merge([])


@given(st.integers(0, 2**45), st.integers(0, 2**45))
def test_a_clamped_version_is_never_later_than_the_hub_and_the_next_edit_is_later(
    made: int, hub: int
) -> None:
    version = documents.clamped(documents.next_version(made, None), hub)
    assert documents.is_version(version)
    assert version <= documents.next_version(max(made, hub), None)
    assert version[:14] <= f"{hub:014d}"
    following = documents.next_version(hub, version)
    assert documents.is_version(following)
    assert following > version


def test_a_document_is_whole_when_content_and_hash_belong_together() -> None:
    nonce, content = bytes(range(32)), "Анна".encode()
    digest = documents.digest(nonce, content)
    assert digest == hashlib.sha256(nonce + content).digest()
    good = Head(ID, "person", "org", VERSIONS[1], digest, len(content))
    assert Document(good, nonce, content).whole
    assert not Document(good, bytes(32), content).whole
    assert not Document(good, nonce, content + b"!").whole
    assert not Document(good, nonce[:31], content).whole
    assert not Document(tombstone(good), b"", b"").whole


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"document": ID, "document_hash": "ab" * 32}, [(ID, b"\xab" * 32)]),
        (
            {"documents": [{"document": ID, "document_hash": "ab" * 32, "kind": "x"}] * 2},
            [(ID, b"\xab" * 32)] * 2,
        ),
        ({"document": ID, "document_hash": None}, []),
        ({"document": ID.upper().replace("0", "A"), "document_hash": "ab" * 32}, []),
        ({"document": ID, "document_hash": "ab" * 31}, []),
        ({"document": 7, "document_hash": "ab" * 32, "documents": [1, None, {}]}, []),
        ({"documents": {"document": ID, "document_hash": "ab" * 32}}, []),
        ({"fields": {"document": ID, "document_hash": "ab" * 32}}, []),
        ({}, []),
    ],
)
def test_what_an_entry_names(body: dict[str, Any], found: list[Any]) -> None:
    assert list(documents.names(body)) == found


GATE, TILL = ("event:1", "org"), ("cash", "event:1", "org")


@pytest.mark.parametrize(
    ("kind", "feed", "scope", "reads", "writes"),
    [
        ("person", "org", None, True, True),
        ("person", "org", GATE, True, False),
        ("person", "org", TILL, True, True),
        ("person", "event:1", None, False, False),
        ("password_verifier", "org", GATE, False, False),
        ("password_verifier", "event:1", GATE, True, True),
        ("password_verifier", "event:2", GATE, False, False),
        ("password_verifier", "org", TILL, True, True),
        ("ticket_codes", "event:1", GATE, False, False),
        ("ticket_codes", "event:1", TILL, True, True),
        ("customer", "desk", GATE, False, False),
        ("customer", "desk", TILL, False, True),
        ("customer", "desk", None, True, True),
        ("support_text", "desk", GATE, False, True),
        ("picture", "event:1", GATE, True, True),
        ("secret", "org", None, False, True),
        ("secret", "org", GATE, False, False),
        ("diary", "org", None, False, False),
        ("person", "org ", None, False, False),
    ],
)
def test_which_stations_read_and_write(kind: str, feed: str, scope: Any, reads: bool, writes: bool) -> None:
    assert documents.may_read(kind, feed, scope) == reads
    assert documents.may_write(kind, feed, scope) == writes


def test_a_station_that_was_named_for_a_kind_reads_and_writes_it_within_its_feeds() -> None:
    assert documents.may_read("secret", "org", GATE, ("secret",))
    assert documents.may_write("secret", "org", GATE, ("secret",))
    assert not documents.may_read("customer", "desk", GATE, ("customer",))
    assert [kind for kind, rule in KINDS.items() if rule.marked] == ["secret"]


def test_the_entries_about_documents_have_shapes() -> None:
    assert {("document_written", 1), ("document_erased", 1)} <= set(SHAPES)
