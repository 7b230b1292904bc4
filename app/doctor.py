"""What `gatehouse doctor` looks at: each check green, amber with advice, or red.

The machine itself (program, libraries, display, PostgreSQL, what is plugged in) is looked at here; what must
be in order on the station is app.services.health's list, the same that the window shows.
"""

import os
import shutil
import sys
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.bootstrap import Station, open_station
from app.services.health import AMBER, GREEN, RED, Check, disk_check
from app.settings import Settings
from app.store.keys import KeyStore
from devices.discovery import findings
from domain.errors import Fault, GatehouseError, Refusal
from sync.hub_server import find_binaries

__all__ = ["AMBER", "GREEN", "RED", "Check", "examine"]

TRIED = ("printer", "camera", "scanner")
"""Devices that doctor opens where the settings name one; a turnstile is moved by nobody but a person."""


def examine(data: Path, settings: Settings, keystore: KeyStore) -> list[Check]:
    """Look at everything; a check that fails is a result, never an exception."""
    return [
        _python(),
        _display(),
        *_station(data, settings, keystore),
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


def _station(data: Path, settings: Settings, keystore: KeyStore) -> list[Check]:
    """The station in the data folder; without one, what can be said of the folder and of the keystore."""
    try:
        station = open_station(data, settings)
    except GatehouseError as error:
        state = AMBER if error.code == "STORE_MISSING" else RED
        return [Check("station", state, "", error), _disk(data), _keys(keystore)]
    try:
        return _of_open(station, settings)
    except GatehouseError as error:
        return [Check("station", RED, "", error)]
    finally:
        station.close()


def _of_open(station: Station, settings: Settings) -> list[Check]:
    info = station.services.facts.station()
    readiness = station.services.check_readiness
    hub = _hub(station)  # first: the hub may tell the time, and what happened elsewhere
    for device in TRIED:
        if _wanted(device, settings):
            readiness.tried(device)
    checks = [Check("station", GREEN, f"{info.name} ({info.station})"), *readiness.checked(hub).checks]
    if apart := sum(station.store.documents.aside()):
        checks.append(Check("documents", AMBER, "", Fault("DOCUMENTS_APART", count=apart)))
    return checks


def _hub(station: Station) -> Check:
    if station.exchange is None:
        return Check("hub", GREEN, "works by itself")
    try:
        code = station.exchange.run_once().code
    except Fault as fault:
        if fault.code != "SYNC_ELSEWHERE":
            raise
        return Check("hub", GREEN, "another process of this station exchanges")
    return Check("hub", AMBER, "", Fault(code)) if code else Check("hub", GREEN)


def _wanted(device: str, settings: Settings) -> bool:
    """Whether the settings ask for a device; the system's default printer only where sales are printed."""
    if device == "printer":
        return bool(settings.text("print.printer")) or settings.text("print.after_sale") == "print"
    return True


def _disk(data: Path) -> Check:
    folder = data
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return disk_check(shutil.disk_usage(folder).free)


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
