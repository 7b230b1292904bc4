"""Shapes that several kinds of entries share: places, positions, payments, receipts, totals."""

from domain.shapes import (
    AT,
    FLAG,
    INTEGER,
    NATURAL,
    NUMBER,
    SERIAL,
    TEXT,
    UUID,
    Shape,
    each,
    many,
    opt,
)

SLOTS: Shape = {"pool": NUMBER, "lease": TEXT, "slots": many(NATURAL)}

POSITION: Shape = {
    "serial": SERIAL,
    "product": NUMBER,
    "event": NUMBER,
    "performance": opt(NUMBER),
    "price_minor": INTEGER,
    "discount_minor": INTEGER,
    "net_minor": INTEGER,
    "tax_minor": INTEGER,
    "gross_minor": INTEGER,
    "rounding_minor": INTEGER,
    "tax_rate_bp": NATURAL,
    "price_version": NATURAL,
    "admits": NATURAL,
    "zones": NATURAL,
    "seat": opt(TEXT),
    "valid_from_at": opt(AT),
    "valid_until_at": opt(AT),
    "is_pass": FLAG,
    "slots": each(SLOTS),
}

PAYMENT: Shape = {
    "payment": UUID,
    "tender": TEXT,
    "amount_minor": INTEGER,
    "tendered_minor": INTEGER,
    "change_minor": NATURAL,
    "reference": opt(TEXT),
}

RECEIPT: Shape = {"prefix": TEXT, "epoch": NATURAL, "number": NUMBER, "practice": FLAG}

TOTALS: Shape = {
    "gross_minor": INTEGER,
    "discount_minor": INTEGER,
    "net_minor": INTEGER,
    "tax_minor": INTEGER,
    "rounding_minor": INTEGER,
    "due_minor": INTEGER,
}
