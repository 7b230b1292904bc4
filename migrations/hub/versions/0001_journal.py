"""The journal at the hub: logs, feeds, stations, enrolment, and api_1."""

from pathlib import Path

import psycopg
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Run the scripts as they are: the driver's own call, since they hold many statements and percent signs."""
    driver: psycopg.Connection = op.get_bind().connection.dbapi_connection  # type: ignore[assignment]
    driver.execute("CREATE SCHEMA api_1")
    for name in ("tables", "internal", "api", "grants"):
        driver.execute((SQL / f"{name}.sql").read_bytes())
