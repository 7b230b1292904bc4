"""One content for an id, whichever came first; amounts that were spent before their grant came back."""

from migrations.hub.scripts import run_scripts

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    run_scripts(revision, "tables", "project", "rights", "islands")
