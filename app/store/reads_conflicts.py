"""Reading conflicts: how many are open, the list, one of them with both of its sides."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from app.services.views import ConflictRow, ConflictSide, ConflictView, ResolutionRow
from app.store.prepared import driver
from app.store.project_tickets import REFUSED
from app.store.reads_base import ReadsBase
from app.store.schema import (
    CONFLICT,
    CONFLICT_RESOLUTION,
    GATE_FACT,
    JOURNAL,
    ORDER,
    POSITION,
    REJECTED_ENTRY,
    REPLICA_ENTRY,
    SHORT_ENTRY,
)
from domain.clock import from_ms, from_text, to_ms
from domain.conflict_acts import Interval, Order, had_seen, interval, order_of
from domain.conflicts import URGENCY, Code, SubjectKind, Urgency, is_settled
from domain.ids import short_reference
from domain.kinds_rights import GIVING_BACK
from domain.shift import receipt_text

Content = Mapping[str, Any]
_WITH_REASON = GIVING_BACK | {"event_cancelled", "ticket_reprinted", "value_issued", "value_returned"}
_RANK = {urgency.value: place for place, urgency in enumerate(Urgency)}


class ConflictReads(ReadsBase):
    """See app.services.ports.Reads."""

    def open_conflicts(self) -> int:
        """How many conflicts wait for a person."""
        row = driver(self._connection).execute("SELECT count(*) FROM conflict WHERE open = 1").fetchone()
        return int(row[0])

    def conflicts(self, *, open_only: bool = True) -> Sequence[ConflictRow]:
        """Conflicts, the most urgent first, then the oldest; `open_only` leaves out what is dealt with."""
        statement = select(CONFLICT).order_by(CONFLICT.c.at_ms, CONFLICT.c.conflict)
        if open_only:
            statement = statement.where(CONFLICT.c.open == 1)
        rows = [self._conflict_row(row) for row in self._connection.execute(statement)]
        return sorted(rows, key=lambda row: (not row.open, _RANK[row.urgency]))

    def conflict(self, conflict: str) -> ConflictView | None:
        """A conflict whole, by its id; None when there is no such conflict (any more)."""
        found = self._connection.execute(select(CONFLICT).where(CONFLICT.c.conflict == conflict)).first()
        if found is None:
            return None
        row = self._conflict_row(found)
        contents = [content for each in row.entries if (content := self._content(each)) is not None]
        contents.sort(key=lambda content: (content["origin"]["hlc"], content["entry_id"]))
        return ConflictView(
            row=row,
            sides=[self._side(content, row) for content in contents],
            order=self._order_of(contents),
            order_reference=self._order_reference(row.subject),
            resolutions=self._said(row),
        )

    def _conflict_row(self, row: Any) -> ConflictRow:
        entries = tuple(json.loads(row.entries))
        contents = [content for each in entries if (content := self._content(each)) is not None]
        stations = {self._station_name(content["origin"]["station"]): None for content in contents}
        about, about_ru = self._about(row.subject)
        return ConflictRow(
            conflict=row.conflict,
            code=row.code,
            urgency=URGENCY[Code(row.code)].value,
            subject=row.subject,
            window=row.window,
            at=from_ms(row.at_ms),
            about=about,
            about_ru=about_ru or about,
            event=self._slow.event(self._connection, row.event) if row.event else None,
            stations=tuple(sorted(stations)),
            open=bool(row.open),
            entries=entries,
        )

    def _content(self, entry_id: str) -> Content | None:
        for table in (JOURNAL, REPLICA_ENTRY, SHORT_ENTRY, REJECTED_ENTRY):
            text = self._connection.execute(
                select(table.c.content).where(table.c.entry_id == entry_id)
            ).scalar()
            if text is not None:
                found: Content = json.loads(text)
                return found
        return None

    def _about(self, subject: str) -> tuple[str, str]:  # noqa: PLR0911  one for each kind of subject
        """What a subject is called, in both languages."""
        kind, _, name = subject.partition(":")
        match SubjectKind(kind):
            case SubjectKind.TICKET:
                return self._about_ticket(name)
            case SubjectKind.ORDER:
                receipt = select(ORDER.c.receipt).where(ORDER.c.order_id == name)
                return str(self._connection.execute(receipt).scalar() or name[:8]), ""
            case SubjectKind.SEAT:
                return name.partition(":")[2], ""
            case SubjectKind.POOL | SubjectKind.LEASE:
                return self._about_pool(int(name.partition(":")[0]))
            case SubjectKind.ENTRY:
                return name[:8], ""
            case SubjectKind.USER:
                return self._name_of(name), ""
            case SubjectKind.STATION:
                return self._station_name(name), ""
            case SubjectKind.OBJECT:
                return self._about_object(name)
            case SubjectKind.VALUE:
                return name[:8], ""

    def _about_ticket(self, serial: str) -> tuple[str, str]:
        reference = short_reference(serial)
        sold = self._connection.execute(
            select(POSITION.c.product).where(POSITION.c.serial == serial)
        ).scalar()
        scanned = select(GATE_FACT.c.product).where(GATE_FACT.c.serial == serial, GATE_FACT.c.product > 0)
        number = sold or self._connection.execute(scanned).scalar()
        product = self._slow.product(self._connection, number) if number else None
        if product is None:
            return reference, ""
        return f"{product.name} · {reference}", f"{product.name_ru or product.name} · {reference}"

    def _about_pool(self, number: int) -> tuple[str, str]:
        performance = self._slow.performance(self._connection, number)
        if performance is not None:
            event = self._event_shown(performance.event)
            return f"{event.name} · {performance.code}", f"{event.name_ru or event.name} · {performance.code}"
        quota = self._slow.quota(self._connection, number)
        return (quota.name if quota is not None else f"#{number}"), ""

    def _about_object(self, name: str) -> tuple[str, str]:
        thing, _, key = name.partition(":")
        find = {
            "event": self._slow.event,
            "performance": self._slow.performance,
            "product": self._slow.product,
            "quota": self._slow.quota,
        }.get(thing)
        found: Any = find(self._connection, int(key)) if find is not None else None
        if thing == "promo":
            promos = self._slow.promos(self._connection)
            found = next((promo for promo in promos if promo.number == int(key)), None)
        if found is None:
            return key, ""
        return found.name or getattr(found, "code", key), getattr(found, "name_ru", "")

    def _side(self, content: Content, row: ConflictRow) -> ConflictSide:
        body, clock = content["body"], content["clock"]
        station = content["origin"]["station"]
        span = _span(content)
        return ConflictSide(
            entry_id=content["entry_id"],
            kind=content["kind"],
            station=station,
            station_name=self._station_name(station),
            operator=self._name_of(content["actor"]["user"]),
            at=from_text(clock["wall_at"]),
            earliest=from_ms(span.from_ms),
            latest=from_ms(span.until_ms),
            measured=clock["offset_ms"] is not None,
            gate=body.get("gate") or "",
            verdict=body.get("verdict") or "",
            confidence=body.get("confidence") or "",
            print_number=body.get("print_number") or 0,
            receipt=_receipt(body),
            detail=_detail(content, row),
        )

    def _order_of(self, contents: Sequence[Content]) -> str:
        """What is known of the order of the admissions: the least certain pair of neighbours decides."""
        scans = [content for content in contents if content["kind"] == "admitted"]
        if len(scans) < 2:
            return ""
        known = [
            order_of(_span(first), _span(second), knew=self._knew(first, second))
            for first, second in pairwise(scans)
        ]
        return max(known, key=list(Order).index).value

    def _knew(self, first: Content, second: Content) -> bool:
        """Whether the later scan's gate had heard of the earlier one."""
        ids = self._connection.execute(
            select(GATE_FACT.c.entry_id).where(
                GATE_FACT.c.serial == second["body"]["serial"], GATE_FACT.c.kind != REFUSED
            )
        ).scalars()
        others = {*ids} - {second["entry_id"]}
        return had_seen(second["body"]["seen"], first["entry_id"], others, _digest) is True

    def _order_reference(self, subject: str) -> str:
        kind, _, name = subject.partition(":")
        column = {"ticket": POSITION.c.serial, "order": POSITION.c.order_id}.get(kind)
        if column is None:
            return ""
        statement = select(POSITION.c.order_reference).where(column == name).limit(1)
        return str(self._connection.execute(statement).scalar() or "")

    def _said(self, row: ConflictRow) -> list[ResolutionRow]:
        rows = self._connection.execute(
            select(CONFLICT_RESOLUTION)
            .where(CONFLICT_RESOLUTION.c.conflict == row.conflict)
            .order_by(CONFLICT_RESOLUTION.c.hlc, CONFLICT_RESOLUTION.c.entry_id)
        )
        return [
            ResolutionRow(
                at=from_ms(one.at_ms),
                who=self._name_of(one.user),
                station_name=self._station_name(one.station),
                reason=one.reason,
                whole=is_settled(row.entries, [json.loads(one.seen)]),
            )
            for one in rows
        ]


def _span(content: Content) -> Interval:
    clock = content["clock"]
    wall_ms = to_ms(from_text(clock["wall_at"]))
    return interval(wall_ms, clock["offset_ms"], clock["offset_age_ms"])


def _digest(ids: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def _receipt(body: Content) -> str:
    receipt = body.get("receipt")
    if not isinstance(receipt, dict):
        return ""
    return receipt_text(receipt["prefix"], receipt["epoch"], receipt["number"], practice=receipt["practice"])


def _detail(content: Content, row: ConflictRow) -> str:
    """What a side says that no other field of it does: the value set, the reason given, the seat."""
    body = content["body"]
    if row.code == Code.CATALOGUE_CLASH:
        field = row.window.partition("@")[0]
        return f"{field} = {body['fields'].get(field)}"
    if row.code == Code.SEAT_TWICE:
        return row.subject.split(":", 2)[2]
    if content["kind"] in _WITH_REASON:
        return str(body["reason"])
    return ""
