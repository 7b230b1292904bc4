"""State is a function of the set of entries: any order, any repetition, any station gives equal tables."""

import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from app.store import replica
from app.store.schema import META, PROJECTED
from app.store.verify import projection_sums
from domain.conflicts import Code
from domain.entry import Draft, Entry
from domain.ticket_code import SigningKey
from sync.ports import Cursor, Page
from tests.builders import make_event, make_gate, make_performance, make_product, make_promo, make_quota
from tests.journal import WALL_MS, Journal
from tests.store import rights_drafts as after
from tests.store.station import (
    Sale,
    changed,
    made,
    printed,
    refused,
    reprinted,
    resolved,
    scanned,
    shift_closed,
    shift_opened,
    undone,
)

SOAK = bool(os.environ.get("GATEHOUSE_SOAK"))
SOON = "2027-01-16T08:00:00.000Z"
SHIFT = "00000000-0000-4000-8000-00000000000a"


def journal(station: str, seed: int) -> Journal:
    import random

    return Journal(
        station, SigningKey.from_seed(bytes([seed]) * 32), random_bytes=random.Random(seed).randbytes
    )


def history() -> list[Entry]:
    """Two stations: a catalogue with clashing patches, sales, a group in parts, the same serial sold twice,
    prints, admissions, exits, undos, refusals, a shift."""
    one, two = journal("aaaa0001", 1), journal("bbbb0002", 2)
    rnd = random.Random(3).randbytes

    def add(where: Journal, draft: Draft) -> Entry:
        return where.add(draft.kind, draft.feeds, draft.body)

    for thing in (make_event(), make_performance(), make_quota(), make_product(quotas=(400,)), make_gate()):
        add(one, made(thing))
    add(one, Draft("event_published", ("org",), {"event": 100}))
    add(two, changed(make_product(), price_minor=2500, price_version=2))
    add(one, changed(make_product(), price_minor=1900, name="Adult"))
    add(two, changed(make_event(), name="Hamlet II"))
    add(two, Draft("event_finished", ("org",), {"event": 100}))
    add(one, Draft("event_cancelled", ("org",), {"event": 100, "reason": "fire", "rule": "all"}))
    add(one, Draft("settings_changed", ("org",), {"values": {"name": "A", "smallest_coin": 5}}))
    add(two, Draft("settings_changed", ("org",), {"values": {"name": "B"}}))
    user = "00000000-0000-4000-8000-000000000001"
    for where in (one, two):
        known_hash = ("0a" if where is one else "0b") * 32
        named = {"document": user, "document_hash": known_hash}
        body = {"user": user, "login": "anna", "roles": ["cashier"], **named}
        add(where, Draft("user_created", ("org",), body))
        gone = {"document": user, "kind": "person", "feed": "org", "reason": "REQUEST"}
        add(where, Draft("document_erased", ("org",), gone))
    add(one, shift_opened(SHIFT))
    first, second = Sale(rnd), Sale(rnd, number=2, first_slot=3)
    group = Sale(rnd, count=4, number=3, first_slot=5)
    twin = Sale(rnd, count=1, number=1, prefix="K2", lease="two")
    twin.serials = [second.serials[0]]
    for sale in (first, second):
        add(one, sale.draft())
    for part in (1, 2):
        add(one, group.draft(part=(part, 2), serials=2))
    add(two, twin.draft())
    add(one, printed(first.order, first.serials))
    add(two, reprinted(first.order, first.serials[0], 2))
    came = add(two, scanned("admitted", first.serials[0], gate="B"))
    add(two, scanned("exited", first.serials[0], gate="B"))
    again = add(one, scanned("admitted", first.serials[0]))
    add(two, undone(came.entry_id, first.serials[0]))
    add(two, undone(again.entry_id, first.serials[0]))
    add(one, scanned("admitted", second.serials[0], performance=None))
    add(one, scanned("admitted", "00000000000000aa", people=3))
    add(one, refused(first.serials[1]))
    add(two, refused(None, "FORGED"))
    add(one, shift_closed(SHIFT))
    add(two, changed(make_event(), _base="0", name="Hamlet III"))
    add(one, changed(make_event(), _base="0", name="Hamlet IV"))
    add(one, resolved(Code.ADMITTED_AFTER_CANCEL, second.serials[0], [one.entries[-1].entry_id]))
    given_back = {"lease": "own", "pool": 200, "event": 100, "ranges": [[20, 29], [31, 31]]}
    add(one, Draft("lease_returned", ("event:100",), given_back))
    kept = Sale(rnd, count=1, number=7, first_slot=40)
    for draft in (after.reserved(kept), after.let_go(kept), after.issued(100), after.back(first)):
        add(one, draft)
    for draft in (after.paid(kept, 4, "K2"), after.spent(50, rnd), after.given_up((first.order, 0))):
        add(two, draft)
    start = {
        "payment": kept.payment, "order": kept.order, "tender": "card", "amount_minor": 5, "currency": "EUR",
        "request": None, "slots": [],
    }  # fmt: skip
    add(two, Draft("payment_started", after.FEEDS, start))
    for where, kind, body in people():
        add(one if where == 1 else two, Draft(kind, ("org",), body))
    add(one, made(make_quota(number=600, name="Spring", capacity=1)))
    add(one, made(make_promo()))
    add(two, changed(make_promo(), percent_bp=2000))
    for slot in (1, 2):
        cheap = Sale(rnd, count=1, number=10 + slot, first_slot=70 + slot)
        add(one, after.with_promo(cheap.draft(), slot))
        if slot == 1:
            add(two, after.with_use_back(after.back(cheap), cheap.serials[0]))
    add(two, changed(make_performance(), capacity=9))
    add(one, Sale(rnd, count=1, number=13, first_slot=60).draft())
    granted = {
        "event": 100, "station": "bbbb0002", "epoch": 1, "request": user, "renewed": [], "mac": "00",
        "leases": [{"lease": "lent", "pool": 200, "ranges": [[1, 30]], "seats": False, "ttl_ms": 1}],
    }  # fmt: skip
    add(two, Draft("lease_granted", ("event:100",), granted))
    lent = Sale(rnd, count=2, number=14, first_slot=30, lease="lent", pools=(200,))
    add(one, lent.draft())
    sold_there = Sale(rnd, count=1, number=3, prefix="K2", first_slot=7, lease="lent", pools=(200,))
    sold_there.serials = [lent.serials[0]]
    add(two, sold_there.draft())
    two.user = user  # who has not heard that anna sells nothing any more
    sold_late = Sale(rnd, count=1, number=9, first_slot=60)
    add(two, sold_late.draft())
    add(two, printed(sold_late.order, sold_late.serials))
    return one.entries + two.entries


def people() -> list[tuple[int, str, dict[str, Any]]]:
    """Roles that are taken away at one station while the other goes on, and all that is said of people."""
    anna, boss, far = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
    end = {"session": far, "user": anna, "reason": "from_afar"}
    answer = {"request": far, "user": anna, "role": "gate", "granted": True}
    return [
        (1, "user_created", {"user": boss, "login": "boss", "roles": ["admin"]}),
        (2, "role_changed", {"role": "usher", "permissions": ["admit"], "limits": {"refund": 5}}),
        (1, "user_changed", {"user": anna, "roles": ["usher"], "enabled": None, "reason": None}),
        (2, "user_changed", {"user": boss, "enabled": False, "reason": "left"}),
        (1, "role_changed", {"role": "cashier", "permissions": ["check"], "limits": {}}),
        (1, "role_asked", {"request": far, "user": anna, "role": "gate"}),
        (1, "role_answered", {**answer, "document": boss, "document_hash": "aa" * 32}),
        (2, "role_answered", {**answer, "granted": False, "document": anna, "document_hash": "bb" * 32}),
        (1, "guest_named", {"order": far, "event": 100, "document": boss, "document_hash": "cc" * 32}),
        (2, "guest_named", {"order": far, "event": 100, "document": anna, "document_hash": "dd" * 32}),
        (1, "drawer_opened", {"shift": far, "drawer": "1", "reason": "change"}),
        (2, "practice_opened", {"shift": None, "cashier": None}),
        (1, "session_started", {"session": far, "user": anna, "purpose": "window", "expires_at": None}),
        (1, "session_ended", end),
        (2, "session_ended", {**end, "reason": "signed_out"}),
        (
            1,
            "user_code_issued",
            {"code": far, "user": anna, "purpose": "reset", "code_hash": "00ff", "expires_at": SOON},
        ),
        (1, "user_code_used", {"code": far, "user": anna}),
        (2, "user_code_used", {"code": far, "user": anna}),
    ]


HISTORY = history()


ENGINE = create_engine("sqlite://", poolclass=StaticPool)
with ENGINE.begin() as opened:
    for made_once in (META, *PROJECTED):
        made_once.create(opened)
    opened.execute(META.insert(), [{"name": "version", "value": "1"}])


def sums_of(entries: list[Entry]) -> dict[str, str]:
    """Project entries as a station would, each id once, into plain tables in memory; then undo it all."""
    with ENGINE.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        seen: set[str] = set()
        for entry in entries:
            if entry.entry_id not in seen:
                seen.add(entry.entry_id)
                assert replica.misfit(entry) is None
                assert replica.project(connection, entry) is None
        sums = projection_sums(connection)
        connection.rollback()
    return sums


EXPECTED = sums_of(HISTORY)


def test_the_history_fills_every_table_that_can_be_filled() -> None:
    empty = sums_of([])
    untouched = {name for name, digest in EXPECTED.items() if digest == empty[name]}
    assert untouched == {"certificate", "revocation"}


@given(st.permutations(range(len(HISTORY))))
@settings(max_examples=600 if SOAK else 120, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_of_the_same_entries_gives_equal_tables(order: list[int]) -> None:
    assert sums_of([HISTORY[at] for at in order]) == EXPECTED


def test_the_reverse_order_gives_equal_tables() -> None:
    assert sums_of(HISTORY[::-1]) == EXPECTED


@given(st.lists(st.integers(0, len(HISTORY) - 1), max_size=30), st.randoms(use_true_random=False))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_repeated_entries_change_nothing(repeats: list[int], shuffle: Any) -> None:
    order = [*range(len(HISTORY)), *repeats]
    shuffle.shuffle(order)
    assert sums_of([HISTORY[at] for at in order]) == EXPECTED


@given(st.sets(st.integers(0, len(HISTORY) - 1)), st.randoms(use_true_random=False))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_any_part_of_the_entries_converges_too(chosen: set[int], shuffle: Any) -> None:
    order = sorted(chosen)
    straight = sums_of([HISTORY[at] for at in order])
    shuffle.shuffle(order)
    assert sums_of([HISTORY[at] for at in order]) == straight


def test_what_came_first_does_not_matter_on_the_disk_either(make_station: Any, tmp_path: Path) -> None:
    sums = []
    for seed, entries in ((1, HISTORY), (2, HISTORY[::-1])):
        station = make_station(seed)
        station.store.replica._verify = lambda entry: None
        for at in range(0, len(entries), 7):
            batch = entries[at : at + 7]
            station.store.replica.apply(Page("org", batch + batch[:2], Cursor(at + len(batch), bytes(32))))
        with station.store._core.reading() as connection:
            sums.append(projection_sums(connection))
    assert sums[0] == sums[1] == EXPECTED


def test_the_stamps_of_the_history_are_in_the_past_of_nobody() -> None:
    """The history is only worth something when its stamps differ."""
    stamps = {entry.origin.hlc for entry in HISTORY if entry.station == "aaaa0001"}
    assert len(stamps) == sum(entry.station == "aaaa0001" for entry in HISTORY)
    assert min(stamps) > f"{WALL_MS:014d}"


@pytest.mark.parametrize("seed", range(3))
def test_two_fresh_histories_are_told_apart(seed: int) -> None:
    """The checksum can fail: one entry less is another state."""
    assert sums_of(HISTORY[: -1 - seed]) != EXPECTED
