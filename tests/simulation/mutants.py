"""Planted bugs: small changes of the program, made as its modules are loaded in a process of their own and
nowhere else, each to be found by the simulation. `python -m tests.simulation mutants` tells how many seeds
each took."""

import argparse
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.simulation.planted import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]


class _Planter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module with one change in its source."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self.planted = False

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> Any:
        if name != self._mutant.module:
            return None
        file = str(ROOT.joinpath(*name.split(".")).with_suffix(".py"))
        return importlib.util.spec_from_file_location(name, file, loader=_Source(name, file, self))

    def changed(self, source: str) -> str:
        if source.count(self._mutant.old) != 1:
            raise AssertionError(
                f"{self._mutant.name}: its place is there {source.count(self._mutant.old)} times"
            )
        self.planted = True
        return source.replace(self._mutant.old, self._mutant.new)


class _Source(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, file: str, planter: _Planter) -> None:
        super().__init__(name, file)
        self._planter = planter

    def get_code(self, fullname: str) -> Any:
        source = self._planter.changed(Path(self.path).read_text(encoding="utf-8"))
        return compile(source, self.path, "exec")


def hunt(name: str, most: int, first: int = 0) -> dict[str, Any]:
    """In this process: plant, then run seeds until one shows it."""
    mutant = next(each for each in MUTANTS if each.name == name)
    planter = _Planter(mutant)
    sys.meta_path.insert(0, planter)
    from tests.simulation.run import run

    for at, seed in enumerate(range(first, first + most), 1):
        found = run(seed).violations
        if found:
            return {"name": name, "seeds": at, "seed": seed, "violation": found[0][:200]}
    return {"name": name, "seeds": None, "planted": planter.planted}


def hunt_apart(name: str, most: int) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "tests.simulation", "mutants", "--only", name, "--most", str(most)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return {"name": name, "seeds": None, "error": done.stderr[-500:]}
    return answer


def main(given: Sequence[str]) -> int:
    """Hunt one (`--only`), or all, and say which were found after how many seeds."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation mutants")
    parser.add_argument("--only")
    parser.add_argument("--most", type=int, default=400)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--report", type=Path, default=Path("soak-out"))
    options = parser.parse_args(list(given))
    if options.only:
        sys.stdout.write(json.dumps(hunt(options.only, options.most)) + "\n")
        return 0
    answers = []
    with ThreadPoolExecutor(options.workers) as pool:
        for answer in pool.map(lambda each: hunt_apart(each.name, options.most), MUTANTS):
            answers.append(answer)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
    lines = ["| planted bug | where | seeds to find it |", "|---|---|---:|"]
    for mutant, answer in zip(MUTANTS, answers, strict=True):
        lines.append(f"| {mutant.name} | {mutant.module} | {answer['seeds'] or 'not found'} |")
    options.report.mkdir(parents=True, exist_ok=True)
    (options.report / "mutants.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (options.report / "mutants.json").write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if all(answer["seeds"] for answer in answers) else 1
