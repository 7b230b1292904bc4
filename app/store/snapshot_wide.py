"""The widest table of a snapshot lies in a file of its own beside the scratch file, so that it can be filled
and indexed beside the others, by another thread: that is work for SQLite, which leaves Python to itself.

To whoever has opened the scratch file both look like one: the names of tables are found in either.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.store.prepared import driver
from app.store.snapshot_early import Early
from app.store.snapshot_fill import attach, fill, index
from app.store.snapshot_scratch import WIDE, Scratch, open_wide, table_text


def make_again(scratch: Scratch) -> None:
    """Empty tables in place of what was filled by whoever was broken off before the scratch file was."""
    with scratch.writing() as connection:
        raw = driver(connection)
        for name in WIDE.tables:
            raw.execute(f"DROP TABLE {WIDE.schema}.{name}")
            raw.execute(table_text(name))


class Wide:
    """Fills the wide tables from stages in which no id has two contents."""

    def __init__(self, scratch: Scratch, stages: Sequence[Path]) -> None:
        self._scratch = scratch
        self._stages = stages
        self._sold_twice: list[str] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="snapshot-wide")

    def start(self) -> None:
        """Begin. The scratch file's own connection must not have touched these tables in its
        transaction."""
        self._thread.start()

    def filled(self) -> list[str]:
        """Wait; answers the lots in which a ticket may have been sold more than once. Raises what went
        wrong."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._sold_twice

    def end(self) -> None:
        """Wait for what was begun; whoever calls has an error of his own to raise."""
        self._thread.join()

    def _work(self) -> None:
        try:
            connection = open_wide(self._scratch.folder, self._scratch.key)
            try:
                stages = attach(connection, self._scratch.key, self._stages, writing=False)
                raw = driver(connection)
                raw.execute("PRAGMA synchronous = OFF")  # the scratch file waits for the disk for both
                raw.execute("BEGIN")
                self._sold_twice = fill(connection, stages, WIDE.tables)
                index(connection, WIDE.tables)
                raw.execute("COMMIT")
            finally:
                connection.close()
        except BaseException as error:  # noqa: BLE001 - raised by `filled`, on the thread that waits there
            self._error = error


@dataclass
class Beside:
    """What other threads do while tables are filled; for one core and for what is small not `worth_it`."""

    scratch: Scratch
    early: Early
    worth_it: bool
    wide: Wide | None = None

    def copy_entries(self) -> None:
        """Begin to copy the entries of the stages."""
        if self.worth_it:
            self.early.start()

    def fill_wide(self) -> Wide | None:
        """Begin to fill the wide tables; None when it is not worth it."""
        if self.worth_it:
            self.wide = Wide(self.scratch, self.scratch.stages())
            self.wide.start()
        return self.wide

    def end(self, *, at_once: bool) -> None:
        """Wait for what was begun; see Early.end."""
        if self.wide is not None:
            self.wide.end()
        self.early.end(at_once=at_once)
