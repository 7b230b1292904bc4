"""The views for reports: what they say, who may read them, how the tables under them are spread."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from domain.entry import Draft
from domain.errors import Refusal
from sync import hub_readers
from tests.builders import NOW, make_event, make_performance, make_product, seeded_random_bytes
from tests.hub.stations import RealStation, joined
from tests.hub.test_admin import raised
from tests.hub.test_failover import two_servers  # noqa: F401 - a fixture
from tests.hub.test_projections import house_of
from tests.postgres import Hub
from tests.store import rights_drafts as after
from tests.store.station import (
    CASHIER,
    Sale,
    made,
    refused,
    reprinted,
    scanned,
    shift_closed,
    shift_opened,
    undone,
)

SHIFT = "00000000-0000-4000-8000-00000000000a"
VIEWS = {
    "admissions", "conflicts_resolved", "events", "feeds", "open_payments", "orders", "payment_values",
    "payments", "payouts",
    "performances", "pools", "products", "promos", "refunds", "refusals", "reservations", "sales", "shifts",
    "stations", "tickets",
}  # fmt: skip
FORBIDDEN = [
    "SELECT 1 FROM hub.orders",
    "SELECT 1 FROM hub.person",
    "SELECT 1 FROM hub.log_raw",
    "SELECT 1 FROM hub.hub",
    "SELECT 1 FROM hub.invitation",
    "SELECT 1 FROM hub_part.orders_0",
    "SELECT 1 FROM hub.ticket",
    "SELECT hub.rebuild_projections()",
    "SELECT hub.replay_held()",
    "SELECT hub.control_sums('cash')",
    "SELECT api_1.hello('{}')",
    "SELECT api_1.control(ARRAY['cash'])",
    "INSERT INTO report.events (event) VALUES (1)",
    "UPDATE report.performances SET capacity = 1",
    "DELETE FROM report.orders",
    "DROP VIEW report.events",
    "CREATE VIEW report.mine AS SELECT 1",
    "CREATE TABLE public.mine (n int)",
    "CREATE TABLE report.mine (n int)",
    "CREATE TEMP TABLE mine (n int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION report.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "DO $$ BEGIN PERFORM 1; END $$",
    "SET ROLE gatehouse_owner",
    "SET ROLE gatehouse_station",
    "ALTER ROLE CURRENT_USER CREATEROLE",
    "GRANT gatehouse_reader TO PUBLIC",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_sleep(0)",
    "SELECT pg_notify('gatehouse org', '')",
    "SELECT pg_read_file('postgresql.conf')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY report.events TO '/tmp/probe'",
    "SELECT pg_terminate_backend(1)",
    "SELECT rolpassword FROM pg_authid",
]


def as_reader(hub: Hub, name: str = "bi") -> tuple[str, str]:
    made_reader = hub_readers.make_reader(hub.dsn, name, os.urandom)
    return made_reader.role, made_reader.dsn


@pytest.fixture
def reader(hub: Hub) -> Iterator[psycopg.Connection]:
    """A reader's connection; the login is dropped afterwards."""
    role, dsn = as_reader(hub)
    try:
        with psycopg.connect(dsn, autocommit=True) as connection:
            yield connection
    finally:
        with hub.admin() as admin:
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def evening(hub: Hub, tmp_path: Path) -> RealStation:
    """An event of two performances' worth of facts: a shift, two sales, a reprint, scans."""
    station = joined(hub, tmp_path, "Till 1", "A")
    rnd = seeded_random_bytes(1)
    first = Sale(rnd, pools=(200,))
    second = Sale(rnd, count=1, number=2, tender="card", price_minor=3000, pools=(200,))
    practice = Sale(rnd, number=3, practice=True, pools=(200,))
    drafts = [
        made(make_event()), made(make_performance()), made(make_product(quotas=())),
        Draft("event_published", ("org",), {"event": 100}),
        shift_opened(SHIFT), first.draft(), second.draft(), practice.draft(),
        reprinted(first.order, first.serials[1], 2),
        scanned("admitted", first.serials[0]), refused(first.serials[0]), shift_closed(SHIFT),
    ]  # fmt: skip
    with station.store.begin() as work:
        entries = work.append_many(drafts, CASHIER, shift=SHIFT)
        work.commit()
    taken_back = next(entry for entry in entries if entry.kind == "admitted")
    with station.store.begin() as work:
        again = work.append(scanned("admitted", second.serials[0], gate="B"), CASHIER)
        work.append(undone(again.entry_id, second.serials[0]), CASHIER)
        work.commit()
    assert taken_back.body["serial"] == first.serials[0]
    assert station.sync() is None
    return station


def test_the_views_tell_the_evening(hub: Hub, tmp_path: Path, reader: psycopg.Connection) -> None:
    station = evening(hub, tmp_path)

    def rows(query: str) -> list[tuple[Any, ...]]:
        return reader.execute(query.encode()).fetchall()

    assert rows(
        "SELECT event, tickets, gross_minor, net_minor + tax_minor, currency, station FROM sales"
    ) == [(100, 3, 7000, 7000, "EUR", station.id)]
    paid = rows("SELECT tender, payments, amount_minor, tendered_minor - change_minor, shift FROM payments")
    assert sorted(paid) == [("card", 1, 3000, 3000, SHIFT), ("cash", 1, 4000, 4000, SHIFT)]
    assert rows("SELECT event, gate, admitted, refused, undone FROM admissions ORDER BY gate") == [
        (100, "A", 1, 1, 0), (100, "B", 0, 0, 1),
    ]  # fmt: skip
    assert rows("SELECT verdict, refused FROM refusals") == [("ALREADY_USED", 1)]
    assert sorted(rows("SELECT state, entered, print_number FROM tickets")) == [
        ("active", 0, 1), ("active", 0, 2), ("used", 1, 1),
    ]  # fmt: skip
    assert rows("SELECT shift, expected_minor, counted_minor, difference_minor, closed_at IS NOT NULL"
                " FROM shifts") == [(SHIFT, 14_000, 13_950, -50, True)]  # fmt: skip
    assert rows("SELECT name, state FROM events") == [("Hamlet", "published")]
    pools = rows("SELECT kind, name, capacity, sold, oversold FROM pools WHERE capacity IS NOT NULL")
    assert pools == [("performance", "HAMLET-1", 100, 5, 0)], "practice takes places too"
    assert rows("SELECT name, held, quarantined, seen_at IS NOT NULL, entries FROM stations") == [
        ("Till 1", 0, 0, True, station.store.outbox.tip().seq)
    ]
    assert rows("SELECT count(*) FROM orders") == [(2,)]
    with hub.admin() as admin:
        assert admin.execute("SELECT count(*) FROM hub.orders").fetchone() == (3,), "practice is left out"
    station.close()


def test_the_views_tell_what_came_after_the_sales(
    hub: Hub, tmp_path: Path, reader: psycopg.Connection
) -> None:
    """A refund of one ticket of two, a void, a reservation that waits and one that was paid, a gift card."""
    station = joined(hub, tmp_path, "Till 1", "A")
    rnd = seeded_random_bytes(2)
    kept, undone_, other = Sale(rnd), Sale(rnd, count=1, number=2, first_slot=5), Sale(rnd, count=1, number=3)
    waits, paid = Sale(rnd, count=1, price_minor=1500), Sale(rnd, count=3, price_minor=1000)
    begins = datetime.now(UTC) - timedelta(minutes=45)
    drafts = [
        made(make_event()), made(make_performance(starts_at=begins, ends_at=begins + timedelta(hours=2))),
        made(make_product(quotas=())), shift_opened(SHIFT), kept.draft(), undone_.draft(), other.draft(),
        after.reserved(waits, NOW - timedelta(days=900)), after.reserved(paid), after.paid(paid, 4, "A"),
        after.back(kept, kept.serials[0], tender="card"), after.back(undone_, kind="order_voided"),
        after.back(other, kind="exchanged"), after.issued(5000), after.spent(2000, rnd),
        after.returned(500, rnd),
    ]  # fmt: skip
    with station.store.begin() as work:
        work.append_many(drafts, CASHIER, shift=SHIFT)
        work.commit()
    assert station.sync() is None

    def rows(query: str) -> list[tuple[Any, ...]]:
        return reader.execute(query.encode()).fetchall()

    assert rows("SELECT sum(tickets), sum(returned_tickets), sum(gross_minor), sum(returned_minor),"
                " sum(kept_minor) FROM sales") == [(7, 3, 11_000, 6_000, 5_000)]  # fmt: skip
    states = rows("SELECT state, paid_minor, returned_minor, receipt FROM orders ORDER BY due_minor, state")
    assert states == [
        ("reserved", 0, 0, ""), ("refunded", 2000, 2000, "K1-000003"), ("void", 2000, 2000, "K1-000002"),
        ("paid", 3000, 0, "A-000004"), ("partly_refunded", 4000, 2000, "K1-000001"),
    ]  # fmt: skip
    refunds = rows("SELECT kind, tickets, amount_minor, minutes_after_start, event FROM refunds ORDER BY 1")
    assert {minutes in (45, 46) for _, _, _, minutes, _ in refunds} == {True}
    assert [(kind, tickets, amount) for kind, tickets, amount, _, _ in refunds] == [
        ("exchange", 1, 2000), ("refund", 1, 2000), ("void", 1, 2000),
    ]  # fmt: skip
    assert rows("SELECT count(*) FROM refunds WHERE into_order IS NOT NULL AND kind = 'exchange'") == [(1,)]
    assert rows("SELECT tender, payouts, amount_minor, shift FROM payouts ORDER BY tender") == [
        ("card", 1, 2000, SHIFT), ("cash", 2, 4000, SHIFT),
    ]  # fmt: skip
    assert rows("SELECT order_id::text, tickets, due_minor, is_overdue FROM reservations") == [
        (waits.order, 1, 1500, True)
    ]
    assert sorted(rows("SELECT state, is_unpaid, returned_at IS NOT NULL FROM tickets")) == [
        ("active", False, False), ("active", False, False), ("active", False, False),
        ("active", False, False), ("active", True, False),
        ("cancelled", False, True), ("cancelled", False, True), ("cancelled", False, True),
    ]  # fmt: skip
    assert rows("SELECT cards, issued_minor, spent_minor, left_minor, at_risk_minor, overspent"
                " FROM payment_values") == [(1, 5000, 1500, 3500, 2000, 0)]  # fmt: skip
    station.close()


def test_every_view_is_there_has_words_and_can_be_read(hub: Hub, reader: psycopg.Connection) -> None:
    with hub.admin() as admin:
        found = admin.execute(
            "SELECT c.relname, obj_description(c.oid) FROM pg_class c"
            " WHERE c.relnamespace = 'report'::regnamespace"
        ).fetchall()
    assert {name for name, _ in found} == VIEWS
    assert all(words for _, words in found)
    for name in sorted(VIEWS):
        reader.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name)))


def test_a_reader_reads_the_views_and_nothing_else(hub: Hub, reader: psycopg.Connection) -> None:
    reader.execute("SET default_transaction_read_only = off")
    allowed = []
    for statement in FORBIDDEN:
        try:
            reader.execute(statement)
        except psycopg.Error:
            continue
        allowed.append(statement)
    assert allowed == []


def test_a_station_reads_no_view(hub: Hub) -> None:
    enrolled = hub.join("Till 1", "A")
    with psycopg.connect(enrolled.dsn, password=enrolled.password, autocommit=True) as connection:
        for name in sorted(VIEWS):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("SELECT * FROM report.{}").format(sql.Identifier(name)))


def test_a_reader_made_again_has_another_password(hub: Hub, reader: psycopg.Connection) -> None:
    again = hub_readers.make_reader(hub.dsn, "bi", os.urandom)
    assert again.again
    with psycopg.connect(again.dsn) as connection:
        assert connection.execute("SELECT session_user").fetchone() == (again.role,)


@pytest.mark.parametrize("name", ["", "Bi", "bi; DROP", "x" * 41, "1st"])
def test_a_reader_has_a_plain_name(hub: Hub, name: str) -> None:
    assert raised(Refusal, hub_readers.make_reader, hub.dsn, name, os.urandom).code == "READER_NAME"


def test_rows_are_spread_over_partitions_and_one_feed_is_read_from_one(hub: Hub, tmp_path: Path) -> None:
    enrolled = hub.join("Till 1", "A")
    with hub.admin() as admin:
        admin.execute(
            "INSERT INTO hub.gate_fact SELECT 'event:' || e, lpad(to_hex(n), 16, '0'), gen_random_uuid(),"
            " 'admitted', '', now(), e, e, 1, 0, 'A', '1', 'entry', 'ADMIT', 'camera', 'live', 1, NULL, %s,"
            " '', 1"
            " FROM generate_series(1, 40) e, generate_series(1, 50) n",
            (enrolled.station,),
        )
        spread = admin.execute(
            "SELECT tableoid::regclass::text, count(*) FROM hub.gate_fact GROUP BY 1"
        ).fetchall()
        assert len(spread) == 8
        assert sum(count for _, count in spread) == 2000
        plan = "\n".join(
            line
            for (line,) in admin.execute("EXPLAIN SELECT count(*) FROM hub.gate_fact WHERE feed = 'event:7'")
        )
        whole = "\n".join(line for (line,) in admin.execute("EXPLAIN SELECT count(*) FROM hub.gate_fact"))
    assert sum(f"gate_fact_{n}" in plan for n in range(8)) == 1, plan
    assert sum(f"gate_fact_{n}" in whole for n in range(8)) == 8


def test_reports_are_read_from_a_standby(two_servers, tmp_path: Path) -> None:  # noqa: F811
    """A streaming replica takes the load of reports off the primary; it is read with the same login."""
    hub, standby = two_servers
    role, _ = as_reader(hub, "standby")
    station = evening(hub, tmp_path)
    secret = hub_readers.make_reader(hub.dsn, "standby", os.urandom)
    address = psycopg.conninfo.make_conninfo(secret.dsn, port=str(standby.port))
    with psycopg.connect(address, autocommit=True) as reading:
        assert reading.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
        for _ in range(200):
            found = reading.execute("SELECT sum(gross_minor) FROM sales").fetchone()
            if found != (None,):
                break
            reading.execute("SELECT count(*) FROM tickets")
        assert found == (7000,)
        reading.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.Error):
            reading.execute("CREATE TEMP TABLE mine (n int)")
    assert role == "reader_standby"
    station.close()


def test_the_tables_are_computed_anew_by_the_administrator(hub: Hub, tmp_path: Path) -> None:
    station, _ = house_of(hub, tmp_path, 50, 80)
    with hub.admin() as admin:
        before = admin.execute("SELECT * FROM hub.position ORDER BY feed, serial").fetchall()
        admin.execute("UPDATE hub.position SET gross_minor = 0; DELETE FROM hub.orders")
    assert hub_readers.reproject(hub.dsn) > 80
    with hub.admin() as admin:
        assert admin.execute("SELECT * FROM hub.position ORDER BY feed, serial").fetchall() == before
        assert admin.execute("SELECT count(*) > 0 FROM hub.orders").fetchone() == (True,)
    station.close()
