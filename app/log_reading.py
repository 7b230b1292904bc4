"""Reading the structured log back: all files of the rotation in their order, filtered, and on as it grows."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from app.logs import FILES, LOG_FOLDER, LOG_NAME, redact
from domain.clock import from_text
from domain.errors import Fault

LEVELS = ("debug", "info", "warning", "error", "critical")
PAUSE_S = 0.25
_SPAN = re.compile(r"([0-9]{1,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

Record = dict[str, Any]


def read_since(text: str, now: datetime) -> datetime:
    """A time with its zone (ISO 8601), or how long ago: `90s`, `15m`, `2h`, `3d`. Raises ValueError."""
    if (span := _SPAN.fullmatch(text)) is not None:
        return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
    return from_text(text)


def log_files(data: Path) -> list[Path]:
    """The files that are there, the oldest first."""
    folder = data / LOG_FOLDER
    older = [folder / f"{LOG_NAME}.{number}" for number in range(FILES - 1, 0, -1)]
    return [path for path in (*older, folder / LOG_NAME) if path.exists()]


def records(data: Path, *, follow: bool, pause: Callable[[float], None] = time.sleep) -> Iterator[Record]:
    """The lines of all files, oldest first. With `follow` it goes on for ever, also over a rotation.

    Raises Fault FILE_UNREADABLE; a log that is not there yet has no lines.
    """
    try:
        for path in log_files(data)[:-1]:
            with path.open(encoding="utf-8", errors="replace") as file:
                yield from map(_record, file)
        current = data / LOG_FOLDER / LOG_NAME
        if not follow and current.exists():
            with current.open(encoding="utf-8", errors="replace") as file:
                yield from map(_record, file)
        while follow:
            yield from _grows(current, pause)
    except OSError as error:
        raise Fault("FILE_UNREADABLE", file=str(getattr(error, "filename", "") or LOG_NAME)) from None


def wanted(record: Mapping[str, Any], level: str, begin: datetime | None) -> bool:
    """Whether a record is important and new enough; one of an unknown level is shown."""
    named = str(record.get("level", "info"))
    if named in LEVELS and LEVELS.index(named) < LEVELS.index(level):
        return False
    if begin is None:
        return True
    try:
        return from_text(str(record.get("timestamp"))) >= begin
    except ValueError:
        return False


def tail(data: Path, most: int) -> list[Record]:
    """The last records, each masked once more by the rules of now."""
    last: list[Record] = []
    for record in records(data, follow=False):
        last.append(record)
        if len(last) > 2 * most:
            del last[:-most]
    return [dict(redact(None, "", record)) for record in last[-most:]]


def _grows(path: Path, pause: Callable[[float], None]) -> Iterator[Record]:
    """One file to its end, and on until another takes its place."""
    if not path.exists():
        pause(PAUSE_S)
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        begun = ""
        while True:
            begun += file.readline()
            if begun.endswith("\n"):
                yield _record(begun)
                begun = ""
            elif _is_replaced(path, file):
                return
            else:
                pause(PAUSE_S)


def _is_replaced(path: Path, file: IO[str]) -> bool:
    """Whether the log was put aside and begun anew, so that nothing will be added to this file."""
    try:
        now = path.stat()
    except FileNotFoundError:
        return True
    return now.st_ino != os.fstat(file.fileno()).st_ino or now.st_size < file.tell()


def _record(line: str) -> Record:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    return record if isinstance(record, dict) else {"level": "warning", "event": "unreadable line"}
