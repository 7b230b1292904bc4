"""The trail: who did what, when, where, at which station, with whose approval; and what deserves a look."""

import contextlib
import csv
import io
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.services.access import require
from app.services.ports import Reads, Store
from app.services.ports_people import Trail
from app.services.views_people import AuditFact, AuditQuery, AuditRow, SuspicionRow
from domain.actor import Actor, Permission
from domain.audit import Act, amount_of, subjects_of, suspicions
from domain.clock import from_ms, to_ms, to_text
from domain.errors import Fault, Refusal

MOST_ROWS = 100_000
BESIDE = frozenset({"order_sold", "payment_taken", "admitted"})
"""What a pattern needs beside the acts it begins with."""
HIDDEN = frozenset({"code_hash", "document_hash", "key_id", "sig", "certificates", "revocation", "seen"})
"""Parts of bodies that tell people nothing, or that nobody needs outside the journal."""
COLUMNS = (
    *("at", "station", "station_name", "kind", "user", "login", "name", "approved_by", "practice"),
    *("about", "amount_minor", "currency", "detail", "entry_id"),
)
PATTERN_COLUMNS = (
    *("login", "name", "pattern", "count", "amount_minor", "currency", "first_at", "last_at", "entries"),
)
_STARTS_A_FORMULA = ("=", "+", "-", "@")


class Audit:
    """Search and export; refuses NOT_ALLOWED to all without the permission."""

    def __init__(self, store: Store, trail: Trail) -> None:
        self._store = store
        self._trail = trail

    def __call__(self, query: AuditQuery, actor: Actor) -> Sequence[AuditRow]:
        """What was done, newest first. The first time over many entries: call it off the GUI thread."""
        require(actor, Permission.AUDIT)
        if not 1 <= query.limit <= MOST_ROWS:
            raise Refusal("LIMIT_INVALID", least=1, most=MOST_ROWS)
        self._catch_up()
        with self._store.read() as read:
            return [_row(read, fact) for fact in read.audit(query)]

    def kinds(self, actor: Actor) -> Sequence[str]:
        """Kinds of entries that are there, for a filter."""
        require(actor, Permission.AUDIT)
        with self._store.read() as read:
            return read.audit_kinds()

    def export(self, query: AuditQuery, form: str, actor: Actor) -> str:
        """The same rows as text: `csv` (cells that a spreadsheet would take for formulas begin with an
        apostrophe) or `json`. Refuses FORMAT_UNKNOWN."""
        rows = self(replace(query, limit=min(query.limit, MOST_ROWS)), actor)
        return _as_text("rows", COLUMNS, [to_json(row) for row in rows], form)

    def suspicions(
        self, actor: Actor, *, since_at: datetime | None = None, until_at: datetime | None = None
    ) -> Sequence[SuspicionRow]:
        """Patterns per person; those of the whole trail where no times are given."""
        require(actor, Permission.AUDIT)
        self._catch_up()
        with self._store.read() as read:
            currency = read.organization().currency
            told = {fact.entry_id: fact for fact in read.audit_telling(since_at, until_at)}
            for subject in subjects_of([_act(fact) for fact in told.values()]):
                beside = read.audit(AuditQuery(order=subject, limit=MOST_ROWS))
                told |= {fact.entry_id: fact for fact in beside if fact.kind in BESIDE}
            found = suspicions(map(_act, told.values()))
            people = {person.user: person for person in read.people()}
        rows = []
        for one in found:
            person, acts = people.get(one.user), one.acts
            rows.append(
                SuspicionRow(
                    pattern=one.pattern.value,
                    user=one.user,
                    login=person.login if person else one.user,
                    name=person.name if person else one.user,
                    count=len(acts),
                    amount_minor=one.amount_minor,
                    currency=currency,
                    first_at=_at(acts[0]),
                    last_at=_at(acts[-1]),
                    entries=tuple(act.entry_id for act in acts),
                )
            )
        return rows

    def report(self, rows: Sequence[SuspicionRow], form: str) -> str:
        """Patterns as text, a line each, by person: `csv` or `json`. Refuses FORMAT_UNKNOWN."""
        documents = [pattern_json(row) for row in sorted(rows, key=lambda row: (row.login, row.pattern))]
        return _as_text("patterns", PATTERN_COLUMNS, documents, form)

    def _catch_up(self) -> None:
        """Bring the index in step; a disk that takes nothing makes the search slow, not impossible."""
        with contextlib.suppress(Fault):
            self._trail.catch_up()


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, not after spaces nor in wide letters either."""
    begins = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return "'" + text if begins in _STARTS_A_FORMULA or text[:1].isspace() else text


def pattern_json(row: SuspicionRow) -> dict[str, Any]:
    """A pattern as a plain document with stable keys."""
    return {
        "pattern": row.pattern,
        "login": row.login,
        "name": row.name,
        "count": row.count,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "first_at": to_text(row.first_at),
        "last_at": to_text(row.last_at),
        "entries": list(row.entries),
    }


def to_json(row: AuditRow) -> dict[str, Any]:
    """A row as a plain document with stable keys."""
    return {
        "at": to_text(row.at),
        "station": row.station,
        "station_name": row.station_name,
        "kind": row.kind,
        "user": row.user,
        "login": row.login,
        "name": row.name,
        "approved_by": list(row.approved_by),
        "practice": row.practice,
        "about": row.about,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "detail": dict(row.detail),
        "entry_id": row.entry_id,
    }


def _as_text(name: str, columns: Sequence[str], documents: Sequence[Mapping[str, Any]], form: str) -> str:
    """Rows as `json` (one list under `name`) or `csv`. Refuses FORMAT_UNKNOWN."""
    if form == "json":
        return json.dumps({name: documents}, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    if form != "csv":
        raise Refusal("FORMAT_UNKNOWN", name=form[:20])
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for document in documents:
        writer.writerow([_cell(document[column]) for column in columns])
    return text.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, (int, bool)):
        return str(value)  # an amount below zero is a number, no formula
    if isinstance(value, list):
        return safe_cell(", ".join(map(str, value)))
    if isinstance(value, dict):
        return safe_cell(" ".join(f"{name}={inner}" for name, inner in sorted(value.items())))
    return safe_cell("" if value is None else str(value))


def _row(read: Reads, fact: AuditFact) -> AuditRow:
    person = read.person(fact.user or "")
    approvers = [read.person(one) for one in fact.approvals]
    names = [one.name if one else user for one, user in zip(approvers, fact.approvals, strict=True)]
    amount = amount_of(_act(fact))
    return AuditRow(
        entry_id=fact.entry_id,
        at=fact.at,
        kind=fact.kind,
        user=fact.user or "",
        login=person.login if person else (fact.user or ""),
        name=person.name if person else (fact.user or ""),
        station=fact.station,
        station_name=read.station_name(fact.station),
        approved_by=names,
        practice=fact.practice,
        about=_about(read, fact.body),
        amount_minor=amount or None,
        currency=str(fact.body.get("currency") or (read.organization().currency if amount else "")),
        detail=_detail(fact.body) | _reason(read, fact.body),
    )


def _about(read: Reads, body: Mapping[str, Any]) -> str:
    """What an entry is about, in the fewest words that a person can search for."""
    if isinstance(user := body.get("user"), str):
        person = read.person(user)
        return person.login if person else user
    for name in ("reference", "order", "serial", "role", "shift", "event", "station", "conflict", "pool"):
        if (value := body.get(name)) is not None:
            return str(value)
    return ""


def _reason(read: Reads, body: Mapping[str, Any]) -> dict[str, str | int | bool | None]:
    """Why, where that lies beside the journal and was not erased."""
    document = body.get("document")
    content = read.document(document) if isinstance(document, str) and "user" in body else None
    return {"reason": str(content["text"])} if content is not None and "text" in content else {}


def _detail(body: Mapping[str, Any]) -> dict[str, str | int | bool | None]:
    """The plain fields of a body; lists and records by their size."""
    found: dict[str, str | int | bool | None] = {}
    for name, value in body.items():
        if name in HIDDEN:
            continue
        if value is None or isinstance(value, (str, int, bool)):
            found[name] = value
        elif isinstance(value, list) and all(isinstance(one, str) for one in value) and len(value) <= 20:
            found[name] = ", ".join(value)
        elif isinstance(value, (list, dict)):
            found[name] = len(value)
    return found


def _act(fact: AuditFact) -> Act:
    return Act(
        entry_id=fact.entry_id,
        kind=fact.kind,
        user=fact.user,
        station=fact.station,
        wall_ms=to_ms(fact.at),
        stamp_ms=fact.stamp_ms,
        offset_ms=fact.offset_ms,
        practice=fact.practice,
        body=fact.body,
    )


def _at(act: Act) -> datetime:
    return from_ms(act.wall_ms)
