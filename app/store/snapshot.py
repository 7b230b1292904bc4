"""Takes a snapshot: what is in this station's scope at the hub comes by COPY into a scratch file, is checked
and projected there, copied beside the live tables, and put in their place in one short transaction. Selling
goes on meanwhile.

Whatever breaks it off (a kill, the network, the end of the program), the next call goes on after the last
range that was finished. What the hub got after the snapshot began is pulled as ever: cursors stand at the
heads noted before.
"""

import logging
import os
from collections.abc import Callable, Iterator
from time import sleep

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from app.store import replica
from app.store.core import StoreCore
from app.store.journal import Identity
from app.store.project_roles import read_timeline
from app.store.rebuild import rebuild
from app.store.replica import PageWriter
from app.store.schema import REPLICA_ENTRY
from app.store.schema_people import PERSON_STATE
from app.store.snapshot_build import build, set_aside
from app.store.snapshot_digest import Digest, Piece, Task
from app.store.snapshot_early import Early
from app.store.snapshot_fill import attach, detach
from app.store.snapshot_live import Live, TwinsError, note_state
from app.store.snapshot_merge import DONE, MOST_BEHIND, Merge, Merged, clean_up
from app.store.snapshot_scratch import (
    SNAPSHOT,
    STEP,
    Scratch,
    Step,
    discard_scratch,
    make_scratch,
    open_scratch,
)
from app.store.snapshot_slices import Rest
from app.store.snapshot_stage import check_joints, pieces_of
from app.store.snapshot_wide import Beside, make_again
from app.store.snapshot_workers import Alone, Workers, WorkerSetup, spread
from app.store.trust import StoreKeys, learn, load_trust
from domain.certificates import TrustStore
from domain.clock import Clock, Hlc, to_ms
from domain.entry import CASH, DESK, ORG, Entry
from domain.errors import Fault, Refusal
from domain.ids import RandomBytes
from sync.hub_client import read_pages
from sync.messages import Denied
from sync.ports import Cursor, PageOutcome
from sync.snapshot_ports import Progress, SnapshotSource

log = logging.getLogger("gatehouse.snapshot")

FAR_BEHIND = 20_000
"""From so many entries on a snapshot is quicker than pages."""
PIECE = 2_000
ALONE_BELOW = 5_000
"""Up to here it is not worth starting processes."""
MOST_WORKERS = 4
MOST_TWINS = 3
"""So often a snapshot is begun anew since an id got a second meaning meanwhile; then it is read page
by page."""
_START = bytes(32)
_LATER = (DESK, CASH)

Watch = Callable[[str], None]
_Range = tuple[str, int, int, int]
"""Feed, its rank, after, until."""


class StoreSnapshots:
    """See sync.snapshot_ports.Snapshots. `watch` is told each step as it is durable: begun, organization,
    piece, building (about to be committed), built, copying, copied (some rows, about to be committed),
    locked (in the last transaction), merging (it is about to be committed), merged, cleared."""

    def __init__(
        self,
        core: StoreCore,
        identity: Identity,
        keys: StoreKeys,
        clock: Clock,
        random_bytes: RandomBytes,
        *,
        far_behind: int = FAR_BEHIND,
        workers: int | None = None,
        most_behind: int = MOST_BEHIND,
        rest: Rest = sleep,
        watch: Watch | None = None,
    ) -> None:
        self._core = core
        self._data = core.path.parent
        self._identity = identity
        self._keys = keys
        self._clock = clock
        self._random = random_bytes
        self._far_behind = far_behind
        self._workers = min(MOST_WORKERS, os.cpu_count() or 1) if workers is None else workers
        self._watch: Watch = watch or _unwatched
        self._asked: str | None = None
        self._most_behind = most_behind
        self._rest = rest
        self._twins = 0
        self._given_up = False
        self._held = 0.0

    def ask(self, reason: str) -> None:
        """The next exchange shall begin with a snapshot, whatever waits (`control_sums`, for one)."""
        self._asked = reason

    def wanted(self, waiting: int) -> str | None:
        """See sync.snapshot_ports.Snapshots."""
        if self._given_up:
            return None
        if self._asked is not None:
            return self._asked
        if waiting >= self._far_behind:
            return "far_behind"
        return "begun" if (self._data / "snapshot").is_dir() else None

    def take_snapshot(
        self, reason: str, source: SnapshotSource, progress: Progress, stopping: Callable[[], bool]
    ) -> PageOutcome | Denied:
        """See sync.snapshot_ports.Snapshots. Raises Fault HUB_REPLY (and begins anew next time),
        SNAPSHOT_WORKER, DISK_FULL and what the source raises."""
        log.info("snapshot", extra={"reason": reason})
        try:
            return self._take(source, progress, stopping)
        except TwinsError:
            self._twins += 1  # the next one knows of it; but not for ever
            self._given_up = self._twins >= MOST_TWINS
            self._discard()
            return PageOutcome()
        except Fault as fault:
            if fault.code in {"HUB_REPLY", "STORE_DAMAGED"}:
                self._discard()
            raise

    def _discard(self) -> None:
        """Forget this snapshot, and what of it lies beside the live tables."""
        discard_scratch(self._data)
        clean_up(self._core)

    def _take(
        self, source: SnapshotSource, progress: Progress, stopping: Callable[[], bool]
    ) -> PageOutcome | Denied:
        scratch = self._begun(source)
        if isinstance(scratch, Denied):
            return scratch
        if scratch is None:
            clean_up(self._core)
            return self._finished(Merged(0, 0, 0), progress, 1)
        try:
            total = sum(head.position for head in scratch.heads().heads.values())
            steps = total + total // 2
            if scratch.step is Step.BEGUN:
                self._organization(scratch, source)
            if scratch.step is Step.ORGANIZATION:
                for done in self._fetched(scratch, source):
                    progress(done, steps)
                    if stopping():
                        return PageOutcome()
                self._build(scratch, total, stopping)
            progress(total + total // 4, steps)
            if stopping():
                return PageOutcome()
            merged = self._merged(scratch, stopping)
            if merged is None:
                return PageOutcome()
            self._watch("cleared")
        finally:
            scratch.close()
        return self._finished(merged, progress, steps)

    def _merged(self, scratch: Scratch, stopping: Callable[[], bool]) -> Merged | None:
        now_ms = to_ms(self._clock.now())
        station = self._identity.station
        return Merge(
            self._core, scratch, station, now_ms, self._watch, stopping, self._most_behind, self._rest
        ).run()

    def _finished(self, merged: Merged, progress: Progress, steps: int) -> PageOutcome:
        discard_scratch(self._data)
        self._asked = None
        self._twins = 0
        self._keys.reload()
        progress(steps, steps)
        held_ms = int(max(merged.held_seconds, self._held) * 1000)
        log.info(
            "snapshot_merged", extra={"entries": merged.entries, "held": merged.held, "locked_ms": held_ms}
        )
        rejected = [("", "")] * merged.rejected
        return PageOutcome(applied=merged.entries - merged.held, held=merged.held, rejected=rejected)

    def _begun(self, source: SnapshotSource) -> Scratch | Denied | None:
        """The snapshot to go on with, or a new one; None when that which was begun is merged already."""
        with self._core.reading() as live:
            names = ("incarnation", DONE, "root", "own_chain", "station", "epoch")
            meta = {name: replica.read_meta(live, name) or "" for name in names}
        found = self._left_over()
        if found is not None and found.said(SNAPSHOT) == meta[DONE]:
            found.close()
            return None
        answer = source.begin(meta["incarnation"])
        if isinstance(answer, Denied):
            if found is not None:
                found.close()
            if answer.code == "INCARNATION":
                self._discard()
            return answer
        if found is not None:
            if found.heads().incarnation == answer.incarnation:
                return found
            found.close()
        known = {name: meta[name] for name in ("root", "own_chain", "station", "epoch") if meta[name]}
        known["hlc"] = str(Hlc(0))
        name = self._random(8).hex()
        scratch = make_scratch(self._data, self._core.key, answer, name, known)
        with self._core.reading() as live, scratch.writing() as connection:
            note_state(live, connection)
        self._watch("begun")
        return scratch

    def _left_over(self) -> Scratch | None:
        try:
            return open_scratch(self._data, self._core.key, self._clock.boot_id())
        except (DBAPIError, dbapi2.Error, ValueError):
            log.info("snapshot_unreadable")
            return None

    # --- the feed of the organization

    def _organization(self, scratch: Scratch, source: SnapshotSource) -> None:
        """First and one by one: who may speak, and who may do what."""
        head = scratch.heads().heads.get(ORG, Cursor())
        with scratch.writing() as connection:
            trust, _ = load_trust(connection)
            if trust is None:
                raise Refusal("NOT_ENROLLED")
            now_ms = to_ms(self._clock.now())
            writer = PageWriter(connection, trust.verify_entry, _learn(trust), now_ms)
            cursor = Cursor()
            for after, until in _ranges(head.position, {}):
                rows = [(None, ORG, *row) for row in source.entries(ORG, after, until, ())]
                for page in read_pages(rows, {ORG: cursor}):
                    writer.take(page)
                    cursor = page.cursor
            if cursor != head:
                raise Fault("HUB_REPLY", field="feed_hash")
            if writer.must_rebuild:
                rebuild(connection, "")
            set_aside(connection, self._heard_here(connection, trust))
            replica.write_meta(connection, STEP, Step.ORGANIZATION.value)
        self._watch("organization")

    def _heard_here(self, connection: Connection, trust: TrustStore) -> list[str]:
        """Ids of that feed with another content known here that counts: the smaller of both does."""
        ids = connection.execute(select(REPLICA_ENTRY.c.entry_id, REPLICA_ENTRY.c.content_hash)).all()
        with self._core.reading() as live:
            here = Live(live, trust, self._identity.station)
            return [
                entry_id
                for entry_id, content_hash in ids
                if any(
                    each.content_hash < content_hash and trust.verify_entry(each.entry()) is None
                    for each in here.under(entry_id)
                )
            ]

    # --- everything else

    def _fetched(self, scratch: Scratch, source: SnapshotSource) -> Iterator[int]:
        """Fetch what is not there yet; answers after each range how many entries are."""
        heads = {feed: head for feed, head in scratch.heads().heads.items() if feed != ORG and head.position}
        pieces = pieces_of(scratch.stages(), scratch.key)
        total = sum(head.position for head in heads.values())
        done = sum(piece.until - piece.after for piece in pieces)
        workers = self._started(scratch, total - done)
        try:
            for task in _tasks(heads, pieces, source):
                for piece in workers.put(task):
                    pieces.append(piece)
                    done += piece.until - piece.after
                    self._watch("piece")
                yield done
            for piece in workers.finish():
                pieces.append(piece)
                done += piece.until - piece.after
                yield done
        finally:
            workers.close()
        check_joints(heads, pieces)

    def _started(self, scratch: Scratch, entries: int) -> Alone | Workers:
        trust, _ = load_trust(scratch.connection)
        if trust is None:
            raise Refusal("NOT_ENROLLED")
        states = scratch.connection.execute(select(PERSON_STATE.c.user, PERSON_STATE.c.timeline))
        people = {row.user: read_timeline(row.timeline) for row in states}
        digest = Digest(trust, people, to_ms(self._clock.now()))
        count = 1 if entries < ALONE_BELOW or self._workers < 2 else self._workers
        setups = [WorkerSetup(scratch.stage_path(at), scratch.key, digest) for at in range(count)]
        return Alone(setups[0]) if count == 1 else Workers(setups)

    def _build(self, scratch: Scratch, entries: int, stopping: Callable[[], bool]) -> None:
        trust, _ = load_trust(scratch.connection)
        if trust is None:
            raise Refusal("NOT_ENROLLED")
        with self._core.reading() as live:
            here = Live(live, trust, self._identity.station).contents()
        make_again(scratch)
        large = entries >= ALONE_BELOW and self._workers > 1
        beside = Beside(scratch, self._early(scratch, stopping), large)
        stages = attach(scratch.connection, scratch.key, scratch.stages())
        failed = True
        try:
            with scratch.unsynced(self._clock.boot_id()), scratch.writing(everything=False) as connection:
                if stages.names and not build(connection, stages, here, beside):
                    raise TwinsError("people")
                replica.write_meta(connection, STEP, Step.BUILT.value)
                self._watch("building")
            failed = False
        finally:
            beside.end(at_once=failed)
            detach(scratch.connection, stages.names)
        self._held = beside.early.held
        self._watch("built")

    def _early(self, scratch: Scratch, stopping: Callable[[], bool]) -> Early:
        name, now_ms = scratch.said(SNAPSHOT), to_ms(self._clock.now())
        return Early(self._core, name, scratch.stages(), now_ms, self._watch, stopping, self._rest)


def _unwatched(step: str) -> None:
    """Nobody looks."""


def _learn(trust: TrustStore) -> Callable[[Entry], str | None]:
    """Take note of certificates and revocations as they come."""

    def believe(entry: Entry) -> str | None:
        try:
            return learn(trust, entry)
        except Refusal:
            return None

    return believe


def _ranges(head: int, done: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Ranges (after, until] up to `head` that are not in `done` (after → until)."""
    after = 0
    while after < head:
        if after in done:
            after = done[after]
            continue
        until = min([after + PIECE, head, *(start for start in done if start > after)])
        yield after, until
        after = until


def _tasks(heads: dict[str, Cursor], pieces: list[Piece], source: SnapshotSource) -> Iterator[Task]:
    """What is left to fetch. What is in no event is spread among what is: it comes mostly without text, so
    the hub has the work with it, while workers have that with the rest."""
    events = sorted(feed for feed in heads if feed not in _LATER)
    with_text: list[_Range] = []
    without: list[_Range] = []
    for rank, feed in enumerate((*events, *(feed for feed in _LATER if feed in heads)), start=1):
        done = {piece.after: piece.until for piece in pieces if piece.feed == feed}
        ranges = ((feed, rank, *each) for each in _ranges(heads[feed].position, done))
        (without if feed in _LATER else with_text).extend(ranges)
    for feed, rank, after, until in spread(with_text, without):
        seen = events if feed in _LATER else []
        yield Task(feed, rank, after, until, list(source.entries(feed, after, until, seen)))
