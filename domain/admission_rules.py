"""The admission rules, one small function each, and the order in which they are asked.

A rule answers with what it saw and, if it refuses, with the parameters of its words; `None` lets pass.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.admission_case import TIMED_BY_PERFORMANCE, Case
from domain.admission_facts import SignatureStatus, TextKind, UnknownPolicy, Use, Verdict
from domain.catalogue import Event, Performance
from domain.clock import to_text
from domain.errors import Param
from domain.states import EventState
from domain.validity import within_hours

OPEN_END = timedelta(hours=6)
"""How long after its start a performance without an end admits."""

Params = Mapping[str, Param]
Seen = tuple[tuple[str, object], ...]
Answer = tuple[Seen, Params | None]
PASS: Answer = ((), None)


class Rule(NamedTuple):
    """A verdict, the function that may give it, and whether it is asked of people who come or go."""

    verdict: Verdict
    ask: Callable[[Case], Answer]
    entry: bool = True
    exit: bool = False


def unreadable(case: Case) -> Answer:
    """Not a code of ours, nor anything that stands for a ticket."""
    kind = case.scan.text_kind
    foreign = kind is TextKind.OTHER or (kind is TextKind.CODE and case.scan.code is None)
    return (("text", kind),), {} if foreign and case.scan.serial is None else None


def practice(case: Case) -> Answer:
    """A practice ticket at a real gate."""
    code = case.scan.code
    if code is None or not code.code.practice:
        return PASS
    return (("gate_practises", case.policy.practice),), None if case.policy.practice else {}


def unknown_key(case: Case) -> Answer:
    """Signed by a key that this gate has not heard of, so anybody may have made it: as the policy says."""
    seen: Seen = (("signature", case.scan.signature),)
    if case.scan.signature is not SignatureStatus.UNKNOWN_KEY:
        return seen, None
    if case.policy.unknown_key is UnknownPolicy.REFUSE:
        return (*seen, ("policy", case.policy.unknown_key)), {}
    case.flag = Verdict.UNKNOWN_KEY
    return (*seen, ("policy", case.policy.unknown_key)), None


def forged(case: Case) -> Answer:
    """A bad signature under a key we hold, or a revoked key on a ticket that never reached the hub."""
    signature, known = case.scan.signature, case.facts is not None
    seen: Seen = (("signature", signature), ("known", known))
    if signature is SignatureStatus.BAD:
        return seen, {"reason": "bad_signature"}
    if signature is SignatureStatus.REVOKED and not known:
        return seen, {"reason": "revoked_key"}
    return seen, None


def wrong_event(case: Case) -> Answer:
    """Not among the events, or not the performance, that this gate is set to."""
    if case.subject is None:
        return PASS
    opens, scope = case.subject.product.opens, case.scan.events
    seen: Seen = (("ticket_events", opens), ("gate_events", scope))
    if scope and not set(opens) & set(scope):
        return seen, _event_words(case.subject.event, case.performance)
    chosen = case.scan.performance
    if chosen is None or case.performance is None or case.validity.kind not in TIMED_BY_PERFORMANCE:
        return seen, None
    seen = (*seen, ("ticket_performance", case.performance.number), ("gate_performance", chosen))
    if case.performance.number == chosen:
        return seen, None
    return seen, _event_words(case.subject.event, case.performance)


def _event_words(event: Event, performance: Performance | None) -> Params:
    starts_at = None if performance is None else to_text(performance.starts_at)
    return {"event": event.name, "event_ru": event.name_ru, "starts_at": starts_at}


def unknown(case: Case) -> Answer:
    """Not known here. Only what a key of ours has signed can be let in on trust, and only where the
    catalogue shows that its product belongs to this gate."""
    if case.facts is not None:
        return (("known", True),), None
    signed = case.scan.signature is not SignatureStatus.NONE and case.scan.code is not None
    listed = case.scan.listed is not None or not case.scan.events
    seen: Seen = (("known", False), ("policy", case.policy.unknown), ("signed", signed), ("listed", listed))
    if case.policy.unknown is UnknownPolicy.REFUSE or not signed or not listed:
        return seen, {}
    case.flag = case.flag or Verdict.UNKNOWN
    return seen, None


def replaced(case: Case) -> Answer:
    """An older print of the ticket. A newer one than is known here was printed where we cannot see."""
    told = case.told
    if told is None or case.scan.code is None:
        return PASS
    mine, newest = case.scan.code.code.print_number, told.print_number
    seen: Seen = (("print", mine), ("newest_print", newest))
    if mine >= newest:
        return seen, None
    return seen, {"at": _time(told.replaced_at), "where": told.replaced_where}


def cancelled(case: Case) -> Answer:
    """The ticket is void, or its event was cancelled."""
    at = None if case.told is None else case.told.cancelled_at
    if case.subject is not None:
        state: EventState | None = case.subject.event.state
    else:
        state = None if case.scan.heard is None else case.scan.heard.event_state
    seen: Seen = (("cancelled_at", at), ("event_state", state))
    if at is not None:
        return seen, {"at": to_text(at), "reason": "ticket"}
    if state is EventState.CANCELLED:
        return seen, {"at": None, "reason": "event"}
    return seen, None


def refunded(case: Case) -> Answer:
    """The money was given back."""
    if case.told is None:
        return PASS
    at = case.told.refunded_at
    return (("refunded_at", at),), None if at is None else {"at": to_text(at)}


def unpaid(case: Case) -> Answer:
    """Something is still to be paid."""
    if case.facts is None:
        return PASS
    missing = case.facts.unpaid_minor
    seen: Seen = (("unpaid_minor", missing),)
    if missing <= 0:
        return seen, None
    return seen, {"amount_minor": missing, "currency": case.facts.product.currency}


def blocked(case: Case) -> Answer:
    """On the block list."""
    if case.facts is None:
        return PASS
    reason = case.facts.blocked
    return (("blocked", reason),), None if reason is None else {"reason": reason}


def too_early(case: Case) -> Answer:
    """Before admission opens. A known ticket goes by the catalogue, an unknown one by its code."""
    opens_at, starts_at = case.window()[0], None
    performance = _performance(case)
    if performance is not None:
        starts_at = performance.starts_at
        opens_at = (performance.doors_at or starts_at) - timedelta(minutes=case.policy.early_minutes)
    at = case.scan.at
    seen: Seen = (("at", at), ("opens_at", opens_at))
    if opens_at is None or at >= opens_at:
        return seen, None
    minutes = -((at - opens_at) // timedelta(minutes=1))
    return seen, {"opens_at": to_text(opens_at), "starts_at": _time(starts_at), "minutes": minutes}


def too_late(case: Case) -> Answer:
    """After admission has closed, or the pass has run out."""
    closes_at, starts_at = case.window()[1], None
    performance = _performance(case)
    if performance is not None:
        starts_at = performance.starts_at
        late = case.policy.late_minutes
        if late is not None:
            closes_at = starts_at + timedelta(minutes=late)
        else:
            closes_at = performance.ends_at or starts_at + OPEN_END
    at = case.scan.at
    seen: Seen = (("at", at), ("closes_at", closes_at))
    if closes_at is None or at < closes_at:
        return seen, None
    minutes = (at - closes_at) // timedelta(minutes=1)
    return seen, {"closed_at": to_text(closes_at), "starts_at": _time(starts_at), "minutes": minutes}


def wrong_gate(case: Case) -> Answer:
    """Not through this gate, or not into the zone behind it."""
    gate, allowed, zones = case.scan.gate, case.validity.gates, case.validity.zones
    mask = case.facts.zones if case.facts is not None else _signed_zones(case)
    product_gates: tuple[str, ...] = ()
    product_zones: tuple[int, ...] = ()
    if case.subject is not None:
        product_gates, product_zones = case.subject.product.gates, case.subject.product.zones
    seen: Seen = (("gate", gate.code), ("gate_zone", gate.zone), ("zones", mask))
    gate_fits = all(not codes or gate.code in codes for codes in (allowed, product_gates))
    zone_fits = gate.zone is None or (
        (not mask or bool(mask >> gate.zone & 1))
        and all(not numbers or gate.zone in numbers for numbers in (zones, product_zones))
    )
    if gate_fits and zone_fits:
        return seen, None
    return seen, {"gate": gate.code, "gates": ", ".join(allowed or product_gates), "zone": gate.zone}


def _signed_zones(case: Case) -> int:
    return 0 if case.scan.code is None else case.scan.code.code.zones


def off_hours(case: Case) -> Answer:
    """Not at this time of the day, or not on this day of the week."""
    if not case.validity.hours and not case.validity.weekdays:
        return PASS
    seen: Seen = (("hours", case.validity.hours), ("weekdays", case.validity.weekdays))
    if within_hours(case.validity, case.scan.at, case.zone):
        return seen, None
    hours = ", ".join(
        f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"
        for start, end in case.validity.hours
    )
    return seen, {"hours": hours, "weekdays": ", ".join(map(str, case.validity.weekdays))}


def already_used(case: Case) -> Answer:
    """The one visit of a single ticket is over, for everyone it admits."""
    if not case.single:
        return PASS
    seen: Seen = (("used", case.spent), ("admits", case.admits), ("adds", case.cost))
    over = case.cost > 0 and case.spent >= case.admits
    if not over or (case.tracked and case.inside() > 0):
        return seen, None
    return seen, _last_entry(case)


def already_inside(case: Case) -> Answer:
    """Everyone whom the ticket admits is inside and has not come out."""
    if not case.tracked:
        return PASS
    inside = case.inside()
    seen: Seen = (("inside", inside), ("admits", case.admits), ("people", case.scan.people))
    if inside == 0 or inside + case.scan.people <= case.admits:
        return seen, None
    return seen, _last_entry(case)


def not_inside(case: Case) -> Answer:
    """Out through an exit without having come in."""
    inside = case.inside()
    seen: Seen = (("inside", inside), ("anti_passback", case.policy.anti_passback))
    if inside >= case.scan.people or not case.policy.anti_passback:
        return seen, None
    return seen, {"inside": inside, "people": case.scan.people}


def in_progress(case: Case) -> Answer:
    """Another gate opened for this ticket and has not confirmed that anybody passed."""
    claim = case.scan.claimed
    if claim is not None:
        return (("claimed_by", claim.gate), ("claimed_at", claim.at)), {
            "gate": claim.gate,
            "at": to_text(claim.at),
            **({"act": claim.act} if claim.act else {}),
        }
    claim = None if case.facts is None else case.facts.in_progress
    if claim is None:
        return PASS
    seen: Seen = (("claimed_by", claim.gate), ("claimed_at", claim.at))
    if claim.gate == case.scan.gate.code:
        return seen, None
    return seen, {"gate": claim.gate, "at": to_text(claim.at)}


def wait(case: Case) -> Answer:
    """The delay between uses has not passed; it does not hold up the rest of a group."""
    gap = case.validity.min_gap_minutes
    if gap == 0 or not case.entries or case.spent % case.admits:
        return PASS
    until_at = case.entries[-1].at + timedelta(minutes=gap)
    seen: Seen = (("last_at", case.entries[-1].at), ("gap_minutes", gap))
    if case.scan.at >= until_at:
        return seen, None
    seconds = -((case.scan.at - until_at) // timedelta(seconds=1))
    return seen, {"seconds": seconds, "until_at": to_text(until_at)}


def no_entries_left(case: Case) -> Answer:
    """A limit is reached: in all, of the day, of the week."""
    validity = case.validity
    if case.cost == 0:
        return PASS
    left = case.left()
    if left is not None and case.cost > left:
        return (("left", left), ("adds", case.cost)), _limit_words(case, "all", left, None)
    seen: Seen = (("left", left), ("adds", case.cost))
    for period, limit in (("day", validity.uses_per_day), ("week", validity.uses_per_week)):
        if limit is None:
            continue
        from_at, until_at = case.today() if period == "day" else case.this_week()
        left = limit * case.admits - case.spent_since(from_at)
        seen = (*seen, (f"left_this_{period}", left))
        if case.cost > left:
            return seen, _limit_words(case, period, max(0, left), until_at)
    return seen, None


def _limit_words(case: Case, period: str, left: int, again_at: datetime | None) -> Params:
    return {"period": period, "left": left, "again_at": _time(again_at), **_last_entry(case)}


def full(case: Case) -> Answer:
    """No room in the zone behind the gate, as far as this gate can count."""
    capacity, occupancy = case.policy.zone_capacity, case.policy.occupancy
    if capacity is None or occupancy is None:
        return PASS
    seen: Seen = (("occupancy", occupancy), ("capacity", capacity))
    if occupancy + case.scan.people <= capacity:
        return seen, None
    return seen, {"occupancy": occupancy, "capacity": capacity}


def _performance(case: Case) -> Performance | None:
    """The performance whose times count: of a known ticket that is bound to it."""
    bound = case.facts is not None and case.validity.kind in TIMED_BY_PERFORMANCE
    return case.performance if bound else None


def _last_entry(case: Case) -> Params:
    if not case.entries:
        return {"at": None, "gate": "", "by": ""}
    last: Use = case.entries[-1]
    return {"at": to_text(last.at), "gate": last.gate, "by": last.by}


def _time(at: datetime | None) -> str | None:
    return None if at is None else to_text(at)


RULES: tuple[Rule, ...] = (
    Rule(Verdict.UNREADABLE, unreadable, exit=True),
    Rule(Verdict.PRACTICE, practice, exit=True),
    Rule(Verdict.UNKNOWN_KEY, unknown_key, exit=True),
    Rule(Verdict.FORGED, forged, exit=True),
    Rule(Verdict.WRONG_EVENT, wrong_event),
    Rule(Verdict.UNKNOWN, unknown, exit=True),
    Rule(Verdict.REPLACED, replaced),
    Rule(Verdict.CANCELLED, cancelled),
    Rule(Verdict.REFUNDED, refunded),
    Rule(Verdict.UNPAID, unpaid),
    Rule(Verdict.BLOCKED, blocked),
    Rule(Verdict.TOO_EARLY, too_early),
    Rule(Verdict.TOO_LATE, too_late),
    Rule(Verdict.WRONG_GATE, wrong_gate),
    Rule(Verdict.OFF_HOURS, off_hours),
    Rule(Verdict.ALREADY_USED, already_used),
    Rule(Verdict.ALREADY_INSIDE, already_inside),
    Rule(Verdict.NOT_INSIDE, not_inside, entry=False, exit=True),
    Rule(Verdict.IN_PROGRESS, in_progress),
    Rule(Verdict.WAIT, wait),
    Rule(Verdict.NO_ENTRIES_LEFT, no_entries_left),
    Rule(Verdict.FULL, full),
)
"""In the order in which they decide. Nobody is kept inside because a ticket is void or out of time: at an
exit only those rules are asked that say whether it is a ticket and whether anybody is inside with it."""

ENTRY_RULES = tuple((rule.verdict, rule.ask) for rule in RULES if rule.entry)
EXIT_RULES = tuple((rule.verdict, rule.ask) for rule in RULES if rule.exit)
