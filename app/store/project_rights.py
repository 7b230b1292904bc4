"""What happens to orders after their sale: reservations, payments, money given back, rights, values.

The state of an order and what holds its tickets back are computed anew from all facts about it whenever one
of them comes, so a refund may come before its sale and a payment before its reservation.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, select, text, update
from sqlalchemy.dialects.sqlite import insert

from app.store.facts import Sums, at_ms, first_wins, ms
from app.store.prepared import Prepared
from app.store.project_tickets import refresh
from app.store.schema import ORDER, PAYMENT, POOL_TALLY, POSITION, SLOT
from app.store.schema_rights import (
    GIVE_BACK,
    PAYMENT_FACT,
    PAYOUT,
    RECEIPT,
    RESERVATION,
    RIGHT_FACT,
    SLOT_FREED,
    TICKET_ACT,
    TICKET_HOLD,
    VALUE_FACT,
)
from domain.afterwards import Course, order_state, unpaid_minor
from domain.entry import Entry, canonical
from domain.shift import receipt_text
from domain.states import OrderState

REFUNDED, VOIDED, EXCHANGED, RELEASED = (
    "refund_paid",
    "order_voided",
    "exchanged",
    "reservation_released",
)
GRANTED, GIVEN_UP = "granted", "given_up"
AFTER_THE_SALE = 1_000
"""Where payments that came later stand among those of an order."""

_POOLS = Sums(POOL_TALLY)
_RESERVATION = first_wins(RESERVATION)
_PAYMENT = first_wins(PAYMENT)
_RECEIPT = first_wins(RECEIPT)
_PAYOUT = first_wins(PAYOUT)
_FREED = insert(SLOT_FREED).on_conflict_do_nothing()
_RIGHT = insert(RIGHT_FACT).on_conflict_do_nothing()
_HOLD = insert(TICKET_HOLD)
_HOLD_WRITE = _HOLD.on_conflict_do_update(
    index_elements=["serial"],
    set_={name: _HOLD.excluded[name] for name in ("refunded_ms", "cancelled_ms", "unpaid_minor")},
)
_TOUCHED = Prepared(
    text(
        "SELECT EXISTS (SELECT 1 FROM ticket_act WHERE order_id = :of_order) "
        "OR EXISTS (SELECT 1 FROM receipt WHERE order_id = :of_order) "
        "OR EXISTS (SELECT 1 FROM reservation WHERE order_id = :of_order)"
    )
)


def is_touched(connection: Connection, order: str) -> bool:
    """Whether anything is known of an order beyond its sale. Asked with every sale."""
    row = _TOUCHED.first(connection, {"of_order": order})
    return bool(row and row[0])


def sold_again(connection: Connection, orders: Collection[str]) -> None:
    """Of two sales of one ticket the earlier stays: what these orders have come to, and what holds their
    tickets back, follows the tickets that are theirs now."""
    for order in sorted(orders):
        settle(connection, order)


# Reservations and their payment.


def reserved(connection: Connection, entry: Entry) -> None:
    """Note that an order is a reservation, and until when; its positions are projected as those of a sale."""
    connection.execute(
        _RESERVATION,
        {
            "order_id": entry.body["order"],
            "entry_id": entry.entry_id,
            "until_ms": ms(entry.body["until_at"]),
            "hlc": entry.origin.hlc,
        },
    )


def payment_taken(connection: Connection, entry: Entry) -> None:
    """Money for an order that was there before."""
    body = entry.body
    _book(connection, entry, body["receipt"], body["tendered_minor"], body["change_minor"])
    settle(connection, body["order"])


def payment_fact(connection: Connection, entry: Entry) -> None:
    """One step of a payment that takes several; one resolved as taken is booked where it was resolved."""
    body = entry.body
    connection.execute(
        insert(PAYMENT_FACT),
        {
            "payment": body["payment"],
            "entry_id": entry.entry_id,
            "order_id": body["order"],
            "kind": entry.kind,
            "shift": entry.shift,
            "tender": body.get("tender") or "",
            "amount_minor": body.get("amount_minor") or 0,
            "hlc": entry.origin.hlc,
            "at_ms": at_ms(entry),
        },
    )
    if entry.kind == "payment_resolved" and body["taken"]:
        _book(connection, entry, body.get("receipt"), body["amount_minor"], 0)
        settle(connection, body["order"])


def _book(
    connection: Connection, entry: Entry, receipt: Mapping[str, Any] | None, tendered: int, change: int
) -> None:
    body = entry.body
    practice = int(receipt["practice"]) if receipt else int(body["practice"])
    connection.execute(
        _PAYMENT,
        {
            "payment": body["payment"],
            "order_id": body["order"],
            "entry_id": entry.entry_id,
            "hlc": entry.origin.hlc,
            "line": AFTER_THE_SALE,
            "shift": entry.shift,
            "practice": practice,
            "tender": body["tender"],
            "amount_minor": body["amount_minor"],
            "tendered_minor": tendered,
            "change_minor": change,
            "reference": body.get("reference"),
        },
    )
    if receipt:
        shown = receipt_text(
            receipt["prefix"], receipt["epoch"], receipt["number"], practice=receipt["practice"]
        )
        connection.execute(
            _RECEIPT,
            {
                "prefix": receipt["prefix"],
                "epoch": receipt["epoch"],
                "practice": practice,
                "number": receipt["number"],
                "order_id": body["order"],
                "entry_id": entry.entry_id,
                "receipt": shown,
                "shift": entry.shift,
                "hlc": entry.origin.hlc,
            },
        )


# Tickets given back.


def given_back(connection: Connection, entry: Entry) -> None:
    """Tickets taken back for money, and their places."""
    body = entry.body
    connection.execute(
        insert(GIVE_BACK),
        {
            "entry_id": entry.entry_id,
            "refund": body["refund"],
            "order_id": body["order"],
            "kind": entry.kind,
            "currency": body["currency"],
            "reason": body["reason"],
            "practice": int(body["practice"]),
            "user": entry.actor.user,
            "station": entry.origin.station,
            "shift": entry.shift,
            "amount_minor": body["amount_minor"],
            "hlc": entry.origin.hlc,
            "at_ms": at_ms(entry),
        },
    )
    payouts = [
        {
            "payout": payout["payout"],
            "entry_id": entry.entry_id,
            "order_id": body["order"],
            "shift": entry.shift,
            "practice": int(body["practice"]),
            "tender": payout["tender"],
            "amount_minor": payout["amount_minor"],
            "reference": payout.get("reference"),
            "hlc": entry.origin.hlc,
        }
        for payout in body["payouts"]
    ]
    if payouts:
        connection.execute(_PAYOUT, payouts)
    _tickets_back(connection, entry)


def released(connection: Connection, entry: Entry) -> None:
    """A reservation given up, and its places."""
    _tickets_back(connection, entry)


def _tickets_back(connection: Connection, entry: Entry) -> None:
    positions = {position["serial"]: position for position in entry.body["positions"]}
    rows = [
        {
            "serial": serial,
            "entry_id": entry.entry_id,
            "order_id": entry.body["order"],
            "kind": entry.kind,
            "event": position["event"],
            "amount_minor": position.get("amount_minor") or 0,
            "seen": canonical(sorted(position.get("seen") or [])),
            "hlc": entry.origin.hlc,
            "at_ms": at_ms(entry),
        }
        for serial, position in positions.items()
    ]
    if rows:
        connection.execute(insert(TICKET_ACT), rows)
    free_places(connection, positions)
    for use in entry.body.get("freed") or ():
        free_places(connection, {use["serial"]: {"freed": [use]}})
    settle(connection, entry.body["order"])
    refresh(connection, list(positions))


def free_places(connection: Connection, positions: Mapping[str, Mapping[str, Any]]) -> None:
    """Places that tickets no longer take; each leaves its pool once, and only if it was taken."""
    for serial, position in positions.items():
        for held in position["freed"]:
            slots = {
                slot: {"pool": held["pool"], "lease": held["lease"], "slot": slot, "serial": serial}
                for slot in held["slots"]
            }
            known = _known(connection, SLOT_FREED, serial, held)
            fresh = [row for slot, row in slots.items() if slot not in known]
            if fresh:
                connection.execute(_FREED, fresh)
                taken = _known(connection, SLOT, serial, held)
                gone = sum(1 for row in fresh if row["slot"] in taken)
                _POOLS.add(connection, {"pool": held["pool"]}, used=-gone)


def freed_before(connection: Connection, positions: Sequence[Mapping[str, Any]]) -> Mapping[int, int]:
    """How many places of each pool, not yet taken as far as is known, were given back before that."""
    found: dict[int, int] = {}
    for position in positions:
        for held in position["slots"]:
            taken = _known(connection, SLOT, position["serial"], held)
            freed = _known(connection, SLOT_FREED, position["serial"], held)
            gone = len((freed & set(held["slots"])) - taken)
            found[held["pool"]] = found.get(held["pool"], 0) + gone
    return found


def _known(connection: Connection, table: Any, serial: str, held: Mapping[str, Any]) -> set[int]:
    """Which of these places are in a table; looked up one by one, since a lease may be large."""
    found = connection.execute(
        select(table.c.slot).where(
            table.c.pool == held["pool"],
            table.c.lease == held["lease"],
            table.c.slot.in_(held["slots"]),
            table.c.serial == serial,
        )
    )
    return set(found.scalars())


# What it adds up to.


def settle(connection: Connection, order: str) -> None:
    """Compute the order's state, its receipt and what holds its tickets back from all facts there are."""
    serials = list(
        connection.execute(select(POSITION.c.serial).where(POSITION.c.order_id == order)).scalars()
    )
    acts = connection.execute(select(TICKET_ACT).where(TICKET_ACT.c.order_id == order)).mappings().all()
    course = _course(connection, order, serials, acts)
    if course is None:
        return
    state = order_state(course)
    values: dict[str, Any] = {"state": state.value}
    if course.reserved:
        first = select(RECEIPT.c.receipt).where(RECEIPT.c.order_id == order)
        shown = connection.execute(first.order_by(RECEIPT.c.hlc, RECEIPT.c.entry_id).limit(1)).scalar()
        values["receipt"] = shown or ""
    connection.execute(update(ORDER).where(ORDER.c.order_id == order).values(values))
    unpaid = unpaid_minor(course) if state is OrderState.RESERVED else 0
    for serial in serials:
        mine = [act for act in acts if act["serial"] == serial]
        _hold(connection, serial, mine, unpaid, released=state is OrderState.RELEASED)
    refresh(connection, serials)


def _course(
    connection: Connection, order: str, serials: Sequence[str], acts: Sequence[RowMapping]
) -> Course | None:
    row = connection.execute(
        select(ORDER.c.due_minor, RESERVATION.c.until_ms)
        .outerjoin(RESERVATION, RESERVATION.c.order_id == ORDER.c.order_id)
        .where(ORDER.c.order_id == order)
    ).first()
    if row is None:
        return None
    paid, count = connection.execute(
        select(func.coalesce(func.sum(PAYMENT.c.amount_minor), 0), func.count()).where(
            PAYMENT.c.order_id == order
        )
    ).one()
    return Course(
        reserved=row.until_ms is not None,
        due_minor=row.due_minor,
        paid_minor=paid,
        serials=serials,
        back=[act["serial"] for act in acts if act["kind"] in (REFUNDED, EXCHANGED)],
        voided=any(act["kind"] == VOIDED for act in acts),
        released=any(act["kind"] == RELEASED for act in acts),
        payments=count,
    )


def _hold(
    connection: Connection, serial: str, acts: Sequence[RowMapping], unpaid: int, *, released: bool
) -> None:
    kinds = {VOIDED, EXCHANGED} | ({RELEASED} if released else set())
    refunded = min((act["at_ms"] for act in acts if act["kind"] == REFUNDED), default=None)
    cancelled = min((act["at_ms"] for act in acts if act["kind"] in kinds), default=None)
    if refunded is None and cancelled is None and not unpaid:
        connection.execute(delete(TICKET_HOLD).where(TICKET_HOLD.c.serial == serial))
        return
    row = {"serial": serial, "refunded_ms": refunded, "cancelled_ms": cancelled, "unpaid_minor": unpaid}
    connection.execute(_HOLD_WRITE, row)


# Rights and values.


def right_released(connection: Connection, entry: Entry) -> None:
    """Its holder gave rights up."""
    _give_up(connection, entry, entry.origin.station, entry.origin.epoch)


def right_written_off(connection: Connection, entry: Entry) -> None:
    """An operator took the risk that a dead station has used rights unheard of."""
    _give_up(connection, entry, entry.body["station"], entry.body["epoch"])


def _give_up(connection: Connection, entry: Entry, station: str, epoch: int) -> None:
    rows = {
        right["order"]: {
            "order_id": right["order"],
            "entry_id": entry.entry_id,
            "kind": GIVEN_UP,
            "number": right["number"],
            "station": station,
            "epoch": epoch,
        }
        for right in entry.body["rights"]
    }
    if rows:
        connection.execute(_RIGHT, list(rows.values()))


def right_granted(connection: Connection, entry: Entry) -> None:
    """The hub gave a right to a station."""
    body = entry.body
    connection.execute(
        _RIGHT,
        {
            "order_id": body["order"],
            "entry_id": entry.entry_id,
            "kind": GRANTED,
            "number": body["number"],
            "station": body["station"],
            "epoch": body["epoch"],
        },
    )


def value_fact(connection: Connection, entry: Entry) -> None:
    """Money put on a value, or taken from it."""
    body = entry.body
    connection.execute(
        insert(VALUE_FACT),
        {
            "value": body["value"],
            "entry_id": entry.entry_id,
            "kind": entry.kind,
            "amount_minor": body["amount_minor"],
            "currency": body["currency"],
            "spend": body.get("spend") or "",
            "request": body.get("request") or "",
            "at_risk": int(body.get("at_risk") or False),
            "expires_ms": ms(body.get("expires_at")),
            "hlc": entry.origin.hlc,
            "at_ms": at_ms(entry),
        },
    )
