"""Entries that no use case of today writes, and entries that nobody should: unknown kinds, bodies that do
not fit, texts that are too long, an identity used twice."""

import random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.store import journal as store_journal
from domain.actor import SYSTEM
from domain.entry import MAX_RAW_BYTES, Clocks, Draft, Entry, MalformedEntryError, Who, seal
from domain.ids import uuid4, uuid7
from tests.simulation.machine import Process

if TYPE_CHECKING:
    from tests.simulation.world import World


def some(chance: random.Random, process: Process) -> Draft | None:
    """A draft of a kind that is seldom written."""
    match chance.randrange(3):
        case 0:
            fields = {"name": f"Door {chance.randint(1, 9)}"}
            return Draft("gate_changed", ("org",), {"gate": "A", "base": None, "fields": fields})
        case 1:
            return Draft(
                "settings_changed", ("org",), {"values": {f"n{chance.randint(1, 5)}": chance.randint(0, 9)}}
            )
        case _:
            body = {
                "user": uuid4(process.random_bytes), "login": f"p{chance.randint(1, 999)}", "roles": ["gate"],
                "document": None, "document_hash": None,
            }  # fmt: skip
            return Draft("user_created", ("org",), body)


_ODD: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [
    ("order_dreamed", ("cash", "event:100"), {"order": "later", "serial": "00112233445566aa"}),
    ("order_sold", ("cash", "event:100"), {"order": 7, "positions": [{"serial": "x", "slots": "none"}]}),
    ("quota_changed", ("org",), {"quota": "400", "event": 100, "fields": {"capacity": "many"}}),
    ("admitted", ("event:100",), {"serial": "00112233445566aa", "event": None}),
]


def oversize(world: "World", process: Process) -> None:
    """A change too large for one entry, behind one that would be good: neither of them is written."""
    half, whole = (str(UUID(int=number)) for number in (1, 2))
    drafts = [
        Draft("settings_changed", ("org",), {"values": {name: value}}, entry_id=entry_id)
        for name, value, entry_id in (("half", 1, half), ("whole", "x" * MAX_RAW_BYTES, whole))
    ]
    try:
        with process.store.begin() as work:
            work.append_many(drafts, SYSTEM)
            work.commit()
    except MalformedEntryError:
        world.count("oversize_entry")
    rows = process.machine.rows(
        "SELECT entry_id FROM journal WHERE entry_id IN (?, ?)"
        " UNION SELECT name FROM setting WHERE name IN ('half', 'whole')",
        (half, whole),
    )
    if rows:
        world.violated(17, f"{process.machine.name} wrote {rows} of what is too large")


def poison(world: "World", process: Process) -> None:
    """An entry of a newer or a broken program: it must delay nothing, and be kept."""
    kind, feeds, body = process.chance.choice(_ODD)
    v = process.chance.choice((1, 1, 7))
    _write(process, kind, feeds, body, v)
    world.count("unknown_kind" if (kind == "order_dreamed" or v > 1) else "poison_entry")


def duplicate_id(world: "World", process: Process) -> None:
    """An entry with an id that another station has used, with other content."""
    rows = process.machine.rows(
        "SELECT entry_id FROM replica_entry WHERE station <> '00000000'"
        " AND entry_id NOT IN (SELECT entry_id FROM journal) LIMIT 40"
    )
    rows += process.machine.rows("SELECT entry_id FROM short_entry WHERE station <> '00000000' LIMIT 40")
    if rows:
        entry_id = process.chance.choice(rows)[0]
        world.flags["duplicate_id"] = True
        _write(process, "settings_changed", ("org",), {"values": {"odd": 1}}, 1, entry_id)
        world.count("duplicate_id")


def _write(
    process: Process,
    kind: str,
    feeds: tuple[str, ...],
    body: dict[str, Any],
    v: int,
    entry_id: str | None = None,
) -> Entry:
    """Past the checks of our own program: sealed, chained and stored, and not projected here."""
    process.machine.wrote_past_checks = True
    journal = process.store._journal
    identity = process.store.identity
    clock = process.machine.clock
    with process.core.writing() as work:
        seq, digest, hlc = journal._end(work.connection)
        now_ms = int(clock.now().timestamp() * 1000)
        entry = seal(
            Draft(kind, feeds, body, v), station=identity.station, epoch=identity.epoch, seq=seq + 1,
            entry_id=entry_id or uuid7(now_ms, process.random_bytes), hlc=str(hlc.tick(now_ms)),
            clocks=Clocks(journal._clocks().wall_at, clock.monotonic_ms(), clock.boot_id()),
            actor=Who(SYSTEM.user), shift=None, prev_hash=digest, sign=identity.key.sign,
        )  # fmt: skip
        store_journal._INSERT.run(work.connection, store_journal._row(entry))
        work.commit()
    process.exchange.nudge()
    return entry
