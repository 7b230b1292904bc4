"""One page about a soak, in Markdown and JSON, from what its parts left in the folder: the tiers of the
simulation, kills, power cuts and fuzz (tests.counted), planted bugs."""

import datetime as dt
import json
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from tests.counted import COUNTED
from tests.simulation import coverage
from tests.simulation.cli import replay_line
from tests.simulation.soak import Found, results
from tests.simulation.tiers import TIERS

ROOT = Path(__file__).parents[2]


def write(folder: Path) -> str:
    """report.json and report.md; answers the page."""
    folder.mkdir(parents=True, exist_ok=True)
    tiers = {name: found for name in TIERS if (found := results(folder, name)[0]).seeds}
    beside, mutants = _beside(folder), _mutants(folder)
    head = {
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "cores": os.cpu_count() or 1,
    }
    plain = {
        **head,
        "tiers": {name: _plain(found) for name, found in tiers.items()},
        "beside": beside,
        "planted_bugs": mutants,
    }
    (folder / "report.json").write_text(
        json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    lines = ["# Soak", "", ", ".join(f"{name} {value}" for name, value in head.items()), ""]
    lines += _sums(tiers) + _counted(beside) + _planted(mutants) + _faults(tiers) + _invariants(tiers)
    page = "\n".join([*lines, *_kinds(tiers), *_violations(tiers)]) + "\n"
    (folder / "report.md").write_text(page, encoding="utf-8")
    return page


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "none"


def _beside(folder: Path) -> dict[str, Counter[str]]:
    sums: dict[str, Counter[str]] = {}
    path = folder / COUNTED
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        counts = json.loads(line)
        sums.setdefault(counts.pop("part"), Counter()).update(counts)
    return sums


def _mutants(folder: Path) -> list[dict[str, Any]]:
    path = folder / "mutants.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return found


def _plain(found: Found) -> dict[str, Any]:
    return {
        "seeds": found.seeds,
        "stations": found.stations,
        "station_hours": round(found.station_hours, 1),
        "committed_actions": found.committed,
        "faults": dict(sorted(found.faults.items())),
        "faults_total": sum(found.faults.values()),
        "entries_by_kind": dict(sorted(found.kinds.items())),
        "invariants": dict(sorted(found.checked.items(), key=lambda item: int(item[0]))),
        "violations": [{"seed": seed, "text": text} for seed, text in found.violations],
        "wall_seconds": round(found.wall_seconds, 1),
        "core_seconds": round(found.cpu_seconds, 1),
        "per_core_hour": found.per_core_hour,
    }


def _sums(tiers: dict[str, Found]) -> list[str]:
    rows = [
        ("seeds", lambda each: each.seeds),
        ("stations", lambda each: each.stations),
        ("station-hours", lambda each: round(each.station_hours, 1)),
        ("committed actions", lambda each: each.committed),
        ("counted faults", lambda each: sum(each.faults.values())),
        ("violations", lambda each: len(each.violations)),
        ("wall time, s", lambda each: round(each.wall_seconds)),
        ("core time, s", lambda each: round(each.cpu_seconds)),
        ("actions and faults per core-hour", lambda each: each.per_core_hour),
    ]
    return _table("Simulation", tiers, [(name, [of(each) for each in tiers.values()]) for name, of in rows])


def _faults(tiers: dict[str, Found]) -> list[str]:
    kinds = sorted({kind for found in tiers.values() for kind in found.faults})
    return _table("Faults", tiers, [(kind, [each.faults[kind] for each in tiers.values()]) for kind in kinds])


def _invariants(tiers: dict[str, Found]) -> list[str]:
    rows = [
        (f"{number} {text}", [_looked(each, number) for each in tiers.values()])
        for number, text in coverage.INVARIANTS.items()
    ]
    return _table("Invariants, and how often each was looked at", tiers, rows)


def _looked(found: Found, number: int) -> Any:
    return found.checked[str(number)] or coverage.UNCHECKED.get(number, "—")


def _kinds(tiers: dict[str, Found]) -> list[str]:
    kinds = sorted({kind for found in tiers.values() for kind in found.kinds})
    return _table(
        "Entries at hubs", tiers, [(kind, [each.kinds[kind] for each in tiers.values()]) for kind in kinds]
    )


def _table(title: str, tiers: dict[str, Found], rows: list[tuple[str, list[Any]]]) -> list[str]:
    if not tiers:
        return []
    lines = [f"## {title}", "", f"| what | {' | '.join(tiers)} |", "|---|" + "---:|" * len(tiers)]
    lines += [f"| {name} | {' | '.join(map(str, values))} |" for name, values in rows]
    return [*lines, ""]


def _counted(beside: dict[str, Counter[str]]) -> list[str]:
    if not beside:
        return []
    lines = ["## Kills, power cuts and fuzz", "", "| part | what | how many |", "|---|---|---:|"]
    lines += [
        f"| {part} | {name} | {count} |" for part, counts in beside.items() for name, count in counts.items()
    ]
    return [*lines, ""]


def _planted(mutants: list[dict[str, Any]]) -> list[str]:
    if not mutants:
        return []
    count = sum(1 for each in mutants if each["seeds"])
    lines = [
        f"## Planted bugs: {count} of {len(mutants)} found",
        "",
        "| bug | seeds to find it |",
        "|---|---:|",
    ]
    lines += [f"| {each['name']} | {each['seeds'] or 'not found'} |" for each in mutants]
    return [*lines, ""]


def _violations(tiers: dict[str, Found]) -> list[str]:
    lines = [
        f"- `{replay_line(seed, name)}`: {text}"
        for name, found in tiers.items()
        for seed, text in found.violations
    ]
    return ["## Violations", "", *lines] if lines else []
