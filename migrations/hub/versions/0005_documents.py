"""Documents beside the feeds; the schema that hello tells; places where later parts project."""

from migrations.hub.scripts import run_scripts

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    run_scripts(revision, "schema", "tables", "api")
