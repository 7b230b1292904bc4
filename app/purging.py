"""Making a station's data unreadable on this machine, on the organization's order or by hand.

What is purged is the keys, not the bytes: the record in the keystore goes, so nothing in the folder opens any
more, backups included; what lies in clear (prints, the practice venue, files on their way) is removed. The
wrap for the organization's recovery key stays: with that key, which lies elsewhere, entries that no hub has
can still be brought in. Where there is no recovery key, they are gone for good.
"""

import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from app.practice import folder_of, throw_away
from app.rejoining import former_installations
from app.store.keys import KeyStore
from app.store.opening import MARK, mark_purged
from app.store.store import StationStore
from domain.errors import GatehouseError, Refusal
from domain.purge_order import parse

IN_CLEAR = ("prints", "printed", "imports")
"""Folders beside the store with something in them that a stranger could read."""


class Purging:
    """Purges the folder of one open store, which stays usable until it is closed, and never opens again."""

    def __init__(self, store: StationStore, keystore: KeyStore) -> None:
        self._store = store
        self._keystore = keystore

    def ordered(self, params: Mapping[str, Any]) -> None:
        """What the hub said to a revoked station: an order that the root has not signed is not followed."""
        text, sig = params.get("purge"), params.get("purge_sig")
        if not isinstance(text, str) or not isinstance(sig, str) or self.done():
            return
        root = self._store.root()
        try:
            order = parse(text, sig)
        except Refusal:
            return
        if root is None or order.station != self._store.identity.station or not order.signed_by(root):
            structlog.get_logger().warning("purge_not_genuine")
            return
        self.now()

    def done(self) -> bool:
        """Whether it was purged already."""
        return (self._store.folder / MARK).exists()

    def now(self) -> None:
        """Forget the keys first: whatever fails after that leaves nothing that opens. Raises Fault
        KEYSTORE_UNAVAILABLE."""
        self._keystore.forget(self._store.installation)
        mark_purged(self._store.folder)
        with contextlib.suppress(GatehouseError):
            for installation in former_installations(self._store.folder):
                self._keystore.forget(installation)
        with contextlib.suppress(GatehouseError):
            throw_away(folder_of(self._store.folder), self._keystore)
        for name in IN_CLEAR:
            _remove(self._store.folder / name)


def _remove(folder: Path) -> None:
    """As far as the system lets it: a file that a viewer holds open on Windows stays until the next try."""
    shutil.rmtree(folder, ignore_errors=True)
