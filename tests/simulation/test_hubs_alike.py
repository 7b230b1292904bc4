"""The model of the hub is the hub: whatever stations ask of the SQL functions, in whatever order, the model
gives the same answer, and keeps the same tables."""

import hashlib
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from domain.entry import Draft, Entry
from domain.ids import uuid4
from sync.hub_server import Server
from tests.builders import make_event, make_performance, make_quota
from tests.postgres import Hubs
from tests.simulation.hub_database import SimulatedHubs
from tests.simulation.two_hubs import Station, TwoHubs
from tests.store.rights_drafts import back, let_go, paid, reserved
from tests.store.station import Sale, made, printed, refused, scanned, undone

pytestmark = [pytest.mark.slow]

SOAK = bool(os.environ.get("GATEHOUSE_SOAK"))
POOLS = (200, 400)
VALUES = ("ab" * 32, "cd" * 32)
KINDS = ("support_text", "person", "picture", "secret")
who = st.integers(0, 2)
small = st.integers(0, 6)


@pytest.fixture(scope="module")
def simulated(hub_server: Server, hubs: Hubs) -> Iterator[SimulatedHubs]:
    made_here = SimulatedHubs.on(hub_server, hubs)
    yield made_here
    made_here.close()


class Alike(RuleBasedStateMachine):
    """Stations that ask, honestly or not."""

    databases: SimulatedHubs

    def __init__(self) -> None:
        super().__init__()
        self.hubs = TwoHubs(self.databases, 1)
        self.chance = random.Random(1)
        self.random = self.chance.randbytes
        self.sales: list[Sale] = []
        self.leases: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.claims: list[tuple[str, str]] = []
        self.documents: list[tuple[str, str, str, bytes, bytes]] = []
        self.restored = False
        first = self.hubs.stations[0].journal
        for draft in (
            made(make_event()), made(make_performance(capacity=9)), made(make_quota(capacity=5)),
            Draft("event_published", ("org",), {"event": 100}),
        ):  # fmt: skip
            first.add(draft.kind, draft.feeds, draft.body)
        self._push(self.hubs.stations[0], 1, 9, {})

    def teardown(self) -> None:
        try:
            self.hubs.same_tables()
        finally:
            self.hubs.close()

    def _add(self, station: Station, draft: Draft, **more: Any) -> Entry:
        return station.journal.add(draft.kind, draft.feeds, draft.body, **more)

    def _push(self, station: Station, first: int, count: int, wants: dict[str, Any]) -> Any:
        entries = station.journal.entries[first - 1 : first - 1 + count]
        return self.hubs.call(station.role, "push", *station.request(entries, first, wants))

    def _id(self) -> str:
        return uuid4(self.random)

    # Time, greetings, pushes.

    @rule(ms=st.sampled_from((1, 50, 31_000, 300_001, 72_000_001)))
    def time_passes(self, ms: int) -> None:
        self.hubs.now_ms += ms

    @rule(
        at=who,
        back=small,
        epoch=st.sampled_from((1, 1, 1, 2)),
        known=st.sampled_from((True, True, True, False)),
    )
    def greets(self, at: int, back: int, epoch: int, known: bool) -> None:
        station = self.hubs.stations[at]
        seq = max(0, len(station.journal.entries) - back)
        digest = station.journal.hash_at(seq).hex() if known else "00" * 32
        self.hubs.call(station.role, "hello", {
            "protocol": {"min": 1, "max": 1}, "epoch": epoch, "seq": seq, "hash": digest,
            "incarnation": None, "schema": "0012", "program": "test",
        })  # fmt: skip

    @rule(at=who, back=small, count=st.integers(1, 12))
    def pushes(self, at: int, back: int, count: int) -> None:
        """What is due, or again what was pushed, or with a gap before it."""
        station = self.hubs.stations[at]
        due = len(station.journal.entries) + 1 - count
        self._push(station, max(1, due - back), count, {})

    @rule(at=who)
    def pushes_everything(self, at: int) -> None:
        station = self.hubs.stations[at]
        for first in range(1, len(station.journal.entries) + 1, 150):
            self._push(station, first, 150, {})

    @rule(at=who, wrong=st.sampled_from(("hash", "sig", "prev", "content", "epoch")))
    def pushes_nonsense(self, at: int, wrong: str) -> None:
        station = self.hubs.stations[at]
        arguments = station.request(station.journal.entries[-1:], max(1, len(station.journal.entries)), {})
        match wrong:
            case "hash":
                arguments[4] = [bytes(32) for _ in arguments[4]]
            case "sig":
                arguments[5] = [b"short" for _ in arguments[5]]
            case "prev":
                arguments[2] = bytes(32)
            case "content":
                arguments[3] = ["{}" for _ in arguments[3]]
            case _:
                arguments[0] += 1
        self.hubs.call(station.role, "push", *arguments)

    @rule(at=who, seq=st.integers(1, 30))
    def is_two(self, at: int, seq: int) -> None:
        """A copy of the file goes on in its own way; rarely, for it is the end of the station."""
        station = self.hubs.stations[at]
        if seq > 3 or len(station.journal.entries) < seq:
            return
        mine = station.journal
        twin = type(mine)(station.id, mine.key, mine.epoch, random_bytes=self.random)
        twin.entries = mine.entries[: seq - 1]
        entry = twin.add(body={"values": {"twin": seq}})
        self.hubs.call(station.role, "push", *Station(station.role, twin, None).request([entry], seq, {}))

    # Facts.

    @rule(at=who, kind=st.sampled_from(("settings", "odd", "early", "again", "print", "refused")))
    def writes(self, at: int, kind: str) -> None:
        station = self.hubs.stations[at]
        match kind:
            case "settings":
                self._add(station, Draft("settings_changed", ("org",), {"values": {"n": 1}}))
            case "odd":
                self._add(station, Draft("order_dreamed", ("cash", "event:100"), {"order": "later"}))
            case "early":
                self._add(station, Draft("settings_changed", ("org",), {"values": {}}), v=7)
            case "again":
                entries = [each for other in self.hubs.stations for each in other.journal.entries]
                name = self.chance.choice(entries).entry_id
                self._add(station, Draft("settings_changed", ("org",), {"values": {"m": 2}}), entry_id=name)
            case "print":
                self._add(station, printed(self._id(), ["00112233445566aa"]))
            case _:
                self._add(station, refused("00112233445566aa"))

    @rule(at=who, count=st.integers(1, 3), held=st.booleans(), slot=st.integers(1, 9))
    def sells(self, at: int, count: int, held: bool, slot: int) -> None:
        """From a lease of its own, or from one that is not."""
        station = self.hubs.stations[at]
        mine = [each for each in self.leases if not held or each["station"] == station.id]
        lease = self.chance.choice(mine) if mine else {"lease": "own", "pool": 200, "first": 1}
        sale = Sale(
            self.random, count=count, lease=str(lease["lease"]), pools=(lease["pool"],),
            first_slot=(lease["first"] or 1) + slot - 1, number=len(self.sales) + 1,
        )  # fmt: skip
        self.sales.append(sale)
        self._add(station, sale.draft() if count < 3 else reserved(sale))

    @precondition(lambda self: self.sales)
    @rule(at=who, kind=st.sampled_from(("refund_paid", "order_voided", "let_go", "paid", "reserved")))
    def changes_an_order(self, at: int, kind: str) -> None:
        sale = self.chance.choice(self.sales)
        match kind:
            case "let_go":
                draft = let_go(sale)
            case "paid":
                draft = paid(sale, number=len(self.sales) + 100)
            case "reserved":
                draft = reserved(sale)
            case _:
                draft = back(sale, kind=kind)
        self._add(self.hubs.stations[at], draft)

    @precondition(lambda self: self.leases)
    @rule(first=st.integers(1, 4), size=st.integers(1, 4))
    def returns_places(self, first: int, size: int) -> None:
        lease = self.chance.choice(self.leases)
        station = next(each for each in self.hubs.stations if each.id == lease["station"])
        begin = (lease["first"] or 1) + first - 1
        body = {
            "lease": lease["lease"],
            "pool": lease["pool"],
            "event": 100,
            "ranges": [[begin, begin + size - 1]],
        }
        self._add(station, Draft("lease_returned", ("cash", "event:100"), body))

    @rule(at=who, kind=st.sampled_from(("event_cancelled", "performance_changed", "quota_changed")))
    def changes_the_catalogue(self, at: int, kind: str) -> None:
        more = {"event": 100, "base": None}
        bodies: dict[str, dict[str, Any]] = {
            "event_cancelled": {"event": 101, "reason": "storm", "rule": "all"},
            "performance_changed": {"performance": 200, **more, "fields": {"capacity": 11}},
            "quota_changed": {"quota": 400, **more, "fields": {"capacity": 6}},
        }  # fmt: skip
        self._add(self.hubs.stations[at], Draft(kind, ("org",), bodies[kind]))

    # Requests.

    @rule(at=who, pool=st.sampled_from((*POOLS, 999)), count=st.integers(0, 4), renew=st.booleans(),
          again=st.booleans(), seats=st.booleans())  # fmt: skip
    def asks_for_places(self, at: int, pool: int, count: int, renew: bool, again: bool, seats: bool) -> None:
        station = self.hubs.stations[at]
        want: dict[str, Any] = {"pool": pool, "count": count, "renew": renew, "slots": []}
        if seats:
            want["slots"] = self.chance.sample(range(1, 9), 3)
        request = {"leases": {"id": self._id(), "wants": [want]}}
        if again and self.requests:
            request = self.chance.choice(self.requests)
        self.requests.append(request)
        self._ask(station, request)

    def _ask(self, station: Station, request: dict[str, Any]) -> Any:
        end = len(station.journal.entries)
        said = self.hubs.call(station.role, "push", *station.request([], end + 1, request))
        for item in said.get("leases", {}).get("items", ()):
            if item["lease"] not in {each["lease"] for each in self.leases}:
                self.leases.append({**item, "station": station.id})
        return said

    @precondition(lambda self: self.sales)
    @rule(at=who, act=st.sampled_from(("pay", "release", "void", "refund", "exchange", "reprint")))
    def asks_for_a_right(self, at: int, act: str) -> None:
        order = self.chance.choice(self.sales).order
        wants = [{"order": order, "act": act}]
        self._ask(self.hubs.stations[at], {"rights": {"id": self._id(), "wants": wants}})

    @rule(at=who, value=st.sampled_from(VALUES), amount=st.sampled_from((500, 1000)))
    def asks_for_a_value(self, at: int, value: str, amount: int) -> None:
        want = {"value": value, "amount_minor": amount, "currency": "EUR"}
        self._ask(self.hubs.stations[at], {"values": {"id": self._id(), "wants": [want]}})

    @rule(at=who, kind=st.sampled_from(("value_issued", "value_spent", "value_returned")),
          value=st.sampled_from(VALUES), used=st.booleans())  # fmt: skip
    def moves_a_value(self, at: int, kind: str, value: str, used: bool) -> None:
        grants = [key[0] for key in self.hubs.model.state.value_grants if key[1] == value]
        body: dict[str, Any] = {"value": value, "currency": "EUR", "amount_minor": 700, "order": None}
        match kind:
            case "value_issued":
                body |= {"reason": "gift", "expires_at": None}
            case "value_returned":
                body |= {"spend": self._id(), "reason": "back"}
            case _:
                asked = self.chance.choice(grants) if used and grants else None
                body |= {"spend": self._id(), "request": asked, "at_risk": False}
        self._add(self.hubs.stations[at], Draft(kind, ("cash",), body))

    @rule(at=who, more=st.integers(0, 1))
    def gives_rights_up(self, at: int, more: int) -> None:
        """Its own, or such as it never had."""
        known = list(self.hubs.model.state.rights.values())
        some = self.chance.sample(known, min(2, len(known)))
        rights = [{"order": each.order, "number": max(0, each.number + more)} for each in some]
        grants = [key[0] for key in self.hubs.model.state.value_grants]
        values = [self.chance.choice(grants)] if grants else []
        body = {"rights": rights, "values": values}
        self._add(self.hubs.stations[at], Draft("right_released", ("cash",), body))

    # At gates.

    @rule(at=who, knows=st.booleans(), fresh=st.booleans())
    def claims_a_ticket(self, at: int, knows: bool, fresh: bool) -> None:
        serial = self.chance.choice(self.sales).serials[0] if self.sales else "00112233445566aa"
        seen = sorted(self.hubs.model.state.ticket_seen.get(("event:100", serial), ())) if knows else []
        entry = self._id().replace("-4", "-7", 1) if fresh or not self.claims else self.claims[-1][0]
        entry = f"{entry[:14]}7{entry[15:]}"
        self.claims.append((entry, serial))
        self.hubs.call(self.hubs.stations[at].role, "claim", "event:100", serial, seen, entry, "A", "1")

    @precondition(lambda self: self.claims)
    @rule(at=who, way=st.sampled_from(("admitted", "dropped", "undone", "asked")))
    def ends_a_claim(self, at: int, way: str) -> None:
        station, (entry, serial) = self.hubs.stations[at], self.chance.choice(self.claims)
        match way:
            case "admitted":
                self._add(station, scanned("admitted", serial), entry_id=entry)
            case "dropped":
                body = {"claim": entry, "serial": serial, "event": 100, "reason": "gone"}
                self._add(station, Draft("claim_dropped", ("event:100",), body))
            case "undone":
                self._add(station, undone(entry, serial))
            case _:
                self.hubs.call(station.role, "claims")

    # Pulls.

    @rule(
        at=who, limit=st.sampled_from((1, 3, 500)), wrong=st.sampled_from((None, None, None, "cursor", "hub"))
    )
    def pulls(self, at: int, limit: int, wrong: str | None) -> None:
        station = self.hubs.stations[at]
        cursors = dict(station.cursors)
        if wrong == "cursor":
            cursors["org"] = {"position": 2, "hash": "11" * 32}
        hub = self.hubs.model.incarnation() if wrong != "hub" else "somewhere/00000001"
        rows = self.hubs.call(station.role, "pull", hub, cursors, limit)
        if wrong is None and "code" in rows[0][0]:
            station.cursors = {}
            return
        for row in rows[1:] if wrong is None else ():
            station.cursors[row[1]] = {"position": row[2], "hash": row[10].hex()}

    @rule(at=who, after=st.integers(0, 3))
    def takes_a_snapshot(self, at: int, after: int) -> None:
        station = self.hubs.stations[at]
        self.hubs.call(station.role, "snapshot_begin", self.hubs.model.incarnation())
        self.hubs.call(station.role, "snapshot_entries", "event:100", after, after + 5, ["org"])

    # Documents.

    @rule(at=who, kind=st.sampled_from(KINDS), named=st.booleans(), large=st.booleans())
    def writes_a_document(self, at: int, kind: str, named: bool, large: bool) -> None:
        feed = "desk" if kind == "support_text" else "org"
        again = [each for each in self.documents if each[1] == kind]
        document = self.chance.choice(again)[0] if again and self.chance.random() < 0.4 else self._id()
        nonce, content = self.random(32), b"words" * (80_000 if large else 2)
        digest = hashlib.sha256(nonce + content).digest()
        self.documents.append((document, kind, feed, nonce, content))
        if named:
            name = {"document": document, "document_hash": digest.hex(), "kind": kind}
            self._add(self.hubs.stations[at], Draft("document_written", (feed,), {"documents": [name]}))

    @precondition(lambda self: self.documents)
    @rule(at=who, way=st.sampled_from(("offer", "put", "piece", "erase", "fetch")))
    def exchanges_a_document(self, at: int, way: str) -> None:
        station, (document, kind, feed, nonce, content) = self.hubs.stations[at], self.documents[-1]
        if way != "put":
            document, kind, feed, nonce, content = self.chance.choice(self.documents)
        digest = hashlib.sha256(nonce + content).digest()
        head = [[document], [kind], [feed], [f"{self.hubs.now_ms:014d}-000000"], [digest], [len(content)]]
        match way:
            case "offer":
                self.hubs.call(station.role, "offer_documents", *head)
            case "put":
                self.hubs.call(station.role, "put_documents", *head, [nonce], [0], [content])
            case "piece":
                half = len(content) // 2
                for start, piece in ((0, content[:half]), (half, content[half:])):
                    self.hubs.call(station.role, "put_documents", *head, [nonce], [start], [piece])
            case "fetch":
                self.hubs.call(station.role, "document_piece", document, digest, 3)
            case _:
                body = {"document": document, "kind": kind, "feed": feed, "reason": "REQUEST"}
                self._add(station, Draft("document_erased", (feed,), body))

    @rule(at=who, limit=st.sampled_from((1, 200)))
    def pulls_documents(self, at: int, limit: int) -> None:
        station = self.hubs.stations[at]
        rows = self.hubs.call(station.role, "pull_documents", "", {}, limit)
        stamp = rows[-1][0].get("stamp", "")
        self.hubs.call(station.role, "pull_documents", stamp, {}, limit)

    # The administrator, and disasters.

    @rule(at=who, risk=st.integers(1, 3), what=st.sampled_from(("places", "rights")))
    def writes_off(self, at: int, risk: int, what: str) -> None:
        station = self.hubs.stations[at].id
        if what == "places":
            self.hubs.both("reclaim", station, risk)
        else:
            self.hubs.both("write_off_rights", station, risk, 1_000)

    @precondition(lambda self: not self.restored)
    @rule()
    def is_restored(self) -> None:
        """A copy is taken, then it comes back; what was said meanwhile is brought, and the recovery ends."""
        if self.hubs.copies is None:
            self.hubs.backup()
            return
        self.restored = True
        held = {name: feed.log for name, feed in self.hubs.model.state.feeds.items()}
        logs = self.hubs.model.state.log
        places = sorted({place[:3] for log in held.values() for place in log})
        known = [(place, logs[place[0], place[1]][place[2]].raw) for place in places]
        self.hubs.restore()
        for station in self.hubs.stations:
            self.hubs.call(station.role, "tips")
        others = [(place, raw) for place, raw in known if raw is not None]
        for first in range(0, len(others), 100):
            self._bring(others[first : first + 100])
        self.both_release()
        for station in self.hubs.stations:
            self.hubs.call(station.role, "reported")

    def _bring(self, held: list[Any]) -> None:
        columns = [
            [place[0] for place, _ in held],
            [place[1] for place, _ in held],
            [place[2] for place, _ in held],
            [raw[0] for _, raw in held],
            [raw[1] for _, raw in held],
            [raw[2] for _, raw in held],
            [raw[3] for _, raw in held],
        ]
        self.hubs.call(self.hubs.stations[0].role, "bring", *columns)

    @precondition(lambda self: not any(each.former for each in self.hubs.stations))
    @rule(at=who, by=who, kept=st.integers(2, 12), back=st.integers(1, 8), count=st.integers(1, 4))
    def joins_again(self, at: int, by: int, kept: int, back: int, count: int) -> None:
        """Its disk is lost, with entries that the hub has not; who holds some of them brings them."""
        station = self.hubs.stations[at]
        for number in range(kept):
            self._add(station, Draft("settings_changed", ("org",), {"values": {"kept": number}}))
        self.hubs.join_again(station)
        self.brings(at, by, back, count)

    @rule(at=who, by=who, back=st.integers(1, 14), count=st.integers(1, 14))
    def brings(self, at: int, by: int, back: int, count: int) -> None:
        """Some of the last entries of another one, often with a gap before them."""
        station = self.hubs.stations[at]
        entries = (station.former or [station.journal])[0].entries
        first = max(0, len(entries) - back)
        if entries:
            self.hubs.bring(self.hubs.stations[by], entries[first : first + count])
            self.both_release()

    def both_release(self) -> None:
        self.hubs.both("release_inbox")

    @rule()
    def both_keep_the_same(self) -> None:
        self.hubs.same_tables()


def test_model_and_sql_answer_alike_and_keep_the_same(simulated: SimulatedHubs) -> None:
    Alike.databases = simulated
    phases = (Phase.generate, Phase.shrink) if SOAK else (Phase.generate,)  # each trial is a database
    chosen = settings(
        max_examples=200 if SOAK else 10, stateful_step_count=40, phases=phases, derandomize=not SOAK
    )
    run_state_machine_as_test(Alike, settings=chosen)
