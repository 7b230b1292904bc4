"""Every verdict of a gate for single tickets, each reached by the shortest story that leads to it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import (
    DOORS_AT,
    ENDS_AT,
    NOW,
    OTHER_KEY,
    STARTS_AT,
    answer,
    make_code,
    make_event,
    make_facts,
    make_gate,
    make_pass,
    make_performance,
    make_policy,
    make_product,
    make_scan,
    make_use,
    refused,
    utc,
)

from domain.admission import (
    ALONE,
    Claim,
    Confidence,
    ConfidenceMode,
    Heard,
    Listed,
    Severity,
    SignatureStatus,
    TextKind,
    UnknownPolicy,
    Verdict,
    decide,
)
from domain.clock import to_text
from domain.states import EventState
from domain.validity import ValidityKind

TRUSTING = make_policy(unknown=UnknownPolicy.ADMIT_AND_FLAG, unknown_key=UnknownPolicy.ADMIT_AND_FLAG)
LISTED = Listed(make_product(), make_event(), make_performance())


def test_a_good_ticket_for_this_evening_is_admitted():
    decision = answer()
    assert decision.verdict is Verdict.ADMIT
    assert decision.opens
    assert decision.severity is Severity.ADMIT
    assert decision.facts == make_facts()
    assert (decision.entries_left, decision.first, decision.params) == (0, None, {})


def test_the_trace_lists_every_rule_in_order_with_what_it_saw():
    trace = answer().trace
    rules = [step.rule for step in trace]
    assert rules == [v for v in Verdict if v not in (Verdict.NOT_INSIDE, Verdict.EXIT, Verdict.REPEAT)]
    assert all(step.passed for step in trace)
    early = trace[rules.index(Verdict.TOO_EARLY)]
    assert early.values == {"at": to_text(NOW), "opens_at": to_text(DOORS_AT - timedelta(minutes=60))}


def test_the_trace_of_a_refusal_ends_with_the_rule_that_refused():
    decision = answer(make_facts(blocked="stolen"))
    assert [step.rule for step in decision.trace][-1] is Verdict.BLOCKED
    assert decision.trace[-1].values == {"blocked": "stolen"}


def test_a_decision_says_how_sure_it_is():
    offline = Confidence(ConfidenceMode.OFFLINE, NOW)
    assert decide(make_facts(), make_scan(), make_policy(), offline).confidence == offline
    assert decide(make_facts(), make_scan(), make_policy(), ALONE).confidence is ALONE


def test_the_concession_to_check_is_on_every_decision():
    student = make_product(concession="student card", concession_ru="студенческий")
    for facts in (make_facts(product=student), make_facts(product=student, blocked="x")):
        decision = answer(facts)
        assert (decision.concession, decision.concession_ru) == ("student card", "студенческий")


def test_a_ticket_found_by_hand_is_admitted_like_a_scanned_one():
    by_hand = {"code": None, "text_kind": TextKind.REFERENCE, "signature": SignatureStatus.NONE}
    assert answer(**by_hand).verdict is Verdict.ADMIT


def test_a_foreign_code_that_stands_for_a_ticket_is_admitted():
    foreign = {"code": None, "text_kind": TextKind.FOREIGN, "signature": SignatureStatus.NONE}
    assert answer(**foreign).verdict is Verdict.ADMIT


def test_something_that_is_not_a_code_of_ours_is_unreadable():
    noise = {"code": None, "serial": None, "text_kind": TextKind.OTHER, "signature": SignatureStatus.NONE}
    assert refused(answer(None, **noise), Verdict.UNREADABLE)


def test_a_code_that_could_not_be_decoded_is_unreadable():
    assert refused(answer(None, code=None, serial=None), Verdict.UNREADABLE)


def test_a_practice_ticket_is_refused_at_a_real_gate():
    assert refused(answer(code=make_code(practice=True)), Verdict.PRACTICE)


def test_a_practice_ticket_is_admitted_in_rehearsal():
    assert answer(code=make_code(practice=True), policy=make_policy(practice=True)).opens


def test_a_key_that_nobody_here_has_heard_of_is_refused():
    scan = make_scan(code=make_code(OTHER_KEY), signature=SignatureStatus.UNKNOWN_KEY, listed=LISTED)
    assert refused(answer(None, scan), Verdict.UNKNOWN_KEY)


def test_a_policy_may_let_an_unknown_key_in_and_flag_it():
    scan = make_scan(code=make_code(OTHER_KEY), signature=SignatureStatus.UNKNOWN_KEY, listed=LISTED)
    for facts in (None, make_facts()):
        decision = answer(facts, scan, TRUSTING)
        assert (decision.verdict, decision.opens, decision.severity) == (
            Verdict.UNKNOWN_KEY,
            True,
            Severity.ATTENTION,
        )


def test_a_bad_signature_is_forged_whatever_the_policy_says():
    assert refused(answer(signature=SignatureStatus.BAD), Verdict.FORGED, reason="bad_signature")
    decision = answer(None, signature=SignatureStatus.BAD, policy=TRUSTING)
    assert refused(decision, Verdict.FORGED, reason="bad_signature")


def test_a_ticket_of_a_revoked_station_that_nobody_knows_is_forged():
    decision = answer(None, signature=SignatureStatus.REVOKED, policy=TRUSTING, listed=LISTED)
    assert refused(decision, Verdict.FORGED, reason="revoked_key")


def test_a_ticket_of_a_revoked_station_that_reached_the_hub_is_good():
    assert answer(signature=SignatureStatus.REVOKED).verdict is Verdict.ADMIT


def test_a_ticket_for_another_event_is_refused_with_the_name_of_its_own():
    decision = answer(events=(999,))
    assert refused(
        decision, Verdict.WRONG_EVENT, event="Hamlet", event_ru="Гамлет", starts_at=to_text(STARTS_AT)
    )
    assert decision.facts is not None


def test_an_unknown_ticket_for_another_event_is_refused_even_on_trust():
    assert refused(answer(None, events=(999,), listed=LISTED, policy=TRUSTING), Verdict.WRONG_EVENT)


def test_a_gate_for_several_events_admits_each_of_them():
    assert answer(events=(999, 100)).verdict is Verdict.ADMIT


def test_a_season_product_is_admitted_at_every_event_it_lists():
    season = make_facts(product=make_pass(ValidityKind.ENTRIES, n=5, admits_at=(100, 101)))
    assert answer(season, events=(101,)).verdict is Verdict.ADMIT
    assert refused(answer(season, events=(102,)), Verdict.WRONG_EVENT, starts_at=None)


def test_a_gate_set_to_a_performance_refuses_tickets_for_another():
    assert answer(performance=200).verdict is Verdict.ADMIT
    assert refused(answer(performance=201), Verdict.WRONG_EVENT, event="Hamlet")


def test_a_pass_is_admitted_at_a_gate_set_to_a_performance():
    assert answer(make_facts(product=make_pass(ValidityKind.MONTH)), performance=201).opens


def test_a_ticket_with_a_good_signature_that_is_not_known_here_is_refused():
    decision = answer(None, listed=LISTED)
    assert refused(decision, Verdict.UNKNOWN)
    assert decision.facts is None


def test_a_policy_may_let_an_unknown_ticket_in_and_flag_it():
    decision = answer(None, listed=LISTED, policy=TRUSTING)
    assert (decision.verdict, decision.opens, decision.severity) == (
        Verdict.UNKNOWN,
        True,
        Severity.ATTENTION,
    )
    assert decision.trace[-1].rule is Verdict.ADMIT


def test_an_unknown_ticket_that_was_let_in_is_not_let_in_again():
    decision = answer(None, listed=LISTED, policy=TRUSTING, seen=(make_use(gate="B"),))
    assert refused(decision, Verdict.ALREADY_USED, gate="B", by="otto")


def test_a_reference_that_finds_nothing_is_never_let_in_on_trust():
    typed = {"code": None, "serial": None, "text_kind": TextKind.REFERENCE, "signature": SignatureStatus.NONE}
    assert refused(answer(None, policy=TRUSTING, **typed), Verdict.UNKNOWN)


def test_a_product_that_is_not_in_the_catalogue_is_not_trusted_at_a_gate_with_a_scope():
    assert refused(answer(None, events=(100,), policy=TRUSTING), Verdict.UNKNOWN)
    assert answer(None, policy=TRUSTING).opens


def test_signed_times_count_for_unknown_tickets():
    code = make_code(valid_from_at=NOW + timedelta(minutes=3), valid_until_at=None)
    assert refused(answer(None, code=code, policy=TRUSTING, listed=LISTED), Verdict.TOO_EARLY, minutes=3)
    code = make_code(valid_from_at=None, valid_until_at=NOW - timedelta(minutes=3))
    assert refused(answer(None, code=code, policy=TRUSTING, listed=LISTED), Verdict.TOO_LATE, minutes=3)


def test_signed_times_do_not_count_for_known_tickets():
    expired = make_code(valid_until_at=NOW - timedelta(days=3))
    assert answer(code=expired).verdict is Verdict.ADMIT


def test_an_unknown_ticket_for_a_cancelled_event_is_refused():
    listed = Listed(make_product(), make_event(state=EventState.CANCELLED))
    assert refused(answer(None, listed=listed, policy=TRUSTING), Verdict.CANCELLED, reason="event")


def test_an_unknown_pass_without_catalogue_is_limited_by_its_signed_times_only():
    code = make_code(is_pass=True)
    assert answer(None, code=code, policy=TRUSTING, seen=(make_use(),)).opens


def test_the_zones_of_an_unknown_ticket_are_those_of_its_code():
    balcony = make_gate(zone=1)
    assert answer(None, code=make_code(zones=0b10), gate=balcony, policy=TRUSTING).opens
    assert refused(
        answer(None, code=make_code(zones=0b01), gate=balcony, policy=TRUSTING), Verdict.WRONG_GATE
    )


def test_an_older_print_is_refused_with_when_and_where_it_was_replaced():
    facts = make_facts(print_number=2, replaced_at=NOW, replaced_where="Till 2")
    assert refused(answer(facts), Verdict.REPLACED, at=to_text(NOW), where="Till 2")


def test_an_older_print_of_a_ticket_whose_sale_is_not_known_is_refused_too():
    heard = Heard(print_number=2, replaced_at=NOW, replaced_where="Till 2")
    decision = answer(None, policy=TRUSTING, heard=heard)
    assert refused(decision, Verdict.REPLACED, at=to_text(NOW), where="Till 2")
    assert answer(None, code=make_code(print_number=2), policy=TRUSTING, heard=heard).opens


def test_a_ticket_that_was_given_back_is_refused_where_its_sale_is_not_known():
    refunded_here = answer(None, policy=TRUSTING, heard=Heard(refunded_at=NOW))
    assert refused(refunded_here, Verdict.REFUNDED, at=to_text(NOW))
    void = answer(None, policy=TRUSTING, heard=Heard(cancelled_at=NOW))
    assert refused(void, Verdict.CANCELLED, at=to_text(NOW), reason="ticket")


def test_a_ticket_of_a_cancelled_event_is_refused_where_its_product_has_not_come():
    gone = answer(None, policy=TRUSTING, heard=Heard(event_state=EventState.CANCELLED))
    assert refused(gone, Verdict.CANCELLED, at=None, reason="event")
    assert answer(None, policy=TRUSTING, heard=Heard(event_state=EventState.PUBLISHED)).opens


def test_a_newer_print_than_is_known_here_is_good():
    assert answer(code=make_code(print_number=3)).verdict is Verdict.ADMIT


def test_a_ticket_found_by_hand_has_no_print_to_be_replaced():
    by_hand = {"code": None, "text_kind": TextKind.REFERENCE, "signature": SignatureStatus.NONE}
    assert answer(make_facts(print_number=2), **by_hand).opens


def test_a_cancelled_ticket_is_refused():
    assert refused(answer(make_facts(cancelled_at=NOW)), Verdict.CANCELLED, at=to_text(NOW), reason="ticket")


def test_a_ticket_of_a_cancelled_event_is_refused():
    facts = make_facts(event=make_event(state=EventState.CANCELLED))
    assert refused(answer(facts), Verdict.CANCELLED, at=None, reason="event")


def test_a_refunded_ticket_is_refused():
    assert refused(answer(make_facts(refunded_at=NOW)), Verdict.REFUNDED, at=to_text(NOW))


def test_an_unpaid_ticket_is_amber_with_the_amount():
    decision = answer(make_facts(unpaid_minor=2000))
    assert refused(decision, Verdict.UNPAID, Severity.ATTENTION, amount_minor=2000, currency="EUR")


def test_a_blocked_ticket_is_refused_with_the_reason():
    assert refused(answer(make_facts(blocked="stolen")), Verdict.BLOCKED, reason="stolen")


def test_admission_opens_an_hour_before_the_doors():
    opens_at = DOORS_AT - timedelta(hours=1)
    assert answer(at=opens_at).verdict is Verdict.ADMIT
    early = answer(at=opens_at - timedelta(seconds=61))
    assert refused(
        early, Verdict.TOO_EARLY, opens_at=to_text(opens_at), starts_at=to_text(STARTS_AT), minutes=2
    )


def test_without_doors_admission_opens_before_the_start():
    facts = make_facts(performance=make_performance(doors_at=None))
    policy = make_policy(early_minutes=30)
    assert answer(facts, at=STARTS_AT - timedelta(minutes=30), policy=policy).opens
    assert refused(answer(facts, at=STARTS_AT - timedelta(minutes=31), policy=policy), Verdict.TOO_EARLY)


def test_admission_closes_at_the_end():
    assert answer(at=ENDS_AT - timedelta(seconds=1)).verdict is Verdict.ADMIT
    late = answer(at=ENDS_AT + timedelta(minutes=5))
    assert refused(late, Verdict.TOO_LATE, closed_at=to_text(ENDS_AT), minutes=5)


def test_a_house_may_close_to_late_comers():
    policy = make_policy(late_minutes=10)
    assert answer(at=STARTS_AT + timedelta(minutes=9), policy=policy).opens
    assert refused(answer(at=STARTS_AT + timedelta(minutes=10), policy=policy), Verdict.TOO_LATE, minutes=0)


def test_a_performance_without_an_end_admits_for_six_hours():
    facts = make_facts(performance=make_performance(ends_at=None))
    assert answer(facts, at=STARTS_AT + timedelta(hours=5, minutes=59)).opens
    assert refused(answer(facts, at=STARTS_AT + timedelta(hours=6)), Verdict.TOO_LATE)


def test_a_rescheduled_performance_works_with_the_old_paper():
    later = timedelta(days=7)
    moved = make_performance(starts_at=STARTS_AT + later, doors_at=DOORS_AT + later, ends_at=ENDS_AT + later)
    facts = make_facts(performance=moved)
    assert refused(answer(facts), Verdict.TOO_EARLY)
    assert answer(facts, at=NOW + later).verdict is Verdict.ADMIT


def test_a_single_ticket_without_performance_has_no_times():
    assert answer(make_facts(performance=None), at=utc("2030-01-01 00:00")).verdict is Verdict.ADMIT


@pytest.mark.parametrize(
    "facts",
    [
        make_facts(product=make_product(gates=("B", "C"))),
        make_facts(product=make_product(zones=(1,))),
        make_facts(zones=0b10),
    ],
)
def test_a_ticket_for_another_gate_or_zone_is_refused(facts):
    assert refused(answer(facts, gate=make_gate(code="A", zone=0)), Verdict.WRONG_GATE, gate="A", zone=0)


def test_rules_of_a_pass_may_name_gates_and_zones_too():
    month = make_pass(ValidityKind.MONTH)
    by_gate = replace(month, validity=replace(month.validity, gates=("B", "C")))
    by_zone = replace(month, validity=replace(month.validity, zones=(2,)))
    assert refused(answer(make_facts(product=by_gate)), Verdict.WRONG_GATE, gates="B, C")
    assert refused(answer(make_facts(product=by_zone), gate=make_gate(zone=1)), Verdict.WRONG_GATE)
    assert answer(make_facts(product=by_gate), gate=make_gate(code="B")).opens


def test_a_gate_that_leads_to_no_zone_admits_tickets_of_every_zone():
    assert answer(make_facts(zones=0b10), gate=make_gate(zone=None)).verdict is Verdict.ADMIT


def test_a_ticket_is_refused_outside_its_hours_and_weekdays():
    matinee = make_facts(product=make_product(hours=((600, 900),), weekdays=(6,)))
    assert refused(answer(matinee), Verdict.OFF_HOURS, hours="10:00-15:00", weekdays="6")
    monday = make_facts(product=make_product(weekdays=(1, 2)))
    assert refused(answer(monday), Verdict.OFF_HOURS, hours="", weekdays="1, 2")
    assert answer(make_facts(product=make_product(weekdays=(6,)))).opens


def test_a_ticket_that_another_gate_opened_for_is_amber():
    claim = Claim("B", NOW - timedelta(seconds=31))
    decision = answer(make_facts(in_progress=claim))
    assert refused(decision, Verdict.IN_PROGRESS, Severity.ATTENTION, gate="B", at=to_text(claim.at))


def test_a_gates_own_claim_does_not_stop_it():
    assert answer(make_facts(in_progress=Claim("A", NOW))).verdict is Verdict.ADMIT


def test_a_full_zone_is_amber():
    policy = make_policy(occupancy=50, zone_capacity=50)
    assert refused(answer(policy=policy), Verdict.FULL, Severity.ATTENTION, occupancy=50, capacity=50)
    assert answer(policy=make_policy(occupancy=49, zone_capacity=50)).opens
    assert answer(policy=make_policy(occupancy=None, zone_capacity=50)).opens


def test_a_group_needs_room_for_everyone():
    group = make_facts(product=make_product(admits=4))
    policy = make_policy(occupancy=47, zone_capacity=50)
    assert answer(group, people=3, policy=policy).opens
    assert refused(answer(group, people=4, policy=policy), Verdict.FULL, Severity.ATTENTION)


def test_a_claim_that_the_hub_told_of_counts_at_a_gate_of_the_same_name_and_for_an_unknown_ticket() -> None:
    claim = Claim("A", NOW - timedelta(seconds=3), station="aaaa0002")
    assert answer(make_facts(), claimed=claim).verdict is Verdict.IN_PROGRESS
    assert answer(None, policy=TRUSTING, claimed=claim).verdict is Verdict.IN_PROGRESS
