"""Builders of the values that tests are about: a theatre evening in Berlin, with every detail changeable.

Each builder takes the fields that matter to the test and fills in the rest. NOW is a quarter of an hour after
the doors opened; the performance starts at 20:00 in Berlin.
"""

import random
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from domain import ticket_code
from domain.actor import Actor, Role
from domain.admission import (
    LIVE,
    Decision,
    Direction,
    GatePolicy,
    Scan,
    Severity,
    SignatureStatus,
    TicketFacts,
    Use,
    Verdict,
    decide,
)
from domain.catalogue import Event, Gate, Performance, Product, Quota, Venue
from domain.money import Money
from domain.order import Payment, Tender
from domain.promo import Promo, promo_hash
from domain.sale import SaleFacts, SaleLine
from domain.states import EventState
from domain.ticket_code import SignedCode, SigningKey, TicketCode
from domain.validity import Validity, ValidityKind

BERLIN = "Europe/Berlin"
MOSCOW = "Europe/Moscow"
NEW_YORK = "America/New_York"

NOW = datetime(2026, 11, 21, 18, 45, tzinfo=UTC)
DOORS_AT = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
STARTS_AT = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
ENDS_AT = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
SOLD_AT = datetime(2026, 11, 14, 10, 0, tzinfo=UTC)

SERIAL = "00112233445566aa"
TILL_KEY = SigningKey.from_seed(bytes(range(32)))
OTHER_KEY = SigningKey.from_seed(bytes(range(1, 33)))

CASHIER = Actor(user="00000000-0000-4000-8000-000000000001", login="anna", roles=frozenset({Role.CASHIER}))
GATE_STAFF = Actor(user="00000000-0000-4000-8000-000000000002", login="otto", roles=frozenset({Role.GATE}))


class FakeClock:
    """A clock that stands still until it is told to go; `monotonic_ms` goes with it."""

    def __init__(self, at: datetime = NOW, boot: str = "boot-1") -> None:
        self._at = at
        self._mono_ms = 1_000
        self._boot = boot

    def now(self) -> datetime:
        return self._at

    def monotonic_ms(self) -> int:
        return self._mono_ms

    def boot_id(self) -> str:
        return self._boot

    def advance(self, seconds: float = 0, **units: float) -> datetime:
        """Let time pass (`advance(2)`, `advance(minutes=5)`); returns the new time."""
        step = timedelta(seconds=seconds, **units)
        self._at += step
        self._mono_ms += step // timedelta(milliseconds=1)
        return self._at

    def set_wall(self, at: datetime) -> None:
        """Somebody changes the wall clock; the monotonic clock does not notice."""
        self._at = at


def seeded_random_bytes(seed: int = 1) -> Callable[[int], bytes]:
    """Randomness that is the same in every run."""
    return random.Random(seed).randbytes


def utc(text: str) -> datetime:
    """`utc("2026-11-21 19:00")`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_venue(**changes: Any) -> Venue:
    return Venue(
        **{"name": "Old Theatre", "address": "1 Square", "zone": BERLIN, "currency": "EUR"} | changes
    )


def make_event(**changes: Any) -> Event:
    plain = {"number": 100, "code": "HAMLET", "name": "Hamlet", "name_ru": "Гамлет", "zone": BERLIN}
    return Event(**plain | {"state": EventState.PUBLISHED} | changes)


def make_performance(**changes: Any) -> Performance:
    plain = {
        "number": 200,
        "code": "HAMLET-1",
        "event": 100,
        "starts_at": STARTS_AT,
        "ends_at": ENDS_AT,
        "doors_at": DOORS_AT,
        "capacity": 100,
    }
    return Performance(**plain | changes)


def make_validity(kind: ValidityKind = ValidityKind.SINGLE, **changes: Any) -> Validity:
    return Validity(kind, **changes)


def make_product(**changes: Any) -> Product:
    """Fields of Validity may be given directly: `make_product(kind=ValidityKind.DAY, uses_per_day=1)`."""
    own = {field.name for field in fields(Validity)} - {"gates", "zones"}
    validity = {name: changes.pop(name) for name in list(changes) if name in own}
    plain: dict[str, Any] = {
        "number": 300,
        "code": "FULL",
        "event": 100,
        "name": "Full price",
        "name_ru": "Полный",
        "price_minor": 2000,
        "currency": "EUR",
        "tax_rate_bp": 700,
    }
    if validity:
        plain["validity"] = Validity(**{"kind": ValidityKind.SINGLE} | validity)
    return Product(**plain | changes)


def make_pass(kind: ValidityKind, **changes: Any) -> Product:
    return make_product(kind=kind, code=kind.value.upper(), name=f"{kind} pass", **changes)


def make_quota(**changes: Any) -> Quota:
    return Quota(**{"number": 400, "name": "Stalls", "event": 100, "capacity": 50} | changes)


def make_promo(**changes: Any) -> Promo:
    plain = {
        "number": 500, "event": 100, "name": "Spring", "code_hash": promo_hash("SPRING", 100),
        "percent_bp": 1000, "pool": 600,
    }  # fmt: skip
    return Promo(**plain | changes)


def make_gate(**changes: Any) -> Gate:
    return Gate(**{"code": "A", "name": "Main door"} | changes)


def make_code(key: SigningKey = TILL_KEY, **changes: Any) -> SignedCode:
    """A decoded code with a good signature of `key`."""
    return ticket_code.decode(make_code_text(key, **changes))


def make_code_text(key: SigningKey = TILL_KEY, **changes: Any) -> str:
    plain = {
        "key_id": ticket_code.key_id(key.public),
        "serial": SERIAL,
        "product": 300,
        "performance": 200,
        "valid_from_at": STARTS_AT - timedelta(hours=6),
        "valid_until_at": ENDS_AT + timedelta(hours=6),
    }
    return ticket_code.encode(TicketCode(**plain | changes), key)


def make_facts(**changes: Any) -> TicketFacts:
    """A ticket for the evening; with a pass as `product` it has no performance unless one is given."""
    product = changes.get("product") or make_product()
    performance = None if product.is_pass else make_performance()
    plain = {
        "serial": SERIAL,
        "product": product,
        "event": make_event(),
        "sold_at": SOLD_AT,
        "performance": performance,
        "order": "K1-000042",
        "admits": product.admits,
    }
    return TicketFacts(**plain | changes)


_CODE = make_code()


def make_scan(**changes: Any) -> Scan:
    """The evening's ticket at gate A, lane 1, at NOW."""
    plain = {
        "gate": make_gate(),
        "at": NOW,
        "code": _CODE,
        "serial": SERIAL,
        "signature": SignatureStatus.GOOD,
        "lane": "1",
        "operator": "otto",
    }
    return Scan(**plain | changes)


def make_policy(**changes: Any) -> GatePolicy:
    return GatePolicy(**{"zone": BERLIN} | changes)


def make_use(at: datetime = NOW - timedelta(minutes=5), **changes: Any) -> Use:
    return Use(**{"at": at, "gate": "B", "lane": "1", "by": "otto", "entry_id": str(at)} | changes)


def make_exit(at: datetime, **changes: Any) -> Use:
    return make_use(at, direction=Direction.EXIT, **changes)


def answer(
    facts: TicketFacts | str | None = "known",
    scan: Scan | None = None,
    policy: GatePolicy | None = None,
    **scan_changes: Any,
) -> Decision:
    """What the gate says; "known" is the evening's ticket, the rest changes the scan."""
    facts = make_facts() if facts == "known" else facts
    scan = scan or make_scan(**scan_changes)
    return decide(facts, scan, policy or make_policy(), LIVE)


def refused(
    decision: Decision, verdict: Verdict, severity: Severity = Severity.REFUSE, **params: Any
) -> bool:
    """Check that the decision refuses for this reason, with at least these parameters."""
    assert decision.verdict is verdict
    assert not decision.opens
    assert decision.severity is severity
    assert {name: decision.params[name] for name in params} == params
    assert not decision.trace[-1].passed
    assert decision.trace[-1].rule is verdict
    return True


def make_decision(verdict: Verdict = Verdict.ADMIT, **changes: Any) -> Decision:
    opens = verdict in (Verdict.ADMIT, Verdict.EXIT)
    severity = Severity.ADMIT if opens else Severity.REFUSE
    plain = {"verdict": verdict, "opens": opens, "severity": severity, "confidence": LIVE}
    return Decision(**plain | changes)


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def cash(minor: int, **changes: Any) -> Payment:
    return Payment(Tender.CASH, euros(minor), **changes)


def card(minor: int, **changes: Any) -> Payment:
    return Payment(Tender.CARD, euros(minor), **changes)


def make_sale_line(**changes: Any) -> SaleLine:
    return SaleLine(
        **{"product": make_product(), "event": make_event(), "performance": make_performance()} | changes
    )


def make_sale(**changes: Any) -> SaleFacts:
    """A cashier with an open shift sells one ticket and is paid exactly."""
    plain = {
        "actor": CASHIER,
        "shift_open": True,
        "at": NOW,
        "lines": (make_sale_line(),),
        "total": euros(2000),
        "payments": (cash(2000),),
    }
    return SaleFacts(**plain | changes)
