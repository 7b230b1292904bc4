"""The conflict desk: what could not be prevented, found, and put before a person."""

from collections.abc import Callable, Sequence

from app.services.access import require
from app.services.ports import Nudge, Reads, Store
from app.services.views import ConflictRow, ConflictView
from domain.actor import Actor, Permission
from domain.entry import ORG, Draft, event_feed
from domain.errors import Refusal

LONGEST_REASON = 200
REASONS = ("talked_to_guest", "copied_ticket", "our_mistake", "accepted")
"""Reasons that are offered; they are kept as these words and shown in the reader's language."""


class ListConflicts:
    """The list, for whoever leads the shift."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, actor: Actor, *, open_only: bool = True) -> Sequence[ConflictRow]:
        """The most urgent first. Refuses NOT_SIGNED_IN, NOT_ALLOWED."""
        require(actor, Permission.CONFLICTS)
        with self._store.read() as read:
            return read.conflicts(open_only=open_only)


class ShowConflict:
    """One conflict with both of its sides."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, conflict: str, actor: Actor) -> ConflictView:
        """By its id or the beginning of it. Refuses CONFLICT_UNKNOWN, also once its facts are explained."""
        require(actor, Permission.CONFLICTS)
        with self._store.read() as read:
            return _found(read, conflict)


class ResolveConflict:
    """Says what was done about a conflict; the facts it stands on stay what they are."""

    def __init__(self, store: Store, nudge: Nudge, announce: Callable[[], None]) -> None:
        """`announce` tells windows that the number of open conflicts may have changed."""
        self._store = store
        self._nudge = nudge
        self._announce = announce

    def __call__(
        self, conflict: str, reason: str, actor: Actor, *, seen: Sequence[str] | None = None
    ) -> ConflictView:
        """Resolve as far as it was seen; `seen` are the entries that were on screen, default: all there are.

        What is known beyond `seen` keeps the conflict open. Refuses CONFLICT_UNKNOWN, CONFLICT_SETTLED,
        REASON_MISSING, REASON_TOO_LONG.
        """
        require(actor, Permission.CONFLICTS)
        said = reason.strip()
        if not said:
            raise Refusal("REASON_MISSING")
        if len(said) > LONGEST_REASON:
            raise Refusal("REASON_TOO_LONG", most=LONGEST_REASON)
        with self._store.begin() as work:
            row = _found(work.read, conflict).row
            if not row.open:
                raise Refusal("CONFLICT_SETTLED", conflict=row.conflict)
            event = row.event.number if row.event is not None else None
            body = {
                "conflict": row.conflict,
                "code": row.code,
                "subject": row.subject,
                "window": row.window,
                "seen": sorted(set(row.entries) if seen is None else set(seen) & set(row.entries)),
                "reason": said,
                "event": event,
            }
            work.append(Draft("conflict_resolved", (event_feed(event) if event else ORG,), body), actor)
            answer = _found(work.read, row.conflict)
            work.commit()
        self._nudge()
        self._announce()
        return answer


def _found(read: Reads, conflict: str) -> ConflictView:
    view = read.conflict(conflict)
    if view is None and len(conflict) >= 4:
        same = [row for row in read.conflicts(open_only=False) if row.conflict.startswith(conflict)]
        view = read.conflict(same[0].conflict) if len(same) == 1 else None
    if view is None:
        raise Refusal("CONFLICT_UNKNOWN", conflict=conflict[:16])
    return view
