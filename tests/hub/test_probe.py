"""What a station's role tries and must not get: every statement here has to fail, on every build.

`test_roles.FORBIDDEN` holds the plain ones; these go round the corners.
"""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.hub.test_roles import FORBIDDEN
from tests.postgres import Hub, Hubs

INTERNAL = [
    "SELECT hub.append('(x,1,1,x,x,0)'::hub.station_tip, '{}', '{}', '{}')",
    "SELECT hub.release('aaaa0001', 1, 1, 9)",
    "SELECT hub.release_islands('aaaa0001', 1, ARRAY[9::bigint])",
    "SELECT hub.join_islands('aaaa0001', 1)",
    "SELECT hub.append_between(NULL, 1, '', '{}', '{}', '{}')",
    "SELECT hub.island_misfit(NULL, 1, '', '{}')",
    "SELECT hub.begin_recovery()",
    "SELECT hub.end_recovery()",
    "SELECT hub.end_idle()",
    "SELECT hub.rebuild_projections()",
    "SELECT hub.replay_held()",
    "SELECT hub.control_now(ARRAY['cash'])",
    "SELECT hub.fill_tables('{}', '{}')",
    "SELECT * FROM hub.orders",
    "SELECT * FROM hub_part.orders_0",
    "SELECT * FROM hub.control_sum",
    "SELECT * FROM report.sales",
    "SET ROLE gatehouse_reader",
    "SELECT hub.take_hello('{}')",
    "SELECT hub.take_push(1, 1, '', '{}', '{}', '{}', '{}')",
    "SELECT hub.project('{}', '{}')",
    "SELECT hub.to_fork_inbox(NULL, 1, '{}', '{}', '{}')",
    "SELECT hub.end_claims('{}', '{}')",
    "SELECT hub.unseen('event:1', '0123456789abcdef', '{}')",
    "DELETE FROM hub.gate_claim",
    "SELECT content FROM hub.document",
    "UPDATE hub.document_kind SET marked = false",
    "DELETE FROM hub.document_name",
    "SELECT hub.take_document(NULL, NULL, '', '', '', '', 0, '', 0, '')",
    "SELECT hub.project_documents('{}', '{}')",
    "SELECT hub.about_to_go()",
    "SELECT FROM hub.gate_row FOR UPDATE",
    "INSERT INTO hub.claim_ended DEFAULT VALUES",
    "SELECT * FROM hub.inbox",
    "INSERT INTO hub.inbox DEFAULT VALUES",
    "SELECT * FROM hub.revocation",
    "DELETE FROM hub.recovery",
    "UPDATE hub.hub SET mode = 'normal'",
    "SELECT version_num FROM hub.alembic_version",
    "COPY hub.log_raw TO STDOUT",
    "CREATE OR REPLACE FUNCTION api_1.tips() RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb'",
    "CREATE TRIGGER mine BEFORE INSERT ON hub.log_raw EXECUTE FUNCTION api_1.tips()",
    "CREATE INDEX ON hub.log_raw (station)",
    "ALTER TABLE hub.log_raw DISABLE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON hub.log_raw USING (true)",
    "GRANT USAGE ON SCHEMA hub TO PUBLIC",
    "ALTER SCHEMA api_1 RENAME TO api_0",
    "COMMENT ON FUNCTION api_1.tips() IS 'mine'",
]
ROLES = [
    "SET ROLE gatehouse_root",
    "SET ROLE pg_read_all_data",
    "SET SESSION AUTHORIZATION gatehouse_root",
    "SET LOCAL SESSION AUTHORIZATION gatehouse_root",
    "ALTER ROLE gatehouse_station LOGIN",
    "ALTER ROLE gatehouse_root PASSWORD 'mine'",
    "ALTER ROLE CURRENT_USER CREATEDB",
    "ALTER ROLE CURRENT_USER CREATEROLE",
    "ALTER ROLE CURRENT_USER REPLICATION",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "ALTER ROLE CURRENT_USER VALID UNTIL 'infinity'",
    "DROP ROLE gatehouse_station",
    "GRANT gatehouse_station TO gatehouse_root",
    "GRANT pg_read_server_files TO CURRENT_USER",
    "REASSIGN OWNED BY gatehouse_owner TO CURRENT_USER",
    "SELECT rolname FROM pg_roles",
    "SELECT usename FROM pg_user",
    "SELECT * FROM pg_auth_members",
    "SELECT passwd FROM pg_shadow",
    "SELECT usename, query FROM pg_stat_activity",
    "SELECT * FROM pg_locks",
    "SELECT * FROM pg_stat_get_activity(NULL)",
    "SELECT * FROM pg_stat_replication",
    "SELECT * FROM pg_hba_file_rules",
    "SELECT * FROM pg_file_settings",
    "SELECT * FROM pg_statistic",
]
SERVER = [
    "SELECT pg_read_binary_file('global/pg_control')",
    "SELECT pg_stat_file('postgresql.conf')",
    "SELECT pg_ls_waldir()",
    "SELECT pg_ls_logdir()",
    "SELECT pg_ls_tmpdir()",
    "SELECT pg_current_logfile()",
    "SELECT pg_rotate_logfile()",
    "SELECT pg_cancel_backend(pg_backend_pid())",
    "SELECT pg_create_restore_point('mine')",
    "SELECT pg_create_physical_replication_slot('mine')",
    "SELECT pg_logical_emit_message(false, 'a', 'b')",
    "SELECT pg_promote()",
    "SELECT pg_wal_replay_pause()",
    "SELECT pg_stat_reset()",
    "SELECT pg_current_wal_lsn()",
    "SELECT pg_database_size(current_database())",
    "SELECT pg_relation_size('pg_class')",
    "SELECT pg_export_snapshot()",
    "CHECKPOINT",
    "VACUUM hub.log_raw",
    "ANALYZE hub.log_raw",
    "LOAD 'auto_explain'",
    "CREATE EXTENSION dblink",
    "CREATE EXTENSION postgres_fdw",
    "CREATE FOREIGN DATA WRAPPER mine",
    "CREATE PUBLICATION mine FOR ALL TABLES",
    "CREATE SUBSCRIPTION mine CONNECTION 'host=127.0.0.1' PUBLICATION mine",
    "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION mine()",
    "CREATE TABLESPACE mine LOCATION '/tmp'",
    "ALTER DATABASE template1 ALLOW_CONNECTIONS false",
    "ALTER SYSTEM RESET ALL",
    "SET log_min_messages = 'panic'",
    "SET track_activities = off",
    "SET lo_compat_privileges = on",
    "COPY (SELECT 1) TO '/tmp/gatehouse-probe'",
    "COPY pg_class FROM PROGRAM 'true'",
]
MAKING = [
    "CREATE TEMP VIEW mine AS SELECT 1",
    "CREATE TEMP SEQUENCE mine",
    "CREATE TABLE mine AS SELECT 1",
    "SELECT 1 INTO TEMP mine",
    "CREATE TYPE public.mine AS (n int)",
    "CREATE DOMAIN public.mine AS int",
    "CREATE OPERATOR public.+ (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl)",
    "CREATE CAST (int AS text) WITH INOUT",
    "CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE PROCEDURE public.mine() LANGUAGE sql AS 'SELECT 1'",
    "CREATE AGGREGATE public.mine (int) (SFUNC = int4pl, STYPE = int)",
    "CREATE MATERIALIZED VIEW public.mine AS SELECT 1",
    "CREATE COLLATION public.mine (locale = 'C')",
    "DO LANGUAGE plpgsql 'BEGIN PERFORM pg_sleep(1); END'",
    "DO LANGUAGE sql 'SELECT 1'",
    "SELECT lo_creat(-1)",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/x')",
    "SELECT lo_unlink(1)",
    "SELECT lo_open(1, 131072)",
    "SELECT pg_sleep_until(now())",
    "SELECT pg_try_advisory_xact_lock(1)",
    "SELECT pg_advisory_unlock_all()",
    "SELECT database_to_xml(true, true, '')",
    "SELECT table_to_xml('pg_class', true, true, '')",
    "SELECT cursor_to_xml('c', 1, true, true, '')",
    "SELECT ts_stat('SELECT 1')",
]
PROBE = [*INTERNAL, *ROLES, *SERVER, *MAKING]


@pytest.fixture(scope="module")
def probe(hubs: Hubs) -> Iterator[psycopg.Connection]:
    """One station for all statements: none of them may change anything."""
    with hubs.fresh() as hub:
        enrolled = hub.join()
        conninfo = make_conninfo(enrolled.dsn, password=enrolled.password)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            yield connection


def test_the_probe_is_long_enough() -> None:
    assert len(set(PROBE)) >= 60
    assert not set(PROBE) & set(FORBIDDEN) - {"SELECT 1"}


@pytest.mark.parametrize("statement", PROBE)
def test_a_station_may_not(probe: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.Error) as refused:
        probe.execute(statement.encode())
    assert refused.value.sqlstate == "42501", refused.value


def test_a_station_may_change_its_own_password_and_nothing_else_of_its_role(
    probe: psycopg.Connection,
) -> None:
    role = probe.info.user
    probe.execute(f"ALTER ROLE {role} PASSWORD 'another one'".encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        probe.execute(b"ALTER ROLE gatehouse_owner PASSWORD 'mine'")


def test_a_station_that_raises_its_own_limits_gains_no_rows(probe: psycopg.Connection) -> None:
    """Session settings are anybody's; what they must not change is what can be read."""
    for statement in ("SET statement_timeout = 0", "SET row_security = off", "SET search_path = hub, api_1"):
        probe.execute(statement.encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        probe.execute(b"SELECT * FROM hub.hub")


def test_a_station_cannot_enter_another_database(hub: Hub) -> None:
    enrolled = hub.join()
    for dbname in ("postgres", "template1"):
        dsn = make_conninfo(enrolled.dsn, password=enrolled.password, dbname=dbname)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(dsn)


def test_a_station_holds_no_more_connections_than_its_limit(hub: Hub) -> None:
    enrolled = hub.join()
    dsn = make_conninfo(enrolled.dsn, password=enrolled.password)
    held = [psycopg.connect(dsn) for _ in range(8)]
    try:
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(dsn)
    finally:
        for connection in held:
            connection.close()
