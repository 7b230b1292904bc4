"""Making, upgrading and asking a hub; the root key's file; starting and stopping the server."""

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic import command
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from domain.errors import Fault, Refusal
from sync import hub_admin
from sync.hub_server import FORGETFUL, copy_bundled, find_binaries, open_server
from sync.root_key import make_root_key, read_root_key
from tests.postgres import ROOT, Hub

PASSPHRASE = "correct horse battery"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's account can reach (pytest's own is closed to others)."""
    made = Path(tempfile.mkdtemp(prefix="gh-hub-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def raised(kind, action, *arguments, **named):
    with pytest.raises(kind) as wrong:
        action(*arguments, **named)
    return wrong.value


def init(dsn: str) -> hub_admin.HubStatus:
    return hub_admin.init(
        dsn, name="Riverside", root=ROOT.public, now=datetime.now(UTC), random_bytes=os.urandom
    )


def test_the_schema_made_by_the_history_is_the_one_described(hub: Hub) -> None:
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(hub.dsn), poolclass=NullPool
    )
    with engine.connect() as connection:
        command.check(hub_admin.alembic_config(connection))


def test_a_hub_is_made_once(hub: Hub) -> None:
    refused = raised(Refusal, init, hub.dsn)
    assert refused.code == "HUB_EXISTS"


def test_a_new_database_becomes_a_hub_and_is_made_once(hub: Hub) -> None:
    assert hub_admin.create_database(hub.server.dsn(), "venue")
    assert not hub_admin.create_database(hub.server.dsn(), "venue")
    try:
        assert init(hub.server.dsn("venue")).name == "Riverside"
    finally:
        with psycopg.connect(hub.server.dsn(), autocommit=True) as admin:
            admin.execute("DROP DATABASE venue WITH (FORCE)")


def test_an_upgrade_of_a_current_hub_changes_nothing(hub: Hub) -> None:
    before = hub_admin.status(hub.dsn)
    assert hub_admin.upgrade(hub.dsn) == before.newest
    assert hub_admin.status(hub.dsn) == before
    assert before.current
    assert before.hardened


def test_a_hub_of_a_newer_program_is_not_touched(hub: Hub) -> None:
    with hub.admin() as admin:
        admin.execute("UPDATE hub.alembic_version SET version_num = '9999'")
    fault = raised(Fault, hub_admin.upgrade, hub.dsn)
    assert (fault.code, fault.params["schema"]) == ("HUB_NEWER", "9999")


def test_the_status_counts_what_is_there(hub: Hub) -> None:
    hub.join("Till 1", "A")
    hub.invite("Till 2", "B")
    found = hub_admin.status(hub.dsn)
    assert (found.stations, found.invited, found.entries, found.held, found.forks) == (1, 1, 1, 0, 0)


def test_a_database_that_is_no_hub_says_so(hub: Hub) -> None:
    assert raised(Refusal, hub_admin.status, hub.server.dsn()).code == "HUB_NOT_MADE_YET"


def test_the_status_waits_for_a_hub_that_comes_up_late(hub: Hub) -> None:
    hub.server.stop("immediate")
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        hub.server.start()

    assert hub_admin.status(hub.dsn, 30, nap).current
    assert len(naps) == 1
    hub.server.stop("immediate")
    assert raised(Fault, hub_admin.status, hub.dsn).code == "HUB_UNREACHABLE"


def test_an_administrator_with_a_wrong_password_is_told_so(hub: Hub) -> None:
    wrong = psycopg.conninfo.make_conninfo(hub.dsn, password="wrong")
    assert raised(Fault, hub_admin.status, wrong).code == "HUB_PASSWORD"


def test_a_database_in_another_encoding_is_refused(hub: Hub) -> None:
    with psycopg.connect(hub.server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
        try:
            assert raised(Fault, init, hub.server.dsn("latin")).code == "HUB_ENCODING"
        finally:
            admin.execute("DROP DATABASE latin")


def test_an_owner_of_a_database_who_is_no_superuser_makes_a_reduced_hub(hub: Hub) -> None:
    """As on a managed PostgreSQL: roles may be made, the catalogue may not be hardened."""
    with psycopg.connect(hub.server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE ROLE manager LOGIN CREATEROLE CREATEDB PASSWORD 'manager'")
        admin.execute("GRANT gatehouse_owner, gatehouse_station TO manager WITH ADMIN OPTION")
        admin.execute("CREATE DATABASE managed OWNER manager")
        try:
            dsn = psycopg.conninfo.make_conninfo(
                hub.server.dsn("managed"), user="manager", password="manager"
            )
            found = init(dsn)
            assert found.current
            assert not found.hardened
        finally:
            admin.execute("DROP DATABASE managed WITH (FORCE)")
            admin.execute(sql.SQL("DROP OWNED BY manager; DROP ROLE manager"))


def test_the_root_key_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "safe" / "root.pem"
    made = make_root_key(path, PASSPHRASE, os.urandom)
    assert read_root_key(path, PASSPHRASE).public == made.public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made.seed() not in path.read_bytes()


def test_a_wrong_passphrase_or_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "root.pem"
    assert raised(Refusal, make_root_key, path, "short", os.urandom).code == "PASSPHRASE_SHORT"
    assert raised(Fault, read_root_key, path, PASSPHRASE).code == "ROOT_KEY_MISSING"
    make_root_key(path, PASSPHRASE, os.urandom)
    assert raised(Refusal, read_root_key, path, "another one").code == "PASSPHRASE_WRONG"
    assert raised(Refusal, make_root_key, path, PASSPHRASE, os.urandom).code == "ROOT_KEY_EXISTS"
    path.write_text("-----BEGIN PRIVATE KEY-----")
    assert raised(Refusal, read_root_key, path, PASSPHRASE).code == "ROOT_KEY_INVALID"


@pytest.mark.parametrize("prefer", ["system", "wheel"])
def test_a_server_is_made_started_crashed_and_found_again(folder: Path, prefer: str) -> None:
    server = open_server(folder / "data", prefer=prefer, settings=FORGETFUL)
    server.start()
    try:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (n int)")
            shown = {
                name: connection.execute(f"SHOW {name}").fetchone()[0]
                for name in ("data_checksums", "password_encryption", "server_encoding", "listen_addresses")
            }
        assert shown == {
            "data_checksums": "on",
            "password_encryption": "scram-sha-256",
            "server_encoding": "UTF8",
            "listen_addresses": "127.0.0.1",
        }
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(psycopg.conninfo.make_conninfo(server.dsn(), password="wrong"))
        server.stop("immediate")
        assert not server.running()
        again = open_server(folder / "data", settings=FORGETFUL)
        assert (again.port, again.password) == (server.port, server.password)
        again.start()
        again.start()
        with psycopg.connect(again.dsn()) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    finally:
        server.stop()
    server.stop()


def test_the_bundled_binaries_run_from_a_copy(folder: Path) -> None:
    """For an environment that the server's account cannot enter, such as one below /root."""
    copied = copy_bundled(find_binaries("wheel"), folder / "postgresql")
    assert copied == copy_bundled(find_binaries("wheel"), folder / "postgresql")
    for tool in ("initdb", "postgres", "pg_ctl"):
        ran = subprocess.run([copied.folder / tool, "--version"], capture_output=True, text=True, check=True)
        assert f" {copied.version}" in ran.stdout


def test_the_bundled_server_has_no_tls_and_therefore_stays_on_loopback(folder: Path) -> None:
    fault = raised(Fault, open_server, folder / "data", prefer="wheel", host="0.0.0.0")
    assert fault.code == "HUB_LAN_NEEDS_TLS"
    assert not (folder / "data").exists()


def test_a_folder_with_something_else_in_it_is_left_alone(folder: Path) -> None:
    (folder / "letter.txt").write_text("dear")
    assert raised(Fault, open_server, folder).code == "HUB_FOLDER"
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can lock an account out")
def test_a_folder_that_the_servers_account_cannot_reach_is_a_plain_fault(folder: Path) -> None:
    folder.chmod(0o700)
    fault = raised(Fault, open_server, folder / "data")
    assert (fault.code, fault.params["path"]) == ("HUB_FOLDER", str(folder / "data"))
