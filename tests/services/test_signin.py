"""Signing in with a PIN: attempts that count, locks that neither a restart nor a clock forgives."""

from datetime import timedelta

import pytest

from app.services.attempts import FREE_ATTEMPTS, LONGEST_LOCK, lock_after
from app.services.signin import AddUser, PinHasher, SetPin, SignIn
from domain.actor import SYSTEM, Actor, Role
from domain.entry import Draft
from domain.errors import Refusal
from tests.builders import NOW, FakeClock
from tests.services.house import ADMIN, CASHIER, House

CHEAP = PinHasher(time_cost=1, memory_kib=64)


@pytest.fixture
def desk(house: House) -> "Desk":
    return Desk(house)


class Desk:
    """Sign-in over the store of a house, with a hasher that does not take its time."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.clock = house.clock
        self.add = AddUser(house.station.store, CHEAP, house.clock, house.random)
        self.set_pin = SetPin(house.station.store, CHEAP)
        self.user = self.add("carla", "Carla K.", [Role.CASHIER], "2580", ADMIN)
        self.restart()

    def restart(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or self.clock
        store = self.house.station.store
        self.sign_in = SignIn(store, store.pins, CHEAP, self.clock)

    def refusal(self, pin: str = "0000") -> Refusal:
        with pytest.raises(Refusal) as caught:
            self.sign_in(self.user, pin)
        return caught.value

    def lock(self) -> None:
        for _ in range(FREE_ATTEMPTS):
            self.refusal()


def test_the_right_pin_gives_the_person_with_their_roles(desk: Desk) -> None:
    for actor in (desk.sign_in(desk.user, "2580"), desk.sign_in.by_login("carla", "2580")):
        assert (actor.user, actor.login, actor.roles) == (desk.user, "carla", {Role.CASHIER})
    assert [person.login for person in desk.sign_in.people()] == ["carla"]
    assert desk.sign_in.people()[0].name == "Carla K."


def test_wrong_pins_are_counted_down_and_then_lock(desk: Desk) -> None:
    refusals = [desk.refusal() for _ in range(FREE_ATTEMPTS)]
    assert [one.code for one in refusals] == ["WRONG_PIN"] * 4 + ["LOCKED_OUT"]
    assert [one.params.get("left") for one in refusals[:4]] == [4, 3, 2, 1]
    assert refusals[4].params == {"seconds": 30}
    assert desk.refusal("2580").code == "LOCKED_OUT"


def test_a_lock_ends_by_itself_and_the_next_wrong_pin_doubles_it(desk: Desk) -> None:
    desk.lock()
    for seconds in (30, 60, 120, 240, 480, 900, 900):
        desk.clock.advance(seconds - 1)
        assert desk.refusal("2580").params == {"seconds": 1}
        desk.clock.advance(1)
        expected = min(seconds * 2, 900)
        assert desk.refusal().params == {"seconds": expected}


def test_success_forgives_all_failures(desk: Desk) -> None:
    desk.lock()
    desk.clock.advance(31)
    desk.sign_in(desk.user, "2580")
    assert desk.refusal().params == {"left": 4}


def test_a_restart_forgives_nothing(desk: Desk) -> None:
    for _ in range(3):
        desk.refusal()
    desk.house.reopen()
    desk.restart()
    assert desk.refusal().params == {"left": 1}
    desk.refusal()
    desk.house.reopen()
    desk.restart()
    assert desk.refusal("2580").code == "LOCKED_OUT"


def test_setting_the_clock_forward_does_not_end_a_lock(desk: Desk) -> None:
    desk.lock()
    desk.clock.set_wall(NOW + timedelta(days=400))
    assert desk.refusal("2580").params == {"seconds": 30}
    desk.house.reopen()
    desk.restart()
    assert desk.refusal("2580").code == "LOCKED_OUT"
    desk.clock.advance(30)
    desk.sign_in(desk.user, "2580")


def test_setting_the_clock_back_does_not_lock_for_years(desk: Desk) -> None:
    desk.lock()
    desk.clock.set_wall(NOW - timedelta(days=400))
    desk.clock.advance(30)
    desk.sign_in(desk.user, "2580")


def test_after_a_reboot_the_wall_clock_decides_but_never_beyond_the_longest_lock(desk: Desk) -> None:
    desk.lock()
    desk.restart(FakeClock(NOW + timedelta(seconds=10), boot="boot-2"))
    assert desk.refusal("2580").params == {"seconds": 20}
    desk.restart(FakeClock(NOW - timedelta(days=400), boot="boot-3"))
    longest = LONGEST_LOCK // timedelta(seconds=1)
    assert desk.refusal("2580").params == {"seconds": longest}
    desk.clock.advance(longest - 1)
    assert desk.refusal("2580").params == {"seconds": 1}
    desk.clock.advance(1)
    desk.sign_in(desk.user, "2580")


def test_somebody_nobody_knows_is_refused_like_a_wrong_pin(desk: Desk) -> None:
    for attempt in (("nobody", "2580"), ("", "")):
        with pytest.raises(Refusal, match="WRONG_PIN"):
            desk.sign_in.by_login(*attempt)


def test_a_person_without_a_pin_here_is_told_so_and_not_counted(desk: Desk) -> None:
    user = desk.add("olga", "Olga", [Role.ORGANIZER], None, ADMIN)
    for _ in range(FREE_ATTEMPTS + 1):
        with pytest.raises(Refusal, match="NO_PIN_HERE"):
            desk.sign_in(user, "2580")
    assert "olga" not in [person.login for person in desk.sign_in.people()]
    desk.set_pin(user, "1357", ADMIN)
    assert desk.sign_in(user, "1357").roles == {Role.ORGANIZER}


def test_of_two_people_with_one_login_the_one_with_a_pin_here_is_meant(desk: Desk) -> None:
    for user in ("00000000-0000-4000-8000-0000000000aa", "ffffffff-0000-4000-8000-0000000000aa"):
        body = {"user": user, "login": "carla", "roles": ["admin"]}
        with desk.house.station.store.begin() as work:
            work.append(Draft("user_created", ("org",), body), SYSTEM)
            work.commit()
    assert desk.sign_in.by_login("carla", "2580").user == desk.user


def test_a_role_that_a_newer_station_gave_is_ignored_here(desk: Desk) -> None:
    user = "00000000-0000-4000-8000-0000000000aa"
    body = {"user": user, "login": "new", "roles": ["cashier", "wizard"]}
    with desk.house.station.store.begin() as work:
        work.append(Draft("user_created", ("org",), body), SYSTEM)
        work.set_pin(user, CHEAP.hash("2580"))
        work.commit()
    assert desk.sign_in(user, "2580").roles == {Role.CASHIER}


@pytest.mark.parametrize("pin", ["", "123", "1234567890123", "12a4", "١٢٣٤", " 1234"])
def test_a_pin_is_four_to_twelve_digits(desk: Desk, pin: str) -> None:
    with pytest.raises(Refusal) as caught:
        desk.set_pin(desk.user, pin, ADMIN)
    assert (caught.value.code, caught.value.params) == ("PIN_UNFIT", {"least": 4, "most": 12})
    desk.sign_in(desk.user, "2580")


@pytest.mark.parametrize("login", ["", "Анна", "a b", "-x", "x" * 41, "a\nb"])
def test_a_login_that_cannot_be_recorded_is_refused(desk: Desk, login: str) -> None:
    before = desk.house.seq
    with pytest.raises(Refusal, match="LOGIN_INVALID"):
        desk.add(login, "Somebody", [Role.GATE], "2580", ADMIN)
    assert desk.house.seq == before


def test_a_login_is_given_once(desk: Desk) -> None:
    with pytest.raises(Refusal, match="LOGIN_TAKEN"):
        desk.add("carla", "Another", [Role.GATE], "2580", ADMIN)


def test_people_set_their_own_pin_and_an_admin_anybodys(desk: Desk) -> None:
    desk.set_pin(desk.user, "1111", Actor(user=desk.user))
    desk.sign_in(desk.user, "1111")
    with pytest.raises(Refusal, match="NOT_ALLOWED"):
        desk.set_pin(desk.user, "2222", CASHIER)
    desk.set_pin(desk.user, "3333", ADMIN)
    desk.sign_in(desk.user, "3333")
    with pytest.raises(Refusal, match="USER_UNKNOWN"):
        desk.set_pin("00000000-0000-4000-8000-0000000000ff", "2580", ADMIN)


def test_a_new_pin_ends_a_lock(desk: Desk) -> None:
    desk.lock()
    desk.set_pin(desk.user, "4444", ADMIN)
    desk.sign_in(desk.user, "4444")


def test_locks_grow_from_thirty_seconds_to_fifteen_minutes() -> None:
    spans = [lock_after(failures, NOW) for failures in (4, 5, 6, 9, 10, 11, 1000)]
    assert [None if at is None else (at - NOW).total_seconds() for at in spans] == [
        None, 30, 60, 480, 900, 900, 900,
    ]  # fmt: skip


def test_a_verifier_that_is_damaged_lets_nobody_in() -> None:
    assert not CHEAP.matches("not a verifier", "2580")
    assert not CHEAP.matches(None, "nobody has this one")
    assert CHEAP.matches(CHEAP.hash("2580"), "2580")


def test_pins_are_kept_as_argon2id_at_a_cost_that_slows_guessing_down() -> None:
    verifier = PinHasher().hash("2580")
    assert verifier.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PinHasher().matches(verifier, "2580")
    assert not PinHasher().matches(verifier, "2581")
