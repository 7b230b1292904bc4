"""The people page and one's own account on screen: keyboard, sizes, languages, names of every kind."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QModelIndex, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from domain.actor import Permission
from tests.ui.people_kit import HOSTILE, LONG, PIN, Staff, staff
from tests.ui.whole import cut_texts
from ui.account.page import AccountPage
from ui.account.presenter import AccountPresenter
from ui.assets import asset
from ui.audit.presenter import AuditPresenter
from ui.audit.table import one_line
from ui.i18n import Languages
from ui.people.page import PeoplePage
from ui.people.presenter import PeoplePresenter
from ui.people.roles_presenter import RolesPresenter
from ui.people.sessions_presenter import SessionsPresenter
from ui.widgets.cards import TimelineRow
from ui.widgets.labels import PlainLabel

__all__ = ["staff"]

SIZES = [(1280, 736), (952, 536)]
"""What a page gets in a window of 1280 x 800 and of 1024 x 600."""


@pytest.fixture
def languages(qapp: QApplication) -> Iterator[Languages]:
    made = Languages(qapp, asset("i18n"))
    yield made
    made.set("en")
    made.close()


class Office:
    """Pages over a station with people of every kind."""

    def __init__(
        self, staff: Staff, qtbot: QtBot, lang: str = "en", size: tuple[int, int] = SIZES[0]
    ) -> None:
        self.staff, self.lang = staff, lang
        if len(staff.services.people.listed(staff.root)) == 1:
            self.carla = staff.somebody("carla", "cashier", name=HOSTILE)
            staff.somebody("long", "supervisor", "gate", "support", name=LONG)
            staff.services.people.requests.ask("supervisor", self.carla)
            staff.services.people.invite("nina", "Нина \U0001f3ad", ["gate"], staff.root)
        args: tuple[Any, ...] = (staff.services, staff.runner, staff.actor, lambda: lang)
        self.roles, sessions = RolesPresenter(*args), SessionsPresenter(*args)
        self.people, self.audit = PeoplePresenter(*args), AuditPresenter(*args)
        self.page = PeoplePage((self.people, self.roles, sessions, self.audit), self.may, lang)
        self.account = AccountPage(
            (
                AccountPresenter(*args, lambda _name: None, lambda: None),
                RolesPresenter(*args),
                SessionsPresenter(*args, only_mine=True),
            ),
            lang,
        )
        for page in (self.page, self.account):
            qtbot.addWidget(page)
            page.resize(*size)
            page.show()
            page.activateWindow()
            page.on_enter()
        settle()

    def may(self, need: Permission) -> bool:
        return self.staff.me.may(need)

    def row(self, name: str) -> Any:
        return next(row for row in self.page.people.rows() if row.text() == name)


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ru", "pseudo"])
def test_no_words_are_cut_off(
    staff: Staff, qtbot: QtBot, languages: Languages, lang: str, size: tuple[int, int]
):
    languages.set(lang)
    office = Office(staff, qtbot, lang, size)
    assert cut_texts(office.account) == []
    for name in (HOSTILE, LONG, "Нина \U0001f3ad"):
        office.row(name).click()
        settle()
        assert cut_texts(office.page) == []
    for key in ("roles", "sessions", "audit"):
        office.page.tabs.set_current(key)
        settle()
        assert cut_texts(office.page) == []
    office.page.tabs.set_current("people")
    office.page.people.invite.click()
    settle()
    assert cut_texts(office.page) == []


def test_names_are_shown_as_they_are_and_never_as_markup(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    office.row(HOSTILE).click()
    assert office.page.people.detail.title.whole_text() == HOSTILE
    assert office.page.people.detail.title.textFormat() == Qt.TextFormat.PlainText
    (request,) = office.page.people.requests()
    assert HOSTILE in request.words.whole_text()


def test_an_invitation_works_by_keyboard_alone(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    people = office.page.people
    office.page.activateWindow()
    qtbot.waitUntil(office.page.isActiveWindow)
    people.invite.setFocus()
    qtbot.keyClick(people.invite, Qt.Key.Key_Return)
    panel = people.invite_panel
    assert panel.login.edit.hasFocus()
    qtbot.keyClicks(panel.login.edit, "boris")
    qtbot.keyClick(panel.login.edit, Qt.Key.Key_Return)
    qtbot.keyClicks(panel.name.edit, "Boris")
    qtbot.keyClick(panel.name.edit, Qt.Key.Key_Return)
    assert panel.picker.toggle("gate").hasFocus()
    qtbot.keyClick(panel.picker.toggle("gate"), Qt.Key.Key_Space)
    panel.send.setFocus()
    qtbot.keyClick(panel.send, Qt.Key.Key_Return)
    assert not panel.is_open()
    assert people.detail.title.whole_text() == "Boris"
    assert len(people.detail.code.code.whole_text()) == 19
    assert staff.services.people.listed.by_login("boris", staff.root).roles == ("gate",)


def test_a_refused_invitation_keeps_the_panel_and_what_was_typed(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    office.page.people.invite.click()
    panel = office.page.people.invite_panel
    panel.login.set_text("carla")
    panel.name.set_text("Somebody")
    panel.send.click()
    assert panel.is_open()
    assert panel.message.title() == "Login taken"
    assert panel.name.text() == "Somebody"


def test_roles_are_kept_with_the_button_and_a_refusal_puts_the_switches_back(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    detail = office.page.people.detail
    office.row(HOSTILE).click()
    assert not detail.keep_roles.isEnabled()
    detail.picker.toggle("gate").click()
    assert detail.keep_roles.isEnabled()
    detail.keep_roles.click()
    assert set(staff.services.people.listed.by_login("carla", staff.root).roles) == {"cashier", "gate"}
    office.row("Root").click()
    detail.picker.toggle("admin").click()
    detail.keep_roles.click()
    assert detail.message.title() == "Somebody must stay"
    assert detail.picker.toggle("admin").isChecked()


def test_erasing_says_what_it_does_and_takes_the_login(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    detail = office.page.people.detail
    office.row(HOSTILE).click()
    detail.erase.click()
    assert detail.typed.refusal().startswith("That is not the login")
    detail.typed.set_text("carla")
    detail.erase.click()
    assert detail.title.whole_text() == "carla"


def test_a_cashier_finds_only_what_everybody_may_read(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    assert office.page.tabs.keys() == ["people", "roles", "sessions", "audit"]
    staff.me = office.carla
    office.page.on_leave()
    office.page.on_enter()
    assert office.page.tabs.keys() == ["roles"]
    assert not office.page.roles._acts.isVisible()
    assert "Admin" in office.page.roles.hint.whole_text()


def test_a_role_is_changed_in_its_panel(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    office.page.tabs.set_current("roles")
    view = office.page.roles
    view.choice.setCurrentIndex(view.choice.findData("cashier"))
    view.change.click()
    assert view.panel.limit(next(iter(view.panel._limits))).text() == "50.00"
    assert not view.panel.toggle(Permission.CHECK).isEnabled()
    view.panel.toggle(Permission.CONFLICTS).click()
    view.panel.keep.click()
    assert not view.panel.is_open()
    roles = {role.role: role for role in staff.services.people.roles.listed(staff.root)}
    assert Permission.CONFLICTS in roles["cashier"].permissions
    view.change.click()
    limit = next(iter(view.panel._limits))
    view.panel.limit(limit).set_text("a lot")
    view.panel.keep.click()
    assert view.panel.is_open()
    assert view.panel.limit(limit).refusal()
    assert office.page.go_back()
    assert not view.panel.is_open()


def test_the_table_of_roles_ticks_what_each_may(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    office.page.tabs.set_current("roles")
    model = office.page.roles.rows
    across = range(model.columnCount(QModelIndex()))
    headers = [model.headerData(column, Qt.Orientation.Horizontal) for column in across]
    rows = {model.data(model.index(row, 0)): row for row in range(model.rowCount(QModelIndex()))}
    cashier = headers.index("Cashier")
    assert model.data(model.index(rows["Sell tickets"], cashier)) == "✓"
    assert model.data(model.index(rows["Manage people"], cashier)) == ""
    assert model.data(model.index(rows["Cash difference: up to"], cashier)) == "€10.00"
    assert model.data(model.index(rows["Refund: up to"], headers.index("Gate"))) == "–"


def test_an_entry_of_the_trail_opens_by_keyboard_and_esc_closes_it(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    office.page.tabs.set_current("audit")
    view = office.page.audit
    view.table.setFocus()
    view.table.selectRow(0)
    qtbot.keyClick(view.table, Qt.Key.Key_Return)
    assert view.panel.is_open()
    assert cut_texts(view.panel) == []
    assert office.page.go_back()
    assert not view.panel.is_open()


def test_cells_of_the_trail_stay_on_one_line():
    assert one_line("a\nb\x00c\u202ed\t" + "x" * 500) == "a b c d " + "x" * 192


def test_patterns_are_listed_and_lead_to_what_that_person_did(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    for code in ("WRONG_PIN",) * 4 + ("LOCKED_OUT",):
        staff.refused(code, staff.services.sign_in, office.carla.user or "", "0000")
    office.page.tabs.set_current("audit")
    view = office.page.audit
    view.which.set_current("patterns")
    (row,) = view.patterns()
    assert row.isVisibleTo(view)
    assert HOSTILE in row.text()
    row.click()
    assert view.which.current() == "trail"
    assert view.person.text() == "carla"


def test_a_session_is_ended_from_the_list(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    office.page.tabs.set_current("sessions")
    lines = office.page.sessions.lines()
    line = next(one for one in lines if one.row.who == HOSTILE)
    line.end.click()
    settle()
    assert HOSTILE not in [one.row.who for one in office.page.sessions.lines()]
    assert not office.carla.may(Permission.SELL)


def test_ones_pin_is_changed_by_keyboard_alone(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    form = office.account.pin
    for field, typed in zip(form.fields, (PIN, "1357", "1357"), strict=True):
        field.edit.setFocus()
        qtbot.keyClicks(field.edit, typed)
    qtbot.keyClick(form.fields[2].edit, Qt.Key.Key_Return)
    assert office.account.message.title() == "The new PIN counts from now on."
    assert [field.text() for field in form.fields] == ["", "", ""]
    assert staff.services.sign_in(staff.root.user or "", "1357").user == staff.root.user


def test_a_wrong_pin_is_said_beside_the_field_and_nothing_typed_stays(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    form = office.account.pin
    form.given.emit("0000", "1357", "1357")
    assert form.fields[0].refusal().startswith("Wrong PIN")
    assert form.fields[1].text() == ""


def test_what_was_typed_of_a_secret_goes_when_the_page_is_left(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    office.account.password.fields[1].set_text("half a pass")
    office.account.on_leave()
    assert office.account.password.fields[1].text() == ""


def test_declining_asks_for_a_reason_that_the_person_reads(staff: Staff, qtbot: QtBot):
    office = Office(staff, qtbot)
    (card,) = office.page.people.requests()
    card.decline.click()
    assert card.reason.isVisible()
    assert not card.grant.isVisible()
    card.reason.set_text("after the <b>season</b>")
    card.decline.click()
    settle()
    assert office.page.people.requests() == []
    staff.me = office.carla
    office.account.on_enter()
    settle()
    said = [row.accessibleName() + row.toolTip() for row in office.account.findChildren(TimelineRow)]
    words = " ".join(label.whole_text() for label in office.account.findChildren(PlainLabel))
    assert "after the <b>season</b>" in words + " ".join(said)
