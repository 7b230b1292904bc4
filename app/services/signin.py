"""Who is at the machine: signing in with a PIN, and people's PINs.

Attempts are counted on disk before the PIN is looked at, so that neither a restart nor pulling the plug gives
free guesses. Five wrong PINs lock the person out for 30 s, and every further one doubles that up to 15 min.
The end of a lock is kept on two clocks: the monotonic one decides while this boot lasts, so that setting the
wall clock helps nobody; after a reboot the wall clock decides, and a lock never grows beyond the longest one.
A login nobody has takes as long as a wrong PIN: the time must not tell who exists.
"""

import re
from datetime import datetime, timedelta

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from app.services.access import require
from app.services.ports import PinBook, Store
from app.services.views import Person
from domain.actor import Actor, Permission, Role
from domain.clock import Clock
from domain.entry import ORG, Draft
from domain.errors import Refusal
from domain.ids import RandomBytes, uuid4

FREE_ATTEMPTS = 5
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(minutes=15)
PIN_LENGTHS = range(4, 13)
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class PinHasher:
    """Argon2id for PINs (RFC 9106, the low-memory choice: a counter PC must not stall for it)."""

    def __init__(self, time_cost: int = 3, memory_kib: int = 64 * 1024) -> None:
        self._hasher = argon2.PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=4)
        self._nobody: str | None = None

    def hash(self, pin: str) -> str:
        """A verifier for storing. Raises Refusal PIN_UNFIT (digits only, 4 to 12 of them)."""
        if not (pin.isascii() and pin.isdigit() and len(pin) in PIN_LENGTHS):
            raise Refusal("PIN_UNFIT", least=PIN_LENGTHS.start, most=PIN_LENGTHS.stop - 1)
        return self._hasher.hash(pin)

    def matches(self, verifier: str | None, pin: str) -> bool:
        """Whether the PIN is right; without a verifier the same work is done for nothing."""
        if verifier is None and self._nobody is None:
            self._nobody = self._hasher.hash("nobody has this one")
        try:
            self._hasher.verify(verifier or self._nobody or "", pin)
        except (VerificationError, InvalidHashError):
            return False
        return verifier is not None


def lock_after(failures: int, now: datetime) -> datetime | None:
    """Until when a person is locked out after this many wrong PINs in a row."""
    beyond = failures - FREE_ATTEMPTS
    if beyond < 0:
        return None
    return now + min(FIRST_LOCK * (1 << min(beyond, 10)), LONGEST_LOCK)


class SignIn:
    """Answers with an Actor, or refuses: WRONG_PIN (attempts left), LOCKED_OUT (seconds), NO_PIN_HERE."""

    def __init__(self, store: Store, pins: PinBook, hasher: PinHasher, clock: Clock) -> None:
        self._store = store
        self._pins = pins
        self._hasher = hasher
        self._clock = clock

    def people(self) -> list[Person]:
        """Everybody who can sign in at this station."""
        with self._store.read() as read:
            return [person for person in read.people() if person.has_pin]

    def by_login(self, login: str, pin: str) -> Actor:
        """Sign in by login, as scripts do."""
        with self._store.read() as read:
            named = [person for person in read.people() if person.login == login]
        # Two stations may have given one login while they could not hear of each other.
        person = next((person for person in named if person.has_pin), named[0] if named else None)
        return self(person.user if person else "", pin)

    def __call__(self, user: str, pin: str) -> Actor:
        """Sign in by user id. Slow on purpose (about 50 ms): call it off the GUI thread."""
        with self._store.read() as read:
            person = read.person(user)
        if person is None:
            self._hasher.matches(None, pin)
            raise Refusal("WRONG_PIN", left=FREE_ATTEMPTS)
        verifier = self._pins.verifier(user)
        if verifier is None:
            self._hasher.matches(None, pin)
            raise Refusal("NO_PIN_HERE")
        if (left := self._lock_left(user)) > timedelta(0):
            raise Refusal("LOCKED_OUT", seconds=_seconds(left))
        now = self._clock.now()
        failures, _ = self._pins.failures(user)
        until = lock_after(failures + 1, now)
        failures = self._pins.failed(user, until, self._held(until - now) if until else None)
        if not self._hasher.matches(verifier, pin):
            raise _wrong(failures, now)
        self._pins.succeeded(user)
        known = {role.value for role in Role}  # a newer station may have given roles this program lacks
        return Actor(
            user=user,
            login=person.login,
            roles=frozenset(Role(role) for role in person.roles if role in known),
        )

    def _lock_left(self, user: str) -> timedelta:
        """How long the person is still locked out; zero or less when not."""
        _, until = self._pins.failures(user)
        if until is None:
            return timedelta(0)
        held = self._pins.held_until(user)
        if held is not None and held[0] == self._clock.boot_id():
            return timedelta(milliseconds=held[1] - self._clock.monotonic_ms())
        left = until - self._clock.now()
        if left > LONGEST_LOCK:  # the wall clock was set back since: start the longest lock again, once
            left = LONGEST_LOCK
            self._pins.lock(user, self._clock.now() + left, self._held(left))
        return left

    def _held(self, span: timedelta) -> tuple[str, int]:
        """The end of a span from now on the monotonic clock."""
        return self._clock.boot_id(), self._clock.monotonic_ms() + span // timedelta(milliseconds=1)


def _wrong(failures: int, now: datetime) -> Refusal:
    locked_until = lock_after(failures, now)
    if locked_until is not None:
        return Refusal("LOCKED_OUT", seconds=_seconds(locked_until - now))
    return Refusal("WRONG_PIN", left=FREE_ATTEMPTS - failures)


def _seconds(span: timedelta) -> int:
    return max(1, -(-span // timedelta(seconds=1)))


class AddUser:
    """Adds a person with roles and a PIN for this station. The name is a document beside the journal."""

    def __init__(self, store: Store, hasher: PinHasher, clock: Clock, random_bytes: RandomBytes) -> None:
        self._store = store
        self._hasher = hasher
        self._clock = clock
        self._random = random_bytes

    def __call__(self, login: str, name: str, roles: list[Role], pin: str | None, actor: Actor) -> str:
        """The new user's id. Refuses LOGIN_TAKEN, LOGIN_INVALID, NOT_ALLOWED, PIN_UNFIT."""
        require(actor, Permission.PEOPLE)
        if not _LOGIN.fullmatch(login):
            raise Refusal("LOGIN_INVALID", login=login[:40])
        verifier = self._hasher.hash(pin) if pin is not None else None
        user = uuid4(self._random)
        with self._store.begin() as work:
            if work.read.person_by_login(login) is not None:
                raise Refusal("LOGIN_TAKEN", login=login)
            digest = work.put_document(user, "person", ORG, {"user": user, "name": name})
            body = {
                "user": user,
                "login": login,
                "roles": sorted(role.value for role in roles),
                "document": user,
                "document_hash": digest,
            }
            work.append(Draft("user_created", (ORG,), body), actor)
            if verifier is not None:
                work.set_pin(user, verifier)
            work.commit()
        return user


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
            if work.read.person(user) is None:
                raise Refusal("USER_UNKNOWN")
            work.set_pin(user, verifier)
            work.commit()
