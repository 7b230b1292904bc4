"""A station's role can do what its functions allow, and nothing else."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.postgres import Hub, Hubs

FORBIDDEN = [
    "SELECT * FROM hub.station_log",
    "SELECT * FROM hub.hub",
    "SELECT 1 FROM hub.invitation",
    "INSERT INTO hub.feed_log VALUES ('org', 1, 'x', 1, 1, '')",
    "UPDATE hub.station_tip SET seq = 0",
    "DELETE FROM hub.log_raw",
    "TRUNCATE hub.log_raw",
    "DROP SCHEMA hub CASCADE",
    "DROP FUNCTION api_1.hello(jsonb)",
    "ALTER FUNCTION api_1.hello(jsonb) OWNER TO CURRENT_USER",
    "SELECT hub.append_own('settings_changed', ARRAY['org'], '{}')",
    "SELECT hub.me()",
    "SELECT hub.incarnation()",
    "CREATE TABLE public.mine (n int)",
    "CREATE TABLE api_1.mine (n int)",
    "CREATE TEMP TABLE mine (n int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "DO $$ BEGIN PERFORM 1; END $$",
    "SET ROLE gatehouse_owner",
    "SET SESSION AUTHORIZATION gatehouse_owner",
    "CREATE ROLE mine",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER CONNECTION LIMIT -1",
    "GRANT gatehouse_owner TO CURRENT_USER",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_try_advisory_lock(1)",
    "SELECT pg_advisory_xact_lock_shared(1)",
    "SELECT pg_sleep(0)",
    "SELECT pg_sleep_for('0 s')",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT pg_notify('gatehouse org', '')",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_ls_dir('.')",
    "COPY (SELECT 1) TO '/tmp/probe'",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_terminate_backend(1)",
    "SELECT pg_reload_conf()",
    "SELECT pg_switch_wal()",
    "SELECT rolpassword FROM pg_authid",
    "ALTER SYSTEM SET fsync = off",
    "SET log_statement = 'none'",
    "SET session_replication_role = replica",
    "CREATE DATABASE mine",
    "SELECT 1 FROM hub.feed_head FOR UPDATE",
    "SELECT query_to_xml('SELECT 1', true, true, '')",
]


@pytest.fixture
def station(hub: Hub) -> Iterator[psycopg.Connection]:
    enrolled = hub.join()
    with psycopg.connect(
        make_conninfo(enrolled.dsn, password=enrolled.password), autocommit=True
    ) as connection:
        yield connection


@pytest.fixture(scope="module")
def probe(hubs: Hubs) -> Iterator[psycopg.Connection]:
    """One station for all statements: none of them may change anything."""
    with hubs.fresh() as hub:
        enrolled = hub.join()
        conninfo = make_conninfo(enrolled.dsn, password=enrolled.password)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            yield connection


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_a_station_may_not(probe: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.Error) as refused:
        probe.execute(statement.encode())
    assert refused.value.sqlstate in {"42501"}, refused.value


def test_a_station_may_call_its_functions(station: psycopg.Connection) -> None:
    hello = '{"epoch": 1, "protocol": {"min": 1, "max": 1}}'
    assert station.execute("SELECT api_1.hello(%s::jsonb)", (hello,)).fetchone()[0]["mode"] == "normal"
    assert station.execute("SELECT api_1.wake(ARRAY['org'])").fetchone()[0] == {}


def test_a_function_of_a_stations_own_making_is_never_called_by_the_hubs(station: psycopg.Connection) -> None:
    """What stands in pg_temp or another schema is looked up last, if at all."""
    rows = station.execute(
        "SELECT p.proname, p.proconfig FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'api_1'"
    ).fetchall()
    assert {"hello", "push", "pull", "wake", "enrol", "bring", "tips", "reported"} <= {
        name for name, _ in rows
    }
    assert all(config == ["search_path=pg_catalog, pg_temp"] for _, config in rows)


def test_rows_stay_hidden_even_after_a_grant_by_mistake(hub: Hub, station: psycopg.Connection) -> None:
    with hub.admin() as admin:
        admin.execute("GRANT USAGE ON SCHEMA hub TO gatehouse_station")
        admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA hub TO gatehouse_station")
    assert station.execute("SELECT count(*) FROM hub.log_raw").fetchone() == (0,)


def test_a_role_that_never_joined_is_served_nothing(hub: Hub) -> None:
    file, _ = hub.invite()
    dsn = make_conninfo(hub.dsn, user=file.hub.role, password=file.secret)
    with psycopg.connect(dsn, autocommit=True) as connection:
        assert connection.execute("SELECT api_1.hello('{}')").fetchone()[0] == {"code": "NOT_ENROLLED"}
        row = connection.execute("SELECT reply FROM api_1.pull('', '{}', 10)").fetchone()
        assert row[0] == {"code": "NOT_ENROLLED"}
