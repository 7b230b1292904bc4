"""Rows of sales as plain tuples: what project_orders.rows_of_sale makes, without a mapping for each row.

Nearly all entries of a snapshot are sales, and most of the time to read one went into naming its columns. A
test holds the two against each other, column by column.
"""

import functools
from typing import Any

from app.store.facts import ms
from domain.entry import Entry
from domain.ids import short_reference
from domain.shift import receipt_text
from domain.states import OrderState

Row = tuple[Any, ...]

_PAID = OrderState.PAID.value


@functools.lru_cache(maxsize=4096)
def _ms(text: str) -> int:
    """Times of doors and ends repeat from ticket to ticket."""
    found = ms(text)
    if found is None:
        raise ValueError(text)
    return found


def _maybe_ms(text: str | None) -> int | None:
    return None if text is None else _ms(text)


def tuples_of_sale(entry: Entry) -> dict[str, list[Row]]:
    """The rows of a sale in the order of the tables' columns. Raises ValueError, TypeError, KeyError and
    OverflowError for values that do not fit together."""
    body = entry.body
    part = body.get("part")
    number = part["number"] if part else 1
    sold_ms = _ms(body["sold_at"])
    return {
        "orders": [_order(entry, number, sold_ms)],
        "position": _positions(entry, 10_000 * (number - 1), sold_ms),
        "payment": _payments(entry),
        "slot": [
            (held["pool"], held["lease"], slot, position["serial"])
            for position in body["positions"]
            for held in position["slots"]
            for slot in held["slots"]
        ],
    }


def _order(entry: Entry, number: int, sold_ms: int) -> Row:
    body, origin = entry.body, entry.origin
    receipt, totals = body["receipt"], body["totals"]
    prefix, epoch, practice = receipt["prefix"], receipt["epoch"], receipt["practice"]
    text = receipt_text(prefix, epoch, receipt["number"], practice=practice)
    return (
        body["order"], entry.entry_id, origin.hlc, number, origin.station, origin.epoch, origin.seq,
        entry.short_hash, entry.actor.user, entry.shift, _PAID, body["channel"], body["reference"],
        body["currency"], body.get("customer"), body["key_id"], sold_ms, text, prefix, epoch,
        receipt["number"], int(practice), totals["gross_minor"], totals["discount_minor"],
        totals["net_minor"], totals["tax_minor"], totals["rounding_minor"], totals["due_minor"],
    )  # fmt: skip


def _positions(entry: Entry, first_line: int, sold_ms: int) -> list[Row]:
    body, entry_id, hlc = entry.body, entry.entry_id, entry.origin.hlc
    order, reference, currency = body["order"], body["reference"], body["currency"]
    return [
        (
            each["serial"], order, entry_id, hlc, line, short_reference(each["serial"]), reference,
            each["product"], each["event"], each.get("performance") or 0, currency, each["price_minor"],
            each["discount_minor"], each["net_minor"], each["tax_minor"], each["gross_minor"],
            each.get("rounding_minor") or 0, each["tax_rate_bp"], each["price_version"], each["admits"],
            each["zones"], each.get("seat"), sold_ms, _maybe_ms(each.get("valid_from_at")),
            _maybe_ms(each.get("valid_until_at")), int(each["is_pass"]),
        )
        for line, each in enumerate(body["positions"], start=first_line)
    ]  # fmt: skip


def _payments(entry: Entry) -> list[Row]:
    body, entry_id, hlc = entry.body, entry.entry_id, entry.origin.hlc
    order, shift, practice = body["order"], entry.shift, int(body["receipt"]["practice"])
    return [
        (
            each["payment"], order, entry_id, hlc, line, shift, practice, each["tender"],
            each["amount_minor"], each["tendered_minor"], each["change_minor"], each.get("reference"),
        )
        for line, each in enumerate(body.get("payments") or ())
    ]  # fmt: skip
