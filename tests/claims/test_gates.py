"""Two gates and one ticket at a real hub: who opens when both ask, when nobody answers, when one is gone."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from app.services.gate import ScanInput
from domain.actor import SYSTEM
from domain.admission import ConfidenceMode, Verdict
from domain.claims import CLAIM_BUDGET_MS, ClaimAsked, ClaimOutcome
from domain.entry import Draft, event_feed
from domain.errors import Refusal
from domain.ids import uuid7
from domain.ticket_code import decode
from tests.claims.gates import Venue, at_once, eventually
from tests.postgres import Hub
from tests.services.house import GATE, SUPERVISOR

ROUNDS = 100


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who opens is not a matter of how busy this machine is: a scan may wait for the hub's answer."""
    monkeypatch.setattr("app.claims.CLAIM_BUDGET_MS", 10_000)


@pytest.fixture
def hasty(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The budget that a gate has."""
    monkeypatch.setattr("app.claims.CLAIM_BUDGET_MS", CLAIM_BUDGET_MS)


@pytest.fixture
def venue(hub: Hub, tmp_path: Path) -> Iterator[Venue]:
    made = Venue(hub, tmp_path)
    yield made
    made.close()


@pytest.fixture
def trusting(hub: Hub, tmp_path: Path) -> Iterator[Venue]:
    """Gates that let in tickets nobody here has heard of."""
    made = Venue(hub, tmp_path, GATEHOUSE_GATE_UNKNOWN="admit")
    yield made
    made.close()


def serial_of(code: str) -> str:
    return decode(code).code.serial


def held(venue: Venue, code: str) -> tuple[str, str]:
    """A claim of gate A that the hub has granted, and nothing more happens: (feed, entry id)."""
    with venue.one.station.store.read() as read:
        facts = read.facts(serial_of(code))
        assert facts is not None
        feed = event_feed(facts.event.number)
        asked = ClaimAsked(feed, facts.serial, "A", "1", tuple(read.seen_entries(facts.serial)))
    entry_id = uuid7(1_700_000_000_000, os.urandom)
    reply = venue.one.line.ask(asked, entry_id, time.monotonic() + 5)
    assert reply.outcome is ClaimOutcome.GRANTED
    return feed, entry_id


def double_admissions(venue: Venue) -> list[str]:
    """Subjects of the conflicts that say so, as the till sees them."""
    with venue.till.station.store.read() as read:
        return [row.subject for row in read.conflicts() if row.code == "DUP_ADMISSION"]


def test_one_ticket_at_both_gates_in_the_same_moment_opens_exactly_one(venue: Venue) -> None:
    codes = venue.tickets(ROUNDS)
    venue.connected()
    for code in codes:
        answers = at_once(lambda: venue.one.admit(code), lambda: venue.two.admit(code))  # noqa: B023
        assert {answer.decision.confidence.mode for answer in answers} == {ConfidenceMode.LIVE}
        assert sorted(answer.decision.verdict for answer in answers) == ["ADMIT", "IN_PROGRESS"]
    venue.sync()
    assert venue.live_claims() == 0
    admitted = venue.one.entries("admitted") + venue.two.entries("admitted")
    assert sorted(entry.body["serial"] for entry in admitted) == sorted(map(serial_of, codes))
    assert double_admissions(venue) == []


def test_a_gate_that_hangs_with_a_ticket_locked_delays_the_others_no_longer_than_the_watchdog(
    venue: Venue, hasty: None
) -> None:
    code = venue.tickets(1)[0]
    venue.one.connected()
    store = venue.two.station.store
    dsn = make_conninfo(store.local_setting("hub_dsn") or "", password=store.hub_password() or "")
    with psycopg.connect(dsn) as hung:
        hung.execute("SET idle_in_transaction_session_timeout = 0")
        with venue.one.station.store.read() as read:
            facts = read.facts(serial_of(code))
            assert facts is not None
            seen = [UUID(entry) for entry in read.seen_entries(facts.serial)]
        claim = "SELECT api_1.claim(%s, %s, %s, %s, 'B', '1')"
        granted = hung.execute(
            claim, [event_feed(facts.event.number), facts.serial, seen, uuid4()]
        ).fetchone()
        assert granted is not None
        assert granted[0]["granted"]
        began = time.monotonic()
        answer = venue.one.admit(code)
        assert answer.opens
        assert answer.decision.confidence.mode is ConfidenceMode.OFFLINE, "nobody waits at the turnstile"

        def is_ended() -> bool:
            venue.one.line.begin()
            try:
                with venue.hub.admin() as admin:
                    row = admin.execute(
                        "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
                        " AND datname = current_database()"
                    ).fetchone()
            finally:
                venue.one.admit(code)  # guests keep coming
            assert row is not None
            return bool(row[0] == 0)

        eventually(is_ended, 60)
        assert time.monotonic() - began < 30
        with pytest.raises(psycopg.OperationalError):
            hung.execute("SELECT 1")


def test_without_claims_both_gates_would_open(venue: Venue) -> None:
    code = venue.tickets(1)[0]
    for post in (venue.one, venue.two):
        post.station.services.gatekeeper._claims = None
    answers = at_once(lambda: venue.one.admit(code), lambda: venue.two.admit(code))
    assert all(answer.opens for answer in answers)


def test_a_ticket_sold_a_second_ago_by_a_till_that_has_not_pushed_opens_exactly_one_gate(
    trusting: Venue,
) -> None:
    trusting.connected()
    for code in trusting.till.sell(20):
        answers = at_once(lambda: trusting.one.admit(code), lambda: trusting.two.admit(code))  # noqa: B023
        assert sorted(answer.opens for answer in answers) == [False, True]
        opened = next(answer for answer in answers if answer.opens)
        assert opened.decision.verdict is Verdict.UNKNOWN
    assert trusting.live_claims() == 20


def test_a_sale_that_only_the_hub_knows_is_fetched_and_one_gate_opens(trusting: Venue) -> None:
    codes = trusting.till.sell(20)
    assert trusting.till.sync() is None
    trusting.connected()
    for code in codes:
        answers = at_once(lambda: trusting.one.admit(code), lambda: trusting.two.admit(code))  # noqa: B023
        assert {answer.decision.confidence.mode for answer in answers} == {ConfidenceMode.LIVE}
        assert sorted(answer.decision.verdict for answer in answers) == ["ADMIT", "IN_PROGRESS"]


def test_the_admission_bears_the_id_of_its_claim_and_ends_it(venue: Venue) -> None:
    code = venue.tickets(1)[0]
    venue.connected()
    answer = venue.one.admit(code)
    with venue.hub.admin() as admin:
        row = admin.execute("SELECT entry_id::text, gate, station FROM hub.gate_claim").fetchone()
    assert row == (answer.entry_id, "A", venue.one.id)
    assert venue.one.sync() is None
    assert venue.live_claims() == 0
    late = venue.two.admit(code)
    assert late.decision.verdict is Verdict.ALREADY_USED
    assert late.decision.confidence.mode is ConfidenceMode.LIVE


def test_an_undo_that_the_gate_has_not_heard_of_comes_back_with_the_admission_and_the_ticket_opens(
    venue: Venue,
) -> None:
    code = venue.tickets(1)[0]
    venue.connected()
    assert venue.one.admit(code).opens
    venue.one.station.services.gatekeeper.undo(serial_of(code), "mistake", SUPERVISOR)
    assert venue.one.sync() is None
    answer = venue.two.admit(code)
    assert answer.decision.verdict is Verdict.ADMIT
    assert answer.decision.confidence.mode is ConfidenceMode.LIVE
    with venue.two.station.store.read() as read:
        assert {
            entry.kind for entry in venue.one.entries() if entry.body.get("serial") == serial_of(code)
        } == {
            "admitted",
            "admission_undone",
        }
        assert len(read.uses(serial_of(code))) == 1
    assert venue.live_claims() == 1


def test_what_a_gate_says_it_has_seen_is_what_the_hub_has(venue: Venue) -> None:
    """Else every claim would cost a second question."""
    code = venue.tickets(1)[0]
    venue.connected()
    serial = serial_of(code)
    assert venue.one.admit(code).opens
    venue.one.clock.advance(60)
    assert not venue.one.admit(code).opens
    venue.one.station.services.gatekeeper.undo(serial, "mistake", SUPERVISOR)
    venue.sync()
    with venue.hub.admin() as admin:
        rows = admin.execute("SELECT entry_id::text FROM hub.ticket_seen WHERE serial = %s", (serial,))
        known = sorted(row[0] for row in rows)
    assert len(known) == 4
    with venue.two.station.store.read() as read:
        assert sorted(read.seen_entries(serial)) == known


def test_two_lanes_of_one_station_open_once_and_leave_no_claim(venue: Venue) -> None:
    codes = venue.tickets(20)
    venue.connected()
    lanes = [venue.one.station.gatekeeper(None, lane) for lane in ("1", "2")]
    for code in codes:
        scan = ScanInput(code, "camera")
        answers = at_once(*(lambda lane=lane: lane.admit(scan, GATE) for lane in lanes))  # noqa: B023
        assert sorted(answer.decision.verdict for answer in answers) == ["ADMIT", "ALREADY_USED"]
    assert venue.one.sync() is None
    assert venue.live_claims() == 0


def test_an_admission_that_came_back_changes_the_decision_and_is_not_read_twice(venue: Venue) -> None:
    code = venue.tickets(1)[0]
    venue.connected()
    assert venue.one.admit(code).opens
    assert venue.one.sync() is None
    assert venue.two.admit(code).decision.verdict is Verdict.ALREADY_USED
    assert venue.two.entries("claim_dropped") == []
    assert venue.two.sync() is None
    with venue.two.station.store.read() as read:
        assert len(read.uses(serial_of(code))) == 1
    assert venue.two.station.store.replica.kept_aside() == (0, 0)


def test_an_admission_that_cannot_be_checked_yet_is_for_a_person_to_look_at(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other gate has joined anew, and its certificate has not come here yet."""
    code = venue.tickets(1)[0]
    venue.connected()
    assert venue.one.admit(code).opens
    assert venue.one.sync() is None
    replica = venue.two.station.store.replica
    monkeypatch.setattr(
        replica, "_verify", lambda entry: "UNKNOWN_STATION" if entry.station == venue.one.id else None
    )
    shown = venue.two.admit(code)
    assert (shown.decision.verdict, shown.opens) == (Verdict.IN_PROGRESS, False)
    assert shown.decision.params["gate"] == "A"
    assert venue.two.sync() is None


def test_without_the_hub_both_gates_open_and_both_facts_are_kept(venue: Venue) -> None:
    code = venue.tickets(1)[0]
    venue.connected()
    venue.hub.server.stop("immediate")
    answers = [venue.one.admit(code), venue.two.admit(code)]
    assert all(answer.opens for answer in answers)
    assert {answer.decision.confidence.mode for answer in answers} == {ConfidenceMode.OFFLINE}
    assert [entry.body["confidence"] for entry in venue.one.entries("admitted")] == ["offline"]
    venue.hub.server.start()
    venue.sync()
    with venue.till.station.store.read() as read:
        assert len(read.uses(serial_of(code))) == 2
    assert len(double_admissions(venue)) == 1
    assert venue.live_claims() == 0


def test_the_line_comes_back_by_itself_when_the_hub_does(venue: Venue) -> None:
    first, second = venue.tickets(2)
    venue.connected()
    venue.hub.server.stop("immediate")
    assert venue.one.admit(first).decision.confidence.mode is ConfidenceMode.OFFLINE
    venue.hub.server.start()
    eventually(lambda: venue.one.line._line is not None)
    assert venue.one.admit(second).decision.confidence.mode is ConfidenceMode.LIVE


@pytest.mark.usefixtures("hasty")
def test_a_hub_that_hangs_costs_one_budget_and_then_nothing(venue: Venue) -> None:
    codes = venue.tickets(6)
    venue.connected()
    with venue.hub.admin() as admin:
        pids = [
            row[0]
            for row in admin.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'gatehouse claims'"
            )
        ]
    assert len(pids) == 2
    venue.one.line._open_line = lambda: venue.one.line._breaker.failed(time.monotonic())
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        spent = []
        for code in codes:
            began = time.monotonic()
            answer = venue.one.admit(code)
            spent.append((time.monotonic() - began) * 1000)
            assert answer.opens
            assert answer.decision.confidence.mode is ConfidenceMode.OFFLINE
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert sum(time_ms > CLAIM_BUDGET_MS - 20 for time_ms in spent) == 1
    assert spent[0] == max(spent)


@pytest.mark.usefixtures("hasty")
def test_a_claim_that_arrived_after_it_was_given_up_still_ends_with_its_admission(venue: Venue) -> None:
    code = venue.tickets(1)[0]
    venue.connected()
    serial = serial_of(code)
    with venue.hub.admin() as admin, admin.transaction():
        row = admin.execute("SELECT feed FROM hub.gate_row WHERE serial = %s", (serial,)).fetchone()
        assert row is not None
        admin.execute("SELECT FROM hub.gate_row WHERE serial = %s FOR UPDATE", (serial,))
        answer = venue.one.admit(code)
        assert answer.opens
        assert answer.decision.confidence.mode is ConfidenceMode.OFFLINE
    assert venue.one.sync() is None
    assert venue.live_claims() == 0


def test_a_gate_that_is_gone_is_shown_as_in_progress_until_it_gives_the_claim_up(venue: Venue) -> None:
    code = venue.tickets(1)[0]
    venue.connected()
    held(venue, code)
    for _ in range(2):
        answer = venue.two.admit(code)
        assert answer.decision.verdict is Verdict.IN_PROGRESS
        assert answer.decision.params["gate"] == "A"
        venue.age_claims()
        venue.two.clock.advance(minutes=5)
    with venue.one.line._state:  # as after a restart: the line is new
        venue.one.line._drop_line()
        venue.one.line._state.notify_all()
    eventually(lambda: bool(venue.one.entries("claim_dropped")))
    dropped = venue.one.entries("claim_dropped")
    assert [entry.body["reason"] for entry in dropped] == ["LOST"]
    assert venue.one.sync() is None
    assert venue.live_claims() == 0
    assert venue.two.admit(code).opens


def test_the_same_station_opens_over_a_claim_that_it_lost_itself(venue: Venue) -> None:
    code = venue.tickets(1)[0]
    venue.connected()
    held(venue, code)
    venue.age_claims()
    assert venue.one.admit(code).opens
    assert venue.live_claims() == 1


def test_a_claim_dropped_before_it_arrives_is_not_held_afterwards(venue: Venue) -> None:
    code = venue.tickets(1)[0]
    venue.connected()
    feed, entry_id = held(venue, code)
    body = {
        "claim": entry_id, "serial": serial_of(code), "event": int(feed.split(":")[1]), "gate": "A",
        "lane": "1", "reason": "TOO_LATE",
    }  # fmt: skip
    with venue.one.station.store.begin() as work:
        work.append(Draft("claim_dropped", (feed,), body), SYSTEM)
        work.commit()
    assert venue.one.sync() is None
    assert venue.live_claims() == 0
    with venue.one.station.store.read() as read:
        asked = ClaimAsked(feed, serial_of(code), "A", "1", tuple(read.seen_entries(serial_of(code))))
    venue.one.line.ask(asked, entry_id, time.monotonic() + 5)
    assert venue.live_claims() == 0


def test_another_stations_drop_ends_nothing(venue: Venue) -> None:
    code = venue.tickets(1)[0]
    venue.connected()
    feed, entry_id = held(venue, code)
    body = {
        "claim": entry_id, "serial": serial_of(code), "event": int(feed.split(":")[1]), "gate": "B",
        "lane": "1", "reason": "TOO_LATE",
    }  # fmt: skip
    with venue.two.station.store.begin() as work:
        work.append(Draft("claim_dropped", (feed,), body), SYSTEM)
        work.commit()
    assert venue.two.sync() is None
    assert venue.live_claims() == 1


def test_a_revoked_station_closes_its_gate_at_the_next_claim(venue: Venue) -> None:
    first, second = venue.tickets(2)
    venue.connected()
    with venue.hub.admin() as admin:
        admin.execute(
            "UPDATE hub.station SET revoked_at = now(), trusted_seq = 0 WHERE station = %s", (venue.one.id,)
        )
    with pytest.raises(Refusal) as refused:
        venue.one.admit(first)
    assert refused.value.code == "REVOKED"
    venue.hub.server.stop("immediate")
    with pytest.raises(Refusal) as again:
        venue.one.admit(second)
    assert again.value.code == "REVOKED"
    assert venue.one.entries("admitted") == []
    venue.hub.server.start()


def test_a_refusal_here_asks_nobody(venue: Venue) -> None:
    code = venue.tickets(1)[0]
    venue.connected()
    assert venue.one.admit(code).opens
    venue.one.clock.advance(60)
    assert venue.one.admit(code).decision.verdict is Verdict.ALREADY_USED
    assert venue.live_claims() == 1


@pytest.mark.parametrize(
    "call",
    [
        "api_1.claim('org', '0123456789abcdef', '{}', gen_random_uuid(), 'A', '1')",
        "api_1.claim('event:1', 'x', '{}', gen_random_uuid(), 'A', '1')",
        "api_1.claim('event:1', '0123456789abcdef', NULL, gen_random_uuid(), 'A', '1')",
        "api_1.claim('event:1', '0123456789abcdef', '{NULL}', gen_random_uuid(), 'A', '1')",
        "api_1.claim('event:1', '0123456789abcdef', '{}', NULL, 'A', '1')",
        "api_1.claim('event:1', '0123456789abcdef', '{}', gen_random_uuid(), 'A B', '1')",
        "api_1.claim('event:1', '0123456789abcdef', '{}', gen_random_uuid(), 'A', repeat('x', 41))",
    ],
)
def test_a_malformed_claim_is_refused_and_leaves_nothing(hub: Hub, call: str) -> None:
    enrolled = hub.join()
    conninfo = psycopg.conninfo.make_conninfo(enrolled.dsn, password=enrolled.password)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        row = connection.execute(f"SELECT {call}".encode()).fetchone()
    assert row is not None
    assert row[0]["code"] == "BAD_REQUEST"
    with hub.admin() as admin:
        assert admin.execute("SELECT count(*) FROM hub.gate_row").fetchone() == (0,)
