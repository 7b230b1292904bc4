"""Conflicts of money after the sale: paid twice, paid though given up, refunded twice, a value overspent."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from domain.conflicts import Code, Finding, SubjectKind, finding, subject_of


@dataclass(frozen=True, slots=True)
class Booked:
    """Money that came in for an order, or that a value was spent or filled with."""

    entry_id: str
    hlc: str
    at_ms: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Tickets that were taken back for money by one entry."""

    entry_id: str
    hlc: str
    at_ms: int
    serials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoneyCase:
    """All facts about the money of one order. `due_minor` None while its sale has not come."""

    order: str
    event: int = 0
    due_minor: int | None = None
    payments: tuple[Booked, ...] = ()
    releases: tuple[Booked, ...] = ()
    backs: tuple[GivenBack, ...] = ()


def money_conflicts(case: MoneyCase) -> list[Finding]:
    """PAID_TWICE, PAID_AFTER_RELEASE and REFUND_TWICE of an order."""
    subject = subject_of(SubjectKind.ORDER, case.order)
    found = []
    beyond = _beyond(case.payments, case.due_minor)
    if beyond:
        ids = (one.entry_id for one in case.payments)
        at_ms = min(one.at_ms for one in beyond)
        found.append(finding(Code.PAID_TWICE, subject, ids, at_ms, event=case.event))
    if case.payments and case.releases:
        both = (*case.payments, *case.releases)
        later = max(min(one.at_ms for one in case.payments), min(one.at_ms for one in case.releases))
        ids = (one.entry_id for one in both)
        found.append(finding(Code.PAID_AFTER_RELEASE, subject, ids, later, event=case.event))
    twice = {
        serial for serial, times in Counter(s for one in case.backs for s in one.serials).items() if times > 1
    }
    again = sorted((one for one in case.backs if twice & set(one.serials)), key=_order)
    if again:
        ids = (one.entry_id for one in again)
        found.append(finding(Code.REFUND_TWICE, subject, ids, again[1].at_ms, event=case.event))
    return sorted(found, key=lambda one: one.code)


def _order(one: Booked | GivenBack) -> tuple[str, str]:
    return one.hlc, one.entry_id


def _beyond(payments: Sequence[Booked], due_minor: int | None) -> list[Booked]:
    """The payments that came when everything was paid already, by their stamps."""
    if due_minor is None:
        return []
    paid, beyond = 0, []
    for at, one in enumerate(sorted(payments, key=_order)):
        if at and paid >= due_minor:
            beyond.append(one)
        paid += one.amount_minor
    return beyond if paid > due_minor or (beyond and due_minor == 0) else []


def value_conflicts(value: str, filled: Sequence[Booked], spent: Sequence[Booked]) -> list[Finding]:
    """VALUE_OVERSPENT: more was taken from a value than was ever put on it. One conflict per value, on all of
    its spendings; the first that went too far says when."""
    left = sum(one.amount_minor for one in filled)
    late = None
    for one in sorted(spent, key=_order):
        left -= one.amount_minor
        if left < 0:
            late = one
            break
    if late is None:
        return []
    subject = subject_of(SubjectKind.VALUE, value)
    return [finding(Code.VALUE_OVERSPENT, subject, (one.entry_id for one in spent), late.at_ms)]
