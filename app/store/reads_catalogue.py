"""Reading the catalogue, places left, and the board."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import bindparam, func, select

from app.services.offers import offer_places, pool_places
from app.services.ports import Reads
from app.services.views import Organization, PerformanceRow, Places, StationInfo
from app.store import leases
from app.store.prepared import Prepared
from app.store.reads_base import ReadsBase
from app.store.schema import EVENT, PERFORMANCE, POOL_TALLY, PRODUCT, QUOTA, SLOT, TALLY
from domain.admission_rules import OPEN_END
from domain.catalogue import Event, Gate, Performance, Product, Quota
from domain.clock import to_ms
from domain.leases import Held, Instant
from domain.promo import Promo
from domain.states import EventState

_OPEN_END_MS = int(OPEN_END.total_seconds() * 1000)

_USED = Prepared(select(POOL_TALLY.c.used).where(POOL_TALLY.c.pool == bindparam("of_pool")))
_EVENTS = Prepared(select(EVENT.c.number).order_by(EVENT.c.name, EVENT.c.number))
_ends = func.coalesce(PERFORMANCE.c.ends_ms, PERFORMANCE.c.starts_ms + _OPEN_END_MS)
_RUNNING = Prepared(
    select(PERFORMANCE.c.number)
    .where(_ends > bindparam("after_ms"))
    .order_by(PERFORMANCE.c.starts_ms, PERFORMANCE.c.number)
)
_QUOTAS_OF = Prepared(
    select(QUOTA.c.number).where(QUOTA.c.event == bindparam("of_event")).order_by(QUOTA.c.number)
)
_LAST_SLOT = Prepared(
    select(func.max(SLOT.c.slot)).where(SLOT.c.pool == bindparam("pool"), SLOT.c.lease == bindparam("lease"))
)


class CatalogueReads(ReadsBase):
    """See app.services.ports.Reads."""

    def organization(self) -> Organization:
        """Settings of the organization."""
        return self._slow.organization(self._connection)

    def station(self) -> StationInfo:
        """This installation."""
        return self._slow.station(self._connection)

    def events(self) -> Sequence[Event]:
        """All events by name."""
        numbers = [row[0] for row in _EVENTS.all(self._connection, {})]
        return [event for number in numbers if (event := self.event(number))]

    def event(self, number: int) -> Event | None:
        """An event by its number."""
        return self._slow.event(self._connection, number)

    def event_by_code(self, code: str) -> Event | None:
        """An event by its code; of several with one code the one with the lowest number."""
        number = self._connection.execute(
            select(func.min(EVENT.c.number)).where(EVENT.c.code == code)
        ).scalar()
        return None if number is None else self.event(number)

    def performances(
        self, event: int | None = None, ends_after: datetime | None = None
    ) -> Sequence[Performance]:
        """By start; those of one event, or of all. One without an end is taken to last six hours."""
        if event is None and ends_after is not None:
            running = [row[0] for row in _RUNNING.all(self._connection, {"after_ms": to_ms(ends_after)})]
            return [found for number in running if (found := self.performance(number))]
        statement = select(PERFORMANCE.c.number).order_by(PERFORMANCE.c.starts_ms, PERFORMANCE.c.number)
        if event is not None:
            statement = statement.where(PERFORMANCE.c.event == event)
        if ends_after is not None:
            statement = statement.where(_ends > to_ms(ends_after))
        numbers = self._connection.execute(statement).scalars().all()
        return [found for number in numbers if (found := self.performance(number))]

    def performance(self, number: int) -> Performance | None:
        """A performance by its number."""
        return self._slow.performance(self._connection, number)

    def performance_by_code(self, code: str) -> Performance | None:
        """A performance by its code; of several with one code the earliest."""
        number = self._connection.execute(
            select(PERFORMANCE.c.number)
            .where(PERFORMANCE.c.code == code)
            .order_by(PERFORMANCE.c.starts_ms, PERFORMANCE.c.number)
            .limit(1)
        ).scalar()
        return None if number is None else self.performance(number)

    def products(self, event: int) -> Sequence[Product]:
        """The products of an event, first made first."""
        numbers = self._connection.execute(
            select(PRODUCT.c.number)
            .where(PRODUCT.c.event == event)
            .order_by(PRODUCT.c.made, PRODUCT.c.number)
        )
        return [found for number in numbers.scalars().all() if (found := self.product(number))]

    def product(self, number: int) -> Product | None:
        """A product by its number."""
        return self._slow.product(self._connection, number)

    def quotas(self, numbers: Sequence[int]) -> Mapping[int, Quota]:
        """These quotas and all their parents; unknown numbers are left out."""
        found: dict[int, Quota] = {}
        waiting = list(numbers)
        while waiting:
            quota = self._quota(waiting.pop())
            if quota is None or quota.number in found:
                continue
            found[quota.number] = quota
            if quota.parent is not None:
                waiting.append(quota.parent)
        return found

    def event_quotas(self, event: int) -> Sequence[Quota]:
        """All quotas of an event, by number; also those that no product draws from."""
        numbers = [row[0] for row in _QUOTAS_OF.all(self._connection, {"of_event": event})]
        return [found for number in numbers if (found := self._quota(number))]

    def promos(self, event: int | None = None) -> Sequence[Promo]:
        """The promo codes of an event, or of all, by name."""
        found = self._slow.promos(self._connection)
        return found if event is None else [promo for promo in found if promo.event == event]

    def _quota(self, number: int) -> Quota | None:
        return self._slow.quota(self._connection, number)

    def gates(self) -> Sequence[Gate]:
        """All gates, first made first."""
        return self._slow.gates(self._connection)

    def used_slots(self, pools: Sequence[int]) -> Mapping[int, int]:
        """Places taken per pool, over all stations known here; a pool nobody used has 0."""
        if not pools:
            return {}
        return {pool: _USED.scalar(self._connection, {"of_pool": pool}) or 0 for pool in pools}

    def next_slot(self, pool: int, lease: str) -> int:
        """The lowest slot of a lease that was never used. Slots count from 1 and are used in order."""
        last: int | None = _LAST_SLOT.scalar(self._connection, {"pool": pool, "lease": lease})
        return (last or 0) + 1

    def leases(self, pools: Sequence[int]) -> Sequence[Held]:
        """What the hub has leased to this station in these pools."""
        return leases.held(self._connection, pools)

    def places(self, product: Product, performance: Performance | None, at: Instant) -> Places:
        """What is left of a product, the least over all pools it draws from."""
        quotas = self.quotas(product.quotas)
        left = pool_places(cast("Reads", self), [(product, performance)], quotas, at)
        return offer_places(product, performance, quotas, left)

    def board(self, ends_after: datetime) -> Sequence[PerformanceRow]:
        """Published performances that have not ended, by start; then published events without any."""
        sums = {
            (row.event, row.performance): row
            for row in self._connection.execute(select(TALLY).where(TALLY.c.gate == ""))
        }
        with_performances = set(self._connection.execute(select(PERFORMANCE.c.event).distinct()).scalars())
        pairs: list[tuple[Event, Performance | None]] = []
        for running in self.performances(ends_after=ends_after):
            event = self.event(running.event)
            if event is not None and event.state is EventState.PUBLISHED:
                pairs.append((event, running))
        pairs += [
            (event, None)
            for event in self.events()
            if event.state is EventState.PUBLISHED and event.number not in with_performances
        ]
        rows = []
        for event, performance in pairs:
            total = sums.get((event.number, performance.number if performance else 0))
            rows.append(
                PerformanceRow(
                    event,
                    performance,
                    sold=total.sold if total else 0,
                    admitted=total.admitted if total else 0,
                    capacity=performance.capacity if performance else None,
                )
            )
        return rows
