"""What happens to an order after its sale: what it has come to, and what is given back to whom.

All of it is computed from the set of entries about the order, so it does not matter which came first.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from domain.errors import Refusal
from domain.order import Tender
from domain.states import OrderState

RETURNABLE = frozenset({Tender.CASH, Tender.CARD, Tender.TRANSFER, Tender.VOUCHER, Tender.OTHER})
"""What money can be given back with."""


@dataclass(frozen=True, slots=True)
class Course:
    """All facts that make the state of an order. `due_minor` and `paid_minor` in its currency; `serials` are
    its tickets, `back` those that were refunded or exchanged, `voided` whether it was undone as a whole."""

    reserved: bool
    due_minor: int
    paid_minor: int
    serials: Collection[str]
    back: Collection[str] = ()
    voided: bool = False
    released: bool = False
    payments: int = 0


def order_state(course: Course) -> OrderState:
    """What the order has come to. Who has paid in full has paid, also after a release that came too early:
    that is a conflict for a person, not a guest's loss at the gate."""
    if course.voided:
        return OrderState.VOID
    back = set(course.back) & set(course.serials)
    if back and back == set(course.serials):
        return OrderState.REFUNDED
    if course.reserved and not is_paid(course):
        return OrderState.RELEASED if course.released else OrderState.RESERVED
    return OrderState.PARTLY_REFUNDED if back else OrderState.PAID


def is_paid(course: Course) -> bool:
    """Whether nothing is left to pay; a free reservation is paid once somebody has said so."""
    return course.payments > 0 and course.paid_minor >= course.due_minor


def unpaid_minor(course: Course) -> int:
    """What is left to pay."""
    return max(0, course.due_minor - course.paid_minor) if course.reserved else 0


@dataclass(frozen=True, slots=True)
class Paid:
    """What came in with one tender, less what went back with it already."""

    tender: Tender
    left_minor: int
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Payout:
    """What goes back with one tender."""

    tender: Tender
    amount_minor: int
    reference: str = ""


def payouts(
    amount_minor: int, paid: Sequence[Paid], currency: str, tender: Tender | None = None
) -> Sequence[Payout]:
    """How an amount goes back: with the tender asked for, else with those it came in, the first ones first.

    Raises Refusal TENDER_NOT_TAKEN (tender), REFUND_TOO_LARGE (most_minor, amount_minor, currency) when
    more would go back than came in.
    """
    most = sum(each.left_minor for each in paid)
    if amount_minor > most:
        raise Refusal("REFUND_TOO_LARGE", amount_minor=amount_minor, most_minor=most, currency=currency)
    if tender is not None:
        if tender not in RETURNABLE:
            raise Refusal("TENDER_NOT_TAKEN", tender=tender.value)
        return [Payout(tender, amount_minor)] if amount_minor else []
    left, found = amount_minor, []
    for each in paid:
        part = min(left, each.left_minor)
        if part > 0:
            found.append(Payout(each.tender, part, each.reference))
            left -= part
    return found


def merge_paid(came: Iterable[Paid], went: Iterable[Payout]) -> Sequence[Paid]:
    """What is left of each tender after what was given back; more than came of one is taken off others."""
    left = dict.fromkeys(Tender, 0)
    references: dict[Tender, str] = {}
    order: list[Tender] = []
    for each in came:
        left[each.tender] += each.left_minor
        references.setdefault(each.tender, each.reference)
        if each.tender not in order:
            order.append(each.tender)
    over = 0
    for out in went:
        left[out.tender] -= out.amount_minor
    for tender in Tender:
        if left[tender] < 0:
            over -= left[tender]
            left[tender] = 0
    found = []
    for tender in order:
        taken = min(over, left[tender])
        over -= taken
        found.append(Paid(tender, left[tender] - taken, references[tender]))
    return found
