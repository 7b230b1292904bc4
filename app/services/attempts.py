"""Guesses at a person's PIN, password or code: counted on disk before they are looked at.

Neither a restart nor pulling the plug gives free guesses. Five wrong ones in a row lock the person out for
30 s, and every further one doubles that up to 15 min; PIN, password and code count together. The end of a
lock is kept on two clocks: the monotonic one decides while this boot lasts, so that setting the wall clock
helps nobody; after a reboot the wall clock decides, and a lock never grows beyond the longest one.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from app.services.ports import PinBook
from domain.clock import Clock
from domain.errors import Refusal

FREE_ATTEMPTS = 5
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(minutes=15)


def lock_after(failures: int, now: datetime) -> datetime | None:
    """Until when a person is locked out after this many wrong guesses in a row."""
    beyond = failures - FREE_ATTEMPTS
    if beyond < 0:
        return None
    return now + min(FIRST_LOCK * (1 << min(beyond, 10)), LONGEST_LOCK)


class Attempts:
    """The count of guesses; `locked_out` is told once whenever a person is locked out."""

    def __init__(
        self, pins: PinBook, clock: Clock, locked_out: Callable[[str, int], None] | None = None
    ) -> None:
        self._pins = pins
        self._clock = clock
        self._locked_out = locked_out

    def check(self, user: str, code: str, test: Callable[[], bool]) -> None:
        """Run a test of what a person typed. Refuses LOCKED_OUT (seconds) without running it; `code` (left)
        when it answers no."""
        if (left := self._lock_left(user)) > timedelta(0):
            raise Refusal("LOCKED_OUT", seconds=_seconds(left))
        now = self._clock.now()
        failures, _ = self._pins.failures(user)
        until = lock_after(failures + 1, now)
        failures = self._pins.failed(user, until, self._held(until - now) if until else None)
        if test():
            self._pins.succeeded(user)
            return
        if failures == FREE_ATTEMPTS and self._locked_out is not None:
            self._locked_out(user, failures)
        raise _wrong(code, failures, now)

    def _lock_left(self, user: str) -> timedelta:
        """How long the person is still locked out; zero or less when not."""
        _, until = self._pins.failures(user)
        if until is None:
            return timedelta(0)
        held = self._pins.held_until(user)
        if held is not None and held[0] == self._clock.boot_id():
            return timedelta(milliseconds=held[1] - self._clock.monotonic_ms())
        left = until - self._clock.now()
        if left > LONGEST_LOCK:  # the wall clock was set back since: start the longest lock again, once
            left = LONGEST_LOCK
            self._pins.lock(user, self._clock.now() + left, self._held(left))
        return left

    def _held(self, span: timedelta) -> tuple[str, int]:
        """The end of a span from now on the monotonic clock."""
        return self._clock.boot_id(), self._clock.monotonic_ms() + span // timedelta(milliseconds=1)


def _wrong(code: str, failures: int, now: datetime) -> Refusal:
    locked_until = lock_after(failures, now)
    if locked_until is not None:
        return Refusal("LOCKED_OUT", seconds=_seconds(locked_until - now))
    return Refusal(code, left=FREE_ATTEMPTS - failures)


def _seconds(span: timedelta) -> int:
    return max(1, -(-span // timedelta(seconds=1)))
