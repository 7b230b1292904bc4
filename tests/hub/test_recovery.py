"""A hub restored from yesterday's backup is whole again once its stations have reported."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import Fault, Refusal
from domain.revocation import Revocation, issue
from sync import hub_admin, hub_backup, hub_inbox, hub_revoke
from sync.hub_server import FORGETFUL, Server, open_server
from tests.hub.stations import joined
from tests.postgres import ROOT, Hub

NOW = datetime.now(UTC)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Hub]:
    """A hub with a server of its own, since it will be torn down and restored."""
    folder = Path(tempfile.mkdtemp(prefix="gh-rec-"))
    folder.chmod(0o755)
    server = open_server(folder / "data", settings=FORGETFUL, archive=folder / "wal")
    server.start()
    hub_admin.create_database(server.dsn(), "gatehouse")
    hub_admin.init(
        server.dsn("gatehouse"), name="Riverside", root=ROOT.public, now=NOW, random_bytes=os.urandom
    )
    yield Hub(server, "gatehouse")
    server.stop("immediate")
    shutil.rmtree(folder)


def restored(hub: Hub, made: hub_backup.Snapshot) -> Server:
    hub.server.stop("immediate")
    hub_backup.restore(made.folder, hub.server)
    open_server(hub.server.data, settings=FORGETFUL, port=hub.server.port).start()
    return hub.server


def ids(hub: Hub) -> list[str]:
    with hub.admin() as admin:
        rows = admin.execute(
            "SELECT l.station || '/' || l.epoch || '/' || l.seq FROM hub.station_log l"
            " WHERE l.station <> '00000000' ORDER BY 1"
        )
        return [row[0] for row in rows]


def test_a_hub_restored_from_an_older_backup_is_whole_again_after_its_stations_reported(
    own: Hub, tmp_path: Path
) -> None:
    one, two = joined(own, tmp_path, "Till 1", "A"), joined(own, tmp_path, "Till 2", "B")
    for n, station in enumerate((one, two)):
        station.write(n)
        assert station.sync() is None
    made = hub_backup.snapshot(own.server, tmp_path / "backups", NOW)
    assert (made.stations, hub_backup.read_manifest(made.folder)) == (2, made)

    late = joined(own, tmp_path, "Till 3", "C")
    for n in range(10, 40):
        for station in (one, two, late):
            station.write(n * 10)
    for station in (one, two, late, one, two):
        assert station.sync() is None
    before = ids(own)
    late_id, last = late.id, late.store.outbox.tip().seq
    late.close()

    restored(own, made)
    began = hub_backup.restore_done(own.dsn, [])
    assert (began.mode, list(began.missing)) == ("recovery", ["Till 1", "Till 2"])
    assert one.sync() is None
    assert hub_backup.recovery(own.dsn).missing == ["Till 2"]
    assert two.sync() is None
    assert hub_backup.recovery(own.dsn).mode == "normal"
    hub_inbox.release(own.dsn)
    assert {row.state for row in hub_inbox.list_inbox(own.dsn)} == {"released"}
    assert ids(own) == before, "nothing lost, nothing there twice"
    assert f"{late_id}/1/{last}" in before

    for station in (one, two):
        station.write(5000)
        assert station.sync() is None
    assert one.sync() is None
    assert one.settings_seen() == two.settings_seen()
    for station in (one, two):
        assert station.store.verify().problems == []
        station.close()


def test_a_backup_and_the_archived_log_together_bring_everything_back(own: Hub, tmp_path: Path) -> None:
    one = joined(own, tmp_path, "Till 1", "A")
    one.write(1)
    assert one.sync() is None
    made = hub_backup.snapshot(own.server, tmp_path / "backups", NOW)
    one.write(2)
    assert one.sync() is None
    before = ids(own)
    archive = own.server.data.parent / "wal"
    own.server.stop("fast")  # archives what is left
    hub_backup.restore(made.folder, own.server, archive)
    open_server(own.server.data, settings=FORGETFUL, port=own.server.port, archive=archive).start()
    began = hub_backup.restore_done(own.dsn, [])
    assert ids(own) == before, "nobody had to report anything"
    assert began.mode == "recovery"
    assert one.sync() is None
    assert ids(own) == before
    assert hub_backup.recovery(own.dsn).mode == "normal"
    assert hub_backup.prune_archive(archive, made.folder) > 0
    one.close()


def test_a_station_that_never_comes_back_is_written_off(own: Hub, tmp_path: Path) -> None:
    one, two = joined(own, tmp_path, "Till 1", "A"), joined(own, tmp_path, "Till 2", "B")
    for station in (one, two):
        assert station.sync() is None
    assert hub_backup.restore_done(own.dsn, []).mode == "recovery"
    assert one.sync() is None
    with pytest.raises(Refusal) as refused:
        hub_backup.write_off(own.dsn, "Till 9", 0)
    assert refused.value.code == "STATION_UNKNOWN"
    with pytest.raises(Refusal) as refused:
        hub_backup.write_off(own.dsn, "Till 2", -1)
    assert refused.value.code == "RISK_INVALID"
    state = hub_backup.write_off(own.dsn, "Till 2", 3)
    assert (state.mode, state.reported, state.written_off) == ("normal", ["Till 1"], {"Till 2": 3})
    with pytest.raises(Refusal):
        hub_backup.write_off(own.dsn, "Till 2", 3)
    assert two.sync() is None
    for station in (one, two):
        station.close()


def test_nobody_waits_for_a_station_that_is_revoked_meanwhile(own: Hub, tmp_path: Path) -> None:
    one, two = joined(own, tmp_path, "Till 1", "A"), joined(own, tmp_path, "Till 2", "B")
    for station in (one, two):
        assert station.sync() is None
    assert hub_backup.restore_done(own.dsn, []).mode == "recovery"
    assert one.sync() is None
    assert list(hub_backup.recovery(own.dsn).missing) == ["Till 2"]
    hub_revoke.revoke(own.dsn, "Till 2", root=ROOT, now=NOW, grace_s=0)
    assert hub_backup.recovery(own.dsn).mode == "normal"
    for station in (one, two):
        station.close()


def test_a_revocation_newer_than_the_backup_counts_before_anybody_may_sign_in(
    own: Hub, tmp_path: Path
) -> None:
    one, two = joined(own, tmp_path, "Till 1", "A"), joined(own, tmp_path, "Till 2", "B")
    made = hub_backup.snapshot(own.server, tmp_path / "backups", NOW)
    done = hub_revoke.revoke(own.dsn, "Till 2", root=ROOT, now=NOW, grace_s=0)
    restored(own, made)
    began = hub_backup.restore_done(own.dsn, [done.signed])
    assert (began.revoked_again, list(began.missing)) == (1, ["Till 1"])
    assert two.sync() == "HUB_PASSWORD"
    assert one.sync() is None
    assert hub_backup.recovery(own.dsn).mode == "normal"
    forged = issue(Revocation("x", one.id, 1, 0, NOW), type(ROOT).from_seed(bytes(32)))
    with pytest.raises(Refusal):
        hub_backup.restore_done(own.dsn, [forged])
    for station in (one, two):
        station.close()


def test_the_write_ahead_log_is_archived(own: Hub) -> None:
    with own.admin() as admin:
        admin.execute("SELECT pg_switch_wal()")
        folder = own.server.data.parent / "wal"
        for _ in range(200):
            if any(len(path.name) == 24 for path in folder.iterdir()):
                break
            admin.execute("SELECT pg_sleep(0.05)")
    assert any(len(path.name) == 24 for path in folder.iterdir())


def test_a_backup_of_a_hub_that_is_away_and_a_folder_that_is_none_are_refused(
    own: Hub, tmp_path: Path
) -> None:
    with pytest.raises(Refusal) as refused:
        hub_backup.restore(tmp_path, own.server)
    assert refused.value.code == "HUB_BACKUP_INVALID"
    made = hub_backup.snapshot(own.server, tmp_path / "backups", NOW)
    with pytest.raises(Refusal) as refused:
        hub_backup.restore(made.folder, own.server)
    assert refused.value.code == "HUB_RUNNING"
    own.server.stop("immediate")
    with pytest.raises(Fault) as fault:
        hub_backup.snapshot(own.server, tmp_path / "backups", NOW)
    assert fault.value.code == "HUB_UNREACHABLE"
