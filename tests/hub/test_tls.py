"""verify-full with the organization's own authority: the right server and no other."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from domain.errors import Fault
from sync import hub_tls
from sync.hub_client import HubClient
from sync.hub_server import FORGETFUL, Server, find_binaries, open_server

NOW = datetime.now(UTC)


def _has_system_postgres() -> bool:
    try:
        return not find_binaries("system").bundled
    except Fault:
        return False


pytestmark = pytest.mark.skipif(not _has_system_postgres(), reason="the bundled PostgreSQL has no TLS")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="gh-tls-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[tuple[Server, hub_tls.Tls]]:
    tls = hub_tls.prepare(folder / "tls", "Riverside", ["127.0.0.1", "hub.invalid"], NOW)
    server = open_server(folder / "data", host=_lan_address(), settings=FORGETFUL, tls=tls)
    server.start()
    yield server, tls
    server.stop("immediate")


def _lan_address() -> str:
    """An address of this machine that is not loopback; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has loopback only")
        return str(probe.getsockname()[0])


def dsn(server: Server, ca: Path, host: str = "127.0.0.1", **more: str) -> str:
    return make_conninfo(
        server.dsn(), host=host, sslmode="verify-full", sslrootcert=str(ca), channel_binding="require", **more
    )


def fault_of(conninfo: str, password: str) -> str:
    with pytest.raises(Fault) as wrong:
        HubClient.connect(conninfo, password, "test")
    return wrong.value.code


def test_the_right_authority_connects_with_channel_binding(served) -> None:
    server, tls = served
    with psycopg.connect(dsn(server, tls.ca)) as connection:
        row = connection.execute(
            "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).fetchone()
    assert row[0] is True
    assert row[1] in {"TLSv1.2", "TLSv1.3"}


def test_another_authority_is_refused_by_its_own_code(served, folder: Path) -> None:
    server, _ = served
    other = hub_tls.prepare(folder / "other", "Elsewhere", ["127.0.0.1"], NOW)
    assert fault_of(dsn(server, other.ca), server.password) == "HUB_TLS_CA"
    assert fault_of(dsn(server, folder / "nothing.pem"), server.password) == "HUB_TLS_CA"


def test_another_machines_certificate_is_refused_by_its_own_code(served) -> None:
    server, tls = served
    assert fault_of(dsn(server, tls.ca, host="localhost"), server.password) == "HUB_TLS_HOST"
    assert fault_of(dsn(server, tls.ca, host=server.host), server.password) == "HUB_TLS_HOST"


def test_a_server_of_plain_text_is_refused_by_its_own_code(served, folder: Path) -> None:
    _, tls = served
    plain = open_server(folder / "plain", settings=FORGETFUL)
    plain.start()
    try:
        assert fault_of(dsn(plain, tls.ca), plain.password) == "HUB_TLS_MISSING"
    finally:
        plain.stop("immediate")


def test_an_ended_certificate_is_refused_by_its_own_code(folder: Path) -> None:
    old = hub_tls.prepare(folder / "old", "Riverside", ["127.0.0.1"], NOW - timedelta(days=900))
    server = open_server(folder / "ended", settings=FORGETFUL, tls=old)
    server.start()
    try:
        assert fault_of(dsn(server, old.ca), server.password) == "HUB_TLS_EXPIRED"
        assert hub_tls.prepare(folder / "old", "Riverside", ["127.0.0.1"], NOW).ca_text == old.ca_text
    finally:
        server.stop("immediate")


def test_a_wrong_password_over_good_tls_is_still_a_wrong_password(served) -> None:
    server, tls = served
    assert fault_of(dsn(server, tls.ca), "wrong") == "HUB_PASSWORD"


def test_over_the_network_only_tls_is_spoken(served) -> None:
    server, _ = served
    plain = make_conninfo(server.dsn(), host=server.host, sslmode="disable")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain)
    with psycopg.connect(make_conninfo(server.dsn(), host=server.host, sslmode="require")) as connection:
        assert connection.pgconn.ssl_in_use


def test_a_network_address_without_tls_is_refused(folder: Path) -> None:
    with pytest.raises(Fault) as refused:
        open_server(folder / "lan", host="192.0.2.1")
    assert refused.value.code == "HUB_LAN_NEEDS_TLS"
    assert not (folder / "lan").exists()


def test_the_keys_are_readable_by_their_owner_only(served, folder: Path) -> None:
    server, tls = served
    for key in (tls.key, folder / "tls" / hub_tls.CA_KEY, server.data / "server.key"):
        assert key.stat().st_mode & 0o077 == 0
