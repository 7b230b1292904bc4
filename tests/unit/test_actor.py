"""Who may do what."""

import pytest
from builders import CASHIER, GATE_STAFF

from domain.actor import DEFAULT_RIGHTS, NOBODY, SYSTEM, Actor, Permission, Role


def test_nobody_may_do_anything():
    assert not any(NOBODY.may(permission) for permission in Permission)


def test_the_system_itself_may_do_everything_that_some_role_may():
    assert all(SYSTEM.may(permission) for rights in DEFAULT_RIGHTS.values() for permission in rights)


def test_every_role_has_rights_and_every_permission_belongs_to_some_role():
    assert set(DEFAULT_RIGHTS) == set(Role)
    assert frozenset().union(*DEFAULT_RIGHTS.values()) == set(Permission)


def test_everyone_who_may_sign_in_may_check_a_ticket():
    assert all(Permission.CHECK in rights for rights in DEFAULT_RIGHTS.values())


@pytest.mark.parametrize(
    ("actor", "may", "may_not"),
    [
        (
            CASHIER,
            {Permission.SELL, Permission.SHIFT, Permission.ADMIT},
            {Permission.CATALOGUE, Permission.PEOPLE},
        ),
        (GATE_STAFF, {Permission.ADMIT, Permission.UNDO_OWN}, {Permission.SELL, Permission.SEARCH}),
    ],
)
def test_default_rights(actor, may, may_not):
    assert all(actor.may(permission) for permission in may)
    assert not any(actor.may(permission) for permission in may_not)


def test_a_person_with_two_roles_has_the_rights_of_both():
    both = Actor(user="u", roles=frozenset({Role.GATE, Role.ADMIN}))
    assert both.may(Permission.ADMIT)
    assert both.may(Permission.PEOPLE)


def test_only_organizers_change_the_catalogue():
    assert [role for role in Role if Permission.CATALOGUE in DEFAULT_RIGHTS[role]] == [Role.ORGANIZER]
