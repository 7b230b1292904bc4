"""The own journal: chained, signed, append-only, all or nothing."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from app.store import engine
from domain.clock import Hlc, to_ms
from domain.entry import SIGNATURE_CONTEXT, Draft, MalformedEntryError, chain_hash, raw_text
from domain.ticket_code import verify_signature
from tests.builders import make_event
from tests.store.station import CASHIER, Sale, Station, changed, made

STARTED = Draft("app_started", ("org",), {"version": "1", "python": "3", "system": "x"})


def test_entries_are_chained_and_signed_by_the_station(theatre: Station) -> None:
    entries = theatre.store.outbox.batch(0, 100, 1_000_000)
    previous = theatre.store.outbox.hash_at(0)
    for seq, entry in enumerate(entries, 1):
        raw = raw_text(entry.station, entry.epoch, entry.seq, entry.content)
        assert (entry.seq, entry.prev_hash) == (seq, previous)
        assert entry.hash == chain_hash(entry.prev_hash, raw)
        assert verify_signature(theatre.store.signing_key.public, entry.sig, SIGNATURE_CONTEXT + entry.hash)
        previous = entry.hash


@pytest.mark.parametrize(
    "statement",
    ["UPDATE journal SET content = ''", "DELETE FROM journal", "REPLACE INTO journal SELECT * FROM journal"],
)
def test_the_journal_cannot_be_changed_by_any_statement(theatre: Station, statement: str) -> None:
    before = theatre.store.outbox.tip()
    with pytest.raises(DatabaseError), theatre.store._core.writing() as work:
        work.connection.exec_driver_sql(statement)
    assert theatre.store.outbox.tip() == before


def test_leaving_without_commit_undoes_everything(theatre: Station) -> None:
    before = theatre.store.outbox.tip()
    sale = Sale(theatre.random)
    with theatre.store.begin() as work:
        work.append(sale.draft(), CASHIER)
        job = work.add_print_job(sale.order, "tickets")
        assert work.read.order(sale.order) is not None
        assert job > 0
    assert theatre.store.outbox.tip() == before
    with theatre.store.read() as read:
        assert read.order(sale.order) is None
        assert read.print_jobs() == []
        assert read.used_slots([200]) == {200: 0}


def test_an_exception_undoes_everything(theatre: Station) -> None:
    before = theatre.store.outbox.tip()

    def break_off() -> None:
        with theatre.store.begin() as work:
            work.append(Sale(theatre.random).draft(), CASHIER)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert theatre.store.outbox.tip() == before
    theatre.append(STARTED)


@pytest.mark.parametrize(
    "draft",
    [
        Draft("app_started", ("org",), {"version": "1"}),
        Draft("never_heard_of", ("org",), {}),
        Draft("app_started", ("org",), {"version": "1", "python": "3", "system": "x"}, 2),
        Draft("event_changed", ("org",), {"event": 100, "fields": {"colour": "red"}}),
        Draft("event_created", ("org",), {"event": 101, "fields": {"name": "no zone"}}),
    ],
    ids=["missing field", "unknown kind", "unknown version", "unknown column", "incomplete object"],
)
def test_a_misfit_is_refused_before_anything_is_written(theatre: Station, draft: Draft) -> None:
    before = theatre.store.outbox.tip()
    with theatre.store.begin() as work:
        with pytest.raises(MalformedEntryError):
            work.append_many([STARTED, draft], CASHIER)
        with pytest.raises(RuntimeError):
            work.commit()
    assert theatre.store.outbox.tip() == before


def test_a_second_transaction_in_one_thread_is_a_bug_not_a_hang(station: Station) -> None:
    with station.store.begin(), pytest.raises(RuntimeError), station.store.begin():
        pass


def test_stamps_rise_even_when_the_clock_is_set_back(station: Station) -> None:
    first = station.append(STARTED)[0]
    station.clock.advance(-3600)
    second, third = station.append(STARTED, STARTED)
    stamps = [Hlc.parse(entry.origin.hlc) for entry in (first, second, third)]
    assert stamps == sorted(set(stamps))


def test_the_time_at_the_hub_goes_into_each_entry_with_its_age(station: Station) -> None:
    assert station.append(STARTED)[0].clocks.offset_ms is None
    station.store.note_hub_time(-250)
    station.clock.advance(2)
    clocks = station.append(STARTED)[0].clocks
    assert (clocks.offset_ms, clocks.offset_age_ms) == (-250, 2000)


def test_what_time_it_is_at_the_hub_is_counted_from_its_last_word_whatever_the_wall_says(
    station: Station,
) -> None:
    assert station.store.hub_now_ms() is None
    began_ms = to_ms(station.clock.now())
    station.store.note_hub_time(-250)
    station.clock.advance(2)
    station.clock.set_wall(station.clock.now() + timedelta(days=365))
    assert station.store.hub_now_ms() == began_ms - 250 + 2000
    station.store.note_hub_time(-250)  # of the same measurement, with whatever else was told
    assert station.store.hub_now_ms() == began_ms - 250 + 2000
    station.store.note_hub_time(-365 * 86_400_000)
    assert station.store.hub_now_ms() == began_ms + 2000


def test_what_the_hub_confirmed_is_no_longer_waiting(theatre: Station) -> None:
    theatre.store.set_station(has_hub=True)
    tip = theatre.store.outbox.tip()
    with theatre.store.read() as read:
        assert read.waiting_entries() == tip.seq
    theatre.store.outbox.acknowledge(tip.seq - 1, {})
    with theatre.store.read() as read:
        assert read.waiting_entries() == 1
        assert [row.synced for row in read.journal_rows(2)] == [False, True]
    with pytest.raises(ValueError):
        theatre.store.outbox.acknowledge(tip.seq + 1, {})


def test_a_station_without_a_hub_waits_for_nobody(theatre: Station) -> None:
    with theatre.store.read() as read:
        assert read.waiting_entries() == 0


def test_a_change_in_the_same_transaction_is_seen_there_and_nowhere_else_until_commit(
    theatre: Station,
) -> None:
    with theatre.store.begin() as work:
        work.append(changed(make_event(), name="Macbeth"), CASHIER)
        inside = work.read.event(100)
        with theatre.store.read() as read:
            outside = read.event(100)
    with theatre.store.read() as read:
        after = read.event(100)
    assert [event and event.name for event in (inside, outside, after)] == ["Macbeth", "Hamlet", "Hamlet"]


def test_a_change_of_another_process_is_seen_by_the_next_question(theatre: Station) -> None:
    from app.store.opening import open_store

    second = open_store(theatre.folder, theatre.keystore, theatre.clock, theatre.random)
    with second.read() as read:
        assert read.event(101) is None
    theatre.append(made(make_event(number=101, code="LEAR", name="Lear")))
    with second.read() as read:
        event = read.event(101)
    second.close()
    assert event is not None
    assert event.name == "Lear"


def test_a_journal_survives_with_its_key_only(theatre: Station) -> None:
    path = theatre.folder / "station.db"
    with pytest.raises(engine.dbapi2.DatabaseError):
        engine.connect(path, bytes(32), writing=False).execute("SELECT count(*) FROM journal")
