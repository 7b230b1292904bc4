"""Ending a verb that goes on until it is told."""

import signal
import threading
from collections.abc import Iterator

import pytest

from app.cli.stopping import Stopping


@pytest.fixture(autouse=True)
def own_sigterm() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_a_signal_that_reaches_another_thread_ends_the_wait_too() -> None:
    stopping = Stopping()
    told = threading.Thread(target=lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM))
    told.start()
    stopping.wait()
    told.join()


def test_a_signal_before_the_wait_is_not_forgotten() -> None:
    stopping = Stopping()
    signal.raise_signal(signal.SIGTERM)
    stopping.wait()
