"""Cycles of objects are collected on the GUI thread and nowhere else.

Python collects them on whichever thread happens to allocate. A closed window is such a cycle as a rule (a
widget knows its presenter, the presenter knows its view), and Qt objects must be destroyed on the thread that
they live on: on a worker their timers cannot be stopped, and the event loop may wait for ever for a lock that
the worker holds.
"""

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 250
"""How often it is looked whether enough has been made since the last collection."""


class GuiCollector(QObject):
    """Takes over from Python's own collection until `stop`. Make it on the GUI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_on = gc.isenabled()
        gc.disable()
        self._beat = QTimer(self)
        self._beat.setInterval(LOOK_MS)
        self._beat.timeout.connect(collect_due)
        self._beat.start()

    def stop(self) -> None:
        """Python collects again as it did before."""
        self._beat.stop()
        if self._was_on:
            gc.enable()


def collect_due() -> int:
    """Collect on this thread what Python would have collected by now; the generation, -1 for none."""
    for generation in (2, 1, 0):
        threshold = gc.get_threshold()[generation]
        if threshold and gc.get_count()[generation] > threshold:
            gc.collect(generation)
            return generation
    return -1


def keep_what_stays() -> None:
    """What was made until now lives as long as the program: later collections need not walk over it."""
    gc.collect()
    gc.freeze()
