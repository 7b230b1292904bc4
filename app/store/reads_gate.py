"""Reading for the gate: the facts of one ticket, last scans, counters. `facts` is the hot path."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select, union

from app.services.views import GateCounters, ScanRow
from app.store.prepared import Prepared
from app.store.project_rights import EXCHANGED, REFUNDED, VOIDED
from app.store.project_tickets import ADMITTED, EXITED, REFUSED, is_passage
from app.store.reads_base import ReadsBase, at_or_none
from app.store.schema import (
    GATE_FACT,
    JOURNAL,
    POSITION,
    PRINT_FACT,
    REPLICA_ENTRY,
    SHORT_ENTRY,
    TALLY,
    TICKET,
)
from app.store.schema_rights import TICKET_ACT, TICKET_HOLD
from domain.admission import Direction, Heard, TicketFacts, Use
from domain.clock import from_ms, to_ms
from domain.ids import short_reference
from domain.kinds import serials

_POSITION = Prepared(
    select(
        POSITION.c.product,
        POSITION.c.event,
        POSITION.c.performance,
        POSITION.c.order_reference,
        POSITION.c.sold_ms,
        POSITION.c.zones,
        POSITION.c.seat,
        POSITION.c.admits,
        TICKET.c.print_number,
        TICKET_HOLD.c.refunded_ms,
        TICKET_HOLD.c.cancelled_ms,
        TICKET_HOLD.c.unpaid_minor,
    )
    .outerjoin(TICKET, TICKET.c.serial == POSITION.c.serial)
    .outerjoin(TICKET_HOLD, TICKET_HOLD.c.serial == POSITION.c.serial)
    .where(POSITION.c.serial == bindparam("serial"))
)
_USES = Prepared(
    select(
        GATE_FACT.c.at_ms,
        GATE_FACT.c.gate,
        GATE_FACT.c.kind,
        GATE_FACT.c.lane,
        GATE_FACT.c.operator,
        GATE_FACT.c.entry_id,
        GATE_FACT.c.station,
        GATE_FACT.c.performance,
        GATE_FACT.c.people,
    )
    .where(
        GATE_FACT.c.serial == bindparam("serial"),
        GATE_FACT.c.live == 1,
        is_passage(GATE_FACT.c.kind),
    )
    .order_by(GATE_FACT.c.at_ms, GATE_FACT.c.hlc, GATE_FACT.c.entry_id)
)
_SEEN = Prepared(
    select(GATE_FACT.c.entry_id)
    .where(GATE_FACT.c.serial == bindparam("serial"), GATE_FACT.c.kind != REFUSED)
    .order_by(GATE_FACT.c.entry_id)
)
_ABOUT = Prepared(
    union(
        select(TICKET_ACT.c.entry_id).where(TICKET_ACT.c.serial == bindparam("serial")),
        select(GATE_FACT.c.entry_id).where(GATE_FACT.c.serial == bindparam("serial")),
        select(POSITION.c.entry_id).where(POSITION.c.serial == bindparam("serial")),
        select(PRINT_FACT.c.entry_id).where(PRINT_FACT.c.serial == bindparam("serial")),
    )
)
_REPLACED = (
    select(PRINT_FACT.c.at_ms, PRINT_FACT.c.station)
    .where(PRINT_FACT.c.serial == bindparam("serial"), PRINT_FACT.c.print_number == bindparam("number"))
    .order_by(PRINT_FACT.c.at_ms, PRINT_FACT.c.entry_id)
    .limit(1)
)
_NEWEST = select(func.max(PRINT_FACT.c.print_number)).where(PRINT_FACT.c.serial == bindparam("serial"))
_ACTS = (
    select(TICKET_ACT.c.kind, func.min(TICKET_ACT.c.at_ms).label("at_ms"))
    .where(TICKET_ACT.c.serial == bindparam("serial"))
    .group_by(TICKET_ACT.c.kind)
)
_GATES_SEEN = select(TALLY.c.gate).where(TALLY.c.gate != "").distinct()
_SCANS = select(GATE_FACT).where(GATE_FACT.c.kind.in_((ADMITTED, EXITED, REFUSED)))
_SCANS_OF_GATE = (
    _SCANS.where(GATE_FACT.c.gate == bindparam("of_gate"))
    .order_by(GATE_FACT.c.at_ms.desc(), GATE_FACT.c.hlc.desc())
    .limit(bindparam("most"))
)


class _Sold(NamedTuple):
    """A row of `_POSITION`."""

    product: int
    event: int
    performance: int
    order_reference: str
    sold_ms: int
    zones: int
    seat: str | None
    admits: int
    print_number: int | None
    refunded_ms: int | None
    cancelled_ms: int | None
    unpaid_minor: int | None


class GateReads(ReadsBase):
    """See app.services.ports.Reads."""

    def facts(self, serial: str) -> TicketFacts | None:
        """Everything known of a ticket; None when it was never sold as far as this station knows, or when
        its product has not come yet."""
        row = _POSITION.first(self._connection, {"serial": serial})
        if row is None:
            return None
        sold = _Sold(*row)
        product = self._slow.product(self._connection, sold.product)
        event = self._slow.event(self._connection, sold.event)
        if product is None or event is None:
            return None
        print_number = sold.print_number or 1
        replaced_at, replaced_where = self._replaced(serial, print_number)
        return TicketFacts(
            serial=serial,
            product=product,
            event=event,
            sold_at=from_ms(sold.sold_ms),
            performance=self._performance_or_none(sold.performance),
            order=sold.order_reference,
            print_number=print_number,
            replaced_at=replaced_at,
            replaced_where=replaced_where,
            cancelled_at=at_or_none(sold.cancelled_ms),
            refunded_at=at_or_none(sold.refunded_ms),
            unpaid_minor=sold.unpaid_minor or 0,
            uses=self.uses(serial),
            zones=sold.zones,
            seat=sold.seat or "",
            admits=sold.admits,
        )

    def uses(self, serial: str) -> tuple[Use, ...]:
        """Admissions and exits of a ticket that count, in the order of time; also of one never sold here."""
        rows = _USES.all(self._connection, {"serial": serial})
        return tuple(
            Use(
                at=from_ms(at_ms),
                gate=gate,
                direction=Direction.EXIT if kind == EXITED else Direction.ENTRY,
                lane=lane,
                by=self._name_of(operator),
                entry_id=entry_id,
                station=station,
                performance=performance or None,
                people=people,
            )
            for at_ms, gate, kind, lane, operator, entry_id, station, performance, people in rows
        )

    def heard(self, serial: str, product: int | None = None) -> Heard:
        """What was said of a ticket whose sale is not known here: prints, whether it was given back, and how
        its event stands, by its sale or by the `product` that its code names."""
        newest = self._connection.execute(_NEWEST, {"serial": serial}).scalar() or 1
        replaced_at, replaced_where = self._replaced(serial, newest)
        acts = {row.kind: row.at_ms for row in self._connection.execute(_ACTS, {"serial": serial})}
        void = [acts[kind] for kind in (VOIDED, EXCHANGED) if kind in acts]
        event = self._event_of(serial, product)
        return Heard(
            print_number=newest,
            replaced_at=replaced_at,
            replaced_where=replaced_where,
            cancelled_at=at_or_none(min(void, default=None)),
            refunded_at=at_or_none(acts.get(REFUNDED)),
            event_state=None if event is None else self._event_state(event),
        )

    def _event_of(self, serial: str, product: int | None) -> int | None:
        """The number of a ticket's event, also of one whose catalogue entry is not here."""
        row = _POSITION.first(self._connection, {"serial": serial})
        if row is not None:
            return _Sold(*row).event
        listed = None if product is None else self._slow.product(self._connection, product)
        return None if listed is None else listed.event

    def seen_digest(self, serial: str) -> str:
        """Hexadecimal SHA-256 over the sorted ids of all admissions, exits and undos known here, joined by
        line feeds."""
        ids = [row[0] for row in _SEEN.all(self._connection, {"serial": serial})]
        return hashlib.sha256("\n".join(ids).encode()).hexdigest()

    def seen_entries(self, serial: str) -> Sequence[str]:
        """Ids of the entries known here that speak of a ticket: what a claim tells the hub."""
        return [row[0] for row in _ABOUT.all(self._connection, {"serial": serial})]

    def has_own_entry(self, entry_id: str) -> bool:
        """Whether the own journal has this entry."""
        found = self._connection.execute(select(JOURNAL.c.seq).where(JOURNAL.c.entry_id == entry_id)).first()
        return found is not None

    def scans(self, gate: str | None, limit: int = 30) -> Sequence[ScanRow]:
        """The last scans of a gate, or of all gates; newest first, refused ones too."""
        gates = [gate] if gate is not None else self._gates_seen()
        rows = [
            row
            for code in gates
            for row in self._connection.execute(_SCANS_OF_GATE, {"of_gate": code, "most": limit})
        ]
        rows.sort(key=lambda row: (row.at_ms, row.hlc, row.entry_id), reverse=True)
        return [self._scan_row(row) for row in rows[:limit]]

    def scan(self, entry_id: str) -> ScanRow | None:
        """One scan by the id of its entry."""
        for serial in self._serials_of(entry_id):
            row = self._connection.execute(
                _SCANS.where(GATE_FACT.c.serial == serial, GATE_FACT.c.entry_id == entry_id)
            ).first()
            if row is not None:
                return self._scan_row(row)
        return None

    def last_admission(self, serial: str) -> ScanRow | None:
        """The latest admission of a ticket that is not undone."""
        row = self._connection.execute(
            select(GATE_FACT)
            .where(GATE_FACT.c.serial == serial, GATE_FACT.c.kind == ADMITTED, GATE_FACT.c.live == 1)
            .order_by(GATE_FACT.c.at_ms.desc(), GATE_FACT.c.hlc.desc())
            .limit(1)
        ).first()
        return None if row is None else self._scan_row(row)

    def gate_counters(
        self, events: Sequence[int], performance: int | None, gate: str | None, now: datetime
    ) -> GateCounters:
        """People let in and scans refused (at the gate, or at all), people inside, and who is still expected
        (both over all gates). Scans without a performance of their own (passes, refusals) count at every one
        of them; people inside and expected are those of the performance."""
        either = None if performance is None else (performance, 0)
        at_gates = _narrowed(
            select(func.sum(TALLY.c.admitted), func.sum(TALLY.c.refused)).where(TALLY.c.gate != ""),
            TALLY.c.event,
            events,
            either,
        )
        if gate is not None:
            at_gates = at_gates.where(TALLY.c.gate == gate)
        admitted, refused = self._connection.execute(at_gates).one()
        of_tickets = _narrowed(
            select(func.sum(TALLY.c.sold), func.sum(TALLY.c.admitted), func.sum(TALLY.c.inside)).where(
                TALLY.c.gate == ""
            ),
            TALLY.c.event,
            events,
            None if performance is None else (performance,),
        )
        sold, came, inside = self._connection.execute(of_tickets).one()
        return GateCounters(
            admitted=admitted or 0,
            refused=refused or 0,
            inside=inside or 0,
            expected=max(0, (sold or 0) - (came or 0)),
            last_minute=self._since(now - timedelta(minutes=1), events, either, gate),
        )

    def _since(
        self, begin: datetime, events: Sequence[int], performances: Sequence[int] | None, gate: str | None
    ) -> int:
        total = 0
        for code in [gate] if gate is not None else self._gates_seen():
            statement = select(func.sum(GATE_FACT.c.people)).where(
                GATE_FACT.c.gate == code,
                GATE_FACT.c.at_ms > to_ms(begin),
                GATE_FACT.c.kind == ADMITTED,
                GATE_FACT.c.live == 1,
            )
            narrowed = _narrowed(statement, GATE_FACT.c.at_event, events, performances)
            total += self._connection.execute(narrowed).scalar() or 0
        return total

    def _gates_seen(self) -> Sequence[str]:
        return self._connection.execute(_GATES_SEEN).scalars().all()

    def _replaced(self, serial: str, print_number: int) -> tuple[datetime | None, str]:
        """When and where the newest print was made; (None, "") for the first one."""
        if print_number < 2:
            return None, ""
        row = self._connection.execute(_REPLACED, {"serial": serial, "number": print_number}).first()
        return (from_ms(row.at_ms), self._station_name(row.station)) if row is not None else (None, "")

    def _serials_of(self, entry_id: str) -> Sequence[str]:
        """The tickets that an entry speaks of; '' for a refused code that nobody knows."""
        for table in (JOURNAL, REPLICA_ENTRY, SHORT_ENTRY):
            text = self._connection.execute(
                select(table.c.content).where(table.c.entry_id == entry_id)
            ).scalar()
            if text is not None:
                content = json.loads(text)
                return serials(content["kind"], content["body"]) or [""]
        return []

    def _scan_row(self, row: Any) -> ScanRow:
        return ScanRow(
            entry_id=row.entry_id,
            at=from_ms(row.at_ms),
            verdict=row.verdict,
            direction=row.direction,
            gate=row.gate,
            lane=row.lane,
            serial=row.serial or None,
            reference=short_reference(row.serial) if row.serial else None,
            product=self._slow.product(self._connection, row.product) if row.product else None,
            operator=row.operator,
            undone=not row.live,
        )


def _narrowed(
    statement: Select[Any], event: Any, events: Sequence[int], performances: Sequence[int] | None
) -> Select[Any]:
    """To these events (none = all) and performances (None = all); both columns are of one table."""
    if events:
        statement = statement.where(event.in_(events))
    if performances is not None:
        statement = statement.where(event.table.c.performance.in_(performances))
    return statement
