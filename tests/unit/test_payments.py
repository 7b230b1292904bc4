"""What a payment in steps has come to, whatever is known of it and in whatever order it came."""

import pytest

from domain.payments import Steps, is_open, payment_state
from domain.states import PaymentState

S, F, U, R = "payment_started", "payment_failed", "payment_unknown", "payment_resolved"


@pytest.mark.parametrize(
    ("kinds", "booked", "state"),
    [
        ({S}, False, PaymentState.STARTED),
        ({S, U}, False, PaymentState.UNKNOWN),
        ({S, F}, False, PaymentState.FAILED),
        ({S}, True, PaymentState.TAKEN),
        ({S, U, R}, False, PaymentState.FAILED),
        ({S, U, R}, True, PaymentState.TAKEN),
        ({S, U, F}, False, PaymentState.FAILED),
        ({S, F}, True, PaymentState.TAKEN),
    ],
)
def test_the_state_follows_from_the_set_of_entries(
    kinds: set[str], booked: bool, state: PaymentState
) -> None:
    assert payment_state(Steps(kinds, booked)) is state


def test_only_what_has_no_end_is_open() -> None:
    assert {state for state in PaymentState if is_open(state)} == {
        PaymentState.STARTED,
        PaymentState.UNKNOWN,
    }
