"""Brings a station's file to this program's schema; forward only, in one transaction, never a newer file.

Alembic is loaded only when there is something to do, so that an ordinary start does not pay for it.
"""

import sqlite3
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

import migrations
from app.store.schema import REVISION
from domain.errors import Fault

_SCRIPTS = Path(migrations.__file__).parent / "station"


def revision_of(connection: Connection) -> str | None:
    """The revision of an opened file; None for an empty one."""
    found = connection.exec_driver_sql(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'alembic_version'"
    ).first()
    if found is None:
        return None
    revision: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return revision


def known_revisions() -> frozenset[str]:
    """All revisions this program can start from, by the names of the files."""
    return frozenset(path.name.split("_")[0] for path in (_SCRIPTS / "versions").glob("[0-9]*_*.py"))


def must_upgrade(connection: Connection) -> bool:
    """Whether the file is older than the program. Raises Fault STORE_NEWER when a newer one wrote it."""
    revision = revision_of(connection)
    if revision == REVISION:
        return False
    if revision is not None and revision not in known_revisions():
        raise Fault("STORE_NEWER", found=revision, known=REVISION)
    return True


def upgrade(connection: Connection) -> None:
    """Run what is missing on the caller's connection, inside the caller's transaction."""
    if connection.exec_driver_sql("SELECT 1 FROM sqlite_schema").first() is None:
        for statement in _whole_history():
            connection.exec_driver_sql(statement)
    else:
        _run_history(connection)


@cache
def _whole_history() -> Sequence[str]:
    """What the history makes of an empty file, as statements: it is run once in memory and read off there,
    since a process that makes many stores (tests, demo, practice) would pay for all revisions each time."""
    memory = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(":memory:", isolation_level=None), poolclass=StaticPool
    )
    with memory.connect() as connection:
        _run_history(connection)
        made = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
        )
        statements = list(made.scalars())
    memory.dispose()
    return [*statements, f"INSERT INTO alembic_version (version_num) VALUES ('{REVISION}')"]  # noqa: S608


def _run_history(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - slow to load and rarely needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
