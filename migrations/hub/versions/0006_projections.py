"""Relational projections for reports, and control sums."""

from migrations.hub.scripts import run_scripts

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    run_scripts(revision, "tables", "project", "views", "api")
