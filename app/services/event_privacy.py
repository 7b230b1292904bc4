"""What an event says about its guests' data: how long it is kept, and whether its gates see names.

When the time is over the data is erased by whichever station notices first, through the same tombstones as
any erasure; a second station that does the same changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.services.access import require, require_any
from app.services.ports import Nudge, Reads, Store
from domain.actor import Actor, Permission
from domain.catalogue import Event
from domain.catalogue_fields import base_of, changed_fields
from domain.clock import Clock
from domain.documents import Reason
from domain.entry import ORG, Draft
from domain.errors import Refusal
from domain.retention import check_days, days_of, due_at, ended_at

KEEP = object()
"""Leave a setting as it is."""


@dataclass(frozen=True, slots=True)
class PrivacyRow:
    """An event. `own_days` None: as the organization says, 0: for ever; `days` is what counts, None for ever;
    `due_at`: from when on its personal data is gone; `left`: documents about guests that are still there."""

    code: str
    name: str
    names_at_gate: bool
    own_days: int | None
    days: int | None
    ended_at: datetime | None
    due_at: datetime | None
    left: int


class EventPrivacy:
    """The settings of all events, and changes to them."""

    def __init__(self, store: Store, clock: Clock, nudge: Nudge) -> None:
        self._store = store
        self._clock = clock
        self._nudge = nudge

    def listed(self, actor: Actor) -> Sequence[PrivacyRow]:
        """All events, by name. Refuses NOT_ALLOWED."""
        require_any(actor, Permission.CATALOGUE, Permission.PEOPLE)
        with self._store.read() as read:
            return [_row(read, event) for event in read.events()]

    def __call__(
        self,
        code: str,
        actor: Actor,
        *,
        retention_days: int | object | None = KEEP,
        names_at_gate: bool | object = KEEP,
    ) -> PrivacyRow:
        """Change it. Refuses NOT_ALLOWED, EVENT_UNKNOWN (event), DAYS_INVALID."""
        require(actor, Permission.CATALOGUE)
        with self._store.begin() as work:
            old = work.read.event_by_code(code)
            if old is None:
                raise Refusal("EVENT_UNKNOWN", event=code[:40])
            new = old
            if retention_days is None or isinstance(retention_days, int):
                new = replace(new, retention_days=check_days(retention_days))
            if isinstance(names_at_gate, bool):
                new = replace(new, names_at_gate=names_at_gate)
            if fields := changed_fields(old, new):
                body = {"event": old.number, "base": base_of(old), "fields": fields}
                work.append(Draft("event_changed", (ORG,), body), actor)
                work.commit()
        self._nudge()
        with self._store.read() as read:
            return _row(read, new)


class EraseDue:
    """Erases what has been kept for as long as it may be."""

    def __init__(
        self, store: Store, clock: Clock, nudge: Nudge, reads_guests: Callable[[], bool] = lambda: True
    ) -> None:
        """`reads_guests`: whether this station gets the documents about guests, and so may end them."""
        self._store = store
        self._clock = clock
        self._nudge = nudge
        self._reads_guests = reads_guests

    def __call__(self, actor: Actor) -> int:
        """How many documents were erased. Refuses NOT_ALLOWED."""
        require_any(actor, Permission.CATALOGUE, Permission.PEOPLE)
        if not self._reads_guests():
            return 0
        with self._store.read() as read:
            if not self._due(read):
                return 0
        with self._store.begin() as work:
            found = self._due(work.read)
            for document, kind, feed in found:
                work.erase_document(document, kind, feed, Reason.RETENTION, actor)
            work.commit()
        if found:
            self._nudge()
        return len(found)

    def _due(self, read: Reads) -> Sequence[tuple[str, str, str]]:
        now = self._clock.now()
        over = [event.number for event in read.events() if _is_over(read, event, now)]
        if not over:
            return []
        documents = [one for event in over for one in read.documents_of_event(event)]
        return [*documents, *read.customers_only_of(over)]


def _is_over(read: Reads, event: Event, now: datetime) -> bool:
    at = _due_at(read, event)
    return at is not None and at <= now


def _due_at(read: Reads, event: Event) -> datetime | None:
    days = days_of(event, read.organization().retention_days)
    if days is None:
        return None
    return due_at(days, ended_at(event, read.performances(event.number), read.closed_at(event.number)))


def _row(read: Reads, event: Event) -> PrivacyRow:
    days = days_of(event, read.organization().retention_days)
    ended = ended_at(event, read.performances(event.number), read.closed_at(event.number))
    return PrivacyRow(
        code=event.code,
        name=event.name,
        names_at_gate=event.names_at_gate,
        own_days=event.retention_days,
        days=days,
        ended_at=ended,
        due_at=due_at(days, ended),
        left=len(read.documents_of_event(event.number)),
    )
