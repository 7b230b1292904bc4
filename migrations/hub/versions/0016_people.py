"""A revoked station is told at its next contact, and of an order to purge; names of guests at a gate."""

from migrations.hub.scripts import run_scripts

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    run_scripts(revision, "shut", "guests")
