"""Copies of the file while it is in use: encrypted with the same key, opened once before they count.

Beside each copy stands a manifest that says what is in it, so that a restore needs no guessing.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from app.store.engine import connect
from app.store.faults import environment
from domain.clock import to_text
from domain.errors import Fault

FORMAT = 1
_NO_SPACE = 28


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy holds. `hash` is the tip's, `sha256` that of the whole file; both hexadecimal. `keys`:
    boxes that open it elsewhere than on its own machine, see app.store.recovery."""

    installation: str
    station: str
    epoch: int
    seq: int
    hash: str
    revision: str
    made_at: str
    file: str
    size: int
    sha256: str
    kind: str = "gatehouse-backup"
    format: int = FORMAT
    keys: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class BackupMade:
    """Where a copy and its manifest lie."""

    path: Path
    manifest_path: Path
    manifest: Manifest


def back_up(
    path: Path,
    key: bytes,
    folder: Path,
    now: datetime,
    name: str | None = None,
    keys: Sequence[Mapping[str, Any]] = (),
) -> BackupMade:
    """Copy the file at `path` into `folder` and check the copy; `keys` go into its manifest.

    Raises Fault BACKUP_FOLDER_NOT_WRITABLE, DISK_FULL, STORE_DAMAGED (the source or the copy does not read).
    Nothing half done is left behind.
    """
    target = folder / (name or f"gatehouse-{stamp(now)}.db")
    part = target.with_name(target.name + ".part")
    try:
        _reserve(part)
        with environment(), closing(connect(path, key, writing=True)) as source:
            source.execute("VACUUM INTO ?", (str(part),))
        _flush(part)
        manifest = replace(_manifest(part, key, target.name, now), keys=tuple(keys))
        manifest_path = target.with_name(target.name + ".json")
        manifest_path.write_text(
            json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
        part.replace(target)
    except OSError as error:
        _discard(part)
        code = "DISK_FULL" if error.errno == _NO_SPACE else "BACKUP_FOLDER_NOT_WRITABLE"
        raise Fault(code, folder=str(folder)) from error
    except Fault:
        _discard(part)
        raise
    return BackupMade(target, manifest_path, manifest)


def stamp(now: datetime) -> str:
    """A time as part of a file's name: 20261121T184500000Z."""
    return to_text(now).replace(":", "").replace("-", "").replace(".", "")


def read_manifest(path: Path) -> Manifest:
    """Read a manifest. Raises Fault BACKUP_INVALID."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        fields["keys"] = tuple(fields.get("keys", ()))
        manifest = Manifest(**fields)
    except (OSError, ValueError, TypeError) as error:
        raise Fault("BACKUP_INVALID", file=path.name) from error
    if manifest.format != FORMAT or manifest.kind != "gatehouse-backup":
        raise Fault("BACKUP_INVALID", file=path.name)
    return manifest


def check_backup(manifest_path: Path, key: bytes) -> Manifest:
    """Hold a copy against its manifest, byte for byte and tip for tip. Raises Fault BACKUP_INVALID."""
    manifest = read_manifest(manifest_path)
    copy = manifest_path.with_name(manifest.file)
    if not copy.is_file() or _digest(copy) != manifest.sha256:
        raise Fault("BACKUP_INVALID", file=manifest.file)
    if _contents(copy, key)[:5] != (
        manifest.installation,
        manifest.station,
        manifest.epoch,
        manifest.seq,
        manifest.hash,
    ):
        raise Fault("BACKUP_INVALID", file=manifest.file)
    return manifest


def _reserve(part: Path) -> None:
    """Make the empty file first, readable by its owner only, so that a folder that is not writable is
    reported as such."""
    part.parent.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _discard(part: Path) -> None:
    """Remove what is half done, if it was ever begun."""
    if part.is_file():
        part.unlink()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _manifest(part: Path, key: bytes, name: str, now: datetime) -> Manifest:
    installation, station, epoch, seq, digest, revision = _contents(part, key)
    return Manifest(
        installation=installation,
        station=station,
        epoch=epoch,
        seq=seq,
        hash=digest,
        revision=revision,
        made_at=to_text(now),
        file=name,
        size=part.stat().st_size,
        sha256=_digest(part),
    )


def _contents(copy: Path, key: bytes) -> tuple[str, str, int, int, str, str]:
    """Installation, station, epoch, seq and hash of the tip, revision: read from the copy itself."""
    with environment(), closing(connect(copy, key, writing=False)) as connection:
        _must_be_whole(connection)
        meta = dict(connection.execute("SELECT name, value FROM meta").fetchall())
        tip = connection.execute(
            "SELECT seq, hash FROM journal WHERE epoch = ? ORDER BY position DESC LIMIT 1",
            (int(meta["epoch"]),),
        ).fetchone()
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    seq, digest = (tip[0], bytes(tip[1]).hex()) if tip else (0, "")
    return meta["installation"], meta["station"], int(meta["epoch"]), seq, digest, revision


def _must_be_whole(connection: dbapi2.Connection) -> None:
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise Fault("STORE_DAMAGED")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
