"""What a hub forgot by a restore and its stations know: rights, amounts, marks at gates, a lost disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.entry import HUB as HUB_STATION
from domain.entry import Draft, Entry
from sync import hub_inbox
from sync.hub_client import HubClient
from sync.hub_rights import write_off
from sync.messages import PullReply
from sync.ports import Cursor
from tests.hub.stations import RealStation, joined
from tests.hub.test_again import again as invited_again
from tests.hub.test_rights import Till
from tests.hub.yesterday import Yesterday
from tests.postgres import Hub
from tests.store import rights_drafts as after

pytestmark = pytest.mark.hub


class House:
    """A hub with two tills, that can be put back to what it was."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.tills = [Till(hub, f"Till {n}", f"K{n}") for n in (1, 2)]
        self.kept: list[Yesterday] = []

    def back_up(self) -> None:
        self.kept.append(Yesterday(self.hub))
        self._connect()

    def restore(self) -> None:
        """As it was when it was backed up; everybody is waited for."""
        assert self.kept[0].put_back().mode == "recovery"
        self._connect()

    def _connect(self) -> None:
        for till in self.tills:
            till.client.close()
            till.client = HubClient.connect(till.enrolled.dsn, till.enrolled.password, "test")

    def close(self) -> None:
        for till in self.tills:
            till.client.close()
        for each in self.kept:
            each.drop()


@pytest.fixture
def house(hub: Hub) -> Iterator[House]:
    made = House(hub)
    yield made
    made.close()


def acts(till: Till) -> list[Entry]:
    """What the hub did about rights and values, as a station pulls it."""
    found: dict[str, Entry] = {}
    incarnation = ""
    cursors: dict[str, Cursor] = {}
    while True:
        reply = till.client.pull(incarnation, cursors, 500)
        if not isinstance(reply, PullReply):
            incarnation = str(reply.params["incarnation"])
            continue
        if not reply.received:
            return list(found.values())
        for page in reply.pages:
            cursors[page.feed] = page.cursor
            for entry in page.entries:
                if entry.station == HUB_STATION and entry.kind.startswith(("right_", "value_")):
                    found[entry.entry_id] = entry


def speak(till: Till) -> None:
    """Push something, and hear what is granted."""
    till.add(Draft("app_started", ("org",), {"version": "1", "python": "3", "system": "x"}))
    till.push()


def report(till: Till) -> str:
    """Push again what the hub forgot, and say that this is all."""
    tips = till.client.tips()
    at_hub = {item["station"]: item["seq"] for item in tips["tips"] if item["epoch"] == 1}  # type: ignore[index]
    till.pushed = min(till.pushed, at_hub[till.id])
    speak(till)
    answer = till.client.reported()
    return str(answer["mode"])  # type: ignore[index]


@pytest.mark.parametrize("sold_before", [True, False])
def test_a_right_and_its_mark_at_the_gates_are_what_they_were(house: House, sold_before: bool) -> None:
    one, two = house.tills
    if not sold_before:
        house.back_up()
    sale = one.sell()
    one.release(sale.order)
    one.push()
    if sold_before:
        house.back_up()
    number = two.ask(sale.order)["number"]
    brought = acts(one)
    assert [act.kind for act in brought] == ["right_granted"]

    house.restore()
    one.client.bring(brought)  # of an order that the hub may not have heard of yet
    assert report(one) == "recovery"
    assert report(two) == "normal"
    assert two.numbers() == {sale.order: number}
    said = one.ask(sale.order)
    assert (said["granted"], said["why"], said["who"]) == (False, "held", two.id)
    one.seen = [entry.entry_id for entry in (*one.journal.entries, *brought)]
    answer = one.claim(sale.serials[0])
    assert (answer["granted"], answer["claims"][0]["act"]) == (False, "refund")
    two.release(sale.order, number)
    two.push()
    assert one.ask(sale.order)["granted"] is True


def test_an_amount_that_was_set_aside_is_still_set_aside_and_can_be_spent(house: House) -> None:
    one, two = house.tills
    one.add(after.issued(5_000))
    one.push()
    house.back_up()
    assert two.ask_value(4_000)["granted"] is True
    request = next(item["request"] for item in two.held if "value" in item)
    brought = acts(one)

    house.restore()
    one.client.bring(brought)
    assert report(one) == "recovery"
    assert report(two) == "normal"
    refused = one.ask_value(4_000)
    assert (refused["granted"], refused["left_minor"]) == (False, 1_000)
    speak(two)
    assert [item["request"] for item in two.held if "value" in item] == [request]
    spend = after.spent(4_000, two.random)
    two.add(Draft(spend.kind, spend.feeds, {**spend.body, "request": request, "at_risk": False}))
    two.push()
    assert two.held == []
    assert one.ask_value(1_000)["left_minor"] == 0


@pytest.mark.parametrize("spent", [True, False])
def test_an_amount_that_was_used_before_its_grant_came_back_is_not_set_aside_again(
    house: House, spent: bool
) -> None:
    one, two = house.tills
    one.add(after.issued(5_000))
    one.push()
    house.back_up()
    assert two.ask_value(4_000)["granted"] is True
    request = next(item["request"] for item in two.held if "value" in item)
    if spent:
        spend = after.spent(4_000, two.random)
        two.add(Draft(spend.kind, spend.feeds, {**spend.body, "request": request, "at_risk": False}))
    else:
        two.release("", values=[request])
    two.push()
    brought = acts(one)

    house.restore()
    assert report(two) == "recovery"
    one.client.bring(brought)
    assert report(one) == "normal"
    speak(two)
    assert two.held == []
    refused = one.ask_value(5_001)
    assert (refused["granted"], refused["left_minor"]) == (False, 1_000 if spent else 5_000)


def test_what_was_written_off_stays_written_off(house: House) -> None:
    one, two = house.tills
    order = one.sell().order
    one.add(after.issued(900))
    one.push()
    one.ask_value(900)
    house.back_up()
    done = write_off(house.hub.dsn, one.name, 1, 900)
    assert (done.rights, done.amount_minor) == (1, 900)
    brought = acts(two)

    house.restore()
    two.client.bring(brought)
    assert report(two) == "recovery"
    assert report(one) == "normal"
    assert two.ask(order)["granted"] is True
    assert two.ask_value(900)["granted"] is True
    assert one.held == []


def test_a_released_right_is_free_whatever_comes_first(house: House) -> None:
    one, two = house.tills
    sale = one.sell()
    one.release(sale.order)
    one.push()
    house.back_up()
    number = two.ask(sale.order)["number"]
    two.release(sale.order, number)
    two.push()
    brought = acts(one)

    house.restore()
    assert report(two) == "recovery"
    one.client.bring(brought)
    assert report(one) == "normal"
    assert one.ask(sale.order)["granted"] is True


def kept(hub: Hub, station: str) -> list[tuple[int, int]]:
    """The links of a station's journals at the hub."""
    with hub.admin() as admin:
        rows = admin.execute(
            "SELECT epoch, seq FROM hub.station_log WHERE station = %s ORDER BY 1, 2", (station,)
        )
        return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize("joins_first", [True, False])
def test_what_a_lost_disk_had_written_after_the_backup_is_brought_by_others(
    hub: Hub, tmp_path: Path, joins_first: bool
) -> None:
    one, lost = joined(hub, tmp_path, "Till 1", "A"), joined(hub, tmp_path, "Till 2", "B")
    lost.write(1)
    for station in (lost, one):
        assert station.sync() is None
    yesterday = Yesterday(hub)
    for number in (2, 3):
        lost.write(number)
        assert lost.sync() is None
    assert one.sync() is None
    before = kept(hub, lost.id)
    lost.close()

    assert yesterday.put_back().mode == "recovery"
    assert len(kept(hub, lost.id)) < len(before)
    found = None
    if joins_first:
        found = RealStation(tmp_path / "new", invited_again(hub, lost.id))
        found.write(9)
        assert found.sync() is None
    assert one.sync() is None
    hub_inbox.release(hub.dsn)
    if found is None:
        found = RealStation(tmp_path / "new", invited_again(hub, lost.id))
        found.write(9)
    for station in (found, one, found):
        assert station.sync() is None
    assert [link for link in kept(hub, lost.id) if link[0] == 1] == before
    for station in (one, found):
        assert {"n1", "n2", "n3", "n9"} <= station.settings_seen()
        assert station.store.verify().problems == []
        station.close()
    assert {row.state for row in hub_inbox.list_inbox(hub.dsn)} == {"released"}
    yesterday.drop()


def test_what_lies_behind_a_gap_that_nobody_holds_is_kept_and_the_gap_may_be_filled_later(
    hub: Hub, tmp_path: Path
) -> None:
    one, lost = joined(hub, tmp_path, "Till 1", "A", ("org",)), joined(hub, tmp_path, "Till 2", "B")
    lost.write(1)
    for station in (lost, one):
        assert station.sync() is None
    yesterday = Yesterday(hub)
    written = [lost.write(2), lost.write(3, feed="cash"), lost.write(4), lost.write(5)]
    for station in (lost, one):
        assert station.sync() is None
    before = kept(hub, lost.id)
    lost.close()

    yesterday.put_back()
    assert one.sync() is None
    assert hub_inbox.release(hub.dsn).waiting == 2, "their owner may still come back"
    found = RealStation(tmp_path / "new", invited_again(hub, lost.id))
    for station in (found, one, found):
        assert station.sync() is None
    assert hub_inbox.release(hub.dsn).waiting == 0
    missing = (1, written[1].seq)
    assert [link for link in kept(hub, lost.id) if link[0] == 1] == [
        each for each in before if each != missing
    ]
    assert found.sync() is None
    assert found.settings_seen() >= {"n2", "n4", "n5"}

    dsn, password = found.store.local_setting("hub_dsn"), found.store.hub_password()
    client = HubClient.connect(dsn, password, "test")
    assert client.bring([written[1]])["kept"] == 1  # a second copy turned up after all
    assert hub_inbox.release(hub.dsn).released == 1
    assert [link for link in kept(hub, lost.id) if link[0] == 1] == before
    tips = {(each["station"], each["epoch"]): each["seq"] for each in client.tips()["tips"]}
    assert tips[found.id, 1] == before[-1][1]
    client.close()
    assert found.sync() is None
    assert "n3" in found.settings_seen()
    for station in (one, found):
        assert station.store.verify().problems == []
        station.close()
    yesterday.drop()
