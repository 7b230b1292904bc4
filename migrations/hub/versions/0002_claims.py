"""Claims at gates: who may open for a ticket, compared as sets of what was seen."""

from pathlib import Path

import psycopg
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Run the scripts as they are: the driver's own call, since they hold many statements and percent signs."""
    driver: psycopg.Connection = op.get_bind().connection.dbapi_connection  # type: ignore[assignment]
    for name in ("tables", "api"):
        driver.execute((SQL / f"{name}.sql").read_bytes())
