"""SIGKILL at every labelled step and at random moments: nothing told is lost or doubled, here or at the hub.

Real processes, real encrypted files, a real PostgreSQL that syncs its commits and is crashed as well.
GATEHOUSE_KILLS says how many lives end at random (28 without it; 50 kills in all).
"""

import os
import random
from collections.abc import Iterator

import pytest

from sync.hub_server import Server
from tests.counted import counted
from tests.kills.arena import Arena, Told
from tests.kills.worker import LABELS
from tests.postgres import Hubs, running_server

MORE_LIVES = 20
AT_RANDOM = int(os.environ.get("GATEHOUSE_KILLS", "28"))
pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="SIGKILL"),
    pytest.mark.xdist_group("kills"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server(durable=True) as running:
        yield running


@pytest.fixture(scope="module")
def arena(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    with Hubs(server).fresh() as hub:
        yield Arena(hub, tmp_path_factory.mktemp("arena"))


@pytest.mark.parametrize("label", LABELS)
def test_killed_at_a_step_a_till_comes_back_with_everything_it_told(arena: Arena, label: str) -> None:
    chance = random.Random(label)
    till = arena.tills[LABELS.index(label) % 2]
    nth = 1 if label.startswith(("HubClient.hello", "HubClient.wake")) else chance.randint(1, 3)
    assert till.live(chance.randrange(2**31), label=label, nth=nth), "the step was never reached"
    counted("kills at a labelled step", kills=1)
    assert till.faults() == []


def test_killed_at_random_moments_two_tills_lose_and_double_nothing(arena: Arena) -> None:
    chance = random.Random(4)
    sold = sum(len(till.told.orders) for till in arena.tills)
    for life in range(AT_RANDOM):
        till = arena.tills[life % 2]
        till.live(chance.randrange(2**31), seconds=chance.uniform(0.01, 0.35))
        assert till.faults() == []
    orders = sum(len(till.told.orders) for till in arena.tills)
    counted("kills at random", kills=AT_RANDOM, sales=orders - sold)
    assert orders > sold
    assert arena.at_the_hub() == []


def test_a_hub_that_crashes_under_load_loses_nothing_that_it_has_confirmed(
    arena: Arena, server: Server
) -> None:
    for life in range(max(2, AT_RANDOM // 20)):
        till = arena.tills[life % 2]
        till.live(life, seconds=1.5, meanwhile=lambda: arena.crash(server))
        with till.opened() as station, arena.hub.admin() as admin:
            confirmed = station.store.outbox.acked_seq()
            row = admin.execute(
                "SELECT seq FROM hub.station_tip WHERE station = %s", [station.store.identity.station]
            ).fetchone()
        assert row is not None
        assert row[0] >= confirmed
        assert till.faults() == []
    assert arena.at_the_hub() == []


def test_what_the_lives_told_was_worth_killing_for(arena: Arena) -> None:
    """On a slow machine a till may have died too early each time: then it lives a few times more."""
    told = [till.told for till in arena.tills]
    for more in range(MORE_LIVES):
        for till in arena.tills:
            if not _has_lived(till.told):
                till.live(1_000 + more, seconds=3.0)
    assert all(_has_lived(one) for one in told)
    assert set().union(*(one.verdicts for one in told)) <= {"ADMIT"}


def _has_lived(told: Told) -> bool:
    return bool(told.orders and +told.admitted and told.files)


def test_a_sale_that_was_told_and_is_not_there_would_be_noticed(arena: Arena) -> None:
    till = arena.tills[0]
    till.told.hear('{"sold": "nowhere", "receipt": "A-000001", "serials": ["0123456789abcdef"]}\n')
    found = till.faults()
    del till.told.orders["nowhere"], till.told.serials["0123456789abcdef"]
    assert [fault.split(":")[0] for fault in found] == ["sold and gone", "sold and gone"]
