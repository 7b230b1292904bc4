"""The conflict desk: who may see it, what a resolution says, what it refuses."""

from pathlib import Path
from typing import Any

import pytest

from app.services.gate import ScanInput
from domain.actor import NOBODY
from domain.errors import Refusal
from tests.services.house import ADMIN, CASHIER, GATE, SUPERVISOR, House


@pytest.fixture
def house(tmp_path: Path) -> Any:
    made = House(tmp_path)
    yield made
    made.station.close()


def doubled(house: House) -> str:
    """A ticket whose second admission came from a gate that had heard nothing; answers its serial."""
    from domain.entry import Draft

    code = house.code()
    answer = house.admit(code)
    first = next(entry for entry in house.entries("admitted") if entry.entry_id == answer.entry_id)
    with house.station.store.begin() as work:
        work.append(Draft("admitted", first.feeds, {**first.body, "gate": "B"}), GATE)
        work.commit()
    return str(answer.serial)


def refusal(call: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(Refusal) as caught:
        call(*args, **named)
    return caught.value.code


def test_an_ordinary_house_has_an_empty_desk(house: House) -> None:
    house.admit(house.code())
    assert house.services.list_conflicts(SUPERVISOR) == []
    assert house.services.sync.view().conflicts == 0


def test_the_desk_shows_both_sides_with_gate_station_and_operator(house: House) -> None:
    doubled(house)
    (row,) = house.services.list_conflicts(SUPERVISOR)
    assert (row.code, row.urgency, row.stations) == ("DUP_ADMISSION", "now", ("Till K1",))
    assert row.about.startswith("Full · ")
    view = house.services.show_conflict(row.conflict, ADMIN)
    assert [side.gate for side in view.sides] == ["A", "B"] or {side.gate for side in view.sides} == {
        "A",
        "B",
    }
    assert {side.operator for side in view.sides} == {GATE.user}
    assert view.order_reference


def test_a_conflict_is_found_by_the_beginning_of_its_id(house: House) -> None:
    doubled(house)
    (row,) = house.services.list_conflicts(SUPERVISOR)
    assert house.services.show_conflict(row.conflict[:8], SUPERVISOR).row == row
    assert refusal(house.services.show_conflict, "ffff", SUPERVISOR) == "CONFLICT_UNKNOWN"
    assert refusal(house.services.show_conflict, row.conflict[:2], SUPERVISOR) == "CONFLICT_UNKNOWN"


def test_only_whoever_leads_may_see_and_resolve(house: House) -> None:
    doubled(house)
    for actor, code in ((CASHIER, "NOT_ALLOWED"), (GATE, "NOT_ALLOWED"), (NOBODY, "NOT_SIGNED_IN")):
        assert refusal(house.services.list_conflicts, actor) == code
        assert refusal(house.services.resolve_conflict, "ffff", "why", actor) == code


def test_resolving_needs_a_reason_and_happens_once(house: House) -> None:
    doubled(house)
    (row,) = house.services.list_conflicts(SUPERVISOR)
    resolve = house.services.resolve_conflict
    assert refusal(resolve, row.conflict, "  ", SUPERVISOR) == "REASON_MISSING"
    assert refusal(resolve, row.conflict, "x" * 201, SUPERVISOR) == "REASON_TOO_LONG"
    view = resolve(row.conflict, "copied_ticket", SUPERVISOR)
    assert (view.row.open, [said.reason for said in view.resolutions]) == (False, ["copied_ticket"])
    assert house.services.list_conflicts(SUPERVISOR) == []
    assert [one.conflict for one in house.services.list_conflicts(SUPERVISOR, open_only=False)] == [
        row.conflict
    ]
    assert refusal(resolve, row.conflict, "again", SUPERVISOR) == "CONFLICT_SETTLED"


def test_what_was_not_on_screen_is_not_resolved(house: House) -> None:
    doubled(house)
    (row,) = house.services.list_conflicts(SUPERVISOR)
    view = house.services.resolve_conflict(row.conflict, "seen", SUPERVISOR, seen=row.entries[:1])
    assert view.row.open
    assert [said.whole for said in view.resolutions] == [False]


def test_windows_are_told_when_a_conflict_is_resolved(house: House) -> None:
    doubled(house)
    told = []
    stop = house.services.sync.subscribe(lambda view: told.append(view.conflicts))
    (row,) = house.services.list_conflicts(SUPERVISOR)
    house.services.resolve_conflict(row.conflict, "accepted", SUPERVISOR)
    stop()
    assert told == [0]


def test_undoing_one_of_the_two_scans_takes_the_conflict_away(house: House) -> None:
    serial = doubled(house)
    house.gate.undo(serial, "slip", SUPERVISOR)
    assert house.services.list_conflicts(SUPERVISOR) == []
    assert house.gate.check(ScanInput(serial=serial), SUPERVISOR).decision.verdict == "ALREADY_USED"
