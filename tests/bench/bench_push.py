"""Push at the hub in batches of 200, against COPY of the same rows into a bare table with the same keys.

    python -m tests.bench.bench_push [system|wheel]

Durable settings (fsync on). Prints one JSON line per figure.
"""

import json
import os
import sys
import time
from collections.abc import Iterator

from domain.entry import Entry
from domain.ticket_code import SigningKey
from sync.enrolment import Enrolled
from sync.hub_client import HubClient
from sync.messages import PullReply, PushReply
from sync.ports import Cursor
from tests.journal import Journal
from tests.postgres import Hub, Hubs, running_server

ENTRIES = 8_000
BATCH = 200
MOST_BYTES = 262_144
WARM = 5
GOAL = 5_000
KEYED = """
CREATE TABLE public.floor_log (station text, epoch int, seq bigint, hash bytea, content_hash bytea,
    entry_id uuid, state text, received_at timestamptz, PRIMARY KEY (station, epoch, seq));
CREATE TABLE public.floor_key (entry_id uuid PRIMARY KEY, content_hash bytea, station text, epoch int,
    seq bigint);
CREATE TABLE public.floor_raw (station text, epoch int, seq bigint, prev_hash bytea, hash bytea, sig bytea,
    content text, PRIMARY KEY (station, epoch, seq));
CREATE TABLE public.floor_feed (feed text, position bigint, station text, epoch int, seq bigint, hash bytea,
    PRIMARY KEY (feed, position));
"""


def sales(journal: Journal, count: int, tickets: int = 1) -> list[Entry]:
    """Whole sales as tills make them, over three events. Of one ticket each nearly 200 fit into a batch."""
    for number in range(count):
        positions = [
            {
                "serial": os.urandom(8).hex(),
                "product": 4_000_000_000 + place,
                "event": 1 + number % 3,
                "performance": 77,
                "price_minor": 2400,
                "discount_minor": 0,
                "net_minor": 2243,
                "tax_minor": 157,
                "gross_minor": 2400,
                "rounding_minor": 0,
                "tax_rate_bp": 700,
                "price_version": 1,
                "admits": 1,
                "zones": 0,
                "seat": None,
                "valid_from_at": "2027-01-15T17:00:00.000Z",
                "valid_until_at": "2027-01-15T22:00:00.000Z",
                "is_pass": False,
                "slots": [{"pool": 9, "lease": journal.station, "slots": [tickets * number + place]}],
            }
            for place in range(tickets)
        ]
        payment = {
            "payment": f"{number:08d}-0000-4000-8000-000000000001",
            "tender": "cash",
            "amount_minor": 4800,
            "tendered_minor": 5000,
            "change_minor": 200,
            "reference": None,
        }
        body = {
            "order": f"{number:08d}-0000-4000-8000-000000000000",
            "reference": "ABCDEFG7",
            "channel": "desk",
            "currency": "EUR",
            "customer": None,
            "key_id": "0a1b2c3d",
            "sold_at": "2027-01-15T12:00:00.000Z",
            "receipt": {"prefix": "X", "epoch": 1, "number": number + 1, "practice": False},
            "positions": positions,
            "payments": [payment],
            "totals": {
                "gross_minor": 4800,
                "discount_minor": 0,
                "net_minor": 4486,
                "tax_minor": 314,
                "rounding_minor": 0,
                "due_minor": 4800,
            },
        }
        journal.add("order_sold", ["cash", f"event:{1 + number % 3}"], body)
    return journal.entries


def batches(entries: list[Entry]) -> Iterator[list[Entry]]:
    """As stations make them: up to 200 entries, and no more bytes than the hub takes."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        length = len(entry.content.encode())
        if len(batch) == BATCH or size + length > MOST_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += length
    yield batch


def push_rate(enrolled: Enrolled, entries: list[Entry]) -> float:
    """Entries a second through one connection, after a few batches to warm up."""
    client = HubClient.connect(enrolled.dsn, enrolled.password, "bench")
    begun = 0.0
    warm = 0
    for number, batch in enumerate(batches(entries)):
        if number < WARM:
            warm += len(batch)
        elif number == WARM:
            begun = time.perf_counter()
        reply = client.push(batch)
        assert isinstance(reply, PushReply), reply
        assert not reply.outcomes
    spent = time.perf_counter() - begun
    client.close()
    return (len(entries) - warm) / spent


def copy_rate(hub: Hub, entries: list[Entry]) -> float:
    """The floor: the same rows by COPY, a commit per batch, into tables with the same keys."""
    positions: dict[str, int] = {}
    with hub.admin() as admin:
        admin.execute(KEYED.encode())
        admin.autocommit = False
        begun = time.perf_counter()
        for first in range(0, len(entries), BATCH):
            batch = entries[first : first + BATCH]
            feeds = [(feed, entry) for entry in batch for feed in entry.feeds]
            rows: dict[str, list[tuple[object, ...]]] = {
                "floor_log": [
                    (
                        e.station,
                        e.epoch,
                        e.seq,
                        e.hash,
                        e.content_hash,
                        e.entry_id,
                        "ok",
                        "2026-01-01T00:00:00Z",
                    )
                    for e in batch
                ],
                "floor_key": [(e.entry_id, e.content_hash, e.station, e.epoch, e.seq) for e in batch],
                "floor_raw": [
                    (e.station, e.epoch, e.seq, e.prev_hash, e.hash, e.sig, e.content) for e in batch
                ],
                "floor_feed": [],
            }
            for feed, e in feeds:
                positions[feed] = positions.get(feed, 0) + 1
                rows["floor_feed"].append((feed, positions[feed], e.station, e.epoch, e.seq, e.hash))
            for table, lines in rows.items():
                with admin.cursor().copy(f"COPY public.{table} FROM STDIN") as copy:
                    for line in lines:
                        copy.write_row(line)
            admin.commit()
        return len(entries) / (time.perf_counter() - begun)


def bare_rate(hubs: Hubs) -> float:
    """Entries a second into a hub whose tables for reports are not filled: what those cost."""
    with hubs.fresh() as hub:
        with hub.admin() as admin:
            admin.execute(
                "CREATE OR REPLACE FUNCTION hub.project_tables(p_ids uuid[], p_json jsonb[]) RETURNS void"
                " LANGUAGE plpgsql AS $$ BEGIN END $$"
            )
        enrolled = hub.join("Bare", "Z")
        journal = Journal(enrolled.station, SigningKey.from_seed(enrolled.seed))
        return push_rate(enrolled, sales(journal, ENTRIES))


def pull_rate(enrolled: Enrolled) -> float:
    """Entries a second from nothing to the heads, parsed and checked."""
    client = HubClient.connect(enrolled.dsn, enrolled.password, "bench")
    cursors: dict[str, Cursor] = {}
    received = 0
    begun = time.perf_counter()
    while True:
        reply = client.pull(enrolled.incarnation, cursors, 500)
        assert isinstance(reply, PullReply)
        if not reply.received:
            break
        received += reply.received
        cursors.update({page.feed: page.cursor for page in reply.pages})
    spent = time.perf_counter() - begun
    client.close()
    return received / spent


def report(name: str, value: float, floor: float | None, goal: str, *, ok: bool) -> None:
    """One figure as a JSON line."""
    line = {
        "name": name,
        "value": round(value),
        "unit": "entries/s",
        "floor": None if floor is None else round(floor),
        "ratio": None if floor is None else round(value / floor, 3),
        "goal": goal,
        "ok": ok,
    }
    sys.stdout.write(json.dumps(line) + "\n")


def main() -> None:
    """Start a durable server, measure, print."""
    prefer = next((word for word in sys.argv[1:] if word in {"system", "wheel"}), None)
    with running_server(durable=True, prefer=prefer) as server, (hubs := Hubs(server)).fresh() as hub:
        enrolled = hub.join("Bench", "X")
        reader = hub.join("Reader", "Y")
        entries = sales(Journal(enrolled.station, SigningKey.from_seed(enrolled.seed)), ENTRIES)
        pushed = push_rate(enrolled, entries)
        bare = bare_rate(hubs)
        floor = copy_rate(hub, entries)
        report("push, batches of 200", pushed, floor, f">= {GOAL} entries/s", ok=pushed >= GOAL)
        report("push, the same without tables for reports", bare, floor, "reported", ok=True)
        report("pull, pages of 500", pull_rate(reader), None, "reported", ok=True)


if __name__ == "__main__":
    main()
