"""The hub's inbox: entries that a station brought for another, or for the hub itself after a restore.

The hub cannot check signatures, so they wait until this tool, which can, has looked at them: what is signed
by a certified key and continues a journal is appended to it, the rest is refused with a code and stays. Where
nobody can fill a gap any more, since the station goes on in another epoch, what lies behind it is taken too.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from domain import revocation
from domain.certificates import Chain, TrustStore, check_chain, parse_chain, scope_json
from domain.entry import HUB, ORG, Entry, MalformedEntryError, canonical, parse
from domain.errors import Refusal
from sync.hub_admin import connect, faults
from sync.hub_revoke import reapply
from sync.hub_roles import as_owner, make_station_role


@dataclass(frozen=True, slots=True)
class InboxRow:
    """Entries of one journal in one state: `first` and `last` are seqs, `code` why they were refused."""

    station: str
    epoch: int
    state: str
    code: str | None
    count: int
    first: int
    last: int
    brought_by: str


@dataclass(frozen=True, slots=True)
class Released:
    """What a release did: appended, known before (the owner was faster), refused, and what must go on waiting
    (a gap before it, or its station is unknown)."""

    released: int
    known: int
    refused: int
    waiting: int


def list_inbox(dsn: str) -> list[InboxRow]:
    """What lies in the inbox, by station. Raises Fault HUB_…."""
    with connect(dsn) as connection, faults():
        rows = connection.execute(
            "SELECT station, epoch, state, code, count(*), min(seq), max(seq), min(brought_by) FROM hub.inbox"
            " GROUP BY station, epoch, state, code ORDER BY station, epoch, state, code"
        ).fetchall()
    return [InboxRow(*row) for row in rows]


def release(dsn: str) -> Released:
    """Check everything that waits and append what is good. Raises Refusal HUB_NOT_MADE_YET, Fault HUB_…."""
    with connect(dsn) as connection, faults():
        row = connection.execute("SELECT root FROM hub.hub").fetchone()
        if row is None:
            raise Refusal("HUB_NOT_MADE_YET")
        root = bytes(row[0])
    _take_acts(dsn, root)
    counts = {"released": 0, "known": 0, "refused": 0}
    with connect(dsn) as connection, faults():
        as_owner(connection)
        # What is brought between a look at the signatures and the append would be appended without one.
        connection.execute("LOCK TABLE hub.inbox IN SHARE ROW EXCLUSIVE MODE")
        trust = _trust(connection, root)
        for station, epoch in _journals(connection):
            _settle(connection, trust, station, epoch, counts)
        connection.execute("SELECT hub.settle_twins()")
        left = connection.execute("SELECT count(*) FROM hub.inbox WHERE state = 'waiting'").fetchone()
    return Released(**counts, waiting=left[0] if left else 0)


def _trust(connection: psycopg.Connection, root: bytes) -> TrustStore:
    trust = TrustStore(root)
    for (chain,) in connection.execute("SELECT chain FROM hub.certificate ORDER BY issued_at"):
        trust.add(parse_chain(chain))
    for station, epoch, seq in connection.execute("SELECT station, epoch, trusted_seq FROM hub.revocation"):
        trust.revoke(station, seq, epoch)
    return trust


def _journals(connection: psycopg.Connection) -> list[tuple[str, int]]:
    return connection.execute(
        "SELECT DISTINCT station, epoch FROM hub.inbox WHERE state = 'waiting' ORDER BY station, epoch"
    ).fetchall()


def _waiting(connection: psycopg.Connection, station: str, epoch: int) -> Sequence[tuple[object, ...]]:
    return connection.execute(
        "SELECT i.seq, i.content, i.prev_hash, i.hash, i.sig, l.hash FROM hub.inbox i"
        " LEFT JOIN hub.station_log l ON l.station = i.station AND l.epoch = i.epoch AND l.seq = i.seq"
        " WHERE i.station = %s AND i.epoch = %s AND i.state = 'waiting' ORDER BY i.seq",
        (station, epoch),
    ).fetchall()


def _settle(
    connection: psycopg.Connection, trust: TrustStore, station: str, epoch: int, counts: dict[str, int]
) -> None:
    """One journal's waiting entries: known, refused, or appended as far as the chain goes; of a journal that
    nobody goes on with also what lies behind a gap."""
    good: list[int] = []
    for seq, content, prev, digest, sig, known in _waiting(connection, station, epoch):
        entry = _parsed(station, epoch, seq, content, prev, digest, sig)
        if known is not None:
            same = known == digest
            counts["known" if same else "refused"] += 1
            _mark(
                connection,
                station,
                epoch,
                digest,
                "released" if same else "refused",
                None if same else "FORK",
            )
            continue
        code = "MALFORMED" if entry is None else trust.verify_entry(entry)
        if code is None:
            good.append(int(str(seq)))
        elif code != "UNKNOWN_STATION":
            counts["refused"] += 1
            _mark(connection, station, epoch, digest, "refused", code)
    if good:
        row = connection.execute(
            "SELECT hub.release(%(s)s, %(e)s, 1, %(last)s) + hub.release_islands(%(s)s, %(e)s, %(good)s)",
            {"s": station, "e": epoch, "last": max(good), "good": good},
        ).fetchone()
        counts["released"] += row[0] if row else 0


def _parsed(station: str, epoch: int, *fields: object) -> Entry | None:
    seq, content, prev, digest, sig = fields
    try:
        return parse(station, epoch, int(str(seq)), str(content), *map(_bytes, (prev, digest, sig)))
    except MalformedEntryError:
        return None


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _mark(
    connection: psycopg.Connection, station: str, epoch: int, digest: object, state: str, code: str | None
) -> None:
    connection.execute(
        "UPDATE hub.inbox SET state = %s, code = %s WHERE station = %s AND epoch = %s AND hash = %s",
        (state, code, station, epoch, digest),
    )


def _take_acts(dsn: str, root: bytes) -> None:
    """The hub's own acts that a restore forgot: certificates and revocations, which the root has signed, are
    done again. Its other acts bind nobody any more and are refused."""
    with connect(dsn) as connection, faults():
        rows = connection.execute(
            "SELECT epoch, hash, content FROM hub.inbox WHERE station = %s AND state = 'waiting'"
            " ORDER BY epoch, seq",
            (HUB,),
        ).fetchall()
    for epoch, digest, content in rows:
        body = json.loads(content)
        state, code = "released", None
        try:
            match body.get("kind"):
                case "certificate_issued":
                    _certify_again(dsn, root, body["body"])
                case "station_revoked":
                    reapply(dsn, root, [revocation.parse(body["body"]["revocation"])])
                case _:
                    state, code = "refused", "HUB_FORGOT"
        except (Refusal, KeyError, TypeError):
            state, code = "refused", "BAD_SIGNATURE"
        with connect(dsn) as connection, faults():
            _mark(connection, HUB, epoch, digest, state, code)


def _certify_again(dsn: str, root: bytes, body: dict[str, object]) -> None:
    """A station that joined after the backup: known again, but it has to be enrolled again to sign in."""
    chain = parse_chain(body["certificates"])
    leaf = check_chain(root, chain)
    epoch = body["epoch"]
    with connect(dsn) as connection, faults():
        known = connection.execute(
            "SELECT 1 FROM hub.certificate WHERE station = %s AND epoch = %s", (leaf.station, epoch)
        ).fetchone()
        if known is not None:
            return
        role = f"station_{leaf.station}"
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
            make_station_role(connection, role, secrets.token_hex(24))
        as_owner(connection)
        _note_station(connection, chain, role, epoch)
        connection.execute(
            "SELECT hub.append_own('certificate_issued', ARRAY[%s::text], %s)", (ORG, canonical(body))
        )


def _note_station(connection: psycopg.Connection, chain: Chain, role: str, epoch: object) -> None:
    leaf = chain[-1].certificate
    scope = None if leaf.scope == "*" else scope_json(leaf.scope)
    now = datetime.now(UTC)
    who = (leaf.station, role, leaf.name, leaf.prefix, scope, epoch)
    connection.execute(
        "INSERT INTO hub.invitation (station, role, name, prefix, scope, epoch, certificate,"
        " certificate_sig, key, expires_at, used_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (station) DO UPDATE SET epoch = excluded.epoch, certificate = excluded.certificate,"
        " certificate_sig = excluded.certificate_sig, key = excluded.key, used_at = excluded.used_at",
        (*who, chain[0].text, chain[0].sig, chain[0].certificate.key, now, now),
    )
    connection.execute(
        "INSERT INTO hub.station (station, role, name, prefix, scope, epoch) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (station) DO UPDATE SET epoch = greatest(hub.station.epoch, excluded.epoch)",
        who,
    )
    connection.execute(
        "INSERT INTO hub.station_tip (station, epoch, seq, hash, genesis)"
        " SELECT %(s)s, %(e)s, 0, g, g FROM hub.genesis(%(s)s, %(e)s, %(k)s) AS g ON CONFLICT DO NOTHING",
        {"s": leaf.station, "e": epoch, "k": leaf.key},
    )
    connection.execute(
        "INSERT INTO hub.certificate (id, station, epoch, key, chain) VALUES (%s, %s, %s, %s, %s)",
        (leaf.id, leaf.station, epoch, leaf.key, json.dumps([link.to_json() for link in chain])),
    )
