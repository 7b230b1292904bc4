"""Shifts: opened with a float, closed with a count. A close never waits for a printer or the network."""

from dataclasses import asdict

from app.services.access import Need, authorise, require
from app.services.payments import unknown
from app.services.ports import Nudge, Store, Work
from app.services.views import ShiftView
from domain.actor import Actor, Permission
from domain.entry import CASH, Draft
from domain.errors import Refusal
from domain.ids import RandomBytes, uuid4
from domain.permissions import Limit
from domain.states import PaymentState


class OpenShift:
    """Opens the shift of this station. Refuses SHIFT_ALREADY_OPEN (whose it is)."""

    def __init__(self, store: Store, random_bytes: RandomBytes, nudge: Nudge) -> None:
        self._store = store
        self._random = random_bytes
        self._nudge = nudge

    def __call__(self, float_minor: int, actor: Actor, drawer: str = "1") -> ShiftView:
        """The shift that is open now. `float_minor` is the cash put into the drawer, not negative."""
        require(actor, Permission.SHIFT)
        if float_minor < 0:
            raise Refusal("AMOUNT_INVALID", text=str(float_minor))
        shift = uuid4(self._random)
        with self._store.begin() as work:
            station = work.read.station()
            open_shift = work.read.open_shift(station.station)
            if open_shift is not None:
                raise Refusal("SHIFT_ALREADY_OPEN", cashier=open_shift.cashier_name)
            body = {
                "shift": shift,
                "drawer": drawer,
                "float_minor": float_minor,
                "currency": work.read.organization().currency,
            }
            work.append(Draft("shift_opened", (CASH,), body), actor, shift=shift)
            opened = work.read.open_shift(station.station)
            work.commit()
        self._nudge()
        if opened is None:
            raise AssertionError("a shift that was just opened is not there")
        return opened


class ShiftNow:
    """The X report: what the open shift has taken so far. Changes nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, actor: Actor) -> ShiftView | None:
        """The open shift of this station, None when there is none."""
        require(actor, Permission.SHIFT)
        with self._store.read() as read:
            return read.open_shift(read.station().station)

    def last(self, actor: Actor) -> ShiftView | None:
        """The latest closed shift of this station: its Z report can be printed again."""
        require(actor, Permission.SHIFT)
        with self._store.read() as read:
            return read.last_shift(read.station().station)


class CloseShift:
    """Closes the open shift with what was counted in the drawer, and numbers the Z report. A payment whose
    terminal has not answered is unknown from now on: it stands on the Z; whoever clears it up books it."""

    def __init__(self, store: Store, nudge: Nudge) -> None:
        self._store = store
        self._nudge = nudge

    def __call__(self, counted_minor: int, actor: Actor, approval: str | None = None) -> ShiftView:
        """The closed shift. Refuses NO_SHIFT, AMOUNT_INVALID; NOT_ALLOWED for another's shift;
        APPROVAL_NEEDED and APPROVAL_INVALID when the drawer is off by more than the cashier's limit."""
        require(actor, Permission.SHIFT)
        if counted_minor < 0:
            raise Refusal("AMOUNT_INVALID", text=str(counted_minor))
        with self._store.begin() as work:
            station = work.read.station()
            shift = work.read.open_shift(station.station)
            if shift is None:
                raise Refusal("NO_SHIFT")
            if shift.cashier != actor.user:
                require(actor, Permission.OTHER_SHIFTS)
            off = abs(counted_minor - shift.expected.minor)
            who = authorise(work, Need("close_shift", shift.shift, Limit.DIFFERENCE, off), actor, approval)
            self._leave_unknown(work, shift, who)
            body = {
                "shift": shift.shift,
                "number": work.read.next_shift_number(station.station),
                "currency": shift.expected.currency,
                "float_minor": shift.float_.minor,
                "expected_minor": shift.expected.minor,
                "counted_minor": counted_minor,
                "difference_minor": counted_minor - shift.expected.minor,
                "tenders": dict(shift.tenders),
                "receipts": {
                    "first": shift.receipts_first,
                    "last": shift.receipts_last,
                    "count": shift.receipts_count,
                },
                "unknown": [asdict(one) for one in shift.unknown],
            }
            work.append(Draft("shift_closed", (CASH,), body), who, shift=shift.shift)
            closed = work.read.shift(shift.shift)
            work.commit()
        self._nudge()
        if closed is None:
            raise AssertionError("a shift that was just closed is not there")
        return closed

    @staticmethod
    def _leave_unknown(work: Work, shift: ShiftView, who: Actor) -> None:
        standings = [work.read.payment(one.payment) for one in shift.unknown]
        work.append_many(
            [
                unknown(work, one, "shift_closed")
                for one in standings
                if one is not None and one.state is PaymentState.STARTED
            ],
            who,
            shift=shift.shift,
        )
