"""Colours that tell the events on one board apart."""

from collections.abc import Iterable, Mapping

from app.services.views import PerformanceRow
from ui.style.tokens import EVENT_COLORS


def board_colors(rows: Iterable[PerformanceRow]) -> Mapping[int, str]:
    """A colour per event number: its own, or the next free one where another event has it already.

    Events are gone through by number, so the answer does not depend on the order of the rows.
    """
    made: dict[int, str] = {}
    free = list(range(len(EVENT_COLORS)))
    for number in sorted({row.event.number for row in rows}):
        wanted = number % len(EVENT_COLORS)
        free = free or list(range(len(EVENT_COLORS)))
        _, place = min(((place - wanted) % len(EVENT_COLORS), place) for place in free)
        free.remove(place)
        made[number] = EVENT_COLORS[place]
    return made
