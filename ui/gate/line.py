"""The line before a gate: scans wait for their turn, and a code that stays before the camera is one scan.

Pure: times are milliseconds of the station's monotonic clock and come in as arguments.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

LEFT_VIEW_MS = 1000
"""A code that the camera has not seen for this long has been taken away."""

REMIND_EVERY_MS = 1000
"""How often the gate is told that a code is still in view (its own guard forgets after 4 s)."""

HOLD_MS = 600
"""The least time a verdict stands before somebody else's scan may be decided."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A scan whose turn has not come. `reminder`: the camera still sees what was decided already; `at` is
    then when it saw it. `serial` stands for a ticket chosen from a list."""

    text: str
    via: str
    serial: str | None = None
    reminder: bool = False
    at: datetime | None = None

    @property
    def key(self) -> str:
        """What tells two scans apart."""
        return self.serial or self.text


class Sight(Enum):
    """What a sighting by the camera means."""

    NEW = auto()
    """Held up just now: to be decided."""
    STAYS = auto()
    """Still there: nothing to do."""
    REMIND = auto()
    """Still there, and the gate should hear of it."""


@dataclass(slots=True)
class _InView:
    seen_ms: int
    told_ms: int
    muted: bool = False


class Sightings:
    """What lies before the camera. The same code is sighted on every frame, some 30 times a second."""

    def __init__(self) -> None:
        self._in_view: dict[str, _InView] = {}

    def look(self, text: str, now_ms: int) -> Sight:
        """A frame showed this code."""
        self._in_view = {key: at for key, at in self._in_view.items() if now_ms - at.seen_ms <= LEFT_VIEW_MS}
        known = self._in_view.get(text)
        if known is None:
            self._in_view[text] = _InView(now_ms, now_ms)
            return Sight.NEW
        known.seen_ms = now_ms
        if known.muted or now_ms - known.told_ms < REMIND_EVERY_MS:
            return Sight.STAYS
        known.told_ms = now_ms
        return Sight.REMIND

    def mute(self) -> None:
        """After an undo: what lies before the camera is not let in again until it is taken away and shown
        anew."""
        for known in self._in_view.values():
            known.muted = True


class ScanLine:
    """One scan at a time: the next begins after the first is done and its verdict has stood for HOLD_MS.

    So nobody walks through on another's green. Scanning the same code again does not wait.
    """

    def __init__(self) -> None:
        self._waiting: deque[Waiting] = deque()
        self._in_hand: Waiting | None = None
        self._begun_ms = 0
        self._free_ms = 0
        self._shown_key = ""

    @property
    def in_hand(self) -> Waiting | None:
        """The scan that is being decided."""
        return self._in_hand

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def join(self, scan: Waiting) -> bool:
        """Go to the end of the line; False where the same code is in hand or waiting already."""
        ahead = [*self._waiting, *([self._in_hand] if self._in_hand else [])]
        if any(other.key == scan.key for other in ahead):
            return False
        self._waiting.append(scan)
        return True

    def take(self, now_ms: int) -> Waiting | None:
        """The next scan if its turn has come; it is in hand until `done`."""
        if self._in_hand is not None or not self._waiting:
            return None
        if now_ms < self._free_ms and self._waiting[0].key != self._shown_key:
            return None
        self._in_hand, self._begun_ms = self._waiting.popleft(), now_ms
        return self._in_hand

    def shown(self, key: str, now_ms: int) -> None:
        """A verdict for this code stands on the screen from now on."""
        self._shown_key, self._free_ms = key, now_ms + HOLD_MS

    def done(self) -> None:
        """The scan in hand is decided, and the metal has moved."""
        self._in_hand = None

    def slow(self, now_ms: int, after_ms: int) -> bool:
        """Whether the scan in hand takes longer than `after_ms`."""
        return self._in_hand is not None and now_ms - self._begun_ms >= after_ms

    def clear(self) -> None:
        """Forget those who wait: the lane was closed."""
        self._waiting.clear()
