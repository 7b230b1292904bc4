"""Logins for reports and BI tools: they read the views of schema `report` and nothing else."""

import re
from dataclasses import dataclass
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from domain.errors import Refusal
from domain.ids import RandomBytes
from sync.hub_admin import connect, faults
from sync.hub_roles import READERS, as_owner

CONNECTIONS = 10
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SETTINGS = (
    ("default_transaction_read_only", "on"),
    ("statement_timeout", "5min"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("search_path", "report, pg_catalog"),
)


@dataclass(frozen=True, slots=True)
class ReaderMade:
    """A login that was made, or given another password. `dsn` holds the password: shown once and not kept."""

    role: str
    dsn: str
    again: bool


def make_reader(dsn: str, name: str, random_bytes: RandomBytes) -> ReaderMade:
    """Make the login `reader_NAME`, or a new password for it. Raises Refusal READER_NAME (`name`), Fault."""
    if _NAME.fullmatch(name) is None:
        raise Refusal("READER_NAME", name=name)
    role, secret = f"reader_{name}", random_bytes(24).hex()
    with connect(dsn) as connection, faults():
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
        again = known is not None
        _lay(connection, role, secret, again=again)
        return ReaderMade(role, _address(connection, role, secret), again)


def reproject(dsn: str) -> int:
    """Compute all tables for reports anew from the log; answers how many entries were read. Raises Fault."""
    with connect(dsn) as connection, faults():
        as_owner(connection)
        row = connection.execute("SELECT hub.rebuild_projections()").fetchone()
    return int(row[0]) if row else 0


def _lay(connection: psycopg.Connection, role: str, secret: str, *, again: bool) -> None:
    verifier = connection.pgconn.encrypt_password(secret.encode(), role.encode(), b"scram-sha-256").decode()
    name = sql.Identifier(role)
    if not again:
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN CONNECTION LIMIT {} IN ROLE {}").format(
                name, sql.Literal(CONNECTIONS), sql.Identifier(READERS)
            )
        )
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(verifier)))
    for setting, value in _SETTINGS:
        connection.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(
                name, sql.Identifier(setting), sql.SQL(value) if "," in value else sql.Literal(value)
            )
        )


def _address(connection: psycopg.Connection, role: str, secret: str) -> str:
    """As a URI, the form that most tools take."""
    known = conninfo_to_dict(connection.info.dsn)
    mode = f"?sslmode={known['sslmode']}" if known.get("sslmode") else ""
    host, port, database = connection.info.host, connection.info.port, connection.info.dbname
    return f"postgresql://{role}:{secret}@{quote(host, safe='')}:{port}/{quote(database)}{mode}"
