"""Others' entries are kept in short after a while, and neither who sells nor who looks can tell."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.store.horizon import AT_ONCE, is_needed
from app.store.schema import CONFLICT, GATE_FACT, ORDER, POSITION, REPLICA_ENTRY, SHIFT_CLOSED, SHORT_ENTRY
from app.store.verify import projection_sums
from domain.actor import SYSTEM
from domain.entry import Draft, Entry
from domain.horizon import DAY_MS
from sync import hub_backup, hub_inbox
from sync.ports import Cursor, Page
from tests.builders import make_event, make_gate, make_performance, make_product, make_quota
from tests.hub.histories import journal_of, push_at_random
from tests.hub.stations import RealStation, joined
from tests.hub.test_projections import house_of, read_all
from tests.hub.test_recovery import ids, own, restored
from tests.journal import WALL_MS, Journal
from tests.postgres import Hub
from tests.store import rights_drafts as after
from tests.store.station import Sale, made, refused, scanned

__all__ = ["own"]
A_WHOLE_SALE = "SELECT entry_id FROM replica_entry WHERE kind = 'order_sold'"
LATER = WALL_MS + 20 * DAY_MS


def shorten(station: RealStation, now_ms: int = LATER, days: int = 14, most: int = 100_000) -> int:
    horizon = station.store.horizon
    horizon._rest = lambda _seconds: None
    return int(horizon.shorten(now_ms, days, most))


def count(station: RealStation, table: Any) -> int:
    with station.store._core.reading() as connection:
        return len(connection.execute(select(table.c.entry_id)).all())


def contents(station: RealStation) -> dict[str, str]:
    with station.store._core.reading() as connection:
        rows = connection.execute(select(REPLICA_ENTRY.c.entry_id, REPLICA_ENTRY.c.content))
        return {row.entry_id: row.content for row in rows}


def sums(station: RealStation) -> dict[str, str]:
    with station.store._core.reading() as connection:
        return projection_sums(connection)


def seen(station: RealStation) -> dict[str, Any]:
    """All that windows show of orders, tickets, scans, conflicts and shifts."""
    found: dict[str, Any] = {}
    with station.store._core.reading() as connection:
        listed = {
            name: sorted(set(connection.execute(select(column)).scalars()))
            for name, column in (
                ("order", ORDER.c.order_id), ("serial", POSITION.c.serial), ("scan", GATE_FACT.c.entry_id),
                ("conflict", CONFLICT.c.conflict), ("closed", SHIFT_CLOSED.c.entry_id),
            )
        }  # fmt: skip
    with station.store.read() as read:
        for order in listed["order"]:
            found[order] = read.order(order), read.sold_parts(order)
        for serial in listed["serial"]:
            found[serial] = read.ticket(serial), read.facts(serial), read.seen_entries(serial)
        for scan in listed["scan"]:
            found[scan] = read.scan(scan)
        for conflict in listed["conflict"]:
            found[conflict] = read.conflict(conflict)
        for closed in listed["closed"]:
            found[closed] = read.unknown_at_close(closed)
        found["payments"] = read.open_payments()
        found["held"] = read.held_entries()
        found["scans"] = read.scans(None, 1000)
    assert all(listed.values()), "there is something of each to be seen"
    return found


@pytest.mark.parametrize("seed", [3, 4])
def test_nothing_that_is_shown_or_decided_changes_when_entries_are_shortened(
    hub: Hub, tmp_path: Path, seed: int
) -> None:
    station, _ = house_of(hub, tmp_path, seed)
    assert station.sync() is None
    before, tables, whole = seen(station), sums(station), contents(station)
    assert station.store.horizon.shorten(LATER, 14, 100_000, stopping=lambda: True) == 0
    done = shorten(station)
    short = whole.keys() - contents(station).keys()
    assert done == len(short) == count(station, SHORT_ENTRY) > 100
    assert seen(station) == before
    assert sums(station) == tables
    assert all("org" not in json.loads(whole[each])["feeds"] for each in short)
    with station.store._core.reading() as connection:
        disputed = {
            each for row in connection.execute(select(CONFLICT.c.entries)) for each in json.loads(row[0])
        }
    assert disputed
    assert not disputed & short, "both sides of a conflict stay whole"
    report = station.station.verify()
    assert (report.problems, report.short, report.control_sums) == ([], done, 4)
    assert shorten(station) == 0
    station.reopen()
    assert seen(station) == before
    assert station.sync() is None
    assert shorten(station) == 0
    station.close()


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE performance SET starts_ms = 1", "performance"),
        (
            f"DELETE FROM position WHERE entry_id IN ({A_WHOLE_SALE} LIMIT 1)",
            "position",
        ),
        (
            f"UPDATE payment SET amount_minor = 1 WHERE entry_id IN ({A_WHOLE_SALE})",
            "payment",
        ),
    ],
)
def test_what_was_changed_behind_the_programs_back_is_found_all_the_same(
    hub: Hub, tmp_path: Path, statement: str, table: str
) -> None:
    station, _ = house_of(hub, tmp_path, 5)
    assert station.sync() is None
    assert shorten(station)
    with station.store._core.writing() as work:
        assert work.connection.exec_driver_sql(statement).rowcount
        work.commit()
    problems = station.store.verify().problems
    assert [(one.code, one.params) for one in problems] == [("PROJECTION_DIFFERS", {"table": table})]
    station.close()


def test_only_what_is_old_and_at_the_hub_is_shortened(hub: Hub, tmp_path: Path) -> None:
    station, _ = house_of(hub, tmp_path, 6, 60)
    with station.store._core.writing() as work:
        work.connection.exec_driver_sql("DELETE FROM local_setting WHERE name = 'control_answer'")
        work.commit()
    assert shorten(station) == 0, "the hub has not said yet what it has"
    station.reopen()
    assert station.sync() is None
    assert shorten(station, WALL_MS + 13 * DAY_MS) == 0, "written less than 14 days ago"
    assert shorten(station, days=0) == 0, "for ever"
    with station.store._core.writing() as work:
        work.connection.exec_driver_sql("UPDATE replica_entry SET received_ms = ?", (LATER - DAY_MS,))
        work.commit()
    assert shorten(station) == 0, "came yesterday"
    with station.store._core.writing() as work:
        work.connection.exec_driver_sql("UPDATE replica_entry SET received_ms = 0")
        work.connection.exec_driver_sql(
            "UPDATE local_setting SET value = json_set(value, '$.incarnation', 'another') "
            "WHERE name = 'control_answer'"
        )
        work.commit()
    assert shorten(station) == 0, "another hub said it"
    station.close()


def test_a_gate_still_refuses_the_second_admission(hub: Hub, tmp_path: Path) -> None:
    station, sale, (came, _) = _evening(hub, tmp_path)
    with station.store.read() as read:
        before = read.facts(sale.serials[0])
    assert shorten(station) > 0
    assert came.entry_id not in contents(station)
    with station.store.read() as read:
        facts = read.facts(sale.serials[0])
        assert facts == before
        assert facts is not None
        assert [use.entry_id for use in facts.uses] == [came.entry_id]
        parts = {part.serial: part.places for part in read.sold_parts(sale.order)}
        assert parts == {each["serial"]: each["slots"] for each in sale.positions()}
    station.close()


def _evening(hub: Hub, tmp_path: Path) -> tuple[RealStation, Sale, tuple[Entry, Entry]]:
    """A till sells two tickets, one is let in; an office reads it."""
    rnd = random.Random(1)
    enrolled = hub.join("Till 1", "A")
    journal = journal_of(enrolled, rnd)
    sale = Sale(rnd.randbytes)
    sold = sale.draft()
    for thing in (make_event(), make_performance(), make_quota(), make_product(), make_gate()):
        listed = made(thing)
        journal.add(listed.kind, listed.feeds, listed.body)
    journal.add(sold.kind, sold.feeds, sold.body)
    draft = scanned("admitted", sale.serials[0])
    came = journal.add(draft.kind, draft.feeds, draft.body)
    last = after.back(sale, sale.serials[1])
    back = journal.add(last.kind, last.feeds, last.body)
    turned_away = refused(sale.serials[1])
    journal.add(turned_away.kind, turned_away.feeds, turned_away.body)  # the last one is never shortened
    push_at_random([(enrolled, journal)], rnd)
    station = joined(hub, tmp_path, "Office", "C")
    read_all(station)
    assert station.sync() is None
    station.journal = journal  # type: ignore[attr-defined]
    return station, sale, (came, back)


def test_an_entry_that_the_hub_shows_again_is_known(hub: Hub, tmp_path: Path) -> None:
    station, _ = house_of(hub, tmp_path, 7, 120)
    assert station.sync() is None
    assert shorten(station)
    tables, short = sums(station), count(station, SHORT_ENTRY)
    with station.store._core.writing() as work:
        work.connection.exec_driver_sql("DELETE FROM feed_cursor")
        work.commit()
    read_all(station)
    assert (sums(station), count(station, SHORT_ENTRY)) == (tables, short)
    assert station.station.verify().problems == []
    station.close()


def test_broken_off_between_two_pieces_nothing_is_lost(hub: Hub, tmp_path: Path) -> None:
    station, _ = house_of(hub, tmp_path, 8, 400)
    assert station.sync() is None
    before, whole = seen(station), contents(station)

    def stopped(_seconds: float) -> None:
        raise KeyboardInterrupt

    station.store.horizon._rest = stopped
    with pytest.raises(KeyboardInterrupt):
        station.store.horizon.shorten(LATER, 14)
    some = count(station, SHORT_ENTRY)
    assert 0 < some < AT_ONCE
    assert len(contents(station)) + some == len(whole)
    station.reopen()
    assert seen(station) == before
    assert shorten(station) > 0
    assert len(contents(station)) + count(station, SHORT_ENTRY) == len(whole)
    assert seen(station) == before
    station.close()


def test_the_search_goes_on_where_it_ended(hub: Hub, tmp_path: Path) -> None:
    station, _ = house_of(hub, tmp_path, 9, 400)
    assert station.sync() is None
    rounds = [shorten(station, most=AT_ONCE) for _ in range(12)]
    assert sum(rounds) == count(station, SHORT_ENTRY)
    assert max(rounds) <= AT_ONCE
    assert rounds[-1] == 0
    assert shorten(station) == 0
    station.close()


def test_no_place_is_used_again_while_others_may_have_read_up_to_it(hub: Hub, tmp_path: Path) -> None:
    station, _, _ = _evening(hub, tmp_path)
    with station.store._core.reading() as connection:
        last = connection.execute(
            select(REPLICA_ENTRY.c.position).order_by(-REPLICA_ENTRY.c.position)
        ).scalar()
    shorten(station)
    with station.store._core.reading() as connection:
        assert (
            connection.execute(select(REPLICA_ENTRY.c.position).order_by(-REPLICA_ENTRY.c.position)).scalar()
            == last
        )
    station.close()


def test_the_trail_forgets_with_the_entries(hub: Hub, tmp_path: Path) -> None:
    station, _ = house_of(hub, tmp_path, 10, 200)
    assert station.sync() is None
    station.store.trail.catch_up()
    assert shorten(station)
    with station.store._core.reading() as connection:
        left = connection.exec_driver_sql(
            "SELECT count(*) FROM trail_line l WHERE source = 1 AND NOT EXISTS "
            "(SELECT 1 FROM replica_entry r WHERE r.position = l.position)"
        ).scalar()
        subjects = connection.exec_driver_sql(
            "SELECT count(*) FROM trail_subject s WHERE source = 1 AND NOT EXISTS "
            "(SELECT 1 FROM replica_entry r WHERE r.position = s.position)"
        ).scalar()
    assert (left, subjects) == (0, 0)
    station.close()


# When the tables must be computed anew.


def test_computing_anew_is_left_to_a_snapshot_that_brings_everything_back(hub: Hub, tmp_path: Path) -> None:
    station, _ = house_of(hub, tmp_path, 11)
    assert station.sync() is None
    before, tables, whole = seen(station), sums(station), contents(station)
    assert shorten(station)
    report = station.store.rebuild()
    assert (report.clean, report.by_snapshot) == (True, True)
    assert sums(station) == tables, "until it has come everything stays as it is"
    station.reopen()
    assert station.store.snapshots.wanted(0) == "horizon", "that it is wanted outlives the program"
    assert station.sync() is None
    assert count(station, SHORT_ENTRY) == 0
    assert contents(station) == whole
    assert sums(station) == tables
    assert seen(station) == before
    with station.store._core.reading() as connection:
        assert not is_needed(connection)
    assert station.store.snapshots.wanted(0) is None
    report = station.station.verify()
    assert (report.problems, report.short) == ([], 0)
    assert station.store.rebuild().by_snapshot is False
    station.close()


def test_after_an_update_the_tables_wait_for_the_snapshot_too(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    station, _, _ = _evening(hub, tmp_path)
    assert shorten(station)
    tables = sums(station)
    with monkeypatch.context() as older:
        older.setattr("app.store.migrate.must_upgrade", lambda connection: True)
        station.reopen()
    assert sums(station) == tables
    assert station.store.snapshots.wanted(0) == "horizon"
    assert station.sync() is None
    assert (sums(station), count(station, SHORT_ENTRY)) == (tables, 0)
    station.close()


def test_a_second_meaning_of_a_shortened_id_waits_for_the_snapshot(hub: Hub, tmp_path: Path) -> None:
    station, sale, (came, _) = _evening(hub, tmp_path)
    assert shorten(station)
    tables = sums(station)
    twin = next(
        other
        for at in range(200)
        if (other := _twin(station, came, sale, at)).content_hash < came.content_hash
    )
    station.store.replica._verify = lambda entry: None
    page = Page("event:100", [twin], Cursor(9_000, bytes(32)))
    outcome = station.store.replica.apply(page)
    assert outcome.rejected == ((twin.entry_id, "DUPLICATE_ID"),)
    after_it = sums(station)
    assert {name for name in tables if tables[name] != after_it[name]} == {"conflict", "conflict_witness"}
    assert station.store.snapshots.wanted(0) == "horizon"
    station.close()


def _twin(station: RealStation, came: Entry, sale: Sale, at: int) -> Entry:
    journal: Journal = station.journal  # type: ignore[attr-defined]
    other = Journal(journal.station, journal.key, epoch=2, random_bytes=random.Random(at).randbytes)
    draft = scanned("admitted", sale.serials[1], lane=str(at))
    return other.add(draft.kind, draft.feeds, draft.body, entry_id=came.entry_id)


def test_while_a_snapshot_is_taken_nothing_is_shortened(hub: Hub, tmp_path: Path) -> None:
    station, _, _ = _evening(hub, tmp_path)
    (station.folder / "snapshot").mkdir()
    assert shorten(station) == 0
    (station.folder / "snapshot").rmdir()
    assert shorten(station) > 0
    station.close()


# When the hub has forgotten.


def started(station: RealStation) -> None:
    """One own entry that is not about the organization."""
    with station.store.begin() as work:
        work.append(Draft("app_started", ("desk",), {"version": "1", "python": "3", "system": "x"}), SYSTEM)
        work.commit()


def test_a_restored_hub_gets_what_came_in_the_last_days(own: Hub, tmp_path: Path) -> None:
    one, two = joined(own, tmp_path, "Till 1", "A"), joined(own, tmp_path, "Till 2", "B")
    gone = joined(own, tmp_path, "Till 3", "C")
    for station in (one, two, gone):
        started(station)
        assert station.sync() is None
    assert two.sync() is None
    made_then = hub_backup.snapshot(own.server, tmp_path / "backups", datetime.now(UTC))
    old = contents(two)
    for _ in range(20):
        started(gone)
    for station in (gone, one, two):
        assert station.sync() is None
    gone.close()
    two.reopen()
    assert two.sync() is None, "and hears what the hub has"
    before = ids(own)
    with two.store._core.writing() as work:
        marks = ", ".join("?" * len(old))
        work.connection.exec_driver_sql(
            f"UPDATE replica_entry SET received_ms = ? WHERE entry_id NOT IN ({marks})", (LATER, *old)
        )
        work.commit()
    assert shorten(two) == 2, "what the backup has, but for the organization's"
    one.close()

    restored(own, made_then)
    hub_backup.restore_done(own.dsn, [])
    assert two.sync() is None
    hub_backup.write_off(own.dsn, "Till 1", 0)
    hub_inbox.release(own.dsn)
    assert {row.state for row in hub_inbox.list_inbox(own.dsn)} == {"released"}
    assert ids(own) == before
    assert two.sync() is None
    assert two.sync() is None
    assert (two.store.verify().problems, count(two, SHORT_ENTRY)) == ([], 2)
    two.close()
