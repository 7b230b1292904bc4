"""Erasing a person: what is known about them goes from every station and the hub; that they acted stays."""

from app.services.access import require
from app.services.ports import Nudge, Store
from domain.actor import Actor, Permission
from domain.documents import Reason
from domain.errors import Refusal


class ErasePerson:
    """Erases the documents about a person: the name, password verifiers. The login and the roles stay in the
    journal, since it cannot be changed; from now on the person is shown by the login."""

    def __init__(self, store: Store, nudge: Nudge) -> None:
        self._store = store
        self._nudge = nudge

    def __call__(self, login: str, actor: Actor, reason: Reason = Reason.REQUEST) -> int:
        """How many documents were erased; 0 when there were none left. Refuses NOT_ALLOWED, USER_UNKNOWN."""
        require(actor, Permission.PEOPLE)
        with self._store.begin() as work:
            person = work.read.person_by_login(login)
            if person is None:
                raise Refusal("USER_UNKNOWN")
            found = work.read.personal_documents(person.user)
            for document, kind, feed in found:
                work.erase_document(document, kind, feed, reason, actor)
            work.commit()
        self._nudge()
        return len(found)
