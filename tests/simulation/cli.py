"""`python -m tests.simulation --seed N` replays a seed with its history; `soak` runs many, on all cores,
and reports; `mutants` plants bugs and says how many seeds find each."""

import argparse
import os
import sys
from pathlib import Path


def replay_line(seed: int, tier: str = "fast") -> str:
    """The command that shows a seed again."""
    return f"python -m tests.simulation --seed {seed} --tier {tier}"


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 when anything was violated."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["soak"]:
        return _soak(given[1:])
    if given[:1] == ["counted"]:
        from tests.simulation import soak

        soak.write_counted(Path(given[1]))
        return 0
    if given[:1] == ["mutants"]:
        from tests.simulation import mutants

        return mutants.main(given[1:])
    from tests.simulation.run import run  # not before a bug could be planted

    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--tier", choices=("fast",), default="fast")
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args(given)
    outcome = run(options.seed, read=not options.quiet)
    sys.stdout.write("\n".join([*outcome.history, ""]))
    said = outcome.violations or ["no violation"]
    sys.stdout.write("\n".join([f"seed {outcome.seed}, trace {outcome.trace[:16]}", *said, ""]))
    return 1 if outcome.violations else 0


def _soak(given: list[str]) -> int:
    from tests.simulation import soak

    parser = argparse.ArgumentParser(prog="python -m tests.simulation soak")
    parser.add_argument("--seeds", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=None)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--report", type=Path, default=Path("soak-out"))
    options = parser.parse_args(given)
    found = soak.soak(
        options.first, options.seeds, options.workers, options.minutes,
        lambda text: sys.stdout.write(text + "\n"),
    )  # fmt: skip
    soak.write(found, options.report)
    sys.stdout.write((options.report / "report.md").read_text(encoding="utf-8"))
    return 1 if found.violations else 0
