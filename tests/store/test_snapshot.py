"""Snapshots into a real file: broken off at every step, with a journal that goes on, from a hub that lies."""

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.store.schema import METADATA
from app.store.snapshot import StoreSnapshots
from app.store.verify import projection_sums
from domain import kinds
from domain.clock import from_ms
from domain.entry import HUB, Entry
from domain.errors import Fault
from domain.ticket_code import SigningKey
from sync.messages import Denied
from sync.ports import Cursor, Page, PageOutcome
from sync.snapshot_ports import SnapshotHeads, SnapshotRow
from tests.hub.histories import History
from tests.journal import WALL_MS, Journal
from tests.postgres import ROOT
from tests.store.station import Sale, Station, scanned, undone
from tests.store.test_replica import certificate_entry
from tests.sync.test_memory_store import root_certificate

INCARNATION = "hub/00000001"
FIRST, SECOND = (SigningKey.from_seed(bytes([number]) * 32) for number in (1, 2))


class Killed(BaseException):
    """The process is gone: nothing after this point happens."""


@dataclass
class Feeds:
    """A hub's feeds in memory, as a source of snapshots; `bend` may change what it says."""

    rows: dict[str, list[SnapshotRow]] = field(default_factory=dict)
    asked: list[tuple[str, int, int]] = field(default_factory=list)
    bend: Callable[[str, list[SnapshotRow]], list[SnapshotRow]] = lambda feed, rows: rows
    incarnation: str = INCARNATION

    def add(self, *entries: Entry) -> None:
        for entry in entries:
            for feed in entry.feeds:
                before = self.rows.setdefault(feed, [])
                running = before[-1][8] if before else bytes(32)
                running = hashlib.sha256(running + entry.hash).digest()
                before.append(
                    (len(before) + 1, entry.station, entry.epoch, entry.seq, entry.content, entry.prev_hash,
                     entry.hash, entry.sig, running)
                )  # fmt: skip

    def begin(self, incarnation: str) -> SnapshotHeads | Denied:
        if incarnation != self.incarnation:
            return Denied("INCARNATION", {"incarnation": self.incarnation})
        return SnapshotHeads(
            incarnation, {f: Cursor(len(rows), rows[-1][8]) for f, rows in self.rows.items()}
        )

    def entries(self, feed: str, after: int, until: int, seen: Sequence[str]) -> Iterator[SnapshotRow]:
        self.asked.append((feed, after, until))
        some = self.bend(feed, self.rows[feed][after:until])
        for row in some:
            known = any(row[6] == other[6] for each in seen for other in self.rows[each])
            yield (*row[:4], None if known else row[4], *row[5:])


@dataclass
class Beside:
    """A station of its own beside a hub with an untidy history of two others."""

    station: Station
    feeds: Feeds = field(default_factory=Feeds)

    def __post_init__(self) -> None:
        store = self.station.store
        own = root_certificate(store.outbox.station(), store.signing_key)
        store.adopt_root(ROOT.public, (own,))
        store.replica.adopt_incarnation(INCARNATION)
        self.own = Journal(store.outbox.station(), store.signing_key)
        self.hub = Journal(HUB, SigningKey.from_seed(bytes(32)))
        self.others = [
            Journal("aaaa0001", FIRST, user=None, random_bytes=random.Random(1).randbytes),
            Journal("bbbb0002", SECOND, user=None, random_bytes=random.Random(2).randbytes),
        ]
        certificates = [
            certificate_entry(self.hub, (root_certificate(one.station, one.key),)) for one in self.others
        ]
        History(5).written(self.others, 120)
        self.feeds.add(*certificates)
        for journal in self.others:
            self.feeds.add(*journal.entries)

    def snapshots(self, **options: Any) -> StoreSnapshots:
        store = self.station.store
        plain = {"far_behind": 1, "workers": 1}
        around = self.station.clock, self.station.random
        return StoreSnapshots(store._core, store.identity, store.keys, *around, **plain | options)

    def take(self, **options: Any) -> PageOutcome | Denied:
        return self.snapshots(**options).take_snapshot(
            "far_behind", self.feeds, lambda done, steps: None, lambda: False
        )

    def sums(self) -> dict[str, str]:
        """Of all tables but the certificates, which are made anew for each station here."""
        with self.station.store._core.reading() as connection:
            found = projection_sums(connection)
        del found["certificate"]
        return found

    def strangers(self) -> list[str]:
        """Tables in the live file that are not of its schema."""
        with self.station.store._core.reading() as connection:
            query = "SELECT name FROM sqlite_schema WHERE type = 'table'"
            found = set(connection.exec_driver_sql(query).scalars())
        return sorted(found - {*METADATA.tables, "alembic_version"})

    def page_by_page(self) -> None:
        """The same by the ordinary way."""
        for feed in sorted(self.feeds.rows, key=lambda each: (each != "org", each)):
            rows = self.feeds.rows[feed]
            by_hash = {e.hash: e for journal in (self.hub, *self.others) for e in journal.entries}
            entries = [by_hash[row[6]] for row in rows]
            if feed == "org":
                entries = [self._unsigned(entry) for entry in entries]
            self.station.store.replica.apply(Page(feed, entries, Cursor(len(rows), rows[-1][8])))

    @staticmethod
    def _unsigned(entry: Entry) -> Entry:
        from dataclasses import replace

        return replace(entry, sig=b"") if entry.station == HUB else entry


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


def test_everything_is_there_at_once_and_the_cursors_stand_at_the_heads(
    beside: Beside, expected: dict[str, str]
) -> None:
    outcome = beside.take()
    assert isinstance(outcome, PageOutcome)
    assert outcome.applied == 2 + sum(len(journal.entries) for journal in beside.others)
    assert beside.sums() == expected
    cursors = beside.station.store.replica.cursors()
    assert {feed: cursor.position for feed, cursor in cursors.items() if cursor.position} == {
        feed: len(rows) for feed, rows in beside.feeds.rows.items()
    }
    assert not (beside.station.folder / "snapshot").exists()
    assert beside.station.store.verify().clean


@pytest.mark.parametrize(
    "step",
    [
        "begun", "organization", "piece", "building", "built", "copying", "copied", "locked", "merging",
        "merged", "cleared",
    ],
)  # fmt: skip
def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(
    beside: Beside, expected: dict[str, str], step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.snapshot.PIECE", 20)

    def watch(at: str) -> None:
        if at == step:
            raise Killed

    with pytest.raises(Killed):
        beside.take(watch=watch)
    asked_before = list(beside.feeds.asked)
    beside.station.reopen()
    before_merge = step not in {"merged", "cleared"}
    assert (beside.sums()["orders"] == expected["orders"]) is not before_merge
    again = beside.snapshots(watch=lambda at: None)
    assert again.wanted(0) == "begun"
    assert beside.station.store.verify().clean
    beside.feeds.asked.clear()
    outcome = again.take_snapshot("begun", beside.feeds, lambda done, steps: None, lambda: False)
    assert isinstance(outcome, PageOutcome)
    assert beside.sums() == expected
    assert beside.station.store.verify().clean
    if step == "piece":
        assert not set(asked_before) & set(beside.feeds.asked)
    if step not in {"begun", "organization", "piece", "building"}:
        assert beside.feeds.asked == []
    assert beside.strangers() == []


def test_a_kill_between_all_ranges_one_after_the_other_still_ends_well(
    beside: Beside, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.snapshot.PIECE", 30)

    def watch(at: str) -> None:
        if at == "piece":
            raise Killed

    kills = 0
    while True:
        try:
            beside.take(watch=watch)
            break
        except Killed:
            kills += 1
            beside.station.reopen()
    assert kills > 3
    assert len(set(beside.feeds.asked)) == len(beside.feeds.asked)
    assert beside.sums() == expected


def test_sales_made_here_meanwhile_stay_and_count(
    beside: Beside, make_station: Callable[..., Station]
) -> None:
    before, meanwhile = Sale(beside.station.random, number=1), Sale(beside.station.random, number=2)
    beside.station.append(before.draft())

    def watch(at: str) -> None:
        if at == "piece" and meanwhile.count == 2:
            meanwhile.count = 0
            beside.station.append(meanwhile.draft())

    beside.take(watch=watch)
    with beside.station.store.read() as read:
        assert read.order(before.order) is not None
        assert read.order(meanwhile.order) is not None
    assert beside.station.store.outbox.tip().seq == 2
    assert beside.station.store.verify().clean


def test_an_echo_of_the_own_journal_is_not_kept_twice(beside: Beside) -> None:
    sale = Sale(beside.station.random, number=1)
    entries = beside.station.append(sale.draft())
    beside.feeds.add(*entries)
    before = beside.snapshots()
    outcome = before.take_snapshot("far_behind", beside.feeds, lambda done, steps: None, lambda: False)
    assert isinstance(outcome, PageOutcome)
    assert outcome.applied == 2 + sum(len(journal.entries) for journal in beside.others)
    assert beside.station.store.verify().clean


def test_an_own_entry_that_an_older_program_cannot_read_is_released_after_its_snapshot(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = Sale(beside.station.random, number=1)
    beside.feeds.add(*beside.station.append(sale.draft()))
    with monkeypatch.context() as older:
        shapes = {key: shape for key, shape in kinds.SHAPES.items() if key[0] != "order_sold"}
        older.setattr(kinds, "SHAPES", shapes)
        assert isinstance(beside.take(), PageOutcome)
    beside.station.reopen()
    assert beside.station.store.replica.kept_aside() == (0, 0)
    with beside.station.store.read() as read:
        assert read.order(sale.order) is not None
    assert beside.station.store.verify().clean


def test_a_station_that_has_read_some_pages_gains_the_rest(beside: Beside, expected: dict[str, str]) -> None:
    first = beside.others[0]
    beside.station.store.replica.take_loose((root_certificate(first.station, first.key),), first.entries[:30])
    assert isinstance(beside.take(), PageOutcome)
    assert beside.sums() == expected
    assert beside.station.store.verify().clean


def test_what_comes_after_a_snapshot_is_taken_as_ever(beside: Beside) -> None:
    beside.take()
    sale = Sale(beside.station.random, prefix="K9")
    draft = sale.draft()
    entry = beside.others[0].add(draft.kind, draft.feeds, draft.body)
    position = len(beside.feeds.rows["event:100"])
    outcome = beside.station.store.replica.apply(Page("event:100", [entry], Cursor(position + 1, bytes(32))))
    assert outcome.applied == 1
    again = beside.station.store.replica.apply(Page("cash", [entry], Cursor(999, bytes(32))))
    assert again.known == 1


def test_processes_side_by_side_come_to_the_same(
    beside: Beside, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.snapshot.ALONE_BELOW", 0)
    monkeypatch.setattr("app.store.snapshot.PIECE", 15)
    assert isinstance(beside.take(workers=2), PageOutcome)
    assert beside.sums() == expected


def test_a_wrong_signature_is_set_aside_and_stops_nothing(beside: Beside) -> None:
    def bend(feed: str, rows: list[SnapshotRow]) -> list[SnapshotRow]:
        return [
            (*row[:7], bytes(64), row[8]) if row[3] == 20 and row[1] == "aaaa0001" else row for row in rows
        ]

    beside.feeds.bend = bend
    outcome = beside.take()
    assert isinstance(outcome, PageOutcome)
    assert len(outcome.rejected) == 1
    held, rejected = beside.station.store.replica.kept_aside()
    assert (held, rejected) == (0, 1)


def test_a_kind_of_a_newer_program_is_held_as_ever(beside: Beside) -> None:
    beside.feeds.add(beside.others[0].add("from_the_future", ("event:100",), {"x": 1}))
    outcome = beside.take()
    assert isinstance(outcome, PageOutcome)
    assert outcome.held == 1
    assert beside.station.store.replica.kept_aside() == (1, 0)
    assert beside.station.store.verify().clean


def test_of_two_entries_with_one_id_one_counts_and_one_is_set_aside(beside: Beside) -> None:
    sales = [Sale(beside.station.random, number=number) for number in (7, 8)]
    made = []
    for journal, sale in zip(beside.others, sales, strict=True):
        draft = sale.draft()
        made.append(
            journal.add(draft.kind, draft.feeds, draft.body, entry_id="01900000-0000-7000-8000-000000000001")
        )
    beside.feeds.add(*made)
    first, second = sales if made[0].content_hash < made[1].content_hash else reversed(sales)
    outcome = beside.take()
    assert isinstance(outcome, PageOutcome)
    assert len(outcome.rejected) == 1
    with beside.station.store.read() as read:
        assert read.order(first.order) is not None
        assert read.order(second.order) is None
        assert read.facts(second.serials[0]) is None
    assert beside.station.store.verify().clean


def _twins(beside: Beside, smaller: str, kind: str, body: dict[str, Any]) -> Sale:
    """A sale in an event and an entry of the organization under one id; `smaller`: which of them counts."""
    sale, (seller, other) = Sale(beside.station.random, number=7), beside.others
    draft = sale.draft()
    wanted = other.add(kind, ("org",), body)
    while True:
        sold = seller.add(draft.kind, draft.feeds, draft.body, entry_id=wanted.entry_id)
        if (sold.content_hash < wanted.content_hash) == (smaller == "event"):
            beside.feeds.add(wanted, sold)
            return sale
        seller.entries.pop()
        sale = Sale(beside.station.random, number=7)
        draft = sale.draft()


@pytest.mark.parametrize("smaller", ["org", "event"])
def test_of_one_id_in_the_organization_and_in_an_event_one_counts(beside: Beside, smaller: str) -> None:
    sale = _twins(beside, smaller, "settings_changed", {"values": {"odd": 1}})
    assert isinstance(beside.take(), PageOutcome)
    with beside.station.store.read() as read:
        assert (read.order(sale.order) is not None) == (smaller == "event")
    with beside.station.store._core.reading() as connection:
        odd = connection.exec_driver_sql("SELECT value FROM setting WHERE name = 'odd'").scalars().all()
        codes = connection.exec_driver_sql("SELECT code FROM conflict").scalars().all()
    assert odd == (["1"] if smaller == "org" else [])
    assert "DUPLICATE_ID" in codes
    assert beside.station.store.replica.kept_aside() == (0, 1)
    taken = beside.sums()
    beside.station.store.rebuild()
    assert beside.sums() == taken


@pytest.mark.parametrize("kind", ["admitted", "exited"])
def test_what_the_organization_took_back_before_it_came_is_taken_back(beside: Beside, kind: str) -> None:
    """Feed `org` is read before all others, also where an undo is in it."""
    (seller, gate), sale = beside.others, Sale(beside.station.random, number=7)
    draft, passage = sale.draft(), scanned(kind, sale.serials[0])
    bought = seller.add(draft.kind, draft.feeds, draft.body)
    passed = gate.add(passage.kind, passage.feeds, passage.body)
    back = undone(passed.entry_id, sale.serials[0])
    beside.feeds.add(bought, passed, gate.add(back.kind, ("event:100", "org"), back.body))
    assert isinstance(beside.take(), PageOutcome)
    with beside.station.store._core.reading() as connection:
        query = f"SELECT live FROM gate_fact WHERE entry_id = '{passed.entry_id}'"
        assert connection.exec_driver_sql(query).scalar_one() == 0
    taken = beside.sums()
    beside.station.store.rebuild()
    assert beside.sums() == taken


def test_a_person_whose_entry_does_not_count_after_all_is_left_to_the_pages(beside: Beside) -> None:
    body = {
        "user": str(UUID(int=9)),
        "login": "p9",
        "roles": ["cashier"],
        "document": None,
        "document_hash": None,
    }
    _twins(beside, "event", "user_created", body)
    snapshots = beside.snapshots()
    for _ in range(3):
        outcome = snapshots.take_snapshot("far_behind", beside.feeds, lambda done, steps: None, lambda: False)
        assert outcome == PageOutcome()
    assert snapshots.wanted(1_000_000) is None
    assert beside.strangers() == []


@pytest.mark.parametrize("lie", ["gap", "swapped", "link"])
def test_a_hub_that_leaves_something_out_is_found_and_nothing_is_merged(
    beside: Beside, lie: str, expected: dict[str, str]
) -> None:
    def bend(feed: str, rows: list[SnapshotRow]) -> list[SnapshotRow]:
        if lie == "gap" and feed == "event:100":
            return rows[:3] + rows[4:]
        if lie == "swapped" and feed == "event:100":
            return [*rows[:3], (rows[3][0], *rows[4][1:]), *rows[4:]]
        if lie == "link" and feed == "cash":
            return [(*row[:3], row[3] + 1_000, *row[4:]) for row in rows]
        return rows

    before = beside.sums()
    beside.feeds.bend = bend
    with pytest.raises(Fault) as caught:
        beside.take()
    assert caught.value.code == "HUB_REPLY"
    assert beside.sums() == before
    assert not (beside.station.folder / "snapshot").exists()
    beside.feeds.bend = lambda feed, rows: rows
    beside.take()
    assert beside.sums() == expected


def test_another_hub_history_begins_anew(beside: Beside) -> None:
    def watch(at: str) -> None:
        if at == "organization":
            raise Killed

    with pytest.raises(Killed):
        beside.take(watch=watch)
    beside.feeds.incarnation = "hub/00000002"
    answer = beside.take()
    assert isinstance(answer, Denied)
    assert answer.code == "INCARNATION"
    assert not (beside.station.folder / "snapshot").exists()
    beside.station.store.replica.adopt_incarnation("hub/00000002")
    assert isinstance(beside.take(), PageOutcome)


def test_a_scratch_file_that_does_not_read_is_made_anew(beside: Beside, expected: dict[str, str]) -> None:
    def watch(at: str) -> None:
        if at == "piece":
            raise Killed

    with pytest.raises(Killed):
        beside.take(watch=watch)
    path = beside.station.folder / "snapshot" / "scratch.db"
    path.write_bytes(b"\0" * path.stat().st_size)
    assert isinstance(beside.take(), PageOutcome)
    assert beside.sums() == expected


def test_what_was_in_the_making_when_the_computer_stopped_is_not_gone_on_with(
    beside: Beside, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def watch(at: str) -> None:
        if at == "building":
            raise Killed

    with pytest.raises(Killed):
        beside.take(watch=watch)
    beside.feeds.asked.clear()
    monkeypatch.setattr(beside.station.clock, "_boot", "boot-2")
    assert isinstance(beside.take(), PageOutcome)
    assert beside.feeds.asked
    assert beside.sums() == expected


def test_stopping_leaves_what_is_done_for_the_next_time(
    beside: Beside, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.snapshot.PIECE", 20)
    told: list[tuple[int, int]] = []
    stopped = beside.snapshots().take_snapshot(
        "far_behind", beside.feeds, lambda done, steps: told.append((done, steps)), lambda: len(told) > 1
    )
    assert stopped == PageOutcome()
    assert (beside.station.folder / "snapshot").is_dir()
    beside.take()
    assert beside.sums() == expected
    assert all(0 <= done <= steps for done, steps in told)


def test_when_a_snapshot_is_worth_it(beside: Beside) -> None:
    snapshots = beside.snapshots(far_behind=100)
    assert snapshots.wanted(99) is None
    assert snapshots.wanted(100) == "far_behind"
    snapshots.ask("control_sums")
    assert snapshots.wanted(0) == "control_sums"
    snapshots.take_snapshot("control_sums", beside.feeds, lambda done, steps: None, lambda: False)
    assert snapshots.wanted(0) is None


def test_the_scratch_files_show_no_content(beside: Beside, tmp_path: Path) -> None:
    def watch(at: str) -> None:
        if at == "merging":
            raise Killed

    with pytest.raises(Killed):
        beside.take(watch=watch)
    for path in (beside.station.folder / "snapshot").iterdir():
        assert b"order_sold" not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
