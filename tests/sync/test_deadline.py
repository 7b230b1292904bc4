"""Waits that end: one thread for all of them, called in time, not called when they were over before."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

from sync.deadline import Watch
from sync.hub_client import HubClient


def test_what_is_overdue_is_called_and_what_was_over_before_is_not() -> None:
    watch, called, done = Watch(), [], threading.Event()
    watch.remove(watch.add(0.01, lambda: called.append("removed")))
    watch.add(0.05, lambda: (called.append("due"), done.set()))
    assert done.wait(20)
    assert called == ["due"]


def test_a_wait_that_ends_sooner_is_not_kept_waiting_by_a_longer_one() -> None:
    watch, done = Watch(), threading.Event()
    watch.add(3600, lambda: None)
    watch.add(0.01, done.set)
    assert done.wait(20)


def test_one_thread_watches_everything_and_goes_when_there_is_nothing() -> None:
    before = threading.active_count()
    watch, done = Watch(idle_s=0.01), threading.Event()
    for _ in range(50):
        watch.remove(watch.add(3600, lambda: None))
    assert threading.active_count() <= before + 1
    watch.add(0.01, done.set)
    assert done.wait(20)
    thread = watch._thread
    if thread is not None:
        thread.join(20)
    again = threading.Event()
    watch.add(0.01, again.set)
    assert again.wait(20)


def test_a_call_to_the_hub_is_kept_by_what_the_client_was_given() -> None:
    seen: list[Any] = []
    cursor = SimpleNamespace(execute=lambda *_: seen.append("asked"), description=None)
    connection: Any = SimpleNamespace(cursor=lambda **_: nullcontext(cursor))

    @contextmanager
    def keeper(kept: Any, seconds: float) -> Iterator[None]:
        seen.append((kept is connection, seconds))
        yield
        seen.append("over")

    HubClient(connection, answer_s=3.0, keeper=keeper).listen(["org"])
    assert seen == [(True, 3.0), "asked", "over"]
