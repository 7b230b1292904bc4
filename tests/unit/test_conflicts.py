"""Conflicts as the domain finds them: for each code a case that raises it and a near miss that does not."""

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.actor import DEFAULT_RIGHTS, Permission, Role
from domain.admission import Direction, Verdict
from domain.clock import to_ms
from domain.conflict_acts import (
    NEEDED,
    Interval,
    Order,
    Patch,
    Witness,
    allows,
    clock_conflicts,
    clock_window,
    had_seen,
    interval,
    object_conflicts,
    order_of,
    user_conflicts,
)
from domain.conflict_sales import (
    Place,
    Price,
    Sold,
    excess_of,
    order_conflicts,
    pool_conflicts,
    seat_conflicts,
)
from domain.conflict_tickets import Act, Passage, TicketCase, ticket_conflicts
from domain.conflicts import URGENCY, Code, Finding, conflict_id, is_settled
from domain.kinds import SHAPES
from domain.validity import Reentry, ValidityKind
from tests.builders import NOW, make_event, make_pass, make_product, make_validity

SERIAL = "00112233445566aa"


def scan(number: int, minutes: float = 0, **changes: Any) -> Passage:
    """The n-th scan, `minutes` after NOW; its stamp goes with its number."""
    at_ms = to_ms(NOW + timedelta(minutes=minutes))
    facts = {"gate": "A", "direction": Direction.ENTRY, "verdict": "ADMIT", "print_number": 1} | changes
    return Passage(f"entry-{number}", f"{number:04d}", at_ms, **facts)


def case(*passages: Passage, **changes: Any) -> TicketCase:
    facts = {
        "sold_ms": to_ms(NOW - timedelta(days=1)), "product": make_product(), "listed_event": make_event(),
        "event": 100,
    } | changes  # fmt: skip
    return TicketCase(serial=SERIAL, passages=passages, **facts)


def codes(found: list[Finding]) -> list[str]:
    return [one.code.value for one in found]


def sold(number: int, **changes: Any) -> Sold:
    facts = {
        "order": f"order-{number}", "serial": f"serial-{number}", "at_ms": number, "event": 100,
        "product": 300, "price_version": 1,
    } | changes  # fmt: skip
    return Sold(f"sale-{number}", f"{number:04d}", **facts)


# Let in too often.


def test_two_admissions_of_a_single_ticket_are_one_conflict_on_both_entries() -> None:
    found = ticket_conflicts(case(scan(1), scan(2, gate="B")))
    assert codes(found) == ["DUP_ADMISSION"]
    assert found[0].entries == ("entry-1", "entry-2")
    assert found[0].subject == f"ticket:{SERIAL}"


def test_one_admission_is_none() -> None:
    assert ticket_conflicts(case(scan(1))) == []


def test_a_third_admission_makes_the_same_conflict_grow() -> None:
    two, three = (ticket_conflicts(case(*(scan(n) for n in range(count)))) for count in (2, 3))
    assert [one.id for one in two] == [one.id for one in three]
    assert set(two[0].entries) < set(three[0].entries)


def test_a_ticket_for_two_people_admits_two() -> None:
    pair = {"product": make_product(admits=2), "admits": 2}
    assert ticket_conflicts(case(scan(1), scan(2), **pair)) == []
    assert codes(ticket_conflicts(case(scan(1), scan(2), scan(3), **pair))) == ["DUP_ADMISSION"]


def test_ten_entries_are_not_a_conflict_until_the_eleventh() -> None:
    ten = make_pass(ValidityKind.ENTRIES, n=3)
    three = [scan(n, n) for n in range(3)]
    assert ticket_conflicts(case(*three, product=ten)) == []
    assert codes(ticket_conflicts(case(*three, scan(3, 5), product=ten))) == ["DUP_ADMISSION"]


def test_a_pass_with_one_use_a_day_conflicts_on_its_day_only() -> None:
    daily = make_pass(ValidityKind.MONTH, uses_per_day=1)
    days = [scan(1), scan(2, 24 * 60), scan(3, 48 * 60)]
    assert ticket_conflicts(case(*days, product=daily)) == []
    found = ticket_conflicts(case(*days, scan(4, 24 * 60 + 5), product=daily))
    assert [(one.code, one.window, one.entries) for one in found] == [
        (Code.DUP_ADMISSION, "2026-11-22", ("entry-2", "entry-4"))
    ]


def test_coming_back_after_an_exit_is_allowed_but_two_inside_are_not() -> None:
    back = make_product(validity=make_validity(reentry=Reentry.AFTER_EXIT))
    left = scan(2, 5, direction=Direction.EXIT)
    assert ticket_conflicts(case(scan(1), left, scan(3, 9), product=back)) == []
    assert codes(ticket_conflicts(case(scan(1), scan(3, 9), product=back))) == ["DUP_ADMISSION"]


def test_too_early_after_the_last_use_counts_where_uses_keep_a_distance() -> None:
    slow = make_pass(ValidityKind.MONTH, min_gap_minutes=10)
    assert codes(ticket_conflicts(case(scan(1), scan(2, 3), product=slow))) == ["DUP_ADMISSION"]
    assert ticket_conflicts(case(scan(1), scan(2, 10), product=slow)) == []


def test_nothing_is_said_while_the_rules_of_the_product_are_not_known() -> None:
    assert ticket_conflicts(case(scan(1), scan(2), product=None)) == []


# Cancelled, replaced, unknown.


def test_an_admission_after_the_cancellation_is_found_and_one_before_it_is_not() -> None:
    cancelled = Act("cancel", "0005", event=100)
    assert ticket_conflicts(case(scan(4), cancellations=(cancelled,))) == []
    found = ticket_conflicts(case(scan(6), cancellations=(cancelled,)))
    assert codes(found) == ["ADMITTED_AFTER_CANCEL"]
    assert found[0].entries == ("cancel", "entry-6")


def test_the_cancellation_of_another_event_does_not_matter_unless_it_admitted_there() -> None:
    other = (Act("cancel", "0005", event=101),)
    assert ticket_conflicts(case(scan(6), cancellations=other)) == []
    there = ticket_conflicts(case(scan(6, at_event=101), cancellations=other))
    assert codes(there) == ["ADMITTED_AFTER_CANCEL"]


def test_an_old_print_is_a_conflict_only_after_the_new_one_was_made() -> None:
    second = (Act("reprint", "0005", number=2),)
    assert ticket_conflicts(case(scan(4), prints=second)) == []
    assert ticket_conflicts(case(scan(6, print_number=2), prints=second)) == []
    assert ticket_conflicts(case(scan(6, print_number=0), prints=second)) == [], "chosen by hand"
    assert codes(ticket_conflicts(case(scan(6), prints=second))) == ["ADMITTED_AFTER_REPRINT"]


def test_an_unknown_ticket_is_a_conflict_only_while_its_sale_is_missing() -> None:
    trusted = scan(1, verdict="UNKNOWN")
    assert codes(ticket_conflicts(case(trusted, sold_ms=None))) == ["UNKNOWN_TICKET"]
    assert codes(ticket_conflicts(case(scan(1, verdict="UNKNOWN_KEY"), sold_ms=None))) == ["UNKNOWN_TICKET"]
    assert ticket_conflicts(case(trusted)) == []
    assert ticket_conflicts(case(scan(1), sold_ms=None)) == []


def test_each_admission_is_the_one_too_many_in_at_most_one_conflict() -> None:
    found = ticket_conflicts(
        case(
            scan(1, verdict="UNKNOWN"), scan(2, verdict="UNKNOWN"), scan(8), sold_ms=None,
            cancellations=(Act("cancel", "0005", event=100),),
        )
    )  # fmt: skip
    by_code = {one.code: one.entries for one in found}
    assert by_code == {
        Code.UNKNOWN_TICKET: ("entry-1",),
        Code.DUP_ADMISSION: ("entry-1", "entry-2"),
        Code.ADMITTED_AFTER_CANCEL: ("cancel", "entry-8"),
    }


@given(st.permutations(range(6)))
def test_the_order_of_arrival_does_not_matter(order: list[int]) -> None:
    scans = [scan(n, n, print_number=1 + n % 2) for n in range(5)] + [scan(5, 3, direction=Direction.EXIT)]
    prints = (Act("reprint", "0002", number=2),)
    straight = ticket_conflicts(case(*scans, prints=prints))
    assert ticket_conflicts(case(*(scans[at] for at in order), prints=prints)) == straight
    assert len(straight) == 2


# Sales.


def test_a_sale_after_the_cancellation_is_found_and_one_before_it_is_not() -> None:
    cancelled = [Act("cancel", "0005", event=100)]
    assert order_conflicts("o", [sold(4)], cancelled, []) == []
    assert order_conflicts("o", [sold(6, event=101)], cancelled, []) == []
    found = order_conflicts("o", [sold(6)], cancelled, [])
    assert (codes(found), found[0].entries) == (["SOLD_AFTER_CANCEL"], ("cancel", "sale-6"))


def test_a_sale_at_an_older_price_is_found_when_the_new_one_was_valid() -> None:
    prices = [Price("first", "0001", 300, 1), Price("second", "0005", 300, 2)]
    assert order_conflicts("o", [sold(4)], [], prices) == []
    assert order_conflicts("o", [sold(6, price_version=2)], [], prices) == []
    assert order_conflicts("o", [sold(6, product=301)], [], prices) == []
    found = order_conflicts("o", [sold(6)], [], prices)
    assert (codes(found), found[0].entries) == (["PRICE_STALE"], ("sale-6", "second"))


def test_one_seat_with_two_tickets_is_found() -> None:
    assert seat_conflicts(200, "A1", [sold(1)]) == []
    assert seat_conflicts(200, "A1", [sold(1), sold(2, serial="serial-1")]) == [], "one ticket, told twice"
    found = seat_conflicts(200, "A1", [sold(1), sold(2)])
    assert (codes(found), found[0].subject, found[0].at_ms) == (["SEAT_TWICE"], "seat:200:A1", 2)


def test_a_place_of_a_lease_given_out_twice_is_found() -> None:
    apart = [Place("own", 1, sold(1)), Place("own", 2, sold(2)), Place("other", 1, sold(3))]
    assert pool_conflicts(200, 0, apart) == []
    found = pool_conflicts(200, 0, [*apart, Place("own", 2, sold(4))])
    assert [(one.code, one.window, one.entries) for one in found] == [
        (Code.LEASE_SLOT_REUSED, "own", ("sale-2", "sale-4"))
    ]


def test_more_than_the_pool_holds_stands_on_the_latest_sales() -> None:
    places = [Place("own", n, sold(n)) for n in range(1, 4)]
    assert [excess_of(capacity, len(places)) for capacity in (None, 4, 3, 2)] == [0, 0, 0, 1]
    assert pool_conflicts(200, 0, places) == []
    found = pool_conflicts(200, 1, places[::-1])
    assert (codes(found), found[0].entries) == (["LEASE_OVERRUN"], ("sale-3",))


def test_the_rule_for_pools_needs_only_the_shared_places_and_the_last_ones() -> None:
    places = [Place("own", n % 6, sold(n)) for n in range(1, 9)]
    narrow = [place for place in places if place.slot in (1, 2)] + places[-3:]
    few = list({(place.slot, place.sold.serial): place for place in narrow}.values())
    assert len(few) < len(places)
    assert pool_conflicts(200, 3, few) == pool_conflicts(200, 3, places) != []


# Clocks, people, the catalogue.


def test_a_clock_is_suspect_from_ten_minutes_on() -> None:
    assert clock_window(0, None) is None
    assert clock_window(0, 600_000) is None
    assert clock_window(to_ms(NOW), 600_001) == "2026-11-21"
    assert clock_window(to_ms(NOW), -600_001) == "2026-11-21"


def test_a_wrong_clock_is_one_conflict_a_day_on_its_first_entry() -> None:
    witnesses = [Witness(f"e{n}", f"{n:04d}", n, "2026-11-21") for n in (3, 1, 2)]
    found = clock_conflicts("aaaa0001", [*witnesses, Witness("e9", "0009", 9, "2026-11-22")])
    assert [(one.window, one.entries) for one in found] == [("2026-11-21", ("e1",)), ("2026-11-22", ("e9",))]
    assert clock_conflicts("aaaa0001", []) == []


def rights(*spans: tuple[str, set[str]]) -> Any:
    """A timeline: since which stamp which permissions hold."""
    return tuple(((since, since), frozenset(map(Permission, held))) for since, held in spans)


def test_an_act_outside_the_roles_of_a_person_is_found() -> None:
    witness = [Witness("e1", "0001", 1, "order_sold")]
    assert codes(user_conflicts("u", rights(("", {"admit"})), witness)) == ["USER_NOT_ALLOWED"]
    assert user_conflicts("u", rights(("", {"admit", "sell"})), witness) == []
    assert user_conflicts("u", None, witness) == [], "not known here yet"


def test_roles_that_are_taken_away_count_from_then_on_and_not_before() -> None:
    sales = [Witness(f"e{n}", f"{n:04d}", n, "order_sold") for n in (1, 3, 5, 7)]
    line = rights(("", {"sell"}), ("0002", set()), ("0006", {"sell"}))
    (found,) = user_conflicts("u", line, sales)
    assert (found.entries, found.at_ms) == (("e3", "e5"), 3)


def test_a_change_of_rights_does_not_speak_against_itself() -> None:
    change = Witness("0002", "0002", 2, "user_changed")
    assert user_conflicts("u", rights(("", {"people"}), ("0002", set())), [change]) == []


def test_acts_of_nobody_need_nothing_and_every_act_that_needs_something_is_known() -> None:
    assert not allows(frozenset(), "order_sold")
    assert allows(frozenset(), "app_started")
    assert {kind for kind, _ in SHAPES} >= set(NEEDED)


def test_two_changes_of_one_field_on_one_base_clash() -> None:
    def patch(number: int, station: str, base: str, **fields: Any) -> Patch:
        return Patch(f"p{number}", f"{number:04d}", number, station, base, fields)

    first = patch(1, "one", "b", price_minor=1, name="x")
    assert object_conflicts("product", "300", 100, [first]) == []
    for near in (
        patch(2, "two", "later", price_minor=2),
        patch(2, "two", "b", price_minor=1),
        patch(2, "one", "b", price_minor=2),
        patch(2, "two", "b", code="y"),
        patch(2, "two", "", price_minor=2),
    ):
        assert object_conflicts("product", "300", 100, [first, near]) == []
    found = object_conflicts("product", "300", 100, [first, patch(2, "two", "b", price_minor=2)])
    assert [(one.code, one.window, one.entries) for one in found] == [
        (Code.CATALOGUE_CLASH, "price_minor@b", ("p1", "p2"))
    ]


# What a person said, and what clocks say.


def test_a_resolution_holds_until_the_set_grows_beyond_it() -> None:
    assert not is_settled(["a", "b"], [])
    assert is_settled(["a", "b"], [["b", "a", "x"]])
    assert not is_settled(["a", "b", "c"], [["a", "b"], ["c"]]), "nobody saw all three together"


def test_the_id_is_made_of_code_subject_and_window() -> None:
    ids = {conflict_id(*parts) for parts in (("A", "b", ""), ("A", "", "b"), ("B", "b", ""), ("A", "c", ""))}
    assert len(ids) == 4
    assert all(len(one) == 16 for one in ids)


def test_every_code_has_an_urgency() -> None:
    assert set(URGENCY) == set(Code)


def test_an_unmeasured_clock_says_little_and_a_measurement_ages() -> None:
    assert interval(1_000_000, None, None) == Interval(400_000, 1_600_000)
    fresh, old = interval(0, 2_000, 0), interval(0, 2_000, 3_600_000)
    assert fresh == Interval(1_500, 2_500)
    assert old == Interval(780, 3_220)


def test_which_came_first_is_unknown_when_clocks_overlap_and_nobody_knew() -> None:
    first, near, later = Interval(0, 10), Interval(10, 20), Interval(11, 20)
    assert order_of(first, near, knew=False) is Order.UNKNOWN
    assert order_of(first, later, knew=False) is Order.APART
    assert order_of(first, near, knew=True) is Order.KNEW


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_digest_tells_what_a_gate_had_seen(count: int) -> None:
    digest = " ".join
    others = [f"e{n}" for n in range(count)]
    chosen = sorted(random.Random(count).sample(others, count // 2))
    assert had_seen(digest(chosen), "x", {*others, "x"}, digest) is False
    assert had_seen(digest(sorted([*chosen, "x"])), "x", {*others, "x"}, digest) is True
    assert had_seen("something else", "x", {*others, "x"}, digest) is None


def test_the_desk_belongs_to_whoever_leads() -> None:
    allowed = {role for role, rights in DEFAULT_RIGHTS.items() if Permission.CONFLICTS in rights}
    assert allowed == {Role.SUPERVISOR, Role.ORGANIZER, Role.ADMIN}


def test_verdicts_given_on_trust_are_verdicts() -> None:
    from domain.conflict_tickets import ON_TRUST

    assert {Verdict(name) for name in ON_TRUST} == {Verdict.UNKNOWN, Verdict.UNKNOWN_KEY}
