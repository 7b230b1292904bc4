"""Many seeds on all cores, summed up on one page."""

import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.counted import COUNTED
from tests.simulation import coverage
from tests.simulation.cli import replay_line
from tests.simulation.run import Outcome, run

CHUNK = 4


@dataclass
class Found:
    """Sums over all seeds of a soak."""

    seeds: int = 0
    committed: int = 0
    station_hours: float = 0.0
    stations: int = 0
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    checked: Counter[int] = field(default_factory=Counter)
    violations: list[tuple[int, str]] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.seeds += 1
        self.committed += outcome.committed
        self.station_hours += outcome.station_ms / 3_600_000
        self.stations += outcome.stations
        self.cpu_seconds += outcome.seconds
        self.faults.update(outcome.faults)
        self.counts.update(outcome.counts)
        self.kinds.update(outcome.kinds)
        self.checked.update(outcome.checked)
        self.violations += [(outcome.seed, text) for text in outcome.violations]

    @property
    def per_core_hour(self) -> int:
        """Committed actions and counted faults per hour of one core."""
        total = self.committed + sum(self.faults.values())
        return int(total * 3600 / self.cpu_seconds) if self.cpu_seconds else 0


def soak(first: int, count: int, workers: int, minutes: float | None, say: Callable[[str], object]) -> Found:
    """Run `count` seeds from `first` on, or as many as `minutes` allow."""
    found = Found()
    began = time.monotonic()
    context = multiprocessing.get_context("spawn")
    with context.Pool(max(1, workers), maxtasksperchild=200) as pool:
        for outcome in pool.imap_unordered(run, _seeds(first, count, minutes, began), CHUNK):
            found.add(outcome)
            for text in outcome.violations[:1]:
                say(f"seed {outcome.seed}: {text}\n  {replay_line(outcome.seed)}")
            if minutes is not None and time.monotonic() - began > minutes * 60:
                pool.terminate()
                break
    found.wall_seconds = time.monotonic() - began
    return found


def _seeds(first: int, count: int, minutes: float | None, began: float) -> Iterator[int]:
    yield from range(first, first + count)


def write(found: Found, folder: Path) -> None:
    """report.json and report.md."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = {
        "seeds": found.seeds,
        "stations": found.stations,
        "station_hours": round(found.station_hours, 1),
        "committed_actions": found.committed,
        "faults": dict(sorted(found.faults.items())),
        "faults_total": sum(found.faults.values()),
        "entries_by_kind": dict(sorted(found.kinds.items())),
        "invariants": {str(number): found.checked[number] for number in sorted(found.checked)},
        "violations": [{"seed": seed, "text": text} for seed, text in found.violations],
        "wall_seconds": round(found.wall_seconds, 1),
        "core_seconds": round(found.cpu_seconds, 1),
        "per_core_hour": found.per_core_hour,
    }
    (folder / "report.json").write_text(
        json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (folder / "report.md").write_text(_page(found), encoding="utf-8")


def write_counted(folder: Path) -> None:
    """Add what kills, power cuts and fuzz counted (tests.counted) to both forms of the report."""
    sums: dict[str, Counter[str]] = {}
    lines = (folder / COUNTED).read_text(encoding="utf-8").splitlines()
    for line in lines:
        counts = json.loads(line)
        sums.setdefault(counts.pop("part"), Counter()).update(counts)
    report = folder / "report.json"
    plain = json.loads(report.read_text(encoding="utf-8"))
    report.write_text(
        json.dumps({**plain, "beside": sums}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    rows = [
        f"| {part} | {name} | {count} |" for part, counts in sums.items() for name, count in counts.items()
    ]
    head = ["", "## Beside the simulation", "", "| part | what | how many |", "|---|---|---:|"]
    with (folder / "report.md").open("a", encoding="utf-8") as page:
        page.write("\n".join([*head, *rows]) + "\n")


def _page(found: Found) -> str:
    rows = [
        ("seeds", found.seeds),
        ("stations", found.stations),
        ("station-hours", round(found.station_hours, 1)),
        ("committed actions", found.committed),
        ("counted faults", sum(found.faults.values())),
        ("violations", len(found.violations)),
        ("wall time, s", round(found.wall_seconds)),
        ("core time, s", round(found.cpu_seconds)),
        ("actions and faults per core-hour", found.per_core_hour),
    ]
    lines = ["# Simulation", "", "| what | how many |", "|---|---:|"]
    lines += [f"| {name} | {value} |" for name, value in rows]
    lines += ["", "## Faults", "", "| kind | times |", "|---|---:|"]
    lines += [f"| {kind} | {count} |" for kind, count in sorted(found.faults.items())]
    lines += ["", "## Invariants", "", "| number | what | looked at |", "|---:|---|---:|"]
    lines += [
        f"| {number} | {text} | {found.checked[number] or coverage.UNCHECKED.get(number, '—')} |"
        for number, text in coverage.INVARIANTS.items()
    ]
    lines += ["", "## Kinds of entries", "", "| kind | at hubs |", "|---|---:|"]
    lines += [f"| {kind} | {count} |" for kind, count in sorted(found.kinds.items())]
    if found.violations:
        lines += ["", "## Violations", ""]
        lines += [
            f"- `python -m tests.simulation --seed {seed} --tier fast`: {text}"
            for seed, text in found.violations
        ]
    return "\n".join(lines) + "\n"
