"""What holds for every test: no clock decides, and nothing is logged that the test does not expect."""

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
