"""Whether this station may sell at all: its certificate's end, and a clock that nobody would believe."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from app.services.access import require
from app.services.ports import Nudge, Reads, Store
from app.services.views import ShiftView
from domain.actor import Actor, Permission
from domain.certificates import Certificate, Usage
from domain.clock import Clock, to_text
from domain.clock_check import ClockState, judge_clock
from domain.entry import CASH, Draft
from domain.errors import GatehouseError, Refusal

Certificates = Callable[[], Sequence[Certificate]]
Offset = Callable[[], int | None]


class MaySell:
    """Asked before every sale; cheap while nothing is wrong.

    `certificates` are those of this station's present key: none where there is no organization's root, and
    then there is nothing to be over. `offset_ms`: the hub's time minus ours, as last measured.
    """

    def __init__(self, store: Store, certificates: Certificates, clock: Clock, offset_ms: Offset) -> None:
        self._store = store
        self._certificates = certificates
        self._clock = clock
        self._offset_ms = offset_ms

    def __call__(self) -> GatehouseError | None:
        """CERTIFICATE_ENDED (not_after), CERTIFICATE_NOT_FOR_SALE; CLOCK_UNCONFIRMED (date, minutes) in an
        open shift where nobody has confirmed the date yet. None: nothing stands in the way."""
        return self.certificate() or self._date()

    def certificate(self) -> Refusal | None:
        """What its certificate says against selling. One that has not begun is a matter of the clock."""
        known = self._certificates()
        if not known:
            return None
        for_sale = [one for one in known if Usage.SELL in one.usage]
        if not for_sale:
            return Refusal("CERTIFICATE_NOT_FOR_SALE")
        now = self._clock.now()
        if any(one.may_sell_at(now) or now < one.not_before for one in for_sale):
            return None
        ended = max(one.not_after for one in for_sale if one.not_after is not None)
        return Refusal("CERTIFICATE_ENDED", not_after=to_text(ended))

    def _date(self) -> Refusal | None:
        offset_ms = self._offset_ms()
        if judge_clock(self._clock.now(), offset_ms) is not ClockState.WRONG:
            return None
        with self._store.read() as read:
            shift = read.running_shift(read.station().station)
            if shift is None or read.clock_confirmed(shift):
                return None
            return unconfirmed(read, self._clock, offset_ms)


class ConfirmDate:
    """Somebody at the counter has looked: the date shown is the right one. Once per shift, and recorded."""

    def __init__(self, store: Store, clock: Clock, offset_ms: Offset, nudge: Nudge) -> None:
        self._store = store
        self._clock = clock
        self._offset_ms = offset_ms
        self._nudge = nudge

    def __call__(self, actor: Actor) -> ShiftView:
        """The shift that goes on. Refuses NO_SHIFT. Nothing is written where nothing needs it."""
        require(actor, Permission.SELL)
        offset_ms = self._offset_ms()
        now = self._clock.now()
        with self._store.begin() as work:
            shift = work.read.open_shift(work.read.station().station)
            if shift is None:
                raise Refusal("NO_SHIFT")
            wrong = judge_clock(now, offset_ms) is ClockState.WRONG
            if not wrong or work.read.clock_confirmed(shift.shift):
                return shift
            body = {"shift": shift.shift, "shown_at": to_text(now), "offset_ms": offset_ms}
            work.append(Draft("clock_stepped", (CASH,), body), actor, shift=shift.shift)
            work.commit()
        self._nudge()
        return shift


def unconfirmed(read: Reads, clock: Clock, offset_ms: int | None) -> Refusal:
    """CLOCK_UNCONFIRMED with the date as this machine shows it, and how many minutes it is off."""
    shown = clock.now().astimezone(ZoneInfo(read.organization().zone))
    off = {} if offset_ms is None else {"minutes": abs(offset_ms) // 60_000}
    return Refusal("CLOCK_UNCONFIRMED", date=f"{shown:%Y-%m-%d %H:%M}", **off)
