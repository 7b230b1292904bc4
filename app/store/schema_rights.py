"""Tables of what happens to orders after their sale: rights, money given back, reservations, values."""

from sqlalchemy import Index

from app.store.schema_parts import int_column, table, text_column

# Kept: what the hub said last, and what was asked.

RIGHT_HELD = table(
    "right_held",
    text_column("order_id", key=True),
    int_column("number"),
    text_column("act"),
    text_column("request"),
    int_column("since_ms"),
)
"""The full set of granted rights that the hub said last; births are known from the entries."""
VALUE_HELD = table(
    "value_held",
    text_column("request", key=True),
    text_column("value"),
    int_column("amount_minor"),
    text_column("currency"),
    int_column("since_ms"),
)
RIGHT_REQUEST = table(
    "right_request",
    text_column("request", key=True),
    text_column("wants"),
    text_column("answers", empty=True),
    int_column("asked_ms"),
    int_column("answered_ms", empty=True),
)
"""What was asked of the hub, and its answer; `answers` empty: on its way."""

RIGHTS_KEPT = (RIGHT_HELD, VALUE_HELD, RIGHT_REQUEST)

# Projected.

RIGHT_FACT = table(
    "right_fact",
    text_column("order_id", key=True),
    text_column("entry_id", key=True),
    text_column("kind"),
    int_column("number"),
    text_column("station"),
    int_column("epoch"),
)
"""`granted` by the hub or `given_up` (released, written off); births are rows of `orders`."""
RESERVATION = table(
    "reservation",
    text_column("order_id", key=True),
    text_column("entry_id"),
    int_column("until_ms"),
    text_column("hlc"),
    Index("reservation_until", "until_ms"),
)
RECEIPT = table(
    "receipt",
    text_column("prefix", key=True),
    int_column("epoch", key=True),
    int_column("practice", key=True),
    int_column("number", key=True),
    text_column("order_id", key=True),
    text_column("entry_id"),
    text_column("receipt"),
    text_column("shift", empty=True),
    text_column("hlc"),
    Index("receipt_order", "order_id"),
    Index("receipt_text", "receipt"),
    Index("receipt_shift", "shift", "practice", "epoch", "number"),
)
"""Receipts of payments that came after the sale; those of sales are in `orders`."""
PAYMENT_FACT = table(
    "payment_fact",
    text_column("payment", key=True),
    text_column("entry_id", key=True),
    text_column("order_id"),
    text_column("kind"),
    text_column("shift", empty=True),
    text_column("tender"),
    int_column("amount_minor"),
    text_column("hlc"),
    int_column("at_ms"),
    Index("payment_fact_shift", "shift"),
    Index("payment_fact_order", "order_id"),
)
"""Payments that were not taken in one step: started, failed, unknown, resolved."""
GIVE_BACK = table(
    "give_back",
    text_column("entry_id", key=True),
    text_column("refund"),
    text_column("order_id"),
    text_column("kind"),
    text_column("currency"),
    text_column("reason"),
    int_column("practice"),
    text_column("user", empty=True),
    text_column("station"),
    text_column("shift", empty=True),
    int_column("amount_minor"),
    text_column("hlc"),
    int_column("at_ms"),
    Index("give_back_order", "order_id"),
)
TICKET_ACT = table(
    "ticket_act",
    text_column("serial", key=True),
    text_column("entry_id", key=True),
    text_column("order_id"),
    text_column("kind"),
    int_column("event"),
    int_column("amount_minor"),
    text_column("seen"),
    text_column("hlc"),
    int_column("at_ms"),
    Index("ticket_act_order", "order_id"),
)
"""A ticket was given back for money, or its reservation was given up. `seen`: JSON of entry ids."""
PAYOUT = table(
    "payout",
    text_column("payout", key=True),
    text_column("entry_id"),
    text_column("order_id"),
    text_column("shift", empty=True),
    int_column("practice"),
    text_column("tender"),
    int_column("amount_minor"),
    text_column("reference", empty=True),
    text_column("hlc"),
    Index("payout_order", "order_id"),
    Index("payout_shift", "shift", "practice", "tender", "amount_minor"),
)
SLOT_FREED = table(
    "slot_freed",
    int_column("pool", key=True),
    text_column("lease", key=True),
    int_column("slot", key=True),
    text_column("serial", key=True),
)
"""Places that a ticket no longer takes; they come back from the hub under new numbers."""
TICKET_HOLD = table(
    "ticket_hold",
    text_column("serial", key=True),
    int_column("refunded_ms", empty=True),
    int_column("cancelled_ms", empty=True),
    int_column("unpaid_minor"),
)
"""Tickets that may not be used as they were sold; an ordinary one has no row."""
VALUE_FACT = table(
    "value_fact",
    text_column("value", key=True),
    text_column("entry_id", key=True),
    text_column("kind"),
    int_column("amount_minor"),
    text_column("currency"),
    text_column("spend"),
    text_column("request"),
    int_column("at_risk"),
    int_column("expires_ms", empty=True),
    text_column("hlc"),
    int_column("at_ms"),
)
"""What was put on a value (gift card, voucher) and taken from it; `value` is the hash of its code."""
