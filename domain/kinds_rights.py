"""Kinds of entries about order rights, values, refunds and payments after the sale: their shapes.

What gives money back names every ticket with the parts that were stored at its sale, so that the parts of a
sale and of its refunds always add up to nothing; what gives places back names them.
"""

from collections.abc import Mapping

from domain.entry import Body
from domain.kinds_parts import POSITION, RECEIPT, SLOTS, TOTALS
from domain.shapes import (
    AT,
    FLAG,
    HEX,
    INTEGER,
    NATURAL,
    NUMBER,
    SERIAL,
    TEXT,
    UUID,
    Shape,
    each,
    many,
    one,
    opt,
)

GIVEN_BACK: Shape = {
    "serial": SERIAL,
    "event": NUMBER,
    "product": NUMBER,
    "net_minor": INTEGER,
    "tax_minor": INTEGER,
    "gross_minor": INTEGER,
    "rounding_minor": INTEGER,
    "amount_minor": INTEGER,
    "freed": each(SLOTS),
    "seen": many(UUID),
}
"""`amount_minor` = gross + rounding; `freed`: its places; `seen`: the admissions of the ticket that whoever
gave the money back knew of."""

PAYOUT: Shape = {"payout": UUID, "tender": TEXT, "amount_minor": INTEGER, "reference": opt(TEXT)}

_BACK: Shape = {
    "refund": UUID,
    "order": UUID,
    "currency": TEXT,
    "reason": TEXT,
    "practice": FLAG,
    "request": opt(UUID),
    "positions": each(GIVEN_BACK),
    "payouts": each(PAYOUT),
    "amount_minor": INTEGER,
    "freed": opt(each({**SLOTS, "serial": SERIAL})),
}
"""`freed`: the use of a promo code, once no ticket of the order is left; `serial`: who took it."""

_RIGHT: Shape = {"order": UUID, "number": NATURAL}
_PAID: Shape = {"payment": UUID, "order": UUID}

SHAPES: Mapping[tuple[str, int], Shape] = {
    ("order_reserved", 1): {
        "order": UUID,
        "reference": TEXT,
        "channel": TEXT,
        "currency": TEXT,
        "customer": opt(UUID),
        "key_id": HEX,
        "reserved_at": AT,
        "until_at": AT,
        "practice": FLAG,
        "positions": each(POSITION),
        "totals": one(TOTALS),
        "promo": opt(NUMBER),
        "part": opt(one({"number": NUMBER, "of": NUMBER})),
    },
    ("reservation_released", 1): {
        "order": UUID,
        "reason": TEXT,
        "request": opt(UUID),
        "positions": each({"serial": SERIAL, "event": NUMBER, "freed": each(SLOTS)}),
    },
    ("payment_started", 1): {
        **_PAID,
        "tender": TEXT,
        "amount_minor": NATURAL,
        "currency": TEXT,
        "request": opt(UUID),
        "slots": each(SLOTS),
    },
    ("payment_taken", 1): {
        **_PAID,
        "tender": TEXT,
        "amount_minor": INTEGER,
        "tendered_minor": INTEGER,
        "change_minor": NATURAL,
        "reference": opt(TEXT),
        "currency": TEXT,
        "request": opt(UUID),
        "receipt": one(RECEIPT),
    },
    ("payment_failed", 1): {**_PAID, "reason": TEXT, "freed": each(SLOTS)},
    ("payment_unknown", 1): {**_PAID, "reason": TEXT},
    ("payment_resolved", 1): {
        **_PAID,
        "taken": FLAG,
        "tender": TEXT,
        "amount_minor": NATURAL,
        "currency": TEXT,
        "reference": opt(TEXT),
        "reason": TEXT,
        "receipt": opt(one(RECEIPT)),
        "practice": FLAG,
    },
    ("refund_paid", 1): _BACK,
    ("order_voided", 1): _BACK,
    ("exchanged", 1): {**_BACK, "into": UUID},
    ("right_released", 1): {"rights": each(_RIGHT), "values": many(UUID)},
    ("value_issued", 1): {
        "value": HEX,
        "currency": TEXT,
        "amount_minor": NATURAL,
        "order": opt(UUID),
        "reason": TEXT,
        "expires_at": opt(AT),
    },
    ("value_spent", 1): {
        "value": HEX,
        "spend": UUID,
        "currency": TEXT,
        "amount_minor": NATURAL,
        "order": opt(UUID),
        "request": opt(UUID),
        "at_risk": FLAG,
    },
    ("value_returned", 1): {
        "value": HEX,
        "spend": UUID,
        "currency": TEXT,
        "amount_minor": NATURAL,
        "order": opt(UUID),
        "reason": TEXT,
    },
    ("right_granted", 1): {
        "order": UUID,
        "station": TEXT,
        "epoch": NATURAL,
        "number": NATURAL,
        "act": TEXT,
        "request": UUID,
        "mac": opt(HEX),
    },
    ("right_written_off", 1): {
        "station": TEXT,
        "epoch": NATURAL,
        "rights": each(_RIGHT),
        "risk": NATURAL,
        "mac": opt(HEX),
    },
    ("value_granted", 1): {
        "value": HEX,
        "station": TEXT,
        "epoch": NATURAL,
        "amount_minor": NATURAL,
        "currency": TEXT,
        "request": UUID,
        "mac": opt(HEX),
    },
    ("value_written_off", 1): {
        "station": TEXT,
        "epoch": NATURAL,
        "requests": many(UUID),
        "amount_minor": NATURAL,
        "mac": opt(HEX),
    },
}

GIVING_BACK = frozenset({"refund_paid", "order_voided", "exchanged"})
"""Kinds that take tickets back and give money back for them."""

WITH_POSITIONS = GIVING_BACK | {"order_sold", "order_reserved", "reservation_released"}
"""Kinds that speak of every ticket among their positions."""


def misfit_money(kind: str, body: Body) -> str | None:
    """The field whose amounts do not add up, None when all do (and for kinds that give nothing back)."""
    if kind not in GIVING_BACK:
        return None
    positions, payouts, amount = body["positions"], body["payouts"], body["amount_minor"]
    for position in positions:
        gross = position["gross_minor"]
        whole = gross + position["rounding_minor"]
        if position["net_minor"] + position["tax_minor"] != gross or position["amount_minor"] != whole:
            return "positions"
    if sum(position["amount_minor"] for position in positions) != amount:
        return "amount_minor"
    return None if sum(payout["amount_minor"] for payout in payouts) == amount else "payouts"
