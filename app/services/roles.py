"""Roles as data: shown, edited, asked for, granted or declined; and one's own account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.services.access import InContact, always, check_roles, require, require_hub
from app.services.hashing import PinHasher
from app.services.people import (
    AcceptCode,
    ChangePerson,
    InvitePerson,
    ListPeople,
    change_person,
    clean_reason,
    known,
    note_about,
    write_password,
)
from app.services.ports import Nudge, PinBook, Store
from app.services.signin import SignIn
from app.services.views_people import MyAccount, NoticeRow, RightsRow, RoleRequestRow
from domain.actor import Actor, Permission
from domain.clock import Clock
from domain.entry import ORG, Draft
from domain.errors import Refusal
from domain.ids import RandomBytes, uuid4
from domain.people import BEGINNING, RoleChanged, check_role, would_leave_nobody
from domain.permissions import Limit, RoleSet, roles_with, widens

CHECKED: frozenset[Permission] = frozenset(
    {
        *(Permission.SELL, Permission.PRINT, Permission.REFUND, Permission.VOID),
        *(Permission.EXCHANGE, Permission.REPRINT, Permission.SHIFT, Permission.OTHER_SHIFTS),
        *(Permission.DRAWER, Permission.CATALOGUE),
        *(Permission.CHECK, Permission.ADMIT, Permission.UNDO_OWN, Permission.UNDO_ANY),
        *(Permission.SEARCH, Permission.ORDERS, Permission.APPROVE, Permission.CONFLICTS),
        *(Permission.IMPORT, Permission.PEOPLE, Permission.ROLES, Permission.STATION),
        *(Permission.SETTINGS, Permission.AUDIT, Permission.KEYS),
    }
)
"""Permissions that a use case asks for: only these are shown. A test holds this against the use cases."""


class EditRoles:
    """The table of roles and permissions, and changes to it."""

    def __init__(self, store: Store, nudge: Nudge, in_contact: InContact = always) -> None:
        self._store = store
        self._nudge = nudge
        self._in_contact = in_contact

    def listed(self, actor: Actor) -> Sequence[RoleSet]:
        """All roles that are not removed. Everybody who is signed in may see what each role allows."""
        if actor.user is None:
            raise Refusal("NOT_SIGNED_IN")
        with self._store.read() as read:
            return [role for role in read.roles().values() if not role.removed]

    def rights(self, actor: Actor) -> Sequence[RightsRow]:
        """Every permission that anything asks for, with who has it; names only for whoever manages people."""
        if actor.user is None:
            raise Refusal("NOT_SIGNED_IN")
        names = actor.may(Permission.PEOPLE)
        with self._store.read() as read:
            roles = read.roles()
            people = [person for person in read.people() if person.enabled] if names else []
        return [
            RightsRow(
                permission,
                roles_with(permission, roles),
                [person.name for person in people if permission in person.permissions],
            )
            for permission in Permission
            if permission in CHECKED
        ]

    def __call__(
        self,
        role: str,
        permissions: frozenset[Permission],
        limits: Mapping[Limit, int | None],
        actor: Actor,
        *,
        title: str = "",
    ) -> RoleSet:
        """Define a role anew, or make one. Refuses NOT_ALLOWED, ROLE_INVALID, ROLE_LOCKED, NAME_EMPTY,
        NAME_TOO_LONG, LAST_ADMIN; ROLES_NEED_HUB where it allows more than before."""
        require(actor, Permission.ROLES)
        wanted = check_role(role, permissions, limits, title)
        with self._store.read() as read:
            before = read.roles().get(role)
        if widens(before, wanted):
            require_hub(self._in_contact, actor)
        return self._write(wanted, actor)

    def remove(self, role: str, actor: Actor) -> RoleSet:
        """Take a role that was added away from everybody. Refuses NOT_ALLOWED, ROLE_UNKNOWN, ROLE_LOCKED (one
        of the first six), LAST_ADMIN."""
        require(actor, Permission.ROLES)
        with self._store.read() as read:
            found = read.roles().get(role)
        if found is None or found.removed:
            raise Refusal("ROLE_UNKNOWN", name="".join(one for one in role[:32] if one.isprintable()))
        if found.is_builtin:
            raise Refusal("ROLE_LOCKED", role=role, permission="")
        return self._write(RoleSet(found.role, found.permissions, found.limits, found.title, True), actor)

    def _write(self, role: RoleSet, actor: Actor) -> RoleSet:
        with self._store.begin() as work:
            if would_leave_nobody(work.read.people_now(), RoleChanged(BEGINNING, role)):
                raise Refusal("LAST_ADMIN")
            body = {
                "role": role.role,
                "permissions": sorted(permission.value for permission in role.permissions),
                "limits": {limit.value: most for limit, most in role.limits.items()},
                "title": role.title,
                "removed": role.removed,
            }
            work.append(Draft("role_changed", (ORG,), body), actor)
            work.commit()
        self._nudge()
        return role


class RoleRequests:
    """A person asks for a role; an admin grants or declines; both are told."""

    def __init__(
        self, store: Store, random_bytes: RandomBytes, nudge: Nudge, in_contact: InContact = always
    ) -> None:
        self._store = store
        self._random = random_bytes
        self._nudge = nudge
        self._in_contact = in_contact

    def ask(self, role: str, actor: Actor) -> RoleRequestRow:
        """Refuses NOT_SIGNED_IN, ROLE_UNKNOWN, ROLE_HELD, ROLE_ASKED (already, and not answered)."""
        user = actor.user
        if user is None:
            raise Refusal("NOT_SIGNED_IN")
        require(actor, Permission.CHECK)
        request = uuid4(self._random)
        with self._store.begin() as work:
            person = known(work, user)
            defined = work.read.roles()
            if role not in defined or defined[role].removed:
                raise Refusal("ROLE_UNKNOWN", name="".join(one for one in role[:32] if one.isprintable()))
            if role in person.roles:
                raise Refusal("ROLE_HELD", role=role)
            if any(row.granted is None and row.role == role for row in work.read.role_requests(user)):
                raise Refusal("ROLE_ASKED", role=role)
            body = {"request": request, "user": user, "role": role}
            work.append(Draft("role_asked", (ORG,), body), actor)
            made = work.read.role_requests(user)[0]
            work.commit()
        self._nudge()
        return made

    def listed(self, actor: Actor) -> Sequence[RoleRequestRow]:
        """Everybody's requests, newest first. Refuses NOT_ALLOWED."""
        require(actor, Permission.PEOPLE)
        with self._store.read() as read:
            return read.role_requests()

    def answer(self, request: str, actor: Actor, *, granted: bool, reason: str = "") -> RoleRequestRow:
        """Grant (the person has the role from now on) or decline; both read the reason. Refuses NOT_ALLOWED,
        REQUEST_UNKNOWN, REQUEST_ANSWERED, ROLE_UNKNOWN, REASON_TOO_LONG; ROLES_NEED_HUB to grant."""
        require(actor, Permission.PEOPLE)
        said = clean_reason(reason)
        with self._store.begin() as work:
            row = next((one for one in work.read.role_requests() if one.request == request), None)
            if row is None:
                raise Refusal("REQUEST_UNKNOWN")
            if row.granted is not None:
                raise Refusal("REQUEST_ANSWERED", who=row.answered_by)
            if granted:
                check_roles(work.read, [row.role], actor)
                require_hub(self._in_contact, actor)
                person = known(work, row.user)
                roles = sorted({*person.roles, row.role})
                change_person(work, row.user, {"roles": roles, "request": request}, actor)
            body = {"request": request, "user": row.user, "role": row.role, "granted": granted}
            body |= note_about(work, self._random, row.user, said)
            work.append(Draft("role_answered", (ORG,), body), actor)
            answered = next(one for one in work.read.role_requests() if one.request == request)
            work.commit()
        self._nudge()
        return answered

    def notices(self, actor: Actor) -> Sequence[NoticeRow]:
        """What the person is to be told, newest first."""
        if actor.user is None:
            raise Refusal("NOT_SIGNED_IN")
        with self._store.read() as read:
            return read.notices(actor.user, answers=actor.may(Permission.PEOPLE))

    def seen(self, notices: Sequence[str], actor: Actor) -> None:
        """The person has read these."""
        if actor.user is None:
            raise Refusal("NOT_SIGNED_IN")
        with self._store.begin() as work:
            work.people.see_notices(actor.user, notices)
            work.commit()


class Account:
    """One's own account: what one may do, and one's own password and PIN."""

    def __init__(
        self,
        store: Store,
        pins: PinBook,
        sign_in: SignIn,
        hasher: PinHasher,
        clock: Clock,
        random_bytes: RandomBytes,
        nudge: Nudge,
    ) -> None:
        self._store = store
        self._pins = pins
        self._sign_in = sign_in
        self._hasher = hasher
        self._clock = clock
        self._random = random_bytes
        self._nudge = nudge

    def show(self, actor: Actor) -> MyAccount:
        """Refuses NOT_SIGNED_IN, USER_UNKNOWN."""
        user = self._me(actor)
        with self._store.read() as read:
            person = read.person(user)
            if person is None:
                raise Refusal("USER_UNKNOWN")
            waiting = {row.role for row in read.role_requests(user) if row.granted is None}
            roles = [role.role for role in read.roles().values() if not role.removed]
            return MyAccount(
                person=person,
                limits=actor.standing().limits,
                sessions=read.sessions(user),
                requests=read.role_requests(user),
                notices=read.notices(user, answers=Permission.PEOPLE in person.permissions),
                may_ask_for=[role for role in roles if role not in {*person.roles, *waiting}],
            )

    def change_pin(self, old: str, new: str, actor: Actor) -> None:
        """A new PIN at this station. Refuses WRONG_PIN, LOCKED_OUT, NO_PIN_HERE, PIN_UNFIT. Slow on
        purpose."""
        user = self._me(actor)
        self._prove_pin(user, old)
        verifier = self._hasher.hash(new)
        with self._store.begin() as work:
            work.set_pin(user, verifier)
            work.append(Draft("user_pin_set", (ORG,), {"user": user}), actor)
            work.commit()
        self._nudge()

    def change_password(self, proof: str, new: str, actor: Actor) -> None:
        """A new password. `proof` is the one so far, or the PIN here where there was none. Refuses
        WRONG_PASSWORD, WRONG_PIN, LOCKED_OUT, NO_PIN_HERE, PASSWORD_UNFIT. Slow on purpose."""
        user = self._me(actor)
        with self._store.read() as read:
            verifier, person = read.password_verifier(user), read.person(user)
        if verifier is None:
            self._prove_pin(user, proof)
        else:
            self._sign_in.attempts.check(
                user, "WRONG_PASSWORD", lambda: self._hasher.matches_password(verifier, proof)
            )
        fresh = self._hasher.hash_password(new, person.login if person else "")
        with self._store.begin() as work:
            write_password(work, self._random, self._clock, user, fresh, actor)
            work.commit()
        self._nudge()

    def _prove_pin(self, user: str, pin: str) -> None:
        verifier = self._pins.verifier(user)
        if verifier is None:
            raise Refusal("NO_PIN_HERE")
        self._sign_in.attempts.check(user, "WRONG_PIN", lambda: self._hasher.matches(verifier, pin))

    @staticmethod
    def _me(actor: Actor) -> str:
        if actor.user is None:
            raise Refusal("NOT_SIGNED_IN")
        return actor.user


@dataclass(frozen=True, slots=True)
class PeopleDesk:
    """All use cases about people and roles together, as windows get them."""

    listed: ListPeople
    invite: InvitePerson
    accept: AcceptCode
    change: ChangePerson
    roles: EditRoles
    requests: RoleRequests
    account: Account
