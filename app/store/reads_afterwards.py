"""Reading what is needed to change an order after its sale: the stored parts of its tickets, and values."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.services.views import SoldPart, ValueView
from app.store.project_tickets import ADMITTED
from app.store.reads_base import ReadsBase, at_or_none
from app.store.schema import GATE_FACT, JOURNAL, POSITION, REPLICA_ENTRY, SHORT_ENTRY
from app.store.schema_rights import TICKET_HOLD, VALUE_FACT


class AfterwardReads(ReadsBase):
    """See app.services.ports.Reads."""

    def sold_parts(self, order: str) -> Sequence[SoldPart]:
        """The tickets of an order with the parts that were stored at its sale, in their order."""
        rows = self._connection.execute(
            select(POSITION, TICKET_HOLD.c.refunded_ms, TICKET_HOLD.c.cancelled_ms)
            .outerjoin(TICKET_HOLD, TICKET_HOLD.c.serial == POSITION.c.serial)
            .where(POSITION.c.order_id == order)
            .order_by(POSITION.c.line, POSITION.c.serial)
        ).all()
        places = {
            position["serial"]: position["slots"]
            for entry in sorted({row.entry_id for row in rows})
            for position in self._positions_of(entry)
        }
        return [
            SoldPart(
                serial=row.serial,
                reference=row.reference,
                event=row.event,
                product=row.product,
                net_minor=row.net_minor,
                tax_minor=row.tax_minor,
                gross_minor=row.gross_minor,
                rounding_minor=row.rounding_minor,
                places=places.get(row.serial, ()),
                void=row.refunded_ms is not None or row.cancelled_ms is not None,
                seen=tuple(self._admissions(row.serial)),
            )
            for row in rows
        ]

    def _positions_of(self, entry_id: str) -> Sequence[Mapping[str, Any]]:
        """The positions as their entry has them; none where the raw entry is not kept here any more."""
        contents = [
            (row.content_hash, row.content)
            for table in (JOURNAL, REPLICA_ENTRY, SHORT_ENTRY)
            for row in self._connection.execute(
                select(table.c.content_hash, table.c.content).where(table.c.entry_id == entry_id)
            )
        ]
        bodies = [json.loads(content)["body"] for _, content in sorted(contents)]
        found = next((one["positions"] for one in bodies if "positions" in one), ())
        return tuple(found)  # of several contents of one id the smaller counts

    def _admissions(self, serial: str) -> Sequence[str]:
        """Ids of the admissions of a ticket that count."""
        rows = self._connection.execute(
            select(GATE_FACT.c.entry_id)
            .where(GATE_FACT.c.serial == serial, GATE_FACT.c.kind == ADMITTED, GATE_FACT.c.live == 1)
            .order_by(GATE_FACT.c.entry_id)
        )
        return rows.scalars().all()

    def value(self, value: str) -> ValueView | None:
        """What is known here of a value (by the hash of its code); None when it was never heard of."""
        rows = self._connection.execute(select(VALUE_FACT).where(VALUE_FACT.c.value == value)).all()
        if not rows:
            return None
        issued = sum(row.amount_minor for row in rows if row.kind == "value_issued")
        spent = sum(row.amount_minor for row in rows if row.kind == "value_spent")
        back = sum(row.amount_minor for row in rows if row.kind == "value_returned")
        risked = sum(row.amount_minor for row in rows if row.kind == "value_spent" and row.at_risk)
        expires = max((row.expires_ms for row in rows if row.expires_ms is not None), default=None)
        return ValueView(value, rows[0].currency, issued, spent - back, risked, at_or_none(expires))
