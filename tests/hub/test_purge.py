"""Shut out from afar: told at the next contact, locked, and made unreadable where that was ordered."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.bootstrap import open_keystore, open_station
from app.purging import Purging
from app.services.signin import PinHasher
from domain import purge_order
from domain.actor import SYSTEM, Permission, Role
from domain.errors import Fault, Refusal
from domain.ticket_code import SigningKey
from sync import hub_revoke
from tests.hub.stations import RealStation, joined
from tests.postgres import ROOT, Hub

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def till(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealStation]:
    monkeypatch.setattr("app.bootstrap.PinHasher", lambda **more: PinHasher(1, 64, **more))
    made = joined(hub, tmp_path, "Till 1", "A")
    made.station.services.add_user("anna", "Anna", [Role.ADMIN], "2580", SYSTEM)
    made.station.services.add_user("carla", "Carla", [Role.CASHIER], "4444", SYSTEM)
    assert made.sync() is None
    yield made
    made.close()


def revoke(hub: Hub, **more) -> hub_revoke.Revoked:
    return hub_revoke.revoke(
        hub.dsn, "Till 1", root=ROOT, now=NOW, sleep=lambda _s: None, at_once=False, **more
    )


def test_a_station_that_was_away_is_told_at_its_next_contact_and_then_shut_out(
    hub: Hub, till: RealStation
) -> None:
    done = revoke(hub)
    assert (done.told, done.shut) == (False, False)
    still = hub_revoke.finish(hub.dsn, "Till 1", at_once=False)
    assert (still.told, still.shut) == (False, False)
    assert till.sync() == "REVOKED"
    done = hub_revoke.finish(hub.dsn, "Till 1", at_once=False)
    assert (done.told, done.shut) == (True, True)
    assert till.sync() == "HUB_PASSWORD"
    with pytest.raises(Refusal) as refused:
        hub_revoke.finish(hub.dsn, "Till 1", at_once=False)
    assert refused.value.code == "STATION_REVOKED"


def test_its_sign_in_can_be_shut_at_once_all_the_same(hub: Hub, till: RealStation) -> None:
    revoke(hub)
    done = hub_revoke.finish(hub.dsn, "Till 1", at_once=True)
    assert (done.told, done.shut) == (False, True)
    assert till.sync() == "HUB_PASSWORD"


def test_until_then_it_changes_nothing_at_the_hub_and_reads_nothing(hub: Hub, till: RealStation) -> None:
    revoke(hub)
    with hub.admin() as admin:
        (before,) = admin.execute("SELECT count(*) FROM hub.station_log").fetchone()
    till.write(3)
    for _ in range(3):
        assert till.sync() == "REVOKED"
    with hub.admin() as admin:
        (after,) = admin.execute("SELECT count(*) FROM hub.station_log").fetchone()
    assert after == before


def test_a_revoked_station_is_locked_for_everybody_but_who_looks_after_it(
    hub: Hub, till: RealStation
) -> None:
    carla = till.station.services.sign_in.by_login("carla", "4444")
    assert carla.may(Permission.SELL)
    revoke(hub)
    assert till.sync() == "REVOKED"
    assert set(carla.standing().stopped.values()) == {"REVOKED"}
    with pytest.raises(Refusal) as refused:
        till.station.services.open_shift(0, carla)
    assert refused.value.code == "REVOKED"
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            till.station.services.sign_in.by_login("carla", "4444")
        assert refused.value.code == "REVOKED"
        anna = till.station.services.sign_in.by_login("anna", "2580")
        assert (anna.may(Permission.KEYS), anna.may(Permission.PEOPLE)) == (True, False)
        till.reopen()


def test_an_order_to_purge_makes_the_folder_unreadable(hub: Hub, till: RealStation) -> None:
    prints = till.folder / "prints"
    prints.mkdir()
    (prints / "K1-000001-tickets.pdf").write_bytes(b"%PDF with a code")
    till.station.backup(till.folder / "backups" / "copy.db")
    revoke(hub, purge=True)
    assert till.sync() == "REVOKED"
    till.close()
    with pytest.raises(Fault) as refused:
        open_station(till.folder, till.settings)
    assert refused.value.code == "STORE_PURGED"
    assert not prints.exists()
    keys = "".join(path.read_text(errors="replace") for path in till.folder.parent.rglob("*.json"))
    assert till.store._secrets.store_key.hex() not in keys


@pytest.mark.parametrize("what", ["another root", "another station", "an edited text"])
def test_an_order_that_the_root_did_not_give_to_this_station_is_not_followed(
    till: RealStation, what: str
) -> None:
    liar = SigningKey.from_seed(bytes(32))
    root = liar if what == "another root" else ROOT
    station = "0c3f81aa" if what == "another station" else till.id
    order = purge_order.issue("organization", station, NOW, root)
    text = order.text.replace("2026", "2027") if what == "an edited text" else order.text
    purging = Purging(till.store, open_keystore(till.settings))
    purging.ordered({"purge": text, "purge_sig": order.sig.hex()})
    purging.ordered({"purge": "{}", "purge_sig": "zz"})
    purging.ordered({})
    assert not purging.done()
    till.reopen()
