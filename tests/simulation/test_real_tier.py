"""The same world and the same seeds over the SQL functions in a PostgreSQL: every invariant holds there too,
and the model of the hub is at the end, table by table, what the SQL is."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sync.hub_server import Server
from tests.postgres import Hubs
from tests.simulation import run as running
from tests.simulation.cli import replay_line
from tests.simulation.hub_database import SimulatedHubs
from tests.simulation.hub_real import real
from tests.simulation.run import Outcome, run
from tests.simulation.world import MakeHub

pytestmark = [pytest.mark.slow, pytest.mark.logs_expected]

SEEDS = (0, 1, 2, 3, 6, 8, 10, 13, 26, 31)
HUNG = 21
"""A seed in which others wait for a client that hangs in a transaction."""
AFTER = (1, 3)
"""Seeds in which much happens after sales."""
Ended = tuple[Outcome, dict[str, Any]]


@pytest.fixture(scope="module")
def over_sql(hub_server: Server, hubs: Hubs) -> Iterator[MakeHub]:
    made = SimulatedHubs.on(hub_server, hubs)
    yield real(made)
    made.close()


def ended(monkeypatch: pytest.MonkeyPatch, go: Callable[[], Outcome]) -> Ended:
    """What a run came to, and what its hub kept."""
    kept: dict[str, Any] = {}
    check = running.check

    def keep_and_check(world: Any) -> Any:
        kept.update(world.hub.dump())
        return check(world)

    with monkeypatch.context() as patch:
        patch.setattr(running, "check", keep_and_check)
        return go(), kept


@pytest.mark.parametrize("seed", SEEDS)
def test_every_invariant_holds_over_the_sql(seed: int, over_sql: MakeHub) -> None:
    outcome = run(seed, over_sql)
    assert not outcome.violations, "\n".join([replay_line(seed, "real"), *outcome.violations])
    assert sum(outcome.checked.values()) > 50


@pytest.mark.parametrize("seed", AFTER)
def test_model_and_sql_are_the_same_hub_to_the_last_row(
    seed: int, over_sql: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    modelled, model = ended(monkeypatch, lambda: run(seed, focus="after"))
    outcome, tables = ended(monkeypatch, lambda: run(seed, over_sql, focus="after"))
    assert not outcome.violations, "\n".join([replay_line(seed, "real", "after"), *outcome.violations])
    assert outcome.trace == modelled.trace
    assert {name for name in tables if tables[name] != model[name]} == set()


def test_what_a_time_out_ends_at_the_hub_leaves_nothing(over_sql: MakeHub) -> None:
    outcome = run(HUNG, over_sql)
    assert not outcome.violations, "\n".join([replay_line(HUNG, "real"), *outcome.violations])
    assert outcome.faults["ended_by_lock_timeout"] > 0
    assert outcome.faults["ended_by_statement_timeout"] > 0


def test_a_seed_goes_the_same_way_twice_over_the_sql(over_sql: MakeHub) -> None:
    assert run(13, over_sql).trace == run(13, over_sql).trace
