"""What the live file knows beside a snapshot: own entries that are not at the hub, entries that came another
way, and those that were set aside.

All of it counts in the scratch file too, by the rules that hold for pages: of several contents of one id the
smallest, nothing of a revoked station after its last trusted entry, and what was not believed for want of a
certificate is judged again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.store import replica
from app.store.prepared import driver
from app.store.rebuild import REBUILT
from app.store.snapshot_build import project_or_hold
from domain.certificates import TrustStore
from domain.entry import Entry, MalformedEntryError, parse

OWN_SEEN, REPLICA_SEEN, AS_OF = "own_seen", "replica_seen", "as_of"
OWN, OTHERS, ASIDE = "journal", "replica_entry", "rejected_entry"
_CHAIN = "epoch, seq, content, prev_hash, hash, sig"


class TwinsError(Exception):
    """The live file has gained another content under an id that the scratch file knows already, or was
    computed anew: the next snapshot knows of it from its beginning."""


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of the live file. `code`: why it is not to be believed any more."""

    table: str
    position: int
    entry_id: str
    content_hash: bytes
    parts: tuple[Any, ...]
    code: str | None = None

    def entry(self) -> Entry:
        """The entry itself."""
        return parse(*self.parts)


class Live:
    """The live file as of one reading connection. `own` and `others`: positions read before."""

    def __init__(
        self, connection: Connection, trust: TrustStore, station: str, own: int = 0, others: int = 0
    ) -> None:
        self._raw = driver(connection)
        self._trust = trust
        self._station = station
        self._after = {OWN: own, OTHERS: others}

    def known(self) -> Iterator[Known]:
        """Others' entries, own ones, and of those set aside what may be believed now."""
        yield from self.later()
        yield from self.believable()

    def later(self) -> Iterator[Known]:
        """Others' entries and own ones that came since."""
        yield from (self._judged(row) for row in self._rows(OTHERS, "station"))
        yield from self._rows(OWN, f"'{self._station}'")

    def contents(self) -> Mapping[str, bytes]:
        """By id the content that counts here; of entries that are not to be believed, none."""
        found: dict[str, bytes] = {}
        for each in self.known():
            if each.code is None:
                found[each.entry_id] = min(each.content_hash, found.get(each.entry_id, each.content_hash))
        return found

    def under(self, entry_id: str) -> Iterator[Known]:
        """All that counts here under one id."""
        for table, station in ((OTHERS, "station"), (OWN, f"'{self._station}'")):
            for row in self._raw.execute(f"{_query(table, station)} WHERE entry_id = ?", (entry_id,)):
                yield Known(table, row[0], row[1], bytes(row[2]), row[3:])
        yield from (each for each in self.believable() if each.entry_id == entry_id)

    def _rows(self, table: str, station: str) -> Iterator[Known]:
        query = f"{_query(table, station)} WHERE position > ? ORDER BY position"
        for row in self._raw.execute(query, (self._after[table],)):
            yield Known(table, row[0], row[1], bytes(row[2]), row[3:])

    def _judged(self, row: Known) -> Known:
        """A revocation may have come with the snapshot; whatever else was believed still is."""
        if self._trust.revoked_after(row.parts[0]) is None:
            return row
        code = self._trust.verify_entry(row.entry())
        return Known(row.table, row.position, row.entry_id, row.content_hash, row.parts, code)

    def believable(self) -> Iterator[Known]:
        """Entries set aside that may be believed now."""
        for row in self._raw.execute(f"SELECT station, {_CHAIN} FROM rejected_entry ORDER BY entry_id, hash"):
            try:
                entry = parse(*row)
            except MalformedEntryError:
                continue
            if self._trust.verify_entry(entry) is None:
                yield Known(ASIDE, 0, entry.entry_id, entry.content_hash, tuple(row))


def _query(table: str, station: str) -> str:
    return f"SELECT position, entry_id, content_hash, {station}, {_CHAIN} FROM {table}"


def note_state(live: Connection, scratch: Connection) -> None:
    """What `has_changed` compares with: called before anything of the live file is looked at."""
    replica.write_meta(scratch, AS_OF, replica.read_meta(live, REBUILT) or "")


def has_changed(live: Connection, scratch: Connection) -> bool:
    """Whether the live file was computed anew since: what was projected in the scratch file may have been set
    aside."""
    return (replica.read_meta(live, REBUILT) or "") != (replica.read_meta(scratch, AS_OF) or "")


def read_from(live: Connection, scratch: Connection, trust: TrustStore, station: str) -> Live:
    """The live file beyond what was read of it."""
    own, others = (int(replica.read_meta(scratch, name) or 0) for name in (OWN_SEEN, REPLICA_SEEN))
    return Live(live, trust, station, own, others)


def catch_up(live: Live, scratch: Connection) -> int:
    """Project what the live file has and the scratch file has not, inside a transaction of the scratch file.
    Answers how many. Raises TwinsError."""
    raw = driver(scratch)
    smallest = {each.entry_id: each.content_hash for each in live.believable()}
    seen: dict[str, int] = {}
    done = 0
    for each in live.known():
        seen[each.table] = each.position
        present = [_winner(raw, each.entry_id), smallest.get(each.entry_id)]
        least = min((found for found in present if found is not None), default=None)
        if each.code is not None or (least is not None and least < each.content_hash):
            if each.table != ASIDE:
                _note_outvoted(raw, each)
        elif present[0] is None:
            done += 1
            project_or_hold(scratch, each.entry())
            raw.execute("INSERT INTO here VALUES (?, ?)", (each.entry_id, each.content_hash))
            if each.table == ASIDE:
                raw.execute("INSERT OR IGNORE INTO revived VALUES (?, ?)", (each.entry_id, each.parts[5]))
        elif present[0] != each.content_hash:
            raise TwinsError(each.entry_id)
    for table, name in ((OWN, OWN_SEEN), (OTHERS, REPLICA_SEEN)):
        if table in seen:
            replica.write_meta(scratch, name, str(seen[table]))
    return done


def _winner(raw: Any, entry_id: str) -> bytes | None:
    """The content that the scratch file knows under an id."""
    for table in ("staged", "replica_entry", "here"):
        found = raw.execute(f"SELECT content_hash FROM {table} WHERE entry_id = ?", (entry_id,)).fetchone()
        if found is not None:
            return bytes(found[0])
    return None


def _note_outvoted(raw: Any, each: Known) -> None:
    code = each.code or replica.DUPLICATE_ID
    raw.execute("INSERT OR IGNORE INTO outvoted VALUES (?, ?, ?)", (each.entry_id, each.parts[5], code))
