"""The first snapshot as the hub gives it: where the feeds end, and COPY of their entries by key ranges."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import psycopg

from sync.hub_client import HubClient
from sync.hub_errors import statement_fault
from sync.messages import Answer, Denied
from sync.ports import Cursor
from sync.snapshot_ports import SnapshotHeads, SnapshotRow

_BEGIN = "SELECT api_1.snapshot_begin(%s)"
_COPY = (
    "COPY (SELECT position, station, epoch, seq, content, prev_hash, hash, sig, feed_hash"
    " FROM api_1.snapshot_entries(%s, %s, %s, %s::text[])) TO STDOUT (FORMAT binary)"
)
_TYPES = ("int8", "text", "int4", "int8", "text", "bytea", "bytea", "bytea", "bytea")


@dataclass(frozen=True, slots=True)
class HubSnapshot:
    """See sync.snapshot_ports.SnapshotSource; on a connection that does nothing else meanwhile."""

    client: HubClient

    def begin(self, incarnation: str) -> SnapshotHeads | Denied:
        """Where every feed in scope ends now, in the history that `incarnation` names.

        Raises Fault by hub_errors, HUB_REPLY.
        """
        try:
            row = self.client.connection.execute(_BEGIN, (incarnation,)).fetchone()
        except psycopg.Error as error:
            raise statement_fault(error) from error
        answer = Answer(row[0] if row else None)
        if (denied := answer.denied()) is not None:
            return denied
        heads = answer.inner("heads")
        found = {feed: heads.inner(feed) for feed in heads.plain()}
        return SnapshotHeads(
            answer.text("incarnation"),
            {feed: Cursor(head.number("position"), head.hash("hash")) for feed, head in found.items()},
        )

    def entries(self, feed: str, after: int, until: int, seen: Sequence[str]) -> Iterator[SnapshotRow]:
        """Rows of one feed after one position up to another, in order. Raises Fault by hub_errors."""
        asked = (feed, after, until, list(seen))
        try:
            with (
                self.client.connection.cursor() as cursor,
                cursor.copy(_COPY, asked) as copy,
            ):
                copy.set_types(_TYPES)
                for row in copy.rows():
                    yield cast(SnapshotRow, row)
        except psycopg.Error as error:
            raise statement_fault(error) from error
