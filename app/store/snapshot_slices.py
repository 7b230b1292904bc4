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

HOLD_SECONDS = 0.3
"""From here on a transaction comes to its end."""
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
        self._attached: list[str] = []
        self.held = 0.0

    def attach(self, name: str, path: Path) -> None:
        """Make another encrypted file readable."""
        place = path.absolute().as_uri()
        self.raw.execute(f"ATTACH ? AS {name} KEY \"x'{self._core.key.hex()}'\"", (f"{place}?mode=rw",))
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
                self.held = max(self.held, monotonic() - began)

    def run(self, work: Iterator[None], noted: Callable[[], None], stopping: Callable[[], bool]) -> bool:
        """Do the work in transactions that end soon; `noted` is called inside each before it ends. False when
        `stopping` said so before the end; what is done is done."""
        while not stopping():
            with self.writing(durable=False):
                until = monotonic() + HOLD_SECONDS
                more = next(work, _END) is not _END
                while more and monotonic() < until:
                    more = next(work, _END) is not _END
                noted()
            if not more:
                return True
            self._rest(ROOM_SECONDS)
        return False

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
