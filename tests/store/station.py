"""A real station in a temporary folder, and the drafts its journal is made of."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.store.keys import FileKeyStore
from app.store.opening import NewStation, create_store, open_store
from app.store.store import StationStore
from domain import catalogue_fields
from domain.actor import SYSTEM, Actor
from domain.catalogue import Event, Gate, Performance, Product, Quota
from domain.clock import to_text
from domain.conflicts import Code, SubjectKind, conflict_id, subject_of
from domain.entry import Draft, Entry
from domain.ids import short_reference, ticket_serial, uuid4
from tests.builders import (
    NOW,
    FakeClock,
    make_event,
    make_gate,
    make_performance,
    make_product,
    make_quota,
    seeded_random_bytes,
)

CASHIER_ID = "00000000-0000-4000-8000-000000000001"
CASHIER = Actor(user=CASHIER_ID, login="anna")


@dataclass
class Station:
    """A store with everything around it that a test may want to change."""

    root: Path
    seed: int = 1
    clock: FakeClock = field(default_factory=FakeClock)
    name: str = "Till 1"
    prefix: str = "K1"

    def __post_init__(self) -> None:
        self.random = seeded_random_bytes(self.seed)
        self.keystore = FileKeyStore(self.root / "keys")
        self.folder = self.root / "data"
        self.store = create_store(
            self.folder, self.keystore, self.clock, self.random, NewStation(self.name, self.prefix)
        )

    def reopen(self) -> StationStore:
        self.store.close()
        self.store = open_store(self.folder, self.keystore, self.clock, self.random)
        return self.store

    def append(self, *drafts: Draft, actor: Actor = CASHIER, shift: str | None = None) -> list[Entry]:
        with self.store.begin() as work:
            entries = work.append_many(drafts, actor, shift=shift)
            work.commit()
        self.clock.advance(1)
        return list(entries)

    def open_theatre(self) -> None:
        """An organization with a published event, one performance, two products, a quota and a gate."""
        self.append(
            Draft(
                "settings_changed",
                ("org",),
                {"values": {"name": "Old Theatre", "zone": "Europe/Berlin", "currency": "EUR"}},
            ),
            made(make_event()),
            made(make_performance()),
            made(make_quota()),
            made(make_product(quotas=(400,))),
            made(make_product(number=301, code="STUDENT", name="Student", price_minor=1200)),
            made(make_gate()),
            Draft("event_published", ("org",), {"event": 100}),
            actor=SYSTEM,
        )


def made(thing: Event | Performance | Product | Quota | Gate) -> Draft:
    """The `…_created` draft of a catalogue object."""
    return _catalogue(thing, "created", catalogue_fields.to_fields(thing))


def changed(
    thing: Event | Performance | Product | Quota | Gate, *, _base: str | None = None, **fields: Any
) -> Draft:
    """A `…_changed` draft with these fields (as JSON); `_base` names what its editor had seen."""
    draft = _catalogue(thing, "changed", fields)
    return draft if _base is None else Draft(draft.kind, draft.feeds, {**draft.body, "base": _base})


def _catalogue(
    thing: Event | Performance | Product | Quota | Gate, act: str, fields: dict[str, Any]
) -> Draft:
    kind = type(thing).__name__.lower()
    if isinstance(thing, Gate):
        return Draft(f"gate_{act}", ("org",), {"gate": thing.code, "fields": fields})
    body: dict[str, Any] = {kind: thing.number, "fields": fields}
    if not isinstance(thing, Event):
        body["event"] = thing.event
    return Draft(f"{kind}_{act}", ("org",), body)


@dataclass
class Sale:
    """A sale as a draft; `serials` are its tickets."""

    random: Any
    count: int = 2
    number: int = 1
    prefix: str = "K1"
    tender: str = "cash"
    first_slot: int = 1
    sold_at: datetime = NOW
    lease: str = "own"
    practice: bool = False
    pools: tuple[int, ...] = (200, 400)
    product: int = 300
    price_minor: int = 2000
    admits: int = 1

    def __post_init__(self) -> None:
        self.order = uuid4(self.random)
        self.payment = uuid4(self.random)
        self.serials = [ticket_serial(self.random) for _ in range(self.count)]
        self.reference = short_reference(self.order.replace("-", ""))

    def positions(self) -> list[dict[str, Any]]:
        return [
            {
                "serial": serial, "product": self.product, "event": 100, "performance": 200,
                "price_minor": self.price_minor, "discount_minor": 0, "net_minor": self.price_minor - 100,
                "tax_minor": 100, "gross_minor": self.price_minor, "rounding_minor": 0, "tax_rate_bp": 700,
                "price_version": 1, "admits": self.admits, "zones": 0, "seat": None,
                "valid_from_at": to_text(self.sold_at), "valid_until_at": None, "is_pass": False,
                "slots": [
                    {"pool": pool, "lease": self.lease, "slots": [self.first_slot + at]}
                    for pool in self.pools
                ],
            }
            for at, serial in enumerate(self.serials)
        ]  # fmt: skip

    def draft(self, *, part: tuple[int, int] | None = None, serials: int | None = None) -> Draft:
        positions = self.positions()
        if part is not None and serials is not None:
            positions = positions[(part[0] - 1) * serials : part[0] * serials]
        total = self.price_minor * self.count
        body: dict[str, Any] = {
            "order": self.order, "reference": self.reference, "channel": "desk", "currency": "EUR",
            "customer": None, "key_id": "00000000", "sold_at": to_text(self.sold_at),
            "receipt": {
                "prefix": self.prefix, "epoch": 1, "number": self.number, "practice": self.practice,
            },
            "positions": positions,
            "payments": [self.paid(total)] if part is None or part[0] == 1 else [],
            "totals": {
                "gross_minor": total, "discount_minor": 0, "net_minor": total - 100 * self.count,
                "tax_minor": 100 * self.count, "rounding_minor": 0, "due_minor": total,
            },
        }  # fmt: skip
        if part is not None:
            body["part"] = {"number": part[0], "of": part[1]}
        return Draft("order_sold", ("cash", "event:100"), body)

    def paid(self, total: int) -> dict[str, Any]:
        change = 500 if self.tender == "cash" else 0
        return {
            "payment": self.payment, "tender": self.tender, "amount_minor": total,
            "tendered_minor": total + change, "change_minor": change, "reference": None,
        }  # fmt: skip


def scanned(kind: str, serial: str, **changes: Any) -> Draft:
    """An `admitted` or `exited` draft."""
    body = {
        "serial": serial, "event": 100, "at_event": 100, "product": 300, "performance": 200, "gate": "A",
        "lane": "1", "verdict": "ADMIT" if kind == "admitted" else "EXIT", "via": "camera",
        "confidence": "live", "offline_since_at": None, "print_number": 1, "seen": "00", "people": 1,
    }  # fmt: skip
    return Draft(kind, ("event:100",), body | changes)


def refused(serial: str | None, verdict: str = "ALREADY_USED", **changes: Any) -> Draft:
    """A `refused` draft."""
    body = {
        "serial": serial, "code_hash": None, "event": 100, "at_event": 100, "gate": "A", "lane": "1",
        "direction": "entry", "verdict": verdict, "via": "camera", "confidence": "live",
        "offline_since_at": None,
    }  # fmt: skip
    return Draft("refused", ("event:100",), body | changes)


def undone(admission: str, serial: str) -> Draft:
    """An `admission_undone` draft."""
    return Draft(
        "admission_undone",
        ("event:100",),
        {"admission": admission, "serial": serial, "event": 100, "reason": "wrong person"},
    )


def printed(order: str, serials: list[str]) -> Draft:
    """A `ticket_printed` draft."""
    return Draft(
        "ticket_printed",
        ("event:100",),
        {"order": order, "serials": serials, "medium": "file", "receipt": True},
    )


def reprinted(order: str, serial: str, number: int) -> Draft:
    """A `ticket_reprinted` draft."""
    body = {
        "order": order, "serial": serial, "event": 100, "print_number": number, "reason": "lost",
        "key_id": "00000000",
    }  # fmt: skip
    return Draft("ticket_reprinted", ("event:100",), body)


def resolved(code: Code, serial: str, seen: list[str], reason: str = "talked to the guest") -> Draft:
    """A `conflict_resolved` draft about a ticket."""
    subject = subject_of(SubjectKind.TICKET, serial)
    body = {
        "conflict": conflict_id(code, subject, ""), "code": code.value, "subject": subject, "window": "",
        "seen": sorted(seen), "reason": reason, "event": 100,
    }  # fmt: skip
    return Draft("conflict_resolved", ("event:100",), body)


def shift_opened(shift: str) -> Draft:
    """A shift with 100.00 in the drawer."""
    return Draft(
        "shift_opened",
        ("cash",),
        {"shift": shift, "drawer": "1", "float_minor": 10_000, "currency": "EUR"},
    )


def shift_closed(shift: str, number: int = 1, **changes: Any) -> Draft:
    """Its close."""
    body = {
        "shift": shift, "number": number, "currency": "EUR", "float_minor": 10_000,
        "expected_minor": 14_000, "counted_minor": 13_950, "difference_minor": -50,
        "tenders": {"cash": 4_000}, "receipts": {"first": "K1-000001", "last": "K1-000001", "count": 1},
    }  # fmt: skip
    return Draft("shift_closed", ("cash",), body | changes)
