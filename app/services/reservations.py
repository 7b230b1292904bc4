"""Reservations after they were made: paid, given up, given up because their time is over."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.access import require
from app.services.afterwards import RightsDesk, order_of, shift_of
from app.services.orders import codes_of
from app.services.ports import CodeSigner, Nudge, Reads, Store, Work
from app.services.sell import Tendered, check_tenders, payment_bodies
from app.services.views import OrderView
from domain.actor import SYSTEM, Actor, Permission
from domain.clock import Clock
from domain.entry import CASH, Draft, event_feed
from domain.errors import Refusal
from domain.ids import RandomBytes
from domain.money import Money
from domain.order import Payment, Tender, change_due, check_reference
from domain.rights import Act
from domain.states import OrderState


@dataclass(frozen=True, slots=True)
class PaidNow:
    """A reservation that is paid; durable. `codes` are the texts for the QR by serial."""

    order: OrderView
    codes: dict[str, str]
    change: Money


class PayReservation:
    """Takes the money for a reservation, in full.

    Refuses NOT_ALLOWED, NO_SHIFT, ORDER_UNKNOWN, ORDER_STATE, TENDER_NOT_TAKEN, TENDER_SHORT, TENDER_OVER,
    REFERENCE_IS_CARD, PAYMENT_OPEN, RIGHT_NEEDED.
    """

    def __init__(
        self, store: Store, signer: CodeSigner, random_bytes: RandomBytes, nudge: Nudge, desk: RightsDesk
    ) -> None:
        self._store = store
        self._signer = signer
        self._random = random_bytes
        self._nudge = nudge
        self._desk = desk

    def __call__(self, order: str, tendered: Sequence[Tendered], actor: Actor) -> PaidNow:
        """One payment. Nothing is changed when it raises, but that a right was asked for."""
        require(actor, Permission.SELL)
        tendered = tendered or [Tendered(Tender.CASH, 0)]
        check_tenders(tendered)
        for paid in tendered:
            check_reference(paid.reference)
        with self._store.begin() as work:
            view = order_of(work, order)
            shift = shift_of(work)
            if view.state != OrderState.RESERVED:
                raise Refusal("ORDER_STATE", order=view.reference, state=view.state)
            check_not_being_paid(work.read, view)
            change = _change(view, tendered)
            right = self._desk.need(work, view, Act.PAY, actor)
            drafts = self._drafts(work, view, tendered, change, right.request)
            drafts += work.rights.used(view.order, right.number or 0)
            work.append_many(drafts, actor, shift=shift)
            after = order_of(work, order)
            work.commit()
        self._nudge()
        return PaidNow(after, codes_of(after, self._signer), change)

    def _drafts(
        self, work: Work, view: OrderView, tendered: Sequence[Tendered], change: Money, asked: str | None
    ) -> list[Draft]:
        receipt = receipt_for(work.read, view)
        feeds = feeds_of(view)
        return [
            Draft(
                "payment_taken",
                feeds,
                {
                    **paid,
                    "order": view.order,
                    "currency": view.currency,
                    "request": asked,
                    "receipt": receipt,
                },
            )
            for paid in payment_bodies(tendered, change, self._random)
        ]


class ReleaseReservation:
    """Gives a reservation up: its places are free again. Refuses NOT_ALLOWED, ORDER_UNKNOWN, ORDER_STATE,
    PAYMENT_OPEN, RIGHT_NEEDED."""

    def __init__(self, store: Store, clock: Clock, nudge: Nudge, desk: RightsDesk) -> None:
        self._store = store
        self._clock = clock
        self._nudge = nudge
        self._desk = desk

    def __call__(self, order: str, actor: Actor, reason: str = "asked") -> OrderView:
        """The order as it is now."""
        require(actor, Permission.SELL)
        with self._store.begin() as work:
            view = order_of(work, order)
            if view.state != OrderState.RESERVED:
                raise Refusal("ORDER_STATE", order=view.reference, state=view.state)
            check_not_being_paid(work.read, view)
            right = self._desk.need(work, view, Act.RELEASE, actor)
            drafts = released(work, view, reason, right.request)
            drafts += work.rights.used(view.order, right.number or 0)
            shift = work.read.running_shift(work.read.station().station)
            work.append_many(drafts, actor, shift=shift)
            after = order_of(work, order)
            work.commit()
        self._nudge()
        return after

    def overdue(self) -> Sequence[str]:
        """Give up what nobody paid in time, as far as its right is here; answers the orders. Reservations
        made here whose right has gone to the hub are asked for."""
        given_up: list[str] = []
        if self._desk.is_shut():
            return given_up
        with self._store.read() as read:
            own = read.station().station
            late = [
                view for each in read.overdue_reservations(self._clock.now()) if (view := read.order(each))
            ]
        for view in late:
            with self._store.begin() as work:
                present = order_of(work, view.order)
                state = work.rights.state(view.order, Act.RELEASE)
                if present.state != OrderState.RESERVED:
                    continue
                if state.number is not None:
                    drafts = released(work, present, "time", state.request)
                    work.append_many([*drafts, *work.rights.used(view.order, state.number)], SYSTEM)
                    given_up.append(view.order)
                elif view.station == own and state.why is None:
                    work.rights.ask(view.order, Act.RELEASE)
                work.commit()
        if late:
            self._nudge()
        return given_up


def feeds_of(view: OrderView) -> tuple[str, ...]:
    """Where what happens to an order is told."""
    return (CASH, *sorted({event_feed(ticket.event.number) for ticket in view.tickets}))


def check_not_being_paid(read: Reads, view: OrderView) -> None:
    """Refuses PAYMENT_OPEN (order, amount_minor, currency) while nobody knows whether the order's money has
    moved: it would be taken twice, or its places sold to somebody else."""
    found = read.open_payment_of(view.order)
    if found is not None:
        amount = found.amount
        raise Refusal(
            "PAYMENT_OPEN", order=view.reference, amount_minor=amount.minor, currency=amount.currency
        )


def receipt_for(read: Reads, view: OrderView) -> dict[str, object]:
    """The next receipt of this station."""
    station = read.station()
    return {
        "prefix": station.prefix,
        "epoch": station.epoch,
        "number": read.next_receipt_number(station.prefix, station.epoch, view.practice),
        "practice": view.practice,
    }


def released(work: Work, view: OrderView, reason: str, asked: str | None) -> list[Draft]:
    """The entry that gives a reservation up, with its places."""
    positions = [
        {
            "serial": part.serial,
            "event": part.event,
            "freed": [dict(place) for place in part.places],
        }
        for part in work.read.sold_parts(view.order)
    ]
    body = {"order": view.order, "reason": reason, "request": asked, "positions": positions}
    return [Draft("reservation_released", feeds_of(view), body)]


def _change(view: OrderView, tendered: Sequence[Tendered]) -> Money:
    """What goes back to the guest."""
    payments = [
        Payment(paid.tender, Money(paid.amount_minor, view.currency), paid.reference) for paid in tendered
    ]
    return change_due(view.due, payments)
