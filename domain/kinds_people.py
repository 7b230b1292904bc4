"""Kinds of entries about people, roles and sessions: their shapes."""

from collections.abc import Mapping

from domain.shapes import AT, CODE, FLAG, HEX, NATURAL, RECORD, TEXT, UUID, Shape, many, opt

SHAPES: Mapping[tuple[str, int], Shape] = {
    ("user_changed", 1): {
        "user": UUID,
        "roles": opt(many(TEXT)),
        "enabled": opt(FLAG),
        "reason": opt(TEXT),
        "request": opt(UUID),
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
    ("role_answered", 1): {"request": UUID, "user": UUID, "role": CODE, "granted": FLAG},
    ("session_started", 1): {
        "session": UUID,
        "user": UUID,
        "purpose": TEXT,
        "expires_at": opt(AT),
    },
    ("session_ended", 1): {"session": UUID, "user": UUID, "reason": TEXT},
}
