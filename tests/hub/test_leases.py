"""Leases at the hub: shares, one holder, requests that are answered once, places that come back."""

import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from domain import leases
from domain.ticket_code import SigningKey
from sync.hub_client import HubClient
from sync.hub_leases import Risk, reclaim
from sync.messages import Denied, HelloReply, PushReply
from sync.ports import LeaseRequest, Tip
from tests.journal import Journal
from tests.postgres import Hub

pytestmark = pytest.mark.hub

EVENT = 100
POOL = 200
BLOCK = 400


class Till:
    """A joined station that speaks to the hub directly."""

    def __init__(self, hub: Hub, name: str, prefix: str) -> None:
        self.enrolled = hub.join(name, prefix)
        self.name = name
        self.journal = Journal(self.enrolled.station, SigningKey.from_seed(self.enrolled.seed))
        self.client = HubClient.connect(self.enrolled.dsn, self.enrolled.password, "test")
        self.pushed = 0
        self.held: Sequence[Mapping[str, Any]] = ()
        self.version = 0

    def push(self, *wants: Mapping[str, Any], request: str | None = None) -> PushReply:
        asked = LeaseRequest(request or str(uuid.uuid4()), wants) if wants else None
        tip = Tip(1, self.pushed, self.journal.hash_at(self.pushed) or b"")
        reply = self.client.push(self.journal.entries[self.pushed :], asked, tip)
        assert isinstance(reply, PushReply), reply
        self.pushed = len(self.journal.entries)
        self.held, self.version = reply.standing.leases.items, reply.standing.leases.version
        return reply

    def flush(self) -> None:
        """Push what waits, if anything does."""
        if self.pushed < len(self.journal.entries):
            self.push()

    def ask(self, count: int, pool: int = POOL, **more: Any) -> int:
        self.push({"pool": pool, "count": count, **more})
        return self.places(pool)

    def places(self, pool: int = POOL) -> int:
        """Places in the leases of the last reply, used ones included."""
        return sum(len(leases.read_slots(item)) for item in self.held if item["pool"] == pool)

    def catalogue(self, capacity: int | None, *, pool: int = POOL, kind: str = "performance") -> None:
        fields = {} if capacity is None else {"capacity": capacity}
        body = {kind: pool, "event": EVENT, "fields": fields}
        self.journal.add(f"{kind}_created", ["org"], body)
        self.push()

    def sell(self, lease: str, *slots: int, pool: int = POOL) -> None:
        position = {
            "serial": uuid.uuid4().hex[:16],
            "slots": [{"pool": pool, "lease": lease, "slots": list(slots)}],
        }
        body = {"order": str(uuid.uuid4()), "positions": [position]}
        self.journal.add("order_sold", ["cash", f"event:{EVENT}"], body)

    def give_back(self, lease: str, first: int, last: int, pool: int = POOL) -> None:
        body = {"lease": lease, "pool": pool, "event": EVENT, "ranges": [[first, last]]}
        self.journal.add("lease_returned", [f"event:{EVENT}"], body)


@pytest.fixture
def tills(hub: Hub) -> Iterator[list[Till]]:
    made = [Till(hub, f"Till {n}", f"K{n}") for n in (1, 2)]
    yield made
    for till in made:
        till.client.close()


def pool_row(hub: Hub, pool: int = POOL) -> tuple[int, int, int, int]:
    """Capacity, leased, used, outside."""
    with hub.admin() as admin:
        row = admin.execute(
            "SELECT capacity, leased, used, outside FROM hub.pool WHERE pool = %s", (pool,)
        ).fetchone()
    assert row is not None
    return row


def test_two_tills_share_the_last_ten_places_and_get_no_more(tills: list[Till]) -> None:
    tills[0].catalogue(10)
    assert [till.ask(10) for till in tills] == [5, 5]
    assert [till.ask(10) for till in tills] == [5, 5]
    slots = [slot for till in tills for item in till.held for slot in leases.read_slots(item)]
    assert sorted(slots) == list(range(1, 11))


def test_with_plenty_left_a_share_stays_at_the_hub_for_whoever_comes_next(
    tills: list[Till], hub: Hub
) -> None:
    tills[0].catalogue(300)
    assert [till.ask(300) for till in tills] == [100, 100]
    third = Till(hub, "Till 3", "K3")
    assert third.ask(300) == 75
    third.client.close()


def test_a_request_is_answered_once_however_often_it_comes(tills: list[Till]) -> None:
    tills[0].catalogue(100)
    request = str(uuid.uuid4())
    want = {"pool": POOL, "count": 20}
    tills[0].push(want, request=request)
    before = tills[0].held
    tills[0].push(want, request=request)
    assert tills[0].held == before
    assert tills[0].places() == 20


def test_a_grant_whose_answer_was_lost_is_in_the_next_hello_and_in_nobody_elses_set(
    tills: list[Till],
) -> None:
    tills[0].catalogue(4)
    tills[0].push({"pool": POOL, "count": 4})
    lost = tills[0].held
    reply = tills[0].client.hello(Tip(1, tills[0].pushed, tills[0].journal.tip), None, "test")
    assert isinstance(reply, HelloReply)
    assert reply.standing.leases.items == lost
    tills[1].ask(4)
    mine = {slot for item in lost for slot in leases.read_slots(item)}
    assert mine.isdisjoint(slot for item in tills[1].held for slot in leases.read_slots(item))


def test_little_left_shrinks_leases_to_one_place_and_five_minutes(tills: list[Till]) -> None:
    tills[0].catalogue(4)
    assert tills[0].ask(4) == 1
    assert tills[0].held[0]["ttl_ms"] == leases.SCARCE_MS


def test_returned_places_can_be_leased_again_under_other_numbers(tills: list[Till]) -> None:
    first, second = tills
    first.catalogue(10)
    first.ask(10)
    item = first.held[0]
    first.sell(item["lease"], item["first"])
    first.give_back(item["lease"], item["first"] + 1, item["last"])
    first.push()
    assert first.held == []
    assert second.ask(10) == 5
    assert second.held[0]["first"] > item["last"]


def test_a_sale_from_a_returned_lease_is_kept_and_counts_against_the_pool(
    tills: list[Till], hub: Hub
) -> None:
    first = tills[0]
    first.catalogue(10)
    first.ask(10)
    item = first.held[0]
    first.give_back(item["lease"], item["first"], item["last"])
    first.push()
    first.sell(item["lease"], item["first"])
    first.push()
    assert pool_row(hub) == (10, 0, 0, 1)


def test_another_station_cannot_return_what_is_not_its_own(tills: list[Till], hub: Hub) -> None:
    tills[0].catalogue(10)
    tills[0].ask(10)
    item = tills[0].held[0]
    tills[1].give_back(item["lease"], item["first"], item["last"])
    tills[1].push()
    assert pool_row(hub)[1] == 5


def test_places_sold_before_joining_are_used_outside_leases(tills: list[Till], hub: Hub) -> None:
    tills[0].catalogue(10)
    tills[0].sell("own:somebody:1", 1, 2, 3)
    tills[0].push()
    assert pool_row(hub) == (10, 0, 0, 3)
    assert tills[0].ask(10) == 4


def test_a_place_sold_twice_is_a_clash_and_counts_twice(tills: list[Till], hub: Hub) -> None:
    tills[0].catalogue(10)
    tills[0].ask(10)
    item = tills[0].held[0]
    for _ in range(2):
        tills[0].sell(item["lease"], item["first"])
    tills[0].push()
    assert pool_row(hub) == (10, 5, 1, 1)
    with hub.admin() as admin:
        assert admin.execute("SELECT count(*) FROM hub.slot_clash").fetchone() == (1,)


def test_the_capacity_is_the_fold_of_all_patches_whatever_came_first(tills: list[Till], hub: Hub) -> None:
    first = tills[0]
    first.catalogue(10)
    for capacity in (30, 20):
        first.journal.add(
            "performance_changed",
            ["org"],
            {"performance": POOL, "event": EVENT, "fields": {"capacity": capacity}},
        )
    first.push()
    assert pool_row(hub)[0] == 20
    with hub.admin() as admin:
        admin.execute("UPDATE hub.pool SET capacity = 0")
        admin.execute("SELECT hub.fold_pools(ARRAY[200])")
    assert pool_row(hub)[0] == 20


def test_a_smaller_capacity_grants_nothing_more_and_takes_nothing_away(tills: list[Till]) -> None:
    first = tills[0]
    first.catalogue(10)
    assert first.ask(10) == 5
    first.journal.add(
        "performance_changed", ["org"], {"performance": POOL, "event": EVENT, "fields": {"capacity": 3}}
    )
    first.push()
    assert first.ask(10) == 5
    assert tills[1].ask(10) == 0


@pytest.mark.parametrize("kind", ["event_cancelled", "event_finished"])
def test_nothing_is_leased_for_an_event_that_is_over(tills: list[Till], kind: str) -> None:
    tills[0].catalogue(10)
    tills[0].journal.add(kind, ["org"], {"event": EVENT})
    assert tills[0].ask(10) == 0


def test_each_pool_of_a_nested_house_is_leased_for_itself(tills: list[Till], hub: Hub) -> None:
    tills[0].catalogue(100)
    tills[0].catalogue(6, pool=BLOCK, kind="quota")
    tills[0].push({"pool": POOL, "count": 100}, {"pool": BLOCK, "count": 6})
    assert (tills[0].places(POOL), tills[0].places(BLOCK)) == (34, 3)


def test_seats_are_leased_by_name_and_each_to_one_holder(tills: list[Till]) -> None:
    first, second = tills
    first.catalogue(50)
    first.ask(0, slots=[7, 8, 9])
    assert [item["slots"] for item in first.held] == [[7, 8, 9]]
    second.ask(0, slots=[9, 10])
    assert [item["slots"] for item in second.held] == [[10]]
    first.give_back(first.held[0]["lease"], 9, 9)
    first.push()
    second.ask(0, slots=[9])
    assert sorted(slot for item in second.held for slot in item["slots"]) == [9, 10]


def test_renewal_gives_time_and_no_places(tills: list[Till]) -> None:
    tills[0].catalogue(10)
    tills[0].ask(10)
    request = str(uuid.uuid4())
    tills[0].push({"pool": POOL, "count": 0, "renew": True}, request=request)
    assert [item["request"] for item in tills[0].held] == [request]
    assert tills[0].places() == 5


@pytest.mark.parametrize(
    "leases_asked",
    [
        {"id": "short", "wants": []},
        {"id": str(uuid.UUID(int=1)), "wants": {}},
        {"id": str(uuid.UUID(int=1)), "wants": [{"pool": "x", "count": 1}]},
        {"id": str(uuid.UUID(int=1)), "wants": [{"pool": 1, "count": -1}]},
        {"id": str(uuid.UUID(int=1)), "wants": [{"pool": 1, "count": 1, "slots": ["a"]}]},
        {"id": str(uuid.UUID(int=1)), "wants": [{"pool": 1, "count": 1, "slots": {}}]},
        {"id": str(uuid.UUID(int=1)), "wants": [7]},
        [],
    ],
)
def test_a_request_that_is_none_is_refused_and_changes_nothing(tills: list[Till], leases_asked: Any) -> None:
    class Odd(LeaseRequest):
        def to_json(self) -> Mapping[str, Any]:
            return {"leases": leases_asked}

    reply = tills[0].client.push([], Odd("", []), Tip(1, 0, tills[0].journal.tip))
    assert isinstance(reply, Denied)
    assert reply.code == "BAD_REQUEST"


def test_reclaimed_places_are_on_sale_again_up_to_the_stated_risk(tills: list[Till], hub: Hub) -> None:
    dead, living = tills
    dead.catalogue(10)
    assert (dead.ask(10), living.ask(10)) == (5, 5)
    done = reclaim(hub.dsn, dead.name, Risk(3))
    assert done.freed == {POOL: 3}
    item = living.held[0]
    living.sell(item["lease"], *range(item["first"], item["last"] + 1))
    assert living.ask(10) + 5 == 8 or living.places() <= 3
    assert pool_row(hub)[1] == 10 - 3 + living.places()


def test_a_dead_till_that_comes_back_oversells_by_the_risk_and_no_more(tills: list[Till], hub: Hub) -> None:
    dead, living = tills
    dead.catalogue(10)
    dead.ask(10)
    living.ask(10)
    reclaim(hub.dsn, dead.enrolled.station, Risk(2))
    sold = 0
    for _ in range(10):
        for item in living.held:
            slots = leases.read_slots(item)
            living.sell(item["lease"], *slots)
            sold += len(slots)
        if not living.ask(10):
            break
    item = dead.held[0]
    dead.sell(item["lease"], *leases.read_slots(item))
    dead.push()
    assert sold + 5 == 12
    capacity, _leased, used, outside = pool_row(hub)
    assert used + outside - capacity == 2


def test_a_hub_that_was_restored_grants_nothing(tills: list[Till], hub: Hub) -> None:
    tills[0].catalogue(10)
    with hub.admin() as admin:
        admin.execute("UPDATE hub.hub SET mode = 'recovery'")
    assert tills[0].ask(10) == 0


def test_hub_and_stations_share_out_alike(hub: Hub) -> None:
    with hub.admin() as admin:
        for sellers in (1, 2, 3, 7, 20):
            for unsold in (*range(-1, 60), 399, 400, 401, 1000, 99_999):
                row = admin.execute(
                    "SELECT hub.fair_share(%s, %s), hub.lease_ms(%s, %s)", (unsold, sellers, unsold, sellers)
                ).fetchone()
                assert row == (leases.fair_share(unsold, sellers), leases.lease_ms(unsold, sellers))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_no_more_is_leased_than_there_is(hub: Hub, tills: list[Till], seed: int) -> None:
    """Random grants, sales, returns, lost answers and late pushes: sold never exceeds the capacity."""
    chance = random.Random(seed)
    capacity = chance.choice([1, 7, 40, 120])
    tills[0].catalogue(capacity)
    used: dict[str, set[int]] = {}
    gone: set[str] = set()
    sold = 0
    for _ in range(60):
        till = chance.choice(tills)
        act = chance.choice(["ask", "ask", "sell", "sell", "sell", "return", "push"])
        open_leases = [item for item in till.held if item["lease"] not in gone]
        if act == "ask":
            held, version = till.held, till.version
            till.ask(chance.randrange(capacity + 3), renew=chance.random() < 0.3)
            if chance.random() < 0.3:
                till.held, till.version = held, version  # the answer was lost
        elif act == "push":
            till.flush()
        elif open_leases:
            item = chance.choice(open_leases)
            taken = used.setdefault(item["lease"], set())
            free = [slot for slot in leases.read_slots(item) if slot not in taken]
            if act == "sell" and free:
                chosen = free[: chance.randint(1, len(free))]
                taken.update(chosen)
                sold += len(chosen)
                till.sell(item["lease"], *chosen)
            elif act == "return" and free:
                till.give_back(item["lease"], free[0], free[-1])
                gone.add(item["lease"])
        assert sold <= capacity
    for till in tills:
        till.flush()
    found, leased, inside, outside = pool_row(hub)
    assert (inside, outside) == (sold, 0)
    assert leased <= found
