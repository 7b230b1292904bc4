"""Payments that take several steps: asked for at a terminal, then taken, refused, or broken off.

A start is written before the terminal is asked, so whatever dies in between leaves it standing. The state is
computed from the set of entries about the payment, so it does not matter which came first.
"""

from collections.abc import Collection
from dataclasses import dataclass

from domain.states import PaymentState

STARTED, FAILED, UNKNOWN, RESOLVED = (
    "payment_started",
    "payment_failed",
    "payment_unknown",
    "payment_resolved",
)
UNANSWERED_MS = 10 * 60 * 1000
"""How long a terminal is waited for; after that nobody knows, and a person has to find out. The right to the
order stays at the till for as long as this."""


@dataclass(frozen=True, slots=True)
class Steps:
    """All that was written of one payment: `kinds` of its entries, and whether money was booked for it."""

    kinds: Collection[str]
    booked: bool


def payment_state(steps: Steps) -> PaymentState:
    """What the payment has come to. Money that was booked has moved, whoever else thought otherwise; somebody
    who cleared it up has the word over what was unknown before."""
    if steps.booked:
        return PaymentState.TAKEN
    if FAILED in steps.kinds or RESOLVED in steps.kinds:
        return PaymentState.FAILED
    return PaymentState.UNKNOWN if UNKNOWN in steps.kinds else PaymentState.STARTED


def is_open(state: PaymentState) -> bool:
    """Whether it is still to be said if the money has moved."""
    return state in (PaymentState.STARTED, PaymentState.UNKNOWN)
