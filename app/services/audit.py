"""The trail: who did what, when, where, at which station, with whose approval; and what deserves a look."""

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
from app.services.views_people import AuditFact, AuditQuery, AuditRow, SuspicionRow
from domain.actor import Actor, Permission
from domain.audit import Act, amount_of, suspicions
from domain.clock import from_ms, to_ms, to_text
from domain.errors import Refusal

MOST_ROWS = 100_000
HIDDEN = frozenset({"code_hash", "document_hash", "key_id", "sig", "certificates", "revocation", "seen"})
"""Parts of bodies that tell people nothing, or that nobody needs outside the journal."""
COLUMNS = (
    *("at", "station", "station_name", "kind", "user", "login", "name", "approved_by", "practice"),
    *("about", "amount_minor", "currency", "detail", "entry_id"),
)
_STARTS_A_FORMULA = ("=", "+", "-", "@")


class Audit:
    """Search and export; refuses NOT_ALLOWED to all without the permission."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, query: AuditQuery, actor: Actor) -> Sequence[AuditRow]:
        """What was done, newest first. Over many entries: call it off the GUI thread."""
        require(actor, Permission.AUDIT)
        if not 1 <= query.limit <= MOST_ROWS:
            raise Refusal("LIMIT_INVALID", least=1, most=MOST_ROWS)
        with self._store.read() as read:
            return [_row(read, fact) for fact in read.audit(query)]

    def kinds(self, actor: Actor) -> Sequence[str]:
        """Kinds of entries that are there, for a filter."""
        require(actor, Permission.AUDIT)
        with self._store.read() as read:
            return sorted({fact.kind for fact in read.audit(AuditQuery(limit=MOST_ROWS))})

    def export(self, query: AuditQuery, form: str, actor: Actor) -> str:
        """The same rows as text: `csv` (cells that a spreadsheet would take for formulas begin with an
        apostrophe) or `json`. Refuses FORMAT_UNKNOWN."""
        rows = self(replace(query, limit=min(query.limit, MOST_ROWS)), actor)
        documents = [to_json(row) for row in rows]
        if form == "json":
            return json.dumps({"rows": documents}, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
        if form != "csv":
            raise Refusal("FORMAT_UNKNOWN", name=form[:20])
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for document in documents:
            writer.writerow([_cell(document[column]) for column in COLUMNS])
        return text.getvalue()

    def suspicions(
        self, actor: Actor, *, since_at: datetime | None = None, until_at: datetime | None = None
    ) -> Sequence[SuspicionRow]:
        """Patterns per person; those of the whole trail where no times are given."""
        require(actor, Permission.AUDIT)
        query = AuditQuery(since_at=since_at, until_at=until_at, limit=MOST_ROWS)
        with self._store.read() as read:
            currency = read.organization().currency
            found = suspicions(_act(fact) for fact in read.audit(query))
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


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, not after spaces nor in wide letters either."""
    begins = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return "'" + text if begins in _STARTS_A_FORMULA or text[:1].isspace() else text


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
        detail=_detail(fact.body),
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
