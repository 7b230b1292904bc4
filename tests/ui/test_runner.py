"""Background work: lanes, order, threads, cancelling, bugs, and the runners that tests use in its place."""

import threading
import weakref
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from domain.errors import Fault, Refusal
from ui.bugs import PAUSE_MS, BugReports
from ui.runner import Job, Lane, QtTimers, TaskRunner
from ui.running import (
    InlineRunner,
    JobTicket,
    Latest,
    ManualRunner,
    ManualTimers,
    Report,
    Runner,
    Ticket,
    as_known,
)


class Heard:
    """Keeps what came back, and on which thread."""

    def __init__(self) -> None:
        self.answers: list[object] = []
        self.errors: list[Exception] = []
        self.progress: list[tuple[int, int]] = []
        self.threads: set[threading.Thread] = set()

    def done(self, answer: object) -> None:
        self.threads.add(threading.current_thread())
        self.answers.append(answer)

    def failed(self, error: Exception) -> None:
        self.threads.add(threading.current_thread())
        self.errors.append(error)

    def went(self, finished: int, total: int) -> None:
        self.progress.append((finished, total))


class Bugs:
    """Keeps what was reported."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []

    def report(self, error: BaseException) -> None:
        self.errors.append(error)


@pytest.fixture
def bugs() -> Bugs:
    return Bugs()


@pytest.fixture
def runner(qapp: QApplication, bugs: Bugs) -> Iterator[TaskRunner]:
    made = TaskRunner(bugs)
    yield made
    assert made.close() == []


def test_answers_come_back_on_the_gui_thread(runner: TaskRunner, qtbot: QtBot) -> None:
    heard = Heard()
    ran_on: list[threading.Thread] = []

    def job() -> int:
        ran_on.append(threading.current_thread())
        return 42

    runner.submit("store", job, heard.done, heard.failed)
    qtbot.waitUntil(lambda: heard.answers == [42])
    assert ran_on[0] is not threading.main_thread()
    assert heard.threads == {threading.main_thread()}


def test_jobs_of_one_lane_never_overlap_and_keep_their_order(runner: TaskRunner, qtbot: QtBot) -> None:
    heard = Heard()
    running, most = [0], [0]

    def job(number: int) -> Callable[[], int]:
        def run() -> int:
            running[0] += 1
            most[0] = max(most[0], running[0])
            running[0] -= 1
            return number

        return run

    for number in range(50):
        runner.submit("store", job(number), heard.done, heard.failed)
    qtbot.waitUntil(lambda: len(heard.answers) == 50)
    assert heard.answers == list(range(50))
    assert most == [1]


def test_a_slow_lane_does_not_hold_up_another(runner: TaskRunner, qtbot: QtBot) -> None:
    heard, gate = Heard(), threading.Event()
    runner.submit("network", gate.wait, heard.done, heard.failed)
    runner.submit("store", lambda: "store", heard.done, heard.failed)
    qtbot.waitUntil(lambda: heard.answers == ["store"])
    gate.set()
    qtbot.waitUntil(lambda: heard.answers == ["store", True])


def test_a_refusal_comes_back_as_it_is(runner: TaskRunner, bugs: Bugs, qtbot: QtBot) -> None:
    heard = Heard()

    def job() -> None:
        raise Refusal("SOLD_OUT", left_here=0)

    runner.submit("store", job, heard.done, heard.failed)
    qtbot.waitUntil(lambda: bool(heard.errors))
    error = heard.errors[0]
    assert isinstance(error, Refusal)
    assert error.code == "SOLD_OUT"
    assert bugs.errors == []


def test_a_bug_is_reported_and_the_screen_hears_of_a_fault(
    runner: TaskRunner, bugs: Bugs, qtbot: QtBot
) -> None:
    heard = Heard()
    runner.submit("store", lambda: 1 // 0, heard.done, heard.failed)
    qtbot.waitUntil(lambda: bool(heard.errors))
    assert isinstance(bugs.errors[0], ZeroDivisionError)
    assert isinstance(heard.errors[0], Fault)
    assert heard.errors[0].code == "PROGRAM_ERROR"


def test_the_lane_goes_on_after_a_bug(runner: TaskRunner, qtbot: QtBot) -> None:
    heard = Heard()
    runner.submit("store", lambda: 1 // 0, heard.done, heard.failed)
    runner.submit("store", lambda: "next", heard.done, heard.failed)
    qtbot.waitUntil(lambda: heard.answers == ["next"])


def test_a_cancelled_job_is_not_begun_and_not_answered(runner: TaskRunner, qtbot: QtBot) -> None:
    heard, gate, begun = Heard(), threading.Event(), []
    runner.submit("store", gate.wait, heard.done, heard.failed)
    ticket = runner.submit("store", lambda: begun.append(1), heard.done, heard.failed)
    ticket.cancel()
    gate.set()
    qtbot.waitUntil(lambda: runner.busy() == 0)
    assert begun == []
    assert heard.answers == [True]


def test_the_answer_of_a_running_job_is_dropped_when_it_was_cancelled(
    runner: TaskRunner, qtbot: QtBot
) -> None:
    heard, gate, started = Heard(), threading.Event(), threading.Event()

    def job() -> str:
        started.set()
        gate.wait()
        return "late"

    ticket = runner.submit("store", job, heard.done, heard.failed)
    assert started.wait(5)
    ticket.cancel()
    gate.set()
    qtbot.waitUntil(lambda: runner.busy() == 0)
    assert heard.answers == []


def test_long_work_reports_progress_and_sees_that_it_is_cancelled(runner: TaskRunner, qtbot: QtBot) -> None:
    heard = Heard()

    def job(report: Report, ticket: Ticket) -> str:
        for step in range(3):
            report(step + 1, 3)
        return "cancelled" if ticket.cancelled else "done"

    runner.submit_long("store", job, heard.done, heard.failed, heard.went)
    qtbot.waitUntil(lambda: heard.answers == ["done"])
    assert heard.progress == [(1, 3), (2, 3), (3, 3)]


def test_closing_lets_the_running_job_end_and_answers_nothing(qapp: QApplication, bugs: Bugs) -> None:
    runner, heard, written = TaskRunner(bugs), Heard(), []
    started = threading.Event()

    def job() -> None:
        started.set()
        written.append("record")

    runner.submit("store", job, heard.done, heard.failed)
    assert started.wait(5)
    assert runner.close() == []
    qapp.processEvents()
    assert written == ["record"]
    assert heard.answers == []
    with pytest.raises(RuntimeError):
        runner.submit("store", job, heard.done, heard.failed)


def test_a_lane_that_does_not_end_is_named(qapp: QApplication, bugs: Bugs) -> None:
    runner, gate, heard = TaskRunner(bugs), threading.Event(), Heard()
    started = threading.Event()

    def job() -> None:
        started.set()
        gate.wait()

    runner.submit("camera", job, heard.done, heard.failed)
    assert started.wait(5)
    assert runner.close(timeout_s=0.05) == ["camera"]
    gate.set()
    assert runner.close() == []


def test_only_the_latest_question_is_answered() -> None:
    manual, heard = ManualRunner(), Heard()
    search: Latest[str] = Latest(manual)
    search.ask(lambda: "a", heard.done, heard.failed)
    search.ask(lambda: "ab", heard.done, heard.failed)
    manual.run_next(1)
    manual.run_next(0)
    assert heard.answers == ["ab"]


def test_inline_and_manual_runners_treat_refusals_alike() -> None:
    def job() -> None:
        raise Refusal("NO_SHIFT")

    manual = ManualRunner()
    for runner in (InlineRunner(), manual):
        heard = Heard()
        as_runner: Runner = runner
        as_runner.submit("store", job, heard.done, heard.failed)
        manual.run_all()
        assert [as_known(error).code for error in heard.errors] == ["NO_SHIFT"]


def test_long_work_runs_inline_and_by_hand() -> None:
    def job(report: Report, ticket: Ticket) -> int:
        report(1, 2)
        return ticket.number

    manual = ManualRunner()
    for runner in (InlineRunner(), manual):
        heard = Heard()
        runner.submit_long("store", job, heard.done, heard.failed, heard.went)
        assert manual.waiting() in ([], ["store"])
        manual.run_all()
        assert heard.progress == [(1, 2)]
        assert heard.answers == [1]


def test_manual_timers_fire_in_the_order_of_time() -> None:
    timers, calls = ManualTimers(), []
    timers.after(50, lambda: calls.append("once"))
    stop = timers.every(20, lambda: calls.append("again"))
    timers.advance(60)
    stop()
    stop()
    timers.advance(100)
    assert calls == ["again", "again", "once", "again"]


def test_qt_timers_fire_once_or_again_and_stop(qtbot: QtBot) -> None:
    timers, calls = QtTimers(), []
    timers.after(1, lambda: calls.append("once"))
    stop = timers.every(1, lambda: calls.append("again"))
    qtbot.waitUntil(lambda: calls.count("again") >= 2 and "once" in calls)
    stop()
    stop()
    assert calls.count("once") == 1


@pytest.mark.logs_expected
def test_bugs_are_shown_once_and_logged_always(qapp: QApplication) -> None:
    shown: list[str] = []
    now = [0]
    reports = BugReports(shown.append, lambda: now[0])
    for _ in range(3):
        reports.report(ValueError("odd"))
    qapp.processEvents()
    assert len(shown) == 1
    assert "ValueError: odd" in shown[0]
    now[0] = PAUSE_MS
    reports.report(ValueError("again"))
    qapp.processEvents()
    assert len(shown) == 2


@pytest.mark.logs_expected
def test_errors_of_any_thread_reach_the_bug_reports(qapp: QApplication) -> None:
    shown: list[str] = []
    reports = BugReports(shown.append, lambda: 0)
    reports.install()
    try:
        thread = threading.Thread(target=lambda: 1 // 0)
        thread.start()
        thread.join()
    finally:
        reports.uninstall()
    qapp.processEvents()
    assert "ZeroDivisionError" in shown[0]


class Held:
    """Stands for a widget that a job's callbacks hold on to."""

    def read(self) -> int:
        return 42

    def fail(self) -> int:
        raise Refusal("NOT_ALLOWED")

    def take(self, _answer: object) -> None:
        """The answer."""


@pytest.mark.parametrize("act", ["read", "fail"])
def test_a_worker_has_let_go_of_a_job_before_it_answers(act: str) -> None:
    """Else it may hold the last reference to a widget, which would then be destroyed on the wrong thread."""
    held = Held()
    known = weakref.ref(held)
    waiting = [Job(JobTicket(1), getattr(held, act), held.take, held.take, None)]
    seen: list[Held | None] = []
    answered = threading.Event()

    def answer(_number: int) -> None:
        waiting.pop().problem = None  # whoever asked has dealt with the answer already
        seen.append(known())
        answered.set()

    lane = Lane("test", answer)
    lane.jobs.put(waiting[0])
    del held
    lane.start()
    assert answered.wait(10)
    lane.jobs.put(None)
    lane.join(10)
    assert seen == [None]
