"""One station file twice, or a lost disk: noticed at hello, joined again with nothing lost."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.bootstrap import enrol_station, open_station
from app.settings import Settings
from domain.errors import Fault, Refusal
from sync import hub_admin
from tests.hub.stations import RealStation, joined
from tests.hub.test_revoke import revoke
from tests.postgres import ROOT, Hub


def again(hub: Hub, name: str) -> str:
    """An enrolment file for the station's next epoch."""
    return hub_admin.invite(
        hub.dsn,
        name=name,
        prefix="",
        scope="*",
        root=ROOT,
        now=datetime.now(UTC),
        random_bytes=os.urandom,
        again=True,
    )[1]


def cloned(station: RealStation, tmp_path: Path) -> RealStation:
    """The same file on another machine: folder and keystore copied, as a disk image would."""
    station.station.close()
    other = RealStation.__new__(RealStation)
    other.folder = tmp_path / "machine-2" / station.folder.name
    shutil.copytree(station.folder, other.folder)
    keys = station.folder.parent / f"{station.folder.name}-keys"
    copied = tmp_path / "machine-2" / keys.name
    shutil.copytree(keys, copied)
    for path in copied.glob("*.json"):
        path.write_text(path.read_text().replace(str(station.folder), str(other.folder)))
    other.settings = Settings(other.folder, {"GATEHOUSE_KEY_DIR": str(copied)})
    station.station = open_station(station.folder, station.settings)
    other.station = open_station(other.folder, other.settings)
    return other


def rejoin(station: RealStation, text: str) -> None:
    station.station.close()
    station.station = enrol_station(station.folder, station.settings, text)


def contents(hub: Hub, station: str) -> list[str]:
    """Everything that counts of a station, whatever epoch it came in."""
    with hub.admin() as admin:
        return [
            row[0]
            for row in admin.execute(
                "SELECT r.content::jsonb -> 'body' -> 'values' #>> '{}' FROM hub.log_raw r"
                " JOIN hub.station_log l USING (station, epoch, seq)"
                " WHERE r.station = %s AND l.state = 'ok' ORDER BY 1",
                (station,),
            )
        ]


def test_two_copies_of_one_station_are_both_told_and_joining_again_loses_nothing(
    hub: Hub, tmp_path: Path
) -> None:
    first, watcher = joined(hub, tmp_path, "Till 1", "A"), joined(hub, tmp_path, "Till 2", "B")
    first.write(1)
    assert first.sync() is None
    second = cloned(first, tmp_path)
    first.write(2)
    second.write(3)
    assert first.sync() is None
    assert second.sync() == "FORK"
    first.write(4)
    assert first.sync() == "FORK", "the first copy hears of it too"

    rejoin(first, again(hub, "Till 1"))
    assert first.store.identity.epoch == 2
    assert first.sync() is None
    rejoin(second, again(hub, "Till 1"))
    assert second.store.identity.epoch == 3
    assert second.sync() is None
    assert watcher.sync() is None
    assert {"n1", "n2", "n3", "n4"} <= watcher.settings_seen()
    assert len(contents(hub, first.id)) == 4
    for station in (second, watcher):
        assert station.store.verify().problems == []
    for station in (first, second, watcher):
        station.close()


def test_a_lost_disk_joins_again_in_an_empty_folder_and_sees_its_own_past(hub: Hub, tmp_path: Path) -> None:
    lost = joined(hub, tmp_path, "Till 1", "A")
    lost.write(1)
    assert lost.sync() is None
    lost.close()
    text = again(hub, lost.id)
    found = RealStation(tmp_path / "new", text)
    assert (found.id, found.store.identity.epoch) == (lost.id, 2)
    found.write(2)
    assert found.sync() is None
    assert {"n1", "n2"} <= found.settings_seen()
    assert found.store.verify().problems == []
    lost.station = found.station
    found.close()
    with pytest.raises((Refusal, Fault)):
        enrol_station(
            tmp_path / "third", Settings(tmp_path / "third", {"GATEHOUSE_KEY_DIR": str(tmp_path / "k")}), text
        )


def test_a_file_that_the_hub_does_not_take_leaves_the_station_as_it_was(hub: Hub, tmp_path: Path) -> None:
    one = joined(hub, tmp_path, "Till 1", "A")
    one.write(1)
    text = again(hub, "Till 1")
    with hub.admin() as admin:
        admin.execute("UPDATE hub.invitation SET expires_at = now()")
    with pytest.raises(Refusal) as refused:
        rejoin(one, text)
    assert refused.value.code == "ENROLMENT_EXPIRED"
    one.station = open_station(one.folder, one.settings)
    assert (one.store.identity.epoch, one.store.outbox.tip().seq) == (1, 1)
    one.store.pins.take_over([("00000000-0000-4000-8000-000000000001", "verifier", 0)])
    rejoin(one, again(hub, "Till 1"))
    assert one.store.identity.epoch == 2
    assert one.store.pins.verifier("00000000-0000-4000-8000-000000000001") == "verifier"
    assert one.sync() is None
    assert "n1" in one.settings_seen()
    one.close()


def test_joining_again_is_for_stations_that_are_known_and_not_revoked(hub: Hub, tmp_path: Path) -> None:
    one = joined(hub, tmp_path, "Till 1", "A")
    with pytest.raises(Refusal) as refused:
        again(hub, "Till 9")
    assert refused.value.code == "STATION_UNKNOWN"
    revoke(hub, one.id)
    with pytest.raises(Refusal) as refused:
        again(hub, "Till 1")
    assert refused.value.code == "STATION_REVOKED"
    one.close()
