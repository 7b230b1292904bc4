"""Real sales and admissions, their statements once more over recorded files, and what is left after a cut."""

import hashlib
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import apsw
from sqlcipher3 import dbapi2

from app.services.sell import Sold
from app.store.prepared import driver
from tests.power.recording import Ack, Disk, Recording, RecordingFiles
from tests.services.house import CASHIER, House

FILE = "plain.db"
CHECKPOINT_PAGES = 60
"""Small, so that a few sales are enough for the log to be folded into the file, and to begin again."""


@dataclass
class Traced:
    """A plain copy of the store from before, and the statements that the use cases then ran."""

    base: bytes
    statements: list[str]


def trace(root: Path, guests: int) -> Traced:
    """Open a house, then sell, print, admit, undo and close the shift, with the writing connection traced."""
    house = House(root)
    raw = driver(house.station.store._core._writer)
    base = _plain_copy(raw, root / "base.db")
    statements: list[str] = []
    raw.set_trace_callback(statements.append)
    for guest in range(guests):
        house.clock.advance(20)
        _serve(house, guest)
    shift = house.services.shift_now(CASHIER)
    house.services.close_shift(shift.expected.minor, CASHIER)
    raw.set_trace_callback(None)
    house.station.close()
    return Traced(base, [one for one in statements if not one.startswith("--")])


def _serve(house: House, guest: int) -> None:
    sold: Sold = house.sell(*["full", "half", "full", "half"][: 1 + guest % 4])
    codes = list(sold.codes.values())
    house.services.print_order(sold.order.order, CASHIER)
    for code in codes[: 1 + guest % 2]:
        house.clock.advance(5)
        house.admit(code)
    if guest % 3 == 0:
        house.clock.advance(5)
        house.admit(codes[0])


def _plain_copy(raw: dbapi2.Connection, path: Path) -> bytes:
    """The store without its encryption: what is tested is the order of writes, and pages are pages."""
    raw.execute("ATTACH DATABASE ? AS plain KEY ''", (str(path),))
    raw.execute("SELECT sqlcipher_export('plain')").fetchall()
    raw.execute("DETACH DATABASE plain")
    plain = apsw.Connection(str(path))
    plain.pragma("journal_mode", "WAL")  # a store is in this mode long before its first sale
    plain.close()
    return path.read_bytes()


@dataclass
class Replayed:
    """The recording of a replay, and what the whole file said after each commit."""

    recording: Recording
    base: bytes
    prints: list[str] = field(default_factory=list)


def replay(traced: Traced, folder: Path, synchronous: str) -> Replayed:
    """Run the statements over recorded files, as durable as `synchronous` (FULL, OFF) makes them."""
    recording = Recording()
    layer = f"recorded-{uuid.uuid4().hex}"
    files = RecordingFiles(layer, recording)
    path = folder / FILE
    path.write_bytes(traced.base)
    connection = apsw.Connection(str(path), vfs=layer)
    for pragma in (
        "locking_mode = EXCLUSIVE", "journal_mode = WAL", f"synchronous = {synchronous}", "foreign_keys = ON",
        "temp_store = MEMORY", "recursive_triggers = ON", "secure_delete = FAST",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
    ):  # fmt: skip
        connection.pragma(*pragma.split(" = "))
    done = Replayed(recording, traced.base, [fingerprint(connection)])
    recording.steps.append(Ack(0))
    for statement in traced.statements:
        connection.execute(statement).fetchall()
        if statement == "COMMIT":
            done.prints.append(fingerprint(connection))
            recording.steps.append(Ack(len(done.prints) - 1))
    connection.close()
    files.unregister()
    return done


def fingerprint(connection: apsw.Connection) -> str:
    """A hash over every row of every table."""
    state = hashlib.sha256()
    tables = [name for (name,) in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )]  # fmt: skip
    for table in tables:
        rows = sorted(map(repr, connection.execute(f'SELECT * FROM "{table}"')))
        state.update(f"{table}:{rows}".encode())
    return state.hexdigest()


@dataclass
class Findings:
    """How many disks were looked at, and on how many what somebody had been told was missing or broken."""

    cuts: int = 0
    lost: int = 0
    damaged: int = 0


def cut_everywhere(
    done: Replayed, folder: Path, chance: random.Random, *, tries: int, share: float = 1.0
) -> Findings:
    """Cut the power before every recorded step (or a drawn share of them) and look at what is left."""
    findings = Findings()
    disk = Disk({FILE: done.base})
    begun = False
    for step in done.recording.steps:
        if begun and chance.random() < share:
            for files in disk.after_cut(chance, tries):
                _look(files, folder, done.prints, disk.boundary, findings)
        disk.take(step)
        begun = begun or isinstance(step, Ack)
    return findings


def _look(
    files: Mapping[str, bytes], folder: Path, prints: Sequence[str], told: int, findings: Findings
) -> None:
    """Good is exactly the state after some commit, and not an earlier one than the last that was told."""
    findings.cuts += 1
    for old in folder.glob(f"{FILE}*"):
        old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    connection = apsw.Connection(str(folder / FILE))
    try:
        sound = connection.pragma("integrity_check") == "ok"
        found = fingerprint(connection) if sound else ""
    except apsw.Error:
        sound, found = False, ""
    finally:
        connection.close()
    if found not in prints:
        findings.damaged += 1
    elif max(at for at, one in enumerate(prints) if one == found) < told:
        findings.lost += 1
