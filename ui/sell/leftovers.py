"""Sales whose paper is still missing: left by a kill, a jam, or a folder that could not be written."""

from collections.abc import Sequence

from ui.sell.facts import Unprinted, WaitingJob
from ui.sell.paper import PaperDesk

_ON_PAPER = frozenset({"saved", "opened", "printed"})


class Leftovers:
    """What the store said is waiting, less what has been made since or is being made right now."""

    def __init__(self, paper: PaperDesk) -> None:
        self._paper = paper
        self._waiting: Sequence[WaitingJob] = ()
        self._retried: set[str] = set()

    def look(self, waiting: Sequence[WaitingJob]) -> None:
        """What the store says now."""
        self._waiting = waiting

    def print_all(self) -> None:
        """Try every one again, oldest first."""
        for waiting in list(self._waiting):
            self._retried.add(waiting.job.order)
            self._paper.waiting_job(waiting.job)

    def facts(self, shown_elsewhere: str | None) -> Unprinted | None:
        """What to say about them; the order `shown_elsewhere` is left out. None when there is nothing."""
        left = [waiting for waiting in self._waiting if self._counts(waiting.job.order, shown_elsewhere)]
        if not left:
            return None
        papers = [self._paper.state(waiting.job.order) for waiting in left]
        trouble = next((paper.trouble for paper in papers if paper.trouble is not None), None)
        working = any(paper.state == "working" for paper in papers)
        return Unprinted(left[0].receipt, len(left), working, trouble)

    def _counts(self, order: str, shown_elsewhere: str | None) -> bool:
        state = self._paper.state(order).state
        if order == shown_elsewhere or state in _ON_PAPER:
            return False
        return state != "working" or order in self._retried
