"""What happens to orders after their sale, as the tables tell it: in any order of arrival the same."""

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store import journal as store_journal
from app.store.verify import projection_sums
from domain.actor import SYSTEM
from domain.entry import Draft, Entry, Who, seal
from domain.ids import uuid7
from tests.builders import NOW
from tests.store import rights_drafts as after
from tests.store.station import Sale, Station, scanned, shift_opened
from tests.store.test_conflicts import codes, own, tell

SHIFT = "00000000-0000-4000-8000-00000000000a"


@pytest.fixture
def theatre(make_station: Any) -> Station:
    station: Station = make_station(1)
    station.open_theatre()
    return station


def used(station: Station, pool: int = 200) -> int:
    with station.store.read() as read:
        return read.used_slots([pool])[pool]


def order(station: Station, sale: Sale) -> Any:
    with station.store.read() as read:
        view = read.order(sale.order)
    assert view is not None
    return view


def facts(station: Station, serial: str) -> Any:
    with station.store.read() as read:
        found = read.facts(serial)
    assert found is not None
    return found


def test_a_reservation_takes_places_and_has_no_receipt_until_it_is_paid(theatre: Station) -> None:
    sale = Sale(theatre.random)
    theatre.append(after.reserved(sale, NOW + timedelta(hours=1)))
    assert (order(theatre, sale).state, order(theatre, sale).receipt) == ("reserved", "")
    assert used(theatre) == 2
    assert facts(theatre, sale.serials[0]).unpaid_minor == sale.price_minor * 2
    theatre.append(after.paid(sale, 7))
    assert (order(theatre, sale).state, order(theatre, sale).receipt) == ("paid", "K1-000007")
    assert facts(theatre, sale.serials[0]).unpaid_minor == 0
    with theatre.store.read() as read:
        assert read.next_receipt_number("K1", 1, practice=False) == 8
        assert [row.order for row in read.find_orders("K1-000007")] == [sale.order]


def test_a_reservation_given_up_frees_its_places_and_its_tickets_are_void(theatre: Station) -> None:
    sale = Sale(theatre.random)
    theatre.append(after.reserved(sale), after.let_go(sale))
    assert order(theatre, sale).state == "released"
    assert used(theatre) == 0
    assert facts(theatre, sale.serials[0]).cancelled_at is not None
    assert codes(theatre) == {}


def test_an_overdue_reservation_is_listed_until_somebody_pays_or_gives_it_up(theatre: Station) -> None:
    late, early = Sale(theatre.random), Sale(theatre.random, number=2, first_slot=5)
    theatre.append(after.reserved(late, NOW + timedelta(hours=2)), after.reserved(early, NOW))
    with theatre.store.read() as read:
        assert read.overdue_reservations(NOW) == [early.order]
        assert read.overdue_reservations(NOW + timedelta(hours=3)) == [early.order, late.order]
    theatre.append(after.paid(early))
    with theatre.store.read() as read:
        assert read.overdue_reservations(NOW) == []


def test_one_ticket_of_two_refunded_leaves_the_other_good(theatre: Station) -> None:
    sale = Sale(theatre.random)
    theatre.append(sale.draft(), after.back(sale, sale.serials[0]))
    view = order(theatre, sale)
    assert view.state == "partly_refunded"
    assert [ticket.state for ticket in view.tickets] == ["cancelled", "active"]
    assert view.returned.minor == sale.price_minor
    assert view.backs[0].serials == (sale.serials[0],)
    assert facts(theatre, sale.serials[0]).refunded_at is not None
    assert facts(theatre, sale.serials[1]).refunded_at is None
    assert used(theatre) == 1
    theatre.append(after.back(sale, sale.serials[1]))
    assert order(theatre, sale).state == "refunded"
    assert used(theatre) == 0
    assert codes(theatre) == {}


def test_a_voided_order_is_void_and_its_tickets_are_cancelled_not_refunded(theatre: Station) -> None:
    sale = Sale(theatre.random)
    theatre.append(sale.draft(), after.back(sale, kind="order_voided"))
    assert order(theatre, sale).state == "void"
    assert facts(theatre, sale.serials[0]).refunded_at is None
    assert facts(theatre, sale.serials[0]).cancelled_at is not None


def test_cash_given_back_lowers_what_should_be_in_the_drawer(theatre: Station) -> None:
    sale = Sale(theatre.random)
    theatre.append(shift_opened(SHIFT))
    theatre.append(sale.draft(), shift=SHIFT)
    theatre.append(after.back(sale, sale.serials[0]), shift=SHIFT)
    with theatre.store.read() as read:
        shift = read.shift(SHIFT)
    assert shift is not None
    assert shift.tenders == {"cash": sale.price_minor}
    assert shift.expected.minor == shift.float_.minor + sale.price_minor


def test_a_reservation_counts_in_the_shift_that_took_its_money(theatre: Station) -> None:
    sale, other = Sale(theatre.random), Sale(theatre.random, number=1, first_slot=5)
    theatre.append(shift_opened(SHIFT))
    theatre.append(after.reserved(sale), shift="00000000-0000-4000-8000-00000000000b")
    theatre.append(other.draft(), after.paid(sale, 2), shift=SHIFT)
    with theatre.store.read() as read:
        shift = read.shift(SHIFT)
    assert shift is not None
    assert (shift.receipts_first, shift.receipts_last, shift.receipts_count) == ("K1-000001", "K1-000002", 2)


@pytest.mark.parametrize("kept_first", [True, False])
def test_a_ticket_sold_twice_is_held_back_by_the_order_that_it_belongs_to(
    theatre: Station, make_station: Any, *, kept_first: bool
) -> None:
    earlier, later = Sale(theatre.random), Sale(theatre.random, number=2, first_slot=5)
    later.serials[0] = earlier.serials[0]
    drafts = [earlier.draft(), after.reserved(later), after.back(later)]
    entries = [theatre.append(draft)[0] for draft in drafts]
    other = make_station(2)
    tell(other, entries if kept_first else [*entries[1:], entries[0]])
    with other.store.read() as read:
        assert [part.void for part in read.sold_parts(earlier.order)] == [False, False]
        assert [part.serial for part in read.sold_parts(later.order)] == later.serials[1:]
        assert [part.void for part in read.sold_parts(later.order)] == [True]


# Conflicts.


def test_a_reservation_paid_at_two_tills_is_paid_twice(theatre: Station, make_station: Any) -> None:
    sale, till = Sale(theatre.random), make_station(2)
    theatre.append(after.reserved(sale))
    one = theatre.append(after.paid(sale))[0]
    assert codes(theatre) == {}
    two = till.append(after.paid(sale, 1, "K2", "card"))[0]
    tell(theatre, [two])
    assert codes(theatre) == {"PAID_TWICE": tuple(sorted((one.entry_id, two.entry_id)))}


def test_a_reservation_paid_in_two_parts_is_paid_once(theatre: Station) -> None:
    sale = Sale(theatre.random)
    first, second = after.paid(sale), after.paid(sale, tender="card")
    for draft, part in ((first, 500), (second, sale.price_minor * 2 - 500)):
        draft.body["amount_minor"] = draft.body["tendered_minor"] = part  # type: ignore[index]
    theatre.append(after.reserved(sale), first)
    assert order(theatre, sale).state == "reserved"
    theatre.append(second)
    assert order(theatre, sale).state == "paid"
    assert codes(theatre) == {}


@pytest.mark.parametrize("paid_first", [True, False])
def test_paid_and_given_up_is_one_conflict_and_the_guest_stays_a_guest(
    theatre: Station, make_station: Any, *, paid_first: bool
) -> None:
    sale, till = Sale(theatre.random), make_station(2)
    theatre.append(after.reserved(sale))
    till.clock.advance(minutes=5)
    away = till.append(after.let_go(sale) if paid_first else after.paid(sale, prefix="K2"))
    theatre.append(after.paid(sale) if paid_first else after.let_go(sale))
    tell(theatre, away)
    assert list(codes(theatre)) == ["PAID_AFTER_RELEASE"]
    assert order(theatre, sale).state == "paid"
    assert facts(theatre, sale.serials[0]).cancelled_at is None


def test_tickets_refunded_at_two_tills_are_one_conflict_of_the_order(
    theatre: Station, make_station: Any
) -> None:
    sale, till = Sale(theatre.random), make_station(2)
    theatre.append(sale.draft())
    one = theatre.append(after.back(sale))[0]
    two = till.append(after.back(sale, tender="card"))[0]
    tell(theatre, [two])
    assert codes(theatre) == {"REFUND_TWICE": tuple(sorted((one.entry_id, two.entry_id)))}


def test_let_in_on_a_ticket_whose_refund_did_not_know_of_it(theatre: Station, make_station: Any) -> None:
    sale, till = Sale(theatre.random), make_station(2)
    theatre.append(sale.draft())
    refund = till.append(after.back(sale, sale.serials[0]))
    theatre.append(scanned("admitted", sale.serials[0]), scanned("admitted", sale.serials[1]))
    assert codes(theatre) == {}
    tell(theatre, refund)
    assert list(codes(theatre)) == ["ADMITTED_AFTER_REFUND"]


def test_a_refund_that_knew_of_the_visit_is_no_conflict(theatre: Station) -> None:
    sale = Sale(theatre.random)
    theatre.append(sale.draft())
    came = theatre.append(scanned("admitted", sale.serials[0]))[0]
    theatre.append(after.back(sale, sale.serials[0], seen=(came.entry_id,)))
    assert codes(theatre) == {}
    theatre.append(scanned("admitted", sale.serials[0], gate="B"))
    assert set(codes(theatre)) == {"ADMITTED_AFTER_REFUND"}


def test_a_value_spent_at_two_tills_is_overspent_once(theatre: Station, make_station: Any) -> None:
    till = make_station(2)
    theatre.append(after.issued(5_000), after.spent(4_000, theatre.random))
    assert codes(theatre) == {}
    tell(theatre, till.append(after.spent(4_000, till.random)))
    assert list(codes(theatre)) == ["VALUE_OVERSPENT"]
    with theatre.store.read() as read:
        (row,) = read.conflicts()
    assert len(row.entries) == 2


# The same everywhere.


def both(make_station: Any) -> list[Entry]:
    """What two tills did to the same orders while neither heard of the other."""
    one, two = make_station(50), make_station(51)
    one.open_theatre()
    sold, kept = Sale(one.random, count=3), Sale(one.random, number=2, first_slot=5)
    lost = Sale(one.random, count=1, number=3, first_slot=9)
    one.append(sold.draft(), after.reserved(kept), after.reserved(lost), after.issued(5_000))
    two.clock.advance(minutes=1)
    two.append(after.paid(kept, 1, "K2"), after.back(sold, tender="card"), after.let_go(lost))
    one.append(after.paid(kept, 2), scanned("admitted", sold.serials[0]), after.paid(lost, 3))
    one.append(after.back(sold, sold.serials[1]), after.spent(3_000, one.random))
    two.append(after.spent(3_000, two.random), after.given_up((sold.order, 0)))
    one.append(after.granted(kept.order, "bbbb0002", 1))
    return own(one) + own(two)


@pytest.fixture
def told(make_station: Any) -> tuple[list[Entry], dict[str, str], dict[str, Any]]:
    entries = both(make_station)
    straight = make_station(52)
    tell(straight, entries)
    with straight.store._core.reading() as connection:
        return entries, projection_sums(connection), codes(straight)


SEEDS = itertools.count(2000)


@given(shuffle=st.randoms(use_true_random=False), pages=st.integers(1, 5))
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_states_money_places_and_conflicts_do_not_depend_on_the_order_of_arrival(
    make_station: Any, told: Any, shuffle: random.Random, pages: int
) -> None:
    entries, sums, found = told
    mixed = make_station(next(SEEDS))
    everything = list(entries)
    shuffle.shuffle(everything)
    size = len(everything) // pages + 1
    for at in range(0, len(everything), size):
        tell(mixed, everything[max(0, at - 2) : at + size])
    with mixed.store._core.reading() as connection:
        assert projection_sums(connection) == sums
    assert codes(mixed) == found
    assert set(found) >= {
        "PAID_TWICE", "PAID_AFTER_RELEASE", "REFUND_TWICE", "ADMITTED_AFTER_REFUND", "VALUE_OVERSPENT",
    }  # fmt: skip


def test_an_own_entry_that_names_no_order_keeps_nobody_from_giving_rights_up(theatre: Station) -> None:
    """Another program has written it into this file; it must not stop the exchange with the hub for ever."""
    sale = Sale(theatre.random)
    theatre.append(sale.draft())
    append_past_checks(theatre, Draft("order_sold", ("cash", "event:100"), {"order": 7, "positions": []}))
    assert theatre.store.rights.give_back()
    (given_up,) = [entry for entry in own(theatre) if entry.kind == "right_released"]
    assert given_up.body == {"rights": [{"order": sale.order, "number": 0}], "values": []}


def append_past_checks(station: Station, draft: Draft) -> None:
    """As a newer or a broken program would: sealed, chained and stored, and not projected."""
    journal, identity = station.store._journal, station.store.identity
    with station.store._core.writing() as work:
        seq, digest, hlc = journal._end(work.connection)
        entry = seal(
            draft, station=identity.station, epoch=identity.epoch, seq=seq + 1,
            entry_id=uuid7(hlc.ms + 1, station.random), hlc=str(hlc.tick(hlc.ms)), clocks=journal._clocks(),
            actor=Who(SYSTEM.user), shift=None, prev_hash=digest, sign=identity.key.sign,
        )  # fmt: skip
        store_journal._INSERT.run(work.connection, store_journal._row(entry))
        work.commit()
