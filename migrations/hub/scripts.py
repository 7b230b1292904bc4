"""Runs the SQL files of a hub revision as they are."""

from pathlib import Path

import psycopg
from alembic import op

SQL = Path(__file__).parent / "sql"


def run_scripts(revision: str, *names: str) -> None:
    """The driver's own call, since a script holds many statements and percent signs."""
    driver: psycopg.Connection = op.get_bind().connection.dbapi_connection  # type: ignore[assignment]
    for name in names:
        driver.execute((SQL / revision / f"{name}.sql").read_bytes())
