"""Time as an argument: what a clock must tell, and the hybrid logical clock built on it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Where a station gets time from; tests and the simulator bring their own."""

    def now(self) -> datetime:
        """Wall time in UTC (aware)."""
        ...

    def monotonic_ms(self) -> int:
        """Milliseconds of a clock that only goes forward while this boot lasts."""
        ...

    def boot_id(self) -> str:
        """Names the boot that `monotonic_ms` belongs to."""
        ...


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, rounded down. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return (at - EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    """The UTC time `ms` milliseconds after 1970-01-01."""
    return EPOCH + timedelta(milliseconds=ms)


def to_text(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`, the form used in entries: 2026-11-21T19:00:00.000Z."""
    return from_ms(to_ms(at)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{to_ms(at) % 1000:03d}Z"


def from_text(text: str) -> datetime:
    """Inverse of `to_text`; raises ValueError for anything without a zone, or outside the years 1 to 9999."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone: {text!r}")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"outside the calendar: {text!r}") from None


@dataclass(frozen=True, slots=True, order=True)
class Hlc:
    """Hybrid logical clock (Kulkarni et al. 2014): wall milliseconds, then a counter; never goes back."""

    ms: int
    counter: int = 0

    def tick(self, wall_ms: int) -> "Hlc":
        """The next stamp for an event of one's own."""
        return Hlc(wall_ms) if wall_ms > self.ms else Hlc(self.ms, self.counter + 1)

    def merge(self, other: "Hlc", wall_ms: int) -> "Hlc":
        """The next stamp after having seen `other`."""
        return max(self, other).tick(wall_ms)

    def __str__(self) -> str:
        """Sorts as text in the same order as the stamps themselves."""
        return f"{self.ms:014d}-{self.counter:06d}"

    @classmethod
    def parse(cls, text: str) -> "Hlc":
        """Inverse of `str`; raises ValueError."""
        ms, counter = text.split("-")
        return cls(int(ms), int(counter))
