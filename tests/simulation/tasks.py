"""Simulated time: tasks that take turns, one at a time, and wait on a clock that jumps.

A task is a thread with a baton: only the one that holds it runs, so a run depends on nothing but its seed,
and the program's own blocking code (`queue.get()`, `bell.wait()`, a question to the hub) runs as it is,
over the queues, bells, locks and conditions of this module.
"""

import heapq
import queue
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

MOST_STEPS = 3_000_000
"""A run that takes more does not come to its end."""


class Killed(BaseException):
    """The process that this task belonged to is gone."""


class Owner(Protocol):
    """Whose task it is: while its machine sleeps, the task does too."""

    asleep_until_ms: int
    postponed: list[Callable[[], None]]


class Task:
    """One thread of one simulated process."""

    def __init__(
        self, world: "Scheduler", name: str, body: Callable[[], object], owner: Owner | None
    ) -> None:
        self.world, self.name, self.body, self.owner = world, name, body, owner
        self.go = threading.Lock()
        self.go.acquire()
        self.token = 0
        self.woken: object = None
        self.done = False
        self.killed = False
        self.thread: threading.Thread | None = None

    def run(self) -> None:
        self.go.acquire()
        try:
            if not self.killed:
                self.body()
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - whatever a task dies of is the world's business
            self.world.failed(self, error)
        finally:
            self.done = True
            self.world.back.release()


Waiters = list[tuple[Task, int]]


class Scheduler:
    """The heap of what happens when. `now_ms` is true time: no clock in the simulation shows it by itself."""

    def __init__(self, start_ms: int) -> None:
        self.now_ms = start_ms
        self.back = threading.Lock()
        self.back.acquire()
        self.current: Task | None = None
        self.tasks: list[Task] = []
        self.errors: list[tuple[Task, BaseException]] = []
        self.on_error: Callable[[Task, BaseException], bool] = lambda _task, _error: False
        self.steps = 0
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    # What a task may do.

    def sleep(self, ms: int) -> None:
        """Let time pass for the current task."""
        self.wait([], max(0, ms))

    def wait(self, waiters: Waiters, timeout_ms: int | None = None) -> bool:
        """Wait to be notified; False when the time was over first."""
        task = self.current
        if task is None:
            raise RuntimeError("only a task can wait")
        if task.killed:
            raise Killed
        task.token += 1
        token = task.token
        waiters.append((task, token))
        if timeout_ms is not None:
            self.at(self.now_ms + timeout_ms, lambda: self._wake(task, token, woken=False))
        self.back.release()
        task.go.acquire()
        if task.killed:
            raise Killed
        return bool(task.woken)

    def notify(self, waiters: Waiters) -> None:
        """Wake everybody who waits there, one after the other, at this moment."""
        for task, token in waiters:
            self.at(self.now_ms, lambda task=task, token=token: self._wake(task, token, woken=True))  # type: ignore[misc]
        waiters.clear()

    # What anybody may do.

    def at(self, ms: int, act: Callable[[], None]) -> None:
        """Do something at a time."""
        self._count += 1
        heapq.heappush(self._heap, (ms, self._count, act))

    def after(self, ms: int, act: Callable[[], None]) -> None:
        """Do something in a while."""
        self.at(self.now_ms + ms, act)

    def spawn(self, name: str, body: Callable[[], object], owner: Owner | None = None) -> Task:
        """Begin a task at this moment."""
        task = Task(self, name, body, owner)
        self.tasks.append(task)
        task.token += 1
        token = task.token
        self.at(self.now_ms, lambda: self._wake(task, token, woken=True))
        return task

    def kill(self, tasks: Collection[Task]) -> None:
        """End tasks where they wait; what they had begun is undone as at the end of a process."""
        if self.current is not None:
            raise RuntimeError("a task cannot end others: let the scheduler do it")
        for task in tasks:
            if task.done:
                continue
            task.killed = True
            if task.thread is None:
                task.done = True
            else:
                self._switch(task)

    def failed(self, task: Task, error: BaseException) -> None:
        if not self.on_error(task, error):
            self.errors.append((task, error))

    def run(self, until_ms: int, stop: Callable[[], bool] = lambda: False) -> None:
        """Let everything happen that is due by then; time stands at `until_ms` afterwards unless stopped."""
        while self._heap and self._heap[0][0] <= until_ms and not self.errors:
            at, _, act = heapq.heappop(self._heap)
            self.now_ms = max(self.now_ms, at)
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise RuntimeError(f"no end after {MOST_STEPS} steps")
            act()
            if stop():
                return
        if not self.errors:
            self.now_ms = max(self.now_ms, until_ms)
        self.tasks = [task for task in self.tasks if not task.done]

    def end(self) -> None:
        """End all tasks; nothing happens any more."""
        self._heap.clear()
        self.kill(list(self.tasks))

    def _wake(self, task: Task, token: int, *, woken: bool) -> None:
        if task.token != token or task.done:
            return
        owner = task.owner
        if owner is not None and owner.asleep_until_ms > self.now_ms:
            owner.postponed.append(lambda: self._wake(task, token, woken=woken))
            return
        task.token += 1
        task.woken = woken
        self._switch(task)

    def _switch(self, task: Task) -> None:
        """Hand the baton over, and take it back when the task waits or ends."""
        if task.thread is None:
            task.thread = threading.Thread(target=task.run, name=task.name, daemon=True)
            task.thread.start()
        before, self.current = self.current, task
        task.go.release()
        self.back.acquire()
        self.current = before
        if task.done and task.thread is not None:
            task.thread.join()


class SimQueue:
    """queue.SimpleQueue over simulated time."""

    def __init__(self, world: Scheduler) -> None:
        self._world = world
        self._items: deque[Any] = deque()
        self._waiters: Waiters = []

    def put(self, item: Any) -> None:
        self._items.append(item)
        self._world.notify(self._waiters)

    def get(self) -> Any:
        while not self._items:
            self._world.wait(self._waiters)
        return self._items.popleft()

    def get_nowait(self) -> Any:
        if not self._items:
            raise queue.Empty
        return self._items.popleft()


class Hints(Protocol):
    """A connection that may have something to read."""

    hint_waiters: Waiters

    def has_hints(self) -> bool: ...


class SimBell:
    """sync.bell.Bell over simulated time."""

    def __init__(self, world: Scheduler) -> None:
        self._world = world
        self._rung: set[Any] = set()
        self._waiters: Waiters = []

    def ring(self, kind: Any) -> None:
        self._rung.add(kind)
        self._world.notify(self._waiters)

    def wait(self, seconds: float, until: Collection[Any], also: Any) -> None:
        end = self._world.now_ms + int(seconds * 1000)
        connection: Hints | None = None if also is None else also.connection
        while not self._taken(until):
            left = end - self._world.now_ms
            if left <= 0 or (connection is not None and connection.has_hints()):
                return
            self._wait(connection, left)

    def _wait(self, connection: Hints | None, left: int) -> None:
        task = self._world.current
        if connection is not None and task is not None:
            connection.hint_waiters.append((task, task.token + 1))
        self._world.wait(self._waiters, left)

    def _taken(self, until: Collection[Any]) -> bool:
        if None in self._rung:
            return True
        heard = self._rung & set(until)
        self._rung -= heard
        return bool(heard)

    def close(self) -> None:
        pass


class SimLock:
    """threading.Lock and threading.Condition over simulated time; times in seconds, as theirs are."""

    def __init__(self, world: Scheduler) -> None:
        self._world = world
        self._held = False
        self._for_lock: Waiters = []
        self._for_notice: Waiters = []

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        until = None if timeout < 0 else self._world.now_ms + int(timeout * 1000)
        while self._held:
            if not blocking:
                return False
            left = None if until is None else until - self._world.now_ms
            if left is not None and left <= 0:
                return False
            self._world.wait(self._for_lock, left)
        self._held = True
        return True

    def release(self) -> None:
        self._held = False
        self._world.notify(self._for_lock)

    def __enter__(self) -> "SimLock":
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def wait(self, timeout: float | None = None) -> bool:
        with self._let_go():
            return self._world.wait(
                self._for_notice, None if timeout is None else max(1, int(timeout * 1000))
            )

    def notify_all(self) -> None:
        self._world.notify(self._for_notice)

    @contextmanager
    def _let_go(self) -> Iterator[None]:
        self.release()
        try:
            yield
        finally:
            self.acquire()
