"""Planted bugs: small changes of the program, made as its modules are loaded in a process of their own and
nowhere else, each to be found by the simulation. `python -m tests.simulation mutants` tells how many seeds
each took. A seed that shows something without the bug too finds nothing."""

import argparse
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.simulation.cli import replay_line
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


def hunt(name: str, most: int, first: int) -> dict[str, Any]:
    """In this process: plant, then run seeds until one shows it."""
    mutant = next(each for each in MUTANTS if each.name == name)
    planter = _Planter(mutant)
    sys.meta_path.insert(0, planter)
    from tests.simulation.run import run

    for seed in range(first, first + most):
        found = run(seed, focus=mutant.focus).violations
        if found:
            return {"name": name, "seed": seed, "violation": found[0][:200]}
    return {"name": name, "seed": None, "planted": planter.planted}


def is_clean(seed: int, focus: str) -> bool:
    """Whether the unchanged program holds in that seed: in a process of its own."""
    command = [sys.executable, "-m", "tests.simulation", "--seed", str(seed), "--quiet"]
    done = subprocess.run(
        [*command, "--focus", focus] if focus else command, cwd=ROOT, capture_output=True, check=False
    )
    return done.returncode == 0


def hunt_apart(mutant: Mutant, most: int) -> dict[str, Any]:
    """In processes of their own: the bug until it shows, then the same seed without it."""
    began, first, dirty = time.monotonic(), 0, []
    while first < most:
        answer = _asked(mutant.name, most - first, first)
        if answer.get("seed") is None:
            return {**answer, "seeds": None, "dirty": dirty}
        seed = answer["seed"]
        if is_clean(seed, mutant.focus):
            replay = replay_line(seed, focus=mutant.focus)
            seconds = round(time.monotonic() - began, 1)
            return {**answer, "seeds": seed + 1, "dirty": dirty, "replay": replay, "seconds": seconds}
        dirty.append(seed)
        first = seed + 1
    return {"name": mutant.name, "seeds": None, "dirty": dirty}


def _asked(name: str, most: int, first: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.simulation", "mutants", "--only", name]
    numbers = ["--most", str(most), "--first", str(first)]
    done = subprocess.run([*command, *numbers], cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return {"name": name, "seed": None, "error": done.stderr[-500:]}
    return answer


def main(given: Sequence[str]) -> int:
    """Hunt one (`--only`), or all, and say which were found after how many seeds."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation mutants")
    parser.add_argument("--only")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--most", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--report", type=Path, default=Path("soak-out"))
    options = parser.parse_args(list(given))
    if options.only:
        sys.stdout.write(json.dumps(hunt(options.only, options.most, options.first)) + "\n")
        return 0
    options.report.mkdir(parents=True, exist_ok=True)
    answers: list[dict[str, Any]] = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for answer in pool.map(partial(hunt_apart, most=options.most), MUTANTS):
            answers.append(answer)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
            text = json.dumps(answers, indent=1) + "\n"
            (options.report / "mutants.json").write_text(text, encoding="utf-8")
    found = sum(1 for answer in answers if answer["seeds"])
    sys.stdout.write(f"{found} of {len(answers)} planted bugs found\n")
    return 0 if found == len(answers) else 1
