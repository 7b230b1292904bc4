"""What the use cases about people need from the store; app.services.ports takes these in."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from app.services.views_people import (
    AuditFact,
    AuditQuery,
    CodeRow,
    NoticeRow,
    RoleRequestRow,
    SessionRow,
)
from domain.people import People
from domain.permissions import RoleSet
from domain.sessions import Moment


class PeopleQuestions(Protocol):
    """Questions about people, roles, sessions and the trail, answered from the same state as all others."""

    def roles(self) -> Mapping[str, RoleSet]:
        """All roles as they are defined now."""
        ...

    def password_verifier(self, user: str) -> str | None:
        """Of a person's password; None when none was set, or its document is not here."""
        ...

    def people_now(self) -> People:
        """Everybody and all roles, from the facts themselves: to ask what a change would do."""
        ...

    def one_time_code(self, user: str, digest: str) -> CodeRow | None:
        """A person's one-time code by its hash; the newest one counts, earlier ones are not found."""
        ...

    def role_requests(self, user: str | None = None) -> Sequence[RoleRequestRow]:
        """Newest first; of one person, or all."""
        ...

    def sessions(self, user: str | None = None, *, open_only: bool = True) -> Sequence[SessionRow]:
        """Newest first; of one person, or all."""
        ...

    def session(self, session: str) -> SessionRow | None: ...

    def notices(self, user: str, *, answers: bool) -> Sequence[NoticeRow]:
        """What a person is to be told, newest first; `answers`: they may answer requests for roles."""
        ...

    def station_name(self, station: str) -> str:
        """Of any station known here; its id for others."""
        ...

    def audit(self, query: AuditQuery) -> Sequence[AuditFact]:
        """Entries of all stations that are here, newest first."""
        ...

    def audit_telling(self, since_at: datetime | None, until_at: datetime | None) -> Sequence[AuditFact]:
        """Entries that patterns begin with (domain.audit.TELLING, practice, moved clocks), newest first."""
        ...

    def audit_kinds(self) -> Sequence[str]:
        """Kinds of entries that are here, in the order of the alphabet."""
        ...


class PrivacyQuestions(Protocol):
    """Questions about guests and what is kept about them."""

    def guest_of(self, serial: str) -> str | None:
        """The name that the order of a ticket was put under; None where it is not known here."""
        ...

    def order_guests(self, order: str) -> Sequence[tuple[int, str, str | None]]:
        """(event, document, name) for each event of an order that has a name; None: the name is not here."""
        ...

    def closed_at(self, event: int) -> datetime | None:
        """When an event was finished or cancelled."""
        ...

    def documents_of_event(self, event: int) -> Sequence[tuple[str, str, str]]:
        """(id, kind, feed) of documents about guests of an event that were not erased."""
        ...

    def customers_only_of(self, events: Collection[int]) -> Sequence[tuple[str, str, str]]:
        """(id, kind, feed) of customers that were not erased and whose every order is for these events."""
        ...


class Trail(Protocol):
    """The index of the trail, filled behind the journal."""

    def catch_up(self, most: int | None = None) -> int:
        """Take in what is not in the index yet; answers how many entries. Raises Fault."""
        ...


class PeopleWriting(Protocol):
    """What only this station knows about people, written with the transaction it belongs to."""

    def put_approval(self, digest: str, bound: str, by: str) -> None:
        """An approval was given: hash of its token, what it is bound to, by whom."""
        ...

    def take_approval(self, digest: str, bound: str, most_ms: int) -> str | None:
        """Use an approval up and answer who gave it; None when there is none that fits or it is too old."""
        ...

    def put_session_key(self, digest: str, session: str, user: str, expires_at: datetime) -> None:
        """A script's session of this station; an existing one is renewed."""
        ...

    def drop_session_keys(self, session: str) -> None: ...

    def prove_password(self, user: str) -> None:
        """The person has given the password just now."""
        ...

    def forget_pin(self, user: str) -> None:
        """The person's PIN at this station is no longer good; failures counted so far stay."""
        ...

    def see_notices(self, user: str, notices: Sequence[str]) -> None: ...


class PeopleBook(Protocol):
    """The same, read on its own."""

    def moment(self) -> Moment:
        """Now, on all clocks."""
        ...

    def contact(self) -> Moment | None:
        """The last contact with the hub; None for a station that never had one."""
        ...

    def note_contact(self) -> None:
        """The hub has just answered."""
        ...

    def proved(self, user: str) -> Moment | None:
        """When a person last gave the password here."""
        ...

    def session_key(self, digest: str) -> tuple[str, str, datetime, Moment] | None:
        """Session, person, end and last renewal of a script's session of this station."""
        ...
