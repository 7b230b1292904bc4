"""Waiting until somebody ends the program."""

import signal
import threading

_LOOK_S = 0.2


class Stopping:
    """From its making on SIGTERM and Ctrl+C end `wait()` and nothing else.

    A wait without an end is not sure to hear a signal: one that comes in the instant before the thread falls
    asleep, or to another thread, wakes nobody. And a handler must take no lock, for the thread it stops may
    hold it. So the handler only notes, and the wait looks.
    """

    def __init__(self) -> None:
        self._told = False
        signal.signal(signal.SIGTERM, self._note)

    def wait(self) -> None:
        """Until the program is told to end."""
        never = threading.Event()
        try:
            while not self._told:
                never.wait(_LOOK_S)
        except KeyboardInterrupt:
            return

    def _note(self, *_: object) -> None:
        self._told = True
