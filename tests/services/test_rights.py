"""Who may do what: every use case, asked by every role and by nobody, against the table of default rights."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.catalogue_files import read_catalogue
from app.services.gate import ScanInput
from app.services.signin import AddUser, PinHasher, SetPin
from app.services.views import PrintJob
from domain.actor import DEFAULT_RIGHTS, NOBODY, Actor, Permission, Role
from domain.errors import GatehouseError, Refusal
from tests.services.house import House, somebody

P = Permission
STRANGER = "00000000-0000-4000-8000-0000000000ff"
NO_SUCH = "00000000-0000-4000-8000-00000000eeee"


@dataclass(frozen=True)
class Case:
    """A use case, and the permissions of which one is enough."""

    name: str
    call: Callable[[House, Actor], object]
    needs: tuple[Permission, ...]


def import_nothing(house: House, actor: Actor) -> object:
    file: Path = house.root / "nothing.yaml"
    file.write_text("events: []")
    return house.station.import_catalogue(read_catalogue(file), actor)


def undo_own(house: House, actor: Actor) -> object:
    answer = house.gate.admit(ScanInput(house.code(), "camera"), somebody(Role.GATE))
    with house.station.store.read() as read:
        assert read.last_admission(answer.serial).operator == somebody(Role.GATE).user
    return house.gate.undo(answer.serial, "test", actor)


def undo_any(house: House, actor: Actor) -> object:
    answer = house.gate.admit(ScanInput(house.code(), "camera"), somebody(Role.GATE, number=99))
    return house.gate.undo(answer.serial, "test", actor)


HASHER = PinHasher(1, 64)

CASES = (
    Case("sell", lambda h, a: h.sell("full", actor=a), (P.SELL,)),
    Case("open shift", lambda h, a: h.services.open_shift(0, a), (P.SHIFT,)),
    Case("shift now", lambda h, a: h.services.shift_now(a), (P.SHIFT,)),
    Case("last shift", lambda h, a: h.services.shift_now.last(a), (P.SHIFT,)),
    Case("close shift", lambda h, a: h.services.close_shift(0, a), (P.SHIFT,)),
    Case("print", lambda h, a: h.services.print_order(NO_SUCH, a), (P.PRINT,)),
    Case(
        "run print job",
        lambda h, a: h.services.print_queue.run(
            PrintJob(1, NO_SUCH, "tickets", "waiting", 0, None, h.clock.now()),
            a,
            paper="A4",
            lang="en",
            to_printer=False,
        ),
        (P.PRINT,),
    ),
    Case(
        "print shift",
        lambda h, a: h.services.print_shift(h.services.shift_now(somebody(Role.CASHIER)), a),
        (P.SHIFT,),
    ),
    Case("board", lambda h, a: h.services.board(a), (P.CHECK,)),
    Case("offers", lambda h, a: h.services.offers(h.event("museum").number, None, a), (P.CHECK,)),
    Case("find orders", lambda h, a: h.services.find_orders.find("", a), (P.ORDERS, P.SEARCH)),
    Case("show order", lambda h, a: h.services.find_orders.show(NO_SUCH, a), (P.ORDERS, P.SEARCH)),
    Case("order by text", lambda h, a: h.services.find_orders.by_text("x", a), (P.ORDERS, P.SEARCH)),
    Case("order by code", lambda h, a: h.services.find_orders.by_code(h.code(), a), (P.ORDERS, P.SEARCH)),
    Case("check", lambda h, a: h.gate.check(ScanInput(h.code()), a), (P.CHECK,)),
    Case("admit", lambda h, a: h.gate.admit(ScanInput(h.code(), "camera"), a), (P.ADMIT,)),
    Case("search", lambda h, a: h.gate.search("0000-0000", a), (P.SEARCH,)),
    Case("last scans", lambda h, a: h.gate.last_scans(a), (P.CHECK,)),
    Case("counters", lambda h, a: h.gate.counters(a), (P.CHECK,)),
    Case("undo one's own", undo_own, (P.UNDO_OWN,)),
    Case("undo another's", undo_any, (P.UNDO_ANY,)),
    Case("import", import_nothing, (P.IMPORT,)),
    Case(
        "add user",
        lambda h, a: AddUser(h.station.store, HASHER, h.clock, h.random)(f"u{h.seq}", "U", [], None, a),
        (P.PEOPLE,),
    ),
    Case(
        "set another's PIN",
        lambda h, a: SetPin(h.station.store, HASHER)(STRANGER, "2580", a),
        (P.PEOPLE,),
    ),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(tmp_path_factory.mktemp("rights"))
    house.sell("full")
    yield house
    house.station.close()


def with_a_shift(house: House) -> None:
    """An earlier case may have closed it, and tickets are sold for many of them."""
    if house.services.shift_now(somebody(Role.CASHIER)) is None:
        house.services.open_shift(0, somebody(Role.CASHIER))


def refusal_of(case: Case, house: House, actor: Actor) -> Refusal | None:
    """The refusal that speaks of rights; whatever else the use case says means that it was allowed."""
    with_a_shift(house)
    try:
        case.call(house, actor)
    except GatehouseError as error:
        return error if error.code in ("NOT_ALLOWED", "NOT_SIGNED_IN") else None
    return None


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_role_may_do_exactly_what_the_table_says(house: House, case: Case, role: Role) -> None:
    refused = refusal_of(case, house, somebody(role))
    allowed = any(need in DEFAULT_RIGHTS[role] for need in case.needs)
    if allowed:
        assert refused is None
    else:
        assert refused is not None
        assert (refused.code, refused.params["permission"]) == ("NOT_ALLOWED", case.needs[0].value)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_nobody_may_do_nothing_and_changes_nothing(house: House, case: Case) -> None:
    with_a_shift(house)
    waiting = [
        entry for entry in house.entries() if entry.kind not in ("order_sold", "admitted")
    ]  # the tickets that a case sells for itself
    refused = refusal_of(case, house, NOBODY)
    assert refused is not None
    assert refused.code == "NOT_SIGNED_IN" or case.name == "set another's PIN"
    after = [entry for entry in house.entries() if entry.kind not in ("order_sold", "admitted")]
    assert after == waiting


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_somebody_without_any_role_is_signed_in_and_may_do_nothing(house: House, case: Case) -> None:
    refused = refusal_of(case, house, somebody())
    assert refused is not None
    assert refused.code == "NOT_ALLOWED"


def test_every_role_has_its_line_in_the_table_and_check_is_open_to_all() -> None:
    assert set(DEFAULT_RIGHTS) == set(Role)
    assert all(P.CHECK in rights for rights in DEFAULT_RIGHTS.values())


@pytest.mark.parametrize("permission", [P.CATALOGUE, P.IMPORT])
def test_nobody_but_the_organizer_changes_the_catalogue(permission: Permission) -> None:
    assert [role for role in Role if permission in DEFAULT_RIGHTS[role]] == [Role.ORGANIZER]


def test_a_supervisor_and_an_admin_look_after_the_station() -> None:
    assert {role for role in Role if P.STATION in DEFAULT_RIGHTS[role]} == {Role.ADMIN, Role.SUPERVISOR}


@pytest.mark.parametrize("permission", [P.PEOPLE, P.SETTINGS, P.AUDIT])
def test_only_admins_have_people_settings_and_audit(permission: Permission) -> None:
    assert [role for role in Role if permission in DEFAULT_RIGHTS[role]] == [Role.ADMIN]


def test_a_supervisor_has_all_of_cashier_and_gate() -> None:
    rights = DEFAULT_RIGHTS[Role.SUPERVISOR]
    assert rights >= DEFAULT_RIGHTS[Role.CASHIER] | DEFAULT_RIGHTS[Role.GATE]
    assert P.UNDO_ANY in rights


def test_roles_add_up() -> None:
    both = somebody(Role.GATE, Role.ADMIN)
    assert both.may(P.ADMIT)
    assert both.may(P.PEOPLE)
    assert not both.may(P.SELL)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("name", "value", "needs"),
    [
        ("theme", "dark", (P.CHECK,)),
        ("gate.lane", "2", (P.ADMIT, P.STATION)),
        ("scanner.baud", "9600", (P.STATION,)),
    ],
)
def test_a_setting_is_changed_by_whom_it_concerns(
    house: House, name: str, value: str, needs: tuple[Permission, ...], role: Role
) -> None:
    allowed = any(need in DEFAULT_RIGHTS[role] for need in needs)
    book = house.services.settings
    assert book.may_change(name, somebody(role)) is allowed
    if allowed:
        book.store(name, value, somebody(role))
        assert book.text(name) == value
    else:
        with pytest.raises(Refusal, match="NOT_ALLOWED"):
            book.store(name, value, somebody(role))
    assert not book.may_change(name, NOBODY)
    with pytest.raises(Refusal, match="NOT_SIGNED_IN"):
        book.store(name, value, NOBODY)
