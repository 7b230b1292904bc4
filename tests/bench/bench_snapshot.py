"""The first snapshot of a new station against its floor: COPY out of the hub and `executemany` into SQLite.

    python -m tests.bench.bench_snapshot [tickets] [workers]

The hub holds sales of four tickets each, chained and signed, over four events. The floor is of the same run:
COPY out of the very entries that the station needs (measured before and after the snapshot, the mean counts)
and `executemany` of them and of the very rows that its tables hold for them (orders, positions, payments,
places, tickets) into plain SQLite: no signatures, no checks, no encryption, no second index, one write of
each. `ratio` and `ok` of the last line are by that floor; the line before names the ratio to the same entries
with one plain row per ticket. Prints JSON lines; the split says where the time goes: while facts are
projected, entries go into the live file already. The station sells all the while, a sale each second: `sale`
lines say how long the slowest took, in all and from the moment on that rows go into the live file.
"""

import contextlib
import gc
import hashlib
import json
import os
import resource
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from app.bootstrap import Station, enrol_station
from app.settings import Settings
from app.store.prepared import driver
from app.store.schema import ORDER, PAYMENT, POSITION, SLOT, TICKET
from app.store.snapshot import StoreSnapshots
from domain.entry import SIGNATURE_CONTEXT, chain_hash, genesis, raw_text
from domain.ids import short_reference, uuid4, uuid7
from domain.ticket_code import SigningKey
from sync.enrolment import Enrolled
from sync.hub_client import HubClient
from sync.hub_snapshot import HubSnapshot
from tests.journal import WALL_MS, Journal
from tests.postgres import Hub, Hubs, running_server
from tests.store.station import CASHIER, Sale

TICKETS = 1_000_000
PER_SALE = 4
EVENTS = (100, 101, 102, 103)
GOAL = 4.0
BATCH = 5_000
FIRST_SLOT = 50_000_000
"""Of the template: above all numbers that take its place, or one would be taken for another."""
SALE_EVERY_SECONDS = 1.0


def template(journal: Journal) -> tuple[str, Sale]:
    """The content of one sale, and what of it differs from sale to sale."""
    sale = Sale(os.urandom, count=PER_SALE, number=987_654_321, first_slot=FIRST_SLOT)
    draft = sale.draft()
    journal.user = None
    return journal.add(draft.kind, draft.feeds, draft.body).content, sale


@dataclass
class Filling:
    """Writes sales of one station straight into the hub's tables."""

    enrolled: Enrolled
    sales: int
    heads: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key = SigningKey.from_seed(self.enrolled.seed)
        self.tip = genesis(self.enrolled.station, 1, self.key.public)

    def contents(self) -> Iterator[tuple[str, str]]:
        """The event's feed and the content of each sale."""
        journal = Journal(self.enrolled.station, self.key)
        text, sale = template(journal)
        first = journal.entries[0]
        for number in range(self.sales):
            event = EVENTS[number % len(EVENTS)]
            made = text.replace(sale.order, uuid4(os.urandom)).replace(sale.payment, uuid4(os.urandom))
            for at, serial in enumerate(sale.serials):
                made = made.replace(serial, os.urandom(8).hex())
                made = made.replace(f"[{FIRST_SLOT + at}]", f"[{number * PER_SALE + at}]")
            made = made.replace(sale.reference, short_reference(os.urandom(8).hex()))
            made = made.replace("987654321", str(number + 1)).replace(
                first.entry_id, uuid7(WALL_MS + number, os.urandom)
            )
            made = made.replace(first.origin.hlc, f"{WALL_MS + number:014d}-000000")
            made = made.replace('"seq":1,', f'"seq":{number + 1},')
            made = made.replace('"event":100,', f'"event":{event},').replace(
                '"event:100"', f'"event:{event}"'
            )
            yield f"event:{event}", made

    def fill(self, hub: Hub) -> None:
        """Raw entries, feeds, heads and the station's tip."""
        links = []
        with hub.admin() as connection:
            with connection.cursor().copy(
                "COPY hub.log_raw (station, epoch, seq, prev_hash, hash, sig, content) FROM STDIN"
            ) as copy:
                for seq, (feed, content) in enumerate(self.contents(), start=1):
                    before = self.tip
                    self.tip = chain_hash(before, raw_text(self.enrolled.station, 1, seq, content))
                    sig = self.key.sign(SIGNATURE_CONTEXT + self.tip)
                    copy.write_row((self.enrolled.station, 1, seq, before, self.tip, sig, content))
                    links += [(each, seq, self._ran(each)) for each in ("cash", feed)]
            with connection.cursor().copy(
                "COPY hub.feed_log (feed, position, station, epoch, seq, hash) FROM STDIN"
            ) as copy:
                for feed, seq, (position, running) in links:
                    copy.write_row((feed, position, self.enrolled.station, 1, seq, running))
            for feed, (position, running) in self.heads.items():
                connection.execute(
                    "INSERT INTO hub.feed_head (feed, position, hash) VALUES (%s, %s, %s) ON CONFLICT (feed) "
                    "DO UPDATE SET position = excluded.position, hash = excluded.hash",
                    (feed, position, running),
                )
            connection.execute("VACUUM ANALYZE hub.log_raw, hub.feed_log")

    def _ran(self, feed: str) -> tuple[int, bytes]:
        position, running = self.heads.get(feed, (0, bytes(32)))
        self.heads[feed] = (position + 1, hashlib.sha256(running + self.tip).digest())
        return self.heads[feed]


def copied(client: HubClient, heads: dict[str, tuple[int, bytes]], folder: Path) -> float:
    """Seconds for COPY out of the raw entries, once each, and `executemany` of them into plain SQLite."""
    began = perf_counter()
    plain = _plain(folder)
    plain.execute("CREATE TABLE raw (id INTEGER PRIMARY KEY, station, seq, content, prev_hash, hash, sig)")
    source = HubSnapshot(client)
    for feed, (position, _) in heads.items():
        for after in range(0, position, BATCH) if feed != "cash" else ():
            fetched = list(source.entries(feed, after, min(after + BATCH, position), ()))
            plain.execute("BEGIN")
            plain.executemany(
                "INSERT INTO raw VALUES (NULL, ?, ?, ?, ?, ?, ?)",
                [(r[1], r[3], r[4], r[5], r[6], r[7]) for r in fetched],
            )
            plain.execute("COMMIT")
    _done(plain, folder)
    return perf_counter() - began


def filled(station: Station, folder: Path) -> float:
    """Seconds for `executemany` of the very rows that the station's tables hold now into plain tables of the
    same columns and keys, without any other index; reading them is not counted."""
    store: Any = station.store
    plain = _plain(folder)
    spent = 0.0
    with store._core.reading() as connection:
        for table in (ORDER, POSITION, PAYMENT, SLOT, TICKET):
            names = ", ".join(column.name for column in table.c)
            keys = ", ".join(column.name for column in table.primary_key)
            plain.execute(f"CREATE TABLE {table.name} ({names}, PRIMARY KEY ({keys})) WITHOUT ROWID")
            insert = f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.c))})"
            rows = driver(connection).execute(f"SELECT {names} FROM {table.name} ORDER BY {keys}")
            while some := rows.fetchmany(BATCH):
                began = perf_counter()
                plain.execute("BEGIN")
                plain.executemany(insert, some)
                plain.execute("COMMIT")
                spent += perf_counter() - began
    began = perf_counter()
    _done(plain, folder)
    return spent + perf_counter() - began


def one_row_each(tickets: int, folder: Path) -> float:
    """Seconds for one plain row per ticket."""
    began = perf_counter()
    plain = _plain(folder)
    plain.execute("CREATE TABLE one (key TEXT PRIMARY KEY, a, b, c, d, e, f, g, h) WITHOUT ROWID")
    for first in range(0, tickets, BATCH):
        made = [
            (f"{at:016x}", "9" * 36, "8" * 36, 1, 2000, 2000, 100, 1, "EUR")
            for at in range(first, min(first + BATCH, tickets))
        ]
        plain.execute("BEGIN")
        plain.executemany("INSERT INTO one VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", made)
        plain.execute("COMMIT")
    _done(plain, folder)
    return perf_counter() - began


def _plain(folder: Path) -> sqlite3.Connection:
    plain = sqlite3.connect(folder / "floor.db", isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL")
    return plain


def _done(plain: sqlite3.Connection, folder: Path) -> None:
    plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    plain.close()
    (folder / "floor.db").unlink()


def reset_peak() -> None:
    """Forget how much memory this process has had (filling the hub took some)."""
    gc.collect()
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> tuple[float, float]:
    """Most memory of this process since `reset_peak`, and of its largest worker."""
    status = Path("/proc/self/status").read_text()
    here = next(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmHWM"))
    return here / 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


@dataclass
class Selling:
    """A till that sells while something else goes on: when each sale began, and how long it took."""

    store: Any
    took: list[tuple[float, float]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Selling":
        self._thread = threading.Thread(target=self._sell)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _sell(self) -> None:
        number = 0
        while not self._over.wait(SALE_EVERY_SECONDS):
            number += 1
            draft = Sale(os.urandom, number=number, first_slot=10_000_000 + number * PER_SALE).draft()
            began = perf_counter()
            with self.store.begin() as work:
                work.append_many([draft], CASHIER)
                work.commit()
            self.took.append((began, perf_counter() - began))

    def slowest(self, since: float, until: float) -> float:
        """Milliseconds of the slowest sale that began in this time."""
        return max((took for began, took in self.took if since <= began <= until), default=0.0) * 1000


def taken(station: Station, client: HubClient, workers: int | None) -> dict[str, float]:
    """Seconds of each step of a snapshot, and milliseconds of the slowest sale meanwhile."""
    store: Any = station.store
    marks: dict[str, float] = {}
    began = perf_counter()

    def watch(step: str) -> None:
        marks[step] = perf_counter() - began
        if step == "copied":
            marks.setdefault("first copied", marks[step])

    made = StoreSnapshots(
        store._core, store.identity, store.keys, store._clock, store._random, workers=workers, watch=watch
    )
    with Selling(store) as selling:
        made.take_snapshot("far_behind", HubSnapshot(client), lambda done, steps: None, lambda: False)
    whole = perf_counter() - began
    last_piece, copying = marks["piece"], marks["first copied"] - SALE_EVERY_SECONDS
    return {
        "fetched_and_verified": last_piece,
        "projected": marks["built"] - last_piece,
        "copied": marks["locked"] - marks["built"],
        "exchanged": marks["merged"] - marks["locked"],
        "cleared": marks["cleared"] - marks["merged"],
        "whole": whole,
        "slowest sale": selling.slowest(began, began + whole),
        "slowest sale while rows are copied": selling.slowest(began + copying, began + whole),
    }


def line(name: str, value: float, unit: str, below: float, goal: float | None = None) -> None:
    """One figure."""
    ratio = value / below if below else 0.0
    known = {"floor": round(below, 2), "ratio": round(ratio, 2)} if below else {}
    ok = {"goal": f"<= {goal:g} x", "ok": ratio <= goal} if goal else {}
    said = json.dumps({"name": name, "value": round(value, 2), "unit": unit, **known, **ok})
    sys.stdout.write(f"{said}\n")
    sys.stdout.flush()


def report(tickets: int, split: dict[str, float], below: float, one_each: float) -> None:
    """The figures, with the ratio to what the docstring calls the floor."""
    name = f"snapshot of {tickets} tickets"
    for step, seconds in split.items():
        if step != "whole":
            line(f"{name}: {step}", seconds, "ms" if "sale" in step else "s", 0)
    line(f"{name}, beside one row per ticket", split["whole"], "s", one_each)
    line(name, split["whole"], "s", below, GOAL)


def main() -> None:
    """Fill a hub, join a station, take the snapshot, print the figures."""
    tickets = int(sys.argv[1]) if len(sys.argv) > 1 else TICKETS
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as place, running_server(durable=True) as server:
        folder = Path(place)
        with Hubs(server).fresh() as hub:
            filling = Filling(hub.join("Till", "T"), tickets // PER_SALE)
            began = perf_counter()
            filling.fill(hub)
            line("filling the hub (not measured)", perf_counter() - began, "s", 0)
            _, text = hub.invite("New", "N")
            settings = Settings(folder / "new", {"GATEHOUSE_KEY_DIR": str(folder / "keys")})
            station = enrol_station(folder / "new", settings, text)
            client = _client(station)
            before = copied(client, filling.heads, folder)
            reset_peak()
            split = taken(station, client, workers)
            here, worker = peak_mb()
            raw = (before + copied(client, filling.heads, folder)) / 2
            report(tickets, split, raw + filled(station, folder), raw + one_row_each(tickets, folder))
            line("most memory of the program", here, "MB", 0)
            line("most memory of a worker", worker, "MB", 0)
            client.close()
            station.close()


def _client(station: Station) -> HubClient:
    dsn = station.store.local_setting("hub_dsn") or ""
    client = HubClient.connect(dsn, station.store.hub_password() or "", "bench")
    incarnation = HubSnapshot(client).begin("")
    found = dict(getattr(incarnation, "params", {}))
    station.store.replica.adopt_incarnation(str(found["incarnation"]))
    return client


if __name__ == "__main__":
    main()
