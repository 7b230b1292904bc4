"""Commit order is feed order: a puller misses and repeats nothing while many push.

The negative control runs the same race against the ways that do *not* work (numbers from a sequence), and
must see a reader skip an entry: only so is it known that the first test can fail.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psycopg

from domain.ticket_code import SigningKey
from sync.enrolment import Enrolled
from sync.hub_client import HubClient
from sync.messages import PullReply, PushReply
from sync.ports import Cursor
from tests.journal import Journal
from tests.postgres import Hub

PUSHERS, BATCHES, SIZE = 4, 12, 10


@contextmanager
def connected(*stations: Enrolled) -> Iterator[list[HubClient]]:
    """A client for each, all closed afterwards."""
    with ExitStack() as opened:
        clients = []
        for each in stations:
            client = HubClient.connect(each.dsn, each.password, "test")
            opened.callback(client.close)
            clients.append(client)
        yield clients


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
        with connected(enrolled) as (client,):
            for batch in range(BATCHES):
                feeds = ["cash", "event:1"] if (batch + number) % 2 else ["event:1"]
                made = [journal.add("order_sold", feeds, {}) for _ in range(SIZE)]
                assert isinstance(client.push(made), PushReply)

    def pull() -> None:
        cursors: dict[str, Cursor] = {}
        with connected(reader) as (client,):
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
        with psycopg.connect(hub.dsn) as slow, psycopg.connect(hub.dsn) as fast:
            slow.execute("INSERT INTO public.naive (who) VALUES ('slow')")
            fast.execute("INSERT INTO public.naive (who) VALUES ('fast')")
            fast.commit()
            cursor = admin.execute("SELECT max(position) FROM public.naive").fetchone()[0]
            slow.commit()
            later = admin.execute("SELECT who FROM public.naive WHERE position > %s", (cursor,)).fetchall()
    assert later == [], "the entry that committed late is never seen: the race is there"


def waits_for(hub: Hub, waiting: int, holding: int) -> bool:
    """Whether one backend comes to wait for a lock of the other; asks for 2 s, less than push's limit."""
    with hub.admin() as admin:
        for _ in range(100):
            if admin.execute("SELECT %s = ANY (pg_blocking_pids(%s))", (holding, waiting)).fetchone()[0]:
                return True
            admin.execute("SELECT pg_sleep(0.02)")
    return False


def test_the_same_interleaving_through_push_makes_the_second_wait(hub: Hub) -> None:
    first, second, reader = hub.join("A", "A"), hub.join("B", "B"), hub.join("R", "R")
    one = Journal(first.station, SigningKey.from_seed(first.seed))
    two = Journal(second.station, SigningKey.from_seed(second.seed))
    early, late = (made.add("order_sold", ["event:1"], {}) for made in (one, two))
    replies: list[object] = []
    with connected(first, second, reader) as (slow, fast, looker):
        pushing = threading.Thread(target=lambda: replies.append(fast.push([late])))
        slow.connection.autocommit = False
        assert isinstance(slow.push([early]), PushReply)
        pushing.start()
        try:
            backends = [client.connection.info.backend_pid for client in (fast, slow)]
            waited = waits_for(hub, *backends)
            meanwhile = looker.pull(reader.incarnation, {}, 100)
            answered = len(replies)
            slow.connection.commit()
        finally:
            pushing.join()
        reply = looker.pull(reader.incarnation, {}, 100)
    assert waited
    assert answered == 0
    assert isinstance(meanwhile, PullReply)
    assert "event:1" not in meanwhile.heads
    assert [type(each) for each in replies] == [PushReply]
    assert isinstance(reply, PullReply)
    page = next(page for page in reply.pages if page.feed == "event:1")
    assert [entry.station for entry in page.entries] == [first.station, second.station]


def test_pushers_of_crossing_feeds_never_deadlock(hub: Hub) -> None:
    stations = [hub.join(f"Till {n}", f"T{n}") for n in range(4)]

    def push(number: int) -> None:
        enrolled = stations[number]
        journal = Journal(enrolled.station, SigningKey.from_seed(enrolled.seed))
        with connected(enrolled) as (client,):
            for batch in range(25):
                feeds = sorted({f"event:{1 + (batch * (number + 1)) % 7}", f"event:{7 - batch % 7}", "cash"})
                assert isinstance(client.push([journal.add("order_sold", feeds, {})]), PushReply)

    assert in_threads([lambda number=number: push(number) for number in range(4)]) == []
