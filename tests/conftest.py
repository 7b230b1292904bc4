"""What holds for every test: no clock decides, and nothing is logged that the test does not expect."""

import gc
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

from tests.postgres import hub, hub_server, hubs  # noqa: F401 - fixtures for whoever needs a hub

pytest.register_assert_rewrite("builders")

settings.register_profile("gatehouse", deadline=None, database=None, print_blob=True)
settings.load_profile("gatehouse")


@pytest.fixture(autouse=True)
def only_expected_logs(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail on a record of WARNING or worse, unless the test is marked `logs_expected`."""
    yield
    if request.node.get_closest_marker("logs_expected"):
        return
    unexpected = [
        f"{record.levelname} {record.name}: {record.getMessage()}"
        for phase in ("setup", "call")
        for record in caplog.get_records(phase)
        if record.levelno >= logging.WARNING
    ]
    if unexpected:
        pytest.fail("unexpected log records:\n" + "\n".join(unexpected))


@pytest.fixture(autouse=True)
def logs_as_found() -> Iterator[None]:
    """Whatever a test made of the process's logs is undone after it."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    for handler in [one for one in root.handlers if one not in handlers and hasattr(one, "gatehouse")]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    structlog.reset_defaults()


EVERY = 20
"""Tests with windows from one whole collection to the next."""
_WINDOWS = "windows have been here"
_left: set[str] = set()


@pytest.fixture(autouse=True)
def windows_end_on_their_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Cycles with widgets in them are collected on the main thread, as the program does (ui.collector)."""
    if "qapp" in request.fixturenames:
        gc.disable()
        _left.add(_WINDOWS)
        yield
        gc.collect(1 if gc.get_count()[2] < EVERY else 2)
        return
    if _left:
        _left.clear()
        gc.collect()
    gc.enable()
    yield
