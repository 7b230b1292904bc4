"""Runs the station's history on the connection that the program hands over.

Without one (`alembic check`, a new revision) the history so far is replayed into a scratch database in memory.
"""

from alembic import context
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from app.store.schema import METADATA


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=False)
    context.run_migrations()


def _replayed() -> Connection:
    """An unencrypted database in memory with every revision applied."""
    connection = create_engine("sqlite://", poolclass=StaticPool).connect()
    scripts = context.script
    here = MigrationContext.configure(connection)
    with Operations.context(here):
        for revision in reversed(list(scripts.walk_revisions())):
            revision.module.upgrade()
    here.stamp(scripts, "head")
    return connection


def _main() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run(connection)
        return
    with _replayed() as scratch:
        _run(scratch)
    scratch.engine.dispose()


_main()
