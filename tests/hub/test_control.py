"""Control sums: hub and stations count the same, and whoever does not is found."""

import json
import random
from pathlib import Path

import psycopg
import pytest

from app.store.control import sums
from domain.errors import Fault
from sync.control import ControlErrand, read_control
from sync.hub_client import HubClient
from sync.messages import Denied
from tests.builders import FakeClock
from tests.hub.histories import History, journal_of, push_at_random
from tests.hub.stations import RealStation, joined
from tests.hub.test_admin import raised
from tests.hub.test_projections import house_of
from tests.postgres import Hub, as_role


def client_of(station: RealStation) -> HubClient:
    return HubClient.connect(
        station.store.local_setting("hub_dsn"), station.store.hub_password() or "", "test"
    )


def synced(station: RealStation) -> None:
    for _ in range(3):
        assert station.sync() is None


@pytest.mark.parametrize("seed", range(30, 33))
def test_a_station_that_has_read_everything_counts_what_the_hub_counts(
    hub: Hub, tmp_path: Path, seed: int
) -> None:
    station, _ = house_of(hub, tmp_path, seed)
    client = client_of(station)
    answer = read_control(client.control(station.store.control.positions()))
    client.close()
    assert not isinstance(answer, Denied)
    with station.store._core.reading() as connection:
        mine = sums(connection)
    said = {one.feed: dict(one.sums) for one in answer.feeds}
    assert said["event:100"] == mine["event:100"]
    assert said["event:100"].keys() >= {"tickets", "people", "admitted", "refused", "gross:EUR"}
    assert said["event:100"].keys() >= {"refund_paid", "order_voided", "exchanged", "returned"}
    assert said["cash"] == mine["cash"]
    assert said["cash"].keys() >= {"paid:EUR:cash", "paid:EUR:card", "shifts_opened", "reservations"}
    assert said["cash"].keys() >= {"given_back:EUR:cash", "given_back:EUR:card", "value_issued:EUR"}
    found = station.store.control.compare(answer)
    assert set(found.agree) == {one.feed for one in answer.feeds}
    assert not found.differ
    station.close()


ALTERED = {
    "position": ("UPDATE position SET gross_minor = gross_minor + 1", "event:100", "gross:EUR"),
    "payment": ("UPDATE payment SET amount_minor = amount_minor * 2", "cash", "paid:EUR:card"),
    "payout": ("UPDATE payout SET amount_minor = amount_minor + 1", "cash", "given_back:EUR:cash"),
    "ticket_act": ("DELETE FROM ticket_act WHERE kind = 'refund_paid'", "event:100", "refund_paid"),
    "gate_fact": ("DELETE FROM gate_fact WHERE kind = 'refused'", "event:100", "refused"),
}


@pytest.mark.parametrize("table", sorted(ALTERED))
def test_a_station_whose_row_was_altered_on_the_disk_is_found(hub: Hub, tmp_path: Path, table: str) -> None:
    statement, feed, name = ALTERED[table]
    station, _ = house_of(hub, tmp_path, 40, 120)
    with station.store._core.writing() as work:
        work.connection.exec_driver_sql(statement)
        work.commit()
    told: list[str] = []
    errand = ControlErrand(station.store.control, FakeClock(), told.append)
    client = client_of(station)
    errand.run(client)
    client.close()
    assert feed in told
    alarm = station.store.control.alarm()
    assert alarm is not None
    view = station.station.services.sync.view()
    assert view.code == "CONTROL_DIFFERS"
    assert view.params == alarm
    report = station.station.verify()
    differing = {
        (one.params["feed"], one.params["name"]) for one in report.problems if one.code == "CONTROL_DIFFERS"
    }
    assert (feed, name) in differing
    station.reopen()
    assert station.station.services.sync.view().code == "CONTROL_DIFFERS", "it is not forgotten by a restart"
    station.close()


def test_the_alarm_ends_when_the_sums_agree_again(hub: Hub, tmp_path: Path) -> None:
    station, _ = house_of(hub, tmp_path, 41, 120)
    clock, told = FakeClock(), []
    errand = ControlErrand(station.store.control, clock, told.append)
    client = client_of(station)

    def change(by: int) -> None:
        with station.store._core.writing() as work:
            work.connection.exec_driver_sql(f"UPDATE payment SET amount_minor = amount_minor + {by}")
            work.commit()

    change(1)
    errand.run(client)
    assert told == ["cash"]
    change(-1)
    found = station.store.control.again()
    assert not found.differ
    assert station.store.control.alarm() is None
    client.close()
    station.close()


class CountingClient:
    """A real client that counts how often it is asked."""

    def __init__(self, client: HubClient) -> None:
        self.client = client
        self.asked: list[list[str]] = []

    def control(self, feeds: list[str]) -> object:
        self.asked.append(sorted(feeds))
        return self.client.control(feeds)


def test_the_hub_is_asked_once_for_a_position_and_every_few_minutes_at_most(hub: Hub, tmp_path: Path) -> None:
    station, _ = house_of(hub, tmp_path, 42, 60)
    clock = FakeClock()
    errand = ControlErrand(station.store.control, clock)
    client = CountingClient(client_of(station))
    errand.run(client)
    assert len(client.asked) == 1
    clock.advance(minutes=6)
    errand.run(client)
    assert len(client.asked) == 1, "nothing has moved since"
    station.write(1)
    synced(station)
    errand.run(client)
    assert client.asked[1:] == [["org"]], "only what has moved"
    station.write(2)
    synced(station)
    errand.run(client)
    assert len(client.asked) == 2, "too early to ask again"
    client.client.close()
    station.close()


def test_an_answer_waits_until_the_cursor_stands_where_the_hub_summed(hub: Hub, tmp_path: Path) -> None:
    rnd = random.Random(43)
    enrolled = hub.join("Till 1", "A")
    journal = journal_of(enrolled, rnd)
    History(43).written([journal], 80)
    station = joined(hub, tmp_path, "Office", "C")
    synced(station)
    push_at_random([(enrolled, journal)], rnd)
    errand = ControlErrand(station.store.control, FakeClock())
    client = CountingClient(client_of(station))
    errand.run(client)
    assert errand._settled == {}
    synced(station)
    errand.run(client)
    assert len(client.asked) == 1
    assert errand._settled.keys() == {"org"}, "what it follows now, it did not follow when it asked"
    client.client.close()
    station.close()


def test_what_the_hub_does_not_have_yet_is_no_difference(hub: Hub, tmp_path: Path) -> None:
    station, _ = house_of(hub, tmp_path, 44, 60)
    client = client_of(station)
    answer = read_control(client.control(station.store.control.positions()))
    client.close()
    assert not isinstance(answer, Denied)
    station.write(9)
    found = station.store.control.compare(answer)
    assert "org" not in found.agree
    assert "cash" in found.agree
    assert not found.differ
    station.close()


def test_the_hub_sums_a_position_once(hub: Hub, tmp_path: Path) -> None:
    station, _ = house_of(hub, tmp_path, 45, 60)
    client = client_of(station)
    first = client.control(["cash"])
    with hub.admin() as admin:
        admin.execute("UPDATE hub.payment SET amount_minor = 1")
    assert client.control(["cash"])["feeds"] == first["feeds"]
    with hub.admin() as admin:
        admin.execute("DELETE FROM hub.control_sum")
    assert client.control(["cash"])["feeds"] != first["feeds"]
    client.close()
    station.close()


def test_a_station_is_told_sums_of_its_own_feeds_only(hub: Hub) -> None:
    enrolled = hub.join("Gate", "G", ("event:100", "org"))
    client = HubClient.connect(enrolled.dsn, enrolled.password, "test")
    answer = client.control(["org", "cash", "event:100", "event:7"])
    assert [one["feed"] for one in answer["feeds"]] == ["org"]
    client.close()


def test_a_malformed_question_or_answer_is_refused(hub: Hub) -> None:
    enrolled = hub.join("Gate", "G")
    role = psycopg.conninfo.conninfo_to_dict(enrolled.dsn)["user"]
    with as_role(hub, role, enrolled.password) as connection:
        asked = connection.execute("SELECT api_1.control(ARRAY[NULL]::text[])").fetchone()[0]
        assert asked["code"] == "BAD_REQUEST"
    whole = {
        "incarnation": "x",
        "feeds": [{"feed": "org", "position": 1, "held": 0, "sums": {"a": 1}}],
        "tips": [],
    }
    assert not isinstance(read_control(whole), Denied)
    for wrong in ({"a": "1"}, {"a": True}, [1]):
        broken = json.loads(json.dumps(whole))
        broken["feeds"][0]["sums"] = wrong
        assert raised(Fault, read_control, broken).code == "HUB_REPLY"
