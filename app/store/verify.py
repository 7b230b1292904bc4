"""Is the file what it claims to be: pages, chain, signatures, and projections computed a second time."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from app.store import engine, project_trust, replica, verify_part
from app.store.core import StoreCore
from app.store.facts import Row, checksum
from app.store.journal import Identity
from app.store.prepared import driver
from app.store.schema import (
    HELD_ENTRY,
    JOURNAL,
    META,
    OWN_EPOCH,
    PROJECTED,
    REJECTED_ENTRY,
    REPLICA_ENTRY,
    SHORT_ENTRY,
    place,
)
from app.store.trust import StoreKeys
from domain.clock import Hlc
from domain.entry import SIGNATURE_CONTEXT, Entry, MalformedEntryError, genesis, parse
from domain.errors import Param
from domain.ids import RandomBytes
from domain.ticket_code import verify_signature
from sync.control import Compared


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be; `code` has words in the interface."""

    code: str
    params: dict[str, Param]


@dataclass
class Report:
    """What was looked at and what was found. Clean when `problems` is empty."""

    entries: int = 0
    foreign: int = 0
    held: int = 0
    rejected: int = 0
    tables: int = 0
    problems: list[Problem] = field(default_factory=list)
    short: int = 0
    """Others' entries that are kept in short: what follows from them is compared only as far as it can be."""
    by_snapshot: bool = False
    """The tables were not computed again here, but come anew with the next exchange."""
    control_sums: int = 0
    """Feeds whose sums agree with what the hub said last; those that have moved on since are not counted."""

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def control(self, compared: Compared) -> None:
        """Take in what came of the hub's last control sums: CONTROL_DIFFERS (feed, name, here, hub) each."""
        self.control_sums = len(compared.agree)
        for one in compared.differ:
            self.add("CONTROL_DIFFERS", feed=one.feed, name=one.name, here=one.here, hub=one.hub)

    def add(self, code: str, **params: Param) -> None:
        """Note a problem."""
        self.problems.append(Problem(code, params))


def verify_store(core: StoreCore, identity: Identity, keys: StoreKeys, random_bytes: RandomBytes) -> Report:
    """Check one consistent state of the whole file.

    Problems: PAGE_DAMAGED (count), STRUCTURE_DAMAGED (detail), CHAIN_BROKEN (epoch, seq), SIGNATURE_BAD
    (epoch, seq), FOREIGN_ENTRY_BAD (entry, reason), CERTIFICATE_NOT_HELD (reason), PROJECTION_DIFFERS
    (table).
    """
    report = Report()
    with core.reading() as connection:
        entries = check_entries(connection, identity.station, keys, report)
        if not report.clean:
            return report
        for code in keys.distrusted:
            report.add("CERTIFICATE_NOT_HELD", reason=code)
        held = set(connection.execute(select(HELD_ENTRY.c.entry_id)).scalars())
        silent = replica.outvoted(connection) | held
        with scratch(core.path.parent, random_bytes) as fresh:
            for entry in entries:
                if entry.station == identity.station and entry.entry_id in silent:
                    continue
                if replica.project(fresh, entry) is not None:
                    report.add("FOREIGN_ENTRY_BAD", entry=entry.entry_id, reason="MALFORMED")
            for aside, code, known in project_trust.kept_aside(connection):
                project_trust.rejected(fresh, aside, code, known)
            if report.clean and report.short:
                for name, same in verify_part.compared(fresh, connection):
                    report.tables += 1
                    if not same:
                        report.add("PROJECTION_DIFFERS", table=name)
            elif report.clean:
                _compare(fresh, connection, report)
    return report


def check_entries(connection: Connection, station: str, keys: StoreKeys, report: Report) -> Iterator[Entry]:
    """Check the pages at once; then give every entry that counts, own ones first, checking each. Nothing
    comes where the pages are damaged."""
    _check_pages(connection, report)
    if not report.clean:
        return iter(())
    return chain(_check_chain(connection, station, report), _check_foreign(connection, keys, report))


def projection_sums(connection: Connection) -> dict[str, str]:
    """The checksum of every projected table."""
    return {table.name: checksum(connection, table) for table in PROJECTED}


def _check_pages(connection: Connection, report: Report) -> None:
    damaged = connection.exec_driver_sql("PRAGMA cipher_integrity_check").all()
    if damaged:
        report.add("PAGE_DAMAGED", count=len(damaged))
        return
    for row in connection.exec_driver_sql("PRAGMA integrity_check(5)"):
        if row[0] != "ok":
            report.add("STRUCTURE_DAMAGED", detail=str(row[0]))


def _check_chain(connection: Connection, station: str, report: Report) -> Iterator[Entry]:
    epochs = {row.epoch: bytes(row.public_key) for row in connection.execute(select(OWN_EPOCH))}
    expected: dict[int, tuple[int, bytes]] = {
        epoch: (1, genesis(station, epoch, key)) for epoch, key in epochs.items()
    }
    for row in connection.execute(select(JOURNAL).order_by(JOURNAL.c.position)):
        report.entries += 1
        seq, previous = expected.get(row.epoch, (0, b""))
        entry = parsed(station, row)
        if (
            entry is None
            or row.seq != seq
            or row.position != place(row.epoch, seq)
            or row.prev_hash != previous
            or not _agrees(row, entry)
            or (row.at_ms, row.user, row.shift) != (_stamp_ms(entry), entry.actor.user, entry.shift)
        ):
            report.add("CHAIN_BROKEN", epoch=row.epoch, seq=row.seq)
            return
        if not verify_signature(epochs[row.epoch], entry.sig, SIGNATURE_CONTEXT + entry.hash):
            report.add("SIGNATURE_BAD", epoch=row.epoch, seq=row.seq)
        expected[row.epoch] = (seq + 1, entry.hash)
        yield entry


def _check_foreign(connection: Connection, keys: StoreKeys, report: Report) -> Iterator[Entry]:
    held = set(connection.execute(select(HELD_ENTRY.c.entry_id)).scalars())
    report.held = len(held)
    report.short = connection.execute(select(func.count()).select_from(SHORT_ENTRY)).scalar_one()
    report.rejected = connection.execute(select(func.count()).select_from(REJECTED_ENTRY)).scalar_one()
    for row in connection.execute(select(REPLICA_ENTRY).order_by(REPLICA_ENTRY.c.position)):
        report.foreign += 1
        entry = parsed(row.station, row)
        if entry is None or not _agrees(row, entry):
            report.add("FOREIGN_ENTRY_BAD", entry=row.entry_id, reason="MALFORMED")
            continue
        reason = keys.verify_entry(entry)
        if reason == "BAD_SIGNATURE":
            report.add("FOREIGN_ENTRY_BAD", entry=row.entry_id, reason=reason)
        if entry.entry_id not in held:
            yield entry


def parsed(station: str, row: Any) -> Entry | None:
    """The entry of a row, None for one that is no entry of format 1."""
    try:
        return parse(station, row.epoch, row.seq, row.content, row.prev_hash, row.hash, row.sig)
    except MalformedEntryError:
        return None


def _agrees(row: Any, entry: Entry) -> bool:
    """Whether the columns beside the text say what the text says."""
    return (row.entry_id, row.kind, row.v, row.hlc, row.content_hash) == (
        entry.entry_id,
        entry.kind,
        entry.v,
        entry.origin.hlc,
        entry.content_hash,
    )


def _stamp_ms(entry: Entry) -> int:
    return Hlc.parse(entry.origin.hlc).ms


def _compare(fresh: Connection, live: Connection, report: Report) -> None:
    """Hold what was computed a second time against what the file says."""
    wanted, found = projection_sums(fresh), projection_sums(live)
    report.tables = len(wanted)
    for name, digest in wanted.items():
        if found[name] != digest:
            report.add("PROJECTION_DIFFERS", table=name)


@contextmanager
def scratch(folder: Path, random_bytes: RandomBytes) -> Iterator[Connection]:
    """Empty projection tables in an encrypted file that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=folder) as place:
        path = Path(place) / "scratch.db"
        path.touch(mode=0o600)
        with engine.opened(path, random_bytes(engine.KEY_BYTES), writing=True).connect() as connection:
            driver(connection).execute("PRAGMA synchronous = OFF")
            driver(connection).execute("BEGIN")
            for table in (META, *PROJECTED):
                table.create(connection)
            first: list[Row] = [{"name": "version", "value": "1"}]
            connection.execute(META.insert(), first)
            yield connection
            driver(connection).execute("ROLLBACK")
