"""What `gatehouse doctor` looks at: each check green, amber with advice, or red."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.bootstrap import open_station
from app.settings import Settings
from app.store.keys import KeyStore
from devices.discovery import findings
from domain.errors import Fault, GatehouseError, Refusal
from sync.hub_server import find_binaries

LEAST_DISK = 200 * 1024 * 1024
GOOD_DISK = 2 * 1024 * 1024 * 1024
EARLIEST = datetime.fromisoformat("2026-01-01T00:00:00+00:00")

GREEN, AMBER, RED = "green", "amber", "red"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `advice` carries the code whose words say what to do, None when nothing is to be done."""

    name: str
    state: str
    facts: str = ""
    advice: GatehouseError | None = None
    params: Mapping[str, str] = field(default_factory=dict)


def examine(data: Path, settings: Settings, keystore: KeyStore) -> list[Check]:
    """Look at everything; a check that fails is a result, never an exception."""
    return [
        _python(),
        _display(),
        *_station(data, settings),
        _disk(data),
        _keys(keystore),
        _zones(),
        _postgres(),
        *(
            Check(
                one.subject,
                one.level.value,
                "",
                Refusal(one.advice, **one.params) if one.advice else None,
            )
            for one in findings()
        ),
    ]


def _python() -> Check:
    return Check("python", GREEN, sys.version.split()[0])


def _display() -> Check:
    if sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return Check("display", GREEN)
    return Check("display", AMBER, "", Fault("NO_DISPLAY"))


def _station(data: Path, settings: Settings) -> list[Check]:
    """Store, clock and hub of the station in the data folder."""
    try:
        station = open_station(data, settings)
    except GatehouseError as error:
        return [Check("station", AMBER if error.code == "STORE_MISSING" else RED, "", error)]
    try:
        info = station.services.facts.station()
        checks = [Check("station", GREEN, f"{info.name} ({info.station})")]
        now = station.services.clock.now()
        checks.append(
            Check("clock", GREEN, now.isoformat(timespec="seconds"))
            if now >= EARLIEST
            else Check(
                "clock", RED, now.isoformat(timespec="seconds"), Fault("CLOCK_WRONG", now=now.isoformat())
            )
        )
        if station.exchange is None:
            checks.append(Check("hub", GREEN, "works by itself"))
        else:
            code = station.exchange.run_once().code
            checks.append(Check("hub", AMBER, "", Fault(code)) if code else Check("hub", GREEN))
        return checks
    except GatehouseError as error:
        return [Check("station", RED, "", error)]
    finally:
        station.close()


def _disk(data: Path) -> Check:
    folder = data
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    facts = f"{free // 1_000_000} MB free"
    if free < LEAST_DISK:
        return Check("disk", RED, facts, Fault("DISK_LOW", megabytes=free // 1_000_000))
    if free < GOOD_DISK:
        return Check("disk", AMBER, facts, Fault("DISK_LOW", megabytes=free // 1_000_000))
    return Check("disk", GREEN, facts)


def _keys(keystore: KeyStore) -> Check:
    if keystore.where == "system":
        return Check("keystore", GREEN, "system")
    return Check("keystore", AMBER, "file", Refusal("KEYSTORE_IS_FILE"))


def _zones() -> Check:
    try:
        ZoneInfo("Europe/Moscow")
    except (ZoneInfoNotFoundError, OSError):
        return Check("time zones", RED, "", Fault("LIBRARY_MISSING", library="tzdata"))
    return Check("time zones", GREEN)


def _postgres() -> Check:
    try:
        found = find_binaries()
    except Fault as fault:
        return Check("postgresql", AMBER, "", fault)
    return Check("postgresql", GREEN, f"{found.version}{' (bundled)' if found.bundled else ''}")
