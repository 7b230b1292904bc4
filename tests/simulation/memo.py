"""What the harness remembers for all stations of a process: every station checks every entry, and in a
simulation they do it on one core.

Only pure functions are remembered, by all of their arguments: whether a signature fits, and what a text reads
as. The invariants do not use them.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from domain import entry, ticket_code

MOST = 20_000
_OURS = frozenset({"app", "devices", "domain", "sync", "tests", "ui"})
_KEPT: list[dict[Any, Any]] = []
_PAIRS: list[tuple[Any, Any]] = []
"""Each real function with the one that remembers; made once, for all runs of a process."""


@contextmanager
def planted() -> Iterator[None]:
    """A run with the remembering functions in the place of the real ones, wherever those were imported to."""
    if not _PAIRS:
        _PAIRS.extend((real, _remembered(real)) for real in (ticket_code.verify_signature, entry.parse))
    for kept in _KEPT:
        if len(kept) > MOST:
            kept.clear()
    for real, fresh in _PAIRS:
        _replace(real, fresh)
    try:
        yield
    finally:
        for real, fresh in _PAIRS:
            _replace(fresh, real)


def _remembered(real: Callable[..., Any]) -> Callable[..., Any]:
    kept: dict[Any, Any] = {}
    _KEPT.append(kept)

    def remembering(*arguments: Any, **named: Any) -> Any:
        if named:
            return real(*arguments, **named)
        found = kept.get(arguments)
        if found is None:
            found = kept[arguments] = real(*arguments)  # what raises is not remembered
        return found

    return remembering


def _replace(real: Any, fresh: Any) -> None:
    for place, module in list(sys.modules.items()):
        if place.partition(".")[0] not in _OURS:
            continue  # there are thousands, and each run looks four times
        for name, value in list(vars(module).items()):
            if value is real:
                setattr(module, name, fresh)
