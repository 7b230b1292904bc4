"""Many seeds on all cores. Results go to a file as they come, so that a soak that was ended, by whatever, is
told of and can be gone on with."""

import json
import multiprocessing
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.simulation.cli import replay_line
from tests.simulation.run import Outcome
from tests.simulation.tiers import TIERS

CHUNK = {"fast": 20, "real": 3}
CHUNKS_PER_PROCESS = 100
COUNTERS = ("faults", "counts", "kinds", "checked")


@dataclass
class Found:
    """Sums over seeds: of a chunk, of a tier."""

    seeds: int = 0
    committed: int = 0
    station_hours: float = 0.0
    stations: int = 0
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    violations: list[tuple[int, str]] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """One seed more."""
        self.seeds += 1
        self.committed += outcome.committed
        self.station_hours += outcome.station_ms / 3_600_000
        self.stations += outcome.stations
        self.cpu_seconds += outcome.seconds
        self.faults.update(outcome.faults)
        self.counts.update(outcome.counts)
        self.kinds.update(outcome.kinds)
        self.checked.update({str(number): count for number, count in outcome.checked.items()})
        self.violations += [(outcome.seed, text) for text in outcome.violations]

    def join(self, other: "Found") -> None:
        """The sums of another chunk."""
        for name in ("seeds", "committed", "station_hours", "stations", "cpu_seconds", "wall_seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in COUNTERS:
            getattr(self, name).update(getattr(other, name))
        self.violations += other.violations

    @property
    def per_core_hour(self) -> int:
        """Committed actions and counted faults per hour of one core."""
        total = self.committed + sum(self.faults.values())
        return int(total * 3600 / self.cpu_seconds) if self.cpu_seconds else 0

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return dict(vars(self))

    @classmethod
    def read(cls, plain: dict[str, Any]) -> "Found":
        """Inverse of `to_json`."""
        counters = {name: Counter(plain[name]) for name in COUNTERS}
        return cls(**{**plain, **counters, "violations": [tuple(each) for each in plain["violations"]]})


def results_file(folder: Path, tier: str) -> Path:
    """Where the results of a tier are kept: a line per chunk."""
    return folder / f"{tier}.jsonl"


def results(folder: Path, tier: str) -> tuple[Found, set[int]]:
    """What is there already: the sums, and the first seeds of the chunks that are done."""
    found, done = Found(), set()
    path = results_file(folder, tier)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for line in lines:
        try:
            plain = json.loads(line)
        except ValueError:
            continue  # cut off in the middle: that chunk is run again
        done.add(plain.pop("first"))
        found.join(Found.read(plain))
    return found, done


def soak(
    folder: Path, tier: str, first: int, count: int, jobs: int, minutes: float | None,
    say: Callable[[str], object],
) -> Found:  # fmt: skip
    """Run `count` seeds from `first` on, or as many as `minutes` allow, but for those that are done."""
    folder.mkdir(parents=True, exist_ok=True)
    total, done = results(folder, tier)
    size = CHUNK[tier]
    chunks = (each for each in range(first, first + count, size) if each not in done)
    work = ((each, min(size, first + count - each)) for each in chunks)
    began = time.monotonic()
    end = began + 60 * minutes if minutes is not None else None
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with results_file(folder, tier).open("a", encoding="utf-8") as file:
        try:
            for at, result in _results(tier, work, max(1, jobs), end):
                file.write(json.dumps({"first": at, **result.to_json()}) + "\n")
                file.flush()
                total.join(result)
                for seed, text in result.violations:
                    say(f"seed {seed}: {text}\n  {replay_line(seed, tier)}")
                say(_progress(tier, total, first + count, time.monotonic() - began))
            wall = Found(wall_seconds=time.monotonic() - began)
        except KeyboardInterrupt:
            say("interrupted: what is done is kept")
            wall = Found(wall_seconds=time.monotonic() - began)
        total.join(wall)
        file.write(json.dumps({"first": -1, **wall.to_json()}) + "\n")
    return total


def _progress(tier: str, total: Found, most: int, seconds: float) -> str:
    acts = total.committed + sum(total.faults.values())
    return (
        f"{tier}: {total.seeds} of {most} seeds, {acts} actions and faults,"
        f" {total.per_core_hour} per core-hour, {len(total.violations)} violations, {seconds:.0f} s"
    )


def _results(
    tier: str, work: Iterator[tuple[int, int]], jobs: int, end: float | None
) -> Iterator[tuple[int, Found]]:
    """Chunks as they are done. A process that dies is a violation of its chunk."""
    context = multiprocessing.get_context("spawn")
    pool = _pool(jobs, context)
    going: dict[Future[Found], tuple[int, int]] = {}
    try:
        while True:
            while len(going) < 2 * jobs and (end is None or time.monotonic() < end):
                if (chunk := next(work, None)) is None:
                    break
                going[pool.submit(_chunk, tier, *chunk)] = chunk
            if not going:
                pool.shutdown()  # in order: a worker may have a server of its own to stop
                return
            ready, _ = wait(going, return_when=FIRST_COMPLETED)
            for future in ready:
                at, size = going.pop(future)
                try:
                    yield at, future.result()
                except BrokenProcessPool:
                    lost = [(at, size), *going.values()]
                    going.clear()
                    pool = _pool(jobs, context)
                    for one, _size in lost:
                        yield one, Found(violations=[(one, "defect: a process died in this chunk")])
                    break
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in list((pool._processes or {}).values()):
            process.terminate()


def _pool(jobs: int, context: Any) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        jobs, mp_context=context, initializer=_worker, max_tasks_per_child=CHUNKS_PER_PROCESS
    )


def _worker() -> None:
    """Whoever interrupts speaks to the parent; a worker that is ended stops the server it may have begun."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def _chunk(tier: str, first: int, count: int) -> Found:
    """In a process of the pool."""
    found = Found()
    for seed in range(first, first + count):
        found.add(TIERS[tier](seed))
    return found
