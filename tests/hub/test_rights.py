"""Order rights and values at the hub: one holder, one answer, gates and tills that wait for each other."""

import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from domain.entry import Draft
from domain.errors import Refusal
from domain.rights import Holder, RightFacts, holder
from domain.ticket_code import SigningKey
from sync.hub_client import HubClient
from sync.hub_rights import write_off
from sync.messages import Denied, PushReply
from sync.ports import RightRequest, Tip
from tests.builders import seeded_random_bytes
from tests.journal import Journal
from tests.postgres import Hub
from tests.store import rights_drafts as after
from tests.store.station import Sale

pytestmark = pytest.mark.hub

EVENT = 100
VALUE = "ab" * 32
FEEDS = ["cash", f"event:{EVENT}"]


class Till:
    """A joined station that speaks to the hub directly."""

    def __init__(self, hub: Hub, name: str, prefix: str) -> None:
        self.enrolled = hub.join(name, prefix)
        self.name = name
        self.id = self.enrolled.station
        self.journal = Journal(self.id, SigningKey.from_seed(self.enrolled.seed))
        self.client = HubClient.connect(self.enrolled.dsn, self.enrolled.password, "test")
        self.random = seeded_random_bytes(int(prefix[1:]))
        self.pushed = 0
        self.held: Sequence[Mapping[str, Any]] = ()

    def push(self, asked: RightRequest | None = None) -> PushReply:
        tip = Tip(1, self.pushed, self.journal.hash_at(self.pushed))
        reply = self.client.push(self.journal.entries[self.pushed :], None, tip, asked)
        assert isinstance(reply, PushReply), reply
        assert reply.outcomes == []
        self.pushed = len(self.journal.entries)
        self.held = reply.standing.rights.items
        return reply

    def ask(self, order: str, act: str = "refund", request: str | None = None) -> Mapping[str, Any]:
        """What was said to one want."""
        asked = RightRequest(request or str(uuid.uuid4()), [{"order": order, "act": act}])
        answer = self.push(asked).right_answer
        assert answer is not None
        assert answer["id"] == asked.request
        found: Mapping[str, Any] = answer["rights"][0]
        return found

    def ask_value(self, amount: int) -> Mapping[str, Any]:
        want = {"value": VALUE, "amount_minor": amount, "currency": "EUR"}
        answer = self.push(RightRequest(str(uuid.uuid4()), (), [want])).right_answer
        assert answer is not None
        found: Mapping[str, Any] = answer["values"][0]
        return found

    def numbers(self) -> dict[str, int]:
        """The granted rights of the last reply."""
        return {item["order"]: item["number"] for item in self.held if "order" in item}

    def sell(self, lease: str = "own", slot: int = 1) -> Sale:
        """An order with one ticket."""
        sale = Sale(self.random, count=1, first_slot=slot, lease=lease)
        self.add(sale.draft())
        return sale

    def add(self, *drafts: Draft) -> None:
        """Own entries."""
        for draft in drafts:
            self.journal.add(draft.kind, draft.feeds, draft.body)

    def release(self, order: str, number: int = 0, values: Sequence[str] = ()) -> None:
        rights = [{"order": order, "number": number}] if order else []
        self.journal.add("right_released", ["cash"], {"rights": rights, "values": list(values)})

    def claim(self, serial: str) -> Mapping[str, Any]:
        """A gate of this station asks, having seen everything that the hub knows."""
        with self.client.connection.cursor() as cursor:
            values = [f"event:{EVENT}", serial, self.seen, str(uuid.uuid4()), "A", "1"]
            cursor.execute("SELECT api_1.claim(%s, %s, %s::uuid[], %s, %s, %s)", values)
            row = cursor.fetchone()
        assert row is not None
        answer: Mapping[str, Any] = row[0]
        return answer

    seen: Sequence[str] = ()


@pytest.fixture
def tills(hub: Hub) -> Iterator[list[Till]]:
    made = [Till(hub, f"Till {n}", f"K{n}") for n in (1, 2)]
    yield made
    for till in made:
        till.client.close()


def test_a_right_is_born_where_it_was_sold_and_nobody_else_gets_it(tills: list[Till]) -> None:
    one, two = tills
    order = one.sell().order
    one.push()
    said = two.ask(order)
    assert (said["granted"], said["why"], said["who"]) == (False, "held", one.id)
    assert two.numbers() == {}


def test_given_up_it_goes_to_the_first_who_asks(tills: list[Till]) -> None:
    one, two = tills
    order = one.sell().order
    one.release(order)
    one.push()
    assert two.ask(order)["granted"] is True
    assert one.ask(order)["why"] == "held"
    assert two.numbers() == {order: 1}
    assert one.numbers() == {}


def test_a_request_is_answered_once_however_often_it_comes(tills: list[Till]) -> None:
    one, two = tills
    order = one.sell().order
    one.release(order)
    one.push()
    request = str(uuid.uuid4())
    first = two.ask(order, request=request)
    two.release(order, 1)
    two.push()
    assert one.ask(order)["granted"] is True
    assert two.ask(order, request=request) == first, "the answer of then, not of now"
    assert two.numbers() == {}, "the set tells who holds it"


def test_an_unknown_order_is_said_to_be_unknown(tills: list[Till]) -> None:
    assert tills[0].ask(str(uuid.uuid4()))["why"] == "unknown"


def test_a_live_claim_blocks_the_grant_and_a_grant_blocks_the_claim(tills: list[Till]) -> None:
    one, two = tills
    sale = one.sell()
    one.release(sale.order)
    one.push()
    two.seen = [entry.entry_id for entry in one.journal.entries]
    assert two.claim(sale.serials[0])["granted"] is True
    said = one.ask(sale.order)
    assert (said["granted"], said["why"], said["who"]) == (False, "at_gate", "A")
    assert one.ask(sale.order, "pay")["granted"] is True, "money that comes in disturbs no gate"
    one.release(sale.order, 1)
    other = one.sell(slot=2)
    one.release(other.order)
    one.push()
    assert one.ask(other.order)["granted"] is True
    two.seen = [entry.entry_id for entry in one.journal.entries]
    answer = two.claim(other.serials[0])
    assert answer["granted"] is False
    assert answer["claims"][0]["act"] == "refund"
    one.release(other.order, 2 - 1)
    one.push()
    assert two.claim(other.serials[0])["granted"] is True


def test_a_refund_frees_its_place_whatever_came_first(tills: list[Till], hub: Hub) -> None:
    one, two = tills
    sale, late = one.sell(slot=1), Sale(one.random, count=1, first_slot=2)
    one.push()
    two.add(after.back(sale), after.back(late))
    two.push()
    one.add(late.draft())
    one.push()
    with hub.admin() as admin:
        rows = admin.execute("SELECT outside, used, leased FROM hub.pool WHERE pool = 200").fetchall()
        left = admin.execute("SELECT count(*) FROM hub.lease_slot").fetchone()
    assert rows == [(0, 0, 0)]
    assert left == (0,)


def test_a_value_is_set_aside_for_one_till_at_a_time(tills: list[Till]) -> None:
    one, two = tills
    one.add(after.issued(5_000))
    one.push()
    said = one.ask_value(4_000)
    assert (said["granted"], said["left_minor"]) == (True, 1_000)
    refused = two.ask_value(4_000)
    assert (refused["granted"], refused["why"], refused["left_minor"]) == (False, "short", 1_000)
    request = next(item["request"] for item in one.held if item.get("value") == VALUE)
    one.release("", values=[request])
    one.push()
    assert two.ask_value(4_000)["granted"] is True
    request = next(item["request"] for item in two.held if item.get("value") == VALUE)
    spend = after.spent(4_000, two.random)
    two.add(Draft(spend.kind, spend.feeds, {**spend.body, "request": request, "at_risk": False}))
    two.push()
    assert two.held == []
    assert one.ask_value(2_000)["left_minor"] == 1_000


def test_an_unknown_value_is_refused(tills: list[Till]) -> None:
    assert tills[0].ask_value(1)["why"] == "unknown"


def test_rights_of_a_dead_till_come_back_by_a_stated_risk(tills: list[Till], hub: Hub) -> None:
    one, two = tills
    orders = [one.sell(slot=slot).order for slot in range(1, 4)]
    one.add(after.issued(900))
    one.push()
    one.ask_value(900)
    done = write_off(hub.dsn, one.name, 2, 900)
    assert (done.station, done.rights, done.amount_minor) == (one.id, 2, 900)
    granted = [two.ask(order)["granted"] for order in orders]
    assert sorted(granted) == [False, True, True]
    assert two.ask_value(900)["granted"] is True


@pytest.mark.parametrize("risk", [(0, 0), (-1, 5)])
def test_a_write_off_without_a_stated_risk_is_refused(hub: Hub, tills: list[Till], risk: Any) -> None:
    with pytest.raises(Refusal) as caught:
        write_off(hub.dsn, tills[0].name, *risk)
    assert caught.value.code == "RISK_INVALID"


def test_a_restored_hub_grants_nothing_until_all_have_reported(tills: list[Till], hub: Hub) -> None:
    one, two = tills
    order = one.sell().order
    one.release(order)
    one.add(after.issued(100))
    one.push()
    with hub.admin() as admin:
        admin.execute("SELECT hub.begin_recovery()")
    assert two.ask(order)["why"] == "recovery"
    assert two.ask_value(100)["why"] == "recovery"
    with hub.admin() as admin:
        admin.execute("UPDATE hub.recovery SET reported_at = now()")
        admin.execute("SELECT hub.end_recovery()")
    said = two.ask(order)
    assert said["granted"] is True
    assert said["number"] > 1_000_000_000, "above any number that was forgotten"


@pytest.mark.parametrize(
    "request_",
    [
        {"rights": {"id": "x", "wants": []}},
        {"rights": {"id": str(uuid.UUID(int=1)), "wants": [{"order": "x", "act": "refund"}]}},
        {
            "rights": {
                "id": str(uuid.UUID(int=1)),
                "wants": [{"order": str(uuid.UUID(int=2)), "act": "steal"}],
            }
        },
        {
            "values": {
                "id": str(uuid.UUID(int=1)),
                "wants": [{"value": "x", "amount_minor": 1, "currency": "EUR"}],
            }
        },
        {
            "values": {
                "id": str(uuid.UUID(int=1)),
                "wants": [{"value": VALUE, "amount_minor": 0, "currency": "EUR"}],
            }
        },
        {"values": {"id": str(uuid.UUID(int=1)), "wants": {}}},
    ],
)
def test_a_malformed_request_is_refused(tills: list[Till], request_: Mapping[str, Any]) -> None:
    class Odd(RightRequest):
        def to_json(self) -> Mapping[str, Any]:
            return request_

    till = tills[0]
    tip = Tip(1, 0, till.journal.hash_at(0))
    said = till.client.push([], None, tip, Odd("x"))
    assert isinstance(said, Denied)
    assert said.code == "BAD_REQUEST"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_over_any_run_of_asking_and_giving_up_with_lost_replies_there_is_one_holder(
    tills: list[Till], seed: int, hub: Hub
) -> None:
    """Each till acts on the last reply that it heard; some are lost. Nobody ever acts on a right that another
    could act on in the same moment."""
    rnd = random.Random(seed)
    order = tills[0].sell().order
    tills[0].push()
    given_up: set[tuple[str, int]] = set()
    for _ in range(25):
        till = rnd.choice(tills)
        heard = till.held
        if rnd.random() < 0.4:
            for number in (
                [0] if till is tills[0] and (till.id, 0) not in given_up else till.numbers().values()
            ):
                till.release(order, number)
                given_up.add((till.id, number))
            if len(till.journal.entries) > till.pushed:
                till.push()
        else:
            till.ask(order)
        if rnd.random() < 0.3:
            till.held = heard  # the reply was lost
        believers = [
            (each.id, number)
            for each in tills
            for number in each.numbers().values()
            if (each.id, number) not in given_up
        ]
        born = [] if (tills[0].id, 0) in given_up else [(tills[0].id, 0)]
        assert len(believers) + len(born) <= 1
    with hub.admin() as admin:
        row = admin.execute("SELECT station, number FROM hub.order_right").fetchone()
    assert row is not None
    acts = [Holder(row[0], 1, row[1])] if row[0] != "00000000" else []
    facts = RightFacts(Holder(tills[0].id, 1, 0), acts, [number for _, number in given_up])
    now = holder(facts)
    assert now is not None
    assert now.station == row[0]
