"""What happens to orders after their sale, in the tables and views for reports; who was given which rights."""

from migrations.hub.scripts import run_scripts

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    run_scripts(revision, "tables", "orders", "project", "views", "api")
