"""The in-memory store keeps the contract of the sync ports."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from domain.certificates import EVERYTHING, STATION_USAGE, Certificate, issue
from domain.ticket_code import SigningKey
from tests.postgres import ROOT
from tests.sync.memory_store import alone
from tests.sync.port_contract import CHECKS, Harness


def make_harness() -> Harness:
    store = alone(ROOT)

    def trust(station: str, key: SigningKey) -> None:
        store.trust.add((root_certificate(station, key),))

    return Harness(store, store, store.journal.add, trust)


def root_certificate(station: str, key: SigningKey):
    return issue(
        Certificate(
            id=f"certificate-of-{station}",
            organization="org-1",
            station=station,
            name="Till",
            prefix="B",
            key=key.public,
            usage=STATION_USAGE,
            scope=EVERYTHING,
            not_before=datetime(2026, 1, 1, tzinfo=UTC),
            not_after=None,
            issuer=ROOT.public,
        ),
        ROOT,
    )


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_store_in_memory_keeps_the_contract(check: Callable[[Harness], None]) -> None:
    check(make_harness())
