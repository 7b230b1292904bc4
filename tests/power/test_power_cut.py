"""Power cuts: nothing that a cashier or a gate was told is lost, whatever the disk forgot."""

import os
import random
from pathlib import Path

import pytest

from tests.counted import counted
from tests.power.recording import Disk, Sync, Write
from tests.power.replay import Replayed, Traced, cut_everywhere, replay, trace

SOAK = bool(os.environ.get("GATEHOUSE_SOAK"))
GUESTS = 12 if SOAK else 5
TRIES = 12 if SOAK else 3
SHARE = 1.0 if SOAK else 0.5


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Traced:
    return trace(tmp_path_factory.mktemp("house"), GUESTS)


@pytest.fixture
def full(traced: Traced, tmp_path: Path) -> Replayed:
    return replay(traced, tmp_path, "FULL")


def test_nothing_told_is_lost_and_nothing_is_half_done_after_a_power_cut(
    full: Replayed, tmp_path: Path
) -> None:
    found = cut_everywhere(full, tmp_path, random.Random(1), tries=TRIES, share=SHARE)
    counted("power cuts", cuts=found.cuts, lost=found.lost, damaged=found.damaged)
    assert found.cuts > 300
    assert (found.lost, found.damaged) == (0, 0)


def test_the_same_cuts_lose_sales_without_syncs(traced: Traced, tmp_path: Path) -> None:
    careless = replay(traced, tmp_path, "OFF")
    found = cut_everywhere(careless, tmp_path, random.Random(1), tries=TRIES, share=SHARE)
    assert found.lost > 0


def test_the_recording_holds_checkpoints_as_well_as_the_log(full: Replayed) -> None:
    written = {step.file for step in full.recording.steps if isinstance(step, Write)}
    synced = {step.file for step in full.recording.steps if isinstance(step, Sync)}
    assert written == synced == {"plain.db", "plain.db-wal"}


def test_each_sale_and_admission_is_a_commit_of_its_own(full: Replayed) -> None:
    assert len(set(full.prints)) > 3 * GUESTS


def test_what_was_synced_survives_and_what_was_not_may_be_missing() -> None:
    disk = Disk({"a": b"old"})
    disk.take(Write("a", 0, b"new"))
    disk.take(Sync("a"))
    disk.take(Write("a", 3, b"er"))
    left = {bytes(files["a"]) for files in disk.after_cut(random.Random(3), 5)}
    assert left == {b"new", b"newer"}
