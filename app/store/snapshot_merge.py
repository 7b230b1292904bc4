"""Puts a finished scratch file into the live one without keeping anybody from selling.

The projections of the scratch file are those of all entries that the hub has and, after `catch_up`, of those
that only this station has. They are copied into fresh tables beside the live ones, in short transactions
between which others write; then one last transaction exchanges fresh and live tables, projects the few
entries that came while the copy was made, and moves the cursors. Before it nothing of the snapshot is to be
seen, after it all. The journal, documents, PINs and whatever else only this station knows stay where they
are.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from time import sleep
from typing import Any

from sqlalchemy import Connection, delete

from app.store import project_trust, replica, snapshot_fresh
from app.store.core import StoreCore
from app.store.facts import bump_version
from app.store.prepared import driver
from app.store.schema import META, REJECTED_ENTRY, REPLICA_ENTRY
from app.store.snapshot_build import project_or_hold
from app.store.snapshot_copy import Copy
from app.store.snapshot_early import COPYING, Note, check_room, clear, read_note, write_note
from app.store.snapshot_live import OTHERS, REPLICA_SEEN, Known, TwinsError, catch_up, has_changed, read_from
from app.store.snapshot_scratch import ALONE, SNAPSHOT, WIDE, Scratch
from app.store.snapshot_slices import Rest, Slices
from app.store.trust import load_trust
from domain.certificates import TrustStore
from domain.clock import Hlc

DONE = "snapshot_done"
"""The name in the live `meta` of the last snapshot that was merged."""
MOST_BEHIND = 500
"""With more entries that came while the copy was made, the last transaction would take too long: the copy is
made again, once."""
ROUNDS = 2
CATCH_UPS = 3
Watch = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Merged:
    """What the live file has gained; `held_seconds`: the longest that a sale had to wait for it."""

    entries: int
    held: int
    rejected: int
    held_seconds: float = 0.0


@dataclass
class Merge:
    """One merge, from a finished scratch file on; `watch` is told each step."""

    core: StoreCore
    scratch: Scratch
    station: str
    now_ms: int
    watch: Watch
    stopping: Callable[[], bool]
    most_behind: int = MOST_BEHIND
    rest: Rest = sleep
    trust: TrustStore = field(init=False)

    def __post_init__(self) -> None:
        trust, _ = load_trust(self.scratch.connection)
        assert trust is not None  # noqa: S101 - without one there is no scratch file
        self.trust = trust

    def run(self) -> Merged | None:
        """Do all of it, or go on where it was broken off; None when `stopping` said so before the end.

        Raises TwinsError, Fault; then nothing of the snapshot is to be seen.
        """
        with closing(Slices(self.core, self.rest)) as slices:
            stages = attach(slices, self.scratch)
            for _ in range(ROUNDS):
                copy = self._begun(slices, stages)
                self.watch("copying")
                if not slices.run(copy.work(), partial(self._note, slices, copy), self.stopping):
                    return None
                if self._behind() <= self.most_behind:
                    break
                with slices.writing() as connection:
                    _forget(connection)
            with slices.writing() as connection:
                merged = self._switch(connection, slices.raw, copy, stages)
            self.watch("merged")
            clear(slices)
            return Merged(merged.entries, merged.held, merged.rejected, slices.held)

    # --- the copy

    def _begun(self, slices: Slices, stages: list[str]) -> Copy:
        """A copy to go on with, or a new one of all that is known by now."""
        name = self.scratch.said(SNAPSHOT)
        note = read_note(slices.connection)
        if note.snapshot == name and snapshot_fresh.fits(slices.raw):
            if not note.early:
                return Copy(slices.raw, stages, self._replica_seen(), self.now_ms, note.copied)
            self._catch_up_often()
            # What is here by now would want the places that are taken there.
            if self.scratch.said(ALONE) and not self._replica_seen():
                with slices.writing():
                    return self._noted(slices, stages, note.copied)
        clear(slices)
        check_room(self.core.path, [*self.scratch.files(), *self.scratch.stages()])
        self._catch_up_often()
        with slices.writing():
            snapshot_fresh.make(slices.raw)
            return self._noted(slices, stages, {})

    def _catch_up_often(self) -> None:
        """Whoever sells may be as quick as this is; the rest is for the end."""
        for _ in range(CATCH_UPS):
            if not self._catch_up():
                break

    def _noted(self, slices: Slices, stages: list[str], copied: Mapping[str, int]) -> Copy:
        """A copy that knows of all that was caught up with."""
        copy = Copy(slices.raw, stages, self._replica_seen(), self.now_ms, copied)
        write_note(slices.connection, Note(self.scratch.said(SNAPSHOT), copy.progress))
        return copy

    def _note(self, slices: Slices, copy: Copy) -> None:
        write_note(slices.connection, Note(self.scratch.said(SNAPSHOT), copy.progress))
        self.watch("copied")

    def _replica_seen(self) -> int:
        return int(self.scratch.said(REPLICA_SEEN) or 0)

    def _catch_up(self) -> int:
        with self.core.reading() as live, self.scratch.writing() as connection:
            if has_changed(live, connection):
                raise TwinsError("rebuilt")
            return catch_up(read_from(live, connection, self.trust, self.station), connection)

    def _behind(self) -> int:
        with self.core.reading() as live:
            return sum(1 for _ in self._late(live))

    def _late(self, live: Connection) -> Iterator[Known]:
        """What the live file has gained since the copy was begun."""
        return read_from(live, self.scratch.connection, self.trust, self.station).later()

    # --- the exchange

    def _switch(self, connection: Connection, raw: Any, copy: Copy, stages: list[str]) -> Merged:
        """The last transaction: everything is there, or nothing."""
        self.watch("locked")
        if has_changed(connection, self.scratch.connection):
            raise TwinsError("rebuilt")
        late = list(self._late(connection))
        _set_aside(raw, self.now_ms, self.station)
        snapshot_fresh.swap(raw)
        _carry_documents(raw)
        held = _held(raw)
        self._take_late(connection, raw, late)
        rejected = _aside(raw, stages, self.now_ms)
        for aside, code, known in project_trust.kept_aside(connection):
            project_trust.rejected(connection, aside, code, known)
        _take_cursors(connection, raw, self.scratch, stages)
        replica.write_meta(connection, DONE, self.scratch.said(SNAPSHOT))
        _forget(connection)
        bump_version(connection)
        self.watch("merging")
        return Merged(copy.entries, held, rejected)

    def _take_late(self, connection: Connection, raw: Any, late: list[Known]) -> None:
        """Entries that came while the copy was made; they lie in what is the fresh table now."""
        columns = ", ".join(column.name for column in REPLICA_ENTRY.c if column.name != "position")
        for each in late:
            present = raw.execute(
                "SELECT content_hash FROM main.replica_entry WHERE entry_id = ?", (each.entry_id,)
            ).fetchone()
            if each.code is not None or (present is not None and bytes(present[0]) != each.content_hash):
                raise TwinsError(each.entry_id)
            if present is not None:
                continue
            if each.table == OTHERS:
                raw.execute(
                    f"INSERT INTO main.replica_entry ({columns}) SELECT {columns} "
                    f"FROM main.{snapshot_fresh.fresh('replica_entry')} WHERE position = ?",
                    (each.position,),
                )
                held = raw.execute("SELECT 1 FROM main.held_entry WHERE entry_id = ?", (each.entry_id,))
                if held.fetchone() is not None:
                    continue
            project_or_hold(connection, each.entry(), hold=each.table == OTHERS)


def attach(slices: Slices, scratch: Scratch) -> list[str]:
    """Make the scratch file and its stages readable; answers the names of the stages."""
    names = [f"stage{at}" for at in range(len(scratch.stages()))]
    for name, path in zip(names, scratch.stages(), strict=True):
        slices.attach(name, path)
    for name, path in zip(("scratch", WIDE.schema), scratch.files(), strict=True):
        slices.attach(name, path)
    return names


def clean_up(core: StoreCore) -> None:
    """Take away what a merge leaves that was broken off."""
    with core.reading() as live:
        if not snapshot_fresh.present(driver(live)):
            return
    with closing(Slices(core)) as slices:
        clear(slices)


def _forget(connection: Connection) -> None:
    connection.execute(delete(META).where(META.c.name == COPYING))


def _set_aside(raw: Any, now_ms: int, station: str) -> None:
    """What was known here and counts no more: kept whole, beside."""
    names = [column.name for column in REJECTED_ENTRY.c]
    for table, whose in (("journal", f"'{station}'"), ("replica_entry", "e.station")):
        raw.execute(
            f"INSERT OR IGNORE INTO main.rejected_entry ({', '.join(names)}) "
            "SELECT e.entry_id, e.hash, o.code, coalesce(json_extract(e.content, '$.feeds[0]'), ''), "
            f"{whose}, e.epoch, e.seq, e.content, e.prev_hash, e.sig, {now_ms} "
            f"FROM scratch.outvoted o JOIN main.{table} e ON e.entry_id = o.entry_id AND e.hash = o.hash"
        )
    raw.execute(
        "DELETE FROM main.rejected_entry "
        "WHERE (entry_id, hash) IN (SELECT entry_id, hash FROM scratch.revived)"
    )


def _carry_documents(raw: Any) -> None:
    """Erasures and names came without their triggers: let those look at the documents that they are about."""
    raw.execute(
        "INSERT OR REPLACE INTO main.document_erasure SELECT * FROM main.document_erasure WHERE document IN ("
        "SELECT document FROM main.document WHERE tombstone = 0 "
        "UNION SELECT document FROM main.document_aside)"
    )
    raw.execute(
        "INSERT OR REPLACE INTO main.document_name SELECT n.* FROM main.document_name n "
        "JOIN main.document_aside a ON a.document = n.document AND a.hash = n.hash"
    )


def _held(raw: Any) -> int:
    """The held entries among those that are here now."""
    for known in ("staged", "here"):
        raw.execute(f"DELETE FROM main.held_entry WHERE entry_id IN (SELECT entry_id FROM scratch.{known})")
    raw.execute("DELETE FROM main.held_entry WHERE entry_id IN (SELECT entry_id FROM scratch.outvoted)")
    done: int = raw.execute(
        "INSERT OR IGNORE INTO main.held_entry SELECT * FROM scratch.held_entry h "
        "WHERE EXISTS (SELECT 1 FROM main.replica_entry r WHERE r.entry_id = h.entry_id) "
        "OR EXISTS (SELECT 1 FROM main.journal j WHERE j.entry_id = h.entry_id)"
    ).rowcount
    return done


def _aside(raw: Any, stages: list[str], now_ms: int) -> int:
    columns = ", ".join(column.name for column in REJECTED_ENTRY.c if column.name != "received_ms")
    count = 0
    for source in ("scratch.rejected_entry", *(f"{name}.aside" for name in stages)):
        count += raw.execute(
            f"INSERT INTO main.rejected_entry ({columns}, received_ms) "
            f"SELECT {columns}, {now_ms} FROM {source} a "
            "WHERE NOT EXISTS (SELECT 1 FROM main.journal j "
            "WHERE j.entry_id = a.entry_id AND j.hash = a.hash) "
            "ON CONFLICT (entry_id, hash) DO UPDATE SET code = excluded.code"
        ).rowcount
    raw.execute(
        "DELETE FROM main.rejected_entry WHERE EXISTS (SELECT 1 FROM main.replica_entry r "
        "WHERE r.entry_id = rejected_entry.entry_id AND r.hash = rejected_entry.hash)"
    )
    return count


def _take_cursors(connection: Connection, raw: Any, scratch: Scratch, stages: list[str]) -> None:
    for feed, head in scratch.heads().heads.items():
        raw.execute(
            "INSERT INTO main.feed_cursor (feed, position, hash) VALUES (?, ?, ?) "
            "ON CONFLICT (feed) DO UPDATE SET position = excluded.position, hash = excluded.hash "
            "WHERE excluded.position > feed_cursor.position",
            (feed, head.position, head.hash),
        )
    stamps = [scratch.said("hlc")]
    stamps += [raw.execute(f"SELECT max(hlc) FROM {name}.piece").fetchone()[0] or "" for name in stages]
    replica.merge_hlc(connection, max(Hlc.parse(stamp) for stamp in stamps if stamp))
