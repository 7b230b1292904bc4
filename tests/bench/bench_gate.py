"""How fast a gate is: code text → verdict, with the admission durable on disk.

    python -m tests.bench.bench_gate [tickets ...]      (default: 10000 1000000)

prints one JSON line per figure. The floor is one raw transaction of plain, unencrypted SQLite plus one
Ed25519 check, measured between the scans of the same run.
"""

import json
import sys
import tempfile
from pathlib import Path

from app.services.gate import Gatekeeper, GateSetup, ScanInput
from app.services.ports import Reads
from domain.admission import ALONE, GatePolicy
from tests.bench.floor import Floor, percentile, timed
from tests.bench.venue import ACTOR, Venue

SCANS = 1500
WARM_UP = 100


def report(name: str, value: float, unit: str, floor: float | None, goal: str, *, ok: bool) -> None:
    """One figure as a JSON line."""
    figure = {
        "name": name, "value": round(value, 3), "unit": unit, "floor": floor and round(floor, 3),
        "ratio": None if not floor else round(value / floor, 2), "goal": goal, "ok": ok,
    }  # fmt: skip
    sys.stdout.write(json.dumps(figure) + "\n")
    sys.stdout.flush()


def setup(read: Reads) -> GateSetup:
    """A gate that serves the whole house."""
    policy = GatePolicy(zone=read.organization().zone)
    return GateSetup(read.gates()[0], "1", (), None, policy)


def measure(venue: Venue, floor: Floor) -> tuple[list[float], list[float]]:
    """Times of scans of tickets all over the store, and of the floor between them, in milliseconds."""
    gate = Gatekeeper(venue.store, venue.store.keys, venue.clock, lambda: ALONE, setup, lambda: None)
    chosen = venue.random.sample(range(venue.tickets), SCANS + WARM_UP)
    scans, floors = [], []
    for number, at in enumerate(chosen):
        code = venue.code(at)
        answers = []
        scan = timed(
            lambda code=code, answers=answers: answers.append(gate.admit(ScanInput(code, "camera"), ACTOR))
        )
        if not answers[0].opens:
            raise SystemExit(f"not admitted: {answers[0].decision.verdict}")
        raw = timed(lambda number=number: floor.admission(number))
        if number >= WARM_UP:
            scans.append(scan)
            floors.append(raw)
    return scans, floors


def main() -> None:
    """All sizes, then their ratio."""
    sizes = [int(text) for text in sys.argv[1:]] or [10_000, 1_000_000]
    medians = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            venue, floor = Venue(Path(folder), size), Floor(Path(folder))
            scans, floors = measure(venue, floor)
            venue.store.close()
            floor.close()
        base, median = percentile(floors, 0.5), percentile(scans, 0.5)
        medians.append(median)
        report(f"gate_verdict_p50_{size}", median, "ms", base, "<= 4 x floor", ok=median <= 4 * base)
        slow = percentile(scans, 0.99)
        report(f"gate_verdict_p99_{size}", slow, "ms", percentile(floors, 0.99), "<= 10 ms", ok=slow <= 10)
    if len(medians) > 1:
        ratio = medians[-1] / medians[0]
        report(
            f"gate_verdict_{sizes[-1]}_to_{sizes[0]}",
            medians[-1],
            "ms",
            medians[0],
            "<= 1.3 x",
            ok=ratio <= 1.3,
        )


if __name__ == "__main__":
    main()
