"""Waiting entries as files, for the window: written for another station, taken in from one."""

import os
from collections.abc import Callable
from pathlib import Path

from app.imports import ImportFolder, export_waiting
from app.services.facade import TakenIn
from app.store.store import StationStore
from domain.errors import Fault


class WaitingEntries:
    """Implements app.services.facade.WaitingFiles."""

    def __init__(self, store: StationStore, changed: Callable[[], None]) -> None:
        """`changed` is called when entries of others have come in."""
        self._store = store
        self._changed = changed

    def export(self, path: str) -> int:
        """Write every entry that the hub has not confirmed; answers how many.

        Raises Refusal NO_HUB, NOTHING_WAITING; Fault FILE_NOT_WRITABLE.
        """
        outbox = self._store.outbox
        waiting = outbox.tip().seq - outbox.acked_seq()
        text = export_waiting(self._store)
        target = Path(path)
        try:
            with os.fdopen(
                os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
            ) as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            raise Fault("FILE_NOT_WRITABLE", file=str(target)) from None
        return waiting

    def take_in(self, path: str) -> TakenIn:
        """Take in a file of another station.

        Raises Refusal NO_HUB, WAITING_…, CERTIFICATE_FORGED, WAITING_OWN; Fault FILE_UNREADABLE,
        FILE_NOT_WRITABLE.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise Fault("FILE_UNREADABLE", file=Path(path).name) from None
        done = ImportFolder(self._store).take(text)
        self._changed()
        outcome = done.outcome
        return TakenIn(done.name, done.entries, outcome.applied, outcome.held, len(outcome.rejected))
