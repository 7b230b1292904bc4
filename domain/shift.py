"""A cashier's shift: what should be in the drawer, business days, receipt numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.order import Payment, Tender
from domain.states import PaymentState, ShiftState
from domain.validity import local_day

FIRST_EPOCH = 1


class MovementKind(StrEnum):
    """Cash that enters or leaves the drawer without a sale."""

    PAID_IN = "paid_in"
    PAID_OUT = "paid_out"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement; `amount_minor` is positive whatever its direction."""

    kind: MovementKind
    amount_minor: int
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """One cashier at one drawer. `number` counts the shifts of a station; amounts in minor units."""

    shift_id: str
    number: int
    station: str
    cashier: str
    drawer: str
    currency: str
    float_minor: int
    opened_at: datetime
    state: ShiftState = ShiftState.OPEN
    counted_minor: int | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TenderTotal:
    """Money of one tender in a shift: taken from guests, and given back as refunds."""

    taken_minor: int = 0
    refunded_minor: int = 0

    @property
    def kept_minor(self) -> int:
        """Taken less refunded."""
        return self.taken_minor - self.refunded_minor


def expected_cash(
    float_minor: int,
    cash_taken_minor: int,
    change_minor: int,
    cash_refunds_minor: int,
    movements: Iterable[Movement] = (),
) -> int:
    """What should lie in the drawer: float + cash taken − change − cash refunds + paid-in − paid-out − drops.

    `cash_taken_minor` is what guests handed over, before change.
    """
    moved = sum(
        movement.amount_minor if movement.kind is MovementKind.PAID_IN else -movement.amount_minor
        for movement in movements
    )
    return float_minor + cash_taken_minor - change_minor - cash_refunds_minor + moved


def totals_by_tender(
    payments: Iterable[Payment], refunds: Iterable[Payment] = ()
) -> Mapping[Tender, TenderTotal]:
    """Sums per tender of what was really taken and given back (state `taken`); tenders in fixed order."""
    taken, refunded = _sums(payments), _sums(refunds)
    return {
        tender: TenderTotal(taken.get(tender, 0), refunded.get(tender, 0))
        for tender in Tender
        if tender in taken or tender in refunded
    }


def _sums(payments: Iterable[Payment]) -> dict[Tender, int]:
    sums: dict[Tender, int] = {}
    for payment in payments:
        if payment.state is PaymentState.TAKEN:
            sums[payment.tender] = sums.get(payment.tender, 0) + payment.amount.minor
    return sums


def difference(counted_minor: int, expected_minor: int) -> int:
    """Counted less expected: below zero, money is missing."""
    return counted_minor - expected_minor


def business_day(at: datetime, zone: str, ends_hour: int = 5) -> date:
    """The business day of an instant in the venue's zone: a sale at 00:30 belongs to the evening before."""
    return local_day(at, zone, ends_hour)


def receipt_text(prefix: str, epoch: int, number: int, practice: bool = False) -> str:
    """A receipt number as printed: `K1-000042`; in the second epoch `K1B-000001`; practice `K1-P000001`.

    Epochs count from 1; the letter is B for the second, C for the third, AA for the 27th.
    Raises ValueError for an epoch or number below 1.
    """
    if epoch < FIRST_EPOCH or number < 1:
        raise ValueError("epoch and number begin at 1")
    return f"{prefix}{_epoch_letters(epoch)}-{'P' if practice else ''}{number:06d}"


def _epoch_letters(epoch: int) -> str:
    if epoch == FIRST_EPOCH:
        return ""
    letters = ""
    while epoch:
        epoch, rest = divmod(epoch - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
