"""A real PostgreSQL for tests and benchmarks: one server for the session, a fresh hub for each test."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from domain import enrolment as enrolment_file
from domain.certificates import Scope
from domain.enrolment import EnrolmentFile
from domain.ticket_code import SigningKey
from sync import enrolment, hub_admin, hub_roles
from sync.hub_server import FORGETFUL, Server, open_server

ROOT = SigningKey.from_seed(b"root key of the test organization"[:32])
TEMPLATE = "gatehouse_template"


@contextmanager
def running_server(
    *, durable: bool = False, prefer: str | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A PostgreSQL in a folder of its own that is gone afterwards.

    `durable` False runs without fsync. GATEHOUSE_TEST_POSTGRES=wheel takes the bundled binaries.
    """
    folder = Path(tempfile.mkdtemp(prefix="gh-pg-"))
    folder.chmod(0o755)
    chosen = prefer or os.environ.get("GATEHOUSE_TEST_POSTGRES", "system")
    assert chosen in {"system", "wheel"}
    chosen_settings = {**({} if durable else FORGETFUL), **(settings or {})}
    server = open_server(folder / "data", prefer=chosen, settings=chosen_settings)
    try:
        server.start()
        yield server
    finally:
        server.stop("immediate")
        shutil.rmtree(folder)


@dataclass(frozen=True, slots=True)
class Hub:
    """A database with a fresh hub in it."""

    server: Server
    dbname: str

    @property
    def dsn(self) -> str:
        """The administrator's connection string."""
        return self.server.dsn(self.dbname)

    def admin(self) -> psycopg.Connection:
        """An administrator's connection in autocommit, for looking at tables."""
        return psycopg.connect(self.dsn, autocommit=True)

    def invite(
        self,
        name: str = "Till 1",
        prefix: str = "A",
        scope: Scope = "*",
        now: datetime | None = None,
        valid_for: timedelta = hub_admin.LEASED_FOR,
    ) -> tuple[EnrolmentFile, str]:
        """An enrolment file for a new station: parsed, and as text."""
        return hub_admin.invite(
            self.dsn,
            name=name,
            prefix=prefix,
            scope=scope,
            root=ROOT,
            now=now or datetime.now(UTC),
            random_bytes=os.urandom,
            valid_for=valid_for,
        )

    def join(self, name: str = "Till 1", prefix: str = "A", scope: Scope = "*") -> enrolment.Enrolled:
        """A station that has joined, by the way that stations join."""
        _, text = self.invite(name, prefix, scope)
        now = datetime.now(UTC)
        file = enrolment_file.read(text, now)
        return enrolment.join(file, enrolment.prepare(file, now, os.urandom))


def until_today(now: datetime) -> timedelta:
    """So long that an invitation of a station's clock is one of the hub's clock, too: some stations of the
    tests live on a fixed evening, their hub today."""
    return hub_admin.LEASED_FOR + max(timedelta(), datetime.now(UTC) - now)


class Hubs:
    """Makes hubs from a template database, so that each costs a copy and not a migration."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._numbers = itertools.count(1)
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        hub_admin.init(
            server.dsn(TEMPLATE),
            name="Test organization",
            root=ROOT.public,
            now=datetime.now(UTC),
            random_bytes=os.urandom,
        )

    @contextmanager
    def fresh(self) -> Iterator[Hub]:
        """A hub of its own; its database and station roles are dropped afterwards."""
        hub = Hub(self.server, f"hub_{next(self._numbers)}")
        name = sql.Identifier(hub.dbname)
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(TEMPLATE))
            )
        with hub.admin() as connection:
            hub_roles.grant_database(connection)
            connection.execute("UPDATE hub.hub SET id = gen_random_uuid()")
        try:
            yield hub
        finally:
            if not self.server.running():
                self.server.start()
            self._drop(hub)

    def _drop(self, hub: Hub) -> None:
        with hub.admin() as connection:
            roles = [row[0] for row in connection.execute("SELECT role FROM hub.invitation")]
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(hub.dbname)))
            for role in roles:
                connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


def as_role(hub: Hub, role: str, password: str) -> psycopg.Connection:
    """A connection as a station's role, in autocommit."""
    return psycopg.connect(make_conninfo(hub.dsn, user=role, password=password), autocommit=True)


@pytest.fixture(scope="session")
def hub_server() -> Iterator[Server]:
    """One PostgreSQL for all tests of the session, without fsync."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def hubs(hub_server: Server) -> Hubs:
    """The maker of hubs on that server."""
    return Hubs(hub_server)


@pytest.fixture
def hub(hubs: Hubs) -> Iterator[Hub]:
    """A fresh hub for one test."""
    with hubs.fresh() as made:
        yield made
