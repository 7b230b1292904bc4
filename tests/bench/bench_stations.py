"""Five hundred stations on one hub: some sell, some claim, all look for news.

    python -m tests.bench.bench_stations [seconds] [system|wheel]

Every station has its own role and its own connection, as real ones do. A tenth sells once a minute and reads
again every 2 s, a tenth (gates) claims once a second, the rest polls every 15 s; all of it over 20 events'
feeds, and each sale is a signed entry of a real journal. Durable settings (fsync on). JSON lines.
"""

import heapq
import os
import random
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from domain.entry import event_feed
from domain.errors import GatehouseError
from domain.ids import uuid7
from domain.ticket_code import SigningKey
from sync.enrolment import Enrolled
from sync.hub_client import HubClient
from sync.messages import PullReply, PushReply
from sync.ports import Cursor, Tip
from tests.bench.bench_claims import report
from tests.bench.bench_push import sales
from tests.bench.floor import percentile
from tests.journal import Journal
from tests.postgres import Hub, Hubs, running_server

STATIONS = 500
TENTH = STATIONS // 10
EVENTS = 20
SECONDS = 60
WORKERS = 48
SELL_EVERY_S, CLAIM_EVERY_S, ACTIVE_POLL_S, IDLE_POLL_S = 60.0, 1.0, 2.0, 15.0
PUSH_GOAL_MS = 1_000
CLAIM = "SELECT api_1.claim(%s, %s, '{}', %s, 'A', '1')"

SALE = sales(Journal("0badcafe", SigningKey.from_seed(bytes(32))), 1)[0].body
"""A whole sale as a till makes it."""


@dataclass
class Measured:
    """Times by act in milliseconds, and the codes of what went wrong."""

    times: dict[str, list[float]] = field(default_factory=lambda: {"push": [], "claim": [], "pull": []})
    errors: list[str] = field(default_factory=list)
    late_ms: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, act: str, spent_ms: float, late_ms: float) -> None:
        """One act that was done."""
        with self.lock:
            self.times[act].append(spent_ms)
            self.late_ms = max(self.late_ms, late_ms)

    def failed(self, act: str, code: str) -> None:
        """One that was not."""
        with self.lock:
            self.errors.append(f"{act}: {code}")


class Member:
    """One station: its connection, its journal, where it has read to."""

    def __init__(self, number: int, enrolled: Enrolled, chance: random.Random) -> None:
        self.event = 1 + number % EVENTS
        self.enrolled = enrolled
        self.chance = chance
        self.client = HubClient.connect(enrolled.dsn, enrolled.password, "bench")
        self.journal = Journal(enrolled.station, SigningKey.from_seed(enrolled.seed))
        self.cursors: dict[str, Cursor] = {}
        self.using = threading.Lock()

    def sell(self) -> None:
        """One sale of two tickets, pushed; then whoever listens is told."""
        feeds = ["cash", event_feed(self.event)]
        lease = {
            "pool": self.event,
            "lease": f"own:{self.enrolled.station}",
            "slots": [len(self.journal.entries)],
        }
        position = {
            **SALE["positions"][0],
            "serial": os.urandom(8).hex(),
            "event": self.event,
            "slots": [lease],
        }
        body = {**SALE, "order": str(uuid.UUID(bytes=os.urandom(16))), "positions": [position]}
        entry = self.journal.add("order_sold", feeds, body)
        reply = self.client.push([entry])
        if not isinstance(reply, PushReply):
            raise GatehouseError(reply.code)
        if reply.outcomes:
            raise GatehouseError("HELD")
        self.client.wake(feeds)

    def claim(self) -> None:
        """A ticket that nobody has heard of: granted."""
        values = (event_feed(self.event), os.urandom(8).hex(), uuid7(int(time.time() * 1000), os.urandom))
        row = self.client.connection.execute(CLAIM, values).fetchone()
        if row is None or not row[0].get("granted"):
            raise GatehouseError("NOT_GRANTED")

    def poll(self) -> None:
        """Whatever is new, to the end."""
        while True:
            reply = self.client.pull(self.enrolled.incarnation, self.cursors, 500)
            if not isinstance(reply, PullReply):
                raise GatehouseError(reply.code)
            self.cursors.update({page.feed: page.cursor for page in reply.pages})
            if not reply.received or reply.waiting <= reply.received:
                return


class Venue:
    """All members, and what each does when: a heap of due acts, taken by a pool of workers."""

    def __init__(self, members: list[Member], measured: Measured, seconds: float) -> None:
        self._measured = measured
        self._lock = threading.Lock()
        self._never = threading.Event()
        self._until = time.perf_counter() + seconds
        self._due: list[tuple[float, int, str, float, Member]] = []
        begun = time.perf_counter()
        for number, member in enumerate(members):
            for act, every in self._habits(number).items():
                first = begun + member.chance.random() * every
                heapq.heappush(self._due, (first, id(member), act, every, member))

    @staticmethod
    def _habits(number: int) -> Mapping[str, float]:
        if number < TENTH:
            return {"push": SELL_EVERY_S, "pull": ACTIVE_POLL_S}
        if number < 2 * TENTH:
            return {"claim": CLAIM_EVERY_S, "pull": ACTIVE_POLL_S}
        return {"pull": IDLE_POLL_S}

    def work(self) -> None:
        """Until the time is over: take what is due next, wait for its moment, do it, and put it back."""
        while True:
            with self._lock:
                due, key, act, every, member = heapq.heappop(self._due)
                heapq.heappush(self._due, (due + every, key, act, every, member))
            if due >= self._until:
                return
            self._never.wait(max(0.0, due - time.perf_counter()))
            self._do(act, due, member)

    def _do(self, act: str, due: float, member: Member) -> None:
        acts: Mapping[str, Callable[[], None]] = {
            "push": member.sell,
            "claim": member.claim,
            "pull": member.poll,
        }
        with member.using:
            begun = time.perf_counter()
            try:
                acts[act]()
            except GatehouseError as error:
                self._measured.failed(act, error.code)
            except Exception as error:  # noqa: BLE001 - counted, and the bench fails by it
                self._measured.failed(act, type(error).__name__)
            else:
                self._measured.note(act, (time.perf_counter() - begun) * 1000, (begun - due) * 1000)


def joined(hub: Hub) -> list[Member]:
    """Stations that have joined, each with its role, and have read what there is."""
    chance = random.Random(11)
    with ThreadPoolExecutor(4) as several:
        found = list(several.map(lambda n: hub.join(f"Station {n}", f"S{n}"), range(STATIONS)))
    members = [Member(number, each, random.Random(chance.random())) for number, each in enumerate(found)]
    for member in members:
        member.client.hello(Tip(1, 0, member.journal.tip), None, "bench")
        member.poll()
    return members


def main() -> None:
    """Start a durable server with room for all, join, run, print."""
    prefer = next((word for word in sys.argv[1:] if word in {"system", "wheel"}), None)
    seconds = next((float(word) for word in sys.argv[1:] if word.isdigit()), float(SECONDS))
    room = {"max_connections": str(STATIONS + 50)}
    with running_server(durable=True, prefer=prefer, settings=room) as server, Hubs(server).fresh() as hub:
        members = joined(hub)
        measured = Measured()
        venue = Venue(members, measured, seconds)
        workers = [threading.Thread(target=venue.work) for _ in range(WORKERS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        for member in members:
            member.client.close()
    errors = len(measured.errors)
    report("stations_errors", errors, "errors", None, f"0 over {STATIONS} stations", ok=errors == 0)
    for act, goal in (("push", PUSH_GOAL_MS), ("claim", 250), ("pull", None)):
        times = measured.times[act]
        slow = percentile(times, 0.99) if times else float("inf")
        words = f"<= {goal} ms" if goal else "reported"
        report(f"stations_{act}_p99", slow, "ms", None, words, ok=goal is None or slow <= goal)
        report(f"stations_{act}_rate", len(times) / seconds, "/s", None, "reported", ok=True)
    report(
        "stations_latest_start",
        measured.late_ms,
        "ms",
        None,
        "reported: how far the bench fell behind",
        ok=True,
    )
    for line in sorted(set(measured.errors))[:10]:
        sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main()
