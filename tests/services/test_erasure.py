"""Erasing a person: who may, what goes, and what is said about it afterwards."""

from pathlib import Path

import pytest

from domain.actor import Actor, Role
from domain.documents import Reason
from domain.entry import Draft
from domain.errors import Refusal
from domain.ids import uuid4
from tests.services.house import ADMIN, CASHIER, SUPERVISOR, House


@pytest.fixture
def office(tmp_path: Path) -> House:
    house = House(tmp_path, None, shift=False)
    house.services.add_user("anna", "Anna Ivanova", [Role.CASHIER], None, ADMIN)
    return house


def name_of(house: House, login: str) -> str:
    with house.station.store.read() as read:
        return read.person_by_login(login).name


@pytest.mark.parametrize("actor", [CASHIER, SUPERVISOR, Actor(user=None)])
def test_only_who_manages_people_may_erase_somebody(office: House, actor: Actor) -> None:
    with pytest.raises(Refusal) as refused:
        office.services.erase_person("anna", actor)
    assert refused.value.code in {"NOT_ALLOWED", "NOT_SIGNED_IN"}
    assert name_of(office, "anna") == "Anna Ivanova"


def test_the_name_goes_and_the_person_is_shown_by_the_login(office: House) -> None:
    assert office.services.erase_person("anna", ADMIN, Reason.RETENTION) == 1
    assert name_of(office, "anna") == "anna"
    (entry,) = office.entries("document_erased")
    assert (entry.body["kind"], entry.body["reason"], entry.actor.user) == ("person", "RETENTION", ADMIN.user)
    assert office.services.erase_person("anna", ADMIN) == 0
    assert len(office.entries("document_erased")) == 1
    assert office.station.verify().problems == []


def test_verifiers_about_the_person_go_and_those_about_others_stay(office: House) -> None:
    with office.station.store.read() as read:
        user = read.person_by_login("anna").user
    mine, other = uuid4(office.random), uuid4(office.random)
    with office.station.store.begin() as work:
        named = []
        for document, whom in ((mine, user), (other, "somebody")):
            content = {"user": whom, "verifier": "$argon2id$"}
            known_hash = work.put_document(document, "password_verifier", "org", content)
            named.append({"document": document, "document_hash": known_hash, "kind": "password_verifier"})
        work.append(Draft("document_written", ("org",), {"documents": named}), ADMIN)
        work.commit()
    assert office.services.erase_person("anna", ADMIN) == 2
    with office.station.store.read() as read:
        assert (read.document(mine), read.document(other)) == (
            None,
            {"user": "somebody", "verifier": "$argon2id$"},
        )
        assert (read.document_erased(mine), read.document_erased(other)) == (True, False)


def test_somebody_who_is_not_there_cannot_be_erased(office: House) -> None:
    with pytest.raises(Refusal) as refused:
        office.services.erase_person("otto", ADMIN)
    assert refused.value.code == "USER_UNKNOWN"
