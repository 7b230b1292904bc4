"""A file for whoever helps: what is wrong, which versions, how much of everything; nobody's data.

No names, no e-mails, no ticket codes, no keys, no passwords: settings are masked, the log is masked once
more, and every word that this station knows of a person is taken out of every text, wherever it came from.
"""

import importlib.metadata
import json
import platform
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import log_reading, metrics
from app.bootstrap import Station
from app.exchange import PROGRAM
from app.logs import MASK, redact_text
from app.services.health import Check
from app.settings import Settings
from devices import discovery
from devices.printers import list_printers
from domain.clock import to_text
from domain.errors import DeviceFault, Fault, GatehouseError

LOG_LINES = 5000
PRIVATE = frozenset({"user", "session", "gate.performance"})
"""Settings that are no secrets and still say who works here, or what is played."""
LEAST_WORD = 3
_PATH_IN_HOME = re.compile(re.escape(str(Path.home())))


@dataclass(frozen=True, slots=True)
class Mask:
    """Takes known words out of texts."""

    words: re.Pattern[str] | None

    @classmethod
    def of(cls, words: Iterable[str]) -> "Mask":
        """Words of less than three letters hide nobody, and would hide everything else."""
        known = sorted({word for word in words if len(word) >= LEAST_WORD}, key=len, reverse=True)
        joined = "|".join(re.escape(word) for word in known)
        return cls(re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE) if known else None)

    def text(self, text: str) -> str:
        """The text without them, without secrets of every shape, and without this user's home."""
        text = _PATH_IN_HOME.sub("~", redact_text(text))
        return self.words.sub(MASK, text) if self.words is not None else text

    def value(self, value: Any) -> Any:
        """The same inside lists and mappings."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {str(key): self.value(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(inner) for inner in value]
        return value


def write_bundle(
    path: Path, data: Path, settings: Settings, checks: Sequence[Check], station: Station | None
) -> list[str]:
    """Write the file; answers what is in it. `station` is None where it cannot be opened.

    Raises Fault FILE_NOT_WRITABLE; nothing half done is left behind.
    """
    parts = _parts(data, settings, checks, station)
    draft = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as file:
            for name, text in parts.items():
                file.writestr(name, text)
        draft.chmod(0o600)
        draft.replace(path)
    except OSError:
        if draft.is_file():
            draft.unlink()
        raise Fault("FILE_NOT_WRITABLE", file=str(path)) from None
    return sorted(parts)


def _parts(
    data: Path, settings: Settings, checks: Sequence[Check], station: Station | None
) -> dict[str, str]:
    mask = Mask.of(() if station is None else known_words(station))
    documents: dict[str, Any] = {
        "doctor.json": [_check(check) for check in checks],
        "versions.json": _versions(station),
        "settings.json": _settings(settings),
        "devices.json": _devices(),
    }
    if station is not None:
        documents["sync.json"] = _sync(station)
        documents["tables.json"] = station.store.figures.table_counts()
    try:
        lines = log_reading.tail(data, LOG_LINES)
    except Fault as fault:
        lines = [{"event": fault.code}]
    texts = {name: _json(mask.value(content)) for name, content in documents.items()}
    texts["log.jsonl"] = "".join(json.dumps(mask.value(line), ensure_ascii=False) + "\n" for line in lines)
    if station is not None:
        texts["metrics.txt"] = metrics.render(metrics.collect(station))
    return texts


def known_words(station: Station) -> set[str]:
    """Every word by which this station knows a person, and what it signs in to the hub with."""
    words: set[str] = set()
    with station.store.read() as read:
        for person in read.people():
            words |= {person.login, person.name, *person.name.split()}
        for kind in ("person", "customer"):
            for document in read.documents(kind):
                words |= set(_texts(document))
        words.add(read.station().name)
    words.add(station.store.hub_password() or "")
    return words


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
        yield from value.split()
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


def _check(check: Check) -> dict[str, Any]:
    said = check.advice
    advice = None if said is None else {"code": said.code, "params": dict(said.params)}
    facts = "" if check.name == "station" else check.facts
    return {"name": check.name, "state": check.state, "facts": facts, "advice": advice}


def _versions(station: Station | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "program": PROGRAM,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "packages": {
            each.metadata["Name"]: each.version
            for each in sorted(importlib.metadata.distributions(), key=lambda each: each.metadata["Name"])
        },
    }
    if station is not None:
        there, expected = station.store.figures.revision()
        found["store_revision"] = {"file": there, "program": expected}
        found["made_at"] = to_text(station.services.clock.now())
    return found


def _settings(settings: Settings) -> list[dict[str, str]]:
    rows = []
    for value in settings.all():
        name = value.setting.name
        shown = MASK if name in PRIVATE and value.value else value.shown
        if name == "camera.source" and "://" in shown:  # an address with a password, or somebody's house
            shown = shown.split("://", 1)[0] + "://" + MASK
        rows.append({"name": name, "value": shown, "source": value.source})
    return rows


def _devices() -> dict[str, Any]:
    found: dict[str, Any] = {
        "cameras": [camera.name for camera in discovery.list_cameras()],
        "ports": [{"port": port.address, "what": port.description} for port in discovery.list_serial_ports()],
    }
    try:
        found["printers"] = list_printers()
    except DeviceFault as fault:
        found["printers"] = fault.code
    return found


def _sync(station: Station) -> dict[str, Any]:
    view = station.services.sync.view()
    told: dict[str, Any] = {
        "mode": view.mode,
        "code": view.code,
        "last_contact_at": view.last_contact_at,
        "waiting": view.waiting,
        "held": view.held,
        "conflicts": view.conflicts,
        "offset_ms": view.offset_ms,
        "incarnation": view.incarnation,
        "schema": view.schema,
    }
    try:
        ok, health = metrics.health(station)
    except GatehouseError as error:
        ok, health = False, {"code": error.code}
    return told | {"healthy": ok, "health": health}


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
