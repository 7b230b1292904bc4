"""The hub of the real tier: the SQL functions in a PostgreSQL, asked as the stations' roles, and worked on
with the administrator's own tools. Time and chance are the simulation's (hub_database)."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from domain.errors import Refusal
from domain.revocation import SignedRevocation
from sync import hub_backup, hub_inbox, hub_leases, hub_revoke, hub_rights
from sync.hub_roles import grant_database
from tests.simulation.hub_database import SimulatedHubs, simulated_hubs
from tests.simulation.hub_model import LATER
from tests.simulation.hub_port import Standing
from tests.simulation.hub_state import Invitation
from tests.simulation.world import ORGANIZATION, ROOT, MakeHub

_HEADS = "%s::uuid[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::integer[]"
_CALLS = {
    "hello": "SELECT api_1.hello(%s)",
    "push": "SELECT api_1.push(%s, %s, %s, %s::text[], %s::bytea[], %s::bytea[], %s)",
    "pull": "SELECT * FROM api_1.pull(%s, %s, %s)",
    "wake": "SELECT api_1.wake(%s::text[])",
    "enrol": "SELECT api_1.enrol(%s)",
    "tips": "SELECT api_1.tips()",
    "reported": "SELECT api_1.reported()",
    "control": "SELECT api_1.control(%s::text[])",
    "claims": "SELECT api_1.claims()",
    "claim": "SELECT api_1.claim(%s, %s, %s::uuid[], %s::uuid, %s, %s)",
    "bring": "SELECT api_1.bring(%s::text[], %s::integer[], %s::bigint[], %s::bytea[], %s::bytea[],"
    " %s::bytea[], %s::text[])",
    "snapshot_begin": "SELECT api_1.snapshot_begin(%s)",
    "snapshot_entries": "SELECT position, station, epoch, seq, content, prev_hash, hash, sig, feed_hash"
    " FROM api_1.snapshot_entries(%s, %s, %s, %s::text[])",
    "offer_documents": f"SELECT api_1.offer_documents({_HEADS})",
    "put_documents": f"SELECT api_1.put_documents({_HEADS}, %s::bytea[], %s::integer[], %s::bytea[])",
    "pull_documents": "SELECT reply, document::text, kind, feed, version, hash, nonce, size, tombstone,"
    " content FROM api_1.pull_documents(%s, %s, %s)",
    "document_piece": "SELECT api_1.document_piece(%s::uuid, %s, %s)",
}
_MORE = {
    "stations": (
        1,
        "SELECT station, epoch, revoked_at IS NOT NULL, lease_version, right_version FROM hub.station",
    ),
    "tips": (2, "SELECT station, epoch, seq, hash FROM hub.station_tip"),
    "brought": (1, "SELECT hash, state, code FROM hub.inbox"),
    "held": (3, "SELECT station, epoch, seq, reason FROM hub.held"),
    "claims": (1, "SELECT entry_id::text, feed, serial FROM hub.gate_claim"),
    "marks": (3, "SELECT feed, serial, order_id::text, act, station FROM hub.gate_mark"),
    "values": (1, "SELECT value, currency, issued, spent, reserved FROM hub.value_account"),
    "value_grants": (2, "SELECT request, value, station, epoch, amount, state FROM hub.value_grant"),
    "document_versions": (1, "SELECT document::text, feed, position, version, tombstone FROM hub.document"),
}
"""Tables that both hubs are compared in: how many columns are the key, and what is read."""


_ENDS = [
    (timeout, table)
    for timeout in ("lock_timeout", "statement_timeout")
    for table in ("hub.feed_head", "hub.pool", "hub.gate_row")
]
_ENDS_AFTER_MS = 30


def arguments_of(values: Sequence[Any]) -> list[Any]:
    """As the driver wants them."""
    return [Jsonb(value) if isinstance(value, dict) else value for value in values]


def _plain(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else tuple(values)


class RealHub:
    """One hub in a database of its own."""

    def __init__(self, hubs: SimulatedHubs, now_ms: Callable[[], int], chance: random.Random) -> None:
        self._hubs, self.now_ms = hubs, now_ms
        self.listeners: list[Callable[[Iterable[str]], None]] = []
        self.dbname = hubs.fresh()
        self._copies: list[str] = []
        self._roles: set[str] = set()
        self._lines: dict[str, psycopg.Connection] = {}
        self._told_ms = -1
        self._in_vain = 0
        self._drawn = chance.getrandbits(40)
        with self._admin() as admin:
            grant_database(admin)
            admin.execute("SELECT setval('hub.sim_chance', %s)", (self._drawn,))
            admin.execute(
                "UPDATE hub.hub SET id = hub.gen_random_uuid(), organization = %s, root = %s",
                (ORGANIZATION, ROOT.public),
            )

    @property
    def dsn(self) -> str:
        """The administrator's connection string."""
        return self._hubs.dsn(self.dbname)

    def _line(self, role: str) -> psycopg.Connection:
        """A connection that is kept; '' is the administrator's own."""
        line = self._lines.get(role)
        if line is None:
            line = self._lines[role] = psycopg.connect(self.dsn, autocommit=True)
            if role:
                line.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
        return line

    @contextmanager
    def _admin(self) -> Iterator[psycopg.Connection]:
        """The administrator's kept connection in a transaction, on simulated time."""
        self._tick()
        line = self._line("")
        with line.transaction():
            yield line

    def _tick(self) -> None:
        now = self.now_ms()
        if now != self._told_ms:
            self._line("").execute("SELECT setval('hub.sim_clock', %s)", (now,))
            self._told_ms = now

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._line("").execute(query.encode(), values or None).fetchall()

    def _let_go(self) -> None:
        """Close all lines, so that the database can be copied."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()
        self._told_ms = -1

    # What stations ask.

    def call(self, role: str, function: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        """What a station asks. Whatever PostgreSQL raises here is a defect, not an answer."""
        self._tick()
        try:
            line = self._line(role)
            rows = line.execute(_CALLS[function].encode(), arguments_of(arguments), binary=True).fetchall()
        except psycopg.Error as error:
            raise AssertionError(f"{function}: {error.sqlstate} {error}") from error
        if function == "wake":
            heads = self.heads()
            for listener in self.listeners:
                listener([feed for feed in arguments[0][:200] if feed in heads])
        return rows

    def in_vain(self, role: str, function: str, arguments: Sequence[Any]) -> str:
        """A push while another session holds the rows of a table that pushes lock; a time-out ends it."""
        if function != "push":
            return ""
        self._tick()
        timeout, table = _ENDS[self._in_vain % len(_ENDS)]
        self._in_vain += 1
        line = self._line(role)
        with psycopg.connect(self.dsn) as other:
            other.execute(f"SELECT 1 FROM {table} FOR UPDATE".encode())
            line.execute(f"SET {timeout} = '{_ENDS_AFTER_MS}ms'".encode())
            try:
                line.execute(_CALLS[function].encode(), arguments_of(arguments))
            except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
                return f"ended_by_{timeout}"
            finally:
                line.execute(f"RESET {timeout}".encode())
        return ""

    # What the simulation looks at.

    def organization(self) -> str:
        return ORGANIZATION

    def mode(self) -> str:
        return str(self._rows("SELECT mode FROM hub.hub")[0][0])

    def heads(self) -> dict[str, int]:
        return dict(self._rows("SELECT feed, position FROM hub.feed_head WHERE position > 0 ORDER BY feed"))

    def lease_span(self, lease: str) -> tuple[int, int] | None:
        found = self._rows("SELECT hub.ms(granted_at), ttl_ms FROM hub.lease WHERE lease = %s", lease)
        return found[0] if found else None  # type: ignore[return-value]

    def epochs(self, station: str) -> list[int]:
        rows = self._rows("SELECT epoch FROM hub.station_tip WHERE station = %s ORDER BY epoch", station)
        return [row[0] for row in rows]

    def standings(self) -> dict[str, Standing]:
        rows = self._rows(
            "SELECT s.station, s.epoch, t.seq, s.forked_at IS NOT NULL FROM hub.station s"
            " JOIN hub.station_tip t ON t.station = s.station AND t.epoch = s.epoch ORDER BY s.station"
        )
        return {station: Standing(*rest) for station, *rest in rows}

    def dump(self) -> dict[str, Any]:
        """Everything that the invariants look at, as plain values."""
        log: dict[tuple[str, int], dict[int, tuple[Any, ...]]] = {}
        for station, epoch, seq, *row in self._rows(
            "SELECT station, epoch, seq, hash, entry_id::text, state FROM hub.station_log"
        ):
            log.setdefault((station, epoch), {})[seq] = tuple(row)
        feeds: dict[str, list[tuple[Any, ...]]] = {}
        for feed, *place in self._rows(
            "SELECT feed, station, epoch, seq, hash FROM hub.feed_log ORDER BY feed, position"
        ):
            feeds.setdefault(feed, []).append(tuple(place))
        raw = self._rows("SELECT station, epoch, seq, prev_hash, hash, sig, content FROM hub.log_raw")
        return {
            "mode": self.mode(),
            "log": log,
            "raw": {row[:3]: row[3:] for row in raw},
            "feeds": feeds,
            "fork_inbox": {row[0] for row in self._rows("SELECT hash FROM hub.fork_inbox")},
            "inbox": {row[0] for row in self._rows("SELECT hash FROM hub.inbox")},
            **self._dump_places(),
            **self._dump_more(),
        }

    def _dump_places(self) -> dict[str, Any]:
        pools = self._rows("SELECT pool, leased, used, outside FROM hub.pool")
        return {
            "pools": {row[0]: row[1:] for row in pools},
            "leases": {
                lease: {"pool": pool, "size": size, "used": used, "back": back}
                for lease, pool, size, used, back in self._rows(
                    "SELECT lease, pool, size, used, back FROM hub.lease"
                )
            },
            "slots": {
                (lease, slot): (pool, holder)
                for lease, slot, pool, holder in self._rows(
                    "SELECT lease, slot, pool, holder FROM hub.lease_slot"
                )
            },
            "clashes": set(self._rows("SELECT lease, slot FROM hub.slot_clash")),
            "documents": {
                row[0]
                for row in self._rows(
                    "SELECT document::text FROM hub.document WHERE content IS NOT NULL"
                    " UNION SELECT document::text FROM hub.document_part"
                )
            },
        }

    def _dump_more(self) -> dict[str, Any]:
        """As the model's."""
        return {
            name: {tuple(row[:key]) if key > 1 else row[0]: _plain(row[key:]) for row in self._rows(query)}
            for name, (key, query) in _MORE.items()
        } | {
            "seen": {
                (feed, serial): frozenset(ids)
                for feed, serial, ids in self._rows(
                    "SELECT feed, serial, array_agg(entry_id::text) FROM hub.ticket_seen GROUP BY 1, 2"
                )
            },
            "rights": {
                order: (*rest, sorted((feed, serial) for feed, serial in tickets))
                for order, *rest, tickets in self._rows(
                    "SELECT order_id::text, station, epoch, number, act, request, tickets"
                    " FROM hub.order_right"
                )
            },
            "claims_ended": {row[0] for row in self._rows("SELECT entry_id::text FROM hub.claim_ended")},
            "freed": set(self._rows("SELECT lease, slot, holder FROM hub.slot_freed")),
            "early_back": set(self._rows("SELECT lease, entry_id::text FROM hub.lease_early_back")),
        }

    # What an administrator does.

    def invite(self, invited: Invitation) -> None:
        self._hubs.role(invited.role)
        self._roles.add(invited.role)
        scope = None if invited.scope is None else list(invited.scope)
        with self._admin() as admin:
            admin.execute(
                "INSERT INTO hub.invitation (station, role, name, prefix, scope, epoch, certificate,"
                " certificate_sig, key, expires_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, timestamptz 'epoch' + %s * interval '1 ms')"
                " ON CONFLICT (station) DO UPDATE SET epoch = excluded.epoch,"
                " certificate = excluded.certificate, certificate_sig = excluded.certificate_sig,"
                " key = excluded.key, expires_at = excluded.expires_at, used_at = NULL",
                (
                    invited.station, invited.role, invited.name, invited.prefix, scope, invited.epoch,
                    invited.certificate, bytes.fromhex(invited.certificate_sig), invited.key,
                    invited.expires_ms,
                ),
            )  # fmt: skip

    def revoke(self, signed: SignedRevocation) -> None:
        self._tick()
        hub_revoke.reapply(self.dsn, ROOT.public, [signed])

    def reclaim(self, station: str, risk: int) -> dict[int, int]:
        self._tick()
        return hub_leases.reclaim(self.dsn, station, hub_leases.Risk(risk)).freed

    def write_off_rights(self, station: str, risk: int, value_risk: int) -> tuple[int, int]:
        self._tick()
        done = hub_rights.write_off(self.dsn, station, risk, value_risk)
        return done.rights, done.amount_minor

    def write_off(self, station: str, risk: int) -> bool:
        self._tick()
        try:
            hub_backup.write_off(self.dsn, station, risk)
        except Refusal:
            return False
        return True

    def release_inbox(self) -> None:
        if self._rows("SELECT 1 FROM hub.inbox WHERE state = 'waiting' LIMIT 1"):
            self._tick()
            hub_inbox.release(self.dsn)

    def backup(self) -> str:
        """A copy of the database under another name."""
        self._let_go()
        name = f"{self.dbname}_copy{len(self._copies) + 1}"
        self._hubs.copy(self.dbname, name)
        self._copies.append(name)
        return name

    def restore(self, copy: str, revocations: Sequence[SignedRevocation]) -> None:
        self._let_go()
        self._hubs.drop(self.dbname)
        self._hubs.copy(copy, self.dbname)
        self._drawn += LATER
        with self._admin() as admin:
            grant_database(admin)
            admin.execute("SELECT setval('hub.sim_chance', %s)", (self._drawn,))
        hub_backup.restore_done(self.dsn, revocations, lambda _seconds: None)

    def promote(self) -> None:
        self._rows("SELECT nextval('hub.sim_timeline')")

    def close(self) -> None:
        """Give everything back to the server."""
        self._let_go()
        for name in (self.dbname, *self._copies):
            self._hubs.drop(name)
        for role in sorted(self._roles):
            self._hubs.drop_role(role)


def real(hubs: SimulatedHubs | None = None) -> MakeHub:
    """The maker of hubs of the real tier."""

    def make(now_ms: Callable[[], int], chance: random.Random) -> RealHub:
        return RealHub(hubs or simulated_hubs(), now_ms, chance)

    return make
