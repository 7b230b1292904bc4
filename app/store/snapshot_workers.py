"""Workers that read ranges of a snapshot side by side, each a process of its own with a stage of its own.

Reading, checking signatures and making rows is all arithmetic, so it takes as many cores as there are. A
worker lives by its pipe: when the other end is gone, it ends.
"""

import gc
import multiprocessing
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from pathlib import Path
from typing import TypeVar

from app.store.faults import as_fault
from app.store.snapshot_digest import Digest, Piece, Task
from app.store.snapshot_stage import Stage
from domain.errors import Fault, GatehouseError

AHEAD = 2
"""Ranges that wait for a worker, so that it never waits for the next."""


_Range = TypeVar("_Range")


def spread(many: Sequence[_Range], few: Sequence[_Range]) -> Iterator[_Range]:
    """Both in their orders, the second evenly among the first, so that workers always have of the first."""
    done = 0
    for at, each in enumerate(many, start=1):
        yield each
        while done * len(many) < at * len(few):
            yield few[done]
            done += 1
    yield from few[done:]


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What a worker begins with."""

    path: Path
    key: bytes
    digest: Digest


class Alone:
    """The same without another process: for what is small, and for one core."""

    def __init__(self, setup: WorkerSetup) -> None:
        self._digest = setup.digest
        self._stage = Stage(setup.path, setup.key)

    def put(self, task: Task) -> Iterator[Piece]:
        """Do a range; answers what is done."""
        yield self._stage.put(task, self._digest)

    def finish(self) -> Iterator[Piece]:
        """Nothing is under way here."""
        yield from ()

    def close(self) -> None:
        """Close the stage."""
        self._stage.close()


class Workers:
    """Several processes. Errors of a worker come out of `put` or `finish`."""

    def __init__(self, setups: list[WorkerSetup]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Pipe] = []
        self._busy: dict[Pipe, int] = {}
        self._processes = []
        for setup in setups:
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs,), name="snapshot", daemon=True)
            process.start()
            theirs.close()
            ours.send(setup)
            self._processes.append(process)
            self._pipes.append(ours)
            self._busy[ours] = 0

    def put(self, task: Task) -> Iterator[Piece]:
        """Hand out a range; answers whatever was done meanwhile. Waits while all have enough."""
        while min(self._busy.values()) >= AHEAD:
            yield from self._done(None)
        pipe = min(self._pipes, key=lambda each: self._busy[each])
        self._send(pipe, task)
        self._busy[pipe] += 1
        yield from self._done(0)

    def finish(self) -> Iterator[Piece]:
        """Wait for everything that is under way."""
        while any(self._busy.values()):
            yield from self._done(None)

    def close(self) -> None:
        """End the processes; what they have not finished is not in their stages."""
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join(10)
            if process.is_alive():
                process.terminate()
                process.join()
            process.close()

    @staticmethod
    def _send(pipe: Pipe, task: Task) -> None:
        try:
            pipe.send(task)
        except OSError:
            raise Fault("SNAPSHOT_WORKER") from None

    def _done(self, seconds: float | None) -> Iterator[Piece]:
        for pipe in wait([each for each in self._pipes if self._busy[each]], seconds):
            if not isinstance(pipe, Pipe):
                continue
            try:
                answer = pipe.recv()
            except (EOFError, OSError):
                raise Fault("SNAPSHOT_WORKER") from None
            self._busy[pipe] -= 1
            if not isinstance(answer, Piece):
                raise Fault(answer[0], **answer[1])
            yield answer


def _work(pipe: Pipe) -> None:
    """The life of a worker: ranges come in, pieces go out; its last word may be (code, params)."""
    gc.disable()  # what is read here is trees, gone when a range is; looking for rings would find none
    tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
    try:
        setup: WorkerSetup = pipe.recv()
        reader = threading.Thread(target=_read, args=(pipe, tasks), name="snapshot-reader", daemon=True)
        reader.start()
        stage = Stage(setup.path, setup.key)
        try:
            while (task := tasks.get()) is not None:
                pipe.send(stage.put(task, setup.digest))
        finally:
            stage.close()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except GatehouseError as error:
        pipe.send((error.code, dict(error.params)))
    except Exception as error:  # noqa: BLE001 - told to the other side, which raises it
        fault = as_fault(error) or Fault("SNAPSHOT_WORKER")
        pipe.send((fault.code, dict(fault.params)))


def _read(pipe: Pipe, tasks: "queue.SimpleQueue[Task | None]") -> None:
    """Take what is sent while the range before is worked on: a range is more than a pipe holds, so that who
    sends it would wait for the worker, and the other workers for who sends."""
    try:
        while True:
            tasks.put(pipe.recv())
    except (EOFError, OSError):
        tasks.put(None)
