"""The disk of a simulated machine: a real SQLite file without encryption, and what can go wrong with it.

A kill between two commit steps loses what SQLite would lose: the connection is dropped, the next opening
finds the file as it is. Full and read-only disks are made inside SQLite itself (`max_page_count`,
`query_only`), so the errors are its own. Power cuts have a test of their own, on recorded writes.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool
from sqlcipher3 import dbapi2

import migrations
from app.store import core as store_core
from app.store import engine, migrate, replica, verify
from app.store.core import StoreCore, Writing
from app.store.keys import Secrets
from app.store.opening import DATABASE, IDENTITY
from app.store.prepared import driver
from app.store.schema import META, OWN_EPOCH
from domain.clock import Hlc
from domain.ticket_code import SigningKey

MEMORY = Path("/dev/shm")
FOLDER = "gh-sim-"
"""What the folders of all simulated disks begin with."""
OLDER = "0008"
"""The revision of an older program, which has all tables of what exists at one station only."""
_NEXT: list[Any] = []
_ENGINE = create_engine("sqlite://", module=dbapi2, creator=_NEXT.pop, poolclass=NullPool)
"""One engine for all files of all seeds, so that statements are compiled once a process."""


_AT_WORK: list["Trouble"] = []
"""Whose write transaction is open: nobody else runs meanwhile."""


def _as_old(real: Callable[[str, int], bool]) -> Callable[[str, int], bool]:
    def known(kind: str, v: int) -> bool:
        return not (_AT_WORK and kind in _AT_WORK[-1].unknown_kinds) and real(kind, v)

    return known


replica.known = _as_old(replica.known)  # type: ignore[attr-defined]


class SimCrash(BaseException):
    """The process ends here, at this step."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


class _Opener:
    """Stands where the store keeps its engine: connects to one file over the common engine."""

    def __init__(self, path: Path, *, writing: bool) -> None:
        self._path = path
        self._writing = writing

    def connect(self) -> Any:
        _NEXT.append(_connect(self._path, writing=self._writing))
        return _ENGINE.connect()


def _connect(path: Path, *, writing: bool) -> Any:
    connection = dbapi2.connect(
        f"file:{path}?mode=rw", uri=True, timeout=0, isolation_level=None, check_same_thread=False,
        cached_statements=512,
    )  # fmt: skip
    for setting in ("foreign_keys = ON", "synchronous = OFF", "temp_store = MEMORY", "trusted_schema = OFF",
                    "recursive_triggers = ON"):  # fmt: skip
        connection.execute(f"PRAGMA {setting}")
    if not writing:
        connection.execute("PRAGMA query_only = ON")
    return connection


def _plain(real: Callable[..., Any]) -> Callable[..., Any]:
    """Station files are not encrypted here; whatever else the program makes is."""

    def connecting(path: Path, key: bytes, *, writing: bool, **named: Any) -> Any:
        if path.name == DATABASE and FOLDER in str(path):
            return _connect(path, writing=writing)
        return real(path, key, writing=writing, **named)

    return connecting


engine.connect = _plain(engine.connect)


def _unsealed(
    real: Callable[[Connection, verify.Report], None],
) -> Callable[[Connection, verify.Report], None]:
    """Pages that are not encrypted have no seals to be checked."""

    def check(connection: Connection, report: verify.Report) -> None:
        if connection.engine is not _ENGINE:
            real(connection, report)

    return check


verify._check_pages = _unsealed(verify._check_pages)


@contextmanager
def reader(path: Path) -> Iterator[Connection]:
    """The file as the store reads it, for checks."""
    with _Opener(path, writing=False).connect() as connection:
        yield connection


class Trouble:
    """What is about to happen to one machine's disk and process."""

    def __init__(self) -> None:
        self.crash_at: dict[str, int] = {}
        self.full = False
        self.read_only = False
        self.unknown_kinds: frozenset[str] = frozenset()
        """Kinds that the program of this machine is too old for."""
        self.met: Callable[[str], None] = lambda _kind: None
        self.commits = 0

    def step(self, name: str) -> None:
        """A labelled step is reached; the process may end here."""
        left = self.crash_at.get(name)
        if left is None:
            return
        if left > 1:
            self.crash_at[name] = left - 1
            return
        del self.crash_at[name]
        raise SimCrash(name)


class _Watched(Writing):
    """A write transaction whose commit has steps."""

    def __init__(self, work: Writing, trouble: Trouble) -> None:
        super().__init__(work.connection)
        self._trouble = trouble

    def commit(self) -> None:
        self._trouble.step("before_commit")
        super().commit()
        self._trouble.commits += 1
        self._trouble.step("after_commit")


class SimCore(StoreCore):
    """The store's core over a file of a simulated disk."""

    def __init__(self, path: Path, trouble: Trouble) -> None:
        super().__init__(path, bytes(32))
        self._trouble = trouble
        self._spoilt = False
        self._writers = _Opener(path, writing=True)  # type: ignore[assignment]
        self._readers = _Opener(path, writing=False)  # type: ignore[assignment]

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        self._trouble.step("before_begin")
        if self._trouble.full or self._trouble.read_only:
            self._spoil()
        _AT_WORK.append(self._trouble)
        try:
            with super().writing() as work:
                yield _Watched(work, self._trouble)
        except store_core.Fault as fault:
            if fault.code in {"DISK_FULL", "STORE_READ_ONLY"}:
                self._trouble.met(fault.code)
            raise
        finally:
            _AT_WORK.pop()
            self._heal()

    def _spoil(self) -> None:
        self._spoilt = True
        raw = driver(self._writer)  # type: ignore[arg-type]
        if self._trouble.read_only:
            raw.execute("PRAGMA query_only = ON")
        if self._trouble.full:
            pages = raw.execute("PRAGMA page_count").fetchone()[0]
            raw.execute(f"PRAGMA max_page_count = {pages}").fetchall()

    def _heal(self) -> None:
        if self._writer is None or not self._spoilt:
            return
        self._spoilt = False
        raw = driver(self._writer)
        raw.execute("PRAGMA query_only = OFF")
        raw.execute("PRAGMA max_page_count = 4294967294").fetchall()


class Disks:
    """Folders of one run. `template` is an empty, migrated file that new stations are copies of."""

    _template: bytes | None = None
    _older: bytes | None = None

    def __init__(self) -> None:
        parent = MEMORY if MEMORY.is_dir() else None
        self.root = Path(tempfile.mkdtemp(prefix=FOLDER, dir=parent))

    def close(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    def make(self, name: str, secrets: Secrets, *, station: str, title: str, prefix: str, epoch: int) -> Path:
        """A folder with a fresh store in it."""
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / DATABASE
        path.write_bytes(self._empty())
        (folder / IDENTITY).write_text("{}\n", encoding="utf-8")
        core = SimCore(path, Trouble())
        core.unlock()
        with core.writing() as work:
            meta = {
                "installation": secrets.installation, "station": station, "name": title, "prefix": prefix,
                "epoch": str(epoch), "has_hub": "0", "practice": "0", "hlc": str(Hlc(0)), "version": "1",
            }  # fmt: skip
            rows = [{"name": key, "value": value} for key, value in meta.items()]
            work.connection.execute(META.insert(), rows)
            public = SigningKey.from_seed(secrets.signing_seed).public
            work.connection.execute(
                OWN_EPOCH.insert(), {"epoch": epoch, "public_key": public, "acked_seq": 0}
            )
            work.commit()
        core.close()
        return folder

    def _empty(self) -> bytes:
        if Disks._template is None:
            path = self.root / "template.db"
            path.touch()
            core = SimCore(path, Trouble())
            core.unlock()
            with core.writing() as work:
                migrate.upgrade(work.connection)
                work.commit()
            core.close()
            Disks._template = path.read_bytes()
            path.unlink()
        return Disks._template

    def age(self, folder: Path) -> None:
        """Make a file what a program of revision `OLDER` would have left: its tables, with today's rows."""
        path, old = folder / DATABASE, folder / "older.db"
        old.write_bytes(self._at_older())
        connection = _connect(old, writing=True)
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("ATTACH ? AS now", (str(path),))
        listed = "SELECT name FROM {}.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        known = {name for (name,) in connection.execute(listed.format("now"))}
        for (name,) in list(connection.execute(listed.format("main"))):
            if name in known and name != "alembic_version":
                was, now = (
                    [row[1] for row in connection.execute(f"PRAGMA {schema}.table_info({name})")]
                    for schema in ("main", "now")
                )
                both = ", ".join(f'"{column}"' for column in was if column in now)
                connection.execute(f"INSERT INTO main.{name} ({both}) SELECT {both} FROM now.{name}")
        connection.close()
        for file in folder.glob(f"{DATABASE}*"):
            file.unlink()
        old.rename(path)

    def _at_older(self) -> bytes:
        if Disks._older is None:
            path = self.root / "older.db"
            path.touch()
            with _Opener(path, writing=True).connect() as connection:
                config = Config()
                config.set_main_option("script_location", str(Path(migrations.__file__).parent / "station"))
                config.set_main_option("path_separator", "os")
                config.attributes["connection"] = connection
                command.upgrade(config, OLDER)
            Disks._older = path.read_bytes()
            path.unlink()
        return Disks._older
