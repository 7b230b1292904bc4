"""A slice of the simulation: seeds that must hold, the same trace twice, and nothing left out in silence."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from domain import entry, ticket_code
from domain.kinds import SHAPES
from sync.deadline import WATCH
from tests.simulation import coverage
from tests.simulation.cli import replay_line
from tests.simulation.planted import MUTANTS
from tests.simulation.regressions import SEEDS
from tests.simulation.run import Outcome, run
from tests.simulation.tiers import TIERS

pytestmark = [pytest.mark.slow, pytest.mark.logs_expected]

COUNT = int(os.environ.get("GATEHOUSE_SIM_SEEDS", "100"))
LONG_DAYS = 30
"""Seeds from here on are run with half as much trouble: two cores are to need less than three minutes."""
PER_CHUNK = 20
"""About a quarter of a minute: small enough for processes to share the chunks evenly."""
LONG = pytest.mark.skipif(not os.environ.get("GATEHOUSE_SOAK"), reason="up to 60 seeds: a part of the soak")
ROOT = Path(__file__).parents[2]


def holds(seed: int, focus: str = "", *, brief: bool = False) -> Outcome:
    outcome = run(seed, focus=focus, brief=brief)
    again = replay_line(seed, focus=focus, brief=brief)
    assert not outcome.violations, "\n".join([again, *outcome.violations])
    return outcome


@pytest.mark.parametrize("first", range(0, COUNT, PER_CHUNK))
def test_every_invariant_holds_whatever_goes_wrong(first: int) -> None:
    checked: Counter[int] = Counter()
    for seed in range(first, min(first + PER_CHUNK, COUNT)):
        checked.update(holds(seed, brief=seed >= LONG_DAYS).checked)
    assert sum(checked.values()) > 100


@pytest.mark.parametrize(("seed", "focus"), SEEDS)
def test_what_was_found_once_stays_mended(seed: int, focus: str) -> None:
    holds(seed, focus)


@pytest.mark.parametrize("seed", [3, 8, 9])
def test_what_is_forgotten_is_counted(seed: int) -> None:
    outcome = holds(seed, "horizon", brief=True)
    assert outcome.counts["shortened"]
    assert outcome.counts["forgotten"]
    assert all(outcome.checked[number] for number in (34, 35, 36))


def test_that_some_seeds_forget_changes_nothing_in_the_others() -> None:
    assert run(1, brief=True).trace == run(1, focus="whole", brief=True).trace
    assert run(0, brief=True).trace != run(0, focus="whole", brief=True).trace, "one of those that do"


def test_a_seed_goes_the_same_way_twice() -> None:
    assert run(11).trace == run(11).trace


def test_a_seed_goes_the_same_way_in_another_process_with_other_hashes() -> None:
    def traced(hashes: str) -> str:
        command = [sys.executable, "-m", "tests.simulation", "--seed", "6", "--quiet"]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hashes},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    assert traced("1") == traced("2")


def test_every_kind_of_entry_is_written_or_listed_with_a_reason() -> None:
    kinds = {kind for kind, _ in SHAPES}
    assert kinds == set(coverage.EXERCISED) | set(coverage.NOT_EXERCISED)
    assert not set(coverage.EXERCISED) & set(coverage.NOT_EXERCISED)
    assert all(coverage.NOT_EXERCISED.values())
    assert all(set(tiers) <= set(TIERS) and tiers for tiers in coverage.EXERCISED.values())


@LONG
def test_the_kinds_that_are_said_to_be_written_are_written() -> None:
    written: Counter[str] = Counter()
    for seed in range(400, 700):
        written.update(run(seed, focus=("after", "", "hub", "fork")[seed % 4]).kinds)
        if set(written) >= set(coverage.EXERCISED):
            return
    assert not set(coverage.EXERCISED) - set(written)


def test_every_planted_bug_has_its_one_place() -> None:
    for mutant in MUTANTS:
        source = ROOT.joinpath(*mutant.module.split(".")).with_suffix(".py").read_text(encoding="utf-8")
        assert source.count(mutant.old) == 1, mutant.name


@LONG
def test_every_invariant_is_looked_at_or_listed_with_a_reason() -> None:
    checked: Counter[int] = Counter()
    for seed in range(500, 560):
        checked.update(run(seed).checked)
        if set(coverage.INVARIANTS) <= set(checked) | set(coverage.UNCHECKED):
            return
    assert not set(coverage.INVARIANTS) - set(checked) - set(coverage.UNCHECKED)


def test_a_run_leaves_the_program_as_it_was() -> None:
    before = (entry.parse, ticket_code.verify_signature)
    run(0)
    assert (entry.parse, ticket_code.verify_signature) == before


def test_nothing_in_a_run_is_waited_for_by_the_clock_of_this_computer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watched: list[float] = []
    monkeypatch.setattr(WATCH, "add", lambda seconds, _act: watched.append(seconds))
    monkeypatch.setattr(WATCH, "remove", lambda _name: None)
    assert run(0, brief=True).committed > 0
    assert watched == []
