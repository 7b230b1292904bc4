"""Who may do what: every use case, asked by every role and by nobody, against the table of default rights."""

import ast
import dataclasses
import inspect
from pathlib import Path

import pytest

from app.services.roles import CHECKED
from domain.actor import DEFAULT_RIGHTS, NOBODY, Actor, Permission, Role
from domain.errors import GatehouseError, Refusal
from tests.services.every_use_case import CASES, ELSEWHERE, SIGNED_IN, Case, P
from tests.services.house import House, somebody


def use_cases(house: House) -> set[str]:
    """Every method of the facade, and of what the command line has beside it, that takes an actor."""
    places: list[tuple[str, object]] = [("import_catalogue", house.station.import_catalogue)]
    for field in dataclasses.fields(house.services):
        part = getattr(house.services, field.name)
        if dataclasses.is_dataclass(part):
            inner = dataclasses.fields(part)
            places.extend((f"{field.name}.{one.name}", getattr(part, one.name)) for one in inner)
        else:
            places.append((field.name, part))
    return {
        f"{place}.{name}"
        for place, part in places
        for name, function in inspect.getmembers(type(part), inspect.isfunction)
        if (name == "__call__" or not name.startswith("_"))
        and "actor" in inspect.signature(function).parameters
    }


def test_every_use_case_has_its_row_here(house: House) -> None:
    rows = {case.covers for case in CASES} | SIGNED_IN.keys() | ELSEWHERE.keys()
    found = use_cases(house)
    assert found - rows == set(), "who may do it? Add a row to CASES"
    assert rows - found == set(), "rows for what is not there any more"


def test_the_permissions_that_are_shown_are_those_that_something_asks_for() -> None:
    root, asked = Path(__file__).parents[2] / "app", set()
    for path in sorted([*(root / "services").glob("*.py"), *(root / "cli").glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Call, ast.Compare)):
                asked |= {
                    Permission[one.attr]
                    for one in ast.walk(node)
                    if isinstance(one, ast.Attribute) and ast.unparse(one.value) == "Permission"
                } - (CHECKED if ast.unparse(node).startswith("frozenset") else set())
    assert asked - CHECKED == set(), "add it to app.services.roles.CHECKED"
    assert CHECKED - asked == set(), "shown, but nothing asks for it"


@pytest.mark.parametrize("name", SIGNED_IN)
def test_ones_own_affairs_are_everybodys_who_is_signed_in(house: House, name: str) -> None:
    with pytest.raises(Refusal, match="NOT_SIGNED_IN"):
        SIGNED_IN[name](house, NOBODY)
    case = Case(name, name, SIGNED_IN[name], ())
    assert refusal_of(case, house, somebody()) is None


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
    missing = next(
        (
            stage[0]
            for stage in (case.needs, case.also)
            if stage and not any(need in DEFAULT_RIGHTS[role] for need in stage)
        ),
        None,
    )
    if missing is None:
        assert refused is None
    else:
        assert refused is not None
        assert (refused.code, refused.params["permission"]) == ("NOT_ALLOWED", missing.value)
        held = {one.value for one in Role if missing in DEFAULT_RIGHTS[one]}
        assert set(refused.params["roles"].split(", ")) - {""} == held


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_nobody_may_do_nothing_and_changes_nothing(house: House, case: Case) -> None:
    with_a_shift(house)
    mine = ("order_sold", "admitted", "user_created", "user_code_issued", "role_asked", "session_started")
    mine += ("shift_opened", "shift_closed")  # what a case makes for itself
    mine += ("order_reserved", "payment_started", "payment_unknown")
    waiting = [entry for entry in house.entries() if entry.kind not in mine]
    refused = refusal_of(case, house, NOBODY)
    assert refused is not None
    assert refused.code == "NOT_SIGNED_IN" or case.name == "set another's PIN"
    after = [entry for entry in house.entries() if entry.kind not in mine]
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
