"""How fast the audit trail answers over many entries, and what its index costs to fill.

    python -m tests.bench.bench_audit [entries]      (default: 1000000)

prints one JSON line per figure. The entries are those of one busy day over and over, under other ids, laid
into the table of others' entries; the index is filled by the program's own code.
"""

import json
import random
import sys
import tempfile
import uuid
from pathlib import Path
from time import perf_counter

from app.services.audit import Audit
from app.services.views_people import AuditQuery
from domain.actor import Actor
from domain.clock import Hlc, from_ms, to_text
from domain.permissions import Role
from tests.bench.bench_gate import report
from tests.bench.floor import percentile, timed
from tests.services.house import ADMIN, House

DAY_MS = 86_400_000
SEARCHES = 60
KINDS = {
    "order_sold": 30,
    "admitted": 60,
    "refused": 5,
    "session_started": 2,
    "drawer_opened": 1,
    "order_voided": 2,
}
PEOPLE = 40
STATIONS = [f"{number:08x}" for number in range(1, 13)]


def body_of(kind: str, chance: random.Random, sold: list[str]) -> dict[str, object]:
    """A body with the ids that such an entry has; the rest is filling of the usual length."""
    order = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    serial = f"{chance.getrandbits(64):016x}"
    if kind == "order_sold":
        sold.append(order)
        return {"order": order, "payments": [{"tender": "cash"}], "positions": [{"serial": serial}] * 2,
                "totals": {"due_minor": 2000}, "filling": "x" * 700}  # fmt: skip
    if kind == "order_voided":
        return {"order": chance.choice(sold or [order]), "amount_minor": 2000, "filling": "x" * 300}
    if kind == "drawer_opened":
        return {"shift": order, "drawer": "1", "reason": "change"}
    return {"serial": serial, "gate": "A", "filling": "x" * 350}


def fill(house: House, entries: int) -> list[str]:
    """Others' entries of the last hundred days; answers some orders."""
    chance, sold = random.Random(7), []
    kinds = chance.choices(list(KINDS), list(KINDS.values()), k=entries)
    now_ms = int(house.clock.now().timestamp() * 1000)

    def rows():
        for number, kind in enumerate(kinds):
            at_ms = now_ms - 100 * DAY_MS + number * 100 * DAY_MS // entries
            user = f"00000000-0000-4000-8000-{chance.randrange(PEOPLE):012d}"
            content = {
                "actor": {"approvals": [], "practice": False, "user": user},
                "body": body_of(kind, chance, sold),
                "clock": {"offset_ms": 3, "wall_at": to_text(from_ms(at_ms))},
                "shift": None,
            }
            station = STATIONS[number % len(STATIONS)]
            hlc, entry_id = str(Hlc(at_ms, number % 1000)), str(uuid.UUID(int=number + 1))
            yield (station, 1, number, entry_id, kind, 1, hlc, json.dumps(content), b"", b"", b"", b"", 0)

    with house.station.store._core.writing() as work:
        work.connection.connection.driver_connection.executemany(
            "INSERT INTO replica_entry (station, epoch, seq, entry_id, kind, v, hlc, content, content_hash, "
            "prev_hash, hash, sig, received_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows(),
        )
        work.commit()
    return sold


def searches(audit: Audit, sold: list[str], now) -> dict[str, list[float]]:
    """Times of first pages, by what is looked for."""
    chance = random.Random(3)
    user = [f"00000000-0000-4000-8000-{number:012d}" for number in range(PEOPLE)]
    asked = {
        "newest": lambda: AuditQuery(limit=101),
        "a person": lambda: AuditQuery(person=chance.choice(user), limit=101),
        "a person and a kind": lambda: AuditQuery(
            person=chance.choice(user), kind=chance.choice(list(KINDS)), limit=101
        ),
        "a kind": lambda: AuditQuery(kind=chance.choice(list(KINDS)), limit=101),
        "a kind at a station": lambda: AuditQuery(
            kind=chance.choice(list(KINDS)), station=chance.choice(STATIONS), limit=101
        ),
        "an order": lambda: AuditQuery(order=chance.choice(sold), limit=101),
        "a day": lambda: AuditQuery(
            since_at=from_ms(int(now.timestamp() * 1000) - chance.randrange(90) * DAY_MS), limit=101
        ),
        "a kind that is not there": lambda: AuditQuery(kind="fork_noted", limit=101),
    }  # fmt: skip
    actor: Actor = ADMIN
    times: dict[str, list[float]] = {}
    for name, query in asked.items():
        audit(query(), actor)
        times[name] = [timed(lambda query=query: audit(query(), actor)) for _ in range(SEARCHES)]
    return times


def main() -> None:
    """Fill, index, search."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    assert Role.ADMIN in ADMIN.roles
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), shift=False)
        sold = fill(house, entries)
        began = perf_counter()
        done = house.station.store.trail.catch_up()
        took = perf_counter() - began
        report("audit index, entries a second", done / took, "1/s", None, "reported", ok=True)
        size = (house.data / "station.db").stat().st_size
        report("store with index", size / 1e6, "MB", None, "reported", ok=True)
        every = searches(house.services.audit, sold, house.clock.now())
        for name, times in every.items():
            p99 = percentile(times, 0.99)
            report(f"audit, first page, {name}", p99, "ms p99", None, "≤ 50", ok=p99 <= 50)
        began = perf_counter()
        house.services.audit.suspicions(ADMIN)
        report("audit patterns, all time", perf_counter() - began, "s", None, "reported", ok=True)
        house.station.close()


if __name__ == "__main__":
    main()
