"""Starting the practice venue of a station in a process of its own, so that both windows may be open."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from domain.errors import Fault

Start = Callable[[Sequence[str]], object]


def practise_from(data: Path, start: Start | None = None) -> Callable[[], None]:
    """What opens the practice venue of the station in a data folder. `start` runs a command without waiting
    for its end. Raises Fault PRACTICE_NOT_STARTED."""

    def begin() -> None:
        command = [sys.executable, "-m", "app.main", "practice", "--data", str(data.resolve())]
        try:
            (start or _start)(command)
        except OSError as error:
            raise Fault("PRACTICE_NOT_STARTED", errno=error.errno) from None

    return begin


def _start(command: Sequence[str]) -> object:
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, env=os.environ.copy(), start_new_session=True)
