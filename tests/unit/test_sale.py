"""Refusals of a sale, each with its own words, and places in nested pools."""

from datetime import timedelta
from itertools import combinations

import pytest
from builders import (
    ENDS_AT,
    GATE_STAFF,
    NOW,
    STARTS_AT,
    card,
    cash,
    euros,
    make_event,
    make_pass,
    make_performance,
    make_product,
    make_quota,
    make_sale,
    make_sale_line,
)
from hypothesis import given
from hypothesis import strategies as st

from domain.actor import NOBODY
from domain.clock import to_text
from domain.errors import Refusal
from domain.sale import Places, Pool, check_sale, places_left, pools_of, sales_begin, sales_end
from domain.states import EventState
from domain.validity import ValidityKind

HOUSE = Pool("performance", 200)
STALLS = Pool("quota", 400)
FRONT = Pool("quota", 401)
QUOTAS = {400: make_quota(), 401: make_quota(number=401, name="Front rows", parent=400, capacity=10)}


def refusal_of(**changes):
    with pytest.raises(Refusal) as refusal:
        check_sale(make_sale(**changes))
    return refusal.value.code, dict(refusal.value.params)


def line(count=1, performance="evening", shown_price_minor=None, event=None, **product):
    return make_sale_line(
        product=make_product(**product),
        event=event or make_event(),
        performance=make_performance() if performance == "evening" else performance,
        count=count,
        shown_price_minor=shown_price_minor,
    )


def test_a_cashier_with_a_shift_and_the_right_money_sells():
    check_sale(make_sale())


def test_a_reservation_needs_no_money_yet():
    check_sale(make_sale(total=None, payments=()))


def test_nobody_sells_without_signing_in():
    assert refusal_of(actor=NOBODY) == ("NOT_SIGNED_IN", {})


def test_gate_staff_do_not_sell():
    assert refusal_of(actor=GATE_STAFF) == ("NOT_ALLOWED", {"permission": "sell"})


def test_nothing_is_sold_without_a_shift():
    assert refusal_of(shift_open=False) == ("NO_SHIFT", {})


def test_an_empty_cart_is_not_a_sale():
    assert refusal_of(lines=(), total=euros(0), payments=()) == ("EMPTY_CART", {})


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (EventState.DRAFT, "EVENT_DRAFT"),
        (EventState.CANCELLED, "EVENT_CANCELLED"),
        (EventState.FINISHED, "EVENT_FINISHED"),
    ],
)
def test_only_a_published_event_is_sold(state, code):
    assert refusal_of(lines=(line(event=make_event(state=state)),)) == (code, {"event": "HAMLET"})


@pytest.mark.parametrize(
    "wrong",
    [
        line(channels=("web",)),
        line(performances=(999,)),
        line(performances=(200,), performance=None),
        line(event=make_event(number=101)),
        line(performance=make_performance(event=101)),
    ],
)
def test_a_product_is_sold_only_where_and_for_what_it_was_made(wrong):
    assert refusal_of(lines=(wrong,)) == ("NOT_SOLD_HERE", {"product": "FULL"})


def test_a_product_for_this_channel_is_sold():
    check_sale(make_sale(lines=(line(channels=("desk", "gate")),)))


def test_sales_have_not_begun():
    begins_at = NOW + timedelta(hours=1)
    expected = ("SALES_NOT_BEGUN", {"product": "FULL", "at": to_text(begins_at)})
    assert refusal_of(lines=(line(sales_from_at=begins_at),)) == expected
    assert refusal_of(lines=(line(performance=make_performance(sales_from_at=begins_at)),)) == expected
    check_sale(make_sale(lines=(line(sales_from_at=begins_at),), at=begins_at))


def test_sales_are_over():
    ended_at = NOW - timedelta(hours=1)
    expected = ("SALES_OVER", {"product": "FULL", "at": to_text(ended_at)})
    assert refusal_of(lines=(line(sales_until_at=ended_at),)) == expected
    assert refusal_of(lines=(line(performance=make_performance(sales_until_at=ended_at)),)) == expected
    assert refusal_of(lines=(line(sales_until_at=NOW),))[0] == "SALES_OVER"


def test_the_later_beginning_and_the_earlier_end_of_two_windows_count():
    early, late = NOW - timedelta(days=2), NOW - timedelta(days=1)
    product = make_product(sales_from_at=early, sales_until_at=late)
    performance = make_performance(sales_from_at=late, sales_until_at=early)
    assert sales_begin(product, performance) == late
    assert sales_end(product, performance) == early
    assert sales_begin(make_product(), None) is None


def test_without_a_window_a_performance_is_sold_until_it_ends():
    assert sales_end(make_product(), make_performance()) == ENDS_AT
    assert sales_end(make_product(), make_performance(ends_at=None)) == STARTS_AT
    assert sales_end(make_product(), None) is None
    assert refusal_of(at=ENDS_AT)[0] == "SALES_OVER"


def test_a_season_pass_is_not_sold_after_its_season():
    season = make_pass(ValidityKind.RANGE, range_until_at=NOW - timedelta(days=1))
    assert refusal_of(lines=(make_sale_line(product=season, performance=None),))[0] == "SALES_OVER"


def test_sold_out_says_what_is_left_here_and_in_all():
    assert refusal_of(lines=(line(3),), places={HOUSE: Places(2, 40)}) == (
        "SOLD_OUT",
        {"product": "FULL", "left_here": 2, "left_all": 40, "wanted": 3},
    )


def test_the_last_place_is_sold():
    check_sale(make_sale(places={HOUSE: Places(1, 1)}))


def test_a_family_ticket_needs_a_place_for_each_of_the_family():
    places = {HOUSE: Places(7, 7)}
    check_sale(make_sale(lines=(line(admits=4),), places=places))
    assert refusal_of(lines=(line(2, admits=4),), places=places)[1]["wanted"] == 8


def test_two_products_of_one_cart_share_their_pool():
    lines = (line(3), line(2, number=301, code="HALF"))
    assert refusal_of(lines=lines, places={HOUSE: Places(4, 9)}) == (
        "SOLD_OUT",
        {"product": "HALF", "left_here": 1, "left_all": 6, "wanted": 2},
    )


def test_a_small_quota_inside_a_large_one_sells_out_first():
    places = {HOUSE: Places(50, 50), STALLS: Places(20, 20), FRONT: Places(1, 5)}
    lines = (line(2, quotas=(401,)),)
    assert refusal_of(lines=lines, quotas=QUOTAS, places=places)[1] == {
        "product": "FULL",
        "left_here": 1,
        "left_all": 5,
        "wanted": 2,
    }


def test_a_full_parent_stops_its_children():
    places = {HOUSE: Places(50, 50), STALLS: Places(0, 0), FRONT: Places(5, 5)}
    lines = (line(quotas=(401,)),)
    assert refusal_of(lines=lines, quotas=QUOTAS, places=places)[0] == "SOLD_OUT"


def test_a_ticket_draws_from_the_performance_the_quota_and_its_parents_once_each():
    both = make_product(quotas=(401, 400))
    assert pools_of(both, make_performance(), QUOTAS) == (HOUSE, FRONT, STALLS)


def test_quotas_of_other_performances_are_left_alone():
    quotas = {400: make_quota(performance=200), 401: make_quota(number=401, performance=201)}
    product = make_product(quotas=(400, 401))
    assert pools_of(product, make_performance(number=200), quotas) == (HOUSE, STALLS)
    assert pools_of(product, None, quotas) == ()


def test_a_performance_without_capacity_is_no_pool():
    assert pools_of(make_product(), make_performance(capacity=None), {}) == ()
    assert places_left(make_product(), make_performance(capacity=None), {}, {}) is None


def test_quotas_that_contain_each_other_do_not_hang():
    loop = {400: make_quota(parent=401), 401: make_quota(number=401, parent=400)}
    assert pools_of(make_product(quotas=(400,)), None, loop) == (STALLS, FRONT)


def test_places_left_are_the_least_of_all_pools_and_never_below_zero():
    places = {HOUSE: Places(7, 50), STALLS: Places(9, 9)}
    assert places_left(make_product(quotas=(400,)), make_performance(), QUOTAS, places) == Places(7, 9)
    assert places_left(make_product(), make_performance(), {}, {HOUSE: Places(-2, -1)}) == Places(0, 0)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 4)), min_size=1, max_size=5), st.integers(0, 40))
def test_a_cart_is_sold_exactly_when_all_its_people_have_a_place(wanted, left):
    lines = tuple(
        line(count, number=number, admits=admits) for number, (count, admits) in enumerate(wanted, 1)
    )
    facts = make_sale(lines=lines, places={HOUSE: Places(left, left)}, total=None, payments=())
    if sum(count * admits for count, admits in wanted) <= left:
        check_sale(facts)
        return
    with pytest.raises(Refusal) as refusal:
        check_sale(facts)
    assert refusal.value.code == "SOLD_OUT"
    assert 0 <= refusal.value.params["left_here"] < refusal.value.params["wanted"]


def test_a_limit_per_order_counts_over_all_lines():
    lines = (line(3, max_per_order=4), line(2, max_per_order=4))
    assert refusal_of(lines=lines) == ("ORDER_LIMIT", {"product": "FULL", "max": 4, "wanted": 5})
    check_sale(make_sale(lines=(line(4, max_per_order=4),)))


def test_a_changed_price_is_said_before_it_is_taken():
    assert refusal_of(lines=(line(shown_price_minor=1800),)) == (
        "PRICE_CHANGED",
        {"product": "FULL", "from_minor": 1800, "to_minor": 2000, "currency": "EUR"},
    )
    check_sale(make_sale(lines=(line(shown_price_minor=2000),)))


def test_a_voucher_that_is_no_good_says_why():
    assert refusal_of(voucher_problem="expired") == ("VOUCHER_INVALID", {"why": "expired"})


def test_too_little_money_says_what_is_missing():
    assert refusal_of(payments=(cash(1500),)) == ("TENDER_SHORT", {"missing_minor": 500, "currency": "EUR"})


def test_a_card_does_not_pay_more_than_the_total():
    assert refusal_of(payments=(card(2500),))[0] == "TENDER_OVER"


def test_a_card_number_as_reference_is_refused():
    assert refusal_of(payments=(card(2000, reference="4111 1111 1111 1111"),)) == ("REFERENCE_IS_CARD", {})


LINE_DEFECTS = {
    "EVENT_DRAFT": {"event": make_event(state=EventState.DRAFT)},
    "EVENT_CANCELLED": {"event": make_event(state=EventState.CANCELLED)},
    "EVENT_FINISHED": {"event": make_event(state=EventState.FINISHED)},
    "NOT_SOLD_HERE": {"channels": ("web",)},
    "SALES_NOT_BEGUN": {"sales_from_at": NOW + timedelta(hours=1)},
    "SALES_OVER": {"sales_until_at": NOW - timedelta(hours=1)},
    "ORDER_LIMIT": {"max_per_order": 1},
    "PRICE_CHANGED": {"shown_price_minor": 1800},
}
SALE_DEFECTS = {
    "NOT_SIGNED_IN": {"actor": NOBODY},
    "NOT_ALLOWED": {"actor": GATE_STAFF},
    "NO_SHIFT": {"shift_open": False},
    "SOLD_OUT": {"places": {HOUSE: Places(0, 0)}},
    "VOUCHER_INVALID": {"voucher_problem": "expired"},
    "TENDER_SHORT": {"payments": ()},
}
ORDER = [
    "NOT_SIGNED_IN",
    "NOT_ALLOWED",
    "NO_SHIFT",
    "EVENT_DRAFT",
    "EVENT_CANCELLED",
    "EVENT_FINISHED",
    "NOT_SOLD_HERE",
    "SALES_NOT_BEGUN",
    "SALES_OVER",
    "SOLD_OUT",
    "ORDER_LIMIT",
    "PRICE_CHANGED",
    "VOUCHER_INVALID",
    "TENDER_SHORT",
]
PAIRS = [
    pair
    for pair in combinations(ORDER, 2)
    if not (SALE_DEFECTS.get(pair[0], {}).keys() & SALE_DEFECTS.get(pair[1], {}).keys())
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_earlier_of_two_wrongs_is_the_refusal(first, second):
    """Each wrong thing stands on a line of its own, the later one first."""
    lines = [line(2, **LINE_DEFECTS[code]) for code in (second, first) if code in LINE_DEFECTS]
    changes = SALE_DEFECTS.get(first, {}) | SALE_DEFECTS.get(second, {})
    code, _ = refusal_of(lines=tuple(lines) or (line(),), **changes)
    assert code == first
