"""Orders (sold, or reserved), their positions, payments and places, and what was printed of them.

A large order comes in several entries (parts): each repeats the header, its first part stands for it.
"""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from app.store.facts import Sums, at_ms, first_wins, ms
from app.store.prepared import Prepared
from app.store.project_rights import freed_before, is_touched, reserved, settle
from app.store.project_tickets import refresh
from app.store.schema import LEASE_RETURN, ORDER, PAYMENT, POOL_TALLY, POSITION, PRINT_FACT, SLOT
from domain.entry import Body, Entry
from domain.ids import short_reference
from domain.shift import receipt_text
from domain.states import OrderState

_ORDER = Prepared(first_wins(ORDER, "part", "hlc", "entry_id"))
_POSITION = Prepared(first_wins(POSITION))
_PAYMENT = Prepared(first_wins(PAYMENT))
_SLOT = Prepared(insert(SLOT).on_conflict_do_nothing())
_RETURN = insert(LEASE_RETURN).on_conflict_do_nothing()
_PRINT = insert(PRINT_FACT)

_POOLS = Sums(POOL_TALLY)


RESERVED = "order_reserved"
_NO_RECEIPT = {"prefix": "", "epoch": 0, "number": 0}
"""A reservation gets its receipt when it is paid."""


def order_sold(connection: Connection, entry: Entry) -> None:
    """A sale or reservation: the order with its money, a ticket per position, the places it takes."""
    order = entry.body["order"]
    positions = [_position(entry, line, position) for line, position in enumerate(entry.body["positions"])]
    _ORDER.run(connection, _order(entry))
    _POSITION.many(connection, positions)
    payments = [
        _payment(entry, line, payment) for line, payment in enumerate(entry.body.get("payments") or ())
    ]
    _PAYMENT.many(connection, payments)
    if entry.kind == RESERVED:
        reserved(connection, entry)
    touched = is_touched(connection, order)
    _take_places(connection, entry, touched=touched)
    if touched:
        settle(connection, order)
    refresh(connection, [position["serial"] for position in positions])


def _order(entry: Entry) -> dict[str, Any]:
    body = entry.body
    receipt = body.get("receipt") or {**_NO_RECEIPT, "practice": body.get("practice")}
    part = body.get("part")
    return {
        "order_id": body["order"],
        "entry_id": entry.entry_id,
        "hlc": entry.origin.hlc,
        "part": part["number"] if part else 1,
        "station": entry.origin.station,
        "epoch": entry.origin.epoch,
        "seq": entry.origin.seq,
        "short_hash": entry.short_hash,
        "cashier": entry.actor.user,
        "shift": entry.shift,
        "state": OrderState.PAID.value,
        "channel": body["channel"],
        "reference": body["reference"],
        "currency": body["currency"],
        "customer": body.get("customer"),
        "key_id": body["key_id"],
        "sold_ms": ms(_at(body)),
        "receipt": receipt_text(
            receipt["prefix"], receipt["epoch"], receipt["number"], practice=receipt["practice"]
        )
        if receipt["number"]
        else "",
        "receipt_prefix": receipt["prefix"],
        "receipt_epoch": receipt["epoch"],
        "receipt_number": receipt["number"],
        "practice": int(receipt["practice"]),
        **body["totals"],
    }


def _at(body: Body) -> str:
    """When the order was made."""
    return str(body["reserved_at"] if "reserved_at" in body else body["sold_at"])


def _position(entry: Entry, line: int, position: dict[str, Any]) -> dict[str, Any]:
    body = entry.body
    part = body.get("part")
    return {
        "serial": position["serial"],
        "order_id": body["order"],
        "entry_id": entry.entry_id,
        "hlc": entry.origin.hlc,
        "line": line + 10_000 * (part["number"] - 1 if part else 0),
        "reference": short_reference(position["serial"]),
        "order_reference": body["reference"],
        "product": position["product"],
        "event": position["event"],
        "performance": position.get("performance") or 0,
        "currency": body["currency"],
        "price_minor": position["price_minor"],
        "discount_minor": position["discount_minor"],
        "net_minor": position["net_minor"],
        "tax_minor": position["tax_minor"],
        "gross_minor": position["gross_minor"],
        "rounding_minor": position.get("rounding_minor") or 0,
        "tax_rate_bp": position["tax_rate_bp"],
        "price_version": position["price_version"],
        "admits": position["admits"],
        "zones": position["zones"],
        "seat": position.get("seat"),
        "sold_ms": ms(_at(body)),
        "valid_from_ms": ms(position.get("valid_from_at")),
        "valid_until_ms": ms(position.get("valid_until_at")),
        "is_pass": int(position["is_pass"]),
    }


def _payment(entry: Entry, line: int, payment: dict[str, Any]) -> dict[str, Any]:
    return {
        "payment": payment["payment"],
        "order_id": entry.body["order"],
        "entry_id": entry.entry_id,
        "hlc": entry.origin.hlc,
        "line": line,
        "shift": entry.shift,
        "practice": int(entry.body["receipt"]["practice"]),
        "tender": payment["tender"],
        "amount_minor": payment["amount_minor"],
        "tendered_minor": payment["tendered_minor"],
        "change_minor": payment["change_minor"],
        "reference": payment.get("reference"),
    }


def _take_places(connection: Connection, entry: Entry, *, touched: bool) -> None:
    """Note each slot once and count the new ones per pool, but for those that were given back already."""
    pools: dict[int, list[dict[str, Any]]] = {}
    for slot in _slots(entry):
        pools.setdefault(slot["pool"], []).append(slot)
    back = freed_before(connection, entry.body["positions"]) if touched else {}
    for pool, slots in pools.items():
        taken = _SLOT.many(connection, slots)
        _POOLS.add(connection, {"pool": pool}, used=taken - back.get(pool, 0))


def _slots(entry: Entry) -> list[dict[str, Any]]:
    return [
        {"pool": held["pool"], "lease": held["lease"], "slot": slot, "serial": position["serial"]}
        for position in entry.body["positions"]
        for held in position["slots"]
        for slot in held["slots"]
    ]


def rows_of_sale(entry: Entry) -> dict[str, list[dict[str, Any]]]:
    """What a sale puts into the tables that keep one row per fact, by the name of the table; the sums beside
    them (`ticket`, `tally`, `pool_tally`) follow from these."""
    body = entry.body
    return {
        "orders": [_order(entry)],
        "position": [_position(entry, line, each) for line, each in enumerate(body["positions"])],
        "payment": [_payment(entry, line, each) for line, each in enumerate(body.get("payments") or ())],
        "slot": _slots(entry),
    }


def lease_returned(connection: Connection, entry: Entry) -> None:
    """Places given back by their holder."""
    rows = [
        {
            "lease": entry.body["lease"],
            "first": first,
            "last": last,
            "entry_id": entry.entry_id,
            "pool": entry.body["pool"],
        }
        for first, last in entry.body["ranges"]
    ]
    if rows:
        connection.execute(_RETURN, rows)


def ticket_printed(connection: Connection, entry: Entry) -> None:
    """First prints; a receipt alone is noted under the serial ''."""
    connection.execute(_PRINT, rows_of_prints(entry))


def rows_of_prints(entry: Entry) -> list[dict[str, Any]]:
    """The rows of first prints."""
    body = entry.body
    return [
        _print(entry, serial, number=1, medium=body["medium"], receipt=body["receipt"], key_id="")
        for serial in (body["serials"] or [""])
    ]


def ticket_reprinted(connection: Connection, entry: Entry) -> None:
    """A new print replaces the older ones of a ticket."""
    body = entry.body
    row = _print(
        entry, body["serial"], number=body["print_number"], medium="", receipt=False, key_id=body["key_id"]
    )
    connection.execute(_PRINT, row)
    refresh(connection, [body["serial"]])


def _print(
    entry: Entry, serial: str, *, number: int, medium: str, receipt: bool, key_id: str
) -> dict[str, Any]:
    return {
        "serial": serial,
        "entry_id": entry.entry_id,
        "order_id": entry.body["order"],
        "print_number": number,
        "medium": medium,
        "receipt": int(receipt),
        "key_id": key_id,
        "station": entry.origin.station,
        "hlc": entry.origin.hlc,
        "at_ms": at_ms(entry),
    }
