"""Tables of people, roles, codes and sessions: what was said about them (projected), and what only this
station knows (kept): keys of scripts' sessions, approvals, when a password was last given, notices seen."""

from sqlalchemy import Index

from app.store.schema_parts import int_column, table, text_column

PERSON_CHANGE = table(
    "person_change",
    text_column("user", key=True),
    text_column("hlc", key=True),
    text_column("entry_id", key=True),
    text_column("roles", empty=True),
    int_column("enabled", empty=True),
)
ROLE_CHANGE = table(
    "role_change",
    text_column("role", key=True),
    text_column("hlc", key=True),
    text_column("entry_id", key=True),
    text_column("permissions"),
    text_column("limits"),
    text_column("title"),
    int_column("removed"),
)
PERSON_STATE = table(
    "person_state",
    text_column("user", key=True),
    text_column("roles"),
    int_column("enabled"),
    text_column("permissions"),
    text_column("since_hlc"),
    text_column("since_entry"),
    text_column("timeline"),
)
"""What domain.people makes of all facts; computed again, for everybody, with each of these rare facts."""

ROLE_NOW = table(
    "role_now",
    text_column("role", key=True),
    text_column("permissions"),
    text_column("limits"),
    text_column("title"),
    int_column("removed"),
)
"""The roles that somebody has edited or made; the others are as domain.permissions has them."""

PERSON_ACT = table(
    "person_act",
    text_column("user", key=True),
    text_column("entry_id", key=True),
    text_column("kind"),
    text_column("hlc"),
    int_column("at_ms"),
)
"""Acts that need a permission and that no other table names the actor of; sales and scans are in theirs."""

ROLE_REQUEST = table(
    "role_request",
    text_column("request", key=True),
    text_column("entry_id"),
    text_column("hlc"),
    text_column("user"),
    text_column("role"),
    int_column("at_ms"),
)
ROLE_ANSWER = table(
    "role_answer",
    text_column("request", key=True),
    text_column("entry_id"),
    text_column("hlc"),
    text_column("user"),
    text_column("role"),
    int_column("granted"),
    text_column("by", empty=True),
    int_column("at_ms"),
)
PERSON_CODE = table(
    "person_code",
    text_column("code", key=True),
    text_column("entry_id"),
    text_column("hlc"),
    text_column("user"),
    text_column("purpose"),
    text_column("code_hash"),
    int_column("expires_ms"),
    text_column("by", empty=True),
    int_column("at_ms"),
    Index("person_code_hash", "code_hash"),
)
PERSON_CODE_USED = table(
    "person_code_used",
    text_column("code", key=True),
    text_column("entry_id"),
    text_column("hlc"),
    int_column("at_ms"),
)
SESSION = table(
    "session",
    text_column("session", key=True),
    text_column("entry_id"),
    text_column("hlc"),
    text_column("user"),
    text_column("station"),
    text_column("purpose"),
    int_column("expires_ms", empty=True),
    int_column("at_ms"),
    Index("session_user", "user"),
)
SESSION_END = table(
    "session_end",
    text_column("session", key=True),
    text_column("entry_id"),
    text_column("hlc"),
    text_column("reason"),
    text_column("by", empty=True),
    int_column("at_ms"),
)

SESSION_KEY = table(
    "session_key",
    text_column("token_hash", key=True),
    text_column("session"),
    text_column("user"),
    int_column("expires_ms"),
    int_column("wall_ms"),
    int_column("mono_ms"),
    text_column("boot"),
    int_column("stamp_ms"),
)
"""Scripts' sessions of this station: SHA-256 over installation and token, and when it was last renewed."""

APPROVAL = table(
    "approval",
    text_column("token_hash", key=True),
    text_column("what"),
    text_column("by"),
    int_column("wall_ms"),
    int_column("mono_ms"),
    text_column("boot"),
    int_column("stamp_ms"),
)
"""Approvals that were given here and not used yet; `what` is the canonical JSON of all they are bound to."""

PASSWORD_PROOF = table(
    "password_proof",
    text_column("user", key=True),
    int_column("wall_ms"),
    int_column("mono_ms"),
    text_column("boot"),
    int_column("stamp_ms"),
)
"""When each person last gave the password at this station."""

NOTICE_SEEN = table("notice_seen", text_column("user", key=True), text_column("notice", key=True))

KEPT = (SESSION_KEY, APPROVAL, PASSWORD_PROOF, NOTICE_SEEN)
