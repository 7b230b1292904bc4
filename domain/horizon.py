"""How long a station keeps what others wrote, and what is left of it then.

A station's own entries are kept for ever. Others' entries are kept whole for some days, so that a hub that
was put back from a backup can be told what it forgot; then only that stays of them which readers ask for
after the fact: who, when, where, which tickets and places. What was signed is gone with it, and can be had
from the hub. Nothing that was said about the organization (`org`) is ever shortened: who may speak, who may
do what.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.entry import ORG, canonical
from domain.states import OrderState

ENTRY_DAYS = 14
EVENT_DAYS = 30
MOST_DAYS = 3_650
DAY_MS = 24 * 3600 * 1000

_OUTSIDE = frozenset({"actor", "clock", "entry_id", "feeds", "kind", "origin", "shift", "v"})
_OF_BODY = frozenset(
    {
        "confidence",
        "event",
        "gate",
        "order",
        "print_number",
        "promo",
        "reason",
        "receipt",
        "seen",
        "serial",
        "serials",
        "unknown",
        "verdict",
    }
)
"""Fields of a body that conflicts, refunds, reports and lists of scans show long after."""
_OF_POSITION = frozenset({"serial", "slots"})
"""A ticket's places go back to their pools when it is refunded, however late."""


def shortest_ms(now_ms: int, days: int) -> int | None:
    """Entries that came before this moment may be shortened; None: none ever (0 days)."""
    return now_ms - days * DAY_MS if days else None


def is_old(received_ms: int, stamp_ms: int, before_ms: int) -> bool:
    """Whether an entry came and was written before a moment. Both, since the clock that noted its coming may
    have been wrong."""
    return max(received_ms, stamp_ms) < before_ms


def is_kept_whole(feeds: Sequence[str]) -> bool:
    """Whether what was signed is needed for ever."""
    return ORG in feeds


def beyond(
    ended_ms: Mapping[int, int | None], admits_at: Iterable[tuple[int, int]], before_ms: int
) -> frozenset[int]:
    """Events that are over for good: they ended before a moment, and so did every event that a ticket of
    theirs opens the door to, or whose tickets open theirs. `ended_ms`: by event, None where it goes on;
    `admits_at`: pairs of a product's event and one it admits at."""
    past = {event for event, ended in ended_ms.items() if ended is not None and ended < before_ms}
    pairs = [pair for pair in admits_at if pair[0] != pair[1]]
    while open_ends := {
        mine
        for one, other in pairs
        for mine, theirs in ((one, other), (other, one))
        if mine in past and theirs not in past
    }:
        past -= open_ends
    return frozenset(past)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of an order whose events may be over. `events`: of its tickets and of their admissions;
    `until_ms`: the last moment that one of its tickets is good for, None where one of them has no such end;
    `all_short`: everything about it came in entries that are kept in short, so from others, long ago,
    undisputed; `named`: somebody's name or data hangs on it; `open_money`: a payment without a known end, a
    shift that is not closed, a right that is held."""

    state: OrderState
    events: frozenset[int]
    until_ms: int | None
    all_short: bool
    named: bool
    open_money: bool


def is_settled(order: Kept, over: Collection[int], before_ms: int) -> bool:
    """Whether nobody will ask for an order here any more: all its events are over for good, its tickets no
    longer valid, and nothing is open."""
    return (
        bool(order.events)
        and order.events <= frozenset(over)
        and order.until_ms is not None
        and order.until_ms < before_ms
        and order.state is not OrderState.RESERVED
        and order.all_short
        and not order.named
        and not order.open_money
    )


def shortened(content: str) -> str:
    """What stays of an entry's content, as canonical JSON with the same names."""
    read = json.loads(content)
    kept = {name: read[name] for name in _OUTSIDE & read.keys()}
    return canonical({**kept, "body": _body(read["body"])})


def _body(body: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = {name: body[name] for name in _OF_BODY & body.keys()}
    positions = body.get("positions")
    if isinstance(positions, list):
        kept["positions"] = [
            {name: position[name] for name in _OF_POSITION & position.keys()} for position in positions
        ]
    return kept
