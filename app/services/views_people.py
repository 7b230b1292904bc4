"""What use cases about people, sessions and the audit trail answer with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.services.views import Person
from domain.permissions import Limits, Permission


@dataclass(frozen=True, slots=True)
class CodeIssued:
    """A one-time code, shown once: only its hash is kept."""

    user: str
    login: str
    code: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A one-time code as the journal has it. `purpose` is invitation or reset."""

    code: str
    user: str
    purpose: str
    expires_at: datetime
    used: bool


@dataclass(frozen=True, slots=True)
class RoleRequestRow:
    """Somebody asked for a role. `granted` is None while nobody has answered."""

    request: str
    user: str
    login: str
    name: str
    role: str
    at: datetime
    granted: bool | None = None
    answered_at: datetime | None = None
    answered_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """Something a person is told once: `kind` is role_asked (to those who answer), role_granted or
    role_declined (to who asked, with the reason); `who` is the other one's name."""

    notice: str
    kind: str
    role: str
    who: str
    at: datetime
    seen: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session. `ended_at` is None while it lasts; `reason` says why it is over."""

    session: str
    user: str
    login: str
    name: str
    station: str
    station_name: str
    purpose: str
    started_at: datetime
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MyAccount:
    """One's own account: what one may do, up to which limits, and what one has been told."""

    person: Person
    limits: Limits
    sessions: Sequence[SessionRow]
    requests: Sequence[RoleRequestRow]
    notices: Sequence[NoticeRow]
    may_ask_for: Sequence[str]


@dataclass(frozen=True, slots=True)
class RightsRow:
    """A line of the page that shows all rights: a permission, who has it by role, and who by name."""

    permission: Permission
    roles: Sequence[str]
    people: Sequence[str]


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """A supervisor said yes: the token goes with the act, once, within two minutes."""

    token: str = field(repr=False)
    by: str = ""
    by_name: str = ""
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What to look for in the trail; empty fields ask for nothing. `order` is an order's id or reference,
    `person` a login or user id. Times are inclusive."""

    person: str = ""
    kind: str = ""
    order: str = ""
    station: str = ""
    since_at: datetime | None = None
    until_at: datetime | None = None
    limit: int = 200


@dataclass(frozen=True, slots=True)
class AuditFact:
    """An entry as it lies in the file, for the trail."""

    entry_id: str
    kind: str
    at: datetime
    stamp_ms: int
    user: str | None
    approvals: Sequence[str]
    practice: bool
    station: str
    shift: str | None
    offset_ms: int | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what, when, at which station, with whose approval. `about` names the order, ticket, person,
    role, shift or event; `amount_minor` is the money it moved, None for none."""

    entry_id: str
    at: datetime
    kind: str
    user: str
    login: str
    name: str
    station: str
    station_name: str
    approved_by: Sequence[str]
    practice: bool
    about: str
    amount_minor: int | None
    currency: str
    detail: Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class SuspicionRow:
    """How often a pattern was seen with one person: `entries` are the acts it stands on."""

    pattern: str
    user: str
    login: str
    name: str
    count: int
    amount_minor: int
    currency: str
    first_at: datetime
    last_at: datetime
    entries: Sequence[str]
