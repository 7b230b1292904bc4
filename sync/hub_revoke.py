"""Shut a station out: nobody believes what it writes from now on, and it cannot sign in any more.

    revoke(dsn, "Till 2", root=…, now=…)

First the hub and the feed `org` know (so the station itself is told when it asks next, and closes), then
after a few seconds of grace its role may not sign in. One that is away may be left its sign-in until it has
heard of it (`at_once` False): every function says REVOKED to it, and `finish` shuts the door behind it. An
order to purge, signed by the root as well, goes the same way. A revocation is for good: a station that comes
back joins as a new one. The signed text goes to a file beside the root key too: a hub restored from a backup
is told again before anybody may sign in.
"""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from domain import purge_order, revocation
from domain.clock import from_ms, to_ms
from domain.entry import ORG, canonical
from domain.errors import Fault, Refusal
from domain.purge_order import PurgeOrder
from domain.revocation import Revocation, SignedRevocation
from domain.ticket_code import SigningKey
from sync.hub_admin import connect, faults
from sync.hub_client import channel
from sync.hub_roles import as_owner

GRACE_S = 5.0
LOOKS = 10
"""How often within the grace it is looked whether the station has heard."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """What was done: the station and up to where it is believed; `told`: it has heard of it, `shut`: its role
    may not sign in any more."""

    station: str
    name: str
    signed: SignedRevocation
    told: bool = False
    shut: bool = True


def revoke(
    dsn: str,
    station: str,
    *,
    root: SigningKey,
    now: datetime,
    last_trusted_seq: int | None = None,
    grace_s: float = GRACE_S,
    sleep: Callable[[float], None] = time.sleep,
    at_once: bool = True,
    purge: bool = False,
) -> Revoked:
    """Revoke a station by id or name, from `last_trusted_seq` on (None: what the hub has is believed).

    `purge`: it is to make its own data unreadable when it hears of it. `at_once`: its role may not sign in
    after the grace, heard or not. Raises Refusal HUB_NOT_MADE_YET, ROOT_KEY_WRONG, STATION_UNKNOWN
    (`station`), STATION_REVOKED (`station`).
    """
    with connect(dsn) as connection, faults():
        organization = _check_root(connection, root)
        found = connection.execute(
            "SELECT s.station, s.name, s.epoch, t.seq, s.revoked_at IS NOT NULL FROM hub.station s"
            " JOIN hub.station_tip t ON t.station = s.station AND t.epoch = s.epoch"
            " WHERE s.station = %(which)s OR s.name = %(which)s",
            {"which": station},
        ).fetchone()
        if found is None:
            raise Refusal("STATION_UNKNOWN", station=station)
        number, name, epoch, tip, gone = found
        if gone:
            raise Refusal("STATION_REVOKED", station=name)
        trusted = tip if last_trusted_seq is None else min(tip, last_trusted_seq)
        at = from_ms(to_ms(now))
        signed = revocation.issue(Revocation(organization, number, epoch, trusted, at), root)
        order = purge_order.issue(organization, number, at, root) if purge else None
        _note(connection, signed, order)
    end_backends(dsn, number)
    for _ in range(1 if at_once else LOOKS):
        sleep(grace_s if at_once else grace_s / LOOKS)
        if not at_once and was_told(dsn, number):
            break
    told = was_told(dsn, number)
    if told or at_once:
        shut_out(dsn, number)
    return Revoked(number, name, signed, told, told or at_once)


def finish(dsn: str, station: str, *, at_once: bool) -> Revoked:
    """Shut the door behind a station that is revoked, when it has heard of it or when it must be now.

    Raises Refusal STATION_UNKNOWN (`station`: none that is revoked), STATION_REVOKED: it is shut already.
    """
    with connect(dsn) as connection, faults():
        found = connection.execute(
            "SELECT s.station, s.name, r.text, r.sig, r.told_at IS NOT NULL, EXISTS (SELECT FROM pg_roles p"
            " WHERE p.rolname = s.role AND p.rolcanlogin)"
            " FROM hub.station s JOIN hub.revocation r ON r.station = s.station"
            " WHERE s.station = %(which)s OR s.name = %(which)s",
            {"which": station},
        ).fetchone()
    if found is None:
        raise Refusal("STATION_UNKNOWN", station=station)
    number, name, text, sig, told, is_open = found
    if not is_open:
        raise Refusal("STATION_REVOKED", station=name)
    if told or at_once:
        shut_out(dsn, number)
    signed = revocation.parse({"text": text, "sig": sig})
    return Revoked(number, name, signed, told, told or at_once)


def was_told(dsn: str, station: str) -> bool:
    """Whether a revoked station has heard of it."""
    with connect(dsn) as connection, faults():
        row = connection.execute(
            "SELECT told_at IS NOT NULL FROM hub.revocation WHERE station = %s", (station,)
        ).fetchone()
    return row is not None and bool(row[0])


def reapply(dsn: str, root: bytes, known: Iterable[SignedRevocation]) -> int:
    """After a restore: revocations that the backup does not have, before anybody may sign in; how many.

    Raises Refusal REVOCATION_INVALID for one that the root has not signed.
    """
    done = 0
    for signed in known:
        if not signed.signed_by(root):
            raise Refusal("REVOCATION_INVALID")
        with connect(dsn) as connection, faults():
            station = signed.revocation.station
            missing = connection.execute(
                "SELECT 1 FROM hub.station WHERE station = %s AND revoked_at IS NULL", (station,)
            ).fetchone()
            if missing is not None:
                _note(connection, signed)
                done += 1
        shut_out(dsn, station)
    return done


def _check_root(connection: psycopg.Connection, root: SigningKey) -> str:
    row = connection.execute("SELECT organization, root FROM hub.hub").fetchone()
    if row is None:
        raise Refusal("HUB_NOT_MADE_YET")
    if bytes(row[1]) != root.public:
        raise Refusal("ROOT_KEY_WRONG")
    return str(row[0])


def _note(connection: psycopg.Connection, signed: SignedRevocation, order: PurgeOrder | None = None) -> None:
    """In the hub's tables and in the feed of the organization at once; then listeners are told."""
    what = signed.revocation
    as_owner(connection)
    connection.execute(
        "UPDATE hub.station SET revoked_at = %s, trusted_seq = %s WHERE station = %s",
        (what.revoked_at, what.last_trusted_seq, what.station),
    )
    connection.execute(
        "INSERT INTO hub.revocation (station, epoch, trusted_seq, text, sig, purge, purge_sig)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            what.station,
            what.epoch,
            what.last_trusted_seq,
            signed.text,
            signed.sig.hex(),
            order.text if order else None,
            order.sig.hex() if order else None,
        ),
    )
    connection.execute(
        "SELECT hub.append_own('station_revoked', ARRAY[%s::text], %s)", (ORG, canonical(signed.body()))
    )
    connection.execute("SELECT hub.end_recovery()")  # a restored hub may have waited for nobody else
    connection.execute("SELECT pg_notify(%s, '')", (channel(ORG),))
    connection.commit()


def end_backends(dsn: str, station: str) -> None:
    """End what the station has open; it may come back."""
    with connect(dsn) as connection, faults():
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s",
            (f"station_{station}",),
        )


def shut_out(dsn: str, station: str) -> None:
    """The role may not sign in any more, and whoever is in is out; a role that is not there is no matter."""
    role = f"station_{station}"
    with connect(dsn) as connection, faults():
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
            return
        connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(role)))
    end_backends(dsn, station)


def remember(path: Path, signed: SignedRevocation) -> None:
    """Add a revocation to the file that a restored hub is told from. Raises Fault FILE_NOT_WRITABLE."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(canonical(signed.to_json()) + "\n")
    except OSError:
        raise Fault("FILE_NOT_WRITABLE", file=str(path)) from None


def remembered(path: Path) -> list[SignedRevocation]:
    """What that file holds, nothing when there is none. Raises Refusal REVOCATION_INVALID."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError):
        raise Fault("FILE_UNREADABLE", file=str(path)) from None
    try:
        return [revocation.parse(json.loads(line)) for line in lines if line]
    except ValueError:
        raise Refusal("REVOCATION_INVALID") from None
