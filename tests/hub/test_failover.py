"""Two servers behind one connection string: the standby is promoted and nothing is missing."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from sync import hub_admin, hub_backup
from sync.hub_server import FORGETFUL, SUPERUSER, Server, open_server, run_tool
from tests.hub.stations import joined
from tests.postgres import ROOT, Hub

NOW = datetime.now(UTC)


@pytest.fixture
def two_servers() -> Iterator[tuple[Hub, Server]]:
    """A primary and its synchronous standby."""
    folder = Path(tempfile.mkdtemp(prefix="gh-fail-"))
    folder.chmod(0o777)
    primary = open_server(folder / "primary", settings=FORGETFUL)
    primary.start()
    hub_admin.create_database(primary.dsn(), "gatehouse")
    hub_admin.init(
        primary.dsn("gatehouse"), name="Riverside", root=ROOT.public, now=NOW, random_bytes=os.urandom
    )
    arguments = ["-D", str(folder / "standby"), "-R", "-X", "stream", "-c", "fast", "-h", "127.0.0.1"]
    arguments += ["-p", str(primary.port), "-U", SUPERUSER, "-w"]
    assert run_tool(primary, "pg_basebackup", arguments, {"PGPASSWORD": primary.password}) == 0
    (folder / "standby" / "gatehouse.conf").unlink()
    standby = open_server(folder / "standby", settings=FORGETFUL)
    standby.start()
    hub = Hub(primary, "gatehouse")
    with hub.admin() as admin:
        for _ in range(200):
            if admin.execute("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'").fetchone()[
                0
            ]:
                break
            admin.execute("SELECT pg_sleep(0.05)")
        admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        admin.execute("SELECT pg_reload_conf()")
    yield hub, standby
    for server in (primary, standby):
        server.stop("immediate")
    shutil.rmtree(folder)


def test_a_promoted_standby_is_found_and_has_everything_that_was_acknowledged(
    two_servers, tmp_path: Path
) -> None:
    hub, standby = two_servers
    one = joined(hub, tmp_path, "Till 1", "A")
    both = make_conninfo(
        one.store.local_setting("hub_dsn"),
        host="127.0.0.1,127.0.0.1",
        port=f"{standby.port},{hub.server.port}",
        target_session_attrs="read-write",
    )
    one.store.set_local_setting("hub_dsn", both)
    one.reopen()
    for n in range(300):
        one.write(n)
    assert one.sync() is None, "the standby is named first and passed over"
    before = one.store.replica.incarnation()

    hub.server.stop("immediate")
    one.write(1000)
    assert one.sync() == "HUB_UNREACHABLE"
    assert run_tool(standby, "pg_ctl", ["-D", str(standby.data), "-w", "promote"]) == 0
    promoted = Hub(standby, "gatehouse")
    with promoted.admin() as admin:
        found = admin.execute("SELECT count(*) FROM hub.station_log WHERE station = %s", (one.id,)).fetchone()
        assert found == (300,), "a synchronous standby has what was acknowledged"
        admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
        admin.execute("SELECT pg_reload_conf()")
    assert hub_backup.restore_done(promoted.dsn, []).mode == "recovery"
    assert one.sync() is None
    assert one.store.replica.incarnation() != before
    assert hub_backup.recovery(promoted.dsn).mode == "normal"
    with promoted.admin() as admin:
        found = admin.execute("SELECT count(*) FROM hub.station_log WHERE station = %s", (one.id,)).fetchone()
    assert found == (301,)
    one.close()
