"""Room on the disk: a till stops taking money before there is none left to write it down on."""

from app.services.ports import FreeBytes
from domain.errors import Fault

MEGABYTE = 1_000_000
LEAST_BYTES = 200 * MEGABYTE


def too_little(free: int) -> Fault | None:
    """Fault DISK_LOW (megabytes free, least) when no money may be taken any more, else None."""
    if free >= LEAST_BYTES:
        return None
    return Fault("DISK_LOW", megabytes=free // MEGABYTE, least=LEAST_BYTES // MEGABYTE)


def room_of(free_bytes: FreeBytes) -> Fault | None:
    """The same of what is free now. A disk that does not say how much is free stops nobody."""
    free = free_bytes()
    return None if free is None else too_little(free)
