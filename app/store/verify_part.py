"""Comparing tables with the entries where some of these are kept in short (app.store.horizon).

What was projected from the entries that are here whole must be in the tables: each row that is kept per fact,
and all of what is said of the organization, of which nothing is ever shortened. Sums over facts of which some
are gone cannot be had a second time; that the facts themselves are all there is what control sums with the
hub say.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, select

from app.store.facts import checksum
from app.store.prepared import Prepared
from app.store.schema import FORGOTTEN_EVENT, POSITION, PROJECTED

_WHOLE = (
    "catalogue_patch", "event", "event_fact", "gate", "performance", "person", "person_change", "product",
    "promo", "quota", "certificate", "revocation", "role_change", "role_now", "setting",
)  # fmt: skip
"""Tables that only entries of the organization's feed fill."""
_FACTS = (
    "gate_fact", "give_back", "lease_fact", "lease_return", "orders", "order_guest", "payment",
    "payment_fact", "payout", "position", "print_fact", "receipt", "reservation", "right_fact",
    "shift_closed", "shift_opened", "slot", "slot_freed", "ticket_act", "value_fact",
)  # fmt: skip
"""Tables with a row for each fact, which another fact may have come before under the same key."""
_FOLLOWS = {"gate_fact": {"live"}, "orders": {"state", "receipt"}}
"""Columns that other facts change later."""
_PREFIX = "of_"


def compared(fresh: Connection, live: Connection) -> Iterator[tuple[str, bool]]:
    """Hold what was computed a second time against the file: each table that can be compared, and whether it
    is as it should be."""
    for table in PROJECTED:
        if table.name in _WHOLE:
            yield table.name, checksum(fresh, table) == checksum(live, table)
        elif table.name in _FACTS:
            yield table.name, not any(_missing(fresh, live, table))


def _missing(fresh: Connection, live: Connection, table: Table) -> Iterator[bool]:
    """For each row whether the file has neither it nor another fact's under its key. A ticket that was sold
    twice is forgotten with the sale that counts, and the entry of the other sale may still be here."""
    forgotten = set(live.execute(select(FORGOTTEN_EVENT.c.event)).scalars())
    follows = _FOLLOWS.get(table.name, set())
    compared = [column.name for column in table.c if column.name not in follows]
    keys = [column.name for column in table.primary_key]
    one = Prepared(
        select(*(table.c[name] for name in compared)).where(
            and_(*(table.c[name] == bindparam(_PREFIX + name) for name in keys))
        )
    )
    for row in fresh.execute(select(*(table.c[name] for name in compared))).mappings():
        wanted = dict(row)
        found: Any = one.first(live, {_PREFIX + name: wanted[name] for name in keys})
        if found is None:
            yield not (table is POSITION and wanted["event"] in forgotten)
            continue
        present = dict(zip(compared, found, strict=True))
        yield present.get("entry_id") == wanted.get("entry_id") and present != wanted
