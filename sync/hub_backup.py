"""Backups of a served hub: made while it runs, tried out before they count, put back after a disaster.

made = snapshot(server, folder, now)     # a base backup, restored into a scratch server and compared
restore(made.folder, server.data)        # with the server stopped
restore_done(dsn, revocations)           # begins recovery: stations push again what the backup forgot
"""

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from domain.clock import to_text
from domain.errors import Fault, Refusal
from domain.revocation import SignedRevocation
from sync import hub_admin
from sync.hub_admin import HubStatus, connect, faults
from sync.hub_revoke import reapply
from sync.hub_roles import as_owner
from sync.hub_server import SUPERUSER, Prefer, Server, open_server, run_tool

MANIFEST = "gatehouse-hub.json"
PATIENCE_S = 600


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A backup that was restored once: where it lies and what was in it."""

    folder: Path
    made_at: str
    organization: str
    schema: str
    stations: int
    entries: int


@dataclass(frozen=True, slots=True)
class Recovery:
    """How a restored hub stands: the mode, revocations told again (at the start), names of the stations that
    are missing and that have reported, those written off with the risk stated for them, and how many entries
    wait in the inbox."""

    mode: str
    revoked_again: int
    missing: Sequence[str]
    reported: Sequence[str] = ()
    written_off: Mapping[str, int] = field(default_factory=dict)
    in_inbox: int = 0


def snapshot(server: Server, folder: Path, now: datetime, dbname: str = "gatehouse") -> Snapshot:
    """Copy the running hub into a new folder below `folder`, and try the copy out.

    Raises Fault HUB_BACKUP_FAILED (`step`: copy, start, compare; nothing half done stays), HUB_UNREACHABLE.
    """
    before = hub_admin.status(server.dsn(dbname))
    target = folder / f"hub-{to_text(now).replace(':', '').replace('-', '').replace('.', '')}"
    part = Path(tempfile.mkdtemp(prefix="gh-hub-copy-", dir=_reachable_parent(server)))
    try:
        copied = part / "copy"
        _base_backup(server, copied)
        after = hub_admin.status(server.dsn(dbname))
        _try_out(server, copied, part / "scratch", before, after, dbname)
        made = Snapshot(
            target, to_text(now), before.organization, before.schema or "", before.stations, before.entries
        )
        _publish(copied, target, made)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return made


def read_manifest(folder: Path) -> Snapshot:
    """What a snapshot says of itself. Raises Refusal HUB_BACKUP_INVALID (`path`)."""
    try:
        fields = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Snapshot(**{**fields, "folder": folder})
    except (OSError, ValueError, TypeError):
        raise Refusal("HUB_BACKUP_INVALID", path=str(folder)) from None


def prune_archive(archive: Path, snapshot_folder: Path) -> int:
    """Remove archived segments that a snapshot no longer needs; answers how many."""
    label = (snapshot_folder / "backup_label").read_text(encoding="utf-8")
    first = re.search(r"\(file ([0-9A-F]{24})\)", label)
    if first is None:
        raise Refusal("HUB_BACKUP_INVALID", path=str(snapshot_folder))
    old = [path for path in archive.glob("*") if len(path.name) == 24 and path.name < first[1]]
    for path in old:
        path.unlink()
    return len(old)


def restore(snapshot_folder: Path, server: Server, archive: Path | None = None) -> Snapshot:
    """Put a snapshot in the place of a stopped server's data; what was there is kept beside it. With
    `archive` it goes on to the end of the archived log when it is started.

    Raises Refusal HUB_BACKUP_INVALID, HUB_RUNNING.
    """
    made = read_manifest(snapshot_folder)
    if server.running():
        raise Refusal("HUB_RUNNING")
    aside = server.data.with_name(f"{server.data.name}-before-restore")
    shutil.rmtree(aside, ignore_errors=True)
    if server.data.exists():
        server.data.rename(aside)
    shutil.copytree(snapshot_folder, server.data, symlinks=True)
    (server.data / MANIFEST).unlink()
    if archive is not None and archive.is_dir():
        command = f'cp "{archive}/%f" "%p"' if os.name != "nt" else f'copy "{archive}\\%f" "%p"'
        with (server.data / "postgresql.auto.conf").open("a") as file:
            file.write(f"restore_command = '{command}'\n")
        (server.data / "recovery.signal").touch()
    _hand_over(server.data, server.account)
    return made


def restore_done(
    dsn: str, revocations: Sequence[SignedRevocation], sleep: Callable[[float], None] = time.sleep
) -> Recovery:
    """A hub was restored: revocations it forgot count again, cursors are worth nothing, stations have to
    report. Waits while it still reads its archived log (ten minutes at most).

    Raises Refusal HUB_NOT_MADE_YET, REVOCATION_INVALID; Fault HUB_STANDBY when it never takes writes.
    """
    await_writable(dsn, sleep)
    with connect(dsn) as connection, faults():
        row = connection.execute("SELECT root FROM hub.hub").fetchone()
    if row is None:
        raise Refusal("HUB_NOT_MADE_YET")
    again = reapply(dsn, bytes(row[0]), revocations)
    with connect(dsn) as connection, faults():
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'station\\_%%'"
        )
        as_owner(connection)
        connection.execute("SELECT hub.begin_recovery()")
    return recovery(dsn, again)


def await_writable(dsn: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait while a restored server reads its archived log; ten minutes at most. Raises Fault HUB_STANDBY."""
    until = time.monotonic() + PATIENCE_S
    while True:
        with connect(dsn) as connection, faults():
            row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
        if row is not None and not row[0]:
            return
        if time.monotonic() >= until:
            raise Fault("HUB_STANDBY")
        sleep(0.2)


def recovery(dsn: str, revoked_again: int = 0) -> Recovery:
    """How recovery stands. Raises Refusal HUB_NOT_MADE_YET."""
    with connect(dsn) as connection, faults():
        hub = connection.execute(
            "SELECT mode, (SELECT count(*) FROM hub.inbox WHERE state = 'waiting') FROM hub.hub"
        ).fetchone()
        rows = connection.execute(
            "SELECT s.name, r.reported_at IS NOT NULL, r.written_off_at IS NOT NULL, coalesce(r.risk, 0)"
            " FROM hub.recovery r JOIN hub.station s ON s.station = r.station"
            " WHERE s.revoked_at IS NULL ORDER BY s.name"
        ).fetchall()
    if hub is None:
        raise Refusal("HUB_NOT_MADE_YET")
    waits = hub[0] == "recovery"
    return Recovery(
        mode=hub[0],
        revoked_again=revoked_again,
        missing=[name for name, reported, off, _ in rows if waits and not reported and not off],
        reported=[name for name, reported, *_ in rows if reported],
        written_off={name: risk for name, reported, off, risk in rows if off and not reported},
        in_inbox=hub[1],
    )


def write_off(dsn: str, station: str, risk: int) -> Recovery:
    """Stop waiting for a station; what only it knew comes when it does. `risk`: places per pool that it may
    have been granted after the backup with nobody else knowing, by which the pool may be oversold.

    Raises Refusal STATION_UNKNOWN (`station`: unknown, or nobody waits for it), RISK_INVALID (`risk`).
    """
    if risk < 0:
        raise Refusal("RISK_INVALID", risk=risk)
    with connect(dsn) as connection, faults():
        as_owner(connection)
        row = connection.execute(
            "SELECT hub.write_off(s.station, %(risk)s) FROM hub.station s"
            " WHERE s.station = %(which)s OR s.name = %(which)s"
            " ORDER BY s.station = %(which)s DESC, s.enrolled_at DESC LIMIT 1",
            {"which": station, "risk": risk},
        ).fetchone()
        if row is None or not row[0]:
            raise Refusal("STATION_UNKNOWN", station=station)
    return recovery(dsn)


def _reachable_parent(server: Server) -> Path:
    """Where the server's account can write: beside its data, or the system's folder for such things."""
    return Path(tempfile.gettempdir()) if server.account is not None else server.data.parent


def _base_backup(server: Server, target: Path) -> None:
    if server.account is not None:
        target.parent.chmod(0o755)
        shutil.chown(target.parent, server.account, server.account)
    arguments = ["-D", str(target), "-X", "stream", "-c", "fast", "-h", "127.0.0.1", "-p", str(server.port)]
    arguments += ["-U", SUPERUSER, "-w"]
    if run_tool(server, "pg_basebackup", arguments, {"PGPASSWORD": server.password}) != 0:
        raise Fault("HUB_BACKUP_FAILED", step="copy")
    if run_tool(server, "pg_verifybackup", [str(target)]) != 0:
        raise Fault("HUB_BACKUP_FAILED", step="verify")


def _try_out(
    server: Server, copied: Path, scratch: Path, before: HubStatus, after: HubStatus, dbname: str
) -> None:
    """Start a copy of the copy on another port and hold what is in it against what was in the hub."""
    shutil.copytree(copied, scratch, symlinks=True)
    _hand_over(scratch, server.account)
    (scratch / "gatehouse.conf").unlink(missing_ok=True)
    prefer: Prefer = "wheel" if server.binaries.bundled else "system"
    trial = open_server(scratch, prefer=prefer, settings={"ssl": "off", "archive_mode": "off"})
    try:
        trial.start()
        found = hub_admin.status(trial.dsn(dbname))
    except (Fault, Refusal):
        raise Fault("HUB_BACKUP_FAILED", step="start") from None
    finally:
        trial.stop("immediate")
    same = (found.organization, found.schema) == (before.organization, before.schema)
    if not same or not before.entries <= found.entries <= after.entries:
        raise Fault("HUB_BACKUP_FAILED", step="compare")


def _publish(copied: Path, target: Path, made: Snapshot) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        shutil.copytree(copied, part, symlinks=True)
        fields = {name: value for name, value in asdict(made).items() if name != "folder"}
        (part / MANIFEST).write_text(json.dumps(fields, indent=1) + "\n", encoding="utf-8")
        part.chmod(0o700)
        part.rename(target)
    except OSError:
        raise Fault("FILE_NOT_WRITABLE", file=str(target)) from None


def _hand_over(data: Path, account: str | None) -> None:
    """As the server wants its folder: its own, and closed to others."""
    data.chmod(0o700)
    if account is not None:
        for path in (data, *data.rglob("*")):
            shutil.chown(path, account, account)
