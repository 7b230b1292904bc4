"""Sessions: a token for scripts, ends from afar, and what time without the hub stops."""

from datetime import timedelta
from typing import Any

import pytest

from app.build_people import build_people
from app.services.hashing import PinHasher
from domain.actor import Permission
from domain.sessions import SCRIPT_HOURS, SessionPolicy
from tests.services.house import House
from tests.services.test_people import Desk


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def hours(desk: Desk, count: float) -> None:
    desk.house.clock.advance(timedelta(hours=count).total_seconds())


def test_a_second_sign_in_goes_on_with_the_session(desk: Desk) -> None:
    carla = desk.somebody("carla", "cashier")
    assert desk.sign_in(carla.user, "2580").session == carla.session
    assert len([e for e in desk.house.entries("session_started") if e.body["user"] == carla.user]) == 1


def test_a_session_that_is_ended_from_afar_does_nothing_more(desk: Desk) -> None:
    carla = desk.somebody("carla", "cashier")
    ended = desk.sessions.end(carla.session, desk.root)
    assert (ended.reason, ended.login) == ("from_afar", "carla")
    desk.refused("SESSION_ENDED", desk.house.sell, "full", actor=carla)
    assert desk.sign_in(carla.user, "2580").session != carla.session
    assert desk.sessions.end(carla.session, desk.root) == ended, "ending twice changes nothing"


def test_one_ends_ones_own_and_not_anothers(desk: Desk) -> None:
    carla, gary = desk.somebody("carla", "cashier"), desk.somebody("gary", "gate")
    desk.refused("NOT_ALLOWED", desk.sessions.end, carla.session, gary)
    assert desk.sessions.end(gary.session, gary).reason == "signed_out"
    desk.refused("SESSION_UNKNOWN", desk.sessions.end, "none", desk.root)
    assert {row.login for row in desk.sessions.listed(desk.root)} == {"carla", "root"}
    assert desk.sessions.mine(carla)[0].session == carla.session


# Scripts.


def test_a_token_stands_for_the_person_until_it_is_too_old(desk: Desk) -> None:
    carla = desk.somebody("carla", "cashier")
    made = desk.scripts.start(carla)
    assert len(made.token) == 64
    assert made.token not in repr(made)
    actor = desk.sign_in.by_session(desk.scripts.verify(made.token))
    assert (actor.user, actor.session) == (carla.user, made.session)
    assert actor.may(Permission.SELL)
    hours(desk, SCRIPT_HOURS - 1)
    desk.scripts.renew(made.token)
    hours(desk, SCRIPT_HOURS - 1)
    assert desk.scripts.verify(made.token)
    hours(desk, 2)
    desk.refused("SESSION_OVER", desk.scripts.verify, made.token)
    desk.refused("SESSION_OVER", desk.scripts.renew, made.token)


def test_setting_the_clock_back_makes_no_token_younger(desk: Desk) -> None:
    made = desk.scripts.start(desk.root)
    began = desk.house.clock.now()
    hours(desk, SCRIPT_HOURS + 1)
    desk.house.clock.set_wall(began)
    desk.refused("SESSION_OVER", desk.scripts.verify, made.token)


def test_only_a_hash_of_the_token_is_kept(desk: Desk) -> None:
    made = desk.scripts.start(desk.root)
    with desk.store._core.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM session_key").all()
    assert len(rows) == 1
    assert made.token not in str(rows)
    assert made.token not in " ".join(entry.content for entry in desk.house.entries())


def test_a_token_of_another_station_is_none_here(desk: Desk, make_house: Any) -> None:
    made = desk.scripts.start(desk.root)
    other = Desk(make_house(prefix="K2", seed=2))
    other.refused("SESSION_UNKNOWN", other.scripts.verify, made.token)
    with desk.store._core.reading() as connection:
        row = tuple(connection.exec_driver_sql("SELECT * FROM session_key").one())
    with other.store._core.writing() as work:
        marks = ", ".join("?" * len(row))
        work.connection.exec_driver_sql(f"INSERT INTO session_key VALUES ({marks})", row)
        work.commit()
    other.refused("SESSION_UNKNOWN", other.scripts.verify, made.token)


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "0" * 100_000])
def test_made_up_tokens_are_none(desk: Desk, token: str) -> None:
    desk.refused("SESSION_UNKNOWN", desk.scripts.verify, token)


def test_a_token_ends_with_its_session_and_with_its_person(desk: Desk) -> None:
    carla = desk.somebody("carla", "cashier")
    first, second = desk.scripts.start(carla), desk.scripts.start(carla)
    desk.sessions.end(first.session, desk.root)
    desk.refused("SESSION_ENDED", desk.scripts.verify, first.token)
    desk.people.change.disable(carla.user, "", desk.root)
    desk.refused("SESSION_ENDED", desk.scripts.verify, second.token)
    third = desk.scripts.start(desk.root)
    desk.scripts.end(third.token, desk.root)
    desk.refused("SESSION_UNKNOWN", desk.scripts.verify, third.token)


# Time without the hub.


@pytest.fixture
def joined(desk: Desk) -> Desk:
    """The same desk at a station that has joined a hub and met it just now."""
    desk.store.set_station(has_hub=True)
    desk.store.people.note_contact()
    return desk


def test_after_a_day_without_the_hub_the_password_is_asked_for(joined: Desk) -> None:
    carla = joined.somebody("carla", "cashier")
    hours(joined, 24.5)
    joined.refused("PASSWORD_NEEDED", joined.house.sell, "full", actor=carla)
    joined.refused("PASSWORD_NEEDED", joined.sign_in, carla.user, "2580")
    back = joined.sign_in.with_password("carla", "long secret of carla")
    assert back.may(Permission.SELL)
    assert joined.sign_in(carla.user, "2580").may(Permission.SELL)


def test_after_three_days_nothing_is_sold_and_the_gate_goes_on(joined: Desk) -> None:
    carla, gary = joined.somebody("carla", "cashier"), joined.somebody("gary", "gate")
    hours(joined, 73)
    carla = joined.sign_in.with_password("carla", "long secret of carla")
    joined.refused("SELLING_STOPPED", joined.house.sell, "full", actor=carla)
    assert joined.sign_in(gary.user, "2580").may(Permission.ADMIT)
    assert gary.may(Permission.ADMIT)
    joined.store.note_hub_time(0)
    assert carla.may(Permission.SELL)


def test_the_organization_sets_the_hours(joined: Desk) -> None:
    carla = joined.somebody("carla", "cashier")
    joined.refused("HOURS_INVALID", joined.sessions.set_policy, SessionPolicy(0, 72), joined.root)
    joined.sessions.set_policy(SessionPolicy(100, 200), joined.root)
    hours(joined, 99)
    assert carla.may(Permission.SELL)
    hours(joined, 102)
    assert not carla.may(Permission.SELL)


def test_who_has_no_password_is_not_locked_out_by_it(joined: Desk) -> None:
    user = joined.house.services.add_user("dora", "Dora", ["cashier"], "7777", joined.root)
    hours(joined, 30)
    assert joined.sign_in(user, "7777").may(Permission.SELL)
    hours(joined, 50)
    assert not joined.sign_in(user, "7777").may(Permission.SELL)


def test_a_station_by_itself_never_asks(desk: Desk) -> None:
    carla = desk.somebody("carla", "cashier")
    hours(desk, 10_000)
    assert carla.may(Permission.SELL)
    assert desk.scripts.start(carla).offline_until is None


def test_the_last_contact_survives_a_restart(joined: Desk) -> None:
    carla = joined.somebody("carla", "cashier")
    house = joined.house
    house.reopen()
    store = house.station.store
    parts = build_people(store, PinHasher(1, 64, store.pin_key), house.clock, house.random, lambda: None)
    house.clock.advance(timedelta(hours=73).total_seconds())
    actor = parts.sign_in.with_password("carla", "long secret of carla")
    assert (actor.user, actor.may(Permission.SELL)) == (carla.user, False)
