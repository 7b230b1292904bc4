"""Work off the GUI thread: named lanes whose jobs never overlap, and answers on the GUI thread.

Each lane is one worker thread with a queue. A worker never calls into a widget: it emits a signal of
`TaskRunner`, whose own bound method runs on the GUI thread (queued) and calls `done` or `failed` there.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from domain.errors import Fault, GatehouseError
from ui.running import Cancel, JobTicket, Report, Ticket

T = TypeVar("T")


class BugReporter(Protocol):
    """Takes what nobody expected: writes the log, then tells the person. Called on the GUI thread."""

    def report(self, error: BaseException) -> None:
        """Report once; it is the reporter that throttles."""
        ...


@dataclass(slots=True)
class Job:
    """A job on its way: what to run, whom to tell, and what came of it."""

    ticket: JobTicket
    run: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    progress: Callable[[int, int], None] | None
    result: object = None
    problem: Exception | None = None

    def work(self) -> None:
        """Run, unless nobody wants it any more; keeps the result or the problem."""
        if not self.ticket.cancelled:
            try:
                self.result = self.run()
            except Exception as error:  # noqa: BLE001  (a lane outlives every job; the error is delivered)
                self.problem = error


class Lane(threading.Thread):
    """One worker: takes jobs in order until it finds None. `answer` is told the number of each.

    It lets go of a job before it answers. What a job holds (its callbacks, the frames of an exception) may be
    the last reference to a widget or a timer, and those must not be destroyed on a worker thread.
    """

    def __init__(self, name: str, answer: Callable[[int], None]) -> None:
        super().__init__(name=f"lane-{name}", daemon=True)
        self.jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._answer = answer
        self.closing = False

    def run(self) -> None:
        while (job := self.jobs.get()) is not None:
            number = job.ticket.number
            job.work()
            del job
            if not self.closing:
                self._answer(number)


class TaskRunner(QObject):
    """Implements `ui.running.Runner` with threads. Make it on the GUI thread; `close` it before the end."""

    _answered = Signal(int)
    _progressed = Signal(int, int, int)

    def __init__(self, bugs: BugReporter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bugs = bugs
        self._lanes: dict[str, Lane] = {}
        self._jobs: dict[int, Job] = {}
        self._count = 0
        self._closed = False
        queued = Qt.ConnectionType.QueuedConnection
        self._answered.connect(self._deliver, queued)
        self._progressed.connect(self._advance, queued)

    def submit(
        self,
        lane: str,
        job: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> Ticket:
        """See `ui.running.Runner`. Raises RuntimeError after `close`."""
        return self._put(lane, JobTicket(self._next()), job, done, failed, None)

    def submit_long(
        self,
        lane: str,
        job: Callable[[Report, Ticket], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Callable[[int, int], None],
    ) -> Ticket:
        """See `ui.running.Runner`. Raises RuntimeError after `close`."""
        ticket = JobTicket(self._next())

        def report(finished: int, total: int) -> None:
            self._progressed.emit(ticket.number, finished, total)

        return self._put(lane, ticket, lambda: job(report, ticket), done, failed, progress)

    def busy(self) -> int:
        """How many jobs have not been answered."""
        return len(self._jobs)

    def close(self, timeout_s: float = 5.0) -> list[str]:
        """Cancel what waits, let running jobs end, stop the lanes; names of lanes that did not end in time.

        No answer is delivered after this.
        """
        self._closed = True
        for job in self._jobs.values():
            job.ticket.cancel()
        for lane in self._lanes.values():
            lane.closing = True
            lane.jobs.put(None)
        stuck = []
        for name, lane in self._lanes.items():
            lane.join(timeout_s)
            if lane.is_alive():
                stuck.append(name)
        self._jobs.clear()
        return stuck

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _put(
        self,
        lane: str,
        ticket: JobTicket,
        run: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        progress: Callable[[int, int], None] | None,
    ) -> Ticket:
        if self._closed:
            raise RuntimeError("the task runner is closed")
        if lane not in self._lanes:
            self._lanes[lane] = Lane(lane, self._answered.emit)
            self._lanes[lane].start()
        job = Job(ticket, run, done, failed, progress)
        self._jobs[ticket.number] = job
        self._lanes[lane].jobs.put(job)
        return ticket

    @Slot(int)
    def _deliver(self, number: int) -> None:
        job = self._jobs.pop(number, None)
        if job is None:
            return
        error, job.problem = job.problem, None  # its frames know the job: a cycle otherwise
        if error is not None and not isinstance(error, GatehouseError):
            self._bugs.report(error)
            error = Fault("PROGRAM_ERROR")
        if job.ticket.cancelled:
            return
        if error is not None:
            job.failed(error)
        else:
            job.done(job.result)

    @Slot(int, int, int)
    def _advance(self, number: int, finished: int, total: int) -> None:
        job = self._jobs.get(number)
        if job is not None and job.progress is not None and not job.ticket.cancelled:
            job.progress(finished, total)


class QtTimers(QObject):
    """Implements `ui.running.Timers` on the GUI thread."""

    def after(self, ms: int, call: Callable[[], None]) -> Cancel:
        """See `ui.running.Timers`."""
        return self._start(ms, call, once=True)

    def every(self, ms: int, call: Callable[[], None]) -> Cancel:
        """See `ui.running.Timers`."""
        return self._start(ms, call, once=False)

    def _start(self, ms: int, call: Callable[[], None], *, once: bool) -> Cancel:
        timer: list[QTimer] = [QTimer(self)]
        timer[0].setSingleShot(once)

        def stop() -> None:
            while timer:
                gone = timer.pop()
                gone.stop()
                gone.deleteLater()

        def fire() -> None:
            if once:
                stop()
            call()

        timer[0].timeout.connect(fire)
        timer[0].start(ms)
        return stop
