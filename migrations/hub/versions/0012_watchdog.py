"""The watchdog in hello and in a gate's look at its claims; a restored hub knows its grants of rights again."""

from migrations.hub.scripts import run_scripts

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    run_scripts(revision, "api", "grants")
