"""What is kept about one person, for that person: their documents, and entries naming them."""

from collections.abc import Mapping
from typing import Any

from app.services.access import require
from app.services.ports import Reads, Store
from app.services.views_people import AuditFact, AuditQuery
from domain.actor import Actor, Permission
from domain.clock import to_text
from domain.errors import Refusal

MOST = 100_000
WITHHELD = frozenset({"password_verifier"})
"""Kinds whose content would help whoever steals the file; that they are kept is said."""


class ExportPerson:
    """Answers a person's right to a copy. What other stations wrote is found as long as its entries are here
    (see the horizon of the replica)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, login: str, actor: Actor) -> Mapping[str, Any]:
        """A JSON document with `person`, `documents`, `entries`. One's own, or with the permission to manage
        people. Refuses NOT_SIGNED_IN, NOT_ALLOWED, USER_UNKNOWN."""
        with self._store.read() as read:
            person = read.person_by_login(login)
            if person is None or person.user != actor.user:
                require(actor, Permission.PEOPLE)
            if person is None:
                raise Refusal("USER_UNKNOWN")
            facts = read.audit(AuditQuery(order=person.user, limit=MOST))
            return {
                "person": {
                    "user": person.user,
                    "login": person.login,
                    "name": person.name,
                    "roles": list(person.roles),
                    "enabled": person.enabled,
                    "has_pin": person.has_pin,
                    "has_password": person.has_password,
                },
                "documents": _documents(read, person.user),
                "entries": [_entry(fact, person.user) for fact in reversed(facts)],
            }


def _documents(read: Reads, user: str) -> list[dict[str, Any]]:
    return [
        {
            "document": document,
            "kind": kind,
            "feed": feed,
            "content": None if kind in WITHHELD else dict(read.document(document) or {}),
        }
        for document, kind, feed in read.personal_documents(user)
    ]


def _entry(fact: AuditFact, user: str) -> dict[str, Any]:
    part = "acted" if fact.user == user else "approved" if user in fact.approvals else "named"
    return {
        "entry_id": fact.entry_id,
        "at": to_text(fact.at),
        "station": fact.station,
        "kind": fact.kind,
        "as": part,
        "body": dict(fact.body),
    }
