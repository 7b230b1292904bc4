"""Sessions: begun by a sign-in, listed, ended from afar; and keys for scripts instead of a PIN on every call.

An entry that ends a session travels in feed `org`, so the station where it lasts obeys at its next contact. A
script's token is 256 random bits; the file keeps only a hash of it together with the installation, so a token
is worth nothing with another station or a copy of the data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.services.access import not_allowed, require
from app.services.hashing import token_hash
from app.services.ports import Nudge, Store, Work
from app.services.ports_people import PeopleBook
from app.services.standing import policy_of
from app.services.views_people import SessionRow
from domain.actor import Actor, Permission
from domain.clock import Clock, from_ms, to_text
from domain.entry import ORG, Draft
from domain.errors import Refusal
from domain.ids import RandomBytes, uuid4
from domain.sessions import (
    MOST_HOURS,
    SCRIPT_HOURS,
    Ending,
    Moment,
    Purpose,
    SessionPolicy,
    hours_left,
)

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class ScriptSession:
    """A script's session. `token` is shown once, at its start; `offline_until` says until when this station
    may go on selling without contact, None = without limit."""

    session: str
    user: str
    login: str
    roles: Sequence[str]
    expires_at: datetime
    offline_until: datetime | None
    token: str = field(default="", repr=False)


class SessionDesk:
    """Begins and ends sessions of people at windows, and lists all."""

    def __init__(
        self, store: Store, book: PeopleBook, clock: Clock, random_bytes: RandomBytes, nudge: Nudge
    ) -> None:
        self._store = store
        self._book = book
        self._clock = clock
        self._random = random_bytes
        self._nudge = nudge

    def begin(self, actor: Actor) -> str:
        """The person's session at this station: the one that lasts, else a new one. Answers its id."""
        user = actor.user
        if user is None:
            raise Refusal("NOT_SIGNED_IN")
        with self._store.begin() as work:
            here = work.read.station().station
            lasting = [
                row.session
                for row in work.read.sessions(user)
                if row.station == here and row.purpose == Purpose.WINDOW
            ]
            if lasting:
                return lasting[0]
            session = uuid4(self._random)
            body = {"session": session, "user": user, "purpose": Purpose.WINDOW.value, "expires_at": None}
            work.append(Draft("session_started", (ORG,), body), actor)
            work.commit()
        self._nudge()
        return session

    def mine(self, actor: Actor) -> Sequence[SessionRow]:
        """One's own sessions that last, here and elsewhere."""
        if actor.user is None:
            raise Refusal("NOT_SIGNED_IN")
        with self._store.read() as read:
            return read.sessions(actor.user)

    def listed(self, actor: Actor, *, open_only: bool = True) -> Sequence[SessionRow]:
        """Everybody's sessions. Refuses NOT_ALLOWED."""
        require(actor, Permission.PEOPLE)
        with self._store.read() as read:
            return read.sessions(open_only=open_only)

    def end(self, session: str, actor: Actor) -> SessionRow:
        """End a session: one's own, or another's with the permission to manage people. Ending what is over
        changes nothing. Refuses SESSION_UNKNOWN, NOT_ALLOWED."""
        if actor.user is None:
            raise Refusal("NOT_SIGNED_IN")
        with self._store.begin() as work:
            row = work.read.session(session)
            own = row is not None and row.user == actor.user
            if not own and not actor.may(Permission.PEOPLE):
                raise not_allowed(actor, Permission.PEOPLE)
            if row is None:
                raise Refusal("SESSION_UNKNOWN")
            if row.ended_at is not None:
                return row
            end_session(work, row, Ending.SIGNED_OUT if own else Ending.FROM_AFAR, actor)
            ended = work.read.session(session)
            work.commit()
        self._nudge()
        if ended is None:
            raise AssertionError("a session that was just ended is not there")
        return ended

    def policy(self) -> SessionPolicy:
        """The organization's spans."""
        with self._store.read() as read:
            return policy_of(read)

    def set_policy(self, policy: SessionPolicy, actor: Actor) -> SessionPolicy:
        """Change the organization's spans. Refuses NOT_ALLOWED, HOURS_INVALID (1 hour to a year)."""
        require(actor, Permission.SETTINGS)
        hours = {
            "session_password_hours": policy.password_hours,
            "session_selling_hours": policy.selling_hours,
        }
        if not all(1 <= count <= MOST_HOURS for count in hours.values()):
            raise Refusal("HOURS_INVALID", least=1, most=MOST_HOURS)
        with self._store.begin() as work:
            work.append(Draft("settings_changed", (ORG,), {"values": hours}), actor)
            work.commit()
        self._nudge()
        return policy


class ScriptSessions:
    """Sessions for scripts, named by a token."""

    def __init__(
        self,
        store: Store,
        book: PeopleBook,
        clock: Clock,
        random_bytes: RandomBytes,
        installation: str,
        nudge: Nudge,
    ) -> None:
        """`installation` names this data folder's secrets: a token is bound to it."""
        self._store = store
        self._book = book
        self._clock = clock
        self._random = random_bytes
        self._tag = f"session-1\0{installation}"
        self._nudge = nudge

    def start(self, actor: Actor) -> ScriptSession:
        """A new session; its token is in the answer and nowhere else."""
        user = actor.user
        if user is None:
            raise Refusal("NOT_SIGNED_IN")
        require(actor, Permission.CHECK)
        token = self._random(TOKEN_BYTES).hex()
        session = uuid4(self._random)
        expires_at = self._clock.now() + timedelta(hours=SCRIPT_HOURS)
        with self._store.begin() as work:
            body = {
                "session": session,
                "user": user,
                "purpose": Purpose.SCRIPT.value,
                "expires_at": to_text(expires_at),
            }
            work.append(Draft("session_started", (ORG,), body), actor)
            work.people.put_session_key(token_hash(token, self._tag), session, user, expires_at)
            work.commit()
        self._nudge()
        return self._view(session, user, expires_at, token)

    def verify(self, token: str) -> ScriptSession:
        """Whose token it is. Refuses SESSION_UNKNOWN (none of this station), SESSION_OVER (too old),
        SESSION_ENDED, USER_DISABLED."""
        session, user, expires_at, _ = self._known(token)
        return self._view(session, user, expires_at)

    def renew(self, token: str) -> ScriptSession:
        """The same session, lasting anew from now on. Refuses like `verify`."""
        session, user, _, _ = self._known(token)
        expires_at = self._clock.now() + timedelta(hours=SCRIPT_HOURS)
        with self._store.begin() as work:
            work.people.put_session_key(token_hash(token, self._tag), session, user, expires_at)
            work.commit()
        return self._view(session, user, expires_at)

    def end(self, token: str, actor: Actor) -> None:
        """End the session of a token. Refuses SESSION_UNKNOWN."""
        session, _, _, _ = self._known(token)
        with self._store.begin() as work:
            row = work.read.session(session)
            if row is not None and row.ended_at is None:
                end_session(work, row, Ending.SIGNED_OUT, actor)
            work.people.drop_session_keys(session)
            work.commit()
        self._nudge()

    def _known(self, token: str) -> tuple[str, str, datetime, Moment]:
        found = self._book.session_key(token_hash(token, self._tag))
        if found is None:
            raise Refusal("SESSION_UNKNOWN")
        session, user, _, renewed = found
        if renewed.passed_ms(self._book.moment()) > SCRIPT_HOURS * 3_600_000:
            raise Refusal("SESSION_OVER")
        with self._store.read() as read:
            row, person = read.session(session), read.person(user)
        if row is None or row.ended_at is not None:
            raise Refusal("SESSION_ENDED")
        if person is None or not person.enabled:
            raise Refusal("USER_DISABLED")
        return found

    def _view(self, session: str, user: str, expires_at: datetime, token: str = "") -> ScriptSession:
        with self._store.read() as read:
            person = read.person(user)
            has_hub, policy = read.station().has_hub, policy_of(read)
        if person is None:
            raise Refusal("USER_UNKNOWN")
        now = self._book.moment()
        left = hours_left(self._book.contact() if has_hub else None, now, policy.selling_hours)
        until = None if left is None else from_ms(now.wall_ms) + timedelta(hours=left)
        return ScriptSession(session, user, person.login, person.roles, expires_at, until, token)


def end_session(work: Work, row: SessionRow, reason: Ending, actor: Actor) -> None:
    """Write that a session is over, in a transaction that is open."""
    body = {"session": row.session, "user": row.user, "reason": reason.value}
    work.append(Draft("session_ended", (ORG,), body), actor)


def end_all(work: Work, user: str, reason: Ending, actor: Actor) -> int:
    """End all of a person's sessions; answers how many there were."""
    rows = work.read.sessions(user)
    for row in rows:
        end_session(work, row, reason, actor)
    return len(rows)
