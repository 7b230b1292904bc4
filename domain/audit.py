"""What in the trail deserves a second look, per person: patterns over what was recorded.

A pattern is a reason to ask, not a verdict: every line names the acts it stands on. All of it is computed
from entries, so it is the same at every station that has them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

HOUR_MS = 3_600_000
REFUNDS_PER_HOUR = 4
"""More than this many refunds within an hour are worth a look."""
MOVED_MS = 10 * 60_000
"""A clock this far off was moved, not late."""


class Pattern(StrEnum):
    """What is looked for."""

    VOIDS_AFTER_CASH = "voids_after_cash"
    REFUNDS_PER_HOUR = "refunds_per_hour"
    NO_SALE_OPENINGS = "no_sale_openings"
    REPRINT_THEN_ADMITTED = "reprint_then_admitted"
    PRACTICE = "practice"
    CLOCK_MOVED = "clock_moved"
    SIGN_IN_FAILURES = "sign_in_failures"
    CLOSE_DIFFERENCES = "close_differences"
    UNDONE_ADMISSIONS = "undone_admissions"


TELLING = frozenset(
    {
        *("order_voided", "refund_paid", "drawer_opened", "ticket_reprinted", "admission_undone"),
        *("shift_closed", "user_locked_out", "clock_stepped", "practice_opened"),
    }
)
"""Entries that begin a pattern. What belongs to them (the sale of a void, the admission after a reprint) is
looked up by their order or ticket; practice and a moved clock any entry can show."""


@dataclass(frozen=True, slots=True)
class Act:
    """An entry as the patterns see it. `wall_ms` is its station's clock, `stamp_ms` its place in time."""

    entry_id: str
    kind: str
    user: str | None
    station: str
    wall_ms: int
    stamp_ms: int
    offset_ms: int | None
    practice: bool
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A pattern seen with one person; `amount_minor` is the money of these acts, 0 where there is none."""

    pattern: Pattern
    user: str
    acts: tuple[Act, ...]
    amount_minor: int = 0


def suspicions(acts: Iterable[Act]) -> list[Suspicion]:
    """All patterns of all people, by person and pattern."""
    ordered = sorted(acts, key=lambda act: (act.stamp_ms, act.entry_id))
    found: dict[tuple[str, Pattern], list[Act]] = defaultdict(list)
    sold = _sales(ordered)
    reprinted: dict[str, Act] = {}
    refunds: dict[str, list[Act]] = defaultdict(list)
    for act in ordered:
        whose = responsible(act)
        if act.kind == "ticket_reprinted":
            reprinted[act.body["serial"]] = act
        elif act.kind == "admitted" and (print_ := reprinted.get(act.body["serial"])) is not None:
            found[print_.user or "", Pattern.REPRINT_THEN_ADMITTED].extend((print_, act))
        elif act.kind == "refund_paid":
            refunds[whose].append(act)
        elif act.kind == "user_locked_out":
            found[act.body["user"], Pattern.SIGN_IN_FAILURES].append(act)
        for pattern in _plain(act, sold):
            found[whose, pattern].append(act)
    for user, given in refunds.items():
        found[user, Pattern.REFUNDS_PER_HOUR] = _crowded(given)
    return [
        Suspicion(pattern, user, tuple(seen), sum(map(amount_of, seen)))
        for (user, pattern), seen in sorted(found.items())
        if seen and user
    ]


def responsible(act: Act) -> str:
    """Whose act it is; practice that nobody was signed in for is that of whose shift was open."""
    if act.kind == "practice_opened":
        return str(act.body.get("cashier") or "")
    return act.user or ""


def subjects_of(acts: Collection[Act]) -> list[str]:
    """Orders and tickets whose other entries the patterns need."""
    found = {act.body["order"] for act in acts if act.kind == "order_voided"}
    found |= {act.body["serial"] for act in acts if act.kind == "ticket_reprinted"}
    return sorted(found)


def amount_of(act: Act) -> int:
    """The money that an act moved, in minor units; what left the drawer and differences as they are."""
    body = act.body
    match act.kind:
        case "order_sold":
            return int(body["totals"]["due_minor"])
        case "order_voided" | "refund_paid" | "exchanged":
            return -int(body["amount_minor"])
        case "shift_closed":
            return int(body["difference_minor"])
        case _:
            return int(body.get("amount_minor") or 0)


def _plain(act: Act, cash: frozenset[str]) -> Sequence[Pattern]:
    """Patterns that one act shows by itself."""
    found = []
    if act.kind == "order_voided" and act.body["order"] in cash:
        found.append(Pattern.VOIDS_AFTER_CASH)
    if act.kind == "drawer_opened" and not act.body.get("order"):
        found.append(Pattern.NO_SALE_OPENINGS)
    if act.kind == "admission_undone":
        found.append(Pattern.UNDONE_ADMISSIONS)
    if act.kind == "shift_closed" and act.body["difference_minor"]:
        found.append(Pattern.CLOSE_DIFFERENCES)
    if act.practice or act.kind == "practice_opened":
        found.append(Pattern.PRACTICE)
    if act.kind == "clock_stepped" or shows_moved_clock(act.wall_ms, act.stamp_ms, act.offset_ms):
        found.append(Pattern.CLOCK_MOVED)
    return found


def shows_moved_clock(wall_ms: int, stamp_ms: int, offset_ms: int | None) -> bool:
    """Whether a station's clock was far from the hub's, or behind what the station had written before."""
    if offset_ms is not None and abs(offset_ms) > MOVED_MS:
        return True
    return stamp_ms - wall_ms > MOVED_MS


def _sales(acts: Sequence[Act]) -> frozenset[str]:
    """Orders that cash was taken for."""
    return frozenset(act.body["order"] for act in acts if _took_cash(act))


def _took_cash(act: Act) -> bool:
    if act.kind == "order_sold":
        return any(paid["tender"] == "cash" for paid in act.body["payments"])
    return act.kind == "payment_taken" and act.body["tender"] == "cash"


def _crowded(refunds: Sequence[Act]) -> list[Act]:
    """Those refunds that lie in an hour with more than is usual."""
    found: dict[str, Act] = {}
    start = 0
    for end, act in enumerate(refunds):
        while act.stamp_ms - refunds[start].stamp_ms >= HOUR_MS:
            start += 1
        if end - start + 1 > REFUNDS_PER_HOUR:
            found.update({one.entry_id: one for one in refunds[start : end + 1]})
    return list(found.values())
