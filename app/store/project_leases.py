"""Grants, renewals and returns of leases, and whether sales from them are covered."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.sqlite import insert

from app.store import project_orders
from app.store.facts import at_ms
from app.store.prepared import Prepared
from app.store.schema_leases import LEASE_DOUBT, LEASE_FACT
from domain.conflict_acts import SUSPECT_MS
from domain.conflict_leases import LeaseFact, LeaseWord, Use, lease_conflicts, why
from domain.conflicts import Finding, SubjectKind, subject_of
from domain.entry import Entry

_FACT = insert(LEASE_FACT).on_conflict_do_nothing()
_ODD = Prepared(
    text(
        "SELECT EXISTS (SELECT 1 FROM lease_fact WHERE lease = :lease "
        "AND (word = 'granted' AND station <> :station "
        "OR word = 'returned' AND hlc < :hlc AND first <= :high AND last >= :low)), "
        "EXISTS (SELECT 1 FROM lease_fact WHERE lease = :lease AND word = 'granted') AND NOT EXISTS "
        "(SELECT 1 FROM lease_fact WHERE lease = :lease AND word = 'granted' "
        "AND first <= :low AND last >= :high), "
        "(SELECT max(at_ms + ttl_ms) FROM lease_fact "
        "WHERE lease = :lease AND word <> 'returned') < :late_ms, "
        "EXISTS (SELECT 1 FROM conflict WHERE subject = :subject)"
    )
)
"""Whether anything speaks against the sale of places `low` to `high` from a lease."""
_USED = Prepared(text("SELECT 1 FROM slot WHERE pool = :pool AND lease = :lease LIMIT 1"))
_USE = (
    "p.entry_id, p.hlc, p.sold_ms, p.event, o.station FROM {} s CROSS JOIN position p ON p.serial = s.serial "
    "CROSS JOIN orders o ON o.order_id = p.order_id WHERE s.pool = :pool AND s.lease = :lease"
)
"""CROSS JOIN keeps the few rows outside; else SQLite may go through the lease to look for them."""
_USES = Prepared(text(f"SELECT s.slot, s.serial, {_USE.format('slot')} AND s.slot BETWEEN :low AND :high"))
_DOUBTED = Prepared(text(f"SELECT s.slot, s.serial, {_USE.format('lease_doubt')}"))
_DOUBT = Prepared(insert(LEASE_DOUBT).on_conflict_do_nothing())
_TRUST = Prepared(text("DELETE FROM lease_doubt WHERE pool = :pool AND lease = :lease"))
_ALL = {"low": 0, "high": 2**62}


def lease_granted(connection: Connection, entry: Entry) -> None:
    """The hub gave places to a station, or let it keep them longer."""
    body = entry.body
    rows = [
        _row(entry, LeaseWord.GRANTED, lease, first, last)
        for lease in body["leases"]
        for first, last in lease["ranges"]
    ]
    rows += [_row(entry, LeaseWord.RENEWED, lease, 0, -1) for lease in body["renewed"]]
    if rows:
        connection.execute(_FACT, rows)


def lease_returned(connection: Connection, entry: Entry) -> None:
    """Places given back by their holder."""
    project_orders.lease_returned(connection, entry)
    rows = [_row(entry, LeaseWord.RETURNED, entry.body, first, last) for first, last in entry.body["ranges"]]
    if rows:
        connection.execute(_FACT, rows)


def _row(entry: Entry, word: LeaseWord, lease: Mapping[str, Any], first: int, last: int) -> dict[str, Any]:
    holder = entry.origin.station if word is LeaseWord.RETURNED else entry.body["station"]
    return {
        "lease": lease["lease"],
        "entry_id": entry.entry_id,
        "first": first,
        "last": last,
        "word": word.value,
        "station": holder,
        "pool": lease["pool"],
        "hlc": entry.origin.hlc,
        "at_ms": at_ms(entry),
        "ttl_ms": lease.get("ttl_ms", 0),
    }


def touched(connection: Connection, entry: Entry) -> Iterable[str]:
    """Leases that a grant or return speaks of and that were sold from already."""
    body = entry.body
    leases: Sequence[Mapping[str, Any]] = [body]
    if entry.kind == "lease_granted":
        leases = [*body["leases"], *body["renewed"]]
    for lease in leases:
        asked = {"pool": lease["pool"], "lease": lease["lease"]}
        if _USED.first(connection, asked) is not None:
            yield judged_again(connection, lease["pool"], lease["lease"])


def judged_again(connection: Connection, pool: int, lease: str) -> str:
    """Look at all places that were ever sold from a lease; answers its subject."""
    asked = {"pool": pool, "lease": lease}
    _TRUST.run(connection, asked)
    _judge(connection, {**asked, **_ALL})
    return subject_of(SubjectKind.LEASE, pool, lease)


def sold_from(
    connection: Connection, entry: Entry, pool: int, lease: str, low: int, high: int
) -> Iterable[str]:
    """The lease of a sale that its grant may not cover."""
    subject = subject_of(SubjectKind.LEASE, pool, lease)
    asked = {
        "lease": lease,
        "station": entry.origin.station,
        "hlc": entry.origin.hlc,
        "low": low,
        "high": high,
        "late_ms": at_ms(entry) - SUSPECT_MS,
        "subject": subject,
    }
    if any(_ODD.first(connection, asked) or ()):
        _judge(connection, {"pool": pool, "lease": lease, "low": low, "high": high})
        yield subject


def derive(connection: Connection, pool: int, lease: str) -> list[Finding]:
    """The conflicts of one lease. Only the places that its grant does not cover are read: they are few, and
    what makes others of them has judged them."""
    uses = [_use(row) for row in _DOUBTED.rows(connection, {"pool": pool, "lease": lease})]
    return lease_conflicts(pool, lease, _facts(connection, lease), uses)


def _judge(connection: Connection, asked: Mapping[str, Any]) -> None:
    """Note which of these places of a lease were sold in a way that it does not cover."""
    facts = _facts(connection, asked["lease"])
    for row in _USES.rows(connection, asked):
        if why(facts, _use(row)) is not None:
            place = {"pool": asked["pool"], "lease": asked["lease"], "slot": row.slot, "serial": row.serial}
            _DOUBT.run(connection, place)


def _facts(connection: Connection, lease: str) -> list[LeaseFact]:
    return [
        LeaseFact(LeaseWord(row.word), row.station, row.hlc, row.at_ms, row.ttl_ms, row.first, row.last)
        for row in connection.execute(select(LEASE_FACT).where(LEASE_FACT.c.lease == lease))
    ]


def _use(row: Any) -> Use:
    return Use(row.entry_id, row.hlc, row.sold_ms, row.station, row.slot, row.event)
