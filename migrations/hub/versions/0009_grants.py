"""Grants as acts of the hub that a restored hub can recognise."""

from migrations.hub.scripts import run_scripts

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    run_scripts(revision, "tables", "acts", "places", "grants", "recovery")
