"""`python -m tests.simulation --seed N` replays a seed with its history; `soak` runs many, on all cores;
`mutants` plants bugs and says how many seeds find each; `report` writes one page about all of it."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

TIERS = ("fast", "real")


def replay_line(seed: int, tier: str = "fast", focus: str = "", *, brief: bool = False) -> str:
    """The command that shows a seed again."""
    more = (f" --focus {focus}" if focus else "") + (" --brief" if brief else "")
    return f"python -m tests.simulation --seed {seed} --tier {tier}{more}"


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 when anything was violated."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["soak"]:
        return _soak(given[1:])
    if given[:1] == ["report"]:
        from tests.simulation import report

        sys.stdout.write(report.write(Path(given[1])))
        return 0
    if given[:1] == ["mutants"]:
        from tests.simulation import mutants

        return mutants.main(given[1:])
    return _replay(given)


def _replay(given: Sequence[str]) -> int:
    from tests.simulation.tiers import TIERS as RUNS  # not before a bug could be planted

    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--tier", choices=TIERS, default="fast")
    parser.add_argument("--focus", default="", help="the swarm in which a planted bug is hunted")
    parser.add_argument("--brief", action="store_true", help="half as much trouble")
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args(given)
    outcome = RUNS[options.tier](
        options.seed, read=not options.quiet, focus=options.focus, brief=options.brief
    )
    sys.stdout.write("\n".join([*outcome.history, ""]))
    said = outcome.violations or ["no violation"]
    sys.stdout.write("\n".join([f"seed {outcome.seed}, trace {outcome.trace[:16]}", *said, ""]))
    return 1 if outcome.violations else 0


def _soak(given: Sequence[str]) -> int:
    from tests.simulation import report, soak
    from tests.simulation.tiers import ready

    parser = argparse.ArgumentParser(prog="python -m tests.simulation soak")
    parser.add_argument("--tier", choices=TIERS, default="fast")
    parser.add_argument("--seeds", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=None)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--resume", action="store_true", help="go on where an earlier soak ended")
    parser.add_argument("--report", type=Path, default=Path("soak-out"))
    options = parser.parse_args(given)
    if not options.resume:
        soak.results_file(options.report, options.tier).unlink(missing_ok=True)
    with ready(options.tier):
        found = soak.soak(
            options.report, options.tier, options.first, options.seeds, options.jobs, options.minutes, _say
        )
    report.write(options.report)
    return 1 if found.violations else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
