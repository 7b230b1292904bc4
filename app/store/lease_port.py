"""Leases as sync sees them: what to ask for now, what the hub said, what to give back."""

import logging
from collections.abc import Sequence

from sqlalchemy import Connection

from app.store import leases
from app.store.core import StoreCore
from app.store.journal import Journal
from app.store.reads import StoreReads
from domain.actor import SYSTEM
from domain.catalogue import Performance
from domain.clock import Clock
from domain.entry import Draft, event_feed
from domain.ids import RandomBytes, uuid4
from domain.leases import Instant, PoolNeed, plan, ranges, to_return, usable
from domain.states import EventState
from sync.ports import LeaseRequest, LeaseSet

log = logging.getLogger("gatehouse.leases")

ASK_AGAIN_MS = 2_000
"""How long a pool that was just asked for is left alone, whatever the answer was."""

RANGES_PER_ENTRY = 2_000
"""Seats that were given back one by one would outgrow an entry otherwise."""


class StoreLeases:
    """See sync.ports.Leases. Places are held while a shift is open here, and given back when none is."""

    def __init__(self, core: StoreCore, journal: Journal, clock: Clock, random_bytes: RandomBytes) -> None:
        self._core = core
        self._journal = journal
        self._clock = clock
        self._random = random_bytes
        self._asked_ms: dict[int, int] = {}
        self._shares: dict[int, int] = {}
        self._put_off_ms: int | None = None

    def request(self) -> LeaseRequest | None:
        """The request that is on its way, or a new one when something is needed. Its first sending is now."""
        now = Instant.of(self._clock)
        with self._core.reading() as connection:
            waiting = leases.open_request(connection)
            needs = [] if waiting else self._needs(StoreReads(connection, self._core.cache), connection)
        if waiting is not None:
            return LeaseRequest(*waiting)
        planned = plan(needs, self._shares, now)
        left_ms = {want.pool: self._left_alone_ms(want.pool, now) for want in planned}
        self._put_off_ms = min((ms for ms in left_ms.values() if ms > 0), default=None)
        wants = [want.to_json() for want in planned if not left_ms[want.pool]]
        if not wants:
            return None
        request = LeaseRequest(uuid4(self._random), wants)
        with self._core.writing() as work:
            leases.add_request(work.connection, request.request, wants, now)
            work.commit()
        for want in wants:
            self._asked_ms[int(str(want["pool"]))] = now.mono_ms
        return request

    def put_off_ms(self) -> int | None:
        """For how long what is needed may not be asked for again, as the last `request` found."""
        return self._put_off_ms

    def _left_alone_ms(self, pool: int, now: Instant) -> int:
        asked_ms = self._asked_ms.get(pool)
        return 0 if asked_ms is None else max(0, asked_ms + ASK_AGAIN_MS - now.mono_ms)

    def hold(self, said: LeaseSet) -> None:
        """Put the hub's full set in place of the own one; an older one than that is passed over."""
        with self._core.reading() as connection:
            stale = not said.fresh and said.version < leases.version(connection)
            known = said.version == leases.version(connection) and leases.same(connection, said.items)
        if not known or said.answered is not None:
            with self._core.writing() as work:
                if not stale:
                    leases.replace_all(work.connection, said.version, said.items)
                if said.answered is not None:
                    leases.answered(work.connection, said.answered)
                work.commit()
        if said.answered is not None:
            self._remember_shares()

    def give_back(self) -> bool:
        """Write the entries that return what is not sold from any more; whether there were any."""
        now = Instant.of(self._clock)
        with self._core.writing() as work:
            read = StoreReads(work.connection, self._core.cache)
            selling = read.open_shift(read.station().station) is not None
            going = to_return(leases.held(work.connection), now, selling=selling)
            drafts = []
            for lease in going:
                event = _event_of(read, lease.pool)
                if event is not None:
                    found = ranges(lease.free)
                    drafts += [
                        Draft(
                            "lease_returned",
                            (event_feed(event),),
                            {
                                "lease": lease.lease,
                                "pool": lease.pool,
                                "event": event,
                                "ranges": found[first : first + RANGES_PER_ENTRY],
                            },
                        )
                        for first in range(0, len(found), RANGES_PER_ENTRY)
                    ]
            if drafts:
                self._journal.append(work.connection, drafts, SYSTEM, None)
                work.commit()
        if drafts:
            log.info("places_returned", extra={"leases": len(going), "selling": selling})
        return bool(drafts)

    def _remember_shares(self) -> None:
        now = Instant.of(self._clock)
        with self._core.reading() as connection:
            shares: dict[int, int] = {}
            for lease in usable(leases.held(connection), now):
                shares[lease.pool] = shares.get(lease.pool, 0) + len(lease.free)
        self._shares = shares

    def _needs(self, read: StoreReads, connection: Connection) -> Sequence[PoolNeed]:
        """Every pool on sale, the soonest performance first."""
        station = read.station()
        if not station.has_hub or read.open_shift(station.station) is None:
            return []
        pools = self._on_sale(read)
        used = read.used_slots(list(pools))
        held = leases.held(connection, list(pools))
        return [
            PoolNeed(pool, max(0, capacity - used[pool]), [each for each in held if each.pool == pool])
            for pool, capacity in pools.items()
        ]

    def _on_sale(self, read: StoreReads) -> dict[int, int]:
        """Capacity by pool: performances that have not ended, and quotas of their events."""
        found: dict[int, int] = {}
        by_event: dict[int, list[Performance]] = {}
        for performance in read.performances(ends_after=self._clock.now()):
            by_event.setdefault(performance.event, []).append(performance)
        others = [event.number for event in read.events() if event.number not in by_event]
        for number in filter(lambda each: _published(read, each), [*by_event, *others]):
            running = by_event.get(number, [])
            for performance in running:
                if performance.capacity is not None:
                    found[performance.number] = performance.capacity
            shown = {performance.number for performance in running}
            for quota in read.event_quotas(number):
                if quota.performance is None or quota.performance in shown:
                    found[quota.number] = quota.capacity
        return found


def _published(read: StoreReads, number: int) -> bool:
    event = read.event(number)
    return event is not None and event.state is EventState.PUBLISHED


def _event_of(read: StoreReads, pool: int) -> int | None:
    """The event that a pool belongs to; None while its catalogue entry has not come."""
    performance = read.performance(pool)
    if performance is not None:
        return performance.event
    quota = read.quotas([pool]).get(pool)
    return quota.event if quota else None
