"""Reading the audit trail: what the index finds, and the few entries that are not in it yet."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from app.services.views_people import AuditFact, AuditQuery
from app.store.prepared import driver
from app.store.reads_base import ReadsBase
from app.store.schema import ORDER
from app.store.trail import (
    JOURNAL,
    SOURCES,
    Wanted,
    find,
    flags_of,
    kinds_of,
    marks_of,
    stamp_of,
)
from domain.audit import TELLING
from domain.clock import Hlc, from_text, to_ms

NO_END = 2**63 - 1


class TrailReads(ReadsBase):
    """See app.services.ports_people.PeopleQuestions."""

    def audit(self, query: AuditQuery) -> Sequence[AuditFact]:
        """Entries of all stations that are here, newest first."""
        ids = [one for one in (self._user_of(query.person), self._asked_order(query.order)) if one]
        return self._trail(
            Wanted(
                ids=ids,
                kinds=(query.kind,) if query.kind else (),
                station=query.station,
                since=to_ms(query.since_at) * 1_000_000 if query.since_at else 0,
                until=(to_ms(query.until_at) + 1) * 1_000_000 if query.until_at else NO_END,
            ),
            query.limit,
        )

    def audit_telling(self, since_at: datetime | None, until_at: datetime | None) -> Sequence[AuditFact]:
        """Entries that patterns begin with, those of practice and of moved clocks among them."""
        since = to_ms(since_at) * 1_000_000 if since_at else 0
        until = (to_ms(until_at) + 1) * 1_000_000 if until_at else NO_END
        wanted = Wanted(kinds=sorted(TELLING), since=since, until=until)
        found = self._trail(wanted, NO_END)
        known = {fact.entry_id for fact in found}
        flagged = self._trail(Wanted(since=since, until=until, flagged=True), NO_END)
        return [*found, *(fact for fact in flagged if fact.entry_id not in known)]

    def audit_kinds(self) -> Sequence[str]:
        """Kinds of entries that are here."""
        marks = marks_of(self._connection)
        fresh = {
            row[0]
            for source, table in SOURCES.items()
            for row in driver(self._connection).execute(
                f"SELECT DISTINCT kind FROM {table} WHERE position > ?", (marks[source],)
            )
        }
        return sorted(fresh | set(kinds_of(self._connection)))

    def _trail(self, wanted: Wanted, most: int) -> list[AuditFact]:
        """What the index finds, and what came after it."""
        own = self._slow.station(self._connection).station
        marks = marks_of(self._connection)
        rows = []
        for stamp, source, position in find(self._connection, wanted, most):
            row = self._raw(f"{SOURCES[source]}", own, "position = ?", (position,))
            if row and position <= marks[source] and stamp_of(row[0][2]) == stamp:
                rows += row
        for source, table in SOURCES.items():
            after = self._raw(table, own, "position > ?", (marks[source],))
            rows += [row for row in after if fits(row, wanted)]
        rows.sort(key=lambda row: (row[2], row[0]), reverse=True)
        return [_fact(row) for row in rows[:most]]

    def _raw(self, table: str, own: str, where: str, values: tuple[int, ...]) -> list[tuple[Any, ...]]:
        station = f"'{own}'" if table == SOURCES[JOURNAL] else "station"
        rows: list[tuple[Any, ...]] = (
            driver(self._connection)
            .execute(f"SELECT entry_id, kind, hlc, content, {station} FROM {table} WHERE {where}", values)
            .fetchall()
        )
        return rows

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


def fits(row: tuple[Any, ...], wanted: Wanted) -> bool:
    """Whether an entry that is not in the index yet is one of those that are wanted."""
    _, kind, hlc, content, station = row
    if wanted.kinds and kind not in wanted.kinds:
        return False
    if wanted.station and station != wanted.station:
        return False
    if not wanted.since <= stamp_of(hlc) < wanted.until:
        return False
    if wanted.flagged and not flags_of(json.loads(content), hlc):
        return False
    return all(f'"{one}"' in content for one in wanted.ids)


def _fact(row: tuple[Any, ...]) -> AuditFact:
    entry_id, kind, hlc, text, station = row
    content = json.loads(text)
    actor = content["actor"]
    return AuditFact(
        entry_id=entry_id,
        kind=kind,
        at=from_text(content["clock"]["wall_at"]),
        stamp_ms=Hlc.parse(hlc).ms,
        user=actor["user"],
        approvals=tuple(actor["approvals"]),
        practice=actor["practice"],
        station=station,
        shift=content["shift"],
        offset_ms=content["clock"]["offset_ms"],
        body=content["body"],
    )
