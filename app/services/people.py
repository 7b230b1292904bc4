"""People: invited with a one-time code, let in, shut out, given roles; at any station, with or without a hub.

What is written are facts in feed `org`; names and password verifiers are documents beside the journal. Nobody
can give what lies above them: whoever grants a role that manages people or roles, or gets a code for somebody
who has one, must manage roles too; a supervisor gets codes only for people who may do nothing more.
"""

from collections.abc import Sequence
from datetime import timedelta

from app.services.access import (
    KEEPS,
    InContact,
    always,
    check_roles,
    not_allowed,
    require,
    require_hub,
)
from app.services.attempts import FREE_ATTEMPTS
from app.services.hashing import PinHasher, code_hash, new_code
from app.services.ports import Nudge, Store, Work
from app.services.sessions import end_all
from app.services.signin import SignIn
from app.services.views import Person
from app.services.views_people import CodeIssued
from domain.actor import Actor, Permission
from domain.clock import Clock, to_text
from domain.entry import ORG, Draft
from domain.errors import Refusal
from domain.ids import RandomBytes, uuid4
from domain.people import (
    BEGINNING,
    PersonChanged,
    check_login,
    clean_name,
    clean_text,
    would_leave_nobody,
)
from domain.sessions import Ending

INVITATION, RESET = "invitation", "reset"
INVITATION_DAYS = 7
RESET_HOURS = 24
LONGEST_REASON = 200
NOTE = "person_note"
PASSWORD = "password_verifier"  # noqa: S105 - the name of a kind


class ListPeople:
    """Everybody, for the page of people."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, actor: Actor) -> Sequence[Person]:
        """By name, those who are shut out too. Refuses NOT_ALLOWED."""
        require(actor, Permission.PEOPLE)
        with self._store.read() as read:
            return read.people()

    def by_login(self, login: str, actor: Actor) -> Person:
        """Refuses USER_UNKNOWN."""
        require(actor, Permission.PEOPLE)
        with self._store.read() as read:
            person = read.person_by_login(login)
        if person is None:
            raise Refusal("USER_UNKNOWN")
        return person


class InvitePerson:
    """Adds a person who sets password and PIN themselves, with a code that is good once, for a week."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        random_bytes: RandomBytes,
        nudge: Nudge,
        in_contact: InContact = always,
    ) -> None:
        self._store = store
        self._clock = clock
        self._random = random_bytes
        self._nudge = nudge
        self._in_contact = in_contact

    def __call__(self, login: str, name: str, roles: Sequence[str], actor: Actor) -> CodeIssued:
        """The code, shown now and never again. Refuses NOT_ALLOWED, LOGIN_INVALID, LOGIN_TAKEN, NAME_EMPTY,
        NAME_TOO_LONG, ROLE_UNKNOWN, ROLES_NEED_HUB."""
        require(actor, Permission.PEOPLE)
        require_hub(self._in_contact, actor)
        check_login(login)
        shown = clean_name(name)
        user = uuid4(self._random)
        with self._store.begin() as work:
            check_roles(work.read, roles, actor)
            if work.read.person_by_login(login) is not None:
                raise Refusal("LOGIN_TAKEN", login=login)
            digest = work.put_document(user, "person", ORG, {"user": user, "name": shown})
            body = {
                "user": user,
                "login": login,
                "roles": sorted(set(roles)),
                "document": user,
                "document_hash": digest,
            }
            work.append(Draft("user_created", (ORG,), body), actor)
            issued = self._issue(work, user, login, INVITATION, timedelta(days=INVITATION_DAYS), actor)
            work.commit()
        self._nudge()
        return issued

    def again(self, user: str, actor: Actor) -> CodeIssued:
        """A new code for somebody who has not used theirs; the former one is worth nothing from now on.
        Refuses USER_UNKNOWN, PASSWORD_SET (then it is a reset)."""
        require(actor, Permission.PEOPLE)
        with self._store.begin() as work:
            person = known(work, user)
            if person.has_password:
                raise Refusal("PASSWORD_SET", login=person.login)
            check_may_reset(actor, person)
            issued = self._issue(work, user, person.login, INVITATION, timedelta(days=INVITATION_DAYS), actor)
            work.commit()
        self._nudge()
        return issued

    def reset(self, user: str, actor: Actor) -> CodeIssued:
        """A code for somebody who forgot: good once, for a day. Their PIN here and their sessions end.
        Refuses NOT_ALLOWED, USER_UNKNOWN, USER_DISABLED."""
        if actor.user is None:
            raise Refusal("NOT_SIGNED_IN")
        if not actor.may(Permission.PEOPLE):
            require(actor, Permission.APPROVE)
        with self._store.begin() as work:
            person = known(work, user)
            check_may_reset(actor, person)
            if not person.enabled:
                raise Refusal("USER_DISABLED")
            issued = self._issue(work, user, person.login, RESET, timedelta(hours=RESET_HOURS), actor)
            end_all(work, user, Ending.RESET, actor)
            work.people.forget_pin(user)
            work.commit()
        self._nudge()
        return issued

    def _issue(
        self, work: Work, user: str, login: str, purpose: str, lasts: timedelta, actor: Actor
    ) -> CodeIssued:
        code = new_code(self._random)
        expires_at = self._clock.now() + lasts
        body = {
            "code": uuid4(self._random),
            "user": user,
            "purpose": purpose,
            "code_hash": code_hash(code, user),
            "expires_at": to_text(expires_at),
        }
        work.append(Draft("user_code_issued", (ORG,), body), actor)
        return CodeIssued(user, login, code, expires_at)


class AcceptCode:
    """The invited person, or whoever forgot, sets a password and a PIN with the one-time code."""

    def __init__(
        self,
        store: Store,
        sign_in: SignIn,
        hasher: PinHasher,
        clock: Clock,
        random_bytes: RandomBytes,
        nudge: Nudge,
    ) -> None:
        self._store = store
        self._sign_in = sign_in
        self._hasher = hasher
        self._clock = clock
        self._random = random_bytes
        self._nudge = nudge

    def __call__(self, login: str, code: str, password: str, pin: str) -> Actor:
        """Signed in, at any station of the organization. Slow on purpose: call it off the GUI thread.

        Refuses CODE_WRONG (attempts left), LOCKED_OUT, CODE_EXPIRED, CODE_USED, USER_DISABLED,
        PASSWORD_UNFIT, PIN_UNFIT.
        """
        verifier, pin_verifier = self._hasher.hash_password(password, login), self._hasher.hash(pin)
        with self._store.read() as read:
            person = read.person_by_login(login)
        if person is None:
            raise Refusal("CODE_WRONG", left=FREE_ATTEMPTS)
        digest = code_hash(code, person.user)

        def fits() -> bool:
            with self._store.read() as read:
                return read.one_time_code(person.user, digest) is not None

        self._sign_in.attempts.check(person.user, "CODE_WRONG", fits)
        with self._store.begin() as work:
            row = work.read.one_time_code(person.user, digest)
            if row is None or row.used:
                raise Refusal("CODE_USED")
            if self._clock.now() >= row.expires_at:
                raise Refusal("CODE_EXPIRED", at=to_text(row.expires_at))
            if not known(work, person.user).enabled:
                raise Refusal("USER_DISABLED")
            mine = Actor(user=person.user, login=person.login)
            work.append(Draft("user_code_used", (ORG,), {"code": row.code, "user": person.user}), mine)
            write_password(work, self._random, self._clock, person.user, verifier, mine)
            work.set_pin(person.user, pin_verifier)
            work.append(Draft("user_pin_set", (ORG,), {"user": person.user}), mine)
            work.commit()
        self._nudge()
        return self._sign_in(person.user, pin)


class ChangePerson:
    """What an admin does with people: roles, shutting out, letting in again."""

    def __init__(
        self, store: Store, random_bytes: RandomBytes, nudge: Nudge, in_contact: InContact = always
    ) -> None:
        self._store = store
        self._random = random_bytes
        self._nudge = nudge
        self._in_contact = in_contact

    def roles(self, user: str, roles: Sequence[str], actor: Actor) -> Person:
        """Give exactly these roles. Refuses NOT_ALLOWED, USER_UNKNOWN, ROLE_UNKNOWN, LAST_ADMIN;
        ROLES_NEED_HUB where one is given that the person does not have."""
        require(actor, Permission.PEOPLE)
        with self._store.begin() as work:
            person = known(work, user)
            held, wanted = set(person.roles), set(roles)
            check_roles(work.read, wanted - held, actor, held - wanted)
            if wanted - held:
                require_hub(self._in_contact, actor)
            answer = self._change(work, person, {"roles": sorted(set(roles))}, actor)
            work.commit()
        self._nudge()
        return answer

    def disable(self, user: str, reason: str, actor: Actor) -> Person:
        """Shut somebody out: their sessions end, here at once and elsewhere at the next contact. Refuses
        NOT_ALLOWED, USER_UNKNOWN, LAST_ADMIN, REASON_TOO_LONG."""
        require(actor, Permission.PEOPLE)
        said = clean_reason(reason)
        with self._store.begin() as work:
            person = known(work, user)
            if KEEPS & person.permissions:
                require(actor, Permission.ROLES)
            note = note_about(work, self._random, user, said)
            answer = self._change(work, person, {"enabled": False, **note}, actor)
            end_all(work, user, Ending.DISABLED, actor)
            work.commit()
        self._nudge()
        return answer

    def enable(self, user: str, actor: Actor) -> Person:
        """Let somebody in again, with the roles they had. Refuses NOT_ALLOWED, USER_UNKNOWN,
        ROLES_NEED_HUB."""
        require(actor, Permission.PEOPLE)
        require_hub(self._in_contact, actor)
        with self._store.begin() as work:
            person = known(work, user)
            check_roles(work.read, (), actor, person.roles)
            answer = self._change(work, person, {"enabled": True}, actor)
            work.commit()
        self._nudge()
        return answer

    def rename(self, user: str, name: str, actor: Actor) -> Person:
        """Another name: one's own, or another's with the permission. Refuses NAME_EMPTY, NAME_TOO_LONG,
        NOT_ALLOWED, USER_UNKNOWN."""
        if actor.user is None:
            raise Refusal("NOT_SIGNED_IN")
        if actor.user != user:
            require(actor, Permission.PEOPLE)
        shown = clean_name(name)
        with self._store.begin() as work:
            known(work, user)
            digest = work.put_document(user, "person", ORG, {"user": user, "name": shown})
            body = {"user": user, "document": user, "document_hash": digest}
            work.append(Draft("user_renamed", (ORG,), body), actor)
            answer = known(work, user)
            work.commit()
        self._nudge()
        return answer

    @staticmethod
    def _change(work: Work, person: Person, fields: dict[str, object], actor: Actor) -> Person:
        return change_person(work, person.user, fields, actor)


def change_person(work: Work, user: str, fields: dict[str, object], actor: Actor) -> Person:
    """Write a change of roles or of being let in. Refuses LAST_ADMIN."""
    roles, enabled = fields.get("roles"), fields.get("enabled")
    change = PersonChanged(
        BEGINNING,
        user,
        tuple(map(str, roles)) if isinstance(roles, list) else None,
        enabled if isinstance(enabled, bool) else None,
    )
    if would_leave_nobody(work.read.people_now(), change):
        raise Refusal("LAST_ADMIN")
    work.append(Draft("user_changed", (ORG,), {"user": user, **fields}), actor)
    return known(work, user)


def clean_reason(reason: str) -> str:
    """A reason as it is kept; empty for none. Raises Refusal REASON_TOO_LONG, NAME_EMPTY."""
    if len(reason) > LONGEST_REASON:
        raise Refusal("REASON_TOO_LONG", most=LONGEST_REASON)
    return clean_text(reason, LONGEST_REASON) if reason.strip() else ""


def note_about(work: Work, random_bytes: RandomBytes, user: str, text: str) -> dict[str, object]:
    """Why something was decided about a person: beside the journal, since it can be erased there. Answers
    what the entry says of it; nothing for no text."""
    if not text:
        return {}
    document = uuid4(random_bytes)
    digest = work.put_document(document, NOTE, ORG, {"user": user, "text": text})
    return {"document": document, "document_hash": digest}


def known(work: Work, user: str) -> Person:
    """A person inside a transaction. Refuses USER_UNKNOWN."""
    person = work.read.person(user)
    if person is None:
        raise Refusal("USER_UNKNOWN")
    return person


def check_may_reset(actor: Actor, person: Person) -> None:
    """A code for somebody is a way to be them: it takes at least what they may do. Refuses NOT_ALLOWED."""
    if actor.may(Permission.PEOPLE):
        if KEEPS & person.permissions:
            require(actor, Permission.ROLES)
        return
    beyond = person.permissions - actor.standing().permissions
    if beyond:
        raise not_allowed(actor, Permission.PEOPLE)


def write_password(
    work: Work, random_bytes: RandomBytes, clock: Clock, user: str, verifier: str, actor: Actor
) -> None:
    """Put the verifier beside the journal, and name it in an entry."""
    there = [one for one, kind, _ in work.read.personal_documents(user) if kind == PASSWORD]
    document = there[0] if there else uuid4(random_bytes)
    content = {"user": user, "verifier": verifier, "set_at": to_text(clock.now())}
    digest = work.put_document(document, PASSWORD, ORG, content)
    body = {"user": user, "document": document, "document_hash": digest}
    work.append(Draft("user_password_set", (ORG,), body), actor)
    work.people.prove_password(user)
