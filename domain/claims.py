"""What a gate asks the hub before it opens, and what it may hear: values only, shared by gate and sync."""

from dataclasses import dataclass
from enum import StrEnum

from domain.admission import Claim, Confidence

CLAIM_BUDGET_MS = 250
"""A gate waits no longer for the hub than this, connecting included; then the local decision stands."""


class ClaimOutcome(StrEnum):
    """How a claim went."""

    NOT_ASKED = "not_asked"
    """Nothing to ask for: no hub, a refusal, an exit, a ticket without an event."""
    GRANTED = "granted"
    """This gate alone may open; nothing is known at the hub that was not seen here."""
    UNSEEN = "unseen"
    """The hub knew more; with it the ticket no longer opens here."""
    IN_PROGRESS = "in_progress"
    """Another station's gate has opened and has not confirmed."""
    TIMED_OUT = "timed_out"
    """No answer within the budget; the hub may hold the claim all the same."""
    OFFLINE = "offline"
    """The hub is believed out of reach, or cannot answer."""
    REVOKED = "revoked"
    """The hub has shut this station out: the gate closes."""


@dataclass(frozen=True, slots=True)
class ClaimAsked:
    """`feed`: the ticket's home feed. `seen`: ids of all entries known here that speak of the ticket."""

    feed: str
    serial: str
    gate: str
    lane: str
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """`entry_id` is what the admission will be called, `feed` where it was asked. `held`: the hub holds the
    claim, or may hold it, so it must end by that admission or by `claim_dropped`. `confidence` None = as
    believed anyway."""

    outcome: ClaimOutcome
    entry_id: str | None = None
    feed: str | None = None
    held: bool = False
    claimed: Claim | None = None
    confidence: Confidence | None = None


NO_CLAIM = ClaimAnswer(ClaimOutcome.NOT_ASKED)
