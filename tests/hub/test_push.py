"""What the hub does with pushed entries: round trip, overlap, forks, doubles, damage."""

import os
from collections.abc import Iterator

import pytest
from psycopg.types.json import Jsonb

from domain.entry import MAX_RAW_BYTES, chain_hash, raw_text
from domain.kinds import SHAPES
from domain.ticket_code import SigningKey
from sync.hub_client import HubClient
from sync.messages import Denied, PullReply, PushReply
from sync.ports import Cursor, Tip
from tests.journal import Journal
from tests.postgres import Hub

SERIAL = "00112233445566ff"


class Till:
    """A joined station with its journal and one connection."""

    def __init__(self, hub: Hub, name: str = "Till 1", prefix: str = "A") -> None:
        self.enrolled = hub.join(name, prefix)
        self.journal = Journal(self.enrolled.station, SigningKey.from_seed(self.enrolled.seed))
        self.client = HubClient.connect(self.enrolled.dsn, self.enrolled.password, "test")

    def push(self, first: int = 1, last: int | None = None) -> PushReply:
        reply = self.client.push(self.journal.entries[first - 1 : last])
        assert isinstance(reply, PushReply), reply
        return reply

    def raw_push(self, first: int, prev: bytes, items: list[tuple[str, bytes, bytes]]) -> dict:
        row = self.client.connection.execute(
            "SELECT api_1.push(1, %s, %s, %s::text[], %s::bytea[], %s::bytea[])",
            (first, prev, [i[0] for i in items], [i[1] for i in items], [i[2] for i in items]),
        ).fetchone()
        return row[0]

    def pull(self, cursors: dict[str, Cursor] | None = None, limit: int = 500) -> PullReply:
        reply = self.client.pull(self.enrolled.incarnation, cursors or {}, limit)
        assert isinstance(reply, PullReply), reply
        return reply


@pytest.fixture
def till(hub: Hub) -> Iterator[Till]:
    made = Till(hub)
    yield made
    made.client.close()


@pytest.fixture
def other(hub: Hub) -> Iterator[Till]:
    made = Till(hub, "Till 2", "B")
    yield made
    made.client.close()


def count(hub: Hub, table: str) -> int:
    with hub.admin() as admin:
        return admin.execute(f"SELECT count(*) FROM hub.{table}").fetchone()[0]


def test_what_one_station_pushes_another_pulls_unchanged(till: Till, other: Till) -> None:
    till.journal.add("order_parked", ["cash", "event:7"], {"order": "o-1", "name": 'Zoë "Ж" \n\t\\ \u007f'})
    till.journal.add("settings_changed", ["org"])
    reply = till.push()
    assert reply.acked == Tip(1, 2, till.journal.tip)
    assert reply.outcomes == []
    pages = {page.feed: page for page in other.pull().pages}
    assert pages["event:7"].entries == [till.journal.entries[0]]
    assert pages["cash"].entries == [till.journal.entries[0]]
    assert pages["org"].entries[-1] == till.journal.entries[1]


def test_hello_tells_where_the_journal_ends_at_the_hub(till: Till) -> None:
    till.journal.add()
    till.push()
    reply = till.client.hello(Tip(1, 1, till.journal.tip), till.enrolled.incarnation, "test")
    assert reply.tip == Tip(1, 1, till.journal.tip)
    assert reply.incarnation == till.enrolled.incarnation
    assert (reply.standing.leases.version, list(reply.standing.leases.items)) == (0, [])


def test_a_batch_sent_twice_is_stored_once(hub: Hub, till: Till) -> None:
    for _ in range(3):
        till.journal.add()
    till.push()
    before = count(hub, "feed_log")
    assert till.push().acked.seq == 3
    assert count(hub, "feed_log") == before


def test_an_overlapping_batch_adds_only_what_is_new(hub: Hub, till: Till) -> None:
    for _ in range(5):
        till.journal.add()
    till.push(1, 3)
    assert till.push(2, 5).acked == Tip(1, 5, till.journal.tip)
    assert count(hub, "station_log WHERE station <> '00000000'") == 5


def test_a_batch_after_a_gap_is_answered_with_the_tip(hub: Hub, till: Till) -> None:
    for _ in range(3):
        till.journal.add()
    reply = till.client.push(till.journal.entries[2:])
    assert isinstance(reply, Denied)
    assert reply.code == "GAP"
    assert count(hub, "log_raw WHERE station <> '00000000'") == 0


def test_another_history_of_the_same_station_is_a_fork_and_is_kept(hub: Hub, till: Till) -> None:
    till.journal.add()
    till.push()
    clone = Journal(till.journal.station, till.journal.key)
    clone.add(body={"values": {"other": 1}})
    clone.add()
    reply = till.client.push(clone.entries)
    assert isinstance(reply, Denied)
    assert reply.code == "FORK"
    assert count(hub, "fork_inbox") == 2
    told = till.client.push(till.journal.entries)
    assert isinstance(told, Denied)
    assert told.code == "FORK", "the other copy hears of it too"


def test_a_fork_that_begins_after_the_tip_is_found_by_the_hash_before_it(hub: Hub, till: Till) -> None:
    till.journal.add()
    till.push()
    clone = Journal(till.journal.station, till.journal.key)
    clone.add(body={"values": {"other": 1}})
    late = clone.add()
    reply = till.client.push([late])
    assert isinstance(reply, Denied)
    assert reply.code == "FORK"
    assert count(hub, "fork_inbox") == 1


def test_the_same_entry_issued_again_is_an_alias_without_effect(hub: Hub, till: Till) -> None:
    first = till.journal.add()
    till.push()
    row = (first.content, chain_hash(till.journal.tip, raw_text(till.journal.station, 1, 2, first.content)))
    with hub.admin() as admin:  # an entry of a former epoch: its origin may lie anywhere before
        admin.execute("UPDATE hub.station SET epoch = 2")
        admin.execute(
            "INSERT INTO hub.station_tip (station, epoch, seq, hash, genesis) VALUES (%s, 2, 0, %s, %s)",
            (till.journal.station, bytes(32), bytes(32)),
        )
    digest = chain_hash(bytes(32), raw_text(till.journal.station, 2, 1, first.content))
    answer = till.client.connection.execute(
        "SELECT api_1.push(2, 1, %s, %s::text[], %s::bytea[], %s::bytea[])",
        (bytes(32), [row[0]], [digest], [first.sig]),
    ).fetchone()[0]
    assert [o["outcome"] for o in answer["outcomes"]] == ["alias"]
    assert answer["acked"]["seq"] == 1
    assert count(hub, "feed_log WHERE feed = 'org' AND station <> '00000000'") == 1


def test_one_id_with_two_contents_keeps_both_and_says_so(hub: Hub, till: Till, other: Till) -> None:
    first = till.journal.add()
    till.push()
    second = other.journal.add(body={"values": {"different": True}}, entry_id=first.entry_id)
    reply = other.push()
    assert [(o.outcome, o.code, o.entry_id) for o in reply.outcomes] == [
        ("conflict", "DUPLICATE_ID", first.entry_id)
    ]
    org = next(page for page in till.pull().pages if page.feed == "org")
    assert {entry.hash for entry in org.entries} >= {first.hash, second.hash}
    assert count(hub, "duplicate_id") == 1


def test_a_double_id_within_one_batch_is_found_too(till: Till) -> None:
    first = till.journal.add()
    till.journal.add(body={"values": {"different": True}}, entry_id=first.entry_id)
    assert [o.code for o in till.push().outcomes] == ["DUPLICATE_ID"]


@pytest.mark.parametrize(("kind", "v"), [("kind_of_tomorrow", 1), ("order_sold", 9)])
def test_an_unknown_kind_or_version_is_held_and_passed_on(
    hub: Hub, till: Till, other: Till, kind: str, v: int
) -> None:
    entry = till.journal.add(kind, v=v)
    reply = till.push()
    assert [(o.outcome, o.code) for o in reply.outcomes] == [("held", "UNKNOWN_KIND")]
    org = next(page for page in other.pull().pages if page.feed == "org")
    assert entry in org.entries
    assert count(hub, "held") == 1


def sealed(till: Till, seq: int, prev: bytes, content: str) -> tuple[str, bytes, bytes]:
    digest = chain_hash(prev, raw_text(till.journal.station, 1, seq, content))
    return content, digest, till.journal.key.sign(digest)


BAD_CONTENTS = {
    "not JSON": ("so it is not", "MALFORMED"),
    "cut JSON": ('{"format":1,', "MALFORMED"),
    "JSON with a NUL": ('{"format":1,"kind":"\\u0000"}', "MALFORMED"),
    "a number beyond reason": ('{"format":1e999999}', "MALFORMED"),
    "nested too deep": ("[" * 30_000 + "]" * 30_000, "MALFORMED"),
    "a list": ("[]", "MALFORMED"),
    "an empty object": ("{}", "MALFORMED"),
    "oversize": ('"' + "x" * MAX_RAW_BYTES + '"', "OVERSIZE"),
}


@pytest.mark.parametrize("name", BAD_CONTENTS)
def test_a_bad_entry_is_quarantined_and_the_next_goes_on(hub: Hub, till: Till, name: str) -> None:
    content, code = BAD_CONTENTS[name]
    bad = sealed(till, 1, till.journal.tip, content)
    donor = Journal(till.journal.station, till.journal.key)
    donor.add()
    good_content = donor.add().content
    good = sealed(till, 2, bad[1], good_content)
    answer = till.raw_push(1, till.journal.tip, [bad, good])
    assert [(o["seq"], o["outcome"], o["code"]) for o in answer["outcomes"]] == [(1, "quarantined", code)]
    assert answer["acked"]["seq"] == 2
    assert count(hub, "quarantine") == 1
    assert count(hub, "feed_log WHERE station <> '00000000'") == 1


def test_an_entry_whose_text_was_damaged_is_quarantined_and_its_claimed_hash_carries_the_chain(
    hub: Hub, till: Till
) -> None:
    first, second = till.journal.add(), till.journal.add()
    damaged = (first.content.replace('"n":1', '"n":9'), first.hash, first.sig)
    answer = till.raw_push(1, first.prev_hash, [damaged, (second.content, second.hash, second.sig)])
    assert [(o["seq"], o["code"]) for o in answer["outcomes"]] == [(1, "BAD_CHAIN")]
    assert answer["acked"] == {"epoch": 1, "seq": 2, "hash": second.hash.hex()}
    assert count(hub, "feed_log WHERE station <> '00000000'") == 1


def test_an_unsigned_entry_is_quarantined(till: Till) -> None:
    entry = till.journal.add()
    answer = till.raw_push(1, entry.prev_hash, [(entry.content, entry.hash, b"")])
    assert [o["code"] for o in answer["outcomes"]] == ["UNSIGNED"]


def test_an_entry_of_another_station_is_not_taken_as_ones_own(till: Till, other: Till) -> None:
    foreign = other.journal.add().content
    answer = till.raw_push(1, till.journal.tip, [sealed(till, 1, till.journal.tip, foreign)])
    assert [o["code"] for o in answer["outcomes"]] == ["FOREIGN_ORIGIN"]


@pytest.mark.parametrize(
    ("feeds", "fits"),
    [
        (["org"], True),
        (["cash", "event:12", "org"], True),
        (["org", "cash"], False),
        (["org", "org"], False),
        ([], False),
        (["event:0"], False),
        (["secrets"], False),
        (["org", 7], False),
    ],
)
def test_feeds_must_be_known_sorted_and_unique(till: Till, feeds: list, fits: bool) -> None:
    content = till.journal.add().content.replace(
        '"feeds":["org"]', f'"feeds":{Jsonb(feeds).obj!r}'.replace("'", '"').replace(", ", ",")
    )
    genesis = till.journal.hash_at(0)
    answer = till.raw_push(1, genesis, [sealed(till, 1, genesis, content)])
    assert [o["code"] for o in answer["outcomes"]] == ([] if fits else ["MALFORMED"])


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("content", {"items": []}),
        ("content", {"items": 201}),
        ("hash", {"hash": b"short"}),
        ("prev_hash", {"prev": b"short"}),
        ("first_seq", {"first": 0}),
        ("bytes", {"items": 5, "size": 60_000}),
    ],
)
def test_a_call_that_is_no_batch_is_answered_with_the_field(
    hub: Hub, till: Till, field: str, change: dict
) -> None:
    items = change.get("items", 1)
    number = items if isinstance(items, int) else 0
    row = ("x" * change.get("size", 1), change.get("hash", bytes(32)), bytes(64))
    answer = till.raw_push(change.get("first", 1), change.get("prev", bytes(32)), [row] * number)
    assert answer == {"code": "BAD_REQUEST", "field": field}
    assert count(hub, "station_log WHERE station <> '00000000'") == 0


def test_tickets_and_leased_places_are_noted_and_a_place_used_twice_is_kept_as_a_clash(
    hub: Hub, till: Till
) -> None:
    def sold(order: str, serial: str, slots: list[int]) -> dict:
        place = {"pool": 5, "lease": "L1", "slots": slots}
        return {"order": order, "positions": [{"serial": serial, "slots": [place]}]}

    till.journal.add("order_sold", ["cash", "event:7"], sold("o-1", SERIAL, [1, 2]))
    till.journal.add("order_sold", ["cash", "event:7"], sold("o-2", SERIAL[::-1], [2, 3]))
    till.journal.add("admitted", ["event:7"], {"serial": SERIAL})
    outcomes = [one.outcome for one in till.push().outcomes]
    assert outcomes == ["held"] * 3, "too little for the tables; places and tickets are noted all the same"
    with hub.admin() as admin:
        seen = admin.execute(
            "SELECT feed, serial, count(*) FROM hub.ticket_seen GROUP BY 1, 2 ORDER BY 3"
        ).fetchall()
        assert seen == [("event:7", SERIAL[::-1], 1), ("event:7", SERIAL, 2)]
        assert admin.execute("SELECT slot, holder FROM hub.lease_slot ORDER BY 1").fetchall() == [
            (1, "o-1"),
            (2, "o-1"),
            (3, "o-2"),
        ]
        assert admin.execute("SELECT slot, holder FROM hub.slot_clash").fetchall() == [(2, "o-2")]


def test_an_acknowledged_push_is_durable_whatever_the_session_says(till: Till) -> None:
    entry = till.journal.add()
    connection = till.client.connection
    connection.execute("SET synchronous_commit = off")
    with connection.transaction():
        till.raw_push(1, entry.prev_hash, [(entry.content, entry.hash, entry.sig)])
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_pages_follow_the_running_hash_and_the_limit(till: Till, other: Till) -> None:
    for _ in range(7):
        till.journal.add("order_sold", ["event:3"], {})
    till.push()
    cursors: dict[str, Cursor] = {}
    seen: list[int] = []
    while (reply := other.pull(cursors, 3)).received:
        assert reply.received <= 3
        for page in reply.pages:
            cursors[page.feed] = page.cursor
            seen += [entry.seq for entry in page.entries if page.feed == "event:3"]
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    assert reply.heads["event:3"] == 7


def test_a_page_ends_when_it_grows_large(till: Till, other: Till) -> None:
    for _ in range(40):
        till.journal.add("order_sold", ["event:3"], {"text": "x" * 60_000})
    for first in range(1, 41, 4):
        till.push(first, first + 3)
    sizes = [len(page.entries) for page in other.pull().pages if page.feed == "event:3"]
    assert 15 <= sizes[0] <= 20


def test_cursors_of_another_hub_or_history_are_told_so(till: Till) -> None:
    wrong = till.client.pull("another/00000001", {}, 10)
    assert isinstance(wrong, Denied)
    assert (wrong.code, wrong.params["incarnation"]) == ("INCARNATION", till.enrolled.incarnation)
    for cursor in (Cursor(1, os.urandom(32)), Cursor(999, bytes(32)), Cursor(0, os.urandom(32))):
        answer = till.client.pull(till.enrolled.incarnation, {"org": cursor}, 10)
        assert isinstance(answer, Denied)
        assert (answer.code, answer.params["feed"]) == ("CURSOR", "org")


def test_a_station_sees_only_the_feeds_of_its_scope(hub: Hub, till: Till) -> None:
    till.journal.add("order_sold", ["cash", "event:1"], {})
    till.journal.add("order_sold", ["event:2"], {})
    till.push()
    gate = hub.join("Gate", "G", ("event:2", "org"))
    client = HubClient.connect(gate.dsn, gate.password, "test")
    reply = client.pull(gate.incarnation, {}, 500)
    client.close()
    assert isinstance(reply, PullReply)
    assert sorted(reply.heads) == ["event:2", "org"]
    assert sorted(page.feed for page in reply.pages) == ["event:2", "org"]


def test_the_hub_reads_every_kind_that_stations_write(hub: Hub) -> None:
    with hub.admin() as admin:
        known = set(admin.execute("SELECT kind, v FROM hub.known_kind").fetchall())
    assert set(SHAPES) - known == set()
