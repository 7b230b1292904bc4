"""Leases by themselves: how long they last, what a sale takes, what is asked for and given back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.leases import (
    DAY_MS,
    SCARCE_MS,
    Held,
    Instant,
    Life,
    PoolNeed,
    SlotSource,
    Want,
    fair_share,
    is_scarce,
    places_here,
    plan,
    ranges,
    read_slots,
    to_return,
)

START = Instant(wall_ms=1_000_000, mono_ms=5_000, boot="one")
HOUR = 3_600_000


def later(ms: int, *, boot: str = "one", wall: int | None = None) -> Instant:
    return Instant(START.wall_ms + (ms if wall is None else wall), START.mono_ms + ms, boot)


def lease(
    name: str = "a", free: range | tuple[int, ...] = range(1, 6), ttl_ms: int = DAY_MS, pool: int = 1
) -> Held:
    return Held(name, pool, free, Life(START, ttl_ms))


def test_a_lease_lasts_two_per_cent_and_half_a_minute_less_than_the_hub_says() -> None:
    end = DAY_MS * 98 // 100 - 30_000
    assert lease().left_ms(START) == end
    assert lease().left_ms(later(end - 1)) == 1
    assert lease().left_ms(later(end)) == 0


def test_a_wall_clock_that_is_set_back_or_forward_changes_nothing_while_the_machine_runs() -> None:
    assert lease().left_ms(later(HOUR, wall=-10 * HOUR)) == lease().left_ms(later(HOUR, wall=40 * HOUR))


def test_after_a_restart_the_wall_clock_counts_and_one_before_the_sending_is_not_believed() -> None:
    assert lease().left_ms(later(0, boot="two", wall=HOUR)) == lease().left_ms(later(HOUR))
    assert lease().left_ms(later(0, boot="two", wall=-1)) == 0


def test_a_lease_that_nobody_here_asked_for_is_never_sold_from() -> None:
    assert places_here([Held("a", 1, range(1, 9), None)], START) == 0


def test_a_sale_takes_from_the_lease_that_ends_first_and_goes_on_with_the_next() -> None:
    source = SlotSource([lease("long", range(10, 20)), lease("short", range(1, 3), ttl_ms=HOUR)], START)
    assert [(taken.lease, taken.slots) for taken in source.take(3)] == [("short", (1, 2)), ("long", (10,))]
    assert [(taken.lease, taken.slots) for taken in source.take(1)] == [("long", (11,))]


def test_more_places_than_are_leased_are_never_made_up() -> None:
    with pytest.raises(ValueError, match="leased"):
        SlotSource([lease()], START).take(6)


def test_an_ended_lease_gives_nothing_to_a_sale() -> None:
    with pytest.raises(ValueError, match="leased"):
        SlotSource([lease()], later(DAY_MS)).take(1)


@pytest.mark.parametrize(("unsold", "sellers", "share"), [
    (0, 2, 0), (-3, 2, 0), (4, 2, 1), (5, 2, 3), (10, 2, 5), (11, 2, 6), (40, 2, 20), (300, 2, 100),
    (1, 1, 1), (3, 1, 3),
])  # fmt: skip
def test_a_fair_share_is_an_even_part_of_what_is_left(unsold: int, sellers: int, share: int) -> None:
    assert fair_share(unsold, sellers) == share


@given(unsold=st.integers(1, 10_000), sellers=st.integers(1, 50))
def test_far_from_scarce_everybody_s_share_is_enough_to_sell_most_and_never_more_than_all(
    unsold: int, sellers: int
) -> None:
    share = fair_share(unsold, sellers)
    assert 1 <= share <= unsold
    if not is_scarce(unsold, sellers):
        assert share * (sellers + 1) >= unsold


def test_pools_without_leases_are_asked_for_in_their_order() -> None:
    assert plan([PoolNeed(7, 100), PoolNeed(5, 3)], {}, START) == [Want(7, 100), Want(5, 3)]


def test_a_full_pool_is_not_asked_for_and_neither_is_a_filled_lease() -> None:
    assert plan([PoolNeed(7, 0), PoolNeed(1, 50, [lease()])], {1: 5}, START) == []


def test_half_of_the_share_gone_asks_for_more() -> None:
    need = PoolNeed(1, 50, [lease(free=range(1, 3))])
    assert plan([need], {1: 5}, START) == [Want(1, 48)]


def test_half_of_the_time_gone_asks_for_more_time() -> None:
    need = PoolNeed(1, 50, [lease()])
    assert plan([need], {1: 5}, later(DAY_MS * 3 // 5)) == [Want(1, 45, renew=True)]


def test_leases_go_back_when_no_shift_is_open_and_ended_ones_in_any_case() -> None:
    long, short, empty = lease("long"), lease("short", ttl_ms=SCARCE_MS), lease("empty", range(0))
    now = later(SCARCE_MS)
    assert to_return([long, short, empty], now, selling=True) == [short]
    assert to_return([long, short, empty], now, selling=False) == [long, short]


@given(st.sets(st.integers(0, 200)))
def test_ranges_name_the_same_slots(slots: set[int]) -> None:
    assert {slot for first, last in ranges(slots) for slot in range(first, last + 1)} == slots


@pytest.mark.parametrize("item", [
    {}, {"first": 2, "last": 1}, {"first": 1}, {"first": -1, "last": 3}, {"slots": ["1"]}, {"slots": "12"},
])  # fmt: skip
def test_a_lease_without_slots_is_none(item: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="without slots"):
        read_slots(item)
