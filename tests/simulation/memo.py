"""What the harness remembers for all stations of a process: every station checks every entry, and in a
simulation they do it on one core.

Only pure functions are remembered, by all of their arguments: whether a signature fits, and what a text reads
as. The invariants do not use them.
"""

import sys
from collections.abc import Callable
from typing import Any

from domain import entry, ticket_code

MOST = 20_000
_KEPT: list[dict[Any, Any]] = []


def plant() -> None:
    """Put the remembering functions in the place of the real ones, wherever those were imported to."""
    if not _KEPT:
        _replace(ticket_code.verify_signature, _remembered(ticket_code.verify_signature))
        _replace(entry.parse, _remembered(entry.parse))


def forget() -> None:
    """A new run begins."""
    for kept in _KEPT:
        if len(kept) > MOST:
            kept.clear()


def _remembered(real: Callable[..., Any]) -> Callable[..., Any]:
    kept: dict[Any, Any] = {}
    _KEPT.append(kept)

    def remembering(*arguments: Any) -> Any:
        found = kept.get(arguments)
        if found is None:
            found = kept[arguments] = real(*arguments)  # what raises is not remembered
        return found

    return remembering


def _replace(real: Any, fresh: Any) -> None:
    for module in list(sys.modules.values()):
        for name, value in list(vars(module).items()) if hasattr(module, "__dict__") else ():
            if value is real:
                setattr(module, name, fresh)
