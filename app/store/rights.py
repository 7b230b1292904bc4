"""Order rights and values in the store: the set that the hub said last, what was asked, what is held now."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from app.store.prepared import Prepared
from app.store.project_rights import GRANTED
from app.store.replica import DUPLICATE_ID, read_meta, write_meta
from app.store.schema import EVENT_FACT, JOURNAL, ORDER, POSITION, REJECTED_ENTRY, place
from app.store.schema_rights import RIGHT_FACT, RIGHT_HELD, RIGHT_REQUEST, VALUE_FACT, VALUE_HELD
from domain.clock import from_text, to_ms
from domain.errors import Fault
from domain.rights import Answer, Holder, Kept, Mine, RightFacts
from domain.shapes import UUID

VERSION = "right_version"
MARK = "rights_released"
"""Place in the own journal up to which births were given up."""
KEPT_REQUESTS = 200
MOST_BIRTHS = 500

_OF_ORDER: BindParameter[str] = bindparam("of_order")
_FACTS = select(RIGHT_FACT).where(RIGHT_FACT.c.order_id == _OF_ORDER)
_BORN = select(ORDER.c.station, ORDER.c.epoch).where(ORDER.c.order_id == _OF_ORDER)
_HELD = select(RIGHT_HELD).where(RIGHT_HELD.c.order_id == _OF_ORDER)
_CANCELLED = (
    select(EVENT_FACT.c.event)
    .join(POSITION, POSITION.c.event == EVENT_FACT.c.event)
    .where(POSITION.c.order_id == _OF_ORDER, EVENT_FACT.c.kind == "event_cancelled")
    .limit(1)
)
_REQUESTS = Prepared(select(RIGHT_REQUEST).order_by(RIGHT_REQUEST.c.asked_ms.desc(), RIGHT_REQUEST.c.request))
_RIGHTS, _VALUES = Prepared(select(RIGHT_HELD)), Prepared(select(VALUE_HELD))
_GRANTED = Prepared(
    select(RIGHT_HELD, func.max(RIGHT_FACT.c.number).label("last"))
    .outerjoin(RIGHT_FACT, (RIGHT_FACT.c.order_id == RIGHT_HELD.c.order_id) & (RIGHT_FACT.c.kind != GRANTED))
    .group_by(RIGHT_HELD.c.order_id)
    .order_by(RIGHT_HELD.c.order_id)
)
_NOT_TAKEN = Prepared(
    select(VALUE_HELD)
    .where(VALUE_HELD.c.request.not_in(select(VALUE_FACT.c.request).where(VALUE_FACT.c.request != "")))
    .order_by(VALUE_HELD.c.request)
)
_OUTVOTED = Prepared(
    select(REJECTED_ENTRY.c.content).where(
        REJECTED_ENTRY.c.code == DUPLICATE_ID, REJECTED_ENTRY.c.station == bindparam("me")
    )
)
_BIRTHS = Prepared(
    select(
        JOURNAL.c.position,
        func.json_extract(JOURNAL.c.content, "$.clock.wall_at").label("wall_at"),
        func.json_extract(JOURNAL.c.content, "$.body.order").label("order_id"),
    )
    .where(
        JOURNAL.c.position > bindparam("after"),
        or_(JOURNAL.c.kind == "order_sold", JOURNAL.c.kind == "order_reserved"),
    )
    .order_by(JOURNAL.c.position)
    .limit(MOST_BIRTHS)
)


def facts_of(connection: Connection, order: str, station: str) -> RightFacts:
    """All entries about the right of an order, as this station sees them: what it gave up itself stays given
    up, also where another content under that id counts: the hub may have granted it to others by then."""
    born = connection.execute(_BORN, {"of_order": order}).first()
    rows = connection.execute(_FACTS, {"of_order": order}).all()
    outvoted = _outvoted(connection, order, station)
    return RightFacts(
        born=Holder(born.station, born.epoch, 0) if born is not None else None,
        granted=[Holder(row.station, row.epoch, row.number) for row in rows if row.kind == GRANTED],
        given_up=[*(row.number for row in rows if row.kind != GRANTED), *outvoted],
    )


def _outvoted(connection: Connection, order: str, station: str) -> Iterator[int]:
    for (content,) in _OUTVOTED.all(connection, {"me": station}):
        said = json.loads(content)
        if said["kind"] == "right_released":
            yield from (item["number"] for item in said["body"]["rights"] if item["order"] == order)


def mine(
    connection: Connection, order: str, facts: RightFacts, station: str, epoch: int, *, alone: bool
) -> Mine:
    """What this station knows of itself. A grant counts once it was read in the order's feeds: whatever
    others did before it has been read with it."""
    held = connection.execute(_HELD, {"of_order": order}).first()
    read = held is not None and any(
        (one.station, one.epoch, one.number) == (station, epoch, held.number) for one in facts.granted
    )
    return Mine(
        station=station,
        epoch=epoch,
        alone=alone,
        granted=held.number if held is not None and read else None,
        cancelled=connection.execute(_CANCELLED, {"of_order": order}).first() is not None,
    )


def is_granted_unread(connection: Connection, order: str, facts: RightFacts) -> bool:
    """Whether the hub has granted it and only the reading is missing; nothing that was given up since."""
    held = connection.execute(_HELD, {"of_order": order}).first()
    return held is not None and held.number > max(facts.given_up, default=-1)


def request_of(connection: Connection, order: str) -> str | None:
    """The request by which a right that is held was granted."""
    held = connection.execute(_HELD, {"of_order": order}).first()
    return None if held is None else str(held.request)


# What the hub said.


def version(connection: Connection) -> int:
    """The version of the set that is kept."""
    return int(read_meta(connection, VERSION) or 0)


def replace_all(
    connection: Connection, set_version: int, items: Sequence[Mapping[str, Any]], now_ms: int
) -> None:
    """Put the hub's full set in place of what is kept. Raises Fault HUB_REPLY for an item that is none."""
    since = {(row.order_id, row.number): row.since_ms for row in connection.execute(select(RIGHT_HELD)).all()}
    values_since = {row.request: row.since_ms for row in connection.execute(select(VALUE_HELD)).all()}
    rights, values = _rows(items)
    connection.execute(delete(RIGHT_HELD))
    connection.execute(delete(VALUE_HELD))
    for row in rights:
        row["since_ms"] = since.get((row["order_id"], row["number"]), now_ms)
    for row in values:
        row["since_ms"] = values_since.get(row["request"], now_ms)
    if rights:
        connection.execute(insert(RIGHT_HELD), rights)
    if values:
        connection.execute(insert(VALUE_HELD).on_conflict_do_nothing(), values)
    write_meta(connection, VERSION, str(set_version))


def is_same(connection: Connection, items: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the kept set is this one already."""
    rights, values = _rows(items)
    kept_rights = {(row.order_id, row.number) for row in _RIGHTS.rows(connection, {})}
    kept_values = {row.request for row in _VALUES.rows(connection, {})}
    return kept_rights == {(row["order_id"], row["number"]) for row in rights} and kept_values == {
        row["request"] for row in values
    }


def _rows(items: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rights, values = [], []
    try:
        for item in items:
            if "order" in item:
                rights.append(
                    {
                        "order_id": str(item["order"]),
                        "number": int(item["number"]),
                        "act": str(item["act"] or ""),
                        "request": str(item["request"] or ""),
                    }
                )
            else:
                values.append(
                    {
                        "request": str(item["request"]),
                        "value": str(item["value"]),
                        "amount_minor": int(item["amount_minor"]),
                        "currency": str(item["currency"]),
                    }
                )
    except (KeyError, TypeError, ValueError):
        raise Fault("HUB_REPLY", field="rights.items") from None
    return rights, values


# Requests.


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it is kept. `answer` None: on its way."""

    request: str
    rights: Sequence[Mapping[str, Any]]
    values: Sequence[Mapping[str, Any]]
    answer: Mapping[str, Any] | None
    asked_ms: int
    answered_ms: int | None


def add_request(
    connection: Connection,
    request: str,
    now_ms: int,
    *,
    rights: Sequence[Mapping[str, Any]] = (),
    values: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Note a request that the next exchange carries; long answered ones are dropped."""
    connection.execute(
        insert(RIGHT_REQUEST),
        {
            "request": request,
            "wants": json.dumps({"rights": list(rights), "values": list(values)}),
            "answers": None,
            "asked_ms": now_ms,
            "answered_ms": None,
        },
    )
    newest = select(RIGHT_REQUEST.c.request).order_by(RIGHT_REQUEST.c.asked_ms.desc()).limit(KEPT_REQUESTS)
    connection.execute(
        delete(RIGHT_REQUEST).where(
            RIGHT_REQUEST.c.answers.is_not(None), RIGHT_REQUEST.c.request.not_in(newest)
        )
    )


def requests(connection: Connection) -> list[Asked]:
    """All requests that are kept, the latest first."""
    rows = _REQUESTS.rows(connection, {})
    found = []
    for row in rows:
        wants = json.loads(row.wants)
        answer = json.loads(row.answers) if row.answers is not None else None
        found.append(
            Asked(row.request, wants["rights"], wants["values"], answer, row.asked_ms, row.answered_ms)
        )
    return found


def waiting(connection: Connection) -> list[Asked]:
    """Requests without an answer, the latest first."""
    return [asked for asked in requests(connection) if asked.answer is None]


def note_answer(connection: Connection, answer: Mapping[str, Any], now_ms: int) -> None:
    """Keep what the hub said to a request; a repeated answer changes nothing."""
    connection.execute(
        update(RIGHT_REQUEST)
        .where(RIGHT_REQUEST.c.request == answer["id"], RIGHT_REQUEST.c.answers.is_(None))
        .values(answers=json.dumps(dict(answer)), answered_ms=now_ms)
    )


def last_said(connection: Connection, order: str) -> tuple[Asked, Answer | None] | None:
    """The latest request that named an order, and what was said to it (None: on its way)."""
    for asked in requests(connection):
        if any(want.get("order") == order for want in asked.rights):
            said = (asked.answer or {}).get("rights", [])
            item = next((each for each in said if each.get("order") == order), None)
            return asked, Answer.read(item) if item is not None else None
    return None


# What may be given back.


def granted(connection: Connection) -> list[Kept]:
    """Granted rights that were not given up."""
    rows = _GRANTED.rows(connection, {})
    return [
        Kept(row.order_id, row.number, row.since_ms)
        for row in rows
        if row.last is None or row.number > row.last
    ]


def births(connection: Connection, epoch: int) -> tuple[list[Kept], dict[str, int]]:
    """Orders sold here in this epoch whose right was not given up in bulk yet, in their order, and the place
    of each in the journal. An entry that another program wrote here, and that names no order, has none. Since
    when is told by the own clock: the stamp of an entry runs ahead with the hub's where that is ahead."""
    after = max(int(read_meta(connection, MARK) or 0), place(epoch, 0))
    rows = [row for row in _BIRTHS.rows(connection, {"after": after}) if UUID.check(row.order_id)]
    born = [Kept(row.order_id, 0, to_ms(from_text(row.wall_at))) for row in rows]
    return born, {row.order_id: row.position for row in rows}


def mark_births(connection: Connection, position: int) -> None:
    """Everything up to this place was given up."""
    write_meta(connection, MARK, str(position))


# Values.


def values_held(connection: Connection) -> Sequence[Any]:
    """Amounts that the hub has set aside for this station and that were not taken here yet."""
    return _NOT_TAKEN.rows(connection, {})
