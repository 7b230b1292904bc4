"""Order rights and values."""

from migrations.hub.scripts import run_scripts

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    run_scripts(revision, "tables", "project", "grants", "push")
