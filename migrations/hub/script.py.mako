"""${message}."""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; contract in a later revision, when no station needs the old form."""
    ${upgrades if upgrades else "op.execute('')"}
