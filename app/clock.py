"""The real clock, and where the real randomness comes from."""

import os
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

_LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """domain.clock.Clock over the operating system."""

    def __init__(self) -> None:
        self._boot = _boot_id()

    def now(self) -> datetime:
        """Wall time in UTC."""
        return datetime.now(UTC)

    def monotonic_ms(self) -> int:
        """Milliseconds that go on counting while the machine sleeps, where the system has such a clock."""
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        if boottime is not None:
            return time.clock_gettime_ns(boottime) // 1_000_000
        return time.monotonic_ns() // 1_000_000

    def boot_id(self) -> str:
        """The system's own boot id on Linux; elsewhere one made at the start of this process."""
        return self._boot


def _boot_id() -> str:
    try:
        return _LINUX_BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())


def system_random(size: int) -> bytes:
    """`size` bytes from the operating system's generator."""
    return os.urandom(size)
