"""What speaks against a station or an entry: forks that the hub noted, entries that could not be believed.

Entries that were kept aside are no facts, but that they came is one: `verify` and a rebuild tell it again
from the table of rejected entries.
"""

import json
from collections.abc import Iterator

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from app.store.facts import at_ms
from app.store.project_conflicts import refresh
from app.store.schema import CONFLICT_WITNESS, JOURNAL, REJECTED_ENTRY, REPLICA_ENTRY, SHORT_ENTRY
from domain.clock import from_text, to_ms
from domain.conflict_trust import OF_STATION, trust_window
from domain.conflicts import Code, SubjectKind, subject_of
from domain.entry import Entry, MalformedEntryError, parse

WITNESSED = frozenset({code.value for code in OF_STATION} | {Code.DUPLICATE_ID.value})

_FRESH = insert(CONFLICT_WITNESS)
_EARLIEST = _FRESH.on_conflict_do_update(
    index_elements=["subject", "entry_id"],
    set_={
        name: func.min(CONFLICT_WITNESS.c[name], _FRESH.excluded[name]) for name in ("window", "hlc", "at_ms")
    },
)


def fork_noted(connection: Connection, entry: Entry) -> None:
    """Two copies of one file spoke as one station."""
    body = entry.body
    subject = subject_of(SubjectKind.STATION, body["station"])
    _note(connection, subject, entry, trust_window(Code.FORK, body["epoch"]), at_ms(entry))


def rejected(connection: Connection, entry: Entry, code: str, other: str | None = None) -> None:
    """An entry was kept aside; `other` is the text that is known under its id."""
    if code not in WITNESSED:
        return
    what = Code(code)
    if what in OF_STATION:
        subject = subject_of(SubjectKind.STATION, entry.station)
        _note(connection, subject, entry, trust_window(what, entry.epoch), at_ms(entry))
        return
    subject = subject_of(SubjectKind.ENTRY, entry.entry_id)
    known_ms, known_hlc = at_ms(entry), entry.origin.hlc
    if other is not None:
        known = json.loads(other)
        known_ms = min(known_ms, to_ms(from_text(known["clock"]["wall_at"])))
        known_hlc = min(known_hlc, known["origin"]["hlc"])
    _note(connection, subject, entry, "", known_ms, known_hlc)


def withdrawn(connection: Connection, station: str, entry_id: str) -> None:
    """What was kept aside is judged again: it speaks against nobody until then."""
    subject = subject_of(SubjectKind.STATION, station)
    mine = (CONFLICT_WITNESS.c.subject == subject, CONFLICT_WITNESS.c.entry_id == entry_id)
    connection.execute(delete(CONFLICT_WITNESS).where(*mine))
    refresh(connection, subject)


def text_of(connection: Connection, entry_id: str) -> str | None:
    """The text that is believed under an id: that with the smallest hash."""
    found = [
        (row.content_hash, str(row.content))
        for table in (JOURNAL, REPLICA_ENTRY, SHORT_ENTRY)
        for row in connection.execute(
            select(table.c.content_hash, table.c.content).where(table.c.entry_id == entry_id)
        )
    ]
    return min(found)[1] if found else None


def kept_aside(connection: Connection) -> Iterator[tuple[Entry, str, str | None]]:
    """Entries that were rejected and speak against somebody: with the code, and the text that is believed
    under the same id."""
    rows = connection.execute(
        select(REJECTED_ENTRY)
        .where(REJECTED_ENTRY.c.code.in_(sorted(WITNESSED)))
        .order_by(REJECTED_ENTRY.c.entry_id, REJECTED_ENTRY.c.hash)
    )
    for row in rows:
        try:
            entry = parse(row.station, row.epoch, row.seq, row.content, row.prev_hash, row.hash, row.sig)
        except MalformedEntryError:
            continue
        yield entry, row.code, text_of(connection, entry.entry_id)


def _note(
    connection: Connection, subject: str, entry: Entry, window: str, when_ms: int, hlc: str | None = None
) -> None:
    """A witness; of several for one entry the earliest counts, whichever came first."""
    row = {
        "subject": subject,
        "entry_id": entry.entry_id,
        "window": window,
        "hlc": hlc or entry.origin.hlc,
        "at_ms": when_ms,
    }
    connection.execute(_EARLIEST, row)
    refresh(connection, subject)
