"""How long personal data of an event is kept: so many days after it ended, and no longer."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.catalogue import Event, Performance
from domain.errors import Refusal
from domain.states import EventState

MOST_DAYS = 3_650
OF_AN_EVENT = frozenset({"guest", "ticket_codes", "attachment"})
"""Kinds of documents in the feed of an event whose content is about guests."""


def days_of(event: Event, organization_days: int) -> int | None:
    """How many days after its end; None: for ever. The event's own word counts, 0 says for ever."""
    days = organization_days if event.retention_days is None else event.retention_days
    return days or None


def ended_at(
    event: Event, performances: Iterable[Performance], closed_at: datetime | None
) -> datetime | None:
    """When an event was over: with its last performance, else when it was finished or cancelled
    (`closed_at`); None while it may go on."""
    ends = [one.ends_at or one.starts_at for one in performances]
    if ends:
        return max(ends)
    return closed_at if event.state in (EventState.FINISHED, EventState.CANCELLED) else None


def due_at(days: int | None, ended: datetime | None) -> datetime | None:
    """From when on the data is to be gone; None: not yet known, or never."""
    return None if days is None or ended is None else ended + timedelta(days=days)


def check_days(days: int | None) -> int | None:
    """A number of days as it may be set. Raises Refusal DAYS_INVALID."""
    if days is not None and not 0 <= days <= MOST_DAYS:
        raise Refusal("DAYS_INVALID", least=0, most=MOST_DAYS)
    return days
