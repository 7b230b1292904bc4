"""What the store is measured against: raw transactions of plain SQLite, and Ed25519 by itself."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from domain.ticket_code import SigningKey, verify_signature


class Floor:
    """An unencrypted file in WAL mode with `synchronous=FULL`, spoken to through the standard library."""

    def __init__(self, folder: Path) -> None:
        self._raw = sqlite3.connect(folder / "floor.db", isolation_level=None)
        self._raw.execute("PRAGMA journal_mode = WAL")
        self._raw.execute("PRAGMA synchronous = FULL")
        self._raw.execute("CREATE TABLE ticket (serial TEXT PRIMARY KEY, used INTEGER) STRICT, WITHOUT ROWID")
        self._raw.execute("CREATE TABLE fact (id INTEGER PRIMARY KEY, serial TEXT, text TEXT) STRICT")
        self._raw.execute("BEGIN")
        self._serials = [os.urandom(8).hex() for _ in range(10_000)]
        self._raw.executemany("INSERT INTO ticket VALUES (?, 0)", [(serial,) for serial in self._serials])
        self._raw.execute("COMMIT")
        self._key = SigningKey.from_seed(bytes(32))
        self._signature = self._key.sign(b"message")

    def admission(self, at: int) -> None:
        """Read, update, insert, commit; and check one signature."""
        serial = self._serials[at % len(self._serials)]
        verify_signature(self._key.public, self._signature, b"message")
        self._raw.execute("BEGIN IMMEDIATE")
        self._raw.execute("SELECT used FROM ticket WHERE serial = ?", (serial,)).fetchone()
        self._raw.execute("UPDATE ticket SET used = used + 1 WHERE serial = ?", (serial,))
        self._raw.execute("INSERT INTO fact (serial, text) VALUES (?, ?)", (serial, "x" * 700))
        self._raw.execute("COMMIT")

    def sale(self, rows: int, signatures: int) -> None:
        """So many rows in one commit, and so many signatures."""
        for _ in range(signatures):
            self._key.sign(b"message")
        self._raw.execute("BEGIN IMMEDIATE")
        for at in range(rows):
            self._raw.execute("INSERT INTO fact (serial, text) VALUES (?, ?)", (str(at), "x" * 100))
        self._raw.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._raw.close()


def timed(act: Callable[[], object]) -> float:
    """Milliseconds that it takes."""
    began = perf_counter()
    act()
    return (perf_counter() - began) * 1000


def percentile(times: list[float], part: float) -> float:
    """The value below which this part of the times lies."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
