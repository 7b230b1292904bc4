"""People: invitations, sessions, roles, audit.

Revision 0007, after 0006. Columns are `name:type`, with `?` where they may be empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TYPES = {"int": sa.Integer, "text": sa.Text}
_KINDS = (
    "'ticket_printed', 'ticket_reprinted', 'admission_undone', 'shift_opened', 'shift_closed', "
    "'event_cancelled', 'product_changed', 'performance_changed', 'quota_changed', 'user_created', "
    "'settings_changed', 'conflict_resolved'"
)
_FACT = "entry_id:text hlc:text"
_CLOCKS = "wall_ms:int mono_ms:int boot:text stamp_ms:int"
_TABLES = (
    ("person_change", "user:text hlc:text entry_id:text roles:text? enabled:int?", "user hlc entry_id"),
    (
        "role_change",
        "role:text hlc:text entry_id:text permissions:text limits:text title:text removed:int",
        "role hlc entry_id",
    ),
    (
        "person_state",
        "user:text roles:text enabled:int permissions:text since_hlc:text since_entry:text timeline:text",
        "user",
    ),
    ("role_now", "role:text permissions:text limits:text title:text removed:int", "role"),
    ("person_act", "user:text entry_id:text kind:text hlc:text at_ms:int", "user entry_id"),
    ("role_request", f"request:text {_FACT} user:text role:text at_ms:int", "request"),
    (
        "role_answer",
        f"request:text {_FACT} user:text role:text granted:int by:text? at_ms:int",
        "request",
    ),
    (
        "person_code",
        f"code:text {_FACT} user:text purpose:text code_hash:text expires_ms:int by:text? at_ms:int",
        "code",
    ),
    ("person_code_used", f"code:text {_FACT} at_ms:int", "code"),
    (
        "session",
        f"session:text {_FACT} user:text station:text purpose:text expires_ms:int? at_ms:int",
        "session",
    ),
    ("session_end", f"session:text {_FACT} reason:text by:text? at_ms:int", "session"),
    ("session_key", f"token_hash:text session:text user:text expires_ms:int {_CLOCKS}", "token_hash"),
    ("approval", f"token_hash:text what:text by:text {_CLOCKS}", "token_hash"),
    ("password_proof", f"user:text {_CLOCKS}", "user"),
    ("notice_seen", "user:text notice:text", "user notice"),
)


def upgrade() -> None:
    """Forward only. People who are there already are what the entry that made them says."""
    for name, columns, key in _TABLES:
        _table(name, columns, key=key)
    op.create_index("person_code_hash", "person_code", ["code_hash"])
    op.create_index("session_user", "session", ["user"])
    _fill_acts()


def _fill_acts() -> None:
    """Who did what before; what everybody may do is computed when the file is opened."""
    for entries in ("journal", "replica_entry"):
        op.execute(
            "INSERT OR IGNORE INTO person_act (user, entry_id, kind, hlc, at_ms) "
            "SELECT json_extract(content, '$.actor.user'), entry_id, kind, hlc, "
            f"CAST(substr(hlc, 1, 14) AS INTEGER) FROM {entries} WHERE kind IN ({_KINDS}) "
            "AND coalesce(json_extract(content, '$.actor.user'), 'system') <> 'system' "
            "AND NOT json_extract(content, '$.actor.practice') "
            f"AND entry_id NOT IN (SELECT entry_id FROM held_entry)"
        )


def _table(name: str, columns: str, *, key: str) -> None:
    parts: list[sa.Column[int] | sa.Column[str]] = []
    for column in columns.split():
        label, kind = column.split(":")
        parts.append(sa.Column(label, _TYPES[kind.rstrip("?")](), nullable=kind.endswith("?")))
    op.create_table(
        name,
        *parts,
        sa.PrimaryKeyConstraint(*key.split()),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
