"""What the sync page shows beside numbers: frozen values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WhyHeld(StrEnum):
    """Why an entry changes no table."""

    NEWER = "newer"
    """A newer program wrote it: it is read after an update."""
    MISFIT = "misfit"
    """Its values do not fit together: a bug of whoever wrote it."""
    AT_HUB = "at_hub"
    """One of our own that the hub keeps and does not read yet."""
    ASIDE = "aside"
    """It could not be believed, and was set aside."""


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One entry. `at` is its station's clock, None where that cannot be read; `code` says why it was set
    aside."""

    entry_id: str
    kind: str
    v: int
    station_name: str
    seq: int
    at: datetime | None
    why: WhyHeld
    code: str = ""
