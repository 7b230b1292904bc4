"""What an idle exchange asks the store costs nothing while nothing happens, and is right when it does."""

from collections.abc import Callable

import pytest

from app.store.opening import open_store
from app.store.replica import merge_hlc
from domain.actor import SYSTEM
from domain.clock import Hlc, to_ms
from domain.entry import Draft
from tests.store.station import Sale, Station, shift_opened

STARTED = Draft("app_started", ("org",), {"version": "1", "python": "3", "system": "none"})


@pytest.fixture
def counted(theatre: Station, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A letter for every transaction that the store opens: r to read, w to write."""
    opened: list[str] = []
    core = theatre.store._core

    def watched(name: str, letter: str) -> None:
        real: Callable = getattr(core, name)

        def counting() -> object:
            opened.append(letter)
            return real()

        monkeypatch.setattr(core, name, counting)

    watched("reading", "r")
    watched("writing", "w")
    return opened


def poll(station: Station) -> tuple:
    """What the exchange asks whenever it has nothing to do."""
    store = station.store
    tip = store.outbox.tip()
    return (
        tip,
        store.outbox.acked_seq(),
        list(store.outbox.batch(tip.seq, 200, 10**6)),
        store.leases.give_back(),
        store.leases.request(),
        store.rights.give_back(),
        store.rights.request(),
        store.replica.incarnation(),
        store.replica.cursors(),
        store.open_conflicts(),
    )


def test_a_poll_with_nothing_to_do_opens_no_transaction(theatre: Station, counted: list[str]) -> None:
    first = poll(theatre)
    counted.clear()
    assert poll(theatre) == first
    assert counted == []


def test_what_was_committed_here_is_seen_at_once(theatre: Station) -> None:
    before = poll(theatre)[0].seq
    theatre.append(STARTED, actor=SYSTEM)
    assert poll(theatre)[0].seq == before + 1
    assert [entry.kind for entry in theatre.store.outbox.batch(before, 200, 10**6)] == ["app_started"]


def test_what_another_process_committed_is_seen_at_once(theatre: Station) -> None:
    before = poll(theatre)[0].seq
    other = open_store(theatre.folder, theatre.keystore, theatre.clock, theatre.random)
    with other.begin() as work:
        work.append(STARTED, SYSTEM)
        work.commit()
    other.close()
    assert poll(theatre)[0].seq == before + 1


def test_what_was_undone_is_not_seen(theatre: Station) -> None:
    before = poll(theatre)
    with theatre.store.begin() as work:
        work.append(STARTED, SYSTEM)
    assert poll(theatre) == before


def test_a_right_is_given_back_when_its_time_comes_though_nothing_was_written(theatre: Station) -> None:
    theatre.store.set_station(has_hub=True)
    shift = "00000000-0000-4000-8000-0000000000aa"
    theatre.append(shift_opened(shift), shift=shift)
    theatre.append(Sale(theatre.random).draft(), shift=shift)
    assert not theatre.store.rights.give_back()
    theatre.clock.advance(3600)
    assert theatre.store.rights.give_back()


def test_a_clock_behind_the_hubs_keeps_no_right_for_longer(theatre: Station) -> None:
    """Stamps run ahead with the hub's time; how long a right has been here is told by the own clock alone."""
    theatre.store.set_station(has_hub=True)
    ahead = Hlc(to_ms(theatre.clock.now()) + 40 * 60_000)
    with theatre.store._core.writing() as work:
        merge_hlc(work.connection, ahead)
        work.commit()
    shift = "00000000-0000-4000-8000-0000000000aa"
    theatre.append(shift_opened(shift), shift=shift)
    (sold,) = theatre.append(Sale(theatre.random).draft(), shift=shift)  # a second ago
    assert Hlc.parse(sold.origin.hlc).ms >= ahead.ms
    theatre.clock.advance(598)
    assert not theatre.store.rights.give_back()
    theatre.clock.advance(1)
    assert theatre.store.rights.give_back()
