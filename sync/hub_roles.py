"""The roles of a hub: who owns, who may sign in and with what limits, and what PUBLIC is not given."""

from importlib.resources import files
from pathlib import Path

import psycopg
from psycopg import sql

OWNER = "gatehouse_owner"
STATIONS = "gatehouse_station"
READERS = "gatehouse_reader"
CONNECTIONS_PER_STATION = 8


def make_roles(connection: psycopg.Connection) -> None:
    """The owner of everything, and the groups that stations and readers belong to; none can sign in."""
    make_groups(connection)
    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(OWNER)))
    grant_database(connection)


def make_groups(connection: psycopg.Connection) -> None:
    """Make the groups that are missing."""
    for role in (OWNER, STATIONS, READERS):
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))


def grant_database(connection: psycopg.Connection) -> None:
    """Who may enter this database: owner, stations, readers (a copy made from a template forgets this)."""
    database = sql.Identifier(connection.info.dbname)
    for statement in (
        "GRANT CREATE ON DATABASE {database} TO {owner}",
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {stations}, {readers}, {owner}",
    ):
        connection.execute(
            sql.SQL(statement).format(
                database=database,
                owner=sql.Identifier(OWNER),
                stations=sql.Identifier(STATIONS),
                readers=sql.Identifier(READERS),
            )
        )


def make_station_role(connection: psycopg.Connection, role: str, secret: str) -> None:
    """A login with the one-time password, sent as a SCRAM verifier so that no server log can hold it."""
    verifier = connection.pgconn.encrypt_password(secret.encode(), role.encode(), b"scram-sha-256").decode()
    name = sql.Identifier(role)
    connection.execute(
        sql.SQL("CREATE ROLE {} LOGIN CONNECTION LIMIT {} PASSWORD {} IN ROLE {}").format(
            name, sql.Literal(CONNECTIONS_PER_STATION), sql.Literal(verifier), sql.Identifier(STATIONS)
        )
    )
    for setting, value in (
        ("statement_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "3s"),
        ("lock_timeout", "10s"),
        ("search_path", "pg_catalog"),
    ):
        connection.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(name, sql.Identifier(setting), sql.Literal(value))
        )


def harden(connection: psycopg.Connection) -> None:
    """Withhold from PUBLIC what a station could abuse; quietly reduced where we are no superuser."""
    row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if row is not None and row[0]:
        for script in sorted((Path(str(files("migrations"))) / "hub" / "sql").glob("*/harden.sql")):
            connection.execute(script.read_text(encoding="utf-8").encode())


def as_owner(connection: psycopg.Connection) -> None:
    """Act as the owner of everything until the transaction ends."""
    connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(OWNER)))
