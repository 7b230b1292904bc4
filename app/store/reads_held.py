"""Reading entries that are kept and not read."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select

from app.services.views_sync import HeldRow, WhyHeld
from app.store.reads_base import ReadsBase
from app.store.replica import FORGOTTEN, UNKNOWN_KIND
from app.store.schema import ENTRY_OUTCOME, HELD_ENTRY, JOURNAL, REJECTED_ENTRY, REPLICA_ENTRY
from domain.clock import from_ms, from_text


class HeldReads(ReadsBase):
    """See app.services.ports.Reads."""

    def held_entries(self, limit: int = 200) -> Sequence[HeldRow]:
        """Held here, held by the hub, set aside: the latest first."""
        rows = [*self._held(limit), *self._at_hub(limit), *self._aside(limit)]
        rows.sort(key=lambda row: (row.at is not None, row.at, row.entry_id), reverse=True)
        return rows[:limit]

    def _held(self, limit: int) -> list[HeldRow]:
        """Others' entries and own ones, which a newer program wrote here. Those that wait for a snapshot are
        on their way: nobody has to do anything about them."""
        own = self._slow.station(self._connection).station
        found = {  # of two contents of one id the own one is not what is held
            row.entry_id: HeldRow(
                row.entry_id,
                row.kind,
                row.v,
                self._station_name(row.station),
                row.seq,
                _written_at(row.content),
                WhyHeld.NEWER if row.reason == UNKNOWN_KIND else WhyHeld.MISFIT,
            )
            for table, station in ((JOURNAL, literal(own)), (REPLICA_ENTRY, REPLICA_ENTRY.c.station))
            for row in self._connection.execute(
                select(HELD_ENTRY, station.label("station"), table.c.seq, table.c.content)
                .join(table, table.c.entry_id == HELD_ENTRY.c.entry_id)
                .where(HELD_ENTRY.c.reason != FORGOTTEN)
                .order_by(table.c.position.desc())
                .limit(limit)
            )
        }
        return list(found.values())

    def _at_hub(self, limit: int) -> list[HeldRow]:
        own = self._slow.station(self._connection)
        found = self._connection.execute(
            select(JOURNAL.c.entry_id, JOURNAL.c.kind, JOURNAL.c.v, JOURNAL.c.seq, JOURNAL.c.at_ms)
            .join(ENTRY_OUTCOME, ENTRY_OUTCOME.c.entry_id == JOURNAL.c.entry_id)
            .where(ENTRY_OUTCOME.c.outcome == "held")
            .order_by(JOURNAL.c.position.desc())
            .limit(limit)
        )
        return [
            HeldRow(row.entry_id, row.kind, row.v, own.name, row.seq, from_ms(row.at_ms), WhyHeld.AT_HUB)
            for row in found
        ]

    def _aside(self, limit: int) -> list[HeldRow]:
        found = self._connection.execute(
            select(REJECTED_ENTRY).order_by(REJECTED_ENTRY.c.received_ms.desc()).limit(limit)
        )
        return [
            HeldRow(
                row.entry_id,
                str(_content(row.content).get("kind") or ""),
                0,
                self._station_name(row.station),
                row.seq,
                from_ms(row.received_ms),
                WhyHeld.ASIDE,
                row.code,
            )
            for row in found
        ]


def _content(text: str) -> dict[str, Any]:
    """What can be read of an entry that may be anything."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _written_at(text: str) -> datetime | None:
    clock = _content(text).get("clock")
    try:
        return from_text(str(clock["wall_at"])) if isinstance(clock, dict) else None
    except (ValueError, KeyError):
        return None
