"""Every pair of states of every machine, walked."""

import pytest

from domain import states
from domain.errors import Refusal
from domain.states import State, SupportState, TicketState, allowed, machine_name, move

EXPECTED = {
    "event": {"draft>published", "published>cancelled", "published>finished"},
    "order": {
        "open>reserved",
        "open>paid",
        "open>void",
        "reserved>paid",
        "reserved>released",
        "paid>partly_refunded",
        "paid>refunded",
        "paid>void",
        "partly_refunded>partly_refunded",
        "partly_refunded>refunded",
    },
    "ticket": {"active>used", "active>cancelled", "used>active"},
    "shift": {"open>counted", "counted>counted", "counted>closed"},
    "support": {
        "open>answered",
        "open>closed",
        "answered>wait_answer",
        "answered>closed",
        "wait_answer>answered",
        "wait_answer>closed",
    },
    "payment": {"started>taken", "started>failed", "started>unknown", "unknown>taken", "unknown>failed"},
    "print_job": {
        "waiting>printing",
        "waiting>failed",
        "printing>done",
        "printing>failed",
        "printing>waiting",
        "failed>waiting",
    },
    "lease": {
        "held>expired",
        "held>returned",
        "held>written_off",
        "expired>held",
        "expired>returned",
        "expired>written_off",
    },
    "notification": {
        "waiting>sent",
        "waiting>failed",
        "waiting>in_doubt",
        "failed>waiting",
        "failed>dead",
        "in_doubt>waiting",
        "in_doubt>sent",
        "dead>waiting",
    },
}

MACHINES = sorted(states.TRANSITIONS, key=machine_name)
PAIRS = [(old, new) for machine in MACHINES for old in machine for new in machine]


def test_every_machine_of_the_program_is_in_the_table():
    assert {machine_name(machine) for machine in MACHINES} == set(EXPECTED)
    assert set(State.__subclasses__()) == set(MACHINES)


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=lambda state: f"{machine_name(type(state))}.{state}")
def test_a_pair_is_allowed_or_refused_as_written(old, new):
    machine = machine_name(type(old))
    if f"{old}>{new}" in EXPECTED[machine]:
        assert move(old, new) is new
        return
    with pytest.raises(Refusal) as refusal:
        move(old, new)
    assert refusal.value.code == "STATE_NOT_ALLOWED"
    assert refusal.value.params["machine"] == machine
    assert refusal.value.params["old"] == old.value
    assert refusal.value.params["new"] == new.value


def test_a_refusal_lists_what_is_allowed():
    with pytest.raises(Refusal) as refusal:
        move(SupportState.WAIT_ANSWER, SupportState.OPEN)
    assert refusal.value.params["allowed"] == "answered, closed"


def test_a_closed_support_ticket_and_a_cancelled_ticket_are_final():
    assert allowed(SupportState.CLOSED) == ()
    assert allowed(TicketState.CANCELLED) == ()


@pytest.mark.parametrize("machine", MACHINES, ids=machine_name)
def test_every_state_says_what_it_means_and_reads_back_from_its_value(machine):
    for state in machine:
        assert state.sentence.endswith(".")
        assert machine(state.value) is state
        assert str(state) == state.value
