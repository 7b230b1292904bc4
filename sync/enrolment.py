"""Join a hub with an enrolment file: once, and safely repeated when the answer was lost.

    file = domain.enrolment.read(text, now)
    joining = prepare(file, now, random_bytes)     # keep it (keystore) before the next line
    enrolled = join(file, joining)                 # may be called again with the same `joining`

In one transaction at the hub the station's own key is certified and the role gets a password made here, so
the secret in the file is dead afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from domain.certificates import STATION_USAGE, Certificate, Chain, Scope, issue
from domain.clock import to_ms
from domain.enrolment import EnrolmentFile
from domain.errors import Fault, Refusal
from domain.ids import RandomBytes, uuid7
from domain.joining import Announced
from domain.ticket_code import SigningKey
from sync.hub_client import HubClient
from sync.hub_errors import statement_fault
from sync.messages import Denied

SELLS_FOR = timedelta(days=5 * 365)


@dataclass(frozen=True, slots=True)
class Joining:
    """What a station has made for itself before it joins: its key's seed, its password, its chain."""

    seed: bytes = field(repr=False)
    password: str = field(repr=False)
    chain: Chain


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the store must keep. `dsn` is without the password; `seed` is the station key's."""

    station: str
    name: str
    prefix: str
    scope: Scope
    epoch: int
    organization: str
    root: bytes
    dsn: str
    password: str = field(repr=False)
    seed: bytes = field(repr=False)
    chain: Chain
    incarnation: str


def prepare(
    file: EnrolmentFile, now: datetime, random_bytes: RandomBytes, seed: bytes | None = None
) -> Joining:
    """Make the station's password and, unless it has one, its key; sign its certificate with the enrolment
    key."""
    seed = seed or random_bytes(32)
    enrolment = file.certificate.certificate
    certificate = Certificate(
        id=uuid7(to_ms(now), random_bytes),
        organization=file.organization,
        station=file.station,
        name=file.name,
        prefix=file.prefix,
        key=SigningKey.from_seed(seed).public,
        usage=STATION_USAGE,
        scope=file.scope,
        not_before=max(now, enrolment.not_before),
        not_after=now + SELLS_FOR,
        issuer=enrolment.key,
    )
    signed = issue(certificate, SigningKey.from_seed(file.seed))
    return Joining(seed, random_bytes(24).hex(), (file.certificate, signed))


def station_dsn(file: EnrolmentFile, ca_file: Path | None = None) -> str:
    """The connection string without a password; the organization's CA, if any, is written to `ca_file`."""
    hub = file.hub
    more: dict[str, str] = {}
    if hub.ca is not None and ca_file is not None:
        ca_file.write_text(hub.ca, encoding="utf-8")
        more["sslrootcert"] = str(ca_file)
    if hub.sslmode == "verify-full":
        more["channel_binding"] = "require"
    if "," in hub.host:
        more["target_session_attrs"] = "read-write"  # whichever of them is not the standby
    return make_conninfo(
        "", host=hub.host, port=hub.port, dbname=hub.dbname, user=hub.role, sslmode=hub.sslmode, **more
    )


def join(
    file: EnrolmentFile,
    joining: Joining,
    ca_file: Path | None = None,
    announced: Announced | None = None,
    bring: Callable[[HubClient], None] | None = None,
) -> Enrolled:
    """Enrol at the hub and change the password; then `bring` what comes with it.

    Raises Fault HUB_UNREACHABLE and the like (repeat with the same `joining`); Refusal ENROLMENT_USED,
    ENROLMENT_EXPIRED, ENROLMENT_FORGED (`field`), NOT_INVITED, JOINING_COLLISION (`thing`, `number`).
    """
    dsn = station_dsn(file, ca_file)
    client = _connect(dsn, file, joining)
    try:
        with client.connection.transaction():
            incarnation = _enrol(client, file, joining, announced)
            _change_password(client.connection, joining.password)
        if bring is not None:
            bring(client)
    except psycopg.Error as error:
        raise statement_fault(error) from error
    finally:
        client.close()
    return Enrolled(
        station=file.station,
        name=file.name,
        prefix=file.prefix,
        scope=file.scope,
        epoch=file.epoch,
        organization=file.organization,
        root=file.root,
        dsn=dsn,
        password=joining.password,
        seed=joining.seed,
        chain=joining.chain,
        incarnation=incarnation,
    )


def _connect(dsn: str, file: EnrolmentFile, joining: Joining) -> HubClient:
    """With the file's secret; if that is dead, with our own: an earlier call may have come through."""
    for password in (file.secret, joining.password):
        try:
            return HubClient.connect(dsn, password, "gatehouse enrol")
        except Fault as fault:
            if fault.code != "HUB_PASSWORD":
                raise
    raise Refusal("ENROLMENT_USED", station=file.station)


def _enrol(client: HubClient, file: EnrolmentFile, joining: Joining, announced: Announced | None) -> str:
    chain = [certificate.to_json() for certificate in joining.chain]
    answer = client.enrol(chain, announced.to_json() if announced else None)
    if isinstance(answer, Denied):
        raise Refusal(answer.code, **dict(answer.params))
    expected = {
        "station": file.station,
        "epoch": file.epoch,
        "organization": file.organization,
        "root": file.root.hex(),
    }
    for name, value in expected.items():
        if answer.get(name) != value:
            raise Refusal("ENROLMENT_FORGED", field=name)
    incarnation = answer.get("incarnation")
    if not isinstance(incarnation, str):
        raise Fault("HUB_REPLY", field="incarnation")
    return incarnation


def _change_password(connection: psycopg.Connection, password: str) -> None:
    """Sent as a SCRAM verifier: neither the hub nor its log ever sees the password."""
    role = connection.info.user
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    connection.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier.decode()))
    )
