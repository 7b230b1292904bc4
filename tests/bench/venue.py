"""A station with many tickets, built quickly: projection rows are inserted directly, sorted by key.

What a scan or a sale reads and writes is all there (positions, tickets, places, orders, payments, sums); the
journal entries behind them are not, since nothing on the hot path looks at old entries.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from app.store import engine
from app.store.keys import FileKeyStore
from app.store.opening import DATABASE, NewStation, create_store, open_store
from app.store.schema import ORDER, PAYMENT, POSITION, SLOT, TICKET
from app.store.store import StationStore
from domain.actor import SYSTEM, Actor, Role
from domain.catalogue import Event, Gate, Performance, Product
from domain.catalogue_fields import to_fields
from domain.entry import Draft
from domain.ids import short_reference
from domain.states import EventState
from domain.ticket_code import TicketCode, encode, key_id

NOW = datetime(2026, 11, 21, 18, 45, tzinfo=UTC)
SOLD_MS = int(NOW.timestamp() * 1000) - 86_400_000
PERFORMANCES = 20
ACTOR = Actor(
    user="00000000-0000-4000-8000-000000000001", login="otto", roles=frozenset({Role.GATE, Role.CASHIER})
)
EVENT = Event(100, "HAMLET", "Hamlet", "Europe/Berlin", EventState.PUBLISHED)
PRODUCT = Product(300, "FULL", 100, "Full price", 2000, "EUR", tax_rate_bp=700)
GATE = Gate("A", "Main door")


class SteadyClock:
    """Real monotonic behaviour is not needed: time goes on by 10 ms with every question."""

    def __init__(self) -> None:
        self._now = NOW

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=10)
        return self._now

    def monotonic_ms(self) -> int:
        return int(self._now.timestamp() * 1000)

    def boot_id(self) -> str:
        return "bench"


@dataclass
class Venue:
    """An open store with `tickets` sold tickets over 20 performances."""

    folder: Path
    tickets: int
    random: Random = field(default_factory=lambda: Random(7))

    def __post_init__(self) -> None:
        self.clock = SteadyClock()
        self.keystore = FileKeyStore(self.folder / "keys")
        self.data = self.folder / "data"
        store = create_store(
            self.data, self.keystore, self.clock, self.random.randbytes, NewStation("Gate", "G1")
        )
        _catalogue(store)
        self.installation = store.installation
        store.close()
        self.serials = sorted(self.random.randbytes(8).hex() for _ in range(self.tickets))
        self._fill()
        self.store = open_store(self.data, self.keystore, self.clock, self.random.randbytes)

    def performance_of(self, at: int) -> int:
        return 200 + at % PERFORMANCES

    def code(self, at: int) -> str:
        """The signed text of the ticket with this index."""
        key = self.store.signing_key
        return encode(
            TicketCode(key_id(key.public), self.serials[at], PRODUCT.number, self.performance_of(at)),
            key,
        )

    def _fill(self) -> None:
        secrets = self.keystore.read(self.installation)
        assert secrets is not None
        raw = engine.connect(self.data / DATABASE, secrets.store_key, writing=True)
        raw.execute("PRAGMA synchronous = OFF")
        raw.execute("PRAGMA cache_size = -400000")
        raw.execute("BEGIN")
        for table, rows in (
            (POSITION, self._positions()),
            (TICKET, self._sums()),
            (SLOT, self._slots()),
            (ORDER, self._orders()),
            (PAYMENT, self._payments()),
        ):
            names = ", ".join(column.name for column in table.c)
            marks = ", ".join("?" for _ in table.c)
            raw.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)
        each = self.tickets // PERFORMANCES
        for at in range(PERFORMANCES):
            raw.execute("INSERT INTO tally VALUES (100, ?, '', ?, 0, 0, 0)", (200 + at, each))
            raw.execute("INSERT INTO pool_tally VALUES (?, ?)", (200 + at, each))
        raw.execute("COMMIT")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        raw.close()

    def order_id(self, number: int) -> str:
        return f"{number * 2654435761 % 2**32:08x}-0000-4000-8000-{number:012x}"

    def _positions(self) -> Iterator[tuple[Any, ...]]:
        for at, serial in enumerate(self.serials):
            row = {
                "serial": serial, "order_id": self.order_id(at // 4), "entry_id": f"e{at // 4}",
                "hlc": "0", "line": at % 4, "reference": short_reference(serial),
                "order_reference": "AAAA-AAAA", "product": PRODUCT.number, "event": EVENT.number,
                "performance": self.performance_of(at), "currency": "EUR", "price_minor": 2000,
                "discount_minor": 0, "net_minor": 1869, "tax_minor": 131, "gross_minor": 2000,
                "rounding_minor": 0, "tax_rate_bp": 700, "price_version": 1, "admits": 1, "zones": 0,
                "seat": None, "sold_ms": SOLD_MS, "valid_from_ms": None, "valid_until_ms": None,
                "is_pass": 0,
            }  # fmt: skip
            yield tuple(row[column.name] for column in POSITION.c)

    def _sums(self) -> Iterator[tuple[Any, ...]]:
        for at, serial in enumerate(self.serials):
            yield (serial, EVENT.number, self.performance_of(at), 1, 0, 0, 1)

    def _slots(self) -> Iterator[tuple[Any, ...]]:
        for at, serial in enumerate(self.serials):
            yield (self.performance_of(at), "bulk", at // PERFORMANCES + 1, serial)

    def _orders(self) -> Iterator[tuple[Any, ...]]:
        for number in range(self.tickets // 4):
            row = {
                "order_id": self.order_id(number), "entry_id": f"e{number}", "hlc": "0", "part": 1,
                "station": "0badcafe", "epoch": 1, "seq": number + 1, "short_hash": "00000000",
                "cashier": None, "shift": None, "state": "paid", "channel": "desk",
                "reference": short_reference(f"{number:016x}"), "currency": "EUR", "customer": None,
                "key_id": "00000000", "sold_ms": SOLD_MS + number, "receipt": f"B1-{number + 1:06d}",
                "receipt_prefix": "B1", "receipt_epoch": 1, "receipt_number": number + 1, "practice": 0,
                "gross_minor": 8000, "discount_minor": 0, "net_minor": 7476, "tax_minor": 524,
                "rounding_minor": 0, "due_minor": 8000,
            }  # fmt: skip
            yield tuple(row[column.name] for column in ORDER.c)

    def _payments(self) -> Iterator[tuple[Any, ...]]:
        for number in range(self.tickets // 4):
            yield (
                f"p{number}", self.order_id(number), f"e{number}", "0", 0, None, 0, "card", 8000, 8000, 0,
                None,
            )  # fmt: skip


def _catalogue(store: StationStore) -> None:
    with store.begin() as work:
        drafts = [
            Draft(
                "settings_changed",
                ("org",),
                {"values": {"name": "Old Theatre", "zone": "Europe/Berlin", "currency": "EUR"}},
            ),
            Draft("event_created", ("org",), {"event": 100, "fields": to_fields(EVENT)}),
            Draft("event_published", ("org",), {"event": 100}),
            Draft("product_created", ("org",), {"product": 300, "event": 100, "fields": to_fields(PRODUCT)}),
            Draft("gate_created", ("org",), {"gate": "A", "fields": to_fields(GATE)}),
        ]
        for at in range(PERFORMANCES):
            performance = Performance(
                200 + at,
                f"H{at}",
                100,
                starts_at=NOW + timedelta(minutes=15),
                ends_at=NOW + timedelta(hours=3),
                capacity=1_000_000,
            )
            fields = to_fields(performance)
            drafts.append(
                Draft(
                    "performance_created",
                    ("org",),
                    {"performance": 200 + at, "event": 100, "fields": fields},
                )
            )
        work.append_many(drafts, SYSTEM)
        work.commit()
