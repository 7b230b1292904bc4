"""A supervisor's PIN on the spot: for one act, once, within two minutes, at this station."""

from typing import Any

import pytest

from app.services.access import Need, authorise
from domain.actor import Actor, Permission
from domain.errors import Refusal
from domain.permissions import DEFAULT_RIGHTS, Limit, Role
from tests.services.house import House
from tests.services.test_people import Desk

NEED = Need("refund", "order-1", Limit.REFUND, 9_000)


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


class Counter:
    """Carla, who may give back 50.00 by herself, and a supervisor beside her."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.carla = desk.somebody("carla", "cashier")
        self.boss = desk.somebody("boss", "supervisor")

    def approve(self, need: Need = NEED, login: str = "boss", pin: str = "2580") -> str:
        return self.desk.approve(login, pin, need, self.carla).token

    def act(self, token: str | None = None, need: Need = NEED, actor: Actor | None = None) -> Actor:
        with self.desk.store.begin() as work:
            who = authorise(work, need, actor or self.carla, token)
            work.commit()
        return who


@pytest.fixture
def counter(desk: Desk) -> Counter:
    return Counter(desk)


def test_within_ones_limit_nobody_is_asked(counter: Counter) -> None:
    assert counter.act(need=Need("refund", "order-1", Limit.REFUND, 5_000)) == counter.carla


def test_over_the_limit_the_refusal_says_how_much_and_who_may_help(counter: Counter) -> None:
    refused = counter.desk.refused("APPROVAL_NEEDED", counter.act)
    said = refused.params
    assert (said["permission"], said["limit"], said["asked"], said["act"]) == (
        "refund",
        5_000,
        9_000,
        "refund",
    )
    assert (said["people"], said["asked_minor"], said["currency"]) == ("Boss", 9_000, "EUR")


def test_an_approval_goes_into_the_entry_and_counts_once(counter: Counter) -> None:
    token = counter.approve()
    assert counter.act(token).approvals == (counter.boss.user,)
    counter.desk.refused("APPROVAL_INVALID", counter.act, token)


def test_an_act_that_comes_to_nothing_does_not_use_the_approval_up(counter: Counter) -> None:
    token = counter.approve()
    with counter.desk.store.begin() as work:
        authorise(work, NEED, counter.carla, token)
    assert counter.act(token).approvals


@pytest.mark.parametrize(
    "other",
    [
        Need("refund", "order-1", Limit.REFUND, 9_001),
        Need("refund", "order-2", Limit.REFUND, 9_000),
        Need("void", "order-1", Limit.REFUND, 9_000),
        Need("refund", "order-1", Limit.DISCOUNT, 9_000),
    ],
)
def test_it_is_good_for_nothing_else(counter: Counter, other: Need) -> None:
    token = counter.approve()
    counter.desk.refused("APPROVAL_INVALID", counter.act, token, other)


def test_it_is_good_for_nobody_else(counter: Counter) -> None:
    other = counter.desk.somebody("other", "cashier")
    token = counter.approve()
    counter.desk.refused("APPROVAL_INVALID", counter.act, token, NEED, other)


@pytest.mark.parametrize("token", ["", "00", "x" * 10_000, "\x00", "\ud800"])
def test_made_up_tokens_are_none(counter: Counter, token: str) -> None:
    counter.desk.refused("APPROVAL_INVALID", counter.act, token)


def test_it_ends_after_two_minutes_also_when_the_clock_is_set_back(counter: Counter) -> None:
    in_time, late = counter.approve(), counter.approve()
    counter.desk.house.clock.advance(119)
    assert counter.act(in_time).approvals
    counter.desk.house.clock.advance(2)
    counter.desk.house.clock.set_wall(counter.desk.house.clock.now().replace(hour=0))
    counter.desk.refused("APPROVAL_INVALID", counter.act, late)


def test_it_outlives_a_restart_and_is_worth_nothing_elsewhere(counter: Counter, make_house: Any) -> None:
    token = counter.approve()
    other = make_house(prefix="K2", seed=2)
    with other.station.store.begin() as work, pytest.raises(Refusal, match="APPROVAL_INVALID"):
        authorise(work, NEED, Actor(user=counter.carla.user, roles=frozenset({"cashier"})), token)
    counter.desk.house.reopen()
    store = counter.desk.house.station.store
    with store.begin() as work:
        who = authorise(work, NEED, Actor(user=counter.carla.user, roles=frozenset({"cashier"})), token)
    assert who.approvals == (counter.boss.user,)


def test_the_pin_is_counted_like_any_other(counter: Counter) -> None:
    for _ in range(4):
        counter.desk.refused("WRONG_PIN", counter.approve, NEED, "boss", "0000")
    counter.desk.refused("LOCKED_OUT", counter.approve, NEED, "boss", "0000")
    counter.desk.refused("LOCKED_OUT", counter.approve, NEED, "boss", "2580")


def test_nobody_approves_for_themselves_or_beyond_their_own_limit(counter: Counter) -> None:
    counter.desk.refused("NOT_ALLOWED", counter.approve, NEED, "carla")
    rights = DEFAULT_RIGHTS[Role.CASHIER] | {Permission.APPROVE}
    counter.desk.people.roles("lead", rights, {Limit.REFUND: 8_999}, counter.desk.root)
    counter.desk.somebody("lead", "lead")
    counter.desk.refused("APPROVER_LIMIT", counter.approve, NEED, "lead")
    fitting = counter.desk.approve.approvers(NEED)
    assert [person.login for person in fitting] == ["boss"]


def test_without_the_permission_no_approval_helps(counter: Counter) -> None:
    gary = counter.desk.somebody("gary", "gate")
    counter.desk.refused("NOT_ALLOWED", counter.act, counter.approve(), NEED, gary)


def test_a_close_that_is_off_by_more_than_the_limit_takes_an_approval(counter: Counter) -> None:
    desk = counter.desk
    rights = DEFAULT_RIGHTS[Role.CASHIER]
    desk.people.roles("cashier", rights, {Limit.DIFFERENCE: 500}, desk.root)
    services = desk.house.services
    from tests.services.house import SUPERVISOR

    services.close_shift(10_000, SUPERVISOR)
    shift = services.open_shift(10_000, counter.carla).shift
    refused = desk.refused("APPROVAL_NEEDED", services.close_shift, 9_000, counter.carla)
    assert refused.params["bound"] == "difference"
    token = counter.approve(Need("close_shift", shift, Limit.DIFFERENCE, 1_000))
    services.close_shift(9_000, counter.carla, token)
    (_, entry) = desk.house.entries("shift_closed")
    assert (entry.actor.user, entry.actor.approvals) == (counter.carla.user, (counter.boss.user,))
