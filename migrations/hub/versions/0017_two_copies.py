"""Of two copies of a journal that were brought one is released; a station joins over islands in its history."""

from migrations.hub.scripts import run_scripts

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    run_scripts(revision, "release", "history")
