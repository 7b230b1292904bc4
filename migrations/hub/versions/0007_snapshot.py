"""The first snapshot of a station."""

from migrations.hub.scripts import run_scripts

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    run_scripts(revision, "api")
