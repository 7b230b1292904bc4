"""The station's history of its schema leads exactly to the tables that the program knows."""

import hashlib
import json
import re
from io import StringIO
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from app.store import migrate
from app.store.schema import METADATA, REVISION
from tests.store.station import Station

INI = Path(__file__).resolve().parents[2] / "migrations" / "alembic.ini"


def shapes(connection) -> dict[str, str]:
    """Every table and index as SQL, without its line breaks."""
    rows = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND type != 'trigger'"
    )
    return {
        name: re.sub(r"\s+", " ", sql).replace(" ,", ",") for name, sql in rows if name != "alembic_version"
    }


def sorted_constraints(sql: str) -> list[str]:
    return sorted(re.split(r", (?=[A-Z])|[()]", sql))


def test_autogenerate_finds_nothing_to_do(station: Station) -> None:
    with station.store._core.reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []


def test_the_migrated_tables_are_those_of_the_metadata_to_the_letter(station: Station) -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as plain:
        METADATA.create_all(plain)
        wanted = shapes(plain)
    engine.dispose()
    with station.store._core.reading() as connection:
        found = shapes(connection)
    assert found.keys() == wanted.keys()
    for name, sql in wanted.items():
        assert sorted_constraints(found[name]) == sorted_constraints(sql), name


def test_all_tables_are_strict(station: Station) -> None:
    with station.store._core.reading() as connection:
        rows = connection.exec_driver_sql("PRAGMA table_list").all()
    loose = [row.name for row in rows if not row.strict and row.name not in _NOT_OURS]
    assert loose == []


_NOT_OURS = {"alembic_version", "sqlite_schema", "sqlite_temp_schema"}


def test_the_program_knows_the_newest_revision() -> None:
    config = Config(str(INI), ini_section="station")
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]
    assert REVISION in migrate.known_revisions()


def test_alembic_check_passes_without_a_station_at_hand() -> None:
    said = StringIO()
    command.check(Config(str(INI), ini_section="station", stdout=said))
    assert "No new upgrade operations" in said.getvalue()


def test_upgrading_a_current_file_changes_nothing(station: Station) -> None:
    with station.store._core.writing() as work:
        before = shapes(work.connection)
        migrate.upgrade(work.connection)
        assert shapes(work.connection) == before
        work.commit()


def test_documents_of_an_older_file_are_taken_over_with_their_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(INI.parent / "station"))
    config.set_main_option("path_separator", "os")
    named, gone = "00000000-0000-4000-8000-0000000000d1", "00000000-0000-4000-8000-0000000000d2"
    content, nonce = '{"name":"Анна"}', bytes(range(32))
    digest = hashlib.sha256(nonce + content.encode()).digest()
    body = {"body": {"document": named, "document_hash": digest.hex()}}
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for row in ((named, content, nonce, 0), (gone, "", nonce, 1)):
            connection.exec_driver_sql(
                "INSERT INTO document (document, kind, feed, version, content, nonce, tombstone)"
                " VALUES (?, 'person', 'org', '00000000000001-000000', ?, ?, ?)",
                row,
            )
        connection.exec_driver_sql(
            "INSERT INTO journal VALUES"
            " (1, 1, 1, 'e', 'user_created', 1, '', 0, NULL, NULL, ?, x'', x'', x'', x'')",
            (json.dumps(body),),
        )
        command.upgrade(config, "head")
        rows = connection.exec_driver_sql(
            "SELECT document, content, hash, tombstone, dirty FROM document ORDER BY document"
        ).all()
        names = connection.exec_driver_sql("SELECT * FROM document_name").all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [
        (named, content.encode(), digest, 0, 1),
        (gone, b"", b"", 1, 0),
    ]
    assert [tuple(row) for row in names] == [(named, digest, "e")]
