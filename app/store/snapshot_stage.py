"""A stage: an encrypted file of plain rows that a snapshot is collected in, written by one worker.

Rows are only appended, without keys or indexes; a range and the note that it is done land in one transaction,
so that after a kill at any moment the work goes on with the next range.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.store import engine
from app.store.snapshot_digest import (
    ASIDE_COLUMNS,
    HELD_COLUMNS,
    LISTED_COLUMNS,
    RAW_COLUMNS,
    Digest,
    Piece,
    Rows,
    Task,
    staged_tables,
)
from domain.errors import Fault
from sync.ports import Cursor

PIECE_COLUMNS = (
    "feed", "after", "until", "first_hash", "first_running", "last_running", "hlc", "entries", "held",
    "aside",
)  # fmt: skip
_OTHERS = {
    "listed": LISTED_COLUMNS,
    "rest": ("id",),
    "held": HELD_COLUMNS,
    "aside": ASIDE_COLUMNS,
    "link": ("station", "epoch", "seq"),
    "piece": PIECE_COLUMNS,
}


class Stage:
    """One open stage file."""

    def __init__(self, path: Path, key: bytes) -> None:
        if not path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        self._file: Any = engine.connect(path, key, writing=True)
        self._file.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._make()
        last = self._file.execute("SELECT max(id) FROM raw").fetchone()[0]
        self._next_id: int = (last or 0) + 1

    def _make(self) -> None:
        """The tables; columns without types take any value as it is."""
        self._file.execute("BEGIN IMMEDIATE")
        raw = ", ".join(f'"{name}"' for name in RAW_COLUMNS if name != "id")
        self._file.execute(f"CREATE TABLE IF NOT EXISTS raw (id INTEGER PRIMARY KEY, {raw})")
        for name, columns in {**staged_tables(), **_OTHERS}.items():
            listed = ", ".join(f'"{column}"' for column in columns)
            self._file.execute(f'CREATE TABLE IF NOT EXISTS "{name}" ({listed})')
        self._file.execute("COMMIT")

    def pieces(self) -> list[Piece]:
        """The ranges that are done in this file."""
        listed = ", ".join(f'"{name}"' for name in PIECE_COLUMNS)
        return [Piece(*row) for row in self._file.execute(f"SELECT {listed} FROM piece")]

    def put(self, task: Task, digest: Digest) -> Piece:
        """Read a range and keep it, durably. Raises Fault HUB_REPLY, and the driver's errors."""
        try:
            return self._put(*digest.take(task, self._next_id))
        except (
            OverflowError
        ):  # a number that no table holds: the ordinary projection knows what to do with it
            return self._put(*digest.take(task, self._next_id, plain=False))

    def _put(self, piece: Piece, rows: Rows) -> Piece:
        made: dict[str, list[tuple[Any, ...]]] = {
            **rows.facts,
            "raw": rows.raw,
            "listed": rows.listed,
            "rest": list(rows.rest),
            "held": rows.held,
            "aside": rows.aside,
            "link": list(rows.links),
            "piece": [tuple(getattr(piece, name) for name in PIECE_COLUMNS)],
        }
        self._file.execute("BEGIN IMMEDIATE")
        try:
            for name, several in made.items():
                if several:
                    marks = ", ".join("?" * len(several[0]))
                    self._file.executemany(f'INSERT INTO "{name}" VALUES ({marks})', several)
            self._file.execute("COMMIT")
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._next_id += len(rows.raw)
        return piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def pieces_of(paths: Iterable[Path], key: bytes) -> list[Piece]:
    """The ranges that are done, in all stages."""
    found: list[Piece] = []
    for path in paths:
        stage = Stage(path, key)
        found += stage.pieces()
        stage.close()
    return found


def check_joints(heads: Mapping[str, Cursor], pieces: Sequence[Piece]) -> None:
    """The ranges of a feed join each other and end at its head. Raises Fault HUB_REPLY."""
    at = dict.fromkeys(heads, Cursor())
    for piece in sorted(pieces, key=lambda each: (each.feed, each.after)):
        before = at[piece.feed]
        follows = hashlib.sha256(before.hash + piece.first_hash).digest() == piece.first_running
        if before.position != piece.after or not follows:
            raise Fault("HUB_REPLY", field="feed_hash")
        at[piece.feed] = Cursor(piece.until, piece.last_running)
    if at != heads:
        raise Fault("HUB_REPLY", field="feed_hash")
