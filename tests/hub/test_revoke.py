"""Revoked: told at once, believed no more, out of the hub, and the gate closes for good."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from app.services.gate import ScanInput
from app.services.sell import SaleRequest
from domain import revocation
from domain.actor import Actor, Role
from domain.errors import Fault, Refusal
from domain.revocation import Revocation
from domain.ticket_code import SigningKey, key_id
from sync import hub_revoke
from tests.hub.stations import RealStation, joined
from tests.postgres import ROOT, Hub

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def pair(hub: Hub, tmp_path: Path) -> Iterator[tuple[RealStation, RealStation]]:
    made = joined(hub, tmp_path, "Till 1", "A"), joined(hub, tmp_path, "Till 2", "B")
    yield made
    for station in made:
        station.close()


def revoke(hub: Hub, station: str, meanwhile=lambda _seconds: None, **more) -> hub_revoke.Revoked:
    return hub_revoke.revoke(hub.dsn, station, root=ROOT, now=NOW, sleep=meanwhile, **more)


def test_a_revoked_station_is_told_and_its_gate_stays_closed(hub: Hub, pair) -> None:
    one, _two = pair
    one.write(1)
    assert one.sync() is None
    told: list[str | None] = []
    done = revoke(hub, "Till 1", lambda _seconds: told.append(one.sync()))
    assert told == ["REVOKED"]
    assert (done.station, done.signed.revocation.last_trusted_seq) == (one.id, one.store.outbox.tip().seq)
    assert one.sync() == "HUB_PASSWORD", "its role may not sign in any more"
    one.reopen()
    keeper = Actor(user="00000000-0000-4000-8000-000000000001", login="gus", roles=frozenset({Role.GATE}))
    with pytest.raises(Refusal) as refused:
        one.station.services.gatekeeper.check(ScanInput("GH1.X"), keeper)
    assert refused.value.code == "REVOKED"


def test_a_revoked_till_sells_nothing_more(hub: Hub, pair) -> None:
    one, _two = pair
    seller = Actor(user="00000000-0000-4000-8000-000000000002", login="kim", roles=frozenset({Role.CASHIER}))
    sale = SaleRequest([], [])
    with pytest.raises(Refusal) as refused:
        one.station.services.sell(sale, seller)
    assert refused.value.code != "REVOKED"
    revoke(hub, "Till 1", lambda _seconds: one.sync())
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            one.station.services.sell(sale, seller)
        assert refused.value.code == "REVOKED"
        one.reopen()


def test_every_other_station_learns_it_with_the_next_pull(hub: Hub, pair) -> None:
    one, two = pair
    assert two.sync() is None
    four = key_id(one.store.signing_key.public)
    assert not two.store.keys.is_revoked(four)
    revoke(hub, one.id)
    assert two.sync() is None
    assert two.store.keys.is_revoked(four)
    two.reopen()
    assert two.store.keys.is_revoked(four)
    assert two.store.verify().problems == []


def test_a_running_station_is_out_at_once(hub: Hub) -> None:
    enrolled = hub.join("Till 3", "C")
    dsn = psycopg.conninfo.make_conninfo(enrolled.dsn, password=enrolled.password)
    with psycopg.connect(dsn, autocommit=True) as connection:
        revoke(hub, "Till 3")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)


def test_a_revocation_that_the_root_has_not_signed_is_worth_nothing(hub: Hub, pair) -> None:
    one, two = pair
    liar = SigningKey.from_seed(os.urandom(32))
    forged = revocation.issue(Revocation("organization", one.id, 1, 0, NOW), liar)
    with pytest.raises(Refusal) as refused:
        hub_revoke.reapply(hub.dsn, ROOT.public, [forged])
    assert refused.value.code == "REVOCATION_INVALID"
    with hub.admin() as admin:
        admin.execute(
            "SELECT hub.append_own('station_revoked', ARRAY['org'], %s)",
            (revocation.canonical(forged.body()),),
        )
    assert two.sync() is None
    assert not two.store.keys.is_revoked(key_id(one.store.signing_key.public))


def test_what_cannot_be_revoked_is_refused(hub: Hub, pair) -> None:
    one, _ = pair
    for station, root, code in (
        ("Till 9", ROOT, "STATION_UNKNOWN"),
        (one.id, SigningKey.from_seed(bytes(32)), "ROOT_KEY_WRONG"),
    ):
        with pytest.raises(Refusal) as refused:
            hub_revoke.revoke(hub.dsn, station, root=root, now=NOW, grace_s=0)
        assert refused.value.code == code
    revoke(hub, one.id)
    with pytest.raises(Refusal) as refused:
        revoke(hub, one.id)
    assert refused.value.code == "STATION_REVOKED"


def test_a_restored_hub_is_told_again_before_anybody_signs_in(hub: Hub, pair, tmp_path: Path) -> None:
    one, _ = pair
    signed = revocation.issue(Revocation("organization", one.id, 1, 0, NOW), ROOT)
    file = tmp_path / "revocations.jsonl"
    assert hub_revoke.remembered(file) == []
    hub_revoke.remember(file, signed)
    assert hub_revoke.remembered(file) == [signed]
    assert hub_revoke.reapply(hub.dsn, ROOT.public, hub_revoke.remembered(file)) == 1
    assert hub_revoke.reapply(hub.dsn, ROOT.public, hub_revoke.remembered(file)) == 0
    assert one.sync() == "HUB_PASSWORD"
    file.write_text("scribble\n")
    with pytest.raises(Refusal):
        hub_revoke.remembered(file)
    with pytest.raises(Fault):
        hub_revoke.remember(tmp_path, signed)
