"""Giving back: refunds of whole orders or of single tickets, and voids.

Each happens in one transaction: the right is looked at, the stored parts of the tickets go back, and the
entry that gives a granted right back goes with them. Where the right is not here, the request for it is noted
and the act refused; it is tried again once the hub has answered.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from app.services.access import Need, authorise, require
from app.services.ports import Nudge, Reads, Store, Work
from app.services.views import OrderView, RightState, SoldPart
from domain.actor import Actor, Permission
from domain.afterwards import Paid, Payout, merge_paid, payouts
from domain.entry import CASH, Draft, event_feed
from domain.errors import Refusal
from domain.ids import RandomBytes, normalize_reference, uuid4
from domain.money import Money
from domain.order import Tender
from domain.permissions import Limit
from domain.rights import Act, Why
from domain.states import OrderState

Away = Callable[[], bool]
"""Whether the hub is believed out of reach."""

TICKETS_PER_ENTRY = 60
REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What goes back: `tickets` are serials or references (none: all that are left), `tender` None: as it was
    paid. `approval`: a token of services.approve, where the amount is beyond one's limit."""

    order: str
    reason: str
    tickets: Sequence[str] = ()
    tender: Tender | None = None
    approval: str | None = None


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Money that was given back; durable. `payouts` per tender."""

    order: OrderView
    refund: str
    amount: Money
    payouts: Sequence[Payout]
    tickets: Sequence[str]


class RightsDesk:
    """Asks for rights in the name of use cases."""

    def __init__(
        self, store: Store, nudge: Nudge, away: Away, revoked: Callable[[], bool] = lambda: False
    ) -> None:
        self._store = store
        self._nudge = nudge
        self._away = away
        self._revoked = revoked

    def is_shut(self) -> bool:
        """Whether the organization has shut this station out: nobody believes what it writes."""
        return self._revoked()

    def need(self, work: Work, view: OrderView, act: Act, actor: Actor) -> RightState:
        """The right, with its number. Refuses REVOKED. Where it is not here: notes the request, commits that
        and refuses RIGHT_NEEDED (order, act, why: asked, offline, held, at_gate, unknown, recovery; who)."""
        if self._revoked():
            raise Refusal("REVOKED")
        state = work.rights.state(view.order, act)
        if state.number is not None:
            return state
        why = state.why
        if why is None:
            drafts = work.rights.ask(view.order, act)
            if drafts:
                work.append_many(drafts, actor)
            work.commit()
            self._nudge()
            why = Why.ASKED
        if why == Why.ASKED and self._away():
            why = Why.OFFLINE
        who = state.who
        if why == Why.HELD:
            who = work.read.station_name(state.who)
        raise Refusal("RIGHT_NEEDED", order=view.reference, act=act.value, why=str(why), who=who)


class GiveBack:
    """What refund and void have in common."""

    def __init__(self, store: Store, random_bytes: RandomBytes, nudge: Nudge, desk: RightsDesk) -> None:
        self._store = store
        self._random = random_bytes
        self._nudge = nudge
        self._desk = desk

    def _run(self, request: RefundRequest, actor: Actor, kind: str, act: Act, judge: "Judge") -> GivenBack:
        with self._store.begin() as work:
            view = order_of(work, request.order)
            shift = shift_of(work)
            reason = reason_of(request.reason)
            parts = judge(view, work.read.sold_parts(view.order), request, actor)
            amount = sum(part.amount_minor for part in parts)
            paid = left_of(view)
            going = payouts(amount, paid, view.currency, request.tender)
            right = self._desk.need(work, view, act, actor)
            actor = authorise(
                work, Need(act.value, view.order, Limit.REFUND, amount), actor, request.approval
            )
            refund = uuid4(self._random)
            named = (refund, right.request, reason)
            drafts = self._drafts(work, kind, view, named, parts, going)
            drafts += work.rights.used(view.order, right.number or 0)
            work.append_many(drafts, actor, shift=shift)
            after = order_of(work, view.order)
            work.commit()
        self._nudge()
        serials = [part.serial for part in parts]
        return GivenBack(after, refund, Money(amount, view.currency), going, serials)

    def _drafts(
        self,
        work: Work,
        kind: str,
        view: OrderView,
        named: tuple[str, str | None, str],
        parts: Sequence[SoldPart],
        going: Sequence[Payout],
        **more: object,
    ) -> list[Draft]:
        """One entry, or several of a large order, each adding up. `named`: refund, request, reason. The use
        of a promo code comes back with the last ticket of the order."""
        refund, asked, reason = named
        left = [[out.tender, out.amount_minor, out.reference] for out in going]
        uses = _promo_pools(work.read)
        freed = _uses_back(work.read, view, parts, uses)
        drafts: list[Draft] = []
        for start in range(0, len(parts), TICKETS_PER_ENTRY):
            chunk = parts[start : start + TICKETS_PER_ENTRY]
            amount = sum(part.amount_minor for part in chunk)
            body = {
                "refund": refund,
                "order": view.order,
                "currency": view.currency,
                "reason": reason,
                "practice": view.practice,
                "request": asked,
                "positions": [_position(part, uses) for part in chunk],
                "payouts": [
                    {
                        "payout": uuid4(self._random),
                        "tender": out.tender.value,
                        "amount_minor": out.amount_minor,
                        "reference": out.reference or None,
                    }
                    for out in _take(left, amount)
                ],
                "amount_minor": amount,
                **more,
            }
            if freed and not drafts:
                body["freed"] = freed
            feeds = (CASH, *sorted({event_feed(part.event) for part in chunk}))
            drafts.append(Draft(kind, feeds, body))
        return drafts


Judge = Callable[[OrderView, Sequence[SoldPart], RefundRequest, Actor], Sequence[SoldPart]]


class RefundOrder(GiveBack):
    """Gives money back for an order or for single tickets of it.

    Refuses NOT_ALLOWED, NO_SHIFT, ORDER_UNKNOWN, ORDER_STATE (state), REASON_NEEDED, TICKET_UNKNOWN (text),
    TICKET_VOID (ticket), TICKET_USED (ticket; not for supervisors), REFUND_TOO_LARGE, TENDER_NOT_TAKEN,
    APPROVAL_NEEDED, RIGHT_NEEDED.
    """

    def __call__(self, request: RefundRequest, actor: Actor) -> GivenBack:
        """One refund. Nothing is changed when it raises, but that a right was asked for."""
        require(actor, Permission.REFUND)
        return self._run(request, actor, "refund_paid", Act.REFUND, refundable)


class VoidOrder(GiveBack):
    """Undoes a whole order as if it had never been sold: all of its money goes back as it came, none of its
    tickets may have been used. Refuses as RefundOrder does."""

    def __call__(self, request: RefundRequest, actor: Actor) -> GivenBack:
        """One void; `tickets` and `tender` of the request do not count."""
        require(actor, Permission.VOID)
        whole = RefundRequest(request.order, request.reason, approval=request.approval)
        return self._run(
            whole, actor, "order_voided", Act.VOID, lambda view, parts, *_: _voidable(view, parts)
        )


def refundable(
    view: OrderView, parts: Sequence[SoldPart], request: RefundRequest, actor: Actor
) -> Sequence[SoldPart]:
    """The tickets that a request names, as far as they may go back. Refuses as RefundOrder does."""
    if view.state not in (OrderState.PAID, OrderState.PARTLY_REFUNDED):
        raise Refusal("ORDER_STATE", order=view.reference, state=view.state)
    chosen = _chosen(parts, request.tickets) if request.tickets else [each for each in parts if not each.void]
    for part in chosen:
        if part.void:
            raise Refusal("TICKET_VOID", ticket=part.reference)
        if part.seen and not actor.may(Permission.UNDO_ANY):
            raise Refusal("TICKET_USED", ticket=part.reference)
    return chosen


def _voidable(view: OrderView, parts: Sequence[SoldPart]) -> Sequence[SoldPart]:
    if view.state != OrderState.PAID:
        raise Refusal("ORDER_STATE", order=view.reference, state=view.state)
    for part in parts:
        if part.seen:
            raise Refusal("TICKET_USED", ticket=part.reference)
    return parts


def _chosen(parts: Sequence[SoldPart], texts: Sequence[str]) -> list[SoldPart]:
    """The tickets that serials or references name, each once, in the order of the sale."""
    wanted = set()
    for text in texts:
        name = normalize_reference(text) or text.lower()
        found = [part for part in parts if name in (part.serial, part.reference)]
        if not found:
            raise Refusal("TICKET_UNKNOWN", text=text)
        wanted |= {part.serial for part in found}
    return [part for part in parts if part.serial in wanted]


def left_of(view: OrderView) -> Sequence[Paid]:
    """What came in for an order with each tender and has not gone back."""
    came = [Paid(Tender(paid.tender), paid.amount.minor, paid.reference or "") for paid in view.payments]
    went = [Payout(Tender(out.tender), out.amount.minor) for back in view.backs for out in back.payouts]
    return merge_paid(came, went)


def _promo_pools(read: Reads) -> frozenset[int]:
    """Pools that count uses of promo codes, not places."""
    return frozenset(promo.pool for promo in read.promos() if promo.pool is not None)


def _uses_back(
    read: Reads, view: OrderView, going: Sequence[SoldPart], uses: Collection[int]
) -> list[dict[str, object]]:
    """The use of a promo code that is free again, once no ticket of the order is left."""
    if not uses:
        return []
    every = read.sold_parts(view.order)
    gone = {part.serial for part in going}
    if any(not part.void and part.serial not in gone for part in every):
        return []
    return [
        {**place, "serial": part.serial} for part in every for place in part.places if place["pool"] in uses
    ]


def _position(part: SoldPart, uses: Collection[int]) -> dict[str, object]:
    return {
        "serial": part.serial,
        "event": part.event,
        "product": part.product,
        "net_minor": part.net_minor,
        "tax_minor": part.tax_minor,
        "gross_minor": part.gross_minor,
        "rounding_minor": part.rounding_minor,
        "amount_minor": part.amount_minor,
        "freed": [dict(place) for place in part.places if place["pool"] not in uses],
        "seen": list(part.seen),
    }


def _take(left: list[list[object]], amount: int) -> list[Payout]:
    """An amount from what is left of each tender, the first ones first."""
    found = []
    for row in left:
        part = min(amount, int(str(row[1])))
        if part > 0:
            found.append(Payout(Tender(str(row[0])), part, str(row[2])))
            row[1] = int(str(row[1])) - part
            amount -= part
    return found


def order_of(work: Work, order: str) -> OrderView:
    """An order by its id. Refuses ORDER_UNKNOWN."""
    view = work.read.order(order)
    if view is None:
        raise Refusal("ORDER_UNKNOWN", text=order)
    return view


def shift_of(work: Work) -> str:
    """The open shift of this station, its id. Refuses NO_SHIFT."""
    shift = work.read.running_shift(work.read.station().station)
    if shift is None:
        raise Refusal("NO_SHIFT")
    return shift


def reason_of(text: str) -> str:
    """A reason as it is kept. Refuses REASON_NEEDED."""
    reason = text.strip()[:REASON_LENGTH]
    if not reason:
        raise Refusal("REASON_NEEDED")
    return reason
