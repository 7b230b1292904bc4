"""Waiting for another thread without sleeping: collectors that wake the test when something arrives."""

import threading
from collections.abc import Callable

PATIENCE_S = 10.0


class Collected:
    """A callback that keeps what it is given, and lets the test wait until a condition holds."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._items: list = []

    def __call__(self, item: object) -> None:
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    @property
    def items(self) -> list:
        with self._changed:
            return list(self._items)

    def wait_for(self, condition: Callable[[list], bool]) -> list:
        """What was collected once `condition` holds for it; fails the test after a while."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: condition(self._items), PATIENCE_S)
            assert arrived, f"did not happen: {self._items}"
            return list(self._items)

    def poll(self, condition: Callable[[list], bool], between: Callable[[], object]) -> list:
        """Like `wait_for`, calling `between` again and again: for what depends on a clock of the test."""
        with self._changed:
            for _ in range(round(PATIENCE_S / 0.01)):
                if condition(self._items):
                    return list(self._items)
                self._changed.wait(0.01)
                between()
        raise AssertionError(f"did not happen: {self._items}")

    def wait_count(self, count: int) -> list:
        return self.wait_for(lambda items: len(items) >= count)

    def wait_state(self, state: object, after: int = 0) -> list:
        return self.wait_for(lambda items: any(item.state is state for item in items[after:]))


class NoWaiting:
    """A stop signal whose waiting takes no time worth speaking of; keeps the pauses that were asked for."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.pauses: list[float | None] = []

    def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout)
        return self._event.wait(0.001)
