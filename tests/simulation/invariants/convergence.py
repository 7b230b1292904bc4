"""4 feed position is visibility order · 5 a puller misses and repeats nothing · 19, 20, 22 who follows the
same has the same, conflicts included, whatever came first and whatever was not understood at first · 25 a
revoked station changes nothing · 29, 32, 33 everything comes to an end, and nobody storms."""

import hashlib
from collections import defaultdict
from typing import Any

from tests.simulation.invariants import horizon
from tests.simulation.invariants.picture import HUB, File, Picture

KEPT = {
    "alembic_version",
    "meta",
    "own_epoch",
    "journal",
    "replica_entry",
    "short_entry",
    "forgotten_event",
    "forgotten_sum",
    "held_entry",
    "rejected_entry",
    "feed_cursor",
    "entry_outcome",
    "document",
    "pin",
    "print_job",
    "lease",
    "lease_request",
    "local_setting",
    "right_held",
    "value_held",
    "right_request",
    "document_aside",
    "document_cursor",
    "session_key",
    "approval",
    "password_proof",
    "notice_seen",
    "sqlite_sequence",
}
WINDOW_MS = 10_000
MOST_IN_WINDOW = 40


def check(picture: Picture, tell: Any) -> None:
    _feeds(picture, tell)
    for file in picture.living:
        _read(picture, file, tell)
    _same(picture, tell)
    _revoked(picture, tell)
    world = picture.world
    tell(29, world.drained, "the outbox does not empty in time")
    tell(5, world.caught_up, f"somebody does not come to the end of a feed: {world.behind}")
    tell(33, picture.hub["mode"] == "normal", "recovery does not end")
    for role, times in world.network.attempts.items():
        most = max((sum(at <= other < at + WINDOW_MS for other in times) for at in times), default=0)
        tell(32, most <= MOST_IN_WINDOW, f"{role}: {most} connections tried in {WINDOW_MS} ms")


def _feeds(picture: Picture, tell: Any) -> None:
    for name, rows in picture.feeds.items():
        running = bytes(32)
        for position, (station, epoch, seq, digest) in enumerate(rows, 1):
            link = picture.entries[station, epoch, seq]
            running = hashlib.sha256(running + link.hash).digest()
            tell(4, running == digest, f"{name}: the running hash breaks at {position}")
            tell(4, name in link.doc["feeds"], f"{name} shows an entry that is not its own at {position}")


def _read(picture: Picture, file: File, tell: Any) -> None:
    have = {link.entry_id for link in file.journal}
    have |= {
        row[0]
        for table in ("replica_entry", "short_entry", "rejected_entry")
        for row in file.rows(f"SELECT entry_id FROM {table}")
    }
    cursors = {feed: (position, digest) for feed, position, digest in file.rows("SELECT * FROM feed_cursor")}
    for name, rows in picture.feeds.items():
        if file.scope is not None and name not in file.scope:
            continue
        missed = [place[:3] for place in rows if picture.entries[place[:3]].entry_id not in have]
        tell(5, not missed, f"{file.name} misses {missed[:3]} of {name}")
        tell(5, cursors.get(name) == (len(rows), rows[-1][3]), f"{file.name} stands elsewhere in {name}")


def _same(picture: Picture, tell: Any) -> None:
    groups: dict[object, list[File]] = defaultdict(list)
    for file in picture.living:
        groups[file.scope].append(file)
    forgotten, doubled = _forgotten(picture)
    for files in groups.values():
        first, *others = _tables(files, forgotten, doubled)
        _without(horizon.forgotten(picture, files), [first, *others])
        for other, mine in zip(files[1:], others, strict=True):
            for table, rows in first.items():
                same = rows == mine.get(table)
                number = 19 if table.startswith("conflict") else 20
                tell(
                    number,
                    same,
                    f"{files[0].name} and {other.name} differ in {table}: {_difference(rows, mine[table])}",
                )


def _forgotten(picture: Picture) -> tuple[set[str], set[str]]:
    """Entries that only some have, since the hub has them no more or never took them: acts that it forgot
    with a restore, and what a stick brought of a station that is shut out. What is said of them alone is not
    compared: state is a function of the set of entries, and these files hold different sets.

    The second: ids under which the hub has another content. That counts everywhere, and is compared; but who
    was handed the content that the hub never took knows of a conflict more.
    """
    wanted = ["SELECT entry_id, content FROM rejected_entry"]
    if picture.world.flags["restored"]:
        wanted.append(f"SELECT entry_id, content FROM replica_entry WHERE station = '{HUB}'")
    read = {tuple(row) for file in picture.living for query in wanted for row in file.rows(query)}
    read |= _in_short(picture)
    missing = {entry_id for entry_id, _ in read - {(e.entry_id, e.content) for e in picture.entries.values()}}
    return missing - set(picture.by_id), missing & set(picture.by_id)


def _in_short(picture: Picture) -> set[tuple[str, str]]:
    """What is kept in short and the hub has no more, by id: no content is left to be compared."""
    kept = {row[0] for file in picture.living for row in file.rows("SELECT entry_id FROM short_entry")}
    return {(entry_id, "") for entry_id in kept - set(picture.by_id)}


def _tables(
    files: list[File], forgotten: set[str], doubled: set[str]
) -> list[dict[str, set[tuple[Any, ...]]]]:
    """The tables of each file, without the rows (and conflicts) that speak of forgotten entries, and without
    conflicts over what the hub has only one content of."""
    found = []
    for file in files:
        names = [row[0] for row in file.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found.append({name: _rows(file, name) for name in names if name not in KEPT})
    for tables in found if doubled else ():
        for name in tables:
            if name.startswith("conflict"):
                tables[name] = {row for row in tables[name] if not _names(row, doubled)}
    if forgotten:
        spoken = {row[0] for tables in found for row in tables.get("conflict", ()) if _names(row, forgotten)}
        for tables in found:
            for name, rows in tables.items():
                tables[name] = {row for row in rows if row[0] not in spoken and not _names(row, forgotten)}
    return found


def _without(gone: set[str], found: list[dict[str, set[tuple[Any, ...]]]]) -> None:
    """Take out what some have forgotten as they may: these orders and their tickets."""
    for tables in found if gone else ():
        for name in tables.keys() & horizon.OF_ORDERS:
            tables[name] = {row for row in tables[name] if gone.isdisjoint(row)}


def _names(row: tuple[Any, ...], entries: set[str]) -> bool:
    texts = [value for value in row if isinstance(value, str)]
    return any(entry_id in text for text in texts for entry_id in entries)


def _rows(file: File, name: str) -> set[tuple[Any, ...]]:
    columns = [row[1] for row in file.rows(f"PRAGMA table_info({name})")]
    wanted = ", ".join(f'"{column}"' for column in columns)
    return set(file.rows(f"SELECT {wanted} FROM {name}"))


def _difference(first: set[tuple[Any, ...]], second: set[tuple[Any, ...]]) -> str:
    return f"{list(first - second)[:1]} / {list(second - first)[:1]}"[:300]


def _revoked(picture: Picture, tell: Any) -> None:
    for station, (epoch, _, tip) in picture.world.flags["revoked"].items():
        grown = max(picture.log.get((station, epoch), {}), default=0)
        tell(25, grown <= tip, f"{station}: {grown} is at the hub, {tip} was the last when it was shut out")
        later = [each for each in picture.log if each[0] == station and each[1] > epoch]
        tell(25, not later, f"{station} came back as {later}")
