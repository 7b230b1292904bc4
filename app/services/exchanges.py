"""Exchanging tickets for others, and printing a lost one again: the old code dies, a new one is signed.

An exchange is one transaction: the old tickets go back as in a refund, the new ones are sold, and the money
that stays is carried over with the tenders it came in with, so that the drawer, the shift and both orders add
up by themselves and only the difference moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.access import Need, authorise, require
from app.services.afterwards import (
    GiveBack,
    RefundRequest,
    RightsDesk,
    left_of,
    order_of,
    reason_of,
    refundable,
    shift_of,
)
from app.services.orders import codes_of
from app.services.ports import CodeSigner, Nudge, Store, Work
from app.services.sell import Item, SaleRequest, SellOrder, Tendered
from app.services.views import OrderView, TicketView
from domain.actor import Actor, Permission
from domain.afterwards import Payout, payouts
from domain.clock import Clock
from domain.entry import Draft, event_feed
from domain.errors import Refusal
from domain.ids import RandomBytes, normalize_reference, uuid4
from domain.leases import Instant
from domain.money import Money
from domain.order import Tender
from domain.permissions import Limit
from domain.rights import Act
from domain.states import OrderState, TicketState

MOST_PRINTS = 255
"""What the byte of a ticket code holds."""


@dataclass(frozen=True, slots=True)
class ExchangeRequest:
    """`tickets` of an order (serials or references; none: all that are left) for `items`; `tendered` is what
    the guest adds where the new ones cost more. `approval`: where more goes back than one's limit."""

    order: str
    items: Sequence[Item]
    reason: str
    tickets: Sequence[str] = ()
    tendered: Sequence[Tendered] = ()
    approval: str | None = None


@dataclass(frozen=True, slots=True)
class Exchanged:
    """An exchange that is durable. `before` is the old order now, `order` the new one with its `codes`;
    `returned` went back to the guest beside the `change` of what they added."""

    before: OrderView
    order: OrderView
    codes: dict[str, str]
    returned: Money
    change: Money


class ExchangeTickets(GiveBack):
    """Gives other tickets for those of an order. Refuses as RefundOrder and SellOrder do."""

    def __init__(
        self,
        store: Store,
        signer: CodeSigner,
        clock: Clock,
        random_bytes: RandomBytes,
        nudge: Nudge,
        desk: RightsDesk,
        sell: SellOrder,
    ) -> None:
        super().__init__(store, random_bytes, nudge, desk)
        self._signer = signer
        self._clock = clock
        self._sell = sell

    def __call__(self, request: ExchangeRequest, actor: Actor) -> Exchanged:
        """One exchange. Nothing is changed when it raises, but that a right was asked for."""
        require(actor, Permission.EXCHANGE)
        if (hindrance := self._sell.hindrance()) is not None:
            raise hindrance
        started = Instant.of(self._clock)
        reason = reason_of(request.reason)
        with self._store.begin() as work:
            view = order_of(work, request.order)
            shift = shift_of(work)
            named = RefundRequest(view.order, reason, request.tickets)
            parts = refundable(view, work.read.sold_parts(view.order), named, actor)
            amount = sum(part.amount_minor for part in parts)
            going = payouts(amount, left_of(view), view.currency)
            carried = self._carried(work, request, going)
            returned = amount - sum(each.amount_minor for each in carried)
            right = self._desk.need(work, view, Act.EXCHANGE, actor)
            by = self._authorised(work, view, returned, actor, request.approval)
            into = uuid4(self._random)
            header = (uuid4(self._random), right.request, reason)
            drafts = self._drafts(work, "exchanged", view, header, parts, going, into=into)
            work.append_many(drafts, by, shift=shift)
            sale = SaleRequest(request.items, (*request.tendered, *carried), print_what="")
            sold, change = self._sell.drafts_for(work, into, sale, actor, started)
            sold += work.rights.used(view.order, right.number or 0)
            work.append_many(sold, actor, shift=shift)
            before, after = order_of(work, view.order), order_of(work, into)
            work.commit()
        self._nudge()
        codes = codes_of(after, self._signer)
        return Exchanged(before, after, codes, Money(returned, view.currency), change)

    def _authorised(
        self, work: Work, view: OrderView, returned: int, actor: Actor, approval: str | None
    ) -> Actor:
        """Who stands for it: where money goes back, the limit of refunds counts."""
        if not returned:
            return actor
        return authorise(work, Need(Act.EXCHANGE.value, view.order, Limit.REFUND, returned), actor, approval)

    def _carried(self, work: Work, request: ExchangeRequest, going: Sequence[Payout]) -> Sequence[Tendered]:
        """The part of the old money that pays for the new tickets, cash last: only what is paid in cash is
        rounded."""
        whole = sorted(going, key=lambda each: each.tender is Tender.CASH)
        first = _up_to(self._sell.due_for(work, request.items), whole)
        due = self._sell.due_for(work, request.items, (*request.tendered, *first))
        return _up_to(due, whole)


def _up_to(amount: int, going: Sequence[Payout]) -> list[Tendered]:
    found = []
    for each in going:
        part = min(amount, each.amount_minor)
        amount -= part
        if part > 0:
            found.append(Tendered(each.tender, part, each.reference))
    return found


@dataclass(frozen=True, slots=True)
class Reprinted:
    """A ticket with a new print number; durable. `code` is the text for its QR."""

    order: OrderView
    ticket: TicketView
    code: str


class ReprintTicket:
    """Prints a ticket again under a new number: from now on gates say REPLACED to every older print.

    Refuses NOT_ALLOWED, TICKET_UNKNOWN, TICKET_AMBIGUOUS (text, count), ORDER_STATE, TICKET_VOID,
    PRINTS_SPENT (most), REASON_NEEDED, RIGHT_NEEDED, REVOKED.
    """

    def __init__(
        self, store: Store, signer: CodeSigner, nudge: Nudge, desk: RightsDesk, sell: SellOrder
    ) -> None:
        self._store = store
        self._signer = signer
        self._nudge = nudge
        self._desk = desk
        self._sell = sell

    def __call__(self, text: str, reason: str, actor: Actor) -> Reprinted:
        """`text` is a serial or a short reference. Nothing is changed when it raises, but that a right was
        asked for."""
        require(actor, Permission.REPRINT)
        if (hindrance := self._sell.hindrance()) is not None:
            raise hindrance
        with self._store.begin() as work:
            ticket = _ticket(work, text)
            view = order_of(work, ticket.order)
            _check_reprint(view, ticket)
            right = self._desk.need(work, view, Act.REPRINT, actor)
            body = {
                "order": view.order,
                "serial": ticket.serial,
                "event": ticket.event.number,
                "print_number": ticket.print_number + 1,
                "reason": reason_of(reason),
                "key_id": self._signer.key_id.hex(),
            }
            drafts = [Draft("ticket_reprinted", (event_feed(ticket.event.number),), body)]
            drafts += work.rights.used(view.order, right.number or 0)
            shift = work.read.running_shift(work.read.station().station)
            work.append_many(drafts, actor, shift=shift)
            fresh = work.read.ticket(ticket.serial)
            after = order_of(work, view.order)
            work.commit()
        self._nudge()
        code = self._signer.code_for(fresh) if fresh is not None else None
        if fresh is None or code is None:
            raise AssertionError("a ticket that was just printed again cannot be signed")
        return Reprinted(after, fresh, code)


def _ticket(work: Work, text: str) -> TicketView:
    """The one ticket that a text names."""
    reference = normalize_reference(text)
    found = work.read.tickets_by_reference(reference) if reference else ()
    if len(found) > 1:
        raise Refusal("TICKET_AMBIGUOUS", text=text, count=len(found))
    ticket = found[0] if found else work.read.ticket(text.strip().lower())
    if ticket is None:
        raise Refusal("TICKET_UNKNOWN", text=text)
    return ticket


def _check_reprint(view: OrderView, ticket: TicketView) -> None:
    if view.state not in (OrderState.PAID, OrderState.PARTLY_REFUNDED):
        raise Refusal("ORDER_STATE", order=view.reference, state=view.state)
    if ticket.state == TicketState.CANCELLED:
        raise Refusal("TICKET_VOID", ticket=ticket.reference)
    if ticket.print_number >= MOST_PRINTS:
        raise Refusal("PRINTS_SPENT", ticket=ticket.reference, most=MOST_PRINTS)
