"""Guessing at a PIN: neither restarts nor clocks give more guesses, and time tells nobody who exists."""

from collections import Counter
from datetime import timedelta
from typing import Any

import argon2
import pytest

from app.services.attempts import FREE_ATTEMPTS
from domain.errors import Refusal
from tests.services.house import House

LOGINS = ("anna", "nobody")
HASHER = "argon2._password_hasher."


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What Argon2 is asked to compute, by its costs."""
    done: Counter[str] = Counter()
    verify, make = argon2.low_level.verify_secret, argon2.low_level.hash_secret

    def verified(encoded: bytes, secret: bytes, *more: Any) -> bool:
        done["$".join(encoded.decode().split("$")[1:4])] += 1
        return verify(encoded, secret, *more)

    def made(*given: Any, **named: Any) -> bytes:
        encoded = make(*given, **named)
        done["$".join(encoded.decode().split("$")[1:4])] += 1
        return encoded

    monkeypatch.setattr(HASHER + "verify_secret", verified)
    monkeypatch.setattr(HASHER + "hash_secret", made)
    return done


def tried(house: House, login: str, pin: str = "0000") -> str:
    with pytest.raises(Refusal) as refused:
        house.services.sign_in.by_login(login, pin)
    return refused.value.code


@pytest.mark.parametrize("secret", ["pin", "password"])
def test_a_login_that_nobody_has_costs_the_same_work_the_first_time_and_later(
    house: House, work: Counter[str], secret: str
) -> None:
    invited = house.services.people.invite(
        "pia", "Pia", ["gate"], house.services.sign_in.by_login("anna", "2580")
    )
    house.services.people.accept("pia", invited.code, "a fine long password", "1357")
    seen = []
    for login in ("nobody", "pia", "somebody"):
        house.reopen()
        work.clear()
        sign_in = house.services.sign_in
        with pytest.raises(Refusal) as refused:
            (sign_in.by_login if secret == "pin" else sign_in.with_password)(login, "000000000")
        assert refused.value.code in {"WRONG_PIN", "WRONG_PASSWORD"}
        seen.append(dict(work))
    assert seen[0] == seen[1] == seen[2] != {}


def test_what_is_said_about_a_wrong_pin_does_not_tell_who_exists(house: House) -> None:
    said = []
    for login in LOGINS:
        with pytest.raises(Refusal) as refused:
            house.services.sign_in.by_login(login, "0000")
        said.append((refused.value.code, set(refused.value.params)))
    assert said[0] == said[1]


def test_restarts_and_clock_changes_give_no_further_guesses(house: House, work: Counter[str]) -> None:
    for _ in range(FREE_ATTEMPTS):
        tried(house, "anna")
    tricks = (
        house.reopen,
        lambda: house.clock.set_wall(house.clock.now() + timedelta(days=400)),
        lambda: house.clock.set_wall(house.clock.now() - timedelta(days=4000)),
        lambda: house.clock.set_wall(house.clock.now() + timedelta(minutes=16)),
    )
    work.clear()
    for trick in tricks * 3:
        trick()
        assert tried(house, "anna", "2580") == "LOCKED_OUT", "even with the right PIN"
    assert not work, "nothing is compared while the lock holds"
    house.clock.advance(minutes=16)
    assert house.services.sign_in.by_login("anna", "2580").login == "anna"


def test_a_guess_is_counted_before_it_is_compared(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def pulls_the_plug(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    for _ in range(FREE_ATTEMPTS):
        with monkeypatch.context() as during:
            during.setattr(HASHER + "verify_secret", pulls_the_plug)
            with pytest.raises(KeyboardInterrupt):
                house.services.sign_in.by_login("anna", "0000")
        house.reopen()
    assert tried(house, "anna", "2580") == "LOCKED_OUT"


def test_pin_and_code_and_password_share_one_count(house: House) -> None:
    admin = house.services.sign_in.by_login("anna", "2580")
    issued = house.services.people.invite("pia", "Pia", ["gate"], admin)
    house.services.people.accept("pia", issued.code, "a fine long password", "1357")
    for _ in range(FREE_ATTEMPTS - 1):
        tried(house, "pia")
    with pytest.raises(Refusal) as refused:
        house.services.sign_in.with_password("pia", "not the password")
    assert refused.value.code == "LOCKED_OUT"
    assert tried(house, "pia", "1357") == "LOCKED_OUT"


def test_practice_is_no_place_to_guess_at_a_real_pin(house: House) -> None:
    from app.practice_station import open_practice

    stage = open_practice(house.data, house.settings, clock=house.clock, random_bytes=house.random)
    try:
        with pytest.raises(Refusal) as refused:
            stage.services.sign_in.by_login("anna", "2580")
        assert refused.value.code == "WRONG_PIN"
    finally:
        stage.close()
