"""The trail over a real store: found whatever is in the index and what is not yet; patterns over any time."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.practice_station import note_practice
from app.services.afterwards import RefundRequest
from app.services.gate import ScanInput
from app.services.views_people import AuditQuery
from app.store.trail import BATCH, subject_of
from domain.audit import Pattern
from domain.errors import Fault, Refusal
from tests.services.house import ADMIN, CASHIER, GATE, SUPERVISOR, House


@pytest.fixture
def day(house: House) -> House:
    """Sales, scans, a refund, a void, a note about the drawer: a few hundred entries."""
    for number in range(30):
        code = house.code("half")
        house.clock.advance(seconds=2)
        if number % 2:
            house.admit(code)
    sold = house.sell("full")
    house.services.afterwards.refund(RefundRequest(sold.order.order, "ill"), SUPERVISOR)
    house.services.afterwards.void(RefundRequest(house.sell("full").order.order, "typo"), SUPERVISOR)
    house.services.note_drawer("change for a guest", CASHIER)
    return house


def found(house: House, **more: object) -> list[str]:
    return [row.entry_id for row in house.services.audit(AuditQuery(limit=10_000, **more), ADMIN)]


def plainly(house: House, fits: Callable[[object], bool]) -> list[str]:
    """The same by looking at every entry."""
    rows = [entry for entry in house.entries() if fits(entry)]
    return [entry.entry_id for entry in sorted(rows, key=lambda one: one.origin.hlc, reverse=True)]


QUERIES = {
    "everything": ({}, lambda _entry: True),
    "a kind": ({"kind": "admitted"}, lambda entry: entry.kind == "admitted"),
    "a kind that nothing has": ({"kind": "fork_noted"}, lambda _entry: False),
    "a person": ({"person": CASHIER.user}, lambda entry: CASHIER.user in entry.content),
    "a person and a kind": (
        {"person": CASHIER.user, "kind": "order_sold"},
        lambda entry: CASHIER.user in entry.content and entry.kind == "order_sold",
    ),
    "another station": ({"station": "0c3f81aa"}, lambda _entry: False),
}


@pytest.mark.parametrize("name", QUERIES)
def test_the_trail_is_what_every_entry_says(day: House, name: str) -> None:
    more, fits = QUERIES[name]
    for _ in range(2):
        assert found(day, **more) == plainly(day, fits)
        day.code("half")  # one more, behind the index


def test_an_order_is_found_by_reference_receipt_and_ticket(day: House) -> None:
    sold = day.sell("full")
    serial = sold.order.tickets[0].serial
    day.admit(next(iter(sold.codes.values())))
    for text in (sold.order.order, sold.order.reference, sold.order.receipt):
        kinds = {row.kind for row in day.services.audit(AuditQuery(order=text), ADMIN)}
        assert "order_sold" in kinds
    kinds = {row.kind for row in day.services.audit(AuditQuery(order=serial), ADMIN)}
    assert {"order_sold", "admitted"} <= kinds
    assert day.services.audit(AuditQuery(order="ZZZZ-ZZZZ"), ADMIN) == []


def test_times_and_pages_are_those_of_the_entries(day: House) -> None:
    every = day.services.audit(AuditQuery(limit=10_000), ADMIN)
    middle = every[len(every) // 2].at
    since = day.services.audit(AuditQuery(since_at=middle, limit=10_000), ADMIN)
    until = day.services.audit(AuditQuery(until_at=middle - timedelta(milliseconds=1), limit=10_000), ADMIN)
    assert [row.entry_id for row in [*since, *until]] == [row.entry_id for row in every]
    first = day.services.audit(AuditQuery(limit=7), ADMIN)
    assert [row.entry_id for row in first] == [row.entry_id for row in every[:7]]


def test_nothing_is_written_for_it_until_somebody_asks_and_then_behind_the_journal(day: House) -> None:
    trail = day.station.store.trail
    assert not trail.in_use()
    found(day)
    assert trail.in_use()
    assert trail.catch_up() == 0
    for _ in range(3):
        day.code("half")
    assert trail.catch_up(most=BATCH) == 6 or trail.catch_up() == 0


def test_a_file_that_was_put_back_is_indexed_anew(day: House) -> None:
    before = found(day)
    store = day.station.store
    with store._core.writing() as work:
        work.connection.exec_driver_sql("UPDATE trail_mark SET entry_id = 'another' WHERE source = 0")
        work.connection.exec_driver_sql(
            "INSERT INTO trail_subject SELECT ?, stamp + 1, source, position, kind, station FROM trail_line",
            (subject_of(CASHIER.user),),
        )
        work.commit()
    assert found(day) == before
    assert found(day, person=CASHIER.user) == plainly(day, lambda entry: CASHIER.user in entry.content)


def test_a_disk_that_takes_nothing_makes_the_search_slow_and_not_impossible(
    day: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise Fault("DISK_FULL", folder="x", bytes=1)

    monkeypatch.setattr(type(day.station.store.trail), "catch_up", full)
    assert found(day, kind="admitted") == plainly(day, lambda entry: entry.kind == "admitted")


def test_kinds_are_those_that_are_there(day: House) -> None:
    kinds = {entry.kind for entry in day.entries()}
    assert set(day.services.audit.kinds(ADMIN)) == kinds
    found(day)
    assert set(day.services.audit.kinds(ADMIN)) == kinds


@pytest.fixture
def patterns(day: House) -> Callable[..., dict[tuple[str, str], int]]:
    def seen(**more: object) -> dict[tuple[str, str], int]:
        rows = day.services.audit.suspicions(ADMIN, **more)
        return {(row.pattern, row.user): row.count for row in rows}

    return seen


def test_a_void_whose_sale_is_long_ago_is_still_one_after_cash(day: House, patterns) -> None:
    sold = day.sell("full")
    day.clock.advance(hours=3)
    since = day.clock.now()
    day.services.afterwards.void(RefundRequest(sold.order.order, "later"), SUPERVISOR)
    assert patterns(since_at=since)[Pattern.VOIDS_AFTER_CASH, SUPERVISOR.user] == 1


def test_a_drawer_that_is_opened_without_a_sale_takes_a_reason_and_shows(day: House, patterns) -> None:
    assert patterns()[Pattern.NO_SALE_OPENINGS, CASHIER.user] == 1
    for reason, code in (("", "REASON_NEEDED"), ("  ", "REASON_NEEDED"), ("x" * 300, "REASON_TOO_LONG")):
        with pytest.raises(Refusal) as refused:
            day.services.note_drawer(reason, CASHIER)
        assert refused.value.code == code
    day.services.close_shift(0, SUPERVISOR)
    with pytest.raises(Refusal) as refused:
        day.services.note_drawer("change", CASHIER)
    assert refused.value.code == "NO_SHIFT"


def test_practice_that_is_opened_in_a_shift_is_seen_with_whose_it_is(day: House, patterns) -> None:
    note_practice(day.data, day.settings, clock=day.clock, random_bytes=day.random)
    assert patterns()[Pattern.PRACTICE, CASHIER.user] == 1
    day.services.close_shift(0, SUPERVISOR)
    note_practice(day.data, day.settings, clock=day.clock, random_bytes=day.random)
    assert patterns()[Pattern.PRACTICE, CASHIER.user] == 1, "nobody's shift, nobody's pattern"


def test_a_clock_that_was_moved_is_seen_on_any_entry(day: House, patterns) -> None:
    day.station.store.note_hub_time(3_600_000)
    day.services.note_drawer("change", CASHIER)
    assert patterns()[Pattern.CLOCK_MOVED, CASHIER.user] >= 1


def test_a_reprint_and_then_an_admission_speak_of_who_printed(day: House, patterns) -> None:
    sold = day.sell("full")
    again = day.services.afterwards.reprint(sold.order.tickets[0].serial, "lost", SUPERVISOR)
    assert again is not None
    assert (Pattern.REPRINT_THEN_ADMITTED, SUPERVISOR.user) not in patterns()
    day.clock.advance(minutes=1)
    newest = day.services.find_orders.codes(day.services.find_orders.show(sold.order.order, CASHIER))
    assert day.gate.admit(ScanInput(next(iter(newest.values())), via="camera"), GATE).opens
    assert patterns()[Pattern.REPRINT_THEN_ADMITTED, SUPERVISOR.user] == 2
