"""The gate: admissions, exits, refusals and undos, with the sums per gate."""

from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.sqlite import insert

from app.store.facts import Sums, at_ms
from app.store.prepared import Prepared
from app.store.project_tickets import ADMITTED, EXITED, REFUSED, UNDONE, refresh
from app.store.schema import GATE_FACT, TALLY
from domain.entry import Entry

_INSERT = Prepared(insert(GATE_FACT))
_UNDO_OF = Prepared(
    select(GATE_FACT.c.entry_id).where(
        GATE_FACT.c.serial == bindparam("of_serial"),
        GATE_FACT.c.kind == UNDONE,
        GATE_FACT.c.target == bindparam("of_entry"),
    )
)
_TARGET = select(GATE_FACT).where(
    GATE_FACT.c.serial == bindparam("of_serial"),
    GATE_FACT.c.entry_id == bindparam("of_entry"),
    GATE_FACT.c.live == 1,
)
_UNDO = (
    update(GATE_FACT)
    .where(GATE_FACT.c.serial == bindparam("of_serial"), GATE_FACT.c.entry_id == bindparam("of_entry"))
    .values(live=0)
)

_GATES = Sums(TALLY)


def passed(connection: Connection, entry: Entry) -> None:
    """`admitted` and `exited`. An undo that came first has already taken it back."""
    body = entry.body
    undo = _UNDO_OF.first(connection, {"of_serial": body["serial"], "of_entry": entry.entry_id})
    row = _fact(entry, EXITED if entry.kind == "exited" else ADMITTED) | {"live": int(undo is None)}
    _INSERT.run(connection, row)
    if undo is None:
        if row["kind"] == ADMITTED:
            _GATES.add(connection, _tally_key(row), admitted=row["people"])
        refresh(connection, [body["serial"]])


def row_of_passage(entry: Entry) -> dict[str, Any]:
    """The row of an admission or exit that no undo has taken back."""
    return _fact(entry, EXITED if entry.kind == "exited" else ADMITTED)


def row_of_refusal(entry: Entry) -> dict[str, Any]:
    """The row of a refusal."""
    return _fact(entry, REFUSED)


def refused(connection: Connection, entry: Entry) -> None:
    """A refusal is a fact of the gate and changes nothing about the ticket."""
    row = _fact(entry, REFUSED)
    _INSERT.run(connection, row)
    _GATES.add(connection, _tally_key(row), refused=1)


def admission_undone(connection: Connection, entry: Entry) -> None:
    """Takes an admission back; the admission itself may not have come yet."""
    body = entry.body
    _INSERT.run(connection, _fact(entry, UNDONE) | {"target": body["admission"], "gate": ""})
    key = {"of_serial": body["serial"], "of_entry": body["admission"]}
    target = connection.execute(_TARGET, key).mappings().first()
    if target is None or target["kind"] not in {ADMITTED, EXITED}:
        return
    connection.execute(_UNDO, key)
    if target["kind"] == ADMITTED:
        _GATES.add(connection, _tally_key(dict(target)), admitted=-target["people"])
    refresh(connection, [body["serial"]])


def _fact(entry: Entry, kind: str) -> dict[str, Any]:
    body = entry.body
    return {
        "serial": body.get("serial") or "",
        "entry_id": entry.entry_id,
        "kind": kind,
        "live": 1,
        "hlc": entry.origin.hlc,
        "at_ms": at_ms(entry),
        "event": body.get("event") or 0,
        "at_event": body.get("at_event") or body.get("event") or 0,
        "product": body.get("product") or 0,
        "performance": body.get("performance") or 0,
        "gate": body.get("gate") or "",
        "lane": body.get("lane") or "",
        "direction": body.get("direction") or ("exit" if kind == EXITED else "entry"),
        "verdict": body.get("verdict") or "",
        "via": body.get("via") or "",
        "confidence": body.get("confidence") or "",
        "people": body.get("people") or 1,
        "operator": entry.actor.user,
        "station": entry.origin.station,
        "target": "",
        "print_number": body.get("print_number") or 0,
    }


def _tally_key(row: dict[str, Any]) -> dict[str, Any]:
    return {"event": row["at_event"], "performance": row["performance"], "gate": row["gate"]}
