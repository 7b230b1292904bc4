"""Order rights: who alone may pay, release, void, refund, exchange, reprint or hand out an order.

A right is born at the selling station with number 0. Its holder gives it up by an entry that names the
number; then the hub grants it, with the next number, to whoever asks for it by a named request. An operator
may write off what a dead station held. So whoever has all entries knows the holder, in whatever order they
came.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.entry import HUB

RELEASE_AFTER_MS = 10 * 60 * 1000
"""How long a right stays where the order was sold, while the hub answers."""
GRANT_KEPT_MS = 2 * 60 * 1000
"""How long a granted right is kept that nobody uses."""
ANSWER_KEPT_MS = 30 * 1000
"""How long a refused request is not asked again."""
MOST_WANTS = 50
MOST_SEEN = 2_000
"""How many entries a request names that were seen of an order's tickets."""


class Act(StrEnum):
    """What a right is asked for."""

    PAY = "pay"
    RELEASE = "release"
    VOID = "void"
    REFUND = "refund"
    EXCHANGE = "exchange"
    REPRINT = "reprint"
    HAND_OUT = "hand_out"


MARKS = frozenset({Act.VOID, Act.REFUND, Act.EXCHANGE, Act.REPRINT})
"""Acts after which a ticket that is let in now would have been let in wrongly: granting them marks the ticket
for gates, and a gate that has just opened for it is waited for."""
HUB_ONLY_WHEN_CANCELLED = frozenset({Act.REFUND, Act.VOID, Act.EXCHANGE})
"""Acts that, once the event was called off, need a right that the hub has granted."""


class Why(StrEnum):
    """Why a right is not here."""

    ASKED = "asked"
    """The hub is being asked."""
    OFFLINE = "offline"
    """The hub is out of reach."""
    HELD = "held"
    """Another station holds it and has not given it up."""
    AT_GATE = "at_gate"
    """A gate is just letting one of the tickets in."""
    UNSEEN = "unseen"
    """The hub knows more of the tickets than this station."""
    UNKNOWN = "unknown"
    """The hub has not heard of the order."""
    RECOVERY = "recovery"
    """The hub was restored and waits for its stations."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a right: a station in one epoch of its journal, or the hub. `number` counts the grants."""

    station: str
    epoch: int
    number: int


@dataclass(frozen=True, slots=True)
class RightFacts:
    """All entries about one right: where the order was sold (None = not heard yet), what the hub granted, and
    the numbers that were given up or written off."""

    born: Holder | None
    granted: Collection[Holder] = ()
    given_up: Collection[int] = ()


def holder(facts: RightFacts) -> Holder | None:
    """Who has the right; None while the order's sale has not come. The hub's numbers only rise, so what was
    given up later than any grant known here belongs to the hub."""
    known = [*facts.granted, *([facts.born] if facts.born else [])]
    if not known and not facts.given_up:
        return None
    latest = max(known, key=lambda one: (one.number, one.station, one.epoch), default=None)
    last = max(facts.given_up, default=-1)
    if latest is None or last >= latest.number:
        return Holder(HUB, 0, max(last, latest.number if latest else 0))
    return latest


@dataclass(frozen=True, slots=True)
class Mine:
    """What a station knows when it asks itself whether it may act.

    `granted`: number of the grant in the hub's set, None = not in it. `alone`: it has joined no hub.
    `cancelled`: an event of the order was called off.
    """

    station: str
    epoch: int
    alone: bool = False
    granted: int | None = None
    cancelled: bool = False


def held_number(facts: RightFacts, mine: Mine, act: Act | None = None) -> int | None:
    """The number under which this station holds the right now, None when it does not.

    A grant counts while it stands in the hub's set, a birth by the entries alone: offline both go on, and
    what was given up here never comes back by a set that is late.
    """
    if mine.alone:
        return 0
    if mine.granted is not None and mine.granted > max(facts.given_up, default=-1):
        return mine.granted
    if act in HUB_ONLY_WHEN_CANCELLED and mine.cancelled:
        return None
    now = holder(facts)
    born_here = now is not None and now.number == 0 and (now.station, now.epoch) == (mine.station, mine.epoch)
    return 0 if born_here else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub said to one line of a request. `who`: the station that holds it, or the gate."""

    order: str
    granted: bool
    why: Why | None = None
    who: str = ""

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> "Answer":
        """As it came. Raises ValueError for what cannot be read; an unknown reason counts as unknown."""
        order, granted, why = item.get("order"), item.get("granted"), item.get("why")
        known = why if why in {each.value for each in Why} else Why.UNKNOWN.value
        if isinstance(order, str) and isinstance(granted, bool):
            return cls(order, granted, None if granted else Why(known), str(item.get("who") or ""))
        raise ValueError("an answer about a right that cannot be read")


@dataclass(frozen=True, slots=True)
class Kept:
    """A right that this station holds, as far as giving it back goes: since when, and the last use of it."""

    order: str
    number: int
    since_ms: int


def to_release(kept: Iterable[Kept], now_ms: int, *, selling: bool) -> Sequence[Kept]:
    """Rights to give up now that the hub answers: all while no shift is open; else births after ten minutes
    and grants that nobody used for two, and what a clock that was set back since puts into the future."""

    def due(right: Kept) -> bool:
        limit = GRANT_KEPT_MS if right.number else RELEASE_AFTER_MS
        return not selling or not right.since_ms <= now_ms < right.since_ms + limit

    return [right for right in kept if due(right)]
