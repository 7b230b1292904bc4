"""Conflicts of one ticket: let in more often than its rules allow, on an old print, after a cancellation,
although its money was given back by somebody who did not know of it, or without ever having been sold.

Each admission that counts is in at most one conflict as the one too many: the first reason decides, in the
order in which a gate asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.admission_case import Case
from domain.admission_facts import Direction, GatePolicy, Listed, Scan, TicketFacts, Use, Verdict
from domain.admission_rules import already_inside, already_used, no_entries_left, too_late, wait
from domain.catalogue import Event, Gate, Performance, Product
from domain.clock import from_ms
from domain.conflicts import Code, Finding, SubjectKind, finding, subject_of
from domain.validity import ValidityStart, local_day

ON_TRUST = frozenset({Verdict.UNKNOWN.value, Verdict.UNKNOWN_KEY.value})
"""Verdicts of an admission whose ticket the gate had not heard of."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One admission or exit that is not undone. `at_ms` is the gate's own clock; `print_number` 0 = the
    ticket was chosen by hand."""

    entry_id: str
    hlc: str
    at_ms: int
    gate: str
    direction: Direction
    verdict: str = ""
    print_number: int = 0
    people: int = 1
    station: str = ""
    at_event: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """Something that happened once: a cancellation of `event`, or print `number` of the ticket."""

    entry_id: str
    hlc: str
    event: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Back:
    """The ticket's money was given back; `seen`: the admissions of it that were known then."""

    entry_id: str
    seen: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TicketCase:
    """All facts of one ticket. `sold` is None while its sale has not come; `product` is None while the
    catalogue here does not list it, and then nothing can be said about how often it may be used."""

    serial: str
    event: int
    passages: tuple[Passage, ...]
    sold_ms: int | None = None
    admits: int = 1
    product: Product | None = None
    listed_event: Event | None = None
    performance: Performance | None = None
    prints: tuple[Act, ...] = ()
    cancellations: tuple[Act, ...] = ()
    backs: tuple[Back, ...] = ()


@dataclass(slots=True)
class _Found:
    """What belongs to one conflict so far."""

    at_ms: int
    entries: set[str] = field(default_factory=set)


def ticket_conflicts(case: TicketCase) -> list[Finding]:
    """The conflicts of a ticket, by code and window."""
    found: dict[tuple[Code, str], _Found] = {}
    allowed: list[Passage] = []
    for passage in sorted(case.passages, key=lambda each: (each.hlc, each.entry_id)):
        if passage.direction is Direction.EXIT:
            allowed.append(passage)
            continue
        code, window, sides = _too_many(case, passage, allowed)
        if code in (None, Code.UNKNOWN_TICKET):
            allowed.append(passage)
        if code is not None:
            one = found.setdefault((code, window), _Found(passage.at_ms))
            one.at_ms = min(one.at_ms, passage.at_ms)
            one.entries |= {passage.entry_id, *sides}
    subject = subject_of(SubjectKind.TICKET, case.serial)
    return [
        finding(code, subject, one.entries, one.at_ms, window=window, event=case.event)
        for (code, window), one in sorted(found.items())
    ]


def _too_many(
    case: TicketCase, passage: Passage, allowed: Sequence[Passage]
) -> tuple[Code | None, str, Sequence[str]]:
    """Why this entry should not have been, its window, and the entries that say so."""
    events = {case.event, passage.at_event}
    cancelled = [act.entry_id for act in case.cancellations if act.event in events and act.hlc < passage.hlc]
    if cancelled:
        return Code.ADMITTED_AFTER_CANCEL, "", cancelled
    newer = [
        act.entry_id for act in case.prints if 0 < passage.print_number < act.number and act.hlc < passage.hlc
    ]
    if newer:
        return Code.ADMITTED_AFTER_REPRINT, "", newer
    refunds = [back.entry_id for back in case.backs if passage.entry_id not in back.seen]
    if refunds:
        return Code.ADMITTED_AFTER_REFUND, "", refunds
    if case.product is not None and _beyond_rules(case, case.product, passage, allowed):
        window = _day(case, passage) if case.product.is_pass else ""
        before = [each for each in allowed if not window or _day(case, each) == window]
        return Code.DUP_ADMISSION, window, [each.entry_id for each in before or allowed[-1:]]
    if case.sold_ms is None and passage.verdict in ON_TRUST:
        return Code.UNKNOWN_TICKET, "", ()
    return None, "", ()


def _beyond_rules(case: TicketCase, product: Product, passage: Passage, allowed: Sequence[Passage]) -> bool:
    """Whether the rules that count uses would have refused, had the gate known of all that was before."""
    event = case.listed_event or Event(product.event, "", "", "UTC")
    uses = tuple(
        Use(from_ms(each.at_ms), each.gate, each.direction, entry_id=each.entry_id, people=each.people)
        for each in allowed
    )
    facts = listed = None
    if case.sold_ms is None:
        listed = Listed(product, event, case.performance)
    else:
        facts = TicketFacts(
            serial=case.serial, product=product, event=event, sold_at=from_ms(case.sold_ms),
            performance=case.performance, admits=case.admits, uses=uses,
        )  # fmt: skip
    scan = Scan(
        gate=Gate(passage.gate), at=from_ms(passage.at_ms), serial=case.serial, people=passage.people,
        listed=listed, seen=uses if facts is None else (),
    )  # fmt: skip
    asked = Case(facts, scan, GatePolicy(zone=event.zone))
    rules = [already_used, already_inside, wait, no_entries_left]
    if uses and facts is not None and product.validity.start is ValidityStart.FIRST_USE:
        rules.append(too_late)
    return any(rule(asked)[1] is not None for rule in rules)


def _day(case: TicketCase, passage: Passage) -> str:
    zone = case.listed_event.zone if case.listed_event is not None else "UTC"
    return local_day(from_ms(passage.at_ms), zone).isoformat()
