"""What somebody may do at this very moment: roles as they are defined now, sessions, contact with the hub,
and whether the organization has shut this station out.

An actor carries this book along, so a role that was changed, a person who was shut out or a session that was
ended from afar counts with the next act, not with the next sign-in.
"""

from collections.abc import Callable

from app.services.ports import Reads, Store
from app.services.ports_people import PeopleBook
from domain.actor import Actor, Permission, Standing, WhoMay
from domain.permissions import limits_of, roles_with
from domain.sessions import SessionPolicy, shut_out, stopped

NOTHING = Standing(frozenset(), {})
CONTACT_MS = 10 * 60_000
"""Contact with the hub within this time is as good as now."""


class LiveRights:
    """Implements domain.actor.RightsBook over the store."""

    def __init__(self, store: Store, book: PeopleBook, is_shut: Callable[[], bool] = lambda: False) -> None:
        """`is_shut`: the organization has revoked this station."""
        self._store = store
        self._book = book
        self._is_shut = is_shut

    def standing(self, actor: Actor) -> Standing:
        """Permissions, limits and what is out of reach just now."""
        with self._store.read() as read:
            person = read.person(actor.user or "")
            if person is None:
                return NOTHING
            if not person.enabled:
                return Standing(frozenset(), {}, dict.fromkeys(Permission, "USER_DISABLED"))
            if actor.session is not None:
                session = read.session(actor.session)
                if session is not None and session.ended_at is not None:
                    return Standing(frozenset(), {}, dict.fromkeys(Permission, "SESSION_ENDED"))
            limits = limits_of(person.roles, read.roles())
            has_hub = read.station().has_hub
            policy = policy_of(read)
        halted = self.halted(person.user, policy, has_password=person.has_password) if has_hub else {}
        if self._is_shut():
            halted = halted | shut_out()
        return Standing(person.permissions, limits, halted)

    def halted(self, user: str, policy: SessionPolicy, *, has_password: bool) -> dict[Permission, str]:
        """What is out of reach for want of contact with the hub."""
        contact = self._book.contact()
        if contact is None:
            return {}
        proved = self._book.proved(user)
        return stopped(policy, contact, proved, self._book.moment(), has_password=has_password)

    def in_contact(self) -> bool:
        """Whether the hub was heard a moment ago; a station that works by itself has none to hear."""
        with self._store.read() as read:
            if not read.station().has_hub:
                return True
        contact = self._book.contact()
        return contact is not None and contact.passed_ms(self._book.moment()) <= CONTACT_MS

    def is_shut(self) -> bool:
        """Whether the organization has revoked this station."""
        return self._is_shut()

    def who_may(self, permission: Permission) -> WhoMay:
        """Roles, and people of this station who are let in."""
        with self._store.read() as read:
            roles = roles_with(permission, read.roles())
            people = [
                person.name
                for person in read.people()
                if person.enabled and permission in person.permissions and person.has_pin
            ]
        return WhoMay(roles, tuple(people))


def policy_of(read: Reads) -> SessionPolicy:
    """The organization's spans."""
    organization = read.organization()
    return SessionPolicy(organization.session_password_hours, organization.session_selling_hours)
