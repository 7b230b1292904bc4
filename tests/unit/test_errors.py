"""Refusals and faults carry a code and parameters, and nothing for people."""

from domain.errors import DeviceFault, Fault, GatehouseError, Refusal


def test_an_error_shows_its_code_and_parameters_in_logs():
    assert str(Refusal("SOLD_OUT", product="FULL", left_here=0)) == "SOLD_OUT(left_here=0, product='FULL')"


def test_refusals_and_faults_are_told_apart_by_kind():
    assert (Refusal("A").kind, Fault("B").kind, DeviceFault("C", device="gate").kind) == (
        "refusal",
        "fault",
        "fault",
    )
    assert isinstance(DeviceFault("C"), Fault)
    assert isinstance(Refusal("A"), GatehouseError)
