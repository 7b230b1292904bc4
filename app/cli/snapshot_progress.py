"""How far a snapshot is, on stderr: one line that is written over on a terminal, else a line per tenth."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from app.exchange import Exchange
from app.services.facade import SyncView


@contextmanager
def snapshot_progress(exchange: Exchange) -> Iterator[None]:
    """Tell of a snapshot while it is taken; silent where none is."""
    on_terminal = sys.stderr.isatty()
    step = 1 if on_terminal else 10
    shown = -1

    def changed(view: SyncView) -> None:
        nonlocal shown
        if view.snapshot is None:
            return
        done, steps = view.snapshot
        per_cent = 100 * done // max(1, steps)
        if per_cent // step != shown:
            shown = per_cent // step
            sys.stderr.write(f"\rsnapshot {per_cent} %" if on_terminal else f"snapshot {per_cent} %\n")
            sys.stderr.flush()

    stop = exchange.subscribe(changed)
    try:
        yield
    finally:
        stop()
        if shown >= 0 and on_terminal:
            sys.stderr.write("\n")
