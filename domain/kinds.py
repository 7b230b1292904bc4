"""Every kind of journal entry, with the shape of its body, as data.

A shape maps field names to field checks; a body may carry no field that its shape does not name, and must
carry every field that is not optional. A station holds an entry whose kind or version it does not know,
and judges it again after an update; a body that does not fit its shape is a defect of whoever wrote it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.clock import from_text
from domain.entry import Body, MalformedEntryError

Check = Callable[[Any], bool]
Shape = Mapping[str, "Field"]

_SERIAL = re.compile(r"[0-9a-f]{16}")
_HEX = re.compile(r"(?:[0-9a-f]{2})+")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
MAX_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body: its check, and whether it may be left out or be null."""

    check: Check
    optional: bool = False


def _text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT


def _integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def _natural(value: object) -> bool:
    return _integer(value) and value >= 0  # type: ignore[operator]


def _number(value: object) -> bool:
    return _integer(value) and 1 <= value < 2**32  # type: ignore[operator]


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _at(value: object) -> bool:
    """A time in the one form that entries use, and one that the calendar has."""
    if not isinstance(value, str) or _AT.fullmatch(value) is None:
        return False
    try:
        from_text(value)
    except ValueError:
        return False
    return True


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _record(value: object) -> bool:
    return isinstance(value, dict)


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def _range(value: object) -> bool:
    """[first, last] of slot numbers."""
    return isinstance(value, list) and len(value) == 2 and all(map(_natural, value)) and value[0] <= value[1]


def _shaped(shape: Shape) -> Check:
    return lambda value: isinstance(value, dict) and _misfit(shape, value) is None


TEXT, INTEGER, NATURAL, NUMBER, FLAG = (Field(c) for c in (_text, _integer, _natural, _number, _flag))
SERIAL, HEX, UUID, CODE = (Field(_matches(p)) for p in (_SERIAL, _HEX, _UUID, _CODE))
AT = Field(_at)
RECORD = Field(_record)


def _opt(field: Field) -> Field:
    return Field(field.check, optional=True)


def _many(field: Field) -> Field:
    return Field(_list_of(field.check))


def _each(shape: Shape) -> Field:
    return Field(_list_of(_shaped(shape)))


def _one(shape: Shape) -> Field:
    return Field(_shaped(shape))


SLOTS: Shape = {"pool": NUMBER, "lease": TEXT, "slots": _many(NATURAL)}

POSITION: Shape = {
    "serial": SERIAL,
    "product": NUMBER,
    "event": NUMBER,
    "performance": _opt(NUMBER),
    "price_minor": INTEGER,
    "discount_minor": INTEGER,
    "net_minor": INTEGER,
    "tax_minor": INTEGER,
    "gross_minor": INTEGER,
    "rounding_minor": INTEGER,
    "tax_rate_bp": NATURAL,
    "price_version": NATURAL,
    "admits": NATURAL,
    "zones": NATURAL,
    "seat": _opt(TEXT),
    "valid_from_at": _opt(AT),
    "valid_until_at": _opt(AT),
    "is_pass": FLAG,
    "slots": _each(SLOTS),
}

PAYMENT: Shape = {
    "payment": UUID,
    "tender": TEXT,
    "amount_minor": INTEGER,
    "tendered_minor": INTEGER,
    "change_minor": NATURAL,
    "reference": _opt(TEXT),
}

RECEIPT: Shape = {"prefix": TEXT, "epoch": NATURAL, "number": NUMBER, "practice": FLAG}

TOTALS: Shape = {
    "gross_minor": INTEGER,
    "discount_minor": INTEGER,
    "net_minor": INTEGER,
    "tax_minor": INTEGER,
    "rounding_minor": INTEGER,
    "due_minor": INTEGER,
}

# An event is unknown where a ticket was let in on trust before its product was heard of.
_SCAN: Shape = {
    "serial": SERIAL,
    "event": _opt(NUMBER),
    "at_event": _opt(NUMBER),
    "product": NUMBER,
    "performance": _opt(NUMBER),
    "gate": CODE,
    "lane": TEXT,
    "verdict": TEXT,
    "via": TEXT,
    "confidence": TEXT,
    "offline_since_at": _opt(AT),
    "print_number": NATURAL,
    "seen": HEX,
    "people": NUMBER,
}

SHAPES: Mapping[tuple[str, int], Shape] = {
    ("app_started", 1): {"version": TEXT, "python": TEXT, "system": TEXT},
    ("certificate_issued", 1): {
        "station": TEXT,
        "epoch": NATURAL,
        "certificates": _each({"sig": HEX, "text": TEXT}),
    },
    ("station_revoked", 1): {
        "station": TEXT,
        "last_trusted_seq": NATURAL,
        "revocation": _one({"sig": HEX, "text": TEXT}),
    },
    ("settings_changed", 1): {"values": RECORD},
    ("event_created", 1): {"event": NUMBER, "fields": RECORD},
    ("event_changed", 1): {"event": NUMBER, "base": _opt(TEXT), "fields": RECORD},
    ("event_published", 1): {"event": NUMBER},
    ("event_cancelled", 1): {"event": NUMBER, "reason": TEXT, "rule": TEXT},
    ("event_finished", 1): {"event": NUMBER},
    ("performance_created", 1): {"performance": NUMBER, "event": NUMBER, "fields": RECORD},
    ("performance_changed", 1): {
        "performance": NUMBER,
        "event": NUMBER,
        "base": _opt(TEXT),
        "fields": RECORD,
    },
    ("quota_created", 1): {"quota": NUMBER, "event": NUMBER, "fields": RECORD},
    ("quota_changed", 1): {"quota": NUMBER, "event": NUMBER, "base": _opt(TEXT), "fields": RECORD},
    ("product_created", 1): {"product": NUMBER, "event": NUMBER, "fields": RECORD},
    ("product_changed", 1): {"product": NUMBER, "event": NUMBER, "base": _opt(TEXT), "fields": RECORD},
    ("gate_created", 1): {"gate": CODE, "fields": RECORD},
    ("gate_changed", 1): {"gate": CODE, "base": _opt(TEXT), "fields": RECORD},
    ("user_created", 1): {
        "user": UUID,
        "login": CODE,
        "roles": _many(TEXT),
        "document": _opt(UUID),
        "document_hash": _opt(HEX),
    },
    ("order_sold", 1): {
        "order": UUID,
        "reference": TEXT,
        "channel": TEXT,
        "currency": TEXT,
        "customer": _opt(UUID),
        "key_id": HEX,
        "sold_at": AT,
        "receipt": _one(RECEIPT),
        "positions": _each(POSITION),
        "payments": _each(PAYMENT),
        "totals": _one(TOTALS),
        "part": _opt(_one({"number": NUMBER, "of": NUMBER})),
    },
    ("lease_returned", 1): {
        "lease": TEXT,
        "pool": NUMBER,
        "event": NUMBER,
        "ranges": Field(_list_of(_range)),
    },
    ("ticket_printed", 1): {
        "order": UUID,
        "serials": _many(SERIAL),
        "medium": TEXT,
        "receipt": FLAG,
        "event": _opt(NUMBER),
    },
    ("ticket_reprinted", 1): {
        "order": UUID,
        "serial": SERIAL,
        "event": NUMBER,
        "print_number": NUMBER,
        "reason": TEXT,
        "key_id": HEX,
    },
    ("admitted", 1): _SCAN,
    ("exited", 1): _SCAN,
    ("refused", 1): {
        "serial": _opt(SERIAL),
        "code_hash": _opt(HEX),
        "event": _opt(NUMBER),
        "at_event": _opt(NUMBER),
        "gate": CODE,
        "lane": TEXT,
        "direction": TEXT,
        "verdict": TEXT,
        "via": TEXT,
        "confidence": TEXT,
        "offline_since_at": _opt(AT),
    },
    ("admission_undone", 1): {"admission": UUID, "serial": SERIAL, "event": _opt(NUMBER), "reason": TEXT},
    ("claim_dropped", 1): {
        "claim": UUID,
        "serial": SERIAL,
        "event": NUMBER,
        "gate": CODE,
        "lane": TEXT,
        "reason": TEXT,
    },
    ("gate_opened", 1): {"admission": UUID, "gate": CODE, "lane": TEXT, "event": _opt(NUMBER)},
    ("conflict_resolved", 1): {
        "conflict": HEX,
        "code": TEXT,
        "subject": TEXT,
        "window": TEXT,
        "seen": _many(UUID),
        "reason": TEXT,
        "event": _opt(NUMBER),
    },
    ("shift_opened", 1): {"shift": UUID, "drawer": TEXT, "float_minor": NATURAL, "currency": TEXT},
    ("shift_closed", 1): {
        "shift": UUID,
        "number": NUMBER,
        "currency": TEXT,
        "float_minor": NATURAL,
        "expected_minor": INTEGER,
        "counted_minor": NATURAL,
        "difference_minor": INTEGER,
        "tenders": RECORD,
        "receipts": _one({"first": _opt(TEXT), "last": _opt(TEXT), "count": NATURAL}),
    },
}


def known(kind: str, v: int) -> bool:
    """Whether this program can read entries of this kind and version."""
    return (kind, v) in SHAPES


def check_body(kind: str, v: int, body: Body) -> None:
    """Raises MalformedEntryError naming the first field that does not fit; KeyError for an unknown kind."""
    if (field := _misfit(SHAPES[kind, v], body)) is not None:
        raise MalformedEntryError(f"{kind} {v}: field {field}")


def _misfit(shape: Shape, body: Mapping[str, Any]) -> str | None:
    for name in body:
        if name not in shape:
            return name
    for name, field in shape.items():
        value = body.get(name)
        if value is None:
            if not field.optional:
                return name
        elif not field.check(value):
            return name
    return None


def serials(kind: str, body: Body) -> Sequence[str]:
    """The tickets that an entry speaks of: what the hub notes in `ticket_seen`."""
    if kind == "order_sold":
        return [position["serial"] for position in body["positions"]]
    if kind == "ticket_printed":
        return list(body["serials"])
    if kind == "claim_dropped":  # says something of a claim, nothing of the ticket
        return []
    serial = body.get("serial")
    return [serial] if isinstance(serial, str) else []
