"""Kinds of entries about people, roles and sessions: their shapes."""

from collections.abc import Mapping

from domain.shapes import AT, CODE, FLAG, HEX, NATURAL, NUMBER, RECORD, TEXT, UUID, Shape, many, opt

SHAPES: Mapping[tuple[str, int], Shape] = {
    ("user_changed", 1): {
        "user": UUID,
        "roles": opt(many(TEXT)),
        "enabled": opt(FLAG),
        "reason": opt(TEXT),
        "request": opt(UUID),
        "document": opt(UUID),
        "document_hash": opt(HEX),
    },
    ("user_renamed", 1): {"user": UUID, "document": UUID, "document_hash": HEX},
    ("user_password_set", 1): {"user": UUID, "document": UUID, "document_hash": HEX},
    ("user_pin_set", 1): {"user": UUID},
    ("user_locked_out", 1): {"user": UUID, "failures": NATURAL},
    ("user_code_issued", 1): {
        "code": UUID,
        "user": UUID,
        "purpose": TEXT,
        "code_hash": HEX,
        "expires_at": AT,
    },
    ("user_code_used", 1): {"code": UUID, "user": UUID},
    ("role_changed", 1): {
        "role": CODE,
        "permissions": many(TEXT),
        "limits": RECORD,
        "title": opt(TEXT),
        "removed": opt(FLAG),
    },
    ("role_asked", 1): {"request": UUID, "user": UUID, "role": CODE},
    ("role_answered", 1): {
        "request": UUID,
        "user": UUID,
        "role": CODE,
        "granted": FLAG,
        "document": opt(UUID),
        "document_hash": opt(HEX),
    },
    ("session_started", 1): {
        "session": UUID,
        "user": UUID,
        "purpose": TEXT,
        "expires_at": opt(AT),
    },
    ("guest_named", 1): {"order": UUID, "event": NUMBER, "document": UUID, "document_hash": HEX},
    ("drawer_opened", 1): {"shift": UUID, "drawer": TEXT, "reason": TEXT},
    ("practice_opened", 1): {"shift": opt(UUID), "cashier": opt(UUID)},
    ("session_ended", 1): {"session": UUID, "user": UUID, "reason": TEXT},
}
