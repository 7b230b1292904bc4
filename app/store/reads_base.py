"""What all reads share: the connection of one snapshot, and the slow data that belongs to it."""

from datetime import datetime

from sqlalchemy import Connection

from app.store.cache import SlowCache, SlowData, version_of
from app.store.project_catalogue import event_state
from domain.catalogue import Event, Performance, Product
from domain.clock import from_ms
from domain.money import Money
from domain.states import EventState


class ReadsBase:
    """Questions on one connection that is inside a transaction."""

    def __init__(self, connection: Connection, cache: SlowCache) -> None:
        self._connection = connection
        self._cache: SlowCache | None = cache
        self._slow_data: SlowData | None = None

    @property
    def _slow(self) -> SlowData:
        if self._slow_data is None:
            version = version_of(self._connection)
            self._slow_data = self._cache.at(version) if self._cache else SlowData(version)
        return self._slow_data

    def forget_slow_data(self) -> None:
        """This transaction has changed the slow data: load it anew, and keep it from other readers, who must
        never see what may still be rolled back."""
        self._cache = None
        self._slow_data = None

    def _name_of(self, user: str | None) -> str:
        person = self._slow.people(self._connection).get(user or "")
        return person.name if person else (user or "")

    def _station_name(self, station: str) -> str:
        return self._slow.station_names(self._connection).get(station, station)

    def _event_shown(self, number: int) -> Event:
        """The event, or a stand-in where its catalogue entry has not come yet."""
        found = self._slow.event(self._connection, number)
        return found or Event(number, str(number), f"#{number}", "UTC", self._event_state(number))

    def _event_state(self, number: int) -> EventState:
        """By the facts of the event, which may be here without its catalogue entry."""
        return event_state(self._connection, number)

    def _product_shown(self, number: int, event: int, currency: str) -> Product:
        """The product, or a stand-in where its catalogue entry has not come yet."""
        found = self._slow.product(self._connection, number)
        return found or Product(number, str(number), event, f"#{number}", 0, currency)

    def _performance_or_none(self, number: int) -> Performance | None:
        return self._slow.performance(self._connection, number) if number else None


def at_or_none(ms: int | None) -> datetime | None:
    """A time column that may be empty."""
    return None if ms is None else from_ms(ms)


def money(minor: int, currency: str) -> Money:
    """Shorthand for amounts of a row."""
    return Money(minor, currency)
