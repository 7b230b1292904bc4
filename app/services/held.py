"""Entries that are kept and not read: here, since a newer program wrote them, or at the hub."""

from collections.abc import Sequence

from app.services.access import require
from app.services.ports import Store
from app.services.views_sync import HeldRow
from domain.actor import Actor, Permission


class ListHeld:
    """What the sync page counts as held, one by one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, actor: Actor, limit: int = 200) -> Sequence[HeldRow]:
        """The latest first. Refuses NOT_SIGNED_IN, NOT_ALLOWED."""
        require(actor, Permission.CHECK)
        with self._store.read() as read:
            return read.held_entries(limit)
