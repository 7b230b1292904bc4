"""Reading roles, codes, sessions, notices and the trail."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, literal, or_, select

from app.services.views_people import (
    AuditFact,
    AuditQuery,
    CodeRow,
    NoticeRow,
    RoleRequestRow,
    SessionRow,
)
from app.store.project_roles import people_of
from app.store.reads_base import ReadsBase, at_or_none
from app.store.schema import JOURNAL, ORDER, REPLICA_ENTRY
from app.store.schema_people import (
    NOTICE_SEEN,
    PERSON_CODE,
    PERSON_CODE_USED,
    ROLE_ANSWER,
    ROLE_REQUEST,
    SESSION,
    SESSION_END,
)
from domain.clock import Hlc, from_ms, from_text, to_ms
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
            select(ROLE_REQUEST, answer.granted, answer.at_ms.label("answered_ms"), answer.by)
            .outerjoin(ROLE_ANSWER, answer.request == ROLE_REQUEST.c.request)
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
            found.append(NoticeRow(name, kind, request.role, who, at, name in seen))
        return sorted(found, key=lambda notice: (notice.at, notice.notice), reverse=True)

    def audit(self, query: AuditQuery) -> Sequence[AuditFact]:
        """Entries of all stations that are here, newest first."""
        own = self._slow.station(self._connection).station
        user = self._user_of(query.person)
        order = self._asked_order(query.order)
        found: list[AuditFact] = []
        for table, station in ((JOURNAL, literal(own)), (REPLICA_ENTRY, REPLICA_ENTRY.c.station)):
            actor = JOURNAL.c.user if table is JOURNAL else func.json_extract(table.c.content, "$.actor.user")
            statement = select(
                table.c.entry_id, table.c.kind, table.c.hlc, table.c.content, station.label("station")
            ).order_by(table.c.hlc.desc(), table.c.entry_id.desc())
            if user:
                statement = statement.where(
                    or_(actor == user, func.instr(table.c.content, f'"user":"{user}"') > 0)
                )
            if query.kind:
                statement = statement.where(table.c.kind == query.kind)
            if query.station:
                statement = statement.where(station == query.station)
            if order:
                statement = statement.where(func.instr(table.c.content, order) > 0)
            if query.since_at is not None:
                statement = statement.where(table.c.hlc >= str(Hlc(to_ms(query.since_at))))
            if query.until_at is not None:
                statement = statement.where(table.c.hlc < str(Hlc(to_ms(query.until_at) + 1)))
            found.extend(_fact(row) for row in self._connection.execute(statement.limit(query.limit)))
        found.sort(key=lambda fact: (fact.stamp_ms, fact.entry_id), reverse=True)
        return found[: query.limit]

    def station_name(self, station: str) -> str:
        """A station's name, its id where no certificate of it is here."""
        return self._station_name(station)

    def _login_of(self, user: str | None) -> str:
        person = self._slow.people(self._connection).get(user or "")
        return person.login if person else (user or "")

    def _user_of(self, text: str) -> str:
        person = self._slow.logins(self._connection).get(text)
        return person.user if person else text

    def _asked_order(self, text: str) -> str:
        """The id of an order that a reference or receipt number names; else the text itself."""
        if not text:
            return ""
        found = self._connection.execute(
            select(ORDER.c.order_id).where(or_(ORDER.c.reference == text.upper(), ORDER.c.receipt == text))
        ).scalar()
        return str(found) if found else text

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


def _fact(row: Any) -> AuditFact:
    content = json.loads(row.content)
    actor = content["actor"]
    return AuditFact(
        entry_id=row.entry_id,
        kind=row.kind,
        at=from_text(content["clock"]["wall_at"]),
        stamp_ms=Hlc.parse(row.hlc).ms,
        user=actor["user"],
        approvals=tuple(actor["approvals"]),
        practice=actor["practice"],
        station=row.station,
        shift=content["shift"],
        offset_ms=content["clock"]["offset_ms"],
        body=content["body"],
    )
