"""What the facts of one ticket add up to, and the sums over tickets.

A ticket's row is computed anew from its position, its gate facts and its prints whenever one of them comes,
so an admission may come before its sale and an undo before its admission.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Text, bindparam, delete, func, or_, select
from sqlalchemy.dialects.sqlite import insert

from app.store.facts import Sums
from app.store.prepared import Prepared
from app.store.schema import GATE_FACT, POSITION, PRINT_FACT, TALLY, TICKET
from app.store.schema_rights import TICKET_HOLD

ADMITTED, EXITED, REFUSED, UNDONE = "admitted", "exited", "refused", "undone"

_TALLY = Sums(TALLY)


class TicketSums(NamedTuple):
    """A row of `ticket` but for its serial."""

    event: int
    performance: int
    sold: int
    admitted: int
    inside: int
    print_number: int


class _Sold(NamedTuple):
    """What was sold (None where the sale has not come), and the newest print."""

    home: int | None
    performance: int
    admits: int
    newest_print: int
    void: bool


class _Passage(NamedTuple):
    """One admission or exit that counts."""

    kind: str
    event: int
    performance: int
    people: int


def is_passage(kind: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that a fact is an admission or an exit."""
    return or_(kind == ADMITTED, kind == EXITED)


NOTHING = TicketSums(0, 0, 0, 0, 0, 1)
"""What is known of a ticket that has no facts: it has no row, so that what came and went leaves no trace."""

_FACTS = Prepared(
    select(GATE_FACT.c.kind, GATE_FACT.c.event, GATE_FACT.c.performance, GATE_FACT.c.people)
    .where(GATE_FACT.c.serial == bindparam("of_serial"), GATE_FACT.c.live == 1, is_passage(GATE_FACT.c.kind))
    .order_by(GATE_FACT.c.at_ms, GATE_FACT.c.hlc, GATE_FACT.c.entry_id)
)
_ASKED = select(bindparam("of_serial", type_=Text).label("serial")).subquery()
_NEWEST_PRINT = (
    select(func.max(PRINT_FACT.c.print_number))
    .where(PRINT_FACT.c.serial == _ASKED.c.serial)
    .scalar_subquery()
)
_STATE = Prepared(
    select(
        POSITION.c.event.label("home"),
        POSITION.c.performance.label("home_performance"),
        POSITION.c.admits,
        func.coalesce(_NEWEST_PRINT, 1).label("newest_print"),
        or_(TICKET_HOLD.c.refunded_ms.is_not(None), TICKET_HOLD.c.cancelled_ms.is_not(None)).label("void"),
        *(column for column in TICKET.c if column.name != "serial"),
    )
    .select_from(_ASKED)
    .outerjoin(POSITION, POSITION.c.serial == _ASKED.c.serial)
    .outerjoin(TICKET, TICKET.c.serial == _ASKED.c.serial)
    .outerjoin(TICKET_HOLD, TICKET_HOLD.c.serial == _ASKED.c.serial)
)
"""One row: what was sold, the newest print, and the row as it stands (empty where there is none)."""
_FRESH = insert(TICKET)
_WRITE = Prepared(
    _FRESH.on_conflict_do_update(
        index_elements=["serial"],
        set_={column.name: _FRESH.excluded[column.name] for column in TICKET.c if column.name != "serial"},
    )
)
_REMOVE = Prepared(delete(TICKET).where(TICKET.c.serial == bindparam("of_serial")))


def refresh(connection: Connection, serials: Sequence[str]) -> None:
    """Compute the rows of these tickets from their facts and move the sums by the difference."""
    moved: dict[tuple[int, int], list[int]] = {}
    for serial in sorted(set(serials)):
        key = {"of_serial": serial}
        state = _STATE.first(connection, key) or ()
        fresh = _computed(_Sold(*state[:5]), [_Passage(*row) for row in _FACTS.all(connection, key)])
        old = NOTHING if state[5] is None else TicketSums(*state[5:])
        if fresh == old:
            continue
        if fresh == NOTHING:
            _REMOVE.run(connection, key)
        else:
            _WRITE.run(connection, {"serial": serial, **fresh._asdict()})
        _move(moved, old, -1)
        _move(moved, fresh, +1)
    for (event, performance), (sold, admitted, inside) in moved.items():
        totals_of = {"event": event, "performance": performance, "gate": ""}
        _TALLY.add(connection, totals_of, sold=sold, admitted=admitted, inside=inside)


def _computed(state: _Sold, facts: Sequence[_Passage]) -> TicketSums:
    entered = sum(fact.people for fact in facts if fact.kind == ADMITTED)
    inside = 0
    for fact in facts:
        inside = inside + fact.people if fact.kind == ADMITTED else max(0, inside - fact.people)
    if state.home is not None:
        home, performance, sold = state.home, state.performance, state.admits
        entered = min(entered, sold)
        if state.void:  # nobody is expected with it any more
            sold = entered
    else:
        sold = 0
        home, performance = (facts[0].event, facts[0].performance) if facts else (0, 0)
    return TicketSums(home, performance, sold, entered, inside, state.newest_print)


def _move(moved: dict[tuple[int, int], list[int]], sums: TicketSums, sign: int) -> None:
    totals = moved.setdefault((sums.event, sums.performance), [0, 0, 0])
    for at, amount in enumerate((sums.sold, sums.admitted, sums.inside)):
        totals[at] += sign * amount
