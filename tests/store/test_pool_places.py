"""Conflicts of pools are found from few places, and they are those that all places would give."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from app.store import replica
from app.store.conflict_facts import derive
from app.store.prepared import driver
from app.store.schema import CONFLICT, META, PROJECTED
from domain.conflict_leases import LeaseFact, LeaseWord, Use, lease_conflicts
from domain.conflict_sales import Place, Sold, excess_of, pool_conflicts
from domain.conflicts import Finding
from domain.entry import Draft, Entry
from domain.ticket_code import SigningKey
from tests.builders import make_performance, make_quota, seeded_random_bytes
from tests.journal import Journal
from tests.store import rights_drafts as after
from tests.store.station import Sale, changed, made

POOLS = (200, 400)


@contextmanager
def empty_tables() -> Iterator[Connection]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        for table in (META, *PROJECTED):
            table.create(connection)
        connection.execute(META.insert(), [{"name": "version", "value": "1"}])
        yield connection
    engine.dispose()


def from_all_places(connection: Connection, pool: int) -> list[Finding]:
    """What the rule says of everything that is taken."""
    rows = connection.exec_driver_sql(
        "SELECT s.lease, s.slot, p.* FROM slot s JOIN position p ON p.serial = s.serial "
        "LEFT JOIN slot_freed f USING (pool, lease, slot, serial) WHERE s.pool = ? AND f.pool IS NULL",
        (pool,),
    ).mappings()
    places = [
        Place(
            row["lease"], row["slot"],
            Sold(
                row["entry_id"], row["hlc"], row["order_id"], row["serial"], row["sold_ms"],
                row["event"], row["product"], row["price_version"],
            ),
        )
        for row in rows
    ]  # fmt: skip
    table = "performance" if pool == 200 else "quota"
    capacity = connection.exec_driver_sql(
        f"SELECT json_extract(fields, '$.capacity') FROM {table} WHERE number = ?", (pool,)
    ).scalar()
    return pool_conflicts(pool, excess_of(capacity, len(places)), places)


def shown(connection: Connection, pool: int) -> dict[str, tuple[str, int, int]]:
    rows = connection.execute(CONFLICT.select().where(CONFLICT.c.subject == f"pool:{pool}"))
    return {row.conflict: (row.entries, row.at_ms, row.event) for row in rows}


def lease_from_all_places(connection: Connection, lease: str) -> list[Finding]:
    """What the rule says of everything that was ever sold from a lease of pool 200."""
    facts = [
        LeaseFact(LeaseWord(row.word), row.station, row.hlc, row.at_ms, row.ttl_ms, row.first, row.last)
        for row in connection.exec_driver_sql("SELECT * FROM lease_fact WHERE lease = ?", (lease,))
    ]
    rows = connection.exec_driver_sql(
        "SELECT s.slot, p.entry_id, p.hlc, p.sold_ms, p.event, o.station FROM slot s "
        "JOIN position p ON p.serial = s.serial JOIN orders o ON o.order_id = p.order_id "
        "WHERE s.pool = 200 AND s.lease = ?",
        (lease,),
    )
    uses = [Use(row.entry_id, row.hlc, row.sold_ms, row.station, row.slot, row.event) for row in rows]
    return lease_conflicts(200, lease, facts, uses)


def granted(station: str, lease: str, first: int, last: int, ttl_ms: int = 10**14) -> Draft:
    body = {
        "event": 100, "station": station, "epoch": 1, "mac": "00", "renewed": [],
        "request": "00000000-0000-4000-8000-00000000000f",
        "leases": [
            {"lease": lease, "pool": 200, "ranges": [[first, last]], "seats": False, "ttl_ms": ttl_ms}
        ],
    }  # fmt: skip
    return Draft("lease_granted", ("event:100",), body)


def returned(lease: str, first: int, last: int) -> Draft:
    body = {"lease": lease, "pool": 200, "event": 100, "ranges": [[first, last]]}
    return Draft("lease_returned", ("event:100",), body)


def project(connection: Connection, entry: Entry) -> None:
    assert replica.misfit(entry) is None
    assert replica.project(connection, entry) is None


SALES = st.tuples(st.sampled_from(["sale", "held"]), st.integers(1, 6), st.integers(1, 3))
ACTS = st.one_of(
    SALES,
    st.tuples(st.just("back"), st.integers(0, 9), st.booleans()),
    st.tuples(st.just("again"), st.integers(0, 9), st.integers(1, 6)),
    st.tuples(st.just("capacity"), st.sampled_from(POOLS), st.integers(0, 8)),
    st.tuples(st.sampled_from(["grant", "return"]), st.integers(0, 4), st.integers(2, 8)),
)


def story(acts: list[tuple[Any, ...]]) -> list[Entry]:
    """Two stations that sell, take back, sell one ticket twice and change what a pool holds."""
    rnd = seeded_random_bytes(7)
    journals = [
        Journal(f"aaaa000{n}", SigningKey.from_seed(bytes([n]) * 32), random_bytes=rnd) for n in (1, 2)
    ]
    sales: list[Sale] = []

    def add(at: int, draft: Draft) -> None:
        journals[at % 2].add(draft.kind, draft.feeds, draft.body)

    for thing in (make_performance(), make_quota()):
        add(0, made(thing))
    for at, (what, one, two) in enumerate(acts):
        known = sales[one % len(sales)] if sales else None
        if what in ("sale", "held"):
            sale = Sale(rnd, count=two, number=at + 1, first_slot=one, lease="own" if at % 3 else "other")
            sales.append(sale)
            add(at, sale.draft() if what == "sale" else after.reserved(sale))
        elif what == "grant":
            add(at, granted(f"aaaa000{1 + at % 2}", "own", one, one + two, ttl_ms=one % 2))
        elif what == "return":
            add(at, returned("own", one, one + two))
        elif what == "capacity":
            thing = make_performance() if one == 200 else make_quota()
            add(at, changed(thing, capacity=two))
        elif known is not None and what == "back":
            add(at, after.back(known, *known.serials[: 1 if two else None]))
        elif known is not None:
            twin = Sale(rnd, count=1, number=at + 1, first_slot=two, lease="two")
            twin.serials = [known.serials[0]]
            add(at, twin.draft())
    return [*journals[0].entries, *journals[1].entries]


@given(st.lists(ACTS, max_size=14), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_few_places_give_what_all_places_give_after_every_entry_in_any_order(
    acts: list[tuple[Any, ...]], shuffle: Any
) -> None:
    entries = story(acts)
    shuffle.shuffle(entries)
    with empty_tables() as connection:
        for entry in entries:
            project(connection, entry)
            for pool in POOLS:
                whole = from_all_places(connection, pool)
                assert derive(connection, f"pool:{pool}") == whole
                assert len(shown(connection, pool)) == len(whole)
            assert derive(connection, "lease:200:own") == lease_from_all_places(connection, "own")


@pytest.mark.parametrize("oversold", [True, False])
def test_a_sale_from_a_large_pool_in_conflict_costs_what_one_from_a_small_pool_does(oversold: bool) -> None:
    steps = {size: _steps_of_a_sale(size, oversold=oversold) for size in (200, 3_000)}
    assert steps[3_000] < 1.25 * steps[200], steps


def test_a_refund_from_a_large_pool_in_conflict_costs_what_one_from_a_small_pool_does() -> None:
    steps = {size: _steps_of_a_sale(size, oversold=True, refund=True) for size in (200, 3_000)}
    assert steps[3_000] < 1.25 * steps[200], steps


def test_a_sale_from_a_large_lease_in_conflict_costs_what_one_from_a_small_lease_does() -> None:
    steps = {size: _steps_of_a_sale(size, oversold=False, outside=True) for size in (200, 3_000)}
    assert steps[3_000] < 1.25 * steps[200], steps


def _steps_of_a_sale(size: int, *, oversold: bool, refund: bool = False, outside: bool = False) -> int:
    """How many steps SQLite's machine takes for one more sale, in hundreds."""
    rnd = seeded_random_bytes(7)
    journal = Journal("aaaa0001", SigningKey.from_seed(bytes(32)), random_bytes=rnd)

    def add(draft: Draft) -> Entry:
        return journal.add(draft.kind, draft.feeds, draft.body)

    def sold(first: int, count: int = 10) -> Sale:
        sale = Sale(rnd, count=count, number=first, first_slot=first)
        project(connection, add(sale.draft()))
        return sale

    with empty_tables() as connection:
        project(connection, add(made(make_performance(capacity=size if oversold else 10 * size))))
        project(connection, add(made(make_quota(capacity=10 * size))))
        if outside:
            project(connection, add(granted("aaaa0001", "own", 1, size)))
        for at in range(0, size, 10):
            sold(at + 1)
        for at in (1, 2, 3):
            sold(size + at if oversold or outside else at, 1)
        assert shown(connection, 200) or outside
        last = sold(size + 50, 1)
        entry = add(after.back(last) if refund else Sale(rnd, count=1, first_slot=size + 60).draft())
        counted = 0

        def count() -> int:
            nonlocal counted
            counted += 1
            return 0

        driver(connection).set_progress_handler(count, 100)
        project(connection, entry)
        driver(connection).set_progress_handler(None, 0)
        assert derive(connection, "pool:200") == from_all_places(connection, 200)
        found = derive(connection, "lease:200:own")
        assert found == lease_from_all_places(connection, "own")
        assert bool(found) == outside
    assert counted > 0
    return counted
