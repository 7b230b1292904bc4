"""Claims at the gate: what asking the hub costs a scan, how many a hub takes, how soon the others know.

    python -m tests.bench.bench_claims [system|wheel]

Durable settings (fsync on). Prints one JSON line per figure. The throughput is held against `pgbench -N` with
as many clients on the same server, and left out where there is no pgbench.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from domain.claims import ClaimAsked, ClaimOutcome
from domain.entry import event_feed
from domain.ids import uuid7
from domain.ticket_code import decode
from sync.claim_line import ClaimLine
from sync.claims import Breaker, HubClaims
from tests.bench.floor import percentile, timed
from tests.claims.gates import Venue, eventually
from tests.postgres import Hub, Hubs, running_server

SCANS = 200
GATES = 8
SECONDS = 6
KNOWN = 150


def report(name: str, value: float, unit: str, floor: float | None, goal: str, *, ok: bool) -> None:
    """One figure as a JSON line."""
    figure = {
        "name": name, "value": round(value, 3), "unit": unit, "floor": floor and round(floor, 3),
        "ratio": None if not floor else round(value / floor, 2), "goal": goal, "ok": ok,
    }  # fmt: skip
    sys.stdout.write(json.dumps(figure) + "\n")
    sys.stdout.flush()


def cost_of_asking(hub: Hub, folder: Path) -> None:
    """Scans with the claim, against scans of the same gate without it plus one empty round trip."""
    venue = Venue(hub, folder)
    codes = venue.tickets(2 * SCANS)
    venue.connected()
    gate = venue.one.station.services.gatekeeper
    claims = gate._claims
    with hub.admin() as empty:
        empty.execute("SELECT 1")
        local, trips, claimed = [], [], []
        for number in range(SCANS):
            gate._claims = None
            local.append(timed(lambda at=2 * number: venue.one.admit(codes[at])))
            trips.append(timed(lambda: empty.execute("SELECT 1")))
            gate._claims = claims
            claimed.append(timed(lambda at=2 * number + 1: venue.one.admit(codes[at])))
    held = venue.live_claims()
    if held != SCANS:
        raise SystemExit(f"{held} claims were granted for {SCANS} scans")
    venue.close()
    floor = percentile(local[20:], 0.5) + percentile(trips[20:], 0.5)
    median = percentile(claimed[20:], 0.5)
    report("claim_verdict_p50", median, "ms", floor, "<= 2 x (local + round trip)", ok=median <= 2 * floor)
    slow = percentile(claimed[20:], 0.99)
    report(
        "claim_verdict_p99", slow, "ms", None, "<= 250 ms + local", ok=slow <= 250 + percentile(local, 0.99)
    )


def gate_process(dsn: str, password: str) -> None:
    """One gate in a process of its own that claims a new ticket as soon as it has its answer; prints how many
    claims it was granted."""
    hub = HubClaims(
        lambda: ClaimLine.connect(dsn, password, time.monotonic),
        Breaker(lambda: 0.5),
        lambda _code: None,
        lambda _claims: None,
    )
    feed, count = event_feed(1), 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        asked = ClaimAsked(feed, os.urandom(8).hex(), "A", "1")
        reply = hub.ask(asked, uuid7(int(time.time() * 1000), os.urandom), time.monotonic() + 10)
        count += reply.outcome is ClaimOutcome.GRANTED
    hub.close()
    sys.stdout.write(f"{count}\n")


def many_gates(hub: Hub) -> float:
    """Claims a second of eight gates, a process each."""
    joined = [hub.join(f"Gate {number}", f"X{number}") for number in range(GATES)]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.bench_claims", "--gate", one.dsn],
            stdout=subprocess.PIPE, text=True, env=os.environ | {"GATEHOUSE_BENCH_SECRET": one.password},
        )
        for one in joined
    ]  # fmt: skip
    return sum(int(process.communicate()[0]) for process in running) / SECONDS


def pgbench_rate(hub: Hub) -> float | None:
    """Transactions a second of `pgbench -N -c 8` in a database of its own."""
    found = shutil.which("pgbench")
    if found is None:
        return None
    known = conninfo_to_dict(hub.dsn)
    with psycopg.connect(hub.server.dsn(), autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS pgbench")
        admin.execute("CREATE DATABASE pgbench")
    where = ["-h", str(known["host"]), "-p", str(known["port"]), "-U", str(known["user"])]
    env = os.environ | {"PGPASSWORD": str(known["password"])}

    def run(*arguments: str) -> str:
        return subprocess.run(
            [found, *where, *arguments, "pgbench"], env=env, check=True, capture_output=True, text=True
        ).stdout

    run("-i", "-q", "-s", "8")
    out = run("-N", "-c", str(GATES), "-j", "2", "-T", str(SECONDS))
    line = next(line for line in out.splitlines() if line.startswith("tps"))
    return float(line.split()[2])


def known_elsewhere(hub: Hub, folder: Path) -> None:
    """From green at one gate until the other has the admission in its file, both exchanging as they do."""
    venue = Venue(hub, folder)
    codes = venue.tickets(KNOWN)
    venue.connected()
    for post in (venue.one, venue.two):
        post.station.start_sync()
    eventually(lambda: all(p.station.services.sync.view().mode == "live" for p in (venue.one, venue.two)))
    spent = []
    for code in codes:
        serial = decode(code).code.serial
        venue.one.admit(code)
        spent.append(timed(lambda serial=serial: until(lambda: uses(venue, serial) == 1)))
    venue.close()
    slow = percentile(spent, 0.99)
    report("admission_known_elsewhere_p50", percentile(spent, 0.5), "ms", None, "reported", ok=True)
    report("admission_known_elsewhere_p99", slow, "ms", None, "<= 200 ms", ok=slow <= 200)


def uses(venue: Venue, serial: str) -> int:
    """Admissions of a ticket that the second gate knows of."""
    with venue.two.station.store.read() as read:
        return len(read.uses(serial))


def until(condition: Callable[[], bool]) -> None:
    """Poll finely; the figure is what is measured, so no more than a millisecond is added."""
    pause = threading.Event()
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("it never became known")
        pause.wait(0.001)


def main() -> None:
    """Start a durable server, measure, print."""
    if "--gate" in sys.argv:
        gate_process(sys.argv[sys.argv.index("--gate") + 1], os.environ["GATEHOUSE_BENCH_SECRET"])
        return
    prefer = next((word for word in sys.argv[1:] if word in {"system", "wheel"}), None)
    with running_server(durable=True, prefer=prefer) as server:
        hubs = Hubs(server)
        with tempfile.TemporaryDirectory() as folder, hubs.fresh() as hub:
            cost_of_asking(hub, Path(folder))
        with tempfile.TemporaryDirectory() as folder, hubs.fresh() as hub:
            known_elsewhere(hub, Path(folder))
        with hubs.fresh() as hub:
            floors = [pgbench_rate(hub)]
            rate = many_gates(hub)
            floors.append(pgbench_rate(hub))  # on both sides, since a busy machine changes its pace
            found = [one for one in floors if one is not None]
            floor = sum(found) / len(found) if found else None
            ok = floor is None or rate >= 0.3 * floor
            report(f"claims_{GATES}_gates", rate, "claims/s", floor, ">= 0.3 x pgbench -N -c 8", ok=ok)


if __name__ == "__main__":
    main()
