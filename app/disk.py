"""How much is free on the disk that a folder lies on."""

import shutil
from collections.abc import Callable
from pathlib import Path


def free_on(folder: Path) -> Callable[[], int | None]:
    """Bytes that are free where this folder lies, asked anew each time; None when the system does not say."""

    def free() -> int | None:
        try:
            return shutil.disk_usage(folder).free
        except OSError:
            return None

    return free
