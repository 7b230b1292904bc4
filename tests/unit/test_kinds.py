"""The shapes of all entries: what must be there, what may be missing, and that nothing else is taken."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import kinds
from domain.entry import MalformedEntryError
from domain.shapes import MAX_TEXT
from tests.unit import kinds_of_rights, kinds_of_the_hub

UUID = "00000000-0000-4000-8000-000000000001"
SERIAL = "00112233445566aa"
AT = "2026-11-21T18:45:00.000Z"

POSITION = {
    "serial": SERIAL, "product": 300, "event": 100, "performance": 200, "price_minor": 2000,
    "discount_minor": 0, "net_minor": 1869, "tax_minor": 131, "gross_minor": 2000, "rounding_minor": 0,
    "tax_rate_bp": 700, "price_version": 1, "admits": 1, "zones": 0, "seat": None, "valid_from_at": AT,
    "valid_until_at": None, "is_pass": False,
    "slots": [{"pool": 200, "lease": "own:1", "slots": [1]}],
}  # fmt: skip
SCAN = {
    "serial": SERIAL, "event": 100, "at_event": 100, "product": 300, "performance": 200, "gate": "A",
    "lane": "1", "verdict": "ADMIT", "via": "camera", "confidence": "live", "offline_since_at": None,
    "print_number": 1, "seen": "00ff", "people": 1,
}  # fmt: skip
FIELDS: dict[str, Any] = {"fields": {"name": "x"}}
BODIES: dict[str, dict[str, Any]] = {
    "app_started": {"version": "1", "python": "3.11", "system": "Linux"},
    "clock_stepped": {"shift": UUID, "shown_at": AT, "offset_ms": -700_000},
    "certificate_issued": {
        "station": "00000001", "epoch": 1, "certificates": [{"sig": "00", "text": "{}"}],
    },
    "station_revoked": {
        "station": "00000001", "last_trusted_seq": 7, "revocation": {"sig": "00", "text": "{}"},
    },
    "settings_changed": {"values": {"name": "House"}},
    "event_created": {"event": 100, **FIELDS},
    "event_changed": {"event": 100, "base": None, **FIELDS},
    "event_published": {"event": 100},
    "event_cancelled": {"event": 100, "reason": "storm", "rule": "all"},
    "event_finished": {"event": 100},
    "performance_created": {"performance": 200, "event": 100, **FIELDS},
    "performance_changed": {"performance": 200, "event": 100, "base": "x", **FIELDS},
    "quota_created": {"quota": 400, "event": 100, **FIELDS},
    "quota_changed": {"quota": 400, "event": 100, "base": "x", **FIELDS},
    "product_created": {"product": 300, "event": 100, **FIELDS},
    "product_changed": {"product": 300, "event": 100, "base": "x", **FIELDS},
    "gate_created": {"gate": "A", **FIELDS},
    "gate_changed": {"gate": "A", "base": "x", **FIELDS},
    "promo_created": {"promo": 500, "event": 100, **FIELDS},
    "promo_changed": {"promo": 500, "event": 100, "base": "x", **FIELDS},
    "user_created": {
        "user": UUID, "login": "anna", "roles": ["cashier"], "document": UUID, "document_hash": "00",
    },
    "user_changed": {
        "user": UUID, "roles": ["gate"], "enabled": True, "reason": "back", "request": UUID, "document": UUID,
        "document_hash": "00",
    },
    "user_renamed": {"user": UUID, "document": UUID, "document_hash": "00"},
    "user_password_set": {"user": UUID, "document": UUID, "document_hash": "00"},
    "user_pin_set": {"user": UUID},
    "user_locked_out": {"user": UUID, "failures": 5},
    "user_code_issued": {
        "code": UUID, "user": UUID, "purpose": "invitation", "code_hash": "00ff", "expires_at": AT,
    },
    "user_code_used": {"code": UUID, "user": UUID},
    "role_changed": {
        "role": "usher", "permissions": ["admit"], "limits": {"refund": None}, "title": "", "removed": False,
    },
    "role_asked": {"request": UUID, "user": UUID, "role": "cashier"},
    "role_answered": {
        "request": UUID, "user": UUID, "role": "cashier", "granted": True, "document": UUID,
        "document_hash": "00",
    },
    "guest_named": {"order": UUID, "event": 100, "document": UUID, "document_hash": "00"},
    "drawer_opened": {"shift": UUID, "drawer": "1", "reason": "change"},
    "practice_opened": {"shift": UUID, "cashier": UUID},
    "session_started": {"session": UUID, "user": UUID, "purpose": "window", "expires_at": AT},
    "session_ended": {"session": UUID, "user": UUID, "reason": "signed_out"},
    "order_sold": {
        "order": UUID, "reference": "ABCD-EFG7", "channel": "desk", "currency": "EUR", "customer": UUID,
        "key_id": "01020304", "sold_at": AT,
        "receipt": {"prefix": "K1", "epoch": 1, "number": 1, "practice": False},
        "positions": [POSITION],
        "payments": [
            {
                "payment": UUID, "tender": "cash", "amount_minor": 2000, "tendered_minor": 5000,
                "change_minor": 3000, "reference": None,
            }
        ],
        "totals": {
            "gross_minor": 2000, "discount_minor": 0, "net_minor": 1869, "tax_minor": 131,
            "rounding_minor": 0, "due_minor": 2000,
        },
        "promo": 500,
        "part": {"number": 1, "of": 2},
    },
    "lease_returned": {"lease": "own:1", "pool": 200, "event": 100, "ranges": [[1, 3], [7, 7]]},
    "ticket_printed": {
        "order": UUID, "serials": [SERIAL], "medium": "file", "receipt": True, "event": 100,
    },
    "ticket_reprinted": {
        "order": UUID, "serial": SERIAL, "event": 100, "print_number": 2, "reason": "lost",
        "key_id": "01020304",
    },
    "admitted": SCAN,
    "exited": SCAN,
    "refused": {
        "serial": SERIAL, "code_hash": "00", "event": 100, "at_event": 100, "gate": "A", "lane": "1",
        "direction": "entry", "verdict": "ALREADY_USED", "via": "camera", "confidence": "live",
        "offline_since_at": AT,
    },
    "admission_undone": {"admission": UUID, "serial": SERIAL, "event": 100, "reason": "mistake"},
    "claim_dropped": {
        "claim": UUID, "serial": SERIAL, "event": 100, "gate": "A", "lane": "1", "reason": "late",
    },
    "gate_opened": {"admission": UUID, "gate": "A", "lane": "1", "event": 100},
    "conflict_resolved": {
        "conflict": "00ff", "code": "DUP_ADMISSION", "subject": f"ticket:{SERIAL}", "window": "",
        "seen": [UUID], "reason": "talked to the guest", "event": 100,
    },
    "document_written": {"documents": [{"document": UUID, "document_hash": "00" * 32, "kind": "person"}]},
    "document_erased": {"document": UUID, "kind": "person", "feed": "org", "reason": "REQUEST"},
    "shift_opened": {"shift": UUID, "drawer": "1", "float_minor": 0, "currency": "EUR"},
    "shift_closed": {
        "shift": UUID, "number": 1, "currency": "EUR", "float_minor": 0, "expected_minor": 2000,
        "counted_minor": 1990, "difference_minor": -10, "tenders": {"cash": 2000},
        "receipts": {"first": "K1-000001", "last": "K1-000001", "count": 1},
        "unknown": [
            {
                "payment": UUID, "order": UUID, "reference": "ABCD-EFG7", "tender": "card",
                "amount_minor": 2000,
            }
        ],
    },
}  # fmt: skip

OPTIONAL = {
    "event_changed": {"base"}, "performance_changed": {"base"}, "quota_changed": {"base"},
    "product_changed": {"base"}, "gate_changed": {"base"}, "promo_changed": {"base"},
    "shift_closed": {"unknown"}, "user_created": {"document", "document_hash"},
    "user_changed": {"roles", "enabled", "reason", "request", "document", "document_hash"},
    "role_answered": {"document", "document_hash"}, "practice_opened": {"shift", "cashier"},
    "role_changed": {"title", "removed"},
    "session_started": {"expires_at"}, "clock_stepped": {"offset_ms"},
    "order_sold": {"customer", "part", "promo"}, "ticket_printed": {"event"},
    "admitted": {"event", "at_event", "performance", "offline_since_at"},
    "exited": {"event", "at_event", "performance", "offline_since_at"},
    "refused": {"serial", "code_hash", "event", "at_event", "offline_since_at"},
    "admission_undone": {"event"}, "gate_opened": {"event"}, "conflict_resolved": {"event"},
}  # fmt: skip


BODIES |= kinds_of_rights.BODIES | kinds_of_the_hub.BODIES
OPTIONAL |= kinds_of_rights.OPTIONAL


def refusal(kind: str, body: dict[str, Any]) -> str:
    with pytest.raises(MalformedEntryError) as caught:
        kinds.check_body(kind, 1, body)
    return str(caught.value)


def test_every_kind_has_an_example_here() -> None:
    assert {(kind, 1) for kind in BODIES} == set(kinds.SHAPES)


@pytest.mark.parametrize("kind", BODIES)
def test_a_whole_body_fits(kind: str) -> None:
    assert kinds.known(kind, 1)
    kinds.check_body(kind, 1, BODIES[kind])


@pytest.mark.parametrize("kind", BODIES)
def test_exactly_the_optional_fields_may_be_missing_or_null(kind: str) -> None:
    for name in BODIES[kind]:
        without = {key: value for key, value in BODIES[kind].items() if key != name}
        for body in (without, {**without, name: None}):
            if name in OPTIONAL.get(kind, set()):
                kinds.check_body(kind, 1, body)
            else:
                assert refusal(kind, body) == f"{kind} 1: field {name}"


@pytest.mark.parametrize("kind", BODIES)
def test_a_field_that_the_shape_does_not_name_is_refused(kind: str) -> None:
    assert refusal(kind, BODIES[kind] | {"surprise": 1}) == f"{kind} 1: field surprise"


@pytest.mark.parametrize("kind", BODIES)
def test_every_field_refuses_a_value_of_another_type(kind: str) -> None:
    for name, value in BODIES[kind].items():
        if value is None:
            continue
        for other in (1.5, object(), [object()], "\0" if not isinstance(value, str) else 7, -(2**63)):
            assert refusal(kind, BODIES[kind] | {name: other}).endswith(f"field {name}")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_minor": 1999}, "amount_minor"),
        ({"payouts": []}, "payouts"),
        ({"positions": [{**kinds_of_rights.BACK["positions"][0], "rounding_minor": 1}]}, "positions"),
        ({"positions": [{**kinds_of_rights.BACK["positions"][0], "tax_minor": 0}]}, "positions"),
    ],
)
def test_money_that_is_given_back_always_adds_up(changes: dict[str, Any], field: str) -> None:
    assert refusal("refund_paid", kinds_of_rights.BACK | changes).endswith(f"field {field}")


def test_unknown_kinds_and_versions_are_not_known() -> None:
    assert not kinds.known("order_sold", 2)
    assert not kinds.known("order_lost", 1)
    with pytest.raises(KeyError):
        kinds.check_body("order_lost", 1, {})


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("order_sold", ("order",), "not-a-uuid"),
        ("order_sold", ("order",), UUID.upper().replace("0", "A")),
        ("order_sold", ("sold_at",), "2026-11-21T18:45:00Z"),
        ("order_sold", ("sold_at",), "2026-13-41T18:45:00.000Z"),
        ("order_sold", ("sold_at",), "٢٠٢٦-11-21T18:45:00.000Z"),
        ("order_sold", ("sold_at",), AT + "\n"),
        ("order_sold", ("key_id",), "xyz"),
        ("order_sold", ("key_id",), "abc"),
        ("order_sold", ("positions", 0, "serial"), SERIAL.upper()),
        ("order_sold", ("positions", 0, "serial"), SERIAL + "00"),
        ("order_sold", ("positions", 0, "product"), 0),
        ("order_sold", ("positions", 0, "product"), 2**32),
        ("order_sold", ("positions", 0, "product"), True),
        ("order_sold", ("positions", 0, "is_pass"), 0),
        ("order_sold", ("positions", 0, "admits"), -1),
        ("order_sold", ("positions", 0, "price_minor"), 2**63),
        ("order_sold", ("positions", 0, "slots", 0, "slots"), [-1]),
        ("order_sold", ("positions", 0, "slots", 0, "pool"), None),
        ("order_sold", ("positions", 0, "extra"), 1),
        ("order_sold", ("positions",), {}),
        ("order_sold", ("payments", 0, "change_minor"), -1),
        ("order_sold", ("receipt", "number"), 0),
        ("order_sold", ("receipt", "practice"), None),
        ("order_sold", ("part", "of"), None),
        ("order_sold", ("totals", "due_minor"), "2000"),
        ("order_sold", ("reference",), "x" * (MAX_TEXT + 1)),
        ("station_revoked", ("revocation", "sig"), None),
        ("lease_returned", ("ranges",), [[3, 1]]),
        ("lease_returned", ("ranges",), [[1, 2, 3]]),
        ("lease_returned", ("ranges",), [[-1, 3]]),
        ("conflict_resolved", ("seen",), [SERIAL]),
        ("gate_created", ("gate",), "A B"),
        ("gate_created", ("gate",), ""),
        ("gate_created", ("fields",), []),
        ("admitted", ("people",), 0),
        ("admitted", ("seen",), ""),
        ("user_created", ("login",), "-anna"),
        ("user_created", ("roles",), "cashier"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused_however_deep(kind: str, path: tuple, value: object) -> None:
    body = copy.deepcopy(BODIES[kind])
    inner: Any = body
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    assert refusal(kind, body).endswith(f"field {path[0]}")


@given(st.sampled_from(sorted(BODIES)), st.data())
def test_no_value_makes_the_check_itself_fail(kind: str, data: st.DataObject) -> None:
    plain = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    )
    body = BODIES[kind] | {data.draw(st.sampled_from(sorted(BODIES[kind]))): data.draw(plain)}
    said = "field"
    try:
        kinds.check_body(kind, 1, body)
    except MalformedEntryError as error:
        said = str(error)
    assert "field" in said


def test_the_tickets_that_an_entry_speaks_of() -> None:
    assert kinds.serials("order_sold", BODIES["order_sold"]) == [SERIAL]
    assert kinds.serials("ticket_printed", BODIES["ticket_printed"]) == [SERIAL]
    assert kinds.serials("admitted", SCAN) == [SERIAL]
    assert kinds.serials("refused", BODIES["refused"] | {"serial": None}) == []
    assert kinds.serials("refund_paid", BODIES["refund_paid"]) == [SERIAL]
    assert kinds.serials("reservation_released", BODIES["reservation_released"]) == [SERIAL]
    assert kinds.serials("payment_taken", BODIES["payment_taken"]) == []
    assert kinds.serials("claim_dropped", BODIES["claim_dropped"]) == []
    assert kinds.serials("shift_opened", BODIES["shift_opened"]) == []
