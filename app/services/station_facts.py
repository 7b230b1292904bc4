"""Small questions about this station, for windows."""

from collections.abc import Sequence

from app.services.ports import Store
from app.services.views import JournalRow, Organization, StationInfo


class FactsOfStation:
    """Implements app.services.facade.StationFacts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def organization(self) -> Organization:
        """The settings that hold for every station."""
        with self._store.read() as read:
            return read.organization()

    def station(self) -> StationInfo:
        """This installation."""
        with self._store.read() as read:
            return read.station()

    def journal(self, limit: int = 100, kind: str | None = None) -> Sequence[JournalRow]:
        """The latest entries of this station's journal, newest first."""
        with self._store.read() as read:
            return read.journal_rows(limit, kind)
