"""Others' orders of events that are over are forgotten, where nobody will ask for them any more."""

from pathlib import Path
from typing import Any

import pytest

from app.store import forgetting, horizon
from app.store.control import sums
from app.store.forgetting import AT_ONCE, events_over
from app.store.schema import SHORT_ENTRY
from app.store.verify import projection_sums
from domain.actor import SYSTEM
from domain.clock import from_ms
from domain.entry import Draft
from domain.horizon import DAY_MS
from domain.ids import uuid4
from tests.builders import make_event, make_gate, make_performance, make_product, make_quota
from tests.builders import seeded_random_bytes as seeded
from tests.hub.stations import RealStation, joined
from tests.hub.test_horizon import LATER, count, shorten
from tests.hub.test_projections import house_of, read_all
from tests.postgres import Hub
from tests.store import rights_drafts as after
from tests.store.station import Sale, made, printed, scanned, shift_closed, shift_opened


class Season:
    """A till with an evening behind it, a gate, and an office that has read all of it. `now`: 40 days on."""

    def __init__(self, hub: Hub, tmp_path: Path) -> None:
        self.random = seeded(3)
        self.till = joined(hub, tmp_path, "Till 1", "A")
        self.office = joined(hub, tmp_path, "Office", "C")
        self.hub = hub
        self.began = self.till.station.store._clock.now()
        self.now = int(self.began.timestamp() * 1000) + 40 * DAY_MS
        start, end = from_ms(self.now - 39 * DAY_MS), from_ms(self.now - 38 * DAY_MS)
        self.catalogue(
            make_event(), make_performance(starts_at=start, ends_at=end), make_quota(capacity=1000),
            make_product(quotas=(400,)), make_gate(),
        )  # fmt: skip
        self.number = 0

    def catalogue(self, *things: Any) -> None:
        self.add(*(made(thing) for thing in things))

    def add(self, *drafts: Draft, shift: str | None = None, by: RealStation | None = None) -> list[Any]:
        with (by or self.till).store.begin() as work:
            entries = work.append_many(drafts, SYSTEM, shift=shift)
            work.commit()
        return list(entries)

    def sale(self, **facts: Any) -> Sale:
        self.number += 1
        return Sale(
            self.random,
            number=self.number,
            prefix="A",
            first_slot=10 * self.number,
            sold_at=self.began,
            **facts,
        )

    def sold(self, *, shift: str | None = None, by: RealStation | None = None, **facts: Any) -> Sale:
        sale = self.sale(**facts)
        self.add(sale.draft(), shift=shift, by=by)
        return sale

    def read(self) -> None:
        """Everything goes round, and the hub says what it has."""
        for station in (self.till, self.office, self.till):
            assert station.sync() is None
        read_all(self.office)
        self.office.reopen()
        assert self.office.sync() is None
        self.till.write(self.number)  # so that what matters is not the last that was read
        assert self.till.sync() is None
        assert self.office.sync() is None

    def forget(self, days: int = 30, *, most: int = 100_000, short: bool = True) -> int:
        if short:
            shorten(self.office, self.now)
        forgetting = self.office.store.forgetting
        forgetting._rest = lambda _seconds: None
        return int(forgetting.forget(self.now, days, most))

    def orders(self) -> set[str]:
        with self.office.store._core.reading() as connection:
            return {row[0] for row in connection.exec_driver_sql("SELECT order_id FROM orders")}

    def close(self) -> None:
        self.till.close()
        self.office.close()


@pytest.fixture
def season(hub: Hub, tmp_path: Path) -> Any:
    made_one = Season(hub, tmp_path)
    yield made_one
    made_one.close()


def rows(station: RealStation, *tables: str) -> dict[str, int]:
    with station.store._core.reading() as connection:
        return {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in tables
        }


def test_settled_orders_of_an_event_long_over_go_with_all_that_hangs_on_them(season: Season) -> None:
    shift = uuid4(season.random)
    season.add(shift_opened(shift))
    plain, refunded = season.sold(shift=shift), season.sold(shift=shift)
    season.add(printed(plain.order, plain.serials), scanned("admitted", plain.serials[0]))
    season.add(after.back(refunded, kind="refund_paid"), shift=shift)
    season.add(shift_closed(shift), shift=shift)
    season.read()
    office = season.office
    with office.store._core.reading() as connection:
        before = sums(connection)
        tallies = connection.exec_driver_sql("SELECT * FROM tally ORDER BY 1, 2, 3").all()
    pools = rows(office, "pool_tally")
    assert season.forget(39) == 0, "38 days ago"
    assert season.forget(0) == 0, "for ever"
    assert season.forget() == 2
    gone = (
        "orders", "position", "payment", "payout", "give_back", "ticket", "ticket_act", "ticket_hold", "slot",
        "slot_freed", "print_fact", "gate_fact",
    )  # fmt: skip
    assert set(rows(office, *gone).values()) == {0}
    with office.store._core.reading() as connection:
        assert sums(connection) == before, "what was forgotten counts in the control sums"
        assert connection.exec_driver_sql("SELECT * FROM tally ORDER BY 1, 2, 3").all() == tallies
    assert rows(office, "pool_tally", "shift_closed", "forgotten_event") == {
        **pools, "shift_closed": 1, "forgotten_event": 1,
    }  # fmt: skip
    report = office.station.verify()
    assert report.problems == []
    assert report.control_sums >= 2
    office.reopen()
    assert office.station.verify().problems == []
    assert season.forget() == 0
    with season.till.store.read() as read:
        assert read.order(plain.order) is not None, "its own till keeps it for ever"
    assert season.till.store.verify().problems == []


def test_what_somebody_may_still_ask_for_stays(season: Season) -> None:
    running, over = uuid4(season.random), uuid4(season.random)
    season.add(shift_opened(running), shift_opened(over))
    open_shift = season.sold(shift=running)
    closed_shift = season.sold(shift=over)
    season.add(shift_closed(over), shift=over)
    unpaid = season.sale()
    season.add(after.reserved(unpaid))
    named = season.sold()
    season.add(
        Draft(
            "guest_named",
            ("event:100",),
            {
                "order": named.order,
                "event": 100,
                "document": uuid4(season.random),
                "document_hash": "aa" * 32,
            },
        )
    )
    scanned_here, plain, doubtful = (season.sold() for _ in range(3))
    season.add(scanned("admitted", plain.serials[0]))
    of_a_pass = season.sale()
    draft = of_a_pass.draft()
    for position in draft.body["positions"]:
        position["is_pass"] = True
    season.add(draft)
    season.add(after.steps(doubtful, 9, "B")[0])
    own = season.sold(by=season.office)
    season.read()
    season.add(scanned("admitted", scanned_here.serials[0]), by=season.office)
    assert season.forget() == 2
    left = season.orders()
    kept = (open_shift, unpaid, named, scanned_here, of_a_pass, doubtful, own)
    assert {sale.order for sale in kept} <= left
    assert not {closed_shift.order, plain.order} & left
    assert season.office.station.verify().problems == []


def test_an_event_in_conflict_stays_as_it_is(season: Season) -> None:
    sale, other = season.sold(), season.sold()
    season.add(scanned("admitted", sale.serials[0]), scanned("admitted", sale.serials[0]))
    season.read()
    assert season.office.store.open_conflicts() > 0
    assert season.forget() == 0
    assert season.orders() == {sale.order, other.order}


def test_an_event_whose_tickets_open_another_door_stays_while_that_goes_on(season: Season) -> None:
    soon = from_ms(season.now + DAY_MS)
    season.catalogue(
        make_event(number=101, code="OTHELLO"),
        make_performance(number=201, event=101, code="P2", starts_at=soon, ends_at=soon),
        make_product(number=302, code="BOTH", admits_at=(100, 101)),
    )
    sale = season.sold()
    season.read()
    with season.office.store._core.reading() as connection:
        assert events_over(connection, season.now - 30 * DAY_MS) == frozenset()
    assert season.forget() == 0
    assert season.orders() == {sale.order}
    season.now += 40 * DAY_MS
    assert season.forget() == 1
    assert season.orders() == set()


def test_what_comes_late_about_a_forgotten_event_brings_everything_back_first(season: Season) -> None:
    sale = season.sold()
    season.read()
    assert season.forget() == 1
    season.add(scanned("admitted", sale.serials[0]), scanned("admitted", sale.serials[0]))
    season.add(after.back(sale))
    assert season.till.sync() is None
    assert season.office.sync() is None
    late = rows(season.office, "held_entry", "gate_fact", "give_back", "conflict")
    assert late == {"held_entry": 3, "gate_fact": 0, "give_back": 0, "conflict": 0}, (
        "nothing on half the facts"
    )
    assert season.office.store.snapshots.wanted(0) == "horizon"
    with season.office.store.read() as read:
        assert read.held_entries() == []
    season.office.reopen()
    assert season.office.sync() is None
    assert season.orders() == {sale.order}
    beyond = ("held_entry", "short_entry", "forgotten_event", "forgotten_sum")
    assert set(rows(season.office, *beyond).values()) == {0}
    with season.office.store.read() as read, season.till.store.read() as theirs:
        assert read.order(sale.order) == theirs.order(sale.order)
        assert [row.code for row in read.conflicts()] == [row.code for row in theirs.conflicts()] != []
        assert read.facts(sale.serials[0]) == theirs.facts(sale.serials[0])
    assert season.office.station.verify().problems == []
    assert season.forget() == 0, "there is something to be settled now"


def test_the_hub_may_show_everything_again(season: Season) -> None:
    season.sold()
    season.read()
    assert season.forget() == 1
    with season.office.store._core.writing() as work:
        work.connection.exec_driver_sql("DELETE FROM feed_cursor")
        work.commit()
    read_all(season.office)
    assert season.orders() == set()
    assert rows(season.office, "held_entry") == {"held_entry": 0}
    assert season.office.station.verify().problems == []


def test_broken_off_between_two_pieces_the_sums_are_right(season: Season) -> None:
    for _ in range(AT_ONCE + 10):
        season.sold(count=1)
    season.read()
    with season.office.store._core.reading() as connection:
        before = sums(connection)
    shorten(season.office, season.now)

    def stopped(_seconds: float) -> None:
        raise KeyboardInterrupt

    season.office.store.forgetting._rest = stopped
    with pytest.raises(KeyboardInterrupt):
        season.office.store.forgetting.forget(season.now, 30)
    assert len(season.orders()) == 10
    season.office.reopen()
    with season.office.store._core.reading() as connection:
        assert sums(connection) == before
    assert season.forget(short=False) == 10
    with season.office.store._core.reading() as connection:
        assert sums(connection) == before
    assert season.office.station.verify().problems == []


def test_only_what_is_kept_in_short_is_forgotten(season: Season) -> None:
    season.sold()
    season.read()
    assert season.forget(short=False) == 0
    assert season.forget() == 1
    assert count(season.office, SHORT_ENTRY) >= 1


@pytest.mark.parametrize("seed", [21, 22, 24, 25])
def test_whatever_was_told_the_sums_stay_and_a_snapshot_brings_it_all_back(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A wild history is never settled as a whole, so what holds it back is taken away here: each order alone
    decides."""
    station, _ = house_of(hub, tmp_path, seed)
    assert station.sync() is None
    with station.store._core.reading() as connection:
        before, tables = sums(connection), projection_sums(connection)
        known = connection.exec_driver_sql("SELECT count(*) FROM orders").scalar_one()
    shorten(station)
    monkeypatch.setattr(forgetting, "events_over", lambda *_: frozenset({100, 101}))
    station.store.forgetting._rest = lambda _seconds: None
    assert 0 < station.store.forgetting.forget(LATER + 400 * DAY_MS, 30) < known
    with station.store._core.reading() as connection:
        assert sums(connection) == before
    assert station.station.verify().problems == []
    assert station.store.rebuild().by_snapshot
    assert station.sync() is None
    with station.store._core.reading() as connection:
        assert projection_sums(connection) == tables
    station.close()


def test_what_the_hub_itself_wrote_is_shortened_too(season: Season) -> None:
    sale = season.sold()
    season.read()
    with season.hub.admin() as admin:
        tips = admin.execute("SELECT seq FROM hub.station_tip WHERE station = '00000000'").fetchall()
    with season.office.store._core.reading() as connection:
        assert horizon.hub_has(connection).get(("00000000", 1)) == tips[0][0]
    assert season.forget() == 1
    assert sale.order not in season.orders()
