"""What stays of others' entries, and which orders are forgotten."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.entry import canonical
from domain.horizon import DAY_MS, Kept, beyond, is_kept_whole, is_old, is_settled, shortened, shortest_ms
from domain.states import OrderState
from tests.builders import seeded_random_bytes
from tests.store.station import Sale, scanned, shift_closed


def test_nothing_is_shortened_where_the_setting_says_for_ever() -> None:
    assert shortest_ms(20 * DAY_MS, 0) is None
    assert shortest_ms(20 * DAY_MS, 14) == 6 * DAY_MS


def test_an_entry_is_old_when_both_its_stamp_and_its_coming_are() -> None:
    assert is_old(1, 2, 3)
    assert not is_old(3, 2, 3)
    assert not is_old(1, 3, 3)


def test_what_is_said_of_the_organization_is_kept_whole() -> None:
    assert is_kept_whole(["cash", "org"])
    assert not is_kept_whole(["cash", "event:1"])


def content(draft_kind: str, body: object) -> str:
    return canonical(
        {
            "actor": {"approvals": [], "practice": False, "user": "u"},
            "body": body,
            "clock": {"boot": "b", "mono_ms": 1, "offset_age_ms": 2, "offset_ms": 3, "wall_at": "w"},
            "entry_id": "e",
            "feeds": ["cash", "event:100"],
            "format": 1,
            "kind": draft_kind,
            "origin": {"epoch": 1, "hlc": "h", "seq": 2, "station": "s"},
            "shift": None,
            "v": 1,
        }
    )


def test_of_a_sale_tickets_and_places_stay_and_money_goes() -> None:
    sale = Sale(seeded_random_bytes(1))
    whole = content("order_sold", {**sale.draft().body, "promo": 7})
    short = json.loads(shortened(whole))
    assert short["body"]["positions"] == [
        {"serial": each["serial"], "slots": each["slots"]} for each in sale.positions()
    ]
    assert (short["body"]["order"], short["body"]["promo"]) == (sale.order, 7)
    assert "payments" not in short["body"]
    assert {"actor", "clock", "entry_id", "feeds", "kind", "origin"} < short.keys()
    assert len(shortened(whole)) < len(whole) / 2
    assert shortened(canonical(short)) == canonical(short), "what is short stays as it is"


def test_of_a_scan_and_of_a_closed_shift_stays_what_is_shown_of_them() -> None:
    scan = json.loads(shortened(content("admitted", scanned("admitted", "00" * 8).body)))["body"]
    assert scan == {
        "serial": "00" * 8, "event": 100, "gate": "A", "verdict": "ADMIT", "confidence": "live",
        "print_number": 1, "seen": "00",
    }  # fmt: skip
    closed = shift_closed("s", unknown=[{"payment": "p"}])
    assert json.loads(shortened(content("shift_closed", closed.body)))["body"] == {
        "unknown": [{"payment": "p"}]
    }


# Events and orders.


def test_an_event_is_over_for_good_when_those_its_tickets_open_are_over_too() -> None:
    ended = {1: 10, 2: 10, 3: 90, 4: None, 5: 10}
    assert beyond(ended, [], 50) == {1, 2, 5}
    assert beyond(ended, [(1, 1), (2, 5)], 50) == {1, 2, 5}
    assert beyond(ended, [(1, 3)], 50) == {2, 5}, "a pass of an event that ended opens one that did not"
    assert beyond(ended, [(4, 1)], 50) == {2, 5}, "a pass of one that goes on opens one that ended"
    assert beyond(ended, [(1, 2), (2, 5), (5, 3)], 50) == frozenset(), "from door to door"
    assert beyond(ended, [(1, 77)], 50) == {2, 5}, "an event that is not known here may go on"


@given(
    st.dictionaries(st.integers(1, 8), st.one_of(st.none(), st.integers(0, 99))),
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=12),
)
def test_no_door_leads_from_what_is_over_to_what_is_not(
    ended: dict[int, int | None], doors: list[tuple[int, int]]
) -> None:
    over = beyond(ended, doors, 50)
    assert all((one in over) == (other in over) for one, other in doors)
    alone = {event for event, at in ended.items() if at is not None and at < 50} - over
    touched = {event for door in doors if door[0] != door[1] for event in door}
    assert alone <= touched, "nothing stays without a door"


SETTLED = Kept(
    state=OrderState.PAID, events=frozenset({1}), until_ms=5, all_short=True, named=False, open_money=False
)


def test_a_settled_order_is_forgotten() -> None:
    assert is_settled(SETTLED, {1, 2}, 50)


@pytest.mark.parametrize(
    "change",
    [
        {"state": OrderState.RESERVED},
        {"events": frozenset({1, 3})},
        {"events": frozenset[int]()},
        {"until_ms": None},
        {"until_ms": 50},
        {"all_short": False},
        {"named": True},
        {"open_money": True},
    ],
)
def test_an_order_with_anything_open_stays(change: dict[str, object]) -> None:
    assert not is_settled(replace(SETTLED, **change), {1, 2}, 50)  # type: ignore[arg-type]
