"""People over time: roles that are edited, people who are shut out, and somebody who always stays."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.people import (
    LONGEST_NAME,
    PersonChanged,
    PersonMade,
    RoleChanged,
    check_login,
    check_role,
    clean_name,
    fold,
    held_now,
    keepers,
    permissions_at,
    would_leave_nobody,
)
from domain.permissions import (
    ALWAYS_ADMIN,
    DEFAULT_RIGHTS,
    LIMITED,
    Limit,
    Permission,
    Role,
    RoleSet,
    default_roles,
    is_within,
    known_limits,
    known_permissions,
    limits_of,
    permissions_of,
    roles_with,
)

P = Permission


def made(number: int, user: str, *roles: str) -> PersonMade:
    return PersonMade((f"{number:04d}", f"made-{number}"), user, roles)


def changed(number: int, user: str, **fields: Any) -> PersonChanged:
    return PersonChanged((f"{number:04d}", f"changed-{number}"), user, **fields)


def redefined(number: int, role: str, *permissions: Permission, **more: Any) -> RoleChanged:
    stamp = (f"{number:04d}", f"role-{number}")
    return RoleChanged(stamp, RoleSet(role, frozenset(permissions), **more))


# Roles.


def test_the_admin_role_holds_what_it_can_never_lose() -> None:
    assert DEFAULT_RIGHTS[Role.ADMIN] >= ALWAYS_ADMIN
    people = fold([made(1, "a", "admin"), redefined(2, "admin", P.AUDIT)])
    assert people.states["a"].permissions == ALWAYS_ADMIN | {P.AUDIT}


def test_every_limit_narrows_a_permission_that_some_role_has() -> None:
    assert set(LIMITED) == set(Limit)
    assert all(roles_with(permission, default_roles()) for permission in LIMITED.values())


def test_of_several_roles_the_widest_limit_counts_and_only_with_its_permission() -> None:
    roles = default_roles()
    assert limits_of(["cashier"], roles)[Limit.REFUND] == 5_000
    assert limits_of(["cashier", "supervisor"], roles)[Limit.REFUND] is None
    assert limits_of(["gate"], roles)[Limit.REFUND] == 0
    assert limits_of(["admin"], roles)[Limit.REFUND] == 0, "no permission, so no limit helps"
    wide = roles | {"gate": RoleSet("gate", frozenset({P.ADMIT}), {Limit.REFUND: None})}
    assert limits_of(["gate"], wide)[Limit.REFUND] == 0


@pytest.mark.parametrize(
    ("limit", "asked", "within"),
    [(5_000, 5_000, True), (5_000, 5_001, False), (None, 10**9, True), (0, 0, True), (0, 1, False)],
)
def test_a_limit_is_reached_at_its_end_and_not_before(limit: int | None, asked: int, within: bool) -> None:
    assert is_within({Limit.REFUND: limit}, Limit.REFUND, asked) is within
    assert is_within({}, Limit.COMP, 0)
    assert not is_within({}, Limit.COMP, 1), "a limit that is not named asks always"


def test_what_a_newer_program_wrote_counts_as_nothing() -> None:
    assert known_permissions(["sell", "fly"]) == {P.SELL}
    assert known_limits({"refund": 5, "height": 9, "comp": "x", "discount": -1}) == {Limit.REFUND: 5}
    assert permissions_of(["pilot"], default_roles()) == frozenset()


def test_a_removed_role_allows_nothing_and_a_first_role_cannot_go() -> None:
    usher = RoleSet("usher", frozenset({P.ADMIT}))
    held = [made(1, "a", "admin"), made(2, "u", "usher"), RoleChanged(("0003", "r"), usher)]
    assert fold(held).states["u"].permissions == {P.ADMIT}
    gone = [*held, redefined(4, "usher", P.ADMIT, removed=True)]
    assert fold(gone).states["u"].permissions == frozenset()
    kept = fold([made(1, "a", "admin"), redefined(2, "cashier", P.SELL, removed=True)])
    assert not kept.roles["cashier"].removed


@pytest.mark.parametrize("name", ["", "Admin", "0", "role name", "x" * 33, "роль", "a\n"])
def test_a_role_needs_a_plain_name(name: str) -> None:
    with pytest.raises(Refusal, match="ROLE_INVALID"):
        check_role(name, frozenset(), {})


def test_a_role_has_no_limits_below_zero_and_always_lets_people_check() -> None:
    with pytest.raises(Refusal, match="ROLE_INVALID"):
        check_role("usher", frozenset(), {Limit.REFUND: -1})
    assert check_role("usher", frozenset(), {}).permissions == {P.CHECK}
    with pytest.raises(Refusal, match="ROLE_LOCKED"):
        check_role("admin", frozenset({P.PEOPLE}), {})


# Over time.


def test_the_latest_change_holds_and_each_moment_keeps_what_held_then() -> None:
    facts = [
        made(1, "a", "admin"),
        made(2, "u", "cashier"),
        changed(5, "u", roles=("gate",)),
        changed(7, "u", enabled=False),
        changed(9, "u", enabled=True),
    ]
    state = fold(facts).states["u"]
    assert state.permissions == DEFAULT_RIGHTS[Role.GATE]
    allowed = [P.ADMIT in permissions_at(state.timeline, (f"{at:04d}", "x")) for at in (3, 6, 8, 9)]
    assert allowed == [True, True, False, True]
    assert P.SELL in permissions_at(state.timeline, ("0004", "x"))
    assert P.SELL not in permissions_at(state.timeline, ("0006", "x"))


def test_an_edited_role_counts_for_everybody_who_has_it_from_then_on() -> None:
    facts = [made(1, "a", "admin"), made(2, "u", "cashier"), redefined(5, "cashier", P.CHECK)]
    state = fold(facts).states["u"]
    assert state.permissions == {P.CHECK}
    assert P.SELL in permissions_at(state.timeline, ("0004", "x"))
    assert state.since == ("0005", "role-5")


def test_two_admins_who_remove_each_other_apart_leave_one() -> None:
    facts = [
        made(1, "a", "admin"),
        made(2, "b", "admin"),
        changed(5, "b", roles=("cashier",)),
        changed(6, "a", enabled=False),
    ]
    people = fold(facts)
    assert keepers(held_now(people), people.roles) == ["a"]
    assert people.void == {("0006", "changed-6")}


def test_a_change_that_leaves_nobody_is_seen_before_it_is_written() -> None:
    people = fold([made(1, "a", "admin"), made(2, "b", "cashier")])
    assert would_leave_nobody(people, changed(9, "a", enabled=False))
    assert would_leave_nobody(people, changed(9, "a", roles=("cashier",)))
    assert not would_leave_nobody(people, changed(9, "b", enabled=False))
    assert not would_leave_nobody(people, redefined(9, "admin"))
    assert not would_leave_nobody(fold([made(2, "b", "cashier")]), changed(9, "b", enabled=False))


USERS = ("u1", "u2", "u3")
_ROLES = st.lists(st.sampled_from([*Role, "usher"]), max_size=3).map(tuple)
_FACT = st.one_of(
    st.tuples(st.just("made"), st.sampled_from(USERS), _ROLES),
    st.tuples(st.just("roles"), st.sampled_from(USERS), _ROLES),
    st.tuples(st.just("enabled"), st.sampled_from(USERS), st.booleans()),
    st.tuples(
        st.just("role"),
        st.sampled_from(["admin", "cashier", "usher"]),
        st.frozensets(st.sampled_from(list(Permission)), max_size=5),
        st.booleans(),
    ),
)


def facts_of(drawn: list[Any]) -> list[Any]:
    found: list[Any] = []
    for number, (what, name, *rest) in enumerate(drawn):
        if what == "made":
            found.append(made(number, name, *rest[0]))
        elif what == "role":
            found.append(redefined(number, name, *rest[0], removed=rest[1]))
        else:
            found.append(changed(number, name, **{what: rest[0]}))
    return found


@settings(max_examples=150)
@given(st.lists(_FACT, max_size=14), st.randoms(use_true_random=False))
def test_whatever_is_changed_the_order_of_arrival_does_not_matter(
    drawn: list[Any], dice: random.Random
) -> None:
    facts = facts_of(drawn)
    shuffled = list(facts)
    dice.shuffle(shuffled)
    assert fold(shuffled) == fold(facts)


@settings(max_examples=150)
@given(st.lists(_FACT, max_size=14))
def test_whatever_is_changed_somebody_stays_who_can_give_everything_back(drawn: list[Any]) -> None:
    facts = facts_of([("made", "root", ("admin",)), *drawn])
    people = fold(facts)
    assert keepers(held_now(people), people.roles)
    for state in people.states.values():
        assert state.timeline[-1][1] == state.permissions
        stamps = [stamp for stamp, _ in state.timeline]
        assert stamps == sorted(stamps)
        if not state.enabled:
            assert state.permissions == frozenset()


# Names and logins.


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Anna   K. ", "Anna K."),
        ("Анна\tК.\n", "Анна К."),
        ("\u202eanna\u202c", "anna"),
        ("A\x00n\x1bna\x7f", "Anna"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("<b>Anna</b> & Co", "<b>Anna</b> & Co"),
        ("Zoe\u0301", "Zoé"),
        ("Kim 👩\u200d🔧", "Kim 👩\u200d🔧"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
    ],
)
def test_names_are_kept_as_they_read(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept
    assert clean_name(kept) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\x00\x01", "\u202e", "🎉🎉", "--", "\u200d"])
def test_a_name_without_a_letter_is_none(typed: str) -> None:
    with pytest.raises(Refusal, match="NAME_EMPTY"):
        clean_name(typed)


@pytest.mark.parametrize("typed", ["x" * (LONGEST_NAME + 1), "x" * 10_000, "x y " * 10_000])
def test_a_name_of_ten_thousand_letters_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match="NAME_TOO_LONG"):
        clean_name(typed)


@given(st.text(max_size=200))
def test_no_name_keeps_anything_that_hides_or_turns_text(typed: str) -> None:
    try:
        kept = clean_name(typed)
    except Refusal:
        return
    assert len(kept) <= LONGEST_NAME
    assert not any(
        ord(letter) < 32 or letter in "\u202a\u202b\u202d\u202e\u2066\u2067\ufeff" for letter in kept
    )


@pytest.mark.parametrize("login", ["anna", "A.b-c_9", "x" * 40])
def test_logins_are_plain(login: str) -> None:
    assert check_login(login) == login


@pytest.mark.parametrize("login", ["", "-a", ".a", "anna k", "анна", "a" * 41, "a\n", "a\u202e", "a/b", "👩"])
def test_other_logins_are_refused(login: str) -> None:
    with pytest.raises(Refusal, match="LOGIN_INVALID"):
        check_login(login)
