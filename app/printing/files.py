"""Putting a finished print into a folder: safe names, whole files or none, plain faults."""

import contextlib
import errno
import os
import re
import secrets
import unicodedata
from pathlib import Path

from domain.errors import Fault

MAX_NAME_BYTES = 120
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_TRIES = 9


def safe_name(text: str, suffix: str = ".pdf") -> str:
    """A file name that Windows, macOS and Linux take, made of any text: `Ёж & К°/2` gives `Ёж-К-2.pdf`.

    Letters and digits of any script, `.`, `_` and `-` stay; it never begins with a dot, is no device name of
    Windows and is at most 120 bytes long.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in composed)
    name = re.sub(r"-{2,}", "-", kept).strip("-. ") or "print"
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    room = MAX_NAME_BYTES - len(suffix.encode())
    return name.encode()[:room].decode(errors="ignore").rstrip("-. ") + suffix


def save_file(data: bytes, folder: Path, name: str) -> Path:
    """Write `data` as `folder/name` and return the path; an older file of that name is replaced.

    The bytes go to a temporary file in the same folder, to the disk, and only then under the name, so
    nobody ever sees half a file. Where the old file cannot be replaced (Windows, while a viewer has it
    open) the new one gets `-2` to `-9` before its suffix.

    Raises Fault PRINT_FOLDER_NOT_WRITABLE (folder, reason) or DISK_FULL (folder, bytes).
    """
    draft = folder / f".{name[:40]}.{secrets.token_hex(4)}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_through(draft, data)
        return _publish(draft, folder / name)
    except OSError as error:
        raise _fault(error, folder, len(data)) from error
    finally:
        with contextlib.suppress(OSError):  # already renamed, or the folder itself is what failed
            draft.unlink(missing_ok=True)


def _write_through(path: Path, data: bytes) -> None:
    with open(path, "xb", opener=_for_the_owner) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _for_the_owner(path: str, flags: int) -> int:
    """A printed ticket opens a door: nobody else on this machine may read it."""
    return os.open(path, flags, 0o600)


def _publish(draft: Path, wanted: Path) -> Path:
    target = wanted
    for attempt in range(2, _TRIES + 2):
        try:
            draft.replace(target)
        except OSError:
            if not target.exists() or attempt > _TRIES:
                raise
            target = wanted.with_stem(f"{wanted.stem}-{attempt}")
        else:
            break
    _sync_folder(target.parent)
    return target


def _sync_folder(folder: Path) -> None:
    """Make the new name durable too; Windows cannot open a folder and does not need it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fault(error: OSError, folder: Path, size: int) -> Fault:
    if error.errno in _DISK_FULL:
        return Fault("DISK_FULL", folder=str(folder), bytes=size)
    reason = errno.errorcode.get(error.errno or 0, "UNKNOWN")
    return Fault("PRINT_FOLDER_NOT_WRITABLE", folder=str(folder), reason=reason)
