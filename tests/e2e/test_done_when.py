"""What sync promises, with two tills and two gates on a real hub; each post that acts at the same time as
another is a process of its own. Kills are in tests/kills."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.catalogue_files import read_catalogue
from app.services.afterwards import RefundRequest
from domain.actor import SYSTEM, Role
from domain.errors import Refusal
from sync import hub_backup, hub_inbox
from tests.claims.gates import Post
from tests.e2e.posts import PostProcess
from tests.hub.yesterday import Yesterday
from tests.postgres import Hub
from tests.services.house import ADMIN, CASHIER, CATALOGUE, SUPERVISOR

pytestmark = pytest.mark.hub

ROUNDS = 10
TRUSTING = {"GATEHOUSE_GATE_UNKNOWN": "admit"}


class House:
    """Tills T1 and T2, gates A and B; `processes` are opened in place of a station and end with the test."""

    def __init__(self, hub: Hub, root: Path, capacity: int, **env: str) -> None:
        self.hub = hub
        self.env = env
        self.root = root
        self.posts = {
            name: Post(hub, root, name, gate, **env)
            for name, gate in (("T1", "A"), ("T2", "A"), ("G1", "A"), ("G2", "B"))
        }
        self.processes: list[PostProcess] = []
        file = root / "house.yaml"
        file.write_text(CATALOGUE.replace("capacity: 400", f"capacity: {capacity}"), encoding="utf-8")
        self["T1"].station.import_catalogue(read_catalogue(file), SYSTEM)
        self.sync()
        for name in ("T1", "T2"):
            self[name].station.services.open_shift(10_000, CASHIER)
        self.sync()
        for name in ("T1", "T2"):
            self[name].station.services.confirm_date(CASHIER)  # the hub's clock is today's, ours is not
        self.sync()

    def __getitem__(self, name: str) -> Post:
        return self.posts[name]

    def sync(self, rounds: int = 2) -> None:
        """Everybody hears of everything."""
        for _ in range(rounds):
            for post in self.posts.values():
                post.clock.advance(3)
                assert post.sync() is None

    def process(self, name: str) -> PostProcess:
        """The post in a process of its own; here it is closed until `back`."""
        post = self[name]
        post.station.close()
        env = {"GATEHOUSE_KEY_DIR": str(self.root / f"{name}-keys"), **self.env}
        env["GATEHOUSE_GATE_CODE"] = "B" if name == "G2" else "A"
        started = PostProcess(post.data, env)
        self.processes.append(started)
        return started

    def back(self) -> None:
        """All posts are here again."""
        from app.bootstrap import open_station

        while self.processes:
            self.processes.pop().close()
        for post in self.posts.values():
            post.station.close()
            post.station = open_station(post.data, post.station.settings, clock=post.clock)

    def conflicts(self) -> list[list[tuple[str, str]]]:
        """Open conflicts as every post sees them: id and code. That the clocks of this test are not the hub's
        is none of its matter."""
        found = []
        for post in self.posts.values():
            with post.station.store.read() as read:
                rows = [(row.conflict, row.code) for row in read.conflicts() if row.code != "CLOCK_SUSPECT"]
                found.append(sorted(rows))
        return found

    def close(self) -> None:
        for process in self.processes:
            process.close()
        for post in self.posts.values():
            post.close()


MakeHouse = Callable[..., House]


@pytest.fixture
def make_house(hub: Hub, tmp_path: Path) -> Iterator[MakeHouse]:
    made: list[House] = []

    def make(capacity: int = 400, **env: str) -> House:
        made.append(House(hub, tmp_path, capacity, **env))
        return made[0]

    yield make
    for house in made:
        house.close()


def test_the_last_ten_places_are_sold_by_two_offline_tills_and_not_one_too_many(
    hub: Hub, make_house: MakeHouse
) -> None:
    house = make_house(10)
    tills = [house.process(name) for name in ("T1", "T2")]
    hub.server.stop("immediate")
    for till in tills:
        till.tell("sell_out", "full")
    sold = [till.answer() for till in tills]
    assert sum(count for count, _, _ in sold) == 10
    assert [(code, here) for _, code, here in sold] == [("SOLD_OUT", 0)] * 2
    hub.server.start()
    house.back()
    house.sync(3)
    assert house.conflicts() == [[]] * 4
    for post in house.posts.values():
        with post.station.store.read() as read:
            at = next(one for one in read.performances() if one.code == "play-1")
            assert read.used_slots([at.number]) == {at.number: 10}
        assert post.station.verify().clean
    with hub.admin() as admin:
        row = admin.execute("SELECT capacity, used FROM hub.pool WHERE pool = %s", [at.number]).fetchone()
    assert row == (10, 10)


def both_at_once(house: House, gates: list[PostProcess], code: str) -> list[tuple[str, bool, str]]:
    for gate in gates:
        gate.tell("admit", code)
    return [gate.answer() for gate in gates]


def test_a_ticket_held_to_both_gates_in_the_same_moment_opens_one_of_them(
    hub: Hub, make_house: MakeHouse
) -> None:
    house = make_house()
    codes = house["T1"].sell(ROUNDS)
    house.sync()
    gates = [house.process(name) for name in ("G1", "G2")]
    for gate in gates:
        gate.ask("connect")
    for code in codes:
        answers = both_at_once(house, gates, code)
        assert sorted(opens for _, opens, _ in answers) == [False, True]
        assert {confidence for _, _, confidence in answers} == {"live"}
    house.back()
    house.sync()
    assert house.conflicts() == [[]] * 4


def test_also_one_that_was_sold_a_second_ago_by_a_till_that_has_not_pushed(
    hub: Hub, make_house: MakeHouse
) -> None:
    house = make_house(**TRUSTING)
    gates = [house.process(name) for name in ("G1", "G2")]
    for gate in gates:
        gate.ask("connect")
    for code in house["T2"].sell(ROUNDS):
        answers = both_at_once(house, gates, code)
        assert sorted(opens for _, opens, _ in answers) == [False, True]
        assert {verdict for verdict, opens, _ in answers if opens} == {"UNKNOWN"}
    assert house["T2"].station.services.sync.view().waiting > 0, "the hub has not heard of them"
    house.back()
    house.sync()
    assert house.conflicts() == [[]] * 4


def test_without_the_hub_both_open_and_leave_exactly_one_conflict_the_same_everywhere(
    hub: Hub, make_house: MakeHouse
) -> None:
    house = make_house()
    (code,) = house["T1"].sell(1)
    house.sync()
    gates = [house.process(name) for name in ("G1", "G2")]
    hub.server.stop("immediate")
    assert [answer[:2] for answer in both_at_once(house, gates, code)] == [("ADMIT", True)] * 2
    hub.server.start()
    house.back()
    house.sync()
    seen = house.conflicts()
    assert [[code for _, code in each] for each in seen] == [["DUP_ADMISSION"]] * 4
    assert len({each[0] for each in seen}) == 1


WHOLE = {
    "entries": "SELECT station, epoch, seq, entry_id::text FROM hub.station_log WHERE station <> '00000000'",
    "orders": "SELECT order_id::text, station, receipt FROM hub.orders",
    "tickets": "SELECT serial, order_id::text FROM hub.position",
    "admissions": "SELECT entry_id::text, serial, kind, gate FROM hub.gate_fact",
    "documents": "SELECT document::text, kind, version, encode(hash, 'hex'), tombstone FROM hub.document",
    "pools": "SELECT pool, capacity, leased, used, outside FROM hub.pool",
    "leases": "SELECT lease, pool, station, epoch, size, used, back FROM hub.lease",
    "rights": "SELECT order_id::text, station, epoch, number, act FROM hub.order_right",
    "values": "SELECT value, currency, issued, spent, reserved FROM hub.value_account",
}


def whole(hub: Hub) -> dict[str, list[Any]]:
    """What the hub has, table by table."""
    with hub.admin() as admin:
        return {name: sorted(admin.execute(query).fetchall(), key=str) for name, query in WHOLE.items()}


def an_afternoon(house: House) -> None:
    """Sales, admissions, a refund by the other till, a right that was granted and not used, people."""
    first, second = house["T1"], house["T2"]
    codes = [*first.sell(3), *second.sell(2)]
    gift = "GIFT-2026-ABCD"
    first.station.services.afterwards.issue_value(gift, 5_000, "sold", CASHIER)
    first.station.services.people.invite("gus", "Gus Gatekeeper", [Role.GATE], ADMIN)
    house.sync()
    for gate, code in (("G1", codes[0]), ("G2", codes[3])):
        house[gate].connected()
        assert house[gate].admit(code).opens
    orders = [entry.body["order"] for entry in first.entries("order_sold")]
    first.sell(1)
    first.clock.advance(601)
    house.sync()
    for order in (orders[0], first.entries("order_sold")[-1].body["order"]):
        with pytest.raises(Refusal) as refused:
            second.station.services.afterwards.refund(RefundRequest(order, "ill"), SUPERVISOR)
        assert refused.value.code == "RIGHT_NEEDED"
    house.sync()
    unused = [entry for entry in first.entries("order_sold") if entry.body["order"] == orders[0]]
    serials = [position["serial"] for position in unused[0].body["positions"]]
    second.station.services.afterwards.refund(
        RefundRequest(orders[0], "ill", tickets=serials[1:2]), SUPERVISOR
    )
    house.sync()


def test_a_hub_restored_from_yesterdays_backup_is_whole_again_after_the_stations_have_reported(
    hub: Hub, make_house: MakeHouse
) -> None:
    house = make_house()
    house["T1"].sell(2)
    house.sync()
    yesterday = Yesterday(hub)
    try:
        an_afternoon(house)
        before = whole(hub)
        assert all(before[name] for name in WHOLE)
        for post in house.posts.values():
            post.line.close()
        began = yesterday.put_back()
        assert began.mode == "recovery"
        forgotten = whole(hub)
        assert {name for name in WHOLE if forgotten[name] == before[name]} == set()
        house.back()
        house.sync(3)
        hub_inbox.release(hub.dsn)
        assert hub_backup.recovery(hub.dsn).mode == "normal"
        after = whole(hub)
        for name, rows in before.items():
            assert after[name] == rows, name
        house.sync(2)
        assert house.conflicts() == [[]] * 4
        for post in house.posts.values():
            assert post.station.verify().clean
    finally:
        yesterday.drop()
