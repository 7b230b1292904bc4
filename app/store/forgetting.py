"""Forgets others' orders of events that are long over, a few at a time, with everything about their tickets.

Which orders those are is said by domain.horizon. What they add to the control sums with the hub is noted;
the tallies of events and pools stay as they are, closed. When something comes about such an event all the
same (a till that was away for weeks), it is held until a snapshot has brought everything again
(app.store.replica), so that nothing is decided on half of the facts.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from time import sleep
from typing import Any

from sqlalchemy import Connection

from app.store.control import sums_of
from app.store.core import StoreCore
from app.store.horizon import never
from app.store.prepared import driver
from app.store.snapshot_scratch import FOLDER
from app.store.snapshot_slices import ROOM_SECONDS, Rest
from domain import horizon
from domain.horizon import Kept
from domain.states import OrderState

AT_ONCE = 50
MOST = 2_000
"""Orders looked at in one go of the idle worker."""

_OF_ORDER = (
    "orders", "position", "payment", "payment_fact", "payout", "give_back", "receipt", "reservation",
    "right_fact", "ticket_act", "print_fact",
)  # fmt: skip
_OF_TICKET = ("gate_fact", "print_fact", "ticket_act", "position")
"""Tables with an entry for each row, by order and by ticket."""
_SUMS_OF_TICKET = ("ticket", "ticket_hold")

_ENDS = (
    "SELECT e.number, coalesce((SELECT max(coalesce(p.ends_ms, p.starts_ms)) FROM performance p "
    "WHERE p.event = e.number), (SELECT max(f.at_ms) FROM event_fact f WHERE f.event = e.number "
    "AND f.kind IN ('event_finished', 'event_cancelled'))) FROM event e"
)
_DOORS = "SELECT p.event, d.value FROM product p, json_each(p.fields, '$.admits_at') d"
_ODD_POOLS = (
    "SELECT event FROM (SELECT number, event FROM performance UNION SELECT number, event FROM quota) "
    "WHERE number IN (SELECT pool FROM slot_shared UNION SELECT pool FROM pool_line)"
)
_IN_CONFLICT = "SELECT event FROM conflict WHERE open = 1"
_NEXT = "SELECT order_id, state, customer, shift FROM orders WHERE order_id > ? ORDER BY order_id LIMIT ?"
_OPEN_MONEY = (
    "SELECT EXISTS (SELECT 1 FROM right_held WHERE order_id = :order) "
    "OR EXISTS (SELECT 1 FROM ticket_hold h JOIN position p ON p.serial = h.serial "
    "WHERE p.order_id = :order AND h.unpaid_minor > 0) "
    "OR EXISTS (SELECT 1 FROM payment_fact f WHERE f.order_id = :order "
    "AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.payment = f.payment) "
    "AND NOT EXISTS (SELECT 1 FROM payment_fact x WHERE x.payment = f.payment "
    "AND x.kind IN ('payment_failed', 'payment_resolved'))) "
    "OR EXISTS (SELECT 1 FROM (SELECT shift FROM orders WHERE order_id = :order "
    "UNION SELECT shift FROM payment WHERE order_id = :order "
    "UNION SELECT shift FROM payment_fact WHERE order_id = :order "
    "UNION SELECT shift FROM give_back WHERE order_id = :order "
    "UNION SELECT shift FROM payout WHERE order_id = :order) s WHERE s.shift IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM shift_closed c WHERE c.shift = s.shift))"
)


class StoreForgetting:
    """`store.forgetting`. Safe to be broken off anywhere: each piece is one transaction, and begins anew."""

    def __init__(self, core: StoreCore, rest: Rest = sleep) -> None:
        self._core = core
        self._rest = rest
        self._after = ""

    def forget(self, now_ms: int, days: int, most: int = MOST, stopping: Callable[[], bool] = never) -> int:
        """Look at the next orders, up to `most`, and forget those that may be; answers how many were.
        `now_ms`: the hub's time. 0 `days`: keep all for ever. `stopping` is asked between pieces.
        Raises Fault."""
        before_ms = horizon.shortest_ms(now_ms, days)
        done, looked = 0, 0
        begun = self._core.path.parent / FOLDER
        while before_ms is not None and looked < most and not (stopping() or begun.is_dir()):
            if looked:
                self._rest(ROOM_SECONDS)
            seen, forgotten = self._piece(before_ms)
            done += forgotten
            looked += seen
            if seen < AT_ONCE:
                self._after = ""
                break
        return done

    def _piece(self, before_ms: int) -> tuple[int, int]:
        with self._core.reading() as connection:
            over = events_over(connection, before_ms)
            if not over:
                return 0, 0
            rows = driver(connection).execute(_NEXT, (self._after, AT_ONCE)).fetchall()
            chosen = any(_is_settled(connection, row, over, before_ms) for row in rows)
        if chosen:
            with self._core.writing() as work:
                over = events_over(work.connection, before_ms)
                rows = driver(work.connection).execute(_NEXT, (self._after, AT_ONCE)).fetchall()
                settled = [row[0] for row in rows if _is_settled(work.connection, row, over, before_ms)]
                _forget(work.connection, settled)
                work.commit()
        if rows:
            self._after = rows[-1][0]
        return len(rows), len(settled) if chosen else 0


def events_over(connection: Connection, before_ms: int) -> frozenset[int]:
    """Events of which orders may be forgotten: over for good, nothing in conflict, no place in doubt."""
    raw = driver(connection)
    over = horizon.beyond(dict(raw.execute(_ENDS)), raw.execute(_DOORS), before_ms)
    if not over:
        return over
    return over - {row[0] for query in (_ODD_POOLS, _IN_CONFLICT) for row in raw.execute(query)}


def _is_settled(connection: Connection, row: tuple[Any, ...], over: frozenset[int], before_ms: int) -> bool:
    order, state, customer, _ = row
    raw = driver(connection)
    tickets = raw.execute(
        "SELECT serial, event, is_pass, valid_until_ms FROM position WHERE order_id = ?", (order,)
    ).fetchall()
    if not {ticket[1] for ticket in tickets} <= over:  # what most orders fail at
        return False
    serials = [ticket[0] for ticket in tickets]
    doors = {
        event
        for serial in serials
        for pair in raw.execute("SELECT event, at_event FROM gate_fact WHERE serial = ?", (serial,))
        for event in pair
        if event
    }
    named = raw.execute("SELECT 1 FROM order_guest WHERE order_id = ?", (order,)).fetchone() is not None
    kept = Kept(
        state=OrderState(state),
        events=frozenset({ticket[1] for ticket in tickets} | doors),
        until_ms=_until(tickets),
        all_short=_all_short(connection, order, serials),
        named=customer is not None or named,
        open_money=bool(raw.execute(_OPEN_MONEY, {"order": order}).fetchone()[0]),
    )
    return horizon.is_settled(kept, over, before_ms)


def _until(tickets: Sequence[tuple[Any, ...]]) -> int | None:
    """An ordinary ticket without an end of its own ends with its event; a pass does not."""
    if any(is_pass and until is None for _, _, is_pass, until in tickets):
        return None
    return max((until or 0 for *_, until in tickets), default=None)


def _facts(connection: Connection, order: str, serials: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(entry, order it is about) of everything that is said of an order and its tickets."""
    raw = driver(connection)
    for table in _OF_ORDER:
        for row in raw.execute(f"SELECT entry_id FROM {table} WHERE order_id = ?", (order,)):
            yield row[0], order
    for table in _OF_TICKET:
        about = "?" if table == "gate_fact" else "order_id"
        marks = (order,) if table == "gate_fact" else ()
        for serial in serials:
            yield from raw.execute(
                f"SELECT entry_id, {about} FROM {table} WHERE serial = ?", (*marks, serial)
            )


def _all_short(connection: Connection, order: str, serials: Sequence[str]) -> bool:
    """Whether each fact came in an entry that is kept in short, and no ticket is another order's too."""
    raw = driver(connection)
    known = "SELECT 1 FROM short_entry WHERE entry_id = ?"
    return all(
        about == order and raw.execute(known, (entry_id,)).fetchone() is not None
        for entry_id, about in set(_facts(connection, order, serials))
    )


def _forget(connection: Connection, orders: Sequence[str]) -> None:
    raw = driver(connection)
    marks = {"orders": json.dumps(list(orders))}
    tickets = raw.execute(
        "SELECT serial, event FROM position WHERE order_id IN (SELECT value FROM json_each(:orders))", marks
    ).fetchall()
    serials = [row[0] for row in tickets]
    _add_sums(connection, sums_of(connection, orders, serials))
    raw.executemany("INSERT OR IGNORE INTO forgotten_event VALUES (?)", {(row[1],) for row in tickets})
    entries: set[str] = set()
    for order in orders:
        mine = [row[0] for row in raw.execute("SELECT serial FROM position WHERE order_id = ?", (order,))]
        entries |= {entry_id for entry_id, _ in _facts(connection, order, mine)}
    _free_rows(connection, entries)
    for table in (*_OF_TICKET, *_SUMS_OF_TICKET):
        raw.executemany(f"DELETE FROM {table} WHERE serial = ?", [(serial,) for serial in serials])
    for table in _OF_ORDER:
        raw.executemany(f"DELETE FROM {table} WHERE order_id = ?", [(order,) for order in orders])


def _free_rows(connection: Connection, entries: set[str]) -> None:
    """Take out the places that these entries speak of. The tally of their pool stays."""
    raw = driver(connection)
    for entry_id in sorted(entries):
        content = raw.execute("SELECT content FROM short_entry WHERE entry_id = ?", (entry_id,)).fetchone()
        body = json.loads(content[0])["body"]
        for position in body.get("positions") or ():
            places = [
                (held["pool"], held["lease"], slot, position["serial"])
                for held in position.get("slots") or ()
                for slot in held["slots"]
            ]
            for table in ("slot", "slot_freed"):
                raw.executemany(
                    f"DELETE FROM {table} WHERE pool = ? AND lease = ? AND slot = ? AND serial = ?", places
                )


def _add_sums(connection: Connection, sums: Mapping[str, Mapping[str, int]]) -> None:
    driver(connection).executemany(
        "INSERT INTO forgotten_sum (feed, name, amount) VALUES (?, ?, ?) "
        "ON CONFLICT (feed, name) DO UPDATE SET amount = amount + excluded.amount",
        [(feed, name, amount) for feed, each in sums.items() for name, amount in each.items()],
    )
