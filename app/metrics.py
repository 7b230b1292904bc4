"""Figures for monitoring as OpenMetrics text: what waits, what went wrong, how long things took.

No names, no codes, no addresses: whoever may read these learns nothing about guests or staff. Gauges and
histograms only, since a textfile collector reads the same text.
Format: https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.bootstrap import Station
from app.exchange import PROGRAM
from app.measured import BOUNDS_MS, CLAIM, PUSH, Spread, Told, write_whole
from app.services.health import AMBER, GREEN, RED, Readiness
from app.services.room import too_little
from domain.conflicts import Code
from domain.errors import Fault, GatehouseError
from domain.states import PrintJobState

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
MODES = ("alone", "connecting", "live", "offline", "refused", "stopped")
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One line: `suffix` is put behind the family's name."""

    value: float
    labels: Labels = ()
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """All samples of one name. `kind`: gauge or histogram."""

    name: str
    meaning: str
    samples: Sequence[Sample]
    kind: str = "gauge"


def collect(station: Station) -> list[Family]:
    """Everything, as of now. Raises Fault of the store."""
    return [*_journal(station), *_station(station)]


def render(families: Sequence[Family]) -> str:
    """OpenMetrics text, with its end mark."""
    lines: list[str] = []
    for family in families:
        if not family.samples:
            continue
        lines += [f"# TYPE {family.name} {family.kind}", f"# HELP {family.name} {_escaped(family.meaning)}"]
        for sample in family.samples:
            labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels)
            shown = f"{{{labels}}}" if labels else ""
            lines.append(f"{family.name}{sample.suffix}{shown} {_number(sample.value)}")
    return "\n".join([*lines, "# EOF", ""])


def to_json(families: Sequence[Family]) -> list[dict[str, Any]]:
    """The same for `--json`."""
    return [
        {"name": family.name + sample.suffix, "labels": dict(sample.labels), "value": sample.value}
        for family in families
        for sample in family.samples
    ]


def write(path: Path, text: str) -> None:
    """Into a file that is never seen half written. Raises Fault FILE_NOT_WRITABLE."""
    try:
        write_whole(path, text)
    except OSError:
        raise Fault("FILE_NOT_WRITABLE", file=str(path)) from None


def health(station: Station) -> tuple[bool, dict[str, Any]]:
    """Whether the station works, and a few words that a probe can show: `store`, `disk` and `sync`."""
    told = _told(station)
    answer: dict[str, Any] = {"store": "ok", "disk": "ok", "sync": told.mode}
    try:
        free = station.services.check_readiness.source.free_bytes()
        station.store.figures.revision()
    except GatehouseError as error:
        free = None
        answer["store"] = error.code
    if free is not None and (low := too_little(free)) is not None:
        answer["disk"] = low.code
    if told.mode == "refused":
        answer["sync"] = told.code or told.mode
    ok = answer["store"] == "ok" and answer["disk"] == "ok" and told.mode != "refused"
    return ok, {"ok": ok, **answer}


def health_text(station: Station) -> tuple[bool, str]:
    """The same as JSON."""
    ok, answer = health(station)
    return ok, json.dumps(answer, sort_keys=True) + "\n"


def _told(station: Station) -> Told:
    if station.exchange is None:
        return Told("alone", None, None, {})
    return station.measured.told()


def _journal(station: Station) -> Iterator[Family]:
    """What the store knows."""
    now = station.services.clock.now()
    figures = station.store.figures.now(now)
    oldest = 0.0 if figures.oldest_at is None else max(0.0, (now - figures.oldest_at).total_seconds())
    yield _one("entries_waiting", "Own entries that the hub has not confirmed.", figures.waiting)
    yield _one("entries_held", "Entries that a newer program wrote.", figures.held)
    yield _one("entries_failed", "Entries of others that did not verify.", figures.failed)
    yield _one("oldest_waiting_seconds", "Age of the oldest entry that waits.", oldest)
    codes = {code.value: 0 for code in Code} | dict(figures.conflicts)
    yield _many("conflicts_open", "Conflicts that wait for a person.", "code", codes)
    yield _many("scans_last_day", "Scans at this station in the last 24 hours.", "verdict", figures.scans)
    jobs = {state.value: 0 for state in PrintJobState} | dict(figures.print_jobs)
    yield _many("print_jobs", "Print jobs.", "state", jobs)


def _station(station: Station) -> Iterator[Family]:
    """What lies around the store."""
    told = _told(station)
    readiness = station.services.check_readiness.checked()
    source = station.services.check_readiness.source
    yield Family("gatehouse_program", "This program.", [Sample(1, (("version", PROGRAM.split()[-1]),))])
    modes = {mode: int(mode == told.mode) for mode in MODES}
    yield _many("sync_mode", "How the exchange with the hub stands: 1 for the mode in force.", "mode", modes)
    if station.exchange is not None and (age := source.contact_age_ms()) is not None:
        yield _one("last_contact_age_seconds", "Since the hub was last met.", age / 1000)
    if told.offset_ms is not None:
        yield _one("clock_offset_milliseconds", "The hub's time minus this clock.", told.offset_ms)
    for name in (PUSH, CLAIM):
        if (spread := told.spreads.get(name)) is not None:
            yield from _spread(name, spread)
    if (free := source.free_bytes()) is not None:
        yield _one("disk_free_bytes", "Room on the disk with the store.", free)
    if (backed_up := source.backed_up_at()) is not None:
        age_s = (station.services.clock.now() - backed_up).total_seconds()
        yield _one("backup_age_seconds", "Since the last backup.", max(0.0, age_s))
    own = station.services.list_keys.own()
    for row in station.services.list_keys.listed():
        if row.own and row.key == own.key and row.days_left is not None:
            yield _one("certificate_days", "Days for which this station may sell.", row.days_left)
            break
    here = sum(row.here for row in station.services.show_leases())
    yield _one("places_here", "Places leased to this station and not sold.", here)
    yield from _ready(readiness)


def _ready(readiness: Readiness) -> Iterator[Family]:
    yield _one("ready", "1 while no check is red.", int(readiness.state != RED))
    states = {state: readiness.count(state) for state in (GREEN, AMBER, RED)}
    yield _many("checks", "Checks of readiness by their state.", "state", states)


def _spread(name: str, spread: Spread) -> Iterator[Family]:
    samples = []
    so_far = 0
    for bound, count in zip([*map(str, BOUNDS_MS), "+Inf"], spread.buckets, strict=True):
        so_far += count
        samples.append(Sample(so_far, (("le", bound if bound == "+Inf" else f"{bound}.0"),), "_bucket"))
    samples += [Sample(spread.count, (), "_count"), Sample(spread.sum_ms, (), "_sum")]
    what = {PUSH: "A push to the hub", CLAIM: "The hub's word before a gate opens"}[name]
    yield Family(f"gatehouse_{name}_milliseconds", f"{what}, from asking to answer.", samples, "histogram")
    yield _one(f"{name}_longest_milliseconds", "The longest of them.", spread.most_ms)


def _one(name: str, meaning: str, value: float) -> Family:
    return Family(f"gatehouse_{name}", meaning, [Sample(value)])


def _many(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Family:
    samples = [Sample(value, ((label, key),)) for key, value in sorted(values.items())]
    return Family(f"gatehouse_{name}", meaning, samples)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
