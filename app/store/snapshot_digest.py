"""From rows of a snapshot to rows of tables: read, checked and verified away from the station's file.

The kinds that make up nearly all of a feed (sales, prints, scans) become plain tuples for the tables that
keep one row per fact; everything else is left to the ordinary projection, as is any entry that speaks
against its actor or its clock. The functions that make the rows are those of the ordinary projection; most
sales are read straight from their text.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.store import project_gate, project_orders, project_roles, replica
from app.store.facts import at_ms
from app.store.schema import GATE_FACT, METADATA, PRINT_FACT, REJECTED_ENTRY
from app.store.snapshot_rows import SALE, Row, match_sale, read_sale
from domain import documents
from domain.actor import SYSTEM
from domain.certificates import Signed, TrustStore
from domain.clock import Hlc
from domain.conflict_acts import NEEDED, allows, clock_window
from domain.entry import MAX_RAW_BYTES, Entry, MalformedEntryError, chain_hash, is_place, parse, raw_text
from domain.errors import Fault
from domain.kinds import known
from domain.people import permissions_at
from sync.snapshot_ports import SnapshotRow

BUCKETS = 8
"""Rows are kept apart by the first digit of their key, so that each lot can be sorted in memory."""
BULK = frozenset({"order_sold", "ticket_printed", "admitted", "refused"})
LOTS = {
    "orders": "order_id",
    "position": "serial",
    "payment": "payment",
    "print_fact": "serial",
    "gate_fact": "serial",
    "person_act": "entry_id",
}
"""Tables with a random key, and the column that begins it."""
TABLES = (*LOTS, "slot")
RAW_COLUMNS = (
    "id", "rank", "position", "station", "epoch", "seq", "entry_id", "kind", "v", "hlc", "content",
    "content_hash", "prev_hash", "hash", "sig",
)  # fmt: skip
LISTED_COLUMNS = ("entry_id", "id", "rank", "position", "content_hash", "station", "epoch", "seq")
"""What it takes to find a raw row: beside them, since a page of its own lies around each of those."""
HELD_COLUMNS = ("entry_id", "kind", "v", "reason")
ASIDE_COLUMNS = tuple(column.name for column in REJECTED_ENTRY.c)
_COLUMNS = {name: tuple(c.name for c in METADATA.tables[name].c) for name in TABLES}
_KEYS = {name: _COLUMNS[name].index(key) for name, key in LOTS.items()}
_LOT_NAMES = {(name, at): f"{name}_{at}" for name in LOTS for at in range(BUCKETS)}
_DIGITS = "0123456789abcdef"
_NOBODY = frozenset({None, SYSTEM.user})


def staged_tables() -> Mapping[str, Sequence[str]]:
    """Every table that rows of facts are collected in, with its columns."""
    return {each: _COLUMNS[name] for name in TABLES for each in lots_of(name)}


def lots_of(table: str) -> list[str]:
    """The staged tables whose rows together are those of a table, in the order of its key."""
    return [f"{table}_{at}" for at in range(BUCKETS)] if table in LOTS else [table]


def lot_of(key: str) -> int:
    """The lot of a key: hexadecimal digits as a rule; what is none is in no order, and belongs to the
    first."""
    return _DIGITS.find(key[:1]) * BUCKETS // 16 if key[:1] in _DIGITS and key else 0


@dataclass(frozen=True, slots=True)
class Task:
    """A key range of a feed with what the hub sent for it; `rank` orders the feeds."""

    feed: str
    rank: int
    after: int
    until: int
    rows: Sequence[SnapshotRow]


@dataclass(frozen=True, slots=True)
class Piece:
    """A range that is done: what joins it to its neighbours in the feed's running hash, and how many entries
    of it are new, held and set aside. `hlc`: the latest believable stamp in it."""

    feed: str
    after: int
    until: int
    first_hash: bytes
    first_running: bytes
    last_running: bytes
    hlc: str = str(Hlc(0))
    entries: int = 0
    held: int = 0
    aside: int = 0


@dataclass
class Rows:
    """What a range comes to. `links`: entries whose text came with another feed."""

    raw: list[tuple[Any, ...]] = field(default_factory=list)
    listed: list[tuple[Any, ...]] = field(default_factory=list)
    rest: list[tuple[int]] = field(default_factory=list)
    held: list[tuple[Any, ...]] = field(default_factory=list)
    aside: list[tuple[Any, ...]] = field(default_factory=list)
    links: list[tuple[str, int, int]] = field(default_factory=list)
    hlc: str = str(Hlc(0))
    facts: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)


class Digest:
    """Reads ranges. `people`: user id → what everybody whom the feed `org` names was allowed since when."""

    def __init__(self, trust: TrustStore, people: Mapping[str, project_roles.Timeline], now_ms: int) -> None:
        self._trust = trust
        self._people = people
        self._plain = True
        self._now_ms = now_ms
        self._latest = str(Hlc(now_ms + replica.MOST_AHEAD_MS))

    def take(self, task: Task, first_id: int, *, plain: bool = True) -> tuple[Piece, Rows]:
        """Check a range and make its rows; ids of raw rows begin at `first_id`. Without `plain` all of it is
        left to the ordinary projection. Raises Fault HUB_REPLY for a gap or a running hash that does not
        follow."""
        rows = Rows()
        self._plain = plain
        _check_links(task)
        for row in task.rows:
            if row[4] is None:
                rows.links.append((row[1], row[2], row[3]))
            else:
                self._entry(task, row, first_id + len(rows.raw), rows)
        first, last = task.rows[0], task.rows[-1]
        joints = (first[6], first[8], last[8])
        counts = (len(rows.raw), len(rows.held), len(rows.aside))
        return Piece(task.feed, task.after, task.until, *joints, rows.hlc, *counts), rows

    def _entry(self, task: Task, row: SnapshotRow, number: int, rows: Rows) -> None:
        if self._plain and self._sale(task, row, number, rows):
            return
        _, station, epoch, seq, content, prev_hash, digest, sig, _ = row
        try:
            entry = parse(station, epoch, seq, content or "", prev_hash, digest, sig)
        except MalformedEntryError:
            rows.aside.append(self._aside(task.feed, row, digest.hex(), replica.MALFORMED))
            return
        code = self._trust.verify_entry(entry)
        if code is not None:
            rows.aside.append(self._aside(task.feed, row, entry.entry_id, code))
            return
        self._keep(
            task, row, number, rows, (entry.entry_id, entry.kind, entry.v, entry.origin.hlc),
            entry.content_hash,
        )  # fmt: skip
        reason = replica.misfit(entry)
        if reason is not None:
            rows.held.append((entry.entry_id, entry.kind, entry.v, reason))
            return
        self._note_hlc(entry.origin.hlc, rows)
        if not (self._is_plain(entry) and _add_facts(entry, rows.facts)):
            rows.rest.append((number,))

    def _sale(self, task: Task, row: SnapshotRow, number: int, rows: Rows) -> bool:
        """A sale like most; False, and nothing was done, when it is not or anything is wrong with it."""
        _, station, epoch, seq, content, prev_hash, digest, sig, _ = row
        found = match_sale(content or "") if known(*SALE) else None
        if content is None or found is None or not is_place(station, epoch, seq):
            return False
        encoded = content.encode()
        if len(encoded) > MAX_RAW_BYTES:
            return False
        if chain_hash(prev_hash, raw_text(station, epoch, seq, content)) != digest:
            return False
        if self._trust.verify_entry(Signed(station, epoch, seq, digest, sig)) is not None:
            return False
        content_hash = hashlib.sha256(encoded).digest()
        sale = read_sale(found, content_hash.hex()[:8])
        if sale is None:
            return False
        if not self._is_unsuspected(sale.at_ms, sale.offset_ms):
            return False
        if not self._is_allowed(SALE[0], sale.user, (sale.hlc, sale.entry_id), practice=sale.practice):
            return False
        self._keep(task, row, number, rows, (sale.entry_id, *SALE, sale.hlc), content_hash)
        self._note_hlc(sale.hlc, rows)
        _collect(sale.rows, rows.facts)
        return True

    @staticmethod
    def _keep(
        task: Task, row: SnapshotRow, number: int, rows: Rows, said: tuple[str, str, int, str], content: bytes
    ) -> None:
        """An entry to be believed; `said`: its id, kind, version and stamp, `content`: its content hash."""
        position, station, epoch, seq, text, prev_hash, digest, sig, _ = row
        place = (station, epoch, seq)
        rows.raw.append((number, task.rank, position, *place, *said, text, content, prev_hash, digest, sig))
        rows.listed.append((said[0], number, task.rank, position, content, *place))

    def _note_hlc(self, hlc: str, rows: Rows) -> None:
        if rows.hlc < hlc <= self._latest:
            rows.hlc = hlc

    def _is_plain(self, entry: Entry) -> bool:
        """Whether an entry of a frequent kind speaks against nobody and names no document."""
        if not self._plain or entry.kind not in BULK:
            return False
        if not self._is_unsuspected(at_ms(entry), entry.clocks.offset_ms):
            return False
        if any(True for _ in documents.names(entry.body)):
            return False
        stamp = entry.origin.hlc, entry.entry_id
        return self._is_allowed(entry.kind, entry.actor.user, stamp, practice=entry.actor.practice)

    @staticmethod
    def _is_unsuspected(wall_ms: int, offset_ms: int | None) -> bool:
        return clock_window(wall_ms, offset_ms) is None

    def _is_allowed(self, kind: str, user: str | None, stamp: tuple[str, str], *, practice: bool) -> bool:
        if user is None or user in _NOBODY or practice or kind not in NEEDED:
            return True
        timeline = self._people.get(user)
        return timeline is not None and allows(permissions_at(timeline, stamp), kind)

    def _aside(self, feed: str, row: SnapshotRow, name: str, code: str) -> tuple[Any, ...]:
        _, station, epoch, seq, content, prev_hash, digest, sig, _ = row
        values = {
            "entry_id": name, "hash": digest, "code": code, "feed": feed, "station": station, "epoch": epoch,
            "seq": seq, "content": content, "prev_hash": prev_hash, "sig": sig, "received_ms": self._now_ms,
        }  # fmt: skip
        return tuple(values[column] for column in ASIDE_COLUMNS)


def _check_links(task: Task) -> None:
    """Every position of the range is there, and each running hash follows from the one before."""
    if [row[0] for row in task.rows] != list(range(task.after + 1, task.until + 1)):
        raise Fault("HUB_REPLY", field="position")
    before: bytes | None = None
    for row in task.rows:
        if before is not None and hashlib.sha256(before + row[6]).digest() != row[8]:
            raise Fault("HUB_REPLY", field="feed_hash")
        before = row[8]


_Maker = Callable[[Entry], Mapping[str, Sequence[Mapping[str, Any]]]]
_MAKERS: Mapping[str, _Maker] = {
    SALE[0]: project_orders.rows_of_sale,
    "ticket_printed": lambda entry: {PRINT_FACT.name: project_orders.rows_of_prints(entry)},
    "admitted": lambda entry: {GATE_FACT.name: [project_gate.row_of_passage(entry)]},
    "refused": lambda entry: {GATE_FACT.name: [project_gate.row_of_refusal(entry)]},
}


def _rows_of(entry: Entry) -> Mapping[str, Sequence[Row]]:
    made = {name: _tuples(name, rows) for name, rows in _MAKERS[entry.kind](entry).items()}
    user = entry.actor.user
    act = None if user in _NOBODY or entry.actor.practice else project_roles.act_of(entry)
    if act is not None:
        made["person_act"] = _tuples("person_act", [act])
    for name, rows in made.items():
        _check_types(name, rows)
    return made


def _add_facts(entry: Entry, facts: dict[str, list[tuple[Any, ...]]]) -> bool:
    """Add the rows of an entry; False, and nothing added, when its values do not fit together."""
    try:
        made = _rows_of(entry)
    except (ValueError, TypeError, KeyError, OverflowError):
        return False
    _collect(made, facts)
    return True


def _collect(made: Mapping[str, Sequence[Row]], facts: dict[str, list[tuple[Any, ...]]]) -> None:
    for name, rows in made.items():
        if name in LOTS:
            key = _KEYS[name]
            for row in rows:
                facts.setdefault(_LOT_NAMES[name, lot_of(row[key])], []).append(row)
        else:
            facts.setdefault(name, []).extend(rows)


def _tuples(name: str, rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    columns = _COLUMNS[name]
    return [tuple([row[column] for column in columns]) for row in rows]


def _check_types(name: str, rows: Iterable[Row]) -> None:
    """Raises ValueError for a row that the table would refuse."""
    for row in rows:
        types = tuple(map(type, row))
        if types not in _FITTING[name]:
            if not all(kind in kinds for kind, kinds in zip(types, _STRICT[name], strict=True)):
                raise ValueError(name)
            _FITTING[name].add(types)


def _kinds(name: str) -> tuple[Collection[type], ...]:
    types: dict[type, type] = {str: str, int: int, bytes: bytes}
    return tuple(
        frozenset({types[column.type.python_type]} | ({type(None)} if column.nullable else set()))
        for column in METADATA.tables[name].c
    )


_STRICT = {name: _kinds(name) for name in TABLES}
"""What a STRICT table takes in each column: an entry that would be refused there goes the ordinary way,
where it is held."""
_FITTING: Mapping[str, set[tuple[type, ...]]] = {name: set() for name in TABLES}
"""Combinations of types that were found to fit: there are few, and a look at one is cheap."""
