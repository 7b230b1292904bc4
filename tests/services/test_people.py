"""People: invited, shut out, given roles, asking for roles; and what nobody can take or give themselves."""

from datetime import timedelta
from typing import Any

import pytest

from app.build_people import build_people
from app.services.hashing import KEYED, PinHasher
from app.services.views_people import AuditQuery
from domain.actor import Actor, Permission, Role
from domain.errors import Refusal
from domain.permissions import DEFAULT_RIGHTS, Limit
from tests.services.house import ADMIN, SUPERVISOR, House

P = Permission


class Desk:
    """The use cases about people over a house, with a hasher that does not take its time."""

    def __init__(self, house: House) -> None:
        self.house = house
        store = house.station.store
        self.store = store
        self.hasher = PinHasher(1, 64, store.pin_key)
        parts = build_people(store, self.hasher, house.clock, house.random, lambda: None)
        self.sign_in, self.people = parts.sign_in, parts.people
        self.sessions, self.scripts, self.approve = parts.sessions, parts.scripts, parts.approve
        self.invite, self.accept = parts.people.invite, parts.people.accept
        self.audit = parts.audit
        self.root = self.somebody("root", "admin", by=house_admin())

    def somebody(self, login: str, *roles: str, by: Actor | None = None) -> Actor:
        """Invited and accepted: signed in."""
        issued = self.invite(login, login.title(), list(roles), by or self.root)
        return self.accept(login, issued.code, f"long secret of {login}", "2580")

    def refused(self, code: str, call: Any, *args: Any, **more: Any) -> Refusal:
        with pytest.raises(Refusal) as caught:
            call(*args, **more)
        assert caught.value.code == code, caught.value
        return caught.value


def house_admin() -> Actor:
    """Before anybody else is there."""
    return ADMIN


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


# Invitations and resets.


def test_an_invited_person_sets_password_and_pin_and_is_signed_in(desk: Desk) -> None:
    issued = desk.invite("carla", "Carla K.", ["cashier"], desk.root)
    actor = desk.accept("carla", issued.code.lower().replace("-", " "), "correct horse", "1357")
    assert (actor.login, actor.roles) == ("carla", {"cashier"})
    assert actor.may(P.SELL)
    assert desk.sign_in(actor.user, "1357").user == actor.user
    assert desk.sign_in.with_password("carla", "correct horse").user == actor.user


def test_the_code_lies_nowhere_but_in_the_answer(desk: Desk) -> None:
    issued = desk.invite("carla", "Carla K.", ["cashier"], desk.root)
    plain = issued.code.replace("-", "")
    written = " ".join(entry.content for entry in desk.house.entries())
    assert issued.code not in written
    assert plain not in written
    assert issued.code not in repr(issued)


def test_a_code_is_good_once(desk: Desk) -> None:
    issued = desk.invite("carla", "Carla", ["cashier"], desk.root)
    desk.accept("carla", issued.code, "correct horse", "1357")
    desk.refused("CODE_USED", desk.accept, "carla", issued.code, "another horse", "9999")
    assert desk.sign_in.with_password("carla", "correct horse")


def test_an_invitation_ends_after_a_week(desk: Desk) -> None:
    issued = desk.invite("carla", "Carla", ["cashier"], desk.root)
    desk.house.clock.advance(timedelta(days=7).total_seconds())
    desk.refused("CODE_EXPIRED", desk.accept, "carla", issued.code, "correct horse", "1357")
    again = desk.invite.again(issued.user, desk.root)
    assert desk.accept("carla", again.code, "correct horse", "1357")


def test_only_the_newest_code_counts(desk: Desk) -> None:
    first = desk.invite("carla", "Carla", ["cashier"], desk.root)
    second = desk.invite.again(first.user, desk.root)
    desk.refused("CODE_WRONG", desk.accept, "carla", first.code, "correct horse", "1357")
    assert desk.accept("carla", second.code, "correct horse", "1357")
    desk.refused("PASSWORD_SET", desk.invite.again, first.user, desk.root)


def test_guesses_at_a_code_lock_like_guesses_at_a_pin(desk: Desk) -> None:
    issued = desk.invite("carla", "Carla", ["cashier"], desk.root)
    for _ in range(4):
        desk.refused("CODE_WRONG", desk.accept, "carla", "0" * 16, "correct horse", "1357")
    desk.refused("LOCKED_OUT", desk.accept, "carla", "0" * 16, "correct horse", "1357")
    desk.refused("LOCKED_OUT", desk.accept, "carla", issued.code, "correct horse", "1357")
    assert [entry.body for entry in desk.house.entries("user_locked_out")] == [
        {"user": issued.user, "failures": 5}
    ]
    desk.house.clock.advance(30)
    assert desk.accept("carla", issued.code, "correct horse", "1357")
    desk.refused("CODE_WRONG", desk.accept, "nobody", issued.code, "correct horse", "1357")


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 129, "aaaaaaaaaa", "carla-login", "tab\tin the middle"]
)
def test_weak_passwords_are_refused_before_the_code_is_spent(desk: Desk, password: str) -> None:
    issued = desk.invite("carla-login", "Carla", ["cashier"], desk.root)
    desk.refused("PASSWORD_UNFIT", desk.accept, "carla-login", issued.code, password, "1357")
    assert desk.accept("carla-login", issued.code, "correct horse", "1357")


def test_a_supervisor_resets_a_cashier_and_all_they_had_is_over(desk: Desk) -> None:
    boss, carla = desk.somebody("boss", "supervisor"), desk.somebody("carla", "cashier")
    issued = desk.invite.reset(carla.user, boss)
    desk.refused("SESSION_ENDED", desk.house.services.open_shift, 0, carla)
    desk.refused("NO_PIN_HERE", desk.sign_in, carla.user, "2580")
    actor = desk.accept("carla", issued.code, "brand new words", "1111")
    assert desk.sign_in.with_password("carla", "brand new words").user == actor.user
    desk.refused("WRONG_PASSWORD", desk.sign_in.with_password, "carla", "long secret of carla")


@pytest.mark.parametrize("victim", ["admin", "organizer"])
def test_a_supervisor_gets_no_code_for_who_may_do_more(desk: Desk, victim: str) -> None:
    boss, other = desk.somebody("boss", "supervisor"), desk.somebody("other", victim)
    desk.refused("NOT_ALLOWED", desk.invite.reset, other.user, boss)


def test_who_manages_people_but_not_roles_makes_no_admin_and_is_none(desk: Desk) -> None:
    desk.people.roles("clerk", frozenset({P.PEOPLE}), {}, desk.root)
    clerk = desk.somebody("clerk", "clerk")
    assert desk.invite("new", "New", ["cashier"], clerk)
    for call, args in (
        (desk.invite, ("evil", "Evil", ["admin"], clerk)),
        (desk.invite, ("evil", "Evil", ["clerk"], clerk)),
        (desk.people.change.roles, (clerk.user, ["clerk", "admin"], clerk)),
        (desk.people.change.roles, (desk.root.user, ["cashier"], clerk)),
        (desk.people.change.disable, (desk.root.user, "", clerk)),
        (desk.invite.reset, (desk.root.user, clerk)),
        (desk.house.services.set_pin, (desk.root.user, "0000", clerk)),
        (desk.people.roles, ("clerk", frozenset(Permission), {}, clerk)),
    ):
        desk.refused("NOT_ALLOWED", call, *args)


# Roles.


def test_a_role_that_is_changed_counts_with_the_next_act(desk: Desk) -> None:
    carla = desk.somebody("carla", "cashier")
    assert carla.may(P.SELL)
    desk.people.change.roles(carla.user, ["gate"], desk.root)
    assert not carla.may(P.SELL)
    refused = desk.refused("NOT_ALLOWED", desk.house.sell, "full", actor=carla)
    assert refused.params["permission"] == "sell"
    assert refused.params["roles"] == "organizer, supervisor, cashier"


def test_a_refusal_names_the_people_of_this_station_who_may(desk: Desk) -> None:
    gary = desk.somebody("gary", "gate")
    desk.somebody("boss", "supervisor")
    desk.invite("far", "Far Away", ["cashier"], desk.root)
    refused = desk.refused("NOT_ALLOWED", desk.house.sell, "full", actor=gary)
    assert refused.params["people"] == "Boss", "somebody who never signed in here cannot help"


def test_a_role_that_is_edited_counts_for_all_who_have_it_also_after_a_restart(desk: Desk) -> None:
    carla = desk.somebody("carla", "cashier")
    less = frozenset({P.CHECK, P.ORDERS})
    desk.people.roles("cashier", less, {Limit.REFUND: 100}, desk.root)
    assert not carla.may(P.SELL)
    desk.house.reopen()
    store = desk.house.station.store
    parts = build_people(
        store, PinHasher(1, 64, store.pin_key), desk.house.clock, desk.house.random, lambda: None
    )
    actor = parts.sign_in(carla.user, "2580")
    assert actor.standing().permissions == less


def test_a_new_role_is_given_and_taken_away(desk: Desk) -> None:
    usher = desk.people.roles("usher", frozenset({P.ADMIT}), {}, desk.root, title="Usher at the door")
    assert usher.title == "Usher at the door"
    gary = desk.somebody("gary", "usher")
    assert gary.may(P.ADMIT)
    desk.people.roles.remove("usher", desk.root)
    assert not gary.may(P.ADMIT)
    carla = desk.somebody("carla", "cashier")
    desk.refused("ROLE_UNKNOWN", desk.people.change.roles, carla.user, ["usher"], desk.root)
    assert desk.people.change.roles(gary.user, ["gate"], desk.root).roles == ("gate",)
    desk.refused("ROLE_LOCKED", desk.people.roles.remove, "cashier", desk.root)


def test_the_admin_role_keeps_what_nobody_could_give_back(desk: Desk) -> None:
    desk.refused("ROLE_LOCKED", desk.people.roles, "admin", frozenset({P.CHECK}), {}, desk.root)


def test_the_last_admin_cannot_go_in_any_way(desk: Desk) -> None:
    me = desk.root.user
    desk.refused("LAST_ADMIN", desk.people.change.disable, me, "", desk.root)
    desk.refused("LAST_ADMIN", desk.people.change.roles, me, ["cashier"], desk.root)
    second = desk.somebody("second", "admin")
    desk.people.change.disable(second.user, "", desk.root)
    desk.refused("LAST_ADMIN", desk.people.change.roles, me, [], desk.root)


def test_somebody_who_is_shut_out_in_mid_shift_does_nothing_more(desk: Desk) -> None:
    carla = desk.somebody("carla", "cashier")
    desk.people.change.disable(carla.user, "left", desk.root)
    desk.refused("USER_DISABLED", desk.house.sell, "full", actor=carla)
    desk.refused("USER_DISABLED", desk.sign_in, carla.user, "2580")
    desk.refused("USER_DISABLED", desk.sign_in.with_password, "carla", "long secret of carla")
    assert carla.user not in [person.user for person in desk.sign_in.people()]
    desk.people.change.enable(carla.user, desk.root)
    assert desk.sign_in(carla.user, "2580").may(P.SELL)


def test_a_person_asks_for_a_role_and_both_are_told(desk: Desk) -> None:
    gary, requests = desk.somebody("gary", "gate"), desk.people.requests
    asked = requests.ask("cashier", gary)
    desk.refused("ROLE_ASKED", requests.ask, "cashier", gary)
    desk.refused("ROLE_HELD", requests.ask, "gate", gary)
    desk.refused("ROLE_UNKNOWN", requests.ask, "pilot", gary)
    assert [(row.kind, row.who) for row in requests.notices(desk.root)] == [("role_asked", "Gary")]
    requests.answer(asked.request, desk.root, granted=True)
    desk.refused("REQUEST_ANSWERED", requests.answer, asked.request, desk.root, granted=False)
    (told,) = requests.notices(gary)
    assert (told.kind, told.role, told.who, told.seen) == ("role_granted", "cashier", "Root", False)
    requests.seen([told.notice], gary)
    assert requests.notices(gary)[0].seen
    assert gary.may(P.SELL)
    assert requests.notices(desk.root) == []


def test_why_it_was_declined_is_told_and_can_be_erased(desk: Desk) -> None:
    gary, requests = desk.somebody("gary", "gate"), desk.people.requests
    asked = requests.ask("cashier", gary)
    why = "You start at the till\u202e in May"
    requests.answer(asked.request, desk.root, granted=False, reason=why)
    (told,) = requests.notices(gary)
    assert (told.kind, told.reason) == ("role_declined", "You start at the till in May")
    assert requests.listed(desk.root)[0].reason == told.reason
    trail = desk.audit(AuditQuery(kind="role_answered"), desk.root)
    assert trail[0].detail["reason"] == told.reason
    journal = "".join(entry.content for entry in desk.house.entries())
    assert "May" not in journal
    desk.house.services.erase_person("gary", desk.root)
    assert requests.listed(desk.root)[0].reason == ""
    desk.refused("REASON_TOO_LONG", requests.answer, asked.request, desk.root, granted=True, reason="x" * 201)


def test_why_somebody_was_shut_out_lies_beside_the_journal(desk: Desk) -> None:
    gary = desk.somebody("gary", "gate")
    desk.people.change.disable(gary.user, "Left for the opera", desk.root)
    assert "opera" not in "".join(entry.content for entry in desk.house.entries())
    (row,) = desk.audit(AuditQuery(kind="user_changed"), desk.root)
    assert row.detail["reason"] == "Left for the opera"


def test_without_the_hub_rights_are_taken_and_not_given(desk: Desk) -> None:
    gary, kim = desk.somebody("gary", "gate"), desk.somebody("kim", "cashier", "gate")
    asked = desk.people.requests.ask("cashier", gary)
    desk.store.set_station(has_hub=True)
    desk.store.people.note_contact()
    desk.people.change.roles(gary.user, ["gate", "support"], desk.root)
    desk.house.clock.advance(minutes=11)
    change, roles = desk.people.change, desk.people.roles
    for act, given in (
        (desk.invite, ("pia", "Pia", ["gate"], desk.root)),
        (change.roles, (gary.user, ["supervisor"], desk.root)),
        (roles, ("usher", frozenset({P.ADMIT}), {}, desk.root)),
        (roles, ("gate", DEFAULT_RIGHTS[Role.GATE] | {P.SELL}, {}, desk.root)),
        (roles, ("cashier", DEFAULT_RIGHTS[Role.CASHIER], {Limit.REFUND: None}, desk.root)),
    ):
        desk.refused("ROLES_NEED_HUB", act, *given)
    desk.refused("ROLES_NEED_HUB", desk.people.requests.answer, asked.request, desk.root, granted=True)
    assert change.roles(kim.user, ["gate"], desk.root).roles == ("gate",)
    assert change.roles(gary.user, [], desk.root).roles == ()
    roles("gate", DEFAULT_RIGHTS[Role.GATE] - {P.OVERRIDE}, {}, desk.root)
    desk.people.requests.answer(asked.request, desk.root, granted=False)
    change.disable(kim.user, "", desk.root)
    desk.refused("ROLES_NEED_HUB", change.enable, kim.user, desk.root)
    desk.store.people._noted_ms = None
    desk.store.people.note_contact()
    assert change.enable(kim.user, desk.root).enabled


def test_a_declined_request_gives_nothing(desk: Desk) -> None:
    gary = desk.somebody("gary", "gate")
    asked = desk.people.requests.ask("admin", gary)
    desk.people.requests.answer(asked.request, desk.root, granted=False)
    assert not gary.may(P.PEOPLE)
    assert desk.people.requests.notices(gary)[0].kind == "role_declined"
    assert desk.people.requests.ask("admin", gary), "one may ask again"


# One's own account.


def test_my_account_shows_what_i_may(desk: Desk) -> None:
    carla = desk.somebody("carla", "cashier")
    mine = desk.people.account.show(carla)
    assert (mine.person.login, mine.limits[Limit.REFUND]) == ("carla", 5_000)
    assert set(mine.may_ask_for) == set(Role) - {"cashier"}
    assert [row.session for row in mine.sessions] == [carla.session]


def test_ones_own_pin_and_password_change_with_the_former_one(desk: Desk) -> None:
    carla, account = desk.somebody("carla", "cashier"), desk.people.account
    desk.refused("WRONG_PIN", account.change_pin, "0000", "1111", carla)
    account.change_pin("2580", "1111", carla)
    assert desk.sign_in(carla.user, "1111")
    desk.refused("WRONG_PASSWORD", account.change_password, "2580", "other words", carla)
    account.change_password("long secret of carla", "other words", carla)
    assert desk.sign_in.with_password("carla", "other words")
    documents = {entry.body["document"] for entry in desk.house.entries("user_password_set")}
    assert len(documents) == 2, "an edit of one document, and root's"


def test_names_are_cleaned_and_logins_are_plain(desk: Desk) -> None:
    issued = desk.invite("carla", "  <b>Car\x00la\u202e</b>  ", ["cashier"], desk.root)
    with desk.store.read() as read:
        assert read.person(issued.user).name == "<b>Carla</b>"
    desk.refused("LOGIN_INVALID", desk.invite, "ca rla", "C", [], desk.root)
    desk.refused("LOGIN_TAKEN", desk.invite, "carla", "C", [], desk.root)
    desk.refused("NAME_TOO_LONG", desk.invite, "c2", "x" * 10_000, [], desk.root)
    desk.refused("NAME_EMPTY", desk.people.change.rename, issued.user, "\u202e\x07", desk.root)
    assert desk.people.change.rename(issued.user, "Carla Ж. 🎟", desk.root).name == "Carla Ж. 🎟"


# Verifiers.


def test_pins_are_keyed_with_the_keystore_and_worth_nothing_without_it(desk: Desk) -> None:
    carla = desk.somebody("carla", "cashier")
    verifier = desk.store.pins.verifier(carla.user)
    assert verifier.startswith(KEYED)
    assert desk.hasher.matches(verifier, "2580")
    stolen = PinHasher(1, 64, lambda: b"\0" * 32)
    assert not any(stolen.matches(verifier, f"{pin:04d}") for pin in (2580, 0, 1234))


def test_a_pin_from_before_keys_still_signs_in_and_is_keyed_then(desk: Desk) -> None:
    carla = desk.somebody("carla", "cashier")
    with desk.store.begin() as work:
        work.set_pin(carla.user, PinHasher(1, 64).hash("4321"))
        work.commit()
    assert desk.sign_in(carla.user, "4321")
    assert desk.store.pins.verifier(carla.user).startswith(KEYED)
    assert desk.sign_in(carla.user, "4321")


def test_no_verifier_and_no_name_is_in_the_journal(desk: Desk) -> None:
    desk.somebody("carla", "cashier")
    written = " ".join(entry.content for entry in desk.house.entries())
    assert "argon2" not in written
    assert "Carla" not in written


def test_the_first_password_is_set_with_the_pin(desk: Desk) -> None:
    user = desk.house.services.add_user("dora", "Dora", [Role.CASHIER], "7777", desk.root)
    dora = desk.sign_in(user, "7777")
    desk.refused("NO_PASSWORD_HERE", desk.sign_in.with_password, "dora", "anything")
    desk.people.account.change_password("7777", "words of dora", dora)
    assert desk.sign_in.with_password("dora", "words of dora").user == user


def test_a_supervisor_closes_anothers_shift_and_a_cashier_does_not(desk: Desk) -> None:
    carla = desk.somebody("carla", "cashier")
    desk.refused("NOT_ALLOWED", desk.house.services.close_shift, 10_000, carla)
    assert desk.house.services.close_shift(10_000, SUPERVISOR).difference.minor == 0
