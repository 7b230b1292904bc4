"""Commit order is feed order: a puller misses and repeats nothing while many push.

The negative control runs the same race against the ways that do *not* work (numbers from a sequence), and
must see a reader skip an entry: only so is it known that the first test can fail.
"""

import threading
from collections.abc import Callable

import psycopg
import pytest

from domain.ticket_code import SigningKey
from sync.hub_client import HubClient
from sync.messages import PullReply, PushReply
from sync.ports import Cursor
from tests.journal import Journal
from tests.postgres import Hub

PUSHERS, BATCHES, SIZE = 4, 12, 10


def in_threads(jobs: list[Callable[[], None]]) -> list[BaseException]:
    """Run all at once; returns what they raised."""
    wrong: list[BaseException] = []

    def guarded(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            wrong.append(error)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def test_concurrent_pushers_lose_and_reorder_nothing_for_a_reader(hub: Hub) -> None:
    stations = [hub.join(f"Till {n}", f"T{n}") for n in range(PUSHERS)]
    reader = hub.join("Reader", "R")
    done = threading.Event()
    seen: dict[str, list[tuple[str, int]]] = {"cash": [], "event:1": []}

    def push(number: int) -> None:
        enrolled = stations[number]
        journal = Journal(enrolled.station, SigningKey.from_seed(enrolled.seed))
        client = HubClient.connect(enrolled.dsn, enrolled.password, "test")
        for batch in range(BATCHES):
            feeds = ["cash", "event:1"] if (batch + number) % 2 else ["event:1"]
            made = [journal.add("order_sold", feeds, {}) for _ in range(SIZE)]
            assert isinstance(client.push(made), PushReply)
        client.close()

    def pull() -> None:
        client = HubClient.connect(reader.dsn, reader.password, "test")
        cursors: dict[str, Cursor] = {}
        while True:
            last_round = done.is_set()
            reply = client.pull(reader.incarnation, cursors, 7)
            assert isinstance(reply, PullReply)
            for page in reply.pages:
                cursors[page.feed] = page.cursor
                if page.feed in seen:
                    seen[page.feed] += [(entry.station, entry.seq) for entry in page.entries]
            if last_round and not reply.received:
                break
        client.close()

    pulling = threading.Thread(target=pull)
    pulling.start()
    wrong = in_threads([lambda number=number: push(number) for number in range(PUSHERS)])
    done.set()
    pulling.join()
    assert wrong == []
    everything = {(each.station, seq) for each in stations for seq in range(1, BATCHES * SIZE + 1)}
    assert len(seen["event:1"]) == len(everything)
    assert set(seen["event:1"]) == everything
    for each in stations:
        own = [seq for station, seq in seen["event:1"] if station == each.station]
        assert own == sorted(own)


def test_the_race_is_real_positions_from_a_sequence_are_skipped_by_a_reader(hub: Hub) -> None:
    with hub.admin() as admin:
        admin.execute("CREATE TABLE public.naive (position bigserial PRIMARY KEY, who text)")
        slow, fast = psycopg.connect(hub.dsn), psycopg.connect(hub.dsn)
        slow.execute("INSERT INTO public.naive (who) VALUES ('slow')")
        fast.execute("INSERT INTO public.naive (who) VALUES ('fast')")
        fast.commit()
        cursor = admin.execute("SELECT max(position) FROM public.naive").fetchone()[0]
        slow.commit()
        later = admin.execute("SELECT who FROM public.naive WHERE position > %s", (cursor,)).fetchall()
        slow.close()
        fast.close()
    assert later == [], "the entry that committed late is never seen: the race is there"


def test_the_same_interleaving_through_push_makes_the_second_wait(hub: Hub) -> None:
    first, second, reader = hub.join("A", "A"), hub.join("B", "B"), hub.join("R", "R")
    one = Journal(first.station, SigningKey.from_seed(first.seed))
    two = Journal(second.station, SigningKey.from_seed(second.seed))
    slow = HubClient.connect(first.dsn, first.password, "test")
    fast = HubClient.connect(second.dsn, second.password, "test")
    looker = HubClient.connect(reader.dsn, reader.password, "test")
    slow.connection.autocommit = False
    slow.push([one.add("order_sold", ["event:1"], {})])
    fast.connection.execute("SET lock_timeout = '200ms'")
    late = two.add("order_sold", ["event:1"], {})
    with pytest.raises(Exception) as blocked:
        fast.push([late])
    assert getattr(blocked.value, "code", "") == "HUB_BUSY"
    elsewhere = looker.pull(reader.incarnation, {}, 100)
    assert isinstance(elsewhere, PullReply)
    assert "event:1" not in elsewhere.heads
    slow.connection.commit()
    assert isinstance(fast.push([late]), PushReply)
    reply = looker.pull(reader.incarnation, {}, 100)
    assert isinstance(reply, PullReply)
    page = next(page for page in reply.pages if page.feed == "event:1")
    assert [entry.station for entry in page.entries] == [first.station, second.station]
    for client in (slow, fast, looker):
        client.close()


def test_pushers_of_crossing_feeds_never_deadlock(hub: Hub) -> None:
    stations = [hub.join(f"Till {n}", f"T{n}") for n in range(4)]

    def push(number: int) -> None:
        enrolled = stations[number]
        journal = Journal(enrolled.station, SigningKey.from_seed(enrolled.seed))
        client = HubClient.connect(enrolled.dsn, enrolled.password, "test")
        for batch in range(25):
            feeds = sorted({f"event:{1 + (batch * (number + 1)) % 7}", f"event:{7 - batch % 7}", "cash"})
            assert isinstance(client.push([journal.add("order_sold", feeds, {})]), PushReply)
        client.close()

    assert in_threads([lambda number=number: push(number) for number in range(4)]) == []
