"""Payments that take several steps: a terminal is asked, and says yes, no, or nothing.

The start is durable before the terminal is asked: it keeps the places, and whatever dies afterwards leaves
it standing until a person has found out. A payment that nobody knows the end of is in no sum; it is booked in
the shift of whoever clears it up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.access import require
from app.services.afterwards import RightsDesk, order_of, reason_of, shift_of
from app.services.orders import codes_of
from app.services.ports import CodeSigner, Nudge, Reads, Store, Work
from app.services.reservations import PaidNow, check_not_being_paid, feeds_of, receipt_for, released
from app.services.sell import Item, ReserveOrder, SaleRequest
from app.services.views import OrderView, RightState, SoldPart
from app.services.views_payments import PaymentStanding
from domain.actor import SYSTEM, Actor, Permission
from domain.clock import Clock
from domain.entry import Draft, canonical
from domain.errors import Refusal
from domain.ids import RandomBytes, uuid4
from domain.leases import Instant
from domain.money import Money
from domain.order import Tender, check_reference
from domain.rights import Act
from domain.shapes import UUID
from domain.states import OrderState, PaymentState

BY_TERMINAL = (Tender.CARD,)
"""What a terminal is asked for."""
PLACES_BYTES = 32 * 1024
"""A start names the places it keeps, as far as they fit; the reservation beside it names all of them."""


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What is to be paid: a cart (`items`), or a reservation (`order`), always whole. `payment`: an id chosen
    by whoever asks, so that asking twice begins one payment; None: a new one each time."""

    items: Sequence[Item] = ()
    order: str | None = None
    tender: Tender = Tender.CARD
    payment: str | None = None
    channel: str = "desk"
    promo: str = ""


@dataclass(frozen=True, slots=True)
class PaymentBegun:
    """A payment that is durable and may now be asked for at the terminal."""

    standing: PaymentStanding
    order: OrderView


class _Steps:
    """What the steps have in common."""

    def __init__(self, store: Store, nudge: Nudge, desk: RightsDesk) -> None:
        self._store = store
        self._nudge = nudge
        self._desk = desk

    def _check_open(self) -> None:
        if self._desk.is_shut():
            raise Refusal("REVOKED")


class StartPayment(_Steps):
    """Begins a payment: the places are kept from now on, whatever happens to their lease.

    Refuses as SellOrder and PayReservation do, and PAYMENT_OPEN (order, amount) where the order is
    just being paid; PAYMENT_NOT_NEEDED for nothing to pay; ID_INVALID for an id that is none.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        random_bytes: RandomBytes,
        nudge: Nudge,
        desk: RightsDesk,
        reserve: ReserveOrder,
    ) -> None:
        super().__init__(store, nudge, desk)
        self._clock = clock
        self._random = random_bytes
        self._reserve = reserve

    def __call__(self, request: PaymentRequest, actor: Actor) -> PaymentBegun:
        """The payment. The same id again answers the same, whatever has become of it. Nothing is changed when
        it raises, but that a right was asked for."""
        require(actor, Permission.SELL)
        if (hindrance := self._reserve.hindrance()) is not None:
            raise hindrance
        if request.tender not in BY_TERMINAL:
            raise Refusal("TENDER_NOT_TAKEN", tender=request.tender.value)
        if request.payment is not None and not UUID.check(request.payment):
            raise Refusal("ID_INVALID", text=request.payment[:40])
        payment = request.payment or uuid4(self._random)
        started = Instant.of(self._clock)
        with self._store.begin() as work:
            known = work.read.payment(payment)
            if known is not None:
                return PaymentBegun(known, order_of(work, known.order))
            shift = shift_of(work)
            if request.order is None:
                view, asked = self._reserved(work, request, actor, started, shift), None
            else:
                view, asked = self._of_reservation(work, request.order, actor)
            body = {
                "payment": payment,
                "order": view.order,
                "tender": request.tender.value,
                "amount_minor": view.due.minor,
                "currency": view.currency,
                "request": asked,
                "slots": _places(work.read.sold_parts(view.order)),
            }
            work.append(Draft("payment_started", feeds_of(view), body), actor, shift=shift)
            standing = _standing(work.read, payment)
            work.commit()
        self._nudge()
        return PaymentBegun(standing, view)

    def _reserved(
        self, work: Work, request: PaymentRequest, actor: Actor, started: Instant, shift: str
    ) -> OrderView:
        """A cart becomes a reservation that nothing but its payment keeps: its time is over at once."""
        order = uuid4(self._random)
        sale = SaleRequest(request.items, (), request.channel, print_what="", promo=request.promo)
        drafts = self._reserve.drafts_to_reserve(work, order, sale, self._clock.now(), actor, started)
        work.append_many(drafts, actor, shift=shift)
        view = order_of(work, order)
        if view.due.minor == 0:
            raise Refusal("PAYMENT_NOT_NEEDED")
        return view

    def _of_reservation(self, work: Work, order: str, actor: Actor) -> tuple[OrderView, str | None]:
        view = order_of(work, order)
        if view.state != OrderState.RESERVED:
            raise Refusal("ORDER_STATE", order=view.reference, state=view.state)
        check_not_being_paid(work.read, view)
        if view.due.minor == 0:
            raise Refusal("PAYMENT_NOT_NEEDED")
        return view, self._desk.need(work, view, Act.PAY, actor).request


class TakePayment(_Steps):
    """The terminal said yes. A fact: it asks for no right, the start did. Refuses NOT_ALLOWED, NO_SHIFT,
    PAYMENT_NOT_FOUND, PAYMENT_STATE (order, payment_state), PAYMENT_ELSEWHERE (station),
    REFERENCE_IS_CARD, REVOKED."""

    def __init__(self, store: Store, signer: CodeSigner, nudge: Nudge, desk: RightsDesk) -> None:
        super().__init__(store, nudge, desk)
        self._signer = signer

    def __call__(self, payment: str, reference: str, actor: Actor) -> PaidNow:
        """The order, paid. Said twice it is booked once."""
        require(actor, Permission.SELL)
        self._check_open()
        check_reference(reference)
        with self._store.begin() as work:
            standing = _standing(work.read, payment)
            view = order_of(work, standing.order)
            if standing.state is PaymentState.TAKEN:
                return self._paid(view)
            _check_waiting(work.read, standing)
            shift = shift_of(work)
            right = work.rights.state(view.order, Act.PAY)
            body = {
                "payment": payment,
                "order": view.order,
                "tender": standing.tender,
                "amount_minor": standing.amount.minor,
                "tendered_minor": standing.amount.minor,
                "change_minor": 0,
                "reference": reference or None,
                "currency": view.currency,
                "request": right.request,
                "receipt": receipt_for(work.read, view),
            }
            drafts = [Draft("payment_taken", feeds_of(view), body), *_used(work, view, right)]
            work.append_many(drafts, actor, shift=shift)
            after = order_of(work, view.order)
            work.commit()
        self._nudge()
        return self._paid(after)

    def _paid(self, view: OrderView) -> PaidNow:
        return PaidNow(view, codes_of(view, self._signer), Money(0, view.currency))


class FailPayment(_Steps):
    """The terminal said no: the places are free again, unless a reservation keeps them longer. Refuses
    NOT_ALLOWED, PAYMENT_NOT_FOUND, PAYMENT_STATE, PAYMENT_ELSEWHERE, REASON_NEEDED, REVOKED."""

    def __init__(self, store: Store, clock: Clock, nudge: Nudge, desk: RightsDesk) -> None:
        super().__init__(store, nudge, desk)
        self._clock = clock

    def __call__(self, payment: str, reason: str, actor: Actor) -> OrderView:
        """The order as it is now. Said twice it is written once."""
        require(actor, Permission.SELL)
        self._check_open()
        why = reason_of(reason)
        with self._store.begin() as work:
            standing = _standing(work.read, payment)
            view = order_of(work, standing.order)
            if standing.state is PaymentState.FAILED:
                return view
            _check_waiting(work.read, standing)
            right = work.rights.state(view.order, Act.RELEASE)
            frees = right.number is not None and _is_over(view, self._clock)
            freed = _places(work.read.sold_parts(view.order)) if frees else []
            body = {"payment": payment, "order": view.order, "reason": why, "freed": freed}
            drafts = [Draft("payment_failed", feeds_of(view), body)]
            drafts += released(work, view, "payment", right.request) if frees else []
            shift = work.read.running_shift(work.read.station().station)
            work.append_many([*drafts, *_used(work, view, right)], actor, shift=shift)
            after = order_of(work, view.order)
            work.commit()
        self._nudge()
        return after


class MarkPaymentUnknown(_Steps):
    """Nobody knows what the terminal did. The payment stays in the reports, in no sum, and its places are
    kept. Refuses NOT_ALLOWED, PAYMENT_NOT_FOUND, PAYMENT_STATE, PAYMENT_ELSEWHERE, REASON_NEEDED, REVOKED."""

    def __init__(self, store: Store, clock: Clock, nudge: Nudge, desk: RightsDesk) -> None:
        super().__init__(store, nudge, desk)
        self._clock = clock

    def __call__(self, payment: str, reason: str, actor: Actor) -> PaymentStanding:
        """The payment as it stands now. Said twice it is written once."""
        require(actor, Permission.SELL)
        self._check_open()
        why = reason_of(reason)
        with self._store.begin() as work:
            standing = _standing(work.read, payment)
            if standing.state is PaymentState.UNKNOWN:
                return standing
            _check_waiting(work.read, standing)
            shift = work.read.running_shift(work.read.station().station)
            draft = unknown(work, standing, why)
            work.append(draft, actor, shift=shift)
            after = _standing(work.read, payment)
            work.commit()
        self._nudge()
        return after

    def unanswered(self) -> Sequence[str]:
        """Note those of this station whose terminal has been silent for too long; answers their ids."""
        if self._desk.is_shut():
            return []
        with self._store.read() as read:
            station = read.station().station
            late = read.unanswered_payments(station, self._clock.now())
        if not late:
            return []
        with self._store.begin() as work:
            late = work.read.unanswered_payments(station, self._clock.now())
            for standing in late:
                work.append(unknown(work, standing, "time"), SYSTEM, shift=standing.shift or None)
            work.commit()
        self._nudge()
        return [standing.payment for standing in late]


class ResolvePayment(_Steps):
    """A person has found out whether the money has moved. Whoever began the payment in their own shift may
    say so, and whoever may act in others' shifts. Money that has moved is booked in the open shift here.

    Refuses NOT_ALLOWED, NO_SHIFT, PAYMENT_NOT_FOUND, PAYMENT_STATE, REASON_NEEDED, REFERENCE_IS_CARD,
    RIGHT_NEEDED, REVOKED.
    """

    def __init__(
        self, store: Store, signer: CodeSigner, clock: Clock, nudge: Nudge, desk: RightsDesk
    ) -> None:
        super().__init__(store, nudge, desk)
        self._signer = signer
        self._clock = clock

    def open(self, actor: Actor) -> Sequence[PaymentStanding]:
        """The payments that the actor may clear up: those of all stations, or only their own."""
        require(actor, Permission.SELL)
        with self._store.read() as read:
            found = read.open_payments()
        every = actor.may(Permission.OTHER_SHIFTS)
        return [one for one in found if every or one.cashier == actor.user]

    def __call__(
        self, payment: str, actor: Actor, *, taken: bool, reason: str, reference: str = ""
    ) -> PaidNow:
        """The order as it is now. The same word again changes nothing; another one is refused. Nothing is
        changed when it raises, but that a right was asked for."""
        require(actor, Permission.SELL)
        self._check_open()
        check_reference(reference)
        why = reason_of(reason)
        with self._store.begin() as work:
            standing = _standing(work.read, payment)
            if standing.cashier != actor.user:
                require(actor, Permission.OTHER_SHIFTS)
            view = order_of(work, standing.order)
            if standing.state is (PaymentState.TAKEN if taken else PaymentState.FAILED):
                return self._done(view)
            if not standing.is_open:
                raise _wrong_state(standing)
            shift = shift_of(work) if taken else work.read.running_shift(work.read.station().station)
            right = self._desk.need(work, view, Act.PAY, actor)
            drafts = self._drafts(work, view, standing, right, (taken, why, reference))
            work.append_many([*drafts, *_used(work, view, right)], actor, shift=shift)
            after = order_of(work, view.order)
            work.commit()
        self._nudge()
        return self._done(after)

    def _drafts(
        self,
        work: Work,
        view: OrderView,
        standing: PaymentStanding,
        right: RightState,
        said: tuple[bool, str, str],
    ) -> list[Draft]:
        taken, why, reference = said
        body = {
            "payment": standing.payment,
            "order": view.order,
            "taken": taken,
            "tender": standing.tender,
            "amount_minor": standing.amount.minor,
            "currency": view.currency,
            "reference": reference or None,
            "reason": why,
            "receipt": receipt_for(work.read, view) if taken else None,
            "practice": view.practice,
        }
        drafts = [Draft("payment_resolved", feeds_of(view), body)]
        if not taken and view.state == OrderState.RESERVED and _is_over(view, self._clock):
            drafts += released(work, view, "payment", right.request)
        return drafts

    def _done(self, view: OrderView) -> PaidNow:
        codes = codes_of(view, self._signer) if view.state == OrderState.PAID else {}
        return PaidNow(view, codes, Money(0, view.currency))


def unknown(work: Work, standing: PaymentStanding, reason: str) -> Draft:
    """The entry that says that nobody knows."""
    body = {"payment": standing.payment, "order": standing.order, "reason": reason}
    return Draft("payment_unknown", feeds_of(order_of(work, standing.order)), body)


def _standing(read: Reads, payment: str) -> PaymentStanding:
    found = read.payment(payment)
    if found is None:
        raise Refusal("PAYMENT_NOT_FOUND", text=payment[:40])
    return found


def _check_waiting(read: Reads, standing: PaymentStanding) -> None:
    """Only where a terminal is waited for does its word count; elsewhere, and later, a person's does."""
    if standing.state is not PaymentState.STARTED:
        raise _wrong_state(standing)
    if standing.station != read.station().station:
        raise Refusal("PAYMENT_ELSEWHERE", station=standing.station_name)


def _wrong_state(standing: PaymentStanding) -> Refusal:
    return Refusal("PAYMENT_STATE", order=standing.reference, payment_state=standing.state.value)


def _is_over(view: OrderView, clock: Clock) -> bool:
    """Whether nothing keeps the places of a reservation but its payment."""
    return view.state == OrderState.RESERVED and view.until_at is not None and view.until_at <= clock.now()


def _used(work: Work, view: OrderView, right: RightState) -> Sequence[Draft]:
    return work.rights.used(view.order, right.number) if right.number else ()


def _places(parts: Sequence[SoldPart]) -> list[dict[str, object]]:
    """The places of an order by pool and lease; none of an order so large that they would not fit."""
    found: dict[tuple[object, object], list[object]] = {}
    for part in parts:
        for place in part.places:
            slots = place["slots"]
            if isinstance(slots, list):
                found.setdefault((place["pool"], place["lease"]), []).extend(slots)
    places: list[dict[str, object]] = [
        {"pool": pool, "lease": lease, "slots": slots} for (pool, lease), slots in found.items()
    ]
    return places if len(canonical({"slots": places})) <= PLACES_BYTES else []
