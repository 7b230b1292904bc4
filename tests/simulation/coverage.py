"""What the simulation looks at and what it does not (yet), in one place; tests hold it against the
program."""

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
}

UNCHECKED = {
    14: "rights and values are not in the program yet",
    28: "documents do not travel yet",
    31: "backends and locks are PostgreSQL's: tests/hub/test_trouble.py",
}
"""Invariants that no run looks at, and why."""

EXERCISED = frozenset(
    {
        "admission_undone",
        "admitted",
        "app_started",
        "certificate_issued",
        "claim_dropped",
        "conflict_resolved",
        "event_cancelled",
        "event_changed",
        "event_created",
        "event_finished",
        "event_published",
        "exited",
        "gate_changed",
        "gate_created",
        "gate_opened",
        "lease_returned",
        "order_sold",
        "performance_changed",
        "performance_created",
        "product_changed",
        "product_created",
        "quota_changed",
        "quota_created",
        "refused",
        "settings_changed",
        "shift_closed",
        "shift_opened",
        "station_revoked",
        "ticket_printed",
        "ticket_reprinted",
        "user_created",
    }
)
"""Kinds that runs write; a test holds the claim against what the slice in CI really wrote."""

_DOCUMENTS = "documents do not travel in the simulation yet"
_RIGHTS = "rights, refunds and values are not acted on in the simulation yet"
_PEOPLE = "people, roles and sessions are not acted on in the simulation yet"
_CLOCK = "nobody confirms a date in the simulation; its clocks step without being asked"
_HUB = "the model of the hub does not write its newer acts yet"

NOT_EXERCISED = {
    **dict.fromkeys(("document_erased", "document_written"), _DOCUMENTS),
    **dict.fromkeys(
        (
            "exchanged",
            "order_reserved",
            "order_voided",
            "payment_failed",
            "payment_resolved",
            "payment_started",
            "payment_taken",
            "payment_unknown",
            "refund_failed",
            "refund_paid",
            "refund_started",
            "reservation_released",
            "right_granted",
            "right_released",
            "right_written_off",
            "value_granted",
            "value_issued",
            "value_returned",
            "value_spent",
            "value_written_off",
        ),
        _RIGHTS,
    ),
    **dict.fromkeys(
        (
            "role_answered",
            "role_asked",
            "role_changed",
            "session_ended",
            "session_started",
            "user_changed",
            "user_code_issued",
            "user_code_used",
            "user_locked_out",
            "user_password_set",
            "user_pin_set",
            "user_renamed",
            "user_disabled",
        ),
        _PEOPLE,
    ),
    "clock_stepped": _CLOCK,
    **dict.fromkeys(("fork_noted", "lease_granted", "lease_reclaimed", "recovery_written_off"), _HUB),
}
"""Kinds that no run writes, each with the reason."""
