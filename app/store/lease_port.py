"""Leases as sync sees them: what to ask for now, what the hub said, what to give back."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.store import leases
from app.store.core import StoreCore
from app.store.journal import Journal
from app.store.reads import StoreReads
from app.store.remembered import Remembered
from domain.actor import SYSTEM
from domain.admission_rules import OPEN_END
from domain.catalogue import Performance
from domain.clock import Clock, to_ms
from domain.entry import Draft, event_feed
from domain.ids import RandomBytes, uuid4
from domain.leases import Held, Instant, PoolNeed, plan, ranges, to_return, usable
from domain.states import EventState
from sync.ports import LeaseRequest, LeaseSet

log = logging.getLogger("gatehouse.leases")

ASK_AGAIN_MS = 2_000
"""How long a pool that was just asked for is left alone, whatever the answer was."""

RANGES_PER_ENTRY = 2_000
"""Seats that were given back one by one would outgrow an entry otherwise."""


FOR_EVER_MS = 10**15


@dataclass(frozen=True, slots=True)
class _Needed:
    """A request on its way, or what is on sale; `from_ms` to `until_ms` (by the wall) no performance ends."""

    waiting: tuple[str, list[dict[str, Any]]] | None
    needs: Sequence[PoolNeed]
    from_ms: int
    until_ms: int


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
        self._remembered = Remembered(core)
        self._spans = 0

    def request(self) -> LeaseRequest | None:
        """The request that is on its way, or a new one when something is needed. Its first sending is now."""
        now = Instant.of(self._clock)
        needed = self._remembered.of("needed", self._spans, self._needed)
        if not needed.from_ms <= now.wall_ms < needed.until_ms:
            self._spans += 1
            needed = self._remembered.of("needed", self._spans, self._needed)
        if needed.waiting is not None:
            return LeaseRequest(*needed.waiting)
        planned = plan(needed.needs, self._shares, now)
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
        held, selling = self._remembered.of("held", None, self._held)
        if not to_return(held, now, selling=selling):
            return False
        with self._core.writing() as work:
            read = StoreReads(work.connection, self._core.cache)
            held, selling = self._held(work.connection)
            going = to_return(held, now, selling=selling)
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

    def _held(self, connection: Connection) -> tuple[list[Held], bool]:
        """What is held, and whether a shift is open."""
        read = StoreReads(connection, self._core.cache)
        return leases.held(connection), read.running_shift(read.station().station) is not None

    def _needed(self, connection: Connection) -> _Needed:
        now = self._clock.now()
        waiting = leases.open_request(connection)
        read = StoreReads(connection, self._core.cache)
        station = read.station()
        if waiting is not None or not station.has_hub or read.running_shift(station.station) is None:
            return _Needed(waiting, [], 0, FOR_EVER_MS)
        running = read.performances(ends_after=now)
        ends = [to_ms(each.ends_at or each.starts_at + OPEN_END) for each in running]
        needs = self._needs(read, connection, running)
        return _Needed(None, needs, to_ms(now), min(ends, default=FOR_EVER_MS))

    def _needs(
        self, read: StoreReads, connection: Connection, running: Sequence[Performance]
    ) -> Sequence[PoolNeed]:
        """Every pool on sale, the soonest performance first."""
        pools = self._on_sale(read, running)
        used = read.used_slots(list(pools))
        held = leases.held(connection, list(pools))
        return [
            PoolNeed(pool, max(0, capacity - used[pool]), [each for each in held if each.pool == pool])
            for pool, capacity in pools.items()
        ]

    def _on_sale(self, read: StoreReads, performances: Sequence[Performance]) -> dict[int, int]:
        """Capacity by pool: performances that have not ended, and quotas of their events."""
        found: dict[int, int] = {}
        by_event: dict[int, list[Performance]] = {}
        for performance in performances:
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
