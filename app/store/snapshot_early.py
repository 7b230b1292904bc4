"""The copy of a first snapshot begins before the scratch file is built: entries, which are most of it, need
nothing of what is computed from them.

They go beside the live tables on a thread of their own while the scratch file is being filled. Both are work
for SQLite, which leaves Python to itself meanwhile, so two cores have something to do. How far the copy is
stands in the live file, and the merge goes on from there.
"""

import json
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from app.store import replica, snapshot_fresh
from app.store.core import StoreCore
from app.store.snapshot_copy import Copy
from app.store.snapshot_slices import Rest, Slices
from domain.errors import Fault

COPYING = "snapshot_copying"
"""In the live `meta`: which snapshot the fresh tables are of, and how far they are."""
KEEP_FREE = 200 * 1024 * 1024
"""What is left of the disk when the copy is made: with less a till takes no money."""

Watch = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Note:
    """How far the fresh tables are. `early`: what the live file knows beside the snapshot was not looked at
    yet."""

    snapshot: str = ""
    copied: Mapping[str, int] = field(default_factory=dict)
    early: bool = False


def read_note(connection: Connection) -> Note:
    """The note in the live file; an empty one where there is none."""
    return Note(**json.loads(replica.read_meta(connection, COPYING) or "{}"))


def write_note(connection: Connection, note: Note) -> None:
    """Note how far the copy is, in the transaction that took it there."""
    said = {"snapshot": note.snapshot, "copied": dict(note.copied), "early": note.early}
    replica.write_meta(connection, COPYING, json.dumps(said))


def is_first(raw: Any) -> bool:
    """Whether the live file has no entries of others, whose numbers a copy would have to keep."""
    return raw.execute("SELECT 1 FROM main.replica_entry LIMIT 1").fetchone() is None


def check_room(path: Path, files: Sequence[Path], times: int = 1) -> None:
    """The copy takes as much room as what it is made of, and selling needs some. Raises Fault DISK_FULL
    before anything is written."""
    needed = times * sum(each.stat().st_size for each in files) + KEEP_FREE
    if shutil.disk_usage(path.parent).free < needed:
        raise Fault("DISK_FULL")


def clear(slices: Slices) -> None:
    """Take away what fresh tables there are, in short transactions."""
    if snapshot_fresh.present(slices.raw):
        slices.run(snapshot_fresh.removal(slices.raw), lambda: None, lambda: False)


@dataclass
class Early:
    """The copy of the entries of these stages. `held`: the longest that anybody else had to wait for it."""

    core: StoreCore
    snapshot: str
    stages: Sequence[Path]
    now_ms: int
    watch: Watch
    stopping: Callable[[], bool]
    rest: Rest
    held: float = 0.0

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="snapshot-entries")

    def start(self) -> None:
        """Begin. To be called once it is known that no id has two contents."""
        self._thread.start()

    def end(self, *, at_once: bool) -> None:
        """Wait for what was begun; `at_once`: only for what is under way. Raises what it raised, unless
        somebody else has raised already."""
        if self._thread.ident is None:
            return
        if at_once:
            self._ended.set()
        self._thread.join()
        if self._error is not None and not at_once:
            raise self._error

    def _work(self) -> None:
        try:
            with closing(Slices(self.core, self.rest)) as slices:
                if is_first(slices.raw):
                    self._copy(slices)
                self.held = slices.held
        except BaseException as error:  # noqa: BLE001 - raised by `end`, on the thread that waits there
            self._error = error

    def _copy(self, slices: Slices) -> None:
        names = [f"stage{at}" for at in range(len(self.stages))]
        for name, path in zip(names, self.stages, strict=True):
            slices.attach(name, path)
        note = read_note(slices.connection)
        if note.snapshot != self.snapshot or not snapshot_fresh.fits(slices.raw):
            clear(slices)
            check_room(self.core.path, self.stages, times=2)  # the scratch file grows meanwhile
            note = Note(self.snapshot, {}, early=True)
            with slices.writing() as connection:
                snapshot_fresh.make(slices.raw)
                write_note(connection, note)
        copy = Copy(slices.raw, names, 0, self.now_ms, note.copied)

        def noted() -> None:
            write_note(slices.connection, Note(self.snapshot, copy.progress, note.early))
            self.watch("copied")

        slices.run(copy.entries_alone(), noted, lambda: self._ended.is_set() or self.stopping())
