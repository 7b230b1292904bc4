"""The own journal over all its epochs, as a hub is told of it when a station joins that began alone."""

from sqlalchemy import func, select

from app.store import journal
from app.store.core import StoreCore
from app.store.journal import Identity
from app.store.schema import EVENT, JOURNAL, OWN_EPOCH, PERFORMANCE, PRODUCT, QUOTA
from domain.entry import Entry
from domain.joining import Announced, EpochKey

_ENDS = select(JOURNAL.c.epoch, func.max(JOURNAL.c.seq).label("last")).group_by(JOURNAL.c.epoch)


class StoreHistory:
    """`store.history`."""

    def __init__(self, core: StoreCore, identity: Identity) -> None:
        self._core = core
        self._identity = identity

    def epochs(self) -> list[EpochKey]:
        """Every epoch in order, with the key that signed it and where it ends."""
        with self._core.reading() as connection:
            ends = {row.epoch: row.last for row in connection.execute(_ENDS)}
            return [
                EpochKey(row.epoch, bytes(row.public_key), ends.get(row.epoch, 0))
                for row in connection.execute(select(OWN_EPOCH).order_by(OWN_EPOCH.c.epoch))
            ]

    def announced(self) -> Announced:
        """Where the present epoch ends, and which numbers the catalogue here has."""
        with self._core.reading() as connection:
            numbers = {
                name: sorted(connection.execute(select(table.c.number)).scalars())
                for name, table in (("performance", PERFORMANCE), ("product", PRODUCT), ("quota", QUOTA))
            }
            events = sorted(connection.execute(select(EVENT.c.number)).scalars())
            tip = journal.tip(connection, self._identity)
        return Announced(self._identity.epoch, tip.seq, events, numbers)

    def batch(self, epoch: int, after_seq: int, most: int, max_bytes: int) -> list[Entry]:
        """The next entries of one epoch, former or present, within the limits; at least one if there is
        any."""
        speaker = Identity(self._identity.station, epoch, self._identity.key)
        with self._core.reading() as connection:
            return journal.batch(connection, speaker, after_seq, most, max_bytes)
