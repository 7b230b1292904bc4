"""Long work on the live file in short write transactions, with room between them for whoever sells.

It has a connection of its own, so that in this process as in any other whoever wants to write waits for the
file alone; that is looked at every tenth of a second at worst, so the room between two transactions is a
little longer.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection

from app.store import engine
from app.store.core import StoreCore
from app.store.faults import environment
from app.store.prepared import driver

HOLD_SECONDS = 0.4
"""So long a transaction may take, with its end: that writes whatever was changed."""
LEAST_SHARE = 0.2
ROOM_SECONDS = 0.12
CACHE_KIB = 64 * 1024
BUSY_MS = 60_000
"""How long whoever copies waits for whoever sells."""

Rest = Callable[[float], None]


class Slices:
    """Short transactions on one connection. `held` is the longest that anybody else had to wait."""

    def __init__(self, core: StoreCore, rest: Rest = sleep) -> None:
        self._core = core
        self._rest = rest
        self._engine = engine.opened(core.path, core.key, writing=True, busy_ms=BUSY_MS)
        self.connection: Connection = self._engine.connect()
        self.connection.begin()  # for SQLAlchemy one long transaction, so that nobody else ends ours
        self.raw: Any = driver(self.connection)
        self.raw.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.raw.execute("PRAGMA secure_delete = OFF")  # projections and others' entries hold no secrets
        self.raw.execute("PRAGMA wal_autocheckpoint = 0")
        self._attached: list[str] = []
        self.held = 0.0
        self._free_since = monotonic()
        self._share = 0.5

    def attach(self, name: str, path: Path) -> None:
        """Make another encrypted file readable. Only that: with files that could be written a transaction
        locks all of them, and makes a file of its own to end in all of them at once."""
        place = path.absolute().as_uri()
        attach = f"ATTACH ? AS {name} KEY \"x'{self._core.key.hex()}'\""
        self.raw.execute(attach, (f"{place}?mode=rw",))
        self.raw.execute(
            f"SELECT count(*) FROM {name}.sqlite_schema"
        ).fetchone()  # what a kill left is undone
        self.raw.execute(f"DETACH {name}")
        self.raw.execute(attach, (f"{place}?mode=ro",))
        self._attached.append(name)

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Connection]:
        """One transaction; leaving it by an exception undoes it. One that is not `durable` may be forgotten
        by a power cut, together with all that came after it on this connection."""
        with environment():
            self.raw.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self.raw.execute("BEGIN IMMEDIATE")
            began = monotonic()
            try:
                yield self.connection
                self.raw.execute("COMMIT")
            finally:
                if self.raw.in_transaction:
                    self.raw.execute("ROLLBACK")
                self._free_since = monotonic()
                self.held = max(self.held, self._free_since - began)
            self._fold()

    def _fold(self) -> None:
        """Fold the write-ahead log into the file, or the next sale would have that to do. Others write
        meanwhile: it is part of the room that they have."""
        self.raw.execute("PRAGMA main.wal_checkpoint(PASSIVE)").fetchone()

    def run(self, work: Iterator[None], noted: Callable[[], None], stopping: Callable[[], bool]) -> bool:
        """Do the work in transactions that end soon; `noted` is called inside each before it ends. False when
        `stopping` said so before the end; what is done is done."""
        while not stopping():
            with self.writing(durable=False):
                began = monotonic()
                until = began + HOLD_SECONDS * self._share
                more = next(work, _END) is not _END
                while more and monotonic() < until:
                    more = next(work, _END) is not _END
                noted()
                worked = monotonic() - began
            self._learn(worked, self._free_since - began)
            if not more:
                return True
            self._rest(max(0.0, self._free_since + ROOM_SECONDS - monotonic()))
        return False

    def _learn(self, worked: float, whole: float) -> None:
        """Which part of a transaction is left for work: another from table to table, and from disk to
        disk."""
        self._share = min(1.0, max(LEAST_SHARE, worked / whole)) if whole > 0 else 1.0

    def close(self) -> None:
        """Let go of everything."""
        if self.raw.in_transaction:
            self.raw.execute("ROLLBACK")
        self.connection.close()
        self._engine.dispose()


_END: Any = object()


def row_text(names: Sequence[str]) -> str:
    """Names as they stand in a statement."""
    return ", ".join(f'"{name}"' for name in names)
