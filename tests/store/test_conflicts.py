"""Conflicts in the store: two stations with the same entries have the same conflicts, whatever came first."""

import itertools
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store.schema import CONFLICT, CONFLICT_WITNESS
from domain.actor import SYSTEM, Actor
from domain.conflicts import Code, conflict_id
from domain.entry import Draft, Entry
from sync.ports import Cursor, Page
from tests.builders import make_event, make_performance, make_product
from tests.store.rights_drafts import reserved
from tests.store.station import CASHIER_ID, Sale, Station, changed, made, reprinted, scanned, undone

GATE_PERSON = Actor(user="00000000-0000-4000-8000-000000000002", login="otto")


def codes(station: Station) -> dict[str, tuple[str, ...]]:
    """Open conflicts: code → entries."""
    with station.store.read() as read:
        return {row.code: tuple(row.entries) for row in read.conflicts()}


def tell(station: Station, entries: list[Entry]) -> None:
    """Another station's entries arrive."""
    station.store.replica._verify = lambda entry: None
    with station.store.read() as read:
        position = read.journal_rows(1)[0].seq if read.journal_rows(1) else 0
    station.store.replica.apply(Page("org", entries, Cursor(position + 1_000, bytes(32))))


def own(station: Station) -> list[Entry]:
    return list(station.store.outbox.batch(0, 10_000, 10_000_000))


@pytest.fixture
def theatre(make_station: Any) -> Station:
    station: Station = make_station(1)
    station.open_theatre()
    return station


def sold(theatre: Station, **facts: Any) -> Sale:
    sale = Sale(theatre.random, **facts)
    theatre.append(sale.draft())
    return sale


def test_an_ordinary_evening_has_no_conflict(theatre: Station) -> None:
    sale = sold(theatre)
    for serial in sale.serials:
        theatre.append(scanned("admitted", serial))
    assert codes(theatre) == {}
    assert theatre.store.open_conflicts() == 0


def test_two_admissions_are_one_conflict_and_an_undo_takes_it_back(theatre: Station) -> None:
    serial = sold(theatre).serials[0]
    first = theatre.append(scanned("admitted", serial))[0]
    second = theatre.append(scanned("admitted", serial, gate="B"))[0]
    assert codes(theatre) == {"DUP_ADMISSION": tuple(sorted((first.entry_id, second.entry_id)))}
    theatre.append(undone(second.entry_id, serial))
    assert codes(theatre) == {}


def test_an_unknown_ticket_is_a_conflict_until_its_sale_comes(theatre: Station, make_station: Any) -> None:
    sale = Sale(theatre.random)
    theatre.append(scanned("admitted", sale.serials[0], verdict="UNKNOWN"))
    assert list(codes(theatre)) == ["UNKNOWN_TICKET"]
    till = make_station(2)
    tell(theatre, till.append(sale.draft()))
    assert codes(theatre) == {}


def test_a_cancellation_that_comes_late_finds_sales_and_admissions_made_after_it(
    theatre: Station, make_station: Any
) -> None:
    office = make_station(2)
    cancelled = office.append(
        Draft("event_cancelled", ("org",), {"event": 100, "reason": "fire", "rule": "all"})
    )
    theatre.clock.advance(minutes=5)
    sale = sold(theatre)
    theatre.append(scanned("admitted", sale.serials[0]))
    assert codes(theatre) == {}
    tell(theatre, cancelled)
    assert set(codes(theatre)) == {"SOLD_AFTER_CANCEL", "ADMITTED_AFTER_CANCEL"}


def test_a_new_price_that_comes_late_finds_the_sales_made_at_the_old_one(
    theatre: Station, make_station: Any
) -> None:
    office = make_station(2)
    before = sold(theatre, first_slot=10)
    theatre.clock.advance(minutes=5)
    office.clock.advance(minutes=3)
    priced = office.append(changed(make_product(), price_minor=2500, price_version=2))
    after = sold(theatre, number=2, first_slot=20)
    tell(theatre, priced)
    with theatre.store.read() as read:
        assert [row.subject for row in read.conflicts()] == [f"order:{after.order}"]
        assert read.order(before.order) is not None


def test_a_reprint_that_comes_late_finds_the_old_print_let_in(theatre: Station, make_station: Any) -> None:
    sale = sold(theatre)
    till = make_station(2)
    again = till.append(reprinted(sale.order, sale.serials[0], 2))
    theatre.clock.advance(minutes=5)
    theatre.append(scanned("admitted", sale.serials[0]))
    assert codes(theatre) == {}
    tell(theatre, again)
    assert list(codes(theatre)) == ["ADMITTED_AFTER_REPRINT"]


def test_a_seat_sold_twice_is_found(theatre: Station) -> None:
    for number, seat in ((1, "A1"), (2, "A2"), (3, "A1")):
        draft = Sale(theatre.random, count=1, number=number, first_slot=number).draft()
        draft.body["positions"][0]["seat"] = seat
        theatre.append(draft)
    with theatre.store.read() as read:
        assert [row.subject for row in read.conflicts()] == ["seat:200:A1"]


def test_a_place_used_twice_is_found_in_each_pool(theatre: Station) -> None:
    sold(theatre, count=2, first_slot=1)
    sold(theatre, count=1, number=2, first_slot=2)
    with theatre.store.read() as read:
        found = [(row.code, row.subject) for row in read.conflicts()]
    assert found == [("LEASE_SLOT_REUSED", "pool:200"), ("LEASE_SLOT_REUSED", "pool:400")] or sorted(
        found
    ) == [("LEASE_SLOT_REUSED", "pool:200"), ("LEASE_SLOT_REUSED", "pool:400")]


def test_more_sold_than_the_pool_holds_is_found_and_goes_when_it_grows(theatre: Station) -> None:
    theatre.append(changed(make_performance(), capacity=2), actor=SYSTEM)
    sold(theatre, count=2)
    assert codes(theatre) == {}
    late = sold(theatre, count=1, number=2, first_slot=3)
    assert list(codes(theatre)) == ["LEASE_OVERRUN"]
    theatre.append(changed(make_performance(), capacity=3), actor=SYSTEM)
    assert codes(theatre) == {}
    assert late.serials


def test_a_person_without_the_right_is_found_even_when_they_become_known_later(theatre: Station) -> None:
    serial = sold(theatre).serials[0]
    theatre.append(scanned("admitted", serial), actor=GATE_PERSON)
    theatre.append(Sale(theatre.random, number=2, first_slot=9).draft(), actor=GATE_PERSON)
    assert codes(theatre) == {}, "nobody here knows what they may do"
    body = {"user": GATE_PERSON.user, "login": "otto", "roles": ["gate"]}
    theatre.append(Draft("user_created", ("org",), body), actor=SYSTEM)
    assert list(codes(theatre)) == ["USER_NOT_ALLOWED"]
    with theatre.store._core.reading() as connection:
        windows = connection.execute(CONFLICT_WITNESS.select()).mappings().all()
    assert [row["window"] for row in windows if GATE_PERSON.user in row["subject"]] == ["order_sold"]


def test_a_reservation_is_found_under_its_own_kind_whether_the_person_was_known_or_not(
    theatre: Station,
) -> None:
    body = {"user": GATE_PERSON.user, "login": "otto", "roles": ["gate"]}
    theatre.append(reserved(Sale(theatre.random)), actor=GATE_PERSON)
    theatre.append(Draft("user_created", ("org",), body), actor=SYSTEM)
    theatre.append(reserved(Sale(theatre.random, first_slot=9)), actor=GATE_PERSON)
    with theatre.store._core.reading() as connection:
        windows = connection.execute(CONFLICT_WITNESS.select()).mappings().all()
    assert [row["window"] for row in windows] == ["order_reserved", "order_reserved"]


def test_a_clock_far_from_the_hub_is_one_conflict_a_day(theatre: Station) -> None:
    theatre.store.note_hub_time(11 * 60 * 1000)
    for number in (1, 2):
        sold(theatre, number=number, first_slot=number * 5)
    assert list(codes(theatre)) == ["CLOCK_SUSPECT"]


def test_a_clock_a_little_off_is_none(theatre: Station) -> None:
    theatre.store.note_hub_time(9 * 60 * 1000)
    sold(theatre)
    assert codes(theatre) == {}


def test_two_changes_of_one_field_on_one_base_clash(theatre: Station, make_station: Any) -> None:
    office = make_station(2)
    theirs = office.append(changed(make_event(), _base="1", name="Hamlet II"))
    theatre.append(changed(make_event(), _base="1", name="Hamlet III"))
    tell(theatre, theirs)
    with theatre.store.read() as read:
        (row,) = read.conflicts()
        view = read.conflict(row.conflict)
    assert (row.code, row.window) == ("CATALOGUE_CLASH", "name@1")
    assert view is not None
    assert {side.detail for side in view.sides} == {"name = Hamlet II", "name = Hamlet III"}


def test_a_product_that_comes_late_says_how_often_its_tickets_may_be_used(
    theatre: Station, make_station: Any
) -> None:
    late = make_product(number=305, code="LATE", admits=1)
    serial = sold(theatre, product=305).serials[0]
    for gate in ("A", "B"):
        theatre.append(scanned("admitted", serial, product=305, gate=gate))
    assert codes(theatre) == {}
    tell(theatre, make_station(2).append(made(late)))
    assert list(codes(theatre)) == ["DUP_ADMISSION"]


def test_both_sides_are_shown_with_their_clocks(theatre: Station, make_station: Any) -> None:
    other: Station = make_station(2)
    serial = sold(theatre).serials[0]
    theatre.append(scanned("admitted", serial))
    other.store.note_hub_time(2_000)
    tell(theatre, other.append(scanned("admitted", serial, gate="B")))
    with theatre.store.read() as read:
        view = read.conflict(read.conflicts()[0].conflict)
    assert view is not None
    assert {side.gate for side in view.sides} == {"A", "B"}
    by_gate = {side.gate: side for side in view.sides}
    assert not by_gate["A"].measured
    assert by_gate["B"].measured
    assert by_gate["B"].earliest < by_gate["B"].latest
    assert view.order == "unknown"


# The same everywhere.


def two_stations(make_station: Any, seed: int) -> tuple[list[Entry], list[Entry]]:
    """What two stations did while neither heard of the other: most kinds of conflict, and plain sales."""
    one, two = make_station(seed), make_station(seed + 1)
    one.open_theatre()
    first = Sale(one.random, count=3)
    one.append(first.draft())
    two.clock.advance(minutes=1)
    two.append(changed(make_product(), price_minor=2500, price_version=2, _base="0"))
    one.append(changed(make_product(), price_minor=1900, _base="0"))
    two.append(Sale(two.random, count=2, prefix="K2", lease="own").draft())
    for station, gate in ((one, "A"), (two, "B")):
        station.append(*(scanned("admitted", serial, gate=gate) for serial in first.serials[:2]))
    two.append(scanned("admitted", "00000000000000ff", verdict="UNKNOWN", gate="B"))
    two.append(reprinted(first.order, first.serials[2], 2))
    one.clock.advance(minutes=10)
    last = one.append(scanned("admitted", first.serials[2]))[0]
    one.append(Sale(one.random, number=2, first_slot=9).draft())
    two.append(Draft("event_cancelled", ("org",), {"event": 100, "reason": "fire", "rule": "all"}))
    one.append(Draft("user_created", ("org",), {"user": CASHIER_ID, "login": "anna", "roles": ["cashier"]}))
    one.append(undone(last.entry_id, first.serials[2]))
    return own(one), own(two)


def table(station: Station) -> list[tuple[Any, ...]]:
    with station.store._core.reading() as connection:
        rows = connection.execute(CONFLICT.select().order_by(CONFLICT.c.conflict)).all()
    return [tuple(row) for row in rows]


@pytest.fixture
def histories(make_station: Any) -> tuple[list[Entry], list[Entry], list[tuple[Any, ...]]]:
    """What both did, and the conflicts of a station that hears first all of one, then all of the other."""
    ones, twos = two_stations(make_station, 100)
    straight = make_station(102)
    tell(straight, ones)
    tell(straight, twos)
    return ones, twos, table(straight)


SEEDS = itertools.count(1000)


@given(shuffle=st.randoms(use_true_random=False), pages=st.integers(1, 6))
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_conflicts_do_not_depend_on_the_order_in_which_entries_arrive(
    make_station: Any, histories: Any, shuffle: random.Random, pages: int
) -> None:
    ones, twos, straight = histories
    mixed = make_station(next(SEEDS))
    everything = [*ones, *twos]
    shuffle.shuffle(everything)
    size = len(everything) // pages + 1
    for at in range(0, len(everything), size):
        tell(mixed, everything[max(0, at - 2) : at + size])
    assert table(mixed) == straight
    found = {row[1] for row in straight}
    assert found >= {
        "DUP_ADMISSION", "UNKNOWN_TICKET", "PRICE_STALE", "LEASE_SLOT_REUSED", "CATALOGUE_CLASH",
        "USER_NOT_ALLOWED",
    }  # fmt: skip


def test_a_resolution_that_did_not_see_all_leaves_the_conflict_open(
    theatre: Station, make_station: Any
) -> None:
    other: Station = make_station(2)
    serial = sold(theatre).serials[0]
    theatre.append(scanned("admitted", serial), scanned("admitted", serial, gate="B"))
    (entries,) = codes(theatre).values()
    name = conflict_id(Code.DUP_ADMISSION, f"ticket:{serial}", "")
    body = {
        "conflict": name, "code": "DUP_ADMISSION", "subject": f"ticket:{serial}", "window": "",
        "seen": list(entries), "reason": "copied_ticket", "event": 100,
    }  # fmt: skip
    theatre.append(Draft("conflict_resolved", ("event:100",), body))
    assert codes(theatre) == {}
    tell(theatre, other.append(scanned("admitted", serial, gate="C")))
    assert list(codes(theatre)) == ["DUP_ADMISSION"]
    with theatre.store.read() as read:
        view = read.conflict(name)
    assert view is not None
    assert [said.whole for said in view.resolutions] == [False]
