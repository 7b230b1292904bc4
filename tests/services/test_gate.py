"""The gate: every way a scan can go, what is written of it, undo, search, and the turnstile."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from app.bootstrap import Station
from app.services.gate import ScanInput
from domain.actor import NOBODY, SYSTEM
from domain.admission import Direction, Verdict
from domain.entry import Draft
from domain.errors import DeviceFault, Refusal
from domain.ids import short_reference
from domain.ticket_code import SigningKey, TicketCode, decode, encode, key_id
from tests.builders import make_product, utc
from tests.services.house import (
    CASHIER,
    GATE,
    OTHER_GATE,
    SUPERVISOR,
    SUPPORT,
    House,
    forged,
)
from tests.store.station import made


def unsold(house: House, *, product: int | None = None, performance: str | None = "play-1") -> str:
    """A code of this station's own key for a ticket that nobody here has heard of."""
    key = house.station.store.signing_key
    code = TicketCode(
        key_id=key_id(key.public),
        serial="feedfacecafebeef",
        product=product or house.product("full").number,
        performance=house.performance(performance).number if performance else 0,
        valid_from_at=utc("2026-11-21 12:00"),
        valid_until_at=utc("2026-11-22 12:00"),
    )
    return encode(code, key)


def last(house: House) -> tuple[str, dict]:
    entry = house.entries()[-1]
    return entry.kind, dict(entry.body)


def test_a_known_ticket_is_admitted_once_and_the_second_time_it_is_said_when_and_where(house: House) -> None:
    code = house.code()
    first = house.admit(code)
    assert (first.decision.verdict, first.opens) == (Verdict.ADMIT, True)
    kind, body = last(house)
    assert kind == "admitted"
    assert (body["serial"], body["gate"], body["via"]) == (first.serial, "A", "camera")
    assert body["performance"] == house.performance("play-1").number
    assert first.entry_id == house.entries()[-1].entry_id
    house.clock.advance(10)
    second = house.admit(code)
    assert (second.decision.verdict, second.opens) == (Verdict.ALREADY_USED, False)
    assert second.decision.first is not None
    assert (second.decision.first.entry_id, second.decision.first.gate) == (first.entry_id, "A")


def test_a_green_answer_is_on_the_disk_before_it_is_given(house: House) -> None:
    code = house.code()
    house.admit(code)
    house.reopen()
    house.clock.advance(10)
    assert house.admit(code).decision.verdict is Verdict.ALREADY_USED


def test_the_same_code_in_view_repeats_the_first_answer_and_writes_nothing(house: House) -> None:
    code = house.code()
    house.admit(code)
    before = house.seq
    for _ in range(5):
        house.clock.advance(3)
        again = house.admit(code)
        assert (again.decision.verdict, again.opens, again.entry_id) == (Verdict.REPEAT, False, None)
        assert again.decision.params["opened"] is True
    assert house.seq == before
    house.clock.advance(4.5)
    assert house.admit(code).decision.verdict is Verdict.ALREADY_USED


def test_a_refused_scan_is_written_once_per_minute(house: House) -> None:
    code = house.code()
    house.admit(code)
    house.clock.advance(10)
    house.admit(code)
    assert last(house)[0] == "refused"
    before = house.seq
    for _ in range(4):
        house.clock.advance(12)
        assert house.admit(code).entry_id is None
    assert house.seq == before
    house.clock.advance(13)
    assert house.admit(code).entry_id is not None
    assert house.seq == before + 1
    assert last(house)[1]["verdict"] == "ALREADY_USED"


def test_noise_that_is_no_code_of_ours_writes_nothing(house: House) -> None:
    house.code()
    before = house.seq
    for text in ("", "https://example.org/x", "A" * 152, "Ж" * 40):
        answer = house.admit(text)
        assert (answer.decision.verdict, answer.entry_id) == (Verdict.UNREADABLE, None)
    assert house.seq == before


def test_a_check_only_writes_nothing_and_is_no_sighting(house: House) -> None:
    code = house.code()
    before = house.station.store.outbox.tip()
    for actor in (GATE, CASHIER, SUPPORT):
        answer = house.gate.check(ScanInput(code, "camera"), actor)
        assert (answer.decision.verdict, answer.entry_id) == (Verdict.ADMIT, None)
    assert house.gate.check(ScanInput(forged(code)), GATE).decision.verdict is Verdict.FORGED
    assert house.station.store.outbox.tip() == before
    assert house.admit(code).decision.verdict is Verdict.ADMIT


def test_a_forged_code_does_not_shadow_the_real_ticket(house: House) -> None:
    code = house.code()
    bad = house.admit(forged(code))
    assert (bad.decision.verdict, bad.opens) == (Verdict.FORGED, False)
    kind, body = last(house)
    assert (kind, body["verdict"]) == ("refused", "FORGED")
    assert body["code_hash"] == hashlib.sha256(forged(code).encode()).hexdigest()
    assert house.admit(code).decision.verdict is Verdict.ADMIT
    house.clock.advance(2)
    assert house.admit(forged(code)).decision.verdict is Verdict.REPEAT


def test_an_unknown_ticket_is_let_in_on_trust_and_its_second_scan_is_refused(house: House) -> None:
    code = unsold(house)
    first = house.admit(code)
    assert (first.decision.verdict, first.opens) == (Verdict.UNKNOWN, True)
    assert first.decision.severity == "attention"
    kind, body = last(house)
    assert (kind, body["verdict"]) == ("admitted", "UNKNOWN")
    assert body["performance"] == house.performance("play-1").number
    house.clock.advance(10)
    second = house.admit(code)
    assert (second.decision.verdict, second.opens) == (Verdict.ALREADY_USED, False)
    house.reopen()
    assert house.admit(code).decision.verdict is Verdict.ALREADY_USED


def test_the_gate_may_be_set_to_refuse_unknown_tickets(house: House) -> None:
    house.reopen(GATEHOUSE_GATE_UNKNOWN="refuse")
    answer = house.admit(unsold(house))
    assert (answer.decision.verdict, answer.opens) == (Verdict.UNKNOWN, False)
    assert last(house)[0] == "refused"


def test_a_ticket_of_a_product_nobody_here_has_heard_of_is_let_in_recorded_and_can_be_undone(
    house: House,
) -> None:
    code = unsold(house, product=4711, performance=None)
    answer = house.admit(code)
    assert (answer.decision.verdict, answer.opens) == (Verdict.UNKNOWN, True)
    kind, body = last(house)
    assert (kind, body["product"], body.get("event")) == ("admitted", 4711, None)
    house.clock.advance(10)
    assert house.admit(code).decision.verdict is Verdict.ALREADY_USED
    assert house.gate.undo(answer.serial, "mistake", GATE).entry_id == answer.entry_id
    assert house.admit(code).opens
    assert house.station.verify().clean


def test_for_a_cancelled_event_nobody_is_let_in_on_trust_where_the_event_itself_is_not_known(
    house: House,
) -> None:
    code = unsold(house, product=900, performance=None)

    def say(*drafts: Draft) -> None:
        with house.station.store.begin() as work:
            work.append_many(drafts, SYSTEM)
            work.commit()

    say(made(make_product(number=900, event=901)))
    assert house.gate.check(ScanInput(code, "camera"), GATE).opens
    say(Draft("event_cancelled", ("org",), {"event": 901, "reason": "fire", "rule": "all"}))
    answer = house.admit(code)
    assert (answer.decision.verdict, answer.opens) == (Verdict.CANCELLED, False)
    assert answer.decision.params["reason"] == "event"
    assert last(house)[0] == "refused"


def test_a_code_of_a_station_nobody_has_heard_of_opens_only_where_the_gate_is_told_to_trust_it(
    house: House,
) -> None:
    known = decode(unsold(house)).code
    stranger = SigningKey.from_seed(bytes(32))
    code = encode(
        TicketCode(
            key_id=key_id(stranger.public),
            serial=known.serial,
            product=known.product,
            performance=known.performance,
            valid_from_at=known.valid_from_at,
            valid_until_at=known.valid_until_at,
        ),
        stranger,
    )
    answer = house.admit(code)
    assert (answer.decision.verdict, answer.opens) == (Verdict.UNKNOWN_KEY, False)
    house.reopen(GATEHOUSE_GATE_UNKNOWN_KEY="admit")
    answer = house.admit(code)
    assert (answer.decision.verdict, answer.opens) == (Verdict.UNKNOWN_KEY, True)
    house.clock.advance(10)
    assert not house.admit(code).opens


def test_a_pass_comes_and_goes_and_the_way_out_is_written_as_an_exit(house: House) -> None:
    code = house.code("day")
    assert house.admit(code).decision.verdict is Verdict.ADMIT
    house.clock.advance(60)
    out = house.admit(code, direction=Direction.EXIT)
    assert (out.decision.verdict, out.opens, last(house)[0]) == (Verdict.EXIT, True, "exited")
    house.clock.advance(60)
    assert house.admit(code).decision.verdict is Verdict.ADMIT


def test_door_time_may_be_given_for_a_look_back(house: House) -> None:
    code = house.code()
    early = house.gate.check(ScanInput(code, at=utc("2026-11-20 10:00")), GATE)
    late = house.gate.check(ScanInput(code, at=utc("2026-11-22 10:00")), GATE)
    assert (early.decision.verdict, late.decision.verdict) == (Verdict.TOO_EARLY, Verdict.TOO_LATE)


def test_a_typed_reference_needs_the_permission_to_search(house: House) -> None:
    ticket = house.sell("full").order.tickets[0]
    with pytest.raises(Refusal) as caught:
        house.admit(ticket.reference, via="manual")
    assert (caught.value.code, caught.value.params["permission"]) == ("NOT_ALLOWED", "search")
    with pytest.raises(Refusal, match="NOT_ALLOWED"):
        house.gate.search(ticket.reference, GATE)
    answer = house.admit(ticket.reference.lower().replace("-", " "), CASHIER, via="manual")
    assert (answer.decision.verdict, answer.serial) == (Verdict.ADMIT, ticket.serial)


@pytest.mark.parametrize("via", ["camera", "serial", "wedge", "script"])
def test_a_reference_is_never_taken_from_a_scanner(house: House, via: str) -> None:
    ticket = house.sell("full").order.tickets[0]
    answer = house.admit(ticket.reference, SUPERVISOR, via=via)
    assert (answer.decision.verdict, answer.opens) == (Verdict.UNREADABLE, False)


def test_a_typed_reference_that_nobody_has_is_unreadable(house: House) -> None:
    answer = house.admit(short_reference("0011223344556677"), SUPERVISOR, via="manual")
    assert answer.decision.verdict is Verdict.UNREADABLE
    with pytest.raises(Refusal, match="REFERENCE_INVALID"):
        house.gate.search("ABCD-EFG8", SUPERVISOR)


def test_an_ambiguous_reference_is_offered_to_choose_from(house: House) -> None:
    sold = house.sell(house.item("full", 2))
    one, two = sold.order.tickets
    with house.station.store._core.writing() as work:
        work.connection.exec_driver_sql(
            "UPDATE position SET reference = ? WHERE serial = ?", (one.reference, two.serial)
        )
        work.commit()
    with pytest.raises(Refusal) as caught:
        house.admit(one.reference, SUPERVISOR, via="manual")
    assert (caught.value.code, caught.value.params) == ("REFERENCE_AMBIGUOUS", {"count": 2})
    hits = house.gate.search(one.reference, SUPERVISOR)
    assert {hit.serial for hit in hits} == {one.serial, two.serial}
    chosen = house.admit(actor=SUPERVISOR, serial=two.serial, via="manual")
    assert (chosen.decision.verdict, chosen.serial) == (Verdict.ADMIT, two.serial)
    with pytest.raises(Refusal, match="NOT_ALLOWED"):
        house.admit(actor=GATE, serial=one.serial)


def test_ones_own_admission_can_be_taken_back_and_the_ticket_is_good_at_once(house: House) -> None:
    code = house.code()
    first = house.admit(code)
    row = house.gate.undo(first.serial, "wrong person", GATE)
    assert row.entry_id == first.entry_id
    kind, body = last(house)
    assert (kind, body["admission"], body["reason"]) == ("admission_undone", first.entry_id, "wrong person")
    assert house.admit(code).decision.verdict is Verdict.ADMIT
    assert [scan.undone for scan in house.gate.last_scans(GATE)] == [False, True]


def test_anothers_admission_is_taken_back_only_with_the_right_to(house: House) -> None:
    serial = house.admit(house.code()).serial
    before = house.seq
    with pytest.raises(Refusal) as caught:
        house.gate.undo(serial, "x", OTHER_GATE)
    assert caught.value.params == {"permission": "undo_any", "roles": "supervisor", "people": ""}
    with pytest.raises(Refusal, match="NOT_SIGNED_IN"):
        house.gate.undo(serial, "x", NOBODY)
    assert house.seq == before
    house.gate.undo(serial, "x", SUPERVISOR)
    with pytest.raises(Refusal, match="NOTHING_TO_UNDO"):
        house.gate.undo(serial, "x", SUPERVISOR)
    with pytest.raises(Refusal, match="NOTHING_TO_UNDO"):
        house.gate.undo("0011223344556677", "x", SUPERVISOR)


def test_gates_can_be_told_apart_and_counted(house: House) -> None:
    side = house.station.gatekeeper("B", "2")
    codes = list(house.sell(house.item("full", 3)).codes.values())
    house.admit(codes[0])
    answer = side.admit(ScanInput(codes[1], "serial"), GATE)
    house.clock.advance(10)
    side.admit(ScanInput(codes[1], "serial"), GATE)
    assert (answer.gate.code, answer.gate.name, answer.lane) == ("B", "Side door", "2")
    here, everywhere = side.counters(GATE)
    assert (here.admitted, here.refused, everywhere.admitted, everywhere.expected) == (1, 1, 2, 1)
    assert [scan.verdict for scan in side.last_scans(GATE)] == ["ALREADY_USED", "ADMIT"]
    assert {gate.code for gate in side.gates()} == {"A", "B"}
    assert side.setup().lane == "2"


def test_two_lanes_of_a_station_never_admit_one_ticket_twice(house: House) -> None:
    code = house.code()
    lanes = [house.station.gatekeeper(None, lane) for lane in ("1", "2")]
    verdicts = [lane.admit(ScanInput(code, "camera"), GATE).decision.verdict for lane in lanes]
    assert verdicts == [Verdict.ADMIT, Verdict.ALREADY_USED]


def test_a_gate_set_to_events_or_a_performance_admits_nothing_else(house: House) -> None:
    tonight, tomorrow = house.code(), next(iter(house.sell(house.item("full", 1, "play-2")).codes.values()))
    museum = house.code("day")
    house.reopen(GATEHOUSE_GATE_EVENTS="museum")
    assert house.admit(tonight).decision.verdict is Verdict.WRONG_EVENT
    assert house.admit(museum).opens
    assert last(house)[1]["at_event"] == house.event("museum").number
    house.reopen(GATEHOUSE_GATE_EVENTS="", GATEHOUSE_GATE_PERFORMANCE="play-1")
    assert house.admit(tomorrow).decision.verdict is Verdict.WRONG_EVENT
    assert house.admit(tonight).opens
    assert last(house)[1]["at_event"] == house.event("play").number


@pytest.mark.parametrize(
    ("variable", "code"),
    [("GATEHOUSE_GATE_EVENTS", "EVENT_UNKNOWN"), ("GATEHOUSE_GATE_PERFORMANCE", "PERFORMANCE_UNKNOWN")],
)
def test_a_gate_set_to_what_nobody_knows_admits_nobody_and_says_so(
    house: House, variable: str, code: str
) -> None:
    ticket = house.code()
    house.reopen(**{variable: "hamlett"})
    with pytest.raises(Refusal, match=code):
        house.admit(ticket)


def test_a_simulated_turnstile_opens_after_the_record_and_that_is_recorded(house: House) -> None:
    station: Station = house.reopen(GATEHOUSE_TURNSTILE_PORT="simulated", GATEHOUSE_TURNSTILE_PULSE_MS="20")
    answer = house.admit(house.code())
    assert last(house)[0] == "admitted"
    station.move(answer, GATE)
    assert last(house) == (
        "gate_opened",
        {
            "admission": answer.entry_id,
            "gate": "A",
            "lane": "1",
            "event": house.event("play").number,
        },
    )


def test_a_turnstile_that_does_not_answer_leaves_the_admission(house: House, tmp_path: Path) -> None:
    station: Station = house.reopen(GATEHOUSE_TURNSTILE_PORT=str(tmp_path / "no-such-port"))
    code = house.code()
    answer = house.admit(code)
    before = house.seq
    with pytest.raises(DeviceFault):
        station.move(answer, GATE)
    assert house.seq == before
    house.clock.advance(10)
    assert house.admit(code).decision.verdict is Verdict.ALREADY_USED


def test_no_metal_moves_for_a_refusal_a_repeat_or_a_check(house: House, tmp_path: Path) -> None:
    station: Station = house.reopen(GATEHOUSE_TURNSTILE_PORT=str(tmp_path / "no-such-port"))
    code = house.code()
    station.services.open_turnstile(house.gate.check(ScanInput(code), GATE), GATE)
    house.admit(code)
    station.services.open_turnstile(house.admit(code), GATE)
    house.clock.advance(10)
    station.services.open_turnstile(house.admit(code), GATE)
    assert not house.entries("gate_opened")


def test_an_unknown_ticket_opens_the_turnstile_too(house: House) -> None:
    station: Station = house.reopen(GATEHOUSE_TURNSTILE_PORT="simulated", GATEHOUSE_TURNSTILE_PULSE_MS="20")
    answer = house.admit(unsold(house))
    station.move(answer, GATE)
    assert house.entries("gate_opened")[0].body["admission"] == answer.entry_id


def test_a_ticket_refused_earlier_by_the_policy_is_judged_anew_after_the_sale_is_known(
    make_house: Callable[..., House],
) -> None:
    house = make_house(at=utc("2026-11-21 12:00"))
    code = house.code()
    assert house.admit(code).decision.verdict is Verdict.TOO_EARLY
    house.clock.set_wall(utc("2026-11-21 18:45"))
    assert house.admit(code).decision.verdict is Verdict.ADMIT
