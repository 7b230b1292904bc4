"""Grants are acts of the hub: told to everybody in scope, known again by a hub that has forgotten them."""

import hashlib
import json
import random
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain import leases
from domain.entry import HUB as HUB_STATION
from domain.entry import Entry, canonical, raw_text
from domain.errors import Refusal
from domain.kinds import check_body
from sync import hub_backup, hub_inbox
from sync.hub_client import HubClient
from sync.hub_leases import Drained, Risk, Sold, reclaim
from sync.messages import PullReply
from sync.ports import Cursor
from tests.hub.test_leases import BLOCK, EVENT, POOL, Till, pool_row
from tests.hub.yesterday import Yesterday
from tests.postgres import Hub

pytestmark = pytest.mark.hub


@pytest.fixture
def tills(hub: Hub) -> Iterator[list[Till]]:
    made = [Till(hub, f"Till {n}", f"K{n}") for n in (1, 2)]
    yield made
    for till in made:
        till.client.close()


@pytest.fixture
def yesterday(hub: Hub) -> Iterator[list[Yesterday]]:
    kept: list[Yesterday] = []
    yield kept
    for each in kept:
        each.drop()


def acts(till: Till, kind: str = "") -> list[Entry]:
    """The hub's own entries in the event's feed, as a station pulls them."""
    found: list[Entry] = []
    incarnation = ""
    cursors: dict[str, Cursor] = {}
    while True:
        reply = till.client.pull(incarnation, cursors, 500)
        if not isinstance(reply, PullReply):
            incarnation = str(reply.params["incarnation"])
            continue
        if not reply.received:
            break
        for page in reply.pages:
            cursors[page.feed] = page.cursor
            if page.feed == f"event:{EVENT}":
                found += [entry for entry in page.entries if entry.station == HUB_STATION]
    return [entry for entry in found if entry.kind.startswith(kind or "lease_")]


def again(till: Till, hub: Hub) -> None:
    """A new connection, after the hub was away."""
    till.client.close()
    till.client = HubClient.connect(till.enrolled.dsn, till.enrolled.password, "test")


def report(till: Till) -> str:
    """What a station does at a restored hub, without what it holds of others."""
    till.pushed = min(till.pushed, tip_at_hub(till))
    till.flush()
    answer = till.client.reported()
    return str(answer["mode"])  # type: ignore[index]


def tip_at_hub(till: Till) -> int:
    tips = till.client.tips()
    found = {item["station"]: item["seq"] for item in tips["tips"] if item["epoch"] == 1}  # type: ignore[index]
    return int(found[till.enrolled.station])


def test_a_grant_is_told_to_everybody_in_scope_in_the_feed_of_the_event(tills: list[Till]) -> None:
    first, second = tills
    first.catalogue(10)
    first.ask(10)
    (act,) = acts(second)
    check_body(act.kind, act.v, act.body)
    assert act.feeds == ("cash", f"event:{EVENT}")
    assert (act.body["station"], act.body["event"]) == (first.enrolled.station, EVENT)
    (lease,) = act.body["leases"]
    assert (lease["lease"], lease["ranges"], lease["seats"]) == (first.held[0]["lease"], [[1, 5]], False)


def test_an_answer_without_a_grant_is_no_act(tills: list[Till]) -> None:
    tills[0].catalogue(10)
    tills[0].ask(10)
    tills[0].ask(10)
    assert len(acts(tills[1])) == 1


def test_seats_and_renewals_are_told_too(tills: list[Till]) -> None:
    first, second = tills
    first.catalogue(50)
    first.ask(0, slots=[7, 8, 20])
    first.ask(0, renew=True)
    seats, renewal = acts(second)
    assert (seats.body["leases"][0]["ranges"], seats.body["leases"][0]["seats"]) == ([[7, 8], [20, 20]], True)
    assert renewal.body["leases"] == []
    assert [item["lease"] for item in renewal.body["renewed"]] == [first.held[0]["lease"]]


def test_many_pools_at_once_are_several_acts_that_fit_into_entries(tills: list[Till]) -> None:
    first, second = tills
    first.catalogue(4000)
    pools = range(1000, 1120)
    for pool in pools:
        first.catalogue(4000, pool=pool, kind="quota")
    scattered = list(range(0, 1600, 2))
    first.push(*({"pool": pool, "count": 0, "slots": scattered} for pool in pools))
    told = acts(second)
    assert len(told) > 1
    assert {lease["pool"] for act in told for lease in act.body["leases"]} == set(pools)


def test_a_request_of_several_tills_at_once_never_deadlocks(hub: Hub, tills: list[Till]) -> None:
    """Each push locks cash, its events, the pools, and last the hub's own tip."""
    first = tills[0]
    first.catalogue(100_000)
    first.catalogue(100_000, pool=BLOCK, kind="quota")
    many = [*tills, *(Till(hub, f"Till {n}", f"K{n}") for n in range(3, 9))]
    codes: list[str] = []

    def ask(till: Till) -> None:
        for n in range(10):
            try:
                wants = [{"pool": POOL, "count": n + 1}, {"pool": BLOCK, "count": n + 1}]
                till.push(*(wants if n % 2 else reversed(wants)))
                for item in till.held[:1]:
                    till.sell(item["lease"], leases.read_slots(item)[n % 2], pool=item["pool"])
            except Exception as error:  # noqa: BLE001 - told below
                codes.append(repr(error))

    threads = [threading.Thread(target=ask, args=(till,)) for till in many]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for till in many[2:]:
        till.client.close()
    assert codes == []


def test_forgotten_grants_are_known_again_by_their_seal(
    hub: Hub, tills: list[Till], yesterday: list[Yesterday]
) -> None:
    first, second = tills
    first.catalogue(10)
    yesterday.append(Yesterday(hub))
    for till in tills:
        again(till, hub)
    assert (first.ask(10), second.ask(10)) == (5, 5)
    item = first.held[0]
    first.sell(item["lease"], 1, 2)
    first.give_back(item["lease"], 4, 5)
    first.flush()
    before = pool_row(hub)
    brought = acts(second)

    assert yesterday[0].put_back().mode == "recovery"
    for till in tills:
        again(till, hub)
    assert second.ask(10) == 0, "nothing is granted before everybody has reported"
    assert report(first) == "recovery"
    assert pool_row(hub) == (10, 0, 0, 2), "sold, and from no lease that is known"
    second.client.bring(brought)
    assert pool_row(hub) == before
    assert report(second) == "normal"
    assert (first.ask(0), second.ask(0)) == (5, 5)
    assert [row.state for row in hub_inbox.list_inbox(hub.dsn)] == ["released"]
    assert {act.entry_id for act in acts(first)} >= {act.entry_id for act in brought}, (
        "the same acts, once more"
    )
    with hub.admin() as admin:
        row = admin.execute(
            "SELECT count(*), count(DISTINCT entry_id) FROM hub.station_log WHERE state = 'ok'"
        )
        count, different = row.fetchone()
    assert count == different


def test_an_act_that_the_hub_never_made_is_refused(
    hub: Hub, tills: list[Till], yesterday: list[Yesterday]
) -> None:
    first, second = tills
    first.catalogue(10)
    yesterday.append(Yesterday(hub))
    for till in tills:
        again(till, hub)
    second.ask(10)
    (act,) = acts(first)
    yesterday[0].put_back()
    again(first, hub)
    content = json.loads(act.content)
    content["body"]["leases"][0]["ranges"] = [[1, 10]]
    forged = sealed_like(act, content)
    assert first.client.bring([forged])["kept"] == 1
    (row,) = hub_inbox.list_inbox(hub.dsn)
    assert (row.state, row.code) == ("refused", "BAD_SIGNATURE")
    assert pool_row(hub)[1] == 0


def sealed_like(entry: Entry, content: object) -> Entry:
    """The same link with another text: chained as it should be, but not the hub's."""
    text = canonical(content)
    raw = raw_text(entry.station, entry.epoch, entry.seq, text).encode()
    return replace(entry, content=text, hash=hashlib.sha256(entry.prev_hash + raw).digest())


def test_a_forgotten_reclaim_is_done_again_whatever_comes_first(
    hub: Hub, tills: list[Till], yesterday: list[Yesterday]
) -> None:
    first, second = tills
    first.catalogue(10)
    yesterday.append(Yesterday(hub))
    for till in tills:
        again(till, hub)
    first.ask(10)
    assert reclaim(hub.dsn, first.name, Risk(2)).freed == {POOL: 2}
    before = pool_row(hub)
    grant, reclaimed = acts(second)
    assert (reclaimed.kind, reclaimed.body["way"], reclaimed.body["leases"][0]["ranges"]) == (
        "lease_reclaimed", "risk", [[4, 5]],
    )  # fmt: skip
    yesterday[0].put_back()
    for till in tills:
        again(till, hub)
    second.client.bring([reclaimed])
    second.client.bring([grant])
    assert pool_row(hub) == before


def test_a_sale_that_comes_before_its_pool_counts_against_it(hub: Hub, tills: list[Till]) -> None:
    first, second = tills
    second.sell("somewhere", 1, 2, 3)
    second.flush()
    first.catalogue(10)
    assert pool_row(hub) == (10, 0, 0, 3)


def test_a_sale_on_somebody_elses_lease_is_kept_and_takes_nothing_from_its_holder(
    hub: Hub, tills: list[Till]
) -> None:
    first, second = tills
    first.catalogue(10)
    first.ask(10)
    lease = first.held[0]["lease"]
    second.sell(lease, 1, 2)
    second.flush()
    assert pool_row(hub) == (10, 5, 0, 2)
    first.sell(lease, 1, 2, 3, 4, 5)
    first.flush()
    assert pool_row(hub) == (10, 5, 5, 2)
    with hub.admin() as admin:
        assert admin.execute("SELECT count(*) FROM hub.slot_clash").fetchone() == (2,)


def test_a_count_from_the_last_paper_frees_all_but_what_was_sold(hub: Hub, tills: list[Till]) -> None:
    dead, living = tills
    dead.catalogue(20)
    assert dead.ask(20) == 10
    lease = dead.held[0]["lease"]
    dead.sell(lease, 1, 2, 3)
    dead.flush()
    assert reclaim(hub.dsn, dead.name, Sold(5)).freed == {POOL: 5}
    dead.sell(lease, 4, 5)
    dead.flush()
    assert pool_row(hub) == (20, 5, 5, 0), "what it had sold by its paper had stayed its own"
    assert living.ask(20) > 0


def test_a_paper_of_several_pools_must_say_which_one_it_counts(hub: Hub, tills: list[Till]) -> None:
    dead = tills[0]
    dead.catalogue(20)
    dead.catalogue(8, pool=BLOCK, kind="quota")
    dead.push({"pool": POOL, "count": 20}, {"pool": BLOCK, "count": 8})
    with pytest.raises(Refusal) as refused:
        reclaim(hub.dsn, dead.name, Sold(1))
    assert (refused.value.code, refused.value.params["pools"]) == ("POOL_NEEDED", f"{POOL}, {BLOCK}")
    assert reclaim(hub.dsn, dead.name, Sold(1, BLOCK)).freed == {BLOCK: 3}


def test_a_disk_that_was_read_frees_everything_unsold(hub: Hub, tills: list[Till]) -> None:
    dead, living = tills
    dead.catalogue(10)
    dead.ask(10)
    lease = dead.held[0]["lease"]
    dead.sell(lease, 1, 2)
    living.client.bring(dead.journal.entries[dead.pushed :])
    assert reclaim(hub.dsn, dead.name, Drained()).freed == {POOL: 3}
    assert pool_row(hub) == (10, 2, 2, 0)


def test_a_disk_with_a_gap_is_not_read(hub: Hub, tills: list[Till]) -> None:
    dead, living = tills
    dead.catalogue(10)
    dead.ask(10)
    lease = dead.held[0]["lease"]
    dead.sell(lease, 1)
    dead.sell(lease, 2)
    living.client.bring(dead.journal.entries[-1:])
    with pytest.raises(Refusal) as refused:
        reclaim(hub.dsn, dead.name, Drained())
    assert (refused.value.code, refused.value.params["count"]) == ("INBOX_WAITING", 1)


@pytest.mark.parametrize("way", [Risk(0), Sold(-1)])
def test_a_count_that_is_none_is_refused(hub: Hub, tills: list[Till], way: Risk | Sold) -> None:
    with pytest.raises(Refusal) as refused:
        reclaim(hub.dsn, tills[0].name, way)
    assert refused.value.code in {"RISK_INVALID", "SOLD_INVALID"}


class Evening:
    """What tills do, at random, from the leases they know of."""

    def __init__(self, chance: random.Random, capacity: int) -> None:
        self.chance = chance
        self.capacity = capacity
        self.taken: dict[str, set[int]] = {}
        self.gone: set[str] = set()

    @property
    def sold(self) -> int:
        return sum(len(slots) for slots in self.taken.values())

    def act(self, till: Till) -> None:
        match self.chance.choice(["ask", "ask", "sell", "sell", "sell", "return", "push"]):
            case "ask":
                till.ask(self.chance.randrange(1, self.capacity + 2), renew=self.chance.random() < 0.3)
            case "push":
                till.flush()
            case what:
                self.use(till, what)

    def use(self, till: Till, what: str) -> None:
        living = [item for item in till.held if item["lease"] not in self.gone]
        if not living:
            return
        item = self.chance.choice(living)
        used = self.taken.setdefault(item["lease"], set())
        free = [slot for slot in leases.read_slots(item) if slot not in used]
        if free and what == "sell":
            chosen = free[: self.chance.randint(1, len(free))]
            used.update(chosen)
            till.sell(item["lease"], *chosen)
        elif free:
            self.gone.add(item["lease"])
            till.give_back(item["lease"], free[0], free[-1])


@pytest.mark.parametrize("seed", range(6))
def test_over_a_restore_no_more_is_sold_than_there_is(
    hub: Hub, tills: list[Till], yesterday: list[Yesterday], seed: int
) -> None:
    """Grants, sales and returns, a backup in the middle; both report, and then it goes on."""
    chance = random.Random(seed)
    capacity = chance.choice([3, 12, 60])
    tills[0].catalogue(capacity)
    evening = Evening(chance, capacity)
    for _ in range(chance.randrange(25)):
        evening.act(chance.choice(tills))
    yesterday.append(Yesterday(hub))
    for till in tills:
        again(till, hub)
    for _ in range(25):
        evening.act(chance.choice(tills))
    brought = acts(tills[1])
    if chance.random() < 0.5:
        brought = brought[: chance.randrange(len(brought) + 1)]
    yesterday[0].put_back()
    for till in tills:
        again(till, hub)
        till.held = ()  # hello brings the set of the restored hub
    for till in chance.sample(tills, 2):
        till.pushed = min(till.pushed, tip_at_hub(till))
        till.ask(capacity)  # nobody is granted anything while somebody has not reported
        for part in chance.sample(brought, len(brought)) if till is tills[1] else ():
            till.client.bring([part])
        report(till)
    assert hub_backup.recovery(hub.dsn).mode == "normal"
    for _ in range(40):
        evening.act(chance.choice(tills))
    assert evening.sold <= capacity
    for till in tills:
        till.flush()
    found, leased, used, outside = pool_row(hub)
    assert used + outside == evening.sold
    assert leased + outside <= found
