"""Catalogue: every entry is a patch; an object is the fold of its patches, created ones first, then by stamp.

So two stations that have the same entries have the same catalogue, whatever came first.
"""

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from app.store.facts import at_ms, bump_version, ms
from app.store.prepared import Prepared
from app.store.schema import (
    CATALOGUE_PATCH,
    EVENT,
    EVENT_FACT,
    GATE,
    PERFORMANCE,
    PRODUCT,
    PROMO,
    QUOTA,
)
from domain import catalogue_fields
from domain.entry import Body, Entry, MalformedEntryError, canonical
from domain.states import EventState

_READERS = {
    "event": catalogue_fields.EVENT,
    "performance": catalogue_fields.PERFORMANCE,
    "quota": catalogue_fields.QUOTA,
    "product": catalogue_fields.PRODUCT,
    "promo": catalogue_fields.PROMO,
    "gate": catalogue_fields.GATE,
}
_BUILDERS: Mapping[str, Callable[[Body], object]] = {
    "event": lambda b: catalogue_fields.event_from(b["event"], b["fields"], EventState.DRAFT),
    "performance": lambda b: catalogue_fields.performance_from(b["performance"], b["event"], b["fields"]),
    "quota": lambda b: catalogue_fields.quota_from(b["quota"], b["event"], b["fields"]),
    "product": lambda b: catalogue_fields.product_from(b["product"], b["event"], b["fields"]),
    "promo": lambda b: catalogue_fields.promo_from(b["promo"], b["event"], b["fields"]),
    "gate": lambda b: catalogue_fields.gate_from(b["gate"], b["fields"]),
}
_RANK = {
    "event_published": EventState.PUBLISHED,
    "event_finished": EventState.FINISHED,
    "event_cancelled": EventState.CANCELLED,
}
"""Of several facts about one event the last in this list counts: a cancellation is never undone by a late
`finished`, whichever arrives first."""

_PATCH = Prepared(insert(CATALOGUE_PATCH))
_PATCHES = Prepared(
    select(CATALOGUE_PATCH.c.made, CATALOGUE_PATCH.c.hlc, CATALOGUE_PATCH.c.event, CATALOGUE_PATCH.c.fields)
    .where(CATALOGUE_PATCH.c.object == bindparam("object"), CATALOGUE_PATCH.c.name == bindparam("name"))
    .order_by(CATALOGUE_PATCH.c.made.desc(), CATALOGUE_PATCH.c.hlc, CATALOGUE_PATCH.c.entry_id)
)
_EVENT_KINDS = Prepared(select(EVENT_FACT.c.kind).where(EVENT_FACT.c.event == bindparam("event")))


@functools.cache
def _write(table: Table) -> Prepared:
    statement = insert(table)
    changed = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    return Prepared(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed))


def check(kind: str, body: Body) -> None:
    """Raises MalformedEntryError when the fields are not those of such an object."""
    thing, act = kind.rsplit("_", 1)
    try:
        if act == "created":
            _BUILDERS[thing](body)
        else:
            readers = _READERS[thing]
            for name, value in body["fields"].items():
                readers[name](value)
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedEntryError(f"{kind}: {error}") from None


def object_changed(connection: Connection, entry: Entry) -> None:
    """`…_created` and `…_changed` of events, performances, quotas, products, promo codes and gates."""
    thing, act = entry.kind.rsplit("_", 1)
    name = str(entry.body[thing])
    _PATCH.run(
        connection,
        {
            "object": thing,
            "name": name,
            "hlc": entry.origin.hlc,
            "entry_id": entry.entry_id,
            "made": int(act == "created"),
            "event": entry.body.get("event") or 0,
            "fields": canonical(entry.body["fields"]),
            "base": entry.body.get("base"),
            "station": entry.origin.station,
            "at_ms": at_ms(entry),
        },
    )
    _fold(connection, thing, name)
    bump_version(connection)


def event_moved(connection: Connection, entry: Entry) -> None:
    """`event_published`, `event_cancelled`, `event_finished`."""
    connection.execute(
        insert(EVENT_FACT),
        {
            "event": entry.body["event"],
            "entry_id": entry.entry_id,
            "kind": entry.kind,
            "hlc": entry.origin.hlc,
            "at_ms": at_ms(entry),
            "reason": entry.body.get("reason") or "",
            "rule": entry.body.get("rule") or "",
        },
    )
    _fold(connection, "event", str(entry.body["event"]))
    bump_version(connection)


def _fold(connection: Connection, thing: str, name: str) -> None:
    patches = _PATCHES.rows(connection, {"object": thing, "name": name})
    if not patches or not patches[0].made:
        return
    fields: dict[str, Any] = {}
    for patch in patches:
        fields.update(json.loads(patch.fields))
    table, row = _row(connection, thing, name, patches[0].event, patches[0].hlc, fields)
    _write(table).run(connection, row)


def _row(
    connection: Connection, thing: str, name: str, event: int, made: str, fields: dict[str, Any]
) -> tuple[Table, dict[str, Any]]:
    text = canonical(fields)
    if thing == "gate":
        return GATE, {"code": name, "made": made, "fields": text}
    number = int(name)
    if thing == "event":
        state = event_state(connection, number)
        return EVENT, {
            "number": number,
            "code": fields["code"],
            "name": fields["name"],
            "state": state.value,
            "fields": text,
        }
    row: dict[str, Any] = {"number": number, "event": event, "fields": text}
    if thing == "performance":
        row |= {
            "code": fields["code"],
            "starts_ms": ms(fields["starts_at"]),
            "ends_ms": ms(fields.get("ends_at")),
        }
        return PERFORMANCE, row
    if thing == "promo":
        return PROMO, row
    if thing == "product":
        return PRODUCT, row | {"code": fields["code"], "made": made}
    return QUOTA, row | {"performance": fields.get("performance"), "parent": fields.get("parent")}


def event_state(connection: Connection, event: int) -> EventState:
    """How an event stands by what was said of it, whether or not it is known what event it is."""
    kinds = {row[0] for row in _EVENT_KINDS.all(connection, {"event": event})}
    states = [state for kind, state in _RANK.items() if kind in kinds]
    return states[-1] if states else EventState.DRAFT
