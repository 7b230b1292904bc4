"""The opened file: one writing connection behind a lock, reading connections beside it, who it speaks as."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from app.store import engine, migrate
from app.store.cache import SlowCache
from app.store.faults import as_fault, environment, result_code
from app.store.prepared import driver
from domain.errors import Fault

NOT_A_DATABASE = 26
"""SQLITE_NOTADB: at opening, a page 1 that does not decrypt."""


class Writing:
    """An open write transaction; whoever leaves without `commit` has changed nothing."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.committed = False
        self._failed = False

    def fail(self) -> None:
        """Something was written only in part: this transaction can no longer be committed."""
        self._failed = True

    def commit(self) -> None:
        """Make it durable. Raises Fault; RuntimeError after a failure or a first commit."""
        if self._failed or self.committed:
            raise RuntimeError("this transaction is over")
        with environment():
            driver(self.connection).execute("COMMIT")
        self.committed = True


class StoreCore:
    """Connections of one file. All errors of the environment come out as Faults.

    Transactions are begun and ended on the driver: SQLAlchemy's own bookkeeping of them costs more than the
    reads and writes of a scan.
    """

    def __init__(self, path: Path, key: bytes, *, busy_ms: int = engine.BUSY_MS) -> None:
        self.path = path
        self.key = key
        self.cache = SlowCache()
        self._lock = threading.Lock()
        self._owner: int | None = None
        self._writers: Engine = engine.opened(path, key, writing=True, busy_ms=busy_ms)
        self._readers: Engine = engine.opened(path, key, writing=False, busy_ms=busy_ms)
        self._writer: Connection | None = None
        self._idle: list[Connection] = []
        self._looking: Connection | None = None
        self._look = threading.Lock()
        self._closed = False

    def unlock(self) -> bool:
        """Open the writing connection; answers whether the schema must be upgraded.

        Raises Fault STORE_WRONG_KEY, STORE_NEWER, STORE_READ_ONLY, STORE_DAMAGED, STORE_BUSY.
        """
        try:
            self._writer = self._writers.connect()
            self._writer.begin()  # for SQLAlchemy one long transaction, so that nobody else ends ours
            raw = driver(self._writer)
            raw.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            raw.execute("PRAGMA journal_mode = WAL").fetchone()
            raw.execute("PRAGMA journal_size_limit = 67108864").fetchone()
        except (DBAPIError, dbapi2.Error) as error:
            if result_code(error) == NOT_A_DATABASE:
                raise Fault("STORE_WRONG_KEY") from error
            raise as_fault(error) or error from error
        with self.reading() as connection:
            return migrate.must_upgrade(connection)

    def close(self) -> None:
        """Close all connections; the write-ahead log is folded into the file by the last one."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            with self._look:
                if self._looking is not None:
                    self._looking.close()
                    self._looking = None
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """The write transaction: waits for the one that is open, here or in another process.

        Raises Fault STORE_BUSY, STORE_READ_ONLY, DISK_FULL, STORE_DAMAGED, STORE_IO_ERROR; RuntimeError when
        the calling thread has one open already.
        """
        if self._owner == threading.get_ident():
            raise RuntimeError("a write transaction inside a write transaction")
        with self._lock, environment():
            if self._writer is None:
                raise RuntimeError("the store is closed")
            self._owner = threading.get_ident()
            raw = driver(self._writer)
            try:
                raw.execute("BEGIN IMMEDIATE")
                yield Writing(self._writer)
            finally:
                self._owner = None
                if raw.in_transaction:
                    raw.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read-only snapshot on a connection of its own."""
        with environment():
            connection = self._reader()
            raw = driver(connection)
            try:
                raw.execute("BEGIN")
                yield connection
            except BaseException:
                connection.close()
                raise
            raw.execute("ROLLBACK")
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)

    def change(self) -> int:
        """A number that is another one after every commit, by this process or another. Costs next to
        nothing: what was read under it holds while it stays. Raises Fault."""
        with self._look, environment():
            if self._looking is None:
                self._looking = self._reader()
            found: int = driver(self._looking).execute("PRAGMA data_version").fetchone()[0]
        return found

    def _reader(self) -> Connection:
        if self._closed:
            raise RuntimeError("the store is closed")
        try:
            return self._idle.pop()
        except IndexError:
            return self._readers.connect()
