"""Answers that hold until the file changes: what is asked again and again while nothing happens.

An idle exchange asks every few seconds what there is to push, to ask for, to give back. SQLite tells in one
step whether anything was committed since, by this process or another; only then is it worth reading again.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy import Connection

from app.store.core import StoreCore

T = TypeVar("T")


class Remembered:
    """One answer by name, with the arguments it was asked with. Two threads may read the same twice."""

    def __init__(self, core: StoreCore) -> None:
        self._core = core
        self._kept: dict[str, tuple[int, Hashable, Any]] = {}

    def of(self, name: str, arguments: Hashable, read: Callable[[Connection], T]) -> T:
        """What `read` answers on the file as it is now: it depends on the file and `arguments` alone."""
        change = self._core.change()
        kept = self._kept.get(name)
        if kept is not None and kept[0] == change and kept[1] == arguments:
            known: T = kept[2]
            return known
        with self._core.reading() as connection:
            found = read(connection)
        self._kept[name] = (change, arguments, found)
        return found
