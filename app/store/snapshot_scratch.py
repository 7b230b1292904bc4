"""The scratch file of a snapshot: empty tables of a station, filled beside the live file and merged into it.

It lies in `snapshot/` in the data folder, encrypted with the station's own key, with the stages beside it and
a file for the widest tables. Its `meta` says how far the work has come, so that whoever opens it next goes
on there.
"""

import functools
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from app.store import engine, replica
from app.store.prepared import driver
from app.store.schema import METADATA
from app.store.snapshot_digest import TABLES
from app.store.snapshot_fill import attach_file
from sync.ports import Cursor
from sync.snapshot_ports import SnapshotHeads

FOLDER = "snapshot"
DATABASE = "scratch.db"
STEP, HEADS, INCARNATION, SNAPSHOT, BOOT = "step", "heads", "incarnation", "snapshot", "boot"
ALONE = "alone"
"""Said of a scratch file in whose stages no id has two contents."""
CACHE_KIB = 96 * 1024
"""For sorting and indexing a whole house; nothing else of size is in memory then."""


@dataclass(frozen=True, slots=True)
class Apart:
    """Tables in a file of their own, and the name that it has on the scratch file's connection."""

    schema: str
    file: str
    tables: tuple[str, ...]


WIDE = Apart("wide", "wide.db", ("position",))
"""Nearly half of all that there is to fill and to index: see app.store.snapshot_wide."""

BESIDE = (
    "CREATE TABLE here (entry_id TEXT PRIMARY KEY, content_hash BLOB NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE outvoted (entry_id TEXT, hash BLOB, code TEXT, PRIMARY KEY (entry_id, hash)) STRICT",
    "CREATE TABLE revived (entry_id TEXT, hash BLOB, PRIMARY KEY (entry_id, hash)) STRICT, WITHOUT ROWID",
    "CREATE TABLE staged (entry_id TEXT PRIMARY KEY, stage INT, id INT, content_hash BLOB) WITHOUT ROWID",
)
"""What of the live file is projected in the scratch file, what of it counts no more, what does again; and
what of the stages counts."""


_SCHEMAS = ("main", WIDE.schema)


class Step(StrEnum):
    """What is done."""

    BEGUN = "begun"
    """The heads are noted."""
    ORGANIZATION = "organization"
    """The feed `org` is in: who may speak and who may do what."""
    BUILT = "built"
    """Everything is fetched, checked and projected."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """An open scratch file."""

    folder: Path
    key: bytes
    connection: Connection

    @contextmanager
    def writing(self, *, everything: bool = True) -> Iterator[Connection]:
        """One transaction; leaving it by an exception undoes it. Unless it is about `everything` from its
        beginning, somebody else can write to a file that it has not come to yet."""
        raw = driver(self.connection)
        raw.execute("BEGIN IMMEDIATE" if everything else "BEGIN")
        try:
            yield self.connection
            raw.execute("COMMIT")
        finally:
            if raw.in_transaction:
                raw.execute("ROLLBACK")

    def said(self, name: str) -> str:
        """A value of `meta`, '' where there is none."""
        return replica.read_meta(self.connection, name) or ""

    @property
    def step(self) -> Step | None:
        """How far the work has come; None for a file that was not finished."""
        found = self.said(STEP)
        return Step(found) if found else None

    def heads(self) -> SnapshotHeads:
        """Where the feeds ended when this snapshot began."""
        found = json.loads(self.said(HEADS))
        heads = {feed: Cursor(position, bytes.fromhex(text)) for feed, (position, text) in found.items()}
        return SnapshotHeads(self.said(INCARNATION), heads)

    def files(self) -> list[Path]:
        """The files of the tables."""
        return [self.folder / DATABASE, self.folder / WIDE.file]

    @staticmethod
    def place_of(table: str) -> str:
        """The name of the file that a table is in, for whoever has attached the scratch file as that."""
        return WIDE.schema if table in WIDE.tables else "scratch"

    def stage_path(self, number: int) -> Path:
        """The file of a worker."""
        return self.folder / f"stage-{number}.db"

    def stages(self) -> list[Path]:
        """The files of all workers there ever were."""
        return sorted(self.folder.glob("stage-*.db"))

    @contextmanager
    def unsynced(self, boot: str) -> Iterator[None]:
        """Do not wait for the disk until the end of it all. A process that ends meanwhile leaves the file
        whole; a computer that stops may not, so it is noted first that only this `boot` may go on with it."""
        raw = driver(self.connection)
        with self.writing() as connection:
            replica.write_meta(connection, BOOT, boot)
        for name in _SCHEMAS:
            raw.execute(f"PRAGMA {name}.synchronous = OFF")
        try:
            yield
        finally:
            for name in _SCHEMAS:
                raw.execute(f"PRAGMA {name}.synchronous = FULL")
        for path in self.files():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        with self.writing() as connection:
            replica.write_meta(connection, BOOT, "")

    def close(self) -> None:
        """Close the file."""
        self.connection.close()


def open_scratch(data: Path, key: bytes, boot: str) -> Scratch | None:
    """The scratch file of a snapshot that was begun, None when there is none that can be gone on with: what
    was being built when the computer stopped is not (`boot`, see `unsynced`)."""
    folder = data / FOLDER
    if not all((folder / name).is_file() for name in (DATABASE, WIDE.file)):
        return None
    scratch = _opened(folder, key)
    try:
        known = (
            driver(scratch.connection)
            .execute("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'")
            .fetchone()[0]
        )
        if known and scratch.step is not None and scratch.said(BOOT) in {"", boot}:
            return scratch
    except BaseException:
        scratch.close()
        raise
    scratch.close()
    return None


def _opened(folder: Path, key: bytes) -> Scratch:
    scratch = Scratch(folder, key, engine.opened(folder / DATABASE, key, writing=True).connect())
    attach_file(scratch.connection, folder / WIDE.file, key, WIDE.schema)
    for name in _SCHEMAS:
        driver(scratch.connection).execute(f"PRAGMA {name}.cache_size = -{CACHE_KIB // len(_SCHEMAS)}")
    return scratch


def open_wide(folder: Path, key: bytes) -> Connection:
    """A connection of its own to the file of the wide tables."""
    connection = engine.opened(folder / WIDE.file, key, writing=True).connect()
    driver(connection).execute(f"PRAGMA cache_size = -{CACHE_KIB // len(_SCHEMAS)}")
    return connection


def make_scratch(data: Path, key: bytes, heads: SnapshotHeads, name: str, meta: Mapping[str, str]) -> Scratch:
    """A new scratch file in place of any other; `meta` is what the projection wants to know of the
    station."""
    discard_scratch(data)
    folder = data / FOLDER
    folder.mkdir(mode=0o700)
    for file in (DATABASE, WIDE.file):
        os.close(os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    scratch = _opened(folder, key)
    texts = {feed: (head.position, head.hash.hex()) for feed, head in heads.heads.items()}
    values = {
        **meta,
        "version": "1",
        SNAPSHOT: name,
        INCARNATION: heads.incarnation,
        HEADS: json.dumps(texts),
        STEP: Step.BEGUN.value,
    }
    with scratch.writing() as connection:
        for statement in _made():
            connection.exec_driver_sql(statement)
        for statement in BESIDE:
            connection.exec_driver_sql(statement)
        for each, value in values.items():
            replica.write_meta(connection, each, value)
    return scratch


@functools.cache
def _made() -> tuple[str, ...]:
    """The statements that make the tables, and the indexes of those that are not filled in bulk."""
    found = []
    for table in METADATA.sorted_tables:
        found.append(table_text(table.name))
        if table.name not in TABLES:
            found += [_text(CreateIndex(index)) for index in table.indexes]
    return tuple(found)


def table_text(name: str) -> str:
    """The statement that makes a table in the file where it belongs."""
    place = WIDE.schema if name in WIDE.tables else "main"
    made = _text(CreateTable(METADATA.tables[name]))
    return made.replace("CREATE TABLE ", f"CREATE TABLE {place}.", 1)


def _text(statement: DDLElement) -> str:
    return str(statement.compile(dialect=sqlite.dialect()))


def discard_scratch(data: Path) -> None:
    """Remove whatever there is of a snapshot."""
    shutil.rmtree(data / FOLDER, ignore_errors=True)
