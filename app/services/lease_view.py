"""What this station may sell by itself, pool by pool, for people: "12 here · 140 in all", until when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.services.ports import Reads, Store
from domain.catalogue import Event, Performance
from domain.clock import Clock
from domain.leases import Instant, places_here, usable


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """One pool that places were leased of. `quota` is empty for the whole house; `starts_at` None: of an
    event as a whole; `is_promo`: what is counted are uses of a promo code. `here` and `left` count what
    nobody has bought yet: with this station, and in all. `until_at`: so long the longest lease may be sold
    from, None when none may any more."""

    event: str
    event_ru: str
    starts_at: datetime | None
    quota: str
    here: int
    left: int
    until_at: datetime | None
    is_promo: bool = False


class ShowLeases:
    """Every pool that the hub has leased places of to this station."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def __call__(self) -> Sequence[LeaseRow]:
        """The soonest performance first; empty where nothing is leased."""
        found: list[LeaseRow] = []
        with self._store.read() as read:
            for performance in read.performances(ends_after=self._clock.now()):
                event = read.event(performance.event)
                if event is not None:
                    found += self._rows(read, event, performance)
            for event in read.events():
                found += self._rows(read, event, None)
        return found

    def _rows(self, read: Reads, event: Event, performance: Performance | None) -> Iterator[LeaseRow]:
        whole = performance is not None and performance.capacity is not None
        pools = {performance.number: ("", performance.capacity or 0)} if performance and whole else {}
        number = performance.number if performance else None
        for quota in read.event_quotas(event.number):
            if quota.performance == number:
                pools[quota.number] = (quota.name, quota.capacity)
        promos = {promo.pool for promo in read.promos(event.number)}
        held = read.leases(list(pools)) if pools else ()
        used = read.used_slots(list(pools)) if held else {}
        now = Instant.of(self._clock)
        for pool, (name, capacity) in pools.items():
            leases = [each for each in held if each.pool == pool and each.free]
            if leases:
                here = places_here(leases, now)
                longest = max((each.left_ms(now) for each in usable(leases, now)), default=0)
                until = self._clock.now() + timedelta(milliseconds=longest) if longest else None
                left = max(here, capacity - used.get(pool, 0))
                yield LeaseRow(
                    event.name,
                    event.name_ru or "",
                    performance.starts_at if performance else None,
                    name,
                    here,
                    left,
                    until,
                    pool in promos,
                )
