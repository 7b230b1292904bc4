"""Journal entries: canonical, chained, signed; anything else is malformed."""

import hashlib
import json
from dataclasses import replace

import pytest
from builders import NOW, TILL_KEY, seeded_random_bytes
from hypothesis import given
from hypothesis import strategies as st

from domain import entry as entries
from domain.clock import Hlc, to_ms, to_text
from domain.entry import Clocks, Draft, Entry, MalformedEntryError, Origin, Who, canonical, event_feed, parse
from domain.ids import uuid7
from domain.ticket_code import verify_signature

STATION = "0000000a"
GENESIS = entries.genesis(STATION, 1, TILL_KEY.public)
CLOCKS = Clocks(to_text(NOW), 1000, "boot-1", offset_ms=-5, offset_age_ms=1000)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
BODIES = st.dictionaries(TEXTS, PLAIN, max_size=5)


def seal(body=None, feeds=("cash",), seq=1, prev_hash=GENESIS, **changes) -> Entry:
    return entries.seal(
        Draft("order_sold", feeds, body if body is not None else {"total_minor": 2000}),
        **{
            "station": STATION,
            "epoch": 1,
            "seq": seq,
            "entry_id": uuid7(to_ms(NOW), seeded_random_bytes(seq)),
            "hlc": str(Hlc(to_ms(NOW))),
            "clocks": CLOCKS,
            "actor": Who("u1", ("u2",), practice=False),
            "shift": "s1",
            "prev_hash": prev_hash,
            "sign": TILL_KEY.sign,
        }
        | changes,
    )


def parsed(sealed, **changes):
    parts = ("station", "epoch", "seq", "content", "prev_hash")
    fields = {name: getattr(sealed, name) for name in parts} | changes
    raw = entries.raw_text(fields["station"], fields["epoch"], fields["seq"], fields["content"])
    digest = hashlib.sha256(fields["prev_hash"] + raw.encode("utf-8", "surrogatepass")).digest()
    return parse(**{"digest": digest, "sig": sealed.sig} | fields)


def with_field(sealed, path, value):
    """The content with one field changed, canonical again."""
    fields = json.loads(sealed.content)
    target = fields
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = value
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@given(BODIES)
def test_an_entry_reads_back_exactly(body):
    sealed = seal(body)
    assert parse(STATION, 1, 1, sealed.content, GENESIS, sealed.hash, sealed.sig) == sealed
    assert canonical(dict(sealed.body)) == canonical(body)
    assert (sealed.origin, sealed.clocks) == (Origin(STATION, 1, 1, str(Hlc(to_ms(NOW)))), CLOCKS)
    assert (sealed.actor, sealed.shift, sealed.kind) == (Who("u1", ("u2",)), "s1", "order_sold")


@given(BODIES)
def test_raw_is_canonical_json_around_the_content(body):
    sealed = seal(body)
    raw = entries.raw_text(STATION, 1, 1, sealed.content)
    assert canonical(json.loads(raw)) == raw
    assert sealed.content_hash == hashlib.sha256(sealed.content.encode()).digest()


def test_entries_are_chained_and_signed():
    first = seal()
    second = seal(seq=2, prev_hash=first.hash)
    assert second.prev_hash == first.hash != GENESIS == first.prev_hash
    assert verify_signature(TILL_KEY.public, second.sig, entries.SIGNATURE_CONTEXT + second.hash)
    assert second.short_hash == second.content_hash.hex()[:8]


def test_a_chain_begins_differently_for_every_station_epoch_and_key():
    beginnings = {
        entries.genesis(station, epoch, key)
        for station in ("0000000a", "0000000b")
        for epoch in (1, 2)
        for key in (b"k", b"l")
    }
    assert len(beginnings) == 8


def test_the_same_content_may_be_issued_again_in_another_epoch():
    sealed = seal()
    genesis = entries.genesis(STATION, 2, TILL_KEY.public)
    again = entries.reissue(sealed, epoch=2, seq=7, prev_hash=genesis, sign=TILL_KEY.sign)
    assert (again.content_hash, again.origin, again.entry_id) == (
        sealed.content_hash,
        sealed.origin,
        sealed.entry_id,
    )
    assert (again.epoch, again.seq) == (2, 7)
    assert again.hash != sealed.hash


def test_feeds_are_sorted_and_listed_once():
    assert seal(feeds=("org", "event:7", "cash", "org")).feeds == ("cash", "event:7", "org")
    assert event_feed(7) == "event:7"


@pytest.mark.parametrize(
    "body",
    [
        {"price": 1.5},
        {"deep": [{"price": 1.0}]},
        {"nan": float("nan")},
        {1: "number as key"},
        {"a": object()},
        {"a": b"bytes"},
        {"a": "nul \0"},
        {"a": "\ud800"},
        {"nul \0": 1},
        {"\ud800": 1},
        {"a": {"b"}},
    ],
)
def test_what_is_not_plain_data_is_malformed(body):
    with pytest.raises(MalformedEntryError):
        seal(body)


def test_data_nested_without_end_is_malformed():
    nested: list = []
    for _ in range(5_000):
        nested = [nested]
    with pytest.raises(MalformedEntryError):
        canonical(nested)


def test_too_large_an_entry_is_malformed():
    seal({"text": "x" * 60_000})
    with pytest.raises(MalformedEntryError):
        seal({"text": "x" * 64 * 1024})
    with pytest.raises(MalformedEntryError):
        parsed(seal(), content="x" * (entries.MAX_RAW_BYTES + 1))


@pytest.mark.parametrize(
    "changes",
    [
        {"station": "0000000A"},
        {"station": "a"},
        {"epoch": -1},
        {"seq": 0},
        {"digest": bytes(32)},
        {"content": "[]"},
        {"content": "{"},
        {"content": ""},
        {"content": "[" * 50_000},
        {"content": '{"a":' * 940 + "1" + "}" * 940},
        {"content": '{"a":' * 5_000 + "1" + "}" * 5_000},
        {"content": '{"a":1.0}'},
        {"content": '{"a":NaN}'},
        {"content": '{"a": 1}'},
        {"content": '{"b":1,"a":2}'},
        {"content": '{"a":1,"a":1}'},
        {"content": '{"a":"\\u0041"}'},
        {"content": '{"a":"\\ud800"}'},
        {"content": '{"a":"\ud800"}'},
        {"content": "{}"},
    ],
)
def test_parts_that_are_not_an_entry_are_malformed(changes):
    with pytest.raises(MalformedEntryError):
        parsed(seal(), **changes)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], 2),
        (["v"], 0),
        (["v"], True),
        (["v"], "1"),
        (["kind"], "Order"),
        (["kind"], 5),
        (["entry_id"], "x"),
        (["entry_id"], None),
        (["feeds"], []),
        (["feeds"], ["org", "cash"]),
        (["feeds"], ["cash", "cash"]),
        (["feeds"], ["nowhere"]),
        (["feeds"], ["event:0"]),
        (["feeds"], [5]),
        (["feeds"], None),
        (["body"], []),
        (["body"], "text"),
        (["body"], [["a", 1]]),
        (["actor"], None),
        (["actor", "approvals"], None),
        (["actor", "approvals"], [5]),
        (["actor", "user"], 5),
        (["actor", "practice"], "no"),
        (["origin"], {}),
        (["origin", "more"], 1),
        (["origin", "station"], "z"),
        (["origin", "seq"], "1"),
        (["origin", "epoch"], -1),
        (["origin", "hlc"], 5),
        (["clock"], None),
        (["clock", "mono_ms"], "soon"),
        (["clock", "wall_at"], None),
        (["shift"], 5),
        (["more"], 1),
    ],
)
def test_a_missing_or_odd_field_is_malformed(path, value):
    sealed = seal()
    with pytest.raises(MalformedEntryError):
        parsed(sealed, content=with_field(sealed, path, value))


@pytest.mark.parametrize(
    "name", ["actor", "body", "clock", "entry_id", "feeds", "format", "kind", "origin", "shift", "v"]
)
def test_every_field_is_needed(name):
    fields = json.loads(seal().content)
    del fields[name]
    with pytest.raises(MalformedEntryError):
        parsed(seal(), content=canonical(fields))


@given(st.text(max_size=60))
def test_any_text_is_an_entry_or_malformed(text):
    with pytest.raises(MalformedEntryError):
        parsed(seal(), content=text)


def test_a_changed_entry_no_longer_follows_from_its_hash():
    sealed = seal()
    with pytest.raises(MalformedEntryError):
        parse(STATION, 1, 1, with_field(sealed, ["body", "total_minor"], 1), GENESIS, sealed.hash, sealed.sig)
    with pytest.raises(MalformedEntryError):
        parse(STATION, 1, 2, sealed.content, GENESIS, sealed.hash, sealed.sig)
    with pytest.raises(MalformedEntryError):
        parse(STATION, 1, 1, sealed.content, bytes(32), sealed.hash, sealed.sig)


def test_whoever_changes_an_entry_cannot_sign_it():
    sealed = seal()
    forged = parsed(sealed, content=with_field(sealed, ["body", "total_minor"], 1))
    assert not verify_signature(TILL_KEY.public, forged.sig, entries.SIGNATURE_CONTEXT + forged.hash)
    assert replace(forged, sig=b"") != sealed
