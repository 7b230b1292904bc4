"""Entries of a first snapshot go beside the live ones while their facts are computed, whatever happens."""

import shutil
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlcipher3 import dbapi2

from app.store import snapshot_fresh, snapshot_slices
from app.store.snapshot_early import COPYING, Early, read_note
from app.store.snapshot_scratch import FOLDER, WIDE
from app.store.snapshot_workers import spread
from domain.clock import from_ms
from domain.errors import Fault
from sync.ports import PageOutcome
from tests.journal import WALL_MS
from tests.store.station import CASHIER, Sale, Station
from tests.store.test_snapshot import Beside, Killed
from tests.store.test_snapshot_live import ID, has, loose, sell, sold, take


@pytest.fixture
def beside(station: Station) -> Beside:
    station.clock.set_wall(from_ms(WALL_MS + 1_000))
    return Beside(station)


@pytest.fixture
def expected(make_station: Callable[..., Station]) -> dict[str, str]:
    """What a station knows that has read everything page by page."""
    other = make_station(seed=9)
    other.clock.set_wall(from_ms(WALL_MS + 1_000))
    beside = Beside(other)
    beside.page_by_page()
    return beside.sums()


@pytest.fixture(autouse=True)
def side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few entries there are, two of everything are at work, in short transactions."""
    monkeypatch.setattr("app.store.snapshot.ALONE_BELOW", 0)
    monkeypatch.setattr("app.store.snapshot.PIECE", 50)
    monkeypatch.setattr("app.store.snapshot_copy.ENTRIES_AT_ONCE", 20)
    monkeypatch.setattr(snapshot_slices, "HOLD_SECONDS", 0.0)


class Steps:
    """Which steps were told, and an end of the process at one of them."""

    def __init__(self, kill_at: str = "", after: int = 0) -> None:
        self.told: list[str] = []
        self.kill_at, self.after = kill_at, after

    def __call__(self, step: str) -> None:
        self.told.append(step)
        if step == self.kill_at and self.told.count(step) > self.after:
            raise Killed

    def before(self, step: str) -> list[str]:
        return self.told[: self.told.index(step)]


def snapshot(
    beside: Beside, steps: Callable[[str], None], rest: Callable[[float], None] = lambda seconds: None
) -> PageOutcome:
    return take(beside.snapshots(workers=2, rest=rest, watch=steps), beside)


def early(beside: Beside) -> bool:
    """Whether entries were begun to be copied, and nothing else was."""
    with beside.station.store._core.reading() as connection:
        return read_note(connection).early


def test_entries_are_beside_the_live_ones_before_the_rest_is_built(
    beside: Beside, expected: dict[str, str]
) -> None:
    steps = Steps()
    outcome = snapshot(beside, steps)
    assert "copied" in steps.before("built")
    assert outcome.applied == 2 + sum(len(journal.entries) for journal in beside.others)
    assert beside.sums() == expected
    assert beside.station.store.verify().clean
    assert beside.strangers() == []


def test_what_was_copied_early_is_not_copied_again(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    make = snapshot_fresh.make
    monkeypatch.setattr(snapshot_fresh, "make", lambda raw: (made.append(raw), make(raw)))
    snapshot(beside, Steps())
    assert len(made) == 1


def test_an_error_in_the_wide_tables_loses_nothing(
    beside: Beside, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise dbapi2.OperationalError("database or disk is full")

    before = beside.sums()
    with monkeypatch.context() as disk:
        disk.setattr("app.store.snapshot_wide.open_wide", full)
        with pytest.raises(dbapi2.OperationalError):
            snapshot(beside, Steps())
    assert beside.sums() == before
    assert beside.station.store.verify().clean
    beside.feeds.asked.clear()
    snapshot(beside, Steps())
    assert beside.feeds.asked == []
    assert beside.sums() == expected
    assert beside.strangers() == []


def test_what_a_program_without_a_file_for_the_wide_tables_began_is_begun_anew(
    beside: Beside, expected: dict[str, str]
) -> None:
    with pytest.raises(Killed):
        snapshot(beside, Steps("building"))
    (beside.station.folder / FOLDER / WIDE.file).unlink()
    beside.feeds.asked.clear()
    snapshot(beside, Steps())
    assert beside.feeds.asked != []
    assert beside.sums() == expected
    assert beside.station.store.verify().clean


@pytest.mark.parametrize(("step", "after"), [("copied", 0), ("copied", 2), ("building", 0), ("built", 0)])
def test_a_kill_meanwhile_is_gone_on_from(
    beside: Beside, expected: dict[str, str], step: str, after: int
) -> None:
    before = beside.sums()
    with pytest.raises(Killed):
        snapshot(beside, Steps(step, after))
    beside.station.reopen()
    assert beside.sums() == before
    assert beside.station.store.verify().clean
    beside.feeds.asked.clear()
    snapshot(beside, Steps())
    assert beside.feeds.asked == []
    assert beside.sums() == expected
    assert beside.station.store.verify().clean
    assert beside.strangers() == []


@pytest.mark.parametrize("known_before", [True, False])
def test_entries_of_others_that_came_another_way_keep_their_places(
    beside: Beside, known_before: bool
) -> None:
    sale, entry = sold(beside, beside.others[0], 1)

    def meanwhile(step: str) -> None:
        if step == "built" and not has(beside, sale):
            loose(beside, beside.others[0], entry)

    if known_before:
        loose(beside, beside.others[0], entry)
    snapshot(beside, meanwhile)
    assert has(beside, sale)
    assert beside.station.store.verify().clean
    with beside.station.store._core.reading() as connection:
        query = f"SELECT position FROM replica_entry WHERE entry_id = '{entry.entry_id}'"
        assert connection.exec_driver_sql(query).scalar_one() == 1
    assert beside.strangers() == []


def test_sales_made_meanwhile_count_and_their_echo_is_not_kept_twice(beside: Beside) -> None:
    first = Sale(beside.station.random, number=1)
    beside.feeds.add(sell(beside, first))
    made: list[Sale] = []

    def meanwhile(seconds: float) -> None:
        if len(made) < 3:
            made.append(Sale(beside.station.random, number=len(made) + 2, first_slot=100 * len(made) + 100))
            sell(beside, made[-1])

    outcome = snapshot(beside, Steps(), meanwhile)
    assert outcome.applied == 2 + sum(len(journal.entries) for journal in beside.others)
    assert len(made) == 3
    assert all(has(beside, sale) for sale in (first, *made))
    assert beside.station.store.verify().clean


def test_with_a_second_content_anywhere_the_copy_waits_for_what_counts(beside: Beside) -> None:
    twins = [sold(beside, journal, number, ID) for number, journal in enumerate(beside.others, start=7)]
    beside.feeds.add(*(entry for _, entry in twins))
    steps = Steps()
    snapshot(beside, steps)
    assert "copied" not in steps.before("built")
    least = min(entry.content_hash for _, entry in twins)
    assert [has(beside, sale) for sale, _ in twins] == [entry.content_hash == least for _, entry in twins]
    assert beside.station.store.verify().clean


def test_a_second_content_that_comes_after_a_kill_makes_the_copy_begin_anew(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, other = sold(beside, beside.others[0], 7, ID)
    beside.feeds.add(other)
    end = Early.end
    with monkeypatch.context() as whole:
        whole.setattr(Early, "end", lambda made, at_once: end(made, at_once=False))
        with pytest.raises(Killed):
            snapshot(beside, Steps("building"))
    store = beside.station.reopen()
    own = None
    while own is None:
        sale = Sale(beside.station.random, number=1)
        with store.begin() as work:
            (entry,) = work.append_many([replace(sale.draft(), entry_id=ID)], CASHIER)
            if entry.content_hash < other.content_hash:
                work.commit()
                own = sale
    assert early(beside)
    assert snapshot(beside, Steps()).applied > 100
    assert has(beside, own)
    assert not has(beside, theirs)
    assert store.replica.kept_aside() == (0, 1)
    assert store.verify().clean
    assert beside.strangers() == []


def test_a_disk_with_too_little_room_is_left_as_it_was(
    beside: Beside, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = shutil.disk_usage(beside.station.folder)._replace(free=201 * 1024 * 1024)
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda path: room)
        with pytest.raises(Fault) as caught:
            snapshot(beside, Steps())
    assert caught.value.code == "DISK_FULL"
    assert beside.strangers() == []
    beside.feeds.asked.clear()
    snapshot(beside, Steps())
    assert beside.feeds.asked == []
    assert beside.sums() == expected


def test_stopping_leaves_the_copy_for_the_next_time(beside: Beside, expected: dict[str, str]) -> None:
    steps = Steps()
    made = beside.snapshots(workers=2, rest=lambda seconds: None, watch=steps)
    stopped = made.take_snapshot(
        "far_behind", beside.feeds, lambda done, total: None, lambda: "copied" in steps.told
    )
    assert stopped == PageOutcome()
    assert early(beside)
    assert beside.station.store.verify().clean
    snapshot(beside, Steps())
    assert beside.sums() == expected
    assert beside.station.store.verify().clean
    with beside.station.store._core.reading() as connection:
        query = f"SELECT count(*) FROM meta WHERE name = '{COPYING}'"
        assert connection.exec_driver_sql(query).scalar_one() == 0


def test_ranges_with_text_and_without_take_turns() -> None:
    assert list(spread("abcd", "xy")) == ["a", "x", "b", "c", "y", "d"]
    assert list(spread("ab", "wxyz")) == ["a", "w", "x", "b", "y", "z"]
    assert list(spread("", "xy")) == ["x", "y"]
    assert list(spread("ab", "")) == ["a", "b"]
