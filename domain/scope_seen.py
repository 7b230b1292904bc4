"""What a station of some scope will be able to see: told to people before a machine joins.

Derived from the feeds it follows and from the table of documents, so that it cannot say anything else than
what the hub will do.
"""

from dataclasses import dataclass

from domain.certificates import EVERYTHING, Scope
from domain.documents import may_read
from domain.entry import CASH, DESK, ORG


@dataclass(frozen=True, slots=True)
class Seen:
    """`events`: numbers of the events it follows, None = all of them. `cash`: shifts and takings of all
    stations; `support`: the conversations with guests; `customers`: names and addresses of guests; `people`:
    names of those who work here."""

    events: tuple[int, ...] | None
    cash: bool
    support: bool
    customers: bool
    people: bool


def seen_by(scope: Scope) -> Seen:
    """What a station with this scope gets from the hub."""
    feeds = None if scope == EVERYTHING else tuple(scope)
    events = None if feeds is None else tuple(
        sorted(int(feed.removeprefix("event:")) for feed in feeds if feed.startswith("event:"))
    )  # fmt: skip
    return Seen(
        events=events,
        cash=feeds is None or CASH in feeds,
        support=may_read("support_text", DESK, feeds),
        customers=may_read("customer", DESK, feeds),
        people=may_read("person", ORG, feeds),
    )
