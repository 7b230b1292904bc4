"""Invite a station that began alone: it keeps its number, its key and its whole journal.

Its present key is certified as any other, by an enrolment key. Former epochs (after a restore or a change of
keys) get certificates by the root at once, which are good for what was signed with them and for nothing new.
Two organizations are not put together: a station that believes another root may only found a hub that has no
history yet; its old root is forgotten then.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import psycopg
from psycopg.types.json import Jsonb

from domain.certificates import EVERYTHING, STATION_USAGE, Certificate, SignedCertificate, issue
from domain.clock import from_ms, to_ms
from domain.enrolment import EnrolmentFile, HubAddress, write
from domain.entry import HUB
from domain.errors import Refusal
from domain.ids import RandomBytes, uuid7
from domain.joining import EpochKey, JoinRequest
from domain.recovery import RecoveryPublic
from domain.ticket_code import SigningKey
from sync.hub_admin import (
    LEASED_FOR,
    Invited,
    address_of,
    check_free,
    connect,
    enrolment_file,
    faults,
    note_invitation,
    organization_of,
)
from sync.hub_roles import as_owner, make_station_role


def invite_joining(
    dsn: str,
    request: JoinRequest,
    *,
    root: SigningKey,
    now: datetime,
    random_bytes: RandomBytes,
    recovery: RecoveryPublic | None = None,
    prefix: str | None = None,
    valid_for: timedelta = LEASED_FOR,
    address: HubAddress | None = None,
) -> tuple[EnrolmentFile, str]:
    """Make a role and an enrolment file for a station that brings its journal. It may be invited again as
    long as it has not joined. `prefix`: another one for its receipts from now on.

    Raises Refusal ROOT_KEY_WRONG, JOINING_OTHER_ORGANIZATION (`station`), JOINING_COLLISION (`thing`,
    `number`), STATION_EXISTS (`field`, `value`).
    """
    now = from_ms(to_ms(now))
    with connect(dsn) as connection, faults():
        organization = organization_of(connection, root)
        if request.root != root.public and _has_history(connection):
            raise Refusal("JOINING_OTHER_ORGANIZATION", station=request.name)
        invited = Invited(
            request.station, request.name, prefix or request.prefix, EVERYTHING, request.present.epoch
        )
        role = f"station_{request.station}"
        if not _withdraw(connection, request.station):
            _check_number(connection, request.station, role)
        check_free(connection, invited.name, invited.prefix)
        hub = address_of(connection, address, role)
        file = enrolment_file(organization, hub, invited, root, now, now + valid_for, random_bytes)
        file = replace(file, recovery=recovery, joins=True)
        make_station_role(connection, role, file.secret)
        note_invitation(connection, file)
        _note_joining(connection, request, organization, root, now, random_bytes)
    return file, write(file, root)


def _has_history(connection: psycopg.Connection) -> bool:
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM hub.station_log WHERE station <> %s)", (HUB,)
    ).fetchone()
    return bool(row and row[0])


def _withdraw(connection: psycopg.Connection, station: str) -> bool:
    """Take back an invitation of the same station that was never used; whether there was one."""
    gone = connection.execute(
        "DELETE FROM hub.invitation i USING hub.joining j WHERE i.station = %(station)s"
        " AND j.station = i.station AND i.used_at IS NULL RETURNING i.role",
        {"station": station},
    ).fetchone()
    if gone is None:
        return False
    connection.execute(f'DROP ROLE IF EXISTS "station_{int(station, 16):08x}"'.encode())
    return True


def _check_number(connection: psycopg.Connection, station: str, role: str) -> None:
    taken = connection.execute(
        "SELECT EXISTS (SELECT FROM hub.station_tip WHERE station = %(station)s)"
        " OR EXISTS (SELECT FROM hub.invitation WHERE station = %(station)s)"
        " OR EXISTS (SELECT FROM pg_roles WHERE rolname = %(role)s)",
        {"station": station, "role": role},
    ).fetchone()
    if taken is not None and taken[0]:
        raise Refusal("JOINING_COLLISION", thing="station", number=station)


def _note_joining(
    connection: psycopg.Connection,
    request: JoinRequest,
    organization: str,
    root: SigningKey,
    now: datetime,
    random_bytes: RandomBytes,
) -> None:
    as_owner(connection)
    connection.execute("DELETE FROM hub.joining_epoch WHERE station = %s", (request.station,))
    connection.execute(
        "INSERT INTO hub.joining (station, epoch) VALUES (%(station)s, %(epoch)s)"
        " ON CONFLICT (station) DO UPDATE SET epoch = excluded.epoch, invited_at = clock_timestamp()",
        {"station": request.station, "epoch": request.present.epoch},
    )
    for former in request.epochs[:-1]:
        link = _former(request, former, organization, root, now, random_bytes)
        connection.execute(
            "INSERT INTO hub.joining_epoch (station, epoch, key, seq, chain) VALUES (%s, %s, %s, %s, %s)",
            (request.station, former.epoch, former.key, former.seq, Jsonb([link.to_json()])),
        )


def _former(
    request: JoinRequest,
    former: EpochKey,
    organization: str,
    root: SigningKey,
    now: datetime,
    random_bytes: RandomBytes,
) -> SignedCertificate:
    """For a key that signs nothing any more: it ends as it begins."""
    return issue(
        Certificate(
            id=uuid7(to_ms(now), random_bytes),
            organization=organization,
            station=request.station,
            name=request.name,
            prefix=request.prefix,
            key=former.key,
            usage=STATION_USAGE,
            scope=EVERYTHING,
            not_before=now,
            not_after=now,
            issuer=root.public,
        ),
        root,
    )
