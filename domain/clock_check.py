"""Whether a station's clock may be believed: against the hub's time, and against the year of this program."""

from datetime import datetime
from enum import StrEnum

EARLIEST = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
"""Before this the program did not exist: a clock that shows less has lost its battery."""

OFF_MS = 60_000
WRONG_MS = 10 * 60_000


class ClockState(StrEnum):
    """How far a clock is to be trusted."""

    RIGHT = "right"
    """Within a minute of the hub, or never compared with one."""
    OFF = "off"
    """More than a minute off: a yellow bar, nothing else."""
    WRONG = "wrong"
    """More than ten minutes off, or a year that cannot be: the cashier confirms the date before selling."""


def judge_clock(now: datetime, offset_ms: int | None) -> ClockState:
    """`offset_ms`: the hub's time minus ours as last measured, None where there is no hub."""
    if now < EARLIEST or (offset_ms is not None and abs(offset_ms) > WRONG_MS):
        return ClockState.WRONG
    if offset_ms is not None and abs(offset_ms) > OFF_MS:
        return ClockState.OFF
    return ClockState.RIGHT
