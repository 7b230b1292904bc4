"""What the simulation looks at and what it does not (yet), in one place; tests hold it against the
program."""

from collections.abc import Mapping

INVARIANTS = {
    1: "every committed entry is at the hub exactly once after healing",
    2: "no gap in seq",
    3: "chains and signatures verify",
    4: "feed position is visibility order",
    5: "a puller misses and repeats nothing",
    6: "what was acked stays",
    7: "money at the hub is the money in the journals",
    8: "a shift close recomputes equal",
    9: "sold once, booked once, receipts gap-free and unique",
    10: "sold ≤ capacity of every pool",
    11: "overselling ≤ the stated risk, every excess flagged",
    12: "a slot is used once",
    13: "no sale on an ended or returned lease",
    14: "one holder of each right and value",
    15: "every admission too many is in exactly one conflict, and no other",
    16: "where all gates reached the hub nobody is admitted beyond the rules",
    17: "green is durable",
    18: "a ticket known void is never green",
    19: "conflicts do not depend on order",
    20: "stations in one scope converge",
    21: "sales after a cancellation are flagged",
    22: "unknown kinds replay to the same state",
    23: "a clone is flagged and no fact is missing",
    24: "all of this after a hub restore",
    25: "a revoked station changes nothing",
    26: "stamps rise",
    27: "the hub's projections are what its log adds up to",
    28: "erased documents stay erased",
    29: "the outbox empties within 60 s + N/500 s after healing",
    30: "one poison entry delays nothing else",
    31: "one hung client delays others ≤ the watchdog",
    32: "retries ≤ 2 a second per station",
    33: "recovery always can end",
    34: "what is kept in short is others', old and at the hub",
    35: "forgetting changes no verdict, and forgets only what is over",
    36: "what was forgotten is counted",
}

UNCHECKED = {31: "backends and locks are PostgreSQL's: tests/hub/test_trouble.py"}
"""Invariants that no run looks at, and the tests that do."""

_BOTH = ("fast", "real")
EXERCISED: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    (
        # the house
        "settings_changed", "event_created", "event_changed", "event_published", "event_cancelled",
        "event_finished", "performance_created", "performance_changed", "product_created", "product_changed",
        "quota_created", "quota_changed", "promo_created", "promo_changed", "gate_created", "gate_changed",
        # at the till
        "app_started", "shift_opened", "shift_closed", "clock_stepped", "drawer_opened", "practice_opened",
        "order_sold", "ticket_printed", "ticket_reprinted", "guest_named", "lease_returned",
        # after the sale
        "order_reserved", "reservation_released", "payment_started", "payment_taken", "payment_failed",
        "payment_unknown", "payment_resolved", "refund_paid", "order_voided", "exchanged", "right_released",
        "value_issued", "value_spent", "value_returned",
        # at the gate
        "admitted", "exited", "refused", "admission_undone", "gate_opened", "claim_dropped",
        # people and documents
        "user_created", "user_changed", "user_renamed", "user_password_set", "user_pin_set",
        "user_code_issued", "user_code_used", "user_locked_out", "role_changed", "role_asked",
        "role_answered", "session_started", "session_ended", "document_written", "document_erased",
        # disputes
        "conflict_resolved",
        # the hub's own acts
        "certificate_issued", "station_revoked", "fork_noted", "lease_granted", "lease_reclaimed",
        "right_granted", "right_written_off", "value_granted", "value_written_off", "recovery_written_off",
    ),
    _BOTH,
)  # fmt: skip
"""Kinds that runs write, and in which tiers: model and SQL are one hub (test_real_tier, test_hubs_alike), so
what is written over the one is written over the other. A test holds the claim against what was written."""

NOT_EXERCISED: Mapping[str, str] = {}
"""Kinds that no run writes, each with the reason."""
