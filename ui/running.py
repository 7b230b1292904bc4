"""What a presenter needs from the outside to do work later or elsewhere; nothing here knows Qt.

The window gives it `ui.runner.TaskRunner` and `ui.runner.QtTimers`; tests give it `InlineRunner`,
`ManualRunner` and `ManualTimers`.
"""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from domain.errors import Fault, GatehouseError

T = TypeVar("T")

STORE, NETWORK = "store", "network"
"""Names of the two lanes that every station has; devices have one each, named by the device."""

Report = Callable[[int, int], None]
"""Progress of a job: done, total (0 when the total is not known)."""


class Ticket(Protocol):
    """A job that was handed in."""

    @property
    def number(self) -> int:
        """Numbers of one runner only grow."""
        ...

    @property
    def cancelled(self) -> bool:
        """Whether its answer is no longer wanted; a long job asks this between its steps."""
        ...

    def cancel(self) -> None:
        """Drop the answer; a job that has not begun is not begun."""
        ...


class Runner(Protocol):
    """Runs jobs on named lanes. Jobs of one lane never overlap and keep their order."""

    def submit(
        self,
        lane: str,
        job: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> Ticket:
        """Run `job` on `lane`; `done` or `failed` is called on the caller's thread, never both.

        `failed` gets a Refusal or a Fault; anything else a job raises is reported as a bug and arrives as
        `Fault("PROGRAM_ERROR")`, so that a screen always leaves its busy state.
        """
        ...

    def submit_long(
        self,
        lane: str,
        job: Callable[[Report, Ticket], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Callable[[int, int], None],
    ) -> Ticket:
        """The same for work that reports progress and looks at `ticket.cancelled` between steps."""
        ...


class Timers(Protocol):
    """Calls later on the caller's own thread."""

    def after(self, ms: int, call: Callable[[], None]) -> "Cancel":
        """Call once."""
        ...

    def every(self, ms: int, call: Callable[[], None]) -> "Cancel":
        """Call again and again."""
        ...


Cancel = Callable[[], None]
"""Stops a timer; calling it twice does no harm."""


class Latest(Generic[T]):
    """Of several questions only the last is answered: an answer that comes late is dropped by its number."""

    def __init__(self, runner: Runner, lane: str = STORE) -> None:
        self._runner, self._lane = runner, lane
        self._ticket: Ticket | None = None

    def ask(
        self, job: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Ask anew; earlier questions are dropped."""
        self.drop()
        self._ticket = self._runner.submit(self._lane, job, done, failed)

    def drop(self) -> None:
        """Want no answer any more."""
        if self._ticket is not None:
            self._ticket.cancel()


class JobTicket:
    """The plain implementation of `Ticket` that all runners use."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._cancelled = False

    @property
    def number(self) -> int:
        """Its place in the order of submission."""
        return self._number

    @property
    def cancelled(self) -> bool:
        """See `Ticket`."""
        return self._cancelled

    def cancel(self) -> None:
        """See `Ticket`."""
        self._cancelled = True


class InlineRunner:
    """Runs every job at once on the calling thread; bugs are raised, not wrapped. For tests of presenters."""

    def __init__(self) -> None:
        self.lanes: list[str] = []

    def submit(
        self,
        lane: str,
        job: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> Ticket:
        """See `Runner`."""
        self.lanes.append(lane)
        ticket = JobTicket(len(self.lanes))
        try:
            answer = job()
        except GatehouseError as error:
            failed(error)
        else:
            done(answer)
        return ticket

    def submit_long(
        self,
        lane: str,
        job: Callable[[Report, Ticket], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Callable[[int, int], None],
    ) -> Ticket:
        """See `Runner`."""
        ticket = JobTicket(len(self.lanes) + 1)
        return self.submit(lane, lambda: job(progress, ticket), done, failed)


class ManualRunner:
    """Keeps jobs until `run_next` or `run_all`, so that a test decides the order in which answers come."""

    def __init__(self) -> None:
        self._waiting: list[tuple[JobTicket, str, Callable[[], None]]] = []
        self._count = 0

    def submit(
        self,
        lane: str,
        job: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> Ticket:
        """See `Runner`."""
        self._count += 1
        ticket = JobTicket(self._count)

        def run() -> None:
            try:
                answer = job()
            except GatehouseError as error:
                if not ticket.cancelled:
                    failed(error)
            else:
                if not ticket.cancelled:
                    done(answer)

        self._waiting.append((ticket, lane, run))
        return ticket

    def submit_long(
        self,
        lane: str,
        job: Callable[[Report, Ticket], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Callable[[int, int], None],
    ) -> Ticket:
        """See `Runner`."""
        box: list[Ticket] = []
        box.append(self.submit(lane, lambda: job(progress, box[0]), done, failed))
        return box[0]

    def waiting(self) -> list[str]:
        """Lanes of the jobs that have not run."""
        return [lane for _, lane, _ in self._waiting]

    def run_next(self, place: int = 0) -> None:
        """Run one waiting job, by default the oldest."""
        _, _, run = self._waiting.pop(place)
        run()

    def run_all(self) -> None:
        """Run jobs, and those they start, until none wait."""
        while self._waiting:
            self.run_next()


class ManualTimers:
    """Timers that a test fires by moving time on."""

    def __init__(self) -> None:
        self._now = 0
        self._set: dict[int, tuple[int, int | None, Callable[[], None]]] = {}
        self._count = 0

    def after(self, ms: int, call: Callable[[], None]) -> Cancel:
        """See `Timers`."""
        return self._add(ms, None, call)

    def every(self, ms: int, call: Callable[[], None]) -> Cancel:
        """See `Timers`."""
        return self._add(ms, ms, call)

    def advance(self, ms: int) -> None:
        """Let this much time pass; due calls run in their order."""
        until = self._now + ms
        while due := [(at, key) for key, (at, _, _) in self._set.items() if at <= until]:
            at, key = min(due)
            self._now = at
            _, again, call = self._set.pop(key)
            if again is not None:
                self._set[key] = (at + again, again, call)
            call()
        self._now = until

    def _add(self, ms: int, again: int | None, call: Callable[[], None]) -> Cancel:
        self._count += 1
        key = self._count
        self._set[key] = (self._now + ms, again, call)

        def stop() -> None:
            self._set.pop(key, None)

        return stop


def as_known(error: Exception) -> GatehouseError:
    """The error itself when it has a code, else the fault that stands for a bug."""
    return error if isinstance(error, GatehouseError) else Fault("PROGRAM_ERROR")


class Beat:
    """Calls something now and again and again while a screen is in front; one beat at a time."""

    def __init__(self, timers: Timers, ms: int, call: Callable[[], None]) -> None:
        self._timers, self._ms, self._call = timers, ms, call
        self._cancel: Cancel | None = None

    def start(self) -> None:
        """Call now, and every `ms` milliseconds until `stop`."""
        self.stop()
        self._call()
        self._cancel = self._timers.every(self._ms, self._call)

    def stop(self) -> None:
        """Not any more; may be called twice."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
