"""The store on disk keeps the contract of the sync ports."""

from collections.abc import Callable

import pytest

from tests.postgres import ROOT
from tests.store.station import Station
from tests.store.test_journal import STARTED
from tests.sync.port_contract import CHECKS, Harness
from tests.sync.test_memory_store import root_certificate


def make_harness(station: Station) -> Harness:
    """`trust` hands the certificate over as the hub would have done."""
    key = station.store.signing_key
    chain = (root_certificate(station.store.outbox.station(), key),)
    station.store.adopt_root(ROOT.public, chain)

    def trust(name: str, its_key: object) -> None:
        trust_store = station.store.keys._trust
        assert trust_store is not None
        trust_store.add((root_certificate(name, its_key),))

    return Harness(station.store.outbox, station.store.replica, lambda: station.append(STARTED)[0], trust)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_store_on_disk_keeps_the_contract(check: Callable[[Harness], None], station: Station) -> None:
    check(make_harness(station))
