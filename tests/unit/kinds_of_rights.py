"""Example bodies of the kinds about order rights, values, refunds and payments after the sale."""

from typing import Any

UUID = "00000000-0000-4000-8000-000000000001"
SERIAL = "00112233445566aa"
AT = "2026-11-21T18:45:00.000Z"
SLOTS = [{"pool": 200, "lease": "own:1", "slots": [1]}]
RECEIPT = {"prefix": "K1", "epoch": 1, "number": 1, "practice": False}
POSITION = {
    "serial": SERIAL, "product": 300, "event": 100, "performance": 200, "price_minor": 2000,
    "discount_minor": 0, "net_minor": 1869, "tax_minor": 131, "gross_minor": 2000, "rounding_minor": 0,
    "tax_rate_bp": 700, "price_version": 1, "admits": 1, "zones": 0, "seat": None, "valid_from_at": AT,
    "valid_until_at": None, "is_pass": False, "slots": SLOTS,
}  # fmt: skip
BACK: dict[str, Any] = {
    "refund": UUID, "order": UUID, "currency": "EUR", "reason": "ill", "practice": False, "request": UUID,
    "positions": [
        {
            "serial": SERIAL, "event": 100, "product": 300, "net_minor": 1869, "tax_minor": 131,
            "gross_minor": 2000, "rounding_minor": 0, "amount_minor": 2000, "freed": SLOTS, "seen": [UUID],
        }
    ],
    "payouts": [{"payout": UUID, "tender": "cash", "amount_minor": 2000, "reference": None}],
    "amount_minor": 2000, "freed": [{"pool": 600, "lease": "own:1", "slots": [1], "serial": SERIAL}],
}  # fmt: skip
RIGHT = {"order": UUID, "number": 0}
HASH = "ab" * 32

BODIES: dict[str, dict[str, Any]] = {
    "order_reserved": {
        "order": UUID, "reference": "ABCD-EFG7", "channel": "desk", "currency": "EUR", "customer": UUID,
        "key_id": "01020304", "reserved_at": AT, "until_at": AT, "practice": False, "positions": [POSITION],
        "totals": {
            "gross_minor": 2000, "discount_minor": 0, "net_minor": 1869, "tax_minor": 131,
            "rounding_minor": 0, "due_minor": 2000,
        },
        "promo": 500, "part": {"number": 1, "of": 2},
    },
    "reservation_released": {
        "order": UUID, "reason": "time", "request": UUID,
        "positions": [{"serial": SERIAL, "event": 100, "freed": SLOTS}],
    },
    "payment_started": {
        "payment": UUID, "order": UUID, "tender": "card", "amount_minor": 2000, "currency": "EUR",
        "request": UUID, "slots": SLOTS,
    },
    "payment_taken": {
        "payment": UUID, "order": UUID, "tender": "cash", "amount_minor": 2000, "tendered_minor": 5000,
        "change_minor": 3000, "reference": "T-1", "currency": "EUR", "request": UUID, "receipt": RECEIPT,
    },
    "payment_failed": {"payment": UUID, "order": UUID, "reason": "declined", "freed": SLOTS},
    "payment_unknown": {"payment": UUID, "order": UUID, "reason": "restart"},
    "payment_resolved": {
        "payment": UUID, "order": UUID, "taken": True, "tender": "card", "amount_minor": 2000,
        "currency": "EUR", "reference": "T-1", "reason": "bank says so", "receipt": RECEIPT,
        "practice": False,
    },
    "refund_paid": BACK,
    "order_voided": BACK,
    "exchanged": {**BACK, "into": UUID},
    "right_released": {"rights": [RIGHT], "values": [UUID]},
    "right_granted": {
        "order": UUID, "station": "00000001", "epoch": 1, "number": 1, "act": "refund", "request": UUID,
    },
    "right_written_off": {"station": "00000001", "epoch": 1, "rights": [RIGHT], "risk": 5},
    "value_issued": {
        "value": HASH, "currency": "EUR", "amount_minor": 5000, "order": UUID, "reason": "sold",
        "expires_at": AT,
    },
    "value_spent": {
        "value": HASH, "spend": UUID, "currency": "EUR", "amount_minor": 2000, "order": UUID, "request": UUID,
        "at_risk": False,
    },
    "value_returned": {
        "value": HASH, "spend": UUID, "currency": "EUR", "amount_minor": 2000, "order": UUID, "reason": "ill",
    },
    "value_granted": {
        "value": HASH, "station": "00000001", "epoch": 1, "amount_minor": 2000, "currency": "EUR",
        "request": UUID,
    },
    "value_written_off": {"station": "00000001", "epoch": 1, "requests": [UUID], "amount_minor": 2000},
}  # fmt: skip

OPTIONAL = {
    "order_reserved": {"customer", "part", "promo"}, "reservation_released": {"request"},
    "payment_started": {"request"}, "payment_taken": {"reference", "request"},
    "payment_resolved": {"reference", "receipt"}, "refund_paid": {"request", "freed"},
    "order_voided": {"request", "freed"}, "exchanged": {"request", "freed"},
    "value_issued": {"order", "expires_at"}, "value_spent": {"order", "request"},
    "value_returned": {"order"},
}  # fmt: skip
