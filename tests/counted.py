"""What long runs counted, for the page that a soak writes: a JSON line per count."""

import json
import os
from pathlib import Path

COUNTED = "counted.jsonl"


def counted(part: str, **counts: int) -> None:
    """Add a line to the report that GATEHOUSE_REPORT names; without one nothing is kept."""
    folder = os.environ.get("GATEHOUSE_REPORT")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with (Path(folder) / COUNTED).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"part": part, **counts}) + "\n")
