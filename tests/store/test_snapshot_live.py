"""Snapshots beside what the live file knows already, and beside those who sell while one is taken."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from app.store import snapshot_slices
from app.store.core import StoreCore
from app.store.new_epoch import put_back
from app.store.prepared import driver
from app.store.schema import SETTING
from app.store.snapshot import StoreSnapshots
from app.store.snapshot_fresh import present
from app.store.snapshot_merge import Merge
from domain import revocation
from domain.clock import from_ms
from domain.entry import Draft, Entry
from domain.errors import Fault
from sync.messages import Denied
from sync.ports import PageOutcome
from tests.journal import WALL_MS, Journal
from tests.postgres import ROOT
from tests.store.rights_drafts import back
from tests.store.station import CASHIER, Sale, Station
from tests.store.test_snapshot import FIRST, Beside, Killed
from tests.sync.test_memory_store import root_certificate

ID = "01900000-0000-7000-8000-000000000001"


@pytest.fixture
def beside(station: Station) -> Beside:
    station.clock.set_wall(from_ms(WALL_MS + 1_000))
    return Beside(station)


def sell(beside: Beside, sale: Sale, entry_id: str | None = None) -> Entry:
    """A sale at this very till."""
    with beside.station.store.begin() as work:
        (entry,) = work.append_many([replace(sale.draft(), entry_id=entry_id)], CASHIER)
        work.commit()
    beside.station.clock.advance(1)
    return entry


def sold(beside: Beside, journal: Journal, number: int, entry_id: str | None = None) -> tuple[Sale, Entry]:
    """A sale of another station, that nobody has heard of yet."""
    sale = Sale(beside.station.random, number=number, first_slot=50 * number, prefix=f"X{number}")
    draft = sale.draft()
    return sale, journal.add(draft.kind, draft.feeds, draft.body, entry_id=entry_id)


def has(beside: Beside, sale: Sale) -> bool:
    with beside.station.store.read() as read:
        return read.order(sale.order) is not None


def settings(beside: Beside) -> dict[str, object]:
    """What the organization has set, as this station has it."""
    with beside.station.store._core.reading() as connection:
        return {row.name: json.loads(row.value) for row in connection.execute(select(SETTING))}


def loose(beside: Beside, journal: Journal, *entries: Entry) -> None:
    """Entries brought as a file, with their station's certificate."""
    beside.station.store.replica.take_loose((root_certificate(journal.station, journal.key),), entries)


def with_hash(smaller: bool, than: Entry, make: Callable[[int], tuple[Sale, Entry]]) -> tuple[Sale, Entry]:
    """A sale under the same id whose content counts against that of another, or does not."""
    return next(
        (sale, entry)
        for sale, entry in map(make, range(2, 100))
        if (entry.content_hash < than.content_hash) is smaller
    )


@pytest.mark.parametrize("hub_counts", [True, False])
def test_an_own_sale_whose_id_another_has_at_the_hub(beside: Beside, hub_counts: bool) -> None:
    mine = Sale(beside.station.random, number=1)
    own = sell(beside, mine, ID)
    theirs, other = with_hash(hub_counts, own, lambda at: sold(beside, beside.others[0], at, ID))
    beside.feeds.add(other)
    assert take(beside.snapshots(), beside).applied > 100
    assert has(beside, theirs) is hub_counts
    assert has(beside, mine) is not hub_counts
    assert beside.station.store.replica.kept_aside() == (0, 1)
    assert beside.station.store.verify().clean
    with beside.station.store.read() as read:
        assert read.open_conflicts() >= 1
    assert beside.strangers() == []


@pytest.mark.parametrize("hub_counts", [True, False])
def test_an_entry_of_another_that_came_a_different_way(beside: Beside, hub_counts: bool) -> None:
    known, first = sold(beside, beside.others[0], 1, ID)
    loose(beside, beside.others[0], first)
    theirs, other = with_hash(hub_counts, first, lambda at: sold(beside, beside.others[1], at, ID))
    beside.feeds.add(other)
    assert take(beside.snapshots(), beside).applied > 100
    assert (has(beside, theirs), has(beside, known)) == (hub_counts, not hub_counts)
    assert beside.station.store.replica.kept_aside() == (0, 1)
    assert beside.station.store.verify().clean


@pytest.mark.parametrize("hub_counts", [True, False])
def test_a_setting_of_the_organization_with_a_second_content(beside: Beside, hub_counts: bool) -> None:
    own = beside.station.append(Draft("settings_changed", ("org",), {"values": {"n": 1}}, entry_id=ID))[0]
    other = next(
        entry
        for n in range(2, 100)
        if ((entry := beside.others[0].add(body={"values": {"n": n}}, entry_id=ID)).content_hash
            < own.content_hash) is hub_counts
    )  # fmt: skip
    beside.feeds.add(other)
    assert take(beside.snapshots(), beside).applied > 100
    assert settings(beside)["n"] == (other if hub_counts else own).body["values"]["n"]
    assert beside.station.store.replica.kept_aside() == (0, 1)
    assert beside.station.store.verify().clean


def test_what_was_done_here_to_a_sale_of_the_hub_counts_beside_a_setting_under_its_id(beside: Beside) -> None:
    sale, entry = sold(beside, beside.others[0], 1)
    beside.feeds.add(entry)
    own = beside.station.append(replace(back(sale), entry_id=ID))[0]
    settings_of = (beside.others[1].add(body={"values": {"n": n}}, entry_id=ID) for n in range(100))
    beside.feeds.add(next(each for each in settings_of if each.content_hash > own.content_hash))
    assert take(beside.snapshots(), beside).applied > 100
    with beside.station.store.read() as read:
        assert all(part.void for part in read.sold_parts(sale.order))
    assert "n" not in settings(beside)
    assert beside.station.store.replica.kept_aside() == (0, 1)
    assert beside.station.store.verify().clean


def test_two_contents_in_the_feed_of_the_organization_itself(beside: Beside) -> None:
    twins = [
        journal.add(body={"values": {"n": n}}, entry_id=ID)
        for n, journal in enumerate(beside.others, start=1)
    ]
    beside.feeds.add(*sorted(twins, key=lambda entry: entry.content_hash, reverse=True))
    beside.feeds.add(beside.others[0].add(body={"values": {"later": 1}}))
    assert take(beside.snapshots(), beside).applied > 100
    wanted = min(twins, key=lambda entry: entry.content_hash)
    assert settings(beside)["n"] == wanted.body["values"]["n"]
    assert settings(beside)["later"] == 1
    assert beside.station.store.verify().clean


def revoke(beside: Beside, journal: Journal, last_trusted_seq: int) -> None:
    said = revocation.Revocation("organization", journal.station, 1, last_trusted_seq, from_ms(WALL_MS))
    entry = beside.hub.add("station_revoked", ("org",), revocation.issue(said, ROOT).body())
    beside.feeds.add(replace(entry, sig=b""))


def test_a_revocation_below_the_tip_takes_back_what_the_organization_was_told(beside: Beside) -> None:
    gone = beside.others[0]
    last_trusted = len(gone.entries)
    beside.feeds.add(gone.add(body={"values": {"told": 1}}))
    revoke(beside, gone, last_trusted)
    beside.feeds.add(beside.others[1].add(body={"values": {"later": 1}}))
    assert take(beside.snapshots(), beside).applied > 100
    assert "told" not in settings(beside)
    assert settings(beside)["later"] == 1
    assert beside.station.store.replica.kept_aside() == (0, 1)
    assert beside.station.store.verify().clean


def test_a_revocation_takes_back_what_was_known_here_before(beside: Beside) -> None:
    gone = beside.others[0]
    last_trusted = len(gone.entries)
    sale, late = sold(beside, gone, 1)
    loose(beside, gone, late)
    assert has(beside, sale)
    revoke(beside, gone, last_trusted)
    assert take(beside.snapshots(), beside).applied > 100
    assert not has(beside, sale)
    assert beside.station.store.replica.kept_aside() == (0, 1)
    assert beside.station.store.verify().clean


def test_what_was_not_believed_for_want_of_a_certificate_counts_when_that_comes(beside: Beside) -> None:
    sale, entry = sold(beside, beside.others[0], 1)
    beside.station.store.replica.take_seen([entry])
    assert beside.station.store.replica.kept_aside() == (0, 1)
    assert take(beside.snapshots(), beside).applied > 100
    assert has(beside, sale)
    assert beside.station.store.replica.kept_aside() == (0, 0)
    assert beside.station.store.verify().clean


def test_an_id_that_gets_a_second_content_meanwhile_makes_the_snapshot_begin_anew(beside: Beside) -> None:
    theirs, other = sold(beside, beside.others[0], 1, ID)
    beside.feeds.add(other)
    mine = Sale(beside.station.random, number=1)

    def watch(step: str) -> None:
        if step == "copying" and not has(beside, mine):
            sell(beside, mine, ID)

    snapshots = beside.snapshots(watch=watch)
    assert take(snapshots, beside) == PageOutcome()
    assert take(snapshots, beside).applied > 100
    assert has(beside, mine) is not has(beside, theirs)
    assert beside.station.store.replica.kept_aside() == (0, 1)
    assert beside.station.store.verify().clean


def test_a_file_that_was_computed_anew_meanwhile_makes_the_snapshot_begin_anew(beside: Beside) -> None:
    done: list[str] = []

    def watch(step: str) -> None:
        if step == "built" and not done:
            done.append(step)
            beside.station.store.rebuild()

    snapshots = beside.snapshots(watch=watch)
    assert take(snapshots, beside) == PageOutcome()
    assert take(snapshots, beside).applied > 100
    assert beside.station.store.verify().clean


def take(snapshots: StoreSnapshots, beside: Beside) -> PageOutcome:
    outcome = snapshots.take_snapshot("far_behind", beside.feeds, lambda done, steps: None, lambda: False)
    assert isinstance(outcome, PageOutcome)
    return outcome


class Till:
    """Sells whenever the merge leaves room; what it sold."""

    def __init__(self, beside: Beside, of_another: Sequence[Entry] = ()) -> None:
        self.beside = beside
        self.of_another = list(of_another)
        self.sales: list[Sale] = []

    def __call__(self, seconds: float) -> None:
        number = len(self.sales) + 1
        sale = Sale(self.beside.station.random, number=number, first_slot=1_000 + 10 * number)
        sell(self.beside, sale)
        self.sales.append(sale)
        if self.of_another:
            loose(self.beside, self.beside.others[0], self.of_another.pop())


class Killer:
    """Ends the process after so many transactions of the merge."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, step: str) -> None:
        self.left -= step in {"copied", "locked", "merging", "merged"}
        if self.left < 0:
            raise Killed


@pytest.fixture
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every few rows are a transaction of their own."""
    monkeypatch.setattr(snapshot_slices, "HOLD_SECONDS", 0.0)
    monkeypatch.setattr("app.store.snapshot_copy.ROWS_AT_ONCE", 100)
    monkeypatch.setattr("app.store.snapshot_copy.ENTRIES_AT_ONCE", 50)


@pytest.mark.usefixtures("short_slices")
@pytest.mark.parametrize("most_behind", [1_000, 3])
def test_sales_between_the_pieces_of_a_copy_wait_for_nothing_and_all_count(
    beside: Beside, most_behind: int
) -> None:
    came = [sold(beside, beside.others[0], number) for number in (1, 2)]
    till = Till(beside, [entry for _, entry in came])
    outcome = take(beside.snapshots(rest=till, most_behind=most_behind), beside)
    assert outcome.applied > 100
    assert len(till.sales) > 40
    assert all(has(beside, sale) for sale in (*till.sales, *(sale for sale, _ in came)))
    assert beside.station.store.outbox.tip().seq == len(till.sales)
    assert beside.station.store.verify().clean
    assert beside.strangers() == []


def test_whoever_sells_faster_than_is_caught_up_with_holds_nothing_up(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = Till(beside)
    real = Merge._catch_up

    def caught_up(merge: Merge) -> int:
        till(0)
        return real(merge)

    monkeypatch.setattr(Merge, "_catch_up", caught_up)
    assert take(beside.snapshots(), beside).applied > 100
    assert all(has(beside, sale) for sale in till.sales)
    assert beside.station.store.verify().clean


@pytest.mark.usefixtures("short_slices")
def test_nothing_of_a_snapshot_is_seen_before_its_last_transaction(beside: Beside) -> None:
    before = beside.sums()
    steps: list[str] = []
    seen: list[bool] = []

    def watch(step: str) -> None:
        steps.append(step)
        if step in {"copying", "locked", "merging"} or (step == "copied" and steps.count(step) % 12 == 0):
            seen.append(beside.sums() == before)

    take(beside.snapshots(rest=lambda seconds: None, watch=watch), beside)
    assert len(seen) > 5
    assert all(seen)
    assert beside.sums() != before


@pytest.mark.usefixtures("short_slices")
def test_a_kill_at_each_piece_of_a_copy_leaves_a_whole_file_that_goes_on(beside: Beside) -> None:
    kills = 0
    while True:
        killer = Killer(after=22 * (kills + 1))
        try:
            take(beside.snapshots(rest=lambda seconds: None, watch=killer), beside)
            break
        except Killed:
            kills += 1
            beside.station.reopen()
            assert beside.station.store.verify().clean
            sell(beside, Sale(beside.station.random, number=kills, first_slot=1_000 * kills))
    assert kills > 1
    assert beside.station.store.outbox.tip().seq == kills
    assert beside.station.store.verify().clean
    assert beside.strangers() == []


def test_a_copy_that_an_update_came_between_is_made_anew(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def watch(step: str) -> None:
        if step == "locked":
            raise Killed

    with pytest.raises(Killed):
        take(beside.snapshots(watch=watch), beside)
    store = beside.station.reopen()
    with store._core.writing() as work:
        work.connection.exec_driver_sql("CREATE INDEX of_an_update ON position (product)")
        work.commit()
    assert take(beside.snapshots(), beside).applied > 100
    assert store.verify().clean
    with store._core.reading() as connection:
        made = connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE name LIKE '%of_an_update'")
        assert made.scalars().all() == ["of_an_update"]


def test_a_disk_with_too_little_room_for_the_copy_is_left_as_it_was(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = shutil.disk_usage(beside.station.folder)._replace(free=201 * 1024 * 1024)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: room)
    before = beside.sums()
    with pytest.raises(Fault) as caught:
        take(beside.snapshots(), beside)
    assert caught.value.code == "DISK_FULL"
    assert beside.sums() == before
    assert beside.strangers() == []
    monkeypatch.undo()
    beside.feeds.asked.clear()
    assert take(beside.snapshots(), beside).applied > 100
    assert beside.feeds.asked == [], "what was fetched is gone on with"


def test_what_a_broken_off_merge_left_goes_when_the_hub_is_another(beside: Beside) -> None:
    def watch(step: str) -> None:
        if step == "locked":
            raise Killed

    with pytest.raises(Killed):
        take(beside.snapshots(watch=watch), beside)
    assert beside.strangers() != []
    beside.feeds.incarnation = "hub/00000002"
    assert isinstance(beside.take(), Denied)
    assert beside.strangers() == []


def test_a_backup_made_in_the_middle_of_a_merge_is_put_back_without_its_leavings(
    beside: Beside, tmp_path: Path
) -> None:
    made: list[Path] = []

    def watch(step: str) -> None:
        if step == "copying":
            made.append(beside.station.store.back_up(tmp_path / "copies").path)
            raise Killed

    with pytest.raises(Killed):
        take(beside.snapshots(watch=watch), beside)
    station = beside.station
    secrets = station.keystore.read(station.store.installation)
    assert secrets is not None
    put_back(tmp_path / "other", made[0], secrets, station.keystore, station.random, 2)
    core = StoreCore(tmp_path / "other" / "station.db", secrets.store_key)
    core.unlock()
    with core.reading() as connection:
        assert present(driver(connection)) == []
    core.close()


def test_documents_that_a_snapshot_names_or_erases_are_looked_at(beside: Beside) -> None:
    store = beside.station.store
    named, erased = ("00000000-0000-4000-8000-0000000000" + tail for tail in ("a1", "a2"))
    row = "'user', 'org', '00000000000001-000000', {}, x'00', x'01'"
    with store._core.writing() as work:
        run = work.connection.exec_driver_sql
        digest = "x'" + "ab" * 32 + "'"
        run(f"INSERT INTO document_aside VALUES ('{named}', {row.format(digest)}, 'UNNAMED', 0)")
        run(f"INSERT INTO document VALUES ('{erased}', {row.format(digest)}, 0, 0)")
        work.commit()
    journal = beside.others[0]
    body = {"user": "00000000-0000-4000-8000-0000000000b1", "login": "zoe", "roles": [], "document": named,
            "document_hash": "ab" * 32}  # fmt: skip
    beside.feeds.add(journal.add("user_created", ("org",), body))
    erasure = {"document": erased, "kind": "user", "feed": "org", "reason": "asked"}
    beside.feeds.add(journal.add("document_erased", ("org",), erasure))
    take(beside.snapshots(), beside)
    with store._core.reading() as connection:
        found = connection.exec_driver_sql("SELECT document, tombstone FROM document ORDER BY 1").all()
        aside = connection.exec_driver_sql("SELECT count(*) FROM document_aside").scalar_one()
    assert [tuple(each) for each in found] == [(named, 0), (erased, 1)]
    assert aside == 0
    assert FIRST is journal.key
