"""What a first snapshot needs from the hub, and what the driver needs from whoever takes it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sync.messages import Denied
from sync.ports import Cursor, PageOutcome

SnapshotRow = tuple[int, str, int, int, str | None, bytes, bytes, bytes, bytes]
"""position, station, epoch, seq, content (None: came with another feed), prev_hash, hash, sig, and the feed's
running hash at that position."""

Progress = Callable[[int, int], None]
"""Told how many of how many steps are done, from the thread that works."""


@dataclass(frozen=True, slots=True)
class SnapshotHeads:
    """Where the feeds in scope ended at one moment, in the history of `incarnation`."""

    incarnation: str
    heads: Mapping[str, Cursor]


class SnapshotSource(Protocol):
    """The hub's side."""

    def begin(self, incarnation: str) -> SnapshotHeads | Denied:
        """Where every feed in scope ends now."""
        ...

    def entries(self, feed: str, after: int, until: int, seen: Sequence[str]) -> Iterator[SnapshotRow]:
        """Entries of a feed after one position up to another, in order; those that are also in a feed of
        `seen` come without content."""
        ...


class Snapshots(Protocol):
    """The station's side."""

    def wanted(self, waiting: int) -> str | None:
        """Why a snapshot is worth more than reading page by page, None when it is not: `far_behind` (so many
        entries wait), `begun` (one was broken off), or what `ask` said."""
        ...

    def take_snapshot(
        self, reason: str, source: SnapshotSource, progress: Progress, stopping: Callable[[], bool]
    ) -> PageOutcome | Denied:
        """Take one, or go on with the one that was broken off, and merge it. Cursors stand at its heads
        afterwards. When `stopping` says so it comes back early with nothing merged."""
        ...
