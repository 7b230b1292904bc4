"""The hub's tables say the same as the stations' (invariant 27), whatever came first, also when rebuilt."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from psycopg.rows import dict_row
from sqlalchemy import Table, select

from app.store import schema, schema_people, schema_rights
from domain.entry import Entry
from domain.ids import uuid7
from sync import hub_inbox
from sync.hub_client import HubClient
from sync.messages import PushReply
from tests.hub.histories import History, journal_of, push_at_random
from tests.hub.stations import RealStation, joined
from tests.journal import WALL_MS, Journal
from tests.postgres import Hub
from tests.store.station import Sale

ROWS = {
    "orders": (
        schema.ORDER,
        (
            "SELECT t.*, {ms:t.sold_at} AS sold_ms, coalesce(s.state, 'paid') AS state,"
            " coalesce(s.receipt, t.receipt) AS receipt FROM (SELECT DISTINCT ON (order_id) * FROM hub.orders"
            " ORDER BY order_id, part, hlc, entry_id) AS t LEFT JOIN hub.order_state s USING (order_id)"
        ),
    ),
    "position": (
        schema.POSITION,
        (
            "SELECT *, {ms:sold_at} AS sold_ms, {ms:valid_from_at} AS valid_from_ms,"
            " {ms:valid_until_at} AS valid_until_ms FROM hub.position"
        ),
    ),
    "payment": (schema.PAYMENT, "SELECT * FROM hub.payment"),
    "gate_fact": (
        schema.GATE_FACT,
        (
            "SELECT *, {ms:at} AS at_ms, CASE WHEN kind IN ('admitted', 'exited') THEN"
            " entry_id IN (SELECT entry_id FROM hub.gate_passage) ELSE true END AS live FROM hub.gate_fact"
        ),
    ),
    "print_fact": (schema.PRINT_FACT, "SELECT *, {ms:at} AS at_ms FROM hub.print_fact"),
    "ticket": (
        schema.TICKET,
        (
            "SELECT * FROM hub.ticket WHERE (event, performance, sold, admitted, inside, print_number)"
            " <> (0, 0, 0, 0, 0, 1)"
        ),
    ),
    "shift_opened": (schema.SHIFT_OPENED, "SELECT *, {ms:at} AS at_ms FROM hub.shift_opened"),
    "shift_closed": (schema.SHIFT_CLOSED, "SELECT *, {ms:at} AS at_ms FROM hub.shift_closed"),
    "catalogue_patch": (schema.CATALOGUE_PATCH, "SELECT *, {ms:at} AS at_ms FROM hub.catalogue_patch"),
    "event_fact": (schema.EVENT_FACT, "SELECT *, {ms:at} AS at_ms FROM hub.event_fact"),
    "setting": (schema.SETTING, "SELECT * FROM hub.setting"),
    "person": (schema.PERSON, 'SELECT *, user_id AS "user" FROM hub.person'),
    "conflict_resolution": (
        schema.CONFLICT_RESOLUTION,
        'SELECT *, user_id AS "user", {ms:at} AS at_ms FROM hub.conflict_resolution',
    ),
    "reservation": (
        schema_rights.RESERVATION,
        "SELECT *, {ms:until_at} AS until_ms FROM hub.reservation",
    ),
    "receipt": (schema_rights.RECEIPT, "SELECT * FROM hub.receipt"),
    "payment_fact": (schema_rights.PAYMENT_FACT, "SELECT *, {ms:at} AS at_ms FROM hub.payment_fact"),
    "give_back": (
        schema_rights.GIVE_BACK,
        'SELECT *, user_id AS "user", {ms:at} AS at_ms FROM hub.give_back',
    ),
    "ticket_act": (schema_rights.TICKET_ACT, "SELECT *, {ms:at} AS at_ms FROM hub.ticket_act"),
    "payout": (schema_rights.PAYOUT, "SELECT * FROM hub.payout"),
    "ticket_hold": (
        schema_rights.TICKET_HOLD,
        "SELECT *, {ms:refunded_at} AS refunded_ms, {ms:cancelled_at} AS cancelled_ms FROM hub.ticket_hold",
    ),
    "value_fact": (
        schema_rights.VALUE_FACT,
        "SELECT *, {ms:at} AS at_ms, {ms:expires_at} AS expires_ms FROM hub.value_fact",
    ),
    "person_change": (schema_people.PERSON_CHANGE, 'SELECT *, user_id AS "user" FROM hub.person_change'),
    "role_change": (schema_people.ROLE_CHANGE, "SELECT * FROM hub.role_change"),
    "gate": (
        schema.GATE,
        "SELECT name AS code, made, fields FROM hub.catalogue_object WHERE object = 'gate'",
    ),
    "event": (
        schema.EVENT,
        (
            "SELECT event AS number, code, name, state, (SELECT fields FROM hub.catalogue_object o"
            " WHERE o.object = 'event' AND o.name = e.event::text) AS fields FROM report.events e"
        ),
    ),
    "performance": (
        schema.PERFORMANCE,
        (
            "SELECT performance AS number, event, code, {ms:starts_at} AS starts_ms, {ms:ends_at} AS ends_ms"
            " FROM report.performances"
        ),
    ),
    "promo": (
        schema.PROMO,
        ("SELECT name::bigint AS number, event, fields FROM hub.catalogue_object WHERE object = 'promo'"),
    ),
    "product": (
        schema.PRODUCT,
        (
            "SELECT name::bigint AS number, event, made, fields, fields ->> 'code' AS code"
            " FROM hub.catalogue_object WHERE object = 'product'"
        ),
    ),
}
"""Table → the station's, and the hub's rows under the station's names."""
ONLY_AT_STATIONS = {
    "orders": {"short_hash"},
    "position": {"reference"},
    "event": set(),
    "performance": {"fields"},
}
AS_JSON = {"fields", "tenders", "roles", "seen", "permissions", "limits"}
"""Columns with JSON; `value` is one where it is a setting."""


def _ms(query: str) -> str:
    while (at := query.find("{ms:")) >= 0:
        end = query.index("}", at)
        query = (
            f"{query[:at]}floor(extract(epoch FROM {query[at + 4 : end]}) * 1000)::bigint{query[end + 1 :]}"
        )
    return query


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return value if value is None or isinstance(value, int) else str(value)


def hub_rows(hub: Hub, name: str, columns: list[str]) -> list[tuple[Any, ...]]:
    with hub.admin() as admin, admin.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_ms(ROWS[name][1]).encode()).fetchall()

    def plain(column: str, value: Any) -> Any:
        return json.dumps(value, sort_keys=True) if is_json(name, column) else _plain(value)

    return sorted((tuple(plain(column, row[column]) for column in columns) for row in rows), key=repr)


def is_json(name: str, column: str) -> bool:
    return column in AS_JSON or (name, column) == ("setting", "value")


def station_rows(station: RealStation, table: Table, columns: list[str]) -> list[tuple[Any, ...]]:
    with station.store._core.reading() as connection:
        rows = connection.execute(select(table)).mappings().all()

    def plain(column: str, value: Any) -> Any:
        if is_json(table.name, column) and value is not None:
            return json.dumps(json.loads(value), sort_keys=True)
        return "null" if is_json(table.name, column) else _plain(value)

    return sorted((tuple(plain(column, row[column]) for column in columns) for row in rows), key=repr)


def read_all(station: RealStation) -> None:
    """Exchange until nothing new comes."""
    before = None
    while before != (before := station.store.replica.cursors()):
        assert station.sync() is None


def assert_equal_tables(hub: Hub, station: RealStation) -> None:
    for name, (table, _) in ROWS.items():
        columns = [c.name for c in table.c if c.name not in ONLY_AT_STATIONS.get(name, set())]
        assert hub_rows(hub, name, columns) == station_rows(station, table, columns), name


def house_of(hub: Hub, tmp_path: Path, seed: int, count: int = 250) -> tuple[RealStation, list[Journal]]:
    """Two tills with a random history at the hub, and a station that has pulled it."""
    rnd = random.Random(seed)
    pairs = []
    for name, prefix in (("Till 1", "A"), ("Till 2", "B")):
        enrolled = hub.join(name, prefix)
        pairs.append((enrolled, journal_of(enrolled, rnd)))
    journals = [journal for _, journal in pairs]
    History(seed).written(journals, count)
    push_at_random(pairs, rnd)
    reader = joined(hub, tmp_path, "Office", "C")
    read_all(reader)
    return reader, journals


@pytest.mark.parametrize("seed", range(6))
def test_hub_tables_are_the_stations_tables(hub: Hub, tmp_path: Path, seed: int) -> None:
    station, journals = house_of(hub, tmp_path, seed)
    with station.store._core.reading() as connection:
        known = connection.exec_driver_sql("SELECT count(*) FROM replica_entry").scalar_one()
        held = connection.exec_driver_sql("SELECT count(*) FROM held_entry").scalar_one()
    assert (known - 3, held) == (sum(len(journal.entries) for journal in journals), 0), "it has pulled all"
    assert_equal_tables(hub, station)
    with hub.admin() as admin:
        rebuilt = admin.execute("SELECT hub.rebuild_projections()").fetchone()[0]
        assert rebuilt == known
    assert_equal_tables(hub, station)
    station.close()


def twins_of(hub: Hub, first: int) -> tuple[list[Sale], list[Entry]]:
    """Two tills have sold under one id and set the same thing under another; `first` has pushed first."""
    rnd = random.Random(first)
    entry_ids = [uuid7(WALL_MS, rnd.randbytes) for _ in range(2)]
    pairs, sales, sold = [], [], []
    for at, (name, prefix) in enumerate((("Till 1", "A"), ("Till 2", "B"))):
        enrolled = hub.join(name, prefix)
        journal = journal_of(enrolled, rnd)
        journal.user = None
        sale = Sale(rnd.randbytes, number=at + 1, first_slot=10 * at, prefix=prefix)
        journal.add("app_started", ("org",), {"version": "1", "python": "3", "system": "x"})
        sold.append(journal.add("order_sold", sale.draft().feeds, sale.draft().body, entry_id=entry_ids[0]))
        journal.add("settings_changed", ("org",), {"values": {"n": at}}, entry_id=entry_ids[1])
        pairs.append((enrolled, journal))
        sales.append(sale)
    for at in (first, 1 - first):
        enrolled, journal = pairs[at]
        client = HubClient.connect(enrolled.dsn, enrolled.password, "test")
        reply = client.push(journal.entries)
        client.close()
        assert isinstance(reply, PushReply)
        assert [each.code for each in reply.outcomes] == ["DUPLICATE_ID"] * 2 * (at != first)
    return sales, sold


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("at_once", [True, False])
def test_of_two_contents_of_one_id_the_tables_tell_the_one_that_stations_believe(
    hub: Hub, tmp_path: Path, first: int, at_once: bool
) -> None:
    if not at_once:  # what a long log does: the tables are computed anew by whoever tends the hub
        with hub.admin() as admin:
            admin.execute("ALTER FUNCTION hub.settle_twins() RENAME TO settle_twins_later")
            admin.execute("CREATE FUNCTION hub.settle_twins() RETURNS void LANGUAGE sql AS ''")
    sales, sold = twins_of(hub, first)
    if not at_once:
        with hub.admin() as admin:
            admin.execute("DROP FUNCTION hub.settle_twins()")
            admin.execute("ALTER FUNCTION hub.settle_twins_later() RENAME TO settle_twins")
        hub_inbox.release(hub.dsn)
    reader = joined(hub, tmp_path, "Office", "C")
    read_all(reader)
    for _ in range(2):
        assert_equal_tables(hub, reader)
        with hub.admin() as admin:
            known = admin.execute("SELECT order_id::text FROM hub.orders").fetchall()
            wanted = min(range(2), key=lambda at: sold[at].content_hash)
            assert known == [(sales[wanted].order,)]
            assert admin.execute("SELECT hub.settle_twins()").fetchone() == (0,)
            admin.execute("SELECT hub.rebuild_projections()")
    reader.close()


def test_the_uses_of_promo_codes_are_what_the_entries_say(hub: Hub, tmp_path: Path) -> None:
    station, journals = house_of(hub, tmp_path, 5, 120)
    every = [entry for journal in journals for entry in journal.entries]
    sold = [entry for entry in every if entry.kind == "order_sold" and "promo" in entry.body]
    wanted = sorted((entry.body["order"], entry.entry_id, entry.body["promo"]) for entry in sold)
    assert wanted
    for _ in range(2):
        with hub.admin() as admin:
            rows = admin.execute("SELECT order_id::text, entry_id::text, promo FROM hub.promo_use").fetchall()
            assert sorted(rows) == wanted
            admin.execute("SELECT hub.rebuild_projections()")
    station.close()


def test_a_changed_row_at_the_hub_is_told_apart(hub: Hub, tmp_path: Path) -> None:
    """The comparison can fail."""
    station, _ = house_of(hub, tmp_path, 77, 60)
    with hub.admin() as admin:
        admin.execute("UPDATE hub.position SET gross_minor = gross_minor + 1")
    with pytest.raises(AssertionError):
        assert_equal_tables(hub, station)
    station.close()
