"""Who is inside: single tickets used, left and entered again, exits, groups."""

from dataclasses import replace
from datetime import timedelta

from builders import (
    ENDS_AT,
    NOW,
    answer,
    make_exit,
    make_facts,
    make_policy,
    make_product,
    make_use,
    refused,
)

from domain.admission import (
    Direction,
    Severity,
    SignatureStatus,
    UnknownPolicy,
    Verdict,
)
from domain.clock import to_text
from domain.validity import Reentry

TRUSTING = make_policy(unknown=UnknownPolicy.ADMIT_AND_FLAG, unknown_key=UnknownPolicy.ADMIT_AND_FLAG)


def test_a_second_scan_of_the_same_ticket_is_refused_with_when_where_and_by_whom():
    use = make_use(gate="B", by="otto")
    decision = answer(make_facts(uses=(use,)))
    assert refused(decision, Verdict.ALREADY_USED, at=to_text(use.at), gate="B", by="otto")
    assert decision.first == use
    assert decision.entries_left == 0


def test_leaving_does_not_give_a_single_ticket_back():
    uses = (make_use(NOW - timedelta(minutes=20)), make_exit(NOW - timedelta(minutes=10)))
    assert refused(answer(make_facts(uses=uses)), Verdict.ALREADY_USED)


def test_with_reentry_after_exit_whoever_is_inside_stays_inside():
    facts = make_facts(product=make_product(reentry=Reentry.AFTER_EXIT), uses=(make_use(),))
    assert facts.inside
    assert refused(answer(facts), Verdict.ALREADY_INSIDE, gate="B")


def test_with_reentry_after_exit_a_guest_comes_back_as_often_as_they_left():
    uses = (make_use(NOW - timedelta(minutes=20)), make_exit(NOW - timedelta(minutes=10)))
    facts = make_facts(product=make_product(reentry=Reentry.AFTER_EXIT), uses=uses)
    assert not facts.inside
    assert answer(facts).verdict is Verdict.ADMIT
    again = replace(facts, uses=(*uses, make_use(NOW)))
    assert refused(answer(again, at=NOW + timedelta(minutes=1)), Verdict.ALREADY_INSIDE)


def test_without_anti_passback_a_ticket_inside_counts_as_used():
    facts = make_facts(product=make_product(reentry=Reentry.AFTER_EXIT), uses=(make_use(),))
    assert refused(answer(facts, policy=make_policy(anti_passback=False)), Verdict.ALREADY_USED)


def test_with_free_reentry_a_guest_comes_back_without_an_exit_scan():
    facts = make_facts(product=make_product(reentry=Reentry.FREE), uses=(make_use(),))
    assert answer(facts).verdict is Verdict.ADMIT


def test_who_is_inside_may_leave():
    decision = answer(make_facts(uses=(make_use(),)), direction=Direction.EXIT)
    assert (decision.verdict, decision.opens, decision.severity) == (Verdict.EXIT, True, Severity.INFO)


def test_who_is_not_inside_does_not_leave():
    assert refused(answer(direction=Direction.EXIT), Verdict.NOT_INSIDE, inside=0, people=1)
    uses = (make_use(NOW - timedelta(minutes=20)), make_exit(NOW - timedelta(minutes=10)))
    assert refused(answer(make_facts(uses=uses), direction=Direction.EXIT), Verdict.NOT_INSIDE)


def test_without_anti_passback_everybody_may_leave():
    assert answer(direction=Direction.EXIT, policy=make_policy(anti_passback=False)).verdict is Verdict.EXIT


def test_nobody_is_kept_inside_because_the_ticket_is_void_or_out_of_time():
    facts = make_facts(uses=(make_use(),), cancelled_at=NOW, refunded_at=NOW, unpaid_minor=5, blocked="x")
    assert answer(facts, direction=Direction.EXIT, at=ENDS_AT + timedelta(hours=3)).verdict is Verdict.EXIT


def test_a_forged_code_opens_no_exit():
    facts = make_facts(uses=(make_use(),))
    decision = answer(facts, direction=Direction.EXIT, signature=SignatureStatus.BAD)
    assert refused(decision, Verdict.FORGED)


def test_an_unknown_guest_who_was_let_in_on_trust_may_leave_with_a_flag():
    decision = answer(None, direction=Direction.EXIT, seen=(make_use(),), policy=TRUSTING)
    assert (decision.verdict, decision.opens, decision.severity) == (
        Verdict.UNKNOWN,
        True,
        Severity.ATTENTION,
    )


def test_a_group_enters_at_once():
    decision = answer(make_facts(product=make_product(admits=4)), people=4)
    assert (decision.verdict, decision.entries_left) == (Verdict.ADMIT, 0)


def test_a_group_enters_one_by_one_until_all_are_in():
    facts = make_facts(product=make_product(admits=3))
    for left in (2, 1, 0):
        decision = answer(facts)
        assert (decision.verdict, decision.entries_left) == (Verdict.ADMIT, left)
        facts = replace(facts, uses=(*facts.uses, make_use(NOW, people=1)))
    assert refused(answer(facts), Verdict.ALREADY_USED)


def test_more_people_than_the_group_has_left_are_refused_with_the_number():
    facts = make_facts(product=make_product(admits=4), uses=(make_use(people=3),))
    assert refused(answer(facts, people=2), Verdict.NO_ENTRIES_LEFT, left=1, period="all")


def test_a_group_with_reentry_may_come_and_go_but_never_exceeds_its_number():
    product = make_product(admits=4, reentry=Reentry.AFTER_EXIT)
    uses = (make_use(NOW - timedelta(minutes=20), people=4), make_exit(NOW - timedelta(minutes=10), people=2))
    facts = make_facts(product=product, uses=uses)
    assert answer(facts, people=2).verdict is Verdict.ADMIT
    assert refused(answer(facts, people=3), Verdict.ALREADY_INSIDE)


def test_no_more_people_leave_than_are_inside():
    facts = make_facts(product=make_product(admits=4), uses=(make_use(people=2),))
    assert answer(facts, direction=Direction.EXIT, people=2).opens
    assert refused(answer(facts, direction=Direction.EXIT, people=3), Verdict.NOT_INSIDE, inside=2, people=3)
