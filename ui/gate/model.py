"""What the gate screen shows, as plain values, and how a decision becomes one of them. No Qt here.

Words of verdicts, refusals and faults come from ui.messages; names come in the person's language and times
in the zone of the venue. What labels need (`First used …`) is worded by the view.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app import formats
from app.services.facade import DeviceStatus
from app.services.gate import GateAnswer
from app.services.views import GateCounters, ScanRow, TicketView
from domain.admission import SEVERITIES, ConfidenceMode, Decision, Direction, Severity, TicketFacts, Verdict
from domain.catalogue import localized
from domain.errors import GatehouseError, Refusal
from ui import messages

Meaning = Literal["admit", "refuse", "attention", "info"]
OPENING_VERDICTS = frozenset({Verdict.ADMIT, Verdict.EXIT})


@dataclass(frozen=True, slots=True)
class Locale:
    """How a person reads: language (`en`, `ru`), the venue's IANA zone, and names of users by their id."""

    language: str
    zone: str
    people: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VerdictModel:
    """One verdict, ready to be laid out. Empty strings are left out.

    `verdict` is empty where nothing could be decided. `checked`: only looked at, nothing was used up.
    `confidence` is empty then too; `since` is a time for people.
    """

    verdict: str
    meaning: Meaning
    word: str
    reason: str
    advice: str
    product: str = ""
    event: str = ""
    when: str = ""
    seat: str = ""
    reference: str = ""
    guest: str = ""
    first_used: str = ""
    first_gate: str = ""
    entries_left: int | None = None
    people: int = 1
    valid_until: str = ""
    concession: str = ""
    confidence: str = ""
    since: str = ""
    checked: bool = False
    opened: bool = False


@dataclass(frozen=True, slots=True)
class ScanLineModel:
    """A row of the last scans."""

    entry_id: str
    serial: str | None
    meaning: Meaning
    word: str
    when: str
    product: str
    reference: str
    gate: str
    lane: str
    undone: bool
    undoable: bool
    leaving: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket that a typed reference may mean."""

    serial: str
    reference: str
    product: str
    event: str
    when: str
    state: str
    order: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a setting: what is stored and what is read."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class SetupModel:
    """Where the gate stands. `performance` is a performance's code, empty = all. `pinned` are the names of
    settings that come from the command line or the environment and cannot be changed here."""

    gate: str
    gate_name: str
    lane: str
    performance: str
    performance_name: str
    gates: tuple[Choice, ...] = ()
    performances: tuple[Choice, ...] = ()
    pinned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that stands on the status line until it is cured."""

    key: str
    kind: Literal["refusal", "fault", "info"]
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """The counters of this gate and of all gates."""

    here: GateCounters
    everywhere: GateCounters


def verdict_model(
    answer: GateAnswer, locale: Locale, now: datetime, *, checked: bool = False
) -> VerdictModel:
    """The verdict of an answer in words, with the facts of the ticket even when it is refused."""
    decision = answer.decision
    said = _said(decision, locale, now)
    facts = decision.facts
    first = decision.first
    return VerdictModel(
        verdict=decision.verdict.value,
        meaning=decision.severity.value,
        word=said.title,
        reason=said.reason,
        advice=said.advice,
        product=_product(facts, locale),
        event=_event(facts, locale),
        when=_when(facts, locale, now),
        seat=facts.seat if facts else "",
        reference=answer.reference or "",
        guest=answer.guest or "",
        first_used=formats.relative_datetime(first.at, now, locale.zone, locale.language) if first else "",
        first_gate=first.gate if first else "",
        entries_left=decision.entries_left if facts and facts.product.is_pass else None,
        people=facts.admits if facts else 1,
        valid_until=_valid_until(decision, locale),
        concession=localized(decision.concession or "", decision.concession_ru or "", locale.language),
        confidence=decision.confidence.mode.value,
        since=_since(decision, locale, now),
        checked=checked,
        opened=answer.opens,
    )


def failure_model(error: GatehouseError, locale: Locale, now: datetime) -> VerdictModel:
    """A scan that could not be decided. It is shown as large as a verdict: what stood there before is not
    an answer to the person who stands here now."""
    said = messages.sentence(error.code, error.params, locale.language, zone=locale.zone, now=now)
    meaning: Meaning = "refuse" if isinstance(error, Refusal) else "attention"
    return VerdictModel("", meaning, said.title, said.reason, said.advice)


def trouble(key: str, code: str, error: GatehouseError, locale: Locale, now: datetime) -> Trouble:
    """A fault or refusal for the status line."""
    said = messages.sentence(code, error.params, locale.language, zone=locale.zone, now=now)
    kind: Literal["refusal", "fault"] = "refusal" if isinstance(error, Refusal) else "fault"
    return Trouble(key, kind, said.title, said.text)


def lost_error(status: DeviceStatus) -> GatehouseError:
    """The fault of a lost device, with its detail under the names that the words may ask for."""
    where = status.detail
    return GatehouseError(
        status.code or "", device=status.device, source=where, file=where, port=where, detail=where
    )


def scan_line(row: ScanRow, locale: Locale, opened: frozenset[str]) -> ScanLineModel:
    """A row of the last scans; `opened` are entries of this sitting that let somebody in on trust."""
    verdict = Verdict(row.verdict)
    let_in = verdict in OPENING_VERDICTS or row.entry_id in opened
    severity = SEVERITIES.get(verdict, Severity.REFUSE)
    if let_in and verdict not in OPENING_VERDICTS:
        severity = Severity.ATTENTION
    product = row.product
    return ScanLineModel(
        entry_id=row.entry_id,
        serial=row.serial,
        meaning=severity.value,
        word=messages.verdict(row.verdict, {}, locale.language).title,
        when=formats.format_time(row.at, locale.zone, locale.language, seconds=True),
        product=localized(product.name, product.name_ru, locale.language) if product else "",
        reference=row.reference or "",
        gate=row.gate,
        lane=row.lane,
        undone=row.undone,
        undoable=let_in and not row.undone and row.serial is not None,
        leaving=row.direction == Direction.EXIT.value,
    )


def hit(ticket: TicketView, locale: Locale, now: datetime) -> Hit:
    """A found ticket for the list to choose from."""
    performance = ticket.performance
    return Hit(
        serial=ticket.serial,
        reference=ticket.reference,
        product=localized(ticket.product.name, ticket.product.name_ru, locale.language),
        event=localized(ticket.event.name, ticket.event.name_ru, locale.language),
        when=formats.relative_datetime(performance.starts_at, now, locale.zone, locale.language)
        if performance
        else "",
        state=ticket.state,
        order=ticket.order,
    )


def listening(statuses: Sequence[DeviceStatus], device: str) -> bool:
    """Whether a device is there and works."""
    return any(status.device == device and status.state in {"listening", "ready"} for status in statuses)


FLAGGED = frozenset({Verdict.UNKNOWN, Verdict.UNKNOWN_KEY})
"""Verdicts that the rule of a gate may let in all the same; then the words say so."""


def _said(decision: Decision, locale: Locale, now: datetime) -> messages.Message:
    """The words of the verdict; a repeated refusal says again what it refused."""
    name, params = decision.verdict.value, dict(decision.params)
    if decision.verdict is Verdict.REPEAT and not params.get("opened"):
        name = str(params.get("verdict", name))
    if decision.opens and decision.verdict in FLAGGED:
        name = f"{name}_ADMITTED"
    by = params.get("by")
    if isinstance(by, str) and by:
        params["by"] = locale.people.get(by, "")
    return messages.verdict(name, params, locale.language, zone=locale.zone, now=now)


def _product(facts: TicketFacts | None, locale: Locale) -> str:
    return localized(facts.product.name, facts.product.name_ru, locale.language) if facts else ""


def _event(facts: TicketFacts | None, locale: Locale) -> str:
    return localized(facts.event.name, facts.event.name_ru, locale.language) if facts else ""


def _when(facts: TicketFacts | None, locale: Locale, now: datetime) -> str:
    if facts is None or facts.performance is None:
        return ""
    return formats.relative_datetime(facts.performance.starts_at, now, facts.event.zone, locale.language)


def _valid_until(decision: Decision, locale: Locale) -> str:
    until_at, facts = decision.valid_until_at, decision.facts
    if until_at is None or facts is None or not facts.product.is_pass:
        return ""
    return formats.format_datetime(until_at, locale.zone, locale.language)


def _since(decision: Decision, locale: Locale, now: datetime) -> str:
    confidence = decision.confidence
    if confidence.mode is not ConfidenceMode.OFFLINE or confidence.since_at is None:
        return ""
    if formats.local(confidence.since_at, locale.zone).date() == formats.local(now, locale.zone).date():
        return formats.format_time(confidence.since_at, locale.zone, locale.language)
    return formats.relative_datetime(confidence.since_at, now, locale.zone, locale.language)
