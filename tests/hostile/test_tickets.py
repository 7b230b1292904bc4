"""Codes that must open no door: another event's, another key's, revoked, expired, stretched or bent."""

from datetime import timedelta

import pytest

from domain.admission import Verdict
from domain.ticket_code import SigningKey, TicketCode, decode, encode, key_id
from tests.services.house import CASHIER, GATE, House, forged

ENEMY = SigningKey.from_seed(bytes(range(32)))


def signed(house: House, like: str, key: SigningKey, named: SigningKey) -> str:
    """The facts of a code, signed with a key, under the id of another."""
    facts = decode(like).code
    made = {name: getattr(facts, name) for name in TicketCode.__slots__} | {"key_id": key_id(named.public)}
    return encode(TicketCode(**made), key)


def verdict(house: House, text: str) -> Verdict:
    answer = house.admit(text)
    assert not answer.opens
    return answer.decision.verdict


def test_a_code_signed_with_a_key_of_one_s_own_opens_nothing(house: House) -> None:
    code = house.code()
    assert verdict(house, signed(house, code, ENEMY, ENEMY)) is Verdict.UNKNOWN_KEY
    real = house.station.store.signing_key
    with pytest.raises(ValueError, match="key"):
        signed(house, code, ENEMY, real)
    assert verdict(house, forged(code)) is Verdict.FORGED


def test_every_bent_code_is_refused_and_the_straight_one_still_opens(house: House) -> None:
    code = house.code()
    for bent in (
        code[:-1], code + "A", code[:-8], code + code, code.lower(), code[::-1],
        "=" * 152, "A" * 152, "", "\x00" * 152, code[:76] + "0" + code[77:], f"{code[:60]} {code[60:]}",
    ):  # fmt: skip
        answer = house.admit(bent)
        assert not answer.opens, repr(bent)
    assert house.admit(code).opens


def test_a_ticket_of_another_event_and_of_another_time_is_refused(house: House) -> None:
    museum = house.code("day")
    house.reopen(GATEHOUSE_GATE_EVENTS="play")
    assert verdict(house, museum) is Verdict.WRONG_EVENT
    tomorrow = house.sell(house.item("full", performance="play-2"))
    assert verdict(house, next(iter(tomorrow.codes.values()))) is Verdict.TOO_EARLY
    today = house.code()
    house.clock.advance(hours=6)
    assert verdict(house, today) is Verdict.TOO_LATE


def test_a_short_reference_is_for_people_and_never_for_a_scanner(house: House) -> None:
    (ticket,) = house.sell("full").order.tickets
    assert house.admit(ticket.reference, via="camera").decision.verdict is Verdict.UNREADABLE
    assert house.admit(ticket.serial, via="serial").decision.verdict is Verdict.UNREADABLE


def test_a_practice_ticket_is_refused_before_anything_else_is_said(house: House) -> None:
    facts = decode(house.code()).code
    made = {name: getattr(facts, name) for name in TicketCode.__slots__} | {"practice": True}
    code = encode(TicketCode(**made), house.station.store.signing_key)
    assert verdict(house, code) is Verdict.PRACTICE


def test_a_ticket_that_was_used_stays_used_over_restarts_and_clocks(house: House) -> None:
    code = house.code()
    assert house.admit(code).opens
    for step in (timedelta(minutes=-30), timedelta(minutes=45)):
        house.clock.set_wall(house.clock.now() + step)
        house.reopen()
        assert house.station.gatekeeper("B").admit(_scan(code), GATE).decision.verdict is Verdict.ALREADY_USED


def _scan(code: str) -> object:
    from app.services.gate import ScanInput

    return ScanInput(code, via="camera")


def test_a_sale_is_no_way_to_a_card_number(house: House) -> None:
    from app.services.sell import SaleRequest, Tendered
    from domain.errors import Refusal
    from domain.order import Tender

    items = [house.item("full")]
    with pytest.raises(Refusal) as refused:
        house.services.sell(SaleRequest(items, [Tendered(Tender.CARD, 2000, "4111 1111 1111 1111")]), CASHIER)
    assert refused.value.code == "REFERENCE_IS_CARD"
