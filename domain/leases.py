"""Leases of places: what a station may sell by itself, for how long, and what it asks the hub for.

A place is a slot number in a pool. The hub hands out slots in leases; whoever holds one is the only one who
sells it, with or without a network. A lease that ends stops being sold from; it frees nothing by itself:
only an entry of its holder (`lease_returned`) or an operator's stated risk gives places back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.clock import Clock, to_ms

DAY_MS = 20 * 3600 * 1000
"""How long a lease lasts far from scarcity: an operating day, so that a lost hub does not end the evening."""
SCARCE_MS = 5 * 60 * 1000
SCARCE_PER_SELLER = 2
RESERVE_PER_SELLER = 20
MARGIN_MS = 30_000
DRIFT_PER_CENT = 2
MOST_POOLS = 100
"""How many pools one request may name."""


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment on both clocks of a station: wall time, and the clock that runs through suspend."""

    wall_ms: int
    mono_ms: int
    boot: str

    @classmethod
    def of(cls, clock: Clock) -> "Instant":
        """Now."""
        return cls(to_ms(clock.now()), clock.monotonic_ms(), clock.boot_id())


@dataclass(frozen=True, slots=True)
class Life:
    """How long a lease may be sold from: `ttl_ms` from the first sending of the request that brought it."""

    sent: Instant
    ttl_ms: int

    def left_ms(self, now: Instant) -> int:
        """Milliseconds left, 0 when it has ended. Less than the hub counts: minus 2 % and 30 s.

        After a restart of the machine only the wall clock is left to go by; one that stands before the
        sending is believed nothing.
        """
        usable = self.ttl_ms - self.ttl_ms * DRIFT_PER_CENT // 100 - MARGIN_MS
        same_boot = now.boot == self.sent.boot
        passed = now.mono_ms - self.sent.mono_ms if same_boot else now.wall_ms - self.sent.wall_ms
        return max(0, usable - passed) if passed >= 0 else 0


@dataclass(frozen=True, slots=True)
class Held:
    """A lease at its holder: the slots that are neither used nor given back, in the order to use them.

    `life` None: nobody knows when it was asked for, so it is never sold from.
    """

    lease: str
    pool: int
    free: Sequence[int]
    life: Life | None

    def left_ms(self, now: Instant) -> int:
        """How long it may still be sold from."""
        return self.life.left_ms(now) if self.life else 0


@dataclass(frozen=True, slots=True)
class Taken:
    """Slots of one lease that a position uses."""

    lease: str
    slots: tuple[int, ...]


def usable(held: Iterable[Held], now: Instant) -> list[Held]:
    """Leases that a sale which starts now may use: those that end first come first."""
    living = [(each.left_ms(now), each.lease, each) for each in held]
    return [each for left, _, each in sorted(living, key=lambda item: item[:2]) if left > 0 and each.free]


def places_here(held: Iterable[Held], now: Instant) -> int:
    """People that may be sold to from these leases."""
    return sum(len(each.free) for each in usable(held, now))


class SlotSource:
    """Hands out the places of one pool during one sale, each once."""

    def __init__(self, held: Iterable[Held], now: Instant) -> None:
        self._slots = ((each.lease, slot) for each in usable(held, now) for slot in each.free)

    def take(self, people: int) -> list[Taken]:
        """A place for each person, by lease. Raises ValueError when there are not enough: the sale was to be
        judged by `places_here` first."""
        found: dict[str, list[int]] = {}
        for _ in range(people):
            lease, slot = next(self._slots, ("", 0))
            if not lease:
                raise ValueError("more places taken than are leased")
            found.setdefault(lease, []).append(slot)
        return [Taken(lease, tuple(slots)) for lease, slots in found.items()]


def is_scarce(unsold: int, sellers: int) -> bool:
    """Whether so little is left that nobody may keep places for long."""
    return unsold <= SCARCE_PER_SELLER * sellers


def fair_share(unsold: int, sellers: int) -> int:
    """How many unsold places one of `sellers` stations may hold.

    With plenty left one share stays at the hub for whoever comes next. The hub computes the same in SQL.
    """
    if unsold <= 0:
        return 0
    if is_scarce(unsold, sellers):
        return 1
    reserved = 1 if unsold > RESERVE_PER_SELLER * sellers else 0
    return -(-unsold // (sellers + reserved))


def lease_ms(unsold: int, sellers: int) -> int:
    """How long a lease lasts that is granted now."""
    return SCARCE_MS if is_scarce(unsold, sellers) else DAY_MS


@dataclass(frozen=True, slots=True)
class PoolNeed:
    """A pool on sale as its seller sees it: places left in all, and the leases held in it."""

    pool: int
    left: int
    held: Sequence[Held] = ()


@dataclass(frozen=True, slots=True)
class Want:
    """One line of a request. `slots`: these seats and no others; `renew`: let what is held last longer."""

    pool: int
    count: int
    renew: bool = False
    slots: tuple[int, ...] = ()

    def to_json(self) -> dict[str, object]:
        """As it goes to the hub."""
        return {"pool": self.pool, "count": self.count, "renew": self.renew, "slots": list(self.slots)}


def plan(needs: Sequence[PoolNeed], shares: Mapping[int, int], now: Instant) -> list[Want]:
    """What to ask for, in the order given: where half of the last share or half of the time is gone.

    `shares`: how many places were here after the last grant. A pool without a place left is not asked for.
    """
    wants = []
    for need in needs[:MOST_POOLS]:
        here = places_here(need.held, now)
        living = usable(need.held, now)
        old = any(2 * each.left_ms(now) < each.life.ttl_ms for each in living if each.life)
        low = 2 * here <= shares.get(need.pool, 0)
        missing = max(0, need.left - here)
        if old or ((low or not here) and missing):
            wants.append(Want(need.pool, missing, renew=old))
    return wants


def to_return(held: Iterable[Held], now: Instant, *, selling: bool) -> list[Held]:
    """Leases to give back: all while no shift is open, else those that have ended."""
    return [each for each in held if each.free and (not selling or each.left_ms(now) == 0)]


def ranges(slots: Iterable[int]) -> list[list[int]]:
    """Slot numbers as [first, last] pairs, sorted; both ends belong to the range."""
    found: list[list[int]] = []
    for slot in sorted(slots):
        if found and found[-1][1] == slot - 1:
            found[-1][1] = slot
        else:
            found.append([slot, slot])
    return found


def read_slots(item: Mapping[str, object]) -> Sequence[int]:
    """The slots of a lease as the hub names it: `slots`, or else `first` to `last`. Raises ValueError."""
    listed, first, last = item.get("slots"), item.get("first"), item.get("last")
    if isinstance(listed, list) and all(isinstance(each, int) and each >= 0 for each in listed):
        return tuple(listed)
    if listed is None and isinstance(first, int) and isinstance(last, int) and 0 <= first <= last:
        return range(first, last + 1)
    raise ValueError("a lease without slots")
