"""The digits on a receipt come from what the entry says and no longer from its place in the chain.

Revision 0009, after 0008.
"""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. No table changes: projections are computed again whenever a file is brought up to date."""
