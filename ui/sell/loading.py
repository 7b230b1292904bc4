"""What the sell screen asks the store for, in one job, and how the board is put in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.formats import local
from app.services.views import Offer, Organization, PerformanceRow, ShiftView
from domain.actor import Actor
from domain.errors import GatehouseError
from ui.sell.facts import BoardSection, Choice, SellServices, WaitingJob

NAMED_JOBS = 50
"""Of so many waiting print jobs the receipt number is looked up; nobody reads a longer list."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One consistent look. `offers` are those of `choice`, which is None when nothing is on the board."""

    organization: Organization
    rows: Sequence[PerformanceRow]
    shift: ShiftView | None
    choice: Choice | None
    offers: Sequence[Offer]
    waiting: Sequence[WaitingJob]
    hindrance: GatehouseError | None = None
    """Why nothing can be sold here at all, None when nothing stands in the way."""
    doubts: int = 0
    """Payments of which nobody knows whether the money has moved."""


def load(services: SellServices, actor: Actor, wanted: Choice | None) -> Loaded:
    """Everything the screen shows; `wanted` is kept while it is still on the board."""
    rows = services.board(actor)
    known = {Choice.of(row) for row in rows}
    choice = wanted if wanted in known else default_choice(rows, services.clock.now())
    waiting = [
        WaitingJob(job, services.find_orders.show(job.order, actor).receipt)
        for job in services.print_queue.waiting()[:NAMED_JOBS]
    ]
    return Loaded(
        organization=services.facts.organization(),
        rows=rows,
        shift=services.shift_now(actor),
        choice=choice,
        offers=load_offers(services, actor, choice) if choice is not None else (),
        waiting=waiting,
        hindrance=services.sell.hindrance(),
        doubts=len(services.afterwards.resolve_payment.open(actor)),
    )


def load_offers(services: SellServices, actor: Actor, choice: Choice) -> Sequence[Offer]:
    """The products of one row of the board."""
    return services.offers(choice.event, choice.performance, actor)


def ends_at(row: PerformanceRow) -> datetime | None:
    """When a row is over; a performance without an end counts for three hours. None for passes."""
    at = row.performance
    return None if at is None else at.ends_at or at.starts_at + timedelta(hours=3)


def is_over(row: PerformanceRow, now: datetime) -> bool:
    """Whether a performance has ended."""
    end = ends_at(row)
    return end is not None and end <= now


def default_choice(rows: Sequence[PerformanceRow], now: datetime) -> Choice | None:
    """The first that has not ended; failing that, the first of all."""
    row = next((row for row in rows if not is_over(row, now)), next(iter(rows), None))
    return Choice.of(row) if row is not None else None


def sections(rows: Sequence[PerformanceRow], now: datetime) -> Sequence[BoardSection]:
    """Day by day from today on, then events without performances, then what has just ended."""
    made: list[BoardSection] = []
    days: dict[object, list[PerformanceRow]] = {}
    for row in rows:
        if row.performance is not None and not is_over(row, now):
            days.setdefault(local(row.performance.starts_at, row.event.zone).date(), []).append(row)
    made.extend(BoardSection("day", tuple(group)) for group in days.values())
    if passes := tuple(row for row in rows if row.performance is None):
        made.append(BoardSection("passes", passes))
    if over := tuple(row for row in rows if is_over(row, now)):
        made.append(BoardSection("over", over))
    return made
