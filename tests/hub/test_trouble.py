"""What happens to connections: a client that hangs, a hub restarted in mid-push, none left, half-open."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from sync import hub_admin
from tests.hub.stations import RealStation, joined
from tests.postgres import Hub


@pytest.fixture
def one(hub: Hub, tmp_path: Path) -> Iterator[RealStation]:
    made = joined(hub, tmp_path, "Till 1", "A")
    yield made
    made.close()


class Syncing(threading.Thread):
    """One round in the background; `code` once it has ended."""

    def __init__(self, station: RealStation) -> None:
        super().__init__()
        self.station = station
        self.code: str | None = "still running"
        self.start()

    def run(self) -> None:
        self.code = self.station.sync()


def waits_for_a_lock(hub: Hub) -> bool:
    with hub.admin() as admin:
        for _ in range(200):
            row = admin.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND usename LIKE 'station_%'"
            ).fetchone()
            if row[0]:
                return True
            admin.execute("SELECT pg_sleep(0.05)")
    return False


def pushed(hub: Hub) -> int:
    with hub.admin() as admin:
        return admin.execute("SELECT count(*) FROM hub.station_log WHERE station <> '00000000'").fetchone()[0]


def test_a_client_that_hangs_in_a_transaction_delays_others_no_longer_than_the_watchdog(
    hub: Hub, one: RealStation
) -> None:
    enrolled = hub.join("Till 9", "Z")
    with psycopg.connect(make_conninfo(enrolled.dsn, password=enrolled.password)) as hung:
        hung.execute("SET idle_in_transaction_session_timeout = 0")
        hung.commit()
        with hub.admin() as admin:
            admin.execute("GRANT USAGE ON SCHEMA hub TO gatehouse_station")
            admin.execute("GRANT ALL ON hub.feed_head TO gatehouse_station")
            admin.execute("CREATE POLICY opened ON hub.feed_head USING (true)")
        hung.execute("SELECT 1 FROM hub.feed_head WHERE feed = 'org' FOR UPDATE")
        one.write(1)
        assert one.sync() is None
        with pytest.raises(psycopg.OperationalError):
            hung.execute("SELECT 1")
    assert pushed(hub) == 1


def test_a_hub_restarted_in_the_middle_of_a_push_loses_and_doubles_nothing(
    hub: Hub, one: RealStation
) -> None:
    for n in range(450):
        one.write(n)
    holder = psycopg.connect(hub.dsn)
    holder.execute("SELECT 1 FROM hub.feed_head WHERE feed = 'org' FOR UPDATE")
    syncing = Syncing(one)
    assert waits_for_a_lock(hub)
    hub.server.stop("immediate")
    syncing.join(30)
    holder.close()
    assert syncing.code == "HUB_UNREACHABLE"
    hub.server.start()
    assert one.sync() is None
    assert pushed(hub) == 450


def test_a_reply_that_is_lost_after_the_commit_is_no_loss_and_no_double(hub: Hub, one: RealStation) -> None:
    """The push arrives, the answer does not: here the station forgets it, as after a kill."""
    one.write(1)
    assert one.sync() is None
    with one.store._core.writing() as work:
        work.connection.exec_driver_sql("UPDATE own_epoch SET acked_seq = 0")
        work.commit()
    one.write(2)
    assert one.sync() is None
    assert pushed(hub) == 2


def test_a_hub_out_of_connections_is_tried_again(hub: Hub, one: RealStation) -> None:
    one.write(1)
    with hub.admin() as admin:
        admin.execute(f"ALTER ROLE station_{one.id} CONNECTION LIMIT 0")
        assert one.sync() in {"HUB_PASSWORD", "HUB_UNREACHABLE", "HUB_BUSY"}
        admin.execute(f"ALTER ROLE station_{one.id} CONNECTION LIMIT 8")
    assert one.sync() is None
    assert pushed(hub) == 1


def test_dead_connections_after_a_changed_network_leave_room_for_new_ones(hub: Hub, one: RealStation) -> None:
    """They count against the limit of 8 until the hub notices; two at a time fit three times beside."""
    password = one.store.hub_password()
    dsn = make_conninfo(one.store.local_setting("hub_dsn"), password=password)
    dead = [psycopg.connect(dsn) for _ in range(6)]
    one.write(1)
    assert one.sync() is None
    for connection in dead:
        connection.close()
    assert pushed(hub) == 1


def test_the_status_tells_that_a_hub_is_hardened(hub: Hub) -> None:
    assert hub_admin.status(hub.dsn).hardened
