"""People, roles, sessions and the trail without a window: over the real use cases, with lists for views."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.actor import Permission
from domain.permissions import Limit
from tests.ui.people_kit import HOSTILE, PIN, Staff, staff
from tests.ui.recorders import Recorder
from ui.account.presenter import AccountPresenter
from ui.audit.presenter import PAGE, AuditPresenter, Filters, Pattern
from ui.people.presenter import PeoplePresenter
from ui.people.roles_presenter import RoleDraft, RolesPresenter
from ui.people.sessions_presenter import SessionsPresenter

__all__ = ["staff"]


class Book:
    """The people page of whoever manages people."""

    def __init__(self, staff: Staff) -> None:
        self.staff, self.view = staff, Recorder()
        self.presenter = PeoplePresenter(staff.services, staff.runner, staff.actor, staff.lang)
        self.presenter.attach(self.view)
        self.presenter.enter()

    def names(self) -> list[str]:
        return [facts.person.name for facts in self.view.seen["list"].rows]

    def state(self, user: str | None) -> str:
        rows = self.view.seen["list"].rows
        return next(facts.state for facts in rows if facts.person.user == user)

    @property
    def said(self) -> tuple[str, str, str]:
        kind, message, field = self.view.seen["message"]
        return kind, message.title, field


@pytest.fixture
def book(staff: Staff) -> Book:
    return Book(staff)


# People


def test_an_invitation_shows_its_code_once_and_the_new_person(book: Book):
    book.presenter.invite(" carla ", HOSTILE, ["cashier"])
    issued, zone = book.view.seen["code"]
    assert (issued.login, len(issued.code), zone) == ("carla", 19, "Europe/Berlin")
    assert book.view.seen["person"][0].person.name == HOSTILE
    assert book.state(issued.user) == "invited"
    book.presenter.choose(book.staff.root.user or "")
    assert book.view.seen["code"][0] is None
    book.staff.services.people.accept("carla", issued.code, "three quiet words", PIN)
    book.presenter.refresh()
    assert book.state(issued.user) == "active"


def test_a_login_that_is_taken_is_said_and_changes_nothing(book: Book):
    book.presenter.invite("root", "Another", [])
    assert book.said == ("refusal", "Login taken", "login")
    assert book.names() == ["Root"]


def test_the_search_looks_at_name_login_and_role(book: Book):
    book.staff.somebody("carla", "cashier", name="Карла Иванова")
    book.staff.somebody("gleb", "gate")
    book.presenter.refresh()
    for typed, found in (
        ("КАРЛА", ["Карла Иванова"]),
        ("gle", ["Gleb"]),
        ("cashier", ["Карла Иванова"]),
        ("x", []),
    ):
        book.presenter.search(typed)
        assert book.names() == found
    book.presenter.search("")
    assert len(book.names()) == 3


def test_the_last_admin_keeps_role_and_access_and_the_words_say_why(book: Book):
    me = book.staff.root.user or ""
    book.presenter.choose(me)
    book.presenter.set_roles(me, ["cashier"])
    assert book.said[:2] == ("refusal", "Somebody must stay")
    book.presenter.disable(me, "")
    assert book.said == ("refusal", "Somebody must stay", "state")
    assert book.state(me) == "active"


def test_shutting_out_and_letting_in_again(book: Book):
    carla = book.staff.somebody("carla", "cashier").user or ""
    book.presenter.refresh()
    book.presenter.disable(carla, "left")
    assert book.state(carla) == "disabled"
    assert book.staff.services.sessions.listed(book.staff.root)[0].user != carla
    book.presenter.enable(carla)
    assert book.state(carla) == "active"


def test_a_reset_gives_a_code_for_a_day_and_the_pin_is_gone(book: Book):
    carla = book.staff.somebody("carla", "cashier").user or ""
    book.presenter.refresh()
    book.presenter.new_code(carla)
    issued, _ = book.view.seen["code"]
    assert issued.expires_at - book.staff.house.clock.now() == timedelta(hours=24)
    book.staff.refused("NO_PIN_HERE", book.staff.services.sign_in, carla, PIN)


def test_erasing_takes_the_login_typed_out_and_leaves_it_as_the_name(book: Book):
    carla = book.staff.somebody("carla", "cashier", name="Carla Kirsch").user or ""
    book.presenter.refresh()
    book.presenter.erase(carla, "Carla Kirsch")
    assert book.said == ("refusal", "That is not the login", "erase")
    assert "Carla Kirsch" in book.names()
    book.presenter.erase(carla, "carla")
    assert sorted(book.names()) == ["Root", "carla"]


def test_a_request_for_a_role_is_answered_and_the_person_is_told(book: Book):
    staff = book.staff
    carla = staff.somebody("carla", "cashier")
    staff.services.people.requests.ask("supervisor", carla)
    book.presenter.refresh()
    (request,) = book.view.seen["list"].requests
    book.presenter.answer(request.request, granted=True)
    assert book.view.seen["list"].requests == []
    staff.me, view, told = carla, Recorder(), []
    account = AccountPresenter(
        staff.services, staff.runner, staff.actor, staff.lang, lambda _name: None, lambda: told.append(1)
    )
    account.attach(view)
    account.enter()
    facts = view.seen["account"]
    assert facts.account.notices[0].kind == "role_granted"
    assert facts.account.notices[0].notice in facts.unseen
    assert told == [1]
    account.leave()
    account.attach(view)
    account.enter()
    assert view.seen["account"].unseen == frozenset()
    assert told == [1]


def test_whoever_may_not_manage_people_is_told_who_may(staff: Staff):
    staff.me = staff.somebody("carla", "cashier")
    book = Book(staff)
    kind, message, _ = book.view.seen["message"]
    assert (kind, message.title) == ("fault", "Not allowed")
    assert "Admin" in message.advice
    assert "Root" in message.advice


# One's own account


class Mine:
    """Carla's account."""

    def __init__(self, staff: Staff) -> None:
        self.staff, self.view = staff, Recorder()
        self.carla = staff.me = staff.somebody("carla", "cashier")
        self.renamed: list[str] = []
        self.presenter = AccountPresenter(
            staff.services, staff.runner, staff.actor, staff.lang, self.renamed.append, lambda: None, "slow"
        )
        self.presenter.attach(self.view)
        self.presenter.enter()


@pytest.fixture
def mine(staff: Staff) -> Mine:
    return Mine(staff)


def test_what_i_may_do_is_shown_with_my_limits(mine: Mine):
    rights = {right.permission: right for right in mine.view.seen["account"].rights}
    assert rights[Permission.REFUND].most == 5_000
    assert rights[Permission.SHIFT].limit is Limit.DIFFERENCE
    assert Permission.PEOPLE not in rights


def test_a_pin_is_changed_with_the_one_so_far_and_off_the_lane_of_the_store(mine: Mine):
    mine.presenter.change_pin(PIN, "1357", "1358")
    assert mine.view.seen["message"][1].title == "The PINs differ"
    mine.presenter.change_pin("0000", "1357", "1357")
    assert mine.view.seen["message"][1].title == "Wrong PIN"
    mine.presenter.change_pin(PIN, "1357", "1357")
    assert mine.view.seen["kept"] == "pin"
    assert "slow" in mine.staff.runner.lanes
    assert mine.staff.services.sign_in(mine.carla.user or "", "1357").user == mine.carla.user


def test_a_password_is_changed_with_the_one_so_far(mine: Mine):
    mine.presenter.change_password("long secret of carla", "short", "short")
    assert mine.view.seen["message"][1].title == "This password cannot be used"
    mine.presenter.change_password("long secret of carla", "four calm old words", "four calm old words")
    assert mine.view.seen["kept"] == "password"
    assert mine.staff.services.sign_in.with_password("carla", "four calm old words")


def test_a_new_name_is_told_to_the_frame(mine: Mine):
    mine.presenter.rename("  Carla \u202eK. ")
    assert mine.renamed == ["Carla K."]


def test_a_role_is_asked_for_once(mine: Mine):
    assert "gate" in mine.view.seen["account"].account.may_ask_for
    mine.presenter.ask_for("gate")
    assert "gate" not in mine.view.seen["account"].account.may_ask_for
    mine.presenter.ask_for("gate")
    assert mine.view.seen["message"][1].title == "Asked already"


# Roles


class Rules:
    """The table of roles."""

    def __init__(self, staff: Staff) -> None:
        self.view = Recorder()
        self.presenter = RolesPresenter(staff.services, staff.runner, staff.actor, staff.lang)
        self.presenter.attach(self.view)
        self.presenter.enter()

    def role(self, name: str) -> Any:
        return next(role for role in self.view.seen["roles"].roles if role.role == name)


def test_everybody_reads_the_table_and_only_admins_change_it(staff: Staff):
    assert Rules(staff).view.seen["roles"].may_change
    staff.me = staff.somebody("carla", "cashier")
    rules = Rules(staff)
    table = rules.view.seen["roles"]
    assert not table.may_change
    assert "Admin" in table.who.advice
    assert Permission.SELL in {right.permission for right in table.rights}
    cashier = rules.role("cashier")
    rules.presenter.keep(RoleDraft("cashier", "", cashier.permissions | {Permission.PEOPLE}, {}))
    assert rules.view.seen["refusal"][0].title == "Not allowed"


def test_a_limit_is_typed_as_money_and_empty_means_none(staff: Staff):
    rules = Rules(staff)
    before = rules.role("cashier")
    typed = {Limit.REFUND: "12,50", Limit.DIFFERENCE: ""}
    shown = before.permissions & {right.permission for right in rules.view.seen["roles"].rights}
    rules.presenter.keep(RoleDraft("cashier", "", shown, typed))
    after = rules.role("cashier")
    assert (after.limits[Limit.REFUND], after.limits[Limit.DIFFERENCE]) == (1_250, None)
    assert after.permissions == before.permissions
    assert after.limits[Limit.DISCOUNT] == before.limits[Limit.DISCOUNT]
    rules.presenter.keep(RoleDraft("cashier", "", shown, {Limit.REFUND: "a lot"}))
    assert rules.view.seen["refusal"][1] == "refund"
    assert rules.role("cashier").limits[Limit.REFUND] == 1_250


def test_a_new_role_can_be_made_and_removed_the_first_six_cannot(staff: Staff):
    rules = Rules(staff)
    rules.presenter.keep(RoleDraft("usher", HOSTILE, frozenset({Permission.ADMIT}), {}))
    assert rules.role("usher").title == HOSTILE
    rules.presenter.remove("usher")
    assert "usher" not in {role.role for role in rules.view.seen["roles"].roles}
    rules.presenter.remove("gate")
    assert rules.view.seen["refusal"][0].title == "This role keeps that"


def test_the_admin_role_keeps_what_nobody_could_give_back(staff: Staff):
    rules = Rules(staff)
    rules.presenter.keep(RoleDraft("admin", "", frozenset({Permission.AUDIT}), {}))
    assert {Permission.PEOPLE, Permission.ROLES} <= rules.role("admin").permissions


# Sessions


def test_a_session_is_ended_from_afar_and_that_person_may_do_nothing_more(staff: Staff):
    carla = staff.somebody("carla", "cashier")
    view = Recorder()
    presenter = SessionsPresenter(staff.services, staff.runner, staff.actor, staff.lang)
    presenter.attach(view)
    presenter.enter()
    line = next(row for row in view.seen["sessions"].rows if row.who == "Carla")
    assert line.here
    presenter.end(line.session)
    assert [row.who for row in view.seen["sessions"].rows] == ["Root"]
    assert not carla.may(Permission.SELL)
    presenter.show_every(True)
    ended = next(row for row in view.seen["sessions"].rows if row.who == "Carla")
    assert ended.ending == "Ended from afar"


# The audit trail


class Trail:
    """The trail as an admin reads it."""

    def __init__(self, staff: Staff) -> None:
        self.staff, self.view = staff, Recorder()
        self.presenter = AuditPresenter(staff.services, staff.runner, staff.actor, staff.lang)
        self.presenter.attach(self.view)
        self.presenter.enter()

    @property
    def kinds(self) -> list[str]:
        return [row.kind for row in self.view.seen["page"].rows]


def test_the_trail_is_read_a_page_at_a_time(staff: Staff):
    carla = staff.somebody("carla", "cashier")
    for number in range(PAGE + 20):
        staff.services.people.change.rename(carla.user or "", f"Carla {number}", staff.root)
    trail = Trail(staff)
    trail.presenter.look_for(Filters(kind="user_renamed"))
    page = trail.view.seen["page"]
    assert (len(page.rows), page.number, page.older) == (PAGE, 0, True)
    trail.presenter.turn(1)
    page = trail.view.seen["page"]
    assert (len(page.rows), page.number, page.older) == (20, 1, False)
    trail.presenter.turn(1)
    assert trail.view.seen["page"].number == 1
    trail.presenter.turn(-5)
    assert trail.view.seen["page"].number == 0


def test_filters_narrow_by_person_kind_station_and_days(staff: Staff):
    staff.somebody("carla", "cashier")
    trail = Trail(staff)
    everything = trail.kinds
    trail.presenter.look_for(Filters(person="carla"))
    assert "session_started" in trail.kinds
    assert len(trail.kinds) < len(everything)
    (station,) = [one for one, _ in trail.view.seen["page"].stations]
    trail.presenter.look_for(Filters(person="carla", station=station, kind="session_started"))
    assert trail.kinds == ["session_started"]
    trail.presenter.look_for(Filters(person="nobody"))
    assert trail.kinds == []
    staff.house.clock.advance(timedelta(days=3).total_seconds())
    trail.presenter.look_for(Filters(days=1))
    assert trail.kinds == []
    trail.presenter.look_for(Filters(days=7))
    assert len(trail.kinds) == len(everything)


def test_a_pattern_leads_to_what_that_person_did(staff: Staff):
    carla = staff.somebody("carla", "cashier")
    for _ in range(4):
        staff.refused("WRONG_PIN", staff.services.sign_in, carla.user or "", "0000")
    staff.refused("LOCKED_OUT", staff.services.sign_in, carla.user or "", "0000")
    trail = Trail(staff)
    patterns = trail.view.seen["patterns"]
    assert [(one.name, one.login, one.count) for one in patterns] == [("Failed sign-ins", "carla", 1)]
    trail.presenter.open_pattern(patterns[0])
    assert isinstance(patterns[0], Pattern)
    assert trail.view.seen["filters"].person == "carla"


def test_the_export_writes_what_fits_the_filters(staff: Staff, tmp_path: Path):
    staff.somebody("carla", "cashier", name="=cmd|'/c calc'!A1")
    trail = Trail(staff)
    trail.presenter.look_for(Filters(kind="user_created"))
    trail.presenter.export(str(tmp_path / "audit.json"))
    rows = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))["rows"]
    assert {row["kind"] for row in rows} == {"user_created"}
    trail.presenter.look_for(Filters())
    trail.presenter.export(str(tmp_path / "audit.csv"))
    assert trail.view.seen["exported"] == str(tmp_path / "audit.csv")
    text = (tmp_path / "audit.csv").read_text(encoding="utf-8")
    assert "'=cmd" in text
    assert ",=cmd" not in text
    trail.presenter.export(str(tmp_path / "no" / "such" / "audit.csv"))
    assert trail.view.seen["message"][1].title == "The file cannot be written"


def test_a_cashier_reads_no_trail(staff: Staff):
    staff.me = staff.somebody("carla", "cashier")
    trail = Trail(staff)
    assert "page" not in trail.view.seen
    assert trail.view.seen["message"][1].title == "Not allowed"
