"""One connection of a station to the hub: the five functions of api_1, called and read strictly."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from domain.entry import Entry, MalformedEntryError, parse
from domain.errors import Fault
from sync.deadline import Deadline, Keeper
from sync.hub_errors import connect_fault, statement_fault
from sync.messages import Answer, Denied, HelloReply, PullReply, PushReply, read_hello, read_push
from sync.ports import Cursor, DamagedEntry, LeaseRequest, Page, RightRequest, Tip

PROTOCOL = 1
SCHEMA = "0017"
"""The newest hub schema that this program knows."""

ANSWER_S = 45.0
"""The hub ends a statement of a station after 30 s: who has not answered by then is not there any more."""

_NETWORK: Mapping[str, Any] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_PULL = "SELECT * FROM api_1.pull(%s, %s, %s)"
_PUSH = "SELECT api_1.push(%s, %s, %s, %b::text[], %b::bytea[], %b::bytea[], %s)"
_ASK = "SELECT api_1.push(%s, %s, %s, '{}', '{}', '{}', %s)"
_BRING = (
    "SELECT api_1.bring(%b::text[], %b::integer[], %b::bigint[], %b::bytea[], %b::bytea[], %b::bytea[],"
    " %b::text[])"
)
Row = tuple[Any, ...]


def channel(feed: str) -> str:
    """The name under which the hub tells that a feed has grown."""
    return f"gatehouse {feed}"


class HubClient:
    """An open connection in autocommit. Every method raises Fault by hub_errors, HUB_REPLY for an answer
    that cannot be read; what the hub refuses comes back as `Denied`. `keeper` ends a call that takes longer
    than `answer_s` seconds."""

    def __init__(
        self, connection: psycopg.Connection, answer_s: float = ANSWER_S, keeper: Keeper = Deadline
    ) -> None:
        self._connection = connection
        self._answer_s = answer_s
        self._keeper = keeper
        self._listening: set[str] = set()

    @classmethod
    def connect(cls, dsn: str, password: str, application: str) -> "HubClient":
        """Open. Raises Fault HUB_UNREACHABLE, HUB_PASSWORD, or HUB_DSN for what is no connection string."""
        try:
            conninfo = make_conninfo(dsn, password=password, application_name=application, **_NETWORK)
        except psycopg.ProgrammingError:
            raise Fault("HUB_DSN") from None
        try:
            return cls(psycopg.connect(conninfo, autocommit=True, prepare_threshold=None))
        except psycopg.Error as error:
            raise connect_fault(error, conninfo) from None

    @property
    def lost(self) -> bool:
        """Whether the connection is of no more use."""
        return self._connection.broken or self._connection.closed

    @property
    def connection(self) -> psycopg.Connection:
        """For enrolment, which needs a transaction around a call."""
        return self._connection

    def close(self) -> None:
        """Close; never raises."""
        self._connection.close()

    def hello(self, tip: Tip, incarnation: str | None, program: str) -> HelloReply | Denied:
        """Say who we are and how far our journal goes."""
        request = {
            "protocol": {"min": PROTOCOL, "max": PROTOCOL},
            "epoch": tip.epoch,
            "seq": tip.seq,
            "hash": tip.hash.hex(),
            "incarnation": incarnation,
            "schema": SCHEMA,
            "program": program,
        }
        return read_hello(self._call("SELECT api_1.hello(%s)", (Jsonb(request),)))

    def push(
        self,
        entries: Sequence[Entry],
        request: LeaseRequest | None = None,
        before: Tip | None = None,
        asked: RightRequest | None = None,
    ) -> PushReply | Denied:
        """Send consecutive entries of one epoch of the own journal, with requests for leases and rights.
        Without entries `before` says what a request is sent behind; ValueError when it is not there."""
        wants = Jsonb({**(request.to_json() if request else {}), **(asked.to_json() if asked else {})})
        if not entries:
            if before is None:
                raise ValueError("nothing to push")
            return read_push(self._call(_ASK, (before.epoch, before.seq + 1, before.hash, wants)))
        first = entries[0]
        arguments = (
            first.epoch,
            first.seq,
            first.prev_hash,
            [entry.content for entry in entries],
            [entry.hash for entry in entries],
            [entry.sig for entry in entries],
            wants,
        )
        return read_push(self._call(_PUSH, arguments))

    def pull(self, incarnation: str | None, cursors: Mapping[str, Cursor], limit: int) -> PullReply | Denied:
        """The next pages of all feeds in scope, checked for gaps and against the feeds' running hashes."""
        asked = {
            feed: {"position": cursor.position, "hash": cursor.hash.hex()} for feed, cursor in cursors.items()
        }
        rows = self._rows(_PULL, (incarnation or "", Jsonb(asked), limit))
        if not rows:
            raise Fault("HUB_REPLY", field="reply")
        answer = Answer(rows[0][0])
        if (denied := answer.denied()) is not None:
            return denied
        return PullReply(
            incarnation=answer.text("incarnation"),
            hub_ms=answer.number("hub_ms"),
            heads=answer.numbers("heads"),
            waiting=answer.number("waiting"),
            pages=read_pages(rows[1:], cursors),
        )

    def wake(self, feeds: Iterable[str]) -> None:
        """Tell listeners that feeds have grown."""
        self._call("SELECT api_1.wake(%s::text[])", (sorted(feeds),))

    def enrol(
        self, certificates: Sequence[Mapping[str, str]], announced: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any] | Denied:
        """Join with a chain of two certificates; `announced` by a station that brings its journal."""
        request: dict[str, Any] = {"certificates": list(certificates)}
        if announced is not None:
            request["joining"] = dict(announced)
        answer = Answer(self._call("SELECT api_1.enrol(%s)", (Jsonb(request),)))
        return answer.denied() or answer.plain()

    def bring_history(self, entries: Sequence[Entry]) -> Mapping[str, Any] | Denied:
        """A batch of a former epoch of the own journal, while joining; `tip` {epoch, seq, hash}."""
        first = entries[0]
        columns = [
            [entry.content for entry in entries],
            [entry.hash for entry in entries],
            [entry.sig for entry in entries],
        ]
        return self._plain(
            "SELECT api_1.bring_history(%s, %s, %s, %s::text[], %s::bytea[], %s::bytea[])",
            (first.epoch, first.seq, first.prev_hash, *columns),
        )

    def bring(self, entries: Sequence[Entry]) -> Mapping[str, Any] | Denied:
        """Hand over entries of other stations for the inbox; at most 200."""
        columns = [
            [entry.station for entry in entries],
            [entry.epoch for entry in entries],
            [entry.seq for entry in entries],
            [entry.prev_hash for entry in entries],
            [entry.hash for entry in entries],
            [entry.sig for entry in entries],
            [entry.content for entry in entries],
        ]
        return self._plain(_BRING, tuple(columns))

    def tips(self) -> Mapping[str, Any] | Denied:
        """The hub's mode, and where every journal ends there: `tips` [{station, epoch, seq}]."""
        found = self._plain("SELECT api_1.tips()", ())
        if not isinstance(found, Denied):
            for item in Answer(found).items("tips"):
                item.text("station"), item.number("epoch"), item.number("seq")
        return found

    def reported(self) -> Mapping[str, Any] | Denied:
        """After a restore: everything that this station had is at the hub."""
        return self._plain("SELECT api_1.reported()", ())

    def control(self, feeds: Iterable[str]) -> Mapping[str, Any] | Denied:
        """The hub's sums of these feeds as of their heads: what sync.control reads."""
        return self._plain("SELECT api_1.control(%s::text[])", (sorted(feeds),))

    def _plain(self, query: str, arguments: Row) -> Mapping[str, Any] | Denied:
        answer = Answer(self._call(query, arguments))
        return answer.denied() or answer.plain()

    def rows(self, query: str, arguments: Row) -> list[Row]:
        """The rows of a call, for the parts of sync that have calls of their own."""
        return self._rows(query, arguments)

    def listen(self, feeds: Iterable[str]) -> None:
        """Ask to be told about feeds; those already listened to cost nothing."""
        for feed in sorted(set(feeds) - self._listening):
            self._rows(sql.SQL("LISTEN {}").format(sql.Identifier(channel(feed))), None)
            self._listening.add(feed)

    def fileno(self) -> int:
        """The socket, readable when something has come."""
        return self._connection.fileno()

    def take_hints(self) -> int:
        """How many notifications have come since the last call. Raises Fault when the connection is gone."""
        try:
            return sum(1 for _ in self._connection.notifies(timeout=0))
        except psycopg.Error as error:
            raise statement_fault(error) from error

    def _call(self, query: str, arguments: Row) -> object:
        rows = self._rows(query, arguments)
        if len(rows) != 1 or len(rows[0]) != 1:
            raise Fault("HUB_REPLY", field="reply")
        return rows[0][0]

    def _rows(self, query: str | sql.Composed, arguments: Row | None) -> list[Row]:
        try:
            with (
                self._keeper(self._connection, self._answer_s),
                self._connection.cursor(binary=arguments is not None) as cursor,
            ):
                statement = query.encode() if isinstance(query, str) else query
                cursor.execute(statement, arguments)
                return cursor.fetchall() if cursor.description is not None else []
        except psycopg.Error as error:
            raise statement_fault(error) from error


@dataclass(frozen=True, slots=True)
class _Link:
    """One row of a pull, types checked."""

    feed: str
    position: int
    station: str
    epoch: int
    seq: int
    content: str
    prev_hash: bytes
    hash: bytes
    sig: bytes
    feed_hash: bytes

    @classmethod
    def read(cls, row: Row) -> "_Link":
        values = row[1:11]
        if len(values) != len(_ROW_TYPES):
            raise Fault("HUB_REPLY", field="row")
        for (name, kind), value in zip(_ROW_TYPES.items(), values, strict=True):
            if not isinstance(value, kind):
                raise Fault("HUB_REPLY", field=name)
        return cls(*values)

    def damaged(self, reason: str) -> DamagedEntry:
        return DamagedEntry(
            self.position,
            self.station,
            self.epoch,
            self.seq,
            self.content,
            self.prev_hash,
            self.hash,
            self.sig,
            reason,
        )


_ROW_TYPES: Mapping[str, type] = {
    "feed": str,
    "position": int,
    "station": str,
    "epoch": int,
    "seq": int,
    "content": str,
    "prev_hash": bytes,
    "hash": bytes,
    "sig": bytes,
    "feed_hash": bytes,
}


def read_pages(rows: Sequence[Row], cursors: Mapping[str, Cursor]) -> Sequence[Page]:
    """Group the rows of a pull into pages; each must go on exactly where its cursor stood.

    What is no entry at all is set aside in the page; a gap or a running hash that does not follow is
    Fault HUB_REPLY.
    """
    found: dict[str, tuple[list[Entry], list[DamagedEntry], Cursor]] = {}
    for link in map(_Link.read, rows):
        entries, damaged, cursor = found.get(link.feed) or ([], [], cursors.get(link.feed, Cursor()))
        if link.position != cursor.position + 1:
            raise Fault("HUB_REPLY", field="position")
        if hashlib.sha256(cursor.hash + link.hash).digest() != link.feed_hash:
            raise Fault("HUB_REPLY", field="feed_hash")
        try:
            entries.append(
                parse(link.station, link.epoch, link.seq, link.content, link.prev_hash, link.hash, link.sig)
            )
        except MalformedEntryError as error:
            damaged.append(link.damaged(str(error)))
        found[link.feed] = (entries, damaged, Cursor(link.position, link.feed_hash))
    return [Page(feed, entries, cursor, damaged) for feed, (entries, damaged, cursor) in found.items()]
