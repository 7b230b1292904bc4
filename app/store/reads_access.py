"""Reading roles, codes, sessions and notices."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select

from app.services.views_people import (
    CodeRow,
    NoticeRow,
    RoleRequestRow,
    SessionRow,
)
from app.store.project_roles import people_of
from app.store.reads_base import ReadsBase, at_or_none
from app.store.schema import DOCUMENT
from app.store.schema_people import (
    NOTICE_SEEN,
    PERSON_CODE,
    PERSON_CODE_USED,
    ROLE_ANSWER,
    ROLE_REQUEST,
    SESSION,
    SESSION_END,
)
from app.store.schema_trail import ROLE_NOTE
from domain.clock import from_ms
from domain.people import People
from domain.permissions import RoleSet


class AccessReads(ReadsBase):
    """See app.services.ports_people.PeopleQuestions."""

    def roles(self) -> Mapping[str, RoleSet]:
        """All roles as they are defined now."""
        return self._slow.roles(self._connection)

    def password_verifier(self, user: str) -> str | None:
        """Of a person's password, None when it is not here."""
        return self._slow.passwords(self._connection).get(user)

    def people_now(self) -> People:
        """Everybody and all roles, from the facts."""
        return people_of(self._connection)

    def one_time_code(self, user: str, digest: str) -> CodeRow | None:
        """The person's newest code, when it is the one with this hash."""
        row = self._connection.execute(
            select(PERSON_CODE, PERSON_CODE_USED.c.at_ms.label("used_ms"))
            .outerjoin(PERSON_CODE_USED, PERSON_CODE_USED.c.code == PERSON_CODE.c.code)
            .where(PERSON_CODE.c.user == user)
            .order_by(PERSON_CODE.c.hlc.desc(), PERSON_CODE.c.entry_id.desc())
            .limit(1)
        ).first()
        if row is None or row.code_hash != digest:
            return None
        return CodeRow(row.code, row.user, row.purpose, from_ms(row.expires_ms), row.used_ms is not None)

    def role_requests(self, user: str | None = None) -> Sequence[RoleRequestRow]:
        """Newest first."""
        answer = ROLE_ANSWER.c
        statement = (
            select(
                ROLE_REQUEST, answer.granted, answer.at_ms.label("answered_ms"), answer.by, DOCUMENT.c.content
            )
            .outerjoin(ROLE_ANSWER, answer.request == ROLE_REQUEST.c.request)
            .outerjoin(
                ROLE_NOTE,
                (ROLE_NOTE.c.request == ROLE_REQUEST.c.request) & (ROLE_NOTE.c.entry_id == answer.entry_id),
            )
            .outerjoin(DOCUMENT, (DOCUMENT.c.document == ROLE_NOTE.c.document) & (DOCUMENT.c.tombstone == 0))
            .order_by(ROLE_REQUEST.c.hlc.desc())
            .limit(500)
        )
        if user is not None:
            statement = statement.where(ROLE_REQUEST.c.user == user)
        return [
            RoleRequestRow(
                request=row.request,
                user=row.user,
                login=self._login_of(row.user),
                name=self._name_of(row.user),
                role=row.role,
                at=from_ms(row.at_ms),
                granted=None if row.granted is None else bool(row.granted),
                answered_at=at_or_none(row.answered_ms),
                answered_by=self._name_of(row.by) if row.by else "",
                reason=json.loads(row.content).get("text", "") if row.content else "",
            )
            for row in self._connection.execute(statement)
        ]

    def sessions(self, user: str | None = None, *, open_only: bool = True) -> Sequence[SessionRow]:
        """Newest first."""
        statement = _sessions().order_by(SESSION.c.hlc.desc()).limit(500)
        if user is not None:
            statement = statement.where(SESSION.c.user == user)
        if open_only:
            statement = statement.where(SESSION_END.c.session.is_(None))
        return [self._session(row) for row in self._connection.execute(statement)]

    def session(self, session: str) -> SessionRow | None:
        """A session by its id."""
        row = self._connection.execute(_sessions().where(SESSION.c.session == session)).first()
        return None if row is None else self._session(row)

    def notices(self, user: str, *, answers: bool) -> Sequence[NoticeRow]:
        """What a person is to be told, newest first."""
        seen = set(
            self._connection.execute(select(NOTICE_SEEN.c.notice).where(NOTICE_SEEN.c.user == user)).scalars()
        )
        found = []
        for request in self.role_requests():
            if request.user == user and request.granted is not None and request.answered_at is not None:
                kind = "role_granted" if request.granted else "role_declined"
                name, at, who = f"{request.request}:answer", request.answered_at, request.answered_by
            elif answers and request.user != user and request.granted is None:
                kind, name, at, who = "role_asked", f"{request.request}:asked", request.at, request.name
            else:
                continue
            found.append(NoticeRow(name, kind, request.role, who, at, name in seen, request.reason))
        return sorted(found, key=lambda notice: (notice.at, notice.notice), reverse=True)

    def station_name(self, station: str) -> str:
        """A station's name, its id where no certificate of it is here."""
        return self._station_name(station)

    def _login_of(self, user: str | None) -> str:
        person = self._slow.people(self._connection).get(user or "")
        return person.login if person else (user or "")

    def _session(self, row: Any) -> SessionRow:
        return SessionRow(
            session=row.session,
            user=row.user,
            login=self._login_of(row.user),
            name=self._name_of(row.user),
            station=row.station,
            station_name=self._station_name(row.station),
            purpose=row.purpose,
            started_at=from_ms(row.at_ms),
            expires_at=at_or_none(row.expires_ms),
            ended_at=at_or_none(row.ended_ms),
            reason=row.reason or "",
        )


def _sessions() -> Select[Any]:
    return select(SESSION, SESSION_END.c.at_ms.label("ended_ms"), SESSION_END.c.reason).outerjoin(
        SESSION_END, SESSION_END.c.session == SESSION.c.session
    )
