"""Sales of a snapshot, read from their text straight into plain tuples: what project_orders.rows_of_sale
makes of the parsed entry.

Nearly all entries of a snapshot are sales. A test holds the two ways against each other, column by column; a
sale with anything unusual in it is not read here at all, but as any other entry.
"""

import functools
import re
from typing import Any, NamedTuple

from app.store.facts import ms
from app.store.snapshot_text import (
    COUNT,
    PLAIN_TEXT,
    TIME,
    TRUTH,
    WHOLE,
    list_of,
    null_or,
    object_of,
)
from domain.entry import FORMAT
from domain.ids import short_reference
from domain.kinds import SHAPES
from domain.kinds_parts import PAYMENT, POSITION, RECEIPT, SLOTS, TOTALS
from domain.shapes import NUMBER
from domain.shift import receipt_text
from domain.states import OrderState

Row = tuple[Any, ...]
SALE = ("order_sold", 1)

_PAID = OrderState.PAID.value
_PART = {"number": NUMBER, "of": NUMBER}
_NUMBERS = {"slots": list_of(COUNT)}
_PLACES = {"slots": list_of(object_of(SLOTS, _NUMBERS))}
# What is found by these comes in the order of the fields' names.
_SLOTS = re.compile(object_of(SLOTS, _NUMBERS, kept=tuple(SLOTS)))
_POSITION = re.compile(object_of(POSITION, _PLACES, kept=tuple(POSITION)))
_PAYMENT = re.compile(object_of(PAYMENT, {}, kept=tuple(PAYMENT)))
_BODY_PARTS = (
    "order", "channel", "reference", "currency", "customer", "key_id", "sold_at", "positions", "payments",
)  # fmt: skip
_TOTALS = ("gross_minor", "discount_minor", "net_minor", "tax_minor", "rounding_minor", "due_minor")
_INNER = {
    "part": object_of(_PART, {}, kept=("number",), prefix="part_"),
    "payments": list_of(object_of(PAYMENT, {})),
    "positions": list_of(object_of(POSITION, _PLACES)),
    "receipt": object_of(RECEIPT, {}, kept=tuple(RECEIPT), prefix="receipt_"),
    "totals": object_of(TOTALS, {}, kept=_TOTALS),
}
_FEED = '"(?:org|cash|desk|event:[1-9][0-9]{0,9}+)"'
_ENTRY = re.compile(
    rf'\{{"actor":\{{"approvals":{list_of(PLAIN_TEXT)},"practice":(?P<practice>{TRUTH}),'
    rf'"user":(?P<user>{null_or(PLAIN_TEXT)})\}},'
    rf'"body":{object_of(SHAPES[SALE], _INNER, kept=_BODY_PARTS)},'
    rf'"clock":\{{"boot":{PLAIN_TEXT},"mono_ms":{WHOLE},"offset_age_ms":{null_or(WHOLE)},'
    rf'"offset_ms":(?P<offset_ms>{null_or(WHOLE)}),"wall_at":(?P<wall_at>{TIME})\}},'
    r'"entry_id":"(?P<entry_id>[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})",'
    rf'"feeds":\[(?P<feeds>{_FEED}(?:,{_FEED})*+)\],"format":{FORMAT},"kind":"{SALE[0]}",'
    rf'"origin":\{{"epoch":(?P<epoch>{COUNT}),"hlc":"(?P<hlc>[0-9]{{14}}-[0-9]{{6}})",'
    r'"seq":(?P<seq>[1-9][0-9]{0,17}+),"station":"(?P<station>[0-9a-f]{8})"\},'
    rf'"shift":(?P<shift>{null_or(PLAIN_TEXT)}),"v":{SALE[1]}\}}'
)
_HEAD_PARTS = ("practice", "user", "offset_ms", "wall_at", "entry_id", "epoch", "hlc", "seq",
               "station", "shift")  # fmt: skip
_RECEIPT_PARTS = ("receipt_prefix", "receipt_epoch", "receipt_number", "receipt_practice", "part_number")


class Sale(NamedTuple):
    """A sale that was read: what its entry says of itself, and its rows in the order of the tables'
    columns."""

    entry_id: str
    hlc: str
    user: str | None
    practice: bool
    at_ms: int
    offset_ms: int | None
    rows: dict[str, list[Row]]


def match_sale(content: str) -> re.Match[str] | None:
    """Whether a text is that of a sale like most: then it is canonical, well shaped, and UTF-8."""
    found = _ENTRY.fullmatch(content)
    return found if found is not None and _are_sorted(found["feeds"]) else None


def read_sale(found: re.Match[str], short_hash: str) -> Sale | None:
    """The rows of a text that `match_sale` knows; None when its values do not fit together. Hashes and
    signature are not looked at. `short_hash`: Entry.short_hash of the text."""
    try:
        return _sale(found, short_hash)
    except ValueError:  # a time that no calendar has, a receipt that cannot be printed
        return None


def _sale(found: re.Match[str], short_hash: str) -> Sale:
    practice, user, offset, wall, entry_id, epoch, hlc, seq, station, shift = found.group(*_HEAD_PARTS)
    order, channel, reference, currency, customer, key_id, sold_at, positions, payments = found.group(
        *_BODY_PARTS
    )
    order, reference, currency = order[1:-1], reference[1:-1], currency[1:-1]
    prefix, receipt_epoch, number, receipt_practice, part = found.group(*_RECEIPT_PARTS)
    prefix, receipt_epoch, number = prefix[1:-1], int(receipt_epoch), int(number)
    is_practice = receipt_practice == "true"
    text = receipt_text(prefix, receipt_epoch, number, practice=is_practice)
    part, sold_ms, shift, user = int(part or 1), _ms(sold_at), _maybe(shift), _maybe(user)
    row = (
        order, entry_id, hlc, part, station, int(epoch), int(seq), short_hash, user, shift, _PAID,
        channel[1:-1], reference, currency, _maybe(customer), key_id[1:-1], sold_ms, text, prefix,
        receipt_epoch, number, int(is_practice), *map(int, found.group(*_TOTALS)),
    )  # fmt: skip
    slots: list[Row] = []
    rows = {
        "orders": [row],
        "position": _positions(positions, (order, entry_id, hlc, reference, currency, sold_ms), part, slots),
        "payment": _payments(payments, (order, entry_id, hlc, shift, int(is_practice))),
        "slot": slots,
    }
    offset_ms = None if offset == "null" else int(offset)
    return Sale(entry_id, hlc, user, practice == "true", _ms(wall), offset_ms, rows)


def _positions(text: str, of_order: Row, part: int, slots: list[Row]) -> list[Row]:
    order, entry_id, hlc, order_reference, currency, sold_ms = of_order
    rows = []
    for line, found in enumerate(_POSITION.findall(text), start=10_000 * (part - 1)):
        (admits, discount, event, gross, to_all, net, performance, price, version, product, rounding, seat,
         serial, places, tax, rate, valid_from, valid_until, zones) = found  # fmt: skip
        serial = serial[1:-1]
        rows.append(
            (
                serial, order, entry_id, hlc, line, short_reference(serial), order_reference, int(product),
                int(event), 0 if performance in _NULLS else int(performance), currency, int(price),
                int(discount), int(net), int(tax), int(gross), int(rounding), int(rate), int(version),
                int(admits), int(zones), _maybe(seat), sold_ms, _maybe_ms(valid_from),
                _maybe_ms(valid_until), int(to_all == "true"),
            )
        )  # fmt: skip
        for lease, pool, numbers in _SLOTS.findall(places):
            if len(numbers) > len("[]"):
                place = (int(pool), lease[1:-1])
                slots += [(*place, int(number), serial) for number in numbers[1:-1].split(",")]
    return rows


def _payments(text: str, of_order: Row) -> list[Row]:
    order, entry_id, hlc, shift, practice = of_order
    rows = []
    for line, found in enumerate(_PAYMENT.findall(text)):
        amount, change, payment, reference, tender, tendered = found
        rows.append(
            (
                payment[1:-1], order, entry_id, hlc, line, shift, practice, tender[1:-1], int(amount),
                int(tendered), int(change), _maybe(reference),
            )
        )  # fmt: skip
    return rows


_NULLS = frozenset({None, "", "null"})
"""A field that is null, or was left out: nothing is found of it, or no text at all."""


def _maybe(text: str | None) -> str | None:
    """A text without its quotes; None where there is none."""
    return None if not text or text == "null" else text[1:-1]


@functools.lru_cache(maxsize=4096)
def _ms(text: str) -> int:
    """Times of doors and ends repeat from ticket to ticket. Raises ValueError."""
    found = ms(text[1:-1])
    if found is None:
        raise ValueError(text)
    return found


def _maybe_ms(text: str) -> int | None:
    return None if text in _NULLS else _ms(text)


@functools.lru_cache(maxsize=4096)
def _are_sorted(feeds: str) -> bool:
    """Whether feeds stand in their order, each once."""
    names = [name[1:-1] for name in feeds.split(",")]
    return names == sorted(set(names))
