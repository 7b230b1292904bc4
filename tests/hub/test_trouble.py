"""What happens to connections: a client that hangs, a hub restarted in mid-push, none left, half-open."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from domain.errors import Fault
from sync import hub_admin
from sync.hub_client import HubClient
from tests.hub.stations import RealStation, joined
from tests.hub.stopping_proxy import StoppingProxy
from tests.postgres import Hub, running_server


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


def test_a_client_that_hangs_with_our_own_tip_delays_hello_no_longer_than_the_watchdog(
    hub: Hub, one: RealStation
) -> None:
    """An earlier connection of the same station, as a changed network leaves it."""
    with psycopg.connect(hub_dsn(one)) as hung:
        hung.execute("SET idle_in_transaction_session_timeout = 0")
        hung.commit()
        tip = one.store.outbox.tip()
        hello = {"protocol": {"min": 1, "max": 1}, "epoch": tip.epoch, "seq": 0, "hash": tip.hash.hex()}
        with hub.admin() as admin:
            admin.execute("GRANT USAGE ON SCHEMA hub TO gatehouse_station")
            admin.execute("GRANT ALL ON hub.station, hub.station_tip TO gatehouse_station")
            for table in ("station", "station_tip"):
                admin.execute(f"CREATE POLICY opened ON hub.{table} USING (true)")
        hung.execute("SELECT api_1.hello(%s)", [Jsonb(hello)])
        hung.execute("SELECT 1 FROM hub.station_tip WHERE station = %s FOR UPDATE", [one.id])
        hung.execute("SELECT 1 FROM hub.station WHERE station = %s FOR UPDATE", [one.id])
        one.write(1)
        assert one.sync() is None
        with pytest.raises(psycopg.OperationalError):
            hung.execute("SELECT 1")
    assert pushed(hub) == 1


def hub_dsn(station: RealStation) -> str:
    return make_conninfo(station.store.local_setting("hub_dsn"), password=station.store.hub_password())


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
        assert one.sync() == "HUB_BUSY"
        admin.execute(f"ALTER ROLE station_{one.id} CONNECTION LIMIT 8")
    assert one.sync() is None
    assert pushed(hub) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("ALTER ROLE {role} CONNECTION LIMIT 0", "HUB_BUSY"),
        ("ALTER ROLE {role} NOLOGIN", "HUB_PASSWORD"),
        ("ALTER ROLE {role} PASSWORD 'another'", "HUB_PASSWORD"),
        ("REVOKE CONNECT ON DATABASE {database} FROM gatehouse_station", "HUB_RIGHTS"),
    ],
)
def test_a_hub_that_does_not_take_a_station_says_why(
    hub: Hub, one: RealStation, change: str, code: str
) -> None:
    with hub.admin() as admin:
        admin.execute(change.format(role=f"station_{one.id}", database=hub.dbname))
    assert one.sync() == code


def test_a_database_that_is_not_there_is_told_apart_from_a_wrong_password(hub: Hub) -> None:
    enrolled = hub.join("Till 9", "Z")
    with pytest.raises(Fault) as fault:
        HubClient.connect(make_conninfo(enrolled.dsn, dbname="nowhere"), enrolled.password, "test")
    assert fault.value.code == "HUB_DATABASE"


def test_a_server_with_no_connection_left_at_all_is_busy(hub: Hub) -> None:
    enrolled = hub.join("Till 9", "Z")
    with running_server(settings={"max_connections": "5", "superuser_reserved_connections": "1"}) as full:
        taken = []
        with psycopg.connect(full.dsn(), autocommit=True) as admin:
            admin.execute("CREATE ROLE somebody LOGIN PASSWORD 'secret'")
            dsn = make_conninfo(full.dsn(), user="somebody", password="secret")

            def take_all() -> None:
                while True:
                    taken.append(HubClient.connect(dsn, "secret", "test"))

            with pytest.raises(Fault) as fault:
                take_all()
        for client in taken:
            client.close()
    assert fault.value.code == "HUB_BUSY"
    assert 0 < len(taken) < 5
    HubClient.connect(enrolled.dsn, enrolled.password, "test").close()


def test_a_connection_that_passes_nothing_on_is_given_up(hub: Hub) -> None:
    """Its other end acknowledges every byte, so no keepalive notices."""
    enrolled = hub.join("Till 9", "Z")
    password = enrolled.password
    with StoppingProxy("127.0.0.1", hub.server.port) as proxy:
        dsn = make_conninfo(enrolled.dsn, host="127.0.0.1", port=proxy.port, password=password)
        client = HubClient(psycopg.connect(dsn, autocommit=True), answer_s=0.5)
        assert client.tips()
        proxy.stop()
        with pytest.raises(Fault) as fault:
            client.tips()
        assert fault.value.code == "HUB_UNREACHABLE"
        assert client.lost
        client.close()
        proxy.go_on()
        client = HubClient.connect(dsn, password, "test")
        assert client.tips(), "a new connection works"
        client.close()


def test_an_answer_that_comes_in_time_is_no_end(hub: Hub) -> None:
    enrolled = hub.join("Till 9", "Z")
    client = HubClient.connect(enrolled.dsn, enrolled.password, "test")
    for _ in range(50):
        assert client.tips()
    assert not client.lost
    client.close()


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
