"""An order under a guest's name: for collecting tickets, and at gates where the event says so.

The name is a document in the feed of each event of the order, so that it is erased with that event's data.
"""

from app.services.access import require
from app.services.ports import Nudge, Store
from domain.actor import Actor, Permission
from domain.entry import Draft, event_feed
from domain.errors import Refusal
from domain.ids import RandomBytes, uuid4
from domain.people import clean_name

GUEST = "guest"


class NameGuest:
    """Puts an order under a name, or under another one."""

    def __init__(self, store: Store, random_bytes: RandomBytes, nudge: Nudge) -> None:
        self._store = store
        self._random = random_bytes
        self._nudge = nudge

    def __call__(self, order: str, name: str, actor: Actor) -> str:
        """The name as it is kept. Refuses NOT_ALLOWED, ORDER_UNKNOWN, NAME_EMPTY, NAME_TOO_LONG, GUEST_ERASED
        (the data of an event of it was erased already)."""
        require(actor, Permission.ORDERS)
        shown = clean_name(name)
        with self._store.begin() as work:
            view = work.read.order(order)
            if view is None:
                raise Refusal("ORDER_UNKNOWN", text=order[:40])
            named = {event: document for event, document, _ in work.read.order_guests(order)}
            for event in sorted({ticket.event.number for ticket in view.tickets}):
                document = named.get(event) or uuid4(self._random)
                if work.read.document_erased(document):
                    raise Refusal("GUEST_ERASED", order=view.reference)
                feed = event_feed(event)
                digest = work.put_document(document, GUEST, feed, {"name": shown})
                body = {"order": order, "event": event, "document": document, "document_hash": digest}
                work.append(Draft("guest_named", (feed,), body), actor)
            work.commit()
        self._nudge()
        return shown
