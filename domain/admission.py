"""Who may pass: the admission rules applied in order, and the guard against one code scanned twice.

The types live in `admission_facts`, the rules in `admission_rules`; all of them are offered here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.admission_case import Case
from domain.admission_facts import (
    ALONE,
    LIVE,
    Claim,
    Confidence,
    ConfidenceMode,
    Decision,
    Direction,
    GatePolicy,
    Heard,
    Listed,
    Scan,
    Severity,
    SignatureStatus,
    TextKind,
    TicketFacts,
    TraceStep,
    UnknownPolicy,
    Use,
    Verdict,
)
from domain.admission_rules import ENTRY_RULES, EXIT_RULES, RULES
from domain.errors import Param

__all__ = [
    "ALONE",
    "LIVE",
    "RULES",
    "Claim",
    "Confidence",
    "ConfidenceMode",
    "Decision",
    "Direction",
    "GatePolicy",
    "Heard",
    "Listed",
    "RepeatGuard",
    "Scan",
    "Severity",
    "SignatureStatus",
    "TextKind",
    "TicketFacts",
    "TraceStep",
    "UnknownPolicy",
    "Use",
    "Verdict",
    "decide",
]


SEVERITIES = {
    Verdict.ADMIT: Severity.ADMIT,
    Verdict.EXIT: Severity.INFO,
    Verdict.REPEAT: Severity.INFO,
    Verdict.UNPAID: Severity.ATTENTION,
    Verdict.IN_PROGRESS: Severity.ATTENTION,
    Verdict.WAIT: Severity.ATTENTION,
    Verdict.FULL: Severity.ATTENTION,
}
"""Amber where waiting, paying or asking helps; what is not listed is red."""

IN_VIEW = timedelta(seconds=4)
SAME_FACT = timedelta(minutes=1)
MOST_REMEMBERED = 512


def decide(
    facts: TicketFacts | None, scan: Scan, policy: GatePolicy, confidence: Confidence = LIVE
) -> Decision:
    """Apply the admission rules in order; the first that refuses wins, and the trace says why.

    `facts` is what is known here of the ticket (None = unknown). Pure: nothing is used up by asking. A ticket
    that the policy lets in on trust opens with verdict UNKNOWN or UNKNOWN_KEY and severity `attention`.
    """
    case = Case(facts, scan, policy)
    trace: list[TraceStep] = []
    for verdict, ask in EXIT_RULES if case.leaving else ENTRY_RULES:
        seen, params = ask(case)
        trace.append(TraceStep(verdict, params is None, seen))
        if params is not None:
            return _decision(case, verdict, params, confidence, trace)
    final = Verdict.EXIT if case.leaving else Verdict.ADMIT
    trace.append(TraceStep(final, passed=True))
    return _decision(case, case.flag or final, {}, confidence, trace, opens=True)


def _decision(
    case: Case,
    verdict: Verdict,
    params: Mapping[str, Param],
    confidence: Confidence,
    trace: list[TraceStep],
    *,
    opens: bool = False,
) -> Decision:
    product = None if case.subject is None else case.subject.product
    flagged = opens and verdict is case.flag
    severity = Severity.ATTENTION if flagged else SEVERITIES.get(verdict, Severity.REFUSE)
    return Decision(
        verdict=verdict,
        opens=opens,
        severity=severity,
        confidence=confidence,
        params=params,
        facts=case.facts,
        concession=None if product is None else product.concession,
        concession_ru=None if product is None else product.concession_ru,
        entries_left=_left(case, opens),
        first=case.entries[0] if case.entries else None,
        valid_until_at=case.window_after(opens)[1],
        trace=tuple(trace),
    )


def _left(case: Case, opens: bool) -> int | None:
    """Entries left after the decision; None where there is no limit or nothing is known."""
    left = None if case.subject is None else case.left()
    if left is None or not opens or case.leaving:
        return left
    return max(0, left - case.cost)


@dataclass(slots=True)
class _Sighting:
    decision: Decision
    decided_at: datetime
    seen_at: datetime


class RepeatGuard:
    """Remembers, per lane, the codes in view, so that one code held to a scanner is decided once.

    Keys are the ticket's serial, or the text for anything that has none. One guard serves all lanes of a
    station; it belongs to one thread.
    """

    def __init__(self) -> None:
        self._sightings: dict[tuple[str, str], _Sighting] = {}
        self._recorded: dict[tuple[str, str], datetime] = {}

    def look(self, code_key: str, lane: str, at: datetime) -> Decision | None:
        """REPEAT while the code stays in view or within 4 s of its last sighting; else None: decide it.

        Counts as a sighting. The answer never opens, carries the first decision's facts and words, and the
        parameters `verdict` (the first answer), `opened` (whether it let in) and `seconds` (since then).
        """
        sighting = self._sightings.get((lane, code_key))
        if sighting is None or abs(at - sighting.seen_at) > IN_VIEW:
            return None
        sighting.seen_at = at
        first = sighting.decision
        seconds = max(0, (at - sighting.decided_at) // timedelta(seconds=1))
        return replace(
            first,
            verdict=Verdict.REPEAT,
            opens=False,
            severity=SEVERITIES[Verdict.REPEAT] if first.opens else first.severity,
            params={
                **first.params,
                "verdict": first.verdict.value,
                "opened": first.opens,
                "seconds": seconds,
            },
        )

    def remember(self, code_key: str, lane: str, at: datetime, decision: Decision) -> None:
        """Keep the answer just given, to be repeated."""
        if len(self._sightings) >= MOST_REMEMBERED:
            self._sightings = {
                key: old for key, old in self._sightings.items() if abs(at - old.seen_at) <= IN_VIEW
            }
        self._sightings[lane, code_key] = _Sighting(decision, at, at)

    def forget(self, code_key: str) -> None:
        """Decide this code anew at once on every lane: after an undo, an override, a payment at the gate."""
        self._sightings = {key: old for key, old in self._sightings.items() if key[1] != code_key}

    def should_record(self, code_key: str, lane: str, at: datetime, decision: Decision) -> bool:
        """Whether the decision is to be written as a fact; the call itself counts as the writing.

        Whatever opens: always. UNREADABLE and REPEAT: never. Other refusals: once per code, lane and minute.
        """
        if decision.opens:
            return True
        if decision.verdict in (Verdict.UNREADABLE, Verdict.REPEAT):
            return False
        last_at = self._recorded.get((lane, code_key))
        if last_at is not None and abs(at - last_at) < SAME_FACT:
            return False
        if len(self._recorded) >= MOST_REMEMBERED:
            self._recorded = {key: old for key, old in self._recorded.items() if abs(at - old) < SAME_FACT}
        self._recorded[lane, code_key] = at
        return True
