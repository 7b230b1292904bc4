"""Runs the hub's history on the connection that the caller hands over, or on GATEHOUSE_HUB_DSN."""

import os
from typing import Any

import psycopg
from alembic import context
from sqlalchemy import Connection, create_engine, text

from migrations.hub.tables import metadata

OWNER = "gatehouse_owner"


def _keep(item: Any, _name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Alembic's own table is not compared."""
    return not (kind == "table" and item.name == "alembic_version")


def _run(connection: Connection) -> None:
    """Everything is made by the owner role, so that it belongs to nobody who can sign in."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table_schema="hub",
        include_schemas=True,
        include_name=lambda name, kind, _parents: kind != "schema" or name == "hub",
        include_object=_keep,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        connection.execute(text(f"SET LOCAL ROLE {OWNER}"))
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS hub"))
        context.run_migrations()


def _main() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run(connection)
        return
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(os.environ["GATEHOUSE_HUB_DSN"])
    )
    with engine.connect() as opened:
        _run(opened)
        opened.commit()
    engine.dispose()


_main()
