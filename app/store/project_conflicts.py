"""Keeps the table of conflicts in step with the facts: after each entry the subjects that it may have brought
into conflict are looked at again.

An ordinary scan or sale costs one or two small questions more; deriving starts only where something speaks
for a conflict, or where there is one already.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, select, text
from sqlalchemy.dialects.sqlite import insert

from app.store import pool_places, project_leases, project_roles
from app.store.conflict_facts import derive
from app.store.facts import at_ms
from app.store.prepared import Prepared
from app.store.project_rights import is_touched
from app.store.schema import (
    CONFLICT,
    CONFLICT_RESOLUTION,
    CONFLICT_WITNESS,
    GATE_FACT,
    POSITION,
    TICKET,
)
from domain.actor import SYSTEM
from domain.clock import Hlc
from domain.conflict_acts import NEEDED, clock_window
from domain.conflict_tickets import ON_TRUST
from domain.conflicts import Finding, SubjectKind, is_settled, subject_of
from domain.entry import Entry, canonical
from domain.kinds_rights import GIVING_BACK

_SCAN = Prepared(
    text(
        "SELECT (SELECT sum(people) FROM gate_fact "
        "WHERE serial = :serial AND kind = 'admitted' AND live = 1), "
        "EXISTS (SELECT 1 FROM event_fact WHERE kind = 'event_cancelled' "
        "AND event IN (:event, :at_event, (SELECT event FROM ticket WHERE serial = :serial))), "
        "(SELECT print_number FROM ticket WHERE serial = :serial), "
        "EXISTS (SELECT 1 FROM conflict WHERE subject = :subject) "
        "OR EXISTS (SELECT 1 FROM ticket_act WHERE serial = :serial)"
    )
)
"""How many people were let in with a ticket, whether its event was cancelled, its newest print, whether there
are conflicts or it was given back."""
_TICKET = Prepared(
    text(
        "SELECT EXISTS (SELECT 1 FROM gate_fact WHERE serial = :serial AND kind = 'admitted'), "
        "EXISTS (SELECT 1 FROM conflict WHERE subject = :subject)"
    )
)
_SOLD_BEFORE = Prepared(text("SELECT order_id FROM position WHERE serial = :serial"))
_ORDER = Prepared(
    text(
        "SELECT EXISTS (SELECT 1 FROM event_fact WHERE event = :event AND kind = 'event_cancelled'), "
        "EXISTS (SELECT 1 FROM catalogue_patch WHERE object = 'product' AND name = :product "
        "AND json_extract(fields, '$.price_version') > :version), "
        "EXISTS (SELECT 1 FROM conflict WHERE subject = :subject)"
    )
)
_POOL = Prepared(
    text(
        "SELECT (SELECT used FROM pool_tally WHERE pool = :pool) > "
        "coalesce((SELECT json_extract(fields, '$.capacity') FROM performance WHERE number = :pool), "
        "(SELECT json_extract(fields, '$.capacity') FROM quota WHERE number = :pool)), "
        "EXISTS (SELECT 1 FROM slot WHERE pool = :pool AND lease = :lease AND slot BETWEEN :low AND :high "
        "GROUP BY slot HAVING count(*) > 1), "
        "EXISTS (SELECT 1 FROM conflict WHERE subject = :subject)"
    )
)
_SEAT = Prepared(text("SELECT count(*) > 1 FROM position WHERE performance = :performance AND seat = :seat"))
_OFTEN = {
    thing: Prepared(
        select(GATE_FACT.c.serial)
        .where(
            GATE_FACT.c[thing] == bindparam("number"),
            GATE_FACT.c.kind == "admitted",
            GATE_FACT.c.serial != "",
        )
        .group_by(GATE_FACT.c.serial)
    )
    for thing in ("product", "event", "performance")
}
_STALE = Prepared(
    select(POSITION.c.order_id)
    .where(
        POSITION.c.product == bindparam("of_product"),
        POSITION.c.hlc >= bindparam("since"),
        POSITION.c.price_version < bindparam("version"),
    )
    .distinct()
)
_FRESH = insert(CONFLICT)
_WRITE = Prepared(
    _FRESH.on_conflict_do_update(
        index_elements=["conflict"],
        set_={name: _FRESH.excluded[name] for name in ("entries", "at_ms", "event", "open")},
    )
)
_THERE = Prepared(select(CONFLICT.c.conflict).where(CONFLICT.c.subject == bindparam("of_subject")))
_SEEN = Prepared(
    select(CONFLICT_RESOLUTION.c.seen).where(CONFLICT_RESOLUTION.c.conflict == bindparam("of_conflict"))
)
_WITNESS = Prepared(insert(CONFLICT_WITNESS).on_conflict_do_nothing())

_TICKETS_OF_KIND = frozenset({"admission_undone", "ticket_reprinted"})
_SALES = frozenset({"order_sold", "order_reserved"})
_BACK = GIVING_BACK | {"reservation_released"}
_PAID = frozenset({"payment_taken", "payment_resolved"})
_VALUES = frozenset({"value_issued", "value_spent", "value_returned"})
_NOBODY = frozenset({None, SYSTEM.user})


def before(connection: Connection, entry: Entry) -> tuple[str, ...]:
    """To be called before a sale is projected: the orders that its tickets belonged to until now, since of
    two sales of one ticket the earlier stays."""
    if entry.kind not in _SALES:
        return ()
    orders = set()
    for position in entry.body["positions"]:
        row = _SOLD_BEFORE.first(connection, {"serial": position["serial"]})
        if row is not None:
            orders.add(str(row[0]))
    return tuple(sorted(orders))


def after(connection: Connection, entry: Entry, orders_before: Sequence[str]) -> None:
    """To be called when an entry has been projected: look again at what it may have touched."""
    subjects = {*_acts(connection, entry), *_touched(connection, entry, orders_before)}
    for subject in sorted(subjects):
        refresh(connection, subject)


def conflict_resolved(connection: Connection, entry: Entry) -> None:
    """A person has dealt with a conflict as far as they saw it."""
    body = entry.body
    connection.execute(
        insert(CONFLICT_RESOLUTION),
        {
            "conflict": body["conflict"],
            "entry_id": entry.entry_id,
            "seen": canonical(sorted(body["seen"])),
            "reason": body["reason"],
            "user": entry.actor.user,
            "station": entry.origin.station,
            "hlc": entry.origin.hlc,
            "at_ms": at_ms(entry),
        },
    )
    row = connection.execute(
        select(CONFLICT.c.entries).where(CONFLICT.c.conflict == body["conflict"])
    ).first()
    if row is not None:
        settled = is_settled(json.loads(row.entries), _resolutions(connection, body["conflict"]))
        connection.execute(
            CONFLICT.update().where(CONFLICT.c.conflict == body["conflict"]).values(open=int(not settled))
        )


def refresh(connection: Connection, subject: str) -> None:
    """Derive the conflicts of a subject anew and bring the table in step with them."""
    found = {one.id: one for one in derive(connection, subject)}
    there = {row[0] for row in _THERE.all(connection, {"of_subject": subject})}
    gone = sorted(there - found.keys())
    if gone:
        connection.execute(delete(CONFLICT).where(CONFLICT.c.conflict.in_(gone)))
    for name in sorted(found):
        _WRITE.run(connection, _row(connection, found[name]))


def _row(connection: Connection, found: Finding) -> Mapping[str, Any]:
    settled = is_settled(found.entries, _resolutions(connection, found.id))
    return {
        "conflict": found.id,
        "code": found.code.value,
        "subject": found.subject,
        "window": found.window,
        "entries": canonical(list(found.entries)),
        "at_ms": found.at_ms,
        "event": found.event,
        "open": int(not settled),
    }


def _resolutions(connection: Connection, conflict: str) -> list[list[str]]:
    return [json.loads(row[0]) for row in _SEEN.all(connection, {"of_conflict": conflict})]


# Who did it, and by which clock.


def _acts(connection: Connection, entry: Entry) -> Iterable[str]:
    """Station or person where the entry itself speaks against them."""
    wall_ms = at_ms(entry)
    day = clock_window(wall_ms, entry.clocks.offset_ms)
    if day is not None:
        yield _witness(connection, entry, subject_of(SubjectKind.STATION, entry.origin.station), day)
    user = entry.actor.user
    if user is not None and user not in _NOBODY and not entry.actor.practice and entry.kind in NEEDED:
        project_roles.note_act(connection, entry)
        stamp = entry.origin.hlc, entry.entry_id
        allowed = project_roles.was_allowed(connection, user, entry.kind, stamp)
        if not allowed:
            speaks = _witness(connection, entry, subject_of(SubjectKind.USER, user), entry.kind)
            if allowed is not None:  # of somebody unknown nothing can be said yet
                yield speaks
    if entry.kind in project_roles.KINDS:
        for whose in project_roles.recompute(connection):
            yield project_roles.rejudge(connection, whose)


def _witness(connection: Connection, entry: Entry, subject: str, window: str) -> str:
    _WITNESS.run(
        connection,
        {
            "subject": subject,
            "entry_id": entry.entry_id,
            "window": window,
            "hlc": entry.origin.hlc,
            "at_ms": Hlc.parse(entry.origin.hlc).ms if subject.startswith("user:") else at_ms(entry),
        },
    )
    return subject


# What it was about.


def _touched(  # noqa: PLR0911  one for each group of kinds
    connection: Connection, entry: Entry, orders_before: Sequence[str]
) -> Iterable[str]:
    if entry.kind in ("admitted", "exited"):
        return _scan(connection, entry)
    if entry.kind in _SALES:
        return _sale(connection, entry, orders_before)
    if entry.kind in _BACK:
        return _given_back(connection, entry)
    if entry.kind in _PAID | _VALUES:
        of_order = entry.kind in _PAID
        kind, name = (SubjectKind.ORDER, "order") if of_order else (SubjectKind.VALUE, "value")
        return [subject_of(kind, entry.body[name])]
    if entry.kind in _TICKETS_OF_KIND:
        return [subject_of(SubjectKind.TICKET, entry.body["serial"])]
    if entry.kind == "event_cancelled":
        return _of_event(connection, entry)
    if entry.kind in ("lease_granted", "lease_returned"):
        return project_leases.touched(connection, entry)
    if entry.kind.endswith(("_created", "_changed")) and "fields" in entry.body:
        return _catalogue(connection, entry)
    return ()


def _scan(connection: Connection, entry: Entry) -> Iterable[str]:
    body = entry.body
    subject = subject_of(SubjectKind.TICKET, body["serial"])
    event = body.get("event") or 0
    asked = {
        "serial": body["serial"],
        "subject": subject,
        "event": event,
        "at_event": body.get("at_event") or event,
    }
    admitted, cancelled, newest, already = _SCAN.first(connection, asked) or (0, 0, None, 0)
    old_print = 0 < body["print_number"] < (newest or 1)
    if (admitted or 0) > 1 or cancelled or already or old_print or body["verdict"] in ON_TRUST:
        yield subject


def _sale(connection: Connection, entry: Entry, orders_before: Sequence[str]) -> Iterable[str]:
    body = entry.body
    order = subject_of(SubjectKind.ORDER, body["order"])
    yield from (subject_of(SubjectKind.ORDER, each) for each in orders_before if each != body["order"])
    if orders_before:
        yield from _sold_again(connection, [each["serial"] for each in body["positions"]])
    asked = {(each["event"], str(each["product"]), each["price_version"]) for each in body["positions"]}
    for event, product, version in sorted(asked):
        values = {"event": event, "product": product, "version": version, "subject": order}
        if any(_ORDER.first(connection, values) or ()):
            yield order
    for position in body["positions"]:
        ticket = subject_of(SubjectKind.TICKET, position["serial"])
        if any(_TICKET.first(connection, {"serial": position["serial"], "subject": ticket}) or ()):
            yield ticket
        seat, performance = position.get("seat"), position.get("performance") or 0
        if seat and any(_SEAT.first(connection, {"performance": performance, "seat": seat}) or ()):
            yield subject_of(SubjectKind.SEAT, performance, seat)
    if is_touched(connection, body["order"]):
        yield order
    yield from _pools(connection, body["positions"])
    yield from _leases(connection, entry)


def _sold_again(connection: Connection, serials: Sequence[str]) -> Iterable[str]:
    """Of two sales of one ticket the earlier counts, which may be another one now: what was said of its
    places is looked at again, wherever they are. This goes through all places, and hardly ever happens."""
    pool_places.sold_again(connection, serials)
    for pool, lease in pool_places.of_tickets(connection, serials):
        yield subject_of(SubjectKind.POOL, pool)
        yield project_leases.judged_again(connection, pool, lease)


def _given_back(connection: Connection, entry: Entry) -> Iterable[str]:
    """Tickets that may have been let in, money that may have been moved twice, pools with room again."""
    yield subject_of(SubjectKind.ORDER, entry.body["order"])
    for position in entry.body["positions"]:
        ticket = subject_of(SubjectKind.TICKET, position["serial"])
        if any(_TICKET.first(connection, {"serial": position["serial"], "subject": ticket}) or ()):
            yield ticket
    places = [(position["serial"], position["freed"]) for position in entry.body["positions"]]
    places += [(use["serial"], [use]) for use in entry.body.get("freed") or ()]
    yield from _pools(connection, [{"serial": serial, "slots": freed} for serial, freed in places])


def _pools(connection: Connection, positions: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    odd = False
    for (pool, lease), (low, high) in sorted(_ranges(positions).items()):
        subject = subject_of(SubjectKind.POOL, pool)
        asked = {"pool": pool, "lease": lease, "low": low, "high": high, "subject": subject}
        over, shared, already = _POOL.first(connection, asked) or (0, 0, 0)
        if shared:
            pool_places.follow(connection, pool, lease, low, high)
        if over or shared or already:
            odd = True
            yield subject
    if odd:
        pool_places.step(connection, positions)


def _leases(connection: Connection, entry: Entry) -> Iterable[str]:
    for (pool, lease), (low, high) in sorted(_ranges(entry.body["positions"]).items()):
        yield from project_leases.sold_from(connection, entry, pool, lease, low, high)


def _ranges(positions: Sequence[Mapping[str, Any]]) -> Mapping[tuple[int, str], tuple[int, int]]:
    """The lowest and highest place by pool and lease."""
    ranges: dict[tuple[int, str], tuple[int, int]] = {}
    for position in positions:
        for held in position["slots"]:
            if held["slots"]:
                key = held["pool"], held["lease"]
                low, high = ranges.get(key, (min(held["slots"]), max(held["slots"])))
                ranges[key] = min(low, *held["slots"]), max(high, *held["slots"])
    return ranges


def _of_event(connection: Connection, entry: Entry) -> Iterable[str]:
    """Sales and admissions that were made after a cancellation which only comes now."""
    event, hlc = entry.body["event"], entry.origin.hlc
    orders = select(POSITION.c.order_id).where(POSITION.c.event == event, POSITION.c.hlc >= hlc).distinct()
    yield from (subject_of(SubjectKind.ORDER, each) for each in connection.execute(orders).scalars())
    tickets = (
        select(GATE_FACT.c.serial)
        .where(
            (GATE_FACT.c.event == event)
            | (GATE_FACT.c.at_event == event)
            | exists().where(TICKET.c.serial == GATE_FACT.c.serial, TICKET.c.event == event),
            GATE_FACT.c.kind == "admitted",
            GATE_FACT.c.hlc >= hlc,
        )
        .distinct()
    )
    yield from (subject_of(SubjectKind.TICKET, each) for each in connection.execute(tickets).scalars())


def _catalogue(connection: Connection, entry: Entry) -> Iterable[str]:
    """Rules, prices and capacities that come after the facts they judge."""
    thing, act = entry.kind.rsplit("_", 1)
    body, fields = entry.body, entry.body["fields"]
    if act == "changed" and body.get("base"):
        yield subject_of(SubjectKind.OBJECT, thing, body[thing])
    if thing in ("performance", "quota") and "capacity" in fields:
        yield subject_of(SubjectKind.POOL, body[thing])
    if thing == "product":
        yield from _of_price(connection, entry)
    if thing in _OFTEN:
        rows = _OFTEN[thing].all(connection, {"number": body[thing]})
        yield from (subject_of(SubjectKind.TICKET, serial) for (serial,) in rows)


def _of_price(connection: Connection, entry: Entry) -> Iterable[str]:
    version = entry.body["fields"].get("price_version")
    if isinstance(version, int):
        asked = {"of_product": entry.body["product"], "since": entry.origin.hlc, "version": version}
        yield from (subject_of(SubjectKind.ORDER, order) for (order,) in _STALE.all(connection, asked))
