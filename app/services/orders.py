"""Looking orders and tickets up, and the codes of tickets."""

from collections.abc import Mapping, Sequence

from app.services.access import require_any
from app.services.ports import CodeSigner, Store
from app.services.views import OrderRow, OrderView
from domain.actor import Actor, Permission
from domain.errors import Refusal
from domain.ids import short_reference
from domain.ticket_code import NotATicketCodeError, decode


class FindOrders:
    """Looks orders and tickets up."""

    def __init__(self, store: Store, signer: CodeSigner) -> None:
        self._store = store
        self._signer = signer

    def find(self, text: str, actor: Actor, limit: int = 50) -> Sequence[OrderRow]:
        """Orders whose reference, receipt, ticket reference or serial is `text`; empty = the latest."""
        _require(actor)
        with self._store.read() as read:
            return read.find_orders(text.strip(), limit)

    def show(self, order: str, actor: Actor) -> OrderView:
        """An order whole. Refuses ORDER_UNKNOWN."""
        _require(actor)
        with self._store.read() as read:
            view = read.order(order)
        if view is None:
            raise Refusal("ORDER_UNKNOWN", text=order)
        return view

    def by_text(self, text: str, actor: Actor) -> OrderView:
        """The one order that a reference, receipt number or id names.

        Refuses ORDER_UNKNOWN, ORDER_AMBIGUOUS.
        """
        _require(actor)
        with self._store.read() as read:
            rows = read.find_orders(text.strip(), 3)
            if len(rows) > 1:
                raise Refusal("ORDER_AMBIGUOUS", text=text, count=len(rows))
            view = read.order(rows[0].order) if rows else None
        if view is None:
            raise Refusal("ORDER_UNKNOWN", text=text)
        return view

    def by_code(self, text: str, actor: Actor) -> OrderView:
        """The order of a scanned ticket, or of the reference that a receipt's QR carries.

        Only a look-up: the code's signature is not asked for, a gate is what admits. Refuses TICKET_UNKNOWN
        (our kind of code, never heard of here), ORDER_UNKNOWN, ORDER_AMBIGUOUS.
        """
        try:
            serial = decode(text.strip()).code.serial
        except NotATicketCodeError:
            return self.by_text(text, actor)
        _require(actor)
        with self._store.read() as read:
            ticket = read.ticket(serial)
            view = read.order(ticket.order) if ticket is not None else None
        if view is None:
            raise Refusal("TICKET_UNKNOWN", text=short_reference(serial))
        return view

    def codes(self, order: OrderView) -> Mapping[str, str]:
        """QR texts of the tickets whose current print this station signed."""
        return codes_of(order, self._signer)


def codes_of(order: OrderView, signer: CodeSigner) -> dict[str, str]:
    """QR text by serial, for the tickets this station can make the code of."""
    codes = {ticket.serial: signer.code_for(ticket) for ticket in order.tickets}
    return {serial: code for serial, code in codes.items() if code is not None}


def _require(actor: Actor) -> None:
    require_any(actor, Permission.ORDERS, Permission.SEARCH)
