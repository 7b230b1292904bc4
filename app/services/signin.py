"""Who is at the machine: signing in with a PIN, or with the password where there is no PIN yet.

Guesses are counted on disk before they are looked at (app.services.attempts). A login nobody has takes as
long as a wrong PIN or password: the time must not tell who exists. Works without a hub, and at a station
where the person has never been, if the verifier of the password is here.
"""

from collections.abc import Sequence

from app.services.access import InContact, always, check_roles, require, require_hub
from app.services.attempts import FREE_ATTEMPTS, Attempts
from app.services.hashing import PinHasher
from app.services.ports import PinBook, Store
from app.services.sessions import ScriptSession, SessionDesk
from app.services.standing import LiveRights, policy_of
from app.services.views import Person
from domain.actor import SYSTEM, Actor, Permission, RightsBook, Role
from domain.clock import Clock
from domain.entry import ORG, Draft
from domain.errors import Refusal
from domain.ids import RandomBytes, uuid4
from domain.people import check_login, clean_name
from domain.sessions import STANDS_AT_THE_GATE, WHEN_SHUT_OUT

__all__ = ["AddUser", "PinHasher", "SetPin", "SignIn"]

FIRST_ROLES = (Role.ADMIN, Role.ORGANIZER, Role.SUPERVISOR)
"""What the first person of an organization may do: everything."""


class SignIn:
    """Answers with an Actor, or refuses: WRONG_PIN and WRONG_PASSWORD (attempts left), LOCKED_OUT (seconds),
    NO_PIN_HERE, USER_DISABLED, PASSWORD_NEEDED, REVOKED (this station)."""

    def __init__(
        self,
        store: Store,
        pins: PinBook,
        hasher: PinHasher,
        clock: Clock,
        rights: LiveRights | None = None,
        sessions: SessionDesk | None = None,
    ) -> None:
        """Without `rights` the default roles hold; without `sessions` none is begun."""
        self._store = store
        self._pins = pins
        self._hasher = hasher
        self._rights = rights
        self._sessions = sessions
        self.attempts = Attempts(pins, clock, self._locked_out)

    def people(self) -> list[Person]:
        """Everybody who can sign in at this station with a PIN."""
        with self._store.read() as read:
            return [person for person in read.people() if person.has_pin and person.enabled]

    def by_login(self, login: str, pin: str) -> Actor:
        """Sign in by login, as scripts do: for one act, without a session."""
        return self._actor(self._with_pin(self._named(login), pin))

    def __call__(self, user: str, pin: str) -> Actor:
        """Sign in by user id. Slow on purpose (about 50 ms): call it off the GUI thread."""
        with self._store.read() as read:
            person = read.person(user)
        return self._begun(self._with_pin(person, pin))

    def with_password(self, login: str, password: str) -> Actor:
        """Sign in with the password: for the first time here, or after a day without the hub. Slow on
        purpose."""
        person = self._named(login)
        if person is None:
            self._hasher.matches_password(None, password)
            raise Refusal("WRONG_PASSWORD", left=FREE_ATTEMPTS)
        with self._store.read() as read:
            verifier = read.password_verifier(person.user)
        if verifier is None:
            self._hasher.matches_password(None, password)
            raise Refusal("NO_PASSWORD_HERE")
        self.attempts.check(
            person.user, "WRONG_PASSWORD", lambda: self._hasher.matches_password(verifier, password)
        )
        if not person.enabled:
            raise Refusal("USER_DISABLED")
        if self._rights is not None and self._rights.is_shut() and not person.permissions & WHEN_SHUT_OUT:
            raise Refusal("REVOKED")
        with self._store.begin() as work:
            work.people.prove_password(person.user)
            work.commit()
        return self._begun(person)

    def approver(self, login: str, pin: str) -> Actor:
        """Somebody who gives the PIN for another's act; no session begins."""
        return self._actor(self._with_pin(self._named(login), pin))

    def by_session(self, session: ScriptSession) -> Actor:
        """Whoever a script's token stands for (see ScriptSessions.verify)."""
        with self._store.read() as read:
            person = read.person(session.user)
        if person is None:
            raise Refusal("USER_UNKNOWN")
        self._refuse_without_contact(person)
        return self._actor(person, session.session)

    def as_actor(self, person: Person) -> Actor:
        """What somebody may do, without signing them in."""
        return self._actor(person)

    def _named(self, login: str) -> Person | None:
        with self._store.read() as read:
            named = [person for person in read.people() if person.login == login]
        # Two stations may have given one login while they could not hear of each other.
        return next((person for person in named if person.has_pin), named[0] if named else None)

    def _with_pin(self, person: Person | None, pin: str) -> Person:
        if person is None:
            self._hasher.matches(None, pin)
            raise Refusal("WRONG_PIN", left=FREE_ATTEMPTS)
        verifier = self._pins.verifier(person.user)
        if verifier is None:
            self._hasher.matches(None, pin)
            raise Refusal("NO_PIN_HERE")
        self.attempts.check(person.user, "WRONG_PIN", lambda: self._hasher.matches(verifier, pin))
        if not person.enabled:
            raise Refusal("USER_DISABLED")
        if not self._hasher.is_keyed(verifier):
            with self._store.begin() as work:
                work.set_pin(person.user, self._hasher.hash(pin))
                work.commit()
        self._refuse_without_contact(person)
        return person

    def _refuse_without_contact(self, person: Person) -> None:
        """At a station that was revoked nobody signs in but who looks after it. After a day without the hub a
        PIN alone is not enough, but for those who only stand at a gate."""
        if self._rights is None:
            return
        if self._rights.is_shut() and not person.permissions & WHEN_SHUT_OUT:
            raise Refusal("REVOKED")
        if person.permissions <= STANDS_AT_THE_GATE:
            return
        with self._store.read() as read:
            has_hub, policy = read.station().has_hub, policy_of(read)
        if has_hub:
            halted = self._rights.halted(person.user, policy, has_password=person.has_password)
            if "PASSWORD_NEEDED" in halted.values():
                raise Refusal("PASSWORD_NEEDED")

    def _begun(self, person: Person) -> Actor:
        actor = self._actor(person)
        if self._sessions is None:
            return actor
        return self._actor(person, self._sessions.begin(actor))

    def _actor(self, person: Person, session: str | None = None) -> Actor:
        with self._store.read() as read:
            known = read.roles()  # a newer station may have given roles that nobody defined here
        book: RightsBook | None = self._rights
        return Actor(
            user=person.user,
            login=person.login,
            roles=frozenset(role for role in person.roles if role in known),
            session=session,
            book=book,
        )

    def _locked_out(self, user: str, failures: int) -> None:
        """Note in the journal that somebody guessed at a person's PIN, password or code."""
        with self._store.begin() as work:
            nobody = Actor(user=None)
            work.append(Draft("user_locked_out", (ORG,), {"user": user, "failures": failures}), nobody)
            work.commit()


class AddUser:
    """Adds a person with roles and a PIN for this station. The name is a document beside the journal."""

    def __init__(
        self,
        store: Store,
        hasher: PinHasher,
        clock: Clock,
        random_bytes: RandomBytes,
        in_contact: InContact = always,
    ) -> None:
        self._store = store
        self._hasher = hasher
        self._clock = clock
        self._random = random_bytes
        self._in_contact = in_contact

    def __call__(self, login: str, name: str, roles: Sequence[str], pin: str | None, actor: Actor) -> str:
        """The new user's id. Refuses LOGIN_TAKEN, LOGIN_INVALID, NAME_EMPTY, NAME_TOO_LONG,
        ROLE_UNKNOWN, NOT_ALLOWED, PIN_UNFIT, ROLES_NEED_HUB."""
        require(actor, Permission.PEOPLE)
        require_hub(self._in_contact, actor)
        check_login(login)
        name = clean_name(name)
        verifier = self._hasher.hash(pin) if pin is not None else None
        user = uuid4(self._random)
        with self._store.begin() as work:
            check_roles(work.read, roles, actor)
            if work.read.person_by_login(login) is not None:
                raise Refusal("LOGIN_TAKEN", login=login)
            digest = work.put_document(user, "person", ORG, {"user": user, "name": name})
            body = {
                "user": user,
                "login": login,
                "roles": sorted({str(role) for role in roles}),
                "document": user,
                "document_hash": digest,
            }
            work.append(Draft("user_created", (ORG,), body), actor)
            if verifier is not None:
                work.set_pin(user, verifier)
            work.commit()
        return user

    def first(self, login: str, name: str, pin: str) -> str:
        """The first administrator of an organization, at a station that has heard all that the hub has. Works
        while there is nobody: whoever may join a station then is whom the organization trusts. Refuses
        PEOPLE_EXIST, and what adding refuses."""
        with self._store.read() as read:
            if read.people():
                raise Refusal("PEOPLE_EXIST")
        return self(login, name, FIRST_ROLES, pin, SYSTEM)


class SetPin:
    """Gives a person a PIN on this station: their own act, or that of whoever may manage people."""

    def __init__(self, store: Store, hasher: PinHasher) -> None:
        self._store = store
        self._hasher = hasher

    def __call__(self, user: str, pin: str, actor: Actor) -> None:
        """Refuses NOT_ALLOWED, PIN_UNFIT, USER_UNKNOWN."""
        if actor.user != user:
            require(actor, Permission.PEOPLE)
        verifier = self._hasher.hash(pin)
        with self._store.begin() as work:
            person = work.read.person(user)
            if person is None:
                raise Refusal("USER_UNKNOWN")
            if actor.user != user and Permission.ROLES in person.permissions:
                require(actor, Permission.ROLES)  # else whoever adds people could become an admin
            work.set_pin(user, verifier)
            work.append(Draft("user_pin_set", (ORG,), {"user": user}), actor)
            work.commit()
