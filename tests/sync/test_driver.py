"""The driver against a real PostgreSQL: two stations, a hub that goes away, a wrong password."""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import sql

from domain.clock import Clock
from domain.errors import Fault
from sync.driver import SyncDriver
from sync.engine import Engine, Timing
from sync.enrolment import Enrolled
from sync.ports import SyncState
from sync.steps import Lane
from tests.postgres import Hub
from tests.sync.memory_store import MemoryStation

QUICK = Timing(
    active_ms=150,
    idle_ms=150,
    first_retry_ms=50,
    longest_retry_ms=200,
    between_retries_ms=10,
    refused_ms=60_000,
)
LAZY = dataclasses.replace(QUICK, active_ms=60_000, idle_ms=60_000)


class RealClock(Clock):
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000

    def boot_id(self) -> str:
        return "test"


class Station:
    """A joined station with a store in memory and a driver."""

    def __init__(self, enrolled: Enrolled, timing: Timing = QUICK, password: str | None = None) -> None:
        self.store = MemoryStation.of(enrolled)
        self.states: list[SyncState] = []
        self.enrolled = enrolled
        self.timing = timing
        self.driver = self.make_driver(password)

    def make_driver(self, password: str | None = None) -> SyncDriver:
        return SyncDriver(
            dsn=self.enrolled.dsn,
            password=password or self.enrolled.password,
            outbox=self.store,
            replica=self.store,
            clock=RealClock(),
            engine=Engine(lambda: 0.5, self.timing),
            program="test",
            on_state=self.states.append,
        )

    def sync(self):
        return self.make_driver().run_once()


@pytest.fixture
def running() -> Iterator[Callable[[Station], Station]]:
    """Starts drivers and stops them at the end."""
    started: list[Station] = []

    def start(station: Station) -> Station:
        station.driver.start()
        started.append(station)
        return station

    yield start
    for station in started:
        assert station.driver.stop()


def eventually(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Poll a condition that another thread or process brings about."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < end, "it never came true"
        pause.wait(0.01)


def test_one_round_pushes_everything_and_pulls_everything(hub: Hub) -> None:
    one, two = Station(hub.join("Till 1", "A")), Station(hub.join("Till 2", "B"))
    for n in range(450):
        one.store.journal.add("order_sold", ["cash", "event:1"], {"n": n})
    counts = one.sync()
    assert (counts.pushed, counts.waiting, counts.code) == (450, 0, None)
    counts = two.sync()
    assert counts.code is None
    assert counts.rejected == 0
    mine = [entry.entry_id for entry in two.store.applied if entry.station == one.store.station()]
    assert mine == [entry.entry_id for entry in one.store.journal.entries]


def test_two_tills_that_sold_without_the_hub_both_know_both_sales_afterwards(hub: Hub) -> None:
    one, two = Station(hub.join("Till 1", "A")), Station(hub.join("Till 2", "B"))
    hub.server.stop("immediate")
    one.store.journal.add("order_sold", ["event:1"], {"n": 1})
    two.store.journal.add("order_sold", ["event:1"], {"n": 2})
    assert one.sync().code == "HUB_UNREACHABLE"
    assert one.store.acked_seq() == 0
    hub.server.start()
    for station in (one, two, one):
        assert station.sync().code is None
    for station, other in ((one, two), (two, one)):
        assert other.store.journal.entries[0] in station.store.applied


def test_a_second_round_has_nothing_to_do(hub: Hub) -> None:
    one = Station(hub.join())
    one.store.journal.add()
    one.sync()
    counts = one.sync()
    assert (counts.pushed, counts.pulled, counts.waiting) == (0, 0, 0)


def test_a_new_entry_reaches_another_station_by_nudge_and_hint_long_before_the_poll(
    hub: Hub, running: Callable[[Station], Station]
) -> None:
    one, two = Station(hub.join("Till 1", "A"), LAZY), Station(hub.join("Till 2", "B"), LAZY)
    running(one)
    running(two)
    eventually(lambda: one.driver.state().mode == "live" and two.driver.state().mode == "live")
    one.store.journal.add("order_sold", ["org"], {})
    one.driver.nudge()
    eventually(lambda: one.store.journal.entries[0] in two.store.applied)


def test_a_disk_that_takes_nothing_leaves_one_thing_to_do_and_not_two(hub: Hub) -> None:
    till = Station(hub.join("Till 1", "A"))

    class Full(MemoryStation):
        def acknowledge(self, seq: int, outcomes: Mapping[str, str]) -> None:
            raise Fault("DISK_FULL")

    till.store.__class__ = Full
    till.store.journal.add("order_sold", ["event:1"], {"n": 1})
    driver = till.make_driver()
    assert driver.run_once().code == "DISK_FULL"
    assert driver._work[Lane.UP].empty()  # each failure left another round to go on beside the first
    till.store.__class__ = MemoryStation
    assert (till.sync().waiting, till.store.acked_seq()) == (0, 1)


def test_killed_backends_and_a_stopped_server_lose_nothing(
    hub: Hub, running: Callable[[Station], Station]
) -> None:
    one, two = Station(hub.join("Till 1", "A")), Station(hub.join("Till 2", "B"))
    running(one)
    running(two)
    for round_number in range(6):
        for n in range(40):
            one.store.journal.add("order_sold", ["event:1"], {"round": round_number, "n": n})
            one.driver.nudge()
        if round_number == 3:
            hub.server.stop("immediate")
            eventually(lambda: one.driver.state().mode == "offline")
            hub.server.start()
        else:
            with hub.admin() as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE usename = %s AND datname = current_database()",
                    (f"station_{one.store.station()}",),
                )
    eventually(lambda: one.store.acked_seq() == 240)

    def arrived() -> list[int]:
        return [entry.seq for entry in list(two.store.applied) if entry.station == one.store.station()]

    eventually(lambda: len(arrived()) >= 240)
    assert arrived() == list(range(1, 241))


def test_a_backend_killed_in_the_middle_of_a_push_leaves_nothing_half_done(
    hub: Hub, running: Callable[[Station], Station]
) -> None:
    one = running(Station(hub.join()))
    eventually(lambda: one.driver.state().mode == "live")
    pushing = "SELECT pid FROM pg_stat_activity WHERE usename = %s AND wait_event_type = 'Lock'"
    role = f"station_{one.store.station()}"
    with psycopg.connect(hub.dsn) as blocker, hub.admin() as admin:
        blocker.execute("INSERT INTO hub.feed_head (feed) VALUES ('event:1')")
        one.store.journal.add("order_sold", ["event:1"], {})
        one.driver.nudge()
        eventually(lambda: admin.execute(pushing, (role,)).fetchone() is not None)
        pid = admin.execute(pushing, (role,)).fetchone()[0]
        admin.execute("SELECT pg_terminate_backend(%s)", (pid,))
        eventually(lambda: one.driver.state().mode == "offline")
        assert one.store.acked_seq() == 0
        blocker.rollback()
        eventually(lambda: one.store.acked_seq() == 1)
        rows = admin.execute("SELECT position FROM hub.feed_log WHERE feed = 'event:1'").fetchall()
    assert rows == [(1,)]


def test_a_push_that_was_committed_without_an_answer_is_not_stored_twice(hub: Hub) -> None:
    one = Station(hub.join())
    one.store.journal.add()
    one.sync()
    one.store._acked = 0
    one.store.journal.add()
    assert one.sync().waiting == 0
    with hub.admin() as admin:
        stored = admin.execute("SELECT count(*) FROM hub.station_log WHERE station <> '00000000'").fetchone()
    assert stored == (2,)


def test_a_wrong_password_is_a_refused_state_until_a_person_gives_the_right_one(
    hub: Hub, running: Callable[[Station], Station]
) -> None:
    one = running(Station(hub.join(), password="not the password"))
    eventually(lambda: one.driver.state().mode == "refused")
    assert one.driver.state().code == "HUB_PASSWORD"
    one.driver.try_now(one.enrolled.password)
    eventually(lambda: one.driver.state().mode == "live")


def test_a_role_that_may_not_sign_in_any_more_is_refused(hub: Hub) -> None:
    one = Station(hub.join())
    with hub.admin() as admin:
        admin.execute(
            sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(f"station_{one.store.station()}"))
        )
    assert one.sync().code == "HUB_PASSWORD"


def test_a_revoked_station_is_told_so(hub: Hub) -> None:
    one = Station(hub.join())
    with hub.admin() as admin:
        admin.execute("UPDATE hub.station SET revoked_at = now()")
    assert one.sync().code == "REVOKED"


def test_a_copied_journal_is_found_at_hello_and_download_goes_on(hub: Hub) -> None:
    one, two = Station(hub.join("Till 1", "A")), Station(hub.join("Till 2", "B"))
    clone = Station(one.enrolled)
    one.store.journal.add()
    one.sync()
    two.store.journal.add("order_sold", ["org"], {})
    two.sync()
    clone.store.journal.add(body={"values": {"cloned": True}})
    assert clone.sync().code == "FORK"
    assert two.store.journal.entries[0] in clone.store.applied


def test_a_hub_with_another_incarnation_is_read_again_from_the_start(hub: Hub) -> None:
    one, two = Station(hub.join("Till 1", "A")), Station(hub.join("Till 2", "B"))
    one.store.journal.add("order_sold", ["org"], {})
    one.sync()
    two.sync()
    with hub.admin() as admin:
        admin.execute("UPDATE hub.hub SET id = gen_random_uuid()")
    before = len(two.store.applied)
    counts = two.sync()
    assert (counts.code, counts.pulled) == (None, 0)
    assert len(two.store.applied) == before
    assert two.store.incarnation() != two.enrolled.incarnation


def test_an_entry_signed_by_another_key_is_set_aside_by_everybody(hub: Hub) -> None:
    one, two = Station(hub.join("Till 1", "A")), Station(hub.join("Till 2", "B"))
    forged = one.store.journal.add("order_sold", ["org"], {})
    one.store.journal.entries[0] = dataclasses.replace(forged, sig=bytes(64))
    one.store.journal.add("order_sold", ["org"], {})
    one.sync()
    counts = two.sync()
    assert counts.rejected == 1
    assert two.store.aside == [(forged.entry_id, "BAD_SIGNATURE")]
    assert one.store.journal.entries[1] in two.store.applied


def test_a_hub_without_its_functions_is_a_waiting_state_with_words(hub: Hub) -> None:
    one = Station(hub.join())
    with hub.admin() as admin:
        admin.execute("ALTER SCHEMA api_1 RENAME TO api_0")
    assert one.sync().code in {"HUB_OUTDATED", "HUB_RIGHTS"}


def test_at_most_two_connections_stand_at_the_hub(hub: Hub, running: Callable[[Station], Station]) -> None:
    one = running(Station(hub.join()))
    eventually(lambda: one.driver.state().mode == "live")
    with psycopg.connect(hub.dsn) as admin:
        found = admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = %s", (f"station_{one.store.station()}",)
        ).fetchone()
    assert found == (2,)
