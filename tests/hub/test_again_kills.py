"""Joining again, ended at every step: documents and PINs that no hub has seen are in the new store."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app import bootstrap, rejoining
from app.bootstrap import enrol_station, open_station
from app.purging import Purging
from app.store.documents import StoreDocuments
from app.store.opening import store_exists
from app.store.pins import StorePins
from app.store.store import StationStore
from domain.actor import SYSTEM
from domain.entry import Draft
from domain.errors import Fault
from sync import hub_admin
from tests.hub.stations import RealStation, joined
from tests.postgres import ROOT, Hub

PERSON = "00000000-0000-4000-8000-000000000001"
DOCUMENT = "00000000-0000-4000-8000-0000000000d1"
ORDER = "00000000-0000-4000-8000-0000000000e1"


class KilledError(BaseException):
    """The process ends here."""


def again(hub: Hub, name: str) -> str:
    return hub_admin.invite(
        hub.dsn, name=name, prefix="", scope="*", root=ROOT, now=datetime.now(UTC),
        random_bytes=os.urandom, again=True,
    )[1]  # fmt: skip


def with_a_guest(hub: Hub, tmp_path: Path) -> RealStation:
    """A till that has named a guest and set a PIN, out of the hub's sight."""
    till = joined(hub, tmp_path, "Till 1", "A")
    with till.store.begin() as work:
        digest = work.put_document(DOCUMENT, "guest", "event:100", {"name": "Anna"})
        body = {"order": ORDER, "event": 100, "document": DOCUMENT, "document_hash": digest}
        work.append(Draft("guest_named", ("event:100",), body), SYSTEM)
        work.set_pin(PERSON, "verifier")
        work.commit()
    return till


def kill_at(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, nth: int, *, after: bool) -> None:
    """End the process before, or after, the `nth` call of a function."""
    calls, real = [0], getattr(where, name)

    def dying(*args: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == nth and not after:
            raise KilledError
        found = real(*args, **named)
        if calls[0] == nth:
            raise KilledError
        return found

    monkeypatch.setattr(where, name, dying)


STEPS = (
    (rejoining, "_write_mark", 1),
    (Path, "rename", 1),
    (Path, "rename", 2),
    (Path, "rename", 3),
    (bootstrap, "create_store", 1),
    (bootstrap, "join", 1),
    (bootstrap, "_adopt", 1),
    (rejoining, "issue_again", 1),
    (StationStore, "set_station", 1),
    (StationStore, "set_station", 2),
    (rejoining, "carry_over", 1),
    (StationStore, "keep_pin_key", 1),
    (StorePins, "take_over", 1),
    (StoreDocuments, "take_over", 1),
    (Path, "unlink", 1),
)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("where", "name", "nth"), STEPS, ids=lambda part: str(getattr(part, "__name__", part))
)
def test_ended_at_any_step_nothing_unsent_is_lost(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, nth: int, after: bool
) -> None:
    till = with_a_guest(hub, tmp_path)
    pin_key, text = till.store.pin_key(), again(hub, "Till 1")
    till.station.close()
    with monkeypatch.context() as dying:
        kill_at(dying, where, name, nth, after=after)
        with pytest.raises(KilledError):
            enrol_station(till.folder, till.settings, text)
    joined_already = False
    if store_exists(till.folder):
        till.station = open_station(till.folder, till.settings)
        joined_already = till.store.identity.epoch == 2 and till.station.exchange is not None
        till.station.close()
    till.station = (
        open_station(till.folder, till.settings)
        if joined_already
        else enrol_station(till.folder, till.settings, text)
    )
    assert till.store.identity.epoch == 2
    assert (till.store.pin_key(), till.store.pins.verifier(PERSON)) == (pin_key, "verifier")
    (document,) = till.store.documents.unsent()
    assert json.loads(document.content) == {"name": "Anna"}
    assert till.sync() is None
    assert till.store.documents.waiting() == 0
    assert till.store.verify().problems == []
    assert list((till.folder / rejoining.FORMER).glob(f"*/{rejoining.CARRY}")) == []
    till.reopen()
    assert till.store.pins.verifier(PERSON) == "verifier"
    till.close()


def test_what_cannot_be_carried_now_is_carried_later(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = with_a_guest(hub, tmp_path)
    text = again(hub, "Till 1")
    till.station.close()

    def full(*_: Any) -> None:
        raise Fault("DISK_FULL")

    with monkeypatch.context() as failing:
        failing.setattr(StoreDocuments, "take_over", full)
        till.station = enrol_station(till.folder, till.settings, text)
    assert till.store.documents.unsent() == []
    till.reopen()
    assert len(till.store.documents.unsent()) == 1
    till.close()


def test_a_purge_forgets_the_keys_of_former_epochs_too(hub: Hub, tmp_path: Path) -> None:
    till = with_a_guest(hub, tmp_path)
    former = till.store.installation
    text = again(hub, "Till 1")
    till.station.close()
    till.station = enrol_station(till.folder, till.settings, text)
    keystore = bootstrap.open_keystore(till.settings)
    assert keystore.read(former) is not None, "what lies in the former file can be read"
    Purging(till.store, keystore).now()
    assert keystore.read(former) is None
    assert keystore.read(till.store.installation) is None
    till.close()
