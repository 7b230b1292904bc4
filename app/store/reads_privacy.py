"""Reading names of guests, and what is kept about guests of an event."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.store.documents import is_erased
from app.store.reads_base import ReadsBase, at_or_none
from app.store.schema import DOCUMENT, EVENT_FACT, ORDER, POSITION
from app.store.schema_trail import ORDER_GUEST
from domain.entry import DESK, event_feed
from domain.retention import OF_AN_EVENT


class PrivacyReads(ReadsBase):
    """See app.services.ports_people.PrivacyQuestions."""

    def guest_of(self, serial: str) -> str | None:
        """The name that the order of a ticket was put under; None where it is not known here."""
        content = self._connection.execute(
            select(DOCUMENT.c.content)
            .join(ORDER_GUEST, ORDER_GUEST.c.document == DOCUMENT.c.document)
            .join(
                POSITION,
                (POSITION.c.order_id == ORDER_GUEST.c.order_id) & (POSITION.c.event == ORDER_GUEST.c.event),
            )
            .where(POSITION.c.serial == serial, DOCUMENT.c.tombstone == 0)
        ).scalar()
        return None if content is None else str(json.loads(content).get("name") or "") or None

    def order_guests(self, order: str) -> Sequence[tuple[int, str, str | None]]:
        """(event, document, name) for each event of an order that has a name; None: the name is not here."""
        rows = self._connection.execute(
            select(ORDER_GUEST.c.event, ORDER_GUEST.c.document, DOCUMENT.c.content)
            .outerjoin(
                DOCUMENT, (DOCUMENT.c.document == ORDER_GUEST.c.document) & (DOCUMENT.c.tombstone == 0)
            )
            .where(ORDER_GUEST.c.order_id == order)
            .order_by(ORDER_GUEST.c.event)
        )
        return [
            (row.event, row.document, json.loads(row.content).get("name") if row.content else None)
            for row in rows
        ]

    def closed_at(self, event: int) -> datetime | None:
        """When an event was finished or cancelled."""
        found = select(func.max(EVENT_FACT.c.at_ms)).where(
            EVENT_FACT.c.event == event, EVENT_FACT.c.kind.in_(("event_finished", "event_cancelled"))
        )
        return at_or_none(self._connection.execute(found).scalar())

    def documents_of_event(self, event: int) -> Sequence[tuple[str, str, str]]:
        """(id, kind, feed) of documents about its guests that were not erased, here or only named here."""
        feed = event_feed(event)
        here = self._connection.execute(
            select(DOCUMENT.c.document, DOCUMENT.c.kind).where(
                DOCUMENT.c.feed == feed, DOCUMENT.c.kind.in_(OF_AN_EVENT), DOCUMENT.c.tombstone == 0
            )
        )
        found = {row.document: row.kind for row in here}
        named = select(ORDER_GUEST.c.document).where(ORDER_GUEST.c.event == event)
        for document in self._connection.execute(named).scalars():
            found.setdefault(document, "guest")
        return [
            (document, kind, feed)
            for document, kind in sorted(found.items())
            if not is_erased(self._connection, document)
        ]

    def customers_only_of(self, events: Collection[int]) -> Sequence[tuple[str, str, str]]:
        """(id, kind, feed) of customers that were not erased and whose every order is for these events."""
        wanted = set(events)
        rows = self._connection.execute(
            select(ORDER.c.customer, POSITION.c.event)
            .join(POSITION, POSITION.c.order_id == ORDER.c.order_id)
            .where(
                ORDER.c.customer.in_(
                    select(ORDER.c.customer)
                    .join(POSITION, POSITION.c.order_id == ORDER.c.order_id)
                    .where(POSITION.c.event.in_(wanted), ORDER.c.customer.is_not(None))
                )
            )
            .distinct()
        )
        theirs: dict[str, set[int]] = {}
        for row in rows:
            theirs.setdefault(row.customer, set()).add(row.event)
        return [
            (customer, "customer", DESK)
            for customer, bought in sorted(theirs.items())
            if bought <= wanted and not is_erased(self._connection, customer)
        ]
