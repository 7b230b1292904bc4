"""What an administrator does at the hub: make it, upgrade it, invite stations, ask how it is.

Needs a connection that may create roles (GATEHOUSE_HUB_DSN). Stations never come this way.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection as AlchemyConnection
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from domain.certificates import EVERYTHING, Certificate, Scope, Usage, issue, scope_json
from domain.clock import from_ms, to_ms
from domain.enrolment import EnrolmentFile, HubAddress, write
from domain.entry import HUB
from domain.errors import Fault, Refusal
from domain.ids import RandomBytes, station_id, uuid7
from domain.recovery import RecoveryPublic
from domain.ticket_code import SigningKey
from sync.hub_errors import connect_fault, statement_fault
from sync.hub_roles import STATIONS, as_owner, harden, make_groups, make_roles, make_station_role

LEASED_FOR = timedelta(days=3)
EPOCH = 1


@dataclass(frozen=True, slots=True)
class HubStatus:
    """How a hub is: `schema` is its revision, `newest` ours; `hardened` False = "reduced" (no superuser)."""

    organization: str
    name: str
    incarnation: str
    schema: str | None
    newest: str
    hardened: bool
    stations: int
    invited: int
    entries: int
    held: int
    quarantined: int
    forks: int

    @property
    def current(self) -> bool:
        """Whether the schema is the one this program knows."""
        return self.schema == self.newest


def connect(dsn: str) -> psycopg.Connection:
    """An administrator's connection. Raises Fault HUB_DSN, HUB_UNREACHABLE, HUB_PASSWORD."""
    try:
        conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        raise Fault("HUB_DSN") from None
    try:
        return psycopg.connect(dsn, connect_timeout=5, application_name="gatehouse admin")
    except psycopg.Error as error:
        raise connect_fault(error, dsn) from None


def create_database(dsn: str, name: str) -> bool:
    """Make an empty UTF-8 database through another one's DSN; False when it is there already."""
    with connect(dsn) as connection, faults():
        connection.autocommit = True
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            return False
        connection.execute(
            sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(sql.Identifier(name))
        )
    return True


def init(
    dsn: str,
    *,
    name: str,
    root: bytes,
    now: datetime,
    random_bytes: RandomBytes,
    organization: str | None = None,
) -> HubStatus:
    """Turn an empty database into the hub of an organization whose root public key is `root`; `organization`
    is its id where it has one already.

    Raises Refusal HUB_EXISTS (`organization`), Fault HUB_ENCODING, HUB_UNREACHABLE, HUB_RIGHTS.
    """
    with connect(dsn) as connection, faults():
        if connection.info.parameter_status("server_encoding") != "UTF8":
            raise Fault("HUB_ENCODING", encoding=connection.info.parameter_status("server_encoding") or "")
        make_roles(connection)
    upgrade(dsn)
    with connect(dsn) as connection, faults():
        as_owner(connection)
        found = connection.execute("SELECT organization FROM hub.hub").fetchone()
        if found is not None:
            raise Refusal("HUB_EXISTS", organization=str(found[0]))
        organization = organization or uuid7(to_ms(now), random_bytes)
        connection.execute(
            "INSERT INTO hub.hub (id, organization, name, root) VALUES (gen_random_uuid(), %s, %s, %s)",
            (organization, name, root),
        )
        connection.execute(
            "INSERT INTO hub.station_tip (station, epoch, seq, hash, genesis)"
            " SELECT %(hub)s, 1, 0, g, g FROM hub.genesis(%(hub)s, 1, '') AS g",
            {"hub": HUB},
        )
    return status(dsn)


def upgrade(dsn: str) -> str:
    """Bring the schema to the newest revision, lay the grants again, replay what was held until this program
    came and compute tables anew that tell a content that does not count; returns the revision."""
    with connect(dsn) as connection, faults():
        make_groups(connection)
    with faults():
        _alembic(dsn, lambda config: command.upgrade(config, "head"))
    with connect(dsn) as connection, faults():
        harden(connection)
        as_owner(connection)
        connection.execute("SELECT hub.replay_held()")
        connection.execute("SELECT hub.settle_twins()")
    return _script().get_current_head() or ""


def invite(
    dsn: str,
    *,
    name: str,
    prefix: str,
    scope: Scope,
    root: SigningKey,
    now: datetime,
    random_bytes: RandomBytes,
    valid_for: timedelta = LEASED_FOR,
    address: HubAddress | None = None,
    again: bool = False,
    recovery: RecoveryPublic | None = None,
) -> tuple[EnrolmentFile, str]:
    """Make a role and a one-time enrolment file for a new station; returns the file and its signed text.

    `again`: for the station that `name` names already (a fork, a lost disk), in its next epoch; its prefix
    and scope stay, and whoever holds its old password is out.

    `recovery`: the key that the station will wrap its secrets for. `address` overrides what the file tells
    the station to connect to (role is filled in here); None takes host, port and database from `dsn`.
    Raises Refusal ROOT_KEY_WRONG, STATION_EXISTS (`name` or `prefix`), STATION_UNKNOWN, STATION_REVOKED
    (`station`).
    """
    now = from_ms(to_ms(now))
    with connect(dsn) as connection, faults():
        organization = organization_of(connection, root)
        if again:
            invited = _next_epoch(connection, name)
        else:
            check_free(connection, name, prefix)
            invited = Invited(_free_station(connection, random_bytes), name, prefix, scope, EPOCH)
        hub = address_of(connection, address, f"station_{invited.station}")
        file = enrolment_file(organization, hub, invited, root, now, now + valid_for, random_bytes)
        file = replace(file, recovery=recovery)
        if again:
            _new_password(connection, file.hub.role, file.secret)
        else:
            make_station_role(connection, file.hub.role, file.secret)
        note_invitation(connection, file)
    return file, write(file, root)


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom an enrolment file is for, and the epoch its journal begins in."""

    station: str
    name: str
    prefix: str
    scope: Scope
    epoch: int


def organization_of(connection: psycopg.Connection, root: SigningKey) -> str:
    """The organization of the hub, which must be the one of this root key."""
    row = connection.execute("SELECT organization, root FROM hub.hub").fetchone()
    if row is None:
        raise Refusal("HUB_NOT_MADE_YET")
    if bytes(row[1]) != root.public:
        raise Refusal("ROOT_KEY_WRONG")
    return str(row[0])


def enrolment_file(
    organization: str,
    hub: HubAddress,
    invited: Invited,
    root: SigningKey,
    now: datetime,
    until: datetime,
    random_bytes: RandomBytes,
) -> EnrolmentFile:
    """A file with a new one-time key, its certificate and a one-time password, good from `now` to `until`."""
    key = SigningKey.from_seed(seed := random_bytes(32))
    certificate = Certificate(
        id=uuid7(to_ms(now), random_bytes),
        organization=organization,
        station=invited.station,
        name=invited.name,
        prefix=invited.prefix,
        key=key.public,
        usage=frozenset({Usage.ENROL}),
        scope=invited.scope,
        not_before=now,
        not_after=until,
        issuer=root.public,
    )
    return EnrolmentFile(
        organization=organization,
        root=root.public,
        hub=hub,
        secret=random_bytes(24).hex(),
        certificate=issue(certificate, root),
        seed=seed,
        epoch=invited.epoch,
        expires_at=until,
    )


def _next_epoch(connection: psycopg.Connection, which: str) -> Invited:
    """A station that is known, with the epoch after all it ever had."""
    found = connection.execute(
        "SELECT s.station, s.name, s.prefix, s.scope, s.revoked_at IS NOT NULL, (SELECT max(t.epoch) + 1"
        " FROM hub.station_tip t WHERE t.station = s.station) FROM hub.station s"
        " WHERE s.station = %(which)s OR s.name = %(which)s",
        {"which": which},
    ).fetchone()
    if found is None:
        raise Refusal("STATION_UNKNOWN", station=which)
    station, name, prefix, scope, revoked, epoch = found
    if revoked:
        raise Refusal("STATION_REVOKED", station=name)
    return Invited(station, name, prefix, EVERYTHING if scope is None else tuple(scope), epoch)


def _new_password(connection: psycopg.Connection, role: str, secret: str) -> None:
    """Another one-time password; whoever came with the old one is out."""
    verifier = connection.pgconn.encrypt_password(secret.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier))
    )
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s",
        (role,),
    )


def note_invitation(connection: psycopg.Connection, file: EnrolmentFile) -> None:
    signed = file.certificate
    as_owner(connection)
    connection.execute(
        "INSERT INTO hub.invitation (station, role, name, prefix, scope, epoch, certificate,"
        " certificate_sig, key, expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (station) DO UPDATE SET epoch = excluded.epoch, certificate = excluded.certificate,"
        " certificate_sig = excluded.certificate_sig, key = excluded.key, invited_at = now(),"
        " expires_at = excluded.expires_at, used_at = NULL",
        (
            file.station,
            file.hub.role,
            file.name,
            file.prefix,
            None if file.scope == "*" else scope_json(file.scope),
            file.epoch,
            signed.text,
            signed.sig,
            signed.certificate.key,
            file.expires_at,
        ),
    )


def status(dsn: str, wait_seconds: float = 0, sleep: Callable[[float], None] = time.sleep) -> HubStatus:
    """How the hub is; with `wait_seconds` asks again until it answers and its schema is current.

    Raises Fault HUB_UNREACHABLE (after the wait), Refusal HUB_NOT_MADE_YET.
    """
    until = time.monotonic() + wait_seconds
    while True:
        try:
            found = _status(dsn)
            if found.current or time.monotonic() >= until:
                return found
        except (Fault, Refusal):
            if time.monotonic() >= until:
                raise
        sleep(0.2)


def _status(dsn: str) -> HubStatus:
    with connect(dsn) as connection, faults():
        ready = connection.execute("SELECT to_regclass('hub.hub') IS NOT NULL").fetchone()
        row = ready and ready[0] and connection.execute("SELECT organization, name FROM hub.hub").fetchone()
        if not row:
            raise Refusal("HUB_NOT_MADE_YET")
        facts = connection.execute(
            "SELECT hub.incarnation(), (SELECT version_num FROM hub.alembic_version),"
            " NOT has_function_privilege(%s, 'pg_catalog.pg_sleep(double precision)', 'EXECUTE'),"
            " (SELECT count(*) FROM hub.station),"
            " (SELECT count(*) FROM hub.invitation WHERE used_at IS NULL),"
            " (SELECT count(*) FROM hub.station_log), (SELECT count(*) FROM hub.held),"
            " (SELECT count(*) FROM hub.quarantine), (SELECT count(*) FROM hub.fork_inbox)",
            (STATIONS,),
        ).fetchone()
    assert facts is not None  # noqa: S101 - a SELECT without FROM has exactly one row
    incarnation, schema, hardened, *counts = facts
    return HubStatus(
        row[0], row[1], incarnation, schema, _script().get_current_head() or "", hardened, *counts
    )


def alembic_config(connection: AlchemyConnection | None = None) -> Config:
    """The hub's section of migrations/alembic.ini, bound to an open connection."""
    config = Config(str(Path(str(files("migrations"))) / "alembic.ini"), ini_section="hub")
    config.attributes["connection"] = connection
    return config


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config())


def _alembic(dsn: str, work: Callable[[Config], None]) -> None:
    engine = create_engine("postgresql+psycopg://", creator=lambda: connect(dsn), poolclass=NullPool)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"version_table_schema": "hub"})
        found = set(context.get_current_heads())
        known = {revision.revision for revision in _script().walk_revisions()}
        if not found <= known:
            raise Fault("HUB_NEWER", schema=", ".join(sorted(found - known)))
        work(alembic_config(connection))


def check_free(connection: psycopg.Connection, name: str, prefix: str) -> None:
    taken = connection.execute(
        "SELECT name = %(name)s FROM hub.invitation WHERE (name = %(name)s OR prefix = %(prefix)s)"
        " AND (used_at IS NOT NULL OR expires_at > now()) LIMIT 1",
        {"name": name, "prefix": prefix},
    ).fetchone()
    if taken is not None:
        raise Refusal(
            "STATION_EXISTS", field="name" if taken[0] else "prefix", value=name if taken[0] else prefix
        )


def _free_station(connection: psycopg.Connection, random_bytes: RandomBytes) -> str:
    while True:
        station = station_id(random_bytes)
        role = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (f"station_{station}",))
        if role.fetchone() is None:
            return station


def address_of(connection: psycopg.Connection, given: HubAddress | None, role: str) -> HubAddress:
    if given is not None:
        return HubAddress(given.host, given.port, given.dbname, role, given.sslmode, given.ca)
    known = conninfo_to_dict(connection.info.dsn)
    return HubAddress(
        host=connection.info.host,
        port=connection.info.port,
        dbname=connection.info.dbname,
        role=role,
        sslmode=str(known.get("sslmode") or "prefer"),
    )


class faults:  # noqa: N801 - reads as a statement: `with faults():`
    """Turns database errors into faults with codes."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, psycopg.Error):
            raise statement_fault(error) from error
        original: Sequence[object] = (getattr(error, "orig", None),)
        for each in original:
            if isinstance(each, psycopg.Error):
                raise statement_fault(each) from error
