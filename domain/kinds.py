"""Every kind of journal entry, with the shape of its body, as data.

A station holds an entry whose kind or version it does not know, and judges it again after an update; a body
that does not fit its shape is a defect of whoever wrote it.
"""

from collections.abc import Mapping, Sequence

from domain import kinds_documents, kinds_hub, kinds_people, kinds_rights
from domain.entry import Body, MalformedEntryError
from domain.kinds_parts import PAYMENT, POSITION, RECEIPT, TOTALS
from domain.shapes import (
    AT,
    CODE,
    FLAG,
    HEX,
    INTEGER,
    NATURAL,
    NUMBER,
    RECORD,
    SERIAL,
    TEXT,
    UUID,
    Field,
    Shape,
    each,
    list_of,
    many,
    misfit,
    one,
    opt,
    span,
)

# An event is unknown where a ticket was let in on trust before its product was heard of.
_SCAN: Shape = {
    "serial": SERIAL,
    "event": opt(NUMBER),
    "at_event": opt(NUMBER),
    "product": NUMBER,
    "performance": opt(NUMBER),
    "gate": CODE,
    "lane": TEXT,
    "verdict": TEXT,
    "via": TEXT,
    "confidence": TEXT,
    "offline_since_at": opt(AT),
    "print_number": NATURAL,
    "seen": HEX,
    "people": NUMBER,
}

_DOUBT: Shape = {
    "payment": UUID,
    "order": UUID,
    "reference": TEXT,
    "tender": TEXT,
    "amount_minor": NATURAL,
}
"""A payment that nobody knew the end of when the shift was closed: it is in no sum."""

SHAPES: Mapping[tuple[str, int], Shape] = {
    **kinds_documents.SHAPES,
    **kinds_hub.SHAPES,
    **kinds_people.SHAPES,
    **kinds_rights.SHAPES,
    ("app_started", 1): {"version": TEXT, "python": TEXT, "system": TEXT},
    ("clock_stepped", 1): {"shift": UUID, "shown_at": AT, "offset_ms": opt(INTEGER)},
    ("certificate_issued", 1): {
        "station": TEXT,
        "epoch": NATURAL,
        "certificates": each({"sig": HEX, "text": TEXT}),
    },
    ("station_revoked", 1): {
        "station": TEXT,
        "last_trusted_seq": NATURAL,
        "revocation": one({"sig": HEX, "text": TEXT}),
    },
    ("settings_changed", 1): {"values": RECORD},
    ("event_created", 1): {"event": NUMBER, "fields": RECORD},
    ("event_changed", 1): {"event": NUMBER, "base": opt(TEXT), "fields": RECORD},
    ("event_published", 1): {"event": NUMBER},
    ("event_cancelled", 1): {"event": NUMBER, "reason": TEXT, "rule": TEXT},
    ("event_finished", 1): {"event": NUMBER},
    ("performance_created", 1): {"performance": NUMBER, "event": NUMBER, "fields": RECORD},
    ("performance_changed", 1): {
        "performance": NUMBER,
        "event": NUMBER,
        "base": opt(TEXT),
        "fields": RECORD,
    },
    ("quota_created", 1): {"quota": NUMBER, "event": NUMBER, "fields": RECORD},
    ("quota_changed", 1): {"quota": NUMBER, "event": NUMBER, "base": opt(TEXT), "fields": RECORD},
    ("product_created", 1): {"product": NUMBER, "event": NUMBER, "fields": RECORD},
    ("product_changed", 1): {"product": NUMBER, "event": NUMBER, "base": opt(TEXT), "fields": RECORD},
    ("promo_created", 1): {"promo": NUMBER, "event": NUMBER, "fields": RECORD},
    ("promo_changed", 1): {"promo": NUMBER, "event": NUMBER, "base": opt(TEXT), "fields": RECORD},
    ("gate_created", 1): {"gate": CODE, "fields": RECORD},
    ("gate_changed", 1): {"gate": CODE, "base": opt(TEXT), "fields": RECORD},
    ("user_created", 1): {
        "user": UUID,
        "login": CODE,
        "roles": many(TEXT),
        "document": opt(UUID),
        "document_hash": opt(HEX),
    },
    ("order_sold", 1): {
        "order": UUID,
        "reference": TEXT,
        "channel": TEXT,
        "currency": TEXT,
        "customer": opt(UUID),
        "key_id": HEX,
        "sold_at": AT,
        "receipt": one(RECEIPT),
        "positions": each(POSITION),
        "payments": each(PAYMENT),
        "totals": one(TOTALS),
        "promo": opt(NUMBER),
        "part": opt(one({"number": NUMBER, "of": NUMBER})),
    },
    ("lease_returned", 1): {
        "lease": TEXT,
        "pool": NUMBER,
        "event": NUMBER,
        "ranges": Field(list_of(span)),
    },
    ("ticket_printed", 1): {
        "order": UUID,
        "serials": many(SERIAL),
        "medium": TEXT,
        "receipt": FLAG,
        "event": opt(NUMBER),
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
        "serial": opt(SERIAL),
        "code_hash": opt(HEX),
        "event": opt(NUMBER),
        "at_event": opt(NUMBER),
        "gate": CODE,
        "lane": TEXT,
        "direction": TEXT,
        "verdict": TEXT,
        "via": TEXT,
        "confidence": TEXT,
        "offline_since_at": opt(AT),
    },
    ("admission_undone", 1): {"admission": UUID, "serial": SERIAL, "event": opt(NUMBER), "reason": TEXT},
    ("claim_dropped", 1): {
        "claim": UUID,
        "serial": SERIAL,
        "event": NUMBER,
        "gate": CODE,
        "lane": TEXT,
        "reason": TEXT,
    },
    ("gate_opened", 1): {"admission": UUID, "gate": CODE, "lane": TEXT, "event": opt(NUMBER)},
    ("conflict_resolved", 1): {
        "conflict": HEX,
        "code": TEXT,
        "subject": TEXT,
        "window": TEXT,
        "seen": many(UUID),
        "reason": TEXT,
        "event": opt(NUMBER),
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
        "receipts": one({"first": opt(TEXT), "last": opt(TEXT), "count": NATURAL}),
        "unknown": opt(each(_DOUBT)),
    },
}


def known(kind: str, v: int) -> bool:
    """Whether this program can read entries of this kind and version."""
    return (kind, v) in SHAPES


def check_body(kind: str, v: int, body: Body) -> None:
    """Raises MalformedEntryError naming the first field that does not fit; KeyError for an unknown kind."""
    field = misfit(SHAPES[kind, v], body) or kinds_rights.misfit_money(kind, body)
    if field is not None:
        raise MalformedEntryError(f"{kind} {v}: field {field}")


def serials(kind: str, body: Body) -> Sequence[str]:
    """The tickets that an entry speaks of: what the hub notes in `ticket_seen`."""
    if kind in kinds_rights.WITH_POSITIONS:
        return [position["serial"] for position in body["positions"]]
    if kind == "ticket_printed":
        return list(body["serials"])
    if kind == "claim_dropped":  # says something of a claim, nothing of the ticket
        return []
    serial = body.get("serial")
    return [serial] if isinstance(serial, str) else []
