"""How long pushes and claims took, and how the exchange stands: kept for whoever asks in another process.

The process that exchanges with the hub writes a small file beside the store, every few seconds and at its
end. It is no fact and is not in the store: measuring must never wait for a disk that is busy with a sale, and
a file that is lost costs nothing but a figure. Counts begin anew with each process, as counters of monitors
do.
"""

import json
import os
import tempfile
import threading
from bisect import bisect_left
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.services.facade import SyncView
from domain.clock import Clock, from_text, to_text

FILE = "measures.json"
PUSH, CLAIM = "push", "claim"
BOUNDS_MS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000)
"""Upper ends of the buckets; a claim's budget is one of them."""
EVERY_MS = 10_000
FRESH_S = 120.0
"""A file that was not written for longer: nobody exchanges any more."""


@dataclass
class Spread:
    """Durations in buckets, the last one open."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_MS) + 1))
    sum_ms: float = 0.0
    most_ms: float = 0.0

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self.buckets)

    def add(self, ms: float) -> None:
        """One more."""
        self.buckets[bisect_left(BOUNDS_MS, ms)] += 1
        self.sum_ms += ms
        self.most_ms = max(self.most_ms, ms)

    def to_json(self) -> dict[str, Any]:
        """For the file."""
        return {"buckets": self.buckets, "sum_ms": self.sum_ms, "most_ms": self.most_ms}


@dataclass(frozen=True)
class Told:
    """What was measured, by this process or by the one that exchanges. `mode`: stopped where nobody does."""

    mode: str
    code: str | None
    offset_ms: int | None
    spreads: Mapping[str, Spread]


class Measured:
    """Durations and the last state, of this process. Threads of all lanes call it."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path = folder / FILE
        self._clock = clock
        self._lock = threading.Lock()
        self._spreads = {PUSH: Spread(), CLAIM: Spread()}
        self._view: SyncView | None = None
        self._kept_ms: int | None = None

    def took(self, what: str, ms: float) -> None:
        """A push or a claim has come to its end."""
        with self._lock:
            self._spreads[what].add(ms)

    def state(self, view: SyncView) -> None:
        """The exchange of this process has a state."""
        self._view = view
        now_ms = self._clock.monotonic_ms()
        if self._kept_ms is None or not 0 <= now_ms - self._kept_ms < EVERY_MS:
            self._kept_ms = now_ms
            self.keep()

    def keep(self) -> None:
        """Write the file, where this process exchanges. A disk that does not take it costs figures only."""
        if self._view is None:
            return
        with self._lock:
            content = {
                "at": to_text(self._clock.now()),
                "mode": self._view.mode,
                "code": self._view.code,
                "offset_ms": self._view.offset_ms,
                "took": {name: spread.to_json() for name, spread in self._spreads.items()},
            }
        with suppress(OSError):
            write_whole(self._path, json.dumps(content))

    def told(self) -> Told:
        """Of this process if it exchanges, else of the one that does."""
        if self._view is not None:
            with self._lock:
                return Told(self._view.mode, self._view.code, self._view.offset_ms, dict(self._spreads))
        return _read(self._path, self._clock.now()) or Told("stopped", None, None, self._spreads)


def _read(path: Path, now: datetime) -> Told | None:
    """What the file says; None where there is none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        spreads = {
            name: Spread(list(map(int, each["buckets"])), float(each["sum_ms"]), float(each["most_ms"]))
            for name, each in content["took"].items()
            if len(each["buckets"]) == len(BOUNDS_MS) + 1
        }
        fresh = abs((now - from_text(content["at"])).total_seconds()) <= FRESH_S
        if not fresh:
            return Told("stopped", None, None, spreads)
        return Told(str(content["mode"]), content["code"], content["offset_ms"], spreads)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_whole(path: Path, text: str) -> None:
    """Write a file so that whoever reads it sees the old one or the new one. Raises OSError."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(temporary)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        draft.chmod(0o644)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
