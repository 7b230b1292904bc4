"""Starts a new migration: `make migration history=station|hub message="what changes"`.

The station's history is replayed into a scratch database and compared with the tables in the code. The hub's is
compared only when GATEHOUSE_HUB_DSN names a hub of the newest schema; without one the revision begins empty. Both
are read and finished by hand.
"""

import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config

_HERE = Path(__file__).resolve().parent
HISTORIES = ("station", "hub")


def config_of(history: str) -> Config:
    """The section of alembic.ini for one history."""
    return Config(str(_HERE / "alembic.ini"), ini_section=history)


def next_revision(history: str) -> str:
    """Revisions are numbered: 0001, 0002, …"""
    known = [int(path.name[:4]) for path in (_HERE / history / "versions").glob("[0-9]*.py")]
    return f"{max(known, default=0) + 1:04d}"


def main(arguments: list[str]) -> int:
    """2 for wrong use."""
    history, message = [*arguments, "", ""][:2]
    if history not in HISTORIES or not message:
        sys.stderr.write('make migration history=station|hub message="what changes"\n')
        return 2
    comparable = history == "station" or "GATEHOUSE_HUB_DSN" in os.environ
    command.revision(
        config_of(history), message=message, rev_id=next_revision(history), autogenerate=comparable
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
