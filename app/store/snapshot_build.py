"""Fills the tables of a scratch file from the stages: facts in the order of their keys, then what follows
from them, then every entry that is not of a frequent kind, by the ordinary projection.

All of it is one transaction of the scratch file. What it makes is what projecting the same entries one by one
would have made; a test holds every table against that.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from app.store import pool_places, project_conflicts, project_tickets, replica
from app.store.prepared import driver
from app.store.project_tickets import ADMITTED, EXITED, UNDONE
from app.store.rebuild import rebuild
from app.store.schema import HELD_ENTRY
from app.store.snapshot_digest import HELD_COLUMNS, TABLES, lots_of
from app.store.snapshot_fill import Attached, fill, index
from app.store.snapshot_scratch import ALONE, WIDE
from app.store.snapshot_subjects import subjects
from app.store.snapshot_wide import Beside, Wide
from domain.entry import ORG, Entry, parse
from domain.errors import Fault

_ENTRY = "station, epoch, seq, content, prev_hash, hash, sig"


def build(connection: Connection, stages: Attached, here: Mapping[str, bytes], beside: Beside) -> bool:
    """Fill the tables, inside a transaction; `here`: what the live file knows, by its id; `beside`: threads
    for what can be done apart, once it is known that no id in the stages has two contents. False, and the
    transaction is to be undone, when the stages were read with another view of who may do what than counts.
    Raises Fault HUB_REPLY when an entry is missing that the hub said had come with another feed."""
    _list_entries(connection, stages)
    _check_links(connection, stages)
    people = _people(connection)
    smaller, outvoted = _outvote_organization(connection)
    if _people(connection) != people:
        return False
    twice = _separate_twins(connection, stages, {**here, **smaller})
    if not twice:
        replica.write_meta(connection, ALONE, "1")
        beside.copy_entries()
    # Whoever set entries aside has computed tables again, and holds all of them until the end.
    wide = None if twice or outvoted else beside.fill_wide()
    undone = _undone(connection)
    sold_twice = _facts(connection, stages, wide)
    _take_back(connection, undone)
    _sums(connection)
    pool_places.gather(connection)
    for subject in sorted(subjects(connection, stages, sold_twice)):
        project_conflicts.refresh(connection, subject)
    _held(connection, stages)
    _rest(connection, stages, twice)
    return True


def _list_entries(connection: Connection, stages: Attached) -> None:
    """Each entry once, by its id, with the place where it lies."""
    raw = driver(connection)
    several = " UNION ALL ".join(
        f"SELECT entry_id, {at} AS stage, id, content_hash, rank, position FROM {name}.listed"
        for at, name in enumerate(stages.names)
    )
    raw.execute(
        "INSERT OR IGNORE INTO staged SELECT entry_id, stage, id, content_hash FROM "
        f"({several}) ORDER BY entry_id, content_hash, rank, position"
    )


def _check_links(connection: Connection, stages: Attached) -> None:
    """What came without its text is there with it."""
    links = stages.union("link", "station, epoch, seq")
    places = " UNION ALL ".join(stages.union(table, "station, epoch, seq") for table in ("listed", "aside"))
    query = f"SELECT 1 FROM (SELECT * FROM ({links}) EXCEPT SELECT * FROM ({places})) LIMIT 1"
    missing = driver(connection).execute(query).fetchone()
    if missing is not None:
        raise Fault("HUB_REPLY", field="content")


def _separate_twins(connection: Connection, stages: Attached, here: Mapping[str, bytes]) -> list[str]:
    """Of different entries with one id that with the smallest hash is kept, the others set aside; none is
    left to the bulk. Where the smallest is known here already, none of the stages is kept.

    Answers the ids, so that the kept ones are projected one by one.
    """
    raw = driver(connection)
    twins: set[str] = set()
    listed = sum(raw.execute(f"SELECT count(*) FROM {name}.listed").fetchone()[0] for name in stages.names)
    if listed != raw.execute("SELECT count(*) FROM staged").fetchone()[0]:
        for name in stages.names:
            found = raw.execute(
                f"SELECT r.entry_id FROM {name}.listed r JOIN staged s ON s.entry_id = r.entry_id "
                "WHERE s.content_hash <> r.content_hash"
            ).fetchall()
            twins.update(row[0] for row in found)
    for entry_id, content_hash in here.items():
        row = raw.execute("SELECT content_hash FROM staged WHERE entry_id = ?", (entry_id,)).fetchone()
        if row is not None and content_hash < bytes(row[0]):
            twins.add(entry_id)
            raw.execute(
                "UPDATE staged SET stage = -1, content_hash = ? WHERE entry_id = ?", (content_hash, entry_id)
            )
    for entry_id in sorted(twins):
        for name in stages.names:
            _unstage(connection, name, entry_id)
    raw.execute("DELETE FROM staged WHERE stage = -1")
    return sorted(twins)


def _people(connection: Connection) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = (
        driver(connection).execute("SELECT * FROM person_state ORDER BY 1").fetchall()
    )
    return rows


def _outvote_organization(connection: Connection) -> tuple[dict[str, bytes], list[str]]:
    """Ids that the feed of the organization, which is in already, and another feed know with different
    contents. Where that of the other feed is the smaller, the organization's is set aside and what followed
    from it is computed again; answers the ids whose smaller content is the organization's, with it, and those
    that were set aside."""
    raw = driver(connection)
    found = raw.execute(
        "SELECT r.entry_id, r.content_hash, s.content_hash FROM replica_entry r "
        "CROSS JOIN staged s ON s.entry_id = r.entry_id WHERE s.content_hash <> r.content_hash"
    ).fetchall()
    outvoted = [entry_id for entry_id, mine, other in found if bytes(other) < bytes(mine)]
    set_aside(connection, outvoted)
    return {entry_id: bytes(mine) for entry_id, mine, _ in found if entry_id not in outvoted}, outvoted


def set_aside(connection: Connection, outvoted: Sequence[str]) -> None:
    """Entries of the organization, before anything else is in, that another content under their id outvotes.
    That content is left to where it comes from: what follows from it may need what is not there yet."""
    raw = driver(connection)
    for entry_id in outvoted:
        raw.execute(
            "INSERT INTO rejected_entry SELECT entry_id, hash, "
            f"'{replica.DUPLICATE_ID}', '{ORG}', station, epoch, seq, content, prev_hash, sig, 0 "
            "FROM replica_entry WHERE entry_id = ? ON CONFLICT DO NOTHING",
            (entry_id,),
        )
        for table in ("held_entry", "replica_entry"):
            raw.execute(f"DELETE FROM {table} WHERE entry_id = ?", (entry_id,))
    if outvoted:
        rebuild(connection, "")


def _unstage(connection: Connection, name: str, entry_id: str) -> None:
    """Take the facts of an id out of a stage, and set aside all but the one that is kept."""
    raw = driver(connection)
    entries = raw.execute(f"SELECT {_ENTRY} FROM {name}.raw WHERE entry_id = ?", (entry_id,)).fetchall()
    facts = [lot for each in TABLES if each != "slot" for lot in lots_of(each)]
    for table in (*facts, "held"):
        raw.execute(f"DELETE FROM {name}.{table} WHERE entry_id = ?", (entry_id,))
    for row in entries:
        for position in parse(*row).body.get("positions", ()):
            raw.execute(f"DELETE FROM {name}.slot WHERE serial = ?", (position["serial"],))
    raw.execute(
        f"INSERT INTO rejected_entry SELECT r.entry_id, r.hash, '{replica.DUPLICATE_ID}', "
        f'coalesce((SELECT feed FROM {name}.piece p WHERE p."after" < r.position AND p.until >= r.position '
        f"LIMIT 1), ''), r.station, r.epoch, r.seq, r.content, r.prev_hash, r.sig, 0 FROM {name}.raw r "
        "JOIN staged s ON s.entry_id = r.entry_id WHERE r.entry_id = ? AND s.content_hash <> r.content_hash "
        "ON CONFLICT DO NOTHING",
        (entry_id,),
    )


def _facts(connection: Connection, stages: Attached, wide: Wide | None) -> list[str]:
    """Fill the tables of facts; answers the lots in which a ticket may have been sold more than once."""
    narrow = [name for name in TABLES if name not in WIDE.tables]
    fill(connection, stages, narrow)
    index(connection, narrow)
    if wide is not None:
        return wide.filled()
    sold_twice = fill(connection, stages, WIDE.tables)
    index(connection, WIDE.tables, WIDE.schema)
    return sold_twice


def _undone(connection: Connection) -> list[tuple[str, str]]:
    """Tickets and admissions that the feed of the organization, which is in already, has taken back."""
    query = f"SELECT serial, target FROM gate_fact WHERE kind = '{UNDONE}'"
    return [(serial, target) for serial, target in driver(connection).execute(query)]


def _take_back(connection: Connection, undone: Sequence[tuple[str, str]]) -> None:
    """Of what was taken back before it came, as in app.store.project_gate.passed."""
    passage = f"kind IN ('{ADMITTED}', '{EXITED}')"
    driver(connection).executemany(
        f"UPDATE gate_fact SET live = 0 WHERE serial = ? AND entry_id = ? AND {passage}", undone
    )


def _sums(connection: Connection) -> None:
    """Tickets and sums, computed from the facts that are there."""
    raw = driver(connection)
    for table in ("ticket", "tally", "pool_tally"):
        raw.execute(f"DELETE FROM {table}")
    raw.execute(
        "INSERT INTO ticket (serial, event, performance, sold, admitted, inside, print_number) "
        "SELECT p.serial, p.event, p.performance, p.admits, min(p.admits, coalesce(g.people, 0)), "
        "coalesce(g.people, 0), 1 FROM position p LEFT JOIN (SELECT serial, sum(people) AS people "
        "FROM gate_fact WHERE kind = 'admitted' AND live = 1 GROUP BY serial) g ON g.serial = p.serial "
        "ORDER BY p.serial"
    )
    raw.execute(
        "INSERT INTO tally (event, performance, gate, sold, admitted, inside, refused) "
        "SELECT event, performance, gate, sum(sold), sum(admitted), sum(inside), sum(refused) FROM ("
        "SELECT event, performance, '' AS gate, sum(sold) AS sold, sum(admitted) AS admitted, "
        "sum(inside) AS inside, 0 AS refused FROM ticket GROUP BY event, performance UNION ALL "
        "SELECT at_event, performance, gate, 0, sum(CASE WHEN kind = 'admitted' AND live = 1 THEN people "
        "ELSE 0 END), 0, sum(kind = 'refused') FROM gate_fact GROUP BY at_event, performance, gate) "
        "GROUP BY event, performance, gate "
        "HAVING sum(sold) <> 0 OR sum(admitted) <> 0 OR sum(inside) <> 0 OR sum(refused) <> 0"
    )
    raw.execute("INSERT INTO pool_tally (pool, used) SELECT pool, count(*) FROM slot GROUP BY pool")
    odd = raw.execute(
        "SELECT serial FROM gate_fact WHERE kind <> 'refused' AND (kind <> 'admitted' OR "
        "NOT EXISTS (SELECT 1 FROM position p WHERE p.serial = gate_fact.serial)) "
        "UNION SELECT serial FROM print_fact WHERE print_number > 1"
    ).fetchall()
    project_tickets.refresh(connection, [row[0] for row in odd])


def _held(connection: Connection, stages: Attached) -> None:
    columns = ", ".join(HELD_COLUMNS)
    driver(connection).execute(
        f"INSERT OR IGNORE INTO held_entry ({columns}) "
        f"SELECT {columns} FROM ({stages.union('held', columns)})"
    )


def _rest(connection: Connection, stages: Attached, twins: Sequence[str]) -> None:
    """Everything else, in the order of the feeds."""
    raw = driver(connection)
    done = {row[0] for row in raw.execute("SELECT entry_id FROM replica_entry")}
    places: list[tuple[int, int, int, int]] = []
    for at, name in enumerate(stages.names):
        found = f"SELECT rank, position, {at}, id FROM {name}.raw WHERE id"
        places += raw.execute(f"{found} IN (SELECT id FROM {name}.rest)").fetchall()
        kept = f"{found} = (SELECT id FROM staged WHERE entry_id = ? AND stage = ?)"
        for twin in twins:
            places += raw.execute(kept, (twin, at)).fetchall()
    for _, _, at, number in sorted(places):
        row = raw.execute(f"SELECT {_ENTRY} FROM {stages.names[at]}.raw WHERE id = ?", (number,)).fetchone()
        entry = parse(*row)
        if entry.entry_id not in done and _is_kept(raw, entry):
            done.add(entry.entry_id)
            project_or_hold(connection, entry)


def _is_kept(raw: Any, entry: Entry) -> bool:
    kept = raw.execute("SELECT content_hash FROM staged WHERE entry_id = ?", (entry.entry_id,)).fetchone()
    held = raw.execute("SELECT 1 FROM held_entry WHERE entry_id = ?", (entry.entry_id,)).fetchone()
    return held is None and kept is not None and bytes(kept[0]) == entry.content_hash


def project_or_hold(connection: Connection, entry: Entry, *, hold: bool = True) -> None:
    """Project a checked entry that is new here; what does not fit together is noted as held."""
    reason = replica.misfit(entry) or replica.project(connection, entry)
    if reason is not None and hold:
        connection.execute(
            HELD_ENTRY.insert(),
            {"entry_id": entry.entry_id, "kind": entry.kind, "v": entry.v, "reason": reason},
        )
