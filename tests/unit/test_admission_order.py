"""Rules decide in one order: of two things that are wrong, the earlier is the answer."""

from itertools import combinations
from typing import Any

import pytest
from builders import (
    DOORS_AT,
    ENDS_AT,
    NOW,
    make_code,
    make_event,
    make_facts,
    make_gate,
    make_performance,
    make_policy,
    make_product,
    make_scan,
    make_use,
)

from domain.admission import LIVE, RULES, Claim, Listed, SignatureStatus, TextKind, Verdict, decide
from domain.admission_rules import ENTRY_RULES
from domain.validity import Reentry, ValidityKind

V = Verdict
USED = (make_use(),)
TEN_ENTRIES = {"kind": ValidityKind.ENTRIES, "n": 10}

DEFECTS: dict[Verdict, dict[str, dict[str, Any]]] = {
    V.UNREADABLE: {"scan": {"code": None, "serial": None, "text_kind": TextKind.OTHER}},
    V.PRACTICE: {"scan": {"code": make_code(practice=True)}},
    V.UNKNOWN_KEY: {"scan": {"signature": SignatureStatus.UNKNOWN_KEY}},
    V.FORGED: {"scan": {"signature": SignatureStatus.BAD}},
    V.WRONG_EVENT: {"scan": {"events": (999,), "listed": Listed(make_product(), make_event())}},
    V.UNKNOWN: {"facts": {"unknown": True}},
    V.REPLACED: {"facts": {"print_number": 2}},
    V.CANCELLED: {"facts": {"cancelled_at": NOW}},
    V.REFUNDED: {"facts": {"refunded_at": NOW}},
    V.UNPAID: {"facts": {"unpaid_minor": 1}},
    V.BLOCKED: {"facts": {"blocked": "stolen"}},
    V.TOO_EARLY: {"performance": {"doors_at": NOW.replace(hour=23)}},
    V.TOO_LATE: {"performance": {"ends_at": NOW}},
    V.WRONG_GATE: {"facts": {"zones": 0b10}, "scan": {"gate": make_gate(zone=0)}},
    V.OFF_HOURS: {"product": {"weekdays": (1,)}},
    V.ALREADY_USED: {"product": {"kind": ValidityKind.SINGLE}, "facts": {"uses": USED}},
    V.ALREADY_INSIDE: {"product": {"reentry": Reentry.AFTER_EXIT}, "facts": {"uses": USED}},
    V.IN_PROGRESS: {"facts": {"in_progress": Claim("B", NOW)}},
    V.WAIT: {"product": {**TEN_ENTRIES, "min_gap_minutes": 30}, "facts": {"uses": USED}},
    V.NO_ENTRIES_LEFT: {"product": {"kind": ValidityKind.ENTRIES, "uses_total": 1}, "facts": {"uses": USED}},
    V.FULL: {"policy": {"occupancy": 1, "zone_capacity": 1}},
}


def merged(*defects):
    """All changes together, or None where two of them want different values of one field."""
    together: dict[str, dict[str, Any]] = {}
    for defect in defects:
        for target, changes in defect.items():
            own = together.setdefault(target, {})
            if any(name in own and own[name] != value for name, value in changes.items()):
                return None
            own.update(changes)
    return together


def answer(changes):
    facts_changes = dict(changes.get("facts", {}))
    unknown = facts_changes.pop("unknown", False)
    facts = make_facts(
        product=make_product(**changes.get("product", {})),
        performance=make_performance(**changes.get("performance", {})),
        **facts_changes,
    )
    scan = make_scan(**changes.get("scan", {}))
    return decide(None if unknown else facts, scan, make_policy(**changes.get("policy", {})), LIVE)


PAIRS = [
    (first, second)
    for first, second in combinations(DEFECTS, 2)
    if merged(DEFECTS[first], DEFECTS[second]) is not None
    # Being inside is how ALREADY_INSIDE tells itself from ALREADY_USED.
    and (first, second) != (V.ALREADY_USED, V.ALREADY_INSIDE)
]


def test_the_rules_stand_in_the_order_of_the_verdicts():
    order = list(Verdict)
    positions = [order.index(rule.verdict) for rule in RULES]
    assert positions == sorted(positions)
    assert [verdict for verdict, _ in ENTRY_RULES] == list(DEFECTS)


def test_nearly_every_pair_can_be_wrong_at_once():
    assert len(PAIRS) > 180


@pytest.mark.parametrize("verdict", DEFECTS)
def test_each_thing_that_is_wrong_has_its_own_verdict(verdict):
    decision = answer(DEFECTS[verdict])
    assert (decision.verdict, decision.opens) == (verdict, False)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_earlier_of_two_wrongs_is_the_answer(first, second):
    assert answer(merged(DEFECTS[first], DEFECTS[second])).verdict is first


def test_the_builders_evening_is_right_in_every_way():
    assert answer({}).verdict is Verdict.ADMIT
    assert DOORS_AT < NOW < ENDS_AT
