"""Promo codes, and payments that take several steps in the reports."""

from migrations.hub.scripts import run_scripts

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    run_scripts(revision, "tables", "project", "views")
