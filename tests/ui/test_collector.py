"""Cycles are collected on the GUI thread only."""

import gc
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from ui.collector import GuiCollector, collect_due


class Cycle:
    """Garbage that notes which thread took it away."""

    gone_on: ClassVar[list[threading.Thread]] = []

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        self.gone_on.append(threading.current_thread())


@pytest.fixture
def collector(qapp: QCoreApplication) -> Iterator[GuiCollector]:
    gc.enable()
    Cycle.gone_on = []
    made = GuiCollector()
    yield made
    made.stop()
    gc.disable()


def make_much() -> None:
    for _ in range(3000):
        Cycle()


def test_what_a_worker_leaves_is_collected_on_the_gui_thread(collector: GuiCollector, qtbot: QtBot) -> None:
    worker = threading.Thread(target=make_much)
    worker.start()
    worker.join()
    assert Cycle.gone_on == []
    qtbot.waitUntil(lambda: len(Cycle.gone_on) == 3000)
    assert set(Cycle.gone_on) == {threading.main_thread()}


def test_python_collects_again_afterwards(collector: GuiCollector) -> None:
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()


def test_nothing_is_done_while_little_was_made(collector: GuiCollector) -> None:
    gc.collect()
    assert collect_due() == -1
    kept: list[list[int]] = [[] for _ in range(2 * gc.get_threshold()[0])]
    assert collect_due() == 0
    assert len(kept) > 0
