"""Databases in which a hub's SQL runs on simulated time and on drawn chance: a copy of the real hub whose
functions ask `hub.clock_timestamp()` and `hub.gen_random_uuid()` in the place of the system's. Nothing else
is changed, and nothing of it is in the product."""

import atexit
import contextlib
import itertools
import os
import re
from collections.abc import Iterator

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from sync.hub_server import Server
from tests.postgres import TEMPLATE, Hubs, running_server

SIMULATED = "gatehouse_simulated"
READY = "GATEHOUSE_SIMULATED_HUBS"
"""Names the server that processes share."""
SETTINGS = {"autovacuum": "off", "max_connections": "200"}
_ASKED = re.compile(r"(?:pg_catalog\.)?\b(clock_timestamp|gen_random_uuid)\(\)")
_BORN = re.compile(r"(?:pg_catalog\.)?\bpg_postmaster_start_time\(\)")
_LEFT_ALONE = ["end_idle", "clock_timestamp", "gen_random_uuid"]
_OWN = """
CREATE SEQUENCE hub.sim_clock MINVALUE 0;
CREATE SEQUENCE hub.sim_chance MINVALUE 0;
CREATE SEQUENCE hub.sim_timeline MINVALUE 0;
CREATE FUNCTION hub.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT timestamptz 'epoch'
        + pg_catalog.pg_sequence_last_value('hub.sim_clock'::pg_catalog.regclass) * interval '1 millisecond'
$$;
CREATE FUNCTION hub.gen_random_uuid() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT pg_catalog.overlay(pg_catalog.overlay(
        pg_catalog.md5('chance ' || pg_catalog.nextval('hub.sim_chance')), '4', 13), '8', 17)::uuid
$$;
CREATE OR REPLACE FUNCTION hub.incarnation() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT h.id::text || '/' || pg_catalog.lpad(pg_catalog.upper(pg_catalog.to_hex(
        pg_catalog.pg_sequence_last_value('hub.sim_timeline'::pg_catalog.regclass))), 8, '0') FROM hub.hub h
$$;
ALTER SEQUENCE hub.sim_clock OWNER TO gatehouse_owner;
ALTER SEQUENCE hub.sim_chance OWNER TO gatehouse_owner;
ALTER SEQUENCE hub.sim_timeline OWNER TO gatehouse_owner;
ALTER FUNCTION hub.clock_timestamp() OWNER TO gatehouse_owner;
ALTER FUNCTION hub.gen_random_uuid() OWNER TO gatehouse_owner;
SELECT setval('hub.sim_clock', 1), setval('hub.sim_chance', 1), setval('hub.sim_timeline', 1);
UPDATE hub.seal SET inner_key = decode(repeat('36', 64), 'hex'), outer_key = decode(repeat('5c', 64), 'hex');
"""
"""The seal is that of an empty key: acts look the same in every run."""


class SimulatedHubs:
    """Makes databases for runs, each a copy of one template, on the server that `dsn` leads to."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._numbers = itertools.count(1)
        self._admin = psycopg.connect(dsn, autocommit=True)

    def close(self) -> None:
        """Let the server go."""
        self._admin.close()

    @classmethod
    def on(cls, server: Server, hubs: Hubs | None = None) -> "SimulatedHubs":
        """Those of a server; the first makes their template."""
        _ = hubs or Hubs(server)
        made = cls(server.dsn())
        known = "SELECT 1 FROM pg_database WHERE datname = %s"
        if made._admin.execute(known, (SIMULATED,)).fetchone() is None:
            made.copy(TEMPLATE, SIMULATED)
            with psycopg.connect(made.dsn(SIMULATED), autocommit=True) as connection:
                _rewrite(connection)
        return made

    def dsn(self, dbname: str) -> str:
        """The administrator's connection string to one of the databases."""
        return make_conninfo(self._dsn, dbname=dbname)

    def copy(self, source: str, target: str) -> None:
        """A database like another one, which nobody may be using."""
        self._admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(target), sql.Identifier(source))
        )

    def fresh(self) -> str:
        """The name of a new hub's database."""
        name = f"simulated_{os.getpid()}_{next(self._numbers)}"
        self.copy(SIMULATED, name)
        return name

    def drop(self, name: str) -> None:
        self._admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def role(self, name: str) -> None:
        """A login for a station, without a password: the simulation speaks for it as the administrator."""
        known = self._admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
        if known is None:
            self._admin.execute(
                sql.SQL("CREATE ROLE {} LOGIN IN ROLE gatehouse_station").format(sql.Identifier(name))
            )

    def drop_role(self, name: str) -> None:
        self._admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


def _rewrite(connection: psycopg.Connection) -> None:
    connection.execute(_OWN.encode())
    tables = connection.execute(
        "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'hub'::regnamespace AND relkind = 'r'"
    ).fetchall()
    for (table,) in tables:  # statistics that come at some moment would change plans at some moment
        connection.execute(sql.SQL("ALTER TABLE {} SET (autovacuum_enabled = false)").format(sql.SQL(table)))
    for (definition,) in connection.execute(
        "SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname IN ('hub', 'api_1') AND p.prosrc ~ %s AND p.proname <> ALL (%s) ORDER BY p.oid",
        ("clock_timestamp|gen_random_uuid|postmaster_start", _LEFT_ALONE),
    ).fetchall():
        text = _ASKED.sub(r"hub.\1()", definition)
        connection.execute(_BORN.sub("timestamptz '2026-01-01 00:00:00+00'", text).encode())
    for table, column, default in connection.execute(
        "SELECT d.adrelid::regclass::text, a.attname, pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d"
        " JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum"
        " JOIN pg_class c ON c.oid = d.adrelid WHERE c.relnamespace = 'hub'::regnamespace"
        " AND pg_get_expr(d.adbin, d.adrelid) ~ 'clock_timestamp|gen_random_uuid'"
    ).fetchall():
        asked = sql.SQL(_ASKED.sub(r"hub.\1()", default))
        connection.execute(
            sql.SQL("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {}").format(
                sql.SQL(table), sql.Identifier(column), asked
            )
        )


_OPEN: list[SimulatedHubs] = []


def simulated_hubs() -> SimulatedHubs:
    """Those of this process: on the server that somebody has made ready, else on one that ends with it."""
    if not _OPEN:
        if (dsn := os.environ.get(READY)) is not None:
            _OPEN.append(SimulatedHubs(dsn))
        else:
            stack = contextlib.ExitStack()
            atexit.register(stack.close)
            _OPEN.append(stack.enter_context(_served()))
    return _OPEN[0]


@contextlib.contextmanager
def _served() -> Iterator[SimulatedHubs]:
    with running_server(settings=SETTINGS) as server:
        hubs = SimulatedHubs.on(server)
        try:
            yield hubs
        finally:
            hubs.close()


@contextlib.contextmanager
def ready() -> Iterator[None]:
    """One server for this process and those that it starts."""
    with _served() as hubs:
        os.environ[READY] = hubs._dsn
        try:
            yield
        finally:
            del os.environ[READY]
