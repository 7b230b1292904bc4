"""Sales that a lease does not cover, and what speaks against a station or an entry."""

from itertools import permutations

import pytest

from domain.conflict_acts import SUSPECT_MS, Witness
from domain.conflict_leases import LeaseFact, LeaseWord, Use, lease_conflicts
from domain.conflict_trust import entry_conflicts, station_conflicts, trust_window
from domain.conflicts import Code

HOLDER, OTHER = "0000000a", "0000000b"
GRANT = LeaseFact(LeaseWord.GRANTED, HOLDER, "5", 1_000_000, 300_000, 1, 5)


def use(slot: int = 1, **more: object) -> Use:
    return Use(**{"entry_id": "e1", "hlc": "6", "at_ms": 1_100_000, "station": HOLDER, "slot": slot, **more})  # type: ignore[arg-type]


def whys(facts: list[LeaseFact], *uses: Use) -> list[str]:
    found = {
        tuple((one.code, one.window) for one in lease_conflicts(200, "L", list(order), list(uses)))
        for order in permutations(facts)
    }
    assert len(found) == 1, "the same in every order"
    assert all(code is Code.LEASE_OVERRUN for code, _ in next(iter(found)))
    return [window for _, window in next(iter(found))]


def test_a_sale_within_its_lease_is_no_conflict() -> None:
    assert whys([GRANT], use(1), use(5)) == []


def test_nothing_is_said_of_a_lease_whose_grant_is_not_known() -> None:
    returned = LeaseFact(LeaseWord.RETURNED, HOLDER, "1", 0, 0, 1, 5)
    assert whys([returned], use(1), use(99, station=OTHER)) == []


@pytest.mark.parametrize(
    ("sale", "why"),
    [
        (use(1, station=OTHER), "foreign"),
        (use(6), "outside"),
        (use(1, at_ms=1_300_000 + SUSPECT_MS + 1), "expired"),
    ],
)
def test_a_sale_that_the_grant_does_not_cover_is_found(sale: Use, why: str) -> None:
    assert whys([GRANT], sale) == [why]


def test_a_clock_that_is_a_little_fast_accuses_nobody() -> None:
    assert whys([GRANT], use(1, at_ms=1_300_000 + SUSPECT_MS)) == []


def test_a_renewal_gives_more_time() -> None:
    renewal = LeaseFact(LeaseWord.RENEWED, HOLDER, "7", 2_000_000, 300_000)
    assert whys([GRANT, renewal], use(1, at_ms=2_200_000 + SUSPECT_MS)) == []


def test_a_sale_after_the_place_was_given_back_is_found_and_one_before_is_not() -> None:
    returned = LeaseFact(LeaseWord.RETURNED, HOLDER, "6", 1_050_000, 0, 3, 5)
    assert whys([GRANT, returned], use(4, hlc="7")) == ["returned"]
    assert whys([GRANT, returned], use(4, hlc="5")) == []
    assert whys([GRANT, returned], use(2, hlc="7")) == []
    forged = LeaseFact(LeaseWord.RETURNED, OTHER, "6", 1_050_000, 0, 3, 5)
    assert whys([GRANT, forged], use(4, hlc="7")) == [], "only the holder gives back"


def test_a_conflict_stands_on_all_sales_of_its_kind() -> None:
    (found,) = lease_conflicts(200, "L", [GRANT], [use(6, entry_id="b"), use(7, entry_id="a"), use(1)])
    assert (found.entries, found.subject) == (("a", "b"), "lease:200:L")


def test_each_epoch_of_a_station_is_one_conflict_on_its_first_entry() -> None:
    speaks = [
        Witness("e3", "3", 30, trust_window(Code.BAD_SIGNATURE, 1)),
        Witness("e2", "2", 20, trust_window(Code.BAD_SIGNATURE, 1)),
        Witness("e4", "4", 40, trust_window(Code.FORK, 2)),
        Witness("e5", "5", 50, "2026-11-21"),
    ]
    for order in permutations(speaks):
        found = {(one.code, one.window, one.entries) for one in station_conflicts(HOLDER, list(order))}
        assert found == {
            (Code.BAD_SIGNATURE, "BAD_SIGNATURE@1", ("e2",)),
            (Code.FORK, "FORK@2", ("e4",)),
            (Code.CLOCK_SUSPECT, "2026-11-21", ("e5",)),
        }


def test_one_id_for_two_texts_is_one_conflict() -> None:
    assert entry_conflicts("e1", []) == []
    (found,) = entry_conflicts("e1", [Witness("e1", "1", 10, "")])
    assert (found.code, found.entries, found.at_ms) == (Code.DUPLICATE_ID, ("e1",), 10)
