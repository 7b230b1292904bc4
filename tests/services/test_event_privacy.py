"""What is kept about the guests of an event: names at its gates if it says so, and nothing after its time."""

from datetime import timedelta

import pytest

from app.services.gate import ScanInput
from domain.actor import SYSTEM, Actor, Role
from domain.documents import Reason
from domain.errors import Refusal
from tests.services.house import CASHIER, GATE, House, somebody

ORGANIZER = somebody(Role.ORGANIZER, number=7)


def named(house: House, name: str = "Ada Lovelace", product: str = "full") -> tuple[str, str]:
    """A ticket whose order was put under a name: its code, and the order."""
    sold = house.sell(product if product != "day" else house.item("day", performance=None))
    house.services.name_guest(sold.order.order, name, CASHIER)
    return next(iter(sold.codes.values())), sold.order.order


def says(house: House, event: str = "play", **more: object) -> object:
    return house.services.event_privacy(event, ORGANIZER, **more)


def guests(house: House, order: str) -> list[str | None]:
    with house.station.store.read() as read:
        return [name for _, _, name in read.order_guests(order)]


def test_a_gate_sees_a_name_only_where_the_event_says_so(house: House) -> None:
    code, _ = named(house)
    assert house.gate.check(ScanInput(code, via="camera"), GATE).guest is None
    says(house, names_at_gate=True)
    assert house.gate.check(ScanInput(code, via="camera"), GATE).guest == "Ada Lovelace"
    assert house.admit(code).guest == "Ada Lovelace"
    says(house, names_at_gate=False)
    assert house.gate.check(ScanInput(code, via="camera"), GATE).guest is None


def test_the_name_is_beside_the_journal_and_can_be_changed(house: House) -> None:
    code, order = named(house)
    house.services.name_guest(order, "  Grace\u202e Hopper\n", CASHIER)
    assert guests(house, order) == ["Grace Hopper"]
    journal = "".join(entry.content for entry in house.entries())
    assert "Lovelace" not in journal
    assert "Hopper" not in journal
    with pytest.raises(Refusal) as refused:
        house.services.name_guest(order, "\u200b", CASHIER)
    assert refused.value.code == "NAME_EMPTY"
    assert house.admit(code).opens


def test_personal_data_goes_so_many_days_after_the_end_and_not_before(house: House) -> None:
    _, order = named(house)
    row = says(house, retention_days=30)
    assert row.due_at == row.ended_at + timedelta(days=30)
    house.clock.set_wall(row.due_at - timedelta(seconds=1))
    assert house.services.erase_due(SYSTEM) == 0
    assert guests(house, order) == ["Ada Lovelace"]
    house.clock.set_wall(row.due_at)
    assert house.services.erase_due(SYSTEM) == 1
    assert guests(house, order) == [None]
    (erased,) = house.entries("document_erased")
    assert erased.body["reason"] == Reason.RETENTION
    assert house.services.erase_due(SYSTEM) == 0, "a second time there is nothing left"
    assert len(house.entries("document_erased")) == 1
    with pytest.raises(Refusal) as refused:
        house.services.name_guest(order, "Ada again", CASHIER)
    assert refused.value.code == "GUEST_ERASED"


def test_an_event_that_says_nothing_keeps_what_the_organization_keeps(house: House) -> None:
    named(house)
    assert says(house).days is None
    house.import_text("organization: {retention_days: 10}\nevents: []\n", "org.yaml", SYSTEM)
    row = says(house)
    assert (row.own_days, row.days) == (None, 10)
    assert says(house, retention_days=0).days is None, "its own word counts: for ever"
    house.clock.set_wall(row.due_at + timedelta(days=1))
    assert house.services.erase_due(SYSTEM) == 0
    says(house, retention_days=None)
    assert house.services.erase_due(SYSTEM) == 1


def test_an_event_without_performances_ends_when_it_is_finished(house: House) -> None:
    _, order = named(house, product="day")
    row = says(house, "museum", retention_days=5)
    assert row.due_at is None
    house.clock.set_wall(house.clock.now() + timedelta(days=400))
    assert house.services.erase_due(SYSTEM) == 0, "it goes on"
    house.import_text("events:\n  - {code: museum, state: finished}\n", "done.yaml", SYSTEM)
    house.clock.set_wall(house.clock.now() + timedelta(days=6))
    assert house.services.erase_due(SYSTEM) == 1
    assert guests(house, order) == [None]


def test_an_order_over_two_events_loses_the_name_of_the_one_that_is_over(house: House) -> None:
    sold = house.sell(house.item("full"), house.item("day", performance=None))
    house.services.name_guest(sold.order.order, "Ada Lovelace", CASHIER)
    row = says(house, retention_days=1)
    house.clock.set_wall(row.due_at)
    assert house.services.erase_due(SYSTEM) == 1
    assert sorted(guests(house, sold.order.order), key=str) == ["Ada Lovelace", None]


def test_what_an_import_says_counts_and_what_is_wrong_there_is_refused(house: House) -> None:
    house.import_text("events:\n  - {code: play, retention_days: 14, names_at_gate: yes}\n", "p.yaml", SYSTEM)
    row = next(row for row in house.services.event_privacy.listed(ORGANIZER) if row.code == "play")
    assert (row.own_days, row.names_at_gate) == (14, True)
    for wrong in ("retention_days: 99999", "retention_days: -1", "names_at_gate: perhaps"):
        with pytest.raises(Refusal) as refused:
            house.import_text(f"events:\n  - {{code: play, {wrong}}}\n", "w.yaml", SYSTEM)
        assert refused.value.code == "CATALOGUE_INVALID"
    for days in (-1, 4000):
        with pytest.raises(Refusal) as refused:
            says(house, retention_days=days)
        assert refused.value.code == "DAYS_INVALID"


@pytest.mark.parametrize("actor", [CASHIER, GATE, somebody(Role.SUPPORT)])
def test_only_who_answers_for_events_or_people_may_say_so(house: House, actor: Actor) -> None:
    for act in (
        lambda: house.services.event_privacy("play", actor, retention_days=1),
        lambda: house.services.erase_due(actor),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "NOT_ALLOWED"


def test_an_unchanged_setting_writes_nothing(house: House) -> None:
    says(house, retention_days=30)
    before = house.seq
    says(house, retention_days=30)
    assert house.seq == before
